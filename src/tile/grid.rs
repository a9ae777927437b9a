//! How the map is cut into tiles: Web Mercator, and two grids of degrees. EPSG:4490 and WGS 84 count as one datum.

use serde::Deserialize;

use super::Address;
use crate::coverage::At;
use crate::coverage::BUFFER;
use crate::coverage::Bounds;
use crate::coverage::EXTENT;
use crate::coverage::Window;

/// A well-known way to cut the map; rows are counted from the north, columns from 180° W.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Grid {
    /// EPSG:3857; one tile at level 0.
    #[default]
    WebMercatorQuad,
    /// OGC:CRS84; two tiles at level 0.
    WorldCRS84Quad,
    /// EPSG:4490 as Tianditu numbers its `_c` tiles: two tiles at level 1, there is no level 0.
    CGCS2000Quad,
}

/// A tile's box in degrees: west, south, east, north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degrees {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

impl Grid {
    pub const ALL: [Self; 3] = [Self::WebMercatorQuad, Self::WorldCRS84Quad, Self::CGCS2000Quad];

    pub const fn id(self) -> &'static str {
        match self {
            Self::WebMercatorQuad => "WebMercatorQuad",
            Self::WorldCRS84Quad => "WorldCRS84Quad",
            Self::CGCS2000Quad => "CGCS2000Quad",
        }
    }

    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.id() == id)
    }

    /// The least and the greatest level.
    pub const fn levels(self) -> (u8, u8) {
        match self {
            Self::WebMercatorQuad => (0, 22),
            Self::WorldCRS84Quad => (0, 21),
            Self::CGCS2000Quad => (1, 22),
        }
    }

    /// The level of Web Mercator whose tiles span as many degrees from west to east.
    pub const fn zoom(self, level: u8) -> u8 {
        match self {
            Self::WebMercatorQuad | Self::CGCS2000Quad => level,
            Self::WorldCRS84Quad => level + 1,
        }
    }

    /// The level that a zoom of Web Mercator is as fine as; `None` where there is none.
    pub fn level(self, zoom: u8) -> Option<u8> {
        let (least, greatest) = self.levels();
        (least..=greatest).find(|it| self.zoom(*it) == zoom)
    }

    /// Columns and rows of a level.
    pub const fn size(self, level: u8) -> (u32, u32) {
        let columns = 1_u32 << self.zoom(level);
        match self {
            Self::WebMercatorQuad => (columns, columns),
            _ => (columns, columns / 2),
        }
    }
}

impl Address {
    /// The tile in Web Mercator; `None` in a grid of degrees.
    pub fn window(&self) -> Option<Window> {
        let Self { grid, z, x, y } = *self;
        (grid == Grid::WebMercatorQuad).then_some(Window { z, x, y })
    }

    /// The zoom of layers and of Web Mercator that the tile belongs to.
    pub const fn zoom(&self) -> u8 {
        self.grid.zoom(self.z)
    }

    /// The tile's own box.
    pub fn degrees(&self) -> Degrees {
        let side = 360.0 / f64::from(1_u32 << self.zoom());
        if let Some(window) = self.window() {
            let side = 1_u64 << (32 - u64::from(window.z));
            let corner = |x: u32, y: u32| corner(u64::from(x) * side, u64::from(y) * side);
            let ((west, north), (east, south)) =
                (corner(self.x, self.y), corner(self.x + 1, self.y + 1));
            return Degrees { west, south, east, north };
        }
        let (west, north) =
            (f64::from(self.x).mul_add(side, -180.0), (-f64::from(self.y)).mul_add(side, 90.0));
        Degrees { west, south: north - side, east: west + side, north }
    }

    /// What can be seen in the tile, its margin included.
    pub fn bounds(&self) -> Bounds {
        if let Some(window) = self.window() {
            return window.bounds();
        }
        let it = self.degrees();
        let margin = (it.east - it.west) * f64::from(BUFFER) / f64::from(EXTENT);
        Bounds {
            min: At::from_degrees(it.west - margin, it.north + margin),
            max: At::from_degrees(it.east + margin, it.south - margin),
        }
    }

    /// Where the tile's own box, its margin left out, is cut into `cells` columns and rows: edges on the map, rising, the first
    /// and last being the tile's. A place on an edge lies in the cell east or south of it.
    pub fn edges(&self, cells: u32) -> [Vec<u64>; 2] {
        let steps = 0..=u64::from(cells);
        if let Some(window) = self.window() {
            let side = 1_u64 << (32 - u32::from(window.z));
            let of = |tile: u32| {
                let start = u64::from(tile) * side;
                steps.clone().map(|it| start + it * side / u64::from(cells)).collect()
            };
            return [of(self.x), of(self.y)];
        }
        let it = self.degrees();
        #[expect(clippy::cast_precision_loss, reason = "few cells")]
        let along = |from: f64, to: f64, step: u64| {
            (to - from).mul_add(step as f64 / f64::from(cells), from)
        };
        // What lies beyond the map was put on its edge: the outermost tiles have it.
        let end = |at: u32| if at == u32::MAX { 1 << 32 } else { u64::from(at) };
        let columns = steps
            .clone()
            .map(|step| end(At::from_degrees(along(it.west, it.east, step), 0.0).x))
            .collect();
        let rows = steps
            .map(|step| end(At::from_degrees(0.0, along(it.north, it.south, step)).y))
            .collect();
        [columns, rows]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 2^32, which is put on the edge")]
fn corner(x: u64, y: u64) -> (f64, f64) {
    if x == 1 << 32 || y == 1 << 32 {
        let inner =
            At { x: x.min(u64::from(u32::MAX)) as u32, y: y.min(u64::from(u32::MAX)) as u32 };
        let (lon, lat) = inner.to_degrees();
        return (if x == 1 << 32 { 180.0 } else { lon }, lat);
    }
    At { x: x as u32, y: y as u32 }.to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grids_are_numbered_as_their_users_number_them() {
        for (grid, level, size) in [
            (Grid::WebMercatorQuad, 0, (1, 1)),
            (Grid::WorldCRS84Quad, 0, (2, 1)),
            (Grid::CGCS2000Quad, 1, (2, 1)),
            (Grid::CGCS2000Quad, 10, (1024, 512)),
        ] {
            assert_eq!(grid.size(level), size, "{grid:?}");
        }
        // Tianditu: level 12, the tile over 121.25 E 31.38 N.
        let it = Address::in_grid(Grid::CGCS2000Quad, 12, 3427, 666).unwrap().degrees();
        assert!(it.west <= 121.25 && 121.25 < it.east, "{it:?}");
        assert!(it.south <= 31.38 && 31.38 < it.north, "{it:?}");
        assert!(Address::in_grid(Grid::CGCS2000Quad, 0, 0, 0).is_err());
        assert!(Address::in_grid(Grid::CGCS2000Quad, 1, 0, 1).is_err());
        assert!(Address::in_grid(Grid::WorldCRS84Quad, 0, 1, 0).is_ok());
    }

    #[test]
    fn cells_fill_the_tile_and_meet_those_beside_it() {
        for (grid, level) in
            [(Grid::WebMercatorQuad, 12), (Grid::CGCS2000Quad, 12), (Grid::WorldCRS84Quad, 0)]
        {
            let of = |x, y| Address::in_grid(grid, level, x, y).unwrap().edges(64);
            let [columns, rows] = of(0, 0);
            assert!(columns.len() == 65 && columns.is_sorted() && rows.is_sorted(), "{grid:?}");
            assert_eq!((columns[0], rows[0]), (0, 0), "{grid:?}");
            assert_eq!(columns[64], of(1, 0)[0][0], "{grid:?}");
            let (last, _) = grid.size(level);
            assert_eq!(of(last - 1, 0)[0][64], 1 << 32, "{grid:?}");
        }
    }
}
