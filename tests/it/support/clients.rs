//! Clients of somebody else's, run beside the server: GDAL's commands, OWSLib, QGIS.

use std::io::Write;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;

/// Says that a client is not there, and that its test is passed over. Under `make test`, which installs them all, that is a
/// failure.
pub fn missing(what: &str) {
    assert!(
        std::env::var_os("MUTU_ALL_CLIENTS").is_none(),
        "{what} is not installed: scripts/setup test"
    );
    eprintln!("skipped: {what} is not installed");
}

/// Runs a client; nothing where it is not there.
async fn client(program: &'static str, arguments: Vec<String>) -> Option<Output> {
    let run = move || {
        Command::new(program)
            .args(arguments)
            .env("GDAL_HTTP_TIMEOUT", "60")
            .env("no_proxy", "127.0.0.1")
            .env("PROJ_NETWORK", "OFF")
            .output()
    };
    let found = tokio::task::spawn_blocking(run).await.unwrap();
    if found.is_err() {
        missing(program);
    }
    found.ok()
}

/// What a client says, which has to succeed.
pub async fn read(program: &'static str, arguments: &[&str]) -> Option<String> {
    let output = client(program, arguments.iter().map(|it| (*it).to_owned()).collect()).await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    if wrong.contains("No module named 'owslib'") {
        missing("OWSLib (python3-owslib)");
        return None;
    }
    assert!(output.status.success(), "{said}{wrong}");
    Some(said)
}

/// What QGIS reads of what it is asked for, in a profile of its own; `read_by_qgis.py` says what can be asked.
pub async fn qgis(asked: Value) -> Option<Vec<Value>> {
    let run = move || {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new("/usr/bin/python3")
            .args(["-c", include_str!("read_by_qgis.py")])
            .env("HOME", home.path())
            .env("QGIS_CUSTOM_CONFIG_PATH", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("QT_QPA_PLATFORM", "offscreen")
            .env("no_proxy", "127.0.0.1")
            .env("PROJ_NETWORK", "OFF")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
        Some(child.wait_with_output().unwrap())
    };
    let Some(output) = tokio::task::spawn_blocking(run).await.unwrap() else {
        missing("python3");
        return None;
    };
    let wrong = String::from_utf8_lossy(&output.stderr);
    if wrong.contains("No module named 'qgis'") {
        missing("QGIS (python3-qgis)");
        return None;
    }
    assert!(output.status.success(), "{:?}: {wrong}", output.status);
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|it| panic!("{it}: {wrong}")))
}
