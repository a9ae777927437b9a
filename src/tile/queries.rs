//! SQL of tiles.

use anyhow::anyhow;
use sqlx::Arguments;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgArguments;

use crate::access::Scope;
use crate::cql::sql::Fragment;
use crate::db::Reader;
use crate::db::bind_values;
use crate::error::Result;
use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Layer;

use super::Address;
use super::BUFFER;
use super::EXTENT;
use super::Grid;

/// The first parameter that is not the tile's own.
pub const FIRST_FREE: usize = 4;

/// One tile of a layer with the fields that the scope may read, as MVT bytes; only rows of the filter, whose parameters
/// begin at [`FIRST_FREE`].
pub async fn tile(
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    address: Address,
    filter: Option<&Fragment>,
) -> Result<Vec<u8>> {
    let told = || layer.fields_for(scope).filter(|(_, it)| it.tile);
    let fields: String = told().map(|(name, _)| format!("{name}, ")).collect();
    // As from memory: numbers, where `numeric` would come out as text.
    let written = |(name, it): (&str, &Field)| match it.kind {
        FieldType::Decimal => format!("{name}::float8 as {name}, "),
        FieldType::Integer => format!("{name}::bigint as {name}, "),
        _ => format!("{name}, "),
    };
    let all: String = told().map(written).collect();
    // Transform the tile, not the rows, or the index on `geom` is not used.
    let (bounds, srid) = match address.grid {
        Grid::WebMercatorQuad => (
            format!(
                "select st_tileenvelope($1::int, $2::int, $3::int) as tile,
                    st_transform(st_tileenvelope($1::int, $2::int, $3::int, margin => {BUFFER}.0 / {EXTENT}), 4490) as area"
            ),
            3857,
        ),
        _ => (
            format!(
                "select tile, st_expand(tile, side * {BUFFER}.0 / {EXTENT}) as area
                 from (select 360.0 / (1::bigint << $1::int) as side) s,
                      lateral (select st_makeenvelope($2::int * side - 180, 90 - ($3::int + 1) * side,
                                                      ($2::int + 1) * side - 180, 90 - $3::int * side, 4490) as tile) t"
            ),
            4490,
        ),
    };
    let labels = layer.labels.as_ref().filter(|it| address.zoom() >= it.min_zoom);
    let (named, names) = match labels {
        Some(it) => {
            let told: Vec<(&str, &Field)> =
                told().filter(|(name, _)| it.fields.iter().any(|it| it == name)).collect();
            let says_something: Vec<String> =
                told.iter().map(|it| format!("{} is not null", it.0)).collect();
            let named = format!(
                ",
         named as (
             select id, {written}
                    st_asmvtgeom(place, tile, {EXTENT}, 0, true) as geom
             from (select l.*, bounds.tile, st_transform(st_pointonsurface(l.geom), {srid}) as place
                   from chosen l, bounds) l
             where ({says_something}) and st_x(place) >= st_xmin(tile) and st_x(place) < st_xmax(tile)
               and st_y(place) > st_ymin(tile) and st_y(place) <= st_ymax(tile)
         )",
                written = told.iter().copied().map(written).collect::<String>(),
                says_something =
                    if told.is_empty() { "false".to_owned() } else { says_something.join(" or ") },
            );
            (named, layer_sql("named", &it.source_layer))
        }
        None => (String::new(), "''::bytea".to_owned()),
    };
    let sql = format!(
        "with bounds as ({bounds}),
         chosen as (
             select l.*
             from (select id, {fields} geom from {relation} r where {condition}) l, bounds
             where l.geom && bounds.area
         ),
         drawn as (
             select id, {all}
                    st_asmvtgeom(st_transform(l.geom, {srid}), bounds.tile, {EXTENT}, {BUFFER}, true) as geom
             from chosen l, bounds
         ){named}
         select {drawn} || {names}",
        relation = layer.relation(),
        condition = filter.map_or("true", |it| it.sql.as_str()),
        drawn = layer_sql("drawn", &layer.id),
    );
    let mut arguments = PgArguments::default();
    for value in [i64::from(address.zoom()), i64::from(address.x), i64::from(address.y)] {
        arguments.add(value).map_err(|it| anyhow!("binding a tile's address: {it}"))?;
    }
    if let Some(it) = filter {
        bind_values(&mut arguments, &it.values)?;
    }
    Ok(sqlx::query_scalar_with(AssertSqlSafe(sql), arguments).fetch_one(&mut *db).await?)
}

/// The rows of a part of the query as a layer of that name.
fn layer_sql(part: &str, name: &str) -> String {
    format!(
        "(select coalesce(st_asmvt({part}, '{name}', {EXTENT}, 'geom', 'id' order by {part}.id), ''::bytea)
          from {part} where geom is not null)"
    )
}
