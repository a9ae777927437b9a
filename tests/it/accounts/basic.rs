//! HTTP Basic, which is all that QGIS and GDAL can send: tokens and passwords.

use std::process::Command;
use std::time::Duration;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::config::Accounts;
use reqwest::Response;
use serde_json::json;

use crate::support::TestApp;
use crate::support::missing;

use super::PASSWORD;
use super::WRONG;
use super::refusal;
use super::serving;

async fn with_li() -> TestApp {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Officer, Some(&["安亭镇"])).await;
    it.password("li", PASSWORD).await;
    it
}

async fn get(it: &TestApp, user: &str, password: &str) -> Response {
    let request = it.client.get(it.url("/api/v1/session")).basic_auth(user, Some(password));
    request.send().await.unwrap()
}

async fn role(it: &TestApp, user: &str, password: &str) -> String {
    let answer = get(it, user, password).await;
    assert_eq!(answer.status(), 200, "{user}");
    let session: serde_json::Value = answer.json().await.unwrap();
    session["role"].as_str().unwrap().to_owned()
}

async fn failures(it: &TestApp) -> i32 {
    it.value("select failed_sign_ins from mutu.account where name = 'li'").await
}

#[tokio::test]
async fn the_password_is_a_token_or_the_accounts() {
    let it = with_li().await;
    let token = it.token(Role::Viewer).await;
    for user in ["", "li", "anybody at all"] {
        assert_eq!(role(&it, user, &token).await, "viewer", "{user}");
    }
    assert_eq!(role(&it, "li", PASSWORD).await, "officer");
    for (user, password) in
        [("li", WRONG), ("", PASSWORD), ("li", ""), ("li", "mutu_wrong"), ("nobody", PASSWORD)]
    {
        assert_eq!(get(&it, user, password).await.status(), 401, "{user}:{password}");
    }
}

#[tokio::test]
async fn a_password_is_checked_once_a_minute_and_not_with_every_tile() {
    let it = with_li().await;
    assert_eq!(role(&it, "li", PASSWORD).await, "officer");
    // Nobody looks at the stored hash again, but everything else about the account counts at once.
    it.sql("update mutu.account set password_hash = 'x', role = 'viewer' where name = 'li'").await;
    assert_eq!(role(&it, "li", PASSWORD).await, "viewer");
    let other = it.another_node().await;
    assert_eq!(get(&other, "li", PASSWORD).await.status(), 401, "what is remembered is the node's");
}

#[tokio::test]
async fn what_is_remembered_is_void_when_the_account_changes() {
    let it = with_li().await;
    assert_eq!(role(&it, "li", PASSWORD).await, "officer");
    it.password("li", "Loud-Harbour77").await;
    assert_eq!(get(&it, "li", PASSWORD).await.status(), 401);
    assert_eq!(role(&it, "li", "Loud-Harbour77").await, "officer");
    let change = |disabled| manage::Change { disabled: Some(disabled), ..Default::default() };
    let console = Scope::console();
    manage::change_account(&it.app.db, &console, "li", change(true)).await.unwrap();
    assert_eq!(get(&it, "li", "Loud-Harbour77").await.status(), 401);
    manage::change_account(&it.app.db, &console, "li", change(false)).await.unwrap();
    assert_eq!(role(&it, "li", "Loud-Harbour77").await, "officer");
    it.sql("update mutu.account set password_set_at = now() - interval '91 days'").await;
    let (status, body) = refusal(get(&it, "li", "Loud-Harbour77").await).await;
    assert_eq!((status, &body["type"]), (403, &json!("/problems/password-expired")));
}

#[tokio::test]
async fn one_wrong_password_sent_fifty_times_is_one_failure() {
    let it = with_li().await;
    let answers = futures_util::future::join_all((0..50).map(|_| get(&it, "li", WRONG))).await;
    assert!(answers.iter().all(|it| it.status() == 401));
    assert_eq!(failures(&it).await, 1);
    let answers = futures_util::future::join_all((0..50).map(|_| get(&it, "li", PASSWORD))).await;
    assert!(answers.iter().all(|it| it.status() == 200));
    assert_eq!(failures(&it).await, 0);
}

#[tokio::test]
async fn a_map_that_drops_its_requests_has_not_failed() {
    let it = with_li().await;
    let mut dropped = 0;
    for wait_ms in [10, 15, 20, 25, 30, 35, 40] {
        it.sql("update mutu.account set failed_sign_ins = 0").await;
        // Another password each time would be another check; here a new node stands for a minute gone by.
        let node = it.another_node().await;
        let request = node.client.get(node.url("/api/v1/session"));
        let request = request.basic_auth("li", Some(PASSWORD));
        let answer = request.timeout(Duration::from_millis(wait_ms)).send().await;
        dropped += i32::from(answer.is_err());
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(failures(&it).await, 0, "dropped after {wait_ms} ms");
    }
    assert!(dropped > 0, "none was dropped in time");
}

#[tokio::test]
async fn guesses_by_basic_lock_the_account() {
    let it = with_li().await;
    assert_eq!(role(&it, "li", PASSWORD).await, "officer");
    for n in 0..5 {
        assert_eq!(get(&it, "li", &format!("{WRONG}{n}")).await.status(), 401);
    }
    assert_eq!(get(&it, "li", PASSWORD).await.status(), 401, "remembered or not");
    let unlock = manage::Change { unlock: true, ..Default::default() };
    manage::change_account(&it.app.db, &Scope::console(), "li", unlock).await.unwrap();
    assert_eq!(role(&it, "li", PASSWORD).await, "officer");
}

/// The challenges of a refusal, for a client with these headers.
async fn challenges(it: &TestApp, headers: &[(&str, &str)]) -> Vec<String> {
    let mut request = it.client.get(it.url("/ogc/collections/low_efficiency/items"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 401, "{headers:?}");
    let challenges = answer.headers().get_all("www-authenticate");
    challenges.iter().map(|it| it.to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn desktops_are_asked_for_a_password_and_browsers_are_not() {
    let it = serving(Accounts::default()).await;
    let both = [r#"Basic realm="Mutu", charset="UTF-8""#, "Bearer"];
    assert_eq!(challenges(&it, &[]).await, both);
    assert_eq!(challenges(&it, &[("user-agent", "GDAL/3.6.2")]).await, both);
    let qgis = "Mozilla/5.0 QGIS/33414/Debian GNU/Linux 12 (bookworm)";
    assert_eq!(challenges(&it, &[("user-agent", qgis)]).await, both);
    assert_eq!(challenges(&it, &[("sec-fetch-mode", "cors")]).await, ["Bearer"]);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    assert_eq!(challenges(&it, &[("user-agent", firefox)]).await, ["Bearer"]);
}

#[tokio::test]
async fn gdal_reads_with_a_password_and_with_a_token() {
    let it = with_li().await;
    let token = it.token(Role::Viewer).await;
    let ogrinfo = async |credentials: Option<String>| {
        let mut command = Command::new("ogrinfo");
        command.args(["-ro", "-so", &format!("OAPIF:{}", it.url("/ogc")), "low_efficiency"]);
        if let Some(it) = credentials {
            command.args(["--config", "GDAL_HTTP_USERPWD", &it]);
        }
        // The server runs on this test's threads.
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
        output.ok().map(|it| String::from_utf8_lossy(&it.stdout).into_owned())
    };
    for credentials in [format!("li:{PASSWORD}"), format!("qgis:{token}")] {
        let Some(text) = ogrinfo(Some(credentials)).await else {
            missing("ogrinfo (gdal-bin)");
            return;
        };
        assert!(text.contains("Layer name: low_efficiency"), "{text}");
        assert!(text.contains("verdict"), "{text}");
    }
    let nobody = ogrinfo(None).await.unwrap();
    assert!(!nobody.contains("verdict"), "{nobody}");
}
