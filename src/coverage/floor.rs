//! The finished outlines of all rows at one zoom.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::arcs::NEVER;
use super::boxes::Boxes;
use super::row::Made;
use super::row::Rows;
use super::row::Vertices;
use super::row::Work;

/// Rows made one after another by one thread.
const RUN: usize = 1024;
/// How often vertices are given back to rows that are broken without them, before what is still broken is repaired.
const ROUNDS: u8 = 3;

/// By row, its geometry's bytes, counted from where its box has its least corner; none for a dot.
#[derive(Debug, Default)]
pub struct Floor {
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

/// Rows that are being made for the zooms from the lowest up, with the levels of their places.
#[derive(Debug)]
pub struct Making<'a> {
    pub rows: Rows<'a>,
    /// The rows' boxes.
    pub boxes: &'a Boxes,
    /// The numbers of the shapes' places.
    pub ids: &'a [u32],
    /// By number of the place.
    pub levels: &'a [AtomicU8],
    pub zooms: &'a RangeInclusive<u8>,
}

impl Floor {
    pub fn of(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start as usize..self.ends[row] as usize]
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.ends.capacity() * 4 + self.bytes.capacity()
    }

    /// Makes the rows of a zoom. Where a row is broken without a vertex, the vertex' level is lowered, for all rows that
    /// share it, so that borders stay the same on both sides.
    #[expect(clippy::cast_possible_truncation, reason = "4 GiB of outlines at one zoom")]
    pub fn new(making: &Making<'_>, zoom: u8) -> Self {
        let finer: Vec<u8> = (zoom + 1..=*making.zooms.end()).chain([NEVER]).collect();
        let rows = making.rows.bounds.len();
        let runs: Vec<Run> = (0..rows.div_ceil(RUN))
            .into_par_iter()
            .map_init(Work::default, |work, run| {
                let mut made = Run::default();
                for row in run * RUN..(run * RUN + RUN).min(rows) {
                    let start = made.bytes.len();
                    match making.make(row, zoom, &finer, work, &mut made.bytes) {
                        Made::Finer(level) => made.finer.push((row, level)),
                        Made::Dot | Made::Shape => {}
                    }
                    made.lens.push((made.bytes.len() - start) as u32);
                }
                made
            })
            .collect();
        let broken = runs.iter().flat_map(|it| it.finer.iter().copied()).collect();
        let again = making.mend(zoom, &finer, broken);
        let mut floor = Self::default();
        floor.ends.reserve_exact(rows);
        let more: usize = again.values().map(Vec::len).sum();
        floor.bytes.reserve_exact(runs.iter().map(|it| it.bytes.len()).sum::<usize>() + more);
        for run in runs {
            let mut at = 0;
            for len in run.lens {
                let made = &run.bytes[at..at + len as usize];
                let made = again.get(&floor.ends.len()).map_or(made, Vec::as_slice);
                floor.bytes.extend_from_slice(made);
                floor.ends.push(floor.bytes.len() as u32);
                at += len as usize;
            }
        }
        floor.bytes.shrink_to_fit();
        floor
    }
}

#[derive(Debug, Default)]
struct Run {
    bytes: Vec<u8>,
    lens: Vec<u32>,
    finer: Vec<(usize, u8)>,
}

impl Making<'_> {
    fn make(&self, row: usize, zoom: u8, finer: &[u8], work: &mut Work, out: &mut Vec<u8>) -> Made {
        let level = |it: usize| self.levels[self.ids[it] as usize].load(Relaxed);
        self.rows.make(row, &Vertices { zoom, level, keep: zoom, finer }, work, out)
    }

    /// Gives vertices back to broken rows, and makes these and their neighbours again.
    fn mend(
        &self,
        zoom: u8,
        finer: &[u8],
        mut broken: Vec<(usize, u8)>,
    ) -> BTreeMap<usize, Vec<u8>> {
        let mut again = BTreeMap::new();
        for round in 1..=ROUNDS {
            if broken.is_empty() {
                break;
            }
            let finer = if round == ROUNDS { &[] } else { finer };
            let made: Vec<(usize, Made, Vec<u8>)> = self
                .lower(zoom, &broken)
                .into_par_iter()
                .map_init(Work::default, |work, row| {
                    let mut bytes = Vec::new();
                    let made = self.make(row, zoom, finer, work, &mut bytes);
                    (row, made, bytes)
                })
                .collect();
            broken.clear();
            for (row, made, bytes) in made {
                if let Made::Finer(level) = made {
                    broken.push((row, level));
                }
                again.insert(row, bytes);
            }
        }
        again
    }

    /// Lowers levels to the zoom; answers with the rows that have such places.
    fn lower(&self, zoom: u8, broken: &[(usize, u8)]) -> Vec<usize> {
        let shapes = self.rows.shapes;
        let mut lowered = HashSet::new();
        for (row, keep) in broken {
            for place in shapes.places_of_row(*row) {
                let id = self.ids[place];
                let level = &self.levels[id as usize];
                if (zoom + 1..=*keep).contains(&level.load(Relaxed)) {
                    level.store(zoom, Relaxed);
                    lowered.insert(id);
                }
            }
        }
        let mut rows: BTreeSet<usize> = broken.iter().map(|it| it.0).collect();
        for (row, _) in broken {
            self.boxes.touching(&self.rows.bounds[*row], |other| {
                let mut places = shapes.places_of_row(other);
                if !rows.contains(&other) && places.any(|it| lowered.contains(&self.ids[it])) {
                    rows.insert(other);
                }
                true
            });
        }
        rows.into_iter().collect()
    }
}
