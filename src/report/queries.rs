//! SQL of reports: what happened between two days and what is open, as it was known at a moment; and the reports themselves.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::PgPool;
use uuid::Uuid;

use crate::db::Reader;
use crate::db::Writer;
use crate::print::state_map::Stage;

/// What happened to the cases of a unit.
#[derive(Debug, sqlx::FromRow)]
pub struct Moves {
    pub unit: Option<String>,
    pub created: i64,
    pub listed: i64,
    pub started: i64,
    pub accepted: i64,
    pub closed: i64,
    pub back: i64,
    pub attached: i64,
    pub counted_mu: Decimal,
}

/// What happened between two days, by the unit that answered for it then.
pub async fn moves(
    db: &mut Reader,
    known_at: DateTime<Utc>,
    first: NaiveDate,
    last: NaiveDate,
) -> sqlx::Result<Vec<Moves>> {
    sqlx::query_as(
        "select responsible_unit as unit,
                count(*) filter (where kind = 'created') as created,
                count(*) filter (where step = 'list') as listed,
                count(*) filter (where step = 'start') as started,
                count(*) filter (where step = 'accept') as accepted,
                count(*) filter (where step = 'close') as closed,
                count(*) filter (where step in ('return', 'revoke', 'remove', 'reject')) as back,
                count(*) filter (where kind = 'attached') as attached,
                sum(counted_mu) as counted_mu
         from mutu.case_event
         where recorded_at <= $1 and happened_on between $2 and $3
         group by responsible_unit
         order by responsible_unit nulls last",
    )
    .bind(known_at)
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await
}

/// A case that is in the plan and not done.
#[derive(Debug, sqlx::FromRow)]
pub struct Open {
    pub case_code: String,
    pub parcel_code: String,
    pub responsible_unit: Option<String>,
    pub state: String,
    pub path: Option<String>,
    pub plan_finish: Option<NaiveDate>,
    pub problem: Option<String>,
    pub last_event: NaiveDate,
}

/// What was open at a moment, the earliest due first.
pub async fn open(db: &mut Reader, known_at: DateTime<Utc>) -> sqlx::Result<Vec<Open>> {
    sqlx::query_as(
        "select c.case_code, c.parcel_code, c.responsible_unit, c.state, c.path, c.plan_finish, c.problem, e.last_event
         from mutu.reuse_case c
         join lateral (
             select max(happened_on) as last_event from mutu.case_event e
             where e.reuse_case_id = c.reuse_case_id and e.recorded_at <= $1) e on e.last_event is not null
         where c.recorded_at <= $1 and (c.superseded_at is null or c.superseded_at > $1)
           and c.state in ('listed', 'in_progress') and not c.held
         order by c.plan_finish nulls last, c.case_code",
    )
    .bind(known_at)
    .fetch_all(db)
    .await
}

/// The cases of all lists by state, in the order of the workflow, as they were at a moment; not those that were removed.
pub async fn stages(db: &mut Reader, known_at: DateTime<Utc>) -> sqlx::Result<Vec<Stage>> {
    // Collected outlines are one shape of polygons, drawn in one go.
    sqlx::query_as(
        "select c.state, count(*) as cases, sum(c.area_mu) as area_mu,
                st_asgeojson(st_forcepolygonccw(st_collectionextract(st_collect(c.geom), 3)), 6, 0)::jsonb as geometry,
                st_xmin(st_extent(c.geom)) as west, st_ymin(st_extent(c.geom)) as south,
                st_xmax(st_extent(c.geom)) as east, st_ymax(st_extent(c.geom)) as north
         from mutu.reuse_case c
         where c.recorded_at <= $1 and (c.superseded_at is null or c.superseded_at > $1) and c.state <> 'removed'
         group by c.state
         order by array_position(array['candidate', 'verified', 'listed', 'in_progress', 'accepted', 'closed'], c.state)",
    )
    .bind(known_at)
    .fetch_all(db)
    .await
}

/// A report as it lies in the record.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    pub report_id: i64,
    pub kind: String,
    pub period: String,
    pub as_of: DateTime<Utc>,
    pub format: String,
    pub title: Option<String>,
    pub bytes: Option<i64>,
    pub sha256: Option<String>,
    /// `{"state", "error"}` of its job; null where the job is forgotten.
    pub job: Option<Value>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "report_id, kind, period, as_of, format, title, octet_length(content)::bigint as bytes,
    encode(sha256, 'hex') as sha256, mutu.report_state(report_id) as job, recorded_by, recorded_at, finished_at";

/// Reports, the newest first: of one account, or of all.
pub async fn list(
    db: &mut Reader,
    by: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<Stored>> {
    let sql = format!(
        "select {COLUMNS} from mutu.report
         where ($1::text is null or recorded_by = $1) and ($2::bigint is null or report_id < $2)
         order by report_id desc limit $3"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(by).bind(before).bind(limit).fetch_all(db).await
}

/// A report.
pub async fn find(
    db: &mut Reader,
    by: Option<&str>,
    report_id: i64,
) -> sqlx::Result<Option<Stored>> {
    let sql = format!(
        "select {COLUMNS} from mutu.report where report_id = $2 and ($1::text is null or recorded_by = $1)"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(by).bind(report_id).fetch_optional(db).await
}

/// What was written.
pub async fn content(db: &mut Reader, report_id: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("select content from mutu.report where report_id = $1")
        .bind(report_id)
        .fetch_one(db)
        .await
}

/// A report that is asked for.
#[derive(Debug)]
pub struct New<'a> {
    pub kind: &'a str,
    pub period: &'a str,
    pub as_of: DateTime<Utc>,
    pub format: &'a str,
    pub units: Option<&'a [String]>,
    pub by: &'a str,
}

/// Notes that a report is asked for; its number.
pub async fn insert(db: &mut Writer, new: &New<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.report (kind, period, as_of, format, responsible_units, recorded_by)
         values ($1, $2, $3, $4, $5, $6) returning report_id",
    )
    .bind(new.kind)
    .bind(new.period)
    .bind(new.as_of)
    .bind(new.format)
    .bind(new.units)
    .bind(new.by)
    .fetch_one(db)
    .await
}

/// Says which job makes it.
pub async fn made_by(db: &mut Writer, report_id: i64, job_id: Uuid) -> sqlx::Result<()> {
    sqlx::query("update mutu.report set job_id = $2 where report_id = $1")
        .bind(report_id)
        .bind(job_id)
        .execute(db)
        .await?;
    Ok(())
}

/// How many reports of an account wait or are being made.
pub async fn waiting(db: &mut Writer, by: &str) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from mutu.job where kind = 'report' and recorded_by = $1 and state in ('queued', 'running')",
    )
    .bind(by)
    .fetch_one(db)
    .await
}

/// Keeps what was made, in the transaction that ends its job.
pub async fn keep(
    db: &mut Writer,
    report_id: i64,
    title: &str,
    content: &[u8],
    digest: &[u8],
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.report set title = $2, content = $3, sha256 = $4, finished_at = clock_timestamp()
         where report_id = $1 and finished_at is null",
    )
    .bind(report_id)
    .bind(title)
    .bind(content)
    .bind(digest)
    .execute(db)
    .await?;
    Ok(())
}

/// A transaction of jobs.
pub async fn begin(pool: &PgPool) -> sqlx::Result<sqlx::Transaction<'_, sqlx::Postgres>> {
    pool.begin().await
}
