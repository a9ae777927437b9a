//! The private database of `mutu up`: started, shared, stopped, lost and found again. The real binary, in folders of its
//! own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use crate::support::DataDir;
use crate::support::Up;
use crate::support::fresh_database_url;
use crate::support::get;
use crate::support::is_alive;
use crate::support::mutu;
use crate::support::run;
use crate::support::signal;
use crate::support::until;

fn status(url: &str) -> u16 {
    get(url).0
}

fn no_server(data: &DataDir, pid: u32, socket: &str) {
    assert!(!is_alive(pid), "the database's server still runs");
    assert!(data.server_pid().is_none(), "its pid file is still there");
    assert!(!Path::new(socket).exists(), "{socket} was left behind");
}

#[test]
fn up_fills_an_empty_database_answers_and_stops_with_its_server() {
    let data = DataDir::new();
    let mut up = Up::start(&data, &["--demo", "--parcels", "300"]);
    let link = up.printed.iter().find_map(|it| it.split_once("Sign in: ")).unwrap().1.to_owned();
    assert!(link.starts_with(&format!("{}/sign-in?code=", up.url)), "{link}");
    assert_eq!(status(&format!("{}/readyz", up.url)), 200);
    let (code, tree) = get(&format!("{}/api/v1/layers", up.url));
    assert_eq!(code, 200);
    assert!(tree.contains("\"empty\":false") && tree.contains("\"year\":2025"), "{tree}");
    assert_eq!(status(&link), 303);
    assert_eq!(status(&link), 401, "once");

    // Others join and leave; the server stays.
    let (pid, socket) = (data.server_pid().unwrap(), data.server_line(5).unwrap());
    let listed = data.mutu(["user", "list"]);
    assert!(listed.done().out.contains("steward"), "{listed:?}");
    assert_eq!(data.server_pid(), Some(pid));
    assert_eq!(status(&format!("{}/readyz", up.url)), 200);

    // A second one on the same data, a second one on the same port.
    data.mutu(["up", "--listen", "127.0.0.1:0"]).refused(&["mutu up", "--data-dir"]);
    let other = DataDir::new();
    let address = up.url.strip_prefix("http://").unwrap();
    other.mutu(["up", "--listen", address]).refused(&[address, "--listen"]);
    assert!(!other.data().join("postgres").exists(), "the port is looked at first");

    assert_eq!(up.stop("TERM"), Some(0));
    no_server(&data, pid, &socket);

    // A second start finds the data and loads nothing.
    let mut up = Up::start(&data, &["--demo"]);
    assert!(up.printed.iter().any(|it| it.contains("no sample is loaded")), "{:?}", up.printed);
    let (pid, socket) = (data.server_pid().unwrap(), data.server_line(5).unwrap());
    assert_eq!(up.stop("INT"), Some(0));
    no_server(&data, pid, &socket);
}

#[test]
fn a_command_alone_starts_the_database_and_stops_it() {
    let data = DataDir::ready();
    data.mutu(["user", "add", "wang", "--role", "viewer"]).done();
    assert!(data.server_pid().is_none());
    assert!(data.mutu(["user", "list"]).done().out.contains("wang"));
    assert!(data.server_pid().is_none());
    let gates: Vec<_> =
        fs::read_dir(data.data()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!gates.iter().any(|it| it.to_string_lossy().ends_with(".new")), "{gates:?}");

    // Another major version is refused with the way out, and the data is left as it is.
    let version = data.data().join("postgres/PG_VERSION");
    let right = fs::read_to_string(&version).unwrap();
    fs::write(&version, "99\n").unwrap();
    data.mutu(["user", "list"]).refused(&["PostgreSQL 99", right.trim(), "install postgresql-99"]);
    fs::write(&version, right).unwrap();
    assert!(data.mutu(["user", "list"]).done().out.contains("wang"));
}

#[test]
fn a_killed_server_comes_back_and_requests_in_between_are_told_to_wait() {
    let data = DataDir::ready();
    let mut up = Up::start(&data, &[]);
    let layers = format!("{}/api/v1/layers", up.url);
    assert_eq!(status(&layers), 200);
    let killed = data.server_pid().unwrap();
    signal(killed, "KILL");
    let mut seen = Vec::new();
    let back = until(Duration::from_secs(60), || {
        let (code, body) = get(&layers);
        if code != 200 {
            assert_eq!(code, 503, "{body}");
            assert!(body.contains("application/problem+json"), "{body}");
        }
        seen.push(code);
        code == 200 && data.server_pid().is_some_and(|it| it != killed)
    });
    assert!(back, "the database did not come back: {seen:?}");
    assert_ne!(data.server_pid(), Some(killed));
    let (pid, socket) = (data.server_pid().unwrap(), data.server_line(5).unwrap());
    assert_eq!(up.stop("TERM"), Some(0));
    no_server(&data, pid, &socket);
}

#[test]
fn a_killed_mutu_leaves_a_server_that_the_next_one_adopts() {
    let data = DataDir::ready();
    let mut up = Up::start(&data, &[]);
    let (pid, socket) = (data.server_pid().unwrap(), data.server_line(5).unwrap());
    assert_eq!(up.stop("KILL"), None);
    assert!(is_alive(pid), "nobody stopped the server");
    let mut up = Up::start(&data, &[]);
    assert_eq!(data.server_pid(), Some(pid), "adopted, not started anew");
    assert_eq!(status(&format!("{}/readyz", up.url)), 200);

    // Both at once, as when a machine loses power: pid file and socket are stale.
    signal(pid, "KILL");
    assert_eq!(up.stop("KILL"), None);
    let mut up = Up::start(&data, &[]);
    assert_eq!(status(&format!("{}/readyz", up.url)), 200);
    let pid = data.server_pid().unwrap();
    assert_eq!(up.stop("INT"), Some(0));
    no_server(&data, pid, &socket);
}

/// Whether it ends in time; if not it is made to.
fn ends(child: &mut Child) -> bool {
    let ended = until(Duration::from_secs(20), || child.try_wait().unwrap().is_some());
    let _ = child.kill();
    ended
}

/// Ctrl-C before anything is ready: while the database is made, while the sample loads, within another command.
#[test]
fn an_early_interruption_leaves_no_server_behind() {
    let data = DataDir::new();
    for moment in [Duration::from_millis(150), Duration::from_millis(900), Duration::from_secs(2)] {
        let mut command = data.command(["up", "--demo", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        signal(child.id(), "INT");
        assert!(ends(&mut child), "{moment:?}");
        assert!(data.server_pid().is_none(), "after {moment:?} the server still runs");
    }
    let mut command = data.command(["user", "list"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(until(Duration::from_secs(10), || data.server_pid().is_some()));
    signal(child.id(), "TERM");
    assert!(ends(&mut child));
    assert!(data.server_pid().is_none());
    // What was left half-made does not stand in the way.
    data.mutu(["user", "list"]).done();
    // A database that cannot be migrated is left in order as well.
    let mut up = Up::start(&data, &[]);
    let socket = data.server_line(5).unwrap();
    let spoilt = Command::new("psql")
        .args([
            "-U",
            "mutu",
            "-h",
            &socket,
            "-c",
            "update _sqlx_migrations set checksum = ''",
            "mutu",
        ])
        .output()
        .unwrap();
    assert!(spoilt.status.success(), "{spoilt:?}");
    assert_eq!(up.stop("TERM"), Some(0));
    data.mutu(["user", "list"]).refused(&["migrating the database failed"]);
    assert!(data.server_pid().is_none(), "an error stops the server too");
}

#[test]
fn a_data_folder_out_of_reach_is_refused_and_nothing_of_others_is_touched() {
    let data = DataDir::new();
    // A folder of somebody else's where the database would be.
    let foreign = data.data().join("postgres");
    fs::create_dir_all(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "irreplaceable").unwrap();
    data.mutu(["user", "list"]).refused(&["is not empty", "--data-dir"]);
    assert_eq!(fs::read_to_string(foreign.join("thesis.txt")).unwrap(), "irreplaceable");

    let is_root = mutu::config::is_root();
    let private = data.path().join("private");
    fs::create_dir(&private).unwrap();
    fs::set_permissions(&private, fs::Permissions::from_mode(0o700)).unwrap();
    if is_root {
        let inside = private.join("data");
        run(mutu().args(["user", "list", "--data-dir"]).arg(&inside))
            .refused(&["--data-dir", "chmod o+x"]);
    } else {
        eprintln!("skipped: only root runs the database as another user");
    }

    // Where nobody can write: proc takes no folders, whoever asks.
    run(mutu().args(["user", "list", "--data-dir", "/proc/mutu"]))
        .refused(&["cannot create the data directory", "/proc/mutu"]);
    let file = data.path().join("file");
    fs::write(&file, "").unwrap();
    run(mutu().args(["up", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&file))
        .refused(&["无法创建数据目录"]);

    // A path that is too long for a socket is none of ours: the socket lies elsewhere.
    let ready = DataDir::ready();
    let long = ready.path().join("x".repeat(120));
    fs::rename(ready.data(), &long).unwrap();
    run(mutu().args(["user", "list", "--data-dir"]).arg(&long)).done();
    let longer = data.path().join("x".repeat(300));
    run(mutu().args(["user", "list", "--data-dir"]).arg(&longer)).refused(&["无法创建数据目录"]);
}

#[tokio::test]
async fn a_server_of_somebody_elses_is_used_and_a_wrong_address_is_said() {
    let url = fresh_database_url().await;
    let done =
        run(mutu().args(["user", "add", "li", "--role", "viewer"]).env("DATABASE_URL", &url));
    done.done();
    let listed = run(mutu().args(["user", "list", "--database-url", &url]));
    assert!(listed.done().out.contains("li"), "{listed:?}");
    run(mutu().args(["user", "list", "--database-url", "postgres://nobody@127.0.0.1:1/none"]))
        .refused(&["数据库无法连接", "127.0.0.1:1"]);
    run(mutu().args(["user", "list", "--database-url", "mysql://x"]))
        .refused(&["DATABASE_URL", "postgres://"]);
    run(mutu().args(["serve", "--listen", "127.0.0.1:0"])).refused(&["DATABASE_URL", "mutu up"]);
    let mut up =
        Up::spawn(mutu().args(["serve", "--listen", "127.0.0.1:0"]).env("DATABASE_URL", &url));
    assert_eq!(status(&format!("{}/readyz", up.url)), 200);
    assert_eq!(up.stop("TERM"), Some(0));
}

#[test]
fn anybody_can_run_it() {
    if !mutu::config::is_root() {
        eprintln!("skipped: the tests run unprivileged already");
        return;
    }
    let reachable = Path::new(env!("CARGO_BIN_EXE_mutu"))
        .ancestors()
        .skip(1)
        .all(|it| fs::metadata(it).is_ok_and(|it| it.permissions().mode() & 0o001 != 0));
    if !reachable || Command::new("setpriv").arg("--version").output().is_err() {
        eprintln!("skipped: `nobody` cannot reach the binary, or there is no setpriv");
        return;
    }
    let dir = DataDir::ready();
    let nobody = 65_534;
    let given = Command::new("chown").args(["-R", "65534:65534"]).arg(dir.data()).output().unwrap();
    assert!(given.status.success(), "{given:?}");
    let unprivileged = |args: &[&str]| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(env!("CARGO_BIN_EXE_mutu"))
            .args(args)
            .arg("--data-dir")
            .arg(dir.data())
            .current_dir("/")
            .env_remove("DATABASE_URL")
            .env_remove("XDG_RUNTIME_DIR");
        command
    };
    let mut up = Up::spawn(&mut unprivileged(&["up", "--listen", "127.0.0.1:0"]));
    assert_eq!(status(&format!("{}/readyz", up.url)), 200);
    let (pid, socket) = (dir.server_pid().unwrap(), dir.server_line(5).unwrap());
    // Another session of the same user, with a runtime folder of its own, finds the socket all the same.
    let runtime = dir.path().join("runtime");
    fs::create_dir(&runtime).unwrap();
    std::os::unix::fs::chown(&runtime, Some(nobody), Some(nobody)).unwrap();
    run(unprivileged(&["user", "list"]).env("XDG_RUNTIME_DIR", &runtime)).done();
    assert_eq!(up.stop("TERM"), Some(0));
    no_server(&dir, pid, &socket);
}

/// A small file system of memory, unmounted at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path, megabytes: u32) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={megabytes}m,mode=755");
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        done.is_ok_and(|it| it.status.success()).then_some(Self(at))
    }

    fn resize(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        assert!(Command::new("mount").args(["-o", &size]).arg(self.0).status().unwrap().success());
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_and_leaves_what_was_there() {
    let files = DataDir::new();
    let at = files.path().join("disk");
    let Some(disk) = SmallDisk::mount(&at, 24) else {
        eprintln!("skipped: a small file system cannot be mounted here");
        return;
    };
    let on_disk = |args: &[&str]| run(mutu().args(args).arg("--data-dir").arg(at.join("data")));
    on_disk(&["user", "list"]).refused(&["disk space", "无法建立数据库"]);
    assert!(!at.join("data/postgres").exists() && !at.join("data/postgres.new").exists());

    disk.resize(400);
    fs::remove_dir_all(at.join("data")).unwrap();
    let ready = DataDir::ready();
    let copied =
        Command::new("cp").arg("-a").arg(ready.data()).arg(at.join("data")).output().unwrap();
    assert!(copied.status.success(), "{copied:?}");
    on_disk(&["user", "add", "before", "--role", "viewer"]).done();
    let square = |n: u32| {
        let (west, south) = (121.0 + f64::from(n % 200) * 0.002, 31.0 + f64::from(n / 200) * 0.002);
        format!(
            r#"{{"type":"Feature","properties":{{"宗地代码":"{n}","坐落":"{}"}},"geometry":{{"type":"Polygon","coordinates":
            [[[{west},{south}],[{},{south}],[{west},{}],[{west},{south}]]]}}}}"#,
            "很长的地址".repeat(60),
            west + 0.001,
            south + 0.001
        )
    };
    let features: Vec<String> = (0..20_000).map(square).collect();
    let file = files.path().join("many.geojson");
    fs::write(
        &file,
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")),
    )
    .unwrap();
    let used = Command::new("du").args(["-sm"]).arg(&at).output().unwrap();
    let used: u32 =
        String::from_utf8_lossy(&used.stdout).split_whitespace().next().unwrap().parse().unwrap();
    disk.resize(used + 10);
    let ran = on_disk(&["import", file.to_str().unwrap(), "--into", "parcels"]);
    ran.refused(&["磁盘", "nothing was written"]);
    disk.resize(400);
    let listed = on_disk(&["user", "list"]);
    assert!(listed.done().out.contains("before"), "{listed:?}");
    on_disk(&["evaluate", "--year", "2025"]).refused(&["mutu import"]);
}
