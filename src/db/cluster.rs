//! A private PostgreSQL cluster with PostGIS: found, created, started, joined, stopped. It listens on a unix socket only.
//! Several commands may use it at once; the last one out stops it. One that was orphaned by `kill -9` is joined like any
//! other, and stopped by whoever leaves last; a server that died is started again by [`Watch`].

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;

use crate::config::is_root;

use super::place;
use super::server;
use super::server::Server;
use super::server::USER;

/// A running cluster and this process's share in it.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    /// Held shared by every user of the cluster; whoever can take it alone is the last.
    users: File,
    /// Held alone while the cluster is being started or stopped.
    gate: PathBuf,
    left: bool,
}

/// However the command ends (an error while connecting, an interruption), the server does not outlive its last user.
impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.leave_once() {
            tracing::error!(error = format!("{error:#}"), "leaving the database");
        }
    }
}

impl Cluster {
    /// Joins the cluster of `data_dir`, creating and starting it where needed.
    ///
    /// Fails with what to do when PostgreSQL or PostGIS is missing, when the data belongs to another major version, when
    /// the folder is out of reach of the database's user, or when the disk is full.
    pub fn join_or_start(data_dir: &Path) -> anyhow::Result<Self> {
        let new = !data_dir.exists();
        fs::create_dir_all(data_dir).with_context(|| {
            format!("无法创建数据目录 / cannot create the data directory {}", data_dir.display())
        })?;
        let data_dir = data_dir.canonicalize()?;
        let data = data_dir.join("postgres");
        let bin = place::programs(&data)?;
        let owner = if is_root() { Some(place::postgres_user()?) } else { None };
        if owner.is_some() {
            if new {
                // Whatever the umask: the database's user passes through here.
                fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o755))?;
            }
            place::reachable(&data_dir)?;
        }
        let gate = data_dir.join("gate.lock");
        let held = lock_alone(&gate)?;
        let users = File::create(data_dir.join("users.lock"))?;
        users.lock_shared()?;
        let socket_dir = match server::running_socket_dir(&data) {
            Some(it) => it,
            None => place::socket_dir(&data, owner)?,
        };
        let server = Server { data, socket_dir, bin, owner };
        if let Err(error) = ensure_running(&server) {
            server.remove_socket();
            return Err(error);
        }
        drop(held);
        Ok(Self { server, users, gate, left: false })
    }

    /// How to connect to a database of the cluster.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new().socket(&self.server.socket_dir).username(USER).database(database)
    }

    /// Creates the database if it is not there. `name` is ours, never a request's.
    pub async fn create_database(&self, name: &'static str) -> anyhow::Result<()> {
        let mut connection = sqlx::PgConnection::connect_with(&self.options("postgres")).await?;
        let exists: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
                .bind(name)
                .fetch_one(&mut connection)
                .await?;
        if !exists {
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}")))
                .execute(&mut connection)
                .await?;
        }
        connection.close().await?;
        Ok(())
    }

    /// What looks after the server while this process uses it.
    pub fn watch(&self) -> Watch {
        Watch { server: self.server.clone(), gate: self.gate.clone() }
    }

    /// Leaves the cluster, and stops it if nobody else uses it.
    pub fn leave(mut self) -> anyhow::Result<()> {
        self.leave_once()
    }

    fn leave_once(&mut self) -> anyhow::Result<()> {
        if std::mem::replace(&mut self.left, true) {
            return Ok(());
        }
        let held = lock_alone(&self.gate)?;
        self.users.unlock()?;
        if self.users.try_lock().is_ok() {
            self.server.stop()?;
        }
        drop(held);
        Ok(())
    }
}

/// Looks after a cluster's server: one that was killed is started again.
#[derive(Clone, Debug)]
pub struct Watch {
    server: Server,
    gate: PathBuf,
}

impl Watch {
    /// Whether the server's process is there.
    pub fn is_alive(&self) -> bool {
        self.server.is_alive()
    }

    /// Starts the server where it does not run. Waits for whoever else starts or stops it.
    pub fn revive(&self) -> anyhow::Result<()> {
        let held = lock_alone(&self.gate)?;
        // Its folder may be gone with the server: /run and /tmp are swept.
        if !self.server.is_running() {
            place::socket_dir(&self.server.data, self.server.owner)?;
        }
        ensure_running(&self.server)?;
        drop(held);
        Ok(())
    }
}

fn ensure_running(server: &Server) -> anyhow::Result<()> {
    if !server.data.join("PG_VERSION").exists() {
        server.initialise()?;
    }
    if !server.is_running() {
        server.start()?;
    }
    Ok(())
}

/// Waits up to half a minute for whoever starts or stops the cluster right now.
fn lock_alone(path: &Path) -> anyhow::Result<File> {
    let file = File::create(path)
        .with_context(|| format!("无法写入数据目录 / cannot write to {}", path.display()))?;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "另一个 mutu 正在启动或停止数据库 / {} is held by another mutu for over 30 s",
                    path.display()
                )
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}
