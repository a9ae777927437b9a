//! Readers: a file becomes headers and rows of cells, and for map data geometries. They know formats and nothing of layers;
//! everything here blocks. A dataset is in one thread at a time: map data is read in one while rows are checked in another.

use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use gdal::vector::Geometry;

use crate::layer::Geometry as Wanted;

use super::crs::Crs;
use super::encoding::Choice;
use super::value::Cell;

mod archive;
mod boundary_crs;
mod boundary_points;
mod boundary_rings;
pub mod csv;
mod drawing;
pub mod gdal_error;
mod gdal_field;
mod gdal_open;
mod header_row;
mod ods;
mod periods;
mod points;
pub mod sheet;
mod text;
pub mod vector;

/// What a reader is told besides the path.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub layer_name: Option<String>,
    /// The kind of geometry that is wanted; `None` where rows have none.
    pub geometry: Option<Wanted>,
    pub source_crs: Option<String>,
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Whether the axes are the other way round; `None` lets the coordinates tell.
    pub swap_axes: Option<bool>,
    /// West, south, east, north in degrees: what speaks for a coordinate system is that the data falls here.
    pub district: [f64; 4],
    /// The installation's local grid, which `--source-crs local` means.
    pub local_grid: Option<String>,
}

/// One row of the source.
#[derive(Debug)]
pub struct Row {
    /// The row as a person counts it: the sheet's row number, the file's line, the feature's position from 1.
    pub number: u64,
    pub cells: Vec<Cell>,
    pub shape: Shape,
}

/// The geometry of a row.
#[derive(Debug)]
pub enum Shape {
    /// The source has no geometry at all.
    None,
    /// This row has none.
    Null,
    Geometry(Geometry),
    /// Its WKB as ISO has it, little endian, east before north: unlike GDAL's own it may go to another thread.
    Wkb(Vec<u8>),
    /// This row has one, and a person should know something about it.
    Noted(Geometry, Remark),
    /// What is there cannot be made a geometry.
    Broken(Remark),
}

/// What a reader has to say of one row's geometry: a rule's name and a sentence in both languages.
#[derive(Debug)]
pub struct Remark {
    pub rule: &'static str,
    pub why: String,
}

/// An opened source.
pub struct Opened {
    pub format: String,
    /// Layer of a dataset or sheet of a workbook.
    pub layer_name: Option<String>,
    pub headers: Vec<String>,
    pub total: Option<u64>,
    pub encoding: Option<Choice>,
    pub crs: Option<Crs>,
    pub notes: Vec<String>,
    pub rows: Box<dyn Rows>,
}

/// The rows of an opened source.
pub trait Rows {
    /// Hands over every row. An error of the sink ends the reading.
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()>;
}

/// How well a row of cells serves as headers; the caller knows the target.
pub type Score<'a> = &'a dyn Fn(&[String]) -> usize;

/// Opens a file by its ending. `score` tells the header row of a sheet from the titles above it.
pub fn open_blocking(path: &Path, request: &Request, score: Score<'_>) -> anyhow::Result<Opened> {
    let shown = path.display();
    let metadata = std::fs::metadata(path)
        .with_context(|| format!("无法读取文件 / cannot read the file {shown}"))?;
    let ending = path.extension().map(|it| it.to_string_lossy().to_lowercase()).unwrap_or_default();
    if metadata.is_dir() && ending != "gdb" {
        let (inside, layer_name) = gdal_open::in_folder(path, request.layer_name.as_deref())?;
        return open_blocking(&inside, &Request { layer_name, ..request.clone() }, score);
    }
    if metadata.is_file() && metadata.len() == 0 {
        bail!("文件为空 / the file is empty: {shown}");
    }
    match ending.as_str() {
        "xlsx" | "xlsm" | "xlsb" | "xls" | "et" | "ods" => {
            table(sheet::open_blocking(path, request, score)?, request, score)
        }
        "txt" => text_blocking(path, request, score),
        "csv" | "tsv" => table(csv::open_blocking(path, request, score)?, request, score),
        "dxf" => drawing::open_blocking(path, request),
        _ => vector::open_blocking(path, request),
    }
}

/// A text is boundary points or a table; what it holds tells.
fn text_blocking(path: &Path, request: &Request, score: Score<'_>) -> anyhow::Result<Opened> {
    let (encoding, how) = text::find_encoding(path, request.encoding)?;
    if boundary_points::is_one(&text::head(path, encoding)?) {
        return boundary_points::open_blocking(path, request, encoding, how);
    }
    table(csv::open_blocking(path, request, score)?, request, score)
}

/// A table as it is wanted: with places for a layer, with a row for each period for a table.
fn table(opened: Opened, request: &Request, score: Score<'_>) -> anyhow::Result<Opened> {
    match request.geometry {
        Some(_) => points::placed(opened, request),
        None => Ok(periods::turned(opened, score)),
    }
}

/// Vertices of one geometry. Checking a polygon's validity takes seconds at a fifth of it, and more than in proportion beyond.
const VERTICES: usize = 1_000_000;

/// A geometry's WKB with its coordinates in the order east, north, if it is of a bearable size.
fn shaped(geometry: &Geometry, swapped: bool) -> Shape {
    // SAFETY: the geometry lives and is not null. WKB has sixteen bytes for a vertex, and little else.
    let vertices = unsafe { gdal_sys::OGR_G_WkbSize(geometry.c_geometry()) } / 16;
    if usize::try_from(vertices).is_ok_and(|it| it > VERTICES) {
        return Shape::Broken(Remark {
            rule: "geometry_too_large",
            why: format!(
                "图形约有 {vertices} 个顶点，上限为 {VERTICES}，请先分割或简化 / about {vertices} vertices, the limit is {VERTICES}: split or simplify it"
            ),
        });
    }
    let wkb = if swapped { upright(geometry.clone(), true).iso_wkb() } else { geometry.iso_wkb() };
    wkb.map_or_else(
        |_| {
            let why = "几何无法读取 / the geometry cannot be read".to_owned();
            Shape::Broken(Remark { rule: "geometry_broken", why })
        },
        Shape::Wkb,
    )
}

/// A geometry with its coordinates in the order east, north.
fn upright(geometry: Geometry, swapped: bool) -> Geometry {
    if swapped {
        // SAFETY: the geometry lives and is not null.
        unsafe { gdal_sys::OGR_G_SwapXY(geometry.c_geometry()) };
    }
    geometry
}

/// Where most of a set of boxes lies: without those that are fifty times as far from the middle as half of them are, so that a
/// stray zero or a turned pair decides nothing.
fn typical(mut boxes: Vec<[f64; 4]>) -> Option<[f64; 4]> {
    boxes.retain(|it| it.iter().all(|it| it.is_finite()));
    for axis in [0, 1] {
        let centre = |it: &[f64; 4]| f64::midpoint(it[axis], it[axis + 2]);
        let middle = median(boxes.iter().map(centre).collect())?;
        let far = |it: &[f64; 4]| (centre(it) - middle).abs();
        let usual = median(boxes.iter().map(far).collect())?;
        boxes.retain(|it| far(it) <= 50.0 * usual);
    }
    boxes
        .into_iter()
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// The name of a file without its folders: reports are read by others.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |it| it.to_string_lossy().into_owned())
}
