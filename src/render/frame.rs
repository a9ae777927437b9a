//! What a picture shows: a rectangle of a plane, and how large it is drawn.

use crate::coverage::At;
use crate::coverage::Bounds;

use super::plane::Plane;

/// A rectangle of a plane on a picture, whose pixels are those of CSS: 96 to the inch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    pub plane: Plane,
    /// West, south, east, north in units of the plane.
    pub area: [f64; 4],
    /// In pixels.
    pub width: f64,
    pub height: f64,
}

/// Pixels of an inch, and of a millimetre.
pub const DPI: f64 = 96.0;
pub const PX_PER_MM: f64 = DPI / 25.4;
/// Metres of Web Mercator that a pixel of the style covers at zoom 0: its tiles are 512 wide.
const ZOOM_0: f64 = 40_075_016.685_578_49 / 512.0;

impl Frame {
    /// A picture of `width` by `height` pixels around a point in degrees at 1:`scale`, true on the ground along its middle.
    pub fn at_scale(plane: Plane, centre: [f64; 2], scale: f64, width: f64, height: f64) -> Self {
        let [lon, lat] = centre;
        let (east, north) = plane.from_degrees(lon, lat);
        let unit = scale / (PX_PER_MM * 1000.0) / plane.ground_metres(lat);
        let (half, tall) = (width / 2.0 * unit, height / 2.0 * unit);
        Self { plane, area: [east - half, north - tall, east + half, north + tall], width, height }
    }

    /// The middle, longitude and latitude.
    pub fn centre(&self) -> (f64, f64) {
        let [west, south, east, north] = self.area;
        self.plane.to_degrees(f64::midpoint(west, east), f64::midpoint(south, north))
    }

    /// Metres on the ground that a pixel covers in the middle.
    pub fn metres_per_px(&self) -> f64 {
        let (_, lat) = self.centre();
        (self.area[2] - self.area[0]) / self.width * self.plane.ground_metres(lat)
    }

    /// The N of 1:N, for pixels of 96 to the inch.
    pub fn scale(&self) -> f64 {
        self.metres_per_px() * PX_PER_MM * 1000.0
    }

    /// The zoom at which a web map draws as large.
    pub fn zoom(&self) -> f64 {
        let (_, lat) = self.centre();
        let metres = (self.area[2] - self.area[0]) / self.width * self.plane.mercator_metres(lat);
        (ZOOM_0 / metres).log2().clamp(0.0, 24.0)
    }

    /// Where a place is drawn, from the upper left corner.
    pub fn place(&self, at: At) -> (f64, f64) {
        let [west, south, east, north] = self.area;
        let (x, y) = self.plane.place(at);
        ((x - west) / (east - west) * self.width, (north - y) / (north - south) * self.height)
    }

    /// Around what is drawn, with a margin in pixels. Edges may be bent on the map, so they are looked at in many places.
    pub fn bounds(&self, margin: f64) -> Bounds {
        let [west, south, east, north] = self.area;
        let (unit_x, unit_y) = ((east - west) / self.width, (north - south) / self.height);
        let (west, east) = (west - margin * unit_x, east + margin * unit_x);
        let (south, north) = (south - margin * unit_y, north + margin * unit_y);
        let mut bounds = Bounds::NOWHERE;
        for step in 0..=16 {
            let part = f64::from(step) / 16.0;
            let (x, y) = ((east - west).mul_add(part, west), (north - south).mul_add(part, south));
            for (x, y) in [(x, south), (x, north), (west, y), (east, y)] {
                let (lon, lat) = self.plane.to_degrees(x, y);
                if lon.is_finite() && lat.is_finite() {
                    bounds.add(At::from_degrees(lon, lat));
                }
            }
        }
        bounds
    }

    /// The same plane and scale, so many pixels further to each side: columns and rows of this size.
    #[must_use]
    pub fn grown(&self, left: f64, top: f64, columns: f64, rows: f64) -> Self {
        let [west, south, east, north] = self.area;
        let (wide, tall) = (east - west, north - south);
        let (west, north) = (west - left * wide, north + top * tall);
        Self {
            area: [west, north - rows * tall, west + columns * wide, north],
            width: self.width * columns,
            height: self.height * rows,
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_true_on_the_ground_whatever_the_plane() {
        let centre = [121.25, 31.38];
        for plane in [Plane::Mercator, Plane::around(121.25)] {
            let frame = Frame::at_scale(plane, centre, 10_000.0, 378.0, 189.0);
            assert!((frame.scale() - 10_000.0).abs() < 1.0, "{plane:?} {}", frame.scale());
            // 100 mm of the picture are a kilometre along the middle, to a hundredth of its part.
            let px = 100.0 * PX_PER_MM;
            let lon = 500.0 / (111_319.49 * 31.38_f64.to_radians().cos());
            let (west, _) = frame.place(At::from_degrees(121.25 - lon, 31.38));
            let (east, _) = frame.place(At::from_degrees(121.25 + lon, 31.38));
            assert!((east - west - px).abs() < px / 500.0, "{plane:?}: {} {px}", east - west);
        }
    }

    #[test]
    fn a_zoom_is_that_of_tiles_of_512() {
        let world = 40_075_016.685_578_49;
        let half = world / 2.0;
        let frame = Frame {
            plane: Plane::Mercator,
            area: [-half, -half, half, half],
            width: 512.0,
            height: 512.0,
        };
        assert!(frame.zoom().abs() < 1e-9);
        let all = frame.bounds(0.0);
        assert!(all.min.x < 2 && all.max.x > u32::MAX - 2, "{all:?}");
    }

    #[test]
    fn a_block_of_tiles_has_the_tile_where_it_was() {
        let tile = Frame {
            plane: Plane::Degrees,
            area: [0.0, 0.0, 1.0, 1.0],
            width: 256.0,
            height: 256.0,
        };
        let block = tile.grown(1.0, 2.0, 4.0, 4.0);
        assert!(
            block
                .area
                .iter()
                .zip([-1.0, -1.0, 3.0, 3.0])
                .all(|(is, wanted)| (is - wanted).abs() < 1e-12)
        );
        assert_eq!((block.width, block.zoom()), (1024.0, tile.zoom()));
    }
}
