//! Tiles, styles, health and errors over HTTP.

use mutu::access::Scope;

use crate::support::TestApp;

#[tokio::test]
async fn health_is_answered() {
    let it = TestApp::serving().await;
    assert_eq!(it.json("/healthz").await["status"], "ok");
    assert_eq!(it.json("/readyz").await["status"], "ready");
    assert!(it.get("/metrics").await.text().await.unwrap().contains("mutu_tile_cache_bytes"));
}

#[tokio::test]
async fn an_unknown_layer_is_a_problem_with_the_nearest_name() {
    let it = TestApp::serving().await;
    let response = it.get("/tiles/parcel/10/857/418").await;
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = response.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("`parcels`"), "{problem}");
}

#[tokio::test]
async fn a_tile_outside_the_grid_is_the_callers_mistake() {
    let it = TestApp::serving().await;
    for path in [
        "/tiles/parcels/3/8/0",
        "/tiles/parcels/23/0/0",
        "/tiles/parcels/3/0/x",
        "/tiles/parcels/3/0/0?limit=1",
    ] {
        let response = it.get(path).await;
        assert_eq!(response.status(), 400, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn a_tile_carries_a_written_row_and_is_not_sent_twice() {
    let it = TestApp::serving().await;
    let path = "/tiles/parcels/14/13707/6680";
    assert_eq!(it.get(path).await.status(), 204);
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select 7, 'A', 10, st_multi(st_transform(st_buffer(st_centroid(st_tileenvelope(14, 13707, 6680)), 100), 4490)), 'test'",
    )
    .await;
    let mut tx = it.app.db.write.begin().await.unwrap();
    let layer = it.app.layers.find("parcels").unwrap();
    mutu::catalog::queries::bump(&mut tx, &it.app.layers, layer, Some(&[7]), None).await.unwrap();
    tx.commit().await.unwrap();
    it.settle().await;
    assert_eq!(it.get(&format!("{path}?filter=parcel_code%3D'A'")).await.status(), 200);
    assert_eq!(it.get(&format!("{path}?filter=parcel_code%3D'B'")).await.status(), 204);
    let unreadable = it.get(&format!("{path}?filter=holder_uscc%3D'B'")).await;
    assert_eq!(unreadable.status(), 400, "a field that this scope may not read is no field");
    let first = it.get(path).await;
    assert_eq!(first.status(), 200);
    let etag = first.headers()["etag"].clone();
    assert!(!first.bytes().await.unwrap().is_empty());
    let again = it.client.get(it.url(path)).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let revision = mutu::catalog::queries::revision(
        &mut it.app.db.read(&Scope::public()).await.unwrap(),
        "parcels",
    )
    .await
    .unwrap();
    let held = it.get(&format!("{path}?v={revision}")).await;
    assert!(held.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let other = it.get(&format!("{path}?v={}", revision + 1)).await;
    assert_eq!(other.headers()["cache-control"], "no-store");
}
