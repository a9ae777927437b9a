//! Low-efficiency land that lies together, for whoever may read the verdicts: asked with terms of one's own, nothing is
//! written.

use std::collections::HashMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::catalog::source::Source;
use crate::cql::sql::Fragment;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::assembly::Barriers;
use crate::judgement::assembly::Candidate;
use crate::judgement::assembly::Cluster;
use crate::judgement::assembly::Terms;
use crate::judgement::assembly::assemble;
use crate::judgement::assembly::pairs;
use crate::judgement::conformity::Outcome;
use crate::layer::Assembly;
use crate::layer::Geometry;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::RankBy;
use crate::parcel;

use super::field_of;
use super::in_own_units;
use super::queries::assembly as queries;
use super::queries::assembly::Columns;
use super::queries::overlap;

/// Parcels of one question.
const CANDIDATES_MAX: usize = 20_000;
/// Pairs of parcels near each other that are looked at: some ten seconds' work at most.
const PAIRS_MAX: usize = 100_000;
/// Pieces of one answer.
const PIECES_MAX: usize = 500;

/// The body of `POST /api/v1/assemblies`: what is left out is as the layer folder has it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AssembliesQuestion")]
pub struct Question {
    /// The derived layer that parcels are chosen from; its verdict `low` chooses, unless a filter does.
    #[serde(default)]
    pub layer: Option<String>,
    /// CQL2 text over that layer.
    #[serde(default)]
    pub filter: Option<String>,
    /// Metres, at most 1,000.
    #[serde(default)]
    pub gap_m: Option<f64>,
    /// Ids of layers of lines or polygons that keep apart; none where the list is empty.
    #[serde(default)]
    pub barriers: Option<Vec<String>>,
    #[serde(default)]
    pub same_unit: Option<bool>,
    #[serde(default)]
    pub mu_at_least: Option<Decimal>,
    #[serde(default)]
    pub parcels_at_least: Option<u32>,
    #[serde(default)]
    pub rank_by: Option<Vec<RankBy>>,
    /// How many pieces are answered, best first; 100 when left out, at most 500.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// The terms that the answer was made with.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AssembliesTerms")]
pub struct Used {
    pub layer: String,
    pub filter: Option<String>,
    pub gap_m: f64,
    pub barriers: Vec<String>,
    pub same_unit: bool,
    pub mu_at_least: Decimal,
    pub parcels_at_least: u32,
    pub rank_by: Vec<RankBy>,
}

/// The answer of `POST /api/v1/assemblies`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AssembliesAnswer")]
pub struct Answer {
    /// The run whose verdicts and measures were read.
    pub run_id: Option<i64>,
    pub year: Option<i64>,
    pub terms: Used,
    /// Whether only parcels of the caller's own units could be chosen.
    pub own_units: bool,
    /// Parcels that were chosen.
    pub candidates: usize,
    /// Pieces that there are, of which the best are answered.
    pub total: usize,
    pub area_mu: Decimal,
    pub assemblies: Vec<Piece>,
    /// Barrier layers without data: across what they would show, parcels may have been put together.
    pub barriers_missing: Vec<String>,
    /// What the caller may not read and the answer does not know therefore.
    pub withheld: Vec<String>,
}

/// Parcels that lie together.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Assembly")]
pub struct Piece {
    pub assembly_code: String,
    pub rank: usize,
    pub area_mu: Decimal,
    pub parcels: usize,
    /// Members without a known area, which `area_mu` does not have.
    pub without_area: usize,
    /// Null where the caller may not read who holds land.
    pub holders: Option<usize>,
    pub without_holder: usize,
    /// The members' area as a share of their convex hull.
    pub compactness: Option<Decimal>,
    /// Shares of the area that conform to the plans, and of which it is not known.
    pub plan_fit: Option<Decimal>,
    pub plan_unknown: Option<Decimal>,
    /// Of all members; null where they have several.
    pub responsible_unit: Option<String>,
    pub members: Vec<Member>,
    pub bbox: Vec<f64>,
    /// GeoJSON, longitude and latitude in degrees.
    pub geometry: Value,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AssemblyMember")]
pub struct Member {
    pub parcel_code: String,
    pub area_mu: Option<Decimal>,
    pub holder_uscc: Option<String>,
    pub outcome: Option<Outcome>,
}

/// The layer that says how land is put together.
fn settings(app: &App) -> Result<&Assembly> {
    let found = app.layers.of_kind(Kind::Derived).find_map(|it| it.assembly.as_ref());
    found.ok_or_else(|| Error::not_now("没有连片图层 / no layer folder has a section `[assembly]`"))
}

/// Puts the land together that the caller may see.
pub async fn answer(app: &App, scope: &Scope, asked: &Question) -> Result<Answer> {
    let spec = settings(app)?;
    let (terms, used) = terms(spec, asked)?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=PIECES_MAX).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{PIECES_MAX}")));
    }
    let layer = app.layer(scope, &used.layer)?;
    if !layer.shows_parcels() {
        let why = format!("不是宗地的派生图层 / `{}` is no derived layer of parcels", layer.id);
        return Err(Error::parameter("layer", why));
    }
    let parcels = app.layer(scope, parcel::LAYER)?;
    let (filter, mut own_units) = filter(layer, scope, asked.filter.as_deref())?;
    let barriers = barrier_layers(app, scope, &used.barriers)?;
    let conformity = app.layers.find(&spec.conformity).filter(|it| it.readable(scope));
    let outcome = conformity.and_then(|it| Some((it, field_of(it, scope, "conformity.outcome")?)));
    let reads = |name: &'static str| parcels.field_for(scope, name).map(|_| name);
    let columns = Columns {
        unit: reads("responsible_unit"),
        holder: reads("holder_uscc"),
        area_mu: field_of(layer, scope, "measure.area_mu"),
        outcome,
    };
    own_units |= in_own_units(layer, scope, "measure.area_mu");
    let terms = Terms {
        holders_known: columns.holder.is_some(),
        fit_known: columns.outcome.is_some(),
        ..terms
    };
    let withheld = withheld(&columns);
    let projection = app.config.projection();
    let mut db = app.db.read(scope).await?;
    db.begin().await?;
    let run = catalog::queries::current_run(&mut db).await?;
    let candidates =
        queries::chosen(&mut db, layer, parcels, filter, columns, &projection, CANDIDATES_MAX)
            .await?;
    if candidates.len() > CANDIDATES_MAX {
        return Err(Error::parameter(
            "filter",
            format!(
                "选中超过 {CANDIDATES_MAX} 宗，请缩小范围 / more than {CANDIDATES_MAX} parcels are chosen: narrow it down"
            ),
        ));
    }
    let ids: Vec<i64> = candidates.iter().map(|it| it.parcel_id).collect();
    let (mut shapes, mut barriers_missing) = (Vec::new(), Vec::new());
    for it in barriers {
        if overlap::is_empty(&mut db, (it, Source::Now)).await? {
            barriers_missing.push(it.id.clone());
        }
        shapes.extend(queries::barriers(&mut db, (it, Source::Now), &projection, &ids).await?);
    }
    if pairs(&candidates, terms.gap_m).len() > PAIRS_MAX {
        return Err(Error::parameter(
            "gap_m",
            "相邻宗地过多，请缩小间距或范围 / too many parcels lie near one another: a smaller gap, or fewer parcels",
        ));
    }
    let (candidates, found) = tokio::task::spawn_blocking(move || {
        let found = assemble(&candidates, &Barriers::new(shapes), &terms);
        (candidates, found)
    })
    .await
    .map_err(|it| Error::Internal(it.into()))?;
    let shown = &found[..found.len().min(limit)];
    let members: Vec<(i64, i64)> = shown
        .iter()
        .flat_map(|it| it.members.iter().map(|member| (it.id, candidates[*member].parcel_id)))
        .collect();
    let mut shapes = queries::shapes(&mut db, parcels, &members).await?;
    db.end().await?;
    Ok(Answer {
        run_id: run.as_ref().map(|it| it.run_id),
        year: run.as_ref().map(|it| it.year),
        terms: used,
        own_units,
        candidates: candidates.len(),
        total: found.len(),
        area_mu: found.iter().map(|it| it.area_mu).sum(),
        assemblies: shown.iter().map(|it| piece(it, &candidates, &mut shapes)).collect(),
        barriers_missing,
        withheld,
    })
}

/// The layers that keep apart.
fn barrier_layers<'a>(app: &'a App, scope: &Scope, ids: &[String]) -> Result<Vec<&'a Layer>> {
    let mut barriers = Vec::new();
    for id in ids {
        let it = app.layer(scope, id)?;
        if it.kind != Kind::Reference || !matches!(it.geometry, Geometry::Line | Geometry::Polygon)
        {
            let why = format!(
                "不是线状或面状参考图层 / `{id}` is no reference layer of lines or polygons"
            );
            return Err(Error::parameter("barriers", why));
        }
        barriers.push(it);
    }
    Ok(barriers)
}

/// What the answer does not know, as the scope may not read it.
fn withheld(columns: &Columns<'_>) -> Vec<String> {
    let kept = [
        ("responsible_unit", columns.unit.is_none()),
        ("holder_uscc", columns.holder.is_none()),
        ("area_mu", columns.area_mu.is_none()),
        ("plan_fit", columns.outcome.is_none()),
    ];
    kept.into_iter().filter(|(_, it)| *it).map(|(name, _)| name.to_owned()).collect()
}

fn piece(
    it: &Cluster,
    candidates: &[Candidate],
    shapes: &mut HashMap<i64, (Value, Vec<f64>)>,
) -> Piece {
    let (geometry, bbox) = shapes.remove(&it.id).unwrap_or_default();
    let members = it.members.iter().map(|it| &candidates[*it]).map(|it| Member {
        parcel_code: it.code.clone(),
        area_mu: it.area_mu,
        holder_uscc: it.holder.clone(),
        outcome: it.outcome,
    });
    Piece {
        assembly_code: it.code.clone(),
        rank: it.rank,
        area_mu: it.area_mu,
        parcels: it.members.len(),
        without_area: it.without_area,
        holders: it.holders,
        without_holder: it.without_holder,
        compactness: it.compactness,
        plan_fit: it.plan_fit,
        plan_unknown: it.plan_unknown,
        responsible_unit: it.unit.clone(),
        members: members.collect(),
        bbox,
        geometry,
    }
}

/// The filter that was asked for, or the verdict; and whether it shows in the own units only.
fn filter(layer: &Layer, scope: &Scope, text: Option<&str>) -> Result<(Fragment, bool)> {
    if let Some(text) = text {
        let (expr, fragment) = catalog::filter::both(layer, scope, text, 2)?;
        let named = crate::cql::properties(&expr);
        let limited = named
            .iter()
            .filter_map(|it| layer.field.get(it))
            .any(|it| layer.is_limited(scope, layer.role_of(it)));
        return Ok((fragment, limited || layer.is_limited(scope, layer.access)));
    }
    let Some(verdict) = field_of(layer, scope, "result.verdict") else {
        let missing =
            !layer.field.values().any(|it| it.column.as_deref() == Some("result.verdict"));
        return Err(if missing {
            Error::parameter(
                "filter",
                "此图层没有判定，请写 `filter` / this layer has no verdict: say with `filter` which parcels",
            )
        } else {
            Error::Forbidden(layer.title.zh.clone())
        });
    };
    let limited = in_own_units(layer, scope, "result.verdict");
    let sql = format!("(t.{verdict} = 'low')");
    Ok((Fragment { sql, values: Vec::new() }, limited || layer.is_limited(scope, layer.access)))
}

fn terms(spec: &Assembly, asked: &Question) -> Result<(Terms, Used)> {
    let gap_m = asked.gap_m.unwrap_or(spec.gap_m);
    if !(0.0..=1_000.0).contains(&gap_m) {
        return Err(Error::parameter("gap_m", "0..1000 (m)"));
    }
    let configured = Decimal::from_f64(spec.mu_at_least).unwrap_or_default();
    let mu_at_least = asked.mu_at_least.unwrap_or(configured);
    if mu_at_least < Decimal::ZERO || mu_at_least > Decimal::from(1_000_000) {
        return Err(Error::parameter("mu_at_least", "0..1000000 (亩 / mu)"));
    }
    let parcels_at_least = asked.parcels_at_least.unwrap_or(spec.parcels_at_least);
    let rank_by = asked.rank_by.clone().unwrap_or_else(|| spec.rank_by.clone());
    if rank_by.is_empty() || rank_by.len() > 4 {
        return Err(Error::parameter("rank_by", "一至四项 / one to four"));
    }
    let barriers = asked.barriers.clone().unwrap_or_else(|| spec.barriers.clone());
    if barriers.len() > 10 {
        return Err(Error::parameter("barriers", "至多十个图层 / at most ten layers"));
    }
    let used = Used {
        layer: asked.layer.clone().unwrap_or_else(|| spec.verdicts.clone()),
        filter: asked.filter.clone(),
        gap_m,
        barriers,
        same_unit: asked.same_unit.unwrap_or(spec.same_unit),
        mu_at_least,
        parcels_at_least,
        rank_by: rank_by.clone(),
    };
    let terms = Terms {
        gap_m,
        same_unit: used.same_unit,
        mu_at_least,
        parcels_at_least: usize::try_from(parcels_at_least).unwrap_or(usize::MAX),
        rank_by,
        holders_known: true,
        fit_known: true,
    };
    Ok((terms, used))
}
