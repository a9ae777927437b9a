//! How much anybody may ask for.

use mutu::access::Role;
use reqwest::Response;
use reqwest::StatusCode;
use serde_json::Value;

use super::PARCEL;
use super::serving;
use crate::support::TestApp;

const TIGHT: &str = "
    trusted_proxies = ['127.0.0.0/8']
    [limits.public]
    requests_per_second = 1
    burst = 5
    body_bytes = 1000
    export_rows = 3
    [limits.viewer]
    burst = 8
    requests_per_second = 1
    body_bytes = 2000
    export_rows = 5";

async fn from(it: &TestApp, client: &str, token: Option<&str>) -> Response {
    let mut request = it.client.get(it.url("/api/v1/session")).header("x-forwarded-for", client);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

async fn is_problem(response: Response, status: u16, kind: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains(" / "), "{problem}");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let it = serving(TIGHT).await;
    for _ in 0..5 {
        assert_eq!(from(&it, "192.0.2.1", None).await.status(), 200);
    }
    let refused = from(&it, "192.0.2.1", None).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    assert!(refused.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    is_problem(refused, 429, "too-many").await;
    // Others are others, and files are not counted.
    assert_eq!(from(&it, "192.0.2.2", None).await.status(), 200);
    for _ in 0..20 {
        let page =
            it.client.get(it.url("/")).header("x-forwarded-for", "192.0.2.1").send().await.unwrap();
        assert_eq!(page.status(), 200);
    }
    // Who signed in has a bucket of their own, at the same address; a second account another one.
    let (one, two) = (it.token(Role::Viewer).await, it.token(Role::Viewer).await);
    for _ in 0..8 {
        assert_eq!(from(&it, "192.0.2.1", Some(&one)).await.status(), 200);
    }
    is_problem(from(&it, "198.51.100.9", Some(&one)).await, 429, "too-many").await;
    assert_eq!(from(&it, "192.0.2.1", Some(&two)).await.status(), 200);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(from(&it, "192.0.2.1", None).await.status(), 200, "it fills again");
}

#[tokio::test]
async fn an_untrusted_peer_cannot_change_its_bucket() {
    let it = serving("[limits.public]\nrequests_per_second = 1\nburst = 5").await;
    let mut statuses = Vec::new();
    for nth in 0..8 {
        statuses.push(from(&it, &format!("192.0.2.{nth}"), None).await.status().as_u16());
    }
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 5, "{statuses:?}");
}

#[tokio::test]
async fn guessing_tokens_costs_as_much_as_asking() {
    let it = serving(TIGHT).await;
    let mut statuses = Vec::new();
    for nth in 0..7 {
        statuses.push(
            from(&it, "192.0.2.1", Some(&format!("mutu_guess{nth}"))).await.status().as_u16(),
        );
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    let token = it.token(Role::Viewer).await;
    assert_eq!(
        from(&it, "192.0.2.1", Some(&token)).await.status(),
        200,
        "colleagues are not locked out"
    );
}

#[tokio::test]
async fn a_body_has_a_bound_by_role() {
    let it = serving(TIGHT).await;
    let token = it.token(Role::Viewer).await;
    let post = |bytes: usize, chunked: bool, token: Option<&str>| {
        let body = format!("{{\"token\":\"{}\"}}", "x".repeat(bytes));
        let mut request =
            it.client.post(it.url("/api/v1/session")).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
            body.as_bytes().chunks(100).map(|it| Ok(it.to_vec())).collect();
        let request = if chunked {
            request.body(reqwest::Body::wrap_stream(futures_util::stream::iter(pieces)))
        } else {
            request.body(body)
        };
        async { request.send().await.unwrap() }
    };
    for chunked in [false, true] {
        is_problem(post(1500, chunked, None).await, 413, "too-large").await;
        assert_eq!(post(900, chunked, None).await.status(), 401);
        assert_eq!(post(1500, chunked, Some(&token)).await.status(), 401);
        is_problem(post(2500, chunked, Some(&token)).await, 413, "too-large").await;
    }
}

#[tokio::test]
async fn an_address_has_a_bound() {
    let it = TestApp::serving().await;
    let with = |count: usize| {
        format!("/ogc/collections/parcels/items?filter=name%3D%27{}%27", "a".repeat(count))
    };
    assert_eq!(it.get(&with(1000)).await.status(), 200);
    is_problem(it.get(&with(33_000)).await, 414, "too-long").await;
    // Beyond what is read at all there is no document, but an end.
    let endless = it.client.get(it.url("/")).header("x-long", "a".repeat(100_000)).send().await;
    assert!(
        endless.is_err()
            || endless.is_ok_and(|it| it.status() == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    );
}

#[tokio::test]
async fn a_download_has_a_bound_by_role() {
    let it = serving(TIGHT).await;
    it.sql(PARCEL).await;
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select n, 'B' || n, 1, p.geom, 'test' from mutu.parcel p, generate_series(2, 4) n where p.parcel_id = 1",
    )
    .await;
    let path = "/api/v1/layers/parcels/export?format=csv";
    let refused = it.get(path).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains('3'));
    let token = it.token(Role::Viewer).await;
    let full = it.client.get(it.url(path)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(full.status(), 200);
    assert_eq!(full.text().await.unwrap().lines().count(), 5);
    assert_eq!(it.get(&format!("{path}&filter=id%20%3C%204")).await.status(), 200);
}
