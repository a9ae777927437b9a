//! Polygons that share borders, as memory holds them and as a map draws them: integer coordinates, and for each zoom an
//! outline in which both sides of a border are the same line. Pure: shapes in, bytes of a tile's geometry out. What a row
//! says besides its shape is `snapshot`'s, what a tile says besides its geometry is `tile`'s.
//!
//! What holds at every zoom: a ring that is drawn is valid (MVT 2.1 §4.3.4.4); no row with a shape vanishes; an edge of an
//! outline is the neighbour's edge turned round, except beside dots, rows that had to be repaired and rings that collapsed
//! to a line; a border is moved by four units and the rounding at most, at the highest zoom by half a unit.

mod arcs;
mod at;
mod boxes;
mod bytes;
mod clip;
mod dots;
mod draft;
mod floor;
mod noding;
mod places;
mod pyramid;
mod repair;
mod row;
mod shapes;
mod thin;
#[cfg(test)]
mod tests;
mod tidy;
mod trace;
mod valid;

pub use at::At;
pub use at::Bounds;
pub use at::Window;
pub use pyramid::Drawn;
pub use pyramid::Pyramid;
pub use shapes::Shapes;

/// Width of a tile in its own units.
pub const EXTENT: i32 = 4096;
/// Margin drawn around a tile, in its units.
pub const BUFFER: i32 = 64;
