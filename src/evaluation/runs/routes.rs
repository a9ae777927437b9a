//! `/api/v1/evaluations` and `/api/v1/schemes`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use axum::routing::put;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;

use super::Publish;
use super::Show;
use super::objections;
use super::objections::Decision;
use super::objections::NewObjection;
use super::ranking;
use super::schemes;
use super::schemes::NewScheme;
use super::schemes::SchemeText;
use crate::evaluation::start;

/// Routes of runs, their rankings and objections, and of schemes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/evaluations", get(list).post(begin))
        .route("/api/v1/evaluations/options", get(choices))
        .route("/api/v1/evaluations/shown", put(show))
        .route("/api/v1/evaluations/{run_id}", get(find))
        .route("/api/v1/evaluations/{run_id}/enterprises", get(rank))
        .route("/api/v1/evaluations/{run_id}/enterprises/{uscc}", get(one))
        .route("/api/v1/evaluations/{run_id}/publish", post(publish))
        .route("/api/v1/evaluations/{run_id}/objections", get(objected).post(object))
        .route("/api/v1/evaluations/{run_id}/objections/{objection_id}/decide", post(decide))
        .route("/api/v1/schemes", get(all_schemes).post(save_scheme))
        .route("/api/v1/schemes/check", post(check_scheme))
        .route("/api/v1/schemes/{scheme_id}", get(one_scheme))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What is one reader's is kept by nobody between.
fn private(it: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, "private, no-cache")], Json(it)).into_response()
}

async fn list(
    State(app): State<App>,
    scope: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(private(super::list(&app, &scope).await?))
}

async fn choices(
    State(app): State<App>,
    scope: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(private(start::choices(&app, &scope).await?))
}

async fn begin(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<start::Asked>,
) -> Result<Response> {
    let job = start::start(&app, &scope, &asked).await?;
    let location = format!("/api/v1/jobs/{}", job.job_id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], private(job)).into_response())
}

async fn find(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(private(super::detail(&app, &scope, run_id).await?))
}

async fn rank(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    Query(asked): Query<ranking::Asked>,
) -> Result<Response> {
    Ok(private(ranking::page(&app, &scope, run_id, &asked).await?))
}

async fn one(
    State(app): State<App>,
    scope: Scope,
    Path((run_id, uscc)): Path<(i64, String)>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(private(ranking::one(&app, &scope, run_id, &uscc).await?))
}

async fn publish(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    extract::Json(asked): extract::Json<Publish>,
) -> Result<Response> {
    super::publish(&app, &scope, run_id, &asked).await?;
    Ok(private(super::detail(&app, &scope, run_id).await?))
}

async fn show(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<Show>,
) -> Result<Response> {
    super::show(&app, &scope, &asked).await?;
    Ok(private(super::list(&app, &scope).await?))
}

async fn objected(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(private(objections::list(&app, &scope, run_id).await?))
}

async fn object(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    extract::Json(asked): extract::Json<NewObjection>,
) -> Result<Response> {
    let made = objections::object(&app, &scope, run_id, &asked).await?;
    Ok((StatusCode::CREATED, private(made)).into_response())
}

async fn decide(
    State(app): State<App>,
    scope: Scope,
    Path((run_id, objection_id)): Path<(i64, i64)>,
    extract::Json(asked): extract::Json<Decision>,
) -> Result<Response> {
    Ok(private(objections::decide(&app, &scope, run_id, objection_id, &asked).await?))
}

async fn all_schemes(
    State(app): State<App>,
    scope: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(private(schemes::list(&app, &scope).await?))
}

async fn one_scheme(
    State(app): State<App>,
    scope: Scope,
    Path(id): Path<String>,
    Query(asked): Query<schemes::Asked>,
) -> Result<Response> {
    Ok(private(schemes::find(&app, &scope, &id, asked.version).await?))
}

async fn save_scheme(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<NewScheme>,
) -> Result<Response> {
    let saved = schemes::save(&app, &scope, &asked).await?;
    Ok((StatusCode::CREATED, private(saved)).into_response())
}

async fn check_scheme(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<SchemeText>,
) -> Result<Response> {
    Ok(private(schemes::check(&app, &scope, &asked).await?))
}
