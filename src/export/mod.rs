//! A selection of a layer's rows, streamed: what feature pages, downloads and `mutu export` have in common, and one file
//! per format. Rows are never held all at once.

use serde_json::json;

use crate::audit::Action;
use crate::audit::Event;
use crate::layer::Layer;

mod csv;
pub mod download;
mod file;
mod format;
pub mod geojson;
mod headings;
pub mod held;
mod order;
mod pen;
pub mod plot;
pub mod queries;
pub mod routes;
mod selection;
mod vector;
mod xlsx;

pub use file::About;
pub use file::Plan as FilePlan;
pub use file::Written;
pub use file::write_file;
pub use file::write_rows_blocking;
pub use format::Format;
pub use headings::heading;
pub use headings::unit_label;
pub use order::Key;
pub use order::Place;
pub use pen::Pen;
pub use selection::Bbox;
pub use selection::Column;
pub use selection::Encoding;
pub use selection::Frame;
pub use selection::Selection;
pub use selection::shortened;
pub use selection::unknown_parameter;

/// What a selection was asked for with, as it was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    pub filter: Option<&'a str>,
    pub bbox: Option<&'a str>,
    pub datetime: Option<&'a str>,
    pub as_of: Option<&'a str>,
}

/// What the audit says of a selection that was given out.
pub fn exported<'a>(layer: &'a Layer, format: Format, asked: Asked<'_>, rows: i64) -> Event<'a> {
    Event::of(Action::Export, &layer.id).with(json!({
        "format": format.name(),
        "filter": asked.filter,
        "bbox": asked.bbox,
        "datetime": asked.datetime,
        "as_of": asked.as_of,
        "rows": rows,
    }))
}

/// One feature, as text that is ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub id: i64,
    /// The values of the selection's columns in their order; exact digits, ISO dates, `true` or `false`.
    pub values: Vec<Option<String>>,
    /// The values that the selection is sorted by.
    pub keys: Vec<Option<String>>,
    /// First and last day of the version, `2024-01-01/..`, where the selection is [timed](Selection::timed).
    pub time: Option<String>,
    pub shape: Shape,
}

impl Row {
    /// Where it stands in the selection's order.
    pub fn place(&self) -> Place {
        Place { id: self.id, keys: self.keys.clone() }
    }
}

/// A row's geometry in the encoding that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Without,
    GeoJson(String),
    Wkb(Vec<u8>),
}
