//! `mutu evaluate`.

use clap::Args;

use crate::access::Scope;
use crate::app::App;
use crate::config::Config;
use crate::evaluation;
use crate::evaluation::Count;
use crate::evaluation::Report;
use crate::evaluation::enterprises::Scores;
use crate::job::Stage;
use crate::judgement::workflow::period::Length;
use crate::judgement::workflow::period::Period;
use crate::measure;

#[derive(Args)]
pub(super) struct Evaluate {
    /// The year whose figures are judged.
    #[arg(long, required_unless_present_any = ["verify", "period"])]
    year: Option<i64>,
    /// A year, quarter or month: 2025, 2025Q3, 2025-07. Of a part of a year only enterprises are scored, by its own figures.
    #[arg(long, value_name = "PERIOD", conflicts_with = "year", value_parser = evaluation::period::parse)]
    period: Option<Period>,
    /// A rule set by its file's name, where a layer has several.
    #[arg(long, value_name = "ID")]
    ruleset: Option<String>,
    /// The scoring scheme of enterprises, by its file's name; the configured one when left out.
    #[arg(long, value_name = "ID")]
    scheme: Option<String>,
    /// Compute a run once more, from what it stored and from the rows it read, and compare digit by digit.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["year", "period", "ruleset", "scheme"])]
    verify: Option<i64>,
}

impl Evaluate {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let scheme = self.scheme.or_else(|| app.config.scheme.clone());
        let part = self.period.filter(|it| it.length() != Length::Year);
        let year = self.year.or(self.period.map(|it| i64::from(it.year())));
        let done = match (self.verify, part, year) {
            (Some(run_id), ..) => verify(&app, run_id).await,
            (None, Some(period), _) if self.ruleset.is_none() => {
                evaluate_part(&app, period, scheme.as_deref()).await
            }
            (None, Some(period), _) => Err(anyhow::anyhow!(
                "规则按年度判定宗地，{period} 只给企业评分：去掉 --ruleset / rules judge parcels by years, {period} scores enterprises only: leave out --ruleset",
                period = period.name()
            )),
            (None, None, Some(year)) => {
                let options = evaluation::Options { year, ruleset: self.ruleset };
                evaluate(&app, &options, scheme.as_deref()).await
            }
            (None, None, None) => Ok(()),
        };
        app.close().await?;
        done
    }
}

/// Compares a run with what it is computed to once more; fails when they are not the same.
async fn verify(app: &App, run_id: i64) -> anyhow::Result<()> {
    let found = evaluation::runs::verify(app, run_id).await?;
    for it in found.unverified.iter().chain(&found.differences) {
        super::say(&format!("  {it}"));
    }
    anyhow::ensure!(
        found.differences.is_empty(),
        "评价 {run_id} 与重算结果不符 / evaluation {run_id} is not what it is computed to"
    );
    super::say(&format!(
        "评价 {run_id}：{p} 宗、{n} 户重算一致 / evaluation {run_id}: {p} parcels and {n} enterprises, the same to the last digit",
        p = found.parcels,
        n = found.enterprises
    ));
    Ok(())
}

/// Evaluates with the configured scheme and prints what was found.
pub(super) async fn run(app: &App, options: &evaluation::Options) -> anyhow::Result<()> {
    evaluate(app, options, app.config.scheme.as_deref()).await
}

async fn evaluate(
    app: &App,
    options: &evaluation::Options,
    scheme: Option<&str>,
) -> anyhow::Result<()> {
    let bar = super::progress("评价 / evaluating");
    let report = evaluation::evaluate_by(app, &Scope::console(), options, scheme, &mut |stage| {
        bar.set_message(step(stage));
    })
    .await;
    bar.finish_and_clear();
    print(app, &report?);
    Ok(())
}

/// Scores the enterprises of a quarter or a month.
async fn evaluate_part(app: &App, period: Period, scheme: Option<&str>) -> anyhow::Result<()> {
    let bar = super::progress("评价 / evaluating");
    let scope = Scope::console();
    let done = evaluation::period::evaluate(app, &scope, period, scheme, &mut |stage| {
        bar.set_message(step(stage));
    })
    .await;
    bar.finish_and_clear();
    let done = done?;
    super::say(&format!(
        "评价 {period}：只给企业评分，不判定宗地，用时 {s:.1} 秒 / evaluated {period}: enterprises only, no parcels, {s:.1} s (run {run})",
        period = done.period.name(),
        s = done.seconds,
        run = done.run_id,
    ));
    print_scores(&done.scores);
    Ok(())
}

/// What a stage is called.
const fn step(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "等待 / waiting",
        Stage::Overlay => "叠加 / overlay",
        Stage::Measuring => "计算指标 / measures",
        Stage::Judging => "判定 / rules",
        Stage::Storing => "写入 / storing",
        Stage::Planning => "规划 / plans",
        Stage::Opening | Stage::Reading | Stage::Comparing | Stage::Writing => "",
    }
}

fn print(app: &App, report: &Report) {
    super::say(&format!(
        "评价 {year} 年：{n} 宗 {mu} 亩，用时 {s:.1} 秒 / evaluated {year}: {n} parcels, {mu} mu, {s:.1} s (run {run})",
        year = report.year,
        n = report.parcels,
        mu = measure::shown(report.area_mu, 2),
        s = report.seconds,
        run = report.run_id,
    ));
    let title =
        |id: &str| app.layers.find(id).map_or_else(|| id.to_owned(), |it| it.title.zh.clone());
    let line = |class: &str, it: &Count| {
        format!(
            "    {class:<12} {:>8} 宗 parcels {:>16} 亩 mu",
            it.parcels,
            measure::shown(it.area_mu, 2)
        )
    };
    for (layer, classes) in &report.classes {
        super::say(&format!("  {} ({layer})", title(layer)));
        for (class, it) in classes {
            super::say(&line(class, it));
        }
        if let Some(n) = report.straddling.get(layer) {
            super::say(&format!("    跨界待定 / straddling {n}"));
        }
        if let Some(n) = report.unclassed.get(layer) {
            super::say(&format!("    图形无面积，未归类 / without an area, not classed {n}"));
        }
    }
    for (layer, empty) in &report.skipped {
        super::say(&format!(
            "  {} ({layer})：未计算，图层 {} ({empty}) 尚无数据 / not computed: layer `{empty}` is empty",
            title(layer),
            title(empty)
        ));
    }
    for (layer, verdicts) in &report.verdicts {
        let ruleset = report.rulesets.get(layer).map_or("", String::as_str);
        super::say(&format!("  {} ({layer}, {ruleset})", title(layer)));
        for (verdict, it) in verdicts {
            super::say(&line(verdict, it));
        }
    }
    for (layer, outcomes) in &report.conformity {
        super::say(&format!("  {} ({layer})", title(layer)));
        for (outcome, it) in outcomes {
            super::say(&line(outcome, it));
        }
    }
    for (layer, it) in &report.assemblies {
        super::say(&format!(
            "  {} ({layer})：{pieces} 片 {n} 宗 {mu} 亩 / {pieces} pieces, {n} parcels, {mu} mu",
            title(layer),
            pieces = it.pieces,
            n = it.parcels,
            mu = measure::shown(it.area_mu, 2),
        ));
    }
    for it in &report.closing_in {
        super::say(&format!("  未自动展示 / not shown by itself: {it}"));
    }
    super::say(&format!("  缺税收数据 / without a tax figure: {}", report.without_tax));
    print_scores(&report.scores);
}

fn print_scores(scores: &Scores) {
    let Some(title) = &scores.scheme else {
        super::say(
            "  未指定计分方案，企业未评分：--scheme ID，或配置 scheme / no scheme: enterprises were not scored",
        );
        return;
    };
    super::say(&format!("  {} / {}", title.zh, title.en));
    for it in &scores.cohorts {
        let grades = it.grades.iter().map(|(grade, count)| format!("{grade} {count}"));
        super::say(&format!(
            "    {}：{} 户，有分 {} 户，平均 {} / {} enterprises, {} with a score  {}",
            it.title.zh,
            it.enterprises,
            it.scored,
            it.mean.map_or_else(|| "-".to_owned(), |it| measure::shown(it, 2)),
            it.enterprises,
            it.scored,
            grades.collect::<Vec<_>>().join("  ")
        ));
    }
    if scores.unplaced > 0 {
        super::say(&format!("    未分组 / in no cohort: {}", scores.unplaced));
    }
}
