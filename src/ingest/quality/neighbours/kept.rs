//! What was found between parcels: all of it counted, and of each kind the first ones in the order of the file kept.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use geo::MultiPolygon;

use super::Point;
use super::outline::Outline;
use super::outline::Whose;

/// What is wrong between two parcels.
#[derive(Debug)]
pub enum Relation {
    /// The area in m² and the common part.
    Overlap(f64, MultiPolygon<f64>),
    /// One parcel twice, with the common part.
    Same(MultiPolygon<f64>),
    /// Where the gap is and how wide, in metres.
    Gap(Point, f64),
}

/// One of two parcels.
#[derive(Clone, Debug)]
pub struct Side {
    pub whose: Whose,
    pub code: String,
}

impl Side {
    pub(super) fn of(it: &Outline) -> Self {
        Self { whose: it.whose, code: it.code.clone() }
    }
}

/// Two parcels, the earlier of the file first, the register's after the file's.
#[derive(Debug)]
pub struct Pair {
    pub sides: [Side; 2],
    pub relation: Relation,
}

impl Pair {
    /// Pairs are told at the later row.
    fn order(&self) -> (Whose, Whose) {
        (self.sides[1].whose, self.sides[0].whose)
    }
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Pair {}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Kept {
    most: usize,
    /// Overlaps, doubles, gaps: how many, and the first ones.
    kinds: [(u64, BinaryHeap<Pair>); 3],
    /// False when the work became too much and pairs were left out.
    pub complete: bool,
}

impl Kept {
    /// Keeps so many of each kind.
    pub fn new(most: usize) -> Self {
        Self { most, complete: true, ..Self::default() }
    }

    pub(super) fn add(&mut self, pair: Pair) {
        let kind = match pair.relation {
            Relation::Overlap(..) => 0,
            Relation::Same(_) => 1,
            Relation::Gap(..) => 2,
        };
        let (count, first) = &mut self.kinds[kind];
        *count += 1;
        if first.len() < self.most {
            first.push(pair);
        } else if let Some(mut last) = first.peek_mut()
            && pair < *last
        {
            *last = pair;
        }
    }

    /// Overlaps, doubles, gaps: the first ones in the order of the file, and how many more there were.
    pub fn into_kinds(self) -> [(Vec<Pair>, u64); 3] {
        self.kinds.map(|(count, first)| {
            let first = first.into_sorted_vec();
            let more = count - first.len() as u64;
            (first, more)
        })
    }
}
