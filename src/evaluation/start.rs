//! An evaluation that is asked for over HTTP: what may be chosen, the queueing of it as a job, and the job. One at a time;
//! what it makes is a draft, as at the console.

use std::convert::Infallible;

use anyhow::Context;
use anyhow::bail;
use chrono::Datelike;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use sqlx::PgConnection;
use sqlx::Postgres;
use sqlx::Transaction;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::job;
use crate::job::Job;
use crate::job::Kind;
use crate::job::Order;
use crate::job::Run;
use crate::judgement::score::Scheme;
use crate::judgement::workflow::period::Length;
use crate::judgement::workflow::period::Period;
use crate::layer::Kind as LayerKind;
use crate::layer::Text;

use super::Options;
use super::enterprises::scheme;
use super::period;
use super::queries;
use super::ruleset;
use super::runs::steward;

/// What is to be evaluated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewEvaluation")]
pub struct Asked {
    /// The year whose figures are judged; left out, that of `period`.
    #[serde(default)]
    pub year: Option<i64>,
    /// `2025Q3` or `2025-07`: only enterprises are scored, by their figures of that quarter or month. `2025` means the year.
    #[serde(default)]
    pub period: Option<String>,
    /// A rule set by its id; left out, the one in force at the year's end.
    #[serde(default)]
    pub ruleset: Option<String>,
    /// The scheme that enterprises are scored by; left out, the configured one.
    #[serde(default)]
    pub scheme: Option<String>,
}

/// What an evaluation may be asked for with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "EvaluationOptions")]
pub struct Choices {
    /// Years with figures; none: nobody reported any yet, and any year may be asked for.
    pub years: Vec<i64>,
    /// Quarters and months with figures of enterprises, newest first.
    pub periods: Vec<PeriodChoice>,
    pub rule_sets: Vec<RuleSetChoice>,
    pub schemes: Vec<SchemeChoice>,
    /// The scheme of evaluations that name none.
    pub configured_scheme: Option<String>,
}

/// A part of a year that may be asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PeriodChoice {
    /// `2025Q3` or `2025-07`.
    pub period: String,
    pub length: Length,
}

/// A rule set that may be asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RuleSetChoice {
    pub layer: String,
    pub id: String,
    pub title: Text,
    /// Never chosen by its date, only by its name.
    pub on_request: bool,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// 0 of a file.
    pub version: i64,
}

/// A scheme that may be asked for, in the version that a run of this year takes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SchemeChoice {
    pub id: String,
    pub title: Text,
    /// 0 of a file.
    pub version: i64,
    /// Of which periods it scores figures.
    pub periods: Vec<Length>,
}

/// What may be chosen; for stewards of all units.
pub async fn choices(app: &App, scope: &Scope) -> Result<Choices> {
    steward(scope)?;
    let mut tx = app.db.write.begin().await?;
    let years = queries::years_with_figures(&mut tx).await?;
    let known = queries::periods_with_figures(&mut tx).await?;
    let parts = [Length::Quarter, Length::Month].into_iter().flat_map(|length| {
        let own = period::of_length(&known, length).into_iter().rev();
        own.map(move |it| PeriodChoice { period: it.to_owned(), length })
    });
    let periods = parts.collect();
    let mut rule_sets = Vec::new();
    for layer in app.layers.of_kind(LayerKind::Derived).filter(|it| !it.rules.is_empty()) {
        for it in ruleset::candidates(&mut tx, layer).await? {
            // A field that was taken away since makes an old one faulty; it cannot be applied.
            let Ok(set) = ruleset::read(&app.layers, &it.text, 2000) else { continue };
            rule_sets.push(RuleSetChoice {
                layer: layer.id.clone(),
                id: it.id,
                title: set.title,
                on_request: set.on_request,
                valid_from: set.valid_from,
                valid_to: set.valid_to,
                version: it.version,
            });
        }
    }
    let this_year = Period::Year(today().year());
    let all = scheme::all(&mut *tx, &app.layers).await?;
    let schemes = all.values().filter_map(|versions| {
        let it = scheme::of_period(versions, this_year)?;
        let read = Scheme::parse(&it.text).ok()?;
        let (title, periods) = (read.title, read.periods);
        Some(SchemeChoice { id: it.id.clone(), title, version: it.version, periods })
    });
    let schemes = schemes.collect();
    tx.rollback().await?;
    Ok(Choices { years, periods, rule_sets, schemes, configured_scheme: app.config.scheme.clone() })
}

/// Queues an evaluation. What it would be refused for is told at once; refused while another one is not over.
pub async fn start(app: &App, scope: &Scope, asked: &Asked) -> Result<Job> {
    steward(scope)?;
    let mut tx = app.db.write.begin().await?;
    check(app, &mut tx, asked).await?;
    let order = Order { kind: Kind::Evaluate, batch_id: None, options: json!(asked), scope };
    let Some(job) = job::queries::queue(&mut tx, &order).await? else {
        tx.rollback().await?;
        let other = job::queries::last_of_kind(&app.db.write, Kind::Evaluate).await?;
        return Err(Error::conflict(
            "evaluation-under-way",
            "已有评价任务在进行，请等它结束或先取消 / an evaluation is under way: wait for it, or cancel it first",
            json!({"job_id": other.map(|it| it.job_id)}),
        ));
    };
    tx.commit().await?;
    Ok(job)
}

async fn check(app: &App, db: &mut PgConnection, asked: &Asked) -> Result<()> {
    if queries::count_parcels(db).await? == 0 {
        return Err(Error::not_now("没有宗地，请先导入 / there are no parcels: import them first"));
    }
    let of = asked.of()?;
    let scheme = asked.scheme.as_deref().or(app.config.scheme.as_deref());
    if of.length() == Length::Year {
        let year = i64::from(of.year());
        super::check_year(db, year).await.map_err(|it| wrong("year", it))?;
        let options = Options { year, ruleset: asked.ruleset.clone() };
        ruleset::choose_all(db, app, &options).await.map_err(|it| wrong("ruleset", it))?;
    } else {
        if asked.ruleset.is_some() {
            return Err(Error::parameter(
                "ruleset",
                "规则按年度判定宗地；季度、月度评价只给企业评分 / rules judge parcels by years: a run of a quarter or month scores enterprises only",
            ));
        }
        let at = if scheme.is_none() { "scheme" } else { "period" };
        period::check(db, of, scheme).await.map_err(|it| wrong(at, it))?;
    }
    if let Some(id) = scheme {
        let found = scheme::choose(db, &app.layers, id, of).await;
        found.map_err(|it| wrong("scheme", it))?;
    }
    Ok(())
}

impl Asked {
    /// The period that is meant.
    fn of(&self) -> Result<Period> {
        let of = match (&self.period, self.year) {
            (Some(it), _) => period::parse(it).map_err(|it| wrong("period", it))?,
            (None, Some(year)) => super::whole(year).map_err(|it| wrong("year", it))?,
            (None, None) => {
                return Err(Error::parameter(
                    "year",
                    "须写 year 或 period / name a year or a period",
                ));
            }
        };
        if !(1990..=2100).contains(&of.year()) {
            let at = if self.period.is_some() { "period" } else { "year" };
            return Err(Error::parameter(at, "1990–2100"));
        }
        if self.year.is_some_and(|it| it != i64::from(of.year())) {
            return Err(Error::parameter(
                "period",
                "年份与报告期不一致 / year and period disagree",
            ));
        }
        Ok(of)
    }
}

/// What was written for people is the caller's to mend; what the database said is not.
fn wrong(parameter: &str, error: anyhow::Error) -> Error {
    if error.chain().any(<dyn std::error::Error + 'static>::is::<sqlx::Error>) {
        return error.into();
    }
    Error::parameter(parameter, format!("{error:#}"))
}

/// Evaluations as jobs.
#[derive(Clone, Copy, Debug)]
pub struct Evaluations;

impl job::Work for Evaluations {
    fn does(&self, kind: Kind) -> bool {
        kind == Kind::Evaluate
    }

    /// Judging keeps a core busy for seconds, so it is done beside the threads that answer requests. Whoever drops this ends
    /// it at its next query; nothing of it is committed.
    async fn run(&self, app: &App, run: &Run) -> anyhow::Result<Value> {
        let (app, run) = (app.clone(), run.clone());
        let (wanted, dropped) = oneshot::channel::<Infallible>();
        let runtime = Handle::current();
        let done = tokio::task::spawn_blocking(move || {
            runtime.block_on(async move {
                tokio::select! {
                    biased;
                    _ = dropped => bail!("nobody waits for this evaluation any more"),
                    done = evaluate(&app, &run) => done,
                }
            })
        })
        .await;
        drop(wanted);
        done.context("an evaluation")?
    }

    async fn sweep(&self, _: &App, _: &mut Writer) -> anyhow::Result<()> {
        Ok(())
    }
}

async fn evaluate(app: &App, run: &Run) -> anyhow::Result<Value> {
    let asked: Asked =
        serde_json::from_value(run.options.clone()).context("the options of a job")?;
    // A node that died between the run and its job's end has made it already.
    if let Some(run_id) = queries::made_by(&app.db.jobs, run.job_id).await? {
        return Ok(json!({"run_id": run_id}));
    }
    let scheme = asked.scheme.as_deref().or(app.config.scheme.as_deref());
    let stage = &mut |stage| run.stage(stage);
    let of = asked.of().map_err(|it| anyhow::anyhow!("{it}"))?;
    if of.length() != Length::Year {
        let done = period::evaluate_for(app, &run.scope, of, scheme, Some(run), stage).await?;
        return Ok(json!({"run_id": done.run_id}));
    }
    let options = Options { year: i64::from(of.year()), ruleset: asked.ruleset.clone() };
    let done = super::evaluate_for(app, &run.scope, &options, scheme, Some(run), stage).await?;
    Ok(json!({"run_id": done.run_id}))
}

/// Commits a run together with the end of its job. The run's transaction sees one moment, in which the job's row was another
/// one, so a second transaction ends the job: it holds the row until the run is there, and nobody can cancel or take the job
/// meanwhile.
pub(super) async fn commit(
    app: &App,
    job: &Run,
    run_id: i64,
    tx: Transaction<'_, Postgres>,
) -> anyhow::Result<()> {
    let mut end = app.db.jobs.begin().await?;
    job.finish(&mut end, &json!({"run_id": run_id})).await?;
    tx.commit().await?;
    end.commit().await?;
    Ok(())
}
