//! What `mutu up --demo` puts into an empty database: a generated district, imported and evaluated through the same code
//! as anybody's files.

use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::evaluation;
use crate::ingest;
use crate::sample;

/// The newest year of the generated figures.
const YEAR: i64 = 2025;

#[derive(Deserialize)]
struct Manifest {
    file: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: PathBuf,
    into: String,
    encoding: Option<String>,
    source_crs: Option<String>,
}

/// Fills an empty database with a sample district; one that has rows is left as it is.
pub(super) async fn fill(app: &App, parcels: u32, seed: u64) -> anyhow::Result<()> {
    let states = {
        let scope = Scope::console();
        catalog::queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?
    };
    if states.iter().any(|it| it.row_count.unwrap_or_default() > 0) {
        super::say(
            "数据库已有数据，不再装入示例 / the database has data already; no sample is loaded",
        );
        return Ok(());
    }
    super::say(&format!(
        "生成并装入示例数据：{parcels} 宗 / generating and loading a sample of {parcels} parcels"
    ));
    let dir = tempfile::Builder::new()
        .prefix("mutu-demo-")
        .tempdir()
        .context("a folder for the sample's files")?;
    let out = dir.path().to_owned();
    let options = sample::Options { parcels, seed, dirty: false };
    tokio::task::spawn_blocking(move || sample::write(&options, &out, &mut |_, _, _| {})).await??;
    import_all(app, dir.path()).await?;
    super::evaluate::run(app, &evaluation::Options { year: YEAR, ruleset: None }).await
}

/// Imports what a manifest lists, in its order.
async fn import_all(app: &App, dir: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(dir.join("manifest.toml"))
        .context("reading the sample's manifest")?;
    let manifest: Manifest = toml::from_str(&text).context("the sample's manifest")?;
    for entry in manifest.file {
        let mut options = ingest::Options::new(dir.join(&entry.path), &entry.into);
        options.encoding = entry.encoding;
        options.source_crs = entry.source_crs;
        let report = ingest::import(app, &Scope::console(), &options, &mut |_, _| {})
            .await
            .with_context(|| format!("importing {}", entry.path.display()))?;
        anyhow::ensure!(!report.failed(), "{}: no row could be imported", entry.path.display());
        super::say(&format!(
            "  {:>8}  {}  ← {}（{:.1} s）",
            report.rows.written,
            entry.into,
            entry.path.display(),
            report.seconds
        ));
    }
    Ok(())
}
