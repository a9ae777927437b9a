//! Convex polygons and rings in the plane: cut, halve, chamfer, measure.

use super::plane::Point;

pub fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

pub fn add(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1]]
}

pub fn scale(a: Point, by: f64) -> Point {
    [a[0] * by, a[1] * by]
}

pub fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub fn cross(a: Point, b: Point) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub fn distance(a: Point, b: Point) -> f64 {
    let d = sub(a, b);
    dot(d, d).sqrt()
}

pub fn between(a: Point, b: Point, t: f64) -> Point {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

pub fn rotate(a: Point, radians: f64) -> Point {
    let (sin, cos) = radians.sin_cos();
    [a[0] * cos - a[1] * sin, a[0] * sin + a[1] * cos]
}

/// A vector of length one to the left of this one.
pub fn left_of(a: Point) -> Point {
    let length = dot(a, a).sqrt();
    [-a[1] / length, a[0] / length]
}

/// Consecutive corners, the last joined to the first.
pub fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.iter().enumerate().map(|(index, &it)| (it, ring[(index + 1) % ring.len()]))
}

/// Area, positive for counter-clockwise rings.
pub fn area(ring: &[Point]) -> f64 {
    let Some(&first) = ring.first() else { return 0.0 };
    edges(ring).map(|(a, b)| cross(sub(a, first), sub(b, first))).sum::<f64>() / 2.0
}

/// The mean of the corners: inside any convex ring, and near the middle of ours.
#[expect(clippy::cast_precision_loss, reason = "rings have few corners")]
pub fn middle(ring: &[Point]) -> Point {
    let sum = ring.iter().fold([0.0, 0.0], |sum, &it| add(sum, it));
    scale(sum, 1.0 / ring.len().max(1) as f64)
}

/// Whether a point is inside a ring (ray casting).
pub fn contains(ring: &[Point], [x, y]: Point) -> bool {
    let crossings = edges(ring)
        .filter(|(a, b)| {
            (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
        })
        .count();
    crossings % 2 == 1
}

/// The direction of the longest edge.
pub fn longest_edge(ring: &[Point]) -> Point {
    let mut best = [1.0, 0.0];
    let mut length = 0.0;
    for (a, b) in edges(ring) {
        if distance(a, b) > length {
            length = distance(a, b);
            best = scale(sub(b, a), 1.0 / length);
        }
    }
    best
}

/// Least and greatest projection of a ring on a direction.
pub fn extent(ring: &[Point], direction: Point) -> (f64, f64) {
    ring.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &it| {
        let along = dot(it, direction);
        (low.min(along), high.max(along))
    })
}

/// The direction in which a ring is longest (its longest edge or across it), its length and its width.
pub fn long_axis(ring: &[Point]) -> (Point, f64, f64) {
    let along = longest_edge(ring);
    let across = left_of(along);
    let (low, high) = extent(ring, along);
    let (near, far) = extent(ring, across);
    if high - low >= far - near {
        (along, high - low, far - near)
    } else {
        (across, far - near, high - low)
    }
}

/// The part of a convex ring on the left of the line through `from` along `direction`, `inset` metres away from it.
pub fn cut(ring: &[Point], from: Point, direction: Point, inset: f64) -> Vec<Point> {
    let normal = left_of(direction);
    let height = |it: Point| dot(sub(it, from), normal) - inset;
    let mut out = Vec::with_capacity(ring.len() + 2);
    for (a, b) in edges(ring) {
        let (high, low) = (height(a), height(b));
        if high >= 0.0 {
            out.push(a);
        }
        if (high > 0.0 && low < 0.0) || (high < 0.0 && low > 0.0) {
            out.push(between(a, b, high / (high - low)));
        }
    }
    out.dedup_by(|a, b| distance(*a, *b) < 0.05);
    out
}

/// Where a line crosses a convex ring: entry and exit along `direction`.
pub fn chord(ring: &[Point], from: Point, direction: Point) -> Option<(Point, Point)> {
    let normal = left_of(direction);
    let height = |it: Point| dot(sub(it, from), normal);
    let mut hits: Vec<Point> = edges(ring)
        .filter(|&(a, b)| (height(a) >= 0.0) != (height(b) >= 0.0))
        .map(|(a, b)| between(a, b, height(a) / (height(a) - height(b))))
        .collect();
    hits.sort_by(|a, b| dot(*a, direction).total_cmp(&dot(*b, direction)));
    (hits.len() == 2).then(|| (hits[0], hits[1]))
}

/// A convex ring with its corners cut off `size` metres from each, as at street corners.
pub fn chamfer(ring: &[Point], size: f64) -> Vec<Point> {
    let mut out = Vec::with_capacity(ring.len() * 2);
    for (index, &corner) in ring.iter().enumerate() {
        let before = ring[(index + ring.len() - 1) % ring.len()];
        let after = ring[(index + 1) % ring.len()];
        let (to_before, to_after) = (distance(corner, before), distance(corner, after));
        let turn =
            cross(sub(corner, before), sub(after, corner)) / (to_before * to_after).max(1e-9);
        if turn > 0.5 && to_before > 4.0 * size && to_after > 4.0 * size {
            out.push(between(corner, before, size / to_before));
            out.push(between(corner, after, size / to_after));
        } else {
            out.push(corner);
        }
    }
    out
}

/// A ring with points added so that no edge is longer than `longest` metres: long edges must follow the bent ground.
pub fn densify(ring: &[Point], longest: f64) -> Vec<Point> {
    let mut out = Vec::with_capacity(ring.len() * 2);
    for (a, b) in edges(ring) {
        densify_edge(a, b, longest, &mut out);
    }
    out
}

/// A line with points added, both ends kept.
pub fn densify_line(line: &[Point], longest: f64) -> Vec<Point> {
    let mut out = Vec::with_capacity(line.len() * 2);
    for pair in line.windows(2) {
        densify_edge(pair[0], pair[1], longest, &mut out);
    }
    out.extend(line.last());
    out
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen pieces")]
fn densify_edge(a: Point, b: Point, longest: f64, out: &mut Vec<Point>) {
    let pieces = (distance(a, b) / longest).ceil().max(1.0) as u32;
    for piece in 0..pieces {
        out.push(between(a, b, f64::from(piece) / f64::from(pieces)));
    }
}
