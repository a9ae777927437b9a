//! One row's outline on the grid of a zoom, while it is being made.

use super::At;
use super::EXTENT;
use crate::layer::Geometry;

/// A place on the grid of a zoom, in units of its tiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    pub x: i32,
    pub y: i32,
}

/// Rings (or lines) of spots. Spots lie within 2^30 of each other, so that products of distances fit 63 bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub spots: Vec<Spot>,
    pub rings: Vec<Ring>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    /// In the list of spots.
    pub end: u32,
    /// Not a hole.
    pub is_outer: bool,
}

impl Draft {
    pub fn clear(&mut self) {
        self.spots.clear();
        self.rings.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// Adds a spot to the ring that is being written, unless it is the one before.
    pub fn push(&mut self, spot: Spot) {
        if self.open() == self.spots.len() || self.spots.last() != Some(&spot) {
            self.spots.push(spot);
        }
    }

    pub fn extend(&mut self, spots: impl IntoIterator<Item = Spot>) {
        for it in spots {
            self.push(it);
        }
    }

    /// Ends the ring that is being written. One that has collapsed is forgotten; answers whether it is kept.
    #[expect(clippy::cast_possible_truncation, reason = "2^32 spots are 32 GiB")]
    pub fn end(&mut self, kind: Geometry, is_outer: bool) -> bool {
        let start = self.open();
        if kind == Geometry::Polygon {
            while self.spots.len() > start + 1 && self.spots.last() == Some(&self.spots[start]) {
                self.spots.pop();
            }
        }
        let ring = &self.spots[start..];
        let is_there = match kind {
            Geometry::Polygon => ring.len() > 2 && (twice_area(ring) != 0 || !is_flat(ring)),
            Geometry::Line => ring.len() > 1,
            _ => !ring.is_empty(),
        };
        if is_there {
            self.rings.push(Ring { end: self.spots.len() as u32, is_outer });
        } else {
            self.spots.truncate(start);
        }
        is_there
    }

    /// Where the ring that is being written starts.
    fn open(&self) -> usize {
        self.rings.last().map_or(0, |it| it.end as usize)
    }

    pub fn range(&self, ring: usize) -> std::ops::Range<usize> {
        let start = if ring == 0 { 0 } else { self.rings[ring - 1].end as usize };
        start..self.rings[ring].end as usize
    }

    pub fn ring(&self, ring: usize) -> &[Spot] {
        &self.spots[self.range(ring)]
    }

    /// The rings, each with whether it is not a hole.
    pub fn rings(&self) -> impl Iterator<Item = (&[Spot], bool)> {
        (0..self.rings.len()).map(|it| (self.ring(it), self.rings[it].is_outer))
    }
}

/// Whether all spots lie on one line.
fn is_flat(ring: &[Spot]) -> bool {
    let from = |it: &Spot| (i64::from(it.x - ring[0].x), i64::from(it.y - ring[0].y));
    let (dx, dy) = from(&ring[1]);
    ring.iter().map(from).all(|(x, y)| dx * y == dy * x)
}

/// Twice the area by the surveyor's formula (MVT 2.1 §4.3.4.4): positive for an outline.
pub fn twice_area(ring: &[Spot]) -> i64 {
    let Some(origin) = ring.first() else { return 0 };
    let from = |it: &Spot| (i64::from(it.x - origin.x), i64::from(it.y - origin.y));
    ring.windows(2).fold(0_i64, |sum, it| {
        let ((ax, ay), (bx, by)) = (from(&it[0]), from(&it[1]));
        sum.wrapping_add(ax * by - bx * ay)
    })
}

/// A place on the grid that all tiles of a zoom share, counted from the map's corner. `Window::place` is this, counted
/// from the tile's.
pub fn snap(at: At, zoom: u8) -> (i64, i64) {
    let side = 32 - u32::from(zoom);
    let unit = |it: u32| (i64::from(it) * i64::from(EXTENT) + (1_i64 << side >> 1)) >> side;
    (unit(at.x), unit(at.y))
}

/// The grid on which a row is drawn at a zoom: the zoom's own, or a coarser one for a row so large that its spots would be
/// farther from each other than 2^30.
pub fn grid(bounds: &super::Bounds, zoom: u8) -> u8 {
    let span = (bounds.max.x - bounds.min.x).max(bounds.max.y - bounds.min.y);
    let bits = 32 - span.leading_zeros();
    // Units are 2^(20 - zoom) steps.
    zoom.min(u8::try_from(49_u32.saturating_sub(bits)).unwrap_or(zoom))
}
