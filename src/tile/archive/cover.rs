//! Which tiles an archive may need: those near whose rows lie, found by descending from the one tile of zoom 0. Pure. A
//! tile too many only costs the look that finds it empty; one too few would be a hole in the map.

use pmtiles::TileCoord;
use pmtiles::TileId;

use crate::coverage::At;
use crate::coverage::BUFFER;
use crate::coverage::Bounds;
use crate::coverage::EXTENT;

/// The most tiles of one archive: all of a province at zoom 16 are 4 million.
pub const MOST_TILES: usize = 20_000_000;

/// Where the rows of one layer lie.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The least zoom at which the layer has tiles.
    pub min_zoom: u8,
    pub boxes: Vec<Bounds>,
}

/// A tile, by its place in the order in which PMTiles numbers all tiles of all zooms, and the layers (bits, by position)
/// that may have something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub id: u64,
    pub z: u8,
    pub x: u32,
    pub y: u32,
    pub layers: u64,
}

/// More than [`MOST_TILES`] by this zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    pub zoom: u8,
}

/// The candidates of the zooms in the order of their ids. At most 64 layers.
pub fn cover(layers: &[Rows], min: u8, max: u8) -> Result<Vec<Candidate>, TooMany> {
    debug_assert!(layers.len() <= 64 && max <= 22);
    let mut found = Vec::new();
    let all: Vec<(usize, Near)> = layers
        .iter()
        .enumerate()
        .filter(|(_, it)| !it.boxes.is_empty())
        .map(|(at, it)| (at, Near::Some((0..it.boxes.len()).collect())))
        .collect();
    descend(layers, (min, max), (0, 0, 0), &all, &mut found)?;
    found.sort_unstable_by_key(|it| it.id);
    Ok(found)
}

/// The rows of a layer that lie near a tile.
enum Near {
    Some(Vec<usize>),
    /// One of them is wider than the tile and its surroundings, so it is near all tiles within, too.
    All,
}

type Tile = (u8, u32, u32);

fn descend(
    layers: &[Rows],
    zooms: (u8, u8),
    tile: Tile,
    above: &[(usize, Near)],
    found: &mut Vec<Candidate>,
) -> Result<(), TooMany> {
    let surroundings = surroundings(tile);
    let mut near = Vec::with_capacity(above.len());
    let mut drawn = 0;
    for (at, rows) in above {
        let boxes = &layers[*at].boxes;
        let rows = match rows {
            Near::All => Near::All,
            Near::Some(rows) => {
                let touching = rows.iter().copied().filter(|it| boxes[*it].touches(&surroundings));
                let touching: Vec<usize> = touching.collect();
                if touching.is_empty() {
                    continue;
                }
                let wide = touching.iter().any(|it| holds(&boxes[*it], &surroundings));
                if wide { Near::All } else { Near::Some(touching) }
            }
        };
        if tile.0 >= layers[*at].min_zoom {
            drawn |= 1 << at;
        }
        near.push((*at, rows));
    }
    if near.is_empty() {
        return Ok(());
    }
    let (z, x, y) = tile;
    if z >= zooms.0 && drawn != 0 {
        if found.len() == MOST_TILES {
            return Err(TooMany { zoom: z });
        }
        found.push(Candidate { id: id(tile), z, x, y, layers: drawn });
    }
    if z < zooms.1 {
        for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            descend(layers, zooms, (z + 1, 2 * x + right, 2 * y + down), &near, found)?;
        }
    }
    Ok(())
}

/// The tile with a tile on each side of it: what is generalised at a low zoom, a cell of a grid or the dot of a parcel,
/// may reach beyond the rows that it stands for, but not so far. The surroundings of a tile lie within those of the tile
/// above it.
fn surroundings((z, x, y): Tile) -> Bounds {
    let side = 1_i64 << (32 - i64::from(z));
    let margin = side + side * i64::from(BUFFER) / i64::from(EXTENT);
    let edge = |it: i64| u32::try_from(it.clamp(0, i64::from(u32::MAX))).unwrap_or(u32::MAX);
    let (west, north) = (i64::from(x) * side, i64::from(y) * side);
    Bounds {
        min: At { x: edge(west - margin), y: edge(north - margin) },
        max: At { x: edge(west + side + margin), y: edge(north + side + margin) },
    }
}

fn holds(outer: &Bounds, inner: &Bounds) -> bool {
    outer.min.x <= inner.min.x
        && outer.min.y <= inner.min.y
        && outer.max.x >= inner.max.x
        && outer.max.y >= inner.max.y
}

/// The tile's number: all tiles of lower zooms come before, those of one zoom lie along a Hilbert curve.
fn id((z, x, y): Tile) -> u64 {
    // No tile of a zoom up to 22 fails to be one.
    TileCoord::new(z, x, y).map_or(u64::MAX, |it| TileId::from(it).value())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::coverage::Window;

    fn bounds(west: f64, south: f64, east: f64, north: f64) -> Bounds {
        Bounds { min: At::from_degrees(west, north), max: At::from_degrees(east, south) }
    }

    #[test]
    fn a_district_takes_a_few_tiles_and_nothing_takes_none() {
        let district = Rows { min_zoom: 8, boxes: vec![bounds(121.1, 31.2, 121.4, 31.5)] };
        let nothing = Rows { min_zoom: 0, boxes: Vec::new() };
        let tiles = cover(&[nothing.clone(), district], 6, 12).unwrap();
        assert!(tiles.iter().all(|it| it.layers == 0b10 && it.z >= 8));
        // Some 4 by 5 tiles at zoom 12, with one more on each side.
        let at_12 = tiles.iter().filter(|it| it.z == 12).count();
        assert!((36..=56).contains(&at_12), "{at_12}");
        assert!(tiles.is_sorted_by(|a, b| a.id < b.id));
        assert_eq!(cover(&[nothing], 0, 16).unwrap(), []);
    }

    #[test]
    fn the_whole_world_is_refused_before_it_fills_the_memory() {
        let world = Rows { min_zoom: 0, boxes: vec![bounds(-180.0, -85.0, 180.0, 85.0)] };
        assert!(cover(std::slice::from_ref(&world), 0, 16).is_err());
        assert_eq!(cover(&[world], 0, 3).unwrap().len(), 85);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_tile_that_a_row_touches_is_found(
            places in prop::collection::vec((121.0..121.3, 31.0..31.3, 0.0..0.1, 0.0..0.1), 1..6),
            z in 0..=13_u8,
        ) {
            let boxes: Vec<Bounds> =
                places.iter().map(|(x, y, w, h)| bounds(*x, *y, x + w, y + h)).collect();
            let rows = Rows { min_zoom: 0, boxes: boxes.clone() };
            let found: HashSet<(u32, u32)> =
                cover(&[rows], z, z).unwrap().iter().map(|it| (it.x, it.y)).collect();
            for it in boxes {
                let tile = |at: u32| at >> (32 - u32::from(z)).min(31) >> u32::from(z == 0);
                for x in tile(it.min.x)..=tile(it.max.x) {
                    for y in tile(it.min.y)..=tile(it.max.y) {
                        let window = Window { z, x, y };
                        prop_assert!(window.bounds().touches(&it));
                        prop_assert!(found.contains(&(x, y)), "{z}/{x}/{y}");
                    }
                }
            }
        }
    }
}
