//! Land of class 198, and what giving it back frees.

use mutu::access::Role;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

use super::SCENE;
use super::evaluate;
use super::number;

/// A is in a block, a tenth of B is in the construction area, D stands on farmland.
const LINES: &str = "
    insert into layer.blocks_104 (code, name, geom, recorded_by)
    values ('104-1', 'block', st_multi(st_makeenvelope(121.200, 31.380, 121.202, 31.382, 4490)), 'test');
    insert into layer.construction_area (code, name, geom, recorded_by)
    values ('ca-1', 'area', st_multi(st_makeenvelope(121.2038, 31.380, 121.204, 31.382, 4490)), 'test');
    insert into layer.basic_farmland (code, geom, recorded_by)
    values ('NT1', st_multi(st_makeenvelope(121.206, 31.380, 121.2065, 31.382, 4490)), 'test');
    insert into layer.eco_redline (code, geom, recorded_by)
    values ('ST1', st_multi(st_makeenvelope(121.3, 31.4, 121.31, 31.41, 4490)), 'test');
";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    it.sql(LINES).await;
    evaluate(&it).await;
    it
}

fn codes(found: &Value) -> Vec<&str> {
    let items = found["items"].as_array().unwrap().iter();
    items.map(|it| it["parcel_code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn candidates_are_ranked_and_their_sums_reconcile() {
    let it = scene().await;
    let found = it.json("/api/v1/reduction").await;
    assert_eq!(codes(&found), ["D", "C", "E", "F", "B"], "{found:#}");
    let first = &found["items"][0];
    assert_eq!(first["on_protected"], true);
    assert!(number(&first["protected_mu"]) > 10.0, "{first}");
    assert_eq!(number(&first["quota_mu"]), 30.0);
    let last = &found["items"][4];
    assert!((number(&last["construction_share"]) - 0.1).abs() < 1e-4, "{last}");
    assert_eq!(
        (&last["on_protected"], &last["responsible_unit"]),
        (&json!(false), &json!("安亭镇"))
    );
    assert_eq!(found["total"]["parcels"], 5);
    for sum in ["area_mu", "quota_mu", "protected_mu"] {
        let units = found["units"].as_array().unwrap().iter().map(|it| number(&it[sum]));
        assert!((units.sum::<f64>() - number(&found["total"][sum])).abs() < 1e-9, "{sum}");
    }
    let one =
        it.json("/api/v1/reduction?responsible_unit=%E5%AE%89%E4%BA%AD%E9%95%87&limit=1").await;
    assert_eq!((codes(&one), &one["total"]["parcels"]), (vec!["C"], &json!(2)));
    assert_eq!(it.get("/api/v1/reduction?limit=0").await.status(), 400);
    assert_eq!(it.get("/api/v1/reduction?town=1").await.status(), 400);
}

#[tokio::test]
async fn without_the_plans_what_they_would_say_is_unknown() {
    let it = scene().await;
    it.sql("delete from layer.eco_redline").await;
    evaluate(&it).await;
    let found = it.json("/api/v1/reduction").await;
    // On farmland it stands, whatever else may be there; how much in all is not known.
    assert_eq!(found["items"][0]["protected_mu"], Value::Null);
    assert_eq!(found["items"][0]["on_protected"], Value::Null);
    assert_eq!(found["total"]["without_protected"], 5);
    it.sql("delete from layer.blocks_104").await;
    evaluate(&it).await;
    let found = it.json("/api/v1/reduction").await;
    assert_eq!((codes(&found), &found["missing"]), (vec![], &json!(["block_class"])));
}

#[tokio::test]
async fn before_a_run_there_is_nothing_and_everybody_may_ask() {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    let found = it.json("/api/v1/reduction").await;
    assert_eq!((codes(&found), &found["run_id"]), (vec![], &Value::Null));
    let officer = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    assert_eq!(it.get_as(&officer, "/api/v1/reduction").await.status(), 200);
}
