//! `import` on PostGIS: what goes in, what is refused, and that nothing is ever half written.

mod boundary_points;
mod breakers;
mod cambridge;
mod coordinates;
mod diff;
mod dirty;
mod drawings;
mod folders;
mod lists;
mod memory;
mod quality;
mod real_files;
mod safety;
mod tables;
mod templates;
mod undo;
mod versions;

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use mutu::access::Scope;
use mutu::config::Config;
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

/// What a person is asked, where an import stops with a question.
async fn asked(it: &TestApp, options: &Options) -> ingest::Question {
    let error = import(it, options).await.unwrap_err();
    let Some(question) = ingest::Question::of(&error) else { panic!("no question: {error:#}") };
    question.clone()
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

/// Layers without required fields, one for each kind of geometry, so that any file can be tried.
fn any_layers(dir: &Path) -> Config {
    for geometry in ["polygon", "line", "point"] {
        let layer = dir.join(format!("any_{geometry}"));
        fs::create_dir(&layer).unwrap();
        let declaration = format!(
            "kind = \"reference\"\ngroup = \"base\"\nrole = \"base\"\ntitle = {{ zh = \"任意\", en = \"Any\" }}\nabout = {{ zh = \"任意\", en = \"Any\" }}\ngeometry = \"{geometry}\"\ndraw = \"area\"\nzooms = {{ min = 0, max = 14 }}\nkey = \"name\"\n\n[field.name]\ntitle = {{ zh = \"名称\", en = \"Name\" }}\ntype = \"text\"\naliases = [\"街镇名称\"]\n"
        );
        write(&layer, "layer.toml", declaration);
        write(&layer, "style.json", r#"[{"id": "line", "type": "line", "paint": {}}]"#);
    }
    Config { layers: Some(dir.to_owned()), ..Config::default() }
}

/// A GeoJSON of roads near Jiading: name, longitude.
fn lines(rows: &[(&str, f64)]) -> String {
    let features: Vec<String> = rows
        .iter()
        .map(|(name, west)| format!(r#"{{"type":"Feature","properties":{{"name":"{name}"}},"geometry":{{"type":"LineString","coordinates":[[{west},31.38],[{west},31.39]]}}}}"#))
        .collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}
