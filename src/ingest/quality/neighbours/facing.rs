//! Two outlines where their boxes meet: whether they overlap, touch, or leave a gap between them.

use super::DEGREE_M;
use super::GAP_LEAST_M;
use super::GAP_LENGTH_M;
use super::GAP_MOST_M;
use super::Point;
use super::TOUCHING_M;
use super::outline::Outline;

/// Two parcels where their boxes meet, in metres from `origin`.
pub(super) struct Facing<'a> {
    parcels: [&'a Outline; 2],
    origin: Point,
    /// Metres of a degree, east and north.
    scale: Point,
    edges: [Vec<[Point; 2]>; 2],
    /// Whether all edges of a parcel are among them.
    whole: [bool; 2],
}

impl<'a> Facing<'a> {
    pub(super) fn of(a: &'a Outline, b: &'a Outline, reach: f64) -> Self {
        let low = [a.low[0].max(b.low[0]) - reach, a.low[1].max(b.low[1]) - reach];
        let high = [a.high[0].min(b.high[0]) + reach, a.high[1].min(b.high[1]) + reach];
        let mut it = Self {
            parcels: [a, b],
            origin: low,
            scale: [DEGREE_M * low[1].to_radians().cos(), DEGREE_M],
            edges: [Vec::new(), Vec::new()],
            whole: [true, true],
        };
        for (side, parcel) in [(0, a), (1, b)] {
            for ring in parcel.rings() {
                for edge in ring.windows(2) {
                    let [from, to] = [edge[0], edge[1]];
                    let meets = from[0].max(to[0]) >= low[0]
                        && from[0].min(to[0]) <= high[0]
                        && from[1].max(to[1]) >= low[1]
                        && from[1].min(to[1]) <= high[1];
                    if !meets {
                        it.whole[side] = false;
                        continue;
                    }
                    let edge = [it.metres(from), it.metres(to)];
                    let [east, north] = [edge[1][0] - edge[0][0], edge[1][1] - edge[0][1]];
                    if east.abs() + north.abs() > 0.0 {
                        it.edges[side].push(edge);
                    }
                }
            }
        }
        it
    }

    /// Comparisons of edges that this pair may take: each near edge with the other's near ones, and with all to tell whether
    /// it lies inside.
    pub(super) fn cost(&self) -> u64 {
        let near = self.edges.each_ref().map(|it| it.len() as u64 + 1);
        let all = self.parcels.map(|it| it.vertices() as u64);
        3 * near[0] * near[1] + 2 * (near[0] * all[1] + near[1] * all[0])
    }

    fn metres(&self, at: Point) -> Point {
        [(at[0] - self.origin[0]) * self.scale[0], (at[1] - self.origin[1]) * self.scale[1]]
    }

    fn degrees(&self, at: Point) -> Point {
        [at[0] / self.scale[0] + self.origin[0], at[1] / self.scale[1] + self.origin[1]]
    }

    fn is_inside(&self, side: usize, at: Point) -> bool {
        self.parcels[side].contains(self.degrees(at))
    }

    /// Distance to the nearest edge of a side, and the place on it.
    fn distance(&self, side: usize, at: Point) -> (f64, Point) {
        let mut nearest = (f64::INFINITY, at);
        for edge in &self.edges[side] {
            let on = on_edge(*edge, at);
            let squared = (on[0] - at[0]).powi(2) + (on[1] - at[1]).powi(2);
            if squared < nearest.0 {
                nearest = (squared, on);
            }
        }
        (nearest.0.sqrt(), nearest.1)
    }

    /// Whether the interiors seem to meet by more than a touch: a corner or the middle of an edge lies inside the other,
    /// edges cross, or every corner of one lies on the other's outline.
    pub(super) fn overlaps(&self) -> bool {
        for side in [0, 1] {
            let mut off_outline = !self.whole[side];
            for edge in &self.edges[side] {
                let middle =
                    [f64::midpoint(edge[0][0], edge[1][0]), f64::midpoint(edge[0][1], edge[1][1])];
                for (is_corner, at) in [(true, edge[0]), (false, middle)] {
                    if self.distance(1 - side, at).0 > TOUCHING_M {
                        off_outline |= is_corner;
                        if self.is_inside(1 - side, at) {
                            return true;
                        }
                    }
                }
            }
            if !off_outline && !self.edges[side].is_empty() {
                return true;
            }
        }
        let crosses = |a: &[Point; 2]| self.edges[1].iter().any(|b| cross(a, b) && cross(b, a));
        self.edges[0].iter().any(crosses)
    }

    /// Where the outlines come near without meeting, along an edge, with the width in metres.
    pub(super) fn gap(&self) -> Option<(Point, f64)> {
        for side in [0, 1] {
            for edge in &self.edges[side] {
                for [at, along] in [*edge, [edge[1], edge[0]]] {
                    if !(GAP_LEAST_M..GAP_MOST_M).contains(&self.distance(1 - side, at).0) {
                        continue;
                    }
                    let [east, north] = [along[0] - at[0], along[1] - at[1]];
                    let length = east.hypot(north);
                    let step = GAP_LENGTH_M / length;
                    let ahead = |part: f64| [at[0] + east * part, at[1] + north * part];
                    if length < GAP_LENGTH_M || self.distance(1 - side, ahead(step)).0 >= GAP_MOST_M
                    {
                        continue;
                    }
                    // Not at the corner, where a third parcel in between has its edge.
                    let inward = ahead(step / 2.0);
                    let (width, on) = self.distance(1 - side, inward);
                    let middle = [f64::midpoint(inward[0], on[0]), f64::midpoint(inward[1], on[1])];
                    if !self.is_inside(side, middle) && !self.is_inside(1 - side, middle) {
                        return Some((self.degrees(middle), width));
                    }
                }
            }
        }
        None
    }
}

/// The point of an edge that is nearest.
fn on_edge([from, to]: [Point; 2], at: Point) -> Point {
    let [east, north] = [to[0] - from[0], to[1] - from[1]];
    let along = (at[0] - from[0]) * east + (at[1] - from[1]) * north;
    let part = (along / (east * east + north * north)).clamp(0.0, 1.0);
    [from[0] + east * part, from[1] + north * part]
}

/// Whether the ends of `b` lie on either side of the line through `a`, clear of it.
fn cross(a: &[Point; 2], b: &[Point; 2]) -> bool {
    let [east, north] = [a[1][0] - a[0][0], a[1][1] - a[0][1]];
    let length = east.hypot(north);
    let side = |it: Point| (east * (it[1] - a[0][1]) - north * (it[0] - a[0][0])) / length;
    let (from, to) = (side(b[0]), side(b[1]));
    from.abs() > TOUCHING_M && to.abs() > TOUCHING_M && (from > 0.0) != (to > 0.0)
}
