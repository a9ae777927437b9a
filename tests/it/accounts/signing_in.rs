//! Signing in with account and password: the one answer to everything wrong, the lock-out, the throttle.

use std::time::Duration;
use std::time::Instant;

use mutu::access::Role;
use mutu::config::Accounts;
use mutu::config::Config;
use serde_json::json;

use crate::support::TestApp;

use super::Browser;
use super::PASSWORD;
use super::WRONG;
use super::refusal;
use super::serving;

async fn with_li(accounts: Accounts) -> TestApp {
    let it = serving(accounts).await;
    it.account("li", Role::Officer, Some(&["安亭镇"])).await;
    it.password("li", PASSWORD).await;
    it
}

#[tokio::test]
async fn account_and_password_open_a_session() {
    let it = with_li(Accounts::default()).await;
    let mut browser = Browser::new(&it);
    let answer = browser.sign_in("li", PASSWORD).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Max-Age=43200"), "{cookie}");
    assert!(!cookie.contains("Secure"), "over http it would never come back: {cookie}");
    let session = browser.json("/api/v1/session").await;
    assert_eq!(session["role"], "officer");
    assert_eq!(session["own_role"], "officer");
    assert_eq!(session["account"], "li");
    assert_eq!(session["responsible_units"], json!(["安亭镇"]));
    assert_eq!(session["means"], "password");
    assert_eq!(session["must_change_password"], false);
    assert_eq!(
        session["sign_in"],
        json!({"password": true, "password_rules": {"min_length": 10, "min_kinds": 3}, "oidc": null})
    );
    let nobody = it.json("/api/v1/session").await;
    assert_eq!(nobody["role"], "public");
    assert_eq!(nobody["account"], json!(null));
}

#[tokio::test]
async fn on_https_the_cookie_is_secure() {
    let public_url = Some("https://map.example/".parse().unwrap());
    let mut it = TestApp::with(Config { public_url, ..Config::default() }).await;
    it.serve();
    let token = it.token(Role::Viewer).await;
    let request = it.client.post(it.url("/api/v1/session")).json(&json!({"token": token}));
    let answer = request.send().await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let it = with_li(Accounts { attempts_per_minute: 100, ..Accounts::default() }).await;
    for name in ["gone", "locked", "bare"] {
        it.account(name, Role::Viewer, None).await;
    }
    it.password("gone", PASSWORD).await;
    it.password("locked", PASSWORD).await;
    it.sql("update mutu.account set disabled_at = now() where name = 'gone';
            update mutu.account set locked_until = now() + interval '5 minutes' where name = 'locked'")
        .await;
    let expected = refusal(Browser::new(&it).sign_in("li", WRONG).await).await;
    assert_eq!(expected.0, 401);
    for (account, password) in [
        ("nobody", WRONG),
        ("not a name", WRONG),
        ("bare", WRONG),
        ("gone", WRONG),
        // The right password of an account that may not sign in is no better than a wrong one.
        ("gone", PASSWORD),
        ("locked", WRONG),
        ("locked", PASSWORD),
    ] {
        let started = Instant::now();
        let answer = refusal(Browser::new(&it).sign_in(account, password).await).await;
        let took = started.elapsed();
        assert_eq!(answer, expected, "{account}");
        assert!(took >= Duration::from_millis(300), "{account} is answered after {took:?}");
    }
}

#[tokio::test]
async fn five_failures_lock_an_account_on_every_node() {
    let it = with_li(Accounts { attempts_per_minute: 100, ..Accounts::default() }).await;
    let other = it.another_node().await;
    for node in [&it, &other, &it, &other] {
        assert_eq!(Browser::new(node).sign_in("li", WRONG).await.status(), 401);
    }
    // A right one begins a new count.
    assert_eq!(Browser::new(&it).sign_in("li", PASSWORD).await.status(), 200);
    for node in [&it, &other, &it, &other, &it] {
        assert_eq!(Browser::new(node).sign_in("li", WRONG).await.status(), 401);
    }
    for node in [&it, &other] {
        assert_eq!(Browser::new(node).sign_in("li", PASSWORD).await.status(), 401);
    }
    let minutes: f64 = it
        .value("select extract(epoch from locked_until - now())::float8 / 60 from mutu.account where name = 'li'")
        .await;
    assert!((14.5..=15.0).contains(&minutes), "{minutes}");
    it.sql("update mutu.account set locked_until = now() - interval '1 second'").await;
    for _ in 0..4 {
        Browser::new(&it).sign_in("li", WRONG).await;
    }
    assert_eq!(Browser::new(&other).sign_in("li", PASSWORD).await.status(), 200);
}

#[tokio::test]
async fn guesses_at_once_are_not_more_than_the_rules_allow() {
    let it = with_li(Accounts { attempts_per_minute: 100, ..Accounts::default() }).await;
    let other = it.another_node().await;
    let guesses = (0..12).map(|n| {
        let node = if n % 2 == 0 { &it } else { &other };
        async move { Browser::new(node).sign_in("li", WRONG).await.status().as_u16() }
    });
    let answers = futures_util::future::join_all(guesses).await;
    assert_eq!(answers, [401; 12]);
    let checked: i64 =
        it.value("select count(*) from mutu.audit_event where detail->>'why' = 'wrong'").await;
    assert_eq!(checked, 5);
    let kept_out: i64 =
        it.value("select count(*) from mutu.audit_event where detail->>'why' = 'locked'").await;
    assert_eq!(kept_out, 7);
}

#[tokio::test]
async fn an_address_that_fails_too_often_has_to_wait() {
    let it = with_li(Accounts { attempts_per_minute: 3, ..Accounts::default() }).await;
    for _ in 0..5 {
        // Those who are right are not counted.
        assert_eq!(Browser::new(&it).sign_in("li", PASSWORD).await.status(), 200);
    }
    for account in ["a", "b", "c"] {
        assert_eq!(Browser::new(&it).sign_in(account, WRONG).await.status(), 401);
    }
    let answer = Browser::new(&it).sign_in("li", PASSWORD).await;
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    let (status, body) = refusal(answer).await;
    assert_eq!((status, &body["type"]), (429, &json!("/problems/too-many")));
    let token = it.token(Role::Viewer).await;
    assert_eq!(it.json_as(&token, "/api/v1/session").await["role"], "viewer", "who is in stays in");
}

#[tokio::test]
async fn a_body_is_one_of_two_things() {
    let it = with_li(Accounts::default()).await;
    for body in [
        json!({}),
        json!({"account": "li"}),
        json!({"token": "mutu_x", "account": "li", "password": PASSWORD}),
        json!({"token": "mutu_x", "new_password": PASSWORD}),
        json!({"account": "li", "password": PASSWORD, "remember": true}),
        json!({"account": "li", "password": 7}),
    ] {
        let (status, _) = refusal(Browser::new(&it).post_session(body.clone()).await).await;
        assert_eq!(status, 400, "{body}");
    }
}
