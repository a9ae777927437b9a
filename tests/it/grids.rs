//! Local grids of a configuration: every service and file that has national systems has them too, compared with what GDAL's
//! PROJ makes of the same places; definitions that are none are refused before anything starts.

use std::fs;
use std::path::Path;
use std::process::Command;

use gdal::Dataset;
use gdal::spatial_ref::AxisMappingStrategy;
use gdal::spatial_ref::CoordTransform;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::LayerAccess;
use serde_json::Value;
use serde_json::json;

use crate::ogc::with_grid;
use crate::support::TestApp;
use crate::support::Up;
use crate::support::mutu;
use crate::support::qgis;
use crate::support::read;
use crate::support::run;

/// A false origin and a scale of its own; no grid of anybody's.
const DEFINITION: &str = "+proj=tmerc +lat_0=31.2 +lon_0=121.45 +k=1.00001 +x_0=-3500 +y_0=1200 +ellps=GRS80 +units=m +no_defs";
const URI: &str = "https://gis.example/def/crs/ours";
const SHORT: &str = "urn:ogc:def:crs:LOCAL::910002";
const NEAR: f64 = 0.001;

fn config(folder: &Path, text: &str) -> String {
    let file = folder.join("mutu.toml");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// The grid under two names: by its PROJ string, north first, and by the WKT of the same, east first.
fn both(folder: &Path) -> String {
    let wkt = SpatialRef::from_proj4(DEFINITION).unwrap().to_wkt().unwrap();
    config(
        folder,
        &format!(
            "[[crs]]\ncode = 910001\nname = '某区独立坐标系'\nuri = '{URI}'\ndefinition = '{DEFINITION}'\n\
             [[crs]]\ncode = 910002\nname = '另一名称'\naxes = 'east-north'\ndefinition = '{wkt}'\n"
        ),
    )
}

/// The service with that configuration on the database of the test, and the way from degrees to easting and northing.
fn serve(it: &TestApp, config: &str) -> (Up, CoordTransform) {
    let mut command = mutu();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config", config]);
    let up = Up::spawn(command.env("DATABASE_URL", it.database_url()));
    let mut from = SpatialRef::from_epsg(4490).unwrap();
    from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let mut into = SpatialRef::from_proj4(DEFINITION).unwrap();
    into.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    (up, CoordTransform::new(&from, &into).unwrap())
}

fn project(by: &CoordTransform, lon: f64, lat: f64) -> (f64, f64) {
    let (mut x, mut y) = ([lon], [lat]);
    by.transform_coords(&mut x, &mut y, &mut []).unwrap();
    (x[0], y[0])
}

async fn json_of(it: &TestApp, url: &str) -> Value {
    let response = it.client.get(url).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{url}: {text}");
    serde_json::from_str(&text).unwrap()
}

fn ids(page: &Value) -> Vec<i64> {
    page["features"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect()
}

fn first(feature: &Value) -> (f64, f64) {
    let at = &feature["geometry"]["coordinates"][0][0][0];
    (at[0].as_f64().unwrap(), at[1].as_f64().unwrap())
}

fn is_near(got: (f64, f64), wanted: (f64, f64), what: &str) {
    let off = (got.0 - wanted.0).abs().max((got.1 - wanted.1).abs());
    assert!(off <= NEAR, "{what}: {got:?} for {wanted:?}");
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn features_are_given_and_asked_for_in_a_local_grid() {
    let it = with_grid(30).await;
    let dir = tempfile::tempdir().unwrap();
    let (up, by) = serve(&it, &both(dir.path()));
    let items = format!("{}/ogc/collections/parcels/items", up.url);
    let collection = json_of(&it, &format!("{}/ogc/collections/parcels", up.url)).await;
    let plain = json_of(&it, &format!("{items}?limit=30")).await;
    let (low, high) = (project(&by, 121.1999, 31.2999), project(&by, 121.2031, 31.3031));
    let around = json_of(&it, &format!("{items}?bbox=121.1999,31.2999,121.2031,31.3031")).await;
    assert_eq!(ids(&around), [1, 2, 26, 27]);
    for (uri, north_first) in [(URI, true), (SHORT, false)] {
        assert!(collection["crs"].as_array().unwrap().contains(&json!(uri)), "{collection}");
        let url = format!("{items}?limit=30&crs={uri}");
        let named = it.client.get(&url).send().await.unwrap().headers()["content-crs"].clone();
        assert_eq!(named, format!("<{uri}>"));
        let page = json_of(&it, &url).await;
        let order = |at: (f64, f64)| if north_first { (at.1, at.0) } else { at };
        for (own, other) in std::iter::zip(
            plain["features"].as_array().unwrap(),
            page["features"].as_array().unwrap(),
        ) {
            let (lon, lat) = first(own);
            is_near(first(other), order(project(&by, lon, lat)), uri);
        }
        let ((a, b), (c, d)) = (order(low), order(high));
        let found = json_of(&it, &format!("{items}?bbox={a},{b},{c},{d}&bbox-crs={uri}")).await;
        assert_eq!(ids(&found), ids(&around), "{uri}");
        let filter =
            format!("S_INTERSECTS(geom,POLYGON(({a} {b},{c} {b},{c} {d},{a} {d},{a} {b})))");
        let url = format!("{items}?filter={}&filter-crs={uri}", encoded(&filter));
        assert_eq!(ids(&json_of(&it, &url).await), ids(&around), "{uri}");
        let all = format!("{items}?limit=30&bbox=-1e300,-1e300,1e300,1e300&bbox-crs={uri}");
        assert_eq!(ids(&json_of(&it, &all).await), ids(&plain), "{uri}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wfs_and_arcgis_have_a_local_grid_with_its_names() {
    let it = with_grid(30).await;
    let dir = tempfile::tempdir().unwrap();
    let (up, by) = serve(&it, &both(dir.path()));
    let (east, north) = project(&by, 121.2, 31.3);
    let text = async |path: &str| {
        let response = it.client.get(format!("{}{path}", up.url)).send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{path}: {text}");
        text
    };
    let told = text("/wfs?service=WFS&request=GetCapabilities").await;
    for uri in [URI, SHORT] {
        assert!(told.contains(&format!("<wfs:OtherCRS>{uri}</wfs:OtherCRS>")), "{told}");
    }
    let get = "/wfs?service=WFS&version=2.0.0&request=GetFeature&typeNames=mutu:parcels&count=1";
    for (name, wanted) in [
        (URI, (north, east)),
        ("LOCAL:910001", (east, north)),
        (SHORT, (east, north)),
        ("LOCAL:910002", (east, north)),
    ] {
        let page = text(&format!("{get}&srsName={name}")).await;
        assert!(page.contains(&format!("srsName=\"{name}\"")), "{page}");
        let at = page.split("<gml:posList>").nth(1).unwrap().split(['<', ' ']);
        let at: Vec<f64> = at.take(2).map(|it| it.parse().unwrap()).collect();
        is_near((at[0], at[1]), wanted, name);
    }
    let unknown = up.status(&format!("{get}&srsName=LOCAL:910003"));
    assert_eq!(unknown, 400);
    // Whoever does not know the grid still reads the rest.
    let source = format!("WFS:{}/wfs", up.url);
    if let Some(said) = read("ogrinfo", &["-so", "-al", &source, "mutu:parcels"]).await {
        assert!(said.contains("Feature Count: 30") && said.contains("ID[\"EPSG\",4490]"), "{said}");
    }
    let source =
        format!("url='{}/wfs' typename='mutu:parcels' version='2.0.0' srsname='EPSG:4549'", up.url);
    if let Some(found) = qgis(json!([{"provider": "WFS", "source": source}])).await {
        assert_eq!((&found[0]["valid"], &found[0]["rows"]), (&json!(true), &json!(30)));
    }

    let query = format!("{}/arcgis/parcels/FeatureServer/0/query?f=json&where=OBJECTID=1", up.url);
    let found = json_of(&it, &format!("{query}&outSR=910001")).await;
    let system = &found["spatialReference"];
    assert!(system["wkt"].as_str().unwrap().contains("某区独立坐标系"), "{system}");
    let ring = found["features"][0]["geometry"]["rings"][0].as_array().unwrap();
    let near = ring.iter().any(|at| {
        let (x, y) = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
        (x - east).abs().max((y - north).abs()) <= NEAR
    });
    assert!(near, "{ring:?} has no {east} {north}");
    // By the text that it was told by, both ways.
    let by_wkt = encoded(&system.to_string());
    let again = json_of(&it, &format!("{query}&outSR={by_wkt}")).await;
    assert_eq!(again["features"], found["features"]);
    let query = query.replace("where=OBJECTID=1", "returnIdsOnly=true");
    let (low, high) = (project(&by, 121.1999, 31.2999), project(&by, 121.2031, 31.3031));
    let envelope = format!("{},{},{},{}", low.0, low.1, high.0, high.1);
    for system in ["910002", by_wkt.as_str()] {
        let url =
            format!("{query}&geometryType=esriGeometryEnvelope&geometry={envelope}&inSR={system}");
        assert_eq!(json_of(&it, &url).await["objectIds"], json!([1, 2, 26, 27]), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_written_and_imported_in_a_local_grid() {
    let it = with_grid(30).await;
    let dir = tempfile::tempdir().unwrap();
    let config = both(dir.path());
    let (up, by) = serve(&it, &config);
    let (east, north) = project(&by, 121.2, 31.3);
    for (format, prefix) in [("gpkg", ""), ("fgb", ""), ("shp", "/vsizip/")] {
        for crs in ["LOCAL:910001", "910002", URI] {
            let file = dir.path().join(format!("{}-{format}.{format}", crs.len()));
            let file = if format == "shp" { file.with_extension("zip") } else { file };
            let url = format!("{}/api/v1/layers/parcels/export?format={format}&crs={crs}", up.url);
            let response = it.client.get(&url).send().await.unwrap();
            assert_eq!(response.status(), 200, "{url}");
            fs::write(&file, response.bytes().await.unwrap()).unwrap();
            let made = Dataset::open(format!("{prefix}{}", file.display())).unwrap();
            let layer = made.layer(0).unwrap();
            assert_eq!(layer.feature_count(), 30, "{url}");
            let srs = layer.spatial_ref().unwrap();
            assert!(srs.is_projected() && (srs.linear_units() - 1.0).abs() < 1e-9, "{url}");
            let least = layer.get_extent().unwrap();
            let wanted = layer.feature(1).or_else(|| layer.feature(0)).unwrap();
            assert!(wanted.geometry().is_some(), "{url}");
            assert!(least.MinX <= east + NEAR && least.MaxX > east, "{url}: {}", least.MinX);
            assert!(least.MinY <= north + 30.0 && least.MaxY > north, "{url}: {}", least.MinY);
        }
    }
    let told = up.status("/api/v1/layers/parcels/export?format=kml&crs=LOCAL:910001");
    assert_eq!(told, 400);

    // A square of the first parcel, easting first as every GIS writes it.
    let ring: Vec<Value> = [(121.2, 31.3), (121.201, 31.3), (121.201, 31.301), (121.2, 31.3)]
        .map(|(lon, lat)| project(&by, lon, lat))
        .map(|(x, y)| json!([x, y]))
        .to_vec();
    let feature = json!({"type": "Feature", "properties": {"code": "NT1"}, "geometry": {"type": "Polygon", "coordinates": [ring]}});
    let file = dir.path().join("farmland.geojson");
    fs::write(&file, json!({"type": "FeatureCollection", "features": [feature]}).to_string())
        .unwrap();
    let import = |crs: &str| {
        let mut command = mutu();
        command.args(["import", file.to_str().unwrap(), "--into", "basic_farmland", "--replace"]);
        command.args(["--source-crs", crs, "--config", &config]);
        run(command.env("DATABASE_URL", it.database_url()))
    };
    for crs in ["LOCAL:910001", "910002", URI] {
        import(crs).done();
        let corner: (f64, f64) = sqlx::query_as(
            "select st_xmin(geom), st_ymin(geom) from layer.basic_farmland where code = 'NT1'",
        )
        .fetch_one(it.app.db.owner())
        .await
        .unwrap();
        let off = (corner.0 - 121.2).abs().max((corner.1 - 31.3).abs());
        assert!(off < 1.5e-8, "{crs}: {corner:?}");
    }
    import("LOCAL:910003").refused(&["LOCAL:910003"]);
}

#[tokio::test]
async fn what_is_no_grid_is_refused_before_anything_starts() {
    let it = TestApp::new().await;
    let dir = tempfile::tempdir().unwrap();
    let wrong = |lines: &str| {
        let config = config(dir.path(), &format!("[[crs]]\nname = 'x'\n{lines}"));
        let mut command: Command = mutu();
        command.args(["serve", "--listen", "127.0.0.1:0", "--config", &config]);
        run(command.env("DATABASE_URL", it.database_url()))
    };
    for (lines, words) in [
        (format!("code = 4549\ndefinition = '{DEFINITION}'"), ["4549", "910001"]),
        ("code = 910001\ndefinition = '/etc/passwd'".to_owned(), ["910001", "definition"]),
        ("code = 910001\ndefinition = '+proj=longlat'".to_owned(), ["mutu.toml", "projected"]),
        (
            "code = 910001\ndefinition = '+proj=tmerc +lon_0=-60 +ellps=GRS80'".to_owned(),
            ["910001", "district"],
        ),
        (format!("code = 910001\ndefinition = '{DEFINITION}'\nunit = 'm'"), ["mutu.toml", "unit"]),
    ] {
        wrong(&lines).refused(&words);
    }
    let listed: i64 = it.value("select count(*) from spatial_ref_sys where srid > 910000").await;
    assert_eq!(listed, 0);
}
