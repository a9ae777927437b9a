//! A selection as a file: rows are read here and written by a blocking thread, a few batches apart.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::anyhow;
use futures_util::Stream;
use futures_util::TryStreamExt;
use tokio::sync::mpsc;

use crate::db::Reader;
use crate::error::Result;
use crate::layer::Geometry;
use crate::layer::Text;

use super::Column;
use super::Encoding;
use super::Format;
use super::Pen;
use super::Row;
use super::Selection;
use super::queries;
use super::vector;
use super::xlsx;

/// What a file says about itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub filter: Option<String>,
    pub bbox: Option<String>,
    pub datetime: Option<String>,
    pub as_of: Option<String>,
    pub revision: i64,
    pub written_at: Option<chrono::DateTime<chrono::Local>>,
    pub written_by: String,
}

/// What writers know of the selection.
#[derive(Clone, Debug)]
pub struct Plan {
    pub layer: String,
    pub title: Text,
    pub geometry: Geometry,
    pub columns: Vec<Column>,
    /// EPSG code of the geometry.
    pub crs: u32,
    pub about: About,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub rows: u64,
    /// What the format could not hold as it is.
    pub notes: Vec<String>,
}

/// Writes the selection to a new file. Where it fails an incomplete file is left behind: give it a temporary place.
pub async fn write_file(
    db: Reader,
    selection: &Selection<'_>,
    format: Format,
    about: About,
    file: &Path,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Written> {
    let rows = queries::rows(db, selection)?;
    write_rows(rows, selection, format, about, file, progress).await
}

/// The same with rows of the selection that were read before.
pub async fn write_rows(
    rows: impl Stream<Item = Result<Vec<Row>>> + Send,
    selection: &Selection<'_>,
    format: Format,
    about: About,
    file: &Path,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Written> {
    let plan = Plan {
        layer: selection.layer.id.clone(),
        title: selection.layer.title.clone(),
        geometry: selection.layer.geometry,
        columns: selection.columns(),
        crs: match selection.encoding {
            Encoding::Wkb(crs) => crs,
            Encoding::GeoJson(_) | Encoding::Without => 4490,
        },
        about,
    };
    let (sender, mut receiver) = mpsc::channel::<Vec<Row>>(4);
    let file: PathBuf = file.to_owned();
    let writer = tokio::task::spawn_blocking(move || {
        let batches = std::iter::from_fn(move || receiver.blocking_recv());
        write_blocking(format, &plan, batches, &file)
            .with_context(|| format!("writing {}", file.display()))
    });
    let mut rows = std::pin::pin!(rows);
    let mut read = 0;
    while let Some(batch) = rows.try_next().await? {
        read += batch.len() as u64;
        // A writer that stopped says why below.
        if sender.send(batch).await.is_err() {
            break;
        }
        progress(read);
    }
    drop(sender);
    Ok(writer.await.map_err(|it| anyhow!("the writer stopped: {it}"))??)
}

/// Writes rows that are there already to a new file.
pub fn write_rows_blocking(
    format: Format,
    plan: &Plan,
    rows: Vec<Row>,
    file: &Path,
) -> anyhow::Result<Written> {
    write_blocking(format, plan, std::iter::once(rows), file)
        .with_context(|| format!("writing {}", file.display()))
}

fn write_blocking(
    format: Format,
    plan: &Plan,
    batches: impl Iterator<Item = Vec<Row>>,
    file: &Path,
) -> anyhow::Result<Written> {
    match format {
        Format::GeoJson | Format::GeoJsonSeq | Format::Csv => {
            let mut pen = Pen::new(format, plan.columns.clone());
            let mut out = BufWriter::new(File::create_new(file)?);
            let mut rows = 0;
            out.write_all(&pen.head())?;
            for batch in batches {
                out.write_all(&pen.rows(&batch))?;
                rows += batch.len() as u64;
            }
            out.write_all(pen.tail())?;
            out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
            Ok(Written { rows, notes: Vec::new() })
        }
        Format::Xlsx => xlsx::write_blocking(plan, batches, file),
        Format::FlatGeobuf
        | Format::GeoPackage
        | Format::Shapefile
        | Format::ShapefileGbk
        | Format::Kml => vector::write_blocking(format, plan, batches, file),
    }
}
