//! Real clients read what is served: GDAL's OAPIF and MVT drivers, OWSLib.

use std::collections::HashSet;
use std::process::Command;

use super::with_grid;

/// A client of somebody else's, or a clear line that it is not there.
fn client(program: &str, arguments: &[&str]) -> Option<std::process::Output> {
    let found = Command::new(program)
        .args(arguments)
        .env("GDAL_HTTP_TIMEOUT", "60")
        .env("no_proxy", "127.0.0.1")
        .output();
    if found.is_err() {
        eprintln!("skipped: {program} is not installed");
    }
    found.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_a_whole_collection_through_oapif() {
    let it = with_grid(2_345).await;
    let source = format!("OAPIF:{}", it.url("/ogc"));
    let read = |arguments: Vec<String>| {
        tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            client("ogrinfo", &arguments).map(|it| {
                let text = String::from_utf8_lossy(&it.stdout).into_owned();
                assert!(it.status.success(), "{text}{}", String::from_utf8_lossy(&it.stderr));
                text
            })
        })
    };
    let summary = vec!["-so", "-oo", "PAGE_SIZE=500", &source, "parcels"];
    let Some(text) = read(summary.into_iter().map(ToOwned::to_owned).collect()).await.unwrap()
    else {
        return;
    };
    assert!(text.contains("Feature Count: 2345"), "{text}");
    assert!(text.contains("Extent: (121.2"), "{text}");
    assert!(text.contains("parcel_code: String"), "{text}");
    assert!(text.contains("area_registered_m2: Real"), "{text}");
    let all = vec!["-q", "-al", "-oo", "PAGE_SIZE=500", &source, "parcels"];
    let text = read(all.into_iter().map(ToOwned::to_owned).collect()).await.unwrap().unwrap();
    let codes: HashSet<&str> =
        text.lines().filter_map(|it| it.trim().strip_prefix("parcel_code (String) = ")).collect();
    assert_eq!(codes.len(), 2_345, "every feature once, over five pages");
    assert_eq!(text.matches("parcel_code (String) = ").count(), 2_345);
    assert!(text.contains("((121.2 31.3,121.201 31.3,121.201 31.301,121.2 31.301,121.2 31.3))"));
    assert!(text.contains("工业地块2345"));
    let some =
        vec!["-q", "-al", "-spat", "121.2", "31.3", "121.2012", "31.3012", &source, "parcels"];
    let text = read(some.into_iter().map(ToOwned::to_owned).collect()).await.unwrap().unwrap();
    assert_eq!(text.matches("parcel_code (String) = ").count(), 1, "{text}");
    let some = vec!["-so", "-al", "-where", "town_code = '114'", &source, "parcels"];
    let text = read(some.into_iter().map(ToOwned::to_owned).collect()).await.unwrap().unwrap();
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
    let Some(output) = client("ogrinfo", &arguments) else { return };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Layer name: parcels"), "{text}");
    assert!(text.contains("parcel_code (String) = P00001"), "{text}");
    // EPSG:3857, a tile unit is 1.2 m: 121.2 E 31.3 N.
    assert!(text.contains("13491922") || text.contains("13491923"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn owslib_reads_collections_queryables_and_features() {
    let it = with_grid(130).await;
    let script = r#"
import sys
try:
    from owslib.ogcapi.features import Features
except ImportError:
    print("skipped: python3-owslib is not installed")
    sys.exit(0)
api = Features(sys.argv[1])
assert "parcels" in api.feature_collections(), api.feature_collections()
assert api.api()["openapi"].startswith("3.0"), api.api()["openapi"]
assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in api.conformance()["conformsTo"]
assert "town_code" in api.collection_queryables("parcels")["properties"]
page = api.collection_items("parcels", limit=10, bbox=[121.0, 31.0, 122.0, 32.0])
assert page["numberReturned"] == 10 and page["numberMatched"] == 130, page
assert api.collection_items("parcels", filter="town_code='114'")["numberMatched"] == 43
assert api.collection_item("parcels", "7")["properties"]["parcel_code"] == "P00007"
print("read")
"#;
    let url = it.url("/ogc");
    let output =
        tokio::task::spawn_blocking(move || client("/usr/bin/python3", &["-c", script, &url]));
    let Some(output) = output.await.unwrap() else { return };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    if !said.contains("read") {
        eprintln!("{}", said.trim());
    }
}
