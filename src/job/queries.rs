//! SQL of jobs. A job belongs to the worker whose id it carries while its state is `running`; every statement that changes
//! such a job names that worker, so one that lost its lease changes nothing.

use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::PgExecutor;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use sqlx::types::Json;
use uuid::Uuid;

use super::ATTEMPTS;
use super::Failure;
use super::Job;
use super::Kind;
use super::Order;
use super::Progress;
use super::State;

/// The channel on which new jobs are told of.
const CHANNEL: &str = "mutu_job";

/// Columns of a [`Job`].
const COLUMNS: &str = "job_id, kind, state, batch_id, (result ->> 'run_id')::bigint as run_id, progress, error, cancel_requested,
    recorded_by, created_at, started_at, finished_at";

/// A word of the database that stands for a variant.
#[derive(Clone, Copy, Debug)]
pub struct Word<T>(pub T);

impl<T: serde::de::DeserializeOwned> TryFrom<String> for Word<T> {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        serde_json::from_value(Value::String(text)).map(Self)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    job_id: Uuid,
    #[sqlx(try_from = "String")]
    kind: Word<Kind>,
    #[sqlx(try_from = "String")]
    state: Word<State>,
    batch_id: Option<i64>,
    run_id: Option<i64>,
    progress: Json<Progress>,
    error: Option<Json<Failure>>,
    cancel_requested: bool,
    recorded_by: String,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<Row> for Job {
    fn from(it: Row) -> Self {
        Self {
            job_id: it.job_id,
            kind: it.kind.0,
            state: it.state.0,
            batch_id: it.batch_id,
            run_id: it.run_id,
            progress: it.progress.0,
            error: it.error.map(|it| it.0),
            cancel_requested: it.cancel_requested && !it.state.0.is_over(),
            recorded_by: it.recorded_by,
            created_at: it.created_at,
            started_at: it.started_at,
            finished_at: it.finished_at,
        }
    }
}

/// A job that a worker has just taken.
#[derive(Debug, sqlx::FromRow)]
pub struct Claimed {
    pub job_id: Uuid,
    #[sqlx(try_from = "String")]
    pub kind: Word<Kind>,
    pub batch_id: Option<i64>,
    pub options: Value,
    pub recorded_by: String,
    pub client: Option<String>,
}

/// Puts a job at the end of the queue; `None` where one that is not over yet is in its way: of the same batch, or another
/// evaluation.
pub async fn queue(db: &mut PgConnection, order: &Order<'_>) -> sqlx::Result<Option<Job>> {
    let sql = format!(
        "insert into mutu.job (job_id, kind, state, batch_id, options, recorded_by, client)
         values ($1, $2, 'queued', $3, $4, $5, $6)
         on conflict do nothing
         returning {COLUMNS}"
    );
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(Uuid::new_v4())
        .bind(order.kind.name())
        .bind(order.batch_id)
        .bind(&order.options)
        .bind(order.scope.recorded_by())
        .bind(order.scope.client.map(|it| it.to_canonical().to_string()))
        .fetch_optional(&mut *db)
        .await?;
    if row.is_some() {
        wake(db).await?;
    }
    Ok(row.map(Job::from))
}

/// Tells every node that there is something to take, once the transaction commits.
async fn wake(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("select pg_notify($1, '')").bind(CHANNEL).execute(db).await?;
    Ok(())
}

/// Hears of new jobs.
pub async fn listen(pool: &PgPool) -> sqlx::Result<PgListener> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Takes the oldest job that waits or whose worker is not heard of any more.
pub async fn claim(
    db: impl PgExecutor<'_>,
    worker: Uuid,
    lease: Duration,
) -> sqlx::Result<Option<Claimed>> {
    sqlx::query_as(
        "update mutu.job
         set state = 'running', worker = $1, lease_until = now() + make_interval(secs => $2),
             attempts = attempts + 1, progress = '{}', started_at = now()
         where job_id = (
             select job_id from mutu.job
             where state = 'queued' or (state = 'running' and lease_until < now())
             order by created_at, job_id
             limit 1
             for update skip locked)
         returning job_id, kind, batch_id, options, recorded_by, client",
    )
    .bind(worker)
    .bind(lease.as_secs_f64())
    .fetch_optional(db)
    .await
}

/// Ends jobs that have been begun too often, and those that somebody cancelled while their worker died.
pub async fn give_up(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let error = Failure::new(
        "任务多次中断 / the job broke off again and again",
        format!(
            "服务进程在执行中退出了 {ATTEMPTS} 次，未写入任何数据；可重新提交 / the process that ran it ended {ATTEMPTS} times, nothing was written: it can be asked for again"
        ),
    );
    let done = sqlx::query(
        "update mutu.job
         set state = case when cancel_requested then 'cancelled' else 'failed' end,
             error = case when cancel_requested then null else $2::jsonb end,
             worker = null, lease_until = null, finished_at = now()
         where job_id in (
             select job_id from mutu.job
             where state = 'running' and lease_until < now() and (attempts >= $1 or cancel_requested)
             for update skip locked)",
    )
    .bind(ATTEMPTS)
    .bind(Json(error))
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// What a worker hears when it says that it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    GoOn,
    Cancel,
    /// The job is somebody else's, or over.
    Lost,
}

fn heard(cancel_requested: Option<bool>) -> Heard {
    match cancel_requested {
        None => Heard::Lost,
        Some(true) => Heard::Cancel,
        Some(false) => Heard::GoOn,
    }
}

/// Renews the lease and writes down how far the job is.
pub async fn renew(
    db: impl PgExecutor<'_>,
    (job_id, worker): (Uuid, Uuid),
    lease: Duration,
    progress: Progress,
) -> sqlx::Result<Heard> {
    let found = sqlx::query_scalar(
        "update mutu.job set lease_until = now() + make_interval(secs => $3), progress = $4
         where job_id = $1 and worker = $2 and state = 'running'
         returning cancel_requested",
    )
    .bind(job_id)
    .bind(worker)
    .bind(lease.as_secs_f64())
    .bind(Json(progress))
    .fetch_optional(db)
    .await?;
    Ok(heard(found))
}

/// Whether the job is still wanted and the worker's.
pub async fn ask(db: impl PgExecutor<'_>, (job_id, worker): (Uuid, Uuid)) -> sqlx::Result<Heard> {
    let found = sqlx::query_scalar(
        "select cancel_requested from mutu.job
         where job_id = $1 and worker = $2 and state = 'running'",
    )
    .bind(job_id)
    .bind(worker)
    .fetch_optional(db)
    .await?;
    Ok(heard(found))
}

/// Ends a job in the caller's transaction; false where it may not be ended. Once this has been said the row is locked: nobody
/// can take, cancel or end the job before the transaction is over.
pub async fn finish_within(
    db: &mut PgConnection,
    job_id: Uuid,
    worker: Uuid,
    result: &Value,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update mutu.job
         set state = 'done', result = $3, worker = null, lease_until = null, finished_at = now()
         where job_id = $1 and worker = $2 and state = 'running' and not cancel_requested",
    )
    .bind(job_id)
    .bind(worker)
    .bind(result)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How a job ends that did not end itself in its own transaction.
#[derive(Clone, Debug)]
pub enum End {
    Done(Value),
    Failed(Failure),
    Cancelled,
    /// Nobody's fault: it waits again, and this was no attempt.
    Back,
}

impl End {
    pub const fn name(&self) -> &'static str {
        self.state().name()
    }

    const fn state(&self) -> State {
        match self {
            Self::Done(_) => State::Done,
            Self::Failed(_) => State::Failed,
            Self::Cancelled => State::Cancelled,
            Self::Back => State::Queued,
        }
    }
}

/// Ends a job, if it is still the worker's. Where its own transaction is committing just now this waits for it, and then
/// changes nothing.
pub async fn end(
    db: impl PgExecutor<'_>,
    (job_id, worker): (Uuid, Uuid),
    progress: Progress,
    end: &End,
) -> sqlx::Result<bool> {
    let (result, error) = match end {
        End::Done(it) => (Some(it), None),
        End::Failed(it) => (None, Some(Json(it))),
        End::Cancelled | End::Back => (None, None),
    };
    let done = sqlx::query(
        "update mutu.job
         set state = $3, result = $4, error = $5, progress = $6, worker = null, lease_until = null,
             finished_at = case when $3 = 'queued' then null else now() end,
             attempts = attempts - (case when $3 = 'queued' then 1 else 0 end)
         where job_id = $1 and worker = $2 and state = 'running'",
    )
    .bind(job_id)
    .bind(worker)
    .bind(end.name())
    .bind(result)
    .bind(error)
    .bind(Json(progress))
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Cancels a job that waits, asks for it where one runs; the job as it is then, `None` where there is none.
pub async fn cancel(db: impl PgExecutor<'_>, job_id: Uuid) -> sqlx::Result<Option<Job>> {
    let sql = format!(
        "update mutu.job
         set cancel_requested = cancel_requested or state in ('queued', 'running'),
             finished_at = case when state = 'queued' then now() else finished_at end,
             state = case when state = 'queued' then 'cancelled' else state end
         where job_id = $1
         returning {COLUMNS}"
    );
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(job_id).fetch_optional(db).await?;
    Ok(row.map(Job::from))
}

/// The job of that id.
pub async fn find(db: impl PgExecutor<'_>, job_id: Uuid) -> sqlx::Result<Option<Job>> {
    let sql = format!("select {COLUMNS} from mutu.job where job_id = $1");
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(job_id).fetch_optional(db).await?;
    Ok(row.map(Job::from))
}

/// Jobs that are not over, and those that ended last, newest first.
pub async fn list(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Job>> {
    let sql = format!(
        "select {COLUMNS} from mutu.job
         order by state in ('queued', 'running') desc, created_at desc, job_id limit $1"
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(db).await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// The newest job of a kind.
pub async fn last_of_kind(db: impl PgExecutor<'_>, kind: Kind) -> sqlx::Result<Option<Job>> {
    let sql = format!(
        "select {COLUMNS} from mutu.job where kind = $1 order by created_at desc, job_id limit 1"
    );
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(kind.name()).fetch_optional(db).await?;
    Ok(row.map(Job::from))
}

/// The last job of each of these batches.
pub async fn last_of(db: impl PgExecutor<'_>, batches: &[i64]) -> sqlx::Result<Vec<Job>> {
    let sql = format!(
        "select distinct on (batch_id) {COLUMNS} from mutu.job where batch_id = any($1)
         order by batch_id, created_at desc, job_id"
    );
    let rows: Vec<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(batches).fetch_all(db).await?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// Forgets jobs that ended so many days ago.
pub async fn sweep(db: impl PgExecutor<'_>, days: u16) -> sqlx::Result<u64> {
    let done =
        sqlx::query("delete from mutu.job where finished_at < now() - make_interval(days => $1)")
            .bind(i32::from(days))
            .execute(db)
            .await?;
    Ok(done.rows_affected())
}

/// Lets one node sweep at a time; false where another does. Held until the transaction ends.
pub async fn may_sweep(db: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtext('mutu.job.sweep'))")
        .fetch_one(db)
        .await
}

/// Whether the way to the database broke, and not what was asked of it.
pub fn broke(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|it| it.downcast_ref::<sqlx::Error>()).any(|it| match it {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(it) => {
            let code = it.code().unwrap_or_default();
            // Ended by an administrator, by a crash, or not yet there; connection failures.
            ["57P01", "57P02", "57P03", "25P03"].contains(&&*code) || code.starts_with("08")
        }
        _ => false,
    })
}

/// What of an error was written for people: whatever stands before the database's own words.
pub fn for_people(error: &anyhow::Error) -> Option<String> {
    let is_inner = |it: &(dyn std::error::Error + 'static)| it.is::<sqlx::Error>();
    let told: Vec<String> =
        error.chain().take_while(|it| !is_inner(*it)).map(ToString::to_string).collect();
    (!told.is_empty()).then(|| told.join(": "))
}

/// An error that says more than people should read.
#[cfg(test)]
pub fn a_failure_inside() -> anyhow::Error {
    sqlx::Error::ColumnNotFound("secret".to_owned()).into()
}
