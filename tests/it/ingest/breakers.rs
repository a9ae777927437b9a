//! Bad input: each with a clear error, and the database as it was.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use mutu::ingest::Options;

use super::any_layers;
use super::folder;
use super::import;
use super::imported;
use super::number;
use super::refused;
use super::squares;
use super::text;
use super::write;
use crate::support::TestApp;
use crate::support::shared_data;

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

#[tokio::test]
async fn every_file_that_broke_a_reader_is_imported_or_refused_with_a_reason() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let mut found = Vec::new();
    for folder in ["reader_breakers", "crs_variety", "parcels_seoul"] {
        files(&data.join(folder), &mut found);
    }
    let (mut good, mut bad) = (0, 0);
    for path in found {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if ["shx", "prj", "cpg", "md", "qpj", "sbn", "sbx"].contains(&ending.as_str()) {
            continue;
        }
        let mut whys = Vec::new();
        for geometry in ["polygon", "line", "point"] {
            let mut options = Options::new(&path, &format!("any_{geometry}"));
            options.dry_run = true;
            options.source_crs = Some("EPSG:4490".to_owned());
            match import(&it, &options).await {
                Ok(report) if !report.failed() => whys.clear(),
                Ok(report) => {
                    assert!(!report.issues.is_empty(), "{}", path.display());
                    whys.push(format!("{:?}", report.issues[0].examples[0].message));
                    continue;
                }
                Err(error) => {
                    whys.push(format!("{error:#}"));
                    continue;
                }
            }
            break;
        }
        if whys.is_empty() {
            good += 1;
            continue;
        }
        bad += 1;
        if std::env::var_os("MUTU_SHOW").is_some() {
            eprintln!("{}: {}", path.file_name().unwrap().display(), whys[0]);
        }
        for why in &whys {
            assert!(!why.contains("panic") && why.len() > 20, "{}: {why}", path.display());
        }
    }
    assert!(good > 50 && bad > 20, "{good} imported, {bad} refused");
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 0);
}

#[tokio::test]
async fn a_gbk_shapefile_reads_right() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let file = data.join("reader_breakers/gbk_cpg/jiading_towns_gbk.shp");
    let report = imported(&it, &file, "any_polygon").await;
    assert_eq!(report.encoding.as_ref().unwrap().name, "gb18030");
    // A name of twelve bytes is cut at ten, inside a character: the rest of it is kept.
    assert!(report.extra.contains(&"面积平方公".to_owned()), "{:?}", report.extra);
    let sql = "select string_agg(name, ' ' order by name) from layer.any_polygon where name like '%嘉定%' or name = '马陆镇'";
    assert_eq!(text(&it, sql).await.unwrap(), "嘉定镇街道 马陆镇");
    // The same bytes under a wrong declaration, and under none.
    let copy = |declared: Option<&str>| {
        let to = folder();
        for ending in ["shp", "shx", "dbf", "prj"] {
            fs::copy(file.with_extension(ending), to.path().join(format!("a.{ending}"))).unwrap();
        }
        if let Some(it) = declared {
            write(to.path(), "a.cpg", it);
        }
        to
    };
    for declared in [None, Some("UTF-8"), Some("nonsense")] {
        let to = copy(declared);
        let options =
            Options { dry_run: true, ..Options::new(to.path().join("a.shp"), "any_line") };
        let report = import(&it, &options).await.unwrap();
        let encoding = report.encoding.unwrap();
        assert_eq!(encoding.name, "gb18030", "{declared:?}: {}", encoding.how);
    }
}

#[tokio::test]
async fn a_file_that_was_cut_short_writes_nothing() {
    let it = TestApp::new().await;
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let source = data.join("reader_breakers/gbk_cpg/jiading_towns_gbk.shp");
    for ending in ["shx", "dbf", "prj", "cpg"] {
        fs::copy(source.with_extension(ending), dir.path().join(format!("a.{ending}"))).unwrap();
    }
    let bytes = fs::read(&source).unwrap();
    let file = write(dir.path(), "a.shp", &bytes[..bytes.len() / 2]);
    let mapping = write(dir.path(), "m.toml", "[columns]\ncode = \"OSM关系\"\n");
    let options = Options { mapping: super::mapping(&mapping), ..Options::new(&file, "towns") };
    let why = format!("{:#}", import(&it, &options).await.unwrap_err());
    assert!(why.contains("damaged or cut short"), "{why}");
    assert_eq!(number(&it, "select count(*) from layer.towns").await, 0);
}

#[tokio::test]
async fn bad_input_says_what_to_do() {
    let it = TestApp::new().await;
    let dir = folder();
    let good = write(dir.path(), "a.geojson", squares(&[("A", 121.2, "1")]));
    assert!(refused(&it, &good, "parcel").await.contains("`parcels`"));
    assert!(refused(&it, &good, "low_efficiency").await.contains("evaluate"));
    let missing = refused(&it, &dir.path().join("none.gpkg"), "parcels").await;
    assert!(missing.contains("none.gpkg"), "{missing}");
    let nonsense = write(dir.path(), "b.gpkg", "not a data set");
    assert!(refused(&it, &nonsense, "parcels").await.contains("GPKG"));
    let empty = write(dir.path(), "c.geojson", squares(&[]));
    assert!(refused(&it, &empty, "parcels").await.contains("no features"));
    let zero = write(dir.path(), "d.geojson", "");
    assert!(refused(&it, &zero, "parcels").await.contains("empty"));
    let table = write(dir.path(), "e.csv", "宗地代码\nA\n");
    assert!(refused(&it, &table, "parcels").await.contains("no geometry"));
    let archive = write(dir.path(), "f.zip", "no archive");
    assert!(refused(&it, &archive, "parcels").await.contains("archive"));
    let lone = write(dir.path(), "g.shp", "x");
    assert!(refused(&it, &lone, "parcels").await.contains(".shx"));
    let vrt = write(
        dir.path(),
        "h.gpkg",
        format!(
            "<OGRVRTDataSource><OGRVRTLayer name=\"a\"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
            good.display()
        ),
    );
    assert!(refused(&it, &vrt, "parcels").await.contains("data set"));
    let mut options = Options::new(&good, "parcels");
    options.encoding = Some("klingon".to_owned());
    assert!(import(&it, &options).await.unwrap_err().to_string().contains("klingon"));
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 0);
}

#[tokio::test]
async fn a_file_outside_the_district_is_warned_of() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.geojson", squares(&[("A", 10.0, "1"), ("B", 11.0, "1")]));
    let report = imported(&it, &file, "parcels").await;
    assert_eq!(super::group(&report, "far_outside").count, 2);
    assert!(report.notes.iter().any(|it| it.contains("--source-crs")), "{:?}", report.notes);
}
