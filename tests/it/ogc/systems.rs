//! Features Part 2: answers, boxes and filters in other reference systems, each compared with what GDAL's PROJ makes of the
//! same coordinates and axes.

use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use mutu::crs::Crs;
use serde_json::Value;

use super::ITEMS;
use super::ids;
use super::link;
use super::local;
use super::problem;
use super::with_grid;
use crate::support::TestApp;

/// The same place in the axis order of the authority, by PROJ itself.
fn project(crs: Crs, lon: f64, lat: f64) -> (f64, f64) {
    let Crs::Epsg(code) = crs else { return (lon, lat) };
    let mut from = SpatialRef::from_epsg(4490).unwrap();
    from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let mut into = SpatialRef::from_epsg(if code == 4326 { 4490 } else { code }).unwrap();
    into.set_axis_mapping_strategy(AxisMappingStrategy::AuthorityCompliant);
    let (mut x, mut y) = ([lon], [lat]);
    CoordTransform::new(&from, &into).unwrap().transform_coords(&mut x, &mut y, &mut []).unwrap();
    (x[0], y[0])
}

/// The coordinates of a feature's first vertices in order, whatever they nest in.
fn vertices(geometry: &Value) -> Vec<(f64, f64)> {
    fn walk(it: &Value, found: &mut Vec<(f64, f64)>) {
        let Some(parts) = it.as_array() else { return };
        match (parts[0].as_f64(), parts.get(1).and_then(Value::as_f64)) {
            (Some(x), Some(y)) => found.push((x, y)),
            _ => parts.iter().for_each(|it| walk(it, found)),
        }
    }
    let mut found = Vec::new();
    walk(&geometry["coordinates"], &mut found);
    found
}

async fn read(it: &TestApp, path: &str) -> (String, Value) {
    let response = it.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    let named = response.headers()["content-crs"].to_str().unwrap().to_owned();
    (named, response.json().await.unwrap())
}

#[tokio::test]
async fn an_answer_is_in_the_system_asked_for_with_its_axes() {
    let it = with_grid(30).await;
    let (named, plain) = read(&it, &format!("{ITEMS}?limit=30")).await;
    assert_eq!(named, format!("<{}>", Crs::Crs84.uri()));
    let collection = it.json("/ogc/collections/parcels").await;
    let listed: Vec<&str> =
        collection["crs"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert!(listed.contains(&collection["storageCrs"].as_str().unwrap()));
    assert_eq!(listed.len(), 12);
    for uri in listed {
        let crs = Crs::parse(uri).unwrap();
        let (named, page) = read(&it, &format!("{ITEMS}?limit=30&crs={uri}")).await;
        assert_eq!(named, format!("<{uri}>"));
        let near = if crs.is_degrees() { 2e-7 } else { 0.02 };
        for (own, other) in std::iter::zip(
            plain["features"].as_array().unwrap(),
            page["features"].as_array().unwrap(),
        ) {
            let (own, other) = (vertices(&own["geometry"]), vertices(&other["geometry"]));
            assert_eq!(own.len(), other.len());
            for ((lon, lat), got) in std::iter::zip(own, other) {
                let wanted = project(crs, lon, lat);
                let off = (wanted.0 - got.0).abs().max((wanted.1 - got.1).abs());
                assert!(off < near, "{uri}: {got:?} for {wanted:?}");
            }
        }
        let (named, one) = read(&it, &format!("{ITEMS}/7?crs={uri}")).await;
        assert_eq!(named, format!("<{uri}>"));
        assert_eq!(one["geometry"], page["features"][6]["geometry"]);
        assert!(link(&one, "self").unwrap().contains("crs="), "{one}");
    }
}

#[tokio::test]
async fn the_same_box_selects_the_same_in_every_system() {
    let it = with_grid(100).await;
    let (west, south, east, north) = (121.2035, 31.2995, 121.2205, 31.3035);
    let plain = ids(&it.json(&format!("{ITEMS}?bbox={west},{south},{east},{north}")).await);
    assert!(plain.len() > 10 && plain.len() < 60, "{plain:?}");
    for crs in Crs::all() {
        // Not the corners alone: meridians lean in a zone that they are not the middle of.
        let corners = [(west, south), (east, south), (east, north), (west, north)];
        let corners = corners.map(|(lon, lat)| project(crs, lon, lat));
        let by = |pick: fn((f64, f64)) -> f64, fold: fn(f64, f64) -> f64| {
            corners.iter().map(|it| pick(*it)).reduce(fold).unwrap()
        };
        let edges = [
            by(|it| it.0, f64::min),
            by(|it| it.1, f64::min),
            by(|it| it.0, f64::max),
            by(|it| it.1, f64::max),
        ];
        let bbox = edges.map(|it| it.to_string()).join(",");
        let uri = crs.uri();
        let found = ids(&it.json(&format!("{ITEMS}?bbox={bbox}&bbox-crs={uri}")).await);
        // A frame around the leaning box has it all, and of its neighbours those in the gaps at most.
        assert!(plain.iter().all(|it| found.contains(it)), "{uri}: {found:?}");
        assert!(found.len() <= plain.len() + 24, "{uri}: {found:?}");
        if crs.is_degrees() {
            assert_eq!(found, plain, "{uri}");
        }
        let ring: Vec<String> =
            corners.iter().chain(&corners[..1]).map(|(x, y)| format!("{x} {y}")).collect();
        let filter = format!("S_INTERSECTS(geom,POLYGON(({})))", ring.join(","));
        let found = it.json(&format!("{ITEMS}?filter={filter}&filter-crs={uri}")).await;
        assert_eq!(ids(&found), plain, "{uri}");
        let filter = format!("S_INTERSECTS(geom,BBOX({bbox}))");
        let by_filter = it.json(&format!("{ITEMS}?filter={filter}&filter-crs={uri}")).await;
        let by_bbox = it.json(&format!("{ITEMS}?bbox={bbox}&bbox-crs={uri}")).await;
        assert_eq!(ids(&by_filter), ids(&by_bbox), "{uri}");
    }
}

#[tokio::test]
async fn the_next_page_is_in_the_same_system() {
    let it = with_grid(30).await;
    let uri = Crs::Epsg(4549).uri();
    let first = it.json(&format!("{ITEMS}?limit=20&crs={uri}")).await;
    let next = link(&first, "next").unwrap();
    let (named, page) = read(&it, local(&it, next)).await;
    assert_eq!(named, format!("<{uri}>"));
    assert!(vertices(&page["features"][0]["geometry"])[0].0 > 3_000_000.0, "north first: {page}");
}

#[tokio::test]
async fn systems_that_nobody_knows_and_places_that_none_has_are_the_callers_mistake() {
    let it = with_grid(3).await;
    for parameter in ["crs", "bbox-crs", "filter-crs"] {
        for wrong in ["", "EPSG:2154", "http://www.opengis.net/def/crs/EPSG/0/4490'", "4490"] {
            let told = problem(&it, &format!("{ITEMS}?bbox=1,1,2,2&{parameter}={wrong}")).await;
            assert!(told["at"].as_str().unwrap().contains(parameter), "{told}");
        }
    }
    let at = |code: u32| Crs::Epsg(code).uri();
    problem(&it, &format!("{ITEMS}?bbox=2,1,1,2&bbox-crs={}", at(4549))).await;
    problem(&it, &format!("{ITEMS}?bbox=1,2,3&bbox-crs={}", at(4549))).await;
    // A box as wide as numbers go is one that has everything.
    for code in mutu::crs::CODES {
        let all = format!("{ITEMS}?bbox=-1e300,-1e300,1e300,1e300&bbox-crs={}", at(code));
        assert_eq!(ids(&it.json(&all).await), [1, 2, 3], "{code}");
        let ring = "POLYGON((-1e300 -1e300,1e300 -1e300,1e300 1e300,-1e300 -1e300))";
        let filter = format!("{ITEMS}?filter=S_INTERSECTS(geom,{ring})&filter-crs={}", at(code));
        assert!(it.get(&filter).await.status().as_u16() < 500, "{code}");
    }
    // The other side of the earth has no place in a zone of three degrees.
    it.sql("update mutu.parcel set geom = st_multi(st_makeenvelope(-59, -31, -58, -30, 4490))")
        .await;
    for code in mutu::crs::CODES {
        let response = it.get(&format!("{ITEMS}?crs={}", at(code))).await;
        assert!([200, 400].contains(&response.status().as_u16()), "{code}: {}", response.status());
    }
}
