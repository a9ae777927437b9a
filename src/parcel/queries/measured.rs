//! SQL of the measures of a parcel and of where they come from.

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::Row;

use crate::access::Scope;
use crate::db::Reader;
use crate::judgement::measures::MEASURES;
use crate::layer::Layers;

/// All measures of a run, in the catalogue's order; null for those that the scope may not read. Nothing where the run did not
/// know the parcel.
pub async fn values(
    db: &mut Reader,
    scope: &Scope,
    layers: &Layers,
    run_id: i64,
    parcel_id: i64,
) -> sqlx::Result<Option<Vec<Option<Decimal>>>> {
    let names: Vec<&str> = MEASURES.iter().map(|it| it.name).collect();
    let sql = format!(
        "select {} from mutu.parcel_measure where run_id = $1 and parcel_id = $2",
        super::readable(scope, layers, &names),
    );
    let found =
        sqlx::query(AssertSqlSafe(sql)).bind(run_id).bind(parcel_id).fetch_optional(db).await?;
    found.map(|it| (0..names.len()).map(|nth| it.try_get(nth)).collect()).transpose()
}

/// The run's notes on the parcel's measures: a list of measure and text.
pub async fn notes(db: &mut Reader, run_id: i64, parcel_id: i64) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar(
        "select notes from mutu.parcel_note_readable where run_id = $1 and parcel_id = $2",
    )
    .bind(run_id)
    .bind(parcel_id)
    .fetch_optional(db)
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct OriginRow {
    pub facts: String,
    pub year: Option<i64>,
    pub file: Option<String>,
    pub recorded_at: DateTime<Utc>,
    pub is_newer: bool,
}

/// The rows that the parcel's measures rest on, by table, year and file.
pub async fn origins(db: &mut Reader, run_id: i64, parcel_id: i64) -> sqlx::Result<Vec<OriginRow>> {
    sqlx::query_as(
        "select facts, year, file, recorded_at, is_newer from mutu.parcel_origins($1, $2)",
    )
    .bind(run_id)
    .bind(parcel_id)
    .fetch_all(db)
    .await
}
