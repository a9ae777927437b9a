//! DXF drawings. A drawing has outlines and, inside them, what they are called as text; which of its layers holds the parcels
//! only a person knows. Every closed line is a polygon of its own: a ring inside another is not taken for a hole, as nothing in
//! a drawing says so.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;

use anyhow::bail;
use encoding_rs::Encoding;
use gdal::vector::Geometry;
use gdal::vector::LayerAccess;

use crate::ingest::crs;
use crate::ingest::crs::Stated;
use crate::ingest::encoding;
use crate::ingest::encoding::Choice;
use crate::ingest::encoding::Declared;
use crate::ingest::question::Question;
use crate::ingest::value::Cell;
use crate::layer::Geometry as Wanted;

use super::Opened;
use super::Remark;
use super::Request;
use super::Row;
use super::Rows;
use super::Shape;
use super::boundary_rings as rings;
use super::boundary_rings::Ring;
use super::gdal_error;
use super::gdal_field;
use super::gdal_open;
use super::typical;
use super::upright;

/// The columns that every drawing gets; the texts inside an outline follow, by the layer they are on.
const COLUMNS: [&str; 4] = ["Layer", "EntityHandle", "SubClasses", "Text"];
/// Layers of texts that become columns of their own.
const TEXT_LAYERS: usize = 30;

/// One thing that is drawn.
struct Entity {
    number: u64,
    layer: String,
    handle: String,
    classes: String,
    text: String,
    paper: bool,
    geometry: Option<Geometry>,
}

/// A text and where it begins.
struct Label {
    layer: String,
    text: String,
    at: [f64; 2],
}

struct Drawing {
    rows: Vec<Row>,
    swapped: bool,
}

pub(super) fn open_blocking(path: &Path, request: &Request) -> anyhow::Result<Opened> {
    let shown = super::file_name(path);
    let (encoding, choice) = choose_encoding(path, request.encoding)?;
    let entities = {
        let _guard = DxfEncoding::set(encoding)?;
        entities(path)?
    };
    let wanted = request.geometry.unwrap_or(Wanted::Polygon);
    let all = entities.len();
    let (papers, model): (Vec<Entity>, Vec<Entity>) = entities.into_iter().partition(|it| it.paper);
    let fits =
        |it: &Entity| it.geometry.as_ref().is_some_and(|geometry| is_wanted(geometry, wanted, it));
    let layer = choose_layer(&model, request.layer_name.as_deref(), &fits)?;
    let (labels, drawn) = labels(model, wanted);
    let (chosen, others): (Vec<Entity>, Vec<Entity>) = drawn.into_iter().partition(|it| {
        it.layer == layer
            && it.geometry.as_ref().is_some_and(|geometry| kind_of(geometry, wanted, it))
    });
    if chosen.is_empty() {
        bail!(
            "{shown} 的图层 `{layer}` 中没有可导入的图形（共 {all} 个实体）/ layer `{layer}` of the drawing has nothing of the kind that is wanted ({all} entities)"
        );
    }
    let boxes = chosen.iter().filter_map(|it| it.geometry.as_ref()).map(|it| {
        let it = it.envelope();
        [it.MinX, it.MinY, it.MaxX, it.MaxY]
    });
    let stated = Stated { extent: typical(boxes.collect()), ..Stated::default() };
    let crs = crs::choose(&stated, request)?;
    let swapped = crs.choice.swapped;
    let mut notes = Vec::new();
    if !others.is_empty() || !papers.is_empty() {
        notes.push(format!(
            "图中另有 {} 个其他图层或类型的实体、{} 个图纸空间的实体未导入 / {} entities of other layers or kinds and {} of the paper space were left out",
            others.len(), papers.len(), others.len(), papers.len()
        ));
    }
    let text_layers = text_layers(&labels);
    let rows: Vec<Row> = rows(chosen, &labels, &text_layers, wanted);
    let headers = COLUMNS.iter().map(|it| (*it).to_owned()).chain(text_layers).collect();
    Ok(Opened {
        format: "DXF".to_owned(),
        layer_name: Some(layer),
        headers,
        total: Some(rows.len() as u64),
        encoding: Some(choice),
        crs: Some(crs),
        notes,
        rows: Box::new(Drawing { rows, swapped }),
    })
}

impl Rows for Drawing {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for mut row in std::mem::take(&mut self.rows) {
            if let Shape::Geometry(it) = row.shape {
                row.shape = Shape::Geometry(upright(it, self.swapped));
            }
            sink(row)?;
        }
        Ok(())
    }
}

/// GDAL decodes a drawing itself; this thread's choice of how lasts as long as this.
struct DxfEncoding;

impl DxfEncoding {
    fn set(encoding: &'static Encoding) -> anyhow::Result<Self> {
        gdal::config::set_thread_local_config_option("DXF_ENCODING", encoding.name())?;
        Ok(Self)
    }
}

impl Drop for DxfEncoding {
    fn drop(&mut self) {
        // Nothing is lost when it stays: the next drawing sets its own.
        let _ = gdal::config::clear_thread_local_config_option("DXF_ENCODING");
    }
}

/// `$DWGCODEPAGE` says which bytes are which characters, and many exporters write Windows-1252 over Chinese bytes.
fn choose_encoding(
    path: &Path,
    asked: Option<&'static Encoding>,
) -> anyhow::Result<(&'static Encoding, Choice)> {
    let mut reader = BufReader::with_capacity(256 * 1024, File::open(path)?);
    let mut declared = Declared { asked, said: Vec::new() };
    let mut sample: Vec<Vec<u8>> = Vec::new();
    let (mut line, mut last) = (Vec::new(), Vec::new());
    let (mut special, mut before) = (0, Vec::new());
    while special < 4_096 {
        line.clear();
        // One line may be the whole of a binary file; no text of a drawing has this many bytes.
        if std::io::Read::take(&mut reader, 64 * 1024).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.trim_ascii();
        // Name of the variable, group code, value.
        if before == b"$DWGCODEPAGE" {
            let said = encoding::by_label(&String::from_utf8_lossy(text).replace('_', " "));
            declared.said.extend(
                said.filter(|it| it.name() != "windows-1252").map(|it| ("$DWGCODEPAGE", it)),
            );
        }
        if !text.is_ascii() {
            special += text.len();
            sample.push(text.to_vec());
        }
        before = std::mem::replace(&mut last, text.to_vec());
    }
    Ok(encoding::choose(&declared, &sample))
}

fn entities(path: &Path) -> anyhow::Result<Vec<Entity>> {
    let dataset = gdal_open::drawing(path)?;
    let mut layer = dataset.layer(0)?;
    let columns = gdal_field::columns(layer.defn());
    let index = |name: &str| columns.iter().position(|it| it.name == name.as_bytes());
    let [layer_at, handle_at, classes_at, text_at, paper_at] =
        ["Layer", "EntityHandle", "SubClasses", "Text", "PaperSpace"].map(index);
    let mut found = Vec::new();
    for (number, feature) in (1..).zip(layer.features()) {
        let text = |at: Option<usize>| {
            at.map(|at| String::from_utf8_lossy(&gdal_field::raw_text(&feature, at)).into_owned())
                .unwrap_or_default()
        };
        found.push(Entity {
            number,
            layer: text(layer_at),
            handle: text(handle_at),
            classes: text(classes_at),
            text: text(text_at),
            paper: text(paper_at) == "1",
            geometry: gdal_field::geometry(&feature).cloned(),
        });
    }
    if let Some(why) = gdal_error::take_failure() {
        bail!("文件损坏或不完整 / the file is damaged or cut short: {why}");
    }
    if found.is_empty() {
        bail!("图中没有实体 / the drawing is empty");
    }
    Ok(found)
}

fn is_label(it: &Entity) -> bool {
    it.classes.contains("AcDbText") || it.classes.contains("AcDbMText")
}

/// Whether a thing is of the wanted kind, or would be if its line were closed.
fn kind_of(geometry: &Geometry, wanted: Wanted, it: &Entity) -> bool {
    let name = geometry.geometry_name();
    match wanted {
        Wanted::Polygon => name.contains("LINESTRING") || name.contains("POLYGON"),
        Wanted::Line => name.contains("LINESTRING"),
        _ => name.contains("POINT") && !is_label(it),
    }
}

/// Whether a thing is of the wanted kind as it is.
fn is_wanted(geometry: &Geometry, wanted: Wanted, it: &Entity) -> bool {
    kind_of(geometry, wanted, it)
        && (wanted != Wanted::Polygon
            || geometry.geometry_name().contains("POLYGON")
            || closed(geometry).is_some())
}

/// The layer asked for, or the only one with things of the wanted kind.
fn choose_layer(
    entities: &[Entity],
    asked: Option<&str>,
    fits: &dyn Fn(&Entity) -> bool,
) -> anyhow::Result<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for it in entities {
        *all.entry(&it.layer).or_default() += 1;
        if fits(it) {
            *counts.entry(&it.layer).or_default() += 1;
        }
    }
    let names = || all.keys().copied().collect::<Vec<_>>().join(", ");
    if let Some(asked) = asked {
        if all.contains_key(asked) {
            return Ok(asked.to_owned());
        }
        bail!(
            "图中没有图层 `{asked}` / the drawing has no layer `{asked}`; there are: {}",
            names()
        );
    }
    let mut found: Vec<(&str, usize)> = counts.into_iter().collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    match found.as_slice() {
        [(one, _)] => Ok((*one).to_owned()),
        [] => bail!(
            "图中没有闭合的线或所需类型的图形，图层有 / the drawing has no closed line and nothing of the wanted kind; layers: {}",
            names()
        ),
        several => {
            let choices: Vec<String> = several.iter().map(|(it, _)| (*it).to_owned()).collect();
            let told: Vec<String> =
                several.iter().map(|(it, count)| format!("{it}（{count}）")).collect();
            let message = format!(
                "图中多个图层有可导入的图形，请用 --layer-name 指定 / several layers of the drawing have shapes, choose with --layer-name: {}",
                told.join(", ")
            );
            bail!(Question { parameter: "layer_name", choices, message })
        }
    }
}

/// The corners of a line that comes back to where it began, without the last; `None` for one that does not.
fn closed(geometry: &Geometry) -> Option<Vec<[f64; 2]>> {
    if geometry.geometry_name() != "LINESTRING" {
        return None;
    }
    let mut points: Vec<[f64; 2]> = (0..geometry.point_count())
        .filter_map(|at| i32::try_from(at).ok())
        .map(|at| geometry.get_point(at))
        .map(|(x, y, _)| [x, y])
        .collect();
    let (first, last) = (*points.first()?, *points.last()?);
    // A draughtsman's closing click is off by less than a centimetre, or by some ten-millionths of a degree.
    let close = if first[0].abs() > 360.0 { 0.01 } else { 1e-7 };
    if points.len() < 4 || (first[0] - last[0]).hypot(first[1] - last[1]) > close {
        return None;
    }
    points.pop();
    Some(points)
}

/// Takes the texts out of what is drawn, where they name outlines.
fn labels(entities: Vec<Entity>, wanted: Wanted) -> (Vec<Label>, Vec<Entity>) {
    if wanted != Wanted::Polygon {
        return (Vec::new(), entities);
    }
    let (texts, drawn): (Vec<Entity>, Vec<Entity>) = entities.into_iter().partition(is_label);
    let mut labels: Vec<Label> = texts
        .into_iter()
        .filter_map(|it| {
            let (x, y, _) = it.geometry?.get_point(0);
            Some(Label { layer: it.layer, text: it.text.trim().to_owned(), at: [x, y] })
        })
        .filter(|it| !it.text.is_empty())
        .collect();
    labels.sort_by(|a, b| a.at[0].total_cmp(&b.at[0]));
    (labels, drawn)
}

fn text_layers(labels: &[Label]) -> Vec<String> {
    let mut names: Vec<String> = labels.iter().map(|it| it.layer.clone()).collect();
    names.sort();
    names.dedup();
    names.retain(|it| !COLUMNS.contains(&it.as_str()));
    names.truncate(TEXT_LAYERS);
    names
}

fn rows(
    entities: Vec<Entity>,
    labels: &[Label],
    text_layers: &[String],
    wanted: Wanted,
) -> Vec<Row> {
    let outlines: Vec<Option<Ring>> = entities
        .iter()
        .map(|it| (wanted == Wanted::Polygon).then(|| outline(it.geometry.as_ref()?)).flatten())
        .collect();
    let inside: Vec<Vec<usize>> = outlines.iter().map(|it| within(it.as_ref(), labels)).collect();
    let mut holders = vec![0; labels.len()];
    inside.iter().flatten().for_each(|it| holders[*it] += 1);
    entities
        .into_iter()
        .zip(outlines)
        .zip(inside)
        .map(|((it, outline), mut inside)| {
            // A text inside two outlines could name either.
            inside.retain(|at| holders[*at] == 1);
            let texts = |layer: Option<&str>| {
                let found: Vec<&str> = inside
                    .iter()
                    .map(|at| &labels[*at])
                    .filter(|label| layer.is_none_or(|layer| label.layer == layer))
                    .map(|label| label.text.as_str())
                    .collect();
                one(&found)
            };
            let own = if it.text.is_empty() { texts(None) } else { Cell::Text(it.text.clone()) };
            let mut cells = vec![
                Cell::Text(it.layer.clone()),
                Cell::Text(it.handle.clone()),
                Cell::Text(it.classes.clone()),
                if wanted == Wanted::Polygon { texts(None) } else { own },
            ];
            cells.extend(text_layers.iter().map(|layer| texts(Some(layer))));
            Row { number: it.number, cells, shape: shape(it, outline, wanted) }
        })
        .collect()
}

/// The one text, or a cell that says that there are several.
fn one(texts: &[&str]) -> Cell {
    match texts {
        [] => Cell::Missing,
        [text] => Cell::Text((*text).to_owned()),
        several => Cell::Broken(format!(
            "{}（轮廓内有 {} 个文字 / texts inside）",
            several.join(" | "),
            several.len()
        )),
    }
}

fn shape(it: Entity, outline: Option<Ring>, wanted: Wanted) -> Shape {
    let Some(geometry) = it.geometry else { return Shape::Null };
    if wanted != Wanted::Polygon || geometry.geometry_name().contains("POLYGON") {
        return Shape::Geometry(geometry);
    }
    let made = outline.map(|ring| rings::polygons(&[ring]));
    match made {
        Some(Ok(polygon)) => Shape::Geometry(polygon),
        _ => Shape::Broken(Remark {
            rule: "geometry_open",
            why: format!(
                "图层「{layer}」实体 {handle} 的线没有闭合 / the line {handle} on layer `{layer}` is not closed",
                layer = it.layer,
                handle = it.handle
            ),
        }),
    }
}

fn outline(geometry: &Geometry) -> Option<Ring> {
    let points = if geometry.geometry_name() == "POLYGON" {
        let ring = geometry.get_geometry(0);
        (0..ring.point_count())
            .filter_map(|at| i32::try_from(at).ok())
            .map(|at| ring.get_point(at))
            .map(|(x, y, _)| [x, y])
            .collect()
    } else {
        closed(geometry)?
    };
    Some(Ring { name: String::new(), points, closed: true })
}

/// The texts that begin inside an outline; they are sorted from west to east.
fn within(outline: Option<&Ring>, labels: &[Label]) -> Vec<usize> {
    let Some(ring) = outline else { return Vec::new() };
    let west = ring.points.iter().map(|it| it[0]).fold(f64::INFINITY, f64::min);
    let east = ring.points.iter().map(|it| it[0]).fold(f64::NEG_INFINITY, f64::max);
    let from = labels.partition_point(|it| it.at[0] < west);
    let beyond = labels.partition_point(|it| it.at[0] <= east);
    (from..beyond).filter(|at| rings::holds(ring, labels[*at].at)).collect()
}
