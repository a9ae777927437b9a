//! Objections to a published run: what an enterprise says against its result, with its document, and what was decided.

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit::Action;
use crate::catalog::time::today;
use crate::error::Error;
use crate::error::Result;

use super::State;
use super::no_run;
use super::queries;

/// Characters of what is said.
pub const MOST: usize = 4_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schemars(rename = "ObjectionState")]
pub enum Standing {
    Open,
    Accepted,
    Refused,
}

/// One objection.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Objection {
    pub objection_id: i64,
    pub run_id: i64,
    pub uscc: String,
    pub name: Option<String>,
    pub reason: String,
    /// The document that shows it: a number, an address.
    pub evidence: String,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub state: Standing,
    pub decision: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// The objections to a run, the open ones first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Objections {
    pub objections: Vec<Objection>,
}

/// What is said against a result.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewObjection {
    #[schemars(length(min = 1, max = 50))]
    pub uscc: String,
    #[schemars(length(min = 1, max = 4000))]
    pub reason: String,
    #[schemars(length(min = 1, max = 4000))]
    pub evidence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ObjectionVerdict")]
pub enum Verdict {
    Accepted,
    Refused,
}

/// What was decided, and why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub state: Verdict,
    #[schemars(length(min = 1, max = 4000))]
    pub decision: String,
}

/// The objections that the scope may read: those of enterprises whose figures it may.
pub async fn list(app: &App, scope: &Scope, run_id: i64) -> Result<Objections> {
    super::reader(scope)?;
    let mut db = app.db.read(scope).await?;
    super::find(&mut db, scope, run_id).await?;
    if !super::reads_figures(&app.layers, scope) {
        return Ok(Objections { objections: Vec::new() });
    }
    Ok(Objections { objections: queries::objections(&mut db, run_id).await? })
}

/// Text that says something and is not a book.
fn said(at: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MOST || text.contains('\0') {
        return Err(Error::BadInput {
            at: at.to_owned(),
            why: format!("应为 1 至 {MOST} 字 / 1 to {MOST} characters"),
        });
    }
    Ok(text.to_owned())
}

/// Notes an objection, by an officer who answers for the enterprise's land, until the last day.
pub async fn object(
    app: &App,
    scope: &Scope,
    run_id: i64,
    new: &NewObjection,
) -> Result<Objection> {
    super::reader(scope)?;
    if !scope.may(Role::Officer) {
        return Err(Error::NotAllowed("登记异议需要经办人员 / objections are noted by officers"));
    }
    let (reason, evidence) = (said("reason", &new.reason)?, said("evidence", &new.evidence)?);
    let mut db = app.db.read(scope).await?;
    super::find(&mut db, scope, run_id).await?;
    match queries::knows(&mut db, run_id, &new.uscc).await? {
        None => return Err(Error::not_found("企业 enterprise", new.uscc.as_str())),
        Some(false) => {
            return Err(Error::NotAllowed(
                "只能登记本责任单位企业的异议 / objections are noted by an officer who answers for all land of the enterprise",
            ));
        }
        Some(true) => {}
    }
    drop(db);
    let mut tx = app.db.write.begin().await?;
    let run = queries::lock(&mut tx, run_id).await?.ok_or_else(|| no_run(run_id))?;
    if run.state != State::Published {
        return Err(Error::not_now(
            "只能对公示中的评价提出异议 / only a published run is objected to",
        ));
    }
    if run.objections_until < Some(today()) {
        return Err(Error::not_now("异议期已结束 / the days of objection are over"));
    }
    let by = scope.recorded_by();
    let objection_id = queries::object(&mut tx, run_id, &new.uscc, &reason, &evidence, by).await?;
    let detail = json!({"run_id": run_id, "objection_id": objection_id});
    super::record(&mut tx, scope, Action::ObjectionMade, detail).await?;
    let made = queries::objection(&mut tx, objection_id).await?;
    tx.commit().await?;
    made.ok_or_else(|| Error::not_found("异议 objection", objection_id.to_string()))
}

/// Decides an objection, once.
pub async fn decide(
    app: &App,
    scope: &Scope,
    run_id: i64,
    objection_id: i64,
    asked: &Decision,
) -> Result<Objection> {
    super::steward(scope)?;
    let decision = said("decision", &asked.decision)?;
    let mut tx = app.db.write.begin().await?;
    let run = queries::lock(&mut tx, run_id).await?.ok_or_else(|| no_run(run_id))?;
    let none = || Error::not_found("异议 objection", objection_id.to_string());
    let found = queries::objection(&mut tx, objection_id).await?;
    found.filter(|it| it.run_id == run_id).ok_or_else(none)?;
    if run.state != State::Published {
        return Err(Error::not_now(
            "评价已定稿，异议不再处理 / the run is final: its objections are closed",
        ));
    }
    let state = match asked.state {
        Verdict::Accepted => "accepted",
        Verdict::Refused => "refused",
    };
    let by = scope.recorded_by();
    if !queries::decide(&mut tx, run_id, objection_id, state, &decision, by).await? {
        return Err(Error::not_now("该异议已处理 / the objection was decided already"));
    }
    let detail = json!({"run_id": run_id, "objection_id": objection_id, "state": state});
    super::record(&mut tx, scope, Action::ObjectionDecided, detail).await?;
    let decided = queries::objection(&mut tx, objection_id).await?;
    tx.commit().await?;
    decided.ok_or_else(none)
}
