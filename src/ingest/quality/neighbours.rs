//! Parcels compared with those around them: overlaps, doubles, and gaps where outlines almost meet. Pure geometry in flat
//! memory. Neighbours that touch are the normal case, so a pair is told apart by its edges before any area is cut out.
//!
//! Coordinates are longitude and latitude in EPSG:4490; lengths are metres on a plane at the pair, good to a thousandth.

use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use geo::BooleanOps;
use geo::LineString;
use geo::MultiPolygon;
use geo::Polygon;
use rstar::AABB;
use rstar::RTree;
use rstar::RTreeObject;

use crate::measure;

#[cfg(test)]
mod tests;

/// Surveyed outlines that meet are digitised to the millimetre; nearer than this is touching.
const TOUCHING_M: f64 = 0.002;
/// Outlines further apart than this, and nearer than `GAP_MOST_M`, leave a gap.
const GAP_LEAST_M: f64 = 0.01;
const GAP_MOST_M: f64 = 0.5;
/// So far along an edge a gap must go on: a short edge beside a shared corner is none.
const GAP_LENGTH_M: f64 = 2.0;
/// An overlap counts from this area, and from this part of the smaller parcel.
const OVERLAP_M2: f64 = 1.0;
const OVERLAP_PART: f64 = 0.001;
/// Parcels that share this part of the larger one are one parcel twice.
const SAME_PART: f64 = 0.999;
/// Metres of a degree of latitude.
const DEGREE_M: f64 = 111_000.0;
/// Comparisons of edges, some seconds of work: files in which everything lies on everything end here.
const WORK: u64 = 1_000_000_000;
/// What cutting out an overlap costs for each vertex, in comparisons.
const CUTTING: u64 = 100;
/// Overlaps that are kept with their outline.
const PARTS: usize = 10_000;

type Point = [f64; 2];

/// Outlines of many parcels.
#[derive(Debug, Default)]
pub struct Outlines {
    parcels: Vec<Parcel>,
    /// Ends of rings in `points`; a ring begins where the one before ends.
    rings: Vec<Ring>,
    points: Vec<Point>,
}

#[derive(Debug)]
struct Parcel {
    low: Point,
    high: Point,
    rings: Range<usize>,
    area_m2: f64,
}

#[derive(Debug)]
struct Ring {
    points: Range<usize>,
    is_exterior: bool,
}

/// What is wrong between two parcels.
#[derive(Debug)]
pub enum Relation {
    /// The area in m² and, of the first ones, the common part.
    Overlap(f64, Option<MultiPolygon<f64>>),
    /// One parcel twice, with the common part of the first ones.
    Same(Option<MultiPolygon<f64>>),
    /// Where the gap is and how wide, in metres.
    Gap(Point, f64),
}

/// Two parcels by their position, the earlier first.
#[derive(Debug)]
pub struct Pair {
    pub first: usize,
    pub second: usize,
    pub relation: Relation,
}

struct Boxed {
    index: usize,
    low: Point,
    high: Point,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<Point>;

    fn envelope(&self) -> AABB<Point> {
        AABB::from_corners(self.low, self.high)
    }
}

impl Outlines {
    /// Vertices that are held, 16 bytes each.
    pub fn vertices(&self) -> usize {
        self.points.len()
    }

    /// Adds a parcel with its measured area in m².
    pub fn push(&mut self, polygons: &MultiPolygon<f64>, area_m2: f64) {
        let from = self.rings.len();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for polygon in polygons {
            for (nth, ring) in
                std::iter::once(polygon.exterior()).chain(polygon.interiors()).enumerate()
            {
                let start = self.points.len();
                for it in &ring.0 {
                    low = [low[0].min(it.x), low[1].min(it.y)];
                    high = [high[0].max(it.x), high[1].max(it.y)];
                    self.points.push([it.x, it.y]);
                }
                let points = start..self.points.len();
                self.rings.push(Ring { points, is_exterior: nth == 0 });
            }
        }
        self.parcels.push(Parcel { low, high, rings: from..self.rings.len(), area_m2 });
    }

    /// Compares each of the first `count` parcels with all others, each pair once. The second answer is false when the work
    /// became too much and pairs were left out.
    pub fn compare(&self, count: usize) -> (Vec<Pair>, bool) {
        let boxed = |(index, it): (usize, &Parcel)| {
            let finite = it.low[0].is_finite() && it.high[0].is_finite();
            finite.then_some(Boxed { index, low: it.low, high: it.high })
        };
        let tree = RTree::bulk_load(self.parcels.iter().enumerate().filter_map(boxed).collect());
        let work = AtomicU64::new(0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = count.div_ceil(threads).max(1);
        let found = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..count)
                .step_by(share)
                .map(|from| {
                    let (tree, work) = (&tree, &work);
                    let range = from..count.min(from + share);
                    scope.spawn(move || self.compare_some(range, count, tree, work))
                })
                .collect();
            let joined = workers
                .into_iter()
                .map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            joined.flatten().collect::<Vec<Pair>>()
        });
        (found, work.load(Ordering::Relaxed) < WORK)
    }

    fn compare_some(
        &self,
        range: Range<usize>,
        count: usize,
        tree: &RTree<Boxed>,
        work: &AtomicU64,
    ) -> Vec<Pair> {
        let mut found = Vec::new();
        let mut parts = 0;
        let reach = (GAP_MOST_M + GAP_LENGTH_M) / DEGREE_M * 2.0;
        for first in range {
            let it = &self.parcels[first];
            if !it.low[0].is_finite() {
                continue;
            }
            let around = AABB::from_corners(
                [it.low[0] - reach, it.low[1] - reach],
                [it.high[0] + reach, it.high[1] + reach],
            );
            for other in tree.locate_in_envelope_intersecting(&around) {
                let second = other.index;
                // Later ones of the file, and all that it does not replace.
                if second <= first && second < count || second == first {
                    continue;
                }
                if work.load(Ordering::Relaxed) >= WORK {
                    return found;
                }
                let pair = Facing::of(self, first, second, reach);
                work.fetch_add(pair.cost(), Ordering::Relaxed);
                let relation = if pair.overlaps() {
                    let vertices = self.vertices_of(first) + self.vertices_of(second);
                    work.fetch_add(vertices as u64 * CUTTING, Ordering::Relaxed);
                    self.cut(first, second)
                } else {
                    let is_free = |at: Point| self.is_free(at, [first, second], tree);
                    pair.gap().filter(|(at, _)| is_free(*at)).map(|it| Relation::Gap(it.0, it.1))
                };
                let Some(mut relation) = relation else { continue };
                if let Relation::Overlap(_, part) | Relation::Same(part) = &mut relation {
                    parts += 1;
                    if parts > PARTS {
                        *part = None;
                    }
                }
                found.push(Pair { first, second, relation });
            }
        }
        found
    }

    fn vertices_of(&self, parcel: usize) -> usize {
        let rings = &self.rings[self.parcels[parcel].rings.clone()];
        rings.iter().map(|it| it.points.len()).sum()
    }

    /// The common part, where it is more than a hair.
    fn cut(&self, first: usize, second: usize) -> Option<Relation> {
        let common = self.polygons(first).intersection(&self.polygons(second));
        let area_m2 = measure::area_m2(&common);
        let (a, b) = (self.parcels[first].area_m2, self.parcels[second].area_m2);
        if area_m2 > SAME_PART * a.max(b) {
            return Some(Relation::Same(Some(common)));
        }
        let counts = area_m2 > OVERLAP_M2.max(OVERLAP_PART * a.min(b));
        counts.then_some(Relation::Overlap(area_m2, Some(common)))
    }

    fn polygons(&self, parcel: usize) -> MultiPolygon<f64> {
        let mut polygons: Vec<Polygon<f64>> = Vec::new();
        for ring in &self.rings[self.parcels[parcel].rings.clone()] {
            let line = LineString::from(self.points[ring.points.clone()].to_vec());
            match polygons.last_mut() {
                Some(it) if !ring.is_exterior => it.interiors_push(line),
                _ => polygons.push(Polygon::new(line, Vec::new())),
            }
        }
        MultiPolygon(polygons)
    }

    /// Whether a place is in no parcel but perhaps these two.
    fn is_free(&self, at: Point, but: [usize; 2], tree: &RTree<Boxed>) -> bool {
        let around = AABB::from_point(at);
        tree.locate_in_envelope_intersecting(&around)
            .all(|it| but.contains(&it.index) || !self.contains(it.index, at))
    }

    /// Whether a point is inside, by the number of edges west of it.
    fn contains(&self, parcel: usize, at: Point) -> bool {
        let it = &self.parcels[parcel];
        if at[0] < it.low[0] || at[0] > it.high[0] || at[1] < it.low[1] || at[1] > it.high[1] {
            return false;
        }
        let mut inside = false;
        for ring in &self.rings[it.rings.clone()] {
            for edge in self.points[ring.points.clone()].windows(2) {
                let ([ax, ay], [bx, by]) = (edge[0], edge[1]);
                if (ay > at[1]) != (by > at[1]) && at[0] < (bx - ax) * (at[1] - ay) / (by - ay) + ax
                {
                    inside = !inside;
                }
            }
        }
        inside
    }
}

/// Two parcels where their boxes meet, in metres from `origin`.
struct Facing<'a> {
    outlines: &'a Outlines,
    parcels: [usize; 2],
    origin: Point,
    /// Metres of a degree, east and north.
    scale: Point,
    edges: [Vec<[Point; 2]>; 2],
    /// Whether all edges of a parcel are among them.
    whole: [bool; 2],
}

impl<'a> Facing<'a> {
    fn of(outlines: &'a Outlines, first: usize, second: usize, reach: f64) -> Self {
        let (a, b) = (&outlines.parcels[first], &outlines.parcels[second]);
        let low = [a.low[0].max(b.low[0]) - reach, a.low[1].max(b.low[1]) - reach];
        let high = [a.high[0].min(b.high[0]) + reach, a.high[1].min(b.high[1]) + reach];
        let mut it = Self {
            outlines,
            parcels: [first, second],
            origin: low,
            scale: [DEGREE_M * low[1].to_radians().cos(), DEGREE_M],
            edges: [Vec::new(), Vec::new()],
            whole: [true, true],
        };
        for (side, parcel) in [(0, a), (1, b)] {
            for ring in &outlines.rings[parcel.rings.clone()] {
                for edge in outlines.points[ring.points.clone()].windows(2) {
                    let [from, to] = [edge[0], edge[1]];
                    let meets = from[0].max(to[0]) >= low[0]
                        && from[0].min(to[0]) <= high[0]
                        && from[1].max(to[1]) >= low[1]
                        && from[1].min(to[1]) <= high[1];
                    let edge = [it.metres(from), it.metres(to)];
                    let length = (edge[1][0] - edge[0][0]).hypot(edge[1][1] - edge[0][1]);
                    if !meets {
                        it.whole[side] = false;
                    } else if length > 0.0 {
                        it.edges[side].push(edge);
                    }
                }
            }
        }
        it
    }

    /// Comparisons of edges that this pair may take: each near edge with the other's near ones, and with all to tell whether
    /// it lies inside.
    fn cost(&self) -> u64 {
        let near = self.edges.each_ref().map(|it| it.len() as u64 + 1);
        let all = self.parcels.map(|it| self.outlines.vertices_of(it) as u64);
        3 * near[0] * near[1] + 2 * (near[0] * all[1] + near[1] * all[0])
    }

    fn metres(&self, at: Point) -> Point {
        [(at[0] - self.origin[0]) * self.scale[0], (at[1] - self.origin[1]) * self.scale[1]]
    }

    fn degrees(&self, at: Point) -> Point {
        [at[0] / self.scale[0] + self.origin[0], at[1] / self.scale[1] + self.origin[1]]
    }

    fn is_inside(&self, side: usize, at: Point) -> bool {
        self.outlines.contains(self.parcels[side], self.degrees(at))
    }

    /// Distance to the nearest edge of a side, and the place on it.
    fn distance(&self, side: usize, at: Point) -> (f64, Point) {
        let mut nearest = (f64::INFINITY, at);
        for edge in &self.edges[side] {
            let on = on_edge(*edge, at);
            let distance = (on[0] - at[0]).hypot(on[1] - at[1]);
            if distance < nearest.0 {
                nearest = (distance, on);
            }
        }
        nearest
    }

    /// Whether the interiors seem to meet by more than a touch: a corner or the middle of an edge lies inside the other,
    /// edges cross, or every corner of one lies on the other's outline.
    fn overlaps(&self) -> bool {
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
    fn gap(&self) -> Option<(Point, f64)> {
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
