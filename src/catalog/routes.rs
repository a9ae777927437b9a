//! `/api/v1/layers`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;

use super::Tree;

/// Routes of the catalogue.
pub fn router() -> Router<App> {
    Router::new().route("/api/v1/layers", get(layers))
}

async fn layers(State(app): State<App>, scope: Scope) -> Result<Json<Tree>> {
    Ok(Json(super::tree(&app, &scope).await?))
}
