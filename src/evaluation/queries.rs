//! SQL of evaluation runs.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::NaiveDate;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::judgement::workflow::period::Period;
use crate::layer::Kind;
use crate::layer::Layers;

use super::ruleset::Candidate;

/// How many parcels are in force.
pub async fn count_parcels(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from mutu.parcel_current").fetch_one(db).await
}

/// Turns the transaction into one that sees one moment and runs when no other evaluation does.
///
/// The lock comes before the first query, which fixes the moment: behind an advisory lock, which is itself a query, a run
/// that waited would see what was there before the run it waited for.
pub async fn begin_alone(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "set transaction isolation level repeatable read;
         lock table mutu.current_run in share row exclusive mode",
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether a run failed only because somebody else changed meanwhile what it wanted to change.
pub fn is_overtaken(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<sqlx::Error>().and_then(|it| it.as_database_error()?.code());
    // A rule set that was adopted meanwhile may have taken the number of the next version.
    let is_version = || {
        let constraint = error
            .downcast_ref::<sqlx::Error>()
            .and_then(|it| it.as_database_error()?.constraint().map(ToOwned::to_owned));
        constraint.as_deref() == Some("rule_set_layer_id_version_key")
    };
    code.as_deref() == Some("40001") || is_version()
}

/// Years for which anybody reported a whole year's figures, which are those that count.
pub async fn years_with_figures(db: &mut PgConnection) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "select year from mutu.enterprise_period_current where period = year::text
         union
         select year from mutu.parcel_period_current where period = year::text
         order by 1",
    )
    .fetch_all(db)
    .await
}

/// Periods for which any enterprise reported figures: years, quarters, months, as they are spelt.
pub async fn periods_with_figures(db: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select distinct period from mutu.enterprise_period_current order by 1")
        .fetch_all(db)
        .await
}

/// The classes that officers set, by parcel: the parcels' field of that name.
///
/// Fails when the parcels have no such field.
pub async fn overrides(
    db: &mut PgConnection,
    layers: &Layers,
    source: Source,
    field: &str,
) -> anyhow::Result<BTreeMap<i64, String>> {
    let parcels = layers.of_kind(Kind::Register).find(|it| it.table.as_deref() == Some("parcel"));
    let parcels = parcels.filter(|it| it.field.contains_key(field)).with_context(|| {
        format!(
            "overlay.override_column: 宗地没有字段 `{field}` / the parcels have no field `{field}`"
        )
    })?;
    let sql = match source {
        Source::Now => format!(
            "select id, {field}::text from {} t where {field} is not null",
            parcels.relation()
        ),
        Source::Run(_) => {
            let column = parcels.field.get(field).and_then(|it| it.column.as_deref());
            format!(
                "select parcel_id, {column}::text from {} t where {column} is not null",
                source.facts("parcel"),
                column = column.unwrap_or(field),
            )
        }
    };
    let rows: Vec<(i64, String)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}

/// What a run starts from.
#[derive(Debug)]
pub struct NewRun {
    pub period: Period,
    pub ruleset: String,
    pub config: Value,
    pub projection: String,
    pub area_basis: &'static str,
    pub recorded_by: String,
    /// The job that makes it.
    pub job_id: Option<uuid::Uuid>,
}

/// The run that a job has made already.
pub async fn made_by(
    db: impl sqlx::PgExecutor<'_>,
    job_id: uuid::Uuid,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select run_id from mutu.evaluation_run where job_id = $1")
        .bind(job_id)
        .fetch_optional(db)
        .await
}

/// Records a run with the revisions of all layers that it reads.
pub async fn insert_run(db: &mut PgConnection, run: &NewRun) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.evaluation_run (year, period, ruleset, config, layer_revisions, projection, area_basis, recorded_by, job_id)
         select $1, $8, $2, $3, coalesce(jsonb_object_agg(layer, revision), '{}'), $4, $5, $6, $7
         from mutu.layer_revision
         returning run_id",
    )
    .bind(i64::from(run.period.year()))
    .bind(&run.ruleset)
    .bind(&run.config)
    .bind(&run.projection)
    .bind(run.area_basis)
    .bind(&run.recorded_by)
    .bind(run.job_id)
    .bind(run.period.name())
    .fetch_one(db)
    .await
}

/// Ends a run and makes it the one that derived layers show, where it may be shown, while none is final and nobody chose
/// another.
pub async fn finish_run(
    db: &mut PgConnection,
    run_id: i64,
    counts: &Value,
    may_be_shown: bool,
) -> sqlx::Result<()> {
    sqlx::query("update mutu.evaluation_run set finished_at = clock_timestamp(), counts = $2 where run_id = $1")
        .bind(run_id)
        .bind(counts)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into mutu.current_run (run_id) select $1 where $2
         on conflict (only_one) do update set run_id = excluded.run_id
         where current_run.chosen_by is null
           and not exists (select from mutu.evaluation_run where state = 'final' and period = year::text)",
    )
    .bind(run_id)
    .bind(may_be_shown)
    .execute(&mut *db)
    .await?;
    // Without it the planner thinks the new run empty and joins it row by row.
    sqlx::raw_sql(
        "select mutu.refresh_statistics(it) from unnest(array['mutu.parcel_measure', 'mutu.parcel_result', 'mutu.parcel_class',
         'mutu.overlay_share', 'mutu.parcel_contribution', 'mutu.parcel_conformity', 'mutu.current_run']::regclass[]) as it",
    )
        .execute(db)
        .await?;
    Ok(())
}

/// A rule set to be recorded.
#[derive(Debug)]
pub struct NewRuleSet<'a> {
    pub layer: &'a str,
    pub id: &'a str,
    pub text: &'a str,
    pub digest: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// `file` or `adopted`.
    pub origin: &'static str,
    pub scenario_id: Option<i64>,
    pub basis: Option<&'a str>,
    pub recorded_by: &'a str,
}

/// Which row a rule set has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RuleSetKey {
    pub rule_set_id: i64,
    pub version: i64,
}

/// Records a rule set as the next version of its id; the same text of the same origin keeps the version that it has.
pub async fn insert_rule_set(
    db: &mut PgConnection,
    new: &NewRuleSet<'_>,
) -> sqlx::Result<RuleSetKey> {
    sqlx::raw_sql("lock table mutu.rule_set in share row exclusive mode").execute(&mut *db).await?;
    let known: Option<RuleSetKey> = sqlx::query_as(
        "select rule_set_id, version from mutu.rule_set where layer = $1 and id = $2 and digest = $3 and origin = $4",
    )
    .bind(new.layer)
    .bind(new.id)
    .bind(&new.digest)
    .bind(new.origin)
    .fetch_optional(&mut *db)
    .await?;
    if let Some(it) = known {
        return Ok(it);
    }
    sqlx::query_as(
        "insert into mutu.rule_set
             (layer, id, version, text, digest, valid_from, valid_to, origin, scenario_id, basis, recorded_by)
         select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10
         from mutu.rule_set
         where layer = $1 and id = $2
         returning rule_set_id, version",
    )
    .bind(new.layer)
    .bind(new.id)
    .bind(new.text)
    .bind(&new.digest)
    .bind(new.valid_from)
    .bind(new.valid_to)
    .bind(new.origin)
    .bind(new.scenario_id)
    .bind(new.basis)
    .bind(new.recorded_by)
    .fetch_one(db)
    .await
}

/// Notes which rule set a run applies in a layer.
pub async fn insert_run_rule_set(
    db: &mut PgConnection,
    run_id: i64,
    layer: &str,
    rule_set_id: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.evaluation_rule_set (run_id, layer, rule_set_id) values ($1, $2, $3)",
    )
    .bind(run_id)
    .bind(layer)
    .bind(rule_set_id)
    .execute(db)
    .await?;
    Ok(())
}

/// What was adopted for a layer, in the order of versions.
pub async fn adopted(db: &mut PgConnection, layer: &str) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as(
        "select id, text, rule_set_id, version from mutu.rule_set
         where layer = $1 and origin = 'adopted'
         order by id, version",
    )
    .bind(layer)
    .fetch_all(db)
    .await
}
