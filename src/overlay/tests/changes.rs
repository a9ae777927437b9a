//! What was made anew where something changed is what would be made from the start.

use super::*;
use crate::overlay::EqualArea;
use crate::overlay::Kept;
use crate::overlay::Key;
use crate::overlay::Version;

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
            let before = overlay.claim(&parcels);
            let (rebuilt, remade) = overlay.rebuilt(&features, &dirty);
            overlay = rebuilt;
            let fresh = Overlay::build(&features, count);
            let after = fresh.claim(&parcels);
            prop_assert_eq!(&overlay.claim(&parcels), &after);
            for (nth, it) in parcels.iter().enumerate() {
                let is_reached = remade.iter().any(|square| square.meets(&it.bounds));
                prop_assert!(is_reached || before.of(nth) == after.of(nth));
            }
            prop_assert_eq!(overlay.bytes(), fresh.bytes());
        }
    }
}

/// A table of outlines: each row's ring, class and how often it was written.
#[derive(Clone, Debug, Default)]
struct Table(std::collections::BTreeMap<Key, (Vec<Place>, Version)>);

impl Table {
    fn write(&mut self, id: i64, class: u32, ring: Vec<Place>, moment: i64) {
        self.0.insert(
            (0, id),
            (ring, Version { class, row_id: id, transaction: 7, recorded_at: moment }),
        );
    }

    fn versions(&self) -> Vec<(Key, Version)> {
        // In whatever order a database has them.
        self.0.iter().rev().map(|(key, it)| (*key, it.1)).collect()
    }

    fn read(&self, keys: &[Key]) -> Vec<(Key, Outline)> {
        keys.iter().map(|key| (*key, outline(std::slice::from_ref(&self.0[key].0)))).collect()
    }
}

/// A run as an evaluation makes it; what was read, and what was claimed of each parcel.
fn run(
    kept: &mut Kept,
    parcels: &Table,
    plans: &Table,
    count: Count,
) -> (usize, Vec<(i64, Parts)>) {
    kept.set_plane(EqualArea::new([121.25, 31.38]));
    let now = parcels.versions();
    let missing = kept.parcels().missing(&now);
    let mut read = missing.len();
    kept.renew_parcels(now, parcels.read(&missing));
    let now = plans.versions();
    let missing = match kept.polygons("plans") {
        Some(it) => it.missing(&now),
        None => now.iter().map(|it| it.0).collect(),
    };
    read += missing.len();
    kept.claim("plans", count, now, plans.read(&missing));
    (read, kept.claimed("plans").map(|(id, _, parts)| (id, parts.to_vec())).collect())
}

/// m² by class.
type Parts = Vec<(u32, f64)>;

type Write = (bool, i64, Option<(u32, Vec<Place>)>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_kept_alters_no_claim_and_only_what_changed_is_read(
        writes in prop::collection::vec(
            (any::<bool>(), 0_i64..25, prop::option::weighted(0.8, (0_u32..3, any_star(1500.0, 20.0, 400.0)))), 1..120),
        count in prop::sample::select(vec![Count::Once, Count::Each]),
    ) {
        let (mut parcels, mut plans, mut kept) = (Table::default(), Table::default(), Kept::default());
        let mut moment = 0;
        let mut last: (Table, Table) = Default::default();
        for some in writes.chunks(9) {
            for (is_parcel, id, what) in some as &[Write] {
                moment += 1;
                let table = if *is_parcel { &mut parcels } else { &mut plans };
                match what {
                    Some((class, ring)) => {
                        let class = if *is_parcel { 0 } else { *class };
                        table.write(*id, class, ring.clone(), moment);
                    }
                    None => drop(table.0.remove(&(0, *id))),
                }
            }
            let differ = |now: &Table, last: &Table| now.0.iter().filter(|it| last.0.get(it.0).map(|it| it.1) != Some(it.1.1)).count();
            let changed = differ(&parcels, &last.0) + differ(&plans, &last.1);
            let (read, claimed) = run(&mut kept, &parcels, &plans, count);
            prop_assert_eq!(read, changed);
            prop_assert_eq!(claimed, run(&mut Kept::default(), &parcels, &plans, count).1);
            last = (parcels.clone(), plans.clone());
        }
    }
}
