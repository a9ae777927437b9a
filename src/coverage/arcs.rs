//! Arcs: the lines between junctions, the places where borders part. Both sides of a border walk the same arcs, so a
//! vertex of an arc gets one level, whoever looks at it.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::Shapes;
use super::places::Places;
use super::thin::Thinner;
use crate::layer::Geometry;

/// The level of a vertex that no zoom of the layer shows.
pub const NEVER: u8 = u8::MAX;
const NOT_YET: u8 = 254;
const TAKEN: u8 = 253;

/// Distance in units of a tile that a line may move by generalisation: half a pixel of a tile of 512 pixels.
pub const TOLERANCE: f64 = 4.0;
/// The same at the highest zoom: half the grid, which rounding moves it by anyway.
pub const FINEST: f64 = 0.5;

/// Steps to a unit of a tile.
pub fn unit(zoom: u8) -> f64 {
    f64::exp2(20.0 - f64::from(zoom))
}

/// For each place the lowest zoom at which vertices there are kept. `fixed` are levels known before, by the number of the
/// place.
pub fn levels(
    kind: Geometry,
    shapes: &Shapes,
    places: &Places,
    zooms: &RangeInclusive<u8>,
    fixed: &[(u32, u8)],
) -> Vec<AtomicU8> {
    let is_ring = kind == Geometry::Polygon;
    let mut ends = junctions(is_ring, shapes, places);
    let levels: Vec<AtomicU8> =
        ends.iter().map(|it| AtomicU8::new(if *it { 0 } else { NOT_YET })).collect();
    for (id, level) in fixed {
        ends[*id as usize] = true;
        levels[*id as usize].store(*level, Relaxed);
    }
    let tolerances: Vec<(f64, u8)> = zooms
        .clone()
        .map(|it| (unit(it) * if it == *zooms.end() { FINEST } else { TOLERANCE }, it))
        .collect();
    let walk = Walk { places, ends: &ends, levels: &levels, tolerances: &tolerances };
    let rows = shapes.rings.len();
    (0..rows).into_par_iter().with_min_len(256).for_each(|ring| {
        let ids = &places.ids[shapes.places_of(ring)];
        THINNER.with_borrow_mut(|thinner| walk.ring(is_ring, ids, thinner));
    });
    for it in &levels {
        if matches!(it.load(Relaxed), NOT_YET | TAKEN) {
            it.store(0, Relaxed);
        }
    }
    levels
}

thread_local! {
    static THINNER: RefCell<Thinner> = RefCell::default();
}

/// Places where lines end, or whose neighbours along one line are not those along another.
fn junctions(is_ring: bool, shapes: &Shapes, places: &Places) -> Vec<bool> {
    const NONE: (u32, u32) = (u32::MAX, u32::MAX);
    let mut neighbours = vec![NONE; places.len()];
    let mut is_junction = vec![false; places.len()];
    for ring in 0..shapes.rings.len() {
        let ids = &places.ids[shapes.places_of(ring)];
        let len = ids.len();
        for (at, id) in ids.iter().enumerate() {
            let id = *id as usize;
            if !is_ring && (at == 0 || at + 1 == len) {
                is_junction[id] = true;
                continue;
            }
            let before = ids[if at == 0 { len - 1 } else { at - 1 }];
            let after = ids[if at + 1 == len { 0 } else { at + 1 }];
            let pair = (before.min(after), before.max(after));
            if neighbours[id] == NONE {
                neighbours[id] = pair;
            }
            // A place that is gone through and back is the end of a spike.
            if neighbours[id] != pair || before == after {
                is_junction[id] = true;
            }
        }
    }
    is_junction
}

struct Walk<'a> {
    places: &'a Places,
    /// Where arcs end.
    ends: &'a [bool],
    levels: &'a [AtomicU8],
    /// How far a line may move at each zoom, from the lowest, that is the largest, down.
    tolerances: &'a [(f64, u8)],
}

impl Walk<'_> {
    fn ring(&self, is_ring: bool, ids: &[u32], thinner: &mut Thinner) {
        let len = ids.len();
        let Some(first) = ids.iter().position(|it| self.ends[*it as usize]) else {
            if is_ring {
                self.closed(ids, thinner);
            }
            return;
        };
        let mut start = first;
        let steps = if is_ring { len } else { len - 1 - first };
        for step in 1..=steps {
            let at = (first + step) % len;
            if self.ends[ids[at] as usize] {
                if step > start - first + 1 {
                    let inner = (start + 1..first + step).map(|it| ids[it % len]);
                    self.arc(ids[start % len], inner, ids[at], thinner);
                }
                start = first + step;
            }
        }
    }

    /// A ring that meets no other, or is the whole border of one row and a hole in another.
    fn closed(&self, ids: &[u32], thinner: &mut Thinner) {
        let Some(lowest) = ids.iter().min() else { return };
        if !self.take(*lowest) {
            return;
        }
        thinner.clear();
        for it in ids {
            self.push(*it, thinner);
        }
        self.thin(true, thinner);
    }

    fn arc(
        &self,
        from: u32,
        inner: impl Iterator<Item = u32> + Clone,
        to: u32,
        thinner: &mut Thinner,
    ) {
        // Both sides of a border, or many rows with one shape, come here: the first that does thins for all. Which one
        // that is makes no difference.
        if !inner.clone().min().is_some_and(|it| self.take(it)) {
            return;
        }
        thinner.clear();
        self.push(from, thinner);
        inner.for_each(|it| self.push(it, thinner));
        self.push(to, thinner);
        self.thin(false, thinner);
    }

    fn take(&self, id: u32) -> bool {
        self.levels[id as usize].compare_exchange(NOT_YET, TAKEN, Relaxed, Relaxed).is_ok()
    }

    fn push(&self, id: u32, thinner: &mut Thinner) {
        let at = self.places.at(id);
        thinner.push(f64::from(at.x), f64::from(at.y), id);
    }

    fn thin(&self, is_ring: bool, thinner: &mut Thinner) {
        let most = self.tolerances.first().map_or(0.0, |it| it.0);
        thinner.thin(is_ring, most, |id, weight| {
            let level = self.tolerances.iter().find(|it| weight > it.0).map_or(NEVER, |it| it.1);
            self.levels[id as usize].store(level, Relaxed);
        });
    }
}
