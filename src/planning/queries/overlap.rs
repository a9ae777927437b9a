//! How much of some land the polygons of a plan cover, in the equal-area plane of the configuration. PostGIS does it;
//! [`overlaps`] and [`areas`] are the whole interface, so that another engine can take over behind them.

use std::collections::BTreeMap;
use std::collections::HashMap;

use anyhow::Context;
use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use geo::MultiPolygon;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::Executor;
use sqlx::Postgres;

use crate::catalog::source::Source;
use crate::cql::write_wkt;
use crate::judgement::conformity::Hit;
use crate::judgement::conformity::Plan;
use crate::layer::Layer;
use crate::measure;

/// Edges longer than this, in degrees (about 250 m), get more vertices before they are projected: they are straight in
/// longitude and latitude, not in the plane.
const LONGEST_EDGE: &str = "0.0025";
/// What a plan's polygon is cut to around the land, in degrees: more than the longest edge, so that none is cut short.
const AROUND: &str = "0.005";

/// Bytes, as they are stored, from which a polygon is cut into pieces first: some 500 vertices.
const LARGE: u32 = 8_000;

/// The land that is held against plans.
#[derive(Clone, Copy, Debug)]
pub enum Land<'a> {
    /// All parcels.
    Every,
    Parcels(&'a [i64]),
    /// One shape, under the number 0.
    Drawn(&'a MultiPolygon<f64>),
}

impl Land<'_> {
    /// A source of `n` and `geom`, with what is bound to `$2`.
    fn sql(self, source: Source) -> String {
        let parcels = source.facts("parcel");
        match self {
            Self::Every => {
                format!("select parcel_id as n, geom from {parcels} p where $2::text is null")
            }
            Self::Parcels(_) => {
                format!(
                    "select parcel_id as n, geom from {parcels} p where parcel_id = any ($2::bigint[])"
                )
            }
            Self::Drawn(_) => {
                "select 0::bigint as n, st_geomfromtext($2::text, 4490) as geom".to_owned()
            }
        }
    }
}

/// Binds a land to `$2` of a query that has its projection.
macro_rules! bound {
    ($query:expr, $land:expr) => {
        match $land {
            Land::Every => $query.bind(None::<&str>),
            Land::Parcels(ids) => $query.bind(ids),
            Land::Drawn(shape) => $query.bind(wkt(shape)),
        }
    };
}

fn wkt(shape: &MultiPolygon<f64>) -> String {
    let mut text = String::new();
    // A string takes whatever is written to it.
    let _ = write_wkt(&geo::Geometry::from(shape.clone()), &mut text);
    text
}

/// A geometry in the plane, its edges as straight as they are in longitude and latitude.
pub(super) fn plane(geom: &str) -> String {
    format!(
        "st_collectionextract(st_makevalid(st_transform(st_segmentize({geom}, {LONGEST_EDGE}), $1)), 3)"
    )
}

/// Which fields of a plan are read.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanFields<'a> {
    pub code: Option<&'a str>,
    pub name: Option<&'a str>,
    pub approval_no: Option<&'a str>,
    pub approved_on: Option<&'a str>,
    pub land_use_code: Option<&'a str>,
    pub far_limit: Option<&'a str>,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    n: i64,
    code: Option<String>,
    name: Option<String>,
    approval_no: Option<String>,
    approved_on: Option<NaiveDate>,
    land_use_code: Option<String>,
    far_limit: Option<Decimal>,
    area_m2: f64,
    covered_m2: f64,
    of_use_m2: f64,
}

/// What is read of a plan's row, under the names of [`Row`].
fn columns(fields: PlanFields<'_>) -> String {
    let column = |name: Option<&str>, sql_type: &str, title: &str| {
        name.map_or(format!("null::{sql_type} as {title}"), |it| format!("l.{it} as {title}"))
    };
    [
        column(fields.code, "text", "code"),
        column(fields.name, "text", "name"),
        column(fields.approval_no, "text", "approval_no"),
        column(fields.approved_on, "date", "approved_on"),
        column(fields.land_use_code, "text", "land_use_code"),
        column(fields.far_limit, "numeric", "far_limit"),
    ]
    .join(", ")
}

#[derive(Debug, sqlx::FromRow)]
struct Plot {
    id: i64,
    code: Option<String>,
    name: Option<String>,
    approval_no: Option<String>,
    approved_on: Option<NaiveDate>,
    land_use_code: Option<String>,
    far_limit: Option<Decimal>,
}

/// The rows of a plan by id, with no area yet.
pub async fn plots<'e, E>(
    db: E,
    (layer, source): (&Layer, Source),
    fields: PlanFields<'_>,
) -> sqlx::Result<HashMap<i64, Hit>>
where
    E: Executor<'e, Database = Postgres>,
{
    let sql = format!("select l.id, {} from {} l", columns(fields), source.of_layer(layer));
    let rows: Vec<Plot> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await?;
    Ok(by_id(rows))
}

/// Those rows of a plan in force that have one of these ids.
pub async fn plots_of<'e, E>(
    db: E,
    layer: &Layer,
    fields: PlanFields<'_>,
    ids: &[i64],
) -> sqlx::Result<HashMap<i64, Hit>>
where
    E: Executor<'e, Database = Postgres>,
{
    let sql = format!(
        "select l.id, {} from {} l where l.id = any ($1)",
        columns(fields),
        layer.relation()
    );
    let rows: Vec<Plot> = sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(db).await?;
    Ok(by_id(rows))
}

fn by_id(rows: Vec<Plot>) -> HashMap<i64, Hit> {
    let hit = |it: Plot| Hit {
        code: it.code,
        name: it.name,
        approval_no: it.approval_no,
        approved_on: it.approved_on,
        land_use_code: it.land_use_code,
        far_limit: it.far_limit,
        area_m2: Decimal::ZERO,
    };
    rows.into_iter().map(|it| (it.id, hit(it))).collect()
}

/// m² of every land, by number. What has no area is 0.
pub async fn areas<'e, E>(
    db: E,
    source: Source,
    projection: &str,
    land: Land<'_>,
) -> anyhow::Result<HashMap<i64, Decimal>>
where
    E: Executor<'e, Database = Postgres>,
{
    let sql = format!("select n, st_area({}) from ({}) s", plane("s.geom"), land.sql(source));
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(projection);
    let rows: Vec<(i64, f64)> =
        bound!(query, land).fetch_all(db).await.context("measuring land")?;
    rows.into_iter().map(|(n, area)| Ok((n, exact_m2(area)?))).collect()
}

/// What a plan has on every land that it touches; on other land it has nothing. Where polygons of the plan overlap, no
/// place counts twice.
pub async fn overlaps<'e, E>(
    db: E,
    (layer, source): (&Layer, Source),
    fields: PlanFields<'_>,
    projection: &str,
    land: Land<'_>,
) -> anyhow::Result<HashMap<i64, Plan>>
where
    E: Executor<'e, Database = Postgres>,
{
    let columns = columns(fields);
    let cut = |alias: &str| {
        let cut = format!("st_clipbybox2d({alias}.geom, st_expand(s.geom, {AROUND})::box2d)");
        plane(&cut)
    };
    let on = "case when st_contains(p.plane, s.plane) then s.plane
                  else st_collectionextract(st_intersection(p.plane, s.plane), 3) end as part";
    let sql = format!(
        "with subject as materialized (
             select n, geom, {own} as plane from ({land}) s
         ),
         -- Large ones in pieces, or each would be read whole for every land in its box.
         piece as materialized (
             select l.id, st_subdivide(case when st_isvalid(l.geom) then l.geom else st_makevalid(l.geom) end, 256) as geom
             from {relation} l
             where pg_column_size(l.geom) > {LARGE} and exists (select from subject s where s.geom && l.geom)
         ),
         cut as (
             select s.n, l.id, {on}
             from subject s
             join {relation} l on l.geom && s.geom
             cross join lateral (select {of_row} as plane offset 0) p
             where pg_column_size(l.geom) <= {LARGE} and not st_isempty(p.plane) and st_intersects(p.plane, s.plane)
             union all
             select s.n, l.id, {on}
             from subject s
             join piece l on l.geom && s.geom
             cross join lateral (select {of_row} as plane offset 0) p
             where not st_isempty(p.plane) and st_intersects(p.plane, s.plane)
         ),
         hit as materialized (
             select n, id, case when count(*) = 1 then (array_agg(part))[1] else st_union(part) end as part
             from cut
             group by n, id
         ),
         named as (
             select h.n, h.id, h.part, {columns}
             from hit h
             join {relation} l on l.id = h.id
             where st_area(h.part) > 0
         )
         select n, code, name, approval_no, approved_on, land_use_code, far_limit,
                st_area(part) as area_m2,
                case when count(*) over (partition by n) = 1 then st_area(part)
                     else st_area(st_union(part) over (partition by n)) end as covered_m2,
                case when count(*) over (partition by n, land_use_code) = 1 then st_area(part)
                     else st_area(st_union(part) over (partition by n, land_use_code)) end as of_use_m2
         from named
         order by n, st_area(part) desc, code, id",
        own = plane("s.geom"),
        of_row = cut("l"),
        land = land.sql(source),
        relation = source.of_layer(layer),
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(projection);
    let rows: Vec<Row> = bound!(query, land)
        .fetch_all(db)
        .await
        .with_context(|| format!("overlaying land and layer `{}`", layer.id))?;
    let mut plans: HashMap<i64, Plan> = HashMap::new();
    for row in rows {
        let plan = plans.entry(row.n).or_insert_with(nothing);
        let Plan::Known { covered_m2, by_use, hits } = plan else { continue };
        *covered_m2 = exact_m2(row.covered_m2)?;
        if let Some(code) = &row.land_use_code {
            by_use.insert(code.clone(), exact_m2(row.of_use_m2)?);
        }
        hits.push(Hit {
            code: row.code,
            name: row.name,
            approval_no: row.approval_no,
            approved_on: row.approved_on,
            land_use_code: row.land_use_code,
            far_limit: row.far_limit,
            area_m2: exact_m2(row.area_m2)?,
        });
    }
    Ok(plans)
}

/// A plan that is there and has nothing on the land.
pub fn nothing() -> Plan {
    Plan::Known { covered_m2: Decimal::ZERO, by_use: BTreeMap::new(), hits: Vec::new() }
}

/// To a millionth of a square metre: the plane's own noise is larger.
pub fn exact_m2(area: f64) -> anyhow::Result<Decimal> {
    measure::decimal_from_f64(area).with_context(|| format!("an area of {area} m²"))
}

/// Whether a layer has no rows.
pub async fn is_empty<'e, E>(db: E, (layer, source): (&Layer, Source)) -> sqlx::Result<bool>
where
    E: Executor<'e, Database = Postgres>,
{
    let sql = format!("select not exists (select from {} l)", source.of_layer(layer));
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(db).await
}

/// A layer's revision, and since when.
pub async fn version<'e, E>(
    db: E,
    layer: &str,
) -> sqlx::Result<Option<(i64, Option<DateTime<Utc>>)>>
where
    E: Executor<'e, Database = Postgres>,
{
    sqlx::query_as("select revision, updated_at from mutu.layer_revision where layer = $1")
        .bind(layer)
        .fetch_optional(db)
        .await
}
