//! Requests that pages of other sites make in a signed-in person's browser.

use mutu::access::Role;
use mutu::config::Accounts;
use mutu::config::Config;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

use super::Browser;
use super::PASSWORD;
use super::refusal;
use super::serving;

/// What a request says of its page, and whether that is ours.
fn pages(it: &TestApp) -> Vec<(Vec<(&'static str, String)>, bool)> {
    let own = it.url("");
    vec![
        (vec![], false),
        (vec![("origin", "https://evil.example".to_owned())], false),
        (vec![("origin", "null".to_owned())], false),
        (vec![("origin", format!("{own}.evil.example"))], false),
        (vec![("origin", own.replace("127.0.0.1", "127.0.0.1:80@evil.example"))], false),
        (vec![("sec-fetch-site", "cross-site".to_owned())], false),
        (vec![("sec-fetch-site", "same-site".to_owned())], false),
        (vec![("origin", own.clone()), ("sec-fetch-site", "cross-site".to_owned())], false),
        (vec![("origin", own)], true),
        (vec![("sec-fetch-site", "same-origin".to_owned())], true),
    ]
}

#[tokio::test]
async fn a_cookie_changes_things_for_our_own_pages_only() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Admin, None).await;
    it.password("li", PASSWORD).await;
    let browser = Browser::signed_in(&it, "li", PASSWORD).await;
    for (headers, ours) in pages(&it) {
        let writes: [(Method, &str, Value, u16); 6] = [
            (Method::POST, "/api/v1/tokens", json!({"name": "a"}), 201),
            (Method::PATCH, "/api/v1/session", json!({"view_as": null}), 200),
            (Method::PATCH, "/api/v1/accounts/li", json!({"title": "Li"}), 200),
            (Method::DELETE, "/api/v1/tokens/99", json!(null), 404),
            (Method::PUT, "/api/v1/session/password", json!({"new_password": PASSWORD}), 400),
            (Method::GET, "/api/v1/tokens", json!(null), 200),
        ];
        for (method, path, body, done) in writes {
            let mut request = it.client.request(method.clone(), it.url(path));
            request = request.header("cookie", browser.cookie.as_ref().unwrap());
            for (name, value) in &headers {
                request = request.header(*name, value);
            }
            let answer = request.json(&body).send().await.unwrap();
            let expected = if ours || method == Method::GET { done } else { 403 };
            assert_eq!(answer.status(), expected, "{method} {path} {headers:?}");
        }
    }
    let request = it.client.delete(it.url("/api/v1/session"));
    let answer = request.header("cookie", browser.cookie.as_ref().unwrap()).send().await.unwrap();
    let (status, body) = refusal(answer).await;
    assert_eq!(status, 403);
    assert!(body["detail"].as_str().unwrap().contains("Origin"), "it says what to mend: {body}");
    assert_eq!(browser.role().await, "admin", "nobody is signed out by another site");
}

#[tokio::test]
async fn no_other_site_signs_a_visitor_in() {
    let it = serving(Accounts::default()).await;
    let token = it.token(Role::Viewer).await;
    for (headers, ours) in pages(&it) {
        let mut request = it.client.post(it.url("/api/v1/session"));
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        let answer = request.json(&json!({"token": token})).send().await.unwrap();
        // A script says nothing of a page: it has no visitor to deceive.
        let expected = if ours || headers.is_empty() { 200 } else { 403 };
        assert_eq!(answer.status(), expected, "{headers:?}");
        assert_eq!(answer.headers().contains_key("set-cookie"), expected == 200);
    }
}

#[tokio::test]
async fn behind_a_proxy_the_public_address_is_ours() {
    let public_url = Some("https://map.example/one/".to_owned());
    let mut it = TestApp::with(Config { public_url, ..Config::default() }).await;
    it.serve();
    let token = it.token(Role::Viewer).await;
    for (origin, status) in [
        ("https://map.example", 200),
        ("http://map.example", 403),
        ("https://map.example:8443", 403),
        ("https://map.example.evil.example", 403),
        (&*it.url(""), 403),
    ] {
        let request = it.client.post(it.url("/api/v1/session")).header("origin", origin);
        let answer = request.json(&json!({"token": token})).send().await.unwrap();
        assert_eq!(answer.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn a_token_is_not_sent_by_a_browser_and_a_basic_password_is() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Admin, None).await;
    it.password("li", PASSWORD).await;
    let token = it.token(Role::Admin).await;
    let foreign =
        |request: reqwest::RequestBuilder| request.header("origin", "https://evil.example");
    let body = json!({"name": "by_basic", "role": "viewer"});
    let post = || it.client.post(it.url("/api/v1/accounts")).json(&body);
    let answer = foreign(post().basic_auth("li", Some(PASSWORD))).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let answer = post().basic_auth("li", Some(PASSWORD)).send().await.unwrap();
    assert_eq!(answer.status(), 201, "a script with a password");
    let read = it.client.get(it.url("/api/v1/accounts")).bearer_auth(token);
    assert_eq!(foreign(read).send().await.unwrap().status(), 200);
}
