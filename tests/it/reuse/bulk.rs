//! Many cases changed at once, what has changed since, and lists that come from thresholds.

use mutu::access::Role;
use mutu::access::Scope;
use mutu::evaluation;
use mutu::evaluation::Options;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;

use super::*;

async fn rows(it: &TestApp, token: &str, id: i64) -> Vec<Value> {
    let page = it.json_as(token, &format!("/api/v1/lists/{id}/cases")).await;
    page["cases"].as_array().unwrap().clone()
}

fn change(row: &Value, properties: Value) -> Value {
    json!({"case_code": row["case_code"], "row_id": row["row_id"], "properties": properties})
}

#[tokio::test]
async fn each_row_of_a_block_is_written_told_overtaken_or_refused() {
    let it = district().await;
    let officer = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let (id, codes) = list(&it, &officer, "计划", "P1\nP2\nP3\nP4").await;
    let path = format!("/api/v1/lists/{id}/cases");
    let all = rows(&it, &officer, id).await;
    assert_eq!(set(&it, &officer, &codes[1], json!({"person": "甲"})).await.status, 200);
    let body = json!({"reason": "填列", "changes": [
        change(&all[0], json!({"person": "乙", "plan_area_mu": "10.10"})),
        change(&all[1], json!({"person": "乙"})),
        change(&all[2], json!({"plan_area_mu": "很大"})),
        // So already: no version, no event.
        change(&all[3], json!({"person": null})),
    ]});
    let made = done(&it, &officer, Method::PATCH, &path, None, &body).await.body;
    let saved: Vec<&str> = made["saved"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["case_code"].as_str().unwrap())
        .collect();
    assert_eq!(saved, [&codes[0], &codes[3]]);
    assert_eq!(made["saved"][1]["row_id"], all[3]["row_id"]);
    assert_eq!(made["overtaken"][0]["person"], "甲");
    assert_eq!(made["refused"][0]["case_code"], codes[2].as_str());
    assert!(made["refused"][0]["at"].as_str().unwrap().contains("plan_area_mu"));
    let total = made["total"]["plan_area_mu"].as_str().unwrap();
    assert_eq!(total.parse(), "10.1".parse::<Decimal>());
    let history = it.json_as(&officer, &format!("/api/v1/cases/{}/events", codes[0])).await;
    assert_eq!(history["events"][0]["reason"], "填列");
    assert_eq!(history["events"][0]["after"]["person"], "乙");
    // What has changed since is what was written, in this list only.
    let last = all[3]["row_id"].as_i64().unwrap();
    let newer = it.json_as(&officer, &format!("{path}?newer_than={last}")).await;
    let newer: Vec<&Value> =
        newer["cases"].as_array().unwrap().iter().map(|it| &it["case_code"]).collect();
    assert_eq!(newer, [&json!(codes[0]), &json!(codes[1])]);
    // Of others' rows a unit is told no more than of none at all.
    let (p1, p3) = (rows(&it, &officer, id).await[0].clone(), all[2].clone());
    let body = json!({"changes": [
        change(&p1, json!({"note": "本单位"})),
        change(&p3, json!({"note": "别的单位"})),
        json!({"case_code": "JD2026999", "row_id": 1, "properties": {"note": "没有"}}),
    ]});
    let made = done(&it, &malu, Method::PATCH, &path, None, &body).await.body;
    assert_eq!(made["saved"].as_array().unwrap().len(), 1);
    assert_eq!(made["refused"][0]["why"], made["refused"][1]["why"]);
    let twice =
        json!({"changes": [change(&p1, json!({"note": "x"})), change(&p1, json!({"note": "y"}))]});
    for body in [json!({"changes": []}), twice, json!({"changes": [change(&p1, json!({}))]})] {
        assert_eq!(
            send(&it, &officer, Method::PATCH, &path, None, &body).await.status,
            400,
            "{body}"
        );
    }
    // A list that is done with is not changed.
    let own = format!("/api/v1/lists/{id}");
    let state = it.json_as(&officer, &own).await;
    let area: Decimal = state["area_mu"].as_str().unwrap().parse().unwrap();
    assert_eq!(area, "72.345678".parse().unwrap());
    let tag = format!("\"{}\"", state["row_version"]);
    done(&it, &officer, Method::PATCH, &own, Some(&tag), &json!({"state": "closed"})).await;
    let body = json!({"changes": [change(&p1, json!({"note": "z"}))]});
    assert_eq!(send(&it, &officer, Method::PATCH, &path, None, &body).await.status, 409);
}

#[tokio::test]
async fn a_list_is_made_of_what_thresholds_find_low_as_far_as_the_officer_may_see() {
    let it = district().await;
    it.sql(
        "insert into mutu.parcel_period (parcel_code, year, period, tax_wan, output_wan, energy_tce, recorded_by)
         select 'P' || n, y, y::text, n * 60, 1000, 10, 'test' from generate_series(1, 4) n, generate_series(2023, 2025) y",
    )
    .await;
    let options = Options { year: 2025, ruleset: None };
    evaluation::evaluate(&it.app, &Scope::console(), &options, &mut |_| {}).await.unwrap();
    let officer = it.token(Role::Officer).await;
    let malu = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let sets = it.json_as(&officer, "/api/v1/rule_sets").await;
    let mut sets = sets["rule_sets"].as_array().unwrap().iter();
    let set = sets.find(|it| it["on_request"] == false).unwrap();
    let (layer, ruleset) = (set["layer"].clone(), set["id"].clone());
    let floor = |value: u32| json!({"parameters": {"tax_floor": value}});
    let mut asked = json!({"layer": layer, "ruleset": ruleset});
    for (value, least) in [(1, 0), (60, 4)] {
        let changes = floor(value);
        asked["parameters"] = changes["parameters"].clone();
        let (_, seen) = it.post(Some(&officer), "/api/v1/scenarios/preview", &asked).await;
        let low = seen["after"]["low"]["parcels"].as_u64().unwrap();
        let body = json!({"name": format!("{value}"), "kind": "renewal", "year": 2026, "selection":
            {"thresholds": {"layer": layer, "ruleset": ruleset, "changes": changes}}});
        let made = done(&it, &officer, Method::POST, "/api/v1/lists", None, &body).await.body;
        assert_eq!(made["added"].as_array().unwrap().len() as u64, low, "{value}");
        assert!(low >= least, "{value}: {low}");
    }
    // A saved one finds the same; an officer of a unit gets the own unit's.
    let saved = json!({"title": "六十", "layer": layer, "ruleset": ruleset, "changes": floor(60)});
    let saved = done(&it, &officer, Method::POST, "/api/v1/scenarios", None, &saved).await.body;
    let body = json!({"name": "情景", "kind": "renewal", "year": 2026, "responsible_unit": "马陆镇",
        "selection": {"scenario_id": saved["scenario_id"]}});
    let made = done(&it, &malu, Method::POST, "/api/v1/lists", None, &body).await.body;
    let codes: Vec<Value> = rows(&it, &malu, made["list"]["list_id"].as_i64().unwrap())
        .await
        .iter()
        .map(|it| it["parcel_code"].clone())
        .collect();
    assert_eq!((codes, &made["skipped"]), (vec![json!("P1"), json!("P2")], &json!([])));
    let none = json!({"scenario_id": 999_999});
    let path = format!("/api/v1/lists/{}/cases", made["list"]["list_id"]);
    assert_eq!(send(&it, &malu, Method::POST, &path, None, &none).await.status, 404);
}
