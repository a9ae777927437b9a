//! Where a number's values are cut into classes. Pure: how many values there are and some of them by rank go in, bounds come
//! out, so that a snapshot and the database, asked for the same ranks, give the same classes.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use schemars::JsonSchema;
use serde::Deserialize;

/// Values that natural breaks are found among; of more, a sample is taken.
pub const SAMPLE: u64 = 5_000;
/// The sample is the same whoever asks.
const SEED: u64 = 4490;

/// How classes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "StatsBreaksMethod")]
pub enum Method {
    /// As many rows in each class as in any other, where values that are equal allow it.
    Quantile,
    /// Of equal width.
    Equal,
    /// Natural breaks (Jenks, after Fisher 1958): the least sum of squared deviations within classes, on a sample of at most
    /// 5000 values taken evenly by rank.
    Jenks,
    /// The bounds in `values`.
    Manual,
}

/// What the distribution looks like from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Rows with a value.
    pub known: u64,
    pub missing: i64,
    /// The least and the greatest value.
    pub ends: Option<(Decimal, Decimal)>,
}

/// The ranks, rising from 0, of the values that [`bounds`] needs.
pub fn ranks(method: Method, classes: u32, known: u64) -> Vec<u64> {
    let at = |nth: u64, of: u64| {
        u64::try_from(u128::from(nth) * u128::from(known) / u128::from(of)).unwrap_or(u64::MAX)
    };
    let mut ranks: Vec<u64> = match method {
        _ if known == 0 => Vec::new(),
        Method::Quantile => (1..u64::from(classes)).map(|nth| at(nth, classes.into())).collect(),
        Method::Jenks if known <= SAMPLE => (0..known).collect(),
        Method::Jenks => {
            let mut random = ChaCha8Rng::seed_from_u64(SEED);
            let strata =
                (0..SAMPLE).map(|nth| random.random_range(at(nth, SAMPLE)..at(nth + 1, SAMPLE)));
            let mut ranks: Vec<u64> = strata.collect();
            // The ends are in it, or the first and the last class would depend on luck.
            if let [first, .., last] = &mut ranks[..] {
                (*first, *last) = (0, known - 1);
            }
            ranks
        }
        Method::Equal | Method::Manual => Vec::new(),
    };
    ranks.dedup();
    ranks
}

/// The bounds between classes, rising; a value on a bound is in the upper class. Fewer than asked for where there are fewer
/// different values: no class is empty but of equal width. `values` are those of [`ranks`].
pub fn bounds(method: Method, classes: u32, spread: &Spread, values: &[Decimal]) -> Vec<Decimal> {
    let Some((min, max)) = spread.ends else { return Vec::new() };
    let mut bounds = match method {
        Method::Quantile => values.to_vec(),
        Method::Equal => even(min, max, classes),
        Method::Jenks => natural(values, classes as usize),
        Method::Manual => Vec::new(),
    };
    bounds.dedup();
    bounds.retain(|it| *it > min);
    bounds
}

/// The bounds between classes of equal width; none where all values are one.
pub fn even(min: Decimal, max: Decimal, classes: u32) -> Vec<Decimal> {
    let (min, max) = (min.normalize(), max.normalize());
    let width = max.checked_sub(min).map(|it| it / Decimal::from(classes));
    let Some(width) = width.filter(|it| !it.is_zero()) else { return Vec::new() };
    (1..classes).filter_map(|nth| min.checked_add(width.checked_mul(Decimal::from(nth))?)).collect()
}

/// The least values of all classes but the first. `sorted` rises.
fn natural(sorted: &[Decimal], classes: usize) -> Vec<Decimal> {
    // Equal values are of one class: each stands once, with its weight.
    let mut values: Vec<(Decimal, f64)> = Vec::new();
    for it in sorted {
        match values.last_mut() {
            Some((last, weight)) if last == it => *weight += 1.0,
            _ => values.push((*it, 1.0)),
        }
    }
    if values.len() <= classes {
        return values.iter().skip(1).map(|it| it.0).collect();
    }
    let deviations = Deviations::of(&values);
    // The best sum over the values before `end` in one class, then in two, and so on; with each the start of the last class.
    let mut best: Vec<f64> = (0..=values.len()).map(|end| deviations.within(0, end)).collect();
    let mut starts: Vec<Vec<usize>> = Vec::new();
    for class in 1..classes {
        let mut next = vec![f64::INFINITY; best.len()];
        let mut start = vec![0; best.len()];
        let all = [class + 1, values.len()];
        divide(&deviations, &best, all, [class, values.len() - 1], &mut next, &mut start);
        best = next;
        starts.push(start);
    }
    let mut end = values.len();
    let mut bounds: Vec<Decimal> = Vec::new();
    for start in starts.iter().rev() {
        end = start[end];
        bounds.push(values[end].0);
    }
    bounds.reverse();
    bounds
}

/// Finds the best start of the last class for every end in `ends`, known to lie in `among`. The start never moves back as
/// the end moves on, so the middle end halves what is left to try: n log n in all, where the textbook's is n².
fn divide(
    deviations: &Deviations,
    before: &[f64],
    ends: [usize; 2],
    among: [usize; 2],
    best: &mut [f64],
    starts: &mut [usize],
) {
    let [first, last] = ends;
    if first > last {
        return;
    }
    let end = usize::midpoint(first, last);
    let tried = among[0]..=among[1].min(end - 1);
    for (start, before) in tried.clone().zip(&before[tried]) {
        let sum = before + deviations.within(start, end);
        if sum < best[end] {
            (best[end], starts[end]) = (sum, start);
        }
    }
    let start = starts[end];
    divide(deviations, before, [first, end - 1], [among[0], start], best, starts);
    divide(deviations, before, [end + 1, last], [start, among[1]], best, starts);
}

/// Running sums, from which the squared deviations from the mean of any stretch follow.
struct Deviations {
    /// Weights, values, squares of all before.
    sums: Vec<[f64; 3]>,
}

impl Deviations {
    /// About the middle of the range, so that large values that lie close together do not lose their digits.
    fn of(values: &[(Decimal, f64)]) -> Self {
        let number = |it: Decimal| it.to_f64().unwrap_or(0.0);
        let ends = values.first().zip(values.last());
        let middle =
            ends.map_or(0.0, |(first, last)| f64::midpoint(number(first.0), number(last.0)));
        let mut so_far = [0.0; 3];
        let mut sums = vec![so_far];
        for (value, weight) in values {
            let value = number(*value) - middle;
            so_far[0] += weight;
            so_far[1] += weight * value;
            so_far[2] += weight * value * value;
            sums.push(so_far);
        }
        Self { sums }
    }

    fn within(&self, start: usize, end: usize) -> f64 {
        let of = |nth: usize| self.sums[end][nth] - self.sums[start][nth];
        if of(0) == 0.0 { 0.0 } else { (of(2) - of(1) * of(1) / of(0)).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: [i64; 0] = [];

    fn float(it: i64) -> f64 {
        it.to_f64().unwrap()
    }

    fn decimals(of: &[i64]) -> Vec<Decimal> {
        of.iter().map(|it| Decimal::from(*it)).collect()
    }

    fn classes(method: Method, classes: u32, sorted: &[i64]) -> Vec<i64> {
        let sorted = decimals(sorted);
        let known = sorted.len() as u64;
        let ends = sorted.first().copied().zip(sorted.last().copied());
        let values: Vec<Decimal> = ranks(method, classes, known)
            .iter()
            .map(|it| sorted[usize::try_from(*it).unwrap()])
            .collect();
        let spread = Spread { known, missing: 0, ends };
        let found = bounds(method, classes, &spread, &values);
        found.iter().map(|it| it.to_i64().unwrap()).collect()
    }

    #[test]
    fn quantiles_have_as_many_rows_in_each_class() {
        assert_eq!(classes(Method::Quantile, 4, &[1, 2, 3, 4, 5, 6, 7, 8]), [3, 5, 7]);
        assert_eq!(classes(Method::Quantile, 3, &[1, 2, 3, 4, 5, 6, 7]), [3, 5]);
        // Of equal values none is in another class than the others, and no class is empty.
        assert_eq!(classes(Method::Quantile, 4, &[0, 0, 0, 0, 0, 0, 5, 9]), [5]);
        assert_eq!(classes(Method::Quantile, 4, &[1, 1, 1, 2, 2, 2, 2, 2]), [2]);
        assert_eq!(classes(Method::Quantile, 5, &[1, 2]), [2]);
        assert_eq!(classes(Method::Quantile, 5, &[7, 7, 7]), NONE);
        assert_eq!(classes(Method::Quantile, 5, &[]), NONE);
    }

    #[test]
    fn equal_classes_have_one_width() {
        assert_eq!(classes(Method::Equal, 4, &[0, 1, 2, 40]), [10, 20, 30]);
        assert_eq!(classes(Method::Equal, 4, &[-20, 20]), [-10, 0, 10]);
        assert_eq!(classes(Method::Equal, 4, &[3, 3]), NONE);
    }

    #[test]
    fn natural_breaks_are_where_the_gaps_are() {
        let three = [4, 5, 9, 10];
        // Deviations: {4,5},{9,10} 1.0; any other cut is more.
        assert_eq!(classes(Method::Jenks, 2, &three), [9]);
        assert_eq!(classes(Method::Jenks, 3, &[1, 2, 4, 5, 7, 9, 10, 20]), [7, 20]);
        assert_eq!(classes(Method::Jenks, 3, &[1, 1, 1, 50, 50, 100]), [50, 100]);
        assert_eq!(classes(Method::Jenks, 5, &[3, 3, 8]), [8]);
        assert_eq!(classes(Method::Jenks, 5, &[3, 3, 3]), NONE);
    }

    /// The least sum, by trying every way to cut.
    fn tried(values: &[i64], classes: usize) -> f64 {
        let within = |it: &[i64]| {
            let mean = it.iter().copied().map(float).sum::<f64>() / it.len().to_f64().unwrap();
            it.iter().map(|it| (float(*it) - mean).powi(2)).sum::<f64>()
        };
        if classes == 1 {
            return within(values);
        }
        let cuts = 1..=values.len() + 1 - classes;
        cuts.map(|at| within(&values[..at]) + tried(&values[at..], classes - 1))
            .fold(f64::INFINITY, f64::min)
    }

    fn sum_of(values: &[i64], bounds: &[i64]) -> f64 {
        let mut sum = 0.0;
        let mut rest = values;
        for bound in bounds.iter().chain([&i64::MAX]) {
            let (class, others) = rest.split_at(rest.partition_point(|it| it < bound));
            sum += tried(class, 1);
            rest = others;
        }
        sum
    }

    proptest! {
        #[test]
        fn natural_breaks_are_the_best_there_are(
            mut values in prop::collection::vec(-50_i64..50, 3..12), many in 3_u32..6,
        ) {
            values.sort_unstable();
            let found = classes(Method::Jenks, many, &values);
            let best = tried(&values, (many as usize).min(values.len()));
            prop_assert!(sum_of(&values, &found) <= best + 1e-6, "{values:?} {found:?}");
        }

        #[test]
        fn a_sample_rises_from_the_first_to_the_last(known in SAMPLE..1_000_000) {
            let ranks = ranks(Method::Jenks, 5, known);
            prop_assert!(ranks.len() as u64 <= SAMPLE);
            prop_assert_eq!((ranks[0], ranks[ranks.len() - 1]), (0, known - 1));
            prop_assert!(ranks.windows(2).all(|it| it[0] < it[1]));
        }

        #[test]
        fn no_class_of_a_quantile_is_empty(
            mut values in prop::collection::vec(-9_i64..9, 1..60), many in 3_u32..10,
        ) {
            values.sort_unstable();
            let found = classes(Method::Quantile, many, &values);
            let mut edges = vec![i64::MIN];
            edges.extend(&found);
            edges.push(i64::MAX);
            for pair in edges.windows(2) {
                prop_assert!(values.iter().any(|it| (pair[0]..pair[1]).contains(it)), "{values:?} {found:?}");
            }
        }
    }
}
