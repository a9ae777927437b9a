//! WMTS 1.0.0, by parameters and by address: the layers as PNG tiles of 256 pixels in Web Mercator and in CGCS2000,
//! numbered as Tianditu's `w` and `c` services. Pictures are `render`'s, what lies at a pixel is told as in `wms`.

mod capabilities;
mod request;
pub mod routes;

/// The version that is spoken.
pub const VERSION: &str = "1.0.0";
/// Columns and rows of a tile.
pub const SIDE: u32 = 256;
