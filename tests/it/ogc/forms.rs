//! What a page may be written as, and asked for by: JSON-FG, files, searches by POST.

use mutu::access::Role;
use serde_json::Value;
use serde_json::json;

use super::ITEMS;
use super::ids;
use super::link;
use super::local;
use super::problem;
use super::with_grid;

const SEARCH: &str = "/ogc/collections/parcels/search";

#[tokio::test]
async fn json_fg_says_time_place_and_reference_system() {
    let it = with_grid(30).await;
    it.sql(
        "update mutu.parcel set valid_from = '2021-03-01' where parcel_id = 1;
         update mutu.parcel set valid_from = '2022-05-01', valid_to = '2090-01-01' where parcel_id = 2;",
    )
    .await;
    let response = it.get(&format!("{ITEMS}?f=jsonfg&limit=3")).await;
    assert_eq!(response.headers()["content-type"], "application/vnd.ogc.fg+json");
    let page: Value = response.json().await.unwrap();
    assert_eq!(page["conformsTo"][0], "http://www.opengis.net/spec/json-fg-1/1.0/conf/core");
    assert_eq!(page["featureType"], "parcels");
    assert_eq!(page["coordRefSys"], mutu::crs::CRS84);
    let schema = it.json(local(&it, page["featureSchema"].as_str().unwrap())).await;
    assert!(schema["properties"]["parcel_code"].is_object());
    let first = &page["features"][0];
    assert_eq!(first["time"], json!({"interval": ["2021-03-01", ".."]}));
    // The second has ended and is of the past, though its last day is yet to come.
    assert_eq!(page["features"][1]["id"], 3);
    assert_eq!(page["features"][1]["time"], json!({"interval": ["..", ".."]}));
    assert!(first["place"].is_null() && first["geometry"]["coordinates"].is_array());
    let next = link(&page, "next").unwrap();
    assert_eq!(it.json(local(&it, next)).await["featureType"], "parcels", "next is JSON-FG too");

    let crs = "http://www.opengis.net/def/crs/EPSG/0/4549";
    let plain = it.json(&format!("{ITEMS}?crs={crs}&limit=3")).await;
    let page = it.json(&format!("{ITEMS}?f=jsonfg&crs={crs}&limit=3")).await;
    assert_eq!(page["coordRefSys"], crs);
    for (own, other) in
        std::iter::zip(plain["features"].as_array().unwrap(), page["features"].as_array().unwrap())
    {
        assert!(other["geometry"].is_null(), "GeoJSON's member is of degrees only");
        assert_eq!(own["geometry"], other["place"]);
    }
    // Of another time: the version that was in force then.
    let then = it.json(&format!("{ITEMS}?f=jsonfg&datetime=2023-06-01&filter=id IN (1,2)")).await;
    assert_eq!(then["features"][0]["time"], json!({"interval": ["2021-03-01", ".."]}));
    assert_eq!(then["features"][1]["time"], json!({"interval": ["2022-05-01", "2089-12-31"]}));

    let request = it
        .client
        .get(it.url(&format!("{ITEMS}/2?datetime=2023-06-01")))
        .header("accept", "application/vnd.ogc.fg+json");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/vnd.ogc.fg+json");
    let one: Value = response.json().await.unwrap();
    assert_eq!(one["time"], json!({"interval": ["2022-05-01", "2089-12-31"]}));
    assert_eq!(one["coordRefSys"], mutu::crs::CRS84);
    assert!(one["conformsTo"].is_array() && link(&one, "collection").is_some());
    // A layer without versions has no time to say.
    let page = it.json("/ogc/collections/block_class/items?f=jsonfg&limit=1").await;
    assert!(page["features"].as_array().unwrap().iter().all(|it| it["time"].is_null()));
}

#[tokio::test]
async fn a_page_comes_as_any_file_with_the_way_to_the_next() {
    let it = with_grid(30).await;
    for (format, media_type, begins) in [
        ("csv", "text/csv; charset=utf-8", &b"\xEF\xBB\xBF"[..]),
        ("geojsonseq", "application/geo+json-seq", b"{\"type\":\"Feature\""),
        ("fgb", "application/flatgeobuf", b"fgb"),
        ("gpkg", "application/geopackage+sqlite3", b"SQLite format 3"),
        ("kml", "application/vnd.google-earth.kml+xml", b"<?xml"),
        ("shp", "application/zip", b"PK"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ] {
        let response = it.get(&format!("{ITEMS}?f={format}&limit=20&town_code=118")).await;
        assert_eq!(response.status(), 200, "{format}");
        assert_eq!(response.headers()["content-type"], media_type);
        let links = response.headers().get_all("link").iter().map(|it| it.to_str().unwrap());
        let links = links.collect::<Vec<_>>().join(", ");
        assert!(links.contains(&format!("export?format={format}>; rel=\"enclosure\"")), "{links}");
        assert!(!links.contains("rel=\"next\""), "twenty are all: {links}");
        assert!(response.bytes().await.unwrap().starts_with(begins), "{format}");
    }
    // Pages of a file meet every row once, as pages of GeoJSON do.
    let (mut path, mut found) =
        (format!("{ITEMS}?f=geojsonseq&limit=7&sortby=-area_registered_m2"), Vec::new());
    loop {
        let response = it.get(&path).await;
        let links = response.headers()["link"].to_str().unwrap().to_owned();
        for line in response.text().await.unwrap().lines() {
            found.push(serde_json::from_str::<Value>(line).unwrap()["id"].as_i64().unwrap());
        }
        let Some(next) = links.split(", ").find(|it| it.contains("rel=\"next\"")) else { break };
        let href = next.trim_start_matches('<').split('>').next().unwrap();
        path = local(&it, href).to_owned();
    }
    assert_eq!(found, (1..=30).rev().collect::<Vec<i64>>());
    let csv = it
        .get(&format!("{ITEMS}?f=csv&limit=3&properties=parcel_code"))
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    for wrong in ["f=kml&crs=EPSG:4549", "f=csv&crs=EPSG:4549", "f=xml", "f=geopackage"] {
        problem(&it, &format!("{ITEMS}?{wrong}")).await;
    }
    problem(&it, &format!("{ITEMS}/1?f=csv")).await;
}

#[tokio::test]
async fn a_search_by_post_means_what_the_address_means() {
    let it = with_grid(60).await;
    let filter = json!({"op": "=", "args": [{"property": "town_code"}, "114"]});
    let body = json!({"filter": filter, "limit": 7, "sortby": ["-id_is_no_field"]});
    assert_eq!(it.post(None, SEARCH, &body).await.0, 400);
    let body = json!({"filter": filter, "limit": 7, "sortby": ["-parcel_code"]});
    let (status, mut page) = it.post(None, SEARCH, &body).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(page["numberMatched"], 20);
    let mut found = ids(&page);
    while let Some(next) = page["links"].as_array().unwrap().iter().find(|it| it["rel"] == "next") {
        assert_eq!(next["method"], "POST");
        let (path, body) =
            (local(&it, next["href"].as_str().unwrap()).to_owned(), next["body"].clone());
        page = it.post(None, &path, &body).await.1;
        found.extend(ids(&page));
    }
    let wanted: Vec<i64> = (1..=20).rev().map(|it| it * 3).collect();
    assert_eq!(found, wanted);
    let (_, page) = it.post(None, SEARCH, &json!({"filter": "id IN (5, 7)"})).await;
    assert_eq!(ids(&page), [5, 7], "text is CQL2 text");
    let box_of_two = json!({"bbox": [121.2, 31.3, 121.2022, 31.3012], "f": "jsonfg"});
    let (_, page) = it.post(None, SEARCH, &box_of_two).await;
    assert_eq!((ids(&page), &page["featureType"]), (vec![1, 2], &json!("parcels")));
    let (_, hits) = it.post(None, SEARCH, &json!({"filter": filter, "resultType": "hits"})).await;
    assert_eq!(hits["numberMatched"], 20);
    // Longer than any address: what POST is for.
    let list: Vec<i64> = (1..=2_900).map(|it| it * 10_000_000 + 1).chain([9]).collect();
    let long = json!({"filter": {"op": "in", "args": [{"property": "id"}, list]}});
    assert!(long.to_string().len() > 30_000);
    assert_eq!(ids(&it.post(None, SEARCH, &long).await.1), [9]);
    for wrong in [
        json!({"filters": filter}),
        json!({"filter": {"op": "=", "args": [{"property": "holder_uscc"}, "USCC3"]}}),
        json!({"filter": {"op": "pg_sleep", "args": [9]}}),
        json!({"filter": filter, "filter-lang": "cql2-text"}),
        json!({"limit": {"most": 5}}),
        json!({"bbox": [[1, 2], [3, 4]]}),
        json!({"cursor": "x"}),
        json!({"filter": null}),
    ] {
        let (status, told) = it.post(None, SEARCH, &wrong).await;
        assert_eq!(status, 400, "{wrong}: {told}");
    }
    let viewer = it.token(Role::Viewer).await;
    let closed = json!({"filter": {"op": "=", "args": [{"property": "holder_uscc"}, "USCC3"]}});
    assert_eq!(ids(&it.post(Some(&viewer), SEARCH, &closed).await.1), [3]);
    assert_eq!(it.post(None, "/ogc/collections/audit_entries/search", &json!({})).await.0, 401);
    assert_eq!(it.get(SEARCH).await.status(), 405);
}
