//! What is told of neighbours, and what is not.

use geo::AffineOps;
use geo::AffineTransform;
use geo::polygon;
use proptest::prelude::*;

use super::*;

/// A rectangle in metres from a place in the district, turned about it.
fn rectangle(turn: f64, west: f64, south: f64, east: f64, north: f64) -> MultiPolygon<f64> {
    let it = polygon![(x: west, y: south), (x: east, y: south), (x: east, y: north), (x: west, y: north)];
    let turned = it.affine_transform(&AffineTransform::rotate(turn, geo::Point::new(0.0, 0.0)));
    let degrees = AffineTransform::scale(
        1.0 / (DEGREE_M * 31.3_f64.to_radians().cos()),
        1.0 / DEGREE_M,
        geo::Point::new(0.0, 0.0),
    );
    let moved = AffineTransform::translate(121.2, 31.3);
    MultiPolygon(vec![turned.affine_transform(&degrees).affine_transform(&moved)])
}

fn spooled(all: &[MultiPolygon<f64>], piece: usize) -> Spool {
    let mut spool = Spool::with_piece(piece);
    for (row, it) in all.iter().enumerate() {
        spool.push(Whose::File(row as u64), "", measure::area_m2(it), it).unwrap();
    }
    spool
}

fn compared(all: &[MultiPolygon<f64>]) -> Vec<Pair> {
    let pairs = |step: usize, piece: usize| -> Vec<Pair> {
        let found = compare_by(step, spooled(all, piece), 1_000).unwrap();
        assert!(found.complete);
        found.into_kinds().into_iter().flat_map(|it| it.0).collect()
    };
    // Parcel by parcel and through a file it is the same.
    let found = pairs(STEP, 1 << 20);
    assert_eq!(found, pairs(1, 100));
    found
}

#[test]
fn touching_neighbours_are_the_normal_case() {
    for turn in [0.0, 17.0, 45.0] {
        let all = [
            rectangle(turn, 0.0, 0.0, 100.0, 50.0),
            rectangle(turn, 100.0, 0.0, 200.0, 50.0),
            // A corner of this one lies within an edge of both.
            rectangle(turn, 30.0, 50.0, 170.0, 90.0),
            rectangle(turn, 0.0, -50.0, 100.0, -12.0),
        ];
        let found = compared(&all);
        assert!(found.is_empty(), "{turn}: {found:?}");
    }
}

#[test]
fn overlaps_are_found_however_they_lie() {
    let base = || rectangle(20.0, 0.0, 0.0, 100.0, 50.0);
    for (other, area_m2) in [
        // A corner within, edges that run along each other, one inside the other, a cross.
        (rectangle(20.0, 90.0, 40.0, 150.0, 90.0), 100.0),
        (rectangle(20.0, 80.0, 0.0, 180.0, 50.0), 1000.0),
        (rectangle(20.0, 20.0, 20.0, 30.0, 30.0), 100.0),
        (rectangle(20.0, 40.0, -50.0, 60.0, 100.0), 1000.0),
        (rectangle(20.0, 0.0, 10.0, 100.0, 50.0), 4000.0),
    ] {
        let found = compared(&[base(), other]);
        let [Pair { relation: Relation::Overlap(found, _), .. }] = &found[..] else {
            panic!("{area_m2}: {found:?}");
        };
        assert!((found / area_m2 - 1.0).abs() < 0.01, "{found} {area_m2}");
    }
}

#[test]
fn a_hair_is_no_overlap_and_a_double_is_a_double() {
    let base = || rectangle(20.0, 0.0, 0.0, 100.0, 50.0);
    assert!(compared(&[base(), rectangle(20.0, 99.995, 0.0, 180.0, 50.0)]).is_empty());
    let found = compared(&[base(), base()]);
    assert!(matches!(&found[..], [Pair { relation: Relation::Same(_), .. }]), "{found:?}");
}

#[test]
fn a_gap_is_narrow_and_long_and_nobody_else_is_in_it() {
    let base = || rectangle(20.0, 0.0, 0.0, 100.0, 50.0);
    let found = compared(&[base(), rectangle(20.0, 100.2, 0.0, 180.0, 50.0)]);
    let [Pair { relation: Relation::Gap(_, width), .. }] = &found[..] else {
        panic!("{found:?}");
    };
    assert!((width - 0.2).abs() < 0.01, "{width}");
    // A lane, a corner only, and a strip that is a parcel itself.
    assert!(compared(&[base(), rectangle(20.0, 101.5, 0.0, 180.0, 50.0)]).is_empty());
    assert!(compared(&[base(), rectangle(20.0, 100.2, 50.2, 180.0, 90.0)]).is_empty());
    let strip = rectangle(20.0, 100.0, 0.0, 100.2, 50.0);
    assert!(compared(&[base(), strip, rectangle(20.0, 100.2, 0.0, 180.0, 50.0)]).is_empty());
}

#[test]
fn a_strip_that_comes_last_is_in_the_gap_too() {
    let base = || rectangle(0.0, 0.0, 0.0, 100.0, 50.0);
    let beside = || rectangle(0.0, 100.2, 0.0, 180.0, 50.0);
    // It begins north of both, and north of the place at which the gap is seen first or not.
    for south in [0.0, 0.5, 10.0, 40.0] {
        let strip = rectangle(0.0, 100.0, south, 100.2, 50.0);
        let found = compared(&[base(), beside(), strip]);
        let gaps = found.iter().filter(|it| matches!(it.relation, Relation::Gap(..))).count();
        assert_eq!(gaps, usize::from(south > 2.0), "{south}: {found:?}");
    }
    let whole = rectangle(0.0, -10.0, -10.0, 200.0, 60.0);
    let found = compared(&[base(), beside(), whole]);
    assert!(found.iter().all(|it| matches!(it.relation, Relation::Overlap(..))), "{found:?}");
}

#[test]
fn only_pairs_with_the_file_are_compared() {
    let mut spool = Spool::default();
    for (nth, west) in (0..).zip([0.0, 50.0, 60.0]) {
        let it = rectangle(0.0, west, 0.0, west + 100.0, 50.0);
        let whose = if nth == 0 { Whose::File(7) } else { Whose::Register(nth) };
        spool.push(whose, "", measure::area_m2(&it), &it).unwrap();
    }
    let [(overlaps, 0), ..] = compare(spool, 10).unwrap().into_kinds() else { panic!() };
    assert_eq!(overlaps.len(), 2, "{overlaps:?}");
    assert!(overlaps.iter().all(|it| it.sides[0].whose == Whose::File(7)));
}

#[test]
fn a_parcel_across_everything_meets_everything() {
    let wide = rectangle(0.0, 0.0, 0.0, 40_000.0, 10.0);
    let small = |at: f64| rectangle(0.0, at, 5.0, at + 20.0, 60.0);
    let mut all: Vec<_> = (0..50).map(|it| small(f64::from(it) * 790.0)).collect();
    all.push(wide.clone());
    assert_eq!(compared(&all).len(), 50);
    all.rotate_right(1);
    assert_eq!(compared(&all).len(), 50);
    // Above it, within its gap.
    let above = rectangle(0.0, 0.0, 10.2, 40_000.0, 20.0);
    assert!(matches!(compared(&[wide, above])[..], [Pair { relation: Relation::Gap(..), .. }]));
}

#[test]
fn the_first_ones_of_the_file_are_kept_and_the_rest_counted() {
    let base = rectangle(0.0, 0.0, 0.0, 100.0, 50.0);
    let found = compare(spooled(&vec![base; 30], 1 << 20), 20).unwrap();
    let [_, (same, more), _] = found.into_kinds();
    assert_eq!((same.len() as u64 + more, same.len()), (30 * 29 / 2, 20));
    let rows = |it: &Pair| [it.sides[0].whose, it.sides[1].whose];
    assert_eq!(rows(&same[0]), [Whose::File(0), Whose::File(1)]);
    assert_eq!(rows(&same[19]), [Whose::File(4), Whose::File(6)]);
}

proptest! {
    /// Whatever the order and however small the pieces: the pairs are those that all comparisons with all give.
    #[test]
    fn pieces_and_order_change_nothing(
        places in proptest::collection::vec((0_u32..600, 0_u32..600, 10_u32..300, 10_u32..80), 2..40),
        turn in 0.0..90.0_f64,
    ) {
        let all: Vec<_> = places
            .iter()
            .map(|(x, y, w, h)| {
                let [x, y, w, h] = [x, y, w, h].map(|it| f64::from(*it));
                rectangle(turn, x, y, x + w, y + h)
            })
            .collect();
        let rows = |kept: Kept| -> Vec<(Whose, Whose)> {
            let [overlaps, same, _] = kept.into_kinds();
            let all = overlaps.0.into_iter().chain(same.0);
            let mut rows: Vec<_> = all.map(|it| (it.sides[0].whose, it.sides[1].whose)).collect();
            rows.sort_unstable();
            rows
        };
        let mut expected = Vec::new();
        for second in 0..all.len() {
            for first in 0..second {
                let kept = compare(spooled(&[all[first].clone(), all[second].clone()], 1 << 20), 10).unwrap();
                if !rows(kept).is_empty() {
                    expected.push((Whose::File(first as u64), Whose::File(second as u64)));
                }
            }
        }
        expected.sort_unstable();
        for piece in [300, 2_000, 1 << 20] {
            prop_assert_eq!(&rows(compare(spooled(&all, piece), 10_000).unwrap()), &expected);
        }
    }
}
