//! Whether an outline is one that a map may draw: rings that do not cross or touch themselves, that turn the right way,
//! holes inside their outline, outlines outside each other.

use super::At;
use super::Bounds;
use super::boxes::Boxes;
use super::draft::Draft;
use super::draft::Spot;
use super::draft::twice_area;

/// What is wrong with an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Rings touch each other in single places, which may be right or not.
    Touches,
    /// Something crosses, overlaps, turns the wrong way or lies where it must not.
    Broken,
    /// Too intricate to find out in a time that grows with the number of vertices.
    Unknown,
}

/// Outlines of no more vertices are looked at pair by pair.
const FEW: usize = 48;
/// Edges that share a box in larger ones.
const RUN: usize = 8;
/// Pairs of edges looked at for each vertex before it is given up.
const PAIRS: usize = 400;

/// Outlines of no more vertices are never too intricate: 2^18 crossings at most.
const PLAIN: usize = 512;

#[derive(Clone, Copy, Debug)]
struct Edge {
    a: Spot,
    b: Spot,
    ring: u32,
    /// The edge after it in its ring.
    next: u32,
}

/// Looks at outlines; its list is used again for the next.
#[derive(Debug, Default)]
pub struct Checker {
    edges: Vec<Edge>,
}

impl Checker {
    pub fn fault(&mut self, draft: &Draft) -> Fault {
        for (ring, is_outer) in draft.rings() {
            if ring.len() < 3 || (twice_area(ring) > 0) != is_outer || turns_back(ring) {
                return Fault::Broken;
            }
        }
        if draft.rings.len() == 1 && draft.spots.len() == 3 {
            return Fault::None;
        }
        self.collect(draft);
        let met = if self.edges.len() <= FEW { self.all() } else { self.near() };
        if met == Fault::None && draft.rings.len() > 1 { nesting(draft) } else { met }
    }

    #[expect(clippy::cast_possible_truncation, reason = "2^32 spots are 32 GiB")]
    fn collect(&mut self, draft: &Draft) {
        self.edges.clear();
        for ring in 0..draft.rings.len() {
            let range = draft.range(ring);
            for at in range.clone() {
                let next = if at + 1 == range.end { range.start } else { at + 1 };
                let (a, b) = (draft.spots[at], draft.spots[next]);
                self.edges.push(Edge { a, b, ring: ring as u32, next: next as u32 });
            }
        }
    }

    fn all(&self) -> Fault {
        let mut touches = false;
        for (at, one) in self.edges.iter().enumerate() {
            for (other_at, other) in self.edges.iter().enumerate().skip(at + 1) {
                match pair(at, one, other_at, other) {
                    Fault::None => {}
                    Fault::Touches => touches = true,
                    fault => return fault,
                }
            }
        }
        if touches { Fault::Touches } else { Fault::None }
    }

    /// Whether so many edges lie across each other that repairing could take for ever: a million spikes, a scribble. What
    /// is long but plain, as a coast or a comb, is not.
    pub fn is_intricate(&mut self, draft: &Draft) -> bool {
        if draft.spots.len() <= PLAIN {
            return false;
        }
        self.collect(draft);
        let boxes = Boxes::new(self.edges.chunks(RUN).map(reach).collect());
        let mut left = PAIRS / RUN / RUN * self.edges.len();
        for run in 0..boxes.len() {
            boxes.touching(boxes.get(run), |_| {
                left = left.saturating_sub(1);
                left > 0
            });
        }
        left == 0
    }

    fn near(&self) -> Fault {
        let boxes = Boxes::new(self.edges.chunks(RUN).map(reach).collect());
        let mut fault = Fault::None;
        let mut pairs = PAIRS * self.edges.len();
        for run in 0..boxes.len() {
            let from = run * RUN;
            boxes.touching(boxes.get(run), |other| {
                if other < run {
                    return true;
                }
                let end = (other * RUN + RUN).min(self.edges.len());
                for at in from..(from + RUN).min(self.edges.len()) {
                    for other_at in (other * RUN).max(at + 1)..end {
                        match pair(at, &self.edges[at], other_at, &self.edges[other_at]) {
                            Fault::None => {}
                            Fault::Touches => fault = Fault::Touches,
                            it => {
                                fault = it;
                                return false;
                            }
                        }
                    }
                }
                if pairs < RUN * RUN {
                    fault = Fault::Unknown;
                    return false;
                }
                pairs -= RUN * RUN;
                true
            });
            if matches!(fault, Fault::Broken | Fault::Unknown) {
                return fault;
            }
        }
        fault
    }
}

fn reach(edges: &[Edge]) -> Bounds {
    // Keeps the order of signed numbers.
    let at = |it: Spot| At { x: it.x.cast_unsigned() ^ 1 << 31, y: it.y.cast_unsigned() ^ 1 << 31 };
    let mut bounds = Bounds::NOWHERE;
    for it in edges {
        bounds.add(at(it.a));
        bounds.add(at(it.b));
    }
    bounds
}

/// Whether an edge runs back along the one before it.
fn turns_back(ring: &[Spot]) -> bool {
    let len = ring.len();
    (0..len).any(|at| {
        let (a, b) = (ring[at], ring[if at + 1 == len { 0 } else { at + 1 }]);
        let c = ring[if at + 2 >= len { at + 2 - len } else { at + 2 }];
        cross(a, b, c) == 0 && dot(b, a, c) > 0
    })
}

#[expect(clippy::cast_possible_truncation, reason = "2^32 spots are 32 GiB")]
fn pair(at: usize, one: &Edge, other_at: usize, other: &Edge) -> Fault {
    if one.a.x.max(one.b.x) < other.a.x.min(other.b.x)
        || other.a.x.max(other.b.x) < one.a.x.min(one.b.x)
        || one.a.y.max(one.b.y) < other.a.y.min(other.b.y)
        || other.a.y.max(other.b.y) < one.a.y.min(one.b.y)
    {
        return Fault::None;
    }
    let is_same = one.ring == other.ring;
    if is_same && (one.next == other_at as u32 || other.next == at as u32) {
        return Fault::None;
    }
    match meet(one.a, one.b, other.a, other.b) {
        Meet::Apart => Fault::None,
        Meet::Touch if !is_same => Fault::Touches,
        _ => Fault::Broken,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meet {
    Apart,
    /// In one place that is an end of one of them.
    Touch,
    /// In one place, or along a stretch.
    Cross,
}

fn meet(a: Spot, b: Spot, c: Spot, d: Spot) -> Meet {
    let (c_side, d_side) = (cross(a, b, c).signum(), cross(a, b, d).signum());
    if c_side == 0 && d_side == 0 {
        return if overlap(a, b, c, d) {
            Meet::Cross
        } else if a == c || a == d || b == c || b == d {
            Meet::Touch
        } else {
            Meet::Apart
        };
    }
    let (a_side, b_side) = (cross(c, d, a).signum(), cross(c, d, b).signum());
    if c_side * d_side > 0 || a_side * b_side > 0 {
        Meet::Apart
    } else if c_side * d_side < 0 && a_side * b_side < 0 {
        Meet::Cross
    } else {
        Meet::Touch
    }
}

/// Whether two stretches of one line have more than a place in common.
fn overlap(a: Spot, b: Spot, c: Spot, d: Spot) -> bool {
    let along = |it: Spot| if a.x == b.x { it.y } else { it.x };
    let (a, b, c, d) = (along(a), along(b), along(c), along(d));
    a.min(b).max(c.min(d)) < a.max(b).min(c.max(d))
}

fn cross(origin: Spot, a: Spot, b: Spot) -> i64 {
    let (ax, ay) = (i64::from(a.x - origin.x), i64::from(a.y - origin.y));
    let (bx, by) = (i64::from(b.x - origin.x), i64::from(b.y - origin.y));
    ax * by - ay * bx
}

fn dot(origin: Spot, a: Spot, b: Spot) -> i64 {
    let (ax, ay) = (i64::from(a.x - origin.x), i64::from(a.y - origin.y));
    let (bx, by) = (i64::from(b.x - origin.x), i64::from(b.y - origin.y));
    ax * bx + ay * by
}

/// Rings that do not meet: each outline must lie outside all others or in a hole of one, each hole in its own outline and
/// nothing else.
fn nesting(draft: &Draft) -> Fault {
    if draft.rings.len().saturating_mul(draft.spots.len()) > PAIRS * (draft.spots.len() + 100_000) {
        return Fault::Unknown;
    }
    let mut own = 0;
    for at in 0..draft.rings.len() {
        let is_outer = draft.rings[at].is_outer;
        if is_outer {
            own = at;
        }
        let spot = draft.ring(at)[0];
        let mut depth = 0;
        for (other, (ring, is_outer)) in draft.rings().enumerate() {
            if other != at && is_inside(spot, ring) {
                depth += if is_outer { 1 } else { -1 };
            } else if other == own && !draft.rings[at].is_outer {
                return Fault::Broken;
            }
        }
        if depth != i32::from(!is_outer) {
            return Fault::Broken;
        }
    }
    Fault::None
}

/// Whether a spot that is not on the ring lies within it.
pub fn is_inside(spot: Spot, ring: &[Spot]) -> bool {
    let mut is_inside = false;
    let mut from = match ring.last() {
        Some(it) => *it,
        None => return false,
    };
    for to in ring {
        if (from.y > spot.y) != (to.y > spot.y) {
            let is_left = cross(from, *to, spot) > 0;
            is_inside ^= is_left == (to.y > from.y);
        }
        from = *to;
    }
    is_inside
}

/// Whether a spot is on one of a ring's edges.
pub fn is_on(spot: Spot, ring: &[Spot]) -> bool {
    let Some(last) = ring.last() else { return false };
    let mut from = *last;
    ring.iter().any(|to| {
        let is_on = cross(from, *to, spot) == 0 && dot(spot, from, *to) <= 0;
        from = *to;
        is_on
    })
}
