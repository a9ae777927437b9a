//! The server program of a private cluster: created, started, found dead and started again, stopped. Who may do so at one
//! moment is `cluster`'s business.

use std::fs;
use std::fs::File;
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

use super::place::Owner;
use super::place::SOCKET;

/// The database user of the private cluster.
pub const USER: &str = "mutu";
/// How long a server may take to be ready; after a crash it first replays what was not yet on its pages.
const READY: Duration = Duration::from_mins(1);

/// The server of one data folder.
#[derive(Clone, Debug)]
pub struct Server {
    pub data: PathBuf,
    pub socket_dir: PathBuf,
    pub bin: PathBuf,
    pub owner: Option<Owner>,
}

impl Server {
    /// One of `PostgreSQL`'s programs, run by the database's user. `setpriv` changes the user, not `Command::uid`, which has
    /// to fork: the fork of a process in which another thread is inside PROJ waits for PROJ's lock for ever.
    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = match self.owner {
            None => Command::new(program),
            Some(owner) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={}", owner.uid)).arg(format!("--regid={}", owner.gid));
                command.args(["--clear-groups", "--"]).arg(program).current_dir("/");
                command
            }
        };
        // Its own process group, so that Ctrl-C reaches mutu alone and mutu stops the server in order.
        command.process_group(0).stdin(Stdio::null()).env_remove("PGDATA").env("LC_ALL", "C.UTF-8");
        command
    }

    /// Makes the data folder. It appears under its name when it is whole, so that a start which was cut off, or for which
    /// the disk was too small, leaves nothing that looks like a database.
    pub fn initialise(&self) -> anyhow::Result<()> {
        if fs::read_dir(&self.data).is_ok_and(|mut it| it.next().is_some()) {
            bail!(
                "{dir} 不为空，也不是数据库：请用 --data-dir 换一个目录 / {dir} is not empty and no database: choose another --data-dir",
                dir = self.data.display()
            );
        }
        let new = self.data.with_extension("new");
        let _ = fs::remove_dir_all(&new);
        let made = self.initialise_at(&new);
        if made.is_err() {
            let _ = fs::remove_dir_all(&new);
        }
        made?;
        fs::rename(&new, &self.data)
            .with_context(|| format!("naming the database's folder {}", self.data.display()))
    }

    fn initialise_at(&self, dir: &Path) -> anyhow::Result<()> {
        let failed = "无法建立数据库（磁盘空间？权限？）/ creating the database failed (disk space? permissions?)";
        fs::create_dir(dir).with_context(|| format!("{failed}: {}", dir.display()))?;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
        if let Some(owner) = self.owner {
            std::os::unix::fs::chown(dir, Some(owner.uid), Some(owner.gid))?;
        }
        let done = self
            .command("initdb")
            .args(["-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"])
            .arg(dir)
            .output()
            .context("starting initdb")?;
        if !done.status.success() {
            bail!("{failed}: {}", String::from_utf8_lossy(&done.stderr).trim());
        }
        Ok(())
    }

    /// Starts the server and waits until it takes connections. What a killed server left behind, it clears up itself; the
    /// processes that still hold its memory are waited for.
    pub fn start(&self) -> anyhow::Result<()> {
        self.forget_killed()?;
        let deadline = Instant::now() + READY;
        let log = self.data.join("server.log");
        loop {
            match self.try_start(&log, deadline)? {
                None => return Ok(()),
                Some(_) if tail(&log).contains("still in use") && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                Some(status) => {
                    bail!(
                        "PostgreSQL 未能启动 / PostgreSQL did not start ({status}): {}",
                        tail(&log)
                    )
                }
            }
        }
    }

    /// `None` when it is ready, else how it ended.
    fn try_start(
        &self,
        log: &Path,
        deadline: Instant,
    ) -> anyhow::Result<Option<std::process::ExitStatus>> {
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("无法写入 / cannot write {}", log.display()))?;
        if let Some(owner) = self.owner {
            std::os::unix::fs::chown(log, Some(owner.uid), Some(owner.gid))?;
        }
        let mut server = self.command("postgres");
        server.arg("-D").arg(&self.data).arg("-k").arg(&self.socket_dir);
        for setting in [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=120",
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
        while !self.is_running() {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() > deadline {
                bail!(
                    "PostgreSQL 未能在 60 秒内就绪 / PostgreSQL was not ready within 60 s: {}",
                    tail(log)
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // The server outlives this handle on purpose: who leaves last stops it.
        std::thread::spawn(move || child.wait());
        Ok(None)
    }

    /// Stops the server and removes the folder of its socket. A fast shutdown (SIGINT): a smart one would wait for every
    /// client.
    pub fn stop(&self) -> anyhow::Result<()> {
        let done = self
            .command("pg_ctl")
            .args(["stop", "-m", "fast", "-w", "-t", "60", "-D"])
            .arg(&self.data)
            .output()?;
        if !done.status.success() && self.is_running() {
            bail!("stopping PostgreSQL: {}", String::from_utf8_lossy(&done.stderr).trim());
        }
        self.remove_socket();
        Ok(())
    }

    /// Removes what is left of the socket when no server runs; a killed one leaves its files there.
    pub fn remove_socket(&self) {
        let socket = self.socket_dir.join(SOCKET);
        let _ = fs::remove_file(self.socket_dir.join(format!("{SOCKET}.lock")));
        let _ = fs::remove_file(socket);
        let _ = fs::remove_dir(&self.socket_dir);
    }

    /// Ready for connections, as the server itself says in line 8 of its pid file, and really there.
    pub fn is_running(&self) -> bool {
        let ready = pid_line(&self.data, 8).is_some_and(|it| it == "ready");
        ready && UnixStream::connect(self.socket_dir.join(SOCKET)).is_ok()
    }

    /// Whether the process of the pid file is there and ours: cheap enough to ask twice a second, as a connection is not.
    pub fn is_alive(&self) -> bool {
        let Some(pid) = pid_line(&self.data, 1) else { return false };
        let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // In a container nobody may have waited for it: it ended all the same.
        let ended = status.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'));
        !ended && fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|it| it == self.data)
    }

    /// Lets the server start over the pid file of one that was killed, when its number still looks taken: by a process that
    /// nobody waited for, or by another one since a reboot. `PostgreSQL` takes its parent's number for stale, and still
    /// looks whether processes hold the memory of the old server, which removing the file would keep it from.
    fn forget_killed(&self) -> anyhow::Result<()> {
        let file = self.data.join("postmaster.pid");
        let Ok(text) = fs::read_to_string(&file) else { return Ok(()) };
        if self.is_alive() {
            return Ok(());
        }
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        fs::write(&file, format!("{}\n{rest}", std::process::id()))?;
        let socket = self.socket_dir.join(SOCKET);
        let _ = fs::remove_file(self.socket_dir.join(format!("{SOCKET}.lock")));
        let _ = fs::remove_file(socket);
        Ok(())
    }
}

/// The folder of the socket of a server that runs on `data`, whatever folder this process would have chosen: another
/// user's environment, or `sudo`, may have had another.
pub fn running_socket_dir(data: &Path) -> Option<PathBuf> {
    let dir = PathBuf::from(pid_line(data, 5)?);
    UnixStream::connect(dir.join(SOCKET)).is_ok().then_some(dir)
}

/// A line of the server's pid file, counted from one.
fn pid_line(data: &Path, nth: usize) -> Option<String> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Some(text.lines().nth(nth - 1)?.trim().to_owned())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}
