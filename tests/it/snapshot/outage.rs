//! The database goes away in the middle of a reading, and comes back.

use std::time::Duration;
use std::time::Instant;

use mutu::app::App;
use mutu::catalog;
use mutu::config::Config;
use mutu::db::Db;
use mutu::http;
use mutu::layer::Layers;
use sqlx::AssertSqlSafe;

use crate::support::DataDir;
use crate::support::signal;

async fn within(seconds: u64, what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(seconds), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn tell(app: &App, sql: &str) {
    let layer = app.layers.find("parcels").unwrap();
    let mut tx = app.db.write.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await.unwrap();
    catalog::queries::bump(&mut tx, &app.layers, layer, None, None).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_good_map_stays_while_the_database_is_away() {
    let data = DataDir::ready();
    let config = Config { data_dir: data.data(), ..Config::default() };
    let db = Db::open(&config).await.unwrap();
    let layers = Layers::load(None).unwrap();
    catalog::sync(db.owner(), &layers).await.unwrap();
    let app = App::new(config, db, layers);
    tell(
        &app,
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select n, 'P' || n, 100, st_multi(st_makeenvelope(121 + n * 0.00001, 31, 121.00001 + n * 0.00001, 31.001, 4490)), 'x'
         from generate_series(1, 30000) n",
    )
    .await;
    let following = {
        let app = app.clone();
        tokio::spawn(async move { app.snapshots.follow(&app.db, &app.layers).await })
    };
    let rows = || app.snapshots.get("parcels").map_or(0, |it| it.snapshot.len());
    within(20, "it is not read", || rows() == 30_000).await;
    let before = app.snapshots.get("parcels").unwrap();
    assert!(!before.is_stale);
    // In the middle of reading it anew: nobody says which rows changed, so it takes a while.
    tell(&app, "update mutu.parcel set superseded_at = now() where parcel_id > 29000").await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    let server = data.server_pid().unwrap();
    signal(server, "QUIT");
    within(6, "it is not stale", || app.snapshots.get("parcels").unwrap().is_stale).await;
    let kept = app.snapshots.get("parcels").unwrap();
    assert!(kept.snapshot.revision >= before.snapshot.revision);
    assert!([29_000, 30_000].contains(&kept.snapshot.len()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(http::serve(app.clone(), listener, std::future::pending()));
    let revision = kept.snapshot.revision;
    for query in [String::new(), format!("?v={revision}")] {
        let path = format!("http://{address}/tiles/parcels/14/13698/6706{query}");
        let tile = reqwest::get(path).await.unwrap();
        assert_eq!(tile.status(), 200, "the last good map is still answered");
        assert_eq!(tile.headers()["x-mutu-stale"], "true");
        assert_eq!(tile.headers()["cache-control"], "no-store");
        assert!(!tile.bytes().await.unwrap().is_empty());
    }
    serving.abort();
    // It is started again by the same watch that `mutu up` keeps.
    let watching = {
        let app = app.clone();
        tokio::spawn(async move { app.db.watch().await })
    };
    within(30, "it stays stale", || !app.snapshots.is_stale()).await;
    within(20, "it is not read again", || rows() == 29_000).await;
    assert!(!following.is_finished());
    // It follows again.
    tell(&app, "update mutu.parcel set superseded_at = now() where parcel_id <= 10 and superseded_at is null").await;
    within(10, "it does not follow", || rows() == 28_990).await;
    following.abort();
    watching.abort();
    let _ = tokio::join!(following, watching);
    app.close().await.unwrap();
}
