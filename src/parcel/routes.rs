//! `/api/v1/parcels/{parcel_code}`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract::Path;

/// Routes of parcels.
pub fn router() -> Router<App> {
    Router::new().route("/api/v1/parcels/{parcel_code}", get(show))
}

async fn show(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
) -> Result<Response> {
    let dossier = super::dossier(&app, &scope, &parcel_code).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(dossier)).into_response())
}
