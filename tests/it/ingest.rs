//! `import` on PostGIS: what goes in, what is refused, and that nothing is ever half written.

mod breakers;
mod cambridge;
mod dirty;
mod folders;
mod memory;
mod quality;
mod tables;
mod templates;
mod versions;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use mutu::access::Scope;
use mutu::ingest;
use mutu::ingest::IssueGroup;
use mutu::ingest::MappingFile;
use mutu::ingest::Options;
use mutu::ingest::Report;

use crate::support::TestApp;

/// A folder for a test's files.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn write(dir: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn mapping(path: &Path) -> MappingFile {
    MappingFile::read(path).unwrap()
}

async fn import(it: &TestApp, options: &Options) -> anyhow::Result<Report> {
    ingest::import(&it.app, &Scope::console(), options, &mut |_, _| {}).await
}

async fn imported(it: &TestApp, file: &Path, into: &str) -> Report {
    import(it, &Options::new(file, into)).await.unwrap()
}

async fn refused(it: &TestApp, file: &Path, into: &str) -> String {
    let error = import(it, &Options::new(file, into)).await.unwrap_err();
    format!("{error:#}")
}

async fn number(it: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&it.app.db.write).await.unwrap()
}

async fn text(it: &TestApp, sql: &'static str) -> Option<String> {
    sqlx::query_scalar(sql).fetch_one(&it.app.db.write).await.unwrap()
}

fn group<'a>(report: &'a Report, rule: &str) -> &'a IssueGroup {
    report
        .issues
        .iter()
        .find(|it| it.rule == rule)
        .unwrap_or_else(|| panic!("no finding `{rule}` among {:?}", report.issues))
}

/// A GeoJSON of squares near Jiading: code, longitude of the west side, registered area as the source writes it.
fn squares(rows: &[(&str, f64, &str)]) -> String {
    let features: Vec<String> = rows
        .iter()
        .map(|(code, west, area)| {
            let east = west + 0.001;
            format!(
                r#"{{"type":"Feature","properties":{{"宗地代码":"{code}","面积(亩)":{area},"备忘":"x"}},"geometry":{{"type":"Polygon","coordinates":[[[{west},31.38],[{east},31.38],[{east},31.381],[{west},31.381],[{west},31.38]]]}}}}"#
            )
        })
        .collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}
