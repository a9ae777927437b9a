//! The life of a run: a draft is published for objection, objections are decided, then it is final and stays as it is.
//!
//! Who reads what is decided by the views of migration 0017, which every read here goes through under the reader's own
//! role: grades by everybody with an account once they are published, figures by officers who answer for all land of the
//! enterprise, what tells of other enterprises (ends and means of a cohort) by those who answer for every unit.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::job;
use crate::job::Job;
use crate::judgement::measures;
use crate::judgement::score::Evidence;
use crate::judgement::score::ItemScore;
use crate::judgement::score::Policy;
use crate::judgement::score::Scheme;
use crate::layer::Kind;
use crate::layer::Layers;
use crate::layer::Text;

use super::enterprises::verify::Verified;
use super::enterprises::verify::digests;
use super::shown::Telling;

pub mod objections;
pub mod queries;
pub mod ranking;
pub mod routes;
pub mod schemes;

/// Characters of a reason.
const REASON_MAX: usize = 2_000;

/// Where a run is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schemars(rename = "RunState")]
pub enum State {
    Draft,
    Published,
    Final,
}

/// A run as lists show it.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "EvaluationRun")]
pub struct Run {
    pub run_id: i64,
    pub year: i64,
    /// Whose figures it scored: `2025`, `2025Q3` or `2025-07`. A run of a part of a year judges no parcels and is not on the map.
    pub period: String,
    pub ruleset: String,
    /// The id of the scheme that enterprises were scored by; null: they were not.
    pub scheme: Option<String>,
    /// Which version of it; 0: the file of the folders.
    pub scheme_version: Option<i64>,
    #[sqlx(json(nullable))]
    pub scheme_title: Option<Text>,
    pub state: State,
    /// Whether the map shows it.
    pub shown: bool,
    /// Somebody chose it to be shown; otherwise the latest final one is, or the latest.
    pub chosen: bool,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub recorded_by: String,
    pub published_at: Option<DateTime<Utc>>,
    pub published_by: Option<String>,
    pub objections_until: Option<NaiveDate>,
    pub finalised_at: Option<DateTime<Utc>>,
    pub finalised_by: Option<String>,
    /// Objections that the reader may read and nobody has decided.
    pub open_objections: i64,
}

/// All runs that the reader may know of, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Runs {
    pub evaluations: Vec<Run>,
    /// The newest job of an evaluation, for stewards of all units.
    pub job: Option<Job>,
}

/// How many of a cohort have each grade, of those whose grade the reader may read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CohortGrades")]
pub struct Graded {
    pub id: String,
    pub title: Text,
    pub enterprises: i64,
    /// Without a grade among them under an empty name.
    pub grades: BTreeMap<String, i64>,
    /// The measures that are scored, in order.
    pub measures: Vec<String>,
}

/// One run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Evaluation")]
pub struct Detail {
    #[serde(flatten)]
    pub run: Run,
    pub area_basis: String,
    pub cohorts: Vec<Graded>,
    /// In no cohort.
    pub unplaced: i64,
    pub policy: BTreeMap<String, Policy>,
    /// SHA-256 of what it found, by table.
    pub digest: BTreeMap<String, String>,
    /// What the reader may do with it now.
    pub may: May,
}

/// What somebody may do with a run as it is.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "MayOfRun")]
#[expect(clippy::struct_excessive_bools, reason = "one for each thing that may be done")]
pub struct May {
    pub publish: bool,
    pub finalise: bool,
    pub show: bool,
    pub object: bool,
    pub decide: bool,
}

/// The last day on which a published run may be objected to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Publication")]
pub struct Publish {
    pub objections_until: NaiveDate,
    /// Why its grades are told although, beside those of other runs, they close in on figures.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The run that the map is to show; null: the latest final one, or the latest while none is final.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ShownRun")]
pub struct Show {
    pub run_id: Option<i64>,
    /// Why it is shown although its thresholds close in on figures together with those of runs that were shown before.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Runs are for people with an account: what they found is public only as the map publishes it.
pub(super) fn reader(scope: &Scope) -> Result<()> {
    if scope.account.is_none() || !scope.may(Role::Viewer) {
        return Err(Error::SignIn(
            "评价结果需要登录查看 / evaluations are for people with an account",
        ));
    }
    Ok(())
}

/// Who may change the life of a run: a steward who answers for all units.
pub(super) fn steward(scope: &Scope) -> Result<()> {
    reader(scope)?;
    if scope.in_unit(None).may(Role::Steward) {
        Ok(())
    } else {
        Err(Error::NotAllowed(
            "此处需要全区的数据管理员 / this needs a data steward who answers for all units",
        ))
    }
}

/// Whether the folders let the role read every figure that a score is made of.
pub(super) fn reads_figures(layers: &Layers, scope: &Scope) -> bool {
    let needed = measures::MEASURES.iter().filter(|it| it.confidential);
    let needed = needed.map(|it| layers.measure_role(it.name)).max().unwrap_or(Role::Officer);
    scope.may(needed.max(Role::Officer))
}

pub(super) fn no_run(run_id: i64) -> Error {
    Error::not_found("评价 evaluation", run_id.to_string())
}

/// The runs that the scope may know of: drafts are for officers.
pub async fn list(app: &App, scope: &Scope) -> Result<Runs> {
    reader(scope)?;
    let mut db = app.db.read(scope).await?;
    let drafts = scope.may(Role::Officer);
    let evaluations = queries::list(&mut db, drafts).await?;
    let job = match steward(scope) {
        Ok(()) => job::queries::last_of_kind(&mut db, job::Kind::Evaluate).await?,
        Err(_) => None,
    };
    Ok(Runs { evaluations, job })
}

/// One run, as far as the scope may know it.
pub async fn detail(app: &App, scope: &Scope, run_id: i64) -> Result<Detail> {
    reader(scope)?;
    let mut db = app.db.read(scope).await?;
    let run = find(&mut db, scope, run_id).await?;
    let made_of = queries::made_of(&mut db, run_id).await?;
    let counts = queries::grades(&mut db, run_id).await?;
    let scheme = made_of.scheme_text.as_deref().and_then(|it| Scheme::parse(it).ok());
    let of = |id: Option<&str>| -> Vec<&queries::GradeCount> {
        counts.iter().filter(|it| it.cohort.as_deref() == id).collect()
    };
    let sum = |own: &[&queries::GradeCount]| own.iter().map(|it| it.count).sum();
    let cohorts = scheme.iter().flat_map(|it| &it.cohorts).map(|it| {
        let own = of(Some(&it.id));
        let grades = own.iter().map(|it| (it.grade.clone().unwrap_or_default(), it.count));
        Graded {
            id: it.id.clone(),
            title: it.title.clone(),
            enterprises: sum(&own),
            grades: grades.collect(),
            measures: it.items.iter().map(|it| it.measure.clone()).collect(),
        }
    });
    let cohorts = cohorts.collect();
    let unplaced = sum(&of(None));
    let steward = steward(scope).is_ok();
    let officer = scope.may(Role::Officer);
    let may = May {
        publish: steward && run.state == State::Draft && run.finished_at.is_some(),
        finalise: steward && run.state == State::Published,
        show: steward && run.finished_at.is_some() && run.period == run.year.to_string(),
        object: officer && run.state == State::Published && run.objections_until >= Some(today()),
        decide: steward && run.state == State::Published,
    };
    Ok(Detail {
        area_basis: made_of.area_basis,
        policy: scheme.map(|it| it.policy.into_iter().collect()).unwrap_or_default(),
        digest: serde_json::from_value(made_of.digest).unwrap_or_default(),
        run,
        cohorts,
        unplaced,
        may,
    })
}

/// The run, for whoever may know of it.
pub(super) async fn find(db: &mut crate::db::Reader, scope: &Scope, run_id: i64) -> Result<Run> {
    let found = queries::find(db, run_id).await?;
    let known = found.filter(|it| it.state != State::Draft || scope.may(Role::Officer));
    known.ok_or_else(|| no_run(run_id))
}

/// Publishes a draft: from now on its findings stay as they are, and may be objected to until that day.
pub async fn publish(app: &App, scope: &Scope, run_id: i64, asked: &Publish) -> Result<()> {
    steward(scope)?;
    if asked.objections_until < today() {
        return Err(Error::BadInput {
            at: "objections_until".to_owned(),
            why: "异议截止日不应早于今天 / the last day of objections is over already".to_owned(),
        });
    }
    let mut tx = app.db.jobs.begin().await?;
    let run = queries::lock(&mut tx, run_id).await?.ok_or_else(|| no_run(run_id))?;
    if run.state != State::Draft || !run.finished {
        return Err(Error::not_now(
            "只有已完成的草稿可以公示 / only a finished draft is published",
        ));
    }
    let reason = reason(asked.reason.as_deref())?;
    let mut closing =
        super::shown::closes_in(&mut tx, &app.layers, run_id, Telling::Grades).await?;
    closing.extend(super::graded::closes_in(&mut tx, run_id).await?);
    if !closing.is_empty() && reason.is_none() {
        return Err(grades_close_in(&closing));
    }
    let digests = digests(&mut tx, run_id).await?;
    queries::publish(&mut tx, run_id, asked.objections_until, &digests, scope.recorded_by())
        .await?;
    let detail = json!({
        "run_id": run_id,
        "objections_until": asked.objections_until,
        "reason": reason,
        "closing_in": closing,
    });
    record(&mut tx, scope, Action::EvaluationPublished, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes a published run final, when the days of objection are over and every objection was refused: one that was accepted
/// asks for another run with what was corrected. In the caller's transaction, which what follows a final run belongs to.
pub async fn finalise(app: &App, scope: &Scope, tx: &mut Writer, run_id: i64) -> Result<()> {
    steward(scope)?;
    let run = queries::lock(&mut *tx, run_id).await?.ok_or_else(|| no_run(run_id))?;
    if run.state != State::Published {
        return Err(Error::not_now(
            "只有公示中的评价可以定稿 / only a published run is made final",
        ));
    }
    if run.objections_until.is_none_or(|it| it >= today()) {
        let until = run.objections_until.map(|it| it.to_string()).unwrap_or_default();
        return Err(Error::not_now(format!(
            "异议期至 {until}，尚未结束 / objections may be made until {until}"
        )));
    }
    let (open, accepted) = queries::undone_objections(&mut *tx, run_id).await?;
    if open > 0 {
        return Err(Error::not_now(format!(
            "尚有 {open} 件异议未处理 / {open} objections are not decided"
        )));
    }
    if accepted > 0 {
        return Err(Error::not_now(format!(
            "有 {accepted} 件异议成立：请更正数据后重新评价、公示 / {accepted} objections were accepted: correct the data, evaluate and publish anew"
        )));
    }
    let closing = super::shown::closes_in(&mut *tx, &app.layers, run_id, Telling::Verdicts).await?;
    if !closing.is_empty() {
        return Err(closes_in(&closing));
    }
    queries::finalise(&mut *tx, run_id, scope.recorded_by()).await?;
    let was = queries::shown(&mut *tx).await?;
    queries::show_latest(&mut *tx, false).await?;
    record(&mut *tx, scope, Action::EvaluationFinalised, json!({"run_id": run_id})).await?;
    refresh(app, tx, was).await
}

/// Chooses the run that the map shows, or leaves it to the latest final one.
pub async fn show(app: &App, scope: &Scope, asked: &Show) -> Result<()> {
    steward(scope)?;
    let mut tx = app.db.jobs.begin().await?;
    let was = queries::shown(&mut tx).await?;
    let reason = reason(asked.reason.as_deref())?;
    let mut closing = Vec::new();
    match asked.run_id {
        Some(run_id) => {
            let run = queries::lock(&mut tx, run_id).await?.ok_or_else(|| no_run(run_id))?;
            if !run.finished {
                return Err(Error::not_now("评价尚未完成 / the run is not finished"));
            }
            if !run.is_year {
                return Err(Error::not_now(
                    "季度、月度评价只给企业评分，不判定宗地，不能在地图上展示 / a run of a quarter or month scores enterprises and judges no parcels: the map has nothing of it to show",
                ));
            }
            closing =
                super::shown::closes_in(&mut tx, &app.layers, run_id, Telling::Verdicts).await?;
            if !closing.is_empty() && reason.is_none() {
                return Err(closes_in(&closing));
            }
            queries::choose(&mut tx, run_id, scope.recorded_by()).await?;
        }
        None => queries::show_latest(&mut tx, true).await?,
    }
    let detail = json!({"run_id": asked.run_id, "reason": reason, "closing_in": closing});
    record(&mut tx, scope, Action::EvaluationShown, detail).await?;
    refresh(app, &mut tx, was).await?;
    tx.commit().await?;
    Ok(())
}

/// A run whose verdicts would tell figures together with those that were shown: it takes somebody's word to show it.
fn closes_in(closing: &[String]) -> Error {
    Error::conflict(
        "closes-in",
        format!(
            "与曾展示的评价并看会透露单宗数值；改用相同或相差四分之一以上的界值，或先写明理由选为展示（PUT /api/v1/evaluations/shown 的 `reason`） / seen beside evaluations that were shown it tells figures of single parcels: use the same thresholds or ones at least a quarter apart, or show it first with a `reason` (PUT /api/v1/evaluations/shown):\n  {}",
            closing.join("\n  ")
        ),
        json!({"closing_in": closing}),
    )
}

/// Grades that would tell figures together with those that are published: it takes somebody's word to publish them.
fn grades_close_in(closing: &[String]) -> Error {
    Error::conflict(
        "closes-in",
        format!(
            "与已公示的等级并看会透露单户数值；沿用同一方案，或写明理由（`reason`） / seen beside grades that are published these tell figures of single enterprises: use the same scheme, or give a `reason`:\n  {}",
            closing.join("\n  ")
        ),
        json!({"closing_in": closing}),
    )
}

/// Why somebody does it all the same; nothing where only blanks were given.
fn reason(given: Option<&str>) -> Result<Option<&str>> {
    let reason = given.map(str::trim).filter(|it| !it.is_empty());
    if reason.is_some_and(|it| it.chars().count() > REASON_MAX || it.contains('\0')) {
        return Err(Error::parameter(
            "reason",
            format!("至多 {REASON_MAX} 字 / at most {REASON_MAX} characters"),
        ));
    }
    Ok(reason)
}

/// Moves the derived layers on, when they show another run than before.
async fn refresh(app: &App, db: &mut Writer, was: Option<i64>) -> Result<()> {
    if queries::shown(db).await? == was {
        return Ok(());
    }
    for layer in app.layers.of_kind(Kind::Derived) {
        catalog::queries::bump(db, &app.layers, layer, None, None).await?;
    }
    Ok(())
}

pub(super) async fn record(
    db: &mut Writer,
    scope: &Scope,
    action: Action,
    detail: Value,
) -> Result<()> {
    audit::record(&mut *db, scope, Event::of(action, "evaluation_run").with(detail)).await?;
    Ok(())
}

/// Computes a run once more and compares; nothing is written.
pub async fn verify(app: &App, run_id: i64) -> anyhow::Result<Verified> {
    let mut tx = app.db.jobs.begin().await?;
    let mut found = super::enterprises::verify::verify(&mut tx, run_id).await?;
    let parcels = super::verify::parcels(&mut tx, app, run_id).await?;
    tx.rollback().await?;
    found.parcels = parcels.parcels;
    found.differences.extend(parcels.differences);
    found.unverified = parcels.unverified;
    Ok(found)
}

/// One enterprise of a run.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EnterpriseResult")]
pub struct Found {
    #[serde(flatten)]
    pub row: ranking::Ranked,
    /// Null: not for this reader, as they tell of other enterprises or of one that is not the reader's.
    pub items: Option<Vec<ItemScore>>,
    pub evidence: Option<Vec<Evidence>>,
    pub inputs: Option<super::enterprises::Inputs>,
    /// What its grade means.
    pub policy: Option<Policy>,
    /// By measure: in which quarter of its cohort it is, 1 the upper one; told of five figures and more.
    pub quarters: Option<BTreeMap<String, u8>>,
    /// By measure: how the cohort's figures lie, for who may read all of them, of five and more.
    pub quantiles: Option<BTreeMap<String, Quantiles>>,
}

/// Figures of a cohort's members.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Quantiles {
    pub count: i64,
    pub lower: Decimal,
    pub median: Decimal,
    pub upper: Decimal,
}
