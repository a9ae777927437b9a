//! Real clients read what is served: GDAL's OAPIF and MVT drivers, OWSLib.

use std::collections::HashSet;

use super::with_grid;
use crate::support::read;

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_a_whole_collection_through_oapif() {
    let it = with_grid(2_345).await;
    let source = format!("OAPIF:{}", it.url("/ogc"));
    let summary = ["-so", "-oo", "PAGE_SIZE=500", &source, "parcels"];
    let Some(text) = read("ogrinfo", &summary).await else { return };
    assert!(text.contains("Feature Count: 2345"), "{text}");
    assert!(text.contains("Extent: (121.2"), "{text}");
    assert!(text.contains("parcel_code: String"), "{text}");
    assert!(text.contains("area_registered_m2: Real"), "{text}");
    let all = ["-q", "-al", "-oo", "PAGE_SIZE=500", &source, "parcels"];
    let text = read("ogrinfo", &all).await.unwrap();
    let codes: HashSet<&str> =
        text.lines().filter_map(|it| it.trim().strip_prefix("parcel_code (String) = ")).collect();
    assert_eq!(codes.len(), 2_345, "every feature once, over five pages");
    assert_eq!(text.matches("parcel_code (String) = ").count(), 2_345);
    assert!(text.contains("((121.2 31.3,121.201 31.3,121.201 31.301,121.2 31.301,121.2 31.3))"));
    assert!(text.contains("工业地块2345"));
    let some = ["-q", "-al", "-spat", "121.2", "31.3", "121.2012", "31.3012", &source, "parcels"];
    let text = read("ogrinfo", &some).await.unwrap();
    assert_eq!(text.matches("parcel_code (String) = ").count(), 1, "{text}");
    let some = ["-so", "-al", "-where", "town_code = '114'", &source, "parcels"];
    let text = read("ogrinfo", &some).await.unwrap();
    assert!(text.contains("Feature Count: 781"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_a_tile_as_mvt() {
    let it = with_grid(100).await;
    let response = it.get("/tiles/parcels/13/6853/3345").await;
    assert_eq!(response.status(), 200);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tile.mvt");
    std::fs::write(&file, response.bytes().await.unwrap()).unwrap();
    let arguments = ["-al", "-oo", "X=6853", "-oo", "Y=3345", "-oo", "Z=13"];
    let arguments = [&arguments[..], &[file.to_str().unwrap()]].concat();
    let Some(text) = read("ogrinfo", &arguments).await else { return };
    assert!(text.contains("Layer name: parcels"), "{text}");
    assert!(text.contains("parcel_code (String) = P00001"), "{text}");
    // EPSG:3857, a tile unit is 1.2 m: 121.2 E 31.3 N.
    assert!(text.contains("13491922") || text.contains("13491923"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn owslib_reads_collections_queryables_and_features() {
    let it = with_grid(130).await;
    let script = r#"
import json, sys
from urllib.request import urlopen
from owslib.ogcapi.features import Features
api = Features(sys.argv[1])
assert "parcels" in api.feature_collections(), api.feature_collections()
assert api.api()["openapi"].startswith("3.0"), api.api()["openapi"]
assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in api.conformance()["conformsTo"]
assert "town_code" in api.collection_queryables("parcels")["properties"]
page = api.collection_items("parcels", limit=10, bbox=[121.0, 31.0, 122.0, 32.0])
assert page["numberReturned"] == 10 and page["numberMatched"] == 130, page
seen = []
page = api.collection_items("parcels", limit=50)
while page:
    seen += [it["id"] for it in page["features"]]
    following = [it["href"] for it in page["links"] if it["rel"] == "next"]
    page = json.load(urlopen(following[0])) if following else None
assert seen == list(range(1, 131)), len(seen)
assert api.collection_items("parcels", filter="town_code='114'")["numberMatched"] == 43
assert api.collection_item("parcels", "7")["properties"]["parcel_code"] == "P00007"
print("read")
"#;
    let url = it.url("/ogc");
    let Some(said) = read("/usr/bin/python3", &["-c", script, &url]).await else { return };
    assert_eq!(said, "read\n");
}
