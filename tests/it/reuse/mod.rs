//! Redevelopment lists over HTTP: from a selection to what counts against the targets.

mod attachments;
mod bulk;
mod counting;
mod due;
mod editing;
mod lists;
mod exports;
mod printed;
mod reports;

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

/// An answer: status, `ETag`, body.
pub struct Answer {
    pub status: u16,
    pub tag: String,
    pub body: Value,
}

/// A request with a body, made from the version `tag`.
pub async fn send(
    it: &TestApp,
    token: &str,
    method: Method,
    path: &str,
    tag: Option<&str>,
    body: &Value,
) -> Answer {
    let mut request = it.client.request(method, it.url(path)).bearer_auth(token).json(body);
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let tag = response.headers().get("etag").map_or("", |it| it.to_str().unwrap()).to_owned();
    if status >= 400 {
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
    Answer { status, tag, body: response.json().await.unwrap() }
}

/// The same, which must succeed.
pub async fn done(
    it: &TestApp,
    token: &str,
    method: Method,
    path: &str,
    tag: Option<&str>,
    body: &Value,
) -> Answer {
    let answer = send(it, token, method, path, tag, body).await;
    assert!(answer.status < 300, "{path} {body}: {}", answer.body);
    answer
}

/// The version of a case as it is now.
pub async fn tag(it: &TestApp, token: &str, code: &str) -> String {
    let sheet = it.json_as(token, &format!("/api/v1/cases/{code}")).await;
    format!("\"{}\"", sheet["case"]["row_id"])
}

/// Changes a case as it is now.
pub async fn set(it: &TestApp, token: &str, code: &str, properties: Value) -> Answer {
    let tag = tag(it, token, code).await;
    let body = json!({ "properties": properties });
    send(it, token, Method::PATCH, &format!("/api/v1/cases/{code}"), Some(&tag), &body).await
}

/// An event of a case as it is now.
pub async fn note(it: &TestApp, token: &str, code: &str, event: Value) -> Answer {
    let tag = tag(it, token, code).await;
    send(it, token, Method::POST, &format!("/api/v1/cases/{code}/events"), Some(&tag), &event).await
}

/// A step of the workflow as it is now.
pub async fn step(it: &TestApp, token: &str, code: &str, step: &str) -> Answer {
    note(it, token, code, json!({"kind": "transition", "step": step, "reason": "因为"})).await
}

/// Four parcels in two units, the fifth of nobody: P1 30 亩 and P2 15 亩 of 马陆镇, P3 12.345678 亩 and P4 15 亩 of 安亭镇. P4
/// lies on farmland; a boundary is around all of them.
pub async fn district() -> TestApp {
    district_with(mutu::config::Config::default()).await
}

/// The same under another configuration.
pub async fn district_with(config: mutu::config::Config) -> TestApp {
    let mut it = TestApp::with(config).await;
    it.serve();
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, name, town_code, responsible_unit, area_registered_m2, area_geom_m2, geom, recorded_by)
         select n, 'P' || n, '地块' || n, town, unit, m2, st_area(g::geography), g, 'test'
         from (values (1, '114', '马陆镇', 20000), (2, '114', '马陆镇', 10000), (3, '103', '安亭镇', 8230.452),
                      (4, '103', '安亭镇', 10000), (5, '114', null, 10000)) v (n, town, unit, m2),
              lateral (select st_multi(st_makeenvelope(121.2 + n * 0.002, 31.3, 121.201 + n * 0.002, 31.301, 4490))) s (g);
         insert into layer.growth_boundary (geom, recorded_by)
         values (st_multi(st_makeenvelope(121.1, 31.2, 121.4, 31.4, 4490)), 'test');
         insert into layer.basic_farmland (geom, recorded_by)
         values (st_multi(st_makeenvelope(121.2085, 31.2, 121.2089, 31.4, 4490)), 'test');
         insert into layer.eco_redline (geom, recorded_by)
         values (st_multi(st_makeenvelope(121.3, 31.2, 121.31, 31.4, 4490)), 'test');",
    )
    .await;
    it
}

/// A list of the district with these parcels; its number and the codes of its cases.
pub async fn list(it: &TestApp, token: &str, name: &str, codes: &str) -> (i64, Vec<String>) {
    let body = json!({"name": name, "kind": "renewal", "year": 2026, "code_prefix": "JD",
        "selection": {"parcel_codes": codes}});
    let made = done(it, token, Method::POST, "/api/v1/lists", None, &body).await;
    let codes = made.body["added"].as_array().unwrap().iter();
    let codes = codes.map(|it| it.as_str().unwrap().to_owned()).collect();
    (made.body["list"]["list_id"].as_i64().unwrap(), codes)
}

/// Fills a case and brings it to work, to the milestone before acceptance.
pub async fn to_work(it: &TestApp, token: &str, code: &str) {
    let filled = json!({"path": "buyback", "plan_area_mu": "10", "person": "承办人", "plan_finish": "2026-12-31",
        "nodes": {"transfer": "2026Q2"}, "energy_freed_tce": "120.5", "enterprises_cleared": 2});
    let answer = set(it, token, code, filled).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for name in ["verify", "list", "start"] {
        let answer = step(it, token, code, name).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.body);
    }
    let answer = note(it, token, code, json!({"kind": "milestone", "milestone": "transfer"})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

pub async fn dispose(it: &TestApp, token: &str, code: &str, area_mu: &str) -> Answer {
    note(it, token, code, json!({"kind": "disposal", "area_mu": area_mu})).await
}
