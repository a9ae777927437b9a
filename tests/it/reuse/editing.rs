//! Edits and events of cases: who was faster, what stays, what stops.

use mutu::access::Role;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::*;

#[tokio::test]
async fn of_two_officers_at_once_one_is_told_what_the_other_wrote() {
    let it = district().await;
    let first = it.token(Role::Officer).await;
    let second = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let (_, codes) = list(&it, &first, "计划", "P1").await;
    let path = format!("/api/v1/cases/{}", codes[0]);
    let seen = tag(&it, &first, &codes[0]).await;
    let mine = json!({"properties": {"person": "甲", "problem": null}});
    let written = done(&it, &first, Method::PATCH, &path, Some(&seen), &mine).await;
    let theirs = json!({"properties": {"person": "乙"}});
    let late = send(&it, &second, Method::PATCH, &path, Some(&seen), &theirs).await;
    assert_eq!((late.status, &late.body["type"]), (412, &json!("/problems/overtaken")));
    assert_eq!(late.body["yours"], theirs);
    assert_eq!(late.body["theirs"]["properties"]["person"], "甲");
    assert_eq!(late.body["theirs"]["etag"], written.tag.as_str());
    let event = json!({"kind": "transition", "step": "verify"});
    let events = format!("{path}/events");
    assert_eq!(send(&it, &second, Method::POST, &events, Some(&seen), &event).await.status, 412);
    assert_eq!(send(&it, &second, Method::POST, &events, None, &event).await.status, 428);
    assert_eq!(send(&it, &second, Method::PATCH, &path, Some("x"), &theirs).await.status, 400);
    // Of eight at the same moment exactly one wins.
    let bodies: Vec<Value> =
        (0..8).map(|n| json!({"properties": {"person": format!("n{n}")}})).collect();
    let tag = written.tag;
    let all = bodies.iter().map(|it_is| send(&it, &first, Method::PATCH, &path, Some(&tag), it_is));
    let mut statuses: Vec<u16> =
        futures_util::future::join_all(all).await.iter().map(|it| it.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    // What is so already is no version.
    let sheet = it.json_as(&first, &path).await;
    let same = json!({"properties": {"person": sheet["case"]["person"]}});
    let again = set(&it, &first, &codes[0], same["properties"].clone()).await;
    assert_eq!(again.body["row_id"], sheet["case"]["row_id"]);
    // The history has each of them, before and after.
    let history = it.json_as(&first, &events).await;
    let kinds: Vec<&str> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["changed", "changed", "created"]);
    assert_eq!(history["events"][0]["before"]["person"], "甲");
}

#[tokio::test]
async fn what_was_removed_keeps_its_history_and_comes_back() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "计划", "P1\nP2").await;
    let code = &codes[0];
    let without = json!({"kind": "transition", "step": "reject"});
    assert_eq!(note(&it, &officer, code, without).await.status, 400);
    let gone = note(
        &it,
        &officer,
        code,
        json!({"kind": "transition", "step": "reject", "reason": "已拆"}),
    )
    .await;
    assert_eq!((gone.status, &gone.body["case"]["state"]), (201, &json!("removed")));
    let page = it.json_as(&officer, &format!("/api/v1/lists/{id}/cases")).await;
    assert_eq!((page["cases"].as_array().unwrap().len(), &page["total"]["cases"]), (2, &json!(1)));
    assert_eq!(step(&it, &officer, code, "list").await.status, 409);
    assert_eq!(step(&it, &officer, code, "fly").await.status, 400);
    assert_eq!(step(&it, &officer, code, "restore").await.status, 201);
    let history = it.json_as(&officer, &format!("/api/v1/cases/{code}/events")).await;
    let told: Vec<(&str, &str)> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["state_after"].as_str().unwrap(), it["reason"].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(told, [("candidate", "因为"), ("removed", "已拆"), ("candidate", "-")]);
    // A closed list is done with.
    let own = format!("/api/v1/lists/{id}");
    let tag = format!("\"{}\"", it.json_as(&officer, &own).await["row_version"]);
    let body = json!({"state": "closed"});
    done(&it, &officer, Method::PATCH, &own, Some(&tag), &body).await;
    assert_eq!(send(&it, &officer, Method::PATCH, &own, Some(&tag), &body).await.status, 412);
    assert_eq!(set(&it, &officer, code, json!({"person": "x"})).await.status, 409);
}

#[tokio::test]
async fn a_red_line_stops_what_builds_until_a_steward_names_a_document() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let steward = it.token(Role::Steward).await;
    let (_, codes) = list(&it, &officer, "计划", "P3\nP4").await;
    let filled = json!({"path": "buyback", "plan_area_mu": "10", "person": "承办人", "plan_finish": "2026-12-31",
        "nodes": {"transfer": "2026Q2"}});
    for code in &codes {
        assert_eq!(set(&it, &officer, code, filled.clone()).await.status, 200);
        for name in ["verify", "list"] {
            assert_eq!(step(&it, &officer, code, name).await.status, 201);
        }
    }
    let start =
        |document: Value| json!({"kind": "transition", "step": "start", "document": document});
    let stopped = note(&it, &officer, &codes[1], start(Value::Null)).await;
    assert_eq!((stopped.status, &stopped.body["type"]), (422, &json!("/problems/not-conforming")));
    let grounds = stopped.body["conformity"]["grounds"].as_array().unwrap();
    assert_eq!(grounds[0]["verdict"], "fail");
    assert!(grounds[0]["area_m2"].as_str().unwrap().parse::<f64>().unwrap() > 4000.0);
    let document = json!("沪规〔2026〕1号");
    assert_eq!(note(&it, &officer, &codes[1], start(document.clone())).await.status, 403);
    assert_eq!(note(&it, &steward, &codes[1], start(json!(" "))).await.status, 422);
    let passed = note(&it, &steward, &codes[1], start(document.clone())).await;
    assert_eq!(passed.status, 201, "{}", passed.body);
    assert_eq!(passed.body["event"]["document"], document);
    assert_eq!(passed.body["event"]["evidence"]["conformity"]["verdict"], "fail");
    // Missing data is no pass.
    it.sql("update layer.eco_redline set superseded_at = now()").await;
    let unknown = note(&it, &officer, &codes[0], start(Value::Null)).await;
    assert_eq!(
        (unknown.status, &unknown.body["type"]),
        (422, &json!("/problems/conformity-unknown"))
    );
    // What takes buildings away is not stopped by it, and does not turn into what builds on the way.
    let other = json!({"path": "reduction", "nodes": {"demolition": "2026Q3"}});
    assert_eq!(set(&it, &officer, &codes[0], other).await.status, 200);
    assert_eq!(note(&it, &officer, &codes[0], start(Value::Null)).await.status, 201);
    let turned = set(&it, &officer, &codes[0], json!({"path": "buyback"})).await;
    assert_eq!(turned.status, 409, "{}", turned.body);
}

#[tokio::test]
async fn hostile_bodies_are_the_callers_mistake() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (id, codes) = list(&it, &officer, "计划", "P1").await;
    let path = format!("/api/v1/cases/{}", codes[0]);
    for body in [
        json!({}),
        json!({"properties": {}}),
        json!({"properties": {"state": "closed"}}),
        json!({"properties": {"counted_mu": 5}}),
        json!({"properties": {"person": "a\u{0}"}}),
        json!({"properties": {"person'; drop table mutu.reuse_case; --": "a"}}),
        json!({"properties": {"plan_area_mu": "1e400"}}),
        json!({"properties": {"plan_area_mu": "1e-9"}}),
        json!({"properties": {"path": "buyback", "nodes": {"x": "2026Q1"}}}),
        json!([1]),
    ] {
        let answer = send(&it, &officer, Method::PATCH, &path, Some("\"1\""), &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    let events = format!("{path}/events");
    for body in [
        json!({"kind": "applause"}),
        json!({"kind": "comment", "text": ""}),
        json!({"kind": "comment", "text": "a\u{0}"}),
        json!({"kind": "comment", "text": "x".repeat(2001)}),
        json!({"kind": "transition"}),
        json!({"kind": "transition", "step": "verify", "on": "2999-01-01"}),
        json!({"kind": "transition", "step": "verify", "on": "0001-01-01"}),
        json!({"kind": "disposal", "area_mu": "-1"}),
    ] {
        let answer = send(&it, &officer, Method::POST, &events, Some("\"1\""), &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    for body in [
        json!({"name": "", "kind": "renewal", "year": 2026}),
        json!({"name": "a\u{0}", "kind": "renewal", "year": 2026}),
        json!({"name": "a", "kind": "other", "year": 2026}),
        json!({"name": "a", "kind": "renewal", "year": 20260}),
        json!({"name": "a", "kind": "renewal", "year": 2026, "code_prefix": "jd'"}),
        json!({"name": "a", "kind": "renewal", "year": 2026, "state": "closed"}),
    ] {
        let answer = send(&it, &officer, Method::POST, "/api/v1/lists", None, &body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.body);
    }
    for path in [
        format!("/api/v1/lists/{id}/cases?limit=0"),
        format!("/api/v1/lists/{id}/cases?state=lost"),
        format!("/api/v1/lists/{id}/cases?as_of=yesterday"),
        format!("/api/v1/lists/{id}/cases?colour=red"),
        "/api/v1/lists/x".to_owned(),
        "/api/v1/targets?period=2026Q9".to_owned(),
        "/api/v1/targets?kind=gold".to_owned(),
    ] {
        assert_eq!(it.get_as(&officer, &path).await.status(), 400, "{path}");
    }
    assert_eq!(it.get_as(&officer, "/api/v1/lists/99").await.status(), 404);
    assert_eq!(it.get_as(&officer, "/api/v1/cases/%27").await.status(), 404);
}
