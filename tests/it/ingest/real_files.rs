//! Real data of several countries, each with what comes out of it.

use mutu::ingest::Options;
use mutu::ingest::Report;

use super::any_layers;
use super::asked;
use super::folder;
use super::import;
use super::number;
use super::text;
use super::write;
use crate::support::TestApp;
use crate::support::shared_data;

async fn tried(it: &TestApp, file: &std::path::Path, source_crs: Option<&str>) -> Report {
    let options = Options {
        source_crs: source_crs.map(str::to_owned),
        dry_run: true,
        ..Options::new(file, "any_polygon")
    };
    import(it, &options).await.unwrap()
}

fn counts(report: &Report) -> (u64, u64, u64, u64) {
    let rows = &report.rows;
    (rows.read, rows.written, rows.repaired, rows.rejected)
}

#[tokio::test]
async fn parcels_of_seoul_in_korean_and_on_their_own_grid() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let report = tried(&it, &data.join("parcels_seoul/Parcels.shp"), None).await;
    let crs = report.crs.as_ref().unwrap();
    assert!(crs.name.contains("Central_Belt"), "{}", crs.name);
    let korean = report.encoding.as_ref().unwrap();
    assert!(korean.sample.chars().any(|it| ('가'..='힣').contains(&it)), "{korean:?}");
    assert!(!report.extra.iter().any(|it| it.contains('\u{fffd}')), "{:?}", report.extra);
    insta::assert_snapshot!(format!("{:?}", counts(&report)));
}

#[tokio::test]
async fn grids_of_other_countries_are_read_as_they_say() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let mut told = Vec::new();
    for file in ["nl_block_referentiepercelen", "nl_brpgewaspercelen_definitief_2023"] {
        let report = tried(&it, &data.join(format!("crs_variety/{file}.gpkg")), None).await;
        let crs = report.crs.as_ref().unwrap();
        assert!(crs.how == "file" && crs.reprojected && !crs.swapped, "{file}: {crs:?}");
        told.push(format!("{file} {} {:?}", crs.name, counts(&report)));
    }
    let portugal = data.join("crs_variety/pt_Continente.gpkg");
    let question = asked(&it, &Options::new(&portugal, "any_polygon")).await;
    assert_eq!(question.parameter, "layer_name");
    for name in question.choices {
        let options = Options {
            layer_name: Some(name.clone()),
            dry_run: true,
            ..Options::new(&portugal, "any_polygon")
        };
        let told_of = match import(&it, &options).await {
            Ok(report) => {
                let crs = report.crs.as_ref().unwrap();
                format!("{} {:?}", crs.name, counts(&report))
            }
            Err(error) => error.to_string(),
        };
        told.push(format!("pt_Continente {name} {told_of}"));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn land_use_and_buildings_of_finland() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let mut told = Vec::new();
    for file in ["helsinki_landuse", "kotka_landuse", "kotka_buildings"] {
        let report = tried(&it, &data.join(format!("osm_finland/{file}.geojson")), None).await;
        // Not China: no word of shifted coordinates.
        assert!(report.crs.as_ref().unwrap().warnings.is_empty(), "{file}");
        told.push(format!("{file} {:?}", counts(&report)));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn boundaries_around_jiading_with_their_traps() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let data = data.join("boundaries");
    let mut told = Vec::new();
    for file in [
        "jiading_towns_osm",
        "shanghai_sectors_osm",
        "yangtze_delta_counties_tianditu",
        "shanghai_districts_echarts_4.9",
    ] {
        let report = tried(&it, &data.join(format!("{file}.geojson")), None).await;
        let hinted =
            report.crs.as_ref().unwrap().warnings.iter().any(|it| it.en.contains("points to"));
        told.push(format!("{file} {:?} hinted {hinted}", counts(&report)));
    }
    // A list of names has no outlines.
    let codes = data.join("street_codes_shanghai_jiaxing_nantong_jiangyin.csv");
    let why = super::refused(&it, &codes, "any_polygon").await;
    assert!(why.contains("no geometry"), "{why}");
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test]
async fn towns_go_into_their_layer() {
    let Some(data) = shared_data() else { return };
    let it = TestApp::new().await;
    let dir = folder();
    let mapping = "[columns]\ncode = \"osm_relation\"\nname = \"town_name\"\n";
    let mapping = super::mapping(&write(dir.path(), "m.toml", mapping));
    let file = data.join("boundaries/jiading_towns_osm.geojson");
    import(&it, &Options { mapping, ..Options::new(&file, "towns") }).await.unwrap();
    assert_eq!(number(&it, "select count(*) from layer.towns").await, 9);
    let area = "select round(sum(st_area(geom::geography)) / 1e6)::text from layer.towns";
    assert_eq!(text(&it, area).await.unwrap(), "387");
}
