//! Places on the map: Web Mercator, its side cut into 2^32 steps (9 mm at the equator).

use super::BUFFER;
use super::EXTENT;

/// A place: `x` eastward from 180° W, `y` southward from the northern edge (85.0511° N), in steps of 1/2^32 of the map's side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    pub x: u32,
    pub y: u32,
}

/// The map's side in steps.
const SIDE: f64 = 4_294_967_296.0;

impl At {
    /// From degrees (EPSG:4490, which is EPSG:4326 here), east and north; what lies beyond the map is put on its edge.
    /// Spherical Mercator as in EPSG:3857 (IOGP 373-7-2 §3.5.1).
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded, and `as` puts what is beyond on the edge"
    )]
    pub fn from_degrees(lon: f64, lat: f64) -> Self {
        let x = (lon / 360.0 + 0.5) * SIDE;
        let y = (0.5 - lat.to_radians().sin().atanh() / std::f64::consts::TAU) * SIDE;
        Self { x: x.round() as u32, y: y.round() as u32 }
    }

    /// Degrees east and north.
    pub fn to_degrees(self) -> (f64, f64) {
        let lon = (f64::from(self.x) / SIDE - 0.5) * 360.0;
        let lat = ((0.5 - f64::from(self.y) / SIDE) * std::f64::consts::TAU).tanh().asin();
        (lon, lat.to_degrees())
    }
}

/// A box of places, all edges included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub min: At,
    pub max: At,
}

impl Bounds {
    /// Holds nothing, and grows.
    pub const NOWHERE: Self = Self { min: At { x: u32::MAX, y: u32::MAX }, max: At { x: 0, y: 0 } };

    pub fn add(&mut self, at: At) {
        self.min = At { x: self.min.x.min(at.x), y: self.min.y.min(at.y) };
        self.max = At { x: self.max.x.max(at.x), y: self.max.y.max(at.y) };
    }

    pub const fn touches(&self, other: &Self) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }
}

/// A tile of the map (EPSG:3857, rows from the north) as a window on places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// At most 22, where a tile is 1024 steps wide.
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

impl Window {
    /// What can be seen through it, its margin included.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to it")]
    pub fn bounds(&self) -> Bounds {
        let side = 1_i64 << (32 - i64::from(self.z));
        let margin = side * i64::from(BUFFER) / i64::from(EXTENT);
        let edge = |it: i64| it.clamp(0, i64::from(u32::MAX)) as u32;
        let (west, north) = (i64::from(self.x) * side, i64::from(self.y) * side);
        Bounds {
            min: At { x: edge(west - margin), y: edge(north - margin) },
            max: At { x: edge(west + side + margin), y: edge(north + side + margin) },
        }
    }

    /// A place in the tile's own units, rounded to the grid that all tiles of the zoom share; beyond 0..[`EXTENT`] where it
    /// lies outside.
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^34 / 2^10")]
    pub fn place(&self, at: At) -> (i32, i32) {
        let side = 32 - i64::from(self.z);
        let unit = |place: u32, tile: u32| {
            let steps = (i64::from(place) - (i64::from(tile) << side)) * i64::from(EXTENT);
            ((steps + (1_i64 << side >> 1)) >> side) as i32
        };
        (unit(at.x, self.x), unit(at.y, self.y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again_to_a_centimetre() {
        for (lon, lat) in [(121.25, 31.38), (-71.1, 42.37), (0.0, 0.0), (179.999, -60.0)] {
            let (back_lon, back_lat) = At::from_degrees(lon, lat).to_degrees();
            assert!((back_lon - lon).abs() < 1e-7 && (back_lat - lat).abs() < 1e-7, "{lon} {lat}");
        }
        assert_eq!(At::from_degrees(200.0, 90.0), At { x: u32::MAX, y: 0 });
    }

    #[test]
    fn a_window_looks_a_margin_beyond_its_tile() {
        let window = Window { z: 12, x: 3428, y: 1672 };
        let bounds = window.bounds();
        assert_eq!(window.place(bounds.min), (-BUFFER, -BUFFER));
        assert_eq!(window.place(bounds.max), (EXTENT + BUFFER, EXTENT + BUFFER));
    }
}
