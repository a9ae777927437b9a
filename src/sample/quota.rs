//! How many lots become parcels: exactly as many as asked for, in fixed shares of park, town and country.

use std::thread;

use super::district::District;
use super::district::KINDS;
use super::district::Kind;
use super::layout::Layout;

/// Parts of all parcels in park, urban and rural tiles.
const SHARES: [f64; 3] = [0.575, 0.265, 0.16];

/// Parts of the tiles that are park and urban, at first.
const TILE_SHARES: [f64; 2] = [0.28, 0.33];

/// How many attempts at a district with enough lots.
const ATTEMPTS: usize = 12;

/// A district with the number of lots of each tile, and how many of each kind to keep.
#[derive(Debug)]
pub struct Quota {
    pub district: District,
    /// By tile: lots of its kind in all tiles before it, and its own.
    lots: Vec<(u64, u64)>,
    totals: [u64; 3],
    keep: [u64; 3],
}

impl Quota {
    /// Grows parks or towns until there are enough lots of every kind; a tiny district takes what it finds.
    pub fn settle(seed: u64, parcels: u32) -> Self {
        let goals = goals(u64::from(parcels));
        let mut shares = TILE_SHARES;
        let mut extent = parcels;
        let mut attempt = 0;
        loop {
            let district = District::new(seed, extent, shares);
            let (lots, totals) = count(&district);
            let short: Vec<bool> = (0..3).map(|it| totals[it] < goals[it]).collect();
            let enough = totals.iter().sum::<u64>() >= u64::from(parcels);
            if !short.contains(&true) || (attempt >= ATTEMPTS && enough) {
                return Self {
                    district,
                    lots,
                    totals,
                    keep: share_out(goals, totals, u64::from(parcels)),
                };
            }
            attempt += 1;
            let rural = 1.0 - shares[0] - shares[1];
            if attempt >= ATTEMPTS || (short[0] && short[1] && short[2]) {
                extent += extent.div_ceil(12);
            } else if short[2] && rural < 0.5 {
                let from = usize::from(short[0]);
                shares[from] *= 0.92;
            } else if short[0] {
                shares[0] = (shares[0] * 1.08).min(0.5);
            } else {
                shares[1] = (shares[1] * 1.08).min(0.5);
            }
        }
    }

    /// Which lots of a tile become parcels: evenly spaced among all of their kind.
    pub fn kept(&self, tile: usize) -> Vec<bool> {
        let kind = place(self.district.tiles[tile].kind);
        let (before, own) = self.lots[tile];
        let (keep, total) = (u128::from(self.keep[kind]), u128::from(self.totals[kind].max(1)));
        let kept_before = |it: u64| u128::from(it) * keep / total;
        (before..before + own).map(|it| kept_before(it + 1) > kept_before(it)).collect()
    }
}

fn place(kind: Kind) -> usize {
    KINDS.iter().position(|&it| it == kind).unwrap_or(0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "counts"
)]
fn goals(parcels: u64) -> [u64; 3] {
    let part = |share: f64| (parcels as f64 * share).round() as u64;
    let [urban, rural] = [part(SHARES[1]), part(SHARES[2])];
    [parcels.saturating_sub(urban + rural), urban, rural]
}

/// The goals, as far as there are lots; what one kind lacks, the others give.
fn share_out(goals: [u64; 3], totals: [u64; 3], parcels: u64) -> [u64; 3] {
    let mut keep: [u64; 3] = std::array::from_fn(|it| goals[it].min(totals[it]));
    for kind in 0..3 {
        let missing = parcels.saturating_sub(keep.iter().sum());
        keep[kind] += missing.min(totals[kind] - keep[kind]);
    }
    keep
}

fn count(district: &District) -> (Vec<(u64, u64)>, [u64; 3]) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let size = district.tiles.len().div_ceil(threads).max(1);
    let own: Vec<u64> = thread::scope(|scope| {
        let count = |tiles: &[_]| {
            tiles.iter().map(|it| Layout::of(district, it).lots.len() as u64).collect()
        };
        let workers: Vec<_> = district
            .tiles
            .chunks(size)
            .map(|tiles| scope.spawn(move || -> Vec<u64> { count(tiles) }))
            .collect();
        workers
            .into_iter()
            .flat_map(|it| it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let mut totals = [0; 3];
    let counted = district.tiles.iter().zip(own).map(|(tile, own)| {
        let kind = place(tile.kind);
        totals[kind] += own;
        (totals[kind] - own, own)
    });
    (counted.collect(), totals)
}
