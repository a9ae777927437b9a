//! Which vertices of a line matter how much: they are taken away one after another, the least missed first, and each is
//! given how far the line then was from the true one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Thins lines; its lists are used again for the next.
#[derive(Debug, Default)]
pub struct Thinner {
    /// The line's places with their numbers.
    line: Vec<(f64, f64, u32)>,
    before: Vec<u32>,
    after: Vec<u32>,
    /// How far at most the line between a place and the one after it is from what stood there.
    error: Vec<f64>,
    cost: Vec<f64>,
    queue: BinaryHeap<Reverse<(u64, u32, u32)>>,
}

const GONE: f64 = -1.0;

impl Thinner {
    pub fn clear(&mut self) {
        self.line.clear();
    }

    pub fn push(&mut self, x: f64, y: f64, id: u32) {
        self.line.push((x, y, id));
    }

    /// Thins the line that was pushed, whose ends stay, or with `is_ring` the ring, of which three places stay. Calls with
    /// the number of each place that goes and its weight, the rising bound of the line's distance from the true one once
    /// it is gone. What would weigh more than `most` stays and is not told.
    ///
    /// The result does not depend on the line's direction, nor on where a ring starts: distances are symmetric to the
    /// last bit, and equal ones are decided by the numbers of places.
    #[expect(clippy::cast_possible_truncation, reason = "lists of places are below 2^32")]
    pub fn thin(&mut self, is_ring: bool, most: f64, mut gone: impl FnMut(u32, f64)) {
        let len = self.line.len();
        let mut left = if is_ring { len.saturating_sub(3) } else { len.saturating_sub(2) };
        if left == 0 {
            return;
        }
        self.before.clear();
        self.before.extend((0..len).map(|it| (if it == 0 { len - 1 } else { it - 1 }) as u32));
        self.after.clear();
        self.after.extend((0..len).map(|it| (if it + 1 == len { 0 } else { it + 1 }) as u32));
        self.error.clear();
        self.error.resize(len, 0.0);
        self.cost.clear();
        self.cost.resize(len, GONE);
        self.queue.clear();
        let inner = if is_ring { 0..len } else { 1..len - 1 };
        for at in inner.clone() {
            self.weigh(at);
        }
        let mut weight = 0_f64;
        while left > 0 {
            let Some(Reverse((cost, id, at))) = self.queue.pop() else { break };
            let at = at as usize;
            if self.cost[at].to_bits() != cost {
                continue;
            }
            let cost = self.cost[at];
            weight = weight.max(cost);
            if weight > most {
                break;
            }
            gone(id, weight);
            left -= 1;
            self.cost[at] = GONE;
            let (before, after) = (self.before[at] as usize, self.after[at] as usize);
            self.after[before] = after as u32;
            self.before[after] = before as u32;
            self.error[before] = cost;
            for it in [before, after] {
                if inner.contains(&it) {
                    self.weigh(it);
                }
            }
        }
    }

    /// What the line's distance from the true one may be once this place is gone: within the triangle that goes, no place
    /// of a side is farther from the new side than the corner, and the true line is within `error` of the sides.
    #[expect(clippy::cast_possible_truncation, reason = "lists of places are below 2^32")]
    fn weigh(&mut self, at: usize) {
        let (before, after) = (self.before[at] as usize, self.after[at] as usize);
        let error = self.error[before].max(self.error[at]);
        let cost = error + distance(self.line[at], self.line[before], self.line[after]);
        if self.cost[at].to_bits() != cost.to_bits() {
            self.cost[at] = cost;
            self.queue.push(Reverse((cost.to_bits(), self.line[at].2, at as u32)));
        }
    }
}

type Place = (f64, f64, u32);

/// From a place to the stretch between two others; the same when these are exchanged.
fn distance(it: Place, a: Place, b: Place) -> f64 {
    let (ax, ay) = (a.0 - it.0, a.1 - it.1);
    let (bx, by) = (b.0 - it.0, b.1 - it.1);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (to_a, to_b) = (ax * dx + ay * dy, bx * dx + by * dy);
    if to_a >= 0.0 || to_b <= 0.0 {
        (ax * ax + ay * ay).min(bx * bx + by * by).sqrt()
    } else {
        (ax * by - ay * bx).abs() / (dx * dx + dy * dy).sqrt()
    }
}
