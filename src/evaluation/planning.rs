//! What a run finds about plans: how far every parcel's present use conforms, and which low land lies together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::fmt::Write;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use serde::Deserialize;
use serde::Serialize;
use sqlx::PgConnection;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::source::Source;
use crate::judgement::assembly::Barriers;
use crate::judgement::assembly::Terms;
use crate::judgement::assembly::assemble;
use crate::judgement::conformity::Conforms;
use crate::judgement::conformity::Facts;
use crate::judgement::conformity::Hit;
use crate::judgement::conformity::Outcome;
use crate::judgement::conformity::Plan;
use crate::judgement::conformity::Proposal;
use crate::judgement::conformity::Settings;
use crate::judgement::conformity::decide;
use crate::layer::Assembly;
use crate::layer::Conformity;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::overlay::Count;
use crate::overlay::Kept;
use crate::planning::plans::plan_fields;
use crate::planning::queries::assembly;
use crate::planning::queries::overlap;
use crate::planning::queries::overlap::Land;
use crate::planning::queries::overlap::PlanFields;
use crate::planning::queries::run;

use super::overlay;

use super::store;
use super::store::Copy;
use super::store::array;

/// More than both ways of counting may differ by without an overlap: 0.01 m².
const DOUBLED_M2: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// By layer, what is held against plans and how land is put together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Specs {
    pub conformity: IndexMap<String, Conformity>,
    pub assembly: IndexMap<String, Assembly>,
}

impl Specs {
    /// As the folders have them.
    pub fn of(layers: &Layers) -> Self {
        let derived = || layers.of_kind(Kind::Derived);
        Self {
            conformity: derived()
                .filter_map(|it| Some((it.id.clone(), it.conformity.clone()?)))
                .collect(),
            assembly: derived()
                .filter_map(|it| Some((it.id.clone(), it.assembly.clone()?)))
                .collect(),
        }
    }

    /// The reference layers whose rows are read; nothing where there is none of the name any more.
    pub fn layers<'a>(&self, layers: &'a Layers) -> impl Iterator<Item = Option<&'a Layer>> {
        let plans = self.conformity.values().flat_map(Conformity::layers);
        let barriers = self.assembly.values().flat_map(|it| &it.barriers).map(String::as_str);
        let names: BTreeSet<&str> = plans.chain(barriers).collect();
        let found: Vec<_> = names.into_iter().map(|it| layers.find(it)).collect();
        found.into_iter()
    }
}

/// What is held against plans: the parcels and plans of a source, by the measures and verdicts of a run.
#[derive(Debug)]
pub struct Held<'a> {
    /// The run whose measures and verdicts are read, and whose findings are written.
    pub run_id: i64,
    pub source: Source,
    pub projection: &'a str,
    pub specs: Specs,
}

/// By layer and outcome: parcels.
pub type Outcomes = IndexMap<String, BTreeMap<String, super::Count>>;

/// Pieces of land that were put together.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Together {
    pub pieces: usize,
    pub parcels: usize,
    pub area_mu: Decimal,
}

/// Notes which rows of plans and barriers the run reads.
pub(super) async fn note(db: &mut PgConnection, app: &App, held: &Held<'_>) -> sqlx::Result<()> {
    store::note_layers(db, held.run_id, held.specs.layers(&app.layers).flatten()).await
}

/// Holds the run's parcels against the plans, then puts its low ones together: that is ranked by how far they conform.
pub(super) async fn hold(
    db: &mut PgConnection,
    app: &App,
    kept: &mut Kept,
    held: &Held<'_>,
) -> anyhow::Result<(Outcomes, IndexMap<String, Together>)> {
    let (mut outcomes, mut together) = (Outcomes::new(), IndexMap::new());
    for (id, spec) in &held.specs.conformity {
        outcomes.insert(id.clone(), conform(&mut *db, app, kept, (id, spec), held).await?);
    }
    for (id, spec) in &held.specs.assembly {
        together.insert(id.clone(), put_together(&mut *db, app, (id, spec), held).await?);
    }
    Ok((outcomes, together))
}

async fn conform(
    db: &mut PgConnection,
    app: &App,
    kept: &mut Kept,
    (layer, spec): (&str, &Conformity),
    held: &Held<'_>,
) -> anyhow::Result<BTreeMap<String, super::Count>> {
    let Held { run_id, source, projection, .. } = *held;
    let areas = overlap::areas(&mut *db, source, projection, Land::Every).await?;
    let mut plans: HashMap<&str, Option<HashMap<i64, Plan>>> = HashMap::new();
    for id in spec.layers() {
        let Some(plan) = app.layers.find(id) else { continue };
        let found = if overlap::is_empty(&mut *db, (plan, source)).await? {
            None
        } else {
            let fields = plan_fields(spec, plan, &Scope::console()).unwrap_or_default();
            Some(on_parcels(&mut *db, kept, (plan, source), fields, projection).await?)
        };
        plans.insert(id, found);
    }
    let settings = Settings::of(spec);
    let parcels = run::present(&mut *db, source, run_id).await?;
    let columns = "run_id, layer, parcel_id, outcome, broken, undecided, area_m2, protected_m2, outside_m2, plan_use, plan_far, evidence";
    let mut copy = Copy::into(db, "parcel_conformity", columns).await?;
    let mut counts: BTreeMap<String, super::Count> = BTreeMap::new();
    for parcel in parcels {
        let of = |found: &Option<HashMap<i64, Plan>>| {
            let of_one = |it: &HashMap<i64, Plan>| it.get(&parcel.parcel_id).cloned();
            found.as_ref().map_or(Plan::Missing, |it| of_one(it).unwrap_or_else(overlap::nothing))
        };
        let facts = Facts {
            area_m2: areas.get(&parcel.parcel_id).copied().unwrap_or_default(),
            plans: plans.iter().map(|(id, it)| ((*id).to_owned(), of(it))).collect(),
        };
        let present =
            Proposal { land_use: parcel.land_use_code, far: parcel.far, ..Proposal::default() };
        let found = decide(&settings, &present, &facts);
        counts.entry(found.outcome.name().to_owned()).or_default().add(parcel.area_mu);
        let _ = write!(copy.buffer, "{run_id}");
        copy.text(layer);
        let _ = write!(copy.buffer, ",{}", parcel.parcel_id);
        write_row(&mut copy, &found, facts.area_m2)?;
        copy.end_row().await?;
    }
    copy.finish().await?;
    Ok(counts)
}

/// What a plan has on every parcel that it covers, by the engine of the overlay. Where polygons of the plan overlap, the
/// database takes them apart: that is seldom, and then by use.
async fn on_parcels(
    db: &mut PgConnection,
    kept: &mut Kept,
    plan: (&Layer, Source),
    fields: PlanFields<'_>,
    projection: &str,
) -> anyhow::Result<HashMap<i64, Plan>> {
    let plots = overlap::plots(&mut *db, plan, fields).await?;
    let mut found = HashMap::new();
    for hit in overlay::hits_of(&mut *db, plan, kept, Count::Each, projection).await? {
        let mut by_use: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut hits = Vec::new();
        for (id, area) in hit.parts {
            let Some(plot) = plots.get(&id) else { continue };
            let area_m2 = overlap::exact_m2(area)?;
            if let Some(code) = &plot.land_use_code {
                *by_use.entry(code.clone()).or_default() += area_m2;
            }
            hits.push(Hit { area_m2, ..plot.clone() });
        }
        hits.sort_by(|a, b| b.area_m2.cmp(&a.area_m2).then_with(|| a.code.cmp(&b.code)));
        let covered_m2 = hits.iter().map(|it| it.area_m2).sum();
        found.insert(hit.parcel_id, Plan::Known { covered_m2, by_use, hits });
    }
    let mut doubled = Vec::new();
    for hit in overlay::hits_of(&mut *db, plan, kept, Count::Once, projection).await? {
        let once = overlap::exact_m2(hit.parts.iter().map(|it| it.1).sum())?;
        if let Some(Plan::Known { covered_m2, hits, .. }) = found.get_mut(&hit.parcel_id) {
            if hits.len() > 1 && *covered_m2 > once + DOUBLED_M2 {
                doubled.push(hit.parcel_id);
            }
            *covered_m2 = once;
        }
    }
    if !doubled.is_empty() {
        let land = Land::Parcels(&doubled);
        found.extend(overlap::overlaps(&mut *db, plan, fields, projection, land).await?);
    }
    Ok(found)
}

fn write_row(copy: &mut Copy<'_>, found: &Conforms, area_m2: Decimal) -> anyhow::Result<()> {
    let named = |outcomes: &[Outcome]| -> String {
        let clauses = found.clauses.iter().filter(|it| outcomes.contains(&it.outcome));
        let mut names: Vec<String> = clauses.map(|it| it.clause.name().to_owned()).collect();
        names.dedup();
        array(&names)
    };
    copy.text(found.outcome.name());
    copy.text(&named(&[Outcome::Fail, Outcome::NeedsPlanChange]));
    copy.text(&named(&[Outcome::Unknown]));
    copy.decimal(Some(area_m2));
    copy.decimal(found.protected_m2);
    copy.decimal(found.outside_m2);
    match &found.plan_use {
        Some(code) => copy.text(code),
        None => copy.buffer.push(','),
    }
    copy.decimal(found.plan_far);
    copy.text(&serde_json::to_string(&found.clauses)?);
    Ok(())
}

async fn put_together(
    db: &mut PgConnection,
    app: &App,
    (layer, spec): (&str, &Assembly),
    held: &Held<'_>,
) -> anyhow::Result<Together> {
    let Held { run_id, source, projection, .. } = *held;
    let of = (source, run_id);
    let candidates = run::low(&mut *db, of, projection, &spec.verdicts, &spec.conformity).await?;
    let ids: Vec<i64> = candidates.iter().map(|it| it.parcel_id).collect();
    let mut shapes = Vec::new();
    for id in &spec.barriers {
        let Some(barrier) = app.layers.find(id) else { continue };
        shapes.extend(assembly::barriers(&mut *db, (barrier, source), projection, &ids).await?);
    }
    let terms = Terms {
        gap_m: spec.gap_m,
        same_unit: spec.same_unit,
        mu_at_least: Decimal::from_f64(spec.mu_at_least).unwrap_or_default(),
        parcels_at_least: usize::try_from(spec.parcels_at_least)?,
        rank_by: spec.rank_by.clone(),
        holders_known: true,
        fit_known: true,
    };
    let (candidates, found) = tokio::task::spawn_blocking(move || {
        let found = assemble(&candidates, &Barriers::new(shapes), &terms);
        (candidates, found)
    })
    .await?;
    let mut pieces = Together { pieces: found.len(), ..Together::default() };
    for it in &found {
        run::insert(&mut *db, of, layer, &candidates, it).await?;
        pieces.parcels += it.members.len();
        pieces.area_mu += it.area_mu;
    }
    Ok(pieces)
}
