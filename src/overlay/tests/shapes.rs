//! Shapes that break engines: holes, touching rings, bow ties, polygons twice, edges on the squares' own borders.

use super::*;

fn once(features: &[Feature], parcel: &[Vec<Place>]) -> Vec<(u32, f64)> {
    Overlay::build(features, Count::Once).claim_one(&outline(parcel).repaired())
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-3, "{found} instead of {expected}");
}

#[test]
fn a_hole_is_not_claimed_and_what_lies_in_it_is() {
    let ring = [square([0.0; 2], 300.0), square([100.0; 2], 100.0)];
    let island = feature(1, &[square([140.0; 2], 20.0)]);
    let parts = once(&[feature(0, &ring), island], &[square([50.0; 2], 200.0)]);
    close(area_of(&parts, 0), 30_000.0);
    close(area_of(&parts, 1), 400.0);
}

#[test]
fn a_parcel_with_a_hole_and_two_parts() {
    let parcel = [
        square([0.0; 2], 100.0),
        square([40.0; 2], 20.0),
        square([45.0; 2], 10.0),
        square([500.0, 0.0], 50.0),
    ];
    let own = outline(&parcel);
    close(own.area_m2, 10_000.0 - 400.0 + 100.0 + 2_500.0);
    let parts = once(&[feature(0, &[square([50.0, -10.0], 1000.0)])], &parcel);
    close(area_of(&parts, 0), 5_000.0 - 200.0 + 50.0 + 2_500.0);
}

#[test]
fn whichever_way_rings_run() {
    let turned = |ring: Vec<Place>| ring.into_iter().rev().collect::<Vec<_>>();
    let parcel = [square([0.0; 2], 100.0), turned(square([40.0; 2], 20.0))];
    let plan = [turned(square([0.0; 2], 1000.0)), square([60.0, 0.0], 10.0)];
    close(area_of(&once(&[feature(0, &plan)], &parcel), 0), 9_500.0);
}

#[test]
fn a_bow_tie_is_two_triangles() {
    let tie = vec![[0.0, 0.0], [100.0, 100.0], [100.0, 0.0], [0.0, 100.0]];
    let own = outline(std::slice::from_ref(&tie)).repaired();
    close(own.area_m2, 5_000.0);
    close(
        area_of(&once(&[feature(0, &[square([0.0; 2], 50.0)])], std::slice::from_ref(&tie)), 0),
        1_250.0,
    );
    // As a plan, large: its lobes wind in different directions, and each fills squares.
    let large: Vec<Place> = tie.iter().map(|it| [it[0] * 100.0, it[1] * 100.0]).collect();
    let plan = [feature(0, &[large])];
    close(area_of(&once(&plan, &[square([500.0, 4_900.0], 200.0)]), 0), 40_000.0);
    close(area_of(&once(&plan, &[square([9_000.0, 4_900.0], 200.0)]), 0), 40_000.0);
    close(area_of(&once(&plan, &[square([4_900.0, 4_900.0], 200.0)]), 0), 20_000.0);
    assert_eq!(once(&plan, &[square([4_900.0, 500.0], 200.0)]), []);
}

#[test]
fn rings_that_touch_and_spikes() {
    // The hole touches the shell at a corner; a spike runs out and back.
    let shell = vec![
        [0.0, 0.0],
        [100.0, 0.0],
        [100.0, 100.0],
        [150.0, 100.0],
        [100.0, 100.0],
        [0.0, 100.0],
    ];
    let hole = vec![[0.0, 0.0], [50.0, 20.0], [20.0, 50.0]];
    let own = outline(&[shell.clone(), hole.clone()]).repaired();
    close(own.area_m2, 10_000.0 - 1_050.0);
    close(area_of(&once(&[feature(0, &[shell, hole])], &[square([0.0; 2], 200.0)]), 0), 8_950.0);
}

#[test]
fn polygons_that_share_edges_or_are_there_twice() {
    let tiles: Vec<Feature> = (0..100_u32)
        .map(|it| {
            feature(it % 2, &[square([f64::from(it % 10) * 64.0, f64::from(it / 10) * 64.0], 64.0)])
        })
        .collect();
    let twice: Vec<Feature> = tiles.iter().chain(&tiles).cloned().collect();
    let parcel = [square([32.0; 2], 512.0)];
    for features in [&tiles, &twice] {
        let parts = once(features, &parcel);
        close(area_of(&parts, 0), 131_072.0);
        close(area_of(&parts, 1), 131_072.0);
    }
}

#[test]
fn edges_on_the_borders_of_squares_belong_to_one_side() {
    let plan = [feature(0, &[square([0.0; 2], 1024.0)])];
    close(area_of(&once(&plan, &[square([-512.0; 2], 1024.0)]), 0), 512.0 * 512.0);
    assert_eq!(once(&plan, &[square([1024.0, 0.0], 100.0)]), []);
    assert_eq!(once(&plan, &[square([0.0, -100.0], 100.0)]), []);
    assert_eq!(once(&plan, &[square([0.0; 2], 1024.0)]), [(0, 1024.0 * 1024.0)]);
}

#[test]
fn nothing_comes_of_nothing() {
    for bad in [
        vec![],
        vec![[0.0; 2]],
        vec![[0.0; 2]; 9],
        vec![[0.0; 2], [1.0, 1.0]],
        vec![[f64::NAN, 0.0], [1.0, 0.0], [0.0, 1.0]],
    ] {
        let own = outline(&[bad]).repaired();
        assert_eq!(own.area_m2.to_bits(), 0.0_f64.to_bits());
        assert_eq!(
            Overlay::build(&[feature(0, &[square([0.0; 2], 9.0)])], Count::Once).claim_one(&own),
            []
        );
        let plan = Feature { class: 0, outline: Arc::new(own) };
        assert_eq!(once(&[plan], &[square([0.0; 2], 9.0)]), []);
    }
    let flat = outline(&[vec![[0.0; 2], [10.0, 0.0], [20.0, 0.0]]]).repaired();
    assert!(flat.area_m2.abs() < 1e-9);
}

#[test]
fn a_needle_across_everything() {
    let needle = vec![[-5_000.0, 0.0], [5_000.0, 0.001], [5_000.0, 0.002], [-5_000.0, 0.001]];
    let own = outline(std::slice::from_ref(&needle)).repaired();
    assert!((own.area_m2 - 10.0).abs() < 1e-6);
    let parts = once(&[feature(0, &[square([0.0, -50.0], 100.0)])], &[needle]);
    assert!((area_of(&parts, 0) - 0.1).abs() < 1e-6, "{parts:?}");
}
