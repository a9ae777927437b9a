//! Mapbox Vector Tiles 2.1: layers written into bytes, read back, and held to every rule of the specification
//! (<https://github.com/mapbox/vector-tile-spec/tree/master/2.1>). Pure bytes: what stands in a tile is `tile`'s business,
//! how outlines become commands `coverage`'s, and compression neither's.

mod buffer;
mod check;
mod pen;
mod read;
mod write;

pub use check::Finding;
pub use check::Rule;
pub use check::check;
pub use pen::Pen;
pub use read::Broken;
pub use read::Feature;
pub use read::Layer;
pub use read::Owned;
pub use read::Tile;
pub use read::read;
pub use write::Features;
pub use write::Keys;
pub use write::Value;
pub use write::Values;
pub use write::Writer;
pub use write::Written;

/// The media type of a tile.
pub const MEDIA_TYPE: &str = "application/vnd.mapbox-vector-tile";

/// What the geometry of a feature is (§4.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// A signed parameter as an unsigned one (§4.3.2).
const fn zigzag(it: i32) -> u32 {
    ((it << 1) ^ (it >> 31)).cast_unsigned()
}

/// The reverse of [`zigzag`].
const fn unzigzag(it: u32) -> i32 {
    (it >> 1).cast_signed() ^ -((it & 1).cast_signed())
}

/// Appends a number as a protocol buffer's varint.
#[inline]
fn varint(out: &mut Vec<u8>, mut it: u64) {
    while it >= 0x80 {
        out.push((it & 0x7f) as u8 | 0x80);
        it >>= 7;
    }
    out.push((it & 0x7f) as u8);
}

/// How many bytes [`varint`] appends.
const fn varint_len(it: u64) -> usize {
    // A seventh of the bits, rounded up; a product and a shift, as these are counted a dozen times a feature.
    let bits = 64 - (it | 1).leading_zeros() as usize;
    (bits * 9 + 64) / 64
}

#[cfg(test)]
mod tests;
