//! Streets within a tile: it is split again and again, each time by a street or a creek, until blocks remain.

use rand::Rng;

use super::district::Kind;
use super::noise;
use super::noise::Stream;
use super::plane::Point;
use super::polygon;

/// Streets, creeks and blocks of one tile in plan coordinates; blocks are convex and apart from each other.
#[derive(Debug, Default)]
pub struct Streets {
    pub lines: Vec<[Point; 2]>,
    pub creeks: Vec<Vec<Point>>,
    pub blocks: Vec<Vec<Point>>,
}

struct Habit {
    /// Median block, m².
    block_m2: f64,
    street_m: f64,
    /// How far a street may lean from the perpendicular, radians.
    lean: f64,
    creeks: f64,
}

fn habit(kind: Kind) -> Habit {
    match kind {
        Kind::Park => Habit { block_m2: 95_000.0, street_m: 22.0, lean: 0.05, creeks: 0.04 },
        Kind::Urban => Habit { block_m2: 52_000.0, street_m: 16.0, lean: 0.09, creeks: 0.06 },
        Kind::Rural => Habit { block_m2: 120_000.0, street_m: 9.0, lean: 0.22, creeks: 0.35 },
    }
}

impl Streets {
    /// Splits the interior of a tile.
    pub fn lay(interior: &[Point], kind: Kind, random: &mut Stream) -> Self {
        let mut streets = Self::default();
        streets.split(interior, &habit(kind), 15.0, random);
        streets
    }

    /// `reach_m` is how far a new street runs on to meet the middle of the one that it ends at.
    fn split(&mut self, ring: &[Point], habit: &Habit, reach_m: f64, random: &mut Stream) {
        if ring.len() < 3 {
            return;
        }
        let size = polygon::area(ring);
        let (axis, length, width) = polygon::long_axis(ring);
        let goal = noise::log_normal(random, habit.block_m2, 0.3);
        if size < goal || length < 140.0 {
            if width > 34.0 {
                self.blocks.push(polygon::densify(&polygon::chamfer(ring, 7.0), 125.0));
            }
            return;
        }
        let (low, high) = polygon::extent(ring, axis);
        let along = noise::lerp(low, high, random.random_range(0.36..0.64));
        let middle = polygon::middle(ring);
        let from = polygon::add(middle, polygon::scale(axis, along - polygon::dot(middle, axis)));
        let across =
            polygon::rotate(polygon::left_of(axis), random.random_range(-habit.lean..habit.lean));
        let creek = random.random::<f64>() < habit.creeks;
        let gap = if creek {
            habit.street_m + 7.0
        } else {
            habit.street_m * random.random_range(0.8..1.25)
        };
        if let Some((start, end)) = polygon::chord(ring, from, across) {
            if creek {
                let half = polygon::scale(polygon::left_of(across), gap / 2.0 - 4.0);
                let run_on = polygon::scale(across, 4.0);
                let (start, end) = (polygon::sub(start, run_on), polygon::add(end, run_on));
                let (right, left) = (|it| polygon::sub(it, half), |it| polygon::add(it, half));
                let ring = [right(start), right(end), left(end), left(start)];
                self.creeks.push(polygon::densify(&ring, 100.0));
            } else {
                let run_on = polygon::scale(across, reach_m);
                self.lines.push([polygon::sub(start, run_on), polygon::add(end, run_on)]);
            }
        }
        let left = polygon::cut(ring, from, across, gap / 2.0);
        let right = polygon::cut(ring, from, polygon::scale(across, -1.0), gap / 2.0);
        self.split(&left, habit, gap / 2.0, random);
        self.split(&right, habit, gap / 2.0, random);
    }
}
