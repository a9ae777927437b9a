//! What is told of neighbours, and what is not.

use geo::AffineOps;
use geo::AffineTransform;
use geo::polygon;

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

fn compared(all: &[MultiPolygon<f64>]) -> Vec<Pair> {
    let mut outlines = Outlines::default();
    for it in all {
        outlines.push(it, measure::area_m2(it));
    }
    let (found, complete) = outlines.compare(all.len());
    assert!(complete);
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
        let [Pair { relation: Relation::Overlap(found, Some(_)), .. }] = &found[..] else {
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
    assert!(matches!(&found[..], [Pair { relation: Relation::Same(Some(_)), .. }]), "{found:?}");
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
fn only_pairs_with_the_file_are_compared() {
    let mut outlines = Outlines::default();
    for west in [0.0, 50.0, 60.0] {
        let it = rectangle(0.0, west, 0.0, west + 100.0, 50.0);
        outlines.push(&it, measure::area_m2(&it));
    }
    let (found, _) = outlines.compare(1);
    let pairs: Vec<(usize, usize)> = found.iter().map(|it| (it.first, it.second)).collect();
    assert_eq!(pairs.len(), 2, "{found:?}");
    assert!(pairs.iter().all(|it| it.0 == 0));
}
