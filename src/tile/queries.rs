//! SQL of tiles.

use sqlx::AssertSqlSafe;
use sqlx::PgPool;

use crate::access::Scope;
use crate::layer::Layer;

use super::Address;
use super::BUFFER;
use super::EXTENT;

/// One tile of a layer with the fields that the scope may read, as MVT bytes.
pub async fn tile(
    db: &PgPool,
    scope: &Scope,
    layer: &Layer,
    address: Address,
) -> sqlx::Result<Vec<u8>> {
    let fields: String = layer
        .fields_for(scope)
        .filter(|(_, it)| it.tile)
        .map(|(name, _)| format!("l.{name}, "))
        .collect();
    // Transform the tile, not the rows, or the index on `geom` is not used.
    let sql = format!(
        "with bounds as (
             select st_tileenvelope($1, $2, $3) as tile,
                    st_transform(st_tileenvelope($1, $2, $3, margin => {BUFFER}.0 / {EXTENT}), 4490) as area
         ),
         drawn as (
             select l.id, {fields}
                    st_asmvtgeom(st_transform(l.geom, 3857), bounds.tile, {EXTENT}, {BUFFER}, true) as geom
             from {relation} l, bounds
             where l.geom && bounds.area
         )
         select coalesce(st_asmvt(drawn, '{id}', {EXTENT}, 'geom', 'id'), ''::bytea)
         from drawn
         where geom is not null",
        relation = layer.relation(),
        id = layer.id,
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(i32::from(address.z))
        .bind(i32::try_from(address.x).unwrap_or(i32::MAX))
        .bind(i32::try_from(address.y).unwrap_or(i32::MAX))
        .fetch_one(db)
        .await
}
