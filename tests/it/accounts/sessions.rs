//! What a session is worth, and all the ways in which it ends.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::config::Accounts;
use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

use super::Browser;
use super::PASSWORD;
use super::serving;

async fn link(it: &TestApp, account: &str) -> String {
    let (link, _) = manage::create_link(&it.app.db, &Scope::console(), account).await.unwrap();
    format!("/sign-in?code={}", link.reveal())
}

async fn sessions(it: &TestApp) -> i64 {
    it.value("select count(*) from mutu.session").await
}

#[tokio::test]
async fn signing_in_again_takes_the_place_of_the_session() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Viewer, None).await;
    it.password("li", PASSWORD).await;
    let mut browser = Browser::signed_in(&it, "li", PASSWORD).await;
    let elsewhere = Browser::signed_in(&it, "li", PASSWORD).await;
    let first = Browser { it: &it, cookie: browser.cookie.clone() };
    browser.sign_in("li", PASSWORD).await;
    assert_ne!(browser.cookie, first.cookie);
    assert_eq!(first.role().await, "public");
    assert_eq!(browser.role().await, "viewer");
    assert_eq!(elsewhere.role().await, "viewer", "another browser keeps its own");
    assert_eq!(browser.send(Method::DELETE, "/api/v1/session", None).await.status(), 204);
    assert_eq!(browser.role().await, "public");
    assert_eq!(elsewhere.role().await, "viewer");
}

#[tokio::test]
async fn a_session_ends_by_idleness_and_by_age_and_is_removed() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Viewer, None).await;
    it.password("li", PASSWORD).await;
    let idle = Browser::signed_in(&it, "li", PASSWORD).await;
    it.sql("update mutu.session set last_seen_at = now() - interval '59 minutes'").await;
    assert_eq!(idle.role().await, "viewer");
    let fresh: bool =
        it.value("select last_seen_at > now() - interval '1 minute' from mutu.session").await;
    assert!(fresh, "every request keeps it awake");
    it.sql("update mutu.session set last_seen_at = now() - interval '61 minutes'").await;
    assert_eq!(idle.role().await, "public");
    let old = Browser::signed_in(&it, "li", PASSWORD).await;
    assert_eq!(sessions(&it).await, 1, "the idle one is gone");
    let hours: f64 = it
        .value("select extract(epoch from expires_at - now())::float8 / 3600 from mutu.session")
        .await;
    assert!((11.9..=12.0).contains(&hours), "{hours}");
    it.sql("update mutu.session set expires_at = now()").await;
    assert_eq!(old.role().await, "public");
    Browser::signed_in(&it, "li", PASSWORD).await;
    assert_eq!(sessions(&it).await, 1);
}

#[tokio::test]
async fn only_following_a_link_uses_it_up() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Viewer, None).await;
    let path = link(&it, "li").await;
    let looked = it.client.head(it.url(&path)).send().await.unwrap();
    assert!(looked.status().is_success() && !looked.headers().contains_key("set-cookie"));
    for (name, value) in [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")] {
        let guessed = it.client.get(it.url(&path)).header(name, value).send().await.unwrap();
        assert_eq!(guessed.status(), 503, "{name}");
        assert!(!guessed.headers().contains_key("set-cookie"));
    }
    let mut browser = Browser::new(&it);
    assert_eq!(browser.follow(&path).await.status(), 303);
    assert_eq!(browser.json("/api/v1/session").await["means"], "link");
    assert_eq!(Browser::new(&it).follow(&path).await.status(), 401);
    let old = link(&it, "li").await;
    it.sql("update mutu.sign_in_link set expires_at = now()").await;
    assert_eq!(Browser::new(&it).follow(&old).await.status(), 401);
    let page = it.get("/sign-in").await;
    assert_eq!(page.status(), 200, "the web map's own page");
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn a_session_by_token_is_worth_the_token_and_ends_with_it() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Steward, None).await;
    let console = Scope::console();
    let (secret, token) =
        manage::create_token(&it.app.db, &console, "li", "map", Some(Role::Viewer), None)
            .await
            .unwrap();
    assert_eq!(it.json_as(secret.reveal(), "/api/v1/session").await["role"], "viewer");
    let mut browser = Browser::new(&it);
    let body = json!({"token": secret.reveal()});
    assert_eq!(browser.post_session(body.clone()).await.status(), 200);
    let session = browser.json("/api/v1/session").await;
    assert_eq!(session["role"], "viewer");
    assert_eq!(session["own_role"], "viewer");
    assert_eq!(session["means"], "token");
    let new = json!({"name": "more", "role": "viewer"});
    let more = browser.send(Method::POST, "/api/v1/tokens", Some(new)).await;
    assert_eq!(more.status(), 403, "a token makes no tokens on a detour either");
    // An account that falls below its token takes the token along.
    it.sql("update mutu.api_token set role = 'officer'; update mutu.account set role = 'viewer'")
        .await;
    assert_eq!(it.json_as(secret.reveal(), "/api/v1/session").await["role"], "viewer");
    manage::revoke_token(&it.app.db, &console, token.token_id, None).await.unwrap();
    assert_eq!(browser.role().await, "public");
    assert_eq!(browser.post_session(body).await.status(), 401);
}

#[tokio::test]
async fn whoever_is_disabled_is_out_at_once_and_stays_out() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Viewer, None).await;
    it.password("li", PASSWORD).await;
    let console = Scope::console();
    let (secret, _) =
        manage::create_token(&it.app.db, &console, "li", "map", None, None).await.unwrap();
    let browser = Browser::signed_in(&it, "li", PASSWORD).await;
    let path = link(&it, "li").await;
    let disabled = |it| manage::Change { disabled: Some(it), ..manage::Change::default() };
    manage::change_account(&it.app.db, &console, "li", disabled(true)).await.unwrap();
    assert_eq!(browser.role().await, "public");
    let refused =
        it.client.get(it.url("/api/v1/session")).bearer_auth(secret.reveal()).send().await;
    assert_eq!(refused.unwrap().status(), 401);
    assert!(manage::create_link(&it.app.db, &console, "li").await.is_err());
    manage::change_account(&it.app.db, &console, "li", disabled(false)).await.unwrap();
    assert_eq!(browser.role().await, "public", "sessions do not come back");
    assert_eq!(Browser::new(&it).follow(&path).await.status(), 401, "nor do links");
    assert_eq!(it.json_as(secret.reveal(), "/api/v1/session").await["role"], "viewer");
}
