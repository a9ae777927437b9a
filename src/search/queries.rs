//! SQL of search.

use sqlx::AssertSqlSafe;

use crate::db::Reader;
use crate::layer::Layer;

use super::Place;

/// A found row with its place.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    pub label: String,
    pub detail: Option<String>,
    pub parcel_code: Option<String>,
    pub x: f64,
    pub y: f64,
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

/// Which texts of a parcel may be searched and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts {
    pub name: bool,
    pub address: bool,
}

/// `%` and `_` in what people type stand for themselves.
fn pattern(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Parcels whose code is, begins with or ends with the text, or whose readable texts contain it; best first.
pub async fn parcels(
    db: &mut Reader,
    layer: &Layer,
    readable: Texts,
    text: &str,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    // A text that is not readable is not named either: the reader's role has no right to the column.
    let name = if readable.name { "name" } else { "null::text" };
    let address = if readable.address { "address" } else { "null::text" };
    let sql = format!(
        "with parcel as not materialized (
             select parcel_code, {name} as name, {address} as address, geom from {relation}
         ),
         found as (
             select parcel_code, name, geom, 0 as rank from parcel where parcel_code = $1
             union all
             (select parcel_code, name, geom, 1 from parcel where reverse(parcel_code) like $4 || '%' limit $3)
             union all
             (select parcel_code, name, geom, 2 from parcel where parcel_code like $2 || '%' limit $3)
             union all
             (select parcel_code, name, geom, 3 from parcel
              where name ilike '%' || $2 || '%' or address ilike '%' || $2 || '%' limit $3)
         ),
         best as (
             select distinct on (parcel_code) * from found order by parcel_code, rank
         )
         select parcel_code as label, name as detail, parcel_code,
                st_x(st_pointonsurface(geom)) as x, st_y(st_pointonsurface(geom)) as y,
                st_xmin(geom) as west, st_ymin(geom) as south, st_xmax(geom) as east, st_ymax(geom) as north
         from best
         order by rank, parcel_code
         limit $3",
        relation = layer.relation(),
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(text)
        .bind(pattern(text))
        .bind(limit)
        // Turned round first: a backslash must stay before what it escapes.
        .bind(pattern(&text.chars().rev().collect::<String>()))
        .fetch_all(db)
        .await
}

/// Enterprises by name or credit code, at the registered parcel where they hold most land. One that holds none has no
/// place on the map and is not found.
pub async fn enterprises(
    db: &mut Reader,
    parcels: &Layer,
    text: &str,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let sql = format!(
        "with found as (
             select uscc, name from mutu.enterprise_current
             where uscc = $1 or uscc like $2 || '%' or name ilike '%' || $2 || '%'
         )
         select f.name as label, f.uscc as detail, p.parcel_code,
                st_x(st_pointonsurface(p.geom)) as x, st_y(st_pointonsurface(p.geom)) as y,
                st_xmin(p.geom) as west, st_ymin(p.geom) as south, st_xmax(p.geom) as east, st_ymax(p.geom) as north
         from found f
         join lateral (
             select p.parcel_code, p.geom
             from mutu.occupancy_current o
             join {parcels} p using (parcel_code)
             where o.uscc = f.uscc
             order by o.land_m2 desc nulls last, o.parcel_code
             limit 1
         ) p on true
         order by f.uscc = $1 desc, f.name, f.uscc
         limit $3",
        parcels = parcels.relation(),
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(text)
        .bind(pattern(text))
        .bind(limit)
        .fetch_all(db)
        .await
}

/// Towns by name or code, from the layer of towns.
pub async fn towns(db: &mut Reader, text: &str, limit: i64) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(
        "select name as label, code as detail, null::text as parcel_code,
                st_x(st_pointonsurface(geom)) as x, st_y(st_pointonsurface(geom)) as y,
                st_xmin(geom) as west, st_ymin(geom) as south, st_xmax(geom) as east, st_ymax(geom) as north
         from layer.towns_in_force
         where (code = $1 or name ilike '%' || $2 || '%')
         order by name
         limit $3",
    )
    .bind(text)
    .bind(pattern(text))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Longitude and latitude of a place.
pub async fn degrees(db: &mut Reader, place: Place) -> sqlx::Result<[f64; 2]> {
    match place {
        Place::Degrees(lon, lat) => Ok([lon, lat]),
        Place::Metres(epsg, east, north) => {
            let (lon, lat): (f64, f64) = sqlx::query_as(
                "select st_x(it), st_y(it)
                 from st_transform(st_setsrid(st_makepoint($1, $2), $3), 4490) as it",
            )
            .bind(east)
            .bind(north)
            .bind(epsg)
            .fetch_one(db)
            .await?;
            Ok([lon, lat])
        }
    }
}
