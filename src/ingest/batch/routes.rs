//! `/api/v1/imports`, for stewards of all units: files arrive, are previewed, applied, undone or discarded. What takes long is a
//! job.

use axum::Json;
use axum::Router;
use axum::extract::FromRequest;
use axum::extract::Multipart;
use axum::extract::Request;
use axum::extract::State;
use axum::extract::multipart::Field;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use futures_util::StreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Scope;
use crate::account::Caller;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;
use crate::job;
use crate::job::Job;
use crate::job::Kind;
use crate::job::Order;

pub use super::Import;
pub use super::ImportOptions;
use super::Locked;
use super::targets_routes;
pub use super::targets_routes::Targets;
use super::upload;
use super::upload::Arriving;
use super::work::Ordered;
use crate::ingest::batch;

/// Routes of imports.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/imports", get(list).post(upload))
        .route("/api/v1/imports/targets", get(targets_routes::targets))
        .route("/api/v1/imports/{batch_id}", get(find).delete(discard))
        .route("/api/v1/imports/{batch_id}/preview", post(preview))
        .route("/api/v1/imports/{batch_id}/apply", post(apply))
        .route("/api/v1/imports/{batch_id}/undo", post(undo))
}

/// Most imports on a page.
pub const MOST: i64 = 1000;
/// Bytes of a part that is no file.
const MOST_TEXT: usize = 1024 * 1024;

pub(super) fn no_import(batch_id: i64) -> Error {
    Error::not_found("导入批次 import", batch_id.to_string())
}

/// The number of rows asked for; one more says whether there is another page.
pub(super) fn page(limit: Option<i64>, default: i64, most: i64) -> Result<i64> {
    match limit.unwrap_or(default) {
        it if (1..=most).contains(&it) => Ok(it),
        _ => Err(Error::parameter("limit", format!("1..{most}"))),
    }
}

/// Cuts off the row that was one too many; whether there was one.
pub(super) fn cut<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    more
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedList {
    limit: Option<i64>,
    before: Option<i64>,
}

/// A page of imports.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Imports {
    /// Newest first.
    pub imports: Vec<Import>,
    /// What `before` is on the next page; null: there is none.
    pub next_before: Option<i64>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<AskedList>,
) -> Result<Json<Imports>> {
    caller.steward()?;
    let limit = page(asked.limit, 50, MOST)?;
    let mut db = app.db.read(&caller.scope).await?;
    let mut imports = batch::list(&mut db, asked.before, limit + 1).await?;
    let more = cut(&mut imports, limit);
    let next_before = imports.last().filter(|_| more).map(|it| it.batch_id);
    Ok(Json(Imports { imports, next_before }))
}

pub(super) async fn import_of(app: &App, scope: &Scope, batch_id: i64) -> Result<Import> {
    let mut db = app.db.read(scope).await?;
    batch::find(&mut db, batch_id).await?.ok_or_else(|| no_import(batch_id))
}

async fn find(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
) -> Result<Json<Import>> {
    caller.steward()?;
    Ok(Json(import_of(&app, &caller.scope, batch_id).await?))
}

/// What a multipart body can be wrong with; too large it is refused while it arrives.
fn refused(app: &App) -> impl Fn(MultipartError) -> Error {
    let most = app.config.limits.upload_bytes();
    move |error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge { most },
        _ => Error::BadInput { at: "请求正文 / body".to_owned(), why: error.body_text() },
    }
}

async fn upload(State(app): State<App>, caller: Caller, request: Request) -> Result<Response> {
    caller.steward()?;
    let mut parts = Multipart::from_request(request, &app)
        .await
        .map_err(|it| Error::BadInput { at: "Content-Type".to_owned(), why: it.body_text() })?;
    let refused = refused(&app);
    let mut files = Arriving::new(&app);
    let (mut into, mut options) = (None, None);
    while let Some(part) = parts.next_field().await.map_err(&refused)? {
        match part.name() {
            Some("file") => {
                let name = file_name(&part).ok_or_else(|| Error::BadInput {
                    at: "file".to_owned(),
                    why: "缺少文件名 / the part has no `filename`".to_owned(),
                })?;
                files.take(name, part.map(|it| it.map_err(&refused))).await?;
            }
            Some("into") => into = Some(text(part, "into", &refused).await?),
            Some("options") => {
                let text = text(part, "options", &refused).await?;
                let read: ImportOptions = serde_json::from_str(&text)
                    .map_err(|it| Error::parameter("options", it.to_string()))?;
                options = Some(read);
            }
            other => {
                let at = other.unwrap_or_default().to_owned();
                let why = "不认识的部分，应为 file、into、options / no such part: there are `file`, `into`, `options`";
                return Err(Error::BadInput { at, why: why.to_owned() });
            }
        }
    }
    let main = files.main()?.to_owned();
    let options = match (into.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()), options) {
        (Some(into), Some(it)) if it.into != into => {
            return Err(Error::parameter(
                "into",
                "与 options.into 不同 / differs from options.into",
            ));
        }
        (_, Some(it)) => Some(it),
        (Some(into), None) => Some(ImportOptions::into(&into)),
        (None, None) => None,
    };
    if let Some(it) = &options {
        it.check(&app)?;
    }
    let mut tx = app.db.write.begin().await?;
    let recorded_by = caller.scope.recorded_by();
    let batch_id = batch::insert(&mut tx, &main, options.as_ref(), recorded_by).await?;
    upload::queries::keep(&mut *tx, files.upload_ids(), batch_id).await?;
    let event = Event::of(Action::ImportUploaded, &main).with(json!({"batch_id": batch_id}));
    audit::record(&mut *tx, &caller.scope, event).await?;
    if let Some(options) = options {
        let ordered = Ordered { options, expected: None };
        queue(&mut tx, &caller.scope, Kind::Preview, batch_id, Some(&ordered)).await?;
    }
    tx.commit().await?;
    files.kept();
    let import = import_of(&app, &caller.scope, batch_id).await?;
    let location = format!("/api/v1/imports/{batch_id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(import)).into_response())
}

fn file_name(part: &Field<'_>) -> Option<String> {
    let header = part.headers().get(header::CONTENT_DISPOSITION)?;
    upload::of_disposition(header.as_bytes()).map(|it| upload::readable(&it))
}

/// A part that is no file.
async fn text(
    mut part: Field<'_>,
    name: &str,
    refused: &impl Fn(MultipartError) -> Error,
) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(refused)? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MOST_TEXT {
            return Err(Error::TooLarge { most: MOST_TEXT });
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::parameter(name, "不是 UTF-8 / is no UTF-8"))
}

/// Queues a job of an import; refused while it has another.
async fn queue(
    db: &mut Writer,
    scope: &Scope,
    kind: Kind,
    batch_id: i64,
    ordered: Option<&Ordered>,
) -> Result<Job> {
    let order = Order { kind, batch_id: Some(batch_id), options: json!(ordered), scope };
    job::queries::queue(db, &order).await?.ok_or_else(under_way)
}

fn accepted(job: Job) -> Response {
    let location = format!("/api/v1/jobs/{}", job.job_id);
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(job)).into_response()
}

/// Begins a change of an import. Refused while a job of it is under way, which would only make the caller wait.
async fn begin(
    app: &App,
    batch_id: i64,
) -> Result<(sqlx::Transaction<'_, sqlx::Postgres>, Locked)> {
    let last = job::queries::last_of(&app.db.write, &[batch_id]).await?.pop();
    if last.is_some_and(|it| !it.state.is_over()) {
        return Err(under_way());
    }
    let mut tx = app.db.write.begin().await?;
    let locked = batch::lock(&mut tx, batch_id).await?.ok_or_else(|| no_import(batch_id))?;
    Ok((tx, locked))
}

fn under_way() -> Error {
    Error::not_now(
        "此批次已有任务在进行，请等它结束或先取消 / a job of this import is under way: wait for it, or cancel it first",
    )
}

/// What can be done to an import in its state.
fn in_state(state: &str, allowed: &[&str], why: &str) -> Result<()> {
    if allowed.contains(&state) { Ok(()) } else { Err(Error::not_now(why)) }
}

async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
    extract::Json(options): extract::Json<ImportOptions>,
) -> Result<Response> {
    caller.steward()?;
    options.check(&app)?;
    let (mut tx, locked) = begin(&app, batch_id).await?;
    in_state(
        &locked.state,
        &["uploaded", "previewed"],
        "已应用或已丢弃的批次不能再预览，请重新上传 / this import was applied or discarded: upload the file again",
    )?;
    batch::choose(&mut tx, batch_id, &options).await?;
    let ordered = Ordered { options, expected: None };
    let job = queue(&mut tx, &caller.scope, Kind::Preview, batch_id, Some(&ordered)).await?;
    tx.commit().await?;
    Ok(accepted(job))
}

async fn apply(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
) -> Result<Response> {
    caller.steward()?;
    let (mut tx, locked) = begin(&app, batch_id).await?;
    in_state(
        &locked.state,
        &["previewed"],
        "须先预览，且每次上传只能应用一次 / preview it first; an upload is applied once",
    )?;
    if locked.rejects_all() {
        return Err(Error::not_now(
            "所有行均被拒绝，没有可写入的数据 / every row was rejected: there is nothing to write",
        ));
    }
    let expected = locked.report.get("seen").and_then(|it| it.as_str()).map(ToOwned::to_owned);
    let options = serde_json::from_value::<ImportOptions>(locked.options).ok();
    let (Some(expected), Some(options)) = (expected, options) else {
        return Err(Error::not_now("请重新预览 / preview it again"));
    };
    let ordered = Ordered { options, expected: Some(expected) };
    let job = queue(&mut tx, &caller.scope, Kind::Apply, batch_id, Some(&ordered)).await?;
    tx.commit().await?;
    Ok(accepted(job))
}

async fn undo(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
) -> Result<Response> {
    caller.steward()?;
    let (tx, locked) = begin(&app, batch_id).await?;
    in_state(
        &locked.state,
        &["applied"],
        "只能撤销已应用且未撤销的批次 / only an import that was applied, and not undone since, is undone",
    )?;
    if locked.undoes.is_some() {
        return Err(Error::not_now(
            "此批次本身是一次撤销，请重新导入文件 / this is an undoing itself: import the file again",
        ));
    }
    // The lock would be in the way of its looking.
    tx.rollback().await?;
    let dependents = crate::ingest::dependents(&app, &caller.scope, batch_id).await?;
    if !dependents.is_empty() {
        let why = crate::ingest::Depended(dependents.clone()).to_string();
        return Err(Error::conflict("dependents", why, json!({ "dependents": dependents })));
    }
    let mut tx = app.db.write.begin().await?;
    let job = queue(&mut tx, &caller.scope, Kind::Undo, batch_id, None).await?;
    tx.commit().await?;
    Ok(accepted(job))
}

async fn discard(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
) -> Result<StatusCode> {
    caller.steward()?;
    let mut tx = app.db.write.begin().await?;
    let locked = batch::lock(&mut tx, batch_id).await?.ok_or_else(|| no_import(batch_id))?;
    if locked.state == "discarded" {
        return Ok(StatusCode::NO_CONTENT);
    }
    in_state(
        &locked.state,
        &["uploaded", "previewed"],
        "已应用的批次不能丢弃，只能撤销 / an import that was applied is not discarded but undone",
    )?;
    batch::discard(&mut tx, batch_id).await?;
    let event =
        Event::of(Action::ImportDiscarded, &locked.file).with(json!({"batch_id": batch_id}));
    audit::record(&mut *tx, &caller.scope, event).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
