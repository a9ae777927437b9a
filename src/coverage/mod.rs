//! Polygons that share borders, as memory holds them and as a map draws them: integer coordinates, and for each zoom an
//! outline in which both sides of a border are the same line. Pure: shapes in, bytes of a tile's geometry out. What a row
//! says besides its shape is `snapshot`'s, what a tile says besides its geometry is `tile`'s.

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
