//! Pages that the map in memory tells are, letter for letter, those of the record.

use std::sync::atomic::Ordering;

use mutu::access::Scope;
use mutu::layer::Geometry;
use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use serde_json::json;

use super::ITEMS;
use super::link;
use super::with_grid;
use crate::support;
use crate::support::TestApp;

async fn district() -> TestApp {
    let it = TestApp::serving().await;
    support::fill(&it.app, 400, 11, "").await;
    it.settle().await;
    it
}

fn told(it: &TestApp) -> u64 {
    it.app.pages_held.load(Ordering::Relaxed)
}

/// What a page says: its features as they are written, and what it says of itself.
fn taken_apart(text: &str) -> (String, Value) {
    // In a feature no list is followed by a name.
    let (features, _) = text.split_once("],\"").unwrap();
    let mut page: Value = serde_json::from_str(text).unwrap();
    page.as_object_mut().unwrap().remove("timeStamp");
    (features.to_owned(), page)
}

/// Asks for a page by an address, and of the record by the same parameters in a document, which nothing is kept of.
async fn compare(it: &TestApp, layer: &str, given: &[(&str, String)]) -> Value {
    let query: Vec<String> = given.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = format!("/ogc/collections/{layer}/items?{}", query.join("&"));
    let response = it.get(&path).await;
    assert_eq!(response.status(), 200, "{path}");
    let (features, page) = taken_apart(&response.text().await.unwrap());
    let body: Value =
        given.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let url = it.url(&format!("/ogc/collections/{layer}/search"));
    let response = it.client.post(url).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200, "{body}");
    let (expected, record) = taken_apart(&response.text().await.unwrap());
    assert_eq!(features, expected, "{path}");
    for name in ["numberMatched", "numberReturned"] {
        assert_eq!(page[name], record[name], "{name} of {path}");
    }
    assert_eq!(link(&page, "next").is_some(), link(&record, "next").is_some(), "{path}");
    page
}

/// The cursor of the next page.
fn cursor(page: &Value) -> Option<String> {
    let next = link(page, "next")?.split_once("cursor=")?.1;
    Some(next.split('&').next()?.to_owned())
}

async fn compare_all(it: &TestApp, boxes: usize) -> (u64, u64) {
    let before = told(it);
    let mut asked = 0;
    let public = Scope::public();
    let drawn = |it: &&mutu::layer::Layer| it.geometry == Geometry::Polygon && it.readable(&public);
    let mut random = StdRng::seed_from_u64(5);
    let mut layers = 0;
    for layer in it.app.layers.layers.values().filter(drawn) {
        let mut after = None;
        let mut places = Vec::new();
        loop {
            let limit = ("limit", "37".to_owned());
            let given: Vec<_> = [limit].into_iter().chain(after.map(|it| ("cursor", it))).collect();
            let page = compare(it, &layer.id, &given).await;
            asked += 1;
            for feature in page["features"].as_array().unwrap() {
                let place = &feature["geometry"]["coordinates"][0][0][0];
                places.push([0, 1].map(|it| place[it].as_f64().unwrap()));
            }
            after = cursor(&page);
            if after.is_none() {
                break;
            }
        }
        if places.is_empty() {
            continue;
        }
        layers += 1;
        for nth in 0..boxes {
            let [x, y] = places[random.random_range(0..places.len())];
            let wide = 10_f64.powf(random.random_range(-4.0..-1.0));
            let high = wide * random.random_range(0.3..3.0);
            // Some begin exactly at a vertex.
            let by = if nth % 4 == 0 { 0.0 } else { random.random_range(-0.5..0.5) * wide };
            let edges = [x + by, y + by, x + by + wide, y + by + high];
            let edges = edges.map(|it| format!("{it:.7}")).join(",");
            let limit = random.random_range(1..60).to_string();
            let mut given = vec![("bbox", edges), ("limit", limit)];
            if nth % 5 == 0 {
                let fields: Vec<&str> = layer.fields_for(&public).map(|it| it.0).collect();
                given.push(("properties", fields[nth % fields.len()].to_owned()));
            }
            let page = compare(it, &layer.id, &given).await;
            asked += 1;
            if let Some(it_after) = cursor(&page) {
                given.push(("cursor", it_after));
                compare(it, &layer.id, &given).await;
                asked += 1;
            }
        }
    }
    assert!(layers > 2, "{layers}");
    (asked, told(it) - before)
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_tells_what_the_record_does() {
    let it = district().await;
    let (asked, told) = compare_all(&it, 60).await;
    // Of a quarter of the boxes the edge is where a parcel's is.
    assert!(asked > 200 && told * 4 > asked * 3, "{told} of {asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_tells_changes_as_the_record_does() {
    let it = district().await;
    it.sql(
        "update mutu.parcel set name = E'\"一\\\\二\\n三', contract_start = '12345-06-07',
                geom = st_multi(st_translate(geom, 0.0000001234, 0.00000000005))
         where parcel_id % 50 = 3;
         update mutu.parcel set superseded_at = now() where parcel_id % 50 = 7;
         update mutu.parcel set geom = (
             select st_multi(st_makepolygon(
                 st_exteriorring(e), array[st_reverse(st_exteriorring(st_buffer(st_centroid(e), 0.000003)))]))
             from (select st_envelope(st_buffer(st_centroid(geom), 0.00001)) as e) t)
         where parcel_id % 50 = 9;",
    )
    .await;
    let ids: Vec<i64> =
        sqlx::query_scalar("select parcel_id from mutu.parcel where parcel_id % 50 in (3, 7, 9)")
            .fetch_all(&it.app.db.write)
            .await
            .unwrap();
    it.tell("parcels", Some(&ids)).await;
    it.settle().await;
    let (asked, told) = compare_all(&it, 40).await;
    assert!(told * 4 > asked * 3, "{told} of {asked}");
}

#[tokio::test]
async fn what_memory_is_behind_in_is_read_from_the_record() {
    let mut it = TestApp::new().await;
    super::grid(&it, 40).await;
    it.serve();
    it.settle().await;
    let name = async |path: &str| it.json(path).await["features"][0]["properties"]["name"].clone();
    assert_eq!(name(&format!("{ITEMS}?limit=2")).await, "工业地块1");
    assert_eq!(told(&it), 1);
    // Without a word to the server: what it holds is of the revision before.
    it.sql("update mutu.parcel set name = 'changed' where parcel_id = 1").await;
    it.tell("parcels", Some(&[1])).await;
    assert_eq!(name(&format!("{ITEMS}?limit=2")).await, "changed");
    it.settle().await;
    let before = told(&it);
    assert_eq!(name(&format!("{ITEMS}?limit=3")).await, "changed");
    assert_eq!(told(&it), before + 1);
}

#[tokio::test]
async fn what_memory_is_not_sure_of_is_read_from_the_record() {
    let it = with_grid(40).await;
    it.settle().await;
    let matched = async |edges: &str| {
        it.json(&format!("{ITEMS}?bbox={edges}")).await["numberMatched"].as_i64().unwrap()
    };
    // The first parcel ends at 121.201 E: boxes that begin there, a step before it, a step behind it, and far from it.
    for (edges, expected, is_told) in [
        ("121.201,31.3,121.2015,31.3005", 1, false),
        ("121.2009999,31.3,121.2015,31.3005", 1, false),
        ("121.2010001,31.3,121.2015,31.3005", 0, false),
        ("121.2009,31.3,121.2015,31.3005", 1, true),
        ("121.2011,31.3,121.2015,31.3005", 0, true),
        // A place has no room to be sure of.
        ("121.2005,31.3005,121.2005,31.3005", 1, false),
        ("121.2004,31.3004,121.2006,31.3006", 1, true),
        // Around the other side of the earth.
        ("179,-80,-179,80", 0, false),
        ("-180,-90,180,90", 40, true),
        ("-360,-90,360,90", 40, true),
    ] {
        let before = told(&it);
        assert_eq!(matched(edges).await, expected, "{edges}");
        assert_eq!(told(&it) - before, u64::from(is_told), "{edges}");
    }
    for query in [
        "sortby=name",
        "name=x",
        "filter=name%20IS%20NULL",
        "offset=3",
        "f=jsonfg",
        "datetime=2024-01-01",
    ] {
        let before = told(&it);
        it.json(&format!("{ITEMS}?{query}")).await;
        assert_eq!(told(&it), before, "{query}");
    }
    let token = it.token(mutu::access::Role::Viewer).await;
    let before = told(&it);
    it.json_as(&token, ITEMS).await;
    assert_eq!(told(&it), before, "what signing in shows is the record's");
}
