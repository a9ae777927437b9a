//! Splits and merges.

use mutu::access::Role;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::edits::Answer;
use super::edits::create;
use super::edits::edit;
use super::rectangle;
use crate::support::TestApp;

fn part(code: &str, west: f64, east: f64) -> Value {
    json!({"properties": {"parcel_code": code}, "geometry": rectangle(west, east)})
}

async fn split(it: &TestApp, token: &str, code: &str, tag: &str, body: Value) -> Answer {
    let path = format!("/api/v1/parcels/{code}/split");
    edit(it, token, Method::POST, &path, Some(tag), &body).await
}

fn number(it: &Value) -> f64 {
    it.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_parcel_becomes_its_parts_and_they_say_where_they_come_from() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let properties = json!({"parcel_code": "P", "name": "整块", "responsible_unit": "安亭镇", "area_registered_m2": "10000", "gfa_m2": "5000"});
    let made = create(&it, &steward, properties, 121.2).await;
    it.sql("insert into mutu.occupancy (parcel_code, uscc, recorded_by) values ('P', 'U', 'x')")
        .await;
    let mut body = json!({"on": "2025-03-01", "parts": [part("P-1", 121.2, 121.2004), part("P-2", 121.2004, 121.201)]});
    body["parts"][1]["properties"]["area_registered_m2"] = json!("6000");
    let done = split(&it, &steward, "P", &made.tag, body).await;
    assert_eq!(done.status, 201, "{}", done.body);
    assert_eq!(done.body["references"][0]["what"], "occupancies");
    let areas = &done.body["areas"];
    assert!((number(&areas["parents_m2"]) - number(&areas["children_m2"])).abs() < 1.0, "{areas}");
    let one = it.json("/api/v1/parcels/P-1").await;
    assert_eq!((&one["name"], &one["responsible_unit"]), (&json!("整块"), &json!("安亭镇")));
    assert!(one["area_registered_m2"].is_null() && one["gfa_m2"].is_null(), "never guessed");
    assert_eq!(number(&it.json("/api/v1/parcels/P-2").await["area_registered_m2"]), 6000.0);
    let gone: Value = it.get_as(&steward, "/api/v1/parcels/P").await.json().await.unwrap();
    let codes: Vec<&Value> =
        gone["successors"].as_array().unwrap().iter().map(|it| &it["parcel_code"]).collect();
    assert_eq!(codes, ["P-1", "P-2"]);
    let history = it.json_as(&steward, "/api/v1/parcels/P-2/history").await;
    assert_eq!(
        (&history["parents"][0]["parcel_code"], &history["parents"][0]["kind"]),
        (&json!("P"), &json!("split"))
    );
    let then = |day: &str| format!("/ogc/collections/parcels/items?datetime={day}&resultType=hits");
    assert_eq!(it.json(&then("2025-02-28")).await["numberMatched"], 1);
    assert_eq!(it.json(&then("2025-03-01")).await["numberMatched"], 2);
}

#[tokio::test]
async fn parts_that_are_not_the_whole_are_refused_with_their_areas() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let made = create(&it, &steward, json!({"parcel_code": "P"}), 121.2).await;
    for (parts, status, what) in [
        (json!([part("A", 121.2, 121.2004), part("B", 121.2005, 121.201)]), 422, "missing_m2"),
        (json!([part("A", 121.2, 121.2005), part("B", 121.2004, 121.201)]), 422, "overlap_m2"),
        (json!([part("A", 121.1999, 121.2004), part("B", 121.2004, 121.201)]), 422, "outside_m2"),
        (json!([part("A", 121.2, 121.2004), part("A", 121.2004, 121.201)]), 400, ""),
        (json!([part("A", 121.2, 121.201)]), 400, ""),
        (
            json!([{"properties": {}, "geometry": rectangle(121.2, 121.2004)}, part("B", 121.2004, 121.201)]),
            400,
            "",
        ),
    ] {
        let answer = split(&it, &steward, "P", &made.tag, json!({"parts": parts})).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        if !what.is_empty() {
            let areas = &answer.body["areas"];
            assert!(number(&areas[what]) > number(&areas["tolerance_m2"]), "{what} {areas}");
        }
    }
    assert_eq!(it.value::<i64>("select count(*) from mutu.parcel").await, 1, "nothing was written");
    assert_eq!(it.value::<i64>("select count(*) from mutu.parcel_lineage").await, 0);
    // A sliver of a few centimetres is nobody's mistake.
    let parts = json!([part("A", 121.2, 121.200_4), part("B", 121.200_400_05, 121.201)]);
    assert_eq!(split(&it, &steward, "P", &made.tag, json!({"parts": parts})).await.status, 201);
}

async fn merge(it: &TestApp, token: &str, parents: &[(&str, &str)], properties: Value) -> Answer {
    let parents: Vec<Value> =
        parents.iter().map(|(code, tag)| json!({"parcel_code": code, "etag": tag})).collect();
    let body = json!({"parents": parents, "properties": properties});
    edit(it, token, Method::POST, "/api/v1/parcels/merge", None, &body).await
}

#[tokio::test]
async fn parcels_become_their_union_with_the_sum_of_what_is_known() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let of = |code: &str, area: Value| json!({"parcel_code": code, "responsible_unit": "安亭镇", "name": code, "status": "在用", "area_registered_m2": area});
    let a = create(&it, &steward, of("A", json!("4000.5")), 121.2).await;
    let b = create(&it, &steward, of("B", json!("5000")), 121.201).await;
    let c = create(&it, &steward, of("C", Value::Null), 121.202).await;
    let far = create(&it, &steward, of("FAR", json!(1)), 121.3).await;
    let apart =
        merge(&it, &steward, &[("A", &a.tag), ("FAR", &far.tag)], json!({"parcel_code": "M"}))
            .await;
    assert_eq!((apart.status, &apart.body["type"]), (409, &json!("/problems/apart")));
    let stale =
        merge(&it, &steward, &[("A", &a.tag), ("B", &a.tag)], json!({"parcel_code": "M"})).await;
    assert_eq!((stale.status, &stale.body["parcel_code"]), (412, &json!("B")));
    let done =
        merge(&it, &steward, &[("A", &a.tag), ("B", &b.tag)], json!({"parcel_code": "M"})).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let child = it.json("/api/v1/parcels/M").await;
    assert_eq!(number(&child["area_registered_m2"]), 9000.5);
    assert_eq!((&child["status"], &child["name"]), (&json!("在用"), &Value::Null));
    let notes = done.body["notes"].to_string();
    assert!(notes.contains("9000.5") && notes.contains("do not agree"), "{notes}");
    let areas = &done.body["areas"];
    assert!((number(&areas["parents_m2"]) - number(&areas["children_m2"])).abs() < 1.0, "{areas}");
    assert_eq!(it.get("/api/v1/parcels/A").await.status(), 410);
    let history = it.json_as(&steward, "/api/v1/parcels/M/history").await;
    assert_eq!(history["parents"].as_array().unwrap().len(), 2);
    // One that is not known makes no sum.
    let today = mutu::catalog::time::today();
    let tomorrow_only =
        merge(&it, &steward, &[("M", &done.tag), ("C", &c.tag)], json!({"parcel_code": "N"})).await;
    assert_eq!(tomorrow_only.status, 400, "M began {today}: {}", tomorrow_only.body);
    it.sql("update mutu.parcel set valid_from = '2024-01-01' where parcel_code = 'M'").await;
    let done =
        merge(&it, &steward, &[("M", &done.tag), ("C", &c.tag)], json!({"parcel_code": "N"})).await;
    assert_eq!(done.status, 201, "{}", done.body);
    assert!(it.json("/api/v1/parcels/N").await["area_registered_m2"].is_null());
    assert!(done.body["notes"].to_string().contains("not guessed"));
}

#[tokio::test]
async fn who_merges_answers_for_all_of_them() {
    let it = TestApp::serving().await;
    let steward = it.token(Role::Steward).await;
    let own = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let of = |code: &str, unit: &str| json!({"parcel_code": code, "responsible_unit": unit});
    let a = create(&it, &steward, of("A", "安亭镇"), 121.2).await;
    let b = create(&it, &steward, of("B", "马陆镇"), 121.201).await;
    let c = create(&it, &steward, of("C", "安亭镇"), 121.202).await;
    let both = [("A", a.tag.as_str()), ("B", b.tag.as_str())];
    assert_eq!(merge(&it, &own, &both, json!({"parcel_code": "M"})).await.status, 403);
    // Which unit answers for it is a question, not a guess.
    let asked = merge(&it, &steward, &both, json!({"parcel_code": "M"})).await;
    assert_eq!(asked.status, 400);
    assert!(asked.body["at"].as_str().unwrap().contains("responsible_unit"), "{}", asked.body);
    let done = merge(&it, &steward, &both, of("M", "马陆镇")).await;
    assert_eq!(done.status, 201, "{}", done.body);
    let parts = json!([
        {"properties": of("C-1", "马陆镇"), "geometry": rectangle(121.202, 121.2024)},
        {"properties": {"parcel_code": "C-2"}, "geometry": rectangle(121.2024, 121.203)},
    ]);
    assert_eq!(split(&it, &own, "C", &c.tag, json!({"parts": parts})).await.status, 403);
}
