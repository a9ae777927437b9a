//! GDAL and OWSLib read what is served, all of it and over pages.

use super::TYPE;
use crate::ogc::with_grid;
use crate::support::read;

#[tokio::test(flavor = "multi_thread")]
async fn gdal_reads_a_whole_layer_with_the_right_axes_and_areas() {
    let it = with_grid(2_345).await;
    let source = format!("WFS:{}", it.url("/wfs"));
    let Some(said) = read("ogrinfo", &["-so", "-al", &source, TYPE]).await else { return };
    assert!(said.contains("Feature Count: 2345"), "{said}");
    assert!(said.contains("parcel_code: String"), "{said}");
    assert!(said.contains("area_registered_m2: Real"), "{said}");
    assert!(said.contains("Multi Polygon") || said.contains("Multi Surface"), "{said}");
    let dir = tempfile::tempdir().unwrap();
    for (code, srs) in
        [(4490, ""), (4549, "&SRSNAME=urn:ogc:def:crs:EPSG::4549"), (4549, "&SRSNAME=EPSG:4549")]
    {
        let file = dir.path().join(format!("{code}{}.gpkg", srs.len()));
        let file = file.to_str().unwrap();
        let source = format!("{source}?{}", srs.trim_start_matches('&'));
        let page = ["--config", "OGR_WFS_PAGE_SIZE", "500"];
        let arguments = [&["-f", "GPKG", "-nln", "p", file, &source, TYPE], &page[..]].concat();
        read("ogr2ogr", &arguments).await;
        let sql = "select count(*) n, count(distinct parcel_code) codes, min(st_minx(geom)) x, min(st_miny(geom)) y from p";
        let said = read("ogrinfo", &["-q", "-dialect", "sqlite", "-sql", sql, file]).await.unwrap();
        assert!(
            said.contains("n (Integer) = 2345") && said.contains("codes (Integer) = 2345"),
            "{said}"
        );
        let number = |name: &str| -> f64 {
            let from = said.find(&format!("{name} (Real) = ")).unwrap_or_else(|| panic!("{said}"));
            said[from..].split_whitespace().nth(3).unwrap().parse().unwrap()
        };
        let near = |got: f64, wanted: f64, off: f64| assert!((got - wanted).abs() < off, "{said}");
        if code == 4490 {
            near(number("x"), 121.2, 1e-6);
            near(number("y"), 31.3, 1e-6);
            continue;
        }
        // Zone 120°: easting 614,000, northing 3,464,000.
        let wanted: Vec<f64> = sqlx::query_scalar(
            "select unnest(array[st_xmin(b), st_ymin(b), a]) from (select st_extent(g) b, sum(st_area(g)) a
             from (select st_transform(geom, 4549) g from mutu.parcel) t) u",
        )
        .fetch_all(it.app.db.owner())
        .await
        .unwrap();
        near(number("x"), wanted[0], 0.01);
        near(number("y"), wanted[1], 0.01);
        let sql = "select sum(st_area(geom)) a from p";
        let said = read("ogrinfo", &["-q", "-dialect", "sqlite", "-sql", sql, file]).await.unwrap();
        let area: f64 = said.split("a (Real) = ").nth(1).unwrap().trim().parse().unwrap();
        assert!((area / wanted[2] - 1.0).abs() < 1e-6, "{area} for {}", wanted[2]);
        let said = read("ogrinfo", &["-so", "-al", file]).await.unwrap();
        assert!(said.contains("ID[\"EPSG\",4549]]"), "{said}");
    }
    let some = ["-q", "-al", "-spat", "121.2", "31.3", "121.2012", "31.3012", &source, TYPE];
    let said = read("ogrinfo", &some).await.unwrap();
    assert_eq!(said.matches("parcel_code (String) = ").count(), 1, "{said}");
    for (filter, count) in [
        ("town_code = '114' AND area_registered_m2 > 100000", 449),
        ("name LIKE '%1' OR parcel_code IN ('P00002', 'P00003')", 237),
        ("responsible_unit IS NULL", 2345),
    ] {
        let said = read("ogrinfo", &["-so", "-al", "-where", filter, &source, TYPE]).await.unwrap();
        assert!(said.contains(&format!("Feature Count: {count}")), "{filter}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owslib_lists_describes_and_reads() {
    let it = with_grid(130).await;
    let script = r#"
import sys, json
from owslib.wfs import WebFeatureService
from owslib.etree import etree
wfs = WebFeatureService(sys.argv[1], version="2.0.0")
assert "mutu:parcels" in wfs.contents, list(wfs.contents)
layer = wfs.contents["mutu:parcels"]
assert layer.boundingBoxWGS84[0] == 121.2, layer.boundingBoxWGS84
assert [it.getcodeurn() for it in layer.crsOptions][0] == "urn:ogc:def:crs:EPSG::4490"
assert wfs.get_schema("mutu:parcels")["properties"]["parcel_code"] == "string"
seen = []
for start in range(0, 130, 50):
    page = wfs.getfeature(typename="mutu:parcels", startindex=start, maxfeatures=50, outputFormat="application/json")
    seen += [it["properties"]["parcel_code"] for it in json.loads(page.read())["features"]]
assert len(seen) == 130 and len(set(seen)) == 130, len(seen)
tree = etree.fromstring(wfs.getfeature(typename="mutu:parcels", bbox=(121.1995, 31.2995, 121.2025, 31.3025, "urn:ogc:def:crs:EPSG::4490")).read())
assert tree.get("numberMatched") == "4", tree.attrib
assert [it.id for it in wfs.storedqueries] == ["urn:ogc:def:query:OGC-WFS::GetFeatureById"]
print("read")
"#;
    let url = it.url("/wfs");
    let Some(said) = read("/usr/bin/python3", &["-c", script, &url]).await else { return };
    assert_eq!(said, "read\n");
}
