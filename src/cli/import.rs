//! `mutu import`: a file into a layer or a table.

use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use clap::Args;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::access::Scope;
use crate::config::Config;
use crate::ingest;
use crate::ingest::MappingFile;
use crate::ingest::Options;
use crate::ingest::Replace;

#[derive(Args)]
pub(super) struct Import {
    /// GPKG, SHP (also zipped), GeoJSON, FlatGeobuf, GDB, KML, DXF, boundary-point TXT or a list with coordinates for a
    /// layer; CSV, XLSX, XLS or ODS for a table.
    file: PathBuf,
    /// The layer or table to import into.
    #[arg(long, value_name = "ID")]
    into: String,
    /// The layer of a data set, or the sheet of a workbook, that has several.
    #[arg(long, value_name = "NAME")]
    layer_name: Option<String>,
    /// Which column fills which field (docs/import.md).
    #[arg(long, value_name = "M.toml")]
    mapping: Option<PathBuf>,
    /// Do not use what is remembered of files with the same headers.
    #[arg(long)]
    no_saved_mapping: bool,
    /// Coordinate system of the file: EPSG:4549, a PROJ string, `local` for the configured local grid, or `file` to insist
    /// on what the file says.
    #[arg(long, value_name = "EPSG:4549")]
    source_crs: Option<String>,
    /// The axes are the other way round than the format has them, such as a shapefile with its northing first; `=false`
    /// where they only look so.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    swap_axes: Option<bool>,
    /// Encoding of the texts, where it is not found: GB18030, UTF-8, Big5 …
    #[arg(long, value_name = "GB18030")]
    encoding: Option<String>,
    /// Do everything, report, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Update rows that are there already, instead of refusing.
    #[arg(long)]
    replace: bool,
    /// Also write the report as JSON.
    #[arg(long, value_name = "R.json")]
    report: Option<PathBuf>,
    /// Also write every finding, to mend by or to look at on a map.
    #[arg(long, value_name = "F.xlsx|.geojson")]
    issues: Option<PathBuf>,
}

impl Import {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        // Before the database is woken: a typing mistake should not cost seconds.
        if !self.file.exists() {
            bail!("文件不存在 / no such file: {}", self.file.display());
        }
        if let Some(path) = &self.issues {
            let ending = path.extension().map(|it| it.to_string_lossy().to_lowercase());
            if !matches!(ending.as_deref(), Some("xlsx" | "geojson")) {
                bail!(
                    "--issues {}: 应为 .xlsx 或 .geojson / ends in .xlsx or .geojson",
                    path.display()
                );
            }
        }
        let options = Options {
            file: self.file,
            into: self.into,
            layer_name: self.layer_name,
            mapping: match &self.mapping {
                Some(path) => MappingFile::read(path)?,
                None => MappingFile::default(),
            },
            source_crs: self.source_crs,
            swap_axes: self.swap_axes,
            encoding: self.encoding,
            ignore_saved: self.no_saved_mapping,
            dry_run: self.dry_run,
            replace: if self.replace { Replace::Changed } else { Replace::Refuse },
            ..Options::default()
        };
        let app = super::open(config).await?;
        let bar = Bar::new();
        let imported = {
            let mut progress = |rows, total| bar.show(rows, total);
            ingest::import(&app, &Scope::console(), &options, &mut progress).await
        };
        bar.end();
        app.close().await?;
        let report = imported?;
        report.print(&mut std::io::stdout().lock())?;
        if let Some(path) = &self.report {
            fs::write(path, serde_json::to_string_pretty(&report)?).with_context(|| {
                format!("无法写入报告 / cannot write the report {}", path.display())
            })?;
        }
        if let Some(path) = &self.issues {
            report.write_issues(path)?;
        }
        if report.failed() {
            bail!("所有行均被拒绝，未写入任何数据 / every row was rejected, nothing was written");
        }
        Ok(())
    }
}

/// A progress bar on stderr, once two seconds have passed and only for a person.
pub(super) struct Bar {
    bar: ProgressBar,
    started: Instant,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::hidden();
        let style =
            ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {elapsed} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self { bar, started: Instant::now() }
    }

    pub(super) fn show(&self, rows: u64, total: Option<u64>) {
        let late = self.started.elapsed() > Duration::from_secs(2);
        if late && self.bar.is_hidden() && std::io::stderr().is_terminal() {
            self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        if let Some(total) = total {
            self.bar.set_length(total);
        }
        self.bar.set_position(rows);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
