//! Tiles over HTTP: what is sent, for how long, and what is refused.

use mutu::catalog;
use mutu::catalog::DRAWING;
use reqwest::Method;
use reqwest::Response;

use super::*;

/// Parcels of a hundred metres in rows of 250, from 121.0 E 31.6 N on; one of them, `A1`, alone in its tile.
async fn parcels(count: i64) -> TestApp {
    parcels_in(TestApp::new().await, count).await
}

/// The same in a server that does not answer yet.
pub async fn parcels_in(mut it: TestApp, count: i64) -> TestApp {
    it.serve();
    it.sql(&format!(
        "insert into mutu.parcel (parcel_id, parcel_code, name, town_code, responsible_unit, area_registered_m2, area_geom_m2, geom, recorded_by)
         select n, 'A' || n, '地块' || n || md5(n::text), (n % 7)::text, case when n % 2 = 0 then '马陆镇' else '南翔镇' end, n * 100.25, n * 100,
                st_multi(st_makeenvelope(x, y, x + 0.0009, y + 0.0009, 4490)), 'test'
         from generate_series(1, {count}) n,
              lateral (select 121.0 + (n - 1) % 250 * 0.001 as x, 31.6 - (n - 1) / 250 * 0.001 as y) p"
    ))
    .await;
    it.tell("parcels", None).await;
    it.settle().await;
    it
}

pub const TILE: &str = "/tiles/parcels/14/13698/6674";

pub async fn get(it: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = it.client.get(it.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default()
}

async fn ids(response: Response) -> Vec<u64> {
    let tile = mvt::read(&response.bytes().await.unwrap()).unwrap();
    let mut ids: Vec<u64> =
        tile.layers.iter().flat_map(|it| &it.features).filter_map(|it| it.id).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_is_sent_as_the_client_likes_it_and_not_twice() {
    let it = parcels(600).await;
    let plain = it.get(TILE).await;
    assert_eq!(plain.status(), 200);
    assert_eq!(header(&plain, "content-encoding"), "");
    let etag = header(&plain, "etag");
    let plain = plain.bytes().await.unwrap();
    assert!(!mvt::read(&plain).unwrap().layers[0].features.is_empty());
    for (accept, encoding) in [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br", "br"),
        ("gzip;q=0.1, br;q=0.9", "br"),
        ("identity", ""),
        ("gzip;q=0", ""),
    ] {
        for _ in 0..2 {
            let response = get(&it, TILE, &[("accept-encoding", accept)]).await;
            assert_eq!(header(&response, "content-encoding"), encoding, "{accept}");
            assert!(header(&response, "vary").contains("Accept-Encoding"));
            assert_eq!(header(&response, "content-type"), mvt::MEDIA_TYPE);
            let bytes = response.bytes().await.unwrap();
            let unpacked = match encoding {
                "gzip" => {
                    let mut out = Vec::new();
                    std::io::Read::read_to_end(
                        &mut flate2::read::GzDecoder::new(&*bytes),
                        &mut out,
                    )
                    .unwrap();
                    out
                }
                "br" => {
                    let mut out = Vec::new();
                    std::io::Read::read_to_end(
                        &mut brotli::Decompressor::new(&*bytes, 4096),
                        &mut out,
                    )
                    .unwrap();
                    out
                }
                "zstd" => zstd::stream::decode_all(&*bytes).unwrap(),
                _ => bytes.to_vec(),
            };
            assert!(unpacked == plain, "{accept}");
        }
    }
    for known in [etag.clone(), etag.replace("W/", ""), format!("\"x\", {etag}"), "*".to_owned()] {
        let again = get(&it, TILE, &[("if-none-match", &known)]).await;
        assert_eq!(again.status(), 304, "{known}");
        assert_eq!(header(&again, "etag"), etag);
    }
    assert_eq!(get(&it, TILE, &[("if-none-match", "\"x\"")]).await.status(), 200);
    let head = it.client.request(Method::HEAD, it.url(TILE)).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "etag")), (200, etag));
    assert!(head.bytes().await.unwrap().is_empty());
    let empty = it.get("/tiles/parcels/14/1/1").await;
    assert_eq!(empty.status(), 204);
    assert!(!header(&empty, "etag").is_empty());
}

#[tokio::test]
async fn an_upgrade_that_draws_otherwise_is_a_new_revision() {
    let it = parcels(1).await;
    let revision = "select revision from mutu.layer_revision where layer = 'parcels'";
    let before: i64 = it.value(revision).await;
    catalog::sync(it.app.db.owner(), &it.app.layers).await.unwrap();
    assert_eq!(it.value::<i64>(revision).await, before, "nothing is drawn otherwise");
    // As the version before left it.
    it.sql(&format!(
        "update mutu.layer_revision set declaration = replace(declaration, '.{DRAWING}:', '.{}:') where layer = 'parcels'",
        DRAWING - 1
    ))
    .await;
    catalog::sync(it.app.db.owner(), &it.app.layers).await.unwrap();
    assert_eq!(it.value::<i64>(revision).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_tile_asks_the_database_and_an_edit_shows_at_once() {
    let it = parcels(3).await;
    let revision = super::snapshot(&it, it.app.layers.find("parcels").unwrap()).revision;
    let kept = it.get(&format!("{TILE}?v={revision}")).await;
    assert_eq!(header(&kept, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(ids(kept).await, [1, 2, 3]);
    let now = it.get(TILE).await;
    assert_eq!(header(&now, "cache-control"), "public, no-cache");
    // One that nobody has yet is waited for, and comes.
    let next = format!("{TILE}?v={}", revision + 1);
    assert_eq!(header(&it.get(&next).await, "cache-control"), "no-store");
    it.sql("delete from mutu.parcel where parcel_id = 2").await;
    it.tell("parcels", Some(&[2])).await;
    let mut came = false;
    for _ in 0..20 {
        let response = it.get(&next).await;
        if header(&response, "cache-control").contains("immutable") {
            assert_eq!(ids(response).await, [1, 3]);
            came = true;
            break;
        }
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
    assert!(came, "the edit does not show");
    let past = it.get(&format!("{TILE}?v={revision}")).await;
    assert_eq!(header(&past, "cache-control"), "no-store", "it is no longer that revision");
    assert_eq!(ids(past).await, [1, 3]);
    for wrong in ["x", "", "-1"] {
        assert_eq!(it.get(&format!("{TILE}?v={wrong}")).await.status(), 400, "{wrong}");
    }
    for odd in ["99999999999999999999", "1.2", "1-steward"] {
        let response = it.get(&format!("{TILE}?v={odd}")).await;
        assert_eq!(header(&response, "cache-control"), "no-store", "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_decided_in_memory_as_in_the_database() {
    let it = parcels(600).await;
    let all = ids(it.get(TILE).await).await;
    assert!(all.len() >= 12, "{}", all.len());
    for (filter, keeps) in [
        ("town_code = '3'", &(|id: u64| id % 7 == 3) as &dyn Fn(u64) -> bool),
        ("area_mu > 30 AND responsible_unit = '马陆镇'", &|id: u64| {
            id * 15 > 3000 && id.is_multiple_of(2)
        }),
        ("id IN (5, 7)", &|id: u64| id == 5 || id == 7),
        ("name LIKE '地块1%' AND NOT (town_code = '1')", &|id| {
            id.to_string().starts_with('1') && id % 7 != 1
        }),
        ("holder_uscc IS NULL", &|_: u64| true),
        ("S_INTERSECTS(geom, POINT(121.0005 31.6005))", &|id: u64| id == 1),
        ("id = 0", &|_: u64| false),
        // More digits than memory calculates with, in a tile of few rows.
        ("area_mu * 100000000000000 * 100000000000000 + 0.0000000000001 > 30", &|_: u64| true),
    ] {
        let path = format!(
            "{TILE}?filter={}",
            percent_encoding::utf8_percent_encode(filter, percent_encoding::NON_ALPHANUMERIC)
        );
        if filter.contains("holder_uscc") {
            assert_eq!(it.get(&path).await.status(), 400, "{filter} is not for everybody");
            continue;
        }
        let response = it.get(&path).await;
        let expected: Vec<u64> = all.iter().copied().filter(|it| keeps(*it)).collect();
        assert_eq!(response.status(), if expected.is_empty() { 204 } else { 200 }, "{filter}");
        assert_eq!(ids(response).await, expected, "{filter}");
    }
    for wrong in ["nothing = 1", "town_code =", "name = 1", "(((((", "exp(1) = 2"] {
        let path = format!(
            "{TILE}?filter={}",
            percent_encoding::utf8_percent_encode(wrong, percent_encoding::NON_ALPHANUMERIC)
        );
        let response = it.get(&path).await;
        assert_eq!(response.status(), 400, "{wrong}");
        assert_eq!(header(&response, "content-type"), "application/problem+json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_layers_come_in_one_tile() {
    let it = parcels(600).await;
    let both = it.get(&TILE.replace("parcels", "parcels,block_class,towns")).await;
    assert_eq!(both.status(), 200);
    let etag = header(&both, "etag");
    let bytes = both.bytes().await.unwrap();
    assert_eq!(mvt::check(&bytes), [], "names are not repeated");
    let names: Vec<String> =
        mvt::read(&bytes).unwrap().layers.into_iter().map(|it| it.name).collect();
    assert_eq!(names[0], "parcels");
    let path = TILE.replace("parcels", "parcels,block_class,towns");
    let again = get(&it, &path, &[("if-none-match", &etag)]).await;
    assert_eq!(again.status(), 304);
    let json = it.json("/tiles/parcels,block_class.json").await;
    let template = json["tiles"][0].as_str().unwrap().to_owned();
    let drawn: Vec<&str> = json["vector_layers"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["id"].as_str())
        .collect();
    assert_eq!(drawn, ["parcels", "parcels-label", "block_class"]);
    let path = template
        .replace(it.app.config.base_url().as_str(), "")
        .replace("{z}/{x}/{y}", "14/13698/6674");
    let kept = it.get(&path).await;
    assert!(header(&kept, "cache-control").contains("immutable"), "{path}");
    let many = vec!["parcels"; 17].join(",");
    for (ids, status) in [
        ("parcels,parcels", 400),
        ("parcels,", 404),
        ("parcels,nothing", 404),
        ("parcels,low_efficiency", 401),
        ("parcels,audit_entries", 401),
        (many.as_str(), 400),
    ] {
        let response = it.get(&TILE.replace("parcels", ids)).await;
        assert_eq!(response.status(), status, "{ids}");
    }
    let filtered =
        it.get(&format!("{}?filter=id%3D1", TILE.replace("parcels", "parcels,towns"))).await;
    assert_eq!(filtered.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dense_tile_keeps_its_budget_and_says_how() {
    let it = parcels(60_000).await;
    let at = it.app.layers.find("parcels").unwrap();
    let snapshot = super::snapshot(&it, at);
    let mut degraded = 0;
    for z in 9..=13 {
        for at in over(&snapshot, Grid::WebMercatorQuad, z) {
            let path = format!("/tiles/parcels/{z}/{}/{}", at.x, at.y);
            let response = get(&it, &path, &[("accept-encoding", "gzip")]).await;
            if response.status() == 204 {
                continue;
            }
            let step = header(&response, "x-tile-degraded");
            degraded += usize::from(!step.is_empty());
            let bytes = response.bytes().await.unwrap();
            assert!(bytes.len() <= 300_000, "{path}: {} bytes, {step}", bytes.len());
        }
    }
    assert!(degraded > 0);
    let json = it.json("/tiles/parcels.json").await;
    let steps = json["degradation"]["layers"]["parcels"].as_array().unwrap();
    assert_eq!(steps[0]["step"], "attributes");
    assert!(steps[1]["fields"]["area_mu"].as_str().unwrap().contains("合计"), "{steps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn grids_of_degrees_are_numbered_as_their_users_number_them() {
    let it = parcels(3).await;
    // Tianditu's level 14: 360 / 2^14 degrees to a tile, rows from 90 N.
    let side = 360.0 / 16384.0;
    let (x, y) = ((301.0_f64 / side) as u32, ((90.0 - 31.6005) / side) as u32);
    let path = format!("/tiles/parcels/14/{x}/{y}?tms=CGCS2000Quad");
    let response = it.get(&path).await;
    assert_eq!(response.status(), 200, "{path}");
    let bytes = response.bytes().await.unwrap();
    assert_eq!(mvt::check(&bytes), []);
    let tile = mvt::read(&bytes).unwrap();
    let first = tile.layers[0].features.iter().find(|it| it.id == Some(1)).unwrap();
    let places = &first.paths().unwrap()[0].0;
    let west = f64::from(places.iter().map(|it| it.0).min().unwrap());
    let lon = -180.0 + (f64::from(x) + west / 4096.0) * side;
    assert!((lon - 121.0).abs() < side / 4096.0, "{lon}");
    let crs84 = it.get(&format!("/tiles/parcels/13/{x}/{y}?tms=WorldCRS84Quad")).await;
    assert_eq!(crs84.bytes().await.unwrap(), bytes, "the same tile by another number");
    let ogc = format!("/ogc/collections/parcels/tiles/CGCS2000Quad/14/{y}/{x}");
    assert_eq!(it.get(&ogc).await.bytes().await.unwrap(), bytes, "rows before columns");
    for (path, status) in [
        ("/tiles/parcels/0/0/0?tms=CGCS2000Quad", 400),
        ("/tiles/parcels/1/0/1?tms=CGCS2000Quad", 400),
        ("/tiles/parcels/14/1/1?tms=Nothing", 400),
        ("/ogc/collections/parcels/tiles/Nothing", 404),
        ("/ogc/collections/parcels/tiles/WebMercatorQuad/3/8/0", 400),
        ("/ogc/collections/parcels/tiles/WebMercatorQuad/x/0/0", 400),
        ("/ogc/collections/parcels/tiles/WebMercatorQuad?limit=1", 400),
        ("/ogc/collections/audit_entries/tiles", 401),
        ("/ogc/tileMatrixSets/CGCS2000Quads", 404),
    ] {
        let response = it.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(&response, "content-type"), "application/problem+json", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ogc_describes_its_tiles() {
    let it = parcels(3).await;
    let sets = it.json("/ogc/tileMatrixSets").await;
    for set in sets["tileMatrixSets"].as_array().unwrap() {
        let id = set["id"].as_str().unwrap();
        let it = it.json(&format!("/ogc/tileMatrixSets/{id}")).await;
        let matrices = it["tileMatrices"].as_array().unwrap();
        for pair in matrices.windows(2) {
            let scale = |it: &Value| it["scaleDenominator"].as_f64().unwrap();
            assert!((scale(&pair[0]) / scale(&pair[1]) - 2.0).abs() < 1e-9, "{id}");
        }
        let first = &matrices[0];
        let (name, scale, width) = match id {
            "WebMercatorQuad" => ("0", 559_082_264.028_717, 1),
            "WorldCRS84Quad" => ("0", 279_541_132.014_358, 2),
            _ => ("1", 279_541_132.014_358, 2),
        };
        assert_eq!(
            (first["id"].as_str(), first["matrixWidth"].as_i64()),
            (Some(name), Some(width))
        );
        assert!((first["scaleDenominator"].as_f64().unwrap() - scale).abs() < 0.01, "{first}");
    }
    let list = it.json("/ogc/collections/parcels/tiles").await;
    assert_eq!(list["tilesets"].as_array().unwrap().len(), 3);
    let set = it.json("/ogc/collections/parcels/tiles/CGCS2000Quad").await;
    assert_eq!(set["dataType"], "vector");
    assert_eq!(set["layers"][0]["minTileMatrix"], "9");
    assert!(set["layers"][0]["propertiesSchema"]["properties"].get("area_mu").is_some());
    assert!(set["boundingBox"]["lowerLeft"][0].as_f64().unwrap() > 120.0);
    let links = set["links"].as_array().unwrap();
    assert!(links.iter().any(|it| it["rel"] == "item" && it["templated"] == true));
}
