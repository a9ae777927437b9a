//! WMS and WMTS over HTTP: what GIS clients read through them, and what hostile ones send.

use std::process::Command;

use mutu::access::Role;
use reqwest::Response;
use resvg::tiny_skia::Pixmap;
use serde_json::Value;

use crate::ogc::with_grid;
use crate::support::TestApp;
use crate::support::missing;
use crate::support::read;

async fn settled(count: i64) -> TestApp {
    let it = with_grid(count).await;
    it.settle().await;
    it
}

async fn picture(response: Response, what: &str) -> (Vec<u8>, Pixmap) {
    let (status, kind) = (response.status(), response.headers().get("content-type").cloned());
    let bytes = response.bytes().await.unwrap().to_vec();
    assert_eq!(status, 200, "{what}: {}", String::from_utf8_lossy(&bytes));
    assert_eq!(kind.unwrap(), "image/png", "{what}");
    let pixmap = Pixmap::decode_png(&bytes).unwrap();
    (bytes, pixmap)
}

/// Red, green, blue and opacity of a pixel.
fn at(it: &Pixmap, x: u32, y: u32) -> [u8; 4] {
    let it = it.pixel(x, y).unwrap().demultiply();
    [it.red(), it.green(), it.blue(), it.alpha()]
}

fn inked(it: &Pixmap) -> usize {
    it.pixels().iter().filter(|it| it.alpha() > 0).count()
}

const MAP: &str = "/wms?service=WMS&version=1.3.0&request=GetMap&layers=parcels&styles=&width=400&height=400&format=image/png&transparent=true";

#[tokio::test]
async fn axes_are_those_of_the_version_and_the_system() {
    let it = settled(100).await;
    let (first, image) = picture(
        it.get(&format!("{MAP}&crs=CRS:84&bbox=121.2,31.3,121.21,31.31")).await,
        "longitude first",
    )
    .await;
    // The parcel in the lower left corner is a tenth of the picture wide; beside it is nothing.
    assert!(at(&image, 20, 380)[3] > 0 && at(&image, 60, 380)[3] == 0, "{:?}", at(&image, 20, 380));
    for code in [4490, 4326] {
        let path = format!("{MAP}&crs=EPSG:{code}&bbox=31.3,121.2,31.31,121.21");
        assert_eq!(picture(it.get(&path).await, "latitude first").await.0, first, "{code}");
    }
    let old = "/wms?service=WMS&version=1.1.1&request=GetMap&layers=parcels&styles=&width=400&height=400&format=image/png&transparent=true";
    let path = format!("{old}&srs=EPSG:4326&bbox=121.2,31.3,121.21,31.31");
    assert_eq!(picture(it.get(&path).await, "1.1.1").await.0, first);
    // Metres of the zone, northing first: PROJ says where 121.2 E 31.3 N is.
    let corner: (f64, f64) = sqlx::query_as(
        "select st_x(p), st_y(p) from st_transform(st_setsrid(st_makepoint(121.2, 31.3), 4490), 4549) p",
    )
    .fetch_one(&it.app.db.write)
    .await
    .unwrap();
    let (east, north) = corner;
    let path =
        format!("{MAP}&crs=EPSG:4549&bbox={},{},{},{}", north, east, north + 1000.0, east + 1000.0);
    let (_, image) = picture(it.get(&path).await, "4549").await;
    assert!(at(&image, 15, 385)[3] > 0 && at(&image, 60, 385)[3] == 0);
    // Behind it is what is asked for.
    let path = format!("{MAP}&crs=CRS:84&bbox=121.2,31.3,121.21,31.31&bgcolor=0x336699")
        .replace("transparent=true", "transparent=false");
    let (_, image) = picture(it.get(&path).await, "ground").await;
    assert_eq!(at(&image, 60, 380), [0x33, 0x66, 0x99, 255]);
}

#[tokio::test]
async fn a_pixel_tells_what_the_caller_may_read() {
    let it = settled(100).await;
    let path = |extra: &str| {
        format!(
            "{MAP}&crs=CRS:84&bbox=121.2,31.3,121.21,31.31&query_layers=parcels&i=20&j=380{extra}"
        )
        .replace("GetMap", "GetFeatureInfo")
    };
    let found: Value = it.json(&path("&info_format=application/json")).await;
    assert_eq!(found["features"][0]["id"], "parcels.1", "{found}");
    let told = &found["features"][0]["properties"];
    assert_eq!(told["parcel_code"], "P00001");
    assert!(told.get("contract_start").is_none(), "{told}");
    let officer = it.token(Role::Officer).await;
    let more = it.json_as(&officer, &path("&info_format=application/json")).await;
    assert_eq!(more["features"][0]["properties"]["contract_start"], "2020-01-02", "{more}");
    let text = it.get(&path("&info_format=text/plain")).await.text().await.unwrap();
    assert!(text.contains("宗地代码 (parcel_code) = P00001"), "{text}");
    let html = it.get(&path("&info_format=text/html")).await.text().await.unwrap();
    assert!(html.contains("<td>P00001</td>"), "{html}");
    let beside: Value = it.json(&path("").replace("i=20", "i=70")).await;
    assert_eq!(beside["features"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn faults_are_service_exceptions_with_the_codes_of_the_standard() {
    let it = settled(1).await;
    let right = format!("{MAP}&crs=CRS:84&bbox=121.2,31.3,121.21,31.31");
    for (from, to, status, code) in [
        ("layers=parcels", "layers=nothing", 404, "LayerNotDefined"),
        ("layers=parcels", "layers=reuse_cases", 401, ""),
        ("styles=", "styles=pretty", 400, "StyleNotDefined"),
        ("crs=CRS:84", "crs=EPSG:2154", 400, "InvalidCRS"),
        ("format=image/png", "format=image/tiff", 400, "InvalidFormat"),
        ("width=400", "width=99999", 400, "InvalidParameterValue"),
        ("width=400", "width=0", 400, "InvalidParameterValue"),
        ("height=400", "height=-1", 400, "InvalidParameterValue"),
        ("bbox=121.2,31.3", "bbox=121.3,31.3", 400, "InvalidParameterValue"),
        ("bbox=121.2,31.3", "bbox=NaN,31.3", 400, "InvalidParameterValue"),
        ("crs=CRS:84", "crs=EPSG:4490", 400, "InvalidParameterValue"),
        ("version=1.3.0", "version=9", 400, "InvalidParameterValue"),
        ("request=GetMap", "request=GetEverything", 400, "OperationNotSupported"),
        ("service=WMS", "service=WFS", 400, "InvalidParameterValue"),
        ("transparent=true", "filter=contract_start%20IS%20NULL", 400, "InvalidParameterValue"),
    ] {
        let path = right.replacen(from, to, 1);
        let response = it.get(&path).await;
        let (got, kind) = (response.status(), response.headers()["content-type"].clone());
        let text = response.text().await.unwrap();
        assert_eq!(got, status, "{to}: {text}");
        assert_eq!(kind, "text/xml; charset=utf-8", "{to}");
        assert!(text.contains("<ServiceExceptionReport version=\"1.3.0\""), "{to}: {text}");
        assert!(code.is_empty() || text.contains(&format!("code=\"{code}\"")), "{to}: {text}");
    }
}

/// What the official suite looks for (ets-wms13): prefixes of addresses end where parameters begin, and a legend has the size
/// that is said of it, or none is said.
#[tokio::test]
async fn capabilities_say_nothing_that_is_not_so() {
    let it = settled(1).await;
    let all = it.get("/wms?service=WMS&request=GetCapabilities").await.text().await.unwrap();
    let (requests, layers) = all.split_once("</Request>").unwrap();
    let prefixes: Vec<&str> = requests.split("xlink:href=\"").skip(1).collect();
    assert!(prefixes.len() > 3, "{requests}");
    for it in prefixes {
        assert!(it.split('"').next().unwrap().ends_with("/wms?"), "{it}");
    }
    assert!(layers.contains("<LegendURL><Format>image/png</Format>"), "{layers}");
}

#[tokio::test]
async fn tiles_are_the_same_by_parameters_and_by_address() {
    let it = settled(500).await;
    // Over the grid's first parcel, in both grids.
    for (grid, alias, level, column, row) in
        [("WebMercatorQuad", "w", 14, 13708, 6690), ("CGCS2000Quad", "c", 14, 13708, 2671)]
    {
        let (first, image) = picture(
            it.get(&format!("/wmts/parcels/{grid}/{level}/{row}/{column}.png")).await,
            grid,
        )
        .await;
        assert_eq!((image.width(), image.height()), (256, 256));
        assert!(inked(&image) > 500, "{grid}: {}", inked(&image));
        let query = |grid: &str| {
            format!(
                "/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=parcels&STYLE=default&TILEMATRIXSET={grid}&TILEMATRIX={level}&TILEROW={row}&TILECOL={column}&FORMAT=image/png&tk=x"
            )
        };
        for name in [grid, alias] {
            assert_eq!(picture(it.get(&query(name)).await, name).await.0, first, "{name}");
        }
        // Another node, another time: the same bytes.
        let other = it.another_node().await;
        other.settle().await;
        assert_eq!(picture(other.get(&query(grid)).await, "node").await.0, first);
        let response = it.get(&query(grid)).await;
        let etag = response.headers()["etag"].clone();
        let again = it.client.get(it.url(&query(grid))).header("if-none-match", etag);
        assert_eq!(again.send().await.unwrap().status(), 304);
        let filtered = format!("{}&filter=town_code%3D%27114%27", query(grid));
        let (_, some) = picture(it.get(&filtered).await, "filter").await;
        assert!(inked(&some) * 2 < inked(&image) && inked(&some) > 0);
    }
    // Far away is an empty picture, not an error: clients draw what they get.
    let (_, empty) = picture(it.get("/wmts/parcels/WebMercatorQuad/14/0/0.png").await, "").await;
    assert_eq!(inked(&empty), 0);
}

#[tokio::test]
async fn what_a_change_touches_is_drawn_anew() {
    let it = settled(1).await;
    let path = "/wmts/parcels/CGCS2000Quad/16/10685/54831.png";
    let (before, _) = picture(it.get(path).await, path).await;
    it.sql("update mutu.parcel set geom = st_multi(st_makeenvelope(121.2, 31.3, 121.2005, 31.3005, 4490))").await;
    it.tell("parcels", None).await;
    it.settle().await;
    let (after, _) = picture(it.get(path).await, path).await;
    assert_ne!(before, after);
}

#[tokio::test]
async fn faults_of_tiles_are_exception_reports() {
    let it = settled(1).await;
    let right = "/wmts?service=WMTS&request=GetTile&version=1.0.0&layer=parcels&style=default&tilematrixset=CGCS2000Quad&tilematrix=14&tilerow=2671&tilecol=13707&format=image/png";
    for (from, to, status, code) in [
        ("tilerow=2671", "tilerow=999999", 400, "TileOutOfRange"),
        ("tilecol=13707", "tilecol=-1", 400, "TileOutOfRange"),
        ("tilecol=13707", "tilecol=x", 400, "InvalidParameterValue"),
        ("tilematrix=14", "tilematrix=99", 400, "InvalidParameterValue"),
        ("tilematrix=14", "tilematrix=x", 400, "InvalidParameterValue"),
        ("CGCS2000Quad", "Nowhere", 400, "InvalidParameterValue"),
        ("&tilerow=2671", "", 400, "MissingParameterValue"),
        ("&style=default", "", 400, "MissingParameterValue"),
        ("&format=image/png", "", 400, "MissingParameterValue"),
        ("layer=parcels", "layer=nothing", 400, "InvalidParameterValue"),
        ("layer=parcels", "layer=reuse_cases", 401, "NoApplicableCode"),
        ("style=default", "style=x", 400, "InvalidParameterValue"),
        ("format=image/png", "format=image/jpeg", 400, "InvalidParameterValue"),
        ("request=GetTile", "request=Get", 400, "InvalidParameterValue"),
        ("request=GetTile", "request=GetFeatureInfo&i=1&j=1", 400, "MissingParameterValue"),
        ("version=1.0.0", "version=2.0.0", 400, "InvalidParameterValue"),
    ] {
        let response = it.get(&right.replacen(from, to, 1)).await;
        let got = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(got, status, "{to}: {text}");
        assert!(
            text.contains("<ows:ExceptionReport") && text.contains("version=\"1.0.0\""),
            "{text}"
        );
        assert!(text.contains(&format!("exceptionCode=\"{code}\"")), "{to}: {text}");
    }
    for (path, status) in [
        ("/wmts/parcels/CGCS2000Quad/14/2671/13707", 400),
        ("/wmts/nothing/CGCS2000Quad/14/2671/13707.png", 404),
    ] {
        assert_eq!(it.get(path).await.status(), status, "{path}");
    }
    for (query, code) in [
        ("request=GetCapabilities", "MissingParameterValue"),
        ("service=WMTS&request=GetCapabilities&acceptversions=1.1.0", "VersionNegotiationFailed"),
    ] {
        let refused = it.get(&format!("/wmts?{query}")).await;
        assert_eq!(refused.status(), 400, "{query}");
        let text = refused.text().await.unwrap();
        assert!(text.contains(&format!("exceptionCode=\"{code}\"")), "{query}: {text}");
    }
    let newest = "/wmts?service=WMTS&request=GetCapabilities&AcceptVersions=1.1.0,1.0.0";
    assert_eq!(it.get(newest).await.status(), 200);
}

#[tokio::test]
async fn legends_and_pixels_of_tiles_are_told() {
    let it = settled(10).await;
    let path = "/wms?service=WMS&version=1.3.0&request=GetLegendGraphic&layer=block_class&format=image/png";
    let (_, legend) = picture(it.get(path).await, "legend").await;
    assert!(legend.width() > 100 && legend.height() > 100);
    let path = "/wmts?service=WMTS&request=GetFeatureInfo&version=1.0.0&layer=parcels&style=default&tilematrixset=CGCS2000Quad&tilematrix=16&tilerow=10685&tilecol=54831&format=image/png&i=128&j=128&infoformat=application/json";
    let found: Value = it.json(path).await;
    assert!(found["features"].is_array(), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn owslib_reads_both_services() {
    let it = settled(100).await;
    let script = r#"
import sys
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService
wms = WebMapService(sys.argv[1] + "/wms", version="1.3.0")
layer = wms["parcels"]
assert layer.queryable and "EPSG:4490" in layer.crsOptions, layer.crsOptions
assert layer.boundingBoxWGS84[0] == 121.2, layer.boundingBoxWGS84
assert layer.styles["default"]["legend"].endswith("format=image%2Fpng"), layer.styles
image = wms.getmap(layers=["parcels"], styles=[""], srs="EPSG:4490", bbox=(121.2, 31.3, 121.25, 31.31), size=(300, 200), format="image/png", transparent=True)
assert image.read()[:8] == b"\x89PNG\r\n\x1a\n"
info = wms.getfeatureinfo(layers=["parcels"], srs="EPSG:3857", bbox=(13491922, 3671000, 13493000, 3672000), size=(100, 100), format="image/png", query_layers=["parcels"], info_format="application/json", xy=(50, 50))
assert b"FeatureCollection" in info.read()
wmts = WebMapTileService(sys.argv[1] + "/wmts")
assert set(wmts.tilematrixsets) == {"WebMercatorQuad", "CGCS2000Quad"}
first = wmts.tilematrixsets["CGCS2000Quad"].tilematrix["1"]
# 180 degrees over 256 pixels of 0.28 mm; with the 2.958e8 that Tianditu writes (96 dpi) clients would be off by 6 %.
assert abs(first.scaledenominator - 279541132.0143589) < 1e-3, first.scaledenominator
assert tuple(first.topleftcorner) == (90.0, -180.0) and (first.matrixwidth, first.matrixheight) == (2, 1)
tile = wmts.gettile(layer="parcels", tilematrixset="CGCS2000Quad", tilematrix="14", row=2671, column=13707, format="image/png")
assert tile.read()[:8] == b"\x89PNG\r\n\x1a\n"
assert wmts["parcels"].resourceURLs[0]["template"].endswith("{TileCol}.png")
print(len(wms.contents), len(wmts.contents))
"#;
    if let Some(text) = read("/usr/bin/python3", &["-c", script, &it.url("")]).await {
        let counts: Vec<usize> = text.split_whitespace().map(|it| it.parse().unwrap()).collect();
        assert!(counts[0] > 5 && counts[0] == counts[1], "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_both_services_where_the_parcels_are() {
    let it = settled(100).await;
    let folder = tempfile::tempdir().unwrap();
    let base = it.url("");
    let sources = [
        format!(
            "WMTS:{base}/wmts/1.0.0/WMTSCapabilities.xml,layer=parcels,tilematrixset=CGCS2000Quad"
        ),
        format!(
            "WMTS:{base}/wmts/1.0.0/WMTSCapabilities.xml,layer=parcels,tilematrixset=WebMercatorQuad"
        ),
        format!(
            "WMS:{base}/wms?service=WMS&version=1.3.0&request=GetMap&layers=parcels&styles=&crs=EPSG:4326&bbox=31.3,121.2,31.31,121.25&format=image/png&transparent=true"
        ),
    ];
    for (nth, source) in sources.into_iter().enumerate() {
        let target = folder.path().join(format!("{nth}.png"));
        let written = target.clone();
        let what = source.clone();
        let ran = tokio::task::spawn_blocking(move || {
            Command::new("gdalwarp")
                .args(["-q", "-t_srs", "EPSG:4490", "-te", "121.2", "31.3", "121.21", "31.31"])
                .args(["-ts", "400", "400", "-r", "near", "-of", "PNG", &source])
                .arg(&written)
                .env("no_proxy", "127.0.0.1")
                .env("GDAL_ENABLE_WMS_CACHE", "NO")
                .output()
        });
        let Ok(output) = ran.await.unwrap() else {
            missing("gdalwarp (gdal-bin)");
            return;
        };
        let wrong = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {wrong}");
        let image = Pixmap::decode_png(&std::fs::read(&target).unwrap()).unwrap();
        // The grid's first parcel is the lower left tenth; beside it is nothing.
        assert!(at(&image, 20, 380)[3] > 0, "{what}: {:?}", at(&image, 20, 380));
        assert_eq!(at(&image, 60, 380)[3], 0, "{what}: {:?}", at(&image, 60, 380));
    }
}
