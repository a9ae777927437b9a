//! `/api/v1/cases` and `/api/v1/targets`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;
use crate::judgement::workflow::State as Stage;
use crate::judgement::workflow::Workflow;

use super::CaseSheet;
use super::NewEvent;
use super::OpenStep;
use super::WorkflowSheet;
use super::change;
use super::desk;
use super::due;
use super::due::Dues;
use super::queries;
use super::routes::Nothing;
use super::routes::Paging;
use super::routes::answer;
use super::routes::limit;
use super::routes::plain;
use super::routes::read;
use super::routes::seen;
use super::routes::versioned;
use super::step;
use super::targets;
use super::targets::Standings;

pub(super) async fn show_case(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    desk::officer(&scope)?;
    let case = desk::read(&app, &scope, &case_code).await?;
    let workflow = Workflow::shipped();
    let actor = desk::actor(&scope, case.responsible_unit.as_deref());
    let stage = Stage::parse(&case.state).unwrap_or(Stage::Candidate);
    let open = workflow.open_steps(stage, case.held, actor);
    let steps = open.into_iter().filter_map(|it| workflow.step(it)).map(|it| OpenStep {
        id: it.id.clone(),
        title: it.title.clone(),
        reason: it.reason,
    });
    let way = case.path.as_deref().and_then(|it| workflow.path(it));
    let milestones = way.map(|it| it.milestones.clone()).unwrap_or_default();
    let version = case.row_id;
    let found = CaseSheet { case, steps: steps.collect(), milestones };
    Ok(versioned(StatusCode::OK, version, found))
}

pub(super) async fn change_case(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    headers: HeaderMap,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    plain(&sent)?;
    let asked = read(&sent)?;
    let seen = seen(&headers)?;
    let case = change::change(&app, &scope, &case_code, seen, &sent, &asked).await?;
    Ok(versioned(StatusCode::OK, case.row_id, &case))
}

/// What every officer may know of the rules: paths with their milestones, and steps.
pub(super) async fn workflow(scope: Scope, Query(Nothing {}): Query<Nothing>) -> Result<Response> {
    desk::officer(&scope)?;
    let workflow = Workflow::shipped();
    let steps = workflow.steps.iter().map(|it| OpenStep {
        id: it.id.clone(),
        title: it.title.clone(),
        reason: it.reason,
    });
    Ok(answer(WorkflowSheet { paths: workflow.paths.clone(), steps: steps.collect() }))
}

/// What happened to a case, the latest first.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseEvents")]
pub struct Events {
    pub events: Vec<super::CaseEvent>,
    /// `before` of the next page.
    pub next: Option<i64>,
}

pub(super) async fn events(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    Query(asked): Query<Paging>,
) -> Result<Response> {
    desk::officer(&scope)?;
    let limit = limit(asked.limit)?;
    let case = desk::read(&app, &scope, &case_code).await?;
    let mut db = app.db.read(&scope).await?;
    let events = queries::events(&mut db, case.reuse_case_id, asked.before, limit).await?;
    let full = i64::try_from(events.len()).is_ok_and(|it| it == limit);
    let next = events.last().filter(|_| full).map(|it| it.event_id);
    Ok(answer(Events { events, next }))
}

pub(super) async fn note(
    State(app): State<App>,
    scope: Scope,
    Path(case_code): Path<String>,
    headers: HeaderMap,
    extract::Json(sent): extract::Json<Value>,
) -> Result<Response> {
    desk::officer(&scope)?;
    plain(&sent)?;
    let asked: NewEvent = read(&sent)?;
    let seen = match asked {
        NewEvent::Comment { .. } => None,
        _ => Some(seen(&headers)?),
    };
    let noted = step::note(&app, &scope, &case_code, seen, &sent, &asked).await?;
    Ok(versioned(StatusCode::CREATED, noted.case.row_id, &noted))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    period: Option<String>,
    kind: Option<String>,
    as_of: Option<String>,
}

pub(super) async fn standings(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let (period, kind) = (asked.period.as_deref(), asked.kind.as_deref());
    let as_of = asked.as_of.as_deref();
    let found: Standings = targets::standings(&app, &scope, period, kind, as_of).await?;
    Ok(answer(found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AtMost {
    limit: Option<i64>,
}

pub(super) async fn due_milestones(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<AtMost>,
) -> Result<Response> {
    let found: Dues = due::due(&app, &scope, limit(asked.limit)?).await?;
    Ok(answer(found))
}
