//! The assertions of the official suites (ets-ogcapi-features10 1.9, ets-ogcapi-tiles10 1.2), each under the name of its
//! abstract test, for every collection that everybody may read.

use std::collections::BTreeSet;

use mutu::access::Scope;
use mutu::crs::Crs;
use serde_json::Value;

use super::ITEMS;
use super::ids;
use super::link;
use super::local;
use super::with_grid;
use crate::support::TestApp;

fn rels(document: &Value) -> BTreeSet<&str> {
    document["links"].as_array().unwrap().iter().map(|it| it["rel"].as_str().unwrap()).collect()
}

/// `/conf/core/…links`: every link has a relation, a type and an absolute address.
fn links_are_whole(document: &Value) {
    for it in document["links"].as_array().unwrap() {
        assert!(it["rel"].is_string() && it["type"].is_string(), "{it}");
        assert!(it["href"].as_str().unwrap().starts_with("http"), "{it}");
    }
}

async fn collections(it: &TestApp) -> Vec<Value> {
    it.json("/ogc/collections").await["collections"].as_array().unwrap().clone()
}

/// `/conf/core/root-op`, `/conf/core/root-success`, `/conf/core/api-definition-op`, `…-success`,
/// `/conf/core/conformance-op`, `…-success`, `/conf/core/http`.
#[tokio::test]
async fn core_landing_page_api_definition_and_conformance() {
    let it = TestApp::serving().await;
    let landing = it.json("/ogc").await;
    links_are_whole(&landing);
    let rels = rels(&landing);
    assert!(rels.contains("service-desc") || rels.contains("service-doc"));
    assert!(rels.contains("conformance") && rels.contains("data"));
    let desc = it.get(local(&it, link(&landing, "service-desc").unwrap())).await;
    let said = desc.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(said, "application/vnd.oai.openapi+json;version=3.0");
    let api: Value = desc.json().await.unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.0."));
    for path in ["/", "/conformance", "/collections"] {
        assert!(api["paths"][path]["get"]["responses"]["200"].is_object(), "{path}");
    }
    // Operations have ids of their own, and every reference leads somewhere.
    let mut seen = BTreeSet::new();
    for operations in api["paths"].as_object().unwrap().values() {
        for operation in operations.as_object().unwrap().values() {
            assert!(seen.insert(operation["operationId"].as_str().unwrap()));
        }
    }
    let text = api.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(api.pointer(pointer).is_some(), "{pointer}");
    }
    let classes = it.json("/ogc/conformance").await;
    let classes: Vec<&str> =
        classes["conformsTo"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(classes, mutu::ogc::CONFORMANCE, "each class once, as in the program");
    assert_eq!(classes.iter().collect::<BTreeSet<_>>().len(), classes.len());
}

/// `/conf/core/fc-md-op`, `…-links`, `…-items`, `…-items-links`, `…-extent`, `/conf/core/sfc-md-op`, `…-success`.
#[tokio::test]
async fn core_collections() {
    let it = with_grid(3).await;
    let document = it.json("/ogc/collections").await;
    links_are_whole(&document);
    assert!(rels(&document).is_superset(&["self", "alternate"].into()));
    for collection in collections(&it).await {
        let id = collection["id"].as_str().unwrap();
        links_are_whole(&collection);
        let items: Vec<&Value> = collection["links"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["rel"] == "items")
            .collect();
        assert!(items.iter().any(|it| it["type"] == "application/geo+json"), "{id}");
        assert!(collection["links"].as_array().unwrap().iter().all(|it| it["type"].is_string()));
        let boxes = &collection["extent"]["spatial"]["bbox"];
        for bbox in boxes.as_array().into_iter().flatten() {
            assert!([4, 6].contains(&bbox.as_array().unwrap().len()), "{id}");
        }
        let own = it.json(&format!("/ogc/collections/{id}")).await;
        for member in ["id", "title", "description", "extent", "crs", "itemType"] {
            assert_eq!(own[member], collection[member], "{id}: {member}");
        }
    }
}

/// `/conf/core/fc-op`, `/conf/core/fc-response`, `…/fc-links`, `…/fc-rel-type`, `…/fc-timeStamp`, `…/fc-numberMatched`,
/// `…/fc-numberReturned`, `/conf/core/f-op`, `…/f-success`, `…/f-links`.
#[tokio::test]
async fn core_features() {
    let it = with_grid(23).await;
    for collection in collections(&it).await {
        let id = collection["id"].as_str().unwrap();
        let mut next = Some(format!("/ogc/collections/{id}/items?limit=10"));
        let (mut matched, mut returned) = (None, 0);
        while let Some(path) = next {
            let response = it.get(&path).await;
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(response.headers()["content-type"], "application/geo+json");
            let page: Value = response.json().await.unwrap();
            assert_eq!(page["type"], "FeatureCollection");
            links_are_whole(&page);
            assert!(rels(&page).is_superset(&["self", "alternate"].into()));
            assert!(
                chrono::DateTime::parse_from_rfc3339(page["timeStamp"].as_str().unwrap()).is_ok()
            );
            let features = page["features"].as_array().unwrap();
            assert_eq!(page["numberReturned"], features.len());
            assert!(features.len() <= 10);
            returned += features.len();
            if let Some(number) = page.get("numberMatched") {
                let number = number.as_u64();
                assert!(matched.is_none() || matched == number, "the same on every page");
                matched = number;
            }
            for feature in features.iter().take(1) {
                assert_eq!(feature["type"], "Feature");
                let path = format!("/ogc/collections/{id}/items/{}", feature["id"]);
                let one = it.json(&path).await;
                assert_eq!(one["id"], feature["id"]);
                assert!(rels(&one).is_superset(&["self", "alternate", "collection"].into()));
            }
            next = link(&page, "next").map(|href| local(&it, href).to_owned());
        }
        assert_eq!(matched, Some(returned as u64), "{id}");
    }
}

/// `/conf/core/fc-limit-definition`, `…/fc-bbox-definition`, `…/fc-time-definition`, `/conf/crs/fc-bbox-crs-definition`,
/// `/conf/crs/fc-crs-definition`: how parameters are described, at the literal path of each collection.
#[tokio::test]
async fn core_and_crs_parameters_are_defined() {
    let it = TestApp::serving().await;
    let api = it.json("/ogc/api").await;
    for collection in collections(&it).await {
        let id = collection["id"].as_str().unwrap();
        let listed = api["paths"][&format!("/collections/{id}/items")]["get"]["parameters"]
            .as_array()
            .unwrap_or_else(|| panic!("{id} has no path"));
        let find = |name: &str| {
            let it = listed.iter().map(|it| match it["$ref"].as_str() {
                Some(reference) => api.pointer(reference.trim_start_matches('#')).unwrap(),
                None => it,
            });
            it.clone().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{id}: {name}"))
        };
        for name in ["limit", "bbox", "datetime", "crs", "bbox-crs"] {
            let it = find(name);
            assert_eq!((&it["in"], &it["required"]), (&Value::from("query"), &Value::from(false)));
            assert_eq!((&it["style"], &it["explode"]), (&Value::from("form"), &Value::from(false)));
        }
        let limit = &find("limit")["schema"];
        assert_eq!(limit["type"], "integer");
        assert_eq!(limit["minimum"], 1);
        assert!(limit["default"].as_i64().unwrap() <= limit["maximum"].as_i64().unwrap());
        let bbox = &find("bbox")["schema"];
        assert_eq!((&bbox["type"], &bbox["items"]["type"]), (&"array".into(), &"number".into()));
        assert_eq!((&bbox["minItems"], &bbox["maxItems"]), (&4.into(), &6.into()));
        assert_eq!(find("datetime")["schema"]["type"], "string");
        for name in ["crs", "bbox-crs"] {
            assert_eq!(find(name)["schema"]["format"], "uri");
        }
    }
}

/// `/conf/core/query-param-unknown`, `…/query-param-invalid`, `/conf/core/fc-bbox-response`, `…/fc-limit-response`,
/// `…/fc-time-response`.
#[tokio::test]
async fn core_wrong_parameters_are_400_in_every_collection() {
    let it = with_grid(3).await;
    for collection in collections(&it).await {
        let id = collection["id"].as_str().unwrap();
        for wrong in [
            "unknownQueryParameter=true",
            "limit=abc",
            "limit=-1",
            "limit=0",
            "bbox=a,b,c,d",
            "bbox=1,2,3",
            "bbox=1,2,3,4,5",
            "datetime=yesterday",
            "crs=http://www.opengis.net/def/crs/EPSG/0/0",
            "bbox=1,1,2,2&bbox-crs=CRS84",
            "sortby=no_such_field",
            "filter=no_such_field%3D1",
        ] {
            let response = it.get(&format!("/ogc/collections/{id}/items?{wrong}")).await;
            assert_eq!(response.status(), 400, "{id}: {wrong}");
        }
        let response =
            it.get(&format!("/ogc/collections/{id}/items?limit=1&bbox=-180,-90,180,90")).await;
        assert_eq!(response.status(), 200, "{id}");
    }
}

/// `/conf/crs/fc-md-crs-list`, `…/fc-md-storageCrs`, `…/fc-md-storageCrs-valid-value`, `…/crs-uri`, `…/fc-crs-action`,
/// `…/fc-crs-default-value`, `…/ogc-crs-header`, `…/ogc-crs-header-value`, `…/geojson`.
#[tokio::test]
async fn crs_of_every_collection() {
    let it = with_grid(3).await;
    let header = async |path: &str| {
        let response = it.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.headers()["content-crs"].to_str().unwrap().to_owned()
    };
    for collection in collections(&it).await {
        let id = collection["id"].as_str().unwrap();
        let list: Vec<&str> =
            collection["crs"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert!(list.contains(&mutu::crs::CRS84), "{id}: the default is one of them");
        if let Some(stored) = collection["storageCrs"].as_str() {
            assert!(list.contains(&stored), "{id}");
        }
        let items = format!("/ogc/collections/{id}/items?limit=1");
        assert_eq!(header(&items).await, format!("<{}>", mutu::crs::CRS84));
        for crs in list {
            assert!(crs.starts_with("http://www.opengis.net/def/crs/"), "{crs}");
            assert_eq!(header(&format!("{items}&crs={crs}")).await, format!("<{crs}>"));
        }
    }
}

/// `/conf/crs/bbox-crs-action`, `…/bbox-crs-default-value`: a box means the same in each system.
#[tokio::test]
async fn crs_bbox_is_read_in_its_own_system() {
    let it = with_grid(50).await;
    let plain = ids(&it.json(&format!("{ITEMS}?bbox=121.2,31.3,121.2022,31.3012")).await);
    assert_eq!(plain, [1, 2]);
    let crs84 = Crs::Crs84.uri();
    let same = it.json(&format!("{ITEMS}?bbox=121.2,31.3,121.2022,31.3012&bbox-crs={crs84}")).await;
    assert_eq!(ids(&same), plain);
    let stored = Crs::STORED.uri();
    let turned =
        it.json(&format!("{ITEMS}?bbox=31.3,121.2,31.3012,121.2022&bbox-crs={stored}")).await;
    assert_eq!(ids(&turned), plain);
}

/// Tiles: A.2 `/req/core/tc-op`, A.6 `tc-success`, A.7 `tc-error`, A.9 `/req/tilesets-list/tileset-links`, A.12 and A.13
/// `/req/geodata-tilesets/…`, A.24 `/req/tileset/tmxslink`.
#[tokio::test]
async fn tiles_core_tilesets_and_tile_matrix_sets() {
    let it = with_grid(10).await;
    it.settle().await;
    let sets = it.json("/ogc/tileMatrixSets").await;
    for set in sets["tileMatrixSets"].as_array().unwrap() {
        let item = link(set, "item").unwrap();
        let definition = it.json(local(&it, item)).await;
        assert_eq!(definition["id"], set["id"]);
        assert!(!definition["tileMatrices"].as_array().unwrap().is_empty());
        assert!(set["uri"].as_str().unwrap().starts_with("http"));
    }
    let mut drawn = 0;
    for collection in collections(&it).await {
        let Some(tiles) =
            link(&collection, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")
        else {
            continue;
        };
        drawn += 1;
        assert!(tiles.ends_with("/tiles"), "{tiles}");
        let list = it.json(local(&it, tiles)).await;
        for tileset in list["tilesets"].as_array().unwrap() {
            assert!(tileset["tileMatrixSetURI"].is_string(), "{tileset}");
            assert_eq!(tileset["dataType"], "vector");
            let scheme =
                link(tileset, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme").unwrap();
            assert_eq!(it.get(local(&it, scheme)).await.status(), 200);
            let own = it.json(local(&it, link(tileset, "self").unwrap())).await;
            assert_eq!(own["tileMatrixSetURI"], tileset["tileMatrixSetURI"]);
            let template = link(&own, "item").unwrap();
            for name in ["{tileMatrix}", "{tileRow}", "{tileCol}"] {
                assert!(template.contains(name), "{template}");
            }
            let at = |z: &str, row: &str, column: &str| {
                let path = template.replace("{tileMatrix}", z).replace("{tileRow}", row);
                local(&it, &path.replace("{tileCol}", column)).to_owned()
            };
            let status = it.get(&at("3", "1", "6")).await.status().as_u16();
            assert!([200, 204].contains(&status), "{template}: {status}");
            for wrong in [
                ("3", "2147483647", "2147483647"),
                ("99", "0", "0"),
                ("a", "0", "0"),
                ("3", "-1", "0"),
            ] {
                let status = it.get(&at(wrong.0, wrong.1, wrong.2)).await.status().as_u16();
                assert!([400, 404].contains(&status), "{template} {wrong:?}: {status}");
            }
        }
    }
    let shown =
        it.app.layers.layers.values().filter(|it| {
            it.geometry != mutu::layer::Geometry::None && it.readable(&Scope::public())
        });
    assert_eq!(drawn, shown.count());
    let parcels = it.get("/ogc/collections/parcels/tiles/WebMercatorQuad/13/3345/6853").await;
    assert_eq!(parcels.status(), 200);
}
