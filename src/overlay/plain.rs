//! Whether rings can be taken as they are: no edge touches another but its neighbours, so that what is inside follows from
//! which ring lies in which. When in doubt they cannot: taking them apart costs a little time and does no harm.

use super::outline::Bounds;
use super::outline::Place;

/// Outlines of so few edges are compared pair by pair.
const FEW: usize = 48;

/// Whether no two edges touch, but neighbours at the corner that they share.
pub fn is_plain(places: &[Place], ends: &[u32]) -> bool {
    let mut edges = Vec::with_capacity(places.len());
    let mut from = 0;
    for end in ends {
        let ring = &places[from..*end as usize];
        let following = ring.iter().cycle().skip(1);
        for (nth, (a, b)) in ring.iter().zip(following).enumerate() {
            edges.push(Side { a: *a, b: *b, ring: from, nth, of: ring.len() });
        }
        from = *end as usize;
    }
    if edges.len() > FEW {
        edges.sort_unstable_by(|a, b| a.west().total_cmp(&b.west()));
    }
    for (nth, it) in edges.iter().enumerate() {
        let east = it.a[0].max(it.b[0]);
        for other in &edges[nth + 1..] {
            if edges.len() > FEW && other.west() > east {
                break;
            }
            if it.touches(other) {
                return false;
            }
        }
    }
    true
}

/// Whether the ring lies in an odd number of others. Only where no edges touch.
pub fn is_hole(places: &[Place], ends: &[u32], nth: usize) -> bool {
    if ends.len() == 1 {
        return false;
    }
    let ring = |it: usize| {
        let from = if it == 0 { 0 } else { ends[it - 1] as usize };
        &places[from..ends[it] as usize]
    };
    let corner = ring(nth)[0];
    (0..ends.len()).filter(|it| *it != nth && winds_around(ring(*it), corner)).count() % 2 == 1
}

fn winds_around(ring: &[Place], at: Place) -> bool {
    let bounds = Bounds::of(ring);
    if !bounds.contains(&Bounds { low: at, high: at }) {
        return false;
    }
    let Some(mut last) = ring.last() else { return false };
    let mut inside = false;
    for place in ring {
        if (place[1] > at[1]) != (last[1] > at[1]) {
            let x = last[0] + (place[0] - last[0]) * ((at[1] - last[1]) / (place[1] - last[1]));
            inside ^= x > at[0];
        }
        last = place;
    }
    inside
}

struct Side {
    a: Place,
    b: Place,
    /// The ring's first place, this edge's number in it, and how many it has.
    ring: usize,
    nth: usize,
    of: usize,
}

impl Side {
    fn west(&self) -> f64 {
        self.a[0].min(self.b[0])
    }

    #[inline]
    fn touches(&self, other: &Self) -> bool {
        let apart = |axis: usize| {
            let low = self.a[axis].min(self.b[axis]).max(other.a[axis].min(other.b[axis]));
            let high = self.a[axis].max(self.b[axis]).min(other.a[axis].max(other.b[axis]));
            low > high
        };
        if apart(0) || apart(1) || self.follows(other) || other.follows(self) {
            return false;
        }
        let one = turn(self.a, self.b, other.a) * turn(self.a, self.b, other.b);
        let two = turn(other.a, other.b, self.a) * turn(other.a, other.b, self.b);
        one <= 0.0 && two <= 0.0
    }

    /// A spike along the same line is neighbours too: it has no area, and adds none.
    fn follows(&self, other: &Self) -> bool {
        self.ring == other.ring && (self.nth + 1) % self.of == other.nth
    }
}

/// Which side of the line from `a` to `b` the place is on; 0 where rounding could have it on either.
#[inline]
fn turn(a: Place, b: Place, at: Place) -> f64 {
    let left = (b[0] - a[0]) * (at[1] - a[1]);
    let right = (b[1] - a[1]) * (at[0] - a[0]);
    let it = left - right;
    if it.abs() <= 1e-14 * (left.abs() + right.abs()) { 0.0 } else { it.signum() }
}
