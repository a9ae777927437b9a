//! A reading connection under one [`Scope`]: PostgreSQL's role and the units of the account are set when it is taken from
//! the pool, so that column grants and masking views stand behind every query. There is no other way to read.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::Either;
use sqlx::Execute;
use sqlx::Executor;
use sqlx::PgConnection;
use sqlx::PgPool;
use sqlx::Postgres;
use sqlx::SqlStr;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgQueryResult;
use sqlx::postgres::PgRow;
use sqlx::postgres::PgStatement;
use sqlx::postgres::PgTypeInfo;
use tokio::sync::OwnedSemaphorePermit;

use crate::access::Scope;

/// Stands between the units of `mutu.units`: no name has one.
const BETWEEN_UNITS: &str = "\u{1f}";
/// `mutu.units` of whom every unit is open to.
const ALL_UNITS: &str = "*";
/// How long a cancelled query may take to end before it is cancelled again, and how often that is done.
const CANCEL_AGAIN: Duration = Duration::from_millis(250);
const CANCELS: usize = 20;

/// One connection for one request. When it is dropped in the middle of a query, because the client went away, the query
/// is cancelled and the connection closed; otherwise it goes back to the pool.
#[derive(Debug)]
pub struct Reader {
    /// `None` only while it is being dropped.
    connection: Option<PoolConnection<Postgres>>,
    /// The server process that a cancellation names.
    process: i32,
    /// Cancels: a process may only be signalled by the role that it belongs to.
    owner: PgPool,
    /// Of those who have not signed in: their part of the connections.
    part: Option<OwnedSemaphorePermit>,
    running: bool,
    in_transaction: bool,
}

impl Reader {
    /// Takes a connection and makes it the scope's. One that broke while it lay in the pool is thrown away, not reported.
    pub(super) async fn open(
        read: &PgPool,
        owner: &PgPool,
        part: Option<OwnedSemaphorePermit>,
        scope: &Scope,
    ) -> sqlx::Result<Self> {
        let role = format!("mutu_{}", scope.role);
        let units = scope
            .responsible_units
            .as_ref()
            .map_or(ALL_UNITS.to_owned(), |it| it.join(BETWEEN_UNITS));
        let mut opened = Self::open_as(read, owner, &role, &units).await?;
        opened.part = part;
        Ok(opened)
    }

    /// Whether it serves somebody who has not signed in.
    pub fn is_public(&self) -> bool {
        self.part.is_some()
    }

    /// Under the role that may read what single enterprises contributed, to decide which sums may be told.
    pub(super) async fn open_census(read: &PgPool, owner: &PgPool) -> sqlx::Result<Self> {
        Self::open_as(read, owner, "mutu_census", ALL_UNITS).await
    }

    async fn open_as(read: &PgPool, owner: &PgPool, role: &str, units: &str) -> sqlx::Result<Self> {
        loop {
            let mut connection = read.acquire().await?;
            let taken: sqlx::Result<i32> = sqlx::query_scalar(
                "select pg_backend_pid()
                 where set_config('role', $1, false) is not null and set_config('mutu.units', $2, false) is not null",
            )
            .bind(role)
            .bind(units)
            .fetch_one(&mut *connection)
            .await;
            match taken {
                Ok(process) => {
                    return Ok(Self {
                        connection: Some(connection),
                        process,
                        owner: owner.clone(),
                        part: None,
                        running: false,
                        in_transaction: false,
                    });
                }
                Err(sqlx::Error::Io(_)) if read.size() > 0 => drop(connection.detach()),
                Err(error) => {
                    drop(connection.detach());
                    return Err(error);
                }
            }
        }
    }

    /// Begins a transaction, if there is none yet; every read of it is as of one moment. It ends with [`Reader::end`] or
    /// with the connection.
    pub async fn begin(&mut self) -> sqlx::Result<()> {
        if self.in_transaction {
            return Ok(());
        }
        self.in_transaction = true;
        sqlx::raw_sql("begin isolation level repeatable read, read only")
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    /// The same, in which no statement takes longer.
    pub async fn begin_within(&mut self, most: Duration) -> sqlx::Result<()> {
        self.in_transaction = true;
        let bounded = format!(
            "begin isolation level repeatable read, read only; set local statement_timeout = {}",
            most.as_millis(),
        );
        // Nothing in it but a number.
        sqlx::raw_sql(AssertSqlSafe(bounded)).execute(&mut *self).await?;
        Ok(())
    }

    /// Ends the transaction; there is nothing that it could lose.
    pub async fn end(&mut self) -> sqlx::Result<()> {
        sqlx::raw_sql("rollback").execute(&mut *self).await?;
        self.in_transaction = false;
        Ok(())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if !self.running && !self.in_transaction {
            return;
        }
        // The pool would wait for the query's end, and a query that nobody waits for can be a long one.
        let mut connection = connection.detach();
        let (running, process, owner) = (self.running, self.process, self.owner.clone());
        let part = self.part.take();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if running && let Err(error) = cancel(&mut connection, process, &owner).await {
                tracing::warn!(%error, "a query whose client left could not be cancelled");
            }
            // Not before: the number of a process that has ended may be another's.
            drop((connection, part));
        });
    }
}

/// Cancels what the connection is at until it is at nothing: a server that has not begun with a statement, though it was
/// sent, takes no notice of the first time.
async fn cancel(connection: &mut PgConnection, process: i32, owner: &PgPool) -> sqlx::Result<()> {
    for _ in 0..CANCELS {
        sqlx::query("select pg_cancel_backend($1)").bind(process).execute(owner).await?;
        if tokio::time::timeout(CANCEL_AGAIN, connection.ping()).await.is_ok() {
            return Ok(());
        }
    }
    tracing::warn!(process, "a query whose client left goes on, however often it was cancelled");
    Ok(())
}

type Step = Result<Either<PgQueryResult, PgRow>, sqlx::Error>;

/// Knows whether its query has come to an end.
struct Tracked<'e> {
    steps: BoxStream<'e, Step>,
    running: &'e mut bool,
}

impl Stream for Tracked<'_> {
    type Item = Step;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Step>> {
        *self.running = true;
        let step = ready!(self.steps.poll_next_unpin(context));
        if !matches!(step, Some(Ok(_))) {
            *self.running = false;
        }
        Poll::Ready(step)
    }
}

impl<'c> Executor<'c> for &'c mut Reader {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let Reader { connection, running, .. } = self;
        match connection {
            Some(it) => Box::pin(Tracked { steps: (&mut **it).fetch_many(query), running }),
            None => Box::pin(futures_util::stream::iter([Err(sqlx::Error::PoolClosed)])),
        }
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(async move {
            let mut steps = self.fetch_many(query);
            let mut found = None;
            // To the end: a row whose query is still running would be taken for one whose client left.
            while let Some(step) = steps.next().await {
                if let Either::Right(row) = step? {
                    found.get_or_insert(row);
                }
            }
            Ok(found)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        match &mut self.connection {
            Some(it) => (&mut **it).prepare_with(sql, parameters),
            None => Box::pin(std::future::ready(Err(sqlx::Error::PoolClosed))),
        }
    }

    fn describe<'e>(
        self,
        sql: SqlStr,
    ) -> BoxFuture<'e, Result<sqlx::Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        match &mut self.connection {
            Some(it) => (&mut **it).describe(sql),
            None => Box::pin(std::future::ready(Err(sqlx::Error::PoolClosed))),
        }
    }
}
