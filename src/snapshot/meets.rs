//! Whether outlines meet a box of degrees, told from outlines that are rounded to steps: for certain, or not at all.

use super::Digits;
use super::digits::ORIGIN;
use super::digits::STEPS;
use crate::coverage::At;
use crate::coverage::Bounds;

/// Steps that a box is taken smaller and larger by. A place lies half a step from where it was at most, and so does every
/// point of the outline between two of them; the rest covers what is lost in making steps of the box's own edges.
const MARGIN: i64 = 2;

/// What can be said of an outline and a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meets {
    Yes,
    No,
    /// They may or may not touch: only the record's own coordinates can tell.
    Unsure,
}

/// A box in steps, all edges included.
#[derive(Clone, Copy, Debug)]
struct Steps {
    min: [i64; 2],
    max: [i64; 2],
}

/// A box of degrees.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// What is met by this is met by the box.
    inner: Steps,
    /// What is not met by this is not met by the box.
    outer: Steps,
}

impl Frame {
    /// Of west, south, east and north, with west not beyond east.
    #[expect(clippy::cast_possible_truncation, reason = "degrees of a checked box: 360 at most")]
    pub fn of([west, south, east, north]: [f64; 4]) -> Self {
        let steps = |degrees: f64, axis: usize| (degrees * STEPS).round() as i64 + ORIGIN[axis];
        let (min, max) = ([steps(west, 0), steps(south, 1)], [steps(east, 0), steps(north, 1)]);
        Self {
            inner: Steps { min: min.map(|it| it + MARGIN), max: max.map(|it| it - MARGIN) },
            outer: Steps { min: min.map(|it| it - MARGIN), max: max.map(|it| it + MARGIN) },
        }
    }

    /// Whether a row's outlines meet the box.
    pub fn meets(&self, digits: &Digits, row: usize) -> Meets {
        let bounds = Steps::from(digits.bounds(row));
        if !self.outer.touches(&bounds) {
            Meets::No
        } else if self.inner.covers(&bounds) || self.inner.meets(digits, row) {
            Meets::Yes
        } else if self.outer.meets(digits, row) {
            Meets::Unsure
        } else {
            Meets::No
        }
    }
}

impl From<Bounds> for Steps {
    fn from(it: Bounds) -> Self {
        Self { min: place(it.min), max: place(it.max) }
    }
}

fn place(it: At) -> [i64; 2] {
    [it.x.into(), it.y.into()]
}

impl Steps {
    fn touches(&self, other: &Self) -> bool {
        (0..2).all(|it| self.min[it] <= other.max[it] && other.min[it] <= self.max[it])
    }

    fn covers(&self, other: &Self) -> bool {
        (0..2).all(|it| self.min[it] <= other.min[it] && other.max[it] <= self.max[it])
    }

    /// Whether any polygon of the row has a point in the box; never where the box holds nothing.
    fn meets(&self, digits: &Digits, row: usize) -> bool {
        let is_empty = (0..2).any(|it| self.min[it] > self.max[it]);
        !is_empty && digits.polygons(row).any(|it| self.meets_polygon(it))
    }

    fn meets_polygon<'a>(&self, rings: impl Iterator<Item = &'a [At]>) -> bool {
        let mut is_around = false;
        for ring in rings {
            let ends = ring.iter().skip(1).chain(ring.first());
            for (from, to) in ring.iter().zip(ends).map(|(a, b)| (place(*a), place(*b))) {
                if self.meets_edge(from, to) {
                    return true;
                }
                is_around ^= is_left_of(self.min, from, to);
            }
        }
        // No edge comes in, so that all of the box lies where its corner does.
        is_around
    }

    fn meets_edge(&self, from: [i64; 2], to: [i64; 2]) -> bool {
        let around = Self {
            min: [from[0].min(to[0]), from[1].min(to[1])],
            max: [from[0].max(to[0]), from[1].max(to[1])],
        };
        if !self.touches(&around) {
            return false;
        }
        let corners = [self.min, [self.max[0], self.min[1]], self.max, [self.min[0], self.max[1]]];
        let sides = corners.map(|it| side(it, from, to));
        // All corners on one side of the line: it goes by.
        !(sides.iter().all(|it| *it > 0) || sides.iter().all(|it| *it < 0))
    }
}

/// More than 0 to the left of the line, less to its right, 0 on it.
fn side(at: [i64; 2], from: [i64; 2], to: [i64; 2]) -> i128 {
    let [x, y] = [0, 1].map(|it| i128::from(to[it] - from[it]));
    x * i128::from(at[1] - from[1]) - y * i128::from(at[0] - from[0])
}

/// Whether a ray to the east from `at` crosses the edge; one that goes through an end counts with the edge above it.
fn is_left_of(at: [i64; 2], from: [i64; 2], to: [i64; 2]) -> bool {
    let (low, high) = if from[1] <= to[1] { (from, to) } else { (to, from) };
    low[1] <= at[1] && at[1] < high[1] && side(at, low, high) > 0
}

#[cfg(test)]
mod tests {
    use geo::Intersects;
    use geo::LineString;
    use geo::Polygon;
    use geo::Rect;
    use geo::Validation;
    use geo::coord;
    use proptest::prelude::*;

    use super::*;
    use crate::coverage::Shapes;

    const STEP: f64 = 1e-7;

    #[expect(clippy::cast_possible_truncation, reason = "a few steps")]
    fn digits(polygon: &Polygon<f64>) -> Digits {
        let mut outlines = Shapes::default();
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            for it in &ring.0[..ring.0.len() - 1] {
                let [x, y] = [(it.x, ORIGIN[0]), (it.y, ORIGIN[1])].map(|(it, origin)| {
                    u32::try_from((it * STEPS).round() as i64 + origin).unwrap()
                });
                outlines.place(At { x, y });
            }
            outlines.end_ring();
        }
        outlines.end_part();
        outlines.end_row();
        Digits::of(outlines)
    }

    /// A star around a middle, with a smaller one as its hole.
    fn star() -> impl Strategy<Value = Polygon<f64>> {
        let radii = prop::collection::vec(1.0..40.0_f64, 3..9);
        (radii, -20.0..20.0_f64, -20.0..20.0_f64, prop::bool::ANY).prop_map(
            |(radii, x, y, hollow)| {
                let ring = |part: f64| -> LineString<f64> {
                    let turn =
                        std::f64::consts::TAU / f64::from(u32::try_from(radii.len()).unwrap());
                    let place = |(nth, it): (u32, &f64)| {
                        let (sin, cos) = (f64::from(nth) * turn).sin_cos();
                        coord! { x: (x + it * part * cos) * STEP, y: (y + it * part * sin) * STEP }
                    };
                    (0..).zip(&radii).map(place).collect::<LineString<f64>>()
                };
                Polygon::new(ring(1.0), if hollow { vec![ring(0.6)] } else { Vec::new() })
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_certain_is_so(star in star(), x in -50.0..50.0_f64, y in -50.0..50.0_f64, width in 0.0..30.0_f64, height in 0.0..30.0_f64) {
            prop_assume!(star.is_valid());
            let edges = [x, y, x + width, y + height].map(|it| it * STEP);
            let rect = Rect::new(coord! { x: edges[0], y: edges[1] }, coord! { x: edges[2], y: edges[3] });
            match Frame::of(edges).meets(&digits(&star), 0) {
                Meets::Yes => prop_assert!(star.intersects(&rect)),
                Meets::No => prop_assert!(!star.intersects(&rect)),
                Meets::Unsure => {
                    // Never where they are far from each other, nor where there is room around a place within.
                    let by = |steps: f64| [x - steps, y - steps, x + width + steps, y + height + steps];
                    let wide = by(4.0).map(|it| it * STEP);
                    let wide = Rect::new(coord! { x: wide[0], y: wide[1] }, coord! { x: wide[2], y: wide[3] });
                    prop_assert!(star.intersects(&wide));
                    let narrow = by(-4.0).map(|it| it * STEP);
                    let has_room = narrow[0] <= narrow[2] && narrow[1] <= narrow[3];
                    let inside = |it: &geo::Coord<f64>| {
                        narrow[0] <= it.x && it.x <= narrow[2] && narrow[1] <= it.y && it.y <= narrow[3]
                    };
                    prop_assert!(!has_room || !star.exterior().coords().any(inside));
                }
            }
        }
    }
}
