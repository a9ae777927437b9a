//! How large a tile becomes by gzip, as far as that can be told without compressing all of it. What is neither surely within
//! the budget nor surely beyond it is measured.

use super::Budget;
use super::gzip;
use crate::mvt::Written;

/// Rows that lie beside each other, of which some are tried first.
const RUN: usize = 256;
const RUNS: usize = 3;
/// Bytes that lie beside each other, of which some are compressed.
const PIECE: usize = 12 * 1024;
const PIECES: usize = 5;
/// Enough for a tile that is hardly heavier than the budget before it is compressed.
const FEW_PIECES: usize = 2;

/// Whether some of so many rows tell more quickly than all of them that they are too many.
pub fn is_tried_first(count: usize, budget: Budget) -> bool {
    // A row with its attributes takes three dozen bytes, compressed.
    count > 8 * RUN * RUNS && count > budget.0 / 36
}

/// Some rows of each part, from all over it.
pub fn some(rows: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let of_part = |rows: &Vec<u32>| spread(rows, RUN, RUNS).concat();
    rows.iter().map(of_part).collect()
}

/// Whether `count` rows such as those that were written are surely too many.
pub fn is_hopeless(written: Written<'_>, count: usize, budget: Budget) -> bool {
    let mut bytes = Vec::new();
    written.finish("", 0, &mut bytes);
    let all = gzip(&bytes).len().saturating_mul(count) / written.len().max(1);
    all > budget.0.saturating_add(budget.0 / 2)
}

/// About as many bytes as gzip makes of these; `None` where it is as quick to see.
pub fn guess(bytes: &[u8]) -> Option<usize> {
    guess_of(bytes, PIECES)
}

fn guess_of(bytes: &[u8], pieces: usize) -> Option<usize> {
    if bytes.len() < 4 * PIECE * pieces {
        return None;
    }
    let some = spread(bytes, PIECE, pieces).concat();
    Some(gzip(&some).len().saturating_mul(bytes.len()) / some.len())
}

/// Whether a tile that is at most half as heavy again as the budget keeps it with a quarter to spare, as two pieces say.
pub fn is_clearly_within(bytes: &[u8], budget: Budget) -> bool {
    bytes.len() <= budget.0.saturating_add(budget.0 / 2)
        && guess_of(bytes, FEW_PIECES).is_some_and(|it| it <= budget.0 / 4 * 3)
}

/// Pieces compress less well than the whole: of 58 tiles of zooms 9 to 12 the guess was 5 to 12 % above what was measured.
pub const fn is_surely_within(guess: usize, budget: Budget) -> bool {
    guess <= budget.0 / 10 * 9
}

pub const fn is_surely_beyond(guess: usize, budget: Budget) -> bool {
    guess > budget.0.saturating_add(budget.0 / 4)
}

/// So many runs of so many at equal distances; all where that is not much more.
fn spread<T>(all: &[T], run: usize, runs: usize) -> Vec<&[T]> {
    if all.len() <= run * runs {
        return vec![all];
    }
    let middle = |nth: usize| all.len() / runs * nth + all.len() / runs / 2;
    let start = |nth: usize| (middle(nth) - run / 2).min(all.len() - run);
    (0..runs).map(|nth| &all[start(nth)..start(nth) + run]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_from_all_over() {
        let all: Vec<u32> = (0..100).collect();
        assert_eq!(spread(&all, 50, 2), [all.as_slice()]);
        assert_eq!(spread(&all, 40, 3), [all.as_slice()]);
        let firsts: Vec<u32> = spread(&all, 4, 3).into_iter().map(|it| it[0]).collect();
        assert_eq!(firsts, [14, 47, 80]);
        assert_eq!(some(&[vec![1, 2], vec![]]), [vec![1, 2], vec![]]);
    }

    #[test]
    fn a_guess_is_near() {
        // Half of it compresses well, the other half does not at all.
        let mut it = 1_u32;
        let noise = std::iter::repeat_with(|| {
            it = it.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            it.to_be_bytes()[0]
        });
        let bytes: Vec<u8> = std::iter::repeat_n(7, 400_000).chain(noise.take(400_000)).collect();
        let (guess, measured) = (guess(&bytes).unwrap(), gzip(&bytes).len());
        assert!(guess.abs_diff(measured) < measured / 5, "{guess} {measured}");
        assert_eq!(super::guess(&bytes[..200_000]), None);
    }
}
