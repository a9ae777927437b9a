//! The rules of passwords, and changing them.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::config::Accounts;
use reqwest::Method;
use reqwest::Response;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

use super::Browser;
use super::PASSWORD;
use super::WRONG;
use super::refusal;
use super::serving;

const NEW: &str = "Loud-Harbour77";

async fn with_li(accounts: Accounts) -> TestApp {
    let it = serving(accounts).await;
    it.account("li.ming", Role::Officer, None).await;
    it.password("li.ming", PASSWORD).await;
    it
}

async fn change(browser: &Browser<'_>, present: Option<&str>, new: &str) -> Response {
    let body = match present {
        Some(present) => json!({"password": present, "new_password": new}),
        None => json!({"new_password": new}),
    };
    browser.send(Method::PUT, "/api/v1/session/password", Some(body)).await
}

#[tokio::test]
async fn a_weak_password_is_refused_with_all_that_is_wrong() {
    let it = with_li(Accounts::default()).await;
    let browser = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    for (weak, findings) in [
        ("short", vec!["10", "3"]),
        ("alllowercaseletters", vec!["at least 3 of"]),
        ("Xx-Li.Ming-2025", vec!["account's name"]),
        ("P@ssw0rd123", vec!["tries first"]),
        (PASSWORD, vec!["last 5"]),
    ] {
        let (status, body) = refusal(change(&browser, Some(PASSWORD), weak).await).await;
        assert_eq!((status, &body["at"]), (400, &json!("new_password")), "{weak}");
        for it in findings {
            assert!(body["detail"].as_str().unwrap().contains(it), "{weak}: {body}");
        }
    }
    assert_eq!(Browser::new(&it).sign_in("li.ming", PASSWORD).await.status(), 200, "as it was");
}

#[tokio::test]
async fn the_last_five_are_refused_and_the_sixth_is_forgotten() {
    let it = with_li(Accounts::default()).await;
    let mut browser = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    let mut present = PASSWORD.to_owned();
    for n in 0..5 {
        let (status, _) = refusal(change(&browser, Some(&present), PASSWORD).await).await;
        assert_eq!(status, 400, "after {n} changes");
        let next = format!("{NEW}-{n}");
        assert_eq!(change(&browser, Some(&present), &next).await.status(), 204);
        present = next;
    }
    assert_eq!(change(&browser, Some(&present), PASSWORD).await.status(), 204);
    let kept: i64 = it.value("select count(*) from mutu.password_history").await;
    assert_eq!(kept, 5, "no more hashes are kept than are asked for");
    browser.sign_in("li.ming", PASSWORD).await;
    assert_eq!(browser.role().await, "officer");
}

#[tokio::test]
async fn a_change_ends_the_other_sessions_and_needs_the_present_password() {
    let it = with_li(Accounts::default()).await;
    let browser = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    let other = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    for present in [None, Some(WRONG)] {
        let (status, body) = refusal(change(&browser, present, NEW).await).await;
        assert_eq!((status, &body["at"]), (400, &json!("password")), "{present:?}");
    }
    assert_eq!(change(&browser, Some(PASSWORD), NEW).await.status(), 204);
    assert_eq!(browser.role().await, "officer");
    assert_eq!(other.role().await, "public");
    assert_eq!(Browser::new(&it).sign_in("li.ming", PASSWORD).await.status(), 401);
    assert_eq!(Browser::new(&it).sign_in("li.ming", NEW).await.status(), 200);
    let stored: String = it.value("select password_hash from mutu.account").await;
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
}

#[tokio::test]
async fn a_stolen_session_cannot_guess_the_password() {
    let it = with_li(Accounts { attempts_per_minute: 100, ..Accounts::default() }).await;
    let browser = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(change(&browser, Some(WRONG), NEW).await.status(), 400);
    }
    for present in [WRONG, PASSWORD] {
        let answer = change(&browser, Some(present), NEW).await;
        let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((800..=900).contains(&wait), "{wait}");
        let (status, body) = refusal(answer).await;
        assert_eq!((status, &body["type"]), (429, &json!("/problems/too-many")));
    }
}

#[tokio::test]
async fn whoever_came_by_a_link_sets_a_password_without_the_forgotten_one() {
    let it = serving(Accounts::default()).await;
    it.account("li.ming", Role::Officer, None).await;
    let console = Scope::console();
    let (link, _) = manage::create_link(&it.app.db, &console, "li.ming").await.unwrap();
    let (unused, _) = manage::create_link(&it.app.db, &console, "li.ming").await.unwrap();
    let mut browser = Browser::new(&it);
    browser.follow(&format!("/sign-in?code={}", link.reveal())).await;
    let session = browser.json("/api/v1/session").await;
    assert_eq!(session["password_expires_at"], json!(null), "there is none yet");
    assert_eq!(change(&browser, None, "weak").await.status(), 400);
    assert_eq!(change(&browser, None, NEW).await.status(), 204);
    assert_eq!(Browser::new(&it).sign_in("li.ming", NEW).await.status(), 200);
    let answer = Browser::new(&it).follow(&format!("/sign-in?code={}", unused.reveal())).await;
    assert_eq!(answer.status(), 401, "a link that was made before is void");
    let token = it.token(Role::Officer).await;
    let request = it.client.put(it.url("/api/v1/session/password")).bearer_auth(token);
    let answer = request.json(&json!({"new_password": NEW})).send().await.unwrap();
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn an_expired_password_opens_only_with_a_new_one() {
    let it = with_li(Accounts::default()).await;
    let mut browser = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    let days: f64 = it
        .value("select extract(epoch from password_set_at + interval '90 days' - now())::float8 / 86400 from mutu.account")
        .await;
    assert!(days > 89.9);
    it.sql("update mutu.account set password_set_at = now() - interval '91 days'").await;
    let session = browser.json("/api/v1/session").await;
    assert_eq!(session["must_change_password"], true);
    let (status, body) = refusal(browser.sign_in(" li.ming ", PASSWORD).await).await;
    assert_eq!((status, &body["type"]), (403, &json!("/problems/password-expired")));
    let (status, _) = refusal(browser.sign_in("li.ming", WRONG).await).await;
    assert_eq!(status, 401, "only those who know it learn that it has expired");
    let with = |new: &str| json!({"account": "li.ming", "password": PASSWORD, "new_password": new});
    let (status, body) = refusal(browser.post_session(with(PASSWORD)).await).await;
    assert_eq!((status, &body["at"]), (400, &json!("new_password")), "not the same again");
    let answer = browser.post_session(with(NEW)).await;
    assert_eq!(answer.status(), 200);
    let session: Value = answer.json().await.unwrap();
    assert_eq!(session["must_change_password"], false);
    assert_eq!(Browser::new(&it).sign_in("li.ming", PASSWORD).await.status(), 401);
    assert_eq!(Browser::new(&it).sign_in("li.ming", NEW).await.status(), 200);
}

#[tokio::test]
async fn an_installation_may_have_passwords_that_do_not_expire() {
    let it = with_li(Accounts { password_days: 0, ..Accounts::default() }).await;
    it.sql("update mutu.account set password_set_at = now() - interval '10 years'").await;
    let browser = Browser::signed_in(&it, "li.ming", PASSWORD).await;
    assert_eq!(browser.json("/api/v1/session").await["password_expires_at"], json!(null));
}
