//! 界址点 TXT: the boundary points of parcels as land offices exchange them, in all the ways they come.

use std::path::Path;
use std::path::PathBuf;

use mutu::ingest::Options;
use mutu::ingest::Report;

use super::asked;
use super::folder;
use super::group;
use super::import;
use super::imported;
use super::number;
use super::refused;
use super::text;
use super::write;
use crate::support::TestApp;

const HEAD: &str = "[属性描述]\n格式版本号=1.01版本\n数据产生单位=某测绘院\n数据产生日期=2024-5-1\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=40\n精度=0.001\n转换参数=0,0,0,0,0,0,0\n[地块坐标]\n";

/// A parcel of a hectare with a hole of 100 m², and beside it a second part of 400 m²; north before east.
fn parcel(code: &str, prefix: &str, turned: bool, closed: bool) -> String {
    let square = |ring: u32, north: f64, east: f64, side: f64| -> String {
        let mut corners = vec![(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)];
        if closed {
            corners.push(corners[0]);
        }
        let line = |(at, (dn, de)): (usize, &(f64, f64))| {
            let north = format!("{:.3}", north + dn * side);
            let east = format!("{prefix}{:.3}", east + de * side);
            let (x, y) = if turned { (east, north) } else { (north, east) };
            format!("J{},{ring},{x},{y}\n", at + 1)
        };
        corners.iter().enumerate().map(line).collect()
    };
    let points = if closed { 15 } else { 12 };
    format!(
        "{points},1.05,{code},地块{code},面,H51G,工业用地,0601,@\n{}{}{}",
        square(1, 3_474_000.0, 620_000.0, 100.0),
        square(2, 3_474_010.0, 620_010.0, 10.0),
        square(3, 3_474_000.0, 620_200.0, 20.0)
    )
}

fn file(dir: &Path, text: impl AsRef<[u8]>) -> PathBuf {
    write(dir, "a.txt", text)
}

async fn area(it: &TestApp, report: &Report) -> String {
    assert_eq!(report.rows.rejected, 0, "{report:?}");
    let sql = "select string_agg(parcel_code || ' ' || name || ' ' || round(area_geom_m2) || ' ' || st_nrings(geom) || ' ' ||
            round(st_x(st_centroid(geom))::numeric, 2), ';' order by parcel_code) from mutu.parcel_current";
    let found = text(it, sql).await.unwrap();
    sqlx::query("delete from mutu.parcel").execute(&it.app.db.write).await.unwrap();
    found
}

#[tokio::test]
async fn boundary_points_in_every_spelling_make_one_parcel() {
    let it = TestApp::new().await;
    let dir = folder();
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let crlf = |text: &str| text.replace('\n', "  \r\n\r\n");
    let plain = format!("{HEAD}{}", parcel("A1", "", false, false));
    let spellings: Vec<(&str, Vec<u8>)> = vec![
        ("plain", plain.clone().into_bytes()),
        ("gbk", gbk(&plain)),
        ("blank lines and CRLF", crlf(&plain).into_bytes()),
        ("full-width commas", plain.replace(',', "，").into_bytes()),
        (
            "zone before the easting",
            format!("{HEAD}{}", parcel("A1", "40", false, false)).into_bytes(),
        ),
        ("east first", format!("{HEAD}{}", parcel("A1", "", true, false)).into_bytes()),
        ("east first with zone", format!("{HEAD}{}", parcel("A1", "40", true, false)).into_bytes()),
        ("closed rings", format!("{HEAD}{}", parcel("A1", "", false, true)).into_bytes()),
        ("no head, zone before the easting", parcel("A1", "40", false, false).into_bytes()),
        (
            "only the section",
            format!("[地块坐标]\n{}", parcel("A1", "40", false, true)).into_bytes(),
        ),
        ("byte order mark", [b"\xef\xbb\xbf".to_vec(), plain.into_bytes()].concat()),
    ];
    for (what, bytes) in spellings {
        let report = imported(&it, &file(dir.path(), bytes), "parcels").await;
        assert_eq!(report.format, "界址点 TXT", "{what}");
        let found: Vec<&str> = report.issues.iter().map(|it| it.rule).collect();
        assert_eq!(found, ["several_parts", "holes", "code_scheme"], "{what}: {:?}", report.issues);
        assert_eq!(area(&it, &report).await, "A1 地块A1 10296 3 121.26", "{what}");
        assert!(
            report.extra.contains(&"面积（单位未注明）".to_owned()),
            "{what}: {:?}",
            report.extra
        );
        assert_eq!(report.crs.unwrap().swapped, what.starts_with("east first"), "{what}");
    }
}

#[tokio::test]
async fn the_area_is_kept_and_fills_nothing() {
    let it = TestApp::new().await;
    let dir = folder();
    imported(
        &it,
        &file(dir.path(), format!("{HEAD}{}", parcel("A1", "", false, false))),
        "parcels",
    )
    .await;
    let sql = "select extra->>'面积（单位未注明）' || ' ' || (area_registered_m2 is null) from mutu.parcel_current";
    assert_eq!(text(&it, sql).await.unwrap(), "1.05 true");
}

#[tokio::test]
async fn several_parcels_and_the_faults_of_each() {
    let it = TestApp::new().await;
    let dir = folder();
    let good = parcel("A1", "40", false, false);
    let text = format!(
        "{HEAD}{good}\
         4,0.1,B1,短,面,,,,@\nJ1,1,3474000,40620000\nJ2,1,3474000,40620100\n\
         3,0.1,C1,数字,面,,,,@\nJ1,1,3474000,4062000O\nJ2,1,3474000,40620100\nJ3,1,3474100,40620100\n\
         5,0.1,D1,点数,面,,,,@\nJ1,1,3474000,40620000\nJ2,1,3474000,40620100\nJ3,1,3474100,40620100\n\
         3,0.1,E1,颠倒,面,,,,@\nJ1,1,40620000,3474000\nJ2,1,40620100,3474000\nJ3,1,40620100,3474100\n\
         0,0.1,F1,空,面,,,,@\n\
         3,0.1,G1,少列,面,,,,@\nJ1,1,3474000\n\
         1,0.1,H1,点,点,,,,@\nJ1,1,3474000,40620000\n"
    );
    let report = imported(&it, &file(dir.path(), &text), "parcels").await;
    assert_eq!((report.rows.read, report.rows.written, report.rows.rejected), (8, 2, 6));
    let broken = group(&report, "geometry_broken");
    assert_eq!(broken.count, 4);
    let told: Vec<&str> = broken.examples.iter().map(|it| it.message.as_str()).collect();
    let line = text.lines().position(|it| it.contains("4062000O")).unwrap() + 1;
    assert!(
        told.iter().any(|it| it.contains(&format!("line {line}")) && it.contains("4062000O")),
        "{told:?}"
    );
    assert!(told.iter().any(|it| it.contains("fewer than 3")), "{told:?}");
    assert!(told.iter().any(|it| it.contains("other way round")), "{told:?}");
    assert_eq!(group(&report, "point_count").count, 1);
    assert_eq!(group(&report, "geometry_missing").count, 1);
    assert_eq!(group(&report, "geometry_type").count, 1);
    let row = group(&report, "point_count").examples[0].row.unwrap();
    assert!(text.lines().nth(usize::try_from(row).unwrap() - 1).unwrap().contains("D1"));
}

#[tokio::test]
async fn what_the_head_leaves_open_or_contradicts_is_asked() {
    let it = TestApp::new().await;
    let dir = folder();
    for (from, to, prefix, first, word) in [
        ("带号=40", "带号=", "", "EPSG:4549", "120°"),
        ("坐标系=2000国家大地坐标系", "坐标系=1980西安坐标系", "40", "EPSG:2364", "1980西安坐标系"),
        ("坐标系=2000国家大地坐标系", "坐标系=北京54", "", "EPSG:2437", "CGCS2000"),
        ("带号=40", "带号=39", "40", "EPSG:4528", "39"),
        ("带号=40", "带号=39", "", "EPSG:4549", "contradict"),
        ("几度分带=3", "几度分带=6", "40", "EPSG:4528", "6°"),
    ] {
        let text = format!("{}{}", HEAD.replace(from, to), parcel("A1", prefix, false, false));
        let path = file(dir.path(), text);
        let question = asked(&it, &Options::new(&path, "parcels")).await;
        assert_eq!(
            (question.parameter, question.choices[0].as_str()),
            ("source_crs", first),
            "{to}"
        );
        assert!(question.message.contains(word), "{to}: {question}");
        let options = Options {
            source_crs: Some(first.to_owned()),
            dry_run: true,
            ..Options::new(&path, "parcels")
        };
        assert_eq!(import(&it, &options).await.unwrap().rows.written, 1, "{to}");
    }
    let feet = format!(
        "{}{}",
        HEAD.replace("计量单位=米", "计量单位=英尺"),
        parcel("A1", "", false, false)
    );
    assert!(refused(&it, &file(dir.path(), feet), "parcels").await.contains("英尺"));
    assert!(refused(&it, &file(dir.path(), HEAD), "parcels").await.contains("no parcel"));
}

#[tokio::test]
async fn zones_of_six_degrees_and_a_table_of_text() {
    let it = TestApp::new().await;
    let dir = folder();
    let head = HEAD.replace("几度分带=3", "几度分带=6").replace("带号=40", "带号=21");
    let points =
        "3,1,A,甲,面,,,,@\nJ1,1,3474000,21330000\nJ2,1,3474000,21330100\nJ3,1,3474100,21330100\n";
    let report = imported(&it, &file(dir.path(), format!("{head}{points}")), "parcels").await;
    assert!(report.crs.unwrap().name.contains("4499"));
    // Half a hectare in the plane, where 170 km from the meridian a metre is 1.0004.
    let area = number(&it, "select round(area_geom_m2)::bigint from mutu.parcel_current").await;
    assert!((4_990..5_000).contains(&area), "{area}");
    let table = file(dir.path(), "宗地代码\t年份\t税收(万元)\nA\t2024\t5\n");
    let report = imported(&it, &table, "parcel_years").await;
    assert_eq!((report.format.as_str(), report.rows.written), ("CSV", 1));
}
