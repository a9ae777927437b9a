//! The one renderer of maps: layers as their folders style them, from the map in memory, onto a picture of a known scale.
//! [`Subject`]s are gathered under a scope, [`draw`] makes SVG of them, [`output`] makes PNG and PDF of SVG. The same rows
//! give the same bytes. How a sheet is laid out around a map is `print`'s business, tiles and GIS clients `wmts`' and `wms`'.

use std::time::Duration;

pub mod clip;
pub mod draw;
mod expression;
pub mod frame;
pub mod kept;
mod label;
pub mod legend;
pub mod output;
mod paint;
pub mod pick;
pub mod plane;
mod shapes;
mod subject;
pub mod svg;

pub use draw::Look;
pub use draw::Picture;
pub use frame::Frame;
pub use frame::PX_PER_MM;
pub use paint::PATTERNS;
pub use plane::Plane;
pub use subject::Subject;
pub use subject::fonts;
pub use subject::gather;
pub use subject::named;

/// How far a picture may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows of all layers together.
    pub rows: usize,
    /// Vertices of all of them.
    pub vertices: usize,
    /// From its beginning to its end.
    pub time: Duration,
}

impl Limits {
    /// A picture that somebody waits for.
    pub const SCREEN: Self =
        Self { rows: 400_000, vertices: 4_000_000, time: Duration::from_secs(20) };
    /// A sheet of paper, which may be a square metre.
    pub const SHEET: Self =
        Self { rows: 600_000, vertices: 10_000_000, time: Duration::from_mins(1) };
}
