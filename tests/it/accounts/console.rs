//! `mutu user` and `mutu token`, the real binary.

use std::io::Write;
use std::process::Stdio;

use sqlx::Connection;
use sqlx::PgConnection;

use crate::support::Ran;
use crate::support::Up;
use crate::support::fresh_database_url;
use crate::support::mutu;
use crate::support::run;

use super::PASSWORD;

struct Console {
    dir: tempfile::TempDir,
    url: String,
}

impl Console {
    async fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), url: fresh_database_url().await }
    }

    fn mutu(&self, args: &[&str]) -> Ran {
        run(mutu().args(args).current_dir(self.dir.path()).env("DATABASE_URL", &self.url))
    }

    /// With something on standard input.
    fn told(&self, input: &str, args: &[&str]) -> Ran {
        let mut child = mutu()
            .args(args)
            .current_dir(self.dir.path())
            .env("DATABASE_URL", &self.url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    async fn text(&self, sql: &'static str) -> String {
        let mut db = PgConnection::connect(&self.url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    }
}

#[tokio::test]
async fn an_accounts_life_at_the_console() {
    let desk = Console::new().await;
    let input = format!("{PASSWORD}\n");
    let add =
        ["user", "add", "li", "--role", "officer", "--units", "安亭镇,马陆镇", "--title", "安亭"];
    desk.told(&input, &[&add[..], &["--password-stdin"]].concat()).done();
    desk.mutu(&["user", "add", "root", "--role", "admin"]).done();
    desk.mutu(&["user", "disable", "li"]).done();
    let listed = desk.mutu(&["user", "list"]).done().out.clone();
    assert_eq!(listed, "li\tofficer\t安亭镇,马陆镇\tdisabled\t安亭\nroot\tadmin\t*\t\t\n");
    desk.mutu(&["user", "enable", "li"]).done();
    desk.mutu(&["user", "unlock", "li"]).done();
    assert!(desk.mutu(&["user", "link", "li"]).done().out.contains("/sign-in?code="));
    desk.told("Loud-Harbour77\n", &["user", "passwd", "li"]).done();
    let token = ["token", "create", "li", "--name", "gis", "--days", "9", "--role", "viewer"];
    assert!(desk.mutu(&token).done().out.starts_with("mutu_"));
    let listed = desk.mutu(&["token", "list"]).done().out.clone();
    assert!(listed.starts_with("1\tli\tgis\t") && listed.ends_with("\tlive\tviewer\n"), "{listed}");
    desk.mutu(&["token", "revoke", "1"]).done();
    let actions = desk
        .text("select string_agg(action, ' ' order by event_id) from mutu.audit_event where account = 'console' and client is null")
        .await;
    assert_eq!(
        actions,
        "account_created password_changed account_created account_changed account_changed \
         account_changed link_created password_changed token_created token_revoked"
    );
}

#[tokio::test]
async fn mistakes_at_the_console_are_said_and_change_nothing() {
    let desk = Console::new().await;
    desk.mutu(&["user", "add", "root", "--role", "admin"]).done();
    desk.told("short\n", &["user", "add", "li", "--role", "viewer", "--password-stdin"])
        .refused(&["至少 10", "at least 3 of"]);
    desk.told("short\n", &["user", "passwd", "root"]).refused(&["new_password", "10"]);
    desk.told(PASSWORD, &["user", "passwd", "nobody"]).refused(&["nobody"]);
    desk.mutu(&["user", "add", "root", "--role", "viewer"]).refused(&["root", "exists already"]);
    desk.mutu(&["user", "add", "a b", "--role", "viewer"]).refused(&["name"]);
    desk.mutu(&["user", "disable", "root"]).refused(&["last administrator"]);
    desk.mutu(&["user", "disable", "nobody"]).refused(&["nobody"]);
    desk.mutu(&["token", "create", "root", "--days", "0"]).refused(&["days"]);
    desk.mutu(&["token", "create", "nobody"]).refused(&["nobody"]);
    desk.mutu(&["token", "revoke", "7"]).refused(&["7"]);
    assert_eq!(
        desk.text("select string_agg(name || (disabled_at is null), ' ') from mutu.account").await,
        "roottrue"
    );
    assert_eq!(desk.text("select count(*)::text from mutu.audit_event").await, "1");
}

#[tokio::test]
async fn numbers_that_would_let_nobody_in_are_refused() {
    let desk = Console::new().await;
    for (line, word) in [
        ("lock_after = 0", "lock_after"),
        ("password_min_kinds = 5", "password_min_kinds"),
        ("password_min_lenght = 12", "password_min_lenght"),
    ] {
        std::fs::write(desk.dir.path().join("mutu.toml"), format!("[accounts]\n{line}\n")).unwrap();
        desk.mutu(&["user", "list", "--config", "mutu.toml"]).refused(&[word, "mutu.toml"]);
    }
}

#[tokio::test]
async fn a_link_leads_to_where_the_server_listens() {
    let desk = Console::new().await;
    desk.mutu(&["user", "add", "li", "--role", "viewer"]).done();
    let link = || desk.mutu(&["user", "link", "li"]).done().out.clone();
    assert!(link().starts_with("http://127.0.0.1:8080/sign-in?code="), "never served yet");
    let mut command = mutu();
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    let up = Up::spawn(command.current_dir(desk.dir.path()).env("DATABASE_URL", &desk.url));
    assert!(link().starts_with(&format!("{}/sign-in?code=", up.url)), "{} {}", link(), up.url);
}
