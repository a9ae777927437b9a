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
    let written: String = told()
        .map(|(name, it)| match it.kind {
            FieldType::Decimal => format!("{name}::float8 as {name}, "),
            FieldType::Integer => format!("{name}::bigint as {name}, "),
            _ => format!("{name}, "),
        })
        .collect();
    // Transform the tile, not the rows, or the index on `geom` is not used.
    let (bounds, geom) = match address.grid {
        Grid::WebMercatorQuad => (
            format!(
                "select st_tileenvelope($1::int, $2::int, $3::int) as tile,
                    st_transform(st_tileenvelope($1::int, $2::int, $3::int, margin => {BUFFER}.0 / {EXTENT}), 4490) as area"
            ),
            "st_transform(l.geom, 3857)",
        ),
        _ => (
            format!(
                "select tile, st_expand(tile, side * {BUFFER}.0 / {EXTENT}) as area
                 from (select 360.0 / (1::bigint << $1::int) as side) s,
                      lateral (select st_makeenvelope($2::int * side - 180, 90 - ($3::int + 1) * side,
                                                      ($2::int + 1) * side - 180, 90 - $3::int * side, 4490) as tile) t"
            ),
            "l.geom",
        ),
    };
    let sql = format!(
        "with bounds as ({bounds}),
         drawn as (
             select id, {written}
                    st_asmvtgeom({geom}, bounds.tile, {EXTENT}, {BUFFER}, true) as geom
             from (select id, {fields} geom from {relation} r where {condition}) l, bounds
             where l.geom && bounds.area
         )
         select coalesce(st_asmvt(drawn, '{id}', {EXTENT}, 'geom', 'id' order by drawn.id), ''::bytea)
         from drawn
         where geom is not null",
        relation = layer.relation(),
        condition = filter.map_or("true", |it| it.sql.as_str()),
        id = layer.id,
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
