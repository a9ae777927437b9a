//! Tokens, and what administrators do to accounts.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::config::Accounts;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

use super::Browser;
use super::PASSWORD;
use super::refusal;
use super::serving;

async fn signed_in<'a>(it: &'a TestApp, name: &str, role: Role) -> Browser<'a> {
    it.account(name, role, None).await;
    it.password(name, PASSWORD).await;
    Browser::signed_in(it, name, PASSWORD).await
}

/// Sends and expects a status; the answer's body, or null.
async fn send(
    browser: &Browser<'_>,
    method: Method,
    path: &str,
    body: Value,
    status: u16,
) -> Value {
    let answer = browser.send(method.clone(), path, Some(body.clone())).await;
    let got = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(got, status, "{method} {path} {body}: {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

#[tokio::test]
async fn people_make_their_own_tokens() {
    let it = serving(Accounts::default()).await;
    let li = signed_in(&it, "li", Role::Officer).await;
    let wang = signed_in(&it, "wang", Role::Officer).await;
    let new = json!({"name": "QGIS 办公室", "role": "viewer", "days": 30});
    let made = send(&li, Method::POST, "/api/v1/tokens", new, 201).await;
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("mutu_"));
    assert_eq!((&made["name"], &made["role"]), (&json!("QGIS 办公室"), &json!("viewer")));
    let days: f64 = it
        .value("select extract(epoch from expires_at - now())::float8 / 86400 from mutu.api_token")
        .await;
    assert!((29.9..=30.0).contains(&days));
    assert_eq!(it.json_as(secret, "/api/v1/session").await["role"], "viewer");
    let plain = send(&li, Method::POST, "/api/v1/tokens", json!({"name": "a"}), 201).await;
    assert_eq!((&plain["role"], &plain["expires_at"]), (&json!(null), &json!(null)));
    let session = it.json_as(plain["token"].as_str().unwrap(), "/api/v1/session").await;
    assert_eq!(session["role"], "officer");

    let listed = li.json("/api/v1/tokens").await;
    let names: Vec<&str> = listed["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "QGIS 办公室"]);
    assert!(!listed.to_string().contains("mutu_"), "no secret is shown again");
    assert!(listed["tokens"][1]["last_used_at"].is_string());
    assert_eq!(wang.json("/api/v1/tokens").await["tokens"], json!([]));

    let path = format!("/api/v1/tokens/{}", made["token_id"]);
    send(&wang, Method::DELETE, &path, json!(null), 404).await;
    send(&li, Method::DELETE, &path, json!(null), 204).await;
    send(&li, Method::DELETE, &path, json!(null), 404).await;
    let ended = it.client.get(it.url("/api/v1/session")).bearer_auth(secret).send().await.unwrap();
    assert_eq!(ended.status(), 401);
    it.sql("update mutu.api_token set expires_at = now()").await;
    let ended =
        it.client.get(it.url("/api/v1/session")).bearer_auth(plain["token"].as_str().unwrap());
    assert_eq!(ended.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_token_is_never_more_than_its_account() {
    let it = serving(Accounts::default()).await;
    let li = signed_in(&it, "li", Role::Officer).await;
    for (body, at) in [
        (json!({"name": "a", "role": "steward"}), "role"),
        (json!({"name": "a", "days": 0}), "days"),
        (json!({"name": "a", "days": 3651}), "days"),
        (json!({"name": ""}), "name"),
        (json!({"name": "a\nb"}), "name"),
        (json!({"name": "长".repeat(101)}), "name"),
    ] {
        let refused = send(&li, Method::POST, "/api/v1/tokens", body.clone(), 400).await;
        assert_eq!(refused["at"], at, "{body}");
    }
    let nobody = Browser::new(&it);
    send(&nobody, Method::POST, "/api/v1/tokens", json!({"name": "a"}), 401).await;
    send(&nobody, Method::GET, "/api/v1/tokens", json!(null), 401).await;
}

#[tokio::test]
async fn a_token_reads_but_manages_nothing() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Viewer, None).await;
    let token = it.token(Role::Admin).await;
    for (method, path, body) in [
        (Method::POST, "/api/v1/tokens", json!({"name": "a"})),
        (Method::DELETE, "/api/v1/tokens/1", json!(null)),
        (Method::POST, "/api/v1/accounts", json!({"name": "a", "role": "admin"})),
        (Method::PATCH, "/api/v1/accounts/li", json!({"role": "admin"})),
        (Method::POST, "/api/v1/accounts/li/link", json!(null)),
        (Method::DELETE, "/api/v1/accounts/li/tokens/1", json!(null)),
        (
            Method::PUT,
            "/api/v1/session/password",
            json!({"password": "x", "new_password": PASSWORD}),
        ),
        (Method::PATCH, "/api/v1/session", json!({"view_as": "viewer"})),
    ] {
        let request = it.client.request(method.clone(), it.url(path)).bearer_auth(&token);
        let (status, _) = refusal(request.json(&body).send().await.unwrap()).await;
        assert_eq!(status, 403, "{method} {path}");
    }
    for path in
        ["/api/v1/tokens", "/api/v1/accounts", "/api/v1/accounts/li/tokens", "/api/v1/audit_events"]
    {
        it.json_as(&token, path).await;
    }
}

#[tokio::test]
async fn an_administrator_makes_and_changes_accounts() {
    let it = serving(Accounts::default()).await;
    let admin = signed_in(&it, "chief", Role::Admin).await;
    let new = json!({"name": "安亭", "role": "officer", "title": "安亭（安亭）", "responsible_units": ["安亭镇"]});
    let made = send(&admin, Method::POST, "/api/v1/accounts", new.clone(), 201).await;
    let expected = json!({
        "name": "安亭", "title": "安亭（安亭）", "role": "officer", "responsible_units": ["安亭镇"],
        "disabled": false, "locked_until": null, "last_sign_in_at": null, "password_set_at": null,
        "oidc_subject": null,
    });
    assert_eq!(made, expected);
    let listed = admin.json("/api/v1/accounts").await;
    assert_eq!(listed["accounts"][1], expected);
    assert!(listed["accounts"][0]["last_sign_in_at"].is_string());
    assert!(!listed.to_string().contains("argon2"));

    let link = send(&admin, Method::POST, "/api/v1/accounts/安亭/link", json!(null), 201).await;
    let path = link["url"].as_str().unwrap().strip_prefix(&it.url("")).unwrap().to_owned();
    let mut li = Browser::new(&it);
    assert_eq!(li.follow(&path).await.status(), 303);
    assert_eq!(li.role().await, "officer");

    let path = "/api/v1/accounts/安亭";
    let changed = send(&admin, Method::PATCH, path, json!({"role": "viewer"}), 200).await;
    assert_eq!((&changed["role"], &changed["title"]), (&json!("viewer"), &json!("安亭（安亭）")));
    assert_eq!(li.role().await, "viewer", "at once");
    let cleared = json!({"title": null, "responsible_units": null, "oidc_subject": "7f3a"});
    let changed = send(&admin, Method::PATCH, path, cleared, 200).await;
    assert_eq!((&changed["title"], &changed["responsible_units"]), (&json!(null), &json!(null)));
    assert_eq!(changed["oidc_subject"], "7f3a");
    send(&admin, Method::PATCH, path, json!({"disabled": true}), 200).await;
    assert_eq!(li.role().await, "public");
    send(&admin, Method::PATCH, path, json!({"disabled": false}), 200).await;
    send(&admin, Method::POST, "/api/v1/accounts/nobody/link", json!(null), 404).await;

    it.sql("update mutu.account set locked_until = now() + interval '1 hour', failed_sign_ins = 5 where name = '安亭'").await;
    assert!(admin.json("/api/v1/accounts").await["accounts"][1]["locked_until"].is_string());
    let unlocked = send(&admin, Method::PATCH, path, json!({"unlock": true}), 200).await;
    assert_eq!(unlocked["locked_until"], json!(null));

    let console = Scope::console();
    let (secret, token) =
        manage::create_token(&it.app.db, &console, "安亭", "t", None, None).await.unwrap();
    let tokens = admin.json("/api/v1/accounts/安亭/tokens").await;
    assert_eq!(tokens["tokens"][0]["name"], "t");
    let other = format!("/api/v1/accounts/chief/tokens/{}", token.token_id);
    send(&admin, Method::DELETE, &other, json!(null), 404).await;
    let own = format!("/api/v1/accounts/安亭/tokens/{}", token.token_id);
    send(&admin, Method::DELETE, &own, json!(null), 204).await;
    let refused = it.client.get(it.url("/api/v1/session")).bearer_auth(secret.reveal());
    assert_eq!(refused.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn an_account_that_makes_no_sense_is_refused() {
    let it = serving(Accounts::default()).await;
    let admin = signed_in(&it, "chief", Role::Admin).await;
    let new = |name: &str| json!({"name": name, "role": "viewer", "oidc_subject": name});
    send(&admin, Method::POST, "/api/v1/accounts", new("li"), 201).await;
    for (body, at) in [
        (new("li"), "name"),
        (new("li ming"), "name"),
        (new("console"), "name"),
        (new(""), "name"),
        (json!({"name": "a", "role": "public"}), "role"),
        (json!({"name": "a", "role": "king"}), "请求正文 / body"),
        (json!({"name": "a", "role": "viewer", "titel": "x"}), "请求正文 / body"),
        (json!({"name": "a", "role": "viewer", "title": " x"}), "title"),
        (
            json!({"name": "a", "role": "admin", "responsible_units": ["安亭镇"]}),
            "responsible_units",
        ),
        (json!({"name": "a", "role": "officer", "responsible_units": [""]}), "responsible_units"),
        (json!({"name": "a", "role": "viewer", "oidc_subject": "li"}), "oidc_subject"),
    ] {
        let refused = send(&admin, Method::POST, "/api/v1/accounts", body.clone(), 400).await;
        assert_eq!(refused["at"], at, "{body}");
    }
    let path = "/api/v1/accounts/li";
    for body in [
        json!({"role": "admin", "responsible_units": ["安亭镇"]}),
        json!({"role": "public"}),
        json!({"password": "x"}),
    ] {
        send(&admin, Method::PATCH, path, body, 400).await;
    }
    let accounts = admin.json("/api/v1/accounts").await;
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let it = serving(Accounts::default()).await;
    let admin = signed_in(&it, "chief", Role::Admin).await;
    it.account("gone", Role::Admin, None).await;
    send(&admin, Method::PATCH, "/api/v1/accounts/gone", json!({"disabled": true}), 200).await;
    let path = "/api/v1/accounts/chief";
    for (body, at) in
        [(json!({"disabled": true}), "disabled"), (json!({"role": "steward"}), "role")]
    {
        assert_eq!(send(&admin, Method::PATCH, path, body, 400).await["at"], at);
    }
    send(&admin, Method::PATCH, path, json!({"title": "Chief"}), 200).await;
    it.account("second", Role::Admin, None).await;
    // Each demotes the other at the same moment: one of them stays.
    let console = Scope::console();
    let demote = |name| {
        let change = manage::Change { role: Some(Role::Viewer), ..Default::default() };
        manage::change_account(&it.app.db, &console, name, change)
    };
    let (one, other) = tokio::join!(demote("chief"), demote("second"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let admins: i64 = it
        .value("select count(*) from mutu.account where role = 'admin' and disabled_at is null")
        .await;
    assert_eq!(admins, 1);
}

#[tokio::test]
async fn others_manage_nobody_and_that_they_tried_is_recorded() {
    let it = serving(Accounts::default()).await;
    let steward = signed_in(&it, "li", Role::Steward).await;
    for (method, path, body) in [
        (Method::GET, "/api/v1/accounts", json!(null)),
        (Method::POST, "/api/v1/accounts", json!({"name": "a", "role": "admin"})),
        (Method::PATCH, "/api/v1/accounts/li", json!({"role": "admin"})),
        (Method::POST, "/api/v1/accounts/li/link", json!(null)),
        (Method::GET, "/api/v1/accounts/li/tokens", json!(null)),
        (Method::DELETE, "/api/v1/accounts/li/tokens/1", json!(null)),
        (Method::GET, "/api/v1/audit_events", json!(null)),
    ] {
        send(&steward, method.clone(), path, body.clone(), 403).await;
        send(&Browser::new(&it), method, path, body, 401).await;
    }
    let refused: i64 = it
        .value("select count(*) from mutu.audit_event where action = 'refused' and account = 'li' and client = '127.0.0.1'")
        .await;
    assert_eq!(refused, 7);
    assert_eq!(steward.role().await, "steward");
}
