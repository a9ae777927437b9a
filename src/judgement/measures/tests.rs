//! Golden cases of measures, and what a missing figure does.

use proptest::prelude::*;

use super::*;
use crate::cql;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn taxed(tax_wan: &str) -> Figures {
    Figures { tax_wan: Some(dec(tax_wan)), ..Figures::default() }
}

fn occupant(part: Part, years: [Figures; 3]) -> Occupant {
    Occupant { uscc: "91512081MA62K0260E".to_owned(), parts: [Some(part); 3], years }
}

/// Ten 亩, registered.
fn parcel(occupants: Vec<Occupant>) -> ParcelFacts {
    let area_registered_m2 = measure::m2_from_mu(dec("10"));
    ParcelFacts { area_registered_m2, occupants, ..ParcelFacts::default() }
}

fn get(it: &ParcelMeasures, name: &str) -> Option<Decimal> {
    it.values[name]
}

#[test]
fn the_catalogue_has_every_measure_in_order() {
    let computed = measures(&ParcelFacts::default());
    let names: Vec<&str> = MEASURES.iter().map(|it| it.name).collect();
    assert_eq!(computed.values.keys().copied().collect::<Vec<_>>(), names);
    for it in MEASURES {
        let about = ["tax", "output", "value_added", "energy", "employees"];
        assert_eq!(it.confidential, about.iter().any(|word| it.name.contains(word)), "{}", it.name);
    }
}

#[test]
fn a_missing_occupant_makes_the_sum_missing_and_the_note_says_so() {
    let years = |tax: Figures| [tax, Figures::default(), Figures::default()];
    let it = measures(&parcel(vec![
        occupant(Part::whole(), years(taxed("10"))),
        occupant(Part::whole(), years(taxed("20"))),
        occupant(Part::whole(), years(Figures::default())),
    ]));
    assert_eq!((get(&it, "tax_wan"), get(&it, "tax_wan_per_mu")), (None, None));
    let note = it.notes.iter().find(|it| it.measure == "tax_wan").unwrap();
    assert_eq!(note.text, Text::new("3 户中 2 户有数", "2 of 3 occupants reported"));
    assert_eq!(get(&it, "enterprise_count"), Some(dec("3")));
    assert_eq!(get(&it, "enterprises_reported"), Some(dec("2")));
}

#[test]
fn figures_are_split_by_land_then_floor_then_whole() {
    let place = |parcel_code, land: Option<&str>, floor: Option<&str>| Allocation {
        parcel_code,
        share: None,
        land_m2: land.map(dec),
        floor_m2: floor.map(dec),
    };
    let by_land = [place("A", Some("100"), Some("1")), place("B", Some("300"), Some("9"))];
    assert_eq!(part_of("A", &by_land).take(dec("8")), Some(dec("2")));
    let by_floor = [
        place("A", None, Some("1")),
        place("B", Some("300"), Some("3")),
        place("A", None, Some("1")),
    ];
    assert_eq!(part_of("A", &by_floor).take(dec("10")), Some(dec("4")));
    assert_eq!(part_of("A", &[place("A", None, None)]), Part::whole());
    assert_eq!(part_of("A", &[place("A", None, None), place("B", None, None)]), Part::Unknown);
    assert_eq!(part_of("C", &by_land), Part::nothing());
}

#[test]
fn a_share_that_was_agreed_wins_and_more_than_the_whole_is_no_answer() {
    let place = |parcel_code, share: Option<&str>| Allocation {
        parcel_code,
        share: share.map(dec),
        land_m2: Some(dec("100")),
        floor_m2: None,
    };
    let agreed = [place("A", Some("0.25")), place("B", Some("0.5"))];
    assert_eq!(part_of("A", &agreed).take(dec("8")), Some(dec("2")));
    // The last quarter is outside of the district.
    assert_eq!(part_of("B", &agreed).take(dec("8")), Some(dec("4")));
    assert_eq!(part_of("A", &[place("A", Some("0.4"))]).take(dec("10")), Some(dec("4")));
    assert_eq!(part_of("A", &[place("A", Some("0.6")), place("B", Some("0.5"))]), Part::Unknown);
    // One place without a share: by land.
    let some = [place("A", Some("0.25")), place("B", None)];
    assert_eq!(part_of("A", &some).take(dec("8")), Some(dec("4")));
}

#[test]
fn thirds_of_ten_wan_are_shared_out_to_the_cent() {
    let third = |parcel_code| Allocation {
        parcel_code,
        share: None,
        land_m2: Some(dec("1")),
        floor_m2: None,
    };
    let places = [third("A"), third("B"), third("C")];
    let parts = ["A", "B", "C"].map(|it| part_of(it, &places).take(dec("10")).unwrap());
    assert_eq!(parts, ["3.333333", "3.333334", "3.333333"].map(dec));
}

#[test]
fn figures_of_a_year_go_to_the_parcels_of_that_year() {
    let years = [taxed("30"), taxed("20"), taxed("10")];
    let mut moved = occupant(Part::whole(), years);
    // It came two years ago to another parcel and is here since last year.
    moved.parts[2] = None;
    let it = measures(&parcel(vec![moved.clone()]));
    assert_eq!(get(&it, "tax_wan_per_mu"), Some(dec("3")));
    assert_eq!(get(&it, "tax_wan_per_mu_prev1"), Some(dec("2")));
    assert_eq!(get(&it, "tax_wan_per_mu_prev2"), None);
    // It has left: it counts neither as an occupant nor with its figures.
    moved.parts = [None, Some(Part::whole()), None];
    let it = measures(&parcel(vec![moved]));
    assert_eq!((get(&it, "enterprise_count"), get(&it, "tax_wan")), (Some(dec("0")), None));
    assert_eq!(get(&it, "tax_wan_per_mu_prev1"), Some(dec("2")));
}

#[test]
fn a_holder_who_uses_nothing_neither_adds_nor_hides() {
    let years = [taxed("30"), Figures::default(), Figures::default()];
    let it = measures(&parcel(vec![
        occupant(Part::whole(), years),
        occupant(Part::nothing(), <[Figures; 3]>::default()),
    ]));
    assert_eq!(get(&it, "tax_wan_per_mu"), Some(dec("3")));
}

#[test]
fn a_parcels_own_figure_wins_and_is_named() {
    let mut facts = parcel(vec![occupant(Part::Unknown, [taxed("1"), taxed("1"), taxed("1")])]);
    facts.own[0] = Figures { assessed_value_wan: Some(dec("1000")), ..taxed("50") };
    let it = measures(&facts);
    assert_eq!(get(&it, "tax_wan_per_mu"), Some(dec("5")));
    assert_eq!(get(&it, "assessed_value_wan_per_mu"), Some(dec("100")));
    assert!(it.notes.iter().any(|it| it.measure == "tax_wan" && it.text.en.contains("own")));
    assert_eq!(get(&it, "tax_wan_per_mu_prev1"), None, "the occupant cannot be split");
}

#[test]
fn years_without_tax_are_counted_only_as_far_as_they_are_known() {
    let count = |years: [Figures; 3]| {
        get(&measures(&parcel(vec![occupant(Part::whole(), years)])), "years_without_tax")
    };
    assert_eq!(count([taxed("0"), taxed("0"), taxed("5")]), Some(dec("2")));
    assert_eq!(count([taxed("5"), Figures::default(), Figures::default()]), Some(dec("0")));
    assert_eq!(count([taxed("0"), taxed("0"), Figures::default()]), None);
    assert_eq!(count([taxed("0"), taxed("0"), taxed("0")]), Some(dec("3")));
}

#[test]
fn high_storeys_count_twice_in_the_floor_area_ratio() {
    let building = |height: Option<&str>| Building {
        floor_area_m2: Some(dec("1000")),
        footprint_m2: Some(dec("1000")),
        storey_height_m: height.map(dec),
        vacant_area_m2: height.map(|_| dec("250")),
    };
    let facts = ParcelFacts {
        area_geom_m2: Some(dec("10000")),
        buildings: vec![building(Some("8")), building(Some("8.01")), building(None)],
        far_reported: Some(dec("2.5")),
        ..ParcelFacts::default()
    };
    let it = measures(&facts);
    assert_eq!(get(&it, "far"), Some(dec("0.4")));
    assert_eq!(get(&it, "coverage"), Some(dec("0.3")));
    assert_eq!(get(&it, "gfa_m2"), Some(dec("3000")));
    assert_eq!(it.area_basis, Some(Basis::Measured), "no registered area");
    assert!(
        it.notes.iter().any(|it| it.measure == "far")
            && it.notes.iter().any(|it| it.measure == "area_mu")
    );
    assert_eq!(get(&it, "vacancy"), None, "of one of three nobody knows");
    let known = ParcelFacts { buildings: facts.buildings[..2].to_vec(), ..facts.clone() };
    assert_eq!(get(&measures(&known), "vacancy"), Some(dec("0.25")), "500 of 2000 m²");
    let none = ParcelFacts { buildings: Vec::new(), ..facts.clone() };
    assert_eq!(get(&measures(&none), "vacancy"), None, "nothing is no floor without vacancy");
    let unknown = ParcelFacts { buildings: vec![Building::default()], ..facts };
    assert_eq!(get(&measures(&unknown), "far"), Some(dec("2.5")), "as reported");
    assert_eq!(get(&measures(&unknown), "coverage"), None);
}

#[test]
fn a_sectors_guide_is_a_measure_and_each_year_is_held_against_its_own() {
    let guide =
        |tax: Option<&str>| Guide { tax_wan_per_mu: tax.map(dec), far_min: Some(dec("1.2")) };
    let below = |taxes: [Figures; 3], guides: [Option<&str>; 3]| {
        let facts = parcel(vec![occupant(Part::whole(), taxes)]);
        measures(&ParcelFacts { guides: guides.map(guide), ..facts })
    };
    let taxes = || [taxed("49"), taxed("59"), taxed("90")];
    let it = below(taxes(), [Some("5"), Some("6"), Some("8")]);
    assert_eq!(get(&it, "sector_tax_guide_wan_per_mu"), Some(dec("5")));
    assert_eq!(get(&it, "sector_far_min"), Some(dec("1.2")));
    assert_eq!(get(&it, "years_tax_below_guide"), Some(dec("2")), "4.9 < 5, 5.9 < 6, 9 > 8");
    // What is not below is nought; what nobody published or reported may lengthen the row.
    let it = below(taxes(), [Some("4.9"), None, None]);
    assert_eq!(get(&it, "years_tax_below_guide"), Some(dec("0")), "4.9 is not below 4.9");
    let it = below(taxes(), [Some("5"), None, Some("8")]);
    assert_eq!(get(&it, "years_tax_below_guide"), None);
    let it =
        below([taxed("49"), Figures::default(), taxed("0")], [Some("5"), Some("5"), Some("5")]);
    assert_eq!(get(&it, "years_tax_below_guide"), None);
    let it = measures(&parcel(vec![occupant(Part::whole(), taxes())]));
    assert_eq!(
        (get(&it, "sector_tax_guide_wan_per_mu"), get(&it, "years_tax_below_guide")),
        (None, None)
    );
}

#[test]
fn measures_are_a_row_for_rules() {
    let it = measures(&parcel(vec![occupant(
        Part::whole(),
        [taxed("30"), taxed("30"), Figures::default()],
    )]));
    let decide = |text: &str| cql::eval::eval(&cql::parse_checked(text, &fields()).unwrap(), &it);
    assert_eq!(decide("tax_wan_per_mu < 5"), cql::Truth::True);
    assert_eq!(decide("tax_wan_per_mu_prev2 < 5"), cql::Truth::Unknown);
    assert_eq!(decide("tax_wan_per_mu_prev2 IS NULL AND area_mu = 10"), cql::Truth::True);
}

proptest! {
    /// What an enterprise reported is shared out whole: to the millionth of 万元, which is the cent.
    #[test]
    fn the_parts_of_an_enterprise_sum_to_its_figure(
        places in proptest::collection::vec((0_usize..5, 0_i64..1_000_000_000, 0_i64..1_000_000), 1..9),
        by in 0..3,
        figure in -100_000_000_i64..100_000_000_000,
        scale in 0_u32..=6,
    ) {
        let codes = ["0", "1", "2", "3", "4"];
        let shares: i64 = places.iter().map(|it| it.2).sum();
        let places: Vec<Allocation<'_>> = places
            .iter()
            .map(|(code, area, share)| Allocation {
                parcel_code: codes[*code],
                share: (by == 0 && shares > 0).then(|| Decimal::new(*share, 0) / Decimal::new(shares, 0)),
                land_m2: (by == 1).then(|| Decimal::new(*area, 2)),
                floor_m2: Some(Decimal::new(*area, 2)),
            })
            .collect();
        let figure = Decimal::new(figure, scale);
        let parts: Vec<Part> = codes.iter().map(|it| part_of(it, &places)).collect();
        prop_assume!(!parts.contains(&Part::Unknown));
        // Shares such as 1/3 do not end: what was written down is what counts.
        let whole: Decimal = places.iter().map(|it| it.share.unwrap_or(Decimal::ONE)).sum();
        let whole = if places[0].share.is_some() { whole } else { Decimal::ONE };
        let sum: Decimal = parts.iter().map(|it| it.take(figure).unwrap()).sum();
        prop_assert_eq!(Some(sum), measure::stored(figure * whole));
        for (part, code) in parts.iter().zip(codes) {
            let none = !places.iter().any(|it| it.parcel_code == code);
            prop_assert!(!none || part.take(figure) == Some(Decimal::ZERO));
        }
    }
}
