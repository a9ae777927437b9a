//! `/api/v1/stats`.

use axum::Router;
use axum::extract::State;
use axum::routing::post;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract::Json;

use super::Answer;
use super::Question;

/// Routes of statistics.
pub fn router() -> Router<App> {
    Router::new().route("/api/v1/stats", post(ask))
}

async fn ask(
    State(app): State<App>,
    scope: Scope,
    Json(asked): Json<Question>,
) -> Result<axum::Json<Answer>> {
    Ok(axum::Json(super::answer(&app, &scope, &asked).await?))
}
