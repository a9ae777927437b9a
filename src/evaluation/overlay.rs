//! How much of each parcel the polygons of each class claim, in the equal-area plane of the configuration. PostGIS does
//! it today; [`claim`] is the whole interface, so that a faster engine can take over behind it.

use std::collections::BTreeMap;

use anyhow::Context;
use indexmap::IndexSet;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::judgement::overlay::Settings;
use crate::layer::Layers;
use crate::layer::Overlay;
use crate::measure;

/// Edges longer than this, in degrees (about 250 m), get more vertices before they are projected: they are straight in
/// longitude and latitude, not in the plane.
const LONGEST_EDGE: &str = "0.0025";

/// What the classes claim of all parcels.
#[derive(Debug, Default)]
pub struct Claimed {
    /// In order of precedence, without the remainder.
    pub classes: Vec<String>,
    pub parcels: Vec<ClaimedParcel>,
}

/// What the classes claim of one parcel.
#[derive(Debug)]
pub struct ClaimedParcel {
    pub parcel_id: i64,
    /// m², in the same plane as the parts.
    pub area_m2: Decimal,
    /// Index into the classes, and m².
    pub parts: Vec<(usize, Decimal)>,
}

impl Claimed {
    /// The settings of the assignment, from the folder's overlay and the classes found.
    pub fn settings(&self, spec: &Overlay) -> anyhow::Result<Settings> {
        let exact = |name: &str, it: f64| {
            Decimal::from_f64(it).with_context(|| format!("overlay.{name} = {it}"))
        };
        Ok(Settings {
            classes: self.classes.clone(),
            remainder: spec.remainder.clone(),
            officer_only: spec.officer_classes.clone(),
            share_at_least: exact("share_at_least", spec.share_at_least)?,
            sliver_m2: exact("sliver_m2", spec.sliver_m2)?,
            sliver_share: exact("sliver_share", spec.sliver_share)?,
        })
    }
}

/// The first of the overlay's layers that has no rows yet.
pub async fn empty_layer(
    db: &mut PgConnection,
    layers: &Layers,
    spec: &Overlay,
) -> sqlx::Result<Option<String>> {
    for class in &spec.classes {
        let Some(layer) = layers.find(&class.layer) else { continue };
        let sql = format!("select not exists (select from {} l)", layer.relation());
        if sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *db).await? {
            return Ok(Some(layer.id.clone()));
        }
    }
    Ok(None)
}

/// Measures, for every current parcel, the part that each class claims: polygons of a class are united first, and what an
/// earlier class claimed is no longer there for a later one, so nothing counts twice.
pub async fn claim(
    db: &mut PgConnection,
    layers: &Layers,
    spec: &Overlay,
    projection: &str,
) -> anyhow::Result<Claimed> {
    project_parcels(db, projection).await?;
    sqlx::raw_sql(
        "drop table if exists overlay_piece;
         create temporary table overlay_piece (class int not null, geom geometry not null) on commit drop",
    )
    .execute(&mut *db)
    .await?;
    let mut classes = IndexSet::new();
    for class in &spec.classes {
        let layer =
            layers.find(&class.layer).with_context(|| format!("no layer `{}`", class.layer))?;
        let relation = layer.relation();
        match (&class.class, &class.class_field) {
            (Some(name), _) => {
                let (index, _) = classes.insert_full(name.clone());
                claim_pieces(
                    db,
                    index,
                    &format!("select geom from {relation} l where true or $2 = ''"),
                    name,
                    projection,
                )
                .await?;
            }
            (None, Some(field)) => {
                let sql = format!(
                    "select distinct {field}::text from {relation} l where {field} is not null order by 1"
                );
                let names: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *db).await?;
                for name in names {
                    let (index, _) = classes.insert_full(name.clone());
                    let sql = format!("select geom from {relation} l where {field}::text = $2");
                    claim_pieces(db, index, &sql, &name, projection).await?;
                }
            }
            (None, None) => {}
        }
    }
    sqlx::raw_sql("create index on overlay_piece using gist (geom); analyze overlay_piece")
        .execute(&mut *db)
        .await?;
    let parts: Vec<(i64, i32, f64)> = sqlx::query_as(
        "select p.parcel_id, c.class,
                sum(case when st_contains(c.geom, p.geom) then p.area_m2 else st_area(st_intersection(c.geom, p.geom)) end)
         from overlay_parcel p
         join overlay_piece c on c.geom && p.geom and st_intersects(c.geom, p.geom)
         group by 1, 2
         order by 1, 2",
    )
    .fetch_all(&mut *db)
    .await
    .context("intersecting parcels and classes")?;
    let parcels: Vec<(i64, f64)> =
        sqlx::query_as("select parcel_id, area_m2 from overlay_parcel order by 1")
            .fetch_all(&mut *db)
            .await?;
    let mut by_parcel: BTreeMap<i64, Vec<(usize, Decimal)>> = BTreeMap::new();
    for (parcel_id, class, area) in parts {
        let class = usize::try_from(class).context("a class's index")?;
        by_parcel.entry(parcel_id).or_default().push((class, exact_m2(area)?));
    }
    let parcels = parcels.into_iter().map(|(parcel_id, area)| {
        let parts = by_parcel.remove(&parcel_id).unwrap_or_default();
        Ok(ClaimedParcel { parcel_id, area_m2: exact_m2(area)?, parts })
    });
    Ok(Claimed {
        classes: classes.into_iter().collect(),
        parcels: parcels.collect::<anyhow::Result<_>>()?,
    })
}

/// All current parcels in the plane, once a transaction: several overlays share them. A parcel with no area to share out
/// (less than a millionth of a square metre) has no class; the run's report counts those.
async fn project_parcels(db: &mut PgConnection, projection: &str) -> anyhow::Result<()> {
    let there: bool =
        sqlx::query_scalar("select to_regclass('pg_temp.overlay_parcel') is not null")
            .fetch_one(&mut *db)
            .await?;
    if there {
        return Ok(());
    }
    sqlx::raw_sql(
        "create temporary table overlay_parcel (parcel_id bigint, geom geometry, area_m2 double precision) on commit drop",
    )
    .execute(&mut *db)
    .await?;
    let sql = format!(
        "insert into overlay_parcel
         select parcel_id, plane, st_area(plane)
         from mutu.parcel_current p,
              lateral (select st_collectionextract(
                  st_makevalid(st_transform(st_segmentize(p.geom, {LONGEST_EDGE}), $1)), 3) as plane) it
         where st_area(plane) >= 0.000001 and st_area(plane) < 'infinity'"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(projection)
        .execute(&mut *db)
        .await
        .context("projecting the parcels")?;
    sqlx::raw_sql("create index on overlay_parcel using gist (geom); analyze overlay_parcel")
        .execute(&mut *db)
        .await?;
    Ok(())
}

/// The united polygons of one class, less what is claimed already, cut into small pieces. `select` yields `geom` and may
/// use `$2`, the class's name.
async fn claim_pieces(
    db: &mut PgConnection,
    index: usize,
    select: &str,
    name: &str,
    projection: &str,
) -> anyhow::Result<()> {
    let sql = format!(
        "with united as (
             select st_union(st_collectionextract(
                 st_makevalid(st_transform(st_segmentize(geom, {LONGEST_EDGE}), $1)), 3)) as geom
             from ({select}) it
         ),
         claimed as (
             select st_union(geom) as geom from overlay_piece
         ),
         mine as (
             select case when claimed.geom is null then united.geom
                         else st_difference(united.geom, claimed.geom) end as geom
             from united, claimed
         )
         insert into overlay_piece
         select $3, piece
         from mine, lateral st_subdivide(st_collectionextract(mine.geom, 3), 96) as piece
         where not st_isempty(mine.geom)"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(projection)
        .bind(name)
        .bind(i32::try_from(index)?)
        .execute(db)
        .await
        .with_context(|| format!("uniting the polygons of class `{name}`"))?;
    Ok(())
}

/// To a millionth of a square metre: the plane's own noise is larger.
fn exact_m2(area: f64) -> anyhow::Result<Decimal> {
    measure::decimal_from_f64(area).with_context(|| format!("an area of {area} m²"))
}
