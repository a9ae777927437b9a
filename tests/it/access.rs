//! Who may read what, over HTTP.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::account::manage;

use crate::support::TestApp;

#[tokio::test]
async fn a_token_signs_in_and_a_wrong_one_is_refused() {
    let it = TestApp::serving().await;
    assert_eq!(it.json("/api/v1/session").await["role"], "public");
    let token = it.token(Role::Viewer).await;
    assert_eq!(it.json_as(&token, "/api/v1/session").await["role"], "viewer");
    let refused =
        it.client.get(it.url("/api/v1/session")).bearer_auth("mutu_wrong").send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let it = TestApp::serving().await;
    it.account("steward", Role::Steward, None).await;
    let (link, _) = manage::create_link(&it.app.db, &Scope::console(), "steward").await.unwrap();
    let path = format!("/sign-in?code={}", link.reveal());
    let first = it.get(&path).await;
    assert_eq!(first.status(), 303);
    let cookie = first.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let session =
        it.client.get(it.url("/api/v1/session")).header("cookie", cookie).send().await.unwrap();
    assert_eq!(session.json::<serde_json::Value>().await.unwrap()["role"], "steward");
    assert_eq!(it.get(&path).await.status(), 401);
}

#[tokio::test]
async fn the_reading_role_cannot_write_nor_see_secrets() {
    let it = TestApp::new().await;
    for sql in [
        "insert into mutu.current_run (run_id) values (1)",
        "select * from mutu.api_token",
        "select * from mutu.session",
        "select * from mutu.account",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&it.app.db.read).await;
        assert!(refused.is_err(), "{sql}");
    }
}
