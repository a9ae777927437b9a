//! Land that lies together, asked for and stored.

use std::collections::BTreeSet;

use mutu::access::Role;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

use super::SCENE;
use super::evaluate;

/// All low, for they are idle: A to C touch, a road parts C from D, E and F touch D.
const IDLE: &str = "
    update mutu.parcel set status = '闲置';
    insert into layer.roads (name, geom, recorded_by)
    values ('路', st_multi(st_geomfromtext('LINESTRING(121.206 31.37, 121.206 31.39)', 4490)), 'test');
    insert into layer.water (name, geom, recorded_by)
    values ('塘', st_multi(st_makeenvelope(121.3, 31.4, 121.31, 31.41, 4490)), 'test');
";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    it.sql(IDLE).await;
    evaluate(&it).await;
    it
}

fn members(found: &Value) -> BTreeSet<Vec<String>> {
    let of = |it: &Value| {
        let members = it["members"].as_array().unwrap().iter();
        members.map(|it| it["parcel_code"].as_str().unwrap().to_owned()).collect()
    };
    found["assemblies"].as_array().unwrap().iter().map(of).collect()
}

fn sets(of: &[&[&str]]) -> BTreeSet<Vec<String>> {
    of.iter().map(|it| it.iter().map(|it| (*it).to_owned()).collect()).collect()
}

#[tokio::test]
async fn a_road_parts_and_what_is_asked_is_what_is_stored() {
    let it = scene().await;
    let viewer = it.token(Role::Viewer).await;
    let ask = async |body: Value| it.post(Some(&viewer), "/api/v1/assemblies", &body).await;
    let (status, found) = ask(json!({})).await;
    assert_eq!(status, 200, "{found:#}");
    assert_eq!(members(&found), sets(&[&["A", "B", "C"], &["D", "E", "F"]]));
    let first = &found["assemblies"][0];
    assert_eq!((&first["area_mu"], &first["parcels"]), (&json!("90.000000"), &json!(3)));
    assert_eq!(first["holders"], 2);
    // Edges are straight in degrees, so a row of them is a little hollow in the plane.
    assert!(first["compactness"].as_str().unwrap().starts_with("0.9999"), "{first}");
    assert_eq!(first["geometry"]["type"], "MultiPolygon");
    assert_eq!(found["barriers_missing"], json!([]));
    assert_eq!(found["own_units"], false);
    let stored: Vec<(String, i64, String)> =
        sqlx::query_as("select assembly_code, rank, members from layer.assembly order by rank")
            .fetch_all(it.app.db.owner())
            .await
            .unwrap();
    for (code, rank, parcels) in stored {
        let asked = &found["assemblies"][usize::try_from(rank).unwrap() - 1];
        assert_eq!(asked["assembly_code"], code.as_str());
        let codes: Vec<&str> = asked["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["parcel_code"].as_str().unwrap())
            .collect();
        assert_eq!(codes.join(","), parcels);
    }
    // Without barriers all are one, with one unit they part where the units do.
    let (_, found) = ask(json!({"barriers": []})).await;
    assert_eq!(members(&found), sets(&[&["A", "B", "C", "D", "E", "F"]]));
    let (_, found) = ask(json!({"barriers": [], "same_unit": true})).await;
    assert_eq!(members(&found), sets(&[&["A", "B", "C"], &["D", "E", "F"]]));
    assert_eq!(found["assemblies"][1]["responsible_unit"], "马陆镇");
    let (_, found) = ask(json!({"mu_at_least": "90.01"})).await;
    assert_eq!(found["total"], 0);
    let (_, found) = ask(json!({
        "layer": "block_class", "filter": "parcel_code IN ('A', 'C')", "gap_m": 500, "mu_at_least": 0
    }))
    .await;
    assert_eq!(members(&found), sets(&[&["A", "C"]]));
}

#[tokio::test]
async fn pieces_are_a_layer_of_their_own() {
    let it = scene().await;
    it.settle().await;
    let viewer = it.token(Role::Viewer).await;
    let shown = it.json_as(&viewer, "/ogc/collections/assembly/items?f=json").await;
    assert_eq!(shown["numberMatched"], 2, "{shown:#}");
    assert_eq!(it.get("/ogc/collections/assembly/items?f=json").await.status(), 401);
    // An edit of a parcel is none of a piece: its row stays, and nobody is told that it changed.
    let revision = "select revision from mutu.layer_revision where layer = 'assembly'";
    let before: i64 = it.value(revision).await;
    it.tell("parcels", Some(&[1])).await;
    assert_eq!(before, it.value::<i64>(revision).await);
    // The next run makes them anew, with the same codes.
    let codes = "select string_agg(assembly_code, ',' order by assembly_code) from layer.assembly";
    let old: String = it.value(codes).await;
    evaluate(&it).await;
    assert_eq!(old, it.value::<String>(codes).await);
    let count: i64 = it.value("select count(*) from layer.assembly").await;
    assert_eq!(count, 2);
}

#[tokio::test]
async fn verdicts_stay_with_those_who_may_read_them() {
    let it = scene().await;
    let (status, _) = it.post(None, "/api/v1/assemblies", &json!({})).await;
    assert_eq!(status, 401);
    let filter = json!({"layer": "low_efficiency", "filter": "verdict = 'low'"});
    assert_eq!(it.post(None, "/api/v1/assemblies", &filter).await.0, 401);
    // Of an open layer anybody may ask, and does not learn who holds the land.
    let open = json!({"layer": "block_class", "filter": "area_mu > 1", "mu_at_least": 0});
    let (status, found) = it.post(None, "/api/v1/assemblies", &open).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["assemblies"][0]["holders"], Value::Null);
    assert!(!found.to_string().contains("\"H1\""), "{found}");
    let viewer = it.token(Role::Viewer).await;
    let figure = json!({"filter": "tax_wan_per_mu < 5"});
    let (status, said) = it.post(Some(&viewer), "/api/v1/assemblies", &figure).await;
    assert_eq!(status, 400, "a figure that is an officer's: {said}");
    for (body, at) in [
        (json!({"gap_m": -1}), "gap_m"),
        (json!({"mu_at_least": "-1"}), "mu_at_least"),
        (json!({"rank_by": []}), "rank_by"),
        (json!({"barriers": ["parcels"]}), "barriers"),
        (json!({"layer": "parcels"}), "layer"),
        (json!({"layer": "block_class"}), "filter"),
        (json!({"filter": "verdict = "}), "filter"),
        (json!({"limit": 0}), "limit"),
    ] {
        let (status, said) = it.post(Some(&viewer), "/api/v1/assemblies", &body).await;
        assert_eq!(status, 400, "{body}: {said}");
        assert!(said["at"].as_str().unwrap().contains(at), "{at}: {said}");
    }
}

#[tokio::test]
async fn a_barrier_layer_without_data_is_named() {
    let it = scene().await;
    it.sql("delete from layer.roads").await;
    let viewer = it.token(Role::Viewer).await;
    let (_, found) = it.post(Some(&viewer), "/api/v1/assemblies", &json!({})).await;
    assert_eq!(found["barriers_missing"], json!(["roads"]));
}
