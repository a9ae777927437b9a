//! `mutu export`.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;
use clap::Args;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::catalog;
use crate::config::Config;
use crate::export::About;
use crate::export::Asked;
use crate::export::Bbox;
use crate::export::Format;
use crate::export::Selection;
use crate::export::Written;
use crate::export::exported;
use crate::export::write_file;

#[derive(Args)]
pub(super) struct Export {
    /// The layer's id, as `mutu layers check` lists them.
    layer: String,
    /// geojson, geojsonseq, csv, xlsx, fgb, gpkg, shp, shp-gbk or kml; else by the file's extension.
    #[arg(long, value_parser = parse_format)]
    format: Option<Format>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only these features, as CQL2 text: `town_code = '114' AND area_mu > 10`.
    #[arg(long, value_name = "CQL2")]
    filter: Option<String>,
    /// Only what touches west,south,east,north, in degrees.
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Only what was so then: a day, or an interval such as 2024-01-01/2024-12-31, of which the latest versions are written.
    #[arg(long, value_name = "DAY")]
    datetime: Option<String>,
    /// As it was known then: a moment, or a day, which means its end in China (UTC+8).
    #[arg(long, value_name = "DAY")]
    as_of: Option<String>,
    /// Reference system of fgb, gpkg and shp, such as EPSG:4549 [default: EPSG:4490].
    #[arg(long, value_parser = parse_crs, value_name = "EPSG:CODE")]
    crs: Option<u32>,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
}

fn parse_format(text: &str) -> Result<Format, String> {
    Format::parse(text).ok_or_else(|| Format::ALL.map(Format::name).join(", "))
}

fn parse_crs(text: &str) -> Result<u32, String> {
    let code = text.strip_prefix("EPSG:").or_else(|| text.strip_prefix("epsg:")).unwrap_or(text);
    code.parse().map_err(|_| "an EPSG code such as EPSG:4549".to_owned())
}

impl Export {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<()> {
        let format = self.format()?;
        if self.out.exists() && !self.force {
            bail!(
                "文件已存在：{0}；要替换请加 --force / {0} exists: use --force to replace it",
                self.out.display()
            );
        }
        let app = super::open(config).await?;
        let done = self.write(&app, format).await;
        app.close().await?;
        done
    }

    fn format(&self) -> anyhow::Result<Format> {
        let extension = self.out.extension().unwrap_or_default().to_string_lossy();
        let by_name = || Format::ALL.into_iter().find(|it| *it.extension() == *extension);
        let format = self.format.or_else(by_name);
        let format = format.context(
            "请用 --format 指定格式 / say the --format: geojson, geojsonseq, csv, xlsx, fgb, gpkg, shp, shp-gbk or kml",
        )?;
        if self.crs.is_some_and(|it| it != 4490 && it != 4326) && !format.is_projected() {
            bail!(
                "{format} 只有经纬度 / {format} holds degrees only: for --crs use fgb, gpkg or shp"
            );
        }
        Ok(format)
    }

    async fn write(&self, app: &App, format: Format) -> anyhow::Result<()> {
        let scope = Scope::console();
        let layer = app.layer(&scope, &self.layer)?;
        let mut selection = Selection::new(layer, &scope);
        selection.at(self.datetime.as_deref(), self.as_of.as_deref())?;
        if let Some(it) = &self.bbox {
            selection.bbox = Some(Bbox::parse(it)?);
        }
        if let Some(it) = &self.filter {
            selection.filter(it)?;
        }
        selection.encoding = format.encoding(self.crs);
        let mut db = app.db.read(&scope).await?;
        let about = About {
            filter: self.filter.clone(),
            bbox: self.bbox.clone(),
            datetime: self.datetime.clone(),
            as_of: self.as_of.clone(),
            revision: catalog::queries::revision(&mut db, &layer.id).await?,
            written_at: Some(chrono::Local::now()),
            written_by: scope.recorded_by().to_owned(),
        };
        // Beside the target, so that the last step is a rename: nobody ever sees half a file.
        let folder = match self.out.parent() {
            Some(it) if !it.as_os_str().is_empty() => it,
            _ => Path::new("."),
        };
        let name = self.out.file_name().context("--out names no file")?;
        let parts = tempfile::Builder::new().prefix(".mutu-export-").tempdir_in(folder);
        let parts = parts
            .with_context(|| format!("无法写入文件夹 / cannot write into {}", folder.display()))?;
        let bar = super::progress("导出 / exporting");
        let mut progress = |rows: u64| bar.set_message(rows.to_string());
        let written =
            write_file(db, &selection, format, about, &parts.path().join(name), &mut progress)
                .await;
        bar.finish_and_clear();
        let written = written?;
        let rows = i64::try_from(written.rows).unwrap_or(i64::MAX);
        let asked = Asked {
            filter: self.filter.as_deref(),
            bbox: self.bbox.as_deref(),
            datetime: self.datetime.as_deref(),
            as_of: self.as_of.as_deref(),
        };
        audit::record(&app.db.write, &scope, exported(layer, format, asked, rows)).await?;
        self.publish(parts.path(), folder)?;
        self.report(&written);
        Ok(())
    }

    /// Moves what was written to where it was wanted; a shapefile is several files.
    fn publish(&self, parts: &Path, folder: &Path) -> anyhow::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(parts)? {
            let entry = entry?;
            let target = folder.join(entry.file_name());
            if target.exists() && !self.force {
                bail!(
                    "文件已存在：{0}；要替换请加 --force / {0} exists: use --force to replace it",
                    target.display()
                );
            }
            files.push((entry.path(), target));
        }
        for (from, to) in files {
            fs::rename(&from, &to)
                .with_context(|| format!("moving the export to {}", to.display()))?;
        }
        Ok(())
    }

    fn report(&self, written: &Written) {
        super::say(&format!(
            "已导出 {rows} 行到 {file} / wrote {rows} rows to {file}",
            rows = written.rows,
            file = self.out.display()
        ));
        for note in &written.notes {
            super::say(&format!("  {note}"));
        }
    }
}
