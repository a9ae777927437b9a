//! What must hold whatever the shapes are (domain brief, §1).

use super::*;

fn close(a: &[(u32, f64)], b: &[(u32, f64)]) -> Result<(), TestCaseError> {
    for class in 0..4 {
        let (a, b) = (area_of(a, class), area_of(b, class));
        prop_assert!((a - b).abs() < 0.01, "class {class}: {a} {b}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn neither_the_order_of_rows_nor_splitting_a_polygon_changes_anything(
        parcel in any_star(500.0, 20.0, 300.0),
        polygons in prop::collection::vec((0_u32..3, any_star(700.0, 20.0, 600.0)), 1..12),
        cut in -300.0..300.0_f64,
        turn in 0_usize..12,
    ) {
        let whole: Vec<Feature> = polygons.iter().map(|(class, ring)| feature(*class, std::slice::from_ref(ring))).collect();
        let own = outline(&[parcel]).repaired();
        let parts = Overlay::build(&whole, Count::Once).claim_one(&own);
        let mut permuted = whole.clone();
        permuted.reverse();
        permuted.rotate_left(turn % whole.len());
        // To the last bit.
        prop_assert_eq!(&Overlay::build(&permuted, Count::Once).claim_one(&own), &parts);
        let mut split = Vec::new();
        for (class, ring) in &polygons {
            for side in [super::super::clip::Side::Low, super::super::clip::Side::High] {
                let half = super::super::clip::clip(ring, 0, cut, side);
                split.push(feature(*class, &[half]));
            }
        }
        close(&Overlay::build(&split, Count::Once).claim_one(&own), &parts)?;
    }

    #[test]
    fn parts_of_a_parcel_sum_to_the_whole(
        parcel in any_star(500.0, 20.0, 300.0),
        polygons in prop::collection::vec((0_u32..3, any_star(700.0, 20.0, 600.0)), 1..12),
        cut in -300.0..300.0_f64,
    ) {
        let features: Vec<Feature> = polygons.iter().map(|(class, ring)| feature(*class, std::slice::from_ref(ring))).collect();
        let overlay = Overlay::build(&features, Count::Once);
        let whole = overlay.claim_one(&outline(std::slice::from_ref(&parcel)).repaired());
        let mut halves = Vec::new();
        for side in [super::super::clip::Side::Low, super::super::clip::Side::High] {
            let half = super::super::clip::clip(&parcel, 1, cut, side);
            halves.extend(overlay.claim_one(&outline(&[half]).repaired()));
        }
        close(&whole, &halves)?;
    }

    #[test]
    fn one_core_or_many_and_again(
        parcels in prop::collection::vec(any_star(500.0, 20.0, 300.0), 1..40),
        polygons in prop::collection::vec((0_u32..3, any_star(700.0, 20.0, 600.0)), 1..12),
    ) {
        let features: Vec<Feature> = polygons.iter().map(|(class, ring)| feature(*class, std::slice::from_ref(ring))).collect();
        let overlay = Overlay::build(&features, Count::Once);
        let parcels: Vec<Outline> = parcels.iter().map(|it| outline(std::slice::from_ref(it)).repaired()).collect();
        let all = overlay.claim(&parcels);
        prop_assert_eq!(&Overlay::build(&features, Count::Once).claim(&parcels), &all);
        for (nth, it) in parcels.iter().enumerate() {
            prop_assert_eq!(overlay.claim_one(it), all.of(nth));
        }
    }
}
