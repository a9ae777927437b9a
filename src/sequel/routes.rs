//! `/api/v1/evaluations/{run_id}/finalise` and `/hits`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;

use super::Asked;

/// Routes of what follows a final run.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/evaluations/{run_id}/finalise", post(finalise))
        .route("/api/v1/evaluations/{run_id}/hits", get(hits))
}

async fn finalise(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
) -> Result<Response> {
    let done = super::finalise(&app, &scope, run_id).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(done)).into_response())
}

async fn hits(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let found = super::hits(&app, &scope, run_id, &asked).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(found)).into_response())
}
