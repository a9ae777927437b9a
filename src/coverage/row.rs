//! One row at one zoom: its outline is taken from the vertices that the zoom keeps, put on the zoom's grid, looked at and
//! if need be repaired.

use super::At;
use super::Bounds;
use super::Shapes;
use super::bytes;
use super::clip::Cutter;
use super::dots;
use super::draft::Draft;
use super::draft::Spot;
use super::draft::grid;
use super::draft::snap;
use super::repair::repair;
use super::valid::Checker;
use super::valid::Fault;
use crate::layer::Geometry;

/// Rows of more vertices are repaired straight away where they are broken: looking at them again with more vertices takes
/// too long.
const MANY: usize = 4096;

/// The rows of a pyramid.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub kind: Geometry,
    pub shapes: &'a Shapes,
    pub bounds: &'a [Bounds],
    /// Of the squares of the rows' areas, in steps.
    pub sides: &'a [f32],
}

/// Which vertices a zoom has.
#[derive(Debug)]
pub struct Vertices<'a, L> {
    pub zoom: u8,
    /// The lowest zoom at which a vertex is kept, by its place in the shapes.
    pub level: L,
    /// Vertices of levels up to this are taken.
    pub keep: u8,
    /// Rows that are broken with these are tried with those up to each of these levels.
    pub finer: &'a [u8],
}

/// What a row is at a zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// Nothing was written: a dot, or a row without a shape.
    Dot,
    /// Its bytes were written.
    Shape,
    /// Nothing was written: it would be broken, but is whole with the vertices of this level.
    Finer(u8),
}

/// Lists that are used again for the next row.
#[derive(Debug, Default)]
pub struct Work {
    pub draft: Draft,
    pub cut: Draft,
    pub checker: Checker,
    pub cutter: Cutter,
}

impl Rows<'_> {
    /// Makes a row's bytes at a zoom, counted from where its box has its least corner.
    pub fn make<L: Fn(usize) -> u8>(
        &self,
        row: usize,
        at: &Vertices<'_, L>,
        work: &mut Work,
        out: &mut Vec<u8>,
    ) -> Made {
        let Vertices { zoom, level, keep, finer } = at;
        let (zoom, keep) = (*zoom, *keep);
        let bounds = &self.bounds[row];
        if *bounds == Bounds::NOWHERE {
            return Made::Dot;
        }
        let is_polygon = self.kind == Geometry::Polygon;
        if is_polygon && dots::is_small(bounds, self.sides[row], zoom) {
            return Made::Dot;
        }
        let Work { draft, checker, .. } = work;
        let is_all = self.draft(row, zoom, |it| level(it) <= keep, draft);
        if is_polygon {
            let mut fault = look(draft, checker);
            if !is_all || fault != Fault::None {
                let vertices = self.shapes.places_of_row(row).len();
                let mut spots = draft.spots.len();
                for finer in finer.iter().copied().filter(|_| vertices <= MANY) {
                    let is_all = self.draft(row, zoom, |it| level(it) <= finer, draft);
                    if draft.spots.len() > spots {
                        spots = draft.spots.len();
                        if is_all && look(draft, checker) == Fault::None {
                            return Made::Finer(finer);
                        }
                    }
                }
                self.draft(row, zoom, |it| level(it) <= keep, draft);
                if draft.is_empty() {
                    self.draft(row, zoom, |_| true, draft);
                    fault = look(draft, checker);
                }
                if fault != Fault::None {
                    repair(draft, checker);
                }
            }
        }
        if draft.is_empty() {
            return Made::Dot;
        }
        bytes::write(self.kind, draft, Spot::default(), out);
        Made::Shape
    }

    /// A row's kept vertices on the grid of a zoom. Answers false if a ring of more than a pixel has collapsed.
    #[expect(clippy::cast_possible_truncation, reason = "`grid` sees to it")]
    fn draft(
        &self,
        row: usize,
        zoom: u8,
        keeps: impl Fn(usize) -> bool,
        draft: &mut Draft,
    ) -> bool {
        let mut is_all = true;
        let grid = grid(&self.bounds[row], zoom);
        let origin = snap(self.bounds[row].min, grid);
        let spot = |at: At| {
            let (x, y) = snap(at, grid);
            Spot { x: (x - origin.0) as i32, y: (y - origin.1) as i32 }
        };
        draft.clear();
        for part in self.shapes.parts_of(row) {
            for (nth, ring) in self.shapes.rings_of(part).enumerate() {
                for at in self.shapes.places_of(ring).filter(|it| keeps(*it)) {
                    draft.push(spot(self.shapes.places[at]));
                }
                if !draft.end(self.kind, nth == 0) {
                    let places = self.shapes.places_of(ring);
                    is_all &= dots::is_less_than_a_pixel(&self.shapes.places[places], zoom);
                    if nth == 0 {
                        // Holes of nothing.
                        break;
                    }
                }
            }
        }
        if self.kind == Geometry::Point && draft.spots.len() > 1 {
            draft.spots.sort_unstable();
            draft.spots.dedup();
            draft.rings.truncate(draft.spots.len());
            (1..).zip(&mut draft.rings).for_each(|(end, it)| it.end = end);
        }
        is_all
    }
}

fn look(draft: &Draft, checker: &mut Checker) -> Fault {
    if draft.is_empty() { Fault::None } else { checker.fault(draft) }
}
