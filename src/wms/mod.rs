//! WMS 1.3.0, for the desktops that ask for pictures: the layers as the map draws them, in Web Mercator, degrees and
//! CGCS2000 zones. `request` reads parameters, `capabilities` describes, `info` says what lies at a pixel, `legend` draws
//! legends; pictures are `render`'s. `GetMap` of version 1.1.1 is understood, too. Unknown parameters are ignored: clients
//! add their own.

mod capabilities;
pub mod fault;
pub mod info;
mod legend;
mod request;
pub mod routes;

/// The version that is spoken.
pub const VERSION: &str = "1.3.0";
/// Columns and rows of a picture at most.
pub const MAX_SIDE: i64 = 4096;
/// Layers of one picture at most.
pub const MAX_LAYERS: usize = 16;
/// The media type of pictures.
pub const PNG: &str = "image/png";

pub use capabilities::drawn;
pub use capabilities::legend_address;
