//! SQL of scenarios: runs and their rules, targets, saved scenarios.

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::PgConnection;

use crate::db::Reader;
use crate::evaluation::ruleset::Candidate;
use crate::layer::Layer;

use super::LayerMoved;

/// A run and the rules that it applied in a layer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Run {
    pub run_id: i64,
    pub year: i64,
    /// Nothing where the layer had no rules then.
    pub ruleset: Option<String>,
    pub text: Option<String>,
}

/// The run of that id, or the shown one.
pub async fn run(db: &mut Reader, run_id: Option<i64>, layer: &str) -> sqlx::Result<Option<Run>> {
    sqlx::query_as(
        "select run_id, year, config #>> array['rulesets', $2, 'id'] as ruleset,
                config #>> array['rulesets', $2, 'text'] as text
         from mutu.evaluation_run
         where run_id = coalesce($1, (select run_id from mutu.current_run)) and period = year::text",
    )
    .bind(run_id)
    .bind(layer)
    .fetch_optional(db)
    .await
}

/// The run before.
pub async fn run_before(db: &mut Reader, run_id: i64) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "select max(run_id) from mutu.evaluation_run
         where run_id < $1 and finished_at is not null and period = year::text",
    )
    .bind(run_id)
    .fetch_one(db)
    .await
}

/// The layers of which the second run read another revision than the first.
pub async fn moved(db: &mut Reader, from: i64, to: i64) -> sqlx::Result<Vec<LayerMoved>> {
    sqlx::query_as(
        "select it.key as layer, coalesce(old.layer_revisions ->> it.key, '0')::bigint as \"from\", it.value::bigint as \"to\"
         from mutu.evaluation_run new
         join mutu.evaluation_run old on old.run_id = $1
         cross join jsonb_each_text(new.layer_revisions) it
         where new.run_id = $2 and it.value is distinct from old.layer_revisions ->> it.key
         order by 1",
    )
    .bind(from)
    .bind(to)
    .fetch_all(db)
    .await
}

/// The parcels whose class an officer set in one of two runs.
pub async fn set_by_officers(
    db: &mut Reader,
    layer: &str,
    runs: [i64; 2],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "select distinct parcel_id from mutu.parcel_class_readable
         where run_id = any($1) and layer = $2 and source = 'officer'",
    )
    .bind(runs.as_slice())
    .bind(layer)
    .fetch_all(db)
    .await
}

/// What was adopted for a layer, in the order of versions.
pub async fn adopted(db: &mut Reader, layer: &str) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as(
        "select id, text, rule_set_id, version from mutu.rule_set
         where layer = $1 and origin = 'adopted'
         order by id, version",
    )
    .bind(layer)
    .fetch_all(db)
    .await
}

/// A stored target of a whole year.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TargetRow {
    pub unit: String,
    pub kind: String,
    pub quantity: Decimal,
}

/// The targets of a year, by unit and kind.
pub async fn targets(db: &mut Reader, year: i64, kinds: &[String]) -> sqlx::Result<Vec<TargetRow>> {
    sqlx::query_as(
        "select unit, kind, quantity from mutu.target_current
         where year = $1 and period = $1::text and kind = any($2)
         order by unit, kind",
    )
    .bind(year)
    .bind(kinds)
    .fetch_all(db)
    .await
}

/// The codes of these parcels, in order.
pub async fn codes(db: &mut Reader, parcels: &Layer, ids: &[i64]) -> sqlx::Result<Vec<String>> {
    let sql = format!(
        "select parcel_code from {} where id = any ($1) order by parcel_code",
        parcels.relation()
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(db).await
}

/// A scenario as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub scenario_id: i64,
    pub layer: String,
    pub title: String,
    pub note: Option<String>,
    pub ruleset: String,
    pub base_text: String,
    pub changes: Value,
    pub filter: Option<String>,
    pub target: Option<Value>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    /// The newest rule set that came of it.
    pub adopted_as: Option<i64>,
}

const COLUMNS: &str = "s.scenario_id, s.layer, s.title, s.note, s.ruleset, s.base_text, s.changes, s.filter, s.target,
    s.recorded_by, s.recorded_at,
    (select max(r.rule_set_id) from mutu.rule_set r where r.scenario_id = s.scenario_id) as adopted_as";

/// Saved scenarios, the newest first, without those that were withdrawn.
pub async fn list(db: &mut Reader, limit: i64) -> sqlx::Result<Vec<Row>> {
    let sql = format!(
        "select {COLUMNS} from mutu.scenario s where withdrawn_at is null order by scenario_id desc limit $1"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(db).await
}

/// A saved scenario.
pub async fn find(db: &mut Reader, scenario_id: i64) -> sqlx::Result<Option<Row>> {
    let sql = format!(
        "select {COLUMNS} from mutu.scenario s where withdrawn_at is null and scenario_id = $1"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(scenario_id).fetch_optional(db).await
}

/// A scenario to be saved.
#[derive(Debug)]
pub struct NewRow<'a> {
    pub layer: &'a str,
    pub title: &'a str,
    pub note: Option<&'a str>,
    pub ruleset: &'a str,
    pub base_text: &'a str,
    pub changes: Value,
    pub filter: Option<&'a str>,
    pub target: Option<Value>,
    pub recorded_by: &'a str,
}

/// Saves a scenario.
pub async fn insert(db: &mut PgConnection, new: &NewRow<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.scenario (layer, title, note, ruleset, base_text, changes, filter, target, recorded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         returning scenario_id",
    )
    .bind(new.layer)
    .bind(new.title)
    .bind(new.note)
    .bind(new.ruleset)
    .bind(new.base_text)
    .bind(&new.changes)
    .bind(new.filter)
    .bind(&new.target)
    .bind(new.recorded_by)
    .fetch_one(db)
    .await
}

/// Withdraws a scenario; false where there is none.
pub async fn withdraw(db: &mut PgConnection, scenario_id: i64, by: &str) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update mutu.scenario set withdrawn_at = now(), withdrawn_by = $2
         where scenario_id = $1 and withdrawn_at is null",
    )
    .bind(scenario_id)
    .bind(by)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
