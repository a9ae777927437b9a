//! A run of a quarter or a month: the enterprises' figures of that very period, scored by a scheme that says it is made for
//! periods of that length. Figures of different lengths are never mixed: a quarter is laid beside the same quarter a year
//! before, and four quarters are no year. Parcels are judged by years, so such a run has none and the map never shows it.

use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use serde_json::json;
use sqlx::PgConnection;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::job::Run;
use crate::job::Stage;
use crate::judgement::workflow::period::Length;
use crate::judgement::workflow::period::Period;

use super::ATTEMPTS;
use super::enterprises;
use super::queries;
use super::start;

/// What a run of a part of a year found.
#[derive(Clone, Debug)]
pub struct Report {
    pub run_id: i64,
    pub period: Period,
    pub scores: enterprises::Scores,
    pub seconds: f64,
}

/// Reads a period of a run: `2025`, `2025Q3`, `2025-07`.
pub fn parse(text: &str) -> anyhow::Result<Period> {
    Period::parse(text.trim()).with_context(|| {
        format!("`{text}` 不是报告期，应如 2025、2025Q3、2025-07 / is no period: 2025, 2025Q3 or 2025-07")
    })
}

/// Scores all enterprises for a quarter or a month.
///
/// Fails, with the database unchanged, when the period has no figures, when no scheme is named or configured, or when the
/// scheme is not made for periods of that length.
pub async fn evaluate(
    app: &App,
    scope: &Scope,
    period: Period,
    scheme: Option<&str>,
    progress: &mut dyn FnMut(Stage),
) -> anyhow::Result<Report> {
    evaluate_for(app, scope, period, scheme, None, progress).await
}

/// As [`evaluate`], for a job where there is one.
pub(super) async fn evaluate_for(
    app: &App,
    scope: &Scope,
    period: Period,
    scheme: Option<&str>,
    job: Option<&Run>,
    progress: &mut dyn FnMut(Stage),
) -> anyhow::Result<Report> {
    let mut attempt = 1;
    loop {
        match attempt_run(app, scope, period, scheme, job, &mut *progress).await {
            Err(error) if attempt < ATTEMPTS && queries::is_overtaken(&error) => attempt += 1,
            done => return done,
        }
    }
}

async fn attempt_run(
    app: &App,
    scope: &Scope,
    period: Period,
    scheme: Option<&str>,
    job: Option<&Run>,
    progress: &mut dyn FnMut(Stage),
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let pool = if job.is_some() { &app.db.jobs } else { &app.db.write };
    let mut tx = pool.begin().await?;
    progress(Stage::Waiting);
    queries::begin_alone(&mut tx)
        .await
        .context("等待另一次评价结束 / waiting for another evaluation to end")?;
    check(&mut tx, period, scheme).await?;
    let run = queries::NewRun {
        period,
        ruleset: "none".to_owned(),
        config: json!({}),
        projection: app.config.projection(),
        area_basis: app.config.area_basis.name(),
        recorded_by: scope.recorded_by().to_owned(),
        job_id: job.map(|it| it.job_id),
    };
    let run_id = queries::insert_run(&mut tx, &run).await?;
    progress(Stage::Measuring);
    let scores = enterprises::score(&mut tx, app, run_id, period, scheme).await?;
    progress(Stage::Storing);
    let cohorts = scores.cohorts.iter().map(|it| it.enterprises);
    let counts = json!({"enterprises": cohorts.sum::<usize>() + scores.unplaced});
    queries::finish_run(&mut tx, run_id, &counts, false).await?;
    let event = Event::of(Action::Evaluate, "evaluation_run").with(json!({
        "run_id": run_id,
        "period": period.name(),
        "scheme": scheme,
    }));
    audit::record(&mut *tx, scope, event).await?;
    match job {
        Some(job) => start::commit(app, job, run_id, tx).await?,
        None => tx.commit().await?,
    }
    Ok(Report { run_id, period, scores, seconds: started.elapsed().as_secs_f64() })
}

/// Whether the period can be scored at all; the scheme itself is judged where it is chosen.
pub(super) async fn check(
    db: &mut PgConnection,
    period: Period,
    scheme: Option<&str>,
) -> anyhow::Result<()> {
    if scheme.is_none() {
        bail!(
            "{} 的评价只给企业评分，须指定计分方案 / a run of {} scores enterprises: name a scheme",
            period.name(),
            period.name()
        );
    }
    let known = queries::periods_with_figures(db).await?;
    if known.contains(&period.name()) {
        return Ok(());
    }
    let mut same = of_length(&known, period.length());
    same.reverse();
    same.truncate(24);
    let list = if same.is_empty() { "—".to_owned() } else { same.join(", ") };
    bail!(
        "{name} 没有企业数据，{zh}数据有：{list} / {name} has no figures of enterprises; of a {length} there are some of {list}",
        name = period.name(),
        zh = period.length().zh(),
        length = period.length().name(),
    )
}

/// The periods of that length, in order.
pub(super) fn of_length(periods: &[String], length: Length) -> Vec<&str> {
    let of = |it: &&String| Period::parse(it).is_some_and(|it| it.length() == length);
    periods.iter().filter(of).map(String::as_str).collect()
}
