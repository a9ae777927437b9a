//! Layers that do not fit into the memory that they may have.

use std::time::Duration;

use mutu::config::Config;
use mutu::config::Snapshots;

use crate::support::TestApp;

/// Some thousand parcels: a few megabytes.
const MANY: &str = "
    insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
    select n, 'P' || n, 100, st_multi(st_makeenvelope(121 + n * 0.00001, 31, 121.00001 + n * 0.00001, 31.001, 4490)), 'x'
    from generate_series(1, 20000) n;";

async fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what}");
}

#[tokio::test]
async fn a_layer_past_the_budget_is_served_from_the_database_and_told() {
    let config = Config { snapshot: Snapshots { memory_mb: Some(2) }, ..Config::default() };
    let mut it = TestApp::with(config).await;
    it.sql(MANY).await;
    it.tell("parcels", None).await;
    let mut changes = it.app.snapshots.changes();
    it.serve();
    let snapshots = &it.app.snapshots;
    let beyond = || snapshots.figures().iter().any(|it| it.layer == "parcels" && it.is_beyond);
    until("it is held", beyond).await;
    until("the others are not held", || snapshots.get("towns").is_some()).await;
    assert!(snapshots.get("parcels").is_none());
    let begun = std::time::Instant::now();
    assert!(snapshots.reach("parcels", 1_000_000, Duration::from_secs(9)).await.is_none());
    assert!(begun.elapsed() < Duration::from_secs(1));
    let metrics = it.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("mutu_snapshot_beyond_budget{layer=\"parcels\"} 1\n"), "{metrics}");
    assert!(metrics.contains("mutu_snapshot_bytes{layer=\"parcels\"} 0\n"), "{metrics}");
    assert!(metrics.contains("mutu_snapshot_stale 0\n"), "{metrics}");
    // Maps that show it are told of changes all the same.
    it.tell("parcels", Some(&[1])).await;
    let revision: i64 =
        it.value("select revision from mutu.layer_revision where layer = 'parcels'").await;
    loop {
        let change =
            tokio::time::timeout(Duration::from_secs(5), changes.recv()).await.unwrap().unwrap();
        if change.layer == "parcels" && change.revision == revision {
            assert_eq!(change.bounds, None);
            break;
        }
    }
    // Once it has fewer rows it is held again.
    it.sql("update mutu.parcel set superseded_at = now() where parcel_id > 100").await;
    it.tell("parcels", None).await;
    until("it fits again", || snapshots.get("parcels").is_some_and(|it| it.snapshot.len() == 100))
        .await;
    assert!(!beyond());
}
