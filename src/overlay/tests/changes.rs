//! What was made anew where something changed is what would be made from the start.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rebuilt_overlay_claims_the_same_to_the_last_bit(
        parcels in prop::collection::vec(any_star(1500.0, 20.0, 300.0), 1..20),
        polygons in prop::collection::vec((0_u32..3, any_star(1500.0, 20.0, 600.0)), 1..30),
        edits in prop::collection::vec((0_usize..40, prop::option::of((0_u32..3, any_star(1500.0, 20.0, 600.0)))), 1..12),
        count in prop::sample::select(vec![Count::Once, Count::Each]),
    ) {
        let make = |(class, ring): &(u32, Vec<Place>)| feature(*class, std::slice::from_ref(ring));
        let mut features: Vec<Feature> = polygons.iter().map(make).collect();
        let parcels: Vec<Outline> = parcels.iter().map(|it| outline(std::slice::from_ref(it)).repaired()).collect();
        let mut overlay = Overlay::build(&features, count);
        for edit in edits.chunks(3) {
            let mut dirty = Vec::new();
            for (nth, new) in edit {
                let old = (*nth < features.len()).then(|| features.swap_remove(*nth));
                let new = new.as_ref().map(make);
                dirty.extend(bounds_of(old.as_slice()));
                dirty.extend(bounds_of(new.as_slice()));
                features.extend(new);
            }
            overlay = overlay.rebuilt(&features, &dirty);
            let fresh = Overlay::build(&features, count);
            prop_assert_eq!(overlay.claim(&parcels), fresh.claim(&parcels));
            prop_assert_eq!(overlay.bytes(), fresh.bytes());
        }
    }
}
