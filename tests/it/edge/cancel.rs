//! Queries that nobody waits for any more, queries that take too long, and who keeps connections when many come.

use std::time::Duration;
use std::time::Instant;

use mutu::access::Role;
use mutu::access::Scope;
use mutu::config::Config;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::PARCEL;
use super::link;
use super::serving;
use crate::support::TestApp;

/// A server with settings of the test's own, where every row of the parcels takes that long to read, under every role.
/// It is slow before it serves, and its memory holds no row: a map in memory that read the parcels first would tell of
/// them at once.
async fn slow(settings: &str, seconds: f64) -> TestApp {
    let config: Config = toml::from_str(&format!("{settings}\n[snapshot]\nmemory_mb = 0")).unwrap();
    let mut it = TestApp::with(config).await;
    it.sql(PARCEL).await;
    it.sql("update mutu.layer_revision set row_count = 1").await;
    it.sql("alter view layer.parcels rename to parcels_at_once").await;
    it.sql(&format!(
        "create view layer.parcels as
         select f.* from layer.parcels_at_once f, lateral (select pg_sleep({seconds} + 0 * f.id)) slow;
         grant select on layer.parcels to public"
    ))
    .await;
    it.serve();
    it
}

/// Statements of ours that run now.
async fn running(it: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select query from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and backend_type = 'client backend'
             and application_name <> 'mutu map'",
    )
    .fetch_all(it.app.db.owner())
    .await
    .unwrap()
}

/// The parcels, by themselves or through a cursor.
fn reads(sql: &str) -> bool {
    sql.contains("parcels") || sql.contains("from chosen")
}

async fn becomes(it: &TestApp, some: bool, time: Duration) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if running(it).await.iter().any(|it| reads(it)) == some {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn a_query_ends_when_its_client_goes_away() {
    let it = slow("", 25.0).await;
    let token = it.token(Role::Steward).await;
    for path in [
        "/ogc/collections/parcels/items",
        "/ogc/collections/parcels/items?limit=5000",
        "/ogc/collections/parcels/items?resultType=hits",
        "/ogc/collections/parcels/items?f=html",
        "/ogc/collections/parcels/items/1",
        "/ogc/collections/parcels/items?filter=S_INTERSECTS(geom,POLYGON((121%2031,122%2031,122%2032,121%2032,121%2031)))",
        "/tiles/parcels/14/13710/6686",
        "/api/v1/layers/parcels/export?format=csv",
        "/api/v1/layers/parcels/export?format=xlsx",
    ] {
        for token in [None, Some(&token)] {
            let authorization =
                token.map_or(String::new(), |it| format!("authorization: Bearer {it}\r\n"));
            let head = format!("GET {path} HTTP/1.1\r\nhost: a\r\n{authorization}\r\n");
            let mut stream = TcpStream::connect(it.app.config.listen).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            assert!(
                becomes(&it, true, Duration::from_secs(10)).await,
                "{path} does not read slowly"
            );
            drop(stream);
            // Left alone it would go on for 25 s.
            assert!(
                becomes(&it, false, Duration::from_secs(5)).await,
                "{path} runs on: {:?}",
                running(&it).await
            );
        }
    }
    let mut db = it.app.db.read(&Scope::public()).await.unwrap();
    let one: i32 = sqlx::query_scalar("select 1").fetch_one(&mut db).await.unwrap();
    assert_eq!(one, 1, "the connections are as good as before");
}

#[tokio::test]
async fn what_takes_too_long_is_a_problem_in_time() {
    let it = slow("[timeouts]\nread = 1", 20.0).await;
    let asked = Instant::now();
    let response = it.get("/ogc/collections/parcels/items").await;
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    // The same from without, where the statement itself may go on.
    let it = slow("[timeouts]\nanswer = 1", 20.0).await;
    let asked = Instant::now();
    assert_eq!(it.get("/tiles/parcels/14/13710/6686").await.status(), 503);
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    assert!(becomes(&it, false, Duration::from_secs(1)).await, "it was cancelled with its answer");
}

#[tokio::test]
async fn the_public_does_not_take_the_connections_of_those_who_signed_in() {
    let it = slow("", 8.0).await;
    let token = it.token(Role::Viewer).await;
    let mut flood = tokio::task::JoinSet::new();
    for nth in 0..40 {
        let (client, url) = (
            it.client.clone(),
            it.url(&format!("/ogc/collections/parcels/items?limit={}", nth + 1)),
        );
        flood.spawn(async move {
            (client.get(url).send().await.unwrap().status().as_u16(), Instant::now())
        });
    }
    let begun = Instant::now();
    assert!(becomes(&it, true, Duration::from_secs(3)).await);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let reading = running(&it).await.iter().filter(|it| reads(it)).count();
    assert!((1..=6).contains(&reading), "the public reads with {reading} connections");
    for _ in 0..5 {
        let asked = Instant::now();
        assert_eq!(it.get_as(&token, "/ogc/collections/towns/items").await.status(), 200);
        assert_eq!(it.get_as(&token, "/ogc/collections").await.status(), 200);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    assert_eq!(it.get("/readyz").await.status(), 200);
    let mut refused = 0;
    while let Some(ended) = flood.join_next().await {
        let (status, at) = ended.unwrap();
        assert!([200, 503].contains(&status), "{status}");
        if status == 503 {
            refused += 1;
            assert!(at - begun < Duration::from_secs(7), "refused after {:?}", at - begun);
        }
    }
    assert_eq!(refused, 34, "those beyond six are told to come back");
}

#[tokio::test]
async fn a_request_waits_for_a_lock_no_longer_than_it_may() {
    let it = serving("[timeouts]\nwrite = 1").await;
    assert_eq!(it.get("/healthz").await.status(), 200);
    let link = link(&it).await;
    let mut held = it.app.db.owner().begin().await.unwrap();
    sqlx::raw_sql("lock table mutu.session in access exclusive mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let asked = Instant::now();
    let response = it.get(&link).await;
    assert_eq!(response.status(), 503);
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    held.rollback().await.unwrap();
    assert_eq!(it.get(&link).await.status(), 303, "it was not used up");
}
