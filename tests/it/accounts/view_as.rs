//! Seeing the map as somebody with a lower role does.

use mutu::access::Role;
use mutu::config::Accounts;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::Browser;
use super::PASSWORD;
use super::refusal;
use super::serving;

async fn view_as(browser: &Browser<'_>, role: Value) -> reqwest::Response {
    browser.send(Method::PATCH, "/api/v1/session", Some(json!({"view_as": role}))).await
}

#[tokio::test]
async fn a_role_is_only_lowered_and_nothing_is_changed_meanwhile() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Admin, None).await;
    it.password("li", PASSWORD).await;
    let browser = Browser::signed_in(&it, "li", PASSWORD).await;
    let other = Browser::signed_in(&it, "li", PASSWORD).await;
    assert_eq!(browser.get("/api/v1/accounts").await.status(), 200);
    let lowered = view_as(&browser, json!("viewer")).await.json::<Value>().await.unwrap();
    assert_eq!(
        (&lowered["role"], &lowered["own_role"], &lowered["view_as"]),
        (&json!("viewer"), &json!("admin"), &json!("viewer"))
    );
    assert_eq!(browser.json("/api/v1/session").await, lowered, "it is the session's");
    assert_eq!(other.role().await, "admin", "and this one's only");
    assert_eq!(browser.get("/api/v1/accounts").await.status(), 403);
    for (method, path, body) in [
        (Method::POST, "/api/v1/tokens", json!({"name": "a"})),
        (Method::DELETE, "/api/v1/tokens/1", json!(null)),
        (Method::POST, "/api/v1/accounts", json!({"name": "a", "role": "viewer"})),
        (Method::PATCH, "/api/v1/accounts/li", json!({"title": "Li"})),
        (Method::POST, "/api/v1/accounts/li/link", json!(null)),
        (
            Method::PUT,
            "/api/v1/session/password",
            json!({"password": PASSWORD, "new_password": "Loud-Harbour77"}),
        ),
    ] {
        let (status, body) = refusal(browser.send(method.clone(), path, Some(body)).await).await;
        assert_eq!(status, 403, "{method} {path}");
        assert!(body["detail"].as_str().unwrap().contains("viewing as"), "{body}");
    }
    assert_eq!(view_as(&browser, json!("public")).await.status(), 200);
    assert_eq!(browser.role().await, "public");
    assert_eq!(view_as(&browser, json!("officer")).await.status(), 200, "from one to another");
    assert_eq!(view_as(&browser, json!(null)).await.status(), 200);
    assert_eq!(browser.get("/api/v1/accounts").await.status(), 200);
    view_as(&browser, json!("viewer")).await;
    assert_eq!(browser.send(Method::DELETE, "/api/v1/session", None).await.status(), 204);
    assert_eq!(browser.json("/api/v1/session").await["account"], json!(null));
}

#[tokio::test]
async fn nobody_is_raised_by_it() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Officer, None).await;
    it.password("li", PASSWORD).await;
    let browser = Browser::signed_in(&it, "li", PASSWORD).await;
    for role in ["officer", "steward", "admin"] {
        let (status, body) = refusal(view_as(&browser, json!(role)).await).await;
        assert_eq!((status, &body["at"]), (400, &json!("view_as")), "{role}");
    }
    assert_eq!(view_as(&browser, json!("king")).await.status(), 400);
    let left_out = browser.send(Method::PATCH, "/api/v1/session", Some(json!({}))).await;
    assert_eq!(left_out.status(), 400);
    view_as(&browser, json!("viewer")).await;
    // The account is demoted below what it is viewed as.
    it.sql("update mutu.session set view_as = 'steward'").await;
    assert_eq!(browser.role().await, "officer");
    let token = it.token(Role::Officer).await;
    let request = it.client.patch(it.url("/api/v1/session")).bearer_auth(token);
    let refused = request.json(&json!({"view_as": "viewer"})).send().await.unwrap();
    assert_eq!(refused.status(), 403, "a token has no session to keep it in");
    let nobody = Browser::new(&it);
    assert_eq!(view_as(&nobody, json!("public")).await.status(), 403);
}
