//! Rows in the order of a Hilbert curve, and boxes around sixteen of them, sixteen of those, and so on: what lies together
//! on the map is found together. The order needs no pointers: a node's children are where its place says.

use rayon::prelude::*;

use crate::coverage::At;
use crate::coverage::Bounds;
use crate::coverage::Pyramid;

/// Children of a node.
const FAN: usize = 16;

/// Boxes over the rows of a part, whose own boxes its shapes have.
#[derive(Debug, Default)]
pub struct Tree {
    /// The lowest first, each a sixteenth of what is below it; the last has one box.
    levels: Vec<Vec<Bounds>>,
}

/// The rows in the order of a Hilbert curve through the middles of their boxes; those without a shape come last. Rows of one
/// place are ordered by id, so that the same rows lie in the same order however they were read.
pub fn order(bounds: &[Bounds], ids: &[i64]) -> Vec<u32> {
    let around = bounds.par_iter().copied().reduce(|| Bounds::NOWHERE, join);
    let key = |(row, it): (usize, &Bounds)| {
        let code = if *it == Bounds::NOWHERE { u32::MAX } else { hilbert(middle(it), &around) };
        u64::from(code) << 32 | row as u64
    };
    let mut keys: Vec<u64> = bounds.par_iter().enumerate().map(key).collect();
    keys.par_sort_unstable();
    for alike in keys.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|it| it.len() > 1) {
        alike.sort_unstable_by_key(|it| ids.get((*it & 0xffff_ffff) as usize));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the row is the lower half")]
    keys.into_iter().map(|it| it as u32).collect()
}

/// The box around both.
pub fn join(mut a: Bounds, b: Bounds) -> Bounds {
    if b != Bounds::NOWHERE {
        a.add(b.min);
        a.add(b.max);
    }
    a
}

fn middle(it: &Bounds) -> At {
    At { x: it.min.x / 2 + it.max.x / 2, y: it.min.y / 2 + it.max.y / 2 }
}

/// How far along the curve a place lies, on a grid of 2^16 by 2^16 over `around`; at most 2^32 - 2, so that what has no place
/// comes behind it.
fn hilbert(at: At, around: &Bounds) -> u32 {
    let cell = |place: u32, min: u32, max: u32| {
        let side = u64::from(max.saturating_sub(min)).max(1);
        let cell = u64::from(place.saturating_sub(min)) * 0xffff / side;
        u32::try_from(cell.min(0xffff)).unwrap_or(0xffff)
    };
    let (x, y) = (cell(at.x, around.min.x, around.max.x), cell(at.y, around.min.y, around.max.y));
    curve(x, y).min(u32::MAX - 1)
}

/// Place on the Hilbert curve of order 16, all bits at once: Rawrunprotected, "2D Hilbert curves in O(1)", public domain, as
/// in flatbush and geo-index.
#[expect(clippy::many_single_char_names, reason = "as it was published")]
fn curve(x: u32, y: u32) -> u32 {
    let mut a = x ^ y;
    let mut b = 0xffff ^ a;
    let mut c = 0xffff ^ (x | y);
    let mut d = x & (y ^ 0xffff);
    let mut e = a | (b >> 1);
    let mut f = (a >> 1) ^ a;
    let mut g = ((c >> 1) ^ (b & (d >> 1))) ^ c;
    let mut h = ((a & (c >> 1)) ^ (d >> 1)) ^ d;
    for shift in [2, 4] {
        (a, b, c, d) = (e, f, g, h);
        e = (a & (a >> shift)) ^ (b & (b >> shift));
        f = (a & (b >> shift)) ^ (b & ((a ^ b) >> shift));
        g ^= (a & (c >> shift)) ^ (b & (d >> shift));
        h ^= (b & (c >> shift)) ^ ((a ^ b) & (d >> shift));
    }
    (a, b, c, d) = (e, f, g, h);
    g ^= (a & (c >> 8)) ^ (b & (d >> 8));
    h ^= (b & (c >> 8)) ^ ((a ^ b) & (d >> 8));
    a = g ^ (g >> 1);
    b = h ^ (h >> 1);
    let mut low = x ^ y;
    let mut high = b | (0xffff ^ (low | a));
    for (shift, mask) in [(8, 0x00ff_00ff), (4, 0x0f0f_0f0f), (2, 0x3333_3333), (1, 0x5555_5555)] {
        low = (low | (low << shift)) & mask;
        high = (high | (high << shift)) & mask;
    }
    (high << 1) | low
}

impl Tree {
    /// Over rows in order.
    pub fn build(shapes: &Pyramid) -> Self {
        let rows: Vec<Bounds> =
            (0..shapes.len()).into_par_iter().map(|it| shapes.bounds(it)).collect();
        Self::over(&rows)
    }

    fn over(rows: &[Bounds]) -> Self {
        let mut levels: Vec<Vec<Bounds>> = Vec::new();
        let mut below = rows;
        while below.len() > 1 {
            let level =
                below.par_chunks(FAN).map(|it| it.iter().copied().fold(Bounds::NOWHERE, join));
            levels.push(level.collect());
            below = levels.last().map_or(&[], |it| it);
        }
        Self { levels }
    }

    /// Calls with each row whose box touches `bounds`, rising; `row` knows the box of one.
    pub fn touching(
        &self,
        rows: usize,
        bounds: &Bounds,
        row: impl Fn(usize) -> Bounds,
        mut found: impl FnMut(usize),
    ) {
        self.visit(self.levels.len(), 0..rows.min(1), rows, bounds, &row, &mut found);
    }

    /// Looks at nodes of a level, of which 0 are the rows.
    fn visit(
        &self,
        level: usize,
        nodes: std::ops::Range<usize>,
        rows: usize,
        bounds: &Bounds,
        row: &impl Fn(usize) -> Bounds,
        found: &mut impl FnMut(usize),
    ) {
        let Some(below) = level.checked_sub(1) else {
            nodes.filter(|it| row(*it).touches(bounds)).for_each(found);
            return;
        };
        for node in nodes.filter(|it| self.levels[below][*it].touches(bounds)) {
            let len = if below == 0 { rows } else { self.levels[below - 1].len() };
            let children = node * FAN..(node * FAN + FAN).min(len);
            self.visit(below, children, rows, bounds, row, found);
        }
    }

    /// How many rows may touch `bounds`, counted up to `most`: all of a node of which one may.
    pub fn touching_at_most(&self, rows: usize, bounds: &Bounds, most: usize) -> usize {
        if self.levels.is_empty() {
            return rows.min(most);
        }
        self.count(self.levels.len() - 1, 0..1, rows, bounds, most)
    }

    /// Counts in nodes of a level that has children, of which those of 0 are rows.
    fn count(
        &self,
        level: usize,
        nodes: std::ops::Range<usize>,
        rows: usize,
        bounds: &Bounds,
        most: usize,
    ) -> usize {
        let mut sum = 0;
        for node in nodes {
            if sum >= most {
                break;
            }
            if !self.levels[level][node].touches(bounds) {
                continue;
            }
            let len = if level == 0 { rows } else { self.levels[level - 1].len() };
            let children = node * FAN..(node * FAN + FAN).min(len);
            sum += match level.checked_sub(1) {
                None => children.len(),
                Some(below) => self.count(below, children, rows, bounds, most - sum),
            };
        }
        sum.min(most)
    }

    /// Around all rows.
    pub fn bounds(&self) -> Option<Bounds> {
        self.levels.last().and_then(|it| it.first()).copied()
    }

    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|it| it.capacity() * size_of::<Bounds>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_box() -> impl Strategy<Value = Bounds> {
        let place = || prop_oneof![0..200_u32, any::<u32>(), Just(0), Just(u32::MAX)];
        let somewhere =
            (place(), place(), 0..100_u32, 0..100_u32).prop_map(|(x, y, width, height)| Bounds {
                min: At { x, y },
                max: At { x: x.saturating_add(width), y: y.saturating_add(height) },
            });
        prop_oneof![9 => somewhere, 1 => Just(Bounds::NOWHERE)]
    }

    proptest! {
        #[test]
        fn what_touches_is_what_a_walk_over_all_rows_finds(
            rows in prop::collection::vec(a_box(), 0..600),
            windows in prop::collection::vec(a_box(), 1..20),
        ) {
            let ids: Vec<i64> = (0..).take(rows.len()).collect();
            let order = order(&rows, &ids);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert!(sorted.into_iter().eq(0..u32::try_from(rows.len()).unwrap()));
            let rows: Vec<Bounds> = order.iter().map(|it| rows[*it as usize]).collect();
            let tree = Tree::over(&rows);
            for window in windows {
                let mut found = Vec::new();
                tree.touching(rows.len(), &window, |it| rows[it], |it| found.push(it));
                let expected: Vec<usize> = (0..rows.len()).filter(|it| rows[*it].touches(&window)).collect();
                let about = tree.touching_at_most(rows.len(), &window, usize::MAX);
                prop_assert!((expected.len()..=rows.len()).contains(&about), "{} {}", about, expected.len());
                prop_assert_eq!(tree.touching_at_most(rows.len(), &window, 7), about.min(7));
                prop_assert_eq!(found, expected);
            }
            let shaped = rows.iter().take_while(|it| **it != Bounds::NOWHERE).count();
            prop_assert!(rows[shaped..].iter().all(|it| *it == Bounds::NOWHERE));
        }
    }

    #[test]
    fn the_curve_goes_from_cell_to_neighbouring_cell() {
        // The first cells of the curve, by brute force over a corner that it fills before it leaves it.
        let mut cells: Vec<(u32, u32, u32)> =
            (0..16).flat_map(|x| (0..16).map(move |y| (curve(x, y), x, y))).collect();
        cells.sort_unstable();
        for (at, pair) in cells.windows(2).enumerate() {
            let [(a, ax, ay), (b, bx, by)] = pair else { unreachable!() };
            assert_eq!((*a as usize, *b as usize), (at, at + 1));
            assert_eq!(ax.abs_diff(*bx) + ay.abs_diff(*by), 1);
        }
    }
}
