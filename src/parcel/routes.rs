//! `/api/v1/parcels/{parcel_code}` its history, and what each run made of it.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;
use crate::extract::version_tag;

use super::evaluations;
use super::history;

/// Routes of parcels that are read.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/parcels/{parcel_code}", get(show))
        .route("/api/v1/parcels/{parcel_code}/history", get(past))
        .route("/api/v1/parcels/{parcel_code}/evaluations", get(judged))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    datetime: Option<String>,
    as_of: Option<String>,
}

async fn show(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let times = Times::parse(asked.datetime.as_deref(), asked.as_of.as_deref())?;
    let dossier = super::dossier(&app, &scope, &parcel_code, &times).await?;
    let tag = version_tag(dossier.version.row_id);
    let mut response =
        ([(header::CACHE_CONTROL, "private, no-cache")], Json(dossier)).into_response();
    response.headers_mut().extend(tag.map(|it| (header::ETAG, it)));
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn past(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let found = history::history(&app, &scope, &parcel_code).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(found)).into_response())
}

async fn judged(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let found = evaluations::evaluations(&app, &scope, &parcel_code).await?;
    Ok(([(header::CACHE_CONTROL, "private, no-cache")], Json(found)).into_response())
}
