//! Parcels compared with those around them: overlaps, doubles, and gaps where outlines almost meet. Pure geometry. A line sweeps
//! from south to north and holds only the parcels it crosses, so memory does not grow with their number. Neighbours that touch
//! are the normal case: a pair is told apart by its edges before any area is cut out.
//!
//! Coordinates are longitude and latitude in EPSG:4490; lengths are metres on a plane at the pair, good to a thousandth.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use geo::BooleanOps;
use geo::MultiPolygon;

use crate::measure;

mod facing;
mod kept;
mod outline;
mod spool;
#[cfg(test)]
mod tests;

use facing::Facing;
pub use kept::Kept;
pub use kept::Pair;
pub use kept::Relation;
pub use kept::Side;
pub use outline::Outline;
pub use outline::Whose;
pub use spool::Spool;

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
/// Comparisons of edges, some seconds of work, and as many more for each parcel as a common one takes several times over:
/// files in which everything lies on everything end here.
const WORK: u64 = 1_000_000_000;
const WORK_EACH: u64 = 10_000;
/// What cutting out an overlap costs for each vertex, in comparisons.
const CUTTING: u64 = 100;
/// Degrees beyond a parcel's box in which it may have neighbours.
const REACH: f64 = (GAP_MOST_M + GAP_LENGTH_M) / DEGREE_M * 2.0;
/// Parcels that the line takes up at a time; threads share the pairs among them.
const STEP: usize = 2_048;
/// Columns of degrees by which parcels under the line are looked up; one that spans more than `WIDE` of them is looked at always.
const COLUMN: f64 = 1.0 / 512.0;
const WIDE: i64 = 64;

type Point = [f64; 2];

/// Compares the parcels of a file with one another and with those of the register, each pair once.
///
/// Fails where the temporary file cannot be written or read.
pub fn compare(spool: Spool, most: usize) -> io::Result<Kept> {
    compare_by(STEP, spool, most)
}

fn compare_by(size: usize, spool: Spool, most: usize) -> io::Result<Kept> {
    let mut sweep = Sweep { kept: Kept::new(most), ..Sweep::default() };
    let mut outlines = spool.sorted()?;
    loop {
        let mut step = Vec::with_capacity(size);
        for it in outlines.by_ref().take(size) {
            step.push(it?);
        }
        if step.is_empty() {
            break;
        }
        if !sweep.take(step) {
            sweep.kept.complete = false;
            break;
        }
    }
    sweep.finish();
    Ok(sweep.kept)
}

/// The line and what it crosses.
#[derive(Default)]
struct Sweep {
    under: Vec<Option<Outline>>,
    free: Vec<usize>,
    /// Northern ends of what is under the line, as ordered bits.
    ends: BinaryHeap<Reverse<(u64, usize)>>,
    columns: BTreeMap<i64, Column>,
    wide: Vec<usize>,
    work: AtomicU64,
    /// Parcels that were taken up.
    count: u64,
    kept: Kept,
}

#[derive(Default)]
struct Column {
    parcels: Vec<usize>,
    /// Gaps in which a parcel may still lie that the line has not come to.
    gaps: Vec<Gap>,
}

struct Gap {
    at: Point,
    width_m: f64,
    sides: [Side; 2],
}

/// What a pair was found to be, by the places of both in `under`.
struct Found {
    first: usize,
    second: usize,
    relation: Relation,
}

/// Bits that sort as the numbers do.
fn ordered(it: f64) -> u64 {
    let bits = it.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees times 512")]
fn column(x: f64) -> i64 {
    (x / COLUMN).floor() as i64
}

fn columns(it: &Outline) -> (i64, i64) {
    (column(it.low[0]), column(it.high[0]))
}

fn is_wide((from, to): (i64, i64)) -> bool {
    to - from > WIDE
}

impl Sweep {
    /// Moves the line on over these parcels. False: the work became too much.
    fn take(&mut self, step: Vec<Outline>) -> bool {
        let south = step[0].low[1];
        self.leave(south);
        self.count += step.len() as u64;
        let mut pairs = Vec::new();
        for outline in step {
            self.fill_gaps(&outline);
            let (from, to) = columns(&outline);
            let place = self.free.pop().unwrap_or(self.under.len());
            let reached = (column(outline.low[0] - REACH), column(outline.high[0] + REACH));
            if is_wide(reached) {
                let others = self.under.iter().enumerate();
                let others =
                    others.filter(|(_, it)| it.as_ref().is_some_and(|it| near(it, &outline)));
                pairs.extend(others.map(|(other, _)| (other, place)));
            } else {
                for (index, it) in self.columns.range(reached.0..=reached.1) {
                    for other in &it.parcels {
                        let Some(known) = &self.under[*other] else { continue };
                        // Both may be in several columns: the first that they share is where they meet.
                        let first = columns(known).0.max(reached.0);
                        if first == *index && near(known, &outline) {
                            pairs.push((*other, place));
                        }
                    }
                }
                let wide = self
                    .wide
                    .iter()
                    .filter(|it| self.under[**it].as_ref().is_some_and(|it| near(it, &outline)));
                pairs.extend(wide.map(|it| (*it, place)));
            }
            self.ends.push(Reverse((ordered(outline.high[1]), place)));
            if is_wide((from, to)) {
                self.wide.push(place);
            } else {
                for index in from..=to {
                    self.columns.entry(index).or_default().parcels.push(place);
                }
            }
            if place == self.under.len() {
                self.under.push(Some(outline));
            } else {
                self.under[place] = Some(outline);
            }
        }
        let found = self.examine(&pairs);
        for it in found {
            self.tell(it);
        }
        self.work.load(Ordering::Relaxed) < self.limit()
    }

    fn limit(&self) -> u64 {
        WORK + WORK_EACH * self.count
    }

    /// Lets go of the parcels that the line has left behind, and tells the gaps that it has.
    fn leave(&mut self, south: f64) {
        let limit = ordered(south - 2.0 * REACH);
        while let Some(Reverse((end, place))) = self.ends.peek().copied() {
            if end >= limit {
                break;
            }
            self.ends.pop();
            let Some(outline) = self.under[place].take() else { continue };
            self.free.push(place);
            let (from, to) = columns(&outline);
            if is_wide((from, to)) {
                self.wide.retain(|it| *it != place);
                continue;
            }
            for index in from..=to {
                if let Some(column) = self.columns.get_mut(&index) {
                    column.parcels.retain(|it| *it != place);
                }
            }
        }
        let kept = &mut self.kept;
        self.columns.retain(|_, column| {
            for gap in column.gaps.extract_if(.., |it| it.at[1] < south) {
                kept.add(gap.told());
            }
            !column.parcels.is_empty() || !column.gaps.is_empty()
        });
    }

    fn finish(&mut self) {
        self.leave(f64::INFINITY);
    }

    /// A gap that the new parcel lies in is none.
    fn fill_gaps(&mut self, outline: &Outline) {
        let (from, to) = columns(outline);
        for (_, column) in self.columns.range_mut(from..=to) {
            column.gaps.retain(|it| !outline.contains(it.at));
        }
    }

    /// What each pair is to each other, by as many threads as there are.
    fn examine(&self, pairs: &[(usize, usize)]) -> Vec<Found> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = pairs.len().div_ceil(threads).max(STEP / 4);
        let examine = |pairs: &[(usize, usize)]| -> Vec<Found> {
            pairs.iter().filter_map(|it| self.relation(it.0, it.1)).collect()
        };
        if pairs.len() <= share {
            return examine(pairs);
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                pairs.chunks(share).map(|it| scope.spawn(move || examine(it))).collect();
            let joined = workers
                .into_iter()
                .map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            joined.flatten().collect()
        })
    }

    fn relation(&self, first: usize, second: usize) -> Option<Found> {
        if self.work.load(Ordering::Relaxed) >= self.limit() {
            return None;
        }
        let (a, b) = (self.under[first].as_ref()?, self.under[second].as_ref()?);
        let (a, b, first, second) =
            if a.whose <= b.whose { (a, b, first, second) } else { (b, a, second, first) };
        let pair = Facing::of(a, b, REACH);
        self.work.fetch_add(pair.cost(), Ordering::Relaxed);
        let relation = if pair.overlaps() {
            let vertices = (a.vertices() + b.vertices()) as u64;
            self.work.fetch_add(vertices * CUTTING, Ordering::Relaxed);
            cut(a, b)?
        } else {
            let (at, width_m) = pair.gap()?;
            Relation::Gap(at, width_m)
        };
        Some(Found { first, second, relation })
    }

    /// Keeps what is certain; a gap waits until the line is past it.
    fn tell(&mut self, found: Found) {
        let Found { first, second, relation } = found;
        let (Some(a), Some(b)) = (&self.under[first], &self.under[second]) else { return };
        let sides = [Side::of(a), Side::of(b)];
        let Relation::Gap(at, width_m) = relation else {
            self.kept.add(Pair { sides, relation });
            return;
        };
        let index = column(at[0]);
        let beside = self.columns.get(&index).map_or(&[][..], |it| &it.parcels);
        let is_in = |place: &usize| {
            ![first, second].contains(place)
                && self.under[*place].as_ref().is_some_and(|it| it.contains(at))
        };
        if !beside.iter().chain(&self.wide).any(is_in) {
            self.columns.entry(index).or_default().gaps.push(Gap { at, width_m, sides });
        }
    }
}

impl Gap {
    fn told(self) -> Pair {
        Pair { sides: self.sides, relation: Relation::Gap(self.at, self.width_m) }
    }
}

/// Whether the boxes come within reach, and one of the two is the file's.
fn near(a: &Outline, b: &Outline) -> bool {
    let apart =
        |axis: usize| a.low[axis] > b.high[axis] + REACH || a.high[axis] < b.low[axis] - REACH;
    let is_file = |it: &Outline| matches!(it.whose, Whose::File(_));
    (is_file(a) || is_file(b)) && !apart(0) && !apart(1)
}

/// The common part, where it is more than a hair.
fn cut(a: &Outline, b: &Outline) -> Option<Relation> {
    let common: MultiPolygon<f64> = a.polygons().intersection(&b.polygons());
    let area_m2 = measure::area_m2(&common);
    if area_m2 > SAME_PART * a.area_m2.max(b.area_m2) {
        return Some(Relation::Same(common));
    }
    let counts = area_m2 > OVERLAP_M2.max(OVERLAP_PART * a.area_m2.min(b.area_m2));
    counts.then_some(Relation::Overlap(area_m2, common))
}
