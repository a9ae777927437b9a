//! `/api/v1/parcels/{parcel_code}/conformity`, `/api/v1/conformity`, `/api/v1/assemblies`,
//! `/api/v1/sites/search`, `/api/v1/reduction`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;

use super::assembly;
use super::conformity;
use super::conformity::Proposed;
use super::reduction;
use super::sites;

/// Routes of planning.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/parcels/{parcel_code}/conformity", get(of_parcel))
        .route("/api/v1/conformity", get(terms).post(check))
        .route("/api/v1/assemblies", post(assemble))
        .route("/api/v1/sites/search", post(search))
        .route("/api/v1/reduction", get(reduce))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "use")]
    land_use: Option<String>,
    far: Option<Decimal>,
    path: Option<String>,
}

/// An answer that depends on who asks and on what is in force now.
fn now<T: serde::Serialize>(it: T) -> Response {
    ([(header::CACHE_CONTROL, "private, no-cache")], Json(it)).into_response()
}

async fn of_parcel(
    State(app): State<App>,
    scope: Scope,
    Path(parcel_code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let proposed = Proposed { land_use: asked.land_use, far: asked.far, path: asked.path };
    Ok(now(conformity::of_parcel(&app, &scope, &parcel_code, &proposed).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn terms(
    State(app): State<App>,
    _: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(now(conformity::terms(&app)?))
}

async fn check(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<conformity::Question>,
) -> Result<Response> {
    Ok(now(conformity::answer(&app, &scope, &asked).await?))
}

async fn assemble(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<assembly::Question>,
) -> Result<Response> {
    Ok(now(assembly::answer(&app, &scope, &asked).await?))
}

async fn search(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<sites::Question>,
) -> Result<Response> {
    Ok(now(sites::search(&app, &scope, &asked).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToReduce {
    responsible_unit: Option<String>,
    limit: Option<usize>,
}

async fn reduce(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<ToReduce>,
) -> Result<Response> {
    let asked =
        reduction::Question { responsible_unit: asked.responsible_unit, limit: asked.limit };
    Ok(now(reduction::answer(&app, &scope, &asked).await?))
}
