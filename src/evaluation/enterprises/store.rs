//! Writes and reads the results of enterprises, and what makes them one: the digest.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::judgement::score::Outcome;

use super::facts::Enterprise;
use super::facts::RELATIONS;
use super::member::Inputs;

/// Rows sent at a time.
const CHUNK: usize = 2_000;

/// A result as the table has it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub(super) struct Stored {
    pub uscc: String,
    pub cohort: Option<String>,
    pub score: Option<Decimal>,
    pub points: Option<Decimal>,
    pub rank: Option<i64>,
    pub ranked: Option<i64>,
    pub grade: Option<String>,
    pub relative: bool,
    pub units: Vec<String>,
    pub items: Value,
    pub evidence: Value,
    pub inputs: Value,
    /// By measure: in which quarter of its cohort it is.
    pub quarters: Value,
}

impl Stored {
    pub fn of(it: &Enterprise, outcome: &Outcome, quarters: &BTreeMap<String, u8>) -> Self {
        let inputs = json!(Inputs::of(&it.member, &it.notes));
        Self::from_parts(it.uscc.clone(), it.units.clone(), inputs, outcome, quarters)
    }

    pub fn from_parts(
        uscc: String,
        units: Vec<String>,
        inputs: Value,
        outcome: &Outcome,
        quarters: &BTreeMap<String, u8>,
    ) -> Self {
        let count = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
        Self {
            uscc,
            cohort: outcome.cohort.clone(),
            score: outcome.score,
            points: outcome.score.map(|_| outcome.points),
            rank: outcome.rank.map(count),
            ranked: outcome.ranked.map(count),
            grade: outcome.grade.clone(),
            relative: outcome.relative,
            units,
            items: json!(outcome.items),
            evidence: json!(outcome.evidence),
            inputs,
            quarters: json!(quarters),
        }
    }

    /// One line that says all of it, whatever the order of members and the zeros at the end of a number.
    fn line(&self) -> String {
        let number = |it: Option<Decimal>| it.map(|it| it.normalize().to_string());
        let all = json!([
            self.uscc,
            self.cohort,
            number(self.score),
            number(self.points),
            self.rank,
            self.ranked,
            self.grade,
            self.relative,
            self.units,
            sorted(&self.items),
            sorted(&self.evidence),
            sorted(&self.inputs),
            sorted(&self.quarters),
        ]);
        all.to_string()
    }
}

/// The same JSON with the members of every object in one order.
fn sorted(it: &Value) -> Value {
    match it {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_unstable();
            names.into_iter().map(|name| (name.clone(), sorted(&members[name]))).collect()
        }
        Value::Array(parts) => parts.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// SHA-256 of all results, hexadecimal; they come in the order of their codes.
pub(super) fn digest(results: &[Stored]) -> String {
    let mut digest = Sha256::new();
    for it in results {
        let line = it.line();
        digest.update(line.len().to_be_bytes());
        digest.update(line.as_bytes());
    }
    digest.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Notes the rows of facts that are in force: those that the run reads.
pub(super) async fn note_facts(db: &mut PgConnection, run_id: i64) -> sqlx::Result<()> {
    for relation in RELATIONS {
        let sql = format!(
            "insert into mutu.run_fact (run_id, relation, row_ids)
             select $1, '{relation}', coalesce(array_agg(row_id order by row_id), '{{}}') from mutu.{relation}_current"
        );
        sqlx::query(AssertSqlSafe(sql)).bind(run_id).execute(&mut *db).await?;
    }
    Ok(())
}

/// Notes the scheme with its text.
pub(super) async fn note_scheme(
    db: &mut PgConnection,
    run_id: i64,
    id: &str,
    config: &Value,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.evaluation_run set scheme = $2, config = config || $3 where run_id = $1",
    )
    .bind(run_id)
    .bind(id)
    .bind(config)
    .execute(db)
    .await?;
    Ok(())
}

/// Adds to what is known of the run's results.
pub(super) async fn note_digest(
    db: &mut PgConnection,
    run_id: i64,
    digest: &Value,
) -> sqlx::Result<()> {
    sqlx::query("update mutu.evaluation_run set digest = digest || $2 where run_id = $1")
        .bind(run_id)
        .bind(digest)
        .execute(db)
        .await?;
    Ok(())
}

/// Stores the results of all enterprises.
pub(super) async fn results(
    db: &mut PgConnection,
    run_id: i64,
    results: &[Stored],
) -> sqlx::Result<()> {
    for chunk in results.chunks(CHUNK) {
        let rows: Vec<Value> = chunk
            .iter()
            .map(|it| {
                json!({
                    "uscc": it.uscc, "cohort": it.cohort, "score": it.score, "points": it.points, "rank": it.rank,
                    "ranked": it.ranked, "grade": it.grade, "relative": it.relative, "units": it.units,
                    "items": it.items, "evidence": it.evidence, "inputs": it.inputs,
                    "quarters": it.quarters,
                })
            })
            .collect();
        sqlx::query(
            "insert into mutu.enterprise_result
                 (run_id, uscc, cohort, score, points, rank, ranked, grade, relative, units, items, evidence, inputs, quarters)
             select $1, uscc, cohort, score, points, rank, ranked, grade, relative, units, items, evidence, inputs, quarters
             from jsonb_to_recordset($2) as it (
                 uscc text, cohort text, score numeric, points numeric, rank bigint, ranked bigint, grade text,
                 relative boolean, units text[], items jsonb, evidence jsonb, inputs jsonb, quarters jsonb)",
        )
        .bind(run_id)
        .bind(Value::Array(rows))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// The results of a run, by code.
pub(super) async fn read(db: &mut PgConnection, run_id: i64) -> sqlx::Result<Vec<Stored>> {
    sqlx::query_as(
        "select uscc, cohort, score, points, rank, ranked, grade, relative, units, items, evidence, inputs, quarters
         from mutu.enterprise_result where run_id = $1 order by uscc",
    )
    .bind(run_id)
    .fetch_all(db)
    .await
}
