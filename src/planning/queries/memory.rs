//! The same question as [`super::overlap`] asks PostGIS, of parcels of the register, answered by the engine of the overlay: the
//! database hands over outlines, nothing else. Where polygons of a plan overlap on a parcel, which is seldom, the database
//! takes them apart.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use crate::catalog::source::Source;
use crate::db::Reader as Db;
use crate::judgement::conformity::Hit;
use crate::judgement::conformity::Plan;
use crate::layer::Layer;
use crate::overlay::Count;
use crate::overlay::EqualArea;
use crate::overlay::Feature;
use crate::overlay::Outline;
use crate::overlay::Overlay;
use crate::overlay::Reader;

use super::overlap;
use super::overlap::Land;
use super::overlap::PlanFields;

/// More than both ways of counting may differ by without an overlap: 0.01 m².
const DOUBLED_M2: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Parcels in the plane.
#[derive(Debug)]
pub struct Parcels {
    plane: EqualArea,
    ids: Vec<i64>,
    outlines: Vec<Outline>,
}

impl Parcels {
    /// The parcels in force of these ids; nothing where the projection is none that the engine knows.
    pub async fn read(db: &mut Db, ids: &[i64], projection: &str) -> anyhow::Result<Option<Self>> {
        let Some(plane) = EqualArea::from_proj(projection) else { return Ok(None) };
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "select parcel_id, st_asewkb(geom) from mutu.parcel_current where parcel_id = any ($1) order by parcel_id",
        )
        .bind(ids)
        .fetch_all(db)
        .await?;
        let mut read = Self { plane, ids: Vec::new(), outlines: Vec::new() };
        let mut reader = Reader::new(plane);
        for (id, geom) in rows {
            read.ids.push(id);
            read.outlines.push(reader.outline(&geom)?.repaired());
        }
        Ok(Some(read))
    }
}

/// What a plan has on every parcel that it touches, as [`overlap::overlaps`] tells it.
pub async fn overlaps(
    db: &mut Db,
    layer: &Layer,
    fields: PlanFields<'_>,
    projection: &str,
    parcels: &Parcels,
) -> anyhow::Result<HashMap<i64, Plan>> {
    let sql = format!(
        "select l.id, st_asewkb(l.geom) from {} l
         where exists (select from mutu.parcel_current p where p.parcel_id = any ($1) and p.geom && l.geom)
         order by l.id",
        layer.relation()
    );
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(&parcels.ids)
        .fetch_all(&mut *db)
        .await
        .with_context(|| format!("the outlines of layer `{}`", layer.id))?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = rows.iter().map(|it| it.0).collect();
    let plots = overlap::plots_of(&mut *db, layer, fields, &ids).await?;
    let mut reader = Reader::new(parcels.plane);
    let mut features = Vec::with_capacity(rows.len());
    for (nth, (id, geom)) in rows.iter().enumerate() {
        let outline =
            reader.outline(geom).with_context(|| format!("row {id} of `{}`", layer.id))?;
        features.push(Feature { class: u32::try_from(nth)?, outline: Arc::new(outline) });
    }
    let each = Overlay::build(&features, Count::Each).claim(&parcels.outlines);
    for it in &mut features {
        it.class = 0;
    }
    let once = Overlay::build(&features, Count::Once).claim(&parcels.outlines);
    let mut found = HashMap::new();
    let mut doubled = Vec::new();
    for ((parcel, each), once) in parcels.ids.iter().zip(each.iter()).zip(once.iter()) {
        let mut by_use: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut hits = Vec::new();
        for (nth, area) in each {
            let Some(plot) = ids.get(usize::try_from(*nth)?).and_then(|it| plots.get(it)) else {
                continue;
            };
            let area_m2 = overlap::exact_m2(*area)?;
            if let Some(code) = &plot.land_use_code {
                *by_use.entry(code.clone()).or_default() += area_m2;
            }
            hits.push(Hit { area_m2, ..plot.clone() });
        }
        if hits.is_empty() {
            continue;
        }
        hits.sort_by(|a, b| b.area_m2.cmp(&a.area_m2).then_with(|| a.code.cmp(&b.code)));
        let covered_m2 = overlap::exact_m2(once.iter().map(|it| it.1).sum())?;
        let counted: Decimal = hits.iter().map(|it| it.area_m2).sum();
        if hits.len() > 1 && counted > covered_m2 + DOUBLED_M2 {
            doubled.push(*parcel);
        }
        found.insert(*parcel, Plan::Known { covered_m2, by_use, hits });
    }
    if !doubled.is_empty() {
        let land = Land::Parcels(&doubled);
        let of = (layer, Source::Now);
        found.extend(overlap::overlaps(&mut *db, of, fields, projection, land).await?);
    }
    Ok(found)
}
