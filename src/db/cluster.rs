//! A private PostgreSQL cluster with PostGIS: found, created, started, joined, stopped. It listens on a unix socket only.
//! Several commands may use it at once; the last one out stops it. One that was orphaned by `kill -9` is joined like any
//! other, and stopped by whoever leaves last.

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use sha2::Digest;
use sha2::Sha256;
use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;

use crate::config::is_root;

/// The database user of the private cluster.
const USER: &str = "mutu";
/// Debian keeps each major version's programs here.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// A running cluster and this process's share in it.
#[derive(Debug)]
pub struct Cluster {
    data: PathBuf,
    socket_dir: PathBuf,
    bin: PathBuf,
    owner: Option<Owner>,
    /// Held shared by every user of the cluster; whoever can take it alone is the last.
    users: File,
    /// Held alone while the cluster is being started or stopped.
    gate: PathBuf,
}

/// The unprivileged user that runs PostgreSQL when mutu is root.
#[derive(Clone, Copy, Debug)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// Joins the cluster of `data_dir`, creating and starting it where needed.
    ///
    /// Fails with what to do when PostgreSQL or PostGIS is missing, when the data belongs to another major version, when
    /// the folder is out of reach of the database's user, or when the disk is full.
    pub fn join_or_start(data_dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(data_dir).with_context(|| {
            format!("无法创建数据目录 / cannot create the data directory {}", data_dir.display())
        })?;
        let data_dir = data_dir.canonicalize()?;
        let data = data_dir.join("postgres");
        let bin = programs(&data)?;
        let owner = if is_root() { Some(postgres_user()?) } else { None };
        if owner.is_some() {
            reachable(&data_dir)?;
        }
        let gate = data_dir.join("gate.lock");
        let held = lock_alone(&gate)?;
        let users = File::create(data_dir.join("users.lock"))?;
        users.lock_shared()?;
        let socket_dir = socket_dir(&data, owner)?;
        let cluster = Self { data, socket_dir, bin, owner, users, gate };
        if !cluster.data.join("PG_VERSION").exists() {
            cluster.initialise()?;
        }
        if !cluster.is_running() {
            cluster.start()?;
        }
        drop(held);
        Ok(cluster)
    }

    /// How to connect to a database of the cluster.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new().socket(&self.socket_dir).username(USER).database(database)
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

    /// Leaves the cluster, and stops it if nobody else uses it.
    pub fn leave(self) -> anyhow::Result<()> {
        let held = lock_alone(&self.gate)?;
        self.users.unlock()?;
        let last = self.users.try_lock().is_ok();
        if last {
            // Fast shutdown (SIGINT): a smart one would wait for every client.
            let done = self
                .command("pg_ctl")
                .args(["stop", "-m", "fast", "-w", "-t", "60", "-D"])
                .arg(&self.data)
                .output()?;
            if !done.status.success() && self.is_running() {
                bail!("stopping PostgreSQL: {}", String::from_utf8_lossy(&done.stderr).trim());
            }
            let _ = fs::remove_dir(&self.socket_dir);
        }
        drop(held);
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        // Its own process group, so that Ctrl-C reaches mutu alone and mutu stops the server in order.
        command.process_group(0).stdin(Stdio::null()).env_remove("PGDATA").env("LC_ALL", "C.UTF-8");
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid).current_dir("/");
        }
        command
    }

    fn initialise(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.data)?;
        fs::set_permissions(&self.data, fs::Permissions::from_mode(0o700))?;
        if let Some(owner) = self.owner {
            std::os::unix::fs::chown(&self.data, Some(owner.uid), Some(owner.gid))?;
        }
        let done = self
            .command("initdb")
            .args(["-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
            .arg(&self.data)
            .output()
            .context("starting initdb")?;
        if !done.status.success() {
            let _ = fs::remove_dir_all(&self.data);
            bail!(
                "无法建立数据库（磁盘空间？权限？）/ creating the database failed (disk space? permissions?): {}",
                String::from_utf8_lossy(&done.stderr).trim()
            );
        }
        Ok(())
    }

    fn start(&self) -> anyhow::Result<()> {
        let log = self.data.join("server.log");
        let out = File::options().create(true).append(true).open(&log)?;
        if let Some(owner) = self.owner {
            std::os::unix::fs::chown(&log, Some(owner.uid), Some(owner.gid))?;
        }
        let mut server = self.command("postgres");
        server.arg("-D").arg(&self.data).arg("-k").arg(&self.socket_dir);
        for setting in [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=60",
            "shared_buffers=256MB",
            "work_mem=32MB",
            "maintenance_work_mem=256MB",
            "max_wal_size=4GB",
            "checkpoint_completion_target=0.9",
            "jit=off",
            "random_page_cost=1.1",
        ] {
            server.arg("-c").arg(setting);
        }
        let mut child =
            server.stdout(out.try_clone()?).stderr(out).spawn().context("starting postgres")?;
        let deadline = Instant::now() + Duration::from_mins(1);
        while !self.is_running() {
            if let Some(status) = child.try_wait()? {
                bail!("PostgreSQL 未能启动 / PostgreSQL did not start ({status}): {}", tail(&log));
            }
            if Instant::now() > deadline {
                bail!(
                    "PostgreSQL 未能在 60 秒内就绪 / PostgreSQL was not ready within 60 s: {}",
                    tail(&log)
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // The server outlives this handle on purpose: `leave` stops it.
        std::thread::spawn(move || child.wait());
        Ok(())
    }

    /// Ready for connections, as the server itself says in line 8 of its pid file, and really there.
    fn is_running(&self) -> bool {
        let Ok(text) = fs::read_to_string(self.data.join("postmaster.pid")) else { return false };
        let lines: Vec<&str> = text.lines().collect();
        let ready = lines.get(7).is_some_and(|it| it.trim() == "ready");
        ready && UnixStream::connect(self.socket_dir.join(".s.PGSQL.5432")).is_ok()
    }
}

/// The programs of the data's major version, or of the newest one for a new cluster.
fn programs(data: &Path) -> anyhow::Result<PathBuf> {
    let wanted = fs::read_to_string(data.join("PG_VERSION")).ok().map(|it| it.trim().to_owned());
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(PROGRAMS)
        .into_iter()
        .flatten()
        .filter_map(|it| {
            let path = it.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let bin = path.join("bin");
            (bin.join("initdb").exists() && bin.join("postgres").exists()).then_some((version, bin))
        })
        .collect();
    versions.sort();
    if versions.is_empty() {
        bail!(
            "未找到 PostgreSQL：请运行 `apt-get install postgresql postgresql-postgis`，或设置 DATABASE_URL / PostgreSQL is not \
             installed: run `apt-get install postgresql postgis` or set DATABASE_URL"
        );
    }
    if let Some(wanted) = wanted {
        return versions.iter().find(|(it, _)| it.to_string() == wanted).map(|(_, bin)| bin.clone()).with_context(|| {
            let found: Vec<String> = versions.iter().map(|(it, _)| it.to_string()).collect();
            format!(
                "数据目录属于 PostgreSQL {wanted}，本机只有 {have} / the data directory {dir} belongs to PostgreSQL {wanted}, this machine has \
                 {have}: install postgresql-{wanted} and postgresql-{wanted}-postgis-3, or export with the old version and \
                 import into a new data directory",
                have = found.join(", "),
                dir = data.display()
            )
        });
    }
    versions.pop().map(|(_, bin)| bin).context("no PostgreSQL")
}

/// PostgreSQL refuses root: its Debian package brings the user `postgres`.
fn postgres_user() -> anyhow::Result<Owner> {
    let users = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let user = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == "postgres").then_some(())?;
        Some(Owner { uid: parts.nth(1)?.parse().ok()?, gid: parts.next()?.parse().ok()? })
    });
    user.context(
        "以 root 运行需要系统用户 postgres / running as root needs the system user `postgres`",
    )
}

/// Every folder above the data must let the database's user pass.
fn reachable(dir: &Path) -> anyhow::Result<()> {
    for folder in dir.ancestors() {
        if fs::metadata(folder)?.mode() & 0o001 == 0 {
            bail!(
                "数据库用户无法进入 {0}：请用 --data-dir 换一个目录 / the database's user cannot enter {0}: choose another --data-dir (such as \
                 /var/lib/mutu) or `chmod o+x {0}`",
                folder.display()
            );
        }
    }
    Ok(())
}

/// A short folder for the socket, whose whole path may not exceed 107 bytes.
fn socket_dir(data: &Path, owner: Option<Owner>) -> anyhow::Result<PathBuf> {
    let digest = Sha256::digest(data.as_os_str().as_encoded_bytes());
    let tag = digest.iter().take(5).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let base = if owner.is_some() {
        PathBuf::from("/run")
    } else {
        std::env::var_os("XDG_RUNTIME_DIR")
            .map(PathBuf::from)
            .filter(|it| it.is_dir())
            .unwrap_or_else(std::env::temp_dir)
    };
    let dir = base.join(format!("mutu-{tag}"));
    fs::create_dir_all(&dir)
        .with_context(|| format!("creating the socket folder {}", dir.display()))?;
    if let Some(owner) = owner {
        std::os::unix::fs::chown(&dir, Some(owner.uid), Some(owner.gid))?;
    } else if fs::metadata(&dir)?.uid() != fs::metadata("/proc/self")?.uid() {
        bail!("{} belongs to another user; remove it or set XDG_RUNTIME_DIR", dir.display());
    }
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700))?;
    Ok(dir)
}

/// Waits up to half a minute for whoever starts or stops the cluster right now.
fn lock_alone(path: &Path) -> anyhow::Result<File> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                bail!("{} is held by another mutu for over 30 s", path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}
