//! Squares on a grid, with what keeps them apart.

use geo::LineString;
use geo::Polygon;
use geo::Rect;
use proptest::prelude::*;

use super::*;

/// Ten metres wide, with five between them.
const PITCH: f64 = 15.0;

fn square(column: i32, row: i32) -> MultiPolygon<f64> {
    let (x, y) = (f64::from(column) * PITCH, f64::from(row) * PITCH);
    Rect::new((x, y), (x + 10.0, y + 10.0)).to_polygon().into()
}

fn parcel(column: i32, row: i32) -> Candidate {
    Candidate {
        parcel_id: i64::from(column * 100 + row),
        code: format!("P{column:02}{row:02}"),
        unit: Some(if column < 3 { "west" } else { "east" }.to_owned()),
        holder: Some(format!("H{row}")),
        area_mu: Some(Decimal::TEN),
        outcome: Some(if row == 0 { Outcome::Pass } else { Outcome::Fail }),
        shape: square(column, row),
    }
}

fn terms() -> Terms {
    Terms {
        gap_m: 5.0,
        same_unit: false,
        mu_at_least: Decimal::ZERO,
        parcels_at_least: 1,
        rank_by: vec![RankBy::Mu, RankBy::Holders, RankBy::Compactness, RankBy::PlanFit],
        holders_known: true,
        fit_known: true,
    }
}

fn line(from: (f64, f64), to: (f64, f64)) -> Geometry {
    geo::Geometry::LineString(LineString::from(vec![from, to]))
}

type Geometry = geo::Geometry<f64>;

fn codes(candidates: &[Candidate], clusters: &[Cluster]) -> Vec<Vec<String>> {
    let of = |it: &Cluster| it.members.iter().map(|it| candidates[*it].code.clone()).collect();
    clusters.iter().map(of).collect()
}

#[test]
fn golden_neighbours_within_the_gap_lie_together() {
    let all = [parcel(0, 0), parcel(1, 0), parcel(3, 0)];
    let found = assemble(&all, &Barriers::default(), &terms());
    assert_eq!(codes(&all, &found), [vec!["P0000", "P0100"], vec!["P0300"]]);
    assert_eq!(found[0].area_mu, Decimal::from(20));
    assert_eq!(found[0].holders, Some(1));
    assert_eq!(found[0].plan_fit, Some(Decimal::ONE));
    // 200 m² of a hull of 25 × 10 m.
    assert_eq!(found[0].compactness, Some(Decimal::new(8, 1)));
    let near = Terms { gap_m: 4.9, ..terms() };
    assert_eq!(assemble(&all, &Barriers::default(), &near).len(), 3);
}

#[test]
fn golden_a_road_or_a_river_between_keeps_apart_and_one_that_ends_before_does_not() {
    let all = [parcel(0, 0), parcel(1, 0)];
    let count = |it: Geometry| assemble(&all, &Barriers::new([it]), &terms()).len();
    assert_eq!(count(line((12.5, -50.0), (12.5, 50.0))), 2, "a road");
    assert_eq!(count(line((12.5, -50.0), (12.5, 5.0))), 1, "a dead end");
    assert_eq!(count(line((5.0, -50.0), (5.0, 50.0))), 1, "a road through a parcel");
    let river = Rect::new((11.0, -50.0), (14.0, 50.0)).to_polygon();
    assert_eq!(count(river.into()), 2, "a river");
    let around = Rect::new((-50.0, -50.0), (50.0, 50.0)).to_polygon();
    assert_eq!(count(around.into()), 2, "in the middle of a lake");
}

#[test]
fn golden_a_road_along_a_shared_edge_keeps_apart_and_one_across_it_does_not() {
    let mut all = [parcel(0, 0), parcel(1, 0)];
    all[1].shape = Rect::new((10.0, 0.0), (20.0, 10.0)).to_polygon().into();
    let touching = Terms { gap_m: 0.0, ..terms() };
    let count = |it: &[Geometry]| assemble(&all, &Barriers::new(it.to_vec()), &touching).len();
    assert_eq!(count(&[]), 1);
    assert_eq!(count(&[line((10.0, -5.0), (10.0, 15.0))]), 2, "along");
    assert_eq!(count(&[line((0.0, 5.0), (20.0, 5.0))]), 1, "across");
    // The corners are on roads, the edge between them is not.
    let across = [line((0.0, 0.0), (20.0, 0.0)), line((0.0, 10.0), (20.0, 10.0))];
    assert_eq!(count(&across), 1, "across both corners");
}

#[test]
fn golden_units_stay_apart_where_that_is_asked_and_nobodys_land_is_alone() {
    let mut all = vec![parcel(2, 0), parcel(3, 0), parcel(3, 1), parcel(2, 1)];
    all[3].unit = None;
    let apart = Terms { same_unit: true, ..terms() };
    let found = assemble(&all, &Barriers::default(), &apart);
    assert_eq!(codes(&all, &found), [vec!["P0300", "P0301"], vec!["P0200"], vec!["P0201"]]);
    let found = assemble(&all, &Barriers::default(), &terms());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].unit, None);
}

#[test]
fn golden_a_parcel_inside_the_hole_of_another_or_overlapping_it_lies_with_it() {
    let ring = Rect::new((0.0, 0.0), (100.0, 100.0)).to_polygon().exterior().clone();
    let hole = Rect::new((40.0, 40.0), (60.0, 60.0)).to_polygon().exterior().clone();
    let mut all = [parcel(0, 0), parcel(1, 0)];
    all[0].shape = Polygon::new(ring, vec![hole]).into();
    for (inside, together) in [(50.0, false), (43.0, true), (10.0, true)] {
        all[1].shape = Rect::new((inside, 48.0), (inside + 4.0, 52.0)).to_polygon().into();
        let found = assemble(&all, &Barriers::default(), &Terms { gap_m: 4.0, ..terms() });
        assert_eq!(found.len() == 1, together, "{inside}");
    }
}

#[test]
fn what_is_unknown_is_not_counted() {
    let mut all = [parcel(0, 0), parcel(1, 0)];
    all[1].area_mu = None;
    all[1].holder = None;
    all[0].outcome = None;
    let found = assemble(&all, &Barriers::default(), &terms());
    assert_eq!((found[0].area_mu, found[0].without_area), (Decimal::TEN, 1));
    assert_eq!((found[0].holders, found[0].without_holder), (Some(1), 1));
    assert_eq!(found[0].plan_fit, Some(Decimal::ZERO));
    assert_eq!(found[0].plan_unknown, Some(Decimal::ONE));
    let large = Terms { mu_at_least: Decimal::from(11), ..terms() };
    assert!(assemble(&all, &Barriers::default(), &large).is_empty(), "10 mu are known");
}

fn some() -> impl Strategy<Value = Vec<Candidate>> {
    prop::collection::btree_set((0..6_i32, 0..4_i32), 1..16)
        .prop_map(|cells| cells.into_iter().map(|(column, row)| parcel(column, row)).collect())
}

proptest! {
    #[test]
    fn order_changes_nothing_and_every_parcel_is_in_one_piece(
        (all, shuffled) in some().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        least in 0..5_u32,
        same_unit in any::<bool>(),
        road in prop::option::of(1..6_i32),
    ) {
        // A road from end to end, in the middle between two columns.
        let road = road.map(|it| f64::from(it) * PITCH - 2.5);
        let barriers = Barriers::new(road.map(|x| line((x, -100.0), (x, 200.0))));
        let everything = Terms { same_unit, ..terms() };
        let found = assemble(&all, &barriers, &everything);
        let mut members: Vec<usize> = found.iter().flat_map(|it| it.members.clone()).collect();
        members.sort_unstable();
        prop_assert_eq!(members, (0..all.len()).collect::<Vec<_>>());
        for it in &found {
            let west = it.members.iter().filter(|it| {
                road.is_some_and(|x| all[**it].shape.bounding_rect().unwrap().min().x < x)
            });
            let west = west.count();
            prop_assert!(west == 0 || west == it.members.len(), "the road is crossed");
            let units: BTreeSet<_> = it.members.iter().map(|it| &all[*it].unit).collect();
            prop_assert!(!same_unit || units.len() == 1);
        }
        // Whoever is next to somebody on the same side lies with them.
        let piece = |it: usize| found.iter().position(|of| of.members.contains(&it));
        for (a, one) in all.iter().enumerate() {
            for (b, other) in all.iter().enumerate() {
                let at = |it: &Candidate| it.shape.bounding_rect().unwrap().min();
                let (p, q) = (at(one), at(other));
                let beside = (p.x - q.x).abs() + (p.y - q.y).abs() < PITCH + 1.0;
                let side = |x: f64| road.is_some_and(|road| x < road);
                if beside && side(p.x) == side(q.x) && (!same_unit || one.unit == other.unit) {
                    prop_assert_eq!(piece(a), piece(b));
                }
            }
        }
        let bounded = Terms { mu_at_least: Decimal::from(least * 10), ..everything };
        let large = assemble(&all, &barriers, &bounded);
        prop_assert!(large.iter().all(|it| it.area_mu >= Decimal::from(least * 10)));
        let kept = found.iter().filter(|it| it.area_mu >= Decimal::from(least * 10)).count();
        prop_assert_eq!(large.len(), kept);
        let again = assemble(&shuffled, &barriers, &bounded);
        prop_assert_eq!(codes(&all, &large), codes(&shuffled, &again));
        let plain = |it: &[Cluster]| -> Vec<Cluster> {
            it.iter().map(|it| Cluster { members: Vec::new(), ..it.clone() }).collect()
        };
        prop_assert_eq!(plain(&large), plain(&again));
    }
}
