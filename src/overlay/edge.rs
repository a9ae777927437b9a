//! Areas from edges alone. What lies under an edge, down to a base line, is a trapezoid; an outline is the sum of the
//! trapezoids under its edges, those that run east counted negative. So the area that two outlines share is the sum,
//! over pairs of their edges, of what lies under both. No crossing point is looked for, so nothing can fail.

use super::outline::Place;

/// An edge that is not upright, from west to east, in metres from the corner of a square; its base line is the square's
/// southern side.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub x0: f64,
    pub x1: f64,
    pub y0: f64,
    pub y1: f64,
    rise: f64,
    /// How often what lies under it counts; -1 where the outline is north of it.
    pub weight: f64,
}

impl Edge {
    /// None where it is upright: nothing lies under it.
    #[inline]
    pub fn new(from: Place, to: Place) -> Option<Self> {
        if from[0] < to[0] {
            Some(Self::eastward(from, to, -1.0))
        } else if from[0] > to[0] {
            Some(Self::eastward(to, from, 1.0))
        } else {
            None
        }
    }

    #[inline]
    pub fn eastward(west: Place, east: Place, weight: f64) -> Self {
        let rise = (east[1] - west[1]) / (east[0] - west[0]);
        // Steeper than numbers go: as good as upright, and too narrow to matter.
        let rise = if rise.is_finite() { rise } else { 0.0 };
        Self { x0: west[0], x1: east[0], y0: west[1], y1: east[1], rise, weight }
    }

    /// Its height at an easting between its ends.
    #[inline]
    pub fn at(&self, x: f64) -> f64 {
        self.y0 + self.rise * (x - self.x0)
    }

    /// What lies under it.
    #[inline]
    pub fn area(&self) -> f64 {
        self.weight * (self.x1 - self.x0) * 0.5 * (self.y0 + self.y1)
    }

    /// What lies under both.
    #[inline]
    pub fn shared(&self, other: &Self) -> f64 {
        let (west, east) = (self.x0.max(other.x0), self.x1.min(other.x1));
        if west >= east {
            return 0.0;
        }
        let (a0, a1) = (self.at(west), self.at(east));
        let (b0, b1) = (other.at(west), other.at(east));
        let (d0, d1) = (a0 - b0, a1 - b1);
        // Where they cross, the lesser ends overrate what is under both by nothing; what lies between is a triangle more.
        let between = if d0 * d1 < 0.0 { -d0 * d1 / (d0.abs() + d1.abs()) } else { 0.0 };
        self.weight * other.weight * 0.5 * (east - west) * (a0.min(b0) + a1.min(b1) + between)
    }

    /// The same seen from another corner.
    #[inline]
    pub fn moved(&self, by: Place) -> Self {
        Self {
            x0: self.x0 - by[0],
            x1: self.x1 - by[0],
            y0: self.y0 - by[1],
            y1: self.y1 - by[1],
            ..*self
        }
    }
}

/// Stretches of a square's northern side, as edges are cut to it.
#[derive(Debug, Default)]
pub struct Tops(Vec<(f64, f64)>);

impl Tops {
    pub fn add(&mut self, west: f64, east: f64, weight: f64) {
        self.0.push((west, weight));
        self.0.push((east, -weight));
    }

    /// Appends what they come to as edges at the height `side`, and forgets them.
    pub fn drain(&mut self, side: f64, out: &mut Vec<Edge>) {
        self.0.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (mut weight, mut west) = (0.0, 0.0);
        for (x, more) in self.0.drain(..) {
            if weight != 0.0 && x > west {
                out.push(Edge::eastward([west, side], [x, side], weight));
            }
            weight += more;
            west = x;
        }
    }
}

/// Appends what of `edge` counts in the square from the origin to `side`: cut to its width, what is below left out, what
/// is above pressed down to the northern side (into `tops`).
#[inline]
pub fn cut(edge: &Edge, side: f64, tops: &mut Tops, out: &mut Vec<Edge>) {
    let (mut west, mut east) = (edge.x0.max(0.0), edge.x1.min(side));
    if west >= east {
        return;
    }
    let mut y0 = if west == edge.x0 { edge.y0 } else { edge.at(west) };
    let mut y1 = if east == edge.x1 { edge.y1 } else { edge.at(east) };
    if y0 <= 0.0 && y1 <= 0.0 {
        return;
    }
    if y0 >= side && y1 >= side {
        tops.add(west, east, edge.weight);
        return;
    }
    let reach = |y: f64, (west, y0): (f64, f64), (east, y1): (f64, f64)| {
        (west + (east - west) * ((y - y0) / (y1 - y0))).clamp(west, east)
    };
    if y0 < 0.0 {
        west = reach(0.0, (west, y0), (east, y1));
        y0 = 0.0;
    } else if y1 < 0.0 {
        east = reach(0.0, (west, y0), (east, y1));
        y1 = 0.0;
    }
    if y0 > side {
        let at = reach(side, (west, y0), (east, y1));
        tops.add(west, at, edge.weight);
        (west, y0) = (at, side);
    } else if y1 > side {
        let at = reach(side, (west, y0), (east, y1));
        tops.add(at, east, edge.weight);
        (east, y1) = (at, side);
    }
    if west < east {
        out.push(Edge::eastward([west, y0], [east, y1], edge.weight));
    }
}
