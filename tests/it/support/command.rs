//! The real binary: run to its end, or kept up in a data folder of its own that leaves no process behind.

use std::ffi::OsStr;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Asserts a failure in both languages that says all of `words`.
    pub fn refused(&self, words: &[&str]) {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(self.err.starts_with("错误 / error: "), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is missing in {}", self.err);
        }
    }

    /// Asserts success.
    pub fn done(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

/// The binary with nothing of this process's settings.
pub fn mutu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mutu"));
    for name in [
        "DATABASE_URL",
        "MUTU_CONFIG",
        "MUTU_DATA_DIR",
        "MUTU_LAYERS",
        "MUTU_LISTEN",
        "MUTU_PUBLIC_URL",
        "MUTU_LOG",
        "XDG_RUNTIME_DIR",
    ] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs to the end.
pub fn run(command: &mut Command) -> Ran {
    let done = command.output().unwrap();
    Ran {
        code: done.status.code(),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

/// A data folder that the database's user can reach. When it is dropped no server runs on it any more.
pub struct DataDir {
    dir: tempfile::TempDir,
}

impl DataDir {
    pub fn new() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::Builder::new().prefix("mutu-cli-").tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { dir }
    }

    /// With a database that was made before, and stopped: a copy of one that all tests share.
    pub fn ready() -> Self {
        static MADE: OnceLock<PathBuf> = OnceLock::new();
        let made = MADE.get_or_init(|| {
            let dir = super::scratch().join("ready");
            run(mutu().args(["user", "list", "--data-dir"]).arg(&dir)).done();
            dir
        });
        let it = Self::new();
        let copied = Command::new("cp").arg("-a").arg(made).arg(it.data()).output().unwrap();
        assert!(copied.status.success(), "{copied:?}");
        it
    }

    /// A folder for files of the test.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A command on this data.
    pub fn command<I: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = I>) -> Command {
        let mut command = mutu();
        command.args(args).arg("--data-dir").arg(self.data());
        command
    }

    /// Runs a command on this data to its end.
    pub fn mutu<I: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = I>) -> Ran {
        run(&mut self.command(args))
    }

    /// A line of the server's pid file, counted from one.
    pub fn server_line(&self, nth: usize) -> Option<String> {
        let text = fs::read_to_string(self.data().join("postgres/postmaster.pid")).ok()?;
        Some(text.lines().nth(nth - 1)?.trim().to_owned())
    }

    pub fn server_pid(&self) -> Option<u32> {
        self.server_line(1)?.parse().ok()
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let socket = self.server_line(5);
        if let Some(pid) = self.server_pid() {
            signal(pid, "QUIT");
            until(Duration::from_secs(10), || !is_alive(pid));
        }
        if let Some(socket) = socket {
            let _ = fs::remove_dir_all(socket);
        }
    }
}

/// `mutu up` on a free port, with the address it printed.
pub struct Up {
    child: Child,
    pub url: String,
    pub printed: Vec<String>,
}

impl Up {
    /// Starts and waits until it has printed where it is.
    pub fn start(data: &DataDir, args: &[&str]) -> Self {
        let mut command = data.command(["up", "--listen", "127.0.0.1:0"]);
        Self::spawn(command.args(args))
    }

    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = std::io::Read::read_to_string(&mut stderr, &mut text);
            text
        });
        let mut printed = Vec::new();
        while let Some(Ok(line)) = lines.next() {
            let last = line.contains("Ctrl-C");
            printed.push(line);
            if last {
                break;
            }
        }
        let url = printed.iter().find_map(|it| Some(it.split_once("Mutu is at ")?.1.to_owned()));
        let Some(url) = url else {
            let _ = child.wait();
            panic!("it did not start: {printed:?} {}", log.join().unwrap());
        };
        // It may say more; nobody reads it, and a full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, printed }
    }

    /// The status of an answer, as everybody.
    pub fn status(&self, path: &str) -> u16 {
        get(&format!("{}{path}", self.url)).0
    }

    /// An answer's JSON, expecting 200.
    pub fn json(&self, path: &str) -> serde_json::Value {
        let (status, text) = get(&format!("{}{path}", self.url));
        assert_eq!(status, 200, "{path}: {text}");
        let body = text.split_once(' ').unwrap().1;
        serde_json::from_str(body).unwrap()
    }

    /// Sends a signal and waits for the end.
    pub fn stop(&mut self, name: &str) -> Option<i32> {
        signal(self.child.id(), name);
        let ended = until(Duration::from_secs(20), || self.child.try_wait().unwrap().is_some());
        assert!(ended, "it does not stop on SIG{name}");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|it| it.is_some()) {
            return;
        }
        signal(self.child.id(), "INT");
        if !until(Duration::from_secs(15), || self.child.try_wait().is_ok_and(|it| it.is_some())) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// GET in a test without a runtime: the status, and the media type before the body.
pub fn get(url: &str) -> (u16, String) {
    let done = Command::new("curl")
        .args(["-s", "-m", "20", "-w", "\n%{http_code} %{content_type}", url])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let (body, last) = text.rsplit_once('\n').unwrap();
    let (code, kind) = last.split_once(' ').unwrap();
    (code.parse().unwrap(), format!("{} {body}", kind.replace("; ", ";")))
}

/// Sends a signal to a process by its number.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).output();
    assert!(sent.is_ok(), "{sent:?}");
}

/// Whether a process of that number runs; one that ended and was not waited for does not.
pub fn is_alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Asks ten times a second until it is so; whether it became so in time.
pub fn until(time: Duration, mut so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + time;
    while !so() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    true
}
