//! SQL of evaluation runs.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::PgConnection;

use crate::layer::Layers;

/// How many parcels are in force.
pub async fn count_parcels(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from mutu.parcel_current").fetch_one(db).await
}

/// Years for which anybody reported anything.
pub async fn years_with_figures(db: &mut PgConnection) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "select distinct year from mutu.enterprise_period_current
         union
         select distinct year from mutu.parcel_period_current
         order by 1",
    )
    .fetch_all(db)
    .await
}

/// The classes that officers set.
pub async fn overrides(
    db: &mut PgConnection,
    _layers: &Layers,
) -> sqlx::Result<BTreeMap<i64, String>> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select parcel_id, block_class_override from mutu.parcel_current where block_class_override is not null",
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().collect())
}

/// What a run starts from.
#[derive(Debug)]
pub struct NewRun {
    pub year: i64,
    pub ruleset: String,
    pub config: Value,
    pub projection: String,
    pub area_basis: &'static str,
    pub recorded_by: String,
}

/// Records a run with the revisions of all layers that it reads.
pub async fn insert_run(db: &mut PgConnection, run: &NewRun) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.evaluation_run (year, ruleset, config, layer_revisions, projection, area_basis, recorded_by)
         select $1, $2, $3, coalesce(jsonb_object_agg(layer, revision), '{}'), $4, $5, $6
         from mutu.layer_revision
         returning run_id",
    )
    .bind(run.year)
    .bind(&run.ruleset)
    .bind(&run.config)
    .bind(&run.projection)
    .bind(run.area_basis)
    .bind(&run.recorded_by)
    .fetch_one(db)
    .await
}

/// Ends a run and makes it the one that derived layers show.
pub async fn finish_run(db: &mut PgConnection, run_id: i64, counts: &Value) -> sqlx::Result<()> {
    sqlx::query("update mutu.evaluation_run set finished_at = clock_timestamp(), counts = $2 where run_id = $1")
        .bind(run_id)
        .bind(counts)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into mutu.current_run (run_id) values ($1)
         on conflict (only_one) do update set run_id = excluded.run_id",
    )
    .bind(run_id)
    .execute(&mut *db)
    .await?;
    // Without it the planner thinks the new run empty and joins it row by row.
    sqlx::raw_sql("analyze mutu.parcel_measure, mutu.parcel_result, mutu.parcel_class, mutu.overlay_share, mutu.current_run")
        .execute(db)
        .await?;
    Ok(())
}
