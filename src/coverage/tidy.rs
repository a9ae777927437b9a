//! Rings as the rest expects them: no place twice in a row, outlines with positive area, holes with negative.

use super::At;
use super::Shapes;
use crate::layer::Geometry;

/// Takes repeated places away and turns rings the right way round (MVT 2.1 §4.3.4.4: `y` grows southward, so that an
/// outline runs clockwise as seen on the map).
pub fn tidy(kind: Geometry, shapes: &mut Shapes) {
    if kind != Geometry::Point {
        drop_repeated(kind, shapes);
    }
    if kind == Geometry::Polygon {
        for part in 0..shapes.parts.len() {
            for (nth, ring) in shapes.rings_of(part).enumerate() {
                let places = shapes.places_of(ring);
                let places = &mut shapes.places[places];
                if (twice_area(places) > 0.0) != (nth == 0) {
                    places.reverse();
                }
            }
        }
    }
}

fn drop_repeated(kind: Geometry, shapes: &mut Shapes) {
    let is_ring = kind == Geometry::Polygon;
    let repeats = |places: &[At]| {
        places.windows(2).any(|it| it[0] == it[1])
            || is_ring && places.len() > 1 && places.first() == places.last()
    };
    if !(0..shapes.rings.len()).any(|it| repeats(&shapes.places[shapes.places_of(it)])) {
        return;
    }
    let mut kept = Vec::with_capacity(shapes.places.len());
    let mut ends = Vec::with_capacity(shapes.rings.len());
    for ring in 0..shapes.rings.len() {
        let start = kept.len();
        for it in &shapes.places[shapes.places_of(ring)] {
            if kept.len() == start || kept.last() != Some(it) {
                kept.push(*it);
            }
        }
        while is_ring && kept.len() > start + 1 && kept[start] == kept[kept.len() - 1] {
            kept.pop();
        }
        #[expect(clippy::cast_possible_truncation, reason = "not more than before")]
        ends.push(kept.len() as u32);
    }
    shapes.places = kept;
    shapes.rings = ends;
}

/// Twice the area by the surveyor's formula, in square steps; exact to the precision of a double of coordinates counted
/// from the ring's first place.
pub fn twice_area(ring: &[At]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let from =
        |it: &At| (f64::from(it.x) - f64::from(origin.x), f64::from(it.y) - f64::from(origin.y));
    ring.windows(2)
        .map(|it| {
            let ((ax, ay), (bx, by)) = (from(&it[0]), from(&it[1]));
            ax * by - bx * ay
        })
        .sum()
}
