//! Computes a run once more and compares: parcels and assemblies here, from the rows of facts and plans that it read; enterprises
//! in [`super::enterprises::verify`]. What is computed is laid beside what is stored under the run's number below zero, in a
//! transaction that is rolled back, so the database itself compares the two, rounded alike.

use indexmap::IndexMap;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::app::App;
use crate::catalog::source::Source;
use crate::judgement::measures::Basis;
use crate::judgement::measures::MEASURES;
use crate::judgement::overlay::Assignment;
use crate::judgement::overlay::Source as SetBy;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Overlay;
use crate::overlay::Kept;

use super::Chosen;
use super::Read;
use super::facts;
use super::judge;
use super::planning;
use super::planning::Held;
use super::planning::Specs;
use super::ruleset;

use super::store;

/// How many rows are named of each table.
const NAMED: i64 = 5;

/// The tables that are compared, with what identifies a row.
const TABLES: [(&str, &str); 8] = [
    ("overlay_share", "layer, parcel_id, class"),
    ("parcel_class", "layer, parcel_id"),
    ("parcel_measure", "parcel_id"),
    ("parcel_year", "parcel_id, year"),
    ("parcel_result", "layer, parcel_id"),
    ("parcel_conformity", "layer, parcel_id"),
    ("assembly", "layer, assembly_id"),
    ("assembly_member", "layer, parcel_id"),
];

/// What migration 0026 added.
const ADDED: [&str; 4] =
    ["vacancy", "sector_far_min", "sector_tax_guide_wan_per_mu", "years_tax_below_guide"];

/// What was found of a run's parcels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parcels {
    pub parcels: usize,
    /// Sentences of what is not as it was; empty when all is.
    pub differences: Vec<String>,
    /// What could not be computed again, and why.
    pub unverified: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct RunRow {
    year: i64,
    period: String,
    area_basis: String,
    projection: String,
    config: Value,
}

/// Computes shares, classes, measures and verdicts of a run's parcels again, how far they conform and which lie together. Writes
/// into the transaction, which must be
/// rolled back.
pub(super) async fn parcels(
    db: &mut PgConnection,
    app: &App,
    run_id: i64,
) -> anyhow::Result<Parcels> {
    let run: RunRow = sqlx::query_as(
        "select year, period, area_basis, projection, config from mutu.evaluation_run where run_id = $1",
    )
    .bind(run_id)
    .fetch_one(&mut *db)
    .await?;
    let mut found = Parcels::default();
    // A run of a part of a year is one of enterprises.
    if run.period != run.year.to_string() {
        return Ok(found);
    }
    let Some(chosen) = chosen(app, &run, &mut found) else { return Ok(found) };
    let again = -run_id;
    sqlx::query(
        "insert into mutu.evaluation_run
             (run_id, year, ruleset, config, layer_revisions, projection, area_basis, recorded_by)
         overriding system value
         select $2, year, ruleset, config, layer_revisions, projection, area_basis, recorded_by
         from mutu.evaluation_run where run_id = $1",
    )
    .bind(run_id)
    .bind(again)
    .execute(&mut *db)
    .await?;
    let source = Source::Run(run_id);
    let mut kept = Kept::default();
    let mut classes: IndexMap<&str, Vec<(i64, Assignment)>> = IndexMap::new();
    let mut computed: Vec<&str> = chosen.iter().map(|it| it.layer.id.as_str()).collect();
    for layer in app.layers.of_kind(Kind::Derived).filter(|it| it.overlay.is_some()) {
        let stored = stored_classes(db, run_id, &layer.id).await?;
        let spec = serde_json::from_value::<Overlay>(run.config["overlays"][&layer.id].clone());
        let (Ok(spec), false) = (spec, stored.is_empty()) else { continue };
        let read = spec.classes.iter().map(|it| app.layers.find(&it.layer));
        let assigned = if knows_polygons(db, run_id, read).await? {
            let read = Read { source, projection: &run.projection };
            let assigned = super::assign(db, app, read, &mut kept, layer, &spec).await?;
            store::shares(db, again, &layer.id, &assigned).await?;
            computed.push(&layer.id);
            assigned
        } else {
            found.unverified.push(format!(
                "图层 {id} 的分类只核对摘要：此评价未记录所读图斑 / the classes of `{id}` are compared by digest only: the run did not note which polygons it read",
                id = layer.id
            ));
            stored
        };
        classes.insert(&layer.id, assigned);
    }
    let basis =
        if run.area_basis == Basis::Measured.name() { Basis::Measured } else { Basis::Registered };
    let facts = facts::load(db, source, run.year, basis).await?;
    let rows = judge::rows(db, app, source, &chosen, &facts, &classes).await?;
    let judged = judge::all(&chosen, &rows);
    store::measures(db, again, &rows).await?;
    store::years(db, again, run.year, &rows).await?;
    store::results(db, again, &chosen, &rows, &judged).await?;
    found.parcels = rows.len();
    let specs = planned(db, app, run_id, &run, &mut found).await?;
    let held = Held { run_id: again, source, projection: &run.projection, specs };
    planning::hold(db, app, &mut kept, &held).await?;
    computed
        .extend(held.specs.conformity.keys().chain(held.specs.assembly.keys()).map(String::as_str));
    let later = later(&run);
    for (table, key) in TABLES {
        let differing = compare(db, run_id, (table, key), &computed, &later).await?;
        found.differences.extend(differing);
    }
    Ok(found)
}

/// Measures that there were not yet when the run was made.
fn later(run: &RunRow) -> Vec<&'static str> {
    let names: Option<Vec<&str>> =
        run.config["measures"].as_array().map(|it| it.iter().filter_map(Value::as_str).collect());
    let was = |name: &str| match &names {
        Some(names) => names.contains(&name),
        // Runs noted their measures from migration 0026 on, which added these.
        None => !ADDED.contains(&name),
    };
    MEASURES.iter().map(|it| it.name).filter(|it| !was(it)).collect()
}

/// The rule sets by the texts that the run stored; nothing where one can be read no more.
fn chosen<'a>(app: &'a App, run: &RunRow, found: &mut Parcels) -> Option<Vec<Chosen<'a>>> {
    let mut all = Vec::new();
    for (id, set) in run.config["rulesets"].as_object().into_iter().flatten() {
        let text = set["text"].as_str().unwrap_or_default();
        let read = app.layers.find(id).zip(ruleset::read(&app.layers, text, run.year).ok());
        let Some((layer, rules)) = read else {
            found.unverified.push(format!(
                "图层 {id} 或其规则文本已无法读取，宗地只核对摘要 / the layer `{id}` or the text of its rules can be read no more: parcels are compared by digest only"
            ));
            return None;
        };
        all.push(Chosen {
            layer,
            id: set["id"].as_str().unwrap_or_default().to_owned(),
            text: text.to_owned(),
            rule_set_id: None,
            rules,
        });
    }
    Some(all)
}

/// What the run held against plans and how it put land together, as far as it can be computed again: of the rest it is said.
async fn planned(
    db: &mut PgConnection,
    app: &App,
    run_id: i64,
    run: &RunRow,
    found: &mut Parcels,
) -> anyhow::Result<Specs> {
    let Ok(specs) = serde_json::from_value::<Specs>(run.config["planning"].clone()) else {
        found.unverified.push(
            "规划符合性与连片只核对摘要：此评价未记录当时的设置 / conformity and assemblies are compared by digest only: the run did not note by which settings they were found"
                .to_owned(),
        );
        return Ok(Specs::default());
    };
    if knows_polygons(db, run_id, specs.layers(&app.layers)).await? {
        return Ok(specs);
    }
    found.unverified.push(
        "规划符合性与连片只核对摘要：此评价未记录所读规划与分隔图层 / conformity and assemblies are compared by digest only: the run did not note which plans and barriers it read"
            .to_owned(),
    );
    Ok(Specs::default())
}

/// Whether the run noted which rows of every one of the layers it read.
async fn knows_polygons(
    db: &mut PgConnection,
    run_id: i64,
    layers: impl Iterator<Item = Option<&Layer>>,
) -> anyhow::Result<bool> {
    let Some(layers) = layers.collect::<Option<Vec<_>>>() else { return Ok(false) };
    let tables: Vec<String> = layers.iter().map(|it| it.stored()).collect();
    Ok(sqlx::query_scalar(
        "select not exists (
             select from unnest($2::text[]) it
             where not exists (select from mutu.run_fact where run_id = $1 and relation = it))",
    )
    .bind(run_id)
    .bind(tables)
    .fetch_one(db)
    .await?)
}

/// The classes as the run stored them, without their shares.
async fn stored_classes(
    db: &mut PgConnection,
    run_id: i64,
    layer: &str,
) -> sqlx::Result<Vec<(i64, Assignment)>> {
    let rows: Vec<(i64, String, bool, String)> = sqlx::query_as(
        "select parcel_id, class, straddle, source from mutu.parcel_class
         where run_id = $1 and layer = $2 order by parcel_id",
    )
    .bind(run_id)
    .bind(layer)
    .fetch_all(db)
    .await?;
    let all = rows.into_iter().map(|(parcel_id, class, straddle, source)| {
        let source = if source == "officer" { SetBy::Officer } else { SetBy::Overlay };
        (parcel_id, Assignment { shares: Vec::new(), class, straddle, source, name: None })
    });
    Ok(all.collect())
}

#[derive(sqlx::FromRow)]
struct Differing {
    id: i64,
    code: Option<String>,
    was: Option<Value>,
    now: Option<Value>,
    of: i64,
}

/// Lays the stored rows of a table beside the computed ones; a sentence where some differ, with the first of them.
async fn compare(
    db: &mut PgConnection,
    run_id: i64,
    (table, key): (&str, &str),
    computed: &[&str],
    later: &[&str],
) -> sqlx::Result<Option<String>> {
    let only = if key.starts_with("layer") { "and layer = any ($3)" } else { "and $3 is not null" };
    let rows = format!(
        "select {key}, to_jsonb(it) - 'run_id' - $4::text[] as row from mutu.{table} it where run_id = $1 {only}"
    );
    let sql = format!(
        "select it.id, was.row as was, now.row as now, count(*) over () as of, {code} as code
         from ({was}) was
         full join ({now}) now using ({key})
         cross join lateral (select {id} as id) it
         where was.row is distinct from now.row
         order by {key} limit {NAMED}",
        was = rows,
        id = if table == "assembly" { "assembly_id" } else { "parcel_id" },
        code = if table == "assembly" {
            "coalesce(was.row, now.row) ->> 'assembly_code'"
        } else {
            "(select v.parcel_code from mutu.parcel v where v.parcel_id = it.id order by v.row_id desc limit 1)"
        },
        now = rows.replace("$1", "$2"),
    );
    let differing: Vec<Differing> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(run_id)
        .bind(-run_id)
        .bind(computed)
        .bind(later)
        .fetch_all(db)
        .await?;
    let Some(first) = differing.first() else { return Ok(None) };
    let named: Vec<String> = differing.iter().map(Differing::told).collect();
    Ok(Some(format!(
        "表 {table} 与重算不符 {n} 行：{named} / of {table} {n} rows are not what they are computed to: {named}",
        n = first.of,
        named = named.join("; "),
    )))
}

impl Differing {
    /// The parcel, or the piece of land, and what of it is stored and computed.
    fn told(&self) -> String {
        let code = self.code.clone().unwrap_or_else(|| self.id.to_string());
        let (was, now) = match (&self.was, &self.now) {
            (Some(was), Some(now)) => (was, now),
            (Some(_), None) => return format!("{code} (stored, not computed)"),
            _ => return format!("{code} (computed, not stored)"),
        };
        let members = was.as_object().into_iter().chain(now.as_object()).flatten();
        let mut names: Vec<&String> =
            members.map(|it| it.0).filter(|it| was[*it] != now[*it]).collect();
        names.sort_unstable();
        names.dedup();
        let all =
            names.iter().map(|it| format!("{it} {} → {}", short(&was[*it]), short(&now[*it])));
        format!("{code} {}", all.collect::<Vec<_>>().join(", "))
    }
}

/// The beginning of a value.
fn short(it: &Value) -> String {
    let text = it.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
