//! Scores a run once more and compares: from the inputs that it stored, and from the very rows of facts that it read.

use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::judgement::measures::Basis;
use crate::judgement::score;
use crate::judgement::score::Scheme;
use crate::judgement::workflow::period::Period;

use super::facts;
use super::member::Inputs;
use super::store;
use super::store::Stored;

/// Tables of a run whose rows are digested when it is published.
const TABLES: [(&str, &str); 7] = [
    ("overlay_share", "layer, parcel_id, class"),
    ("parcel_class", "layer, parcel_id"),
    ("parcel_measure", "parcel_id"),
    ("parcel_result", "layer, parcel_id"),
    ("parcel_conformity", "layer, parcel_id"),
    ("assembly", "layer, assembly_id"),
    ("assembly_member", "layer, parcel_id"),
];

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub run_id: i64,
    pub enterprises: usize,
    pub parcels: usize,
    /// What could not be computed again, and why.
    pub unverified: Vec<String>,
    /// Sentences of what is not as it was; empty when all is.
    pub differences: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct RunRow {
    period: String,
    area_basis: String,
    config: Value,
    digest: Value,
}

/// How many enterprises are named of each kind of difference.
const NAMED: usize = 5;

/// Computes the run's scores again and compares them, digit by digit, with what is stored. Fails when there is no such run.
pub async fn verify(db: &mut PgConnection, run_id: i64) -> anyhow::Result<Verified> {
    let run: Option<RunRow> = sqlx::query_as(
        "select period, area_basis, config, digest from mutu.evaluation_run where run_id = $1",
    )
    .bind(run_id)
    .fetch_optional(&mut *db)
    .await?;
    let Some(run) = run else {
        anyhow::bail!("没有评价 {run_id} / there is no evaluation {run_id}");
    };
    let stored = store::read(db, run_id).await?;
    let mut it = Verified { run_id, enterprises: stored.len(), ..Verified::default() };
    for (table, known) in run.digest.as_object().into_iter().flatten() {
        let now = match table.as_str() {
            "enterprise_result" => store::digest(&stored),
            _ => digest_of(db, run_id, table).await?,
        };
        if known != &now {
            it.differences.push(format!(
                "表 {table} 的内容与当时的摘要不符 / the rows of {table} are not those that were digested"
            ));
        }
    }
    let Some(text) = run.config["scheme"]["text"].as_str() else { return Ok(it) };
    let Ok(scheme) = Scheme::parse(text) else {
        it.differences
            .push("方案文本无法再读取 / the scheme's text can be read no more".to_owned());
        return Ok(it);
    };
    it.differences.extend(scored_again(&scheme, &stored)?);
    let basis =
        if run.area_basis == Basis::Measured.name() { Basis::Measured } else { Basis::Registered };
    let Some(period) = Period::parse(&run.period) else {
        it.unverified.push(format!("{} 不是可读的报告期 / is no period", run.period));
        return Ok(it);
    };
    it.differences.extend(read_again(db, run_id, period, basis, &stored).await?);
    Ok(it)
}

/// The results from the stored inputs.
fn scored_again(scheme: &Scheme, stored: &[Stored]) -> anyhow::Result<Vec<String>> {
    let inputs = stored.iter().map(|it| serde_json::from_value::<Inputs>(it.inputs.clone()));
    let inputs: Vec<Inputs> = inputs.collect::<Result<_, _>>()?;
    let members: Vec<score::Member> = inputs.iter().map(Inputs::member).collect();
    let outcomes = score::run(scheme, &members);
    let quarters = score::quarters(scheme, &members, &outcomes);
    let again: Vec<Stored> = std::iter::zip(stored, std::iter::zip(&outcomes, &quarters))
        .map(|(it, (outcome, quarters))| {
            let (uscc, units) = (it.uscc.clone(), it.units.clone());
            Stored::from_parts(uscc, units, it.inputs.clone(), outcome, quarters)
        })
        .collect();
    if store::digest(&again) == store::digest(stored) {
        return Ok(Vec::new());
    }
    let of = |it: &Stored| (it.score.map(|it: Decimal| it.normalize()), it.rank, it.grade.clone());
    let other = std::iter::zip(stored, &again).filter(|(was, now)| of(was) != of(now));
    let named: Vec<&str> = other.map(|(it, _)| it.uscc.as_str()).collect();
    Ok(vec![format!(
        "由存档数据重算与结果不符：{n} 户（{list}） / scored again from what is stored, {n} enterprises differ: {list}",
        n = named.len(),
        list = named[..named.len().min(NAMED)].join(", "),
    )])
}

/// What another scheme would make of an enterprise of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tried {
    pub cohort: Option<String>,
    pub grade: Option<String>,
    /// Its grade in the run.
    pub was: Option<String>,
}

/// Scores the enterprises of a run by another scheme; nothing is written.
pub(crate) async fn tried(
    db: &mut PgConnection,
    run_id: i64,
    scheme: &Scheme,
) -> anyhow::Result<Vec<Tried>> {
    let stored = store::read(db, run_id).await?;
    let inputs = stored.iter().map(|it| serde_json::from_value::<Inputs>(it.inputs.clone()));
    let inputs: Vec<Inputs> = inputs.collect::<Result<_, _>>()?;
    let members: Vec<score::Member> = inputs.iter().map(Inputs::member).collect();
    let outcomes = std::iter::zip(stored, score::run(scheme, &members));
    let tried =
        outcomes.map(|(was, now)| Tried { cohort: now.cohort, grade: now.grade, was: was.grade });
    Ok(tried.collect())
}

/// The inputs from the rows that the run read.
async fn read_again(
    db: &mut PgConnection,
    run_id: i64,
    period: Period,
    basis: Basis,
    stored: &[Stored],
) -> anyhow::Result<Vec<String>> {
    let read = facts::load(db, &Source::Run(run_id), period, basis).await?;
    let now: std::collections::BTreeMap<&str, Value> = read
        .iter()
        .map(|it| (it.uscc.as_str(), json!(Inputs::of(&it.member, &it.notes))))
        .collect();
    let mut named: Vec<&str> = stored
        .iter()
        .filter(|it| now.get(it.uscc.as_str()) != Some(&it.inputs))
        .map(|it| it.uscc.as_str())
        .collect();
    let known: std::collections::BTreeSet<&str> =
        stored.iter().map(|it| it.uscc.as_str()).collect();
    named.extend(now.keys().filter(|it| !known.contains(**it)));
    if named.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![format!(
        "由当时读取的台账重算与存档数据不符：{n} 户（{list}） / from the rows that were read, the inputs of {n} enterprises differ: {list}",
        n = named.len(),
        list = named[..named.len().min(NAMED)].join(", "),
    )])
}

/// The digests of a run's other tables, for the day from which they stay as they are.
pub(crate) async fn digests(db: &mut PgConnection, run_id: i64) -> sqlx::Result<Value> {
    let mut all = serde_json::Map::new();
    for (table, _) in TABLES {
        all.insert(table.to_owned(), json!(digest_of(db, run_id, table).await?));
    }
    Ok(Value::Object(all))
}

async fn digest_of(db: &mut PgConnection, run_id: i64, table: &str) -> sqlx::Result<String> {
    let Some((table, order)) = TABLES.iter().find(|it| it.0 == table) else {
        return Ok(String::new());
    };
    let sql = format!(
        // Without what is null: a column that a later version adds changes nothing.
        "select encode(sha256(convert_to(coalesce(string_agg(
             md5(jsonb_strip_nulls(to_jsonb(it))::text), '' order by {order}), ''), 'UTF8')), 'hex')
         from mutu.{table} it where run_id = $1"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(run_id).fetch_one(db).await
}
