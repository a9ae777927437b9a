//! Where a project finds room.

use mutu::access::Role;
use serde_json::Value;
use serde_json::json;

use crate::support::TestApp;

use super::PLANS;
use super::SCENE;
use super::evaluate;

/// A is idle, B is on farmland, D is in use and in order; a building on D has room.
const OFFERS: &str = "
    update mutu.parcel set status = '在用', industry_code = 'C3411';
    update mutu.parcel set status = '闲置' where parcel_code in ('A', 'B');
    insert into mutu.building (building_id, building_code, parcel_code, vacant_area_m2, floor_area_m2, area_geom_m2, geom, recorded_by)
    values (1, 'D-1', 'D', 3000, 9000, 100, st_multi(st_makeenvelope(121.2065, 31.3805, 121.2069, 31.3809, 4490)), 'test'),
           (2, 'D-2', 'D', null, 9000, 100, st_multi(st_makeenvelope(121.2070, 31.3805, 121.2074, 31.3809, 4490)), 'test');
    insert into layer.roads (name, geom, recorded_by)
    values ('路', st_multi(st_geomfromtext('LINESTRING(121.1995 31.37, 121.1995 31.39)', 4490)), 'test');
    insert into mutu.enterprise (enterprise_id, uscc, name, recorded_by) values (1, 'E1', 'one', 'test');
    insert into mutu.occupancy (parcel_code, uscc, land_m2, recorded_by) values ('A', 'E1', 20000, 'test');
    insert into mutu.enterprise_period (uscc, year, period, tax_wan, energy_tce, recorded_by)
    values ('E1', 2025, '2025', 500, 800, 'test');
";

async fn scene() -> TestApp {
    let it = TestApp::serving().await;
    it.sql(SCENE).await;
    it.sql(PLANS).await;
    it.sql(OFFERS).await;
    evaluate(&it).await;
    it
}

fn codes(found: &Value) -> Vec<&str> {
    let sites = found["sites"].as_array().unwrap().iter();
    sites.map(|it| it["parcel_code"].as_str().unwrap()).collect()
}

fn stance<'a>(site: &'a Value, criterion: &str) -> &'a str {
    let reasons = site["reasons"].as_array().unwrap();
    let found = reasons.iter().find(|it| it["criterion"] == criterion);
    found.unwrap_or_else(|| panic!("{criterion} of {site:#}"))["stance"].as_str().unwrap()
}

#[tokio::test]
async fn what_fits_comes_first_with_its_reasons() {
    let it = scene().await;
    let viewer = it.token(Role::Viewer).await;
    let asked = json!({"land_mu": 25, "use": "industrial", "far": 1.5, "sector": "C3499"});
    let (status, found) = it.post(Some(&viewer), "/api/v1/sites/search", &asked).await;
    assert_eq!(status, 200, "{found:#}");
    assert_eq!(codes(&found)[0], "A");
    let first = &found["sites"][0];
    assert_eq!(
        (first["fits"].as_bool(), found["fitting"].as_i64()),
        (Some(true), Some(1)),
        "{found:#}"
    );
    for criterion in ["size", "availability", "plan", "sector"] {
        assert_eq!(stance(first, criterion), "for", "{criterion}");
    }
    let of = |code: &str| {
        found["sites"].as_array().unwrap().iter().find(|it| it["parcel_code"] == code).unwrap()
    };
    assert_eq!(stance(of("B"), "plan"), "against");
    assert_eq!(stance(of("C"), "plan"), "against");
    assert_eq!(stance(of("E"), "plan"), "unknown");
    let (_, again) = it.post(Some(&viewer), "/api/v1/sites/search", &asked).await;
    assert_eq!(found, again);
    let (_, large) = it.post(Some(&viewer), "/api/v1/sites/search", &json!({"land_mu": 31})).await;
    assert_eq!(large["considered"], 0);
}

#[tokio::test]
async fn vacant_floor_is_found_and_unknown_vacancy_is_not() {
    let it = scene().await;
    let (status, found) = it
        .post(None, "/api/v1/sites/search", &json!({"floor_m2": 2500, "use": "industrial"}))
        .await;
    assert_eq!(status, 200, "{found:#}");
    let buildings: Vec<&Value> = found["sites"].as_array().unwrap().iter().collect();
    assert_eq!(buildings.len(), 1);
    assert_eq!(
        (&buildings[0]["building_code"], &buildings[0]["kind"]),
        (&json!("D-1"), &json!("building"))
    );
    assert_eq!(buildings[0]["vacant_m2"], "3000");
    // To be built at 1.5, 30,000 m² take 30 亩 of land.
    let asked = json!({"floor_m2": 30_000, "far": 1.5});
    let (_, found) = it.post(None, "/api/v1/sites/search", &asked).await;
    assert_eq!(found["considered"], 6, "{found:#}");
    assert!(found["sites"].as_array().unwrap().iter().all(|it| it["kind"] == "land"));
}

#[tokio::test]
async fn near_is_measured_in_metres() {
    let it = scene().await;
    let near = |near: Value| json!({"land_mu": 1, "near": near});
    let ask = async |body: Value| it.post(None, "/api/v1/sites/search", &body).await.1;
    // The road runs 0.0005 degrees, 48 m, west of A.
    let found = ask(near(json!({"layer": "roads", "within_m": 60}))).await;
    assert_eq!(codes(&found), ["A"]);
    let distance: f64 = found["sites"][0]["distance_m"].as_str().unwrap().parse().unwrap();
    assert!((distance - 47.6).abs() < 0.5, "{distance}");
    assert_eq!(
        codes(&ask(near(json!({"layer": "roads", "within_m": 40}))).await),
        Vec::<&str>::new()
    );
    let found = ask(near(json!({"point": [121.213, 31.381], "within_m": 300}))).await;
    // What is unknown comes before what speaks against it.
    assert_eq!(codes(&found), ["E", "F"], "{found:#}");
}

#[tokio::test]
async fn figures_of_firms_are_unknown_to_those_who_may_not_read_them() {
    let it = scene().await;
    let asked = json!({"land_mu": 25, "energy_tce": 700, "responsible_unit": "安亭镇"});
    let of_a = async |token: Option<&str>| {
        let (status, found) = it.post(token, "/api/v1/sites/search", &asked).await;
        assert_eq!(status, 200, "{found}");
        let sites = found["sites"].as_array().unwrap();
        sites.iter().find(|it| it["parcel_code"] == "A").unwrap().clone()
    };
    let officer = it.token_of(Role::Officer, Some(&["安亭镇"])).await;
    let other = it.token_of(Role::Officer, Some(&["马陆镇"])).await;
    let viewer = it.token(Role::Viewer).await;
    assert_eq!(stance(&of_a(Some(&officer)).await, "energy"), "for");
    for token in [None, Some(&*other), Some(&*viewer)] {
        let site = of_a(token).await;
        assert_eq!(stance(&site, "energy"), "unknown");
        assert_eq!(site["fits"], false, "what is unknown is no fit");
        assert!(!site.to_string().contains("800"), "{site}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let it = scene().await;
    for (body, at) in [
        (json!({}), "land_mu"),
        (json!({"land_mu": -1}), "land_mu"),
        (json!({"land_mu": 1, "sector": "cars"}), "sector"),
        (json!({"land_mu": 1, "use": "casino"}), "use"),
        (json!({"land_mu": 1, "limit": 0}), "limit"),
        (json!({"land_mu": 1, "near": {"within_m": 5}}), "near"),
        (json!({"land_mu": 1, "near": {"point": [500, 0], "within_m": 5}}), "near.point"),
        (json!({"land_mu": 1, "near": {"layer": "parcels", "within_m": 5}}), "near.layer"),
        (json!({"land_mu": 1, "near": {"layer": "roads", "within_m": 1e9}}), "near.within_m"),
    ] {
        let (status, said) = it.post(None, "/api/v1/sites/search", &body).await;
        assert_eq!(status, 400, "{body}: {said}");
        assert!(said["at"].as_str().unwrap().contains(at), "{at}: {said}");
    }
}
