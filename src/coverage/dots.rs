//! What stands for a row that is too small for its outline: a square of its area around a place on its surface.

use super::At;
use super::Bounds;
use super::Shapes;
use super::arcs::unit;
use super::draft::Draft;
use super::draft::Spot;
use super::draft::snap;
use super::tidy::twice_area;
use crate::layer::Geometry;

/// A polygon whose box is smaller than this both ways is a dot: two pixels of a tile of 512, in units.
pub const SMALL: f64 = 16.0;
/// So is one with less area than a pixel, in units squared: a strip that would be a line at best.
const PIXEL: f64 = 64.0;
/// Width of the smallest dot, in units.
const LEAST: f64 = 2.0;

/// Whether a polygon is too small for its outline at a zoom; `side` as of [`side`].
pub fn is_small(bounds: &Bounds, side: f32, zoom: u8) -> bool {
    let unit = unit(zoom);
    let span = (bounds.max.x - bounds.min.x).max(bounds.max.y - bounds.min.y);
    let side = f64::from(side);
    f64::from(span) < SMALL * unit || side * side < PIXEL * unit * unit
}

/// Whether a ring has no more area than a pixel.
pub fn is_less_than_a_pixel(ring: &[At], zoom: u8) -> bool {
    let unit = unit(zoom);
    twice_area(ring).abs() / 2.0 < PIXEL * unit * unit
}

/// The side of the square of a row's area, in steps.
#[expect(clippy::cast_possible_truncation, reason = "seven digits are enough for a dot")]
pub fn side(shapes: &Shapes, row: usize) -> f32 {
    let twice: f64 = shapes.row(row).flatten().map(twice_area).sum();
    (twice.max(0.0) / 2.0).sqrt() as f32
}

/// The square that stands for a row, counted from a corner of a tile.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a dot is small, and callers draw it near their tile only"
)]
pub fn square(label: At, side: f32, zoom: u8, corner: (i64, i64)) -> (Spot, Spot) {
    let width = (f64::from(side) / unit(zoom)).round().max(LEAST) as i64;
    let middle = snap(label, zoom);
    let at = |it: i64| it.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
    let (x, y) = (middle.0 - corner.0 - width / 2, middle.1 - corner.1 - width / 2);
    (Spot { x: at(x), y: at(y) }, Spot { x: at(x + width), y: at(y + width) })
}

/// Writes the square to `draft`, or for a line its middle stretch; nothing if it has no width.
pub fn fill(kind: Geometry, min: Spot, max: Spot, draft: &mut Draft) {
    draft.clear();
    if kind == Geometry::Line {
        let y = i32::midpoint(min.y, max.y);
        draft.push(Spot { x: min.x, y });
        draft.push(Spot { x: max.x, y });
    } else if min.x < max.x && min.y < max.y {
        draft.push(min);
        draft.push(Spot { x: max.x, y: min.y });
        draft.push(max);
        draft.push(Spot { x: min.x, y: max.y });
    }
    draft.end(kind, true);
}

/// A place on a row's surface: the centre of gravity of its largest part where that is inside, else the middle of the
/// widest stretch beside it. Of a line the place half way along its longest part.
pub fn label(kind: Geometry, shapes: &Shapes, row: usize) -> At {
    let measure = |part: &usize| -> f64 {
        let rings = shapes.rings_of(*part).map(|it| &shapes.places[shapes.places_of(it)]);
        match kind {
            Geometry::Polygon => rings.map(twice_area).sum(),
            _ => rings.map(length).sum(),
        }
    };
    let parts = shapes.parts_of(row).filter(|it| !shapes.rings_of(*it).is_empty());
    let Some(part) = parts.max_by(|a, b| measure(a).total_cmp(&measure(b)).then(b.cmp(a))) else {
        return Bounds::NOWHERE.min;
    };
    let rings = shapes.rings_of(part);
    let outer = &shapes.places[shapes.places_of(rings.start)];
    let Some(first) = outer.first() else { return Bounds::NOWHERE.min };
    match kind {
        Geometry::Polygon => {
            let rings = || rings.clone().map(|it| &shapes.places[shapes.places_of(it)]);
            surface(rings, outer).unwrap_or(*first)
        }
        Geometry::Line => half_way(outer).unwrap_or(*first),
        _ => *first,
    }
}

fn length(line: &[At]) -> f64 {
    line.windows(2).map(|it| apart(it[0], it[1])).sum()
}

fn apart(a: At, b: At) -> f64 {
    (f64::from(a.x) - f64::from(b.x)).hypot(f64::from(a.y) - f64::from(b.y))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the map")]
fn half_way(line: &[At]) -> Option<At> {
    let mut left = length(line) / 2.0;
    line.windows(2).find_map(|it| {
        let edge = apart(it[0], it[1]);
        if left > edge || edge == 0.0 {
            left -= edge;
            return None;
        }
        let between = |a: u32, b: u32| {
            (f64::from(a) + (f64::from(b) - f64::from(a)) * left / edge).round() as u32
        };
        Some(At { x: between(it[0].x, it[1].x), y: between(it[0].y, it[1].y) })
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the map")]
fn surface<'a, I: Iterator<Item = &'a [At]>>(rings: impl Fn() -> I, outer: &[At]) -> Option<At> {
    let centre =
        rings().map(moments).fold((0.0, 0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
    let mut bounds = Bounds::NOWHERE;
    for it in outer {
        bounds.add(*it);
    }
    let middle = u32::midpoint(bounds.min.y, bounds.max.y);
    let (x, y) = if centre.0 > 0.0 {
        (centre.1 / centre.0, (centre.2 / centre.0).round() as u32)
    } else {
        (f64::from(bounds.min.x), middle)
    };
    [y, middle].into_iter().find_map(|y| {
        let mut across: Vec<f64> = rings().flat_map(|it| crossings(it, y)).collect();
        across.sort_by(f64::total_cmp);
        let stretches = || across.chunks_exact(2).map(|it| (it[0], it[1]));
        let x = if stretches().any(|it| it.0 < x && x < it.1) {
            x
        } else {
            let widest = stretches().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)))?;
            f64::midpoint(widest.0, widest.1)
        };
        Some(At { x: x.round() as u32, y })
    })
}

/// Area, and area times each coordinate of the centre of gravity.
fn moments(ring: &[At]) -> (f64, f64, f64) {
    let Some(origin) = ring.first() else { return (0.0, 0.0, 0.0) };
    let (ox, oy) = (f64::from(origin.x), f64::from(origin.y));
    let mut sum = (0.0, 0.0, 0.0);
    for it in ring.windows(2) {
        let (ax, ay) = (f64::from(it[0].x) - ox, f64::from(it[0].y) - oy);
        let (bx, by) = (f64::from(it[1].x) - ox, f64::from(it[1].y) - oy);
        let area = (ax * by - bx * ay) / 2.0;
        sum.0 += area;
        sum.1 += area * ((ax + bx) / 3.0 + ox);
        sum.2 += area * ((ay + by) / 3.0 + oy);
    }
    sum
}

/// Where a ring crosses a parallel.
fn crossings(ring: &[At], y: u32) -> impl Iterator<Item = f64> + '_ {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).filter(move |(a, b)| (a.y > y) != (b.y > y)).map(move |(a, b)| {
        let part = (f64::from(y) - f64::from(a.y)) / (f64::from(b.y) - f64::from(a.y));
        f64::from(a.x) + (f64::from(b.x) - f64::from(a.x)) * part
    })
}
