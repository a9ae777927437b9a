//! Map data through GDAL: one layer of a dataset as rows with geometries.

use std::path::Path;

use anyhow::Context;
use anyhow::anyhow;
use anyhow::bail;
use encoding_rs::Encoding;
use gdal::Dataset;
use gdal::Metadata;
use gdal::vector::Layer;
use gdal::vector::LayerAccess;

use crate::ingest::crs;
use crate::ingest::crs::Stated;
use crate::ingest::encoding;
use crate::ingest::encoding::Choice;
use crate::ingest::encoding::Declared;
use crate::ingest::question::Question;
use crate::ingest::value::Cell;

use super::Opened;
use super::Remark;
use super::Request;
use super::Row;
use super::Rows;
use super::Shape;
use super::gdal_error;
use super::gdal_field;
use super::gdal_field::Column;
use super::gdal_field::Kind;
use super::gdal_open;
use super::gdal_open::Found;
use super::shaped;
use super::typical;

/// Features looked at for the encoding; while they are all ASCII the search goes on, up to `MOST`.
const SAMPLE: usize = 2_000;
const MOST: usize = 50_000;

/// Formats whose standard names the coordinate system, whatever the maker of a file thought of.
const BY_FORMAT: [&str; 5] = ["GeoJSON", "GeoJSONSeq", "TopoJSON", "LIBKML", "KML"];

struct Vector {
    dataset: Dataset,
    layer: usize,
    columns: Vec<Column>,
    encoding: &'static Encoding,
    has_geometry: bool,
    swapped: bool,
}

pub(super) fn open_blocking(path: &Path, request: &Request) -> anyhow::Result<Opened> {
    let Found { dataset, layer_name, member, notes } =
        gdal_open::find(path, request.layer_name.as_deref())?;
    let driver = dataset.driver().short_name();
    let index = choose_layer(&dataset, layer_name.as_deref(), member.as_deref())?;
    let mut layer = dataset.layer(index)?;
    let name = layer.name();
    let columns = gdal_field::columns(layer.defn());
    let (encoding, choice) = choose_encoding(&mut layer, &columns, request);
    let headers: Vec<String> = columns
        .iter()
        .map(|it| match encoding::decode(encoding, &it.name) {
            encoding::Decoded::Whole(it)
            | encoding::Decoded::Cut(it)
            | encoding::Decoded::Broken(it) => it,
        })
        .collect();
    let has_geometry = layer.defn().geom_fields().next().is_some();
    let total = layer.try_feature_count().unwrap_or_else(|| layer.feature_count());
    if let Some(why) = gdal_error::take_failure() {
        bail!("文件损坏或不完整 / the file is damaged or cut short: {why}");
    }
    if total == 0 {
        bail!("图层 `{name}` 没有要素 / layer `{name}` has no features");
    }
    // A table takes the attributes alone, wherever the shapes lie.
    let crs = if has_geometry && request.geometry.is_some() {
        let stated = Stated {
            own: layer.spatial_ref().filter(crs::is_defined),
            by_format: BY_FORMAT.contains(&driver.as_str()),
            extent: extent(&mut layer),
            headers: headers.clone(),
        };
        Some(crs::choose(&stated, request)?)
    } else {
        None
    };
    gdal_error::take();
    let swapped = crs.as_ref().is_some_and(|it| it.choice.swapped);
    let rows = Vector { dataset, layer: index, columns, encoding, has_geometry, swapped };
    Ok(Opened {
        format: driver,
        layer_name: Some(name),
        headers,
        total: Some(total),
        encoding: choice,
        crs,
        notes,
        rows: Box::new(rows),
    })
}

/// The layer asked for, or the only one.
fn choose_layer(
    dataset: &Dataset,
    wanted: Option<&str>,
    member: Option<&str>,
) -> anyhow::Result<usize> {
    let names: Vec<String> = dataset.layers().map(|it| it.name()).collect();
    let list = || names.join(", ");
    match (wanted, names.len()) {
        (_, 0) => bail!("数据集中没有图层 / the data set has no layer"),
        (Some(wanted), _) => names.iter().position(|it| it == wanted).with_context(|| {
            format!(
                "数据集中没有图层 `{wanted}` / the data set has no layer `{wanted}`; there are: {}",
                list()
            )
        }),
        (None, 1) => Ok(0),
        (None, _) => {
            let message = format!(
                "数据集有多个图层，请用 --layer-name 指定 / the data set has several layers, choose with --layer-name: {}",
                list()
            );
            let whole = |name: String| match member {
                Some(member) => format!("{member}/{name}"),
                None => name,
            };
            let choices = names.into_iter().map(whole).collect();
            bail!(Question { parameter: "layer_name", choices, message })
        }
    }
}

/// Where most of the layer's features are, as the file has its coordinates.
fn extent(layer: &mut Layer<'_>) -> Option<[f64; 4]> {
    let boxes = layer.features().take(SAMPLE).filter_map(|it| gdal_field::envelope(&it)).collect();
    layer.reset_feature_reading();
    typical(boxes)
}

/// The encoding of a layer's texts. Formats other than the shapefile promise UTF-8; the promise is checked as well.
fn choose_encoding(
    layer: &mut Layer<'_>,
    columns: &[Column],
    request: &Request,
) -> (&'static Encoding, Option<Choice>) {
    let domain = "SHAPEFILE";
    let mut declared = Declared { asked: request.encoding, said: Vec::new() };
    let language_byte = layer
        .metadata_item("LDID_VALUE", domain)
        .and_then(|it| it.parse::<u8>().ok())
        .and_then(encoding::by_language_byte);
    if let Some(it) = language_byte {
        declared.said.push(("语言字节 / language byte", it));
    }
    let page = layer.metadata_item("CPG_VALUE", domain).and_then(|it| encoding::by_label(&it));
    if let Some(it) = page {
        declared.said.push((".cpg", it));
    }
    let mut sample: Vec<Vec<u8>> = Vec::new();
    let texts: Vec<usize> =
        (0..columns.len()).filter(|it| columns[*it].kind == Kind::Text).collect();
    if !texts.is_empty() {
        let mut special = 0;
        for (seen, feature) in layer.features().enumerate() {
            if seen >= MOST || seen >= SAMPLE && special > 0 || special > 4_096 {
                break;
            }
            for index in &texts {
                let text = gdal_field::raw_text(&feature, *index);
                if !text.is_ascii() {
                    special += text.len();
                    sample.push(text);
                }
            }
        }
        layer.reset_feature_reading();
    }
    if sample.iter().all(|it| it.is_ascii())
        && let Some(feature) = layer.features().next()
    {
        // Something to show a person, even where nothing depends on it.
        sample = texts.iter().map(|it| gdal_field::raw_text(&feature, *it)).collect();
        sample.retain(|it| !it.is_empty());
    }
    layer.reset_feature_reading();
    // Names last: a value says more to the person who judges the choice.
    sample.extend(columns.iter().map(|it| it.name.clone()));
    let (encoding, choice) = encoding::choose(&declared, &sample);
    (encoding, Some(choice))
}

/// Rows that are handed from thread to thread at a time, and how many such batches may wait.
const BATCH: usize = 256;
const WAITING: usize = 8;

/// A row on its way from the reading thread.
struct Read {
    number: u64,
    cells: Vec<Cell>,
    /// WKB, or what is wrong.
    shape: Option<Result<Vec<u8>, Remark>>,
}

impl Rows for Vector {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let has_geometry = self.has_geometry;
        let row = |it: Read| {
            let shape = match it.shape {
                Some(Ok(wkb)) => Shape::Wkb(wkb),
                Some(Err(remark)) => Shape::Broken(remark),
                None if has_geometry => Shape::Null,
                None => Shape::None,
            };
            Row { number: it.number, cells: it.cells, shape }
        };
        // What the members of an archive are called is an option of the thread that opened it.
        if self.dataset.description().is_ok_and(|it| it.starts_with("/vsi")) {
            return self.read_here(&mut |it| sink(row(it)));
        }
        let (sender, receiver) = std::sync::mpsc::sync_channel::<Vec<Read>>(WAITING);
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || {
                let mut batch = Vec::with_capacity(BATCH);
                self.read_here(&mut |it| {
                    batch.push(it);
                    if batch.len() < BATCH {
                        return Ok(());
                    }
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    // The sink's own reason is told below.
                    sender.send(full).map_err(|_| anyhow!("import was abandoned"))
                })?;
                sender.send(batch).map_err(|_| anyhow!("import was abandoned"))
            });
            for batch in receiver {
                for it in batch {
                    sink(row(it))?;
                }
            }
            reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

impl Vector {
    fn read_here(
        &mut self,
        hand: &mut dyn FnMut(Read) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut layer = self.dataset.layer(self.layer)?;
        let expected = layer.try_feature_count();
        let shapefile = self.dataset.driver().short_name() == "ESRI Shapefile";
        gdal_error::take();
        let mut number = 0;
        for feature in layer.features() {
            number += 1;
            // Iteration has no error of its own: a file that was cut short only complains.
            check_complete(number)?;
            let mut cells = Vec::with_capacity(self.columns.len());
            for (index, column) in self.columns.iter().enumerate() {
                cells.push(gdal_field::cell(&feature, index, column.kind, self.encoding));
            }
            let geometry = gdal_field::geometry(&feature).filter(|_| self.has_geometry);
            let shape = geometry.and_then(|it| match shaped(it, self.swapped) {
                Shape::Wkb(it) => Some(Ok(it)),
                Shape::Broken(remark) => Some(Err(remark)),
                _ => None,
            });
            check_complete(number)?;
            hand(Read { number, cells, shape })?;
        }
        check_complete(number + 1)?;
        // A shapefile's count includes rows that are marked as deleted.
        if let Some(expected) = expected.filter(|it| *it != number && !(shapefile && *it > number))
        {
            bail!(
                "文件不完整：应有 {expected} 个要素，只读到 {number} 个 / the file is incomplete: {expected} features expected, {number} read"
            );
        }
        Ok(())
    }
}

fn check_complete(number: u64) -> anyhow::Result<()> {
    match gdal_error::take_failure() {
        None => Ok(()),
        Some(why) => bail!(
            "文件损坏或不完整（第 {number} 个要素处）/ the file is damaged or cut short (at feature {number}): {why}"
        ),
    }
}
