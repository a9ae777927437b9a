//! `/api/v1/notices`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;

use super::Kind;
use super::MOST;
use super::Notices;
use super::ReadUpTo;
use super::Unread;
use super::officer;
use super::queries;
use super::queries::Selected;

/// Routes of notices.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/notices", get(list))
        .route("/api/v1/notices/read", post(read_all))
        .route("/api/v1/notices/{notice_id}/read", post(read_one))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    unread: Option<bool>,
    kind: Option<Kind>,
    limit: Option<i64>,
    before: Option<i64>,
}

async fn list(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let account = officer(&scope)?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{MOST}")));
    }
    let selected = Selected {
        account,
        unread: asked.unread.unwrap_or_default(),
        kind: asked.kind,
        before: asked.before,
    };
    let mut db = app.db.read(&scope).await?;
    let mut notices = queries::list(&mut db, &selected, limit + 1).await?;
    let unread = queries::unread(&mut db, account).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = notices.len() > page;
    notices.truncate(page);
    let next_before = notices.last().filter(|_| more).map(|it| it.notice_id);
    let found = Notices { notices, unread, next_before };
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(found)).into_response())
}

async fn read_one(
    State(app): State<App>,
    scope: Scope,
    Path(notice_id): Path<i64>,
) -> Result<Json<Unread>> {
    mark(&app, &scope, Some(notice_id), notice_id).await
}

async fn read_all(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<ReadUpTo>,
) -> Result<Json<Unread>> {
    mark(&app, &scope, None, asked.up_to).await
}

/// Marks what the scope sees, and nothing else: which notices there are is not found out by marking them.
async fn mark(app: &App, scope: &Scope, only: Option<i64>, up_to: i64) -> Result<Json<Unread>> {
    let account = officer(scope)?;
    let mut db = app.db.read(scope).await?;
    let found = queries::to_mark(&mut db, account, only, up_to).await?;
    if let Some(it) = only.filter(|_| found.is_empty()) {
        return Err(Error::not_found("通知 notice", it.to_string()));
    }
    let mut tx = app.db.write.begin().await?;
    queries::mark(&mut tx, account, &found).await?;
    tx.commit().await?;
    Ok(Json(Unread { unread: queries::unread(&mut db, account).await? }))
}
