//! `/api/v1/rule_sets`, `/api/v1/scenarios` and `/api/v1/evaluations/{run_id}/changes`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::routing::post;

use crate::access::Scope;
use crate::account::Caller;
use crate::app::App;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;

use super::Adopted;
use super::Adoption;
use super::Compared;
use super::Comparison;
use super::NewScenario;
use super::Preview;
use super::Question;
use super::RuleSets;
use super::RunChanges;
use super::Scenario;
use super::Scenarios;
use super::adopt;
use super::changes;
use super::compare;
use super::ruleset;
use super::saved;

/// Routes of rule sets and scenarios.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/rule_sets", get(rule_sets))
        .route("/api/v1/scenarios", get(list).post(save))
        .route("/api/v1/scenarios/preview", post(preview))
        .route("/api/v1/scenarios/compare", get(compared))
        .route("/api/v1/scenarios/{scenario_id}", get(find).delete(withdraw))
        .route("/api/v1/scenarios/{scenario_id}/adopt", post(adopted))
        .route("/api/v1/evaluations/{run_id}/changes", get(changed))
}

async fn rule_sets(State(app): State<App>, scope: Scope) -> Result<Json<RuleSets>> {
    Ok(Json(ruleset::list(&app, &scope).await?))
}

async fn preview(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<Question>,
) -> Result<Json<Preview>> {
    Ok(Json(super::preview(&app, &scope, &asked).await?))
}

async fn list(State(app): State<App>, scope: Scope) -> Result<Json<Scenarios>> {
    Ok(Json(saved::list(&app, &scope).await?))
}

async fn save(
    State(app): State<App>,
    caller: Caller,
    extract::Json(new): extract::Json<NewScenario>,
) -> Result<(StatusCode, Json<Scenario>)> {
    caller.signed_in()?;
    Ok((StatusCode::CREATED, Json(saved::save(&app, &caller.scope, &new).await?)))
}

async fn find(
    State(app): State<App>,
    scope: Scope,
    Path(scenario_id): Path<i64>,
) -> Result<Json<Scenario>> {
    Ok(Json(saved::find(&app, &scope, scenario_id).await?))
}

async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(scenario_id): Path<i64>,
) -> Result<StatusCode> {
    caller.signed_in()?;
    saved::withdraw(&app, &caller.scope, scenario_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn compared(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Compared>,
) -> Result<Json<Comparison>> {
    Ok(Json(compare::compare(&app, &scope, &asked).await?))
}

async fn adopted(
    State(app): State<App>,
    caller: Caller,
    Path(scenario_id): Path<i64>,
    extract::Json(terms): extract::Json<Adoption>,
) -> Result<(StatusCode, Json<Adopted>)> {
    Ok((StatusCode::CREATED, Json(adopt::adopt(&app, &caller, scenario_id, &terms).await?)))
}

async fn changed(
    State(app): State<App>,
    scope: Scope,
    Path(run_id): Path<i64>,
    Query(asked): Query<changes::Asked>,
) -> Result<Json<RunChanges>> {
    Ok(Json(changes::changes(&app, &scope, run_id, &asked).await?))
}
