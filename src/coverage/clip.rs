//! Outlines cut at the edge of a window. The window reaches half a unit beyond its last units, where no vertex can lie, so
//! that every edge is clearly inside, outside or across.

use super::draft::Draft;
use super::draft::Spot;
use super::valid::is_inside;
use crate::layer::Geometry;

/// What is visible, in units, edges included; and where the outline stands that is to be cut.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub min: i64,
    pub max: i64,
    /// Where the outline's spot (0, 0) is in the window.
    pub by: (i64, i64),
    /// Units of the window to one of the outline's, as a power of two.
    pub shift: u8,
}

/// A place where a line crosses the window's edge: the side (0 north, 1 east, 2 south, 3 west, as an outline runs) and how
/// far along it, as a fraction.
#[derive(Clone, Copy, Debug)]
struct Crossing {
    side: u8,
    num: i128,
    /// Positive.
    den: i128,
}

impl Crossing {
    fn is_before(&self, other: &Self) -> bool {
        (self.side, self.num * other.den) < (other.side, other.num * self.den)
    }
}

/// What of a ring is inside, from where it comes in to where it goes out.
#[derive(Debug)]
struct Chain {
    start: usize,
    end: usize,
    enters: Crossing,
    leaves: Crossing,
}

/// Cuts; its lists are used again for the next outline.
#[derive(Debug, Default)]
pub struct Cutter {
    /// Of chains.
    spots: Vec<Spot>,
    chains: Vec<Chain>,
    /// Crossings in their order around the window: which chain, and whether it enters there.
    around: Vec<(usize, bool)>,
    /// Of one part: rings made of chains, and rings that are wholly inside.
    outers: Draft,
    inner: Draft,
}

impl Cutter {
    /// Writes to `out` what of the lines is in the frame.
    pub fn lines(lines: &Draft, frame: &Frame, out: &mut Draft) {
        out.clear();
        for (line, _) in lines.rings() {
            let mut is_open = false;
            for it in line.windows(2) {
                let (from, to) = (frame.place(it[0]), frame.place(it[1]));
                let Some((enters, leaves)) = frame.cross(from, to) else { continue };
                if !is_open {
                    out.push(enters.map_or_else(|| Frame::spot(from), |it| frame.edge(&it)));
                    is_open = true;
                }
                match leaves {
                    None => out.push(Frame::spot(to)),
                    Some(it) => {
                        out.push(frame.edge(&it));
                        out.end(Geometry::Line, true);
                        is_open = false;
                    }
                }
            }
            if is_open {
                out.end(Geometry::Line, true);
            }
        }
    }

    /// Writes to `out` the points that are in the frame.
    pub fn points(points: &Draft, frame: &Frame, out: &mut Draft) {
        out.clear();
        for it in &points.spots {
            let place = frame.place(*it);
            if frame.holds(place) {
                out.push(Frame::spot(place));
                out.end(Geometry::Point, true);
            }
        }
    }

    /// Writes to `out` what of a valid polygon is in the frame. Rounding to units at the window's edge may leave something
    /// invalid, which the caller finds and repairs. Answers false for what no valid polygon does.
    pub fn polygon(&mut self, polygon: &Draft, frame: &Frame, out: &mut Draft) -> bool {
        out.clear();
        let mut ring = 0;
        while ring < polygon.rings.len() {
            let mut end = ring + 1;
            while end < polygon.rings.len() && !polygon.rings[end].is_outer {
                end += 1;
            }
            if !self.part(polygon, ring..end, frame, out) {
                return false;
            }
            ring = end;
        }
        true
    }

    fn part(
        &mut self,
        polygon: &Draft,
        rings: std::ops::Range<usize>,
        frame: &Frame,
        out: &mut Draft,
    ) -> bool {
        self.spots.clear();
        self.chains.clear();
        self.outers.clear();
        self.inner.clear();
        let mut covers = false;
        let mut outer_is_inside = false;
        for at in rings.clone() {
            let ring = polygon.ring(at);
            match ring.iter().position(|it| !frame.holds(frame.place(*it))) {
                None if at == rings.start => {
                    outer_is_inside = true;
                    self.outers.extend(ring.iter().map(|it| Frame::spot(frame.place(*it))));
                    self.outers.end(Geometry::Polygon, true);
                }
                None => {
                    self.inner.extend(ring.iter().map(|it| Frame::spot(frame.place(*it))));
                    self.inner.end(Geometry::Polygon, false);
                }
                Some(first) => {
                    let before = self.chains.len();
                    self.chains(ring, first, frame);
                    if self.chains.len() == before {
                        covers ^= frame.is_within(ring);
                    }
                }
            }
        }
        if !self.chains.is_empty() {
            if !self.link(frame) {
                return false;
            }
        } else if covers && !outer_is_inside {
            for it in [frame.corner(3), frame.corner(0), frame.corner(1), frame.corner(2)] {
                self.outers.push(it);
            }
            self.outers.end(Geometry::Polygon, true);
        }
        for (at, (ring, _)) in self.outers.rings().enumerate() {
            out.extend(ring.iter().copied());
            out.end(Geometry::Polygon, true);
            let is_last = at + 1 == self.outers.rings.len();
            for (hole, _) in self.inner.rings() {
                let is_here = if self.outers.rings.len() == 1 {
                    true
                } else {
                    let owner = self.outers.rings().position(|it| is_inside(hole[0], it.0));
                    owner.map_or(is_last, |it| it == at)
                };
                if is_here {
                    out.extend(hole.iter().copied());
                    out.end(Geometry::Polygon, false);
                }
            }
        }
        true
    }

    /// Collects the chains of a ring, whose vertex `first` is outside.
    fn chains(&mut self, ring: &[Spot], first: usize, frame: &Frame) {
        let mut from = frame.place(ring[first]);
        let mut open: Option<(usize, Crossing)> = None;
        for step in 1..=ring.len() {
            let to = frame.place(ring[(first + step) % ring.len()]);
            if let Some((enters, leaves)) = frame.cross(from, to) {
                if let Some(it) = enters {
                    open = Some((self.spots.len(), it));
                    self.spots.push(frame.edge(&it));
                }
                match leaves {
                    None => self.spots.push(Frame::spot(to)),
                    Some(leaves) => {
                        self.spots.push(frame.edge(&leaves));
                        if let Some((start, enters)) = open.take() {
                            let end = self.spots.len();
                            self.chains.push(Chain { start, end, enters, leaves });
                        }
                    }
                }
            }
            from = to;
        }
    }

    /// Makes rings of the chains: from where one goes out along the window's edge to where the next comes in.
    fn link(&mut self, frame: &Frame) -> bool {
        let Self { spots, chains, around, outers, .. } = self;
        around.clear();
        around.extend((0..chains.len()).flat_map(|it| [(it, true), (it, false)]));
        let crossing = |it: &(usize, bool)| {
            let chain = &chains[it.0];
            if it.1 { chain.enters } else { chain.leaves }
        };
        around.sort_by(|a, b| {
            let (a, b) = (crossing(a), crossing(b));
            if a.is_before(&b) {
                std::cmp::Ordering::Less
            } else if b.is_before(&a) {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        });
        let len = around.len();
        let mut next = vec![(usize::MAX, 0_u8); chains.len()];
        for at in 0..len {
            let ((chain, enters), (following, follows)) = (around[at], around[(at + 1) % len]);
            if enters == follows {
                return false;
            }
            if !enters {
                let (from, to) = (chains[chain].leaves, chains[following].enters);
                let mut corners = (to.side + 4 - from.side) % 4;
                if corners == 0 && at + 1 == len {
                    corners = 4;
                }
                next[chain] = (following, corners);
            }
        }
        for start in 0..chains.len() {
            let mut at = start;
            if next[at].0 == usize::MAX {
                continue;
            }
            loop {
                let chain = &chains[at];
                outers.extend(spots[chain.start..chain.end].iter().copied());
                let (following, corners) = std::mem::replace(&mut next[at], (usize::MAX, 0));
                for it in 0..corners {
                    outers.push(frame.corner((chain.leaves.side + it) % 4));
                }
                if following == start {
                    break;
                }
                if next[following].0 == usize::MAX {
                    return false;
                }
                at = following;
            }
            outers.end(Geometry::Polygon, true);
        }
        true
    }
}

type Place = (i64, i64);

impl Frame {
    fn place(&self, spot: Spot) -> Place {
        (
            self.by.0 + (i64::from(spot.x) << self.shift),
            self.by.1 + (i64::from(spot.y) << self.shift),
        )
    }

    fn holds(&self, place: Place) -> bool {
        (self.min..=self.max).contains(&place.0) && (self.min..=self.max).contains(&place.1)
    }

    /// A place inside as a spot of the window.
    #[expect(clippy::cast_possible_truncation, reason = "inside")]
    fn spot(place: Place) -> Spot {
        Spot { x: place.0 as i32, y: place.1 as i32 }
    }

    /// Where a side ends, as an outline runs.
    fn corner(&self, side: u8) -> Spot {
        Self::spot(match side {
            0 => (self.max, self.min),
            1 => (self.max, self.max),
            2 => (self.min, self.max),
            _ => (self.min, self.min),
        })
    }

    /// Where an edge comes in and goes out, for one that is inside somewhere; `None` where it starts or ends inside.
    fn cross(&self, from: Place, to: Place) -> Option<(Option<Crossing>, Option<Crossing>)> {
        if self.holds(from) && self.holds(to) {
            return Some((None, None));
        }
        // In half units, where the window's edge is odd and a vertex even.
        let (low, high) = (2 * self.min - 1, 2 * self.max + 1);
        let ((px, py), (qx, qy)) = ((2 * from.0, 2 * from.1), (2 * to.0, 2 * to.1));
        let (dx, dy) = (qx - px, qy - py);
        let mut enters: Option<(u8, i64, i64)> = None;
        let mut leaves: Option<(u8, i64, i64)> = None;
        let is_before = |a: &(u8, i64, i64), b: &(u8, i64, i64)| {
            i128::from(a.1) * i128::from(b.2) < i128::from(b.1) * i128::from(a.2)
        };
        // The side, whether each end is beyond it, and how far along the edge it is crossed.
        for (side, is_out, goes_out, along, of) in [
            (0, py < low, qy < low, low - py, dy),
            (1, px > high, qx > high, high - px, dx),
            (2, py > high, qy > high, high - py, dy),
            (3, px < low, qx < low, low - px, dx),
        ] {
            let at = (side, along.abs(), of.abs());
            match (is_out, goes_out) {
                (true, true) => return None,
                (true, false) if enters.is_none_or(|it| is_before(&it, &at)) => enters = Some(at),
                (false, true) if leaves.is_none_or(|it| is_before(&at, &it)) => leaves = Some(at),
                _ => {}
            }
        }
        if let (Some(enters), Some(leaves)) = (&enters, &leaves)
            && !is_before(enters, leaves)
        {
            return None;
        }
        let crossing = |side: u8| {
            let (px, py, dx, dy) = (i128::from(px), i128::from(py), i128::from(dx), i128::from(dy));
            let (low, high) = (i128::from(low), i128::from(high));
            let (num, den) = match side {
                0 => (px * dy + (low - py) * dx, dy),
                1 => (py * dx + (high - px) * dy, dx),
                2 => (-px * dy - (high - py) * dx, dy),
                _ => (-py * dx - (low - px) * dy, dx),
            };
            if den < 0 {
                Crossing { side, num: -num, den: -den }
            } else {
                Crossing { side, num, den }
            }
        };
        Some((enters.map(|it| crossing(it.0)), leaves.map(|it| crossing(it.0))))
    }

    /// The spot of a crossing, inside.
    #[expect(clippy::cast_possible_truncation, reason = "on the window's edge")]
    fn edge(&self, it: &Crossing) -> Spot {
        let num = if it.side < 2 { it.num } else { -it.num };
        let along = (num + it.den).div_euclid(2 * it.den) as i64;
        let along = along.clamp(self.min, self.max);
        Self::spot(match it.side {
            0 => (along, self.min),
            1 => (self.max, along),
            2 => (along, self.max),
            _ => (self.min, along),
        })
    }

    /// Whether the window's middle lies within a ring that does not cross the window.
    fn is_within(&self, ring: &[Spot]) -> bool {
        let middle = (self.min + self.max, self.min + self.max);
        let mut is_within = false;
        let Some(last) = ring.last() else { return false };
        let double = |it: &Spot| {
            let (x, y) = self.place(*it);
            (i128::from(2 * x - middle.0), i128::from(2 * y - middle.1))
        };
        let mut from = double(last);
        for to in ring {
            let to = double(to);
            if (from.1 > 0) != (to.1 > 0) {
                let is_left = from.0 * to.1 - from.1 * to.0 > 0;
                is_within ^= is_left == (to.1 > from.1);
            }
            from = to;
        }
        is_within
    }
}
