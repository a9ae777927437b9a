//! Enterprise measures and land, by name and by property.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::land::Parcel;
use super::land::Use;
use super::land::allocate;
use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn use_of(uscc: &str, role: &str, land: Option<&str>, floor: Option<&str>) -> Use {
    let role = (!role.is_empty()).then(|| role.to_owned());
    Use { uscc: uscc.to_owned(), role, land_m2: land.map(dec), floor_m2: floor.map(dec) }
}

fn parcel(uses: Vec<Use>) -> Parcel {
    Parcel {
        parcel_code: "P".to_owned(),
        area_m2: Some(dec("20000")),
        floor_ratio: Some(dec("2")),
        holder_uscc: Some("H".to_owned()),
        uses,
    }
}

fn land_of(parcels: &[Parcel], uscc: &str) -> Option<String> {
    allocate(parcels).get(uscc)?.area_m2.map(|it| it.normalize().to_string())
}

fn facts(figures: &[(&'static str, &str)]) -> EnterpriseFacts {
    EnterpriseFacts {
        land: Land { area_m2: Some(dec("20000")), notes: Vec::new() },
        part_here: None,
        figures: figures.iter().map(|(name, it)| (*name, dec(it))).collect(),
    }
}

fn get(facts: &EnterpriseFacts, name: &str) -> Option<String> {
    measures(facts).get(name).map(|it| it.normalize().to_string())
}

#[test]
fn the_indicators_are_ratios_of_what_was_reported() {
    let it = facts(&[
        ("tax_paid_wan", "290"),
        ("tax_policy_adj_wan", "10"),
        ("value_added_wan", "1200"),
        ("output_wan", "6000"),
        ("revenue_wan", "5000"),
        ("energy_tce", "400"),
        ("emission_t", "3"),
        ("employees", "60"),
        ("rd_wan", "150"),
        ("electricity_kwh", "1500000"),
    ]);
    for (name, value) in [
        ("land_mu", "30"),
        ("tax_wan", "300"),
        ("tax_wan_per_mu", "10"),
        ("value_added_wan_per_mu", "40"),
        ("output_wan_per_mu", "200"),
        ("revenue_wan_per_mu", "166.666667"),
        ("value_added_wan_per_tce", "3"),
        ("tax_wan_per_tce", "0.75"),
        ("value_added_wan_per_t", "400"),
        ("value_added_wan_per_person", "20"),
        ("rd_ratio", "0.03"),
        ("tax_yuan_per_kwh", "2"),
    ] {
        assert_eq!(get(&it, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(get(&it, "water_m3_per_mu"), None);
}

#[test]
fn tax_for_evaluation_is_composed_where_both_parts_are_known() {
    let tax = |figures: &[(&'static str, &str)]| get(&facts(figures), "tax_wan");
    assert_eq!(
        tax(&[("tax_paid_wan", "9"), ("tax_policy_adj_wan", "1"), ("tax_wan", "7")]),
        Some("10".to_owned())
    );
    assert_eq!(tax(&[("tax_paid_wan", "9"), ("tax_wan", "7")]), Some("7".to_owned()));
    assert_eq!(tax(&[("tax_wan", "7")]), Some("7".to_owned()));
    // A reduction that nobody told is not none.
    assert_eq!(tax(&[("tax_paid_wan", "9")]), None);
}

#[test]
fn a_missing_figure_stays_missing_and_says_who_supplies_it() {
    let it = measures(&facts(&[("tax_wan", "0"), ("energy_tce", "0"), ("value_added_wan", "5")]));
    assert_eq!(it.get("tax_wan_per_mu"), Some(Decimal::ZERO), "nothing paid is a figure");
    let note = |measure: &str| {
        let found = it.notes.iter().find(|it| it.measure == measure);
        found.map_or_else(|| panic!("no note on {measure}"), |it| it.text.clone())
    };
    assert!(note("value_added_wan_per_t").zh.contains("生态环境部门"));
    assert!(note("rd_ratio").en.contains("statistics office"));
    assert!(note("value_added_wan_per_tce").en.contains("not above zero"), "never infinite");
    let landless = EnterpriseFacts { land: Land::default(), ..facts(&[("tax_wan", "5")]) };
    assert_eq!(measures(&landless).get("tax_wan_per_mu"), None);
}

#[test]
fn figures_of_land_outside_are_not_set_against_the_land_inside() {
    let it = EnterpriseFacts {
        part_here: Some(dec("0.4")),
        ..facts(&[("tax_wan", "300"), ("employees", "10")])
    };
    assert_eq!(get(&it, "tax_wan_per_mu").as_deref(), Some("4"));
    assert_eq!(get(&it, "tax_wan_per_person").as_deref(), Some("30"));
}

#[test]
fn land_is_as_stated_else_by_floor_else_whole_else_the_rest() {
    let stated = [parcel(vec![
        use_of("H", "自用", Some("15000"), None),
        use_of("T", "承租", Some("5000"), None),
    ])];
    assert_eq!(land_of(&stated, "H").as_deref(), Some("15000"));
    let by_floor = [parcel(vec![
        use_of("H", "自用", Some("15000"), None),
        use_of("T", "承租", None, Some("8000")),
    ])];
    assert_eq!(land_of(&by_floor, "T").as_deref(), Some("4000"));
    assert_eq!(
        land_of(&[parcel(vec![use_of("T", "承租", None, None)])], "T").as_deref(),
        Some("20000")
    );
    let rest =
        [parcel(vec![use_of("H", "持有", None, None), use_of("T", "承租", Some("5000"), None)])];
    assert_eq!(land_of(&rest, "H").as_deref(), Some("15000"));
    // A holder that nobody noted as a user.
    let unnoted = [parcel(vec![use_of("T", "承租", Some("5000"), None)])];
    assert_eq!(land_of(&unnoted, "H").as_deref(), Some("15000"));
}

#[test]
fn what_a_holder_lets_is_not_its_own() {
    let gross = [parcel(vec![
        use_of("H", "持有", Some("20000"), None),
        use_of("T", "承租", Some("5000"), None),
    ])];
    assert_eq!(land_of(&gross, "H").as_deref(), Some("15000"));
    assert_eq!(land_of(&gross, "T").as_deref(), Some("5000"));
}

#[test]
fn more_than_the_parcel_has_is_nobodys() {
    let two = [parcel(vec![
        use_of("A", "承租", Some("15000"), None),
        use_of("B", "承租", Some("6000"), None),
    ])];
    assert_eq!((land_of(&two, "A"), land_of(&two, "B")), (None, None));
    assert!(allocate(&two)["A"].notes[0].text.en.contains("more than the parcel's"));
    // Several users and no figure of one tenant: the others keep theirs.
    let open =
        [parcel(vec![use_of("A", "承租", Some("5000"), None), use_of("B", "承租", None, None)])];
    assert_eq!(land_of(&open, "A").as_deref(), Some("5000"));
    assert_eq!(land_of(&open, "B"), None);
}

#[test]
fn land_of_several_parcels_is_known_when_each_part_is() {
    let one = parcel(vec![use_of("A", "自用", Some("100"), None)]);
    let unknown =
        Parcel { area_m2: None, ..parcel(vec![use_of("A", "自用", Some("100"), None)]) };
    assert_eq!(land_of(&[one.clone(), one.clone()], "A").as_deref(), Some("200"));
    assert_eq!(land_of(&[one, unknown], "A"), None);
}

proptest! {
    /// Σ allocated area of a parcel's users ≤ parcel area, but for the rounding of what was stated.
    #[test]
    fn the_users_of_a_parcel_never_have_more_than_it_has(
        area in 1_i64..100_000_000,
        ratio in prop::option::of(1_i64..1_000),
        uses in prop::collection::vec(
            (0_usize..4, 0_usize..5, prop::option::of(0_i64..100_000_000), prop::option::of(0_i64..100_000_000)),
            0..7,
        ),
    ) {
        let (names, roles) = (["A", "B", "C", "H"], ["持有", "自用", "承租", "转租", ""]);
        let cents = |it: i64| Decimal::new(it, 2);
        let uses: Vec<Use> = uses
            .into_iter()
            .map(|(name, role, land, floor)| Use {
                land_m2: land.map(cents),
                floor_m2: floor.map(cents),
                ..use_of(names[name], roles[role], None, None)
            })
            .collect();
        let slack = Decimal::new(i64::try_from(uses.len()).unwrap(), 2);
        let it = Parcel { area_m2: Some(cents(area)), floor_ratio: ratio.map(cents), ..parcel(uses) };
        let lands = allocate(std::slice::from_ref(&it));
        let sum: Decimal = lands.values().filter_map(|it| it.area_m2).sum();
        prop_assert!(sum <= cents(area) + slack, "{sum} of {}", cents(area));
        prop_assert!(lands.values().filter_map(|it| it.area_m2).all(|it| it >= Decimal::ZERO));
    }
}
