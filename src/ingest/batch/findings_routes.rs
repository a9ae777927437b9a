//! What was found in the files of imports and what they change: `/api/v1/imports/{batch_id}/issues` and `…/changes`, as pages
//! and as files; and the templates to fill in.

use std::fs;
use std::path::Path as FilePath;

use anyhow::Context;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::account::Caller;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;

use super::ChangeSelection;
use super::IssueSelection;
use super::StoredChange;
use super::StoredIssue;
use super::routes::cut;
use super::routes::import_of;
use super::routes::page;
use crate::ingest::batch;
use crate::ingest::diff::Kind as ChangeKind;
use crate::ingest::report::Severity;
use crate::ingest::target::Target;

/// Routes of findings and changes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/imports/{batch_id}/issues", get(issues))
        .route("/api/v1/imports/{batch_id}/issues.xlsx", get(issues_xlsx))
        .route("/api/v1/imports/{batch_id}/issues.geojson", get(issues_geojson))
        .route("/api/v1/imports/{batch_id}/changes", get(changes))
        .route("/api/v1/imports/{batch_id}/changes.geojson", get(changes_geojson))
        .route("/api/v1/templates/{file}", get(template))
}

/// Most findings or changes on a page.
pub const MOST: i64 = 1000;
/// Most outlines in one answer.
pub const MOST_FEATURES: i64 = 5000;

/// Media type of workbooks.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedIssues {
    severity: Option<Severity>,
    rule: Option<String>,
    limit: Option<i64>,
    after: Option<i64>,
}

/// A page of findings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Issues {
    pub issues: Vec<StoredIssue>,
    /// What `after` is on the next page; null: there is none.
    pub next_after: Option<i64>,
}

async fn issues(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
    Query(asked): Query<AskedIssues>,
) -> Result<Json<Issues>> {
    caller.steward()?;
    let limit = page(asked.limit, 200, MOST)?;
    import_of(&app, &caller.scope, batch_id).await?;
    let AskedIssues { severity, rule, after, .. } = asked;
    let selection = IssueSelection { severity, rule, after, limit: limit + 1 };
    let mut db = app.db.read(&caller.scope).await?;
    let mut issues = batch::issues(&mut db, batch_id, &selection).await?;
    let more = cut(&mut issues, limit);
    let next_after = issues.last().filter(|_| more).map(|it| it.issue_id);
    Ok(Json(Issues { issues, next_after }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedChanges {
    kind: Option<ChangeKind>,
    limit: Option<i64>,
    after: Option<String>,
}

impl AskedChanges {
    /// The selection, with one row more than are to be shown.
    fn selection(&self, default: i64, most: i64) -> Result<(ChangeSelection, i64)> {
        let limit = page(self.limit, default, most)?;
        let after = self.after.as_deref().map(|it| {
            let (kind, nth) = it.split_once('.')?;
            Some((ChangeKind::parse(kind)?, nth.parse().ok()?))
        });
        let after = match after {
            None => None,
            Some(Some(it)) => Some(it),
            Some(None) => {
                return Err(Error::parameter(
                    "after",
                    "上一页的 next_after / the next_after of the page before",
                ));
            }
        };
        Ok((ChangeSelection { kind: self.kind, after, limit: limit + 1 }, limit))
    }
}

/// A page of changes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Changes {
    /// By kind, then as the file has them.
    pub changes: Vec<StoredChange>,
    /// What `after` is on the next page; null: there is none.
    pub next_after: Option<String>,
}

async fn changes(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
    Query(asked): Query<AskedChanges>,
) -> Result<Json<Changes>> {
    caller.steward()?;
    let (selection, limit) = asked.selection(200, MOST)?;
    import_of(&app, &caller.scope, batch_id).await?;
    let mut db = app.db.read(&caller.scope).await?;
    let mut changes = batch::changes(&mut db, batch_id, &selection).await?;
    let more = cut(&mut changes, limit);
    let next_after = changes.last().filter(|_| more).map(|it| it.change_id.clone());
    Ok(Json(Changes { changes, next_after }))
}

async fn changes_geojson(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
    Query(asked): Query<AskedChanges>,
) -> Result<Response> {
    caller.steward()?;
    let (selection, limit) = asked.selection(MOST_FEATURES, MOST_FEATURES)?;
    import_of(&app, &caller.scope, batch_id).await?;
    let mut db = app.db.read(&caller.scope).await?;
    let mut features = batch::change_features(&mut db, batch_id, &selection).await?;
    let more = cut(&mut features, limit);
    let next_after = features.last().filter(|_| more).map(|it| it["id"].clone());
    let body = json!({"type": "FeatureCollection", "features": features, "next_after": next_after});
    Ok(([(header::CONTENT_TYPE, "application/geo+json")], body.to_string()).into_response())
}

async fn issues_xlsx(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
) -> Result<Response> {
    caller.steward()?;
    let import = import_of(&app, &caller.scope, batch_id).await?;
    let dir = tempfile::tempdir().context("a temporary folder")?;
    let path = dir.path().join("issues.xlsx");
    crate::ingest::issues_xlsx(&app, &caller.scope, batch_id, &path).await?;
    download(&path, XLSX, &format!("{}_问题清单.xlsx", import.file), batch_id).await
}

async fn issues_geojson(
    State(app): State<App>,
    caller: Caller,
    Path(batch_id): Path<i64>,
) -> Result<Response> {
    caller.steward()?;
    let import = import_of(&app, &caller.scope, batch_id).await?;
    let dir = tempfile::tempdir().context("a temporary folder")?;
    let path = dir.path().join("issues.geojson");
    crate::ingest::issues_geojson(&app, &caller.scope, batch_id, &path).await?;
    let name = format!("{}_问题清单.geojson", import.file);
    download(&path, "application/geo+json", &name, batch_id).await
}

/// A file of findings, of which so few are kept that it fits into memory.
async fn download(
    path: &FilePath,
    media_type: &'static str,
    name: &str,
    batch_id: i64,
) -> Result<Response> {
    let file = path.to_owned();
    let read = tokio::task::spawn_blocking(move || fs::read(file));
    let bytes = read.await.context("reading a file")?.context("reading a file")?;
    let extension = name.rsplit('.').next().unwrap_or_default();
    Ok(attachment(bytes, media_type, name, &format!("issues_{batch_id}.{extension}")))
}

/// A download by its name, and by another for clients that read only ASCII (RFC 5987).
fn attachment(bytes: Vec<u8>, media_type: &'static str, name: &str, ascii: &str) -> Response {
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let disposition = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// A workbook to fill in, by the id of a layer or table.
async fn template(
    State(app): State<App>,
    caller: Caller,
    Path(file): Path<String>,
) -> Result<Response> {
    caller.steward()?;
    let id = file.strip_suffix(".xlsx").unwrap_or_default();
    let target = Target::find(&app.layers, id)
        .map_err(|_| Error::not_found("模板 template (ID.xlsx)", file.as_str()))?;
    let name = format!("{}_模板.xlsx", target.title.zh);
    let layers = app.layers.clone();
    let made = tokio::task::spawn_blocking(move || crate::ingest::template(&layers, &target.id));
    let bytes = made.await.context("a template")??;
    Ok(attachment(bytes, XLSX, &name, &format!("{id}_template.xlsx")))
}
