//! SQL of the life of runs. Readers go through the views that mask by role and unit.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::db::Reader;
use crate::db::Writer;

use super::Run;
use super::State;
use super::objections::Objection;
use super::ranking::Ranked;

/// How a run is selected; the readers' own objections are counted through their view.
const RUN: &str = "select r.run_id, r.year, r.period, r.ruleset, r.scheme, r.config #> '{scheme,title}' as scheme_title,
        (r.config #>> '{scheme,version}')::bigint as scheme_version, r.state,
        coalesce(c.run_id = r.run_id, false) as shown,
        coalesce(c.run_id = r.run_id and c.chosen_by is not null, false) as chosen,
        r.started_at, r.finished_at, r.recorded_by, r.published_at, r.published_by, r.objections_until,
        r.finalised_at, r.finalised_by,
        (select count(*) from mutu.objection_readable o where o.run_id = r.run_id and o.state = 'open') as open_objections
    from mutu.evaluation_run r
    left join (select run_id, chosen_by from mutu.current_run) c on true";

/// All runs, newest first; without drafts for who may not know of them.
pub async fn list(db: &mut Reader, drafts: bool) -> sqlx::Result<Vec<Run>> {
    let sql = format!("{RUN} where $1 or r.state <> 'draft' order by r.run_id desc limit 500");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(drafts).fetch_all(db).await
}

pub async fn find(db: &mut Reader, run_id: i64) -> sqlx::Result<Option<Run>> {
    let sql = format!("{RUN} where r.run_id = $1");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run_id).fetch_optional(db).await
}

/// What a run is made of.
#[derive(Debug, sqlx::FromRow)]
pub struct MadeOf {
    pub area_basis: String,
    pub scheme_text: Option<String>,
    pub digest: Value,
}

pub async fn made_of(db: &mut Reader, run_id: i64) -> sqlx::Result<MadeOf> {
    sqlx::query_as(
        "select area_basis, config #>> '{scheme,text}' as scheme_text, digest
         from mutu.evaluation_run where run_id = $1",
    )
    .bind(run_id)
    .fetch_one(db)
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct GradeCount {
    pub cohort: Option<String>,
    pub grade: Option<String>,
    pub count: i64,
}

/// How many have each grade, of those that the reader may know of.
pub async fn grades(db: &mut Reader, run_id: i64) -> sqlx::Result<Vec<GradeCount>> {
    sqlx::query_as(
        "select cohort, grade, count(*) as count from mutu.enterprise_result_readable
         where run_id = $1 group by cohort, grade order by cohort, grade",
    )
    .bind(run_id)
    .fetch_all(db)
    .await
}

/// A run that is about to be changed.
#[derive(Debug, sqlx::FromRow)]
pub struct Locked {
    /// Of a whole year, so that it judges parcels.
    pub is_year: bool,
    pub state: State,
    pub finished: bool,
    pub objections_until: Option<NaiveDate>,
}

pub async fn lock(db: &mut Writer, run_id: i64) -> sqlx::Result<Option<Locked>> {
    sqlx::query_as(
        "select period = year::text as is_year, state, finished_at is not null as finished, objections_until
         from mutu.evaluation_run where run_id = $1 for update",
    )
    .bind(run_id)
    .fetch_optional(db)
    .await
}

pub async fn publish(
    db: &mut Writer,
    run_id: i64,
    objections_until: NaiveDate,
    digests: &Value,
    by: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.evaluation_run
         set state = 'published', published_at = now(), published_by = $4, objections_until = $2, digest = digest || $3
         where run_id = $1",
    )
    .bind(run_id)
    .bind(objections_until)
    .bind(digests)
    .bind(by)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn finalise(db: &mut Writer, run_id: i64, by: &str) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.evaluation_run set state = 'final', finalised_at = now(), finalised_by = $2 where run_id = $1",
    )
    .bind(run_id)
    .bind(by)
    .execute(db)
    .await?;
    Ok(())
}

/// Objections to a run that are open, and that were accepted.
pub async fn undone_objections(db: &mut Writer, run_id: i64) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "select count(*) filter (where state = 'open'), count(*) filter (where state = 'accepted')
         from mutu.objection where run_id = $1",
    )
    .bind(run_id)
    .fetch_one(db)
    .await
}

/// The run that derived layers show.
pub async fn shown(db: &mut Writer) -> sqlx::Result<Option<i64>> {
    // No run may begin or end meanwhile.
    sqlx::raw_sql("lock table mutu.current_run in share row exclusive mode")
        .execute(&mut *db)
        .await?;
    sqlx::query_scalar("select run_id from mutu.current_run").fetch_optional(db).await
}

pub async fn choose(db: &mut Writer, run_id: i64, by: &str) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.current_run (run_id, chosen_by) values ($1, $2)
         on conflict (only_one) do update set run_id = excluded.run_id, chosen_by = excluded.chosen_by",
    )
    .bind(run_id)
    .bind(by)
    .execute(db)
    .await?;
    Ok(())
}

/// Shows the latest final run, or the latest while none is final. What somebody chose stays, unless it is `forgotten`.
pub async fn show_latest(db: &mut Writer, forgotten: bool) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.current_run
         set chosen_by = null, run_id = (
             select run_id from mutu.evaluation_run
             where finished_at is not null and period = year::text
               and (state = 'final' or run_id in (select run_id from mutu.run_shown))
             order by (state = 'final') desc, finalised_at desc nulls last, run_id desc
             limit 1)
         where $1 or chosen_by is null",
    )
    .bind(forgotten)
    .execute(db)
    .await?;
    Ok(())
}

/// What a ranking is narrowed to.
#[derive(Debug)]
pub struct Selected<'a> {
    pub run_id: i64,
    pub cohort: Option<&'a str>,
    /// Empty for those without one.
    pub grade: Option<&'a str>,
    pub text: Option<&'a str>,
}

/// The rows of a [`Selected`] as a reader may know them.
const SELECTED: &str = "from mutu.enterprise_result_readable r
    left join mutu.enterprise_current e using (uscc)
    where r.run_id = $1 and ($2::text is null or r.cohort = $2) and ($3::text is null or coalesce(r.grade, '') = $3)
      and ($4::text is null or r.uscc = upper($4) or position(lower($4) in lower(e.name)) > 0)";

const RANKED: &str =
    "r.uscc, e.name, r.cohort, r.grade, r.knows, r.scores, r.rank, r.ranked, r.score, r.points,
    r.inputs -> 'measures' as measures";

/// In the order of what the reader may know, so that the order tells nothing else.
pub async fn ranking(
    db: &mut Reader,
    selected: &Selected<'_>,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<Ranked>> {
    let sql = format!(
        "select {RANKED} {SELECTED}
         order by r.cohort nulls last, r.rank nulls last, r.grade nulls last, r.uscc limit $5 offset $6"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(selected.run_id)
        .bind(selected.cohort)
        .bind(selected.grade)
        .bind(selected.text)
        .bind(limit)
        .bind(offset)
        .fetch_all(db)
        .await
}

pub async fn count(db: &mut Reader, selected: &Selected<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) {SELECTED}")))
        .bind(selected.run_id)
        .bind(selected.cohort)
        .bind(selected.grade)
        .bind(selected.text)
        .fetch_one(db)
        .await
}

/// One enterprise with all that the reader may know of it.
#[derive(Debug, sqlx::FromRow)]
pub struct Whole {
    #[sqlx(flatten)]
    pub row: Ranked,
    pub items: Option<Value>,
    pub evidence: Option<Value>,
    pub inputs: Option<Value>,
    pub quarters: Option<Value>,
}

pub async fn enterprise(db: &mut Reader, run_id: i64, uscc: &str) -> sqlx::Result<Option<Whole>> {
    let sql = format!(
        "select {RANKED}, r.items, r.evidence, r.inputs, r.quarters
         from mutu.enterprise_result_readable r
         left join mutu.enterprise_current e using (uscc)
         where r.run_id = $1 and r.uscc = $2"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run_id).bind(uscc).fetch_optional(db).await
}

/// How a cohort's figures lie.
#[derive(Debug, sqlx::FromRow)]
pub struct Lies {
    pub measure: String,
    pub count: i64,
    pub lower: Decimal,
    pub median: Decimal,
    pub upper: Decimal,
}

/// Quartiles of the ranked enterprises of a cohort, each a figure of theirs.
pub async fn quantiles(
    db: &mut Reader,
    run_id: i64,
    cohort: &str,
    measures: &[String],
) -> sqlx::Result<Vec<Lies>> {
    sqlx::query_as(
        "select m as measure, count(*) as count,
             percentile_disc(0.25) within group (order by it.value) as lower,
             percentile_disc(0.5) within group (order by it.value) as median,
             percentile_disc(0.75) within group (order by it.value) as upper
         from mutu.enterprise_result_readable r
         cross join unnest($3::text[]) m
         cross join lateral (select (r.inputs #>> array['measures', m])::numeric as value) it
         where r.run_id = $1 and r.cohort = $2 and jsonb_array_length(r.items) > 0 and it.value is not null
         group by m",
    )
    .bind(run_id)
    .bind(cohort)
    .bind(measures)
    .fetch_all(db)
    .await
}

/// Whether the reader may know the enterprise's figures; nothing where it is not in the run for them.
pub async fn knows(db: &mut Reader, run_id: i64, uscc: &str) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar(
        "select knows from mutu.enterprise_result_readable where run_id = $1 and uscc = $2",
    )
    .bind(run_id)
    .bind(uscc)
    .fetch_optional(db)
    .await
}

const OBJECTION: &str = "select o.objection_id, o.run_id, o.uscc, e.name, o.reason, o.evidence, o.recorded_by, o.recorded_at,
        o.state, o.decision, o.decided_by, o.decided_at";

/// The objections to a run that the reader may read, the open ones first.
pub async fn objections(db: &mut Reader, run_id: i64) -> sqlx::Result<Vec<Objection>> {
    let sql = format!(
        "{OBJECTION} from mutu.objection_readable o
         left join mutu.enterprise_current e using (uscc)
         where o.run_id = $1 order by (o.state = 'open') desc, o.objection_id desc limit 2000"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(run_id).fetch_all(db).await
}

pub async fn objection(db: &mut Writer, objection_id: i64) -> sqlx::Result<Option<Objection>> {
    let sql = format!(
        "{OBJECTION} from mutu.objection o
         left join mutu.enterprise_current e using (uscc)
         where o.objection_id = $1"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(objection_id).fetch_optional(db).await
}

/// Writes an objection; the units are those of the result it is made to.
pub async fn object(
    db: &mut Writer,
    run_id: i64,
    uscc: &str,
    reason: &str,
    evidence: &str,
    by: &str,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.objection (run_id, uscc, units, reason, evidence, recorded_by)
         select run_id, uscc, units, $3, $4, $5 from mutu.enterprise_result where run_id = $1 and uscc = $2
         returning objection_id",
    )
    .bind(run_id)
    .bind(uscc)
    .bind(reason)
    .bind(evidence)
    .bind(by)
    .fetch_one(db)
    .await
}

/// Decides an open objection; says whether it was open.
pub async fn decide(
    db: &mut Writer,
    run_id: i64,
    objection_id: i64,
    state: &str,
    decision: &str,
    by: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update mutu.objection set state = $3, decision = $4, decided_by = $5, decided_at = now()
         where objection_id = $2 and run_id = $1 and state = 'open'",
    )
    .bind(run_id)
    .bind(objection_id)
    .bind(state)
    .bind(decision)
    .bind(by)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
