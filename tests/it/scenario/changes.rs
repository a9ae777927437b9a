//! What changed between a run and the one before it, and why: data, rules, plans or an officer.

use mutu::access::Role;
use serde_json::Value;
use serde_json::json;

use super::evaluate;
use super::scene;

#[tokio::test]
async fn a_run_says_what_changed_since_the_last_and_why() {
    let it = scene().await;
    let officer = it.token(Role::Officer).await;
    let run: i64 = it.value("select run_id from mutu.current_run").await;
    let alone = it.get_as(&officer, &format!("/api/v1/evaluations/{run}/changes")).await;
    assert_eq!(alone.status(), 409, "there is none before");
    // P8 pays 8 a mu and sinks to 1; P9 loses its state of use to idleness; a class is set that no rule reads.
    it.sql("update mutu.parcel_period set tax_wan = 30 where parcel_code = 'P8' and year = 2025")
        .await;
    it.sql("update mutu.parcel set superseded_at = now() where parcel_code = 'P19'").await;
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, far_reported, status, geom, recorded_by)
         select parcel_id, parcel_code, responsible_unit, area_registered_m2, area_geom_m2, far_reported, '闲置', geom, 'test'
         from mutu.parcel where parcel_code = 'P19'",
    )
    .await;
    let steward = it.token(Role::Steward).await;
    let new = json!({"title": "九", "changes": {"parameters": {"tax_floor": 7.5}}});
    let (_, saved) = it.post(Some(&steward), "/api/v1/scenarios", &new).await;
    let terms = json!({"valid_from": "2025-07-01", "legal_basis": "x"});
    let path = format!("/api/v1/scenarios/{}/adopt", saved["scenario_id"]);
    assert_eq!(it.post(Some(&steward), &path, &terms).await.0, 201);
    evaluate(&it, None).await;
    let next: i64 = it.value("select run_id from mutu.current_run").await;
    let found = it.json_as(&officer, &format!("/api/v1/evaluations/{next}/changes")).await;
    assert_eq!((&found["against"], &found["rules_changed"]), (&json!(run), &json!(true)));
    let change = found["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["from"] == "ok" && it["to"] == "low")
        .unwrap();
    let ids: Vec<i64> = serde_json::from_value(change["ids"].clone()).unwrap();
    assert!(ids.contains(&8) && ids.contains(&19), "{change}");
    assert_eq!(change["parcels"].as_u64().unwrap(), ids.len() as u64);
    assert_eq!((&change["why"]["figures"], &change["why"]["register"]), (&json!(1), &json!(1)));
    assert_eq!(
        change["why"]["rule"].as_u64().unwrap(),
        ids.len() as u64 - 2,
        "the others by the threshold alone: {change}"
    );
    assert_eq!(
        (&change["facts"]["tax_wan_per_mu"], &change["facts"]["status"]),
        (&json!(1), &json!(1))
    );
    let viewer = it.token(Role::Viewer).await;
    assert_eq!(
        it.get_as(&viewer, &format!("/api/v1/evaluations/{next}/changes")).await.status(),
        403
    );
    let own = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let bounded = it.json_as(&own, &format!("/api/v1/evaluations/{next}/changes")).await;
    assert_eq!(bounded["rows"], "own_units");
    for change in bounded["verdicts"].as_array().unwrap() {
        let ids: Vec<i64> = serde_json::from_value(change["ids"].clone()).unwrap();
        assert!(ids.iter().all(|it| it % 2 == 1), "{ids:?}");
    }
}

#[tokio::test]
async fn a_class_that_changed_is_the_plans_doing_or_an_officers() {
    let it = scene().await;
    let steward = it.token(Role::Steward).await;
    let rule = json!({"outside": {"when": "block_class = '198'", "effect": "low"}});
    let new = json!({"title": "区外", "changes": {"rules": rule}});
    let (status, saved) = it.post(Some(&steward), "/api/v1/scenarios", &new).await;
    assert_eq!(status, 201, "{saved}");
    let terms = json!({"valid_from": "2025-07-01", "legal_basis": "x"});
    let path = format!("/api/v1/scenarios/{}/adopt", saved["scenario_id"]);
    assert_eq!(it.post(Some(&steward), &path, &terms).await.0, 201);
    let before = evaluate(&it, None).await.run_id;
    // The construction area shrinks from P26 on; an officer puts P16 outside.
    it.sql(
        "update layer.construction_area set superseded_at = now();
         insert into layer.construction_area (code, name, geom, recorded_by)
         values ('ca-1', 'area', st_multi(st_makeenvelope(121.200, 31.380, 121.250, 31.382, 4490)), 'test');
         update mutu.parcel set block_class_override = '198' where parcel_code = 'P16'",
    )
    .await;
    let after = evaluate(&it, None).await.run_id;
    let changes = async |run_id: i64, against: i64| {
        let path = format!("/api/v1/evaluations/{run_id}/changes?against={against}");
        it.json_as(&steward, &path).await
    };
    let of = |found: &Value, from: &str, to: &str| {
        let all = found["verdicts"].as_array().unwrap();
        let one = all.iter().find(|it| it["from"] == from && it["to"] == to);
        one.unwrap_or_else(|| panic!("{from} to {to}: {found}")).clone()
    };
    let why = |change: &Value| {
        ["rule", "figures", "register", "plan", "officer", "year"]
            .map(|it| change["why"][it].as_u64().unwrap())
    };
    let found = changes(after, before).await;
    assert_eq!(found["rules_changed"], json!(false));
    let moved: Vec<&Value> =
        found["layers"].as_array().unwrap().iter().map(|it| &it["layer"]).collect();
    assert!(moved.iter().all(|it| **it != "towns"), "{moved:?}");
    let lower = of(&found, "ok", "low");
    assert_eq!(lower["ids"], json!([16, 29]), "{lower}");
    assert_eq!(why(&lower), [0, 0, 0, 1, 1, 0], "{lower}");
    assert_eq!(lower["facts"], json!({"block_class": 2}));
    let known = of(&found, "unknown", "low");
    assert_eq!(
        (known["ids"].clone(), why(&known)),
        (json!([28, 30]), [0, 0, 0, 2, 0, 0]),
        "{known}"
    );
    // The officer takes it back, and nothing else changes.
    it.sql("update mutu.parcel set block_class_override = null where parcel_code = 'P16'").await;
    let last = evaluate(&it, None).await.run_id;
    let found = changes(last, after).await;
    let back = of(&found, "low", "ok");
    assert_eq!((back["ids"].clone(), why(&back)), (json!([16]), [0, 0, 0, 0, 1, 0]), "{back}");
    assert_eq!(found["verdicts"].as_array().unwrap().len(), 1, "{found}");
}
