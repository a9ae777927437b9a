//! A tile of one layer from its snapshot. A tile has a budget of compressed bytes, which it keeps by declared steps: all
//! attributes, those that a map needs, aggregates. Nothing is cut off. Pure: a view in, bytes out.

use std::cell::RefCell;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Address;
use crate::coverage::Drawn;
use crate::coverage::EXTENT;
use crate::cql;
use crate::layer::Geometry;
use crate::mvt::Kind;
use crate::mvt::Writer;
use crate::snapshot::Bitmap;
use crate::snapshot::View;
use crate::snapshot::ViewPart;

mod aggregate;
mod class;
mod degrees;
mod property;
mod select;
mod size;
mod square;

use property::Property;
use property::Table;

/// How a tile was brought within its budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// All rows with all attributes that tiles carry.
    #[default]
    All,
    /// All rows, with the attributes that legend, identify and the first line of a popup need.
    Attributes,
    /// No rows: what they sum up to, by class and cell of a grid.
    Aggregates,
}

impl Step {
    /// What `X-Tile-Degraded` says.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Attributes => Some("attributes"),
            Self::Aggregates => Some("aggregates"),
        }
    }
}

/// How many bytes a tile may have, compressed by gzip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(pub usize);

impl Budget {
    /// What a browser has drawn within a frame or two.
    pub const DEFAULT: Self = Self(300_000);
    /// For those who want all of it, whatever it weighs.
    pub const NONE: Self = Self(usize::MAX);

    /// The rows with which a step is not even tried: an attribute or an outline costs a few bytes, whatever the data.
    const fn rows(self, step: Step) -> usize {
        match step {
            Step::All => self.0 / 12,
            Step::Attributes => self.0 / 9,
            Step::Aggregates => usize::MAX,
        }
    }

    /// No tile of so many bytes compresses to the budget.
    const fn raw(self) -> usize {
        self.0.saturating_mul(10)
    }
}

/// Columns and rows of the grid of aggregates: the first with which the tile keeps its budget.
pub const CELLS: [u32; 4] = [64, 32, 16, 8];

/// How tiles are compressed where their size is measured, and served so.
pub const GZIP: Compression = Compression::new(3);

/// A tile that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Empty when nothing lies in it.
    pub bytes: Vec<u8>,
    pub step: Step,
    /// Where its size had to be measured: the same by gzip.
    pub gzip: Option<Vec<u8>>,
}

/// What is drawn of the view.
#[derive(Clone, Copy, Debug)]
pub enum Chosen<'a> {
    All,
    /// Of each part the rows that are in it.
    Rows(&'a [Bitmap]),
    /// Rows for which it is true.
    Where(&'a cql::Expr),
}

/// Memory that tiles are made in, kept from one to the next.
#[derive(Debug, Default)]
struct Desk {
    writer: Writer,
    tables: Vec<Table>,
    rows: Vec<Vec<u32>>,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Makes the tile.
pub fn tile(view: &View<'_>, address: &Address, chosen: Chosen<'_>, budget: Budget) -> Made {
    DESK.with_borrow_mut(|desk| make(desk, view, address, chosen, budget))
}

fn make(
    desk: &mut Desk,
    view: &View<'_>,
    address: &Address,
    chosen: Chosen<'_>,
    budget: Budget,
) -> Made {
    let bounds = address.bounds();
    let parts: Vec<ViewPart<'_>> = view.parts().collect();
    desk.rows.resize_with(desk.rows.len().max(parts.len()), Vec::new);
    for (nth, part) in parts.iter().enumerate() {
        let rows = &mut desk.rows[nth];
        rows.clear();
        #[expect(clippy::cast_possible_truncation, reason = "a part has less than 2^32 rows")]
        part.part.touching(&bounds, |row| {
            if part.shows(row) {
                rows.push(row as u32);
            }
        });
        select::retain(part, nth, chosen, rows);
    }
    let Desk { writer, tables, rows: found } = desk;
    let found = &found[..parts.len()];
    let count: usize = found.iter().map(Vec::len).sum();
    if count == 0 {
        return Made::default();
    }
    let fields = || view.layer.tile_fields(view.scope()).map(|it| it.0);
    for step in [Step::All, Step::Attributes] {
        let told: Vec<&str> =
            fields().filter(|it| step == Step::All || view.layer.is_needed(it)).collect();
        let is_less = step == Step::All || told.len() < fields().count();
        if !is_less || count > budget.rows(step) {
            continue;
        }
        let trial = Trial { view, parts: &parts, address, fields: &told, budget };
        let is_hopeless = size::is_tried_first(count, budget)
            && trial.write(&size::some(found), writer, tables)
            && size::is_hopeless(writer, count, budget);
        if !is_hopeless
            && trial.write(found, writer, tables)
            && let Some(made) = finish(writer, view, step, budget)
        {
            return made;
        }
    }
    for cells in CELLS {
        aggregate::write(writer, view, &parts, found, address, cells);
        if let Some(made) = finish(writer, view, Step::Aggregates, budget) {
            return made;
        }
    }
    // The coarsest is what it is.
    finish(writer, view, Step::Aggregates, Budget::NONE).unwrap_or_default()
}

/// The layer that was written, if it keeps the budget.
fn finish(writer: &Writer, view: &View<'_>, step: Step, budget: Budget) -> Option<Made> {
    if writer.bytes() > budget.raw() {
        return None;
    }
    let mut bytes = Vec::new();
    writer.finish(&view.layer.id, EXTENT.unsigned_abs(), &mut bytes);
    // Compression makes nothing larger, but for a few bytes.
    if bytes.len() <= budget.0 {
        return Some(Made { bytes, step, gzip: None });
    }
    match size::guess(&bytes) {
        Some(it) if size::is_surely_within(it, budget) => {
            return Some(Made { bytes, step, gzip: None });
        }
        Some(it) if size::is_surely_beyond(it, budget) => return None,
        _ => {}
    }
    let gzip = gzip(&bytes);
    (gzip.len() <= budget.0).then_some(Made { bytes, step, gzip: Some(gzip) })
}

/// Compresses as tiles are measured and served.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), GZIP);
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Rows with some of their fields, to see whether they keep the budget.
struct Trial<'a> {
    view: &'a View<'a>,
    parts: &'a [ViewPart<'a>],
    address: &'a Address,
    fields: &'a [&'a str],
    budget: Budget,
}

impl Trial<'_> {
    /// Writes those rows of each part; false when they are too many for the budget before the last of them.
    fn write(&self, rows: &[Vec<u32>], writer: &mut Writer, tables: &mut Vec<Table>) -> bool {
        let Self { view, address, fields, .. } = *self;
        writer.clear();
        tables.resize_with(tables.len().max(fields.len()), Table::default);
        let mut keys = vec![None; fields.len()];
        let kind = kind(view.layer.geometry);
        let window = address.window();
        let most = self.budget.raw();
        for (part, rows) in self.parts.iter().zip(rows) {
            let mut properties: Vec<Property<'_>> = Vec::with_capacity(fields.len());
            for (nth, name) in fields.iter().enumerate() {
                if let Some(seen) = part.column(name) {
                    tables[nth].clear();
                    properties.push(Property::new(nth, seen));
                }
            }
            let (ids, shapes) = (part.part.ids(), part.part.shapes());
            for row in rows.iter().map(|it| *it as usize) {
                let drawn = match &window {
                    Some(it) => shapes.draw(row, it, &mut writer.geometry),
                    None => degrees::draw(shapes, row, address, &mut writer.geometry),
                };
                if drawn == Drawn::Nothing || writer.geometry.is_empty() {
                    writer.geometry.clear();
                    continue;
                }
                for it in &properties {
                    let Some(value) = it.place(row, &mut tables[it.field], writer) else {
                        continue;
                    };
                    let key = *keys[it.field].get_or_insert_with(|| writer.key(fields[it.field]));
                    writer.tag(key, value);
                }
                writer.feature(u64::try_from(ids[row]).ok(), kind);
                if writer.bytes() > most {
                    return false;
                }
            }
        }
        true
    }
}

const fn kind(geometry: Geometry) -> Kind {
    match geometry {
        Geometry::Point => Kind::Point,
        Geometry::Line => Kind::Line,
        Geometry::Polygon | Geometry::None => Kind::Polygon,
    }
}
