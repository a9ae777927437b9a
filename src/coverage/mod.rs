//! Polygons that share borders, as memory holds them and as a map draws them: integer coordinates, and for each zoom an
//! outline in which both sides of a border are the same line. Pure: shapes in, bytes of a tile's geometry out. What a row
//! says besides its shape is `snapshot`'s, what a tile says besides its geometry is `tile`'s.

mod at;
mod pyramid;
mod shapes;

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
