//! Golden cases by clause, and what must hold of every answer.

use proptest::prelude::*;

use crate::layer::Layers;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn layers() -> Layers {
    Layers::load(None).unwrap()
}

fn spec(layers: &Layers) -> &Conformity {
    layers.find("conformity").and_then(|it| it.conformity.as_ref()).unwrap()
}

fn hit(code: Option<&str>, limit: Option<&str>, area: Decimal) -> Hit {
    Hit {
        code: Some("1".to_owned()),
        name: None,
        approval_no: None,
        approved_on: None,
        land_use_code: code.map(ToOwned::to_owned),
        far_limit: limit.map(dec),
        area_m2: area,
    }
}

fn known(covered: &str, hits: Vec<Hit>) -> Plan {
    let mut by_use = BTreeMap::new();
    for it in &hits {
        if let Some(code) = &it.land_use_code {
            *by_use.entry(code.clone()).or_default() += it.area_m2;
        }
    }
    Plan::Known { covered_m2: dec(covered), by_use, hits }
}

/// A hectare inside everything that it should be inside of, planned as industry with 2.0.
fn fitting() -> Facts {
    let plans = [
        ("basic_farmland", known("0", vec![])),
        ("eco_redline", known("0", vec![])),
        ("growth_boundary", known("10000", vec![])),
        ("control_plan", known("10000", vec![hit(Some("100101"), Some("2.0"), dec("10000"))])),
        ("industry_layout", known("10000", vec![])),
    ];
    let plans = plans.map(|(id, it)| (id.to_owned(), it));
    Facts { area_m2: dec("10000"), plans: plans.into() }
}

fn industry(far: &str) -> Proposal {
    Proposal {
        land_use: Some("industrial".to_owned()),
        far: Some(dec(far)),
        path: Some("self_renewal".to_owned()),
        ..Proposal::default()
    }
}

fn outcome_of(facts: &Facts, proposal: &Proposal, clause: ClauseId) -> (Outcome, Outcome) {
    let layers = layers();
    let it = decide(&Settings::of(spec(&layers)), proposal, facts);
    // The worst of the clauses of that kind.
    let of = it.clauses.iter().filter(|it| it.clause == clause).map(|it| it.outcome);
    (it.outcome, overall(of))
}

fn with(layer: &str, plan: Plan) -> Facts {
    let mut facts = fitting();
    facts.plans.insert(layer.to_owned(), plan);
    facts
}

#[test]
fn golden_land_that_keeps_every_clause_passes() {
    assert_eq!(outcome_of(&fitting(), &industry("2.0"), ClauseId::Far).0, Outcome::Pass);
}

#[test]
fn golden_protected_land_above_the_tolerance_fails() {
    // A hectare tolerates max(10 m², 0.1 %) = 10 m².
    for (covered, expected) in
        [("10", Outcome::Pass), ("10.01", Outcome::Fail), ("10000", Outcome::Fail)]
    {
        for layer in ["basic_farmland", "eco_redline"] {
            let facts = with(layer, known(covered, vec![]));
            let found = outcome_of(&facts, &industry("1"), ClauseId::Protected);
            assert_eq!(found, (expected, expected), "{layer} {covered}");
        }
    }
}

#[test]
fn golden_outside_the_boundary_fails_and_at_its_edge_the_plan_has_to_change() {
    for (inside, expected) in [
        ("10000", Outcome::Pass),
        ("9990", Outcome::Pass),
        ("9989.99", Outcome::NeedsPlanChange),
        ("9000", Outcome::NeedsPlanChange),
        ("8999.99", Outcome::Fail),
        ("0", Outcome::Fail),
    ] {
        let facts = with("growth_boundary", known(inside, vec![]));
        assert_eq!(outcome_of(&facts, &industry("1"), ClauseId::Boundary).1, expected, "{inside}");
    }
    let facts = with("growth_boundary", known("0", vec![]));
    let reduction = Proposal { path: Some("reduction".to_owned()), ..industry("1") };
    let found = outcome_of(&facts, &reduction, ClauseId::Boundary);
    assert_eq!(found.0, Outcome::Pass, "only reduction is possible there");
}

#[test]
fn golden_a_use_that_the_control_plan_does_not_take_needs_a_change() {
    for (code, land_use, expected) in [
        ("100101", "industrial", Outcome::Pass),
        ("M1", "industrial", Outcome::Pass),
        ("0802", "research", Outcome::Pass),
        ("C65", "research", Outcome::Pass),
        ("0701", "industrial", Outcome::NeedsPlanChange),
        ("1401", "storage", Outcome::NeedsPlanChange),
        // By the code that parcels name it with.
        ("100101", "0601", Outcome::Pass),
        ("100101", "no such use", Outcome::Unknown),
    ] {
        let plots = vec![hit(Some(code), Some("2"), dec("10000"))];
        let facts = with("control_plan", known("10000", plots));
        let proposal = Proposal { land_use: Some(land_use.to_owned()), ..industry("1") };
        assert_eq!(outcome_of(&facts, &proposal, ClauseId::Use).1, expected, "{code} {land_use}");
    }
}

#[test]
fn golden_a_floor_area_ratio_over_the_strictest_limit_needs_a_change() {
    let two = |first: Option<&str>, second: Option<&str>| {
        let plots =
            vec![hit(Some("1001"), first, dec("6000")), hit(Some("1001"), second, dec("4000"))];
        with("control_plan", known("10000", plots))
    };
    for (first, second, far, expected) in [
        (Some("2.0"), Some("1.5"), "1.5", Outcome::Pass),
        (Some("2.0"), Some("1.5"), "1.6", Outcome::NeedsPlanChange),
        (Some("2.0"), None, "2.1", Outcome::NeedsPlanChange),
        // The other plot may have a lower limit.
        (Some("2.0"), None, "1.0", Outcome::Unknown),
        (None, None, "1.0", Outcome::Unknown),
    ] {
        let found = outcome_of(&two(first, second), &industry(far), ClauseId::Far).1;
        assert_eq!(found, expected, "{first:?} {second:?} {far}");
    }
    let missing = Proposal { far: None, ..industry("1") };
    assert_eq!(outcome_of(&fitting(), &missing, ClauseId::Far).1, Outcome::Unknown);
}

#[test]
fn golden_off_the_industry_plan_needs_a_change() {
    let facts = with("industry_layout", known("100", vec![]));
    let found = outcome_of(&facts, &industry("1"), ClauseId::Layout);
    assert_eq!(found, (Outcome::NeedsPlanChange, Outcome::NeedsPlanChange));
}

#[test]
fn a_plan_that_is_missing_or_kept_back_is_unknown() {
    for layer in
        ["basic_farmland", "eco_redline", "growth_boundary", "control_plan", "industry_layout"]
    {
        for plan in [Some(Plan::Missing), Some(Plan::Withheld), None] {
            let mut facts = fitting();
            facts.plans.remove(layer);
            facts.plans.extend(plan.map(|it| (layer.to_owned(), it)));
            let found = outcome_of(&facts, &industry("1"), ClauseId::Far).0;
            assert_eq!(found, Outcome::Unknown, "{layer}");
        }
    }
    // Nor does a control plan say anything of what it does not cover.
    let facts =
        with("control_plan", known("4999", vec![hit(Some("1001"), Some("2"), dec("4999"))]));
    assert_eq!(outcome_of(&facts, &industry("1"), ClauseId::Use).1, Outcome::Unknown);
    let nothing = Facts { area_m2: Decimal::ZERO, ..fitting() };
    assert_eq!(outcome_of(&nothing, &industry("1"), ClauseId::Far).0, Outcome::Unknown);
}

#[test]
fn the_control_plan_may_have_plots_without_a_code() {
    let plots = |coded: &str, uncoded: &str| {
        let plots = vec![hit(Some("1001"), Some("2"), dec(coded)), hit(None, None, dec(uncoded))];
        with("control_plan", known("10000", plots))
    };
    // The larger part may be anything.
    let found = outcome_of(&plots("4000", "6000"), &industry("1"), ClauseId::Use).1;
    assert_eq!(found, Outcome::Unknown);
    let found = outcome_of(&plots("6000", "4000"), &industry("1"), ClauseId::Use).1;
    assert_eq!(found, Outcome::Pass);
}

fn any_plan() -> impl Strategy<Value = Option<Plan>> {
    let code = prop::option::of(prop::sample::select(vec!["100101", "0701", "M1", "C65"]));
    let limit = prop::option::of(prop::sample::select(vec!["1.0", "2.0"]));
    let hits = prop::collection::vec((code, limit, 0..6_000_i64), 0..4);
    let known = hits.prop_map(|hits| {
        let hits: Vec<Hit> =
            hits.into_iter().map(|(code, limit, area)| hit(code, limit, area.into())).collect();
        let covered: Decimal = hits.iter().map(|it| it.area_m2).sum();
        known(&covered.min(dec("10000")).to_string(), hits)
    });
    prop_oneof![
        Just(None),
        Just(Some(Plan::Missing)),
        Just(Some(Plan::Withheld)),
        known.prop_map(Some)
    ]
}

proptest! {
    #[test]
    fn unknown_is_never_a_pass_and_the_order_of_polygons_changes_nothing(
        plans in prop::collection::vec(any_plan(), 5),
        far in prop::option::of(0..40_i64),
        path in prop::option::of(prop::sample::select(vec!["self_renewal", "reduction", "acquisition"])),
    ) {
        let layers = layers();
        let spec = spec(&layers);
        let settings = Settings::of(spec);
        let mut facts = Facts { area_m2: dec("10000"), plans: BTreeMap::new() };
        for (id, plan) in spec.layers().zip(plans) {
            facts.plans.extend(plan.map(|it| (id.to_owned(), it)));
        }
        let proposal = Proposal {
            land_use: Some("industrial".to_owned()),
            far: far.map(|it| Decimal::new(it, 1)),
            path: path.map(ToOwned::to_owned),
            ..Proposal::default()
        };
        let found = decide(&settings, &proposal, &facts);
        if found.outcome == Outcome::Pass {
            for it in &found.clauses {
                prop_assert!(matches!(it.outcome, Outcome::Pass | Outcome::NotApplicable), "{it:?}");
                let known = matches!(facts.plans.get(&it.layer), Some(Plan::Known { .. }));
                prop_assert!(known || it.outcome == Outcome::NotApplicable, "{it:?}");
            }
        }
        for plan in facts.plans.values_mut() {
            if let Plan::Known { hits, .. } = plan {
                hits.reverse();
            }
        }
        let again = decide(&settings, &proposal, &facts);
        prop_assert_eq!(found.outcome, again.outcome);
        prop_assert_eq!(found.plan_use, again.plan_use);
        prop_assert_eq!(found.plan_far, again.plan_far);
    }
}
