//! `mutu evaluate`.

use clap::Args;

use crate::access::Scope;
use crate::app::App;
use crate::config::Config;
use crate::evaluation;
use crate::evaluation::Count;
use crate::evaluation::Report;
use crate::measure;

#[derive(Args)]
pub(super) struct Evaluate {
    /// The year whose figures are judged.
    #[arg(long)]
    year: i64,
    /// A rule set by its file's name, where a layer has several.
    #[arg(long, value_name = "ID")]
    ruleset: Option<String>,
}

impl Evaluate {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let app = super::open(config).await?;
        let options = evaluation::Options { year: self.year, ruleset: self.ruleset };
        let done = run(&app, &options).await;
        app.close().await?;
        done
    }
}

/// Evaluates and prints what was found.
pub(super) async fn run(app: &App, options: &evaluation::Options) -> anyhow::Result<()> {
    let bar = super::progress("评价 / evaluating");
    let report = evaluation::evaluate(app, &Scope::console(), options, &mut |step| {
        bar.set_message(step.to_owned());
    })
    .await;
    bar.finish_and_clear();
    print(app, &report?);
    Ok(())
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
    super::say(&format!("  缺税收数据 / without a tax figure: {}", report.without_tax));
}
