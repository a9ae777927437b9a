//! Workbooks and CSV into tables.

use std::path::Path;

use mutu::ingest::MappingFile;
use mutu::ingest::Options;
use rust_xlsxwriter::ExcelDateTime;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::Workbook;

use super::folder;
use super::group;
use super::import;
use super::imported;
use super::number;
use super::refused;
use super::text;
use super::write;
use crate::support::TestApp;

/// A workbook as an office makes it: a title, a unit line, headers in two rows with a merged cell, a total at the end.
fn office_workbook(path: &Path) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 5, "2024年规上企业情况表", &plain).unwrap();
    sheet.write(1, 4, "单位：万元").unwrap();
    sheet.merge_range(2, 0, 3, 0, "统一社会信用代码", &plain).unwrap();
    sheet.merge_range(2, 1, 3, 1, "年度", &plain).unwrap();
    sheet.merge_range(2, 2, 2, 4, "指标", &plain).unwrap();
    sheet.write(3, 2, "工业总产值（亿元）").unwrap();
    sheet.write(3, 3, "税收\n(万元)").unwrap();
    sheet.write(3, 4, "用电量(万千瓦时)").unwrap();
    sheet.merge_range(2, 5, 3, 5, "备注", &plain).unwrap();
    let rows = [
        ("91512081MA62K0260E", "1.25", "1,234.5", "3.5"),
        ("９１３５０１００M000100Y43", "0.5", "—", "-"),
    ];
    for (row, (code, output, tax, power)) in (4..).zip(rows) {
        sheet.write(row, 0, code).unwrap();
        sheet.write(row, 1, 2024).unwrap();
        sheet.write(row, 2, output).unwrap();
        sheet.write(row, 3, tax).unwrap();
        sheet.write(row, 4, power).unwrap();
    }
    sheet.write(6, 0, "合计").unwrap();
    sheet.write(6, 3, 1234.5).unwrap();
    book.add_worksheet().set_name("填表说明").unwrap().write(0, 0, "说明文字").unwrap();
    book.save(path).unwrap();
}

#[tokio::test]
async fn a_workbook_as_offices_make_them() {
    let it = TestApp::new().await;
    let dir = folder();
    let path = dir.path().join("企业情况.xlsx");
    office_workbook(&path);
    let report = imported(&it, &path, "enterprise_years").await;
    assert_eq!((report.rows.read, report.rows.written, report.rows.passed_over), (2, 2, 1));
    let sql = "select string_agg(concat_ws(' ', uscc, period, trim_scale(output_wan), coalesce(tax_wan::text, 'null'), coalesce(trim_scale(electricity_kwh)::text, 'null')), ';' order by uscc) from mutu.enterprise_period_current";
    assert_eq!(
        text(&it, sql).await.unwrap(),
        "91350100M000100Y43 2024 5000 null null;91512081MA62K0260E 2024 12500 1234.5 35000"
    );
    assert_eq!(group(&report, "no_enterprise").count, 2);
}

#[tokio::test]
async fn dates_and_yes_and_no_from_a_workbook() {
    let it = TestApp::new().await;
    let dir = folder();
    let path = dir.path().join("a.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["信用代码", "单位名称", "规上", "成立时间", "投产日期"])
    {
        sheet.write(0, column, header).unwrap();
    }
    let date = Format::new().set_num_format("yyyy/m/d");
    sheet.write(1, 0, "91512081MA62K0260E").unwrap();
    sheet.write(1, 1, "甲").unwrap();
    sheet.write(1, 2, "是").unwrap();
    sheet.write_with_format(1, 3, ExcelDateTime::from_ymd(2015, 6, 1).unwrap(), &date).unwrap();
    sheet.write(1, 4, 20_160_701).unwrap();
    book.save(&path).unwrap();
    imported(&it, &path, "enterprises").await;
    let sql =
        "select concat_ws(' ', is_scale, founded, in_production) from mutu.enterprise_current";
    assert_eq!(text(&it, sql).await.unwrap(), "t 2015-06-01 2016-07-01");
}

#[tokio::test]
async fn a_missing_required_column_names_what_is_there_and_what_is_needed() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.csv", "编码,年份\nA,2024\n");
    let why = refused(&it, &file, "parcel_years").await;
    for word in ["parcel_code", "宗地代码", "编码", "--mapping"] {
        assert!(why.contains(word), "{word}: {why}");
    }
}

#[tokio::test]
async fn faults_of_a_row_are_all_told_and_a_bad_credit_code_is_only_a_warning() {
    let it = TestApp::new().await;
    let dir = folder();
    let csv = "宗地代码,信用代码,用地关系,用地面积(亩),起始日期\n\
        P1,91512081MA62K0260E,自用,12.5,2023-05-01\n\
        P1,91350211M00013FA1N,自用,1,\n\
        P2,91512081MA62K0260E,租用,-3,昨天\n";
    let file = write(dir.path(), "a.csv", csv);
    let report = imported(&it, &file, "occupancies").await;
    assert_eq!((report.rows.written, report.rows.rejected), (2, 1));
    assert_eq!(group(&report, "credit_code").count, 1);
    for rule in ["value", "code_list", "negative"] {
        assert_eq!(group(&report, rule).examples[0].row, Some(4), "{rule}");
    }
    let sql =
        "select trim_scale(land_m2)::text from mutu.occupancy_current where uscc like '91512%'";
    assert_eq!(text(&it, sql).await.unwrap(), "8333.33");
}

#[tokio::test]
async fn an_unknown_unit_is_not_guessed() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.csv", "宗地代码,年份,税收(两)\nA,2024,5\n");
    let report = imported(&it, &file, "parcel_years").await;
    assert!(
        report.notes.iter().any(|it| it.contains("税收(两)") && it.contains("万元")),
        "{:?}",
        report.notes
    );
    assert_eq!(report.extra, ["税收(两)"]);
    assert_eq!(text(&it, "select tax_wan::text from mutu.parcel_period_current").await, None);
}

#[tokio::test]
async fn a_mapping_file_scales_and_joins_rows() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(
        dir.path(),
        "roll.csv",
        "ML,Value,Kind\n1,1000000,a\n2,5,b\n1,\"2,500,000\",a\n1,,c\n",
    );
    let mapping = write(
        dir.path(),
        "m.toml",
        "[columns]\nparcel_code = \"ML\"\nyear = { constant = \"2014\" }\nassessed_value_wan = { header = \"Value\", scale = \"0.0001\" }\n[rows]\ngroup_by = [\"parcel_code\"]\n",
    );
    let options =
        Options { mapping: super::mapping(&mapping), ..Options::new(&file, "parcel_years") };
    let report = import(&it, &options).await.unwrap();
    assert_eq!((report.rows.read, report.rows.written, report.rows.merged), (4, 2, 2));
    let sql = "select string_agg(concat_ws(' ', parcel_code, period, trim_scale(assessed_value_wan), extra->>'rows'), ';' order by parcel_code) from mutu.parcel_period_current";
    assert_eq!(text(&it, sql).await.unwrap(), "1 2014 350 3;2 2014 0.0005 1");
}

#[tokio::test]
async fn a_mapping_file_with_a_mistake_says_where() {
    let it = TestApp::new().await;
    let dir = folder();
    let file = write(dir.path(), "a.csv", "宗地代码,年份,x\nA,2024,5\n");
    for (mapping, word) in [
        ("[columns]\ntax_wann = \"x\"\n", "tax_wan"),
        ("[columns]\ntax_wan = \"y\"\n", "宗地代码"),
        ("[columns]\ntax_wan = { header = \"x\", unit = \"两\" }\n", "万元"),
        ("[columns]\ntax_wan = { header = \"x\", scale = \"a\" }\n", "scale"),
        ("[colums]\n", "colums"),
        ("[rows]\ngroup_by = [\"tax_wan\"]\n", "group_by"),
    ] {
        let path = write(dir.path(), "m.toml", mapping);
        let why = match MappingFile::read(&path) {
            Err(error) => format!("{error:#}"),
            Ok(mapping) => {
                let options = Options { mapping, ..Options::new(&file, "parcel_years") };
                format!("{:#}", import(&it, &options).await.unwrap_err())
            }
        };
        assert!(why.contains(word), "{mapping}: {why}");
    }
    assert_eq!(number(&it, "select count(*) from mutu.import_batch").await, 0);
}

#[tokio::test]
async fn periods_across_become_rows() {
    let it = TestApp::new().await;
    let dir = folder();
    let path = dir.path().join("a.xlsx");
    let plain = Format::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 7, "2024年规上企业月度情况", &plain).unwrap();
    sheet.merge_range(1, 0, 2, 0, "统一社会信用代码", &plain).unwrap();
    sheet.merge_range(1, 1, 2, 1, "年份", &plain).unwrap();
    sheet.merge_range(1, 2, 1, 4, "税收（万元）", &plain).unwrap();
    sheet.merge_range(1, 5, 1, 7, "工业总产值(亿元)", &plain).unwrap();
    for at in 0..3_u16 {
        sheet.write(2, 2 + at, format!("{}月", at + 1)).unwrap();
        sheet.write(2, 5 + at, format!("{}月", at + 1)).unwrap();
    }
    sheet.write(3, 0, "91512081MA62K0260E").unwrap();
    sheet.write(3, 1, 2024).unwrap();
    for (column, value) in [(2, "1,000.5"), (3, "２０"), (5, "1.5"), (6, "-")] {
        sheet.write(3, column, value).unwrap();
    }
    sheet.write(4, 0, "合计").unwrap();
    sheet.write(4, 2, 1000.5).unwrap();
    book.save(&path).unwrap();
    let report = imported(&it, &path, "enterprise_years").await;
    assert_eq!((report.rows.read, report.rows.written, report.rows.passed_over), (2, 2, 1));
    assert!(report.notes.iter().any(|it| it.contains("1月、2月、3月")), "{:?}", report.notes);
    let sql = "select string_agg(concat_ws(' ', period, trim_scale(tax_wan), coalesce(trim_scale(output_wan)::text, '-')), ';' order by period) from mutu.enterprise_period_current";
    assert_eq!(text(&it, sql).await.unwrap(), "2024-01 1000.5 15000;2024-02 20 -");
}

#[tokio::test]
async fn quarters_and_years_across_in_one_header_row() {
    let it = TestApp::new().await;
    let dir = folder();
    let quarters = "宗地代码,年份,一季度税收(万元),二季度税收(万元),备注\nA,2024,1,2,x\n";
    let report = imported(&it, &write(dir.path(), "q.csv", quarters), "parcel_years").await;
    assert_eq!(report.extra, ["备注"]);
    let years = "宗地代码,2022年税收(万元),2023年税收(万元),2022年能耗,2023年能耗\nB,3,4,5,6\nC,—,7,,\nD,,,,\n";
    let report = imported(&it, &write(dir.path(), "y.csv", years), "parcel_years").await;
    // A parcel without any figure has no period either, and is named.
    assert_eq!((report.rows.written, report.rows.rejected), (3, 1));
    assert_eq!(group(&report, "required").examples[0].row, Some(4));
    let sql = "select string_agg(concat_ws(' ', parcel_code, period, trim_scale(tax_wan)), ';' order by parcel_code, period) from mutu.parcel_period_current";
    assert_eq!(text(&it, sql).await.unwrap(), "A 2024Q1 1;A 2024Q2 2;B 2022 3;B 2023 4;C 2023 7");
    // One year is no series: the header is left as it is.
    let one = write(dir.path(), "o.csv", "宗地代码,年份,2023年税收(万元)\nE,2023,3\n");
    let report = imported(&it, &one, "parcel_years").await;
    assert_eq!(report.extra, ["2023年税收(万元)"]);
}

#[tokio::test]
async fn headers_over_three_rows() {
    let it = TestApp::new().await;
    let dir = folder();
    let path = dir.path().join("a.xlsx");
    let plain = Format::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 2, 0, "统一社会信用代码", &plain).unwrap();
    sheet.merge_range(0, 1, 2, 1, "年度", &plain).unwrap();
    sheet.merge_range(0, 2, 0, 4, "主要指标", &plain).unwrap();
    sheet.merge_range(1, 2, 1, 3, "经济", &plain).unwrap();
    sheet.write(1, 4, "能耗").unwrap();
    sheet.write(2, 2, "工业总产值(亿元)").unwrap();
    sheet.write(2, 3, "税收(万元)").unwrap();
    sheet.write(2, 4, "用电量(万千瓦时)").unwrap();
    sheet.write(3, 0, "91512081MA62K0260E").unwrap();
    for (column, value) in [(1, 2024.0), (2, 1.5), (3, 20.0), (4, 3.0)] {
        sheet.write(3, column, value).unwrap();
    }
    book.save(&path).unwrap();
    let report = imported(&it, &path, "enterprise_years").await;
    assert_eq!(report.rows.written, 1);
    let sql = "select concat_ws(' ', period, trim_scale(output_wan), trim_scale(tax_wan), trim_scale(electricity_kwh)) from mutu.enterprise_period_current";
    assert_eq!(text(&it, sql).await.unwrap(), "2024 15000 20 30000");
}
