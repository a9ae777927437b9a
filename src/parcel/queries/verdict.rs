//! SQL of verdicts.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use serde_json::Value;

use crate::db::Reader;

#[derive(Debug, sqlx::FromRow)]
pub struct ResultRow {
    pub verdict: String,
    pub reasons: Vec<String>,
    pub evidence: Value,
}

/// What a run's rules said of the parcel in a derived layer.
pub async fn result(
    db: &mut Reader,
    run_id: i64,
    layer: &str,
    parcel_id: i64,
) -> sqlx::Result<Option<ResultRow>> {
    sqlx::query_as(
        "select verdict, reasons, evidence
         from mutu.parcel_result_readable
         where run_id = $1 and layer = $2 and parcel_id = $3",
    )
    .bind(run_id)
    .bind(layer)
    .bind(parcel_id)
    .fetch_optional(db)
    .await
}

/// A run, and the rules that it applied to a layer.
#[derive(Debug, sqlx::FromRow)]
pub struct AppliedRow {
    pub state: String,
    pub published_at: Option<DateTime<Utc>>,
    pub finalised_at: Option<DateTime<Utc>>,
    /// Id, title and legal basis.
    pub ruleset: Option<Value>,
    pub version: Option<i64>,
    pub valid_from: Option<NaiveDate>,
}

pub async fn applied(
    db: &mut Reader,
    run_id: i64,
    layer: &str,
) -> sqlx::Result<Option<AppliedRow>> {
    sqlx::query_as(
        "select r.state, r.published_at, r.finalised_at, r.config #> array['rulesets', $2] as ruleset, s.version, s.valid_from
         from mutu.evaluation_run r
         left join mutu.evaluation_rule_set e on e.run_id = r.run_id and e.layer = $2
         left join mutu.rule_set s using (rule_set_id)
         where r.run_id = $1",
    )
    .bind(run_id)
    .bind(layer)
    .fetch_optional(db)
    .await
}
