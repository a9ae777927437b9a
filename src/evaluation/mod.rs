//! An evaluation run: overlay, measures and rules over all parcels for a year, stored with everything they were computed
//! from. The judgement itself is pure and lives in `judgement`; here facts are read, given to it, and results written, in
//! one transaction: a run is whole or not there. What is asked for over HTTP is a job ([`start`]).

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use sqlx::PgConnection;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::catalog::source::Source;
use crate::job::Run;
use crate::job::Stage;
use crate::judgement::measures::MEASURES;
use crate::judgement::overlay::Assignment;
use crate::judgement::workflow::period::Period;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Overlay;
use crate::overlay::Kept;

mod check;
pub mod enterprises;
mod facts;
mod graded;
mod judge;
pub mod outlines;
pub mod overlay;
pub mod period;
mod planning;
pub mod queries;
mod row;
pub mod runs;
pub mod ruleset;
mod shown;

pub mod start;
mod store;
mod threshold;
pub mod verify;

pub use check::check_rules;
pub use start::Evaluations;
pub use threshold::check as check_thresholds;
pub use threshold::of_year;
pub use threshold::thresholds;

pub(crate) use ruleset::Chosen;

/// How often a run begins before imports that overtake it make it give up.
const ATTEMPTS: u32 = 3;

/// What to evaluate.
#[derive(Clone, Debug)]
pub struct Options {
    pub year: i64,
    /// The rule set, where a layer has several; when left out the one in force at the year's end, of several the one that
    /// came into force last.
    pub ruleset: Option<String>,
}

/// What a run found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub run_id: i64,
    pub year: i64,
    pub parcels: usize,
    pub area_mu: Decimal,
    /// By layer and class: parcels and 亩.
    pub classes: IndexMap<String, BTreeMap<String, Count>>,
    pub straddling: IndexMap<String, usize>,
    /// By layer: parcels with no area to overlay, which have no class; layers without such parcels are left out.
    pub unclassed: IndexMap<String, usize>,
    /// Overlays that were not computed, each with the layer that has no polygons.
    pub skipped: IndexMap<String, String>,
    /// By layer and verdict.
    pub verdicts: IndexMap<String, BTreeMap<String, Count>>,
    pub rulesets: IndexMap<String, String>,
    /// By layer and outcome: how far present uses conform to the plans.
    pub conformity: IndexMap<String, BTreeMap<String, Count>>,
    /// By layer: pieces of low-efficiency land that lies together, their parcels and 亩.
    pub assemblies: IndexMap<String, planning::Together>,
    /// Why the map does not show the run by itself: what its verdicts would tell together with those of earlier ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closing_in: Vec<String>,
    /// Parcels without a figure of the year's tax.
    pub without_tax: usize,
    /// How enterprises came off: for who ran it, not for who reads the run.
    #[serde(skip)]
    pub scores: enterprises::Scores,
    pub seconds: f64,
}

/// Parcels and their 亩.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Count {
    pub parcels: usize,
    pub area_mu: Decimal,
}

impl Count {
    fn add(&mut self, area_mu: Option<Decimal>) {
        self.parcels += 1;
        self.area_mu += area_mu.unwrap_or_default();
    }
}

/// Evaluates all parcels and makes the run the current one. An import that ends meanwhile makes it begin again: its result
/// would be of data that is no longer in force.
///
/// Fails, with the database unchanged, when there is no parcel, when the year has no figures although others have, when
/// a rule set is unknown or faulty, when another run takes too long to end, or when imports overtake it time and again.
pub async fn evaluate(
    app: &App,
    scope: &Scope,
    options: &Options,
    progress: &mut dyn FnMut(Stage),
) -> anyhow::Result<Report> {
    evaluate_by(app, scope, options, app.config.scheme.as_deref(), progress).await
}

/// As [`evaluate`], with the scheme that enterprises are scored by; the configured one there.
pub async fn evaluate_by(
    app: &App,
    scope: &Scope,
    options: &Options,
    scheme: Option<&str>,
    progress: &mut dyn FnMut(Stage),
) -> anyhow::Result<Report> {
    evaluate_for(app, scope, options, scheme, None, progress).await
}

/// As [`evaluate_by`], for a job where there is one: then it waits as long as jobs do, and the run is there only if the job
/// was still wanted.
async fn evaluate_for(
    app: &App,
    scope: &Scope,
    options: &Options,
    scheme: Option<&str>,
    job: Option<&Run>,
    progress: &mut dyn FnMut(Stage),
) -> anyhow::Result<Report> {
    let mut attempt = 1;
    loop {
        match attempt_run(app, scope, options, scheme, job, &mut *progress).await {
            Err(error) if attempt < ATTEMPTS && queries::is_overtaken(&error) => attempt += 1,
            done => return done,
        }
    }
}

async fn attempt_run(
    app: &App,
    scope: &Scope,
    options: &Options,
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
    check_year(&mut tx, options.year).await?;
    let chosen = ruleset::choose_all(&mut tx, app, options).await?;
    let job_id = job.map(|it| it.job_id);
    let run_id = insert_run(&mut tx, app, scope, options, &chosen, job_id).await?;
    ruleset::note(&mut tx, run_id, &chosen, scope.recorded_by()).await?;
    let mut report = Report { run_id, year: options.year, ..Report::default() };

    progress(Stage::Overlay);
    let mut kept = app.overlays.take();
    kept.begin_moment();
    let mut classes: IndexMap<&str, Vec<(i64, Assignment)>> = IndexMap::new();
    for layer in app.layers.of_kind(Kind::Derived) {
        if let Some(spec) = &layer.overlay {
            // All land would fall to the remainder class: a guess that looks like a finding.
            if let Some(empty) = overlay::empty_layer(&mut tx, &app.layers, spec).await? {
                report.skipped.insert(layer.id.clone(), empty);
                continue;
            }
            let read = Read { source: Source::Now, projection: &app.config.projection() };
            let assigned = assign(&mut tx, app, read, &mut kept, layer, spec).await?;
            let read = spec.classes.iter().filter_map(|it| app.layers.find(&it.layer));
            store::note_layers(&mut tx, run_id, read).await?;
            store::shares(&mut tx, run_id, &layer.id, &assigned).await?;
            classes.insert(&layer.id, assigned);
        }
    }

    progress(Stage::Measuring);
    let facts = facts::load(&mut tx, Source::Now, options.year, app.config.area_basis).await?;
    let rows = judge::rows(&mut tx, app, Source::Now, &chosen, &facts, &classes).await?;
    progress(Stage::Judging);
    let judged = judge::all(&chosen, &rows);
    progress(Stage::Storing);
    store::measures(&mut tx, run_id, &rows).await?;
    store::years(&mut tx, run_id, options.year, &rows).await?;
    store::contributions(&mut tx, run_id, &facts).await?;
    store::results(&mut tx, run_id, &chosen, &rows, &judged).await?;
    let period = whole(options.year)?;
    report.scores = enterprises::score(&mut tx, app, run_id, period, scheme).await?;
    progress(Stage::Planning);
    let held = planning::Held {
        run_id,
        source: Source::Now,
        projection: &app.config.projection(),
        specs: planning::Specs::of(&app.layers),
    };
    planning::note(&mut tx, app, &held).await?;
    (report.conformity, report.assemblies) = planning::hold(&mut tx, app, &mut kept, &held).await?;
    kept.end_moment();
    app.overlays.keep(kept);
    summarise(&mut report, &classes, &chosen, &rows, &judged);
    report.closing_in =
        shown::closes_in(&mut tx, &app.layers, run_id, shown::Telling::Verdicts).await?;
    let counts = serde_json::to_value(&report)?;
    queries::finish_run(&mut tx, run_id, &counts, report.closing_in.is_empty()).await?;
    for layer in app.layers.of_kind(Kind::Derived) {
        catalog::queries::bump(&mut tx, &app.layers, layer, None, None).await?;
    }
    let event = Event::of(Action::Evaluate, "evaluation_run").with(json!({
        "run_id": run_id,
        "year": options.year,
        "rulesets": report.rulesets,
        "parcels": report.parcels,
    }));
    audit::record(&mut *tx, scope, event).await?;
    match job {
        Some(job) => start::commit(app, job, run_id, tx).await?,
        None => tx.commit().await?,
    }
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

async fn check_year(db: &mut PgConnection, year: i64) -> anyhow::Result<()> {
    if queries::count_parcels(db).await? == 0 {
        bail!(
            "没有宗地：先用 `mutu import FILE --into parcels` 导入 / there are no parcels: `mutu import FILE --into parcels` brings them"
        );
    }
    let years = queries::years_with_figures(db).await?;
    if !years.is_empty() && !years.contains(&year) {
        let list: Vec<String> = years.iter().map(ToString::to_string).collect();
        bail!(
            "{year} 年没有数据，有数据的年份：{list} / {year} has no figures; there are some of {list}",
            list = list.join(", ")
        );
    }
    Ok(())
}

/// The year as a period.
fn whole(year: i64) -> anyhow::Result<Period> {
    let named = i32::try_from(year).ok().and_then(|it| Period::parse(&Period::Year(it).name()));
    named.with_context(|| format!("{year} 不是年份 / is no year"))
}

async fn insert_run(
    db: &mut PgConnection,
    app: &App,
    scope: &Scope,
    options: &Options,
    chosen: &[Chosen<'_>],
    job_id: Option<uuid::Uuid>,
) -> anyhow::Result<i64> {
    let rulesets: serde_json::Map<String, Value> = chosen
        .iter()
        .map(|it| {
            let set = json!({
                "id": it.id,
                "title": {"zh": it.rules.title.zh, "en": it.rules.title.en},
                "legal_basis": {"zh": it.rules.legal_basis, "en": it.rules.legal_basis},
                "text": it.text,
            });
            (it.layer.id.clone(), set)
        })
        .collect();
    let overlays: serde_json::Map<String, Value> = app
        .layers
        .of_kind(Kind::Derived)
        .filter_map(|it| Some((it.id.clone(), serde_json::to_value(it.overlay.as_ref()?).ok()?)))
        .collect();
    let run = queries::NewRun {
        period: whole(options.year)?,
        ruleset: chosen.first().map_or_else(|| "none".to_owned(), |it| it.id.clone()),
        config: json!({
            "rulesets": rulesets,
            "overlays": overlays,
            "planning": planning::Specs::of(&app.layers),
            "measures": MEASURES.iter().map(|it| it.name).collect::<Vec<_>>(),
        }),
        projection: app.config.projection(),
        area_basis: app.config.area_basis.name(),
        recorded_by: scope.recorded_by().to_owned(),
        job_id,
    };
    Ok(queries::insert_run(db, &run).await?)
}

/// Which rows are laid over each other, and in which plane.
#[derive(Clone, Copy)]
struct Read<'a> {
    source: Source,
    projection: &'a str,
}

/// The class of every parcel in one overlay layer.
async fn assign(
    db: &mut PgConnection,
    app: &App,
    read: Read<'_>,
    kept: &mut Kept,
    layer: &Layer,
    spec: &Overlay,
) -> anyhow::Result<Vec<(i64, Assignment)>> {
    let Read { source, projection } = read;
    let officers = match &spec.override_column {
        Some(column) => queries::overrides(db, &app.layers, source, column).await?,
        None => BTreeMap::new(),
    };
    let claimed = overlay::claim_of(db, &app.layers, source, kept, spec, projection).await?;
    let settings = claimed.settings(spec)?;
    let mut assigned = Vec::with_capacity(claimed.parcels.len());
    for parcel in &claimed.parcels {
        let parts: Vec<(&str, Decimal)> = parcel
            .parts
            .iter()
            .map(|(class, area)| (claimed.classes[*class].as_str(), *area))
            .collect();
        let officer = officers.get(&parcel.parcel_id);
        let it = crate::judgement::overlay::assign(
            parcel.area_m2,
            &parts,
            &settings,
            officer.map(String::as_str),
        )
        .with_context(|| format!("图层 / layer `{}`, parcel {}", layer.id, parcel.parcel_id))?;
        let named: Vec<(&str, &str, Decimal)> = parcel
            .named
            .iter()
            .map(|(class, name, area)| {
                (claimed.classes[*class].as_str(), claimed.names[*name].as_str(), *area)
            })
            .collect();
        assigned.push((parcel.parcel_id, it.named(&named)));
    }
    Ok(assigned)
}

fn summarise(
    report: &mut Report,
    classes: &IndexMap<&str, Vec<(i64, Assignment)>>,
    chosen: &[Chosen<'_>],
    rows: &[row::ParcelRow],
    judged: &[Vec<crate::judgement::rule::Judgement>],
) {
    let mu: std::collections::HashMap<i64, Option<Decimal>> =
        rows.iter().map(|it| (it.parcel_id, it.measure("area_mu"))).collect();
    report.parcels = rows.len();
    report.area_mu = mu.values().flatten().sum();
    report.without_tax = rows.iter().filter(|it| it.measure("tax_wan").is_none()).count();
    for (layer, assigned) in classes {
        let counts = report.classes.entry((*layer).to_owned()).or_default();
        for (parcel_id, it) in assigned {
            counts.entry(it.class.clone()).or_default().add(mu.get(parcel_id).copied().flatten());
        }
        let straddling = assigned.iter().filter(|(_, it)| it.straddle).count();
        report.straddling.insert((*layer).to_owned(), straddling);
        if assigned.len() < rows.len() {
            report.unclassed.insert((*layer).to_owned(), rows.len() - assigned.len());
        }
    }
    for (index, set) in chosen.iter().enumerate() {
        report.rulesets.insert(set.layer.id.clone(), set.id.clone());
        let counts = report.verdicts.entry(set.layer.id.clone()).or_default();
        for (row, judgements) in rows.iter().zip(judged) {
            let verdict = judgements[index].verdict.name();
            counts.entry(verdict.to_owned()).or_default().add(row.measure("area_mu"));
        }
    }
}
