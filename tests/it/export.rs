//! Downloads and `mutu export`, read back by the libraries that other people use.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use calamine::Data;
use calamine::Reader;
use calamine::Xlsx;
use mutu::access::Role;
use mutu::access::Scope;
use mutu::export::About;
use mutu::export::Bbox;
use mutu::export::Encoding;
use mutu::export::Format;
use mutu::export::Place;
use mutu::export::Selection;
use mutu::export::queries;
use mutu::export::write_file;
use serde_json::Value;
use sqlx::ConnectOptions;

use crate::ogc::with_grid;
use crate::support::TestApp;
use crate::support::missing;

const EXPORT: &str = "/api/v1/layers/parcels/export";

async fn workbook(response: reqwest::Response) -> Xlsx<Cursor<Vec<u8>>> {
    assert_eq!(response.status(), 200);
    let bytes = response.bytes().await.unwrap();
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

#[tokio::test]
async fn a_workbook_has_chinese_headings_numbers_text_codes_and_its_origin() {
    let it = with_grid(30).await;
    it.sql("update mutu.parcel set parcel_code = '310114002003GB00012', area_registered_m2 = 1234.5678 where parcel_id = 3")
        .await;
    let token = it.token(Role::Viewer).await;
    let url = it.url(&format!("{EXPORT}?format=xlsx&filter=town_code='114'&bbox=121,31,122,32"));
    let response = it.client.get(url).bearer_auth(token).send().await.unwrap();
    let disposition = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename=\"parcels_2"), "{disposition}");
    assert!(disposition.contains("filename*=UTF-8''%E7%8E%B0%E7%8A%B6"), "{disposition}");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert_eq!(response.headers()["cache-control"], "private, no-store");
    let mut book = workbook(response).await;
    assert!(length > 1000);
    assert_eq!(book.sheet_names(), ["现状工业用地", "说明"]);
    let rows = book.worksheet_range("现状工业用地").unwrap();
    assert_eq!(rows.height(), 11);
    let headings: Vec<String> =
        rows.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let column = |name: &str| headings.iter().position(|it| it == name).unwrap();
    let first = rows.rows().nth(1).unwrap();
    assert_eq!(first[column("宗地代码")], Data::String("310114002003GB00012".to_owned()));
    assert_eq!(first[column("证载面积（平方米）")], Data::Float(1234.5678));
    assert_eq!(first[column("面积（亩）")], Data::Float(1.851_851_7));
    assert_eq!(first[column("村居")], Data::Empty);
    assert_eq!(first[column("街镇代码")], Data::String("114".to_owned()));
    assert!(matches!(first[column("约定开工日期")], Data::DateTime(_)));
    let about = book.worksheet_range("说明").unwrap();
    let about: String = about.rows().flatten().map(|it| format!("{it}\n")).collect();
    for what in ["town_code='114'", "121,31,122,32", "viewer", "证载面积", "平方米", "缺失"]
    {
        assert!(about.contains(what), "{what} in {about}");
    }
}

#[tokio::test]
async fn csv_is_utf8_with_a_mark_and_geojson_is_the_features() {
    let it = with_grid(1_500).await;
    let response = it.get(&format!("{EXPORT}?format=csv&filter=id%3C=1200")).await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8");
    let text = response.text().await.unwrap();
    assert!(text.trim_start_matches('\u{feff}').starts_with("宗地代码,宗地名称,"), "{:.80}", text);
    assert_eq!(text.lines().count(), 1_201);
    assert!(text.contains("\r\nP00007,工业地块7,"));
    let bytes = it.get(&format!("{EXPORT}?format=csv&filter=id=1")).await.bytes().await.unwrap();
    assert_eq!(&bytes[..3], b"\xEF\xBB\xBF");
    let all = it.json(&format!("{EXPORT}?format=geojson")).await;
    assert_eq!(all["features"].as_array().unwrap().len(), 1_500);
    assert_eq!(all["features"][6]["properties"]["parcel_code"], "P00007");
    assert_eq!(all["features"][6]["geometry"]["type"], "MultiPolygon");
    let none = it.json(&format!("{EXPORT}?format=geojson&bbox=0,0,1,1")).await;
    assert_eq!(none["features"], serde_json::json!([]));
}

#[tokio::test]
async fn downloads_keep_to_the_scope() {
    let it = with_grid(3).await;
    let token = it.token(Role::Viewer).await;
    for format in ["csv", "geojson", "geojsonseq", "kml", "fgb", "gpkg"] {
        let path = format!("{EXPORT}?format={format}");
        let public = it.get(&path).await.text().await.unwrap();
        assert!(!public.contains("USCC2"), "{public}");
        let read = it.client.get(it.url(&path)).bearer_auth(&token).send().await.unwrap();
        assert!(read.text().await.unwrap().contains("USCC2"));
    }
    let mut book = workbook(it.get(&format!("{EXPORT}?format=xlsx")).await).await;
    for sheet in book.sheet_names() {
        let range = book.worksheet_range(&sheet).unwrap();
        let text: String = range.rows().flatten().map(ToString::to_string).collect();
        assert!(!text.contains("USCC2") && !text.contains("holder_uscc"), "{sheet}: {text}");
    }
    for wrong in
        ["format=csv&filter=holder_uscc='USCC1'", "format=csv&limit=1", "format=csv&bbox=1,2", ""]
    {
        let response = it.get(&format!("{EXPORT}?{wrong}")).await;
        assert_eq!(response.status(), 400, "{wrong}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{wrong}");
    }
    assert_eq!(it.get("/api/v1/layers/parcel/export?format=csv").await.status(), 404);
}

#[tokio::test]
async fn a_download_has_a_hard_bound() {
    let it = TestApp::serving().await;
    it.sql(
        "insert into mutu.parcel (parcel_id, parcel_code, area_geom_m2, geom, recorded_by)
         select n, n::text, 1, st_multi(st_makeenvelope(121, 31, 121.1, 31.1, 4490)), 'test'
         from generate_series(1, 200001) n",
    )
    .await;
    let refused = it.get(&format!("{EXPORT}?format=csv")).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("mutu export"));
    let some = it.get(&format!("{EXPORT}?format=csv&filter=id%3C=200000")).await;
    assert_eq!(some.text().await.unwrap().lines().count(), 200_001);
}

#[tokio::test]
async fn pages_read_indexes_and_not_the_table() {
    let it = with_grid(20_000).await;
    it.sql("analyze mutu.parcel").await;
    let scope = Scope::public();
    let layer = it.app.layers.find("parcels").unwrap();
    let explain = async |change: fn(&mut Selection<'_>)| {
        let mut selection = Selection::new(layer, &scope);
        selection.limit = Some(101);
        change(&mut selection);
        queries::explain(&mut it.app.db.read(&scope).await.unwrap(), &selection)
            .await
            .unwrap()
            .join("\n")
    };
    let page = explain(|it| it.after = Some(Place { id: 10_000, keys: Vec::new() })).await;
    assert!(page.contains("parcel_current_id") && !page.contains("Sort"), "{page}");
    let small = explain(|it| it.bbox = Some(Bbox::parse("121.2,31.3,121.21,31.31").unwrap())).await;
    assert!(small.contains("parcel_geom"), "{small}");
    let one = explain(|it| it.narrow("parcel_code", "P00007", &[]).unwrap()).await;
    assert!(one.contains("parcel_current_code"), "{one}");
    for plan in [page, small, one] {
        assert!(!plan.contains("Seq Scan"), "{plan}");
    }
}

async fn file(it: &TestApp, format: Format, encoding: Encoding, path: &Path) -> u64 {
    let scope = Scope::console();
    let layer = it.app.layers.find("parcels").unwrap();
    let mut selection = Selection::new(layer, &scope);
    selection.encoding = encoding;
    let mut seen = 0;
    let written = write_file(
        it.app.db.read(&scope).await.unwrap(),
        &selection,
        format,
        About::default(),
        path,
        &mut |rows| seen = rows,
    )
    .await
    .unwrap();
    assert_eq!(written.rows, seen);
    written.rows
}

/// What `ogrinfo` says of a file, or nothing where it is not installed.
fn ogrinfo(path: &Path) -> Option<String> {
    let output = Command::new("ogrinfo").args(["-al", "-ro"]).arg(path).output();
    let Ok(output) = output else {
        missing("ogrinfo (gdal-bin)");
        return None;
    };
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {said:.400}{errors}", path.display());
    Some(said.into_owned())
}

#[tokio::test]
async fn gdal_formats_keep_rows_types_and_coordinates() {
    let it = with_grid(1_100).await;
    let dir = tempfile::tempdir().unwrap();
    for (format, name) in [
        (Format::FlatGeobuf, "all.fgb"),
        (Format::GeoPackage, "all.gpkg"),
        (Format::Shapefile, "all.shp"),
        (Format::GeoJson, "all.geojson"),
        (Format::GeoJsonSeq, "all.geojsonl"),
    ] {
        let path = dir.path().join(name);
        let text = matches!(format, Format::GeoJson | Format::GeoJsonSeq);
        let encoding =
            if text { Encoding::GeoJson(mutu::crs::Crs::Crs84) } else { Encoding::Wkb(4490) };
        assert_eq!(file(&it, format, encoding, &path).await, 1_100);
        let Some(text) = ogrinfo(&path) else { return };
        assert!(text.contains("Feature Count: 1100"), "{name}: {:.600}", text);
        assert!(text.contains("Extent: (121.200000, 31.300000)"), "{name}: {:.600}", text);
        assert!(text.contains("工业地块1100"), "{name}");
        assert!(text.contains("= 2020/01/02"), "{name}");
        assert!(text.contains(" = 100.25"), "{name}");
        if !matches!(format, Format::GeoJson | Format::GeoJsonSeq) {
            assert!(text.contains("ID[\"EPSG\",4490]"), "{name}: {:.900}", text);
        }
    }
    let cpg = std::fs::read_to_string(dir.path().join("all.cpg")).unwrap();
    assert_eq!(cpg.trim(), "UTF-8");
    let keys = std::fs::read_to_string(dir.path().join("all_字段.csv")).unwrap();
    assert!(
        keys.contains("area_regis,area_registered_m2,证载面积,Registered area,平方米"),
        "{keys}"
    );
}

/// The download in a file of its own, as a browser saves it.
async fn saved(it: &TestApp, query: &str, path: &Path) -> reqwest::header::HeaderMap {
    let token = it.token(Role::Viewer).await;
    let url = it.url(&format!("{EXPORT}?{query}"));
    let response = it.client.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), 200, "{query}");
    let headers = response.headers().clone();
    std::fs::write(path, response.bytes().await.unwrap()).unwrap();
    headers
}

#[tokio::test]
async fn every_format_is_a_download_that_gdal_reads() {
    let it = with_grid(1_100).await;
    it.sql("update mutu.parcel set name = '安亭𠮷厂' where parcel_id = 7").await;
    let dir = tempfile::tempdir().unwrap();
    for (format, name) in [
        ("geojsonseq", "all.geojsonl"),
        ("fgb&crs=EPSG:4549", "all.fgb"),
        ("gpkg&crs=EPSG:4549", "all.gpkg"),
        ("shp&crs=EPSG:4549", "all.zip"),
        ("shp-gbk&crs=EPSG:4549", "gbk.zip"),
        ("kml", "all.kml"),
    ] {
        let path = dir.path().join(name);
        let headers = saved(&it, &format!("format={format}"), &path).await;
        let disposition = headers["content-disposition"].to_str().unwrap();
        assert!(disposition.contains("filename*=UTF-8''%E7%8E%B0"), "{disposition}");
        let zipped = path.extension().is_some_and(|it| it == "zip");
        let read = if zipped { format!("/vsizip/{}", path.display()).into() } else { path };
        let Some(text) = ogrinfo(&read) else { return };
        assert!(text.contains("Feature Count: 1100"), "{format}: {text:.600}");
        assert!(text.contains("工业地块1100"), "{format}");
        if format.contains("4549") {
            assert!(text.contains("Extent: (6141"), "{format}: {text:.900}");
        }
        let kept = if format.starts_with("shp-gbk") { "安亭？厂" } else { "安亭𠮷厂" };
        assert!(text.contains(kept), "{format}");
    }
    let mut archive =
        zip::ZipArchive::new(std::fs::File::open(dir.path().join("gbk.zip")).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|it| it.unwrap().into_owned()).collect();
    for name in [
        "parcels.shp",
        "parcels.shx",
        "parcels.dbf",
        "parcels.prj",
        "parcels.cpg",
        "parcels_字段.csv",
        "说明.txt",
    ] {
        assert!(names.iter().any(|it| it == name), "{names:?}");
    }
    let mut bytes = |name: &str| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
        bytes
    };
    // What the file itself says, and what is said beside it.
    assert_eq!(bytes("parcels.dbf")[29], 77);
    assert_eq!(bytes("parcels.cpg"), b"GBK");
    let notes = String::from_utf8(bytes("说明.txt")).unwrap();
    assert!(notes.contains("1 处文本含 GBK 没有的字"), "{notes}");
}

#[tokio::test]
async fn a_download_says_what_it_does_not_write() {
    let it = with_grid(2).await;
    for (query, name) in [
        ("format=dwg", "format"),
        ("format=csv&crs=EPSG:4549", "crs"),
        ("format=gpkg&crs=EPSG:32651", "crs"),
        ("format=gpkg&crs=4549)%3B--", "crs"),
    ] {
        let response = it.get(&format!("{EXPORT}?{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        let problem: Value = response.json().await.unwrap();
        assert!(problem.to_string().contains(&format!("`{name}`")), "{problem}");
    }
}

#[tokio::test]
async fn another_reference_system_is_written_easting_first() {
    let it = with_grid(2).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plane.gpkg");
    file(&it, Format::GeoPackage, Encoding::Wkb(4549), &path).await;
    let Some(text) = ogrinfo(&path) else { return };
    assert!(text.contains("ID[\"EPSG\",4549]"), "{:.900}", text);
    // 121.2 E lies 1.2° (114 km) east of the central meridian 120°, whose false easting is 500 km.
    assert!(text.contains("Extent: (6142"), "{:.900}", text);
}

fn mutu(it: &TestApp, arguments: &[&str]) -> std::process::Output {
    let url = it.app.db.write.connect_options().to_url_lossy();
    Command::new(env!("CARGO_BIN_EXE_mutu"))
        .args(arguments)
        .env("DATABASE_URL", url.as_str())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_writes_whole_files_and_replaces_none() {
    let it = with_grid(40).await;
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let out = path("low.geojson");
    let filter = "town_code = '114' AND area_mu > 1";
    let done = mutu(&it, &["export", "parcels", "--out", &out, "--filter", filter]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("wrote 11 rows"), "{said}");
    let text = std::fs::read_to_string(&out).unwrap();
    let collection: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(collection["features"].as_array().unwrap().len(), 11);

    let fails = |arguments: &[&str], what: &str| {
        let done = mutu(&it, arguments);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(what), "{arguments:?}: {said}");
    };
    fails(&["export", "parcels", "--out", &out], "--force");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), text, "left as it was");
    fails(&["export", "parcel", "--out", &path("a.csv")], "`parcels`");
    fails(&["export", "parcels", "--out", &path("a.csv"), "--filter", "towncode='1'"], "town_code");
    fails(&["export", "parcels", "--out", &path("a.csv"), "--bbox", "1,2"], "`bbox`");
    fails(&["export", "parcels", "--out", &path("a.docx")], "--format");
    fails(&["export", "parcels", "--out", &path("a.csv"), "--crs", "EPSG:4549"], "gpkg");
    fails(&["export", "parcels", "--out", &path("a.gpkg"), "--crs", "EPSG:99999"], "99999");
    fails(&["export", "parcels", "--out", &path("none/a.csv")], "none");
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap()).collect();
    assert_eq!(left.len(), 1, "nothing half is left behind: {left:?}");

    let again = ["export", "parcels", "--out", &out, "--force", "--bbox=-180,-90,180,90"];
    assert!(mutu(&it, &again).status.success());
    let shape = path("lots.shp");
    let done = mutu(&it, &["export", "parcels", "--out", &shape, "--crs", "EPSG:4549"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for name in ["lots.shp", "lots.dbf", "lots.shx", "lots.prj", "lots.cpg", "lots_字段.csv"] {
        assert!(dir.path().join(name).exists(), "{name}");
    }
    assert!(String::from_utf8_lossy(&done.stdout).contains("lots_字段.csv"));
}
