//! QGIS's own providers, without its windows, read what is served and what is downloaded: counts and areas are compared with
//! PostGIS, names and texts with what was stored.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::ogc::with_grid;
use crate::support::TestApp;
use crate::support::missing;
use crate::support::qgis;

/// More than two pages of QGIS's own size.
const COUNT: i64 = 2_345;

fn wfs(it: &TestApp, srs: &str) -> String {
    format!(
        "url='{}' typename='mutu:parcels' version='2.0.0' srsname='{srs}' pagingEnabled='true' pageSize='500'",
        it.url("/wfs")
    )
}

fn oapif(it: &TestApp) -> String {
    format!("url='{}' typename='parcels' pagingEnabled='true' pageSize='500'", it.url("/ogc"))
}

/// The sum of the planar areas of all parcels in a system, by PostGIS.
async fn area(it: &TestApp, srid: i32) -> f64 {
    let sql = "select sum(st_area(st_transform(geom, $1))) from mutu.parcel";
    sqlx::query_scalar(sql).bind(srid).fetch_one(it.app.db.owner()).await.unwrap()
}

/// All of the grid, every parcel once, in that system.
fn is_whole(found: &Value, crs: &str, area: f64, what: &str) {
    assert_eq!(found["valid"], true, "{what}: {found}");
    assert_eq!(found["crs"], crs, "{what}");
    for count in ["counted", "rows", "distinct"] {
        assert_eq!(found[count], COUNT, "{what}: {count}");
    }
    let off = found["area"].as_f64().unwrap() / area - 1.0;
    assert!(off.abs() < 1e-6, "{what}: {} for {area}", found["area"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_are_read_whole_over_pages_with_equal_areas() {
    let it = with_grid(COUNT).await;
    let (degrees, metres) = (area(&it, 4490).await, area(&it, 4549).await);
    let sources = [
        ("OAPIF", oapif(&it), "EPSG:4326", degrees),
        ("WFS", wfs(&it, "EPSG:4490"), "EPSG:4490", degrees),
        ("WFS", wfs(&it, "urn:ogc:def:crs:EPSG::4490"), "EPSG:4490", degrees),
        ("WFS", wfs(&it, "EPSG:4549"), "EPSG:4549", metres),
        ("WFS", wfs(&it, "urn:ogc:def:crs:EPSG::4549"), "EPSG:4549", metres),
    ];
    let asked = sources.iter().map(|(provider, source, ..)| {
        json!({"provider": provider, "source": source, "key": "parcel_code"})
    });
    let Some(found) = qgis(asked.collect()).await else { return };
    for ((_, source, crs, area), found) in std::iter::zip(&sources, &found) {
        is_whole(found, crs, *area, source);
        assert_eq!(found["first"]["name"], "工业地块1", "{source}");
        assert_eq!(found["first"]["area_registered_m2"], "100.25", "{source}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions_and_boxes_select_what_they_select_in_postgis() {
    let it = with_grid(COUNT).await;
    // Around the parcels 1, 2, 26 and 27, in degrees and in metres.
    let around: [Vec<f64>; 2] = [4490, 4549].map(|_| Vec::new());
    let [mut degrees, mut metres] = around;
    for (srid, spare, sides) in [(4490, 0.0001, &mut degrees), (4549, 5.0, &mut metres)] {
        *sides = sqlx::query_scalar(
            "select unnest(array[st_xmin(b), st_ymin(b), st_xmax(b), st_ymax(b)])
             from (select st_expand(st_extent(st_transform(geom, $1))::geometry, $2) b
                   from mutu.parcel where parcel_id in (1, 2, 26, 27)) t",
        )
        .bind(srid)
        .bind(spare)
        .fetch_all(it.app.db.owner())
        .await
        .unwrap();
    }
    let sources = [
        ("OAPIF", oapif(&it), &degrees),
        ("WFS", wfs(&it, "EPSG:4490"), &degrees),
        ("WFS", wfs(&it, "EPSG:4549"), &metres),
    ];
    let wheres = [
        (
            "\"town_code\" = '114' AND \"area_registered_m2\" > 100000",
            "town_code = '114' and area_registered_m2 > 100000",
        ),
        (
            "\"name\" LIKE '%块1_' OR \"parcel_code\" IN ('P00002', 'P00003')",
            "name like '%块1_' or parcel_code in ('P00002', 'P00003')",
        ),
        (
            "\"village\" IS NULL AND NOT \"name\" = '工业地块7'",
            "village is null and name <> '工业地块7'",
        ),
    ];
    let (mut asked, mut wanted) = (Vec::new(), Vec::new());
    for (provider, source, sides) in &sources {
        asked.push(json!({"provider": provider, "source": source, "box": sides}));
        wanted.push(4);
        for (expression, condition) in wheres {
            asked.push(json!({"provider": provider, "source": source, "where": expression}));
            let sql = format!("select count(*) from mutu.parcel where {condition}");
            let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql));
            wanted.push(count.fetch_one(it.app.db.owner()).await.unwrap());
        }
    }
    let Some(found) = qgis(asked.clone().into()).await else { return };
    for ((asked, found), wanted) in asked.iter().zip(&found).zip(wanted) {
        assert!(wanted > 0 && found["rows"] == wanted, "{asked}: {} for {wanted}", found["rows"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_open_with_their_system_texts_and_areas() {
    let it = with_grid(COUNT).await;
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for srid in [4490, 4549] {
        let area = area(&it, srid).await;
        for (format, ending) in
            [("gpkg", "gpkg"), ("fgb", "fgb"), ("shp", "zip"), ("shp-gbk", "zip")]
        {
            let path = dir.path().join(format!("{srid}-{format}.{ending}"));
            let export = format!("/api/v1/layers/parcels/export?format={format}&crs=EPSG:{srid}");
            save(&it, &export, &path).await;
            files.push((path, format!("EPSG:{srid}"), area));
        }
    }
    let path = dir.path().join("plain.geojson");
    save(&it, "/api/v1/layers/parcels/export?format=geojson", &path).await;
    files.push((path, "EPSG:4326".to_owned(), area(&it, 4490).await));
    let asked = files.iter().map(|(path, ..)| {
        let path = path.to_str().unwrap();
        let (prefix, key) =
            if path.ends_with("zip") { ("/vsizip/", "parcel_cod") } else { ("", "parcel_code") };
        json!({"provider": "ogr", "source": format!("{prefix}{path}"), "key": key})
    });
    let Some(found) = qgis(asked.collect()).await else { return };
    for ((path, crs, area), found) in std::iter::zip(&files, &found) {
        let path = path.display().to_string();
        is_whole(found, crs, *area, &path);
        let short = path.ends_with("zip");
        assert_eq!(found["first"]["name"], "工业地块1", "{path}");
        let area = if short { "area_regis" } else { "area_registered_m2" };
        assert_eq!(found["first"][area], "100.25", "{path}");
        // Of these formats only one has a place for titles.
        if path.ends_with("fgb") {
            assert_eq!(found["aliases"]["area_registered_m2"], "证载面积", "{path}");
        }
    }
}

async fn save(it: &TestApp, path: &str, file: &Path) {
    let response = it.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    std::fs::write(file, response.bytes().await.unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_tiles_are_drawn_where_the_parcels_are() {
    let it = with_grid(100).await;
    it.settle().await;
    let base = it.url("");
    let wms = |crs: &str| {
        format!("crs={crs}&dpiMode=7&format=image/png&layers=parcels&styles=default&url={base}/wms")
    };
    let wmts = |set: &str, crs: &str| {
        format!(
            "crs={crs}&dpiMode=7&format=image/png&layers=parcels&styles=default&tileMatrixSet={set}&url={base}/wmts/1.0.0/WMTSCapabilities.xml"
        )
    };
    let sources = [
        ("wms", wms("EPSG:4490"), "EPSG:4490"),
        ("wms", wms("EPSG:4326"), "EPSG:4326"),
        ("wms", wms("EPSG:4549"), "EPSG:4549"),
        ("wms", wms("EPSG:3857"), "EPSG:3857"),
        ("wms", wmts("CGCS2000Quad", "EPSG:4490"), "EPSG:4490"),
        ("wms", wmts("WebMercatorQuad", "EPSG:3857"), "EPSG:3857"),
        (
            "vectortile",
            format!("type=xyz&url={base}/tiles/parcels/%7Bz%7D/%7Bx%7D/%7By%7D&zmin=8&zmax=16"),
            "EPSG:3857",
        ),
    ];
    // The first parcel is the lower left tenth; to its right and above it is nothing, and another then.
    let plot = json!({
        "srs": "EPSG:4490",
        "box": [121.2, 31.3, 121.21, 31.31],
        "at": [[10, 190], [30, 190], [50, 190], [10, 170], [10, 150]],
    });
    let asked = sources
        .iter()
        .map(|(provider, source, _)| json!({"provider": provider, "source": source, "plot": plot}));
    let Some(found) = qgis(asked.collect()).await else { return };
    for ((_, source, crs), found) in std::iter::zip(&sources, &found) {
        assert_eq!(
            (&found["valid"], found["crs"].as_str()),
            (&json!(true), Some(*crs)),
            "{source}"
        );
        assert_eq!(found["coloured"], json!([true, false, true, false, true]), "{source}");
    }
}

/// Plans of several uses, roads of a class that is known and one that is not.
const LEGENDS: &str = "
    insert into layer.control_plan (code, land_use_code, geom, recorded_by)
    select 'K' || n, use, st_multi(st_makeenvelope(121.2 + n * 0.002, 31.38, 121.201 + n * 0.002, 31.381, 4490)), 'test'
    from unnest(array['0701', '0702', 'R2', '100101', '1001', 'M1', '0804', '没有', null]) with ordinality t(use, n);
    insert into layer.roads (name, class, geom, recorded_by)
    select '路' || n, class, st_multi(st_makeline(st_makepoint(121.2 + n * 0.002, 31.38), st_makepoint(121.2 + n * 0.002, 31.39))::geometry(linestring, 4490)), 'test'
    from unnest(array['高速公路', '快速路', '省道', '支路', null]) with ordinality t(class, n);
";

#[tokio::test(flavor = "multi_thread")]
async fn layer_files_have_the_titles_and_the_colours_of_the_map() {
    let it = with_grid(30).await;
    it.sql(LEGENDS).await;
    for layer in ["control_plan", "roads"] {
        it.tell(layer, None).await;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("web-map/src/catalogue/qlr.ts");
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Command::new("node");
    writer.args(["--input-type=module", "-", source.to_str().unwrap(), &it.url("")]);
    writer.arg(dir.path()).env("no_proxy", "127.0.0.1");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/layer_files.mjs");
    writer.stdin(std::fs::File::open(program).unwrap());
    let Ok(written) = tokio::task::spawn_blocking(move || writer.output()).await.unwrap() else {
        return missing("node");
    };
    let wrong = String::from_utf8_lossy(&written.stderr);
    if wrong.contains("Cannot find module 'typescript'") {
        return missing("web-map/node_modules");
    }
    assert!(written.status.success(), "{wrong}");

    let layers = it.json("/api/v1/layers").await;
    let drawn = |it: &&Value| it["geometry"] != "none" && it["readable"] == true;
    let layers: Vec<&Value> = layers["layers"].as_array().unwrap().iter().filter(drawn).collect();
    assert!(layers.len() > 10, "{}", layers.len());
    let asked = layers.iter().map(|layer| {
        let path = dir.path().join(format!("{}.qlr", layer["id"].as_str().unwrap()));
        json!({"provider": "qlr", "source": path})
    });
    let Some(found) = qgis(asked.collect()).await else { return };
    let mut several = 0;
    for (layer, found) in std::iter::zip(layers, found) {
        let id = layer["id"].as_str().unwrap();
        let [one] = found["layers"].as_array().unwrap().as_slice() else { panic!("{id}: {found}") };
        assert_eq!((&one["valid"], &one["name"]), (&json!(true), &layer["title"]["zh"]), "{id}");
        assert_eq!(one["crs"], "EPSG:4490", "{id}");
        let readable = |it: &&Value| it["readable"] == true;
        for field in layer["fields"].as_array().unwrap().iter().filter(readable) {
            assert_eq!(
                one["aliases"][field["name"].as_str().unwrap()],
                field["title"]["zh"],
                "{id}"
            );
        }
        let rows = it.json(&format!("/ogc/collections/{id}/items?limit=1000")).await;
        let wanted =
            by_colour(layer["legend"].as_array().unwrap(), rows["features"].as_array().unwrap());
        several += usize::from(wanted.as_object().unwrap().len() > 2);
        assert_eq!(one["colours"], wanted, "{id}");
    }
    assert!(several >= 2, "layers of several classes: {several}");
}

/// How many features the legend gives each colour; what no class has is the class without values.
fn by_colour(legend: &[Value], features: &[Value]) -> Value {
    let mut found = serde_json::Map::new();
    for feature in features {
        let is_of = |row: &&Value| {
            let Some(field) = row["match"]["field"].as_str() else { return true };
            row["match"]["values"].as_array().unwrap().contains(&feature["properties"][field])
        };
        let rest = |row: &&Value| row["match"]["values"].as_array().is_some_and(Vec::is_empty);
        let row = legend.iter().find(is_of).or_else(|| legend.iter().find(rest));
        let colour = row.map_or("null", |it| it["color"].as_str().unwrap()).to_lowercase();
        let count = found.get(&colour).and_then(Value::as_i64).unwrap_or(0);
        found.insert(colour, json!(count + 1));
    }
    found.into()
}
