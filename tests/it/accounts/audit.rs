//! The audit: a row for everything, no secret in any, and the listing.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;
use mutu::audit;
use mutu::audit::Action;
use mutu::audit::Event;
use mutu::config::Accounts;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::Browser;
use super::PASSWORD;
use super::WRONG;
use super::serving;

const NEW: &str = "Loud-Harbour77";

/// Action, account and subject of every event, oldest first.
async fn events(it: &crate::support::TestApp) -> Vec<(String, String, String)> {
    sqlx::query_as("select action, account, subject from mutu.audit_event order by event_id")
        .fetch_all(&it.app.db.write)
        .await
        .unwrap()
}

#[tokio::test]
async fn everything_leaves_a_row_and_none_has_a_secret() {
    let it = serving(Accounts::default()).await;
    it.account("root", Role::Admin, None).await;
    it.password("root", PASSWORD).await;
    let mut root = Browser::new(&it);
    root.sign_in("root", WRONG).await;
    // Somebody typed the password where the name belongs.
    root.sign_in(PASSWORD, PASSWORD).await;
    root.sign_in("root", PASSWORD).await;
    let session = root.cookie.clone().unwrap();
    let send = async |method: Method, path: &str, body: Value| {
        let answer = root.send(method, path, Some(body)).await;
        assert!(answer.status().is_success(), "{path}");
        answer.json::<Value>().await.unwrap_or_default()
    };
    send(Method::POST, "/api/v1/accounts", json!({"name": "li", "role": "officer"})).await;
    send(Method::PATCH, "/api/v1/accounts/li", json!({"responsible_units": ["安亭镇"]})).await;
    let link = send(Method::POST, "/api/v1/accounts/li/link", json!(null)).await;
    let token = send(Method::POST, "/api/v1/tokens", json!({"name": "t"})).await;
    send(Method::DELETE, &format!("/api/v1/tokens/{}", token["token_id"]), json!(null)).await;
    send(Method::PATCH, "/api/v1/session", json!({"view_as": "viewer"})).await;
    send(Method::PATCH, "/api/v1/session", json!({"view_as": null})).await;
    let body = json!({"password": PASSWORD, "new_password": NEW});
    send(Method::PUT, "/api/v1/session/password", body).await;
    send(Method::DELETE, "/api/v1/session", json!(null)).await;
    let code = link["url"].as_str().unwrap().split_once("code=").unwrap().1;
    Browser::new(&it).follow(&format!("/sign-in?code={code}")).await;
    Browser::new(&it).follow(&format!("/sign-in?code={code}")).await;
    let secret = token["token"].as_str().unwrap();
    Browser::new(&it).post_session(json!({"token": secret})).await;
    let basic = it.client.get(it.url("/api/v1/session")).basic_auth("root", Some(NEW));
    assert_eq!(basic.send().await.unwrap().status(), 200);

    let row = |it: &(String, String, String)| format!("{} {} {}", it.0, it.1, it.2);
    let rows: Vec<String> = events(&it).await.iter().map(row).collect();
    assert_eq!(
        rows,
        [
            "account_created console root",
            "password_changed console root",
            "sign_in_failed public root",
            "sign_in_failed public ",
            "sign_in root root",
            "account_created root li",
            "account_changed root li",
            "link_created root li",
            "token_created root root",
            "token_revoked root root",
            "view_as root root",
            "view_as root root",
            "password_changed root root",
            "sign_out root root",
            "sign_in li li",
            "sign_in_failed public ",
            "sign_in_failed public ",
        ],
        "the program that signs in with every request was noted within the hour"
    );
    let all: String = it.value("select string_agg(e::text, E'\\n') from mutu.audit_event e").await;
    let session = session.split_once('=').unwrap().1;
    let stored: String =
        it.value("select string_agg(encode(token_hash, 'hex'), ',') from mutu.api_token").await;
    for secret in [PASSWORD, WRONG, NEW, code, secret, session, &*stored, "argon2", "mutu_"] {
        assert!(!all.contains(secret), "`{secret}` in {all}");
    }
    let clients: Vec<Option<String>> = sqlx::query_scalar(
        "select distinct client from mutu.audit_event where account <> 'console'",
    )
    .fetch_all(&it.app.db.write)
    .await
    .unwrap();
    assert_eq!(clients, [Some("127.0.0.1".to_owned())]);
    let changed: Value = it
        .value(
            "select jsonb_build_array(before -> 'responsible_units', after -> 'responsible_units')
                from mutu.audit_event where action = 'account_changed'",
        )
        .await;
    assert_eq!(changed, json!([null, ["安亭镇"]]));
}

#[tokio::test]
async fn what_is_rolled_back_is_not_in_the_audit() {
    let it = serving(Accounts::default()).await;
    it.account("li", Role::Viewer, None).await;
    let console = Scope::console();
    let none = manage::create_token(&it.app.db, &console, "nobody", "t", None, None).await;
    let twice = manage::create_account(
        &it.app.db,
        &console,
        manage::New {
            name: "li",
            role: Role::Viewer,
            title: None,
            responsible_units: None,
            oidc_subject: None,
        },
    );
    assert!(none.is_err() && twice.await.is_err());
    let mut tx = it.app.db.write.begin().await.unwrap();
    audit::record(&mut *tx, &console, Event::of(Action::Import, "parcels")).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(events(&it).await.len(), 1);
}

#[tokio::test]
async fn the_listing_goes_backwards_page_by_page() {
    let it = serving(Accounts::default()).await;
    let token = it.token(Role::Admin).await;
    let li = Scope { account: Some("li".to_owned()), ..Scope::public() };
    for n in 0..5 {
        let subject = format!("parcels-{n}");
        let event = Event::of(Action::Export, &subject).with(json!({"rows": n}));
        audit::record(&it.app.db.write, &li, event).await.unwrap();
    }
    let page = it.json_as(&token, "/api/v1/audit_events?account=li&limit=2").await;
    let subjects = |page: &Value| -> Vec<String> {
        let events = page["audit_events"].as_array().unwrap();
        events.iter().map(|it| it["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&page), ["parcels-4", "parcels-3"]);
    assert_eq!(page["audit_events"][0]["detail"], json!({"rows": 4}));
    assert_eq!(page["next_before"], page["audit_events"][1]["event_id"]);
    // What happens meanwhile shifts nothing.
    audit::record(&it.app.db.write, &li, Event::of(Action::Export, "new")).await.unwrap();
    let path = format!("/api/v1/audit_events?account=li&limit=3&before={}", page["next_before"]);
    let last = it.json_as(&token, &path).await;
    assert_eq!(subjects(&last), ["parcels-2", "parcels-1", "parcels-0"]);
    assert_eq!(last["next_before"], json!(null));
    let exports = it.json_as(&token, "/api/v1/audit_events?action=export").await;
    assert_eq!(subjects(&exports).len(), 6);
    for bad in ["limit=0", "limit=1001", "action=fly", "before=x", "offset=3"] {
        let request = it.client.get(it.url(&format!("/api/v1/audit_events?{bad}")));
        assert_eq!(request.bearer_auth(&token).send().await.unwrap().status(), 400, "{bad}");
    }
}
