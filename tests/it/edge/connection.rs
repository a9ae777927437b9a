//! Connections that say nothing, too many of them, and clients that do not read.

use std::time::Duration;
use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::serving;
use crate::support::TestApp;

async fn open(it: &TestApp, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(it.app.config.listen).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Reads until the other side ends, which it has to do in that time.
async fn ends_within(mut stream: TcpStream, time: Duration) -> bool {
    let mut all = Vec::new();
    tokio::time::timeout(time, stream.read_to_end(&mut all)).await.is_ok()
}

#[tokio::test]
async fn two_hundred_silent_connections_do_not_keep_others_out() {
    let it = serving("[timeouts]\nhead = 2").await;
    let mut silent = Vec::new();
    for nth in 0..200 {
        // Nothing at all, half a line, half a head.
        let begun = ["", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\nx-slow: "][nth % 3];
        silent.push(open(&it, begun).await);
    }
    let asked = Instant::now();
    assert_eq!(it.json("/readyz").await["status"], "ready");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    // One that sends a byte now and then is no better.
    let mut slow = open(&it, "GET / HTTP/1.1\r\n").await;
    for stream in silent {
        assert!(ends_within(stream, Duration::from_secs(6)).await, "a silent connection stays");
    }
    let _ = slow.write_all(b"a").await;
    assert!(ends_within(slow, Duration::from_secs(3)).await);
    assert_eq!(it.json("/healthz").await["status"], "ok");
}

#[tokio::test]
async fn a_connection_is_used_again_and_ends_when_it_is_idle() {
    let it = serving("[timeouts]\nhead = 1").await;
    let request = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut stream = open(&it, request).await;
    let mut buffer = [0_u8; 4096];
    for _ in 0..3 {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..count].starts_with(b"HTTP/1.1 200"), "{:?}", &buffer[..count]);
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    assert!(ends_within(stream, Duration::from_secs(4)).await);
}

#[tokio::test]
async fn one_address_has_half_of_the_connections() {
    let it = serving("[limits]\nconnections = 8").await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(open(&it, "").await);
    }
    // Accepted and closed at once, so that it does not stand in others' way.
    let fifth = open(&it, "").await;
    assert!(ends_within(fifth, Duration::from_secs(2)).await);
    held.pop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut again =
        open(&it, "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let mut answer = String::new();
    again.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_proxy_that_is_trusted_brings_everybody() {
    let it = serving("trusted_proxies = ['127.0.0.1/32']\n[limits]\nconnections = 8").await;
    let mut held = Vec::new();
    for _ in 0..7 {
        held.push(open(&it, "").await);
    }
    assert_eq!(it.json("/healthz").await["status"], "ok");
    // All seats taken: who comes then waits until one is free, and is served.
    held.push(open(&it, "").await);
    let waiting = open(&it, "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    drop(held);
    assert!(ends_within(waiting, Duration::from_secs(3)).await);
}

/// Connections of this database that are not idle, but for the one that asks.
async fn at_work(it: &TestApp) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and backend_type = 'client backend'
             and application_name <> 'mutu map'",
    )
    .fetch_one(it.app.db.owner())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_client_that_does_not_read_gives_its_connection_back() {
    let it = serving("[timeouts]\nstall = 1").await;
    // More than the kernel takes on its way: 30 MB.
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, name, area_geom_m2, geom, recorded_by)
         select n, 'A' || n, repeat('x', 3000), 1, st_multi(st_makeenvelope(121.25, 31.38, 121.252, 31.382, 4490)), 'test'
         from generate_series(1, 10000) n",
    )
    .await;
    let request = "GET /api/v1/layers/parcels/export?format=csv HTTP/1.1\r\nhost: a\r\n\r\n";
    let stalled = open(&it, request).await;
    let until = |wanted: bool| {
        let it = &it;
        async move {
            for _ in 0..100 {
                if (at_work(it).await > 0) == wanted {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            false
        }
    };
    assert!(until(true).await, "the download holds a connection of the database");
    assert!(until(false).await, "and gives it back when nobody reads");
    drop(stalled);
}
