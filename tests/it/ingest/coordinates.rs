//! Coordinate systems: what a file says, what its coordinates say, and what a person is asked. The same two squares are written
//! in one system after the other, and have to come out in one place.

use std::path::Path;
use std::path::PathBuf;

use mutu::config::Config;
use mutu::ingest::Options;
use mutu::ingest::Report;
use serde_json::json;

use super::any_layers;
use super::asked;
use super::folder;
use super::import;
use super::text;
use crate::support::TestApp;

/// Two squares of a hectare in Jiading as a shapefile in a system; `said` is the system it declares, if any.
fn shapefile(dir: &Path, name: &str, in_system: &str, said: Option<&str>, swap: bool) -> PathBuf {
    let source = dir.join("source.geojson");
    let square = |west: f64| {
        let (east, south, north) = (west + 0.001, 31.38, 31.381);
        json!({"type": "Feature", "properties": {"name": format!("a{west}")}, "geometry": {"type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}})
    };
    let all = json!({"type": "FeatureCollection", "features": [square(121.2), square(121.3)]});
    std::fs::write(&source, all.to_string()).unwrap();
    let path = dir.join(format!("{name}.shp"));
    let run = |args: &[&str], from: &Path, to: &Path| {
        let mut command = std::process::Command::new("ogr2ogr");
        assert!(
            command
                .args(["-q", "-overwrite"])
                .args(args)
                .arg(to)
                .arg(from)
                .status()
                .unwrap()
                .success()
        );
    };
    run(&["-t_srs", in_system], &source, &path);
    if swap {
        let plain = dir.join("plain.shp");
        run(&[], &path, &plain);
        let turn = ["-ct", "+proj=axisswap +order=2,1", "-s_srs", in_system, "-t_srs", in_system];
        run(&turn, &plain, &path);
    }
    match said {
        Some(said) => {
            let other = dir.join("said.shp");
            run(&["-a_srs", said], &path, &other);
            std::fs::copy(other.with_extension("prj"), path.with_extension("prj")).unwrap();
        }
        None => std::fs::remove_file(path.with_extension("prj")).unwrap(),
    }
    path
}

/// The rules of what lies outside of the district, or far outside.
const OUTSIDE: [&str; 2] = ["outside_district", "far_outside"];

fn options(path: &Path) -> Options {
    // Each file is one of its own: what was said of the one before is not to be taken for this one.
    Options { ignore_saved: true, ..Options::new(path, "any_polygon") }
}

/// Imports and checks that the squares lie where they are, to a metre.
async fn right(it: &TestApp, options: &Options) -> Report {
    sqlx::query("delete from layer.any_polygon").execute(&it.app.db.write).await.unwrap();
    let report = import(it, options).await.unwrap();
    assert_eq!(report.rows.written, 2, "{report:?}");
    let sql = "select round(st_xmin(st_extent(geom))::numeric, 4) || ' ' || round(st_ymax(st_extent(geom))::numeric, 4)
         from layer.any_polygon where superseded_at is null";
    assert_eq!(text(it, sql).await.unwrap(), "121.2000 31.3810", "{:?}", options.file);
    report
}

#[tokio::test]
async fn what_a_file_says_is_believed_where_its_coordinates_agree() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    for code in ["EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:4528", "EPSG:3857", "EPSG:32651"] {
        let file = shapefile(dir.path(), "a", code, Some(code), false);
        let report = right(&it, &options(&file)).await;
        let crs = serde_json::to_value(report.crs.unwrap()).unwrap();
        assert_eq!((&crs["how"], &crs["confidence"]), (&json!("file"), &json!("certain")), "{crs}");
        assert_eq!(crs["swapped"], false);
    }
}

#[tokio::test]
async fn unambiguous_coordinates_need_no_word_and_say_what_they_rest_on() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    for (code, confidence, name, swap) in [
        ("EPSG:4490", "certain", "EPSG:4490", false),
        ("EPSG:4490", "certain", "EPSG:4490", true),
        ("EPSG:4528", "certain", "EPSG:4528", false),
        ("EPSG:4528", "certain", "EPSG:4528", true),
        ("EPSG:4499", "certain", "EPSG:4499", false),
        ("EPSG:3857", "likely", "EPSG:3857", false),
    ] {
        let file = shapefile(dir.path(), "a", code, None, swap);
        let report = right(&it, &options(&file)).await;
        let crs = serde_json::to_value(report.crs.unwrap()).unwrap();
        assert_eq!((&crs["how"], &crs["confidence"]), (&json!("detected"), &json!(confidence)));
        assert!(crs["name"].as_str().unwrap().starts_with(name), "{crs}");
        assert_eq!(crs["swapped"], swap, "{crs}");
        assert!(crs["reasons"].as_array().unwrap().len() > 1, "{crs}");
    }
}

#[tokio::test]
async fn six_digits_are_asked_for_with_the_likeliest_first() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    for swap in [false, true] {
        let file = shapefile(dir.path(), "a", "EPSG:4549", None, swap);
        let question = asked(&it, &options(&file)).await;
        assert_eq!((question.parameter, question.choices[0].as_str()), ("source_crs", "EPSG:4549"));
        assert!(question.message.contains("--source-crs EPSG:4549"), "{question}");
        assert!(question.message.contains("120°"), "{question}");
        // Once it is said, the order of the axes follows from the numbers.
        let mut options = options(&file);
        options.source_crs = Some("EPSG:4549".to_owned());
        assert_eq!(right(&it, &options).await.crs.unwrap().swapped, swap);
    }
    let far = shapefile(dir.path(), "b", "EPSG:4326", None, false);
    let elsewhere = Config {
        district: [113.0, 22.0, 114.0, 23.0],
        ..Config { layers: Some(dir.path().to_owned()), ..Config::default() }
    };
    let it = TestApp::with(elsewhere).await;
    assert_eq!(asked(&it, &options(&far)).await.choices, ["EPSG:4490"]);
}

#[tokio::test]
async fn a_declaration_that_the_coordinates_contradict_is_asked_about() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    for (code, said, first) in [
        ("EPSG:4549", "EPSG:4490", "EPSG:4549"),
        ("EPSG:4528", "EPSG:4549", "EPSG:4528"),
        ("EPSG:4549", "EPSG:4528", "EPSG:4549"),
        ("EPSG:4549", "EPSG:4547", "EPSG:4549"),
        ("EPSG:4490", "EPSG:4549", "EPSG:4490"),
        ("EPSG:3857", "EPSG:4326", "EPSG:3857"),
    ] {
        let file = shapefile(dir.path(), "a", code, Some(said), false);
        let question = asked(&it, &options(&file)).await;
        assert_eq!(question.parameter, "source_crs", "{code} as {said}");
        assert_eq!(question.choices.first().unwrap(), first, "{code} as {said}");
        assert_eq!(question.choices.last().unwrap(), "file");
        let mut options = options(&file);
        options.source_crs = Some(first.to_owned());
        let report = right(&it, &options).await;
        assert!(!report.crs.unwrap().warnings.is_empty(), "{code} as {said}");
    }
}

#[tokio::test]
async fn axes_are_turned_where_the_numbers_leave_no_doubt() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    for code in ["EPSG:4549", "EPSG:4528", "EPSG:4490"] {
        let file = shapefile(dir.path(), "a", code, Some(code), true);
        let report = right(&it, &options(&file)).await;
        let crs = report.crs.unwrap();
        assert!(crs.swapped && !crs.warnings.is_empty(), "{code}");
        // A word against it is obeyed: then nothing can be placed.
        let refused = Options { swap_axes: Some(false), dry_run: true, ..options(&file) };
        assert!(import(&it, &refused).await.map_or(true, |it| it.failed()
            || it.issues.iter().any(|it| OUTSIDE.contains(&it.rule))));
    }
}

#[tokio::test]
async fn latitude_first_that_could_be_meant_is_asked_about() {
    let dir = folder();
    let mut config = any_layers(dir.path());
    // Near the equator of both axes: 40 east 30 north against 30 east 40 north.
    config.district = [30.0, 40.0, 30.5, 40.5];
    let it = TestApp::with(config).await;
    let file = dir.path().join("a.geojson");
    let text = r#"{"type":"Feature","properties":{"name":"a"},"geometry":{"type":"Polygon","coordinates":[[[40.1,30.1],[40.1,30.2],[40.2,30.2],[40.1,30.1]]]}}"#;
    std::fs::write(&file, text).unwrap();
    let question = asked(&it, &options(&file)).await;
    assert_eq!((question.parameter, question.choices.len()), ("swap_axes", 2));
    for (swap, outside) in [(true, 0), (false, 1)] {
        let options = Options { swap_axes: Some(swap), dry_run: true, ..options(&file) };
        let report = import(&it, &options).await.unwrap();
        let found = report.issues.iter().filter(|it| OUTSIDE.contains(&it.rule)).count();
        assert_eq!(found, outside);
    }
}

#[tokio::test]
async fn coordinates_of_web_maps_are_warned_of() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let file = dir.path().join("a.geojson");
    let text = |header: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"name":"a","{header}":1}},"geometry":{{"type":"Polygon","coordinates":[[[121.1,31.1],[121.1,31.2],[121.2,31.2],[121.1,31.1]]]}}}}"#
        )
    };
    for (header, word) in [("childrenNum", "DataV"), ("x", "Amap")] {
        std::fs::write(&file, text(header)).unwrap();
        let options = Options { dry_run: true, ..options(&file) };
        let warnings = import(&it, &options).await.unwrap().crs.unwrap().warnings;
        assert!(warnings.iter().any(|it| it.en.contains(word)), "{header}: {warnings:?}");
    }
}
