//! The dirty district: every fault that was put in is found at its row under its rule, and a clean one has none of them.

use std::collections::HashSet;
use std::path::Path;

use mutu::ingest::Options;
use mutu::ingest::Report;
use mutu::sample;

use super::folder;
use super::import;
use super::number;
use crate::support::TestApp;

const PARCELS: u32 = 700;

struct Fault {
    file: String,
    row: u64,
    kind: String,
    rules: Vec<String>,
}

fn faults(dir: &Path) -> Vec<Fault> {
    let mut reader = csv::Reader::from_path(dir.join("dirty_faults.csv")).unwrap();
    let fault = |it: csv::StringRecord| Fault {
        file: it[0].to_owned(),
        row: it[1].parse().unwrap(),
        kind: it[3].to_owned(),
        rules: it[5].split('|').map(str::to_owned).collect(),
    };
    reader.records().map(|it| fault(it.unwrap())).collect()
}

/// Imports every file of a district, as its manifest orders them but without what it says of encodings.
async fn district(it: &TestApp, dir: &Path, dirty: bool) -> Vec<(String, Report)> {
    let options = sample::Options { parcels: PARCELS, seed: 3, dirty };
    let written = sample::write(&options, dir, &mut |_, _, _| {}).unwrap();
    let mut reports = Vec::new();
    for (path, into) in written.files {
        let report = import(it, &Options::new(&path, into)).await.unwrap();
        reports.push((path.file_stem().unwrap().to_string_lossy().into_owned(), report));
    }
    reports
}

/// The row that the report counts: sheets and CSV have a line of headers, one workbook a title over them.
fn reported_row(file: &str, row: u64) -> u64 {
    match file {
        "企业年度指标" => row + 2,
        "企业名录" | "用地关系" => row + 1,
        _ => row,
    }
}

#[tokio::test]
async fn every_planted_fault_is_found_at_its_row_and_a_clean_district_has_none() {
    let it = TestApp::new().await;
    let dir = folder();
    let reports = district(&it, dir.path(), true).await;
    let faults = faults(dir.path());
    let kinds: HashSet<&str> = faults.iter().map(|it| it.kind.as_str()).collect();
    assert!(kinds.len() >= 20, "{kinds:?}");
    let mut missed = Vec::new();
    for fault in &faults {
        let (_, report) = reports.iter().find(|(name, _)| *name == fault.file).unwrap();
        let row = reported_row(&fault.file, fault.row);
        let found: Vec<&str> =
            report.findings.kept().filter(|it| it.row == Some(row)).map(|it| it.rule).collect();
        if !fault.rules.iter().any(|rule| found.contains(&rule.as_str())) {
            missed.push(format!(
                "{} row {row}: {} is not under {:?} but {found:?}",
                fault.file, fault.kind, fault.rules
            ));
        }
    }
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), faults.len(), missed.join("\n"));
    let (_, occupancies) = reports.iter().find(|it| it.0 == "用地关系").unwrap();
    // Nothing said that this file is in an office's own encoding.
    let encoding = occupancies.encoding.as_ref().unwrap().name;
    assert!(["gb18030", "GBK"].contains(&encoding), "{encoding}");
    // A fault of geometry can be looked up on the map.
    let sql = "select count(*) from mutu.import_issue
         where rule in ('overlap', 'same_geometry', 'spike', 'geometry_unrepairable') and geom is null";
    assert_eq!(number(&it, sql).await, 0);

    let clean = TestApp::new().await;
    let dir = folder();
    let planted: HashSet<&str> =
        faults.iter().flat_map(|it| it.rules.iter().map(String::as_str)).collect();
    for (file, report) in district(&clean, dir.path(), false).await {
        for issues in report.issues.iter().filter(|it| it.rule != "jump") {
            assert!(!planted.contains(issues.rule), "{file}: {issues:?}");
        }
        // Firms close or stop producing, and small ones lose most of their people: those jumps are so. Tenfold, as it was
        // planted, no output has become.
        let jumps: Vec<_> = report.findings.kept().filter(|it| it.rule == "jump").collect();
        assert!(jumps.len() as u64 * 20 < report.rows.read, "{file}: {} jumps", jumps.len());
        let nothing = |value: Option<&str>| value.and_then(|it| it.parse().ok()) == Some(0.0);
        assert!(jumps.iter().all(|it| {
            it.field.as_deref() != Some("工业总产值(万元)") || nothing(it.value.as_deref())
        }));
    }
}
