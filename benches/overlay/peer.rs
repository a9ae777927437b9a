//! The same question to PostGIS: parcels projected once, polygons of a class united where they may overlap, divided into
//! small pieces with an index, intersections on all cores.

use std::time::Instant;

use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use super::district::Plan;

/// Seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
    pub parcels: f64,
    pub pieces: f64,
    pub areas: f64,
}

/// What may be set so that every core helps, and nothing is spilled.
const SETTINGS: [&str; 7] = [
    "set max_parallel_workers_per_gather = 8",
    "set parallel_setup_cost = 0",
    "set parallel_tuple_cost = 0",
    "set min_parallel_table_scan_size = 0",
    "set work_mem = '512MB'",
    "set maintenance_work_mem = '512MB'",
    "set jit = off",
];

/// Makes `peer_area (layer, parcel_id, class, area_m2)`.
pub async fn run(db: &mut PgConnection, plans: &[Plan], plane: &str) -> anyhow::Result<Took> {
    for it in SETTINGS {
        sqlx::raw_sql(it).execute(&mut *db).await?;
    }
    sqlx::raw_sql(
        "drop table if exists peer_parcel, peer_piece, peer_area;
         create unlogged table peer_piece (layer text, class text, geom geometry)",
    )
    .execute(&mut *db)
    .await?;
    let mut took = Took::default();
    let project = format!("st_makevalid(st_transform(st_segmentize(geom, 0.0025), '{plane}'))");

    let start = Instant::now();
    let parcels = format!(
        "create unlogged table peer_parcel as
         select parcel_id, plane as geom, st_area(plane) as area_m2
         from (select parcel_id, {project} as plane from mutu.parcel offset 0) it;
         create index on peer_parcel using gist (geom);
         analyze peer_parcel"
    );
    sqlx::raw_sql(AssertSqlSafe(parcels)).execute(&mut *db).await?;
    took.parcels = start.elapsed().as_secs_f64();

    let start = Instant::now();
    for plan in plans {
        let layer = plan.layer;
        let class = if layer == "control_plan" { "land_use_code" } else { "'0'" };
        let shape = if plan.overlaps {
            format!(
                "select {class} as class, st_union({project}) as geom from layer.{layer} group by 1"
            )
        } else {
            format!("select {class} as class, {project} as geom from layer.{layer}")
        };
        let pieces = format!(
            "insert into peer_piece select '{layer}', class, st_subdivide(geom, 96) from ({shape}) it"
        );
        sqlx::raw_sql(AssertSqlSafe(pieces)).execute(&mut *db).await?;
    }
    sqlx::raw_sql("create index on peer_piece using gist (geom); analyze peer_piece")
        .execute(&mut *db)
        .await?;
    took.pieces = start.elapsed().as_secs_f64();

    let start = Instant::now();
    sqlx::raw_sql(
        "create unlogged table peer_area as
         select c.layer, p.parcel_id, c.class,
                sum(case when st_contains(c.geom, p.geom) then p.area_m2
                         else st_area(st_intersection(c.geom, p.geom)) end) as area_m2
         from peer_parcel p
         join peer_piece c on c.geom && p.geom and st_intersects(c.geom, p.geom)
         group by 1, 2, 3",
    )
    .execute(&mut *db)
    .await?;
    took.areas = start.elapsed().as_secs_f64();
    Ok(took)
}
