//! What a file is told about its quality, beyond the rows one by one; and the report as files.

use std::path::Path;

use mutu::access::Scope;
use mutu::ingest;
use mutu::ingest::Options;
use mutu::ingest::Replace;
use mutu::ingest::Report;

use super::folder;
use super::group;
use super::import;
use super::imported;
use super::number;
use super::squares;
use super::text;
use super::write;
use crate::support::TestApp;

fn replacing(file: &Path, into: &str) -> Options {
    Options { replace: Replace::Changed, ..Options::new(file, into) }
}

fn count(report: &Report, rule: &str) -> u64 {
    report.issues.iter().find(|it| it.rule == rule).map_or(0, |it| it.count)
}

#[tokio::test]
async fn overlaps_are_told_once_with_their_place_in_the_file_and_with_what_stays() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(
        dir.path(),
        "a.geojson",
        // B lies on the east half of A; C touches B; E is A again.
        squares(&[
            ("A", 121.2, "14.28"),
            ("B", 121.2005, "1"),
            ("C", 121.2015, "1"),
            ("E", 121.2, "1"),
        ]),
    );
    let report = imported(&it, &file, "parcels").await;
    assert_eq!(count(&report, "same_geometry"), 1);
    // B with A and with E.
    let overlaps = group(&report, "overlap");
    assert_eq!(overlaps.count, 2, "{overlaps:?}");
    let first = &overlaps.examples[0];
    assert_eq!(first.row, Some(2));
    assert!(first.message.contains('A') && first.message.contains("m²"), "{}", first.message);
    assert!(first.mend.is_some());
    let sql = "select count(*) from mutu.import_issue i
         join mutu.parcel_current a on a.parcel_code = 'A'
         join mutu.parcel_current b on b.parcel_code = 'B'
         where i.rule = 'overlap' and i.mend <> ''
             and abs(st_area(i.geom::geography) / st_area(st_intersection(a.geom, b.geom)::geography) - 1) < 1e-6";
    assert_eq!(number(&it, sql).await, 2);

    // F lies on C, which the file does not have; A is replaced, so that it is not compared with itself.
    let file = write(dir.path(), "b.geojson", squares(&[("A", 121.2, "15"), ("F", 121.2020, "1")]));
    let report = import(&it, &replacing(&file, "parcels")).await.unwrap();
    let overlaps = group(&report, "overlap");
    assert_eq!(overlaps.count, 2, "{overlaps:?}");
    assert!(
        overlaps.examples.iter().any(|it| it.row == Some(2) && it.message.contains("库中宗地 C"))
    );
    assert!(
        overlaps.examples.iter().any(|it| it.row == Some(1) && it.message.contains("库中宗地 B"))
    );
    assert_eq!(count(&report, "same_geometry"), 1);
}

#[tokio::test]
async fn a_gap_between_outlines_is_told_and_a_shared_border_is_not() {
    let it = TestApp::new().await;
    let dir = folder();
    // 0.000002° are 19 cm.
    let file = write(
        dir.path(),
        "a.geojson",
        squares(&[("A", 121.2, "1"), ("B", 121.201, "1"), ("C", 121.202_002, "1")]),
    );
    let report = imported(&it, &file, "parcels").await;
    let gap = group(&report, "gap");
    assert_eq!((gap.count, gap.examples[0].row), (1, Some(3)));
    assert!(gap.examples[0].message.contains("0.19 m"), "{}", gap.examples[0].message);
    assert_eq!(count(&report, "overlap"), 0);
}

#[tokio::test]
async fn a_registered_area_in_another_unit_is_suspected_for_the_column() {
    let it = TestApp::new().await;
    let dir = folder();
    let codes: Vec<String> = (0..30).map(|it| format!("P{it}")).collect();
    // 10,567 m² each, which is 15.85 亩.
    let rows: Vec<(&str, f64, &str)> = codes
        .iter()
        .enumerate()
        .map(|(at, code)| {
            (code.as_str(), 121.2 + f64::from(u8::try_from(at).unwrap()) * 0.002, "15.85")
        })
        .collect();
    let in_m2 = squares(&rows).replace("面积(亩)", "面积");
    let report = imported(&it, &write(dir.path(), "a.geojson", in_m2), "parcels").await;
    let issue = &group(&report, "unit_suspected").examples[0];
    assert!(issue.message.contains('亩'), "{}", issue.message);
    assert_eq!(issue.field.as_deref(), Some("面积"));
    // Codes of another scheme are told once, not thirty times.
    assert_eq!(count(&report, "code_scheme"), 1);
    assert_eq!(count(&report, "parcel_code"), 0);
    let right = write(dir.path(), "b.geojson", squares(&rows));
    let report = import(&it, &replacing(&right, "parcels")).await.unwrap();
    let issue = &group(&report, "unit_suspected").examples[0];
    assert!(issue.message.contains("对照"), "{}", issue.message);
}

#[tokio::test]
async fn a_jump_is_told_with_both_figures_from_the_file_and_from_the_record() {
    let it = TestApp::new().await;
    let dir = folder();
    let csv =
        "宗地代码,年份,税收(万元),产值(万元)\nA,2023,100,1000\nA,2024,900,1100\nB,2023,100,1000\n";
    let report = imported(&it, &write(dir.path(), "a.csv", csv), "parcel_years").await;
    let jump = group(&report, "jump");
    assert_eq!((jump.count, jump.examples[0].row), (1, Some(3)));
    assert_eq!(jump.examples[0].field.as_deref(), Some("税收(万元)"));
    assert!(jump.examples[0].message.contains("100") && jump.examples[0].message.contains("900"));
    // From something to nothing; a missing figure is no jump.
    let csv = "宗地代码,年份,税收(万元),产值(万元)\nB,2024,0,\n";
    let report = imported(&it, &write(dir.path(), "b.csv", csv), "parcel_years").await;
    assert_eq!(count(&report, "jump"), 1);
    // Quarters follow quarters, not years.
    let csv = "宗地代码,年份,报告期,税收(万元)\nB,2025,2025Q1,20\nB,2025,2025Q2,300\n";
    let report = imported(&it, &write(dir.path(), "c.csv", csv), "parcel_years").await;
    assert_eq!(count(&report, "jump"), 1);
}

#[tokio::test]
async fn a_year_in_yuan_is_suspected_once_and_not_row_by_row() {
    let it = TestApp::new().await;
    let dir = folder();
    let year = |year: u32, scale: u32| {
        let rows = (1..=40_u32).map(|it| format!("P{it},{year},{}\n", it * 100 * scale));
        format!("宗地代码,年份,税收\n{}", rows.collect::<String>())
    };
    imported(&it, &write(dir.path(), "a.csv", year(2023, 1)), "parcel_years").await;
    let report =
        imported(&it, &write(dir.path(), "b.csv", year(2024, 10_000)), "parcel_years").await;
    let issue = &group(&report, "unit_suspected").examples[0];
    assert!(issue.message.contains("以元计"), "{}", issue.message);
    assert_eq!(count(&report, "jump"), 0);
}

#[tokio::test]
async fn land_shared_out_twice_and_parcels_left_out_of_a_list_are_told() {
    let it = TestApp::new().await;
    let dir = folder();
    let rows = [("A", 121.2, "15.85"), ("B", 121.21, "15.85"), ("C", 121.22, "15.85")];
    imported(&it, &write(dir.path(), "a.geojson", squares(&rows)), "parcels").await;
    let csv = "宗地代码,信用代码,用地关系,用地面积\n\
        A,91512081MA62K0260E,持有,10500\n\
        A,91350100M000100Y43,承租,6000\n\
        A,91350211M00013FA1P,承租,4000\n\
        B,91350100M000100Y43,承租,6000\n\
        B,91350211M00013FA1P,承租,5000\n";
    let report = imported(&it, &write(dir.path(), "a.csv", csv), "occupancies").await;
    let land = group(&report, "land_exceeds_parcel");
    assert_eq!((land.count, land.examples[0].row), (1, Some(5)), "{land:?}");
    assert!(land.examples[0].message.contains("11000"), "{}", land.examples[0].message);
    let left_out = group(&report, "not_in_list");
    assert_eq!(left_out.count, 1);
    assert!(left_out.examples[0].message.contains('C'), "{:?}", left_out.examples);
    assert_eq!(left_out.examples[0].row, None);
}

#[tokio::test]
async fn uses_that_contradict_each_other_are_told() {
    let it = TestApp::new().await;
    let dir = folder();
    let head = "宗地代码,信用代码,用地关系,分摊比例,起始日期,终止日期\n";
    let undated = format!("{head}A,91512081MA62K0260E,承租,,,\n");
    imported(&it, &write(dir.path(), "a.csv", undated), "occupancies").await;
    let dated = format!(
        "{head}\
        A,91512081MA62K0260E,承租,60%,2020-01-01,2021-12-31\n\
        A,91512081MA62K0260E,承租,60%,2021-06-01,\n\
        B,91512081MA62K0260E,自用,50%,2021-06-01,\n\
        C,91350100M000100Y43,承租,60%,2019-01-01,2020-12-31\n\
        C,91350100M000100Y43,承租,70%,2021-01-01,\n"
    );
    let report = imported(&it, &write(dir.path(), "b.csv", dated), "occupancies").await;
    let twice = group(&report, "used_twice");
    // Rows 2 and 3 overlap what is registered without dates, row 3 also row 2; the firm on C left and came back.
    assert_eq!(twice.count, 3, "{twice:?}");
    assert_eq!(twice.examples.iter().map(|it| it.row.unwrap()).collect::<Vec<_>>(), [2, 3, 3]);
    let shares = group(&report, "shares_exceed_whole");
    assert_eq!((shares.count, shares.examples[0].value.as_deref()), (1, Some("110%")));
}

#[tokio::test]
async fn findings_of_a_batch_are_files() {
    let it = TestApp::new().await;
    let dir = folder();
    let geojson =
        squares(&[("310114002003GB00012", 121.2, "1"), ("310114002003gb00013", 121.2005, "\"x\"")]);
    let report = imported(&it, &write(dir.path(), "a.geojson", geojson), "parcels").await;
    assert!(count(&report, "value") == 1 && count(&report, "code_normalised") == 1);
    let batch_id = report.batch_id.unwrap();
    let scope = Scope::console();
    let stored = number(&it, "select count(*) from mutu.import_issue").await;
    let xlsx = dir.path().join("issues.xlsx");
    let written = ingest::issues_xlsx(&it.app, &scope, batch_id, &xlsx).await.unwrap();
    assert_eq!(i64::try_from(written).unwrap(), stored);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&xlsx).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "问题").unwrap();
    assert_eq!(sheet.rows().count() as u64, written + 1);
    let geojson = dir.path().join("issues.geojson");
    ingest::issues_geojson(&it.app, &scope, batch_id, &geojson).await.unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&geojson).unwrap()).unwrap();
    let placed = json["features"].as_array().unwrap().len() as u64;
    assert_eq!(placed + json["without_place"].as_u64().unwrap(), written);
    assert!(placed > 0);
    // The same from the findings in memory, which a dry run has too.
    let direct = dir.path().join("direct.geojson");
    report.write_issues(&direct).unwrap();
    let mut stored = json;
    for it in stored["features"].as_array_mut().unwrap() {
        // Only what is stored has a number.
        assert!(it.as_object_mut().unwrap().remove("id").unwrap().is_i64());
    }
    let direct: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&direct).unwrap()).unwrap();
    assert_eq!(direct, stored);
    assert!(ingest::issues_xlsx(&it.app, &scope, batch_id + 1, &xlsx).await.is_err());
    let sql = "select mend from mutu.import_issue where rule = 'value'";
    assert!(text(&it, sql).await.unwrap().contains('/'));
}
