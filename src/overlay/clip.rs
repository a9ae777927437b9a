//! Rings cut in two by an upright or level line. What is cut off is replaced by the line itself, so that both halves wind
//! around the same places as before; they may run along the line to and fro.

use super::outline::Place;

/// Which side of the line is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Low,
    High,
}

/// The part of a ring on one side of the line where the coordinate `axis` is `at`; fewer than three places are none.
pub fn clip(ring: &[Place], axis: usize, at: f64, side: Side) -> Vec<Place> {
    let inside = |it: &Place| match side {
        Side::Low => it[axis] <= at,
        Side::High => it[axis] >= at,
    };
    let mut out: Vec<Place> = Vec::with_capacity(ring.len().min(64));
    let Some(mut last) = ring.last() else { return out };
    for place in ring {
        if inside(place) != inside(last) {
            push(&mut out, crossing(last, place, axis, at), axis, at);
        }
        if inside(place) {
            push(&mut out, *place, axis, at);
        }
        last = place;
    }
    tidy_ends(&mut out, axis, at);
    out
}

/// The same, to the last bit, from whichever end the edge is seen: polygons that share it stay together.
fn crossing(a: &Place, b: &Place, axis: usize, at: f64) -> Place {
    let other = 1 - axis;
    let (a, b) = if a[axis] < b[axis] { (a, b) } else { (b, a) };
    let part = (at - a[axis]) / (b[axis] - a[axis]);
    let mut place = [at; 2];
    place[other] = a[other] + (b[other] - a[other]) * part;
    place
}

/// Adds a place; one between two others on the line says nothing.
fn push(out: &mut Vec<Place>, place: Place, axis: usize, at: f64) {
    if out.last() == Some(&place) {
        return;
    }
    while let [.., a, b] = out.as_slice()
        && [a[axis], b[axis], place[axis]] == [at; 3]
    {
        out.pop();
    }
    if out.last() != Some(&place) {
        out.push(place);
    }
}

/// As `push` does, where the ring's end meets its start.
fn tidy_ends(out: &mut Vec<Place>, axis: usize, at: f64) {
    loop {
        let n = out.len();
        if n < 3 {
            out.clear();
            return;
        }
        if out[n - 1] == out[0] || [out[n - 2][axis], out[n - 1][axis], out[0][axis]] == [at; 3] {
            out.pop();
        } else if [out[n - 1][axis], out[0][axis], out[1][axis]] == [at; 3] {
            out.remove(0);
        } else {
            return;
        }
    }
}
