//! What is kept of pages and counts: told again while nothing changed, never after a change, and never of what needs signing in.

use std::io::Read;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::join_all;
use mutu::access::Role;
use reqwest::Response;
use serde_json::Value;
use serde_json::json;
use tokio::time::sleep;

use super::ITEMS;
use super::grid;
use super::with_grid;
use crate::history::edits;
use crate::support::TestApp;

const UNTOLD: &str = "update mutu.parcel set name = 'changed' where parcel_id = 1";

fn first_name(page: &serde_json::Value) -> &str {
    page["features"][0]["properties"]["name"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_public_page_is_written_once_for_a_revision() {
    let it = with_grid(40).await;
    // With a filter, as without one memory tells the page, which knows nothing of what is not announced.
    let items = format!("{ITEMS}?filter=parcel_code%20IS%20NOT%20NULL");
    let path = format!("{items}&limit=3");
    let before = it.get(&path).await.bytes().await.unwrap();
    // A change that announces no revision, which Mutu never makes, shows what is read and what is kept.
    it.sql(UNTOLD).await;
    assert_eq!(it.get(&path).await.bytes().await.unwrap(), before);
    let other = it.json(&format!("{items}&limit=4")).await;
    assert_eq!(first_name(&other), "changed", "another question is another page");
    it.tell("parcels", Some(&[1])).await;
    let after = it.json(&path).await;
    assert_eq!(first_name(&after), "changed");
    let metrics = it.get("/metrics").await.text().await.unwrap();
    let kept = metrics.lines().find_map(|it| it.strip_prefix("mutu_page_cache_pages ")).unwrap();
    assert!(kept.parse::<u64>().unwrap() >= 2, "{metrics}");
}

#[tokio::test]
async fn what_somebody_signed_in_for_is_read_anew() {
    let it = with_grid(40).await;
    let path = format!("{ITEMS}?limit=3");
    let everybody = it.json(&path).await;
    let token = it.token(Role::Viewer).await;
    let viewer = it.json_as(&token, &path).await;
    let has = |page: &serde_json::Value| page["features"][0]["properties"].get("tenure").is_some();
    let more = viewer["features"][0]["properties"].as_object().unwrap().len();
    assert!(more > everybody["features"][0]["properties"].as_object().unwrap().len());
    assert_eq!(has(&viewer), has(&it.json_as(&token, &path).await));
    it.sql(UNTOLD).await;
    assert_eq!(first_name(&it.json_as(&token, &path).await), "changed");
    // The page that everybody has stays everybody's.
    let again = it.json(&path).await;
    assert_eq!(again["features"], everybody["features"]);
}

#[tokio::test]
async fn a_count_is_of_the_revision_that_it_is_told_at() {
    let it = with_grid(40).await;
    let matched = async |path: &str| it.json(path).await["numberMatched"].clone();
    let paths = [
        format!("{ITEMS}?limit=3"),
        format!("{ITEMS}?limit=3&filter=parcel_code%20IS%20NOT%20NULL"),
        format!("{ITEMS}?limit=3&bbox=121,31,122,32"),
    ];
    for path in &paths {
        assert_eq!(matched(path).await, 40, "{path}");
    }
    it.sql("update mutu.parcel set superseded_at = now() where parcel_id = 7").await;
    it.tell("parcels", Some(&[7])).await;
    for path in &paths {
        assert_eq!(matched(path).await, 39, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_another_day_is_not_kept() {
    let it = with_grid(40).await;
    let path = format!("{ITEMS}?limit=3&datetime=2999-01-01T00:00:00Z");
    let before = it.json(&path).await;
    it.sql(UNTOLD).await;
    assert_ne!(first_name(&it.json(&path).await), first_name(&before));
}

async fn asked(it: &TestApp, path: &str, head: &[(&str, &str)]) -> Response {
    let mut request = it.client.get(it.url(path));
    for (name, value) in head {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// Everything that an answer says of itself, but for the time of day and for how long it is.
fn head(response: &Response) -> Vec<(String, Vec<String>)> {
    let mut head: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in response.headers() {
        let names = value.to_str().unwrap().split(',').map(|it| it.trim().to_lowercase());
        match head.iter_mut().find(|it| it.0 == name.as_str()) {
            Some(it) => it.1.extend(names),
            None => head.push((name.to_string(), names.collect())),
        }
    }
    head.retain(|it| !["date", "content-length", "transfer-encoding"].contains(&it.0.as_str()));
    head.iter_mut().for_each(|it| it.1.sort_unstable());
    head.sort_unstable();
    head
}

/// What a body says, however it was packed.
async fn said(response: Response) -> Value {
    let encoding = response.headers().get("content-encoding").cloned();
    let bytes = response.bytes().await.unwrap();
    let mut plain = Vec::new();
    match encoding.as_ref().map(|it| it.to_str().unwrap()) {
        Some("gzip") => {
            flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut plain).unwrap();
        }
        Some("br") => {
            brotli::Decompressor::new(&*bytes, 4096).read_to_end(&mut plain).unwrap();
        }
        Some("zstd") => plain = zstd::decode_all(&*bytes).unwrap(),
        other => {
            assert_eq!(other, None);
            plain = bytes.to_vec();
        }
    }
    serde_json::from_slice(&plain).unwrap()
}

/// Asked once, a page goes the way of everything; asked again, the short one.
#[tokio::test]
async fn a_kept_page_is_told_as_a_written_one_is() {
    let it = with_grid(40).await;
    let heads: [&[(&str, &str)]; 5] = [
        &[],
        &[("accept", "application/vnd.ogc.fg+json")],
        &[("accept", "application/geo+json"), ("accept-encoding", "gzip")],
        &[("accept-encoding", "br")],
        &[("accept-encoding", "zstd")],
    ];
    let metres = "?limit=3&crs=http://www.opengis.net/def/crs/EPSG/0/4549";
    for query in ["", "?", "?limit=3", metres] {
        for request in heads {
            let path = format!("{ITEMS}{query}");
            // Nothing is kept of the revision that comes with it.
            it.tell("parcels", Some(&[1])).await;
            let written = asked(&it, &path, request).await;
            assert_eq!(written.status(), 200, "{path}");
            let (told, first) = (head(&written), said(written).await);
            // What memory tells is kept the second time.
            let again = asked(&it, &path, request).await;
            assert_eq!((&told, &first), (&head(&again), &said(again).await), "{path} {request:?}");
            assert!(!first["features"].as_array().unwrap().is_empty());
            let kept = asked(&it, &path, request).await;
            assert_eq!(told, head(&kept), "{path} {request:?}");
            assert_eq!(first, said(kept).await, "{path} {request:?}");
        }
    }
}

/// Whoever reads after the answer to a change reads of the change, and a change by another process shows a moment later.
#[tokio::test]
async fn a_kept_page_does_not_outlive_a_change() {
    let it = TestApp::serving().await;
    let other = it.another_node().await;
    let steward = it.token(Role::Steward).await;
    let properties = json!({"parcel_code": "N1", "name": "round", "responsible_unit": "安亭镇"});
    let made = edits::create(&it, &steward, properties, 121.2).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (path, mut tag) = (format!("{ITEMS}?limit=3"), made.tag);
    for round in 0..20 {
        // Kept by both, and asked for a moment ago.
        for node in [&it, &other, &it, &other] {
            node.json(&path).await;
        }
        let name = format!("round {round}");
        let body = json!({"properties": {"name": name}});
        let edited = edits::patch(&it, &steward, "N1", &tag, body).await;
        assert_eq!(edited.status, 200, "{}", edited.body);
        tag = edited.tag;
        assert_eq!(first_name(&it.json(&path).await), name);
        sleep(Duration::from_millis(25)).await;
        assert_eq!(first_name(&other.json(&path).await), name);
    }
}

/// More than there are connections, each of which would have had to ask by itself.
#[tokio::test]
async fn all_who_come_at_once_are_told_the_revision() {
    let it = with_grid(5).await;
    let connections = "select count(*) from pg_stat_activity where datname = current_database()";
    assert!(it.app.db.revision("parcels").await.is_some());
    let before: i64 = sqlx::query_scalar(connections).fetch_one(it.app.db.owner()).await.unwrap();
    for _ in 0..5 {
        it.app.db.changed();
        let told = join_all((0..200).map(|_| it.app.db.revision("parcels"))).await;
        assert!(told[0].is_some());
        assert!(told.iter().all(|it| *it == told[0]), "{told:?}");
    }
    let after: i64 = sqlx::query_scalar(connections).fetch_one(it.app.db.owner()).await.unwrap();
    assert!(after <= before, "{after} connections, {before} before");
    assert_eq!(it.app.db.revision("no such layer").await, None);
}

#[tokio::test]
async fn the_revision_is_told_again_when_its_connection_was_lost() {
    let it = with_grid(5).await;
    let told = it.app.db.revision("parcels").await;
    assert!(told.is_some());
    let ended: i64 = sqlx::query_scalar(
        "select count(*) from (
             select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and query = 'select layer, revision from mutu.layer_revision'
         ) ended",
    )
    .fetch_one(it.app.db.owner())
    .await
    .unwrap();
    assert!(ended > 0);
    it.app.db.changed();
    assert_eq!(it.app.db.revision("parcels").await, told);
}

#[tokio::test]
async fn every_way_to_a_page_counts_once() {
    let config = toml::from_str("[limits.public]\nrequests_per_second = 1\nburst = 30").unwrap();
    let mut it = TestApp::with(config).await;
    it.serve();
    grid(&it, 5).await;
    it.settle().await;
    let (mut statuses, from) = (Vec::new(), Instant::now());
    for nth in 1..=60 {
        let query = match nth % 3 {
            // Kept, told from memory, and left by the short way for the router: the box begins where a parcel ends.
            0 => "limit=3".to_owned(),
            1 => format!("limit={nth}"),
            _ => format!("limit={nth}&bbox=121.201,31.3,121.2015,31.3005"),
        };
        statuses.push(it.get(&format!("{ITEMS}?{query}")).await.status().as_u16());
    }
    let let_in = statuses.iter().filter(|it| **it == 200).count();
    let most = 31 + usize::try_from(from.elapsed().as_secs()).unwrap();
    let told = it.app.pages_held.load(Ordering::Relaxed);
    assert!(told >= 10, "{told}");
    assert!((30..=most).contains(&let_in), "{statuses:?}");
    assert_eq!(statuses.len() - let_in, statuses.iter().filter(|it| **it == 429).count());
}
