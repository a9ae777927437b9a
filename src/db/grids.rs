//! Local grids of the configuration, as PostGIS has to know them before it can project into them.

use anyhow::Context;
use anyhow::ensure;
use sqlx::PgPool;

use crate::crs::grid::Known;

/// What two PROJs may differ by, metres.
const NEAR: f64 = 0.001;

/// Writes the grids into PostGIS's own list where they are missing there or differ, and checks that it projects a place of
/// the district to where GDAL does.
pub async fn keep(owner: &PgPool, grids: &[Known]) -> anyhow::Result<()> {
    for grid in grids {
        let at = || format!("[[crs]] code = {}", grid.code);
        let code = i32::try_from(grid.code)?;
        let is_proj = grid.definition.starts_with('+');
        let (wkt, proj) = if is_proj { ("", &*grid.definition) } else { (&*grid.definition, "") };
        sqlx::query(
            "insert into spatial_ref_sys (srid, srtext, proj4text)
             select $1, $2, $3
             where not exists (
                 select from spatial_ref_sys where srid = $1 and srtext = $2 and proj4text = $3 and auth_name is null)
             on conflict (srid) do update
             set auth_name = null, auth_srid = null, srtext = excluded.srtext, proj4text = excluded.proj4text",
        )
        .bind(code)
        .bind(wkt)
        .bind(proj)
        .execute(owner)
        .await
        .context(
            "无法写入 spatial_ref_sys：请授予数据库用户 insert、update / spatial_ref_sys cannot be written: grant insert, update on it to the user of DATABASE_URL",
        )
        .with_context(at)?;
        let ([lon, lat], [x, y]) = grid.probe;
        let (east, north): (f64, f64) = sqlx::query_as(
            "select st_x(p), st_y(p)
             from st_transform(st_setsrid(st_makepoint($2, $3), 4490), $1) p",
        )
        .bind(code)
        .bind(lon)
        .bind(lat)
        .fetch_one(owner)
        .await
        .context("PostGIS 不能使用此定义 / PostGIS cannot use this definition")
        .with_context(at)?;
        let off = (east - x).hypot(north - y);
        ensure!(
            off < NEAR,
            "{}: PostGIS 与 GDAL 的换算相差 {off:.3} 米，请改用更明确的定义 / PostGIS and GDAL differ by {off:.3} m: give a definition that says its ellipsoid and shift",
            at()
        );
    }
    Ok(())
}
