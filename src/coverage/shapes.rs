//! The shapes of many rows in four flat lists, so that a million of them are four allocations.

use std::ops::Range;

use super::At;
use super::Bounds;

/// Rows of parts of rings of places. A point is a part of one ring of one place; a line is a part of one ring; a polygon's
/// rings are its outline and its holes, each without the repeated last place. Each list holds ends in the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    pub places: Vec<At>,
    pub rings: Vec<u32>,
    pub parts: Vec<u32>,
    pub rows: Vec<u32>,
}

/// The range that ends with the `at`th of `ends`.
fn range(ends: &[u32], at: usize) -> Range<usize> {
    let from = if at == 0 { 0 } else { ends[at - 1] };
    from as usize..ends[at] as usize
}

#[expect(clippy::cast_possible_truncation, reason = "2^32 vertices are 32 GiB")]
impl Shapes {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a place to the ring that is being written.
    pub fn place(&mut self, at: At) {
        self.places.push(at);
    }

    pub fn end_ring(&mut self) {
        self.rings.push(self.places.len() as u32);
    }

    pub fn end_part(&mut self) {
        self.parts.push(self.rings.len() as u32);
    }

    pub fn end_row(&mut self) {
        self.rows.push(self.parts.len() as u32);
    }

    /// The parts of a row, each with its rings.
    pub fn row(&self, row: usize) -> impl Iterator<Item = impl Iterator<Item = &[At]>> {
        range(&self.rows, row)
            .map(|part| range(&self.parts, part).map(|ring| &self.places[range(&self.rings, ring)]))
    }

    /// The parts of a row, as places in the list of parts.
    pub(super) fn parts_of(&self, row: usize) -> Range<usize> {
        range(&self.rows, row)
    }

    pub(super) fn rings_of(&self, part: usize) -> Range<usize> {
        range(&self.parts, part)
    }

    pub(super) fn places_of(&self, ring: usize) -> Range<usize> {
        range(&self.rings, ring)
    }

    /// All places of a row.
    pub(super) fn places_of_row(&self, row: usize) -> Range<usize> {
        let start = |ends: &[u32], at: usize| if at == 0 { 0 } else { ends[at - 1] as usize };
        let parts = self.parts_of(row);
        let rings = start(&self.parts, parts.start)..start(&self.parts, parts.end);
        start(&self.rings, rings.start)..start(&self.rings, rings.end)
    }

    /// [`Bounds::NOWHERE`] for a row without a shape.
    pub fn bounds(&self, row: usize) -> Bounds {
        let mut bounds = Bounds::NOWHERE;
        self.places[self.places_of_row(row)].iter().for_each(|it| bounds.add(*it));
        bounds
    }
}
