//! Connections. Nothing else opens any: commands, requests and jobs get a [`Db`] with a pool that may only read and one
//! that may write. With no server configured, `cluster` runs a private one.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use sqlx::AssertSqlSafe;
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::PgConnection;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use sqlx::postgres::PgListener;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::access::Scope;
use crate::config::Config;
use crate::config::Timeouts;
use crate::seal::Sealer;

mod bind;
mod cluster;
pub mod grids;
mod place;
mod reader;
mod revisions;
mod server;
mod whole;

pub use bind::Statement;
pub use bind::bind_values;
pub use cluster::Cluster;
pub use reader::Reader;
use revisions::Revisions;
pub use whole::Whole;

/// A connection that writes, such as a transaction of [`Db::write`].
pub type Writer = PgConnection;

/// The migrations of the service's own tables.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The pools, and the private cluster when there is one.
#[derive(Debug)]
pub struct Db {
    /// Writes: imports, evaluations, sessions. Runs as `mutu_writer`, which owns nothing and only adds to the audit.
    pub write: PgPool,
    /// Jobs, and what is said of them: like `write`, but nobody waits for it, so statements may take long.
    pub jobs: PgPool,
    /// Read-only transactions, short statement timeout; given out under a scope, see [`Db::read`].
    read: PgPool,
    /// The tables' owner: migrates, brings layers in line, cancels.
    owner: PgPool,
    sealer: Sealer,
    revisions: Revisions,
    /// What people who have not signed in may hold of `read`.
    public: Arc<Semaphore>,
    cluster: Mutex<Option<Cluster>>,
}

/// Reading connections, and how many of them people who have not signed in may hold at once: however many come, those
/// who work here keep the rest.
const READERS: u32 = 10;
const PUBLIC_READERS: usize = 6;
/// How long the public waits for one of its own; a map tries again.
const PUBLIC_WAIT: Duration = Duration::from_secs(3);
/// Connections of jobs: two for each worker there may be, one that listens for jobs, and one for changes of layers.
const JOBS: u32 = 18;
/// How often the private server is looked after.
const WATCH_EVERY: Duration = Duration::from_millis(500);

impl Db {
    /// Connects to the configured server or to the private cluster (started when it does not run), and migrates.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.database_url {
            Some(url) => {
                let options = parse(url)?;
                Self::connect(options, None, config.timeouts).await
            }
            None => Self::open_private(&config.data_dir, config.timeouts).await,
        }
    }

    async fn open_private(data_dir: &Path, timeouts: Timeouts) -> anyhow::Result<Self> {
        let dir = data_dir.to_owned();
        let cluster = tokio::task::spawn_blocking(move || Cluster::join_or_start(&dir)).await??;
        let options = cluster.options("mutu");
        cluster.create_database("mutu").await?;
        Self::connect(options, Some(cluster), timeouts).await
    }

    /// Connects, migrates, and prepares both pools.
    pub async fn connect(
        options: PgConnectOptions,
        cluster: Option<Cluster>,
        timeouts: Timeouts,
    ) -> anyhow::Result<Self> {
        let options = options
            .application_name("mutu")
            // `jit` doubles the time of a tile query; the rest keeps one stuck client from holding the others.
            // The private user's own name is a schema of ours; names in SQL are always written out.
            .options([
                ("search_path", "public"),
                ("jit", "off"),
                ("idle_in_transaction_session_timeout", "60s"),
                ("lock_timeout", "20s"),
            ])
            .disable_statement_logging();
        // Once without a pool, which would only say that it waited in vain.
        let reached = PgConnection::connect_with(&options).await.with_context(|| {
            format!(
                "数据库无法连接（{at}），请检查 DATABASE_URL / the database cannot be reached at {at}: check DATABASE_URL",
                at = address(&options)
            )
        })?;
        let _ = reached.close().await;
        let owner = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(10))
            // It is there at start and when a client leaves a query behind.
            .idle_timeout(Duration::from_mins(1))
            .after_connect(|connection, _| Box::pin(see_every_row(connection)))
            .connect_with(options.clone())
            .await
            .context("数据库无法连接 / the database cannot be reached")?;
        if let Err(error) = MIGRATIONS.run(&owner).await {
            owner.close().await;
            return Err(error).context(
                "数据库升级失败 / migrating the database failed (PostGIS must be installed and the user may create extensions and roles)",
            );
        }
        let sealer = Sealer::new(&installation_secret(&owner).await?);
        let write = PgPoolOptions::new()
            .max_connections(6)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(|connection, _| Box::pin(prepare_writer(connection)))
            .connect_with(options.clone())
            .await
            .context(
                "opening the writing connections (the user needs membership of role mutu_writer)",
            )?;
        let jobs = PgPoolOptions::new()
            .max_connections(JOBS)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(Duration::from_mins(1))
            .after_connect(|connection, _| Box::pin(prepare_job(connection)))
            // Commands begin no jobs: the first is connected when it is needed.
            .connect_lazy_with(options.clone());
        let read = PgPoolOptions::new()
            .max_connections(READERS)
            .min_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            // Taking the scope's role is a test already.
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(prepare_reader(connection)))
            .connect_with(options.options(limits(timeouts.read, timeouts.stall)))
            .await
            .context(
                "opening the read-only connections (the user needs membership of role mutu_admin)",
            )?;
        let public = Arc::new(Semaphore::new(PUBLIC_READERS));
        Ok(Self {
            write,
            jobs,
            read,
            owner,
            sealer,
            revisions: Revisions::default(),
            public,
            cluster: Mutex::new(cluster),
        })
    }

    /// A reading connection that sees what the scope may see.
    pub async fn read(&self, scope: &Scope) -> sqlx::Result<Reader> {
        let part = match &scope.account {
            Some(_) => None,
            None => Some(self.public_part().await?),
        };
        Reader::open(&self.read, &self.owner, part, scope).await
    }

    /// The revision that a layer was at a moment ago at most, which is no secret of anybody's: no scope is set for it. Nothing
    /// where it cannot be had.
    pub async fn revision(&self, layer: &str) -> Option<i64> {
        if self.is_closed() {
            return None;
        }
        self.revisions.of(layer, &self.read.connect_options()).await
    }

    /// Says that something may have been changed: from now on [`Db::revision`] tells of it.
    pub fn changed(&self) {
        self.revisions.forget(Instant::now());
    }

    async fn public_part(&self) -> sqlx::Result<OwnedSemaphorePermit> {
        let part = Arc::clone(&self.public).acquire_owned();
        match tokio::time::timeout(PUBLIC_WAIT, part).await {
            Ok(Ok(part)) => Ok(part),
            _ => Err(sqlx::Error::PoolTimedOut),
        }
    }

    /// From now on what is written is written for requests, which nobody waits long for; commands take their time.
    pub fn write_for_requests(&self, timeouts: Timeouts) {
        let options = self.write.connect_options().as_ref().clone();
        let of_jobs = options.clone().options([
            ("statement_timeout", seconds(timeouts.job)),
            // The next one waits for as long as the one before it may take.
            ("lock_timeout", seconds(timeouts.job)),
        ]);
        self.jobs.set_connect_options(of_jobs);
        self.write.set_connect_options(options.options(limits(timeouts.write, timeouts.write)));
        // Those that are open still have the old bounds.
        while let Some(connection) = self.write.try_acquire() {
            drop(connection.detach());
        }
    }

    /// A connection of its own that sees every row and field, and may take long: for copying whole layers into memory, from
    /// which every answer is cut to its scope. It has to reach the primary directly: a replica may be behind what was
    /// announced, and a pooler such as pgBouncer takes connections apart by transaction.
    pub async fn read_whole(&self) -> anyhow::Result<Whole> {
        anyhow::ensure!(!self.owner.is_closed(), "the database was closed");
        Whole::open(&self.owner.connect_options()).await
    }

    /// Hears what is notified on a channel, with a direct connection like that of [`Db::read_whole`].
    pub async fn listen(&self, channel: &str) -> sqlx::Result<PgListener> {
        let mut listener = PgListener::connect_with(&self.jobs).await?;
        // Whoever waits for a message looks for itself what it missed, and is better told.
        listener.eager_reconnect(false);
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// Whether [`Db::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.owner.is_closed()
    }

    /// A reading connection that sees what every single enterprise contributed. For deciding which sums may be told to
    /// somebody who may not see that, and for nothing else.
    pub async fn read_for_disclosure(&self) -> sqlx::Result<Reader> {
        Reader::open_census(&self.read, &self.owner).await
    }

    /// Connections of the owner of all tables: for bringing tables and grants in line with the layer folders.
    pub fn owner(&self) -> &PgPool {
        &self.owner
    }

    /// Seals what clients carry, for every node of the installation alike.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Notes where the installation is served.
    pub async fn note_url(&self, url: &str) -> sqlx::Result<()> {
        let update = sqlx::query("update mutu.installation set url = $1");
        update.bind(url).execute(&self.owner).await?;
        Ok(())
    }

    /// Where it was last served, if it ever was.
    pub async fn noted_url(&self) -> sqlx::Result<Option<String>> {
        sqlx::query_scalar("select url from mutu.installation").fetch_one(&self.owner).await
    }

    /// Open and idle reading connections.
    pub fn reading(&self) -> (u32, usize) {
        (self.read.size(), self.read.num_idle())
    }

    /// Starts the private cluster's server again whenever it is gone, for as long as the future is polled. With a server
    /// of somebody else's there is nothing to do but wait.
    pub async fn watch(&self) {
        let watch = {
            let cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
            cluster.as_ref().map(Cluster::watch)
        };
        let Some(watch) = watch else { return std::future::pending().await };
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            if watch.is_alive() {
                continue;
            }
            tracing::warn!(
                "数据库进程已退出，正在重新启动 / the database's server is gone, starting it again"
            );
            let watch = watch.clone();
            match tokio::task::spawn_blocking(move || watch.revive()).await {
                Ok(Ok(())) => tracing::info!("数据库已恢复 / the database is back"),
                Ok(Err(error)) => {
                    tracing::error!(error = format!("{error:#}"), "the database did not start");
                }
                Err(error) => tracing::error!(%error, "starting the database"),
            }
        }
    }

    /// Closes the pools and stops the private cluster, if this process is the last that uses it.
    pub async fn close(&self) -> anyhow::Result<()> {
        self.read.close().await;
        self.write.close().await;
        self.jobs.close().await;
        self.owner.close().await;
        self.revisions.close().await;
        let cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(cluster) = cluster {
            tokio::task::spawn_blocking(move || cluster.leave()).await??;
        }
        Ok(())
    }
}

/// Seconds for a statement, and for a transaction in which nothing happens. Whoever waits for a lock waits for less.
fn limits(statement: u64, idle: u64) -> [(&'static str, String); 3] {
    [
        ("statement_timeout", seconds(statement)),
        ("lock_timeout", seconds(statement.div_ceil(2))),
        ("idle_in_transaction_session_timeout", seconds(idle)),
    ]
}

/// A bound as the server takes it.
fn seconds(it: u64) -> String {
    format!("{}s", it.max(1))
}

fn parse(url: &str) -> anyhow::Result<PgConnectOptions> {
    let known = ["postgres://", "postgresql://"].iter().any(|it| url.starts_with(it));
    // The address itself stays out of the message: it may hold a password.
    let options = known.then(|| PgConnectOptions::from_str(url)).and_then(Result::ok);
    options.context(
        "DATABASE_URL 不是 PostgreSQL 地址 / DATABASE_URL is no PostgreSQL address, such as postgres://user@host:5432/name",
    )
}

/// Where a server is, without user and password.
fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// The secret of the installation, made by whichever node comes first.
async fn installation_secret(owner: &PgPool) -> anyhow::Result<[u8; 32]> {
    sqlx::query("insert into mutu.installation (secret) values ($1) on conflict do nothing")
        .bind(Sealer::secret()?)
        .execute(owner)
        .await?;
    let secret: Vec<u8> =
        sqlx::query_scalar("select secret from mutu.installation").fetch_one(owner).await?;
    secret.try_into().map_err(|_| anyhow::anyhow!("the installation's secret is not 32 bytes"))
}

/// The owner counts all rows of a layer, whoever may read them.
const EVERY_ROW: &str = "set mutu.units = '*'";

async fn see_every_row(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(EVERY_ROW).execute(connection).await?;
    Ok(())
}

async fn prepare_writer(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(format!("{EVERY_ROW}; set role mutu_writer")))
        .execute(connection)
        .await?;
    Ok(())
}

/// A statement of a job may be long: one whose client is gone ends soon, and its locks with it.
async fn prepare_job(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("set client_connection_check_interval = '1s'").execute(&mut *connection).await?;
    prepare_writer(connection).await
}

/// Begins as the public, and pays PROJ's start-up (150-700 ms) before the first tile has to.
async fn prepare_reader(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "set role mutu_public;
         set default_transaction_read_only = on;
         select st_transform(st_setsrid(st_makepoint(121.25, 31.38), 4490), 3857)",
    )
    .execute(connection)
    .await?;
    Ok(())
}
