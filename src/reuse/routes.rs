//! `/api/v1/lists`; the handlers of cases and targets are in `case_routes`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::delete;
use axum::routing::get;
use axum::routing::post;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::error::Error;
use crate::error::Result;
use crate::export::Format;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;
use crate::extract::version_of;
use crate::extract::version_tag;

use super::Added;
use super::Cases;
use super::Checks;
use super::Choice;
use super::Comparison;
use super::Frozen;
use super::List;
use super::ListChange;
use super::NewList;
use super::attachment::routes as attachments;
use super::bulk;
use super::case_routes;
use super::checks;
use super::desk;
use super::freeze;
use super::lists;
use super::plan;
use super::plan::asked;
use super::queries;
use super::shapes;
use super::sheet;
use super::template;
use super::template::routes as templates;

/// Rows of a page when nobody says, and at most.
const LIMIT: i64 = 100;
const LIMIT_MAX: i64 = 1000;

/// Routes of lists, cases and targets.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/lists", get(all).post(create))
        .route("/api/v1/lists/{list_id}", get(show).patch(change_list))
        .route("/api/v1/lists/{list_id}/cases", get(members).post(add).patch(change_members))
        .route("/api/v1/lists/{list_id}/checks", get(check))
        .route("/api/v1/lists/{list_id}/freeze", post(freeze_list))
        .route("/api/v1/lists/{list_id}/versions", get(versions))
        .route("/api/v1/lists/{list_id}/compare", get(compare))
        .route("/api/v1/lists/{list_id}/export", get(export))
        .route(
            "/api/v1/cases/{case_code}",
            get(case_routes::show_case).patch(case_routes::change_case),
        )
        .route("/api/v1/cases/{case_code}/events", get(case_routes::events).post(case_routes::note))
        .route(
            "/api/v1/cases/{case_code}/attachments",
            get(attachments::all).post(attachments::add),
        )
        .route(
            "/api/v1/cases/{case_code}/attachments/{attachment_id}",
            get(attachments::download).delete(attachments::withdraw),
        )
        .route("/api/v1/list-templates", get(templates::all).post(templates::add))
        .route("/api/v1/list-templates/placeholders", get(templates::names))
        .route("/api/v1/list-templates/{template_id}", delete(templates::withdraw))
        .route("/api/v1/milestones", get(case_routes::due_milestones))
        .route("/api/v1/targets", get(case_routes::standings))
        .route("/api/v1/workflow", get(case_routes::workflow))
}

/// Drafts and figures of units: kept by nobody on the way.
pub(super) fn answer(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// The same with the version that an edit has to name.
pub(super) fn versioned(status: StatusCode, version: i64, body: impl Serialize) -> Response {
    let mut response = (status, answer(body)).into_response();
    response.headers_mut().extend(version_tag(version).map(|it| (header::ETAG, it)));
    response
}

/// The version that the caller has read.
pub(super) fn seen(headers: &HeaderMap) -> Result<i64> {
    let mut given = headers.get_all(header::IF_MATCH).iter();
    let Some(first) = given.next() else {
        return Err(Error::Told {
            status: StatusCode::PRECONDITION_REQUIRED,
            kind: "version-needed",
            why: "请在 If-Match 中给出所改版本的 ETag（读取时的响应头） / say in `If-Match` which version you change: the `ETag` with which it was answered".to_owned(),
            more: Value::Null,
        });
    };
    let tag = first.to_str().ok().filter(|_| given.next().is_none()).and_then(version_of);
    tag.ok_or_else(|| Error::BadInput {
        at: "请求头 / header `If-Match`".to_owned(),
        why: "应为读取时的一个 ETag，如 \"17\" / one `ETag` as it was answered, such as \"17\""
            .to_owned(),
    })
}

/// The body, and the same as it was sent.
pub(super) fn read<T: DeserializeOwned>(sent: &Value) -> Result<T> {
    T::deserialize(sent)
        .map_err(|it| Error::BadInput { at: "请求正文 / body".to_owned(), why: it.to_string() })
}

/// Body texts go to the database, which takes no NUL.
pub(super) fn plain(sent: &Value) -> Result<()> {
    let has = match sent {
        Value::String(it) => it.contains('\0'),
        Value::Array(all) => return all.iter().try_for_each(plain),
        Value::Object(all) => {
            if all.keys().any(|it| it.contains('\0')) {
                true
            } else {
                return all.values().try_for_each(plain);
            }
        }
        _ => false,
    };
    if has {
        return Err(Error::BadInput {
            at: "请求正文 / body".to_owned(),
            why: "不允许空字符 / a NUL character is not allowed".to_owned(),
        });
    }
    Ok(())
}

pub(super) fn limit(given: Option<i64>) -> Result<i64> {
    let it = given.unwrap_or(LIMIT);
    if (1..=LIMIT_MAX).contains(&it) {
        return Ok(it);
    }
    Err(Error::parameter("limit", format!("1 至 / to {LIMIT_MAX}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    pub limit: Option<i64>,
    pub before: Option<i64>,
}

/// A page of lists, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReuseLists")]
pub struct Lists {
    pub lists: Vec<List>,
    /// `before` of the next page.
    pub next: Option<i64>,
}

async fn all(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Paging>,
) -> Result<Response> {
    desk::officer(&scope)?;
    let limit = limit(asked.limit)?;
    let mut db = app.db.read(&scope).await?;
    let lists = queries::lists(&mut db, asked.before, limit).await?;
    let full = i64::try_from(lists.len()).is_ok_and(|it| it == limit);
    let next = lists.last().filter(|_| full).map(|it| it.list_id);
    Ok(answer(Lists { lists, next }))
}

async fn create(
    State(app): State<App>,
    scope: Scope,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    plain(&sent)?;
    let asked: NewList = read(&sent)?;
    let made: Added = lists::create(&app, &scope, &asked).await?;
    let mut response = versioned(StatusCode::CREATED, made.list.row_version, &made);
    if let Ok(address) = format!("/api/v1/lists/{}", made.list.list_id).try_into() {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

async fn show(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let list = lists::find(&app, &scope, list_id).await?;
    Ok(versioned(StatusCode::OK, list.row_version, &list))
}

async fn change_list(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    headers: HeaderMap,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    plain(&sent)?;
    let asked: ListChange = read(&sent)?;
    let list = lists::change(&app, &scope, list_id, seen(&headers)?, &sent, &asked).await?;
    Ok(versioned(StatusCode::OK, list.row_version, &list))
}

asked!(Members { limit: Option<i64>, after: Option<i64>, newer_than: Option<i64> });

async fn members(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(asked): Query<Members>,
) -> Result<Response> {
    lists::find(&app, &scope, list_id).await?;
    let limit = limit(asked.limit)?;
    let which = asked.which();
    let mut selection = which.selection(&app, &scope, list_id).await?;
    let mut db = app.db.read(&scope).await?;
    // All as of one moment: rows and their sums.
    db.begin().await?;
    let total = queries::totals(&mut db, &selection).await?;
    (selection.after, selection.limit) = (asked.after, Some(limit));
    selection.newer_than = asked.newer_than;
    let cases = queries::cases(&mut db, &scope, &app.layers, &selection).await?;
    db.end().await?;
    let full = i64::try_from(cases.len()).is_ok_and(|it| it == limit);
    let next = cases.last().filter(|_| full).map(|it| it.reuse_case_id);
    Ok(answer(Cases { list_id, as_of: selection.as_of, cases, total, next }))
}

async fn change_members(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    let asked = bulk::read(&sent)?;
    Ok(answer(bulk::change(&app, &scope, list_id, &asked).await?))
}

async fn add(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    plain(&sent)?;
    let asked: Choice = read(&sent)?;
    Ok(answer(lists::add(&app, &scope, list_id, &asked).await?))
}

async fn check(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let found: Checks = checks::check(&app, &scope, list_id).await?;
    Ok(answer(found))
}

/// Why a list is frozen.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewListVersion")]
pub struct Freeze {
    pub note: Option<String>,
}

async fn freeze_list(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    plain(&sent)?;
    let asked: Freeze = read(&sent)?;
    let frozen = freeze::freeze(&app, &scope, list_id, asked.note.as_deref()).await?;
    Ok((StatusCode::CREATED, answer(frozen)).into_response())
}

/// The frozen versions of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListVersions")]
pub struct Versions {
    pub versions: Vec<Frozen>,
}

async fn versions(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(answer(Versions { versions: freeze::versions(&app, &scope, list_id).await? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Between {
    from: i64,
    to: Option<i64>,
}

async fn compare(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(asked): Query<Between>,
) -> Result<Response> {
    let found: Comparison = freeze::compare(&app, &scope, list_id, asked.from, asked.to).await?;
    Ok(answer(found))
}

asked!(
    /// Which cases, in which format, in which workbook of the office.
    Exported { format: Option<String>, template: Option<i64> }
);

async fn export(
    State(app): State<App>,
    scope: Scope,
    Path(list_id): Path<i64>,
    Query(asked): Query<Exported>,
) -> Result<Response> {
    const FORMATS: [Format; 5] =
        [Format::Xlsx, Format::Csv, Format::GeoJson, Format::Shapefile, Format::GeoPackage];
    let format = match asked.format.as_deref() {
        None => Format::Xlsx,
        Some(it) => Format::parse(it)
            .filter(|it| FORMATS.contains(it))
            .ok_or_else(|| Error::parameter("format", FORMATS.map(Format::name).join(", ")))?,
    };
    if asked.template.is_some() && format != Format::Xlsx {
        let why = "只用于 xlsx / goes with `xlsx` only";
        return Err(Error::parameter("template", why));
    }
    let plan = plan::gather(&app, &scope, list_id, &asked.which()).await?;
    // Before the first byte: what could not be noted is not given out.
    let subject = list_id.to_string();
    let event = audit::Event::of(Action::Export, &subject).with(json!({
        "list": plan.list.name, "format": format.name(), "rows": plan.total.cases, "template": asked.template,
    }));
    audit::record(&app.db.write, &scope, event).await?;
    let extension = if format.is_several() { "zip" } else { format.extension() };
    let name = format!("{}.{extension}", plan.list.name);
    let bytes = match (format, asked.template) {
        (_, Some(template_id)) => template::filled(&app, &scope, template_id, plan).await?,
        (Format::Xlsx, None) => {
            let made = tokio::task::spawn_blocking(move || {
                sheet::workbook_blocking(&plan.list, &plan.cases, &plan.total)
            });
            made.await.map_err(anyhow::Error::from)??
        }
        _ => {
            let by = scope.recorded_by().to_owned();
            let made =
                tokio::task::spawn_blocking(move || shapes::file_blocking(&plan, format, by));
            made.await.map_err(anyhow::Error::from)??
        }
    };
    let name = utf8_percent_encode(&name, NON_ALPHANUMERIC);
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"list-{list_id}.{extension}\"; filename*=UTF-8''{name}"),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
