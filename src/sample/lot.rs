//! Lots: a block split into irregular pieces that share their borders corner by corner.
//!
//! All pieces of a block live in one arena of points. A point put on a border is put into the rings on both its sides,
//! so no T-junction leaves a gap or an overlap, whatever rounding follows.

use rand::Rng;

use super::noise;
use super::noise::Stream;
use super::plane::Point;
use super::polygon;

/// A new corner nearer than this to an existing one takes its place, metres.
const SNAP_M: f64 = 6.0;

/// Lots narrower than this are not split lengthwise, metres.
const NARROW_M: f64 = 24.0;

#[derive(Debug)]
pub struct Lots {
    points: Vec<Point>,
    rings: Vec<Vec<usize>>,
    /// Rings that are final.
    done: Vec<bool>,
}

impl Lots {
    /// Splits a block (convex, counter-clockwise) into lots of about this size.
    pub fn split(block: &[Point], median_m2: f64, sigma: f64, random: &mut Stream) -> Self {
        let mut lots = Self {
            points: block.to_vec(),
            rings: vec![(0..block.len()).collect()],
            done: vec![false],
        };
        while let Some(ring) = lots.done.iter().position(|it| !it) {
            let size = polygon::area(&lots.ring(ring));
            let goal = noise::log_normal(random, median_m2, sigma);
            let divided = size > goal * 1.45 && lots.divide(ring, random);
            if !divided {
                lots.done[ring] = true;
                if size > 4000.0 && random.random::<f64>() < 0.16 {
                    lots.notch(ring, random);
                }
            }
        }
        lots
    }

    /// The final rings.
    pub fn rings(&self) -> impl Iterator<Item = Vec<Point>> + '_ {
        (0..self.rings.len()).map(|it| self.ring(it))
    }

    fn ring(&self, ring: usize) -> Vec<Point> {
        self.rings[ring].iter().map(|&it| self.points[it]).collect()
    }

    /// Splits a ring in two across its long axis.
    fn divide(&mut self, ring: usize, random: &mut Stream) -> bool {
        let corners = self.ring(ring);
        let (axis, length, width) = polygon::long_axis(&corners);
        // Now and then a back lot without much of a front.
        let (axis, room) =
            if width > 3.0 * NARROW_M && width > 0.6 * length && random.random::<f64>() < 0.2 {
                (polygon::left_of(axis), width)
            } else {
                (axis, length)
            };
        if room < 2.2 * NARROW_M {
            return false;
        }
        let (low, high) = polygon::extent(&corners, axis);
        let lean = if random.random::<f64>() < 0.2 { 0.16 } else { 0.03 };
        let across = polygon::rotate(polygon::left_of(axis), random.random_range(-lean..lean));
        let at = noise::lerp(low, high, random.random_range(0.34..0.66));
        let middle = polygon::middle(&corners);
        let from = polygon::add(middle, polygon::scale(axis, at - polygon::dot(middle, axis)));
        let Some((start, end)) = self.crossings(ring, from, across) else { return false };
        let Some(start) = self.corner(ring, start) else { return false };
        // The first crossing may have moved the edges; the second is found again by its point.
        let Some(end) = self.corner(ring, end) else { return false };
        self.part(ring, start, end)
    }

    /// Where a line crosses a ring: the points, when there are exactly two.
    fn crossings(&self, ring: usize, from: Point, direction: Point) -> Option<(Point, Point)> {
        polygon::chord(&self.ring(ring), from, direction)
    }

    /// The corner of a ring at a point of its border: an existing one that is near, or a new one.
    fn corner(&mut self, ring: usize, point: Point) -> Option<usize> {
        let ids = &self.rings[ring];
        if let Some(&near) =
            ids.iter().find(|&&it| polygon::distance(self.points[it], point) < SNAP_M)
        {
            return Some(near);
        }
        let off_line = |&(a, b): &(usize, usize)| {
            let (a, b) = (self.points[a], self.points[b]);
            polygon::distance(a, point) + polygon::distance(point, b) - polygon::distance(a, b)
        };
        let sides = (0..ids.len()).map(|it| (ids[it], ids[(it + 1) % ids.len()]));
        let (a, b) = sides.min_by(|x, y| off_line(x).total_cmp(&off_line(y)))?;
        let new = self.points.len();
        self.points.push(point);
        for ids in &mut self.rings {
            let count = ids.len();
            let side = (0..count).find(|&it| {
                let (from, to) = (ids[it], ids[(it + 1) % count]);
                (from, to) == (a, b) || (from, to) == (b, a)
            });
            if let Some(side) = side {
                ids.insert(side + 1, new);
            }
        }
        Some(new)
    }

    /// Parts a ring between two of its corners.
    fn part(&mut self, ring: usize, start: usize, end: usize) -> bool {
        let ids = self.rings[ring].clone();
        let (Some(i), Some(j)) =
            (ids.iter().position(|&it| it == start), ids.iter().position(|&it| it == end))
        else {
            return false;
        };
        let (i, j) = (i.min(j), i.max(j));
        let one: Vec<usize> = ids[i..=j].to_vec();
        let other: Vec<usize> = ids[j..].iter().chain(&ids[..=i]).copied().collect();
        if one.len() < 3 || other.len() < 3 {
            return false;
        }
        let size = |ids: &[usize]| {
            polygon::area(&ids.iter().map(|&it| self.points[it]).collect::<Vec<_>>())
        };
        if size(&one) < 900.0 || size(&other) < 900.0 {
            return false;
        }
        self.rings[ring] = one;
        self.rings.push(other);
        self.done.push(false);
        true
    }

    /// Cuts a small lot out of a corner, which leaves an L.
    fn notch(&mut self, ring: usize, random: &mut Stream) {
        let corners = self.ring(ring);
        let count = corners.len();
        let at = random.random_range(0..count);
        let (before, here, after) =
            (corners[(at + count - 1) % count], corners[at], corners[(at + 1) % count]);
        let (back, ahead) = (polygon::sub(before, here), polygon::sub(after, here));
        let (back_m, ahead_m) = (polygon::distance(before, here), polygon::distance(after, here));
        let square = polygon::dot(back, ahead).abs() < 0.35 * back_m * ahead_m;
        if back_m < 60.0 || ahead_m < 60.0 || !square {
            return;
        }
        let back = polygon::scale(back, random.random_range(0.44..0.62));
        let ahead = polygon::scale(ahead, random.random_range(0.44..0.62));
        let inner = polygon::add(here, polygon::add(back, ahead));
        // The inner corner must stay well inside, or the L would be cut through.
        let room = polygon::edges(&corners)
            .map(|(a, b)| {
                polygon::dot(polygon::sub(inner, a), polygon::left_of(polygon::sub(b, a)))
            })
            .fold(f64::INFINITY, f64::min);
        if room < 14.0 {
            return;
        }
        let here_id = self.rings[ring][at];
        let Some(ahead_id) = self.corner(ring, polygon::add(here, ahead)) else { return };
        let Some(back_id) = self.corner(ring, polygon::add(here, back)) else { return };
        let inner_id = self.points.len();
        let ids = &self.rings[ring];
        let Some(at) = ids.iter().position(|&it| it == here_id) else { return };
        let near = ids[(at + 1) % ids.len()] == ahead_id
            && ids[(at + ids.len() - 1) % ids.len()] == back_id;
        if !near {
            return;
        }
        self.points.push(inner);
        self.rings[ring][at] = inner_id;
        self.rings.push(vec![here_id, ahead_id, inner_id, back_id]);
        self.done.push(true);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::sample::noise::Purpose;

    fn block() -> Vec<Point> {
        polygon::densify(
            &polygon::chamfer(&[[0.0, 0.0], [420.0, 12.0], [400.0, 330.0], [-15.0, 300.0]], 7.0),
            125.0,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_inner_border_is_walked_once_in_each_direction(seed in any::<u64>()) {
            let lots = Lots::split(&block(), 9000.0, 0.6, &mut noise::stream(seed, Purpose::Layout, &[]));
            let mut sides = BTreeMap::new();
            for ring in &lots.rings {
                for (index, &from) in ring.iter().enumerate() {
                    *sides.entry((from, ring[(index + 1) % ring.len()])).or_insert(0) += 1;
                }
            }
            prop_assert!(sides.values().all(|&it| it == 1));
            // What has no opposite is the block's own border, and it closes.
            let outer: f64 = sides
                .keys()
                .filter(|&&(a, b)| !sides.contains_key(&(b, a)))
                .map(|&(a, b)| polygon::cross(lots.points[a], lots.points[b]) / 2.0)
                .sum();
            let total: f64 = lots.rings().map(|it| polygon::area(&it)).sum();
            prop_assert!((outer - total).abs() < 1e-6 * total);
            prop_assert!((polygon::area(&block()) - total).abs() < 1e-6 * total);
        }

        #[test]
        fn every_lot_runs_counter_clockwise_within_its_block(seed in any::<u64>()) {
            let block = block();
            for ring in Lots::split(&block, 7000.0, 0.7, &mut noise::stream(seed, Purpose::Layout, &[])).rings() {
                prop_assert!(polygon::area(&ring) > 500.0);
                for point in ring {
                    let inside = polygon::edges(&block)
                        .all(|(a, b)| polygon::dot(polygon::sub(point, a), polygon::left_of(polygon::sub(b, a))) > -1e-6);
                    prop_assert!(inside);
                }
            }
        }
    }
}
