//! A reading connection of its own that sees every row and field, for whoever copies whole layers. It is in no pool: it may
//! take minutes, and one that was left in the middle of a COPY cannot be used again, so it is closed and nothing else.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::Connection;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::time::timeout;

/// One such connection; closed when it is dropped, and with it whatever still ran.
#[derive(Debug)]
pub struct Whole {
    connection: PgConnection,
}

/// A server that says nothing for so long is taken for lost; before the first row it may have much to sort.
const SILENCE: Duration = Duration::from_mins(3);
/// How `pg_stat_activity` tells it from the connections that requests wait for.
const NAME: &str = "mutu map";
const CONNECT: Duration = Duration::from_secs(5);

impl Whole {
    pub(super) async fn open(options: &PgConnectOptions) -> anyhow::Result<Self> {
        let options = options.clone().application_name(NAME);
        let connecting = async {
            let mut connection = PgConnection::connect_with(&options).await?;
            // One whose client is gone ends soon, even if it is only sorting.
            sqlx::raw_sql(
                "set role mutu_admin;
                 set mutu.units = '*';
                 set default_transaction_read_only = on;
                 set statement_timeout = '30min';
                 set client_connection_check_interval = '1s'",
            )
            .execute(&mut connection)
            .await?;
            Ok::<_, sqlx::Error>(connection)
        };
        Ok(Self { connection: timeout(CONNECT, connecting).await?? })
    }

    /// For statements of any kind.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Begins a transaction; every read of it is as of one moment.
    pub async fn begin(&mut self) -> sqlx::Result<()> {
        sqlx::raw_sql("begin isolation level repeatable read, read only")
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Ends the transaction; there is nothing that it could lose.
    pub async fn end(&mut self) -> sqlx::Result<()> {
        sqlx::raw_sql("rollback").execute(&mut self.connection).await?;
        Ok(())
    }

    /// Runs a `COPY ... TO STDOUT` and calls with the bytes as they come. After an error, and when it is dropped in the middle,
    /// the connection is of no more use.
    pub async fn copy(
        &mut self,
        sql: &str,
        mut bytes: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut stream = self.connection.copy_out_raw(sql).await?;
        while let Some(it) = timeout(SILENCE, stream.try_next()).await?? {
            bytes(&it)?;
        }
        Ok(())
    }
}
