//! A tile of one layer from its snapshot. A tile has a budget of compressed bytes, which it keeps by declared steps: all
//! attributes, those that a map needs, aggregates. Nothing is cut off. Pure: a view in, bytes out.

use std::cell::RefCell;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Address;
use crate::coverage::EXTENT;
use crate::cql;
use crate::layer::Geometry;
use crate::mvt::Kind;
use crate::mvt::Writer;
use crate::mvt::Written;
use crate::snapshot::Bitmap;
use crate::snapshot::View;
use crate::snapshot::ViewPart;

mod aggregate;
mod class;
mod degrees;
mod label;
mod property;
mod rows;
mod select;
mod size;
mod square;

use rows::Form;
use rows::Rows;
use rows::Trial;

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
    rows: Rows,
    names: Rows,
    found: Vec<Vec<u32>>,
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
    desk.found.resize_with(desk.found.len().max(parts.len()), Vec::new);
    for (nth, part) in parts.iter().enumerate() {
        let rows = &mut desk.found[nth];
        rows.clear();
        #[expect(clippy::cast_possible_truncation, reason = "a part has less than 2^32 rows")]
        part.part.touching(&bounds, |row| {
            if part.shows(row) {
                rows.push(row as u32);
            }
        });
        select::retain(part, nth, chosen, rows);
    }
    let Desk { writer, rows, names, found } = desk;
    let found = &found[..parts.len()];
    let count: usize = found.iter().map(Vec::len).sum();
    if count == 0 {
        return Made::default();
    }
    let fields = || view.layer.tile_fields(view.scope()).map(|it| it.0);
    let named = match &view.layer.labels {
        Some(it) if address.zoom() >= it.min_zoom && count <= budget.rows(Step::Attributes) => {
            let told: Vec<&str> =
                fields().filter(|name| it.fields.iter().any(|it| it == name)).collect();
            let form = Form::Label;
            let trial = Trial { view, parts: &parts, address, fields: &told, form, budget };
            // All of them or none: names that are too many have outlines that are, too.
            trial.write(found, names).then(|| (it.source_layer.as_str(), names.written()))
        }
        _ => None,
    };
    for step in [Step::All, Step::Attributes] {
        let told: Vec<&str> =
            fields().filter(|it| step == Step::All || view.layer.is_needed(it)).collect();
        let is_less = step == Step::All || told.len() < fields().count();
        if !is_less || count > budget.rows(step) {
            continue;
        }
        let trial =
            Trial { view, parts: &parts, address, fields: &told, form: Form::Outline, budget };
        let is_hopeless = size::is_tried_first(count, budget)
            && trial.write(&size::some(found), rows)
            && size::is_hopeless(rows.written(), count, budget);
        if !is_hopeless
            && trial.write(found, rows)
            && let Some(made) = finish((rows.written(), named), view, step, budget)
        {
            return made;
        }
    }
    for cells in CELLS {
        aggregate::write(writer, view, &parts, found, address, cells);
        if let Some(made) = finish((writer.written(), None), view, Step::Aggregates, budget) {
            return made;
        }
    }
    // The coarsest is what it is.
    finish((writer.written(), None), view, Step::Aggregates, Budget::NONE).unwrap_or_default()
}

/// The layer that was written, and that of its names, if they keep the budget together.
fn finish(
    (written, named): (Written<'_>, Option<(&str, Written<'_>)>),
    view: &View<'_>,
    step: Step,
    budget: Budget,
) -> Option<Made> {
    if written.bytes() > budget.raw() {
        return None;
    }
    let mut bytes = Vec::new();
    written.finish(&view.layer.id, EXTENT.unsigned_abs(), &mut bytes);
    if let Some((name, it)) = named {
        it.finish(name, EXTENT.unsigned_abs(), &mut bytes);
    }
    // Compression makes nothing larger, but for a few bytes.
    if bytes.len() <= budget.0 || size::is_clearly_within(&bytes, budget) {
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

const fn kind(geometry: Geometry) -> Kind {
    match geometry {
        Geometry::Point => Kind::Point,
        Geometry::Line => Kind::Line,
        Geometry::Polygon | Geometry::None => Kind::Polygon,
    }
}
