//! Lists with coordinates into layers of points: columns of longitude and latitude, X and Y, WKT; and the brownfield registers
//! of English councils as they published them.

use std::path::Path;

use mutu::config::Config;
use mutu::ingest::Options;
use mutu::ingest::Report;

use super::any_layers;
use super::asked;
use super::folder;
use super::group;
use super::import;
use super::imported;
use super::refused;
use super::text;
use super::write;
use crate::support::TestApp;
use crate::support::shared_data;

#[tokio::test]
async fn columns_of_coordinates_make_points() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    for (what, csv) in [
        ("degrees", "名称,经度,纬度\n甲,121.25,31.38\n乙,121.26,31.39\n"),
        ("latitude first", "名称,x,y\n甲,31.38,121.25\n乙,31.39,121.26\n"),
        ("northing is X", "名称,X坐标,Y坐标\n甲,3473830.0,40618900\n乙,3474950,40619840\n"),
        ("with a unit", "名称,经度(°),纬度(°)\n甲,121.25,31.38\n乙,121.26,31.39\n"),
        ("WKT", "名称,WKT\n甲,POINT(121.25 31.38)\n乙,SRID=4490;POINT(121.26 31.39)\n"),
    ] {
        sqlx::query("delete from layer.any_point").execute(&it.app.db.write).await.unwrap();
        let report = imported(&it, &write(dir.path(), "a.csv", csv), "any_point").await;
        assert_eq!(report.rows.written, 2, "{what}: {report:?}");
        let sql = "select round(st_x(st_centroid(geom))::numeric, 2) || ' ' || round(st_y(st_centroid(geom))::numeric, 2) from layer.any_point where name = '甲'";
        assert_eq!(text(&it, sql).await.unwrap(), "121.25 31.38", "{what}");
    }
    let polygon = "名称,geometry\n甲,\"POLYGON((121.2 31.3,121.3 31.3,121.3 31.4,121.2 31.3))\"\n乙,nonsense\n";
    let report = imported(&it, &write(dir.path(), "b.csv", polygon), "any_polygon").await;
    assert_eq!((report.rows.written, group(&report, "geometry_broken").count), (1, 1));
    let none = write(dir.path(), "c.csv", "名称,备注\n甲,乙\n");
    assert!(refused(&it, &none, "any_point").await.contains("no geometry"));
}

#[tokio::test]
async fn rows_without_a_place_are_named_one_by_one() {
    let dir = folder();
    let it = TestApp::with(any_layers(dir.path())).await;
    let csv = "名称,经度,纬度\n甲,121.25,31.38\n乙,31.38,121.25\n丙,,31.38\n丁,121.25,\n戊,东经121度,31.38\n己,0,0\n庚,121.26,31.39\n辛,121.27,31.39\n";
    let report = imported(&it, &write(dir.path(), "a.csv", csv), "any_point").await;
    assert_eq!((report.rows.read, report.rows.written, report.rows.rejected), (8, 3, 5));
    let rows = |rule: &str| {
        group(&report, rule).examples.iter().filter_map(|it| it.row).collect::<Vec<_>>()
    };
    assert_eq!(rows("coordinates"), [3, 6]);
    assert_eq!(rows("geometry_missing"), [4, 5, 7]);
    assert!(group(&report, "coordinates").examples[0].message.contains("swapped"));
    assert!(group(&report, "geometry_missing").examples[0].message.contains("经度"));
}

/// A layer of candidate sites with the registers' own names, and England for a district.
fn england(dir: &Path, date: &str) -> Config {
    let layer = dir.join("candidate_sites");
    std::fs::create_dir(&layer).unwrap();
    let declaration = r#"kind = "reference"
group = "base"
role = "base"
title = { zh = "候选地块", en = "Candidate sites" }
about = { zh = "候选地块名录", en = "Lists of candidate sites" }
geometry = "point"
draw = "area"
zooms = { min = 0, max = 14 }
key = "site_reference"

[field.site_reference]
title = { zh = "编号", en = "Site reference" }
type = "text"
aliases = ["SiteReference", "LA SITE REF"]

[field.area_ha]
title = { zh = "面积", en = "Hectares" }
type = "decimal"
unit = "ha"
aliases = ["AREA (HA)"]

[field.permission_date]
title = { zh = "许可日期", en = "Permission date" }
type = "DATE"
aliases = ["PermissionDate"]
"#
    .replace("DATE", date);
    write(&layer, "layer.toml", declaration);
    write(&layer, "style.json", r#"[{"id": "line", "type": "line", "paint": {}}]"#);
    Config { layers: Some(dir.to_owned()), district: [-6.5, 49.8, 2.0, 55.9], ..Config::default() }
}

fn found(report: &Report, rule: &str) -> u64 {
    report.issues.iter().find(|it| it.rule == rule).map_or(0, |it| it.count)
}

#[tokio::test]
async fn the_brownfield_registers_are_candidate_lists() {
    let Some(data) = shared_data() else { return };
    let dir = folder();
    let it = TestApp::with(england(dir.path(), "text")).await;
    let mut told = Vec::new();
    for (file, system, swap) in REGISTERS {
        let path = data.join("registers_uk_brownfield").join(file);
        let plain = Options { dry_run: true, ..Options::new(&path, "candidate_sites") };
        if system.is_some() || swap.is_some() {
            let question = asked(&it, &plain).await;
            let parameter = if swap.is_some() { "swap_axes" } else { "source_crs" };
            assert_eq!(question.parameter, parameter, "{file}: {question}");
        }
        let options = Options { source_crs: system.map(str::to_owned), swap_axes: swap, ..plain };
        let report = import(&it, &options).await.unwrap();
        let rows = &report.rows;
        told.push(format!(
            "{file} read {} written {} rejected {} | missing {} coordinates {} values {} outside {}",
            rows.read,
            rows.written,
            rows.rejected,
            found(&report, "geometry_missing"),
            found(&report, "coordinates"),
            found(&report, "value"),
            found(&report, "outside_district"),
        ));
        for issue in report.issues.iter().filter(|it| it.rule != "outside_district") {
            let it = &issue.examples[0];
            told.push(format!("  {} {:?} {:?}: {}", issue.rule, it.row, it.value, it.message));
        }
    }
    insta::assert_snapshot!(told.join("\n"));
}

/// The registers, with what each leaves to be asked.
const REGISTERS: [(&str, Option<&str>, Option<bool>); 8] = [
    ("083bcaab.csv", None, None),
    ("3b08e37c.csv", None, Some(true)),
    ("5ed5da3e.csv", Some("EPSG:27700"), None),
    ("66012b17.csv", Some("EPSG:27700"), None),
    ("c0f874ac.csv", None, None),
    ("dda69588.csv", None, None),
    ("de3918b3.csv", None, None),
    ("f19782ae.csv", Some("EPSG:27700"), None),
];

#[tokio::test]
async fn a_date_in_another_order_is_kept_as_text_and_refused_as_a_date() {
    let Some(data) = shared_data() else { return };
    let path = data.join("registers_uk_brownfield/083bcaab.csv");
    let dir = folder();
    let it = TestApp::with(england(dir.path(), "text")).await;
    imported(&it, &path, "candidate_sites").await;
    let sql = "select permission_date from layer.candidate_sites where site_reference = 'BP01'";
    assert_eq!(text(&it, sql).await.unwrap(), "26/02/2014");
    let dir = folder();
    let it = TestApp::with(england(dir.path(), "date")).await;
    let report = imported(&it, &path, "candidate_sites").await;
    let refused = &group(&report, "value").examples[0];
    assert_eq!((refused.row, refused.value.as_deref()), (Some(2), Some("26/02/2014")));
    assert_eq!(refused.field.as_deref(), Some("PermissionDate"));
}
