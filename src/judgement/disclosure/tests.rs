//! Laws of disclosure control, tried on random districts by an attacker who does his own algebra.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const UNIT: Micro = 1_000_000;

fn part(groups: &[usize], enterprise: u32, figure: Micro) -> Part {
    Part {
        groups: groups.to_vec(),
        figure: figure * UNIT,
        known: Interval::UNKNOWN,
        shares: vec![Share { enterprise: Some(enterprise), figure: figure * UNIT }],
    }
}

fn family(dimensions: &[usize], parts: Vec<Part>) -> Family {
    Family { dimensions: dimensions.to_vec(), insiders: None, parts }
}

#[test]
fn three_enterprises_of_like_size_are_released() {
    let parts = (0..6).map(|it| part(&[it as usize % 2], it, 10)).collect();
    let it = decide(&family(&[2], parts));
    assert_eq!(it, Withheld { total: false, groups: vec![vec![false, false]] });
}

#[test]
fn a_cell_of_two_enterprises_is_withheld_and_one_more_with_it() {
    let mut parts: Vec<Part> = (0..10).map(|it| part(&[it as usize % 2], it, 10)).collect();
    parts.extend([part(&[2], 20, 7), part(&[2], 21, 8)]);
    let it = decide(&family(&[3], parts));
    assert!(!it.total);
    assert_eq!(it.groups[0].iter().filter(|it| **it).count(), 2, "{it:?}");
    assert!(it.groups[0][2]);
}

#[test]
fn one_enterprise_above_four_fifths_is_withheld() {
    let of = |largest| {
        let mut parts: Vec<Part> = (0..8).map(|it| part(&[0], it, 10)).collect();
        parts.extend([part(&[1], 20, largest), part(&[1], 21, 10), part(&[1], 22, 10)]);
        decide(&family(&[2], parts))
    };
    assert!(!of(80).groups[0][1], "exactly four fifths");
    assert!(of(81).groups[0][1]);
    assert!(of(81).total || of(81).groups[0][0], "else the total less the other tells it");
}

#[test]
fn one_enterprise_on_three_parcels_is_one() {
    let mut parts: Vec<Part> = (0..8).map(|it| part(&[0], it, 10)).collect();
    parts.extend((0..3).map(|_| part(&[1], 20, 10)));
    assert!(decide(&family(&[2], parts)).groups[0][1]);
}

#[test]
fn those_nobody_knows_are_no_third() {
    let unknown = |mut it: Part| {
        it.shares[0].enterprise = None;
        it
    };
    let parts = vec![part(&[0], 1, 10), part(&[0], 2, 10), unknown(part(&[0], 9, 10))];
    assert!(decide(&family(&[1], parts)).total);
    let parts = (0..4).map(|it| unknown(part(&[0], it, 10))).collect();
    assert!(decide(&family(&[1], parts)).total);
}

#[test]
fn a_town_less_the_unit_inside_it_is_no_single_enterprise() {
    // Unit 0 lies inside town 0, which has one enterprise more.
    let mut parts: Vec<Part> = (0..6).map(|it| part(&[0, 0], it, 10)).collect();
    parts.push(part(&[0, 1], 20, 12));
    parts.extend((30..36).map(|it| part(&[1, 1], it, 10)));
    let it = decide(&family(&[2, 2], parts));
    assert!(it.groups[0][0] || it.groups[1][0], "{it:?}");
}

#[test]
fn who_reads_one_unit_finds_nobody_in_another() {
    // Town 0: unit 0 with many, and one enterprise of unit 1. Neither lies inside the other.
    let mut parts: Vec<Part> = (0..6).map(|it| part(&[0, 0], it, 10)).collect();
    parts.extend((10..16).map(|it| part(&[1, 0], it, 10)));
    parts.push(part(&[0, 1], 20, 12));
    parts.extend((30..36).map(|it| part(&[1, 1], it, 10)));
    let mut of = family(&[2, 2], parts);
    assert!(!decide(&of).groups[0][0], "nobody else can tell it apart");
    of.insiders = Some(1);
    assert!(decide(&of).groups[0][0]);
}

#[test]
fn bands_that_close_in_on_the_largest_withhold_the_sum() {
    let banded = |enterprise, figure, low, high| Part {
        known: Interval { low: low * UNIT, high: Some(high * UNIT) },
        ..part(&[0], enterprise, figure)
    };
    // 79 of 100, the others known to a few: 74 to 86.
    let near = vec![banded(1, 79, 50, 200), banded(2, 11, 7, 13), banded(3, 10, 7, 13)];
    assert!(decide(&family(&[1], near)).total);
    let far = vec![banded(1, 40, 20, 80), banded(2, 30, 10, 60), banded(3, 30, 10, 60)];
    assert!(!decide(&family(&[1], far)).total);
}

#[test]
fn what_is_too_large_to_decide_is_withheld() {
    let parts = (0..900).map(|it| part(&[it as usize / 3], it, 10)).collect();
    assert!(decide(&family(&[300], parts)).total);
}

/// A district of two or three dimensions, some of its enterprises on several parcels, some figures zero.
fn district() -> impl Strategy<Value = Family> {
    let sizes = prop::collection::vec(2_usize..5, 2..=3);
    (sizes, prop::bool::ANY).prop_flat_map(|(dimensions, insiders)| {
        let groups: Vec<_> = dimensions.iter().map(|it| 0..*it).collect();
        let figure = prop_oneof![Just(0_i64), 1_i64..30, 20_i64..400];
        let one = (groups, 0_u32..40, figure, 0..4_usize);
        prop::collection::vec(one, 5..60).prop_map(move |all| {
            let parts = all.into_iter().map(|(groups, enterprise, figure, band)| {
                let figure = Micro::from(figure);
                // Bands of doubling width around the figure, as published ones are.
                let known = match band {
                    0 => Interval::UNKNOWN,
                    it => {
                        let width = UNIT << (3 + it);
                        let low = figure * UNIT / width * width;
                        Interval { low, high: Some(low + width) }
                    }
                };
                Part { known, ..part(&groups, enterprise, figure) }
            });
            let parts = parts.collect();
            Family { dimensions: dimensions.clone(), insiders: insiders.then_some(0), parts }
        })
    })
}

/// Test figures are small enough.
fn float(it: Micro) -> f64 {
    it.to_string().parse().unwrap()
}

/// What an attacker sees: released cells as sets of parts, with their sums. His own parts are taken out.
fn seen(family: &Family, withheld: &Withheld, inside: Option<usize>) -> Vec<Vec<usize>> {
    let outside = |it: &usize| inside.is_none_or(|group| family.parts[*it].groups[0] != group);
    let all: Vec<usize> = (0..family.parts.len()).filter(outside).collect();
    let mut sets = Vec::new();
    if !withheld.total {
        sets.push(all.clone());
    }
    for (dimension, groups) in withheld.groups.iter().enumerate() {
        for group in (0..groups.len()).filter(|it| !groups[*it]) {
            let inside = |it: &&usize| family.parts[**it].groups[dimension] == group;
            sets.push(all.iter().filter(inside).copied().collect());
        }
    }
    sets
}

/// Exact fractions, to check modular elimination by something else.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(over: i128, under: i128) -> Self {
        let (mut a, mut b) = (over.abs(), under.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = if under < 0 { -1 } else { 1 };
        Self(sign * over / a.max(1), sign * under / a.max(1))
    }

    fn minus_times(self, a: Self, b: Self) -> Self {
        let product = Self::new(a.0 * b.0, a.1 * b.1);
        Self::new(self.0 * product.1 - product.0 * self.1, self.1 * product.1)
    }
}

/// Whether `wanted` is a rational combination of `rows`.
fn is_combination(rows: &[Vec<i128>], wanted: &[i128]) -> bool {
    let whole = |row: &[i128]| row.iter().map(|it| Fraction(*it, 1)).collect::<Vec<_>>();
    let mut kept: Vec<(usize, Vec<Fraction>)> = Vec::new();
    let reduce = |row: &mut Vec<Fraction>, kept: &[(usize, Vec<Fraction>)]| {
        for (pivot, other) in kept {
            let factor =
                Fraction::new(row[*pivot].0 * other[*pivot].1, row[*pivot].1 * other[*pivot].0);
            for (it, other) in row.iter_mut().zip(other) {
                *it = it.minus_times(factor, *other);
            }
        }
    };
    for row in rows {
        let mut row = whole(row);
        reduce(&mut row, &kept);
        if let Some(pivot) = row.iter().position(|it| it.0 != 0) {
            kept.push((pivot, row));
        }
    }
    let mut wanted = whole(wanted);
    reduce(&mut wanted, &kept);
    wanted.iter().all(|it| it.0 == 0)
}

fn indicator(many: usize, set: &[usize]) -> Vec<i128> {
    let mut row = vec![0; many];
    for it in set {
        row[*it] = 1;
    }
    row
}

/// Fewer than three enterprises with something, or one above four fifths; a set without figures is nothing.
fn is_telling(family: &Family, set: &[usize]) -> bool {
    let mut by: BTreeMap<u32, Micro> = BTreeMap::new();
    for nth in set {
        let share = family.parts[*nth].shares[0];
        *by.entry(share.enterprise.unwrap()).or_default() += share.figure;
    }
    by.retain(|_, it| *it != 0);
    let total: Micro = by.values().sum();
    let most = by.values().max().copied().unwrap_or_default();
    !set.is_empty() && (by.len() < 3 || most * 10 > total * 8)
}

fn attackers(family: &Family) -> Vec<Option<usize>> {
    let inside = family.insiders.map_or(0, |it| family.dimensions[it]);
    std::iter::once(None).chain((0..inside).map(Some)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    /// Every union of withheld cells of a table, every atom, every common part of two groups.
    #[test]
    fn no_algebra_finds_the_sum_of_few(family in district()) {
        let withheld = decide(&family);
        let many = family.parts.len();
        for inside in attackers(&family) {
            let sets = seen(&family, &withheld, inside);
            let rows: Vec<Vec<i128>> = sets.iter().map(|it| indicator(many, it)).collect();
            let mut wanted: Vec<Vec<usize>> = sets.clone();
            let outside = |it: &usize| inside.is_none_or(|group| family.parts[*it].groups[0] != group);
            let of = |dimension: usize, group: usize| -> Vec<usize> {
                (0..many).filter(outside).filter(|it| family.parts[*it].groups[dimension] == group).collect()
            };
            for (dimension, groups) in withheld.groups.iter().enumerate() {
                let hidden: Vec<usize> = (0..groups.len()).filter(|it| groups[*it]).collect();
                for choice in 1_u32..1 << hidden.len() {
                    let chosen = hidden.iter().enumerate().filter(|(nth, _)| choice >> nth & 1 == 1);
                    wanted.push(chosen.flat_map(|(_, group)| of(dimension, *group)).collect());
                }
                for other in 0..dimension {
                    for (a, b) in (0..groups.len()).flat_map(|a| (0..family.dimensions[other]).map(move |b| (a, b))) {
                        let (a, b) = (of(dimension, a), of(other, b));
                        wanted.push(a.iter().filter(|it| b.contains(it)).copied().collect());
                        wanted.push(a.iter().filter(|it| !b.contains(it)).copied().collect());
                        wanted.push(b.iter().filter(|it| !a.contains(it)).copied().collect());
                    }
                }
            }
            let mut atoms: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
            (0..many).filter(outside).for_each(|it| atoms.entry(&family.parts[it].groups).or_default().push(it));
            wanted.extend(atoms.into_values());
            for set in wanted.iter().filter(|it| is_telling(&family, it)) {
                prop_assert!(
                    !is_combination(&rows, &indicator(many, set)),
                    "insider {inside:?} finds the sum of parts {set:?}; {withheld:?}"
                );
            }
        }
    }

    /// With bands and sums, no enterprise is known within a tenth that was not before.
    #[test]
    fn no_bounds_close_in_on_an_enterprise(family in district()) {
        let withheld = decide(&family);
        let ends = |it: Interval| (float(it.low), it.high.map_or(f64::INFINITY, float));
        for inside in attackers(&family) {
            let sets = seen(&family, &withheld, inside);
            let before: Vec<(f64, f64)> = family.parts.iter().map(|it| ends(it.known)).collect();
            let mut known = before.clone();
            for _ in 0..40 {
                for set in &sets {
                    let sum: f64 = set.iter().map(|it| float(family.parts[*it].figure)).sum();
                    for nth in set {
                        let others = set.iter().filter(|it| *it != nth);
                        let (low, high) = others.fold((0.0, 0.0), |(low, high), it| (low + known[*it].0, high + known[*it].1));
                        known[*nth] = (known[*nth].0.max(sum - high - 1.0), known[*nth].1.min(sum - low + 1.0));
                    }
                }
            }
            for (nth, part) in family.parts.iter().enumerate().filter(|(_, it)| it.figure > 0) {
                if inside.is_some_and(|group| part.groups[0] == group) {
                    continue;
                }
                let near = |(low, high): (f64, f64)| low >= float(part.figure) * 0.9 && high <= float(part.figure) * 1.1;
                prop_assert!(
                    near(before[nth]) || !near(known[nth]),
                    "insider {inside:?} knows part {nth}: {:?} of {}", known[nth], part.figure
                );
            }
        }
    }

    #[test]
    fn the_same_family_has_the_same_answer(family in district()) {
        let mut turned = family.clone();
        turned.parts.reverse();
        prop_assert_eq!(decide(&family), decide(&turned));
    }
}

#[test]
fn a_whole_district_is_mostly_released() {
    // Forty enterprises in each of twelve towns, a unit for each town, four classes: nothing is lost.
    let parts: Vec<Part> = (0..480_u32)
        .map(|it| {
            let town = it as usize % 12;
            part(&[town, town, it as usize / 12 % 4], it, Micro::from(10 + it * 7 % 90))
        })
        .collect();
    let family = Family { dimensions: vec![12, 12, 4], insiders: Some(1), parts };
    let it = decide(&family);
    assert!(!it.total && it.groups.iter().flatten().all(|it| !it), "{it:?}");
}
