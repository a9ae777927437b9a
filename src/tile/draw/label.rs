//! Where the name of a row stands: a point on its surface, in the one tile of a zoom that it lies in, whose margin does not
//! count. Two tiles with the same name would show it twice.

use super::Address;
use super::degrees;
use crate::coverage::At;
use crate::coverage::Drawn;
use crate::coverage::EXTENT;
use crate::mvt::Pen;

/// The tile's own box on the map.
pub struct Own {
    /// First step and the one behind the last, eastward and southward.
    columns: [u64; 2],
    rows: [u64; 2],
    grid: Placing,
}

enum Placing {
    /// Steps of the map are cut evenly.
    Mercator,
    Degrees(Box<dyn Fn(At) -> (i32, i32)>),
}

impl Own {
    pub fn of(address: &Address) -> Self {
        let [columns, rows] = address.edges(1).map(|it| [it[0], it[1]]);
        let grid = match address.window() {
            Some(_) => Placing::Mercator,
            None => Placing::Degrees(Box::new(degrees::placing(address))),
        };
        Self { columns, rows, grid }
    }

    /// Appends the place, if it is in the tile.
    pub fn draw(&self, at: At, out: &mut Vec<u8>) -> Drawn {
        let (x, y) = (u64::from(at.x), u64::from(at.y));
        let is_in = |[from, to]: [u64; 2], it: u64| from <= it && it < to;
        if !is_in(self.columns, x) || !is_in(self.rows, y) {
            return Drawn::Nothing;
        }
        let place = match &self.grid {
            Placing::Degrees(place) => place(at),
            Placing::Mercator => (units(self.columns, x), units(self.rows, y)),
        };
        Pen::default().points(&[place], out);
        Drawn::Shape
    }
}

/// How far along the tile a step is, in units of the tile.
fn units([from, to]: [u64; 2], at: u64) -> i32 {
    let along = (at - from) * u64::from(EXTENT.unsigned_abs()) / (to - from);
    i32::try_from(along).unwrap_or(EXTENT)
}

#[cfg(test)]
mod tests {
    use super::super::super::Grid;
    use super::*;

    #[test]
    fn a_place_is_in_one_tile_of_each_zoom() {
        let at = At::from_degrees(121.234_567, 31.345_678);
        for grid in Grid::ALL {
            for z in 1..=7 {
                let (columns, rows) = grid.size(z);
                let all =
                    (0..columns).flat_map(|x| (0..rows).map(move |y| Address { grid, z, x, y }));
                let mut out = Vec::new();
                let drawn = all.filter(|it| Own::of(it).draw(at, &mut out) == Drawn::Shape);
                assert_eq!(drawn.count(), 1, "{grid:?} {z}");
            }
        }
    }
}
