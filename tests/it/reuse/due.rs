//! What an officer hears of without asking: milestones that fall due, cases that were sent back.

use mutu::access::Role;
use serde_json::json;

use super::*;

#[tokio::test]
async fn milestones_that_nobody_reached_fall_due_with_their_quarter() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (list_id, codes) = list(&it, &officer, "计划", "P1\nP3").await;
    let due = "/api/v1/milestones";
    assert_eq!(it.json_as(&officer, due).await, json!({"milestones": [], "total": 0}));
    // Long past, far away, and one of a case that is not even looked at.
    let nodes = json!({"transfer": "2020Q1", "conversion": "2099Q4"});
    let filled = json!({"path": "buyback", "plan_area_mu": "10", "person": "承办人", "plan_finish": "2099-12-31"});
    for code in &codes {
        let mut filled = filled.clone();
        filled["nodes"] = nodes.clone();
        let answer = set(&it, &officer, code, filled).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(step(&it, &officer, &codes[0], "verify").await.status, 201);
    let found = it.json_as(&officer, due).await;
    assert_eq!(found["total"], 1, "{found}");
    let one = &found["milestones"][0];
    assert_eq!(
        (&one["case_code"], &one["list_id"], &one["quarter"], &one["is_overdue"]),
        (&json!(codes[0]), &json!(list_id), &json!("2020Q1"), &json!(true))
    );
    assert_eq!(one["milestone"], "transfer");
    assert!(!one["title"]["zh"].as_str().unwrap().is_empty());
    // Of other units' cases nothing is told, and to the public nothing at all.
    let anting = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    assert_eq!(it.json_as(&anting, due).await["total"], 0);
    let viewer = it.token(Role::Viewer).await;
    let refused = it.client.get(it.url(due)).bearer_auth(&viewer).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(it.client.get(it.url(due)).send().await.unwrap().status(), 401);
    // What is reached is due no more, and what is taken back is due again.
    for name in ["list", "start"] {
        let answer = step(&it, &officer, &codes[0], name).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    let reach = |undo: bool| json!({"kind": "milestone", "milestone": "transfer", "undo": undo, "reason": "核对"});
    assert_eq!(note(&it, &officer, &codes[0], reach(false)).await.status, 201);
    assert_eq!(it.json_as(&officer, due).await["total"], 0);
    assert_eq!(note(&it, &officer, &codes[0], reach(true)).await.status, 201);
    assert_eq!(it.json_as(&officer, due).await["total"], 1);
}

#[tokio::test]
async fn the_unit_is_told_of_a_case_that_was_sent_back_with_the_reason() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let (list_id, codes) = list(&it, &officer, "计划", "P1").await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let anting = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    assert_eq!(step(&it, &officer, &codes[0], "verify").await.status, 201);
    let notices = "/api/v1/notices?kind=case_returned";
    assert_eq!(it.json_as(&malu, notices).await["unread"], 0);
    let back = json!({"kind": "transition", "step": "return", "reason": "面积与现场不符"});
    let answer = note(&it, &officer, &codes[0], back).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let found = it.json_as(&malu, notices).await;
    let one = &found["notices"][0];
    assert_eq!(one["kind"], "case_returned");
    assert_eq!(one["responsible_unit"], "马陆镇");
    assert_eq!(
        one["detail"],
        json!({"case_code": codes[0], "list_id": list_id, "from": "verified", "to": "candidate"})
    );
    assert!(one["title"]["zh"].as_str().unwrap().contains("筛选 → 查找"), "{one}");
    assert!(one["text"]["zh"].as_str().unwrap().contains("面积与现场不符"), "{one}");
    assert_eq!(it.json_as(&anting, notices).await["notices"], json!([]));
}
