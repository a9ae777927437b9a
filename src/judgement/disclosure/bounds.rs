//! Closing in on one enterprise without finding its figure exactly: each released sum, less the least that the others can
//! have, is the most that is left for one. What the others can have is known from bands times area, and from other sums.

use std::collections::BTreeMap;

use super::Family;
use super::Interval;
use super::Micro;
use super::Part;
use super::Plan;
use super::View;
use super::is_inside;

/// Nobody is to know an enterprise's figure this near, in per cent.
const PROMISED: Micro = 10;
/// Sums that bring it this near are withheld: the rest is room for cleverer reckoning than ours.
const NEAR: Micro = 15;
/// Sums sharpen each other's bounds; after so many rounds little is left to sharpen.
const ROUNDS: usize = 12;

/// What an attacker knows to add up: a released cell, or all withheld cells of a table together.
#[derive(Debug)]
struct Sum {
    /// The cell to withhold if the sum tells too much.
    cell: usize,
    parts: Vec<usize>,
    figure: Micro,
}

/// Whose figures are asked for: one enterprise's, or a parcel's where several share it or nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Enterprise(u32),
    Parcel(usize),
}

fn whose(nth: usize, part: &Part) -> Whose {
    match part.shares[..] {
        [only] => only.enterprise.map_or(Whose::Parcel(nth), Whose::Enterprise),
        _ => Whose::Parcel(nth),
    }
}

/// A released cell to withhold, where an attacker who knows what is published of single parcels closes in on somebody.
pub(super) fn closed_in(
    family: &Family,
    plan: &Plan,
    view: &View,
    released: &[bool],
) -> Option<usize> {
    let sums = sums(family, plan, released);
    let mut known: Vec<Interval> = family
        .parts
        .iter()
        .map(|it| {
            let read = Interval { low: it.figure, high: Some(it.figure) };
            if is_inside(family, view.insider, it) { read } else { it.known }
        })
        .collect();
    let before = known.clone();
    for _ in 0..ROUNDS {
        if !sums.iter().fold(false, |moved, sum| sharpen(sum, &mut known) | moved) {
            break;
        }
    }
    let mut owned: BTreeMap<Whose, Vec<usize>> = BTreeMap::new();
    for (nth, it) in family.parts.iter().enumerate() {
        if !is_inside(family, view.insider, it) {
            owned.entry(whose(nth, it)).or_default().push(nth);
        }
    }
    // By itself, parcel by parcel, and what each sum leaves for all its parcels in it.
    let of = |parts: &[usize]| parts.iter().map(|it| family.parts[*it].figure).sum::<Micro>();
    // What bands alone tell, no withheld sum takes back.
    let told = |parts: &[usize], after: Interval| {
        let (before, figure) = (range(parts, &before), of(parts));
        after != before && is_near(after, figure, NEAR) && !is_near(before, figure, PROMISED)
    };
    let victim = owned.values().find(|parts| {
        let pieces = parts.iter().map(std::slice::from_ref).chain([parts.as_slice()]);
        pieces.into_iter().any(|it| told(it, range(it, &known)))
    });
    if let Some(parts) = victim {
        let tightest = sums.iter().filter(|sum| parts.iter().any(|it| sum.has(*it)));
        return tightest.min_by_key(|it| (it.slack(&before), it.cell)).map(|it| it.cell);
    }
    for sum in &sums {
        let mut inside: BTreeMap<Whose, Vec<usize>> = BTreeMap::new();
        for nth in &sum.parts {
            if !is_inside(family, view.insider, &family.parts[*nth]) {
                inside.entry(whose(*nth, &family.parts[*nth])).or_default().push(*nth);
            }
        }
        let all = range(&sum.parts, &known);
        for parts in inside.values() {
            if told(parts, sum.left_for(range(parts, &known), all)) {
                return Some(sum.cell);
            }
        }
    }
    None
}

impl Sum {
    fn has(&self, part: usize) -> bool {
        self.parts.binary_search(&part).is_ok()
    }

    /// How far the parts of the sum can move, all together.
    fn slack(&self, known: &[Interval]) -> Micro {
        let all = range(&self.parts, known);
        all.high.map_or(Micro::MAX, |it| it - all.low)
    }

    /// What the sum leaves for some of its parts, by what the others can have.
    fn left_for(&self, own: Interval, all: Interval) -> Interval {
        let high = self.figure - (all.low - own.low);
        let low = match (all.high, own.high) {
            (Some(all), Some(own)) => self.figure - (all - own),
            _ => own.low,
        };
        Interval { low: low.max(own.low), high: Some(own.high.map_or(high, |it| it.min(high))) }
    }
}

/// All sums that are released or follow for a whole table at once.
fn sums(family: &Family, plan: &Plan, released: &[bool]) -> Vec<Sum> {
    let mut by_atom: Vec<Vec<usize>> = vec![Vec::new(); plan.atoms];
    for (nth, atom) in plan.atom_of.iter().enumerate() {
        by_atom[*atom].push(nth);
    }
    let sum = |cell: usize, atoms: &mut dyn Iterator<Item = usize>| {
        let mut parts: Vec<usize> = atoms.flat_map(|it| by_atom[it].iter().copied()).collect();
        parts.sort_unstable();
        let figure = parts.iter().map(|it| family.parts[*it].figure).sum();
        Sum { cell, parts, figure }
    };
    let mut sums = Vec::new();
    for (nth, cell) in plan.cells.iter().enumerate().filter(|(nth, _)| released[*nth]) {
        sums.push(sum(nth, &mut cell.atoms.iter().copied()));
    }
    for table in (1..=family.dimensions.len()).filter(|_| released[0]) {
        let (shown, hidden): (Vec<_>, Vec<_>) = plan.table(table).partition(|it| released[it.0]);
        let hidden = hidden.iter().flat_map(|(_, it)| it.atoms.iter().copied());
        let cell = plan.cheapest(shown.iter().map(|it| it.0)).unwrap_or(0);
        sums.push(sum(cell, &mut hidden.into_iter()));
    }
    sums.retain(|it| !it.parts.is_empty());
    sums
}

/// What parts can have together; without an upper end as soon as one has none.
fn range(parts: &[usize], known: &[Interval]) -> Interval {
    let low = parts.iter().map(|it| known[*it].low).sum();
    let high = parts.iter().try_fold(0, |sum: Micro, it| Some(sum + known[*it].high?));
    Interval { low, high }
}

/// Narrows what each part can have by what the sum leaves for it.
fn sharpen(sum: &Sum, known: &mut [Interval]) -> bool {
    let low: Micro = sum.parts.iter().map(|it| known[*it].low).sum();
    let endless = sum.parts.iter().filter(|it| known[**it].high.is_none()).count();
    let high: Micro = sum.parts.iter().filter_map(|it| known[*it].high).sum();
    let mut moved = false;
    for nth in &sum.parts {
        let own = known[*nth];
        let most = sum.figure - (low - own.low);
        let others_end = endless == usize::from(own.high.is_none());
        let least = sum.figure - (high - own.high.unwrap_or_default());
        let it = &mut known[*nth];
        if it.high.is_none_or(|high| most < high) {
            it.high = Some(most);
            moved = true;
        }
        if others_end && least > it.low {
            it.low = least;
            moved = true;
        }
    }
    moved
}

fn is_near(range: Interval, figure: Micro, by: Micro) -> bool {
    let Some(high) = range.high.filter(|_| figure > 0) else { return false };
    range.low * 100 >= figure * (100 - by) && high * 100 <= figure * (100 + by)
}
