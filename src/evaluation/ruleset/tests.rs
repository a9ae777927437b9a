//! Which rule set is applied, and what the shipped ones say of parcels that their texts describe.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::*;
use crate::cql::Value;
use crate::evaluation::check_rules;
use crate::judgement::rule::Judgement;
use crate::judgement::rule::Verdict;
use crate::judgement::rule::judge;

fn adopted(version: i64, from: &str, text: &str) -> Candidate {
    let old = "valid_from  = 2025-01-01";
    assert!(text.contains(old));
    Candidate {
        id: "general-2025".to_owned(),
        text: text.replace(old, &format!("valid_from  = {from}")),
        rule_set_id: Some(version),
        version,
    }
}

#[test]
fn what_was_adopted_last_is_applied_from_its_day_on() {
    let layers = Layers::load(None).unwrap();
    let layer = layers.find("low_efficiency").unwrap();
    let text = &layer.rules["general-2025"];
    let chosen = |more: &[Candidate], asked: Option<&str>, year| {
        let all = files(layer).into_iter().chain(more.iter().cloned()).collect();
        let found = choose(&layers, layer, all, asked, year).unwrap();
        found.map(|(it, _)| (it.id, it.version))
    };
    let general = |version| Some(("general-2025".to_owned(), version));
    assert_eq!(chosen(&[], None, 2025), general(0));
    assert_eq!(chosen(&[], None, 2031), None, "sets of elsewhere are never chosen by date");
    let two = [adopted(2, "2025-07-01", text), adopted(3, "2025-07-01", text)];
    assert_eq!(chosen(&two, None, 2025), general(3));
    assert_eq!(chosen(&two, Some("general-2025"), 2025), general(3));
    assert_eq!(
        chosen(&[adopted(2, "2026-01-01", &text.replace("2026-01-01", "2027-01-01"))], None, 2025),
        general(0)
    );
    assert_eq!(chosen(&[], Some("general-2025"), 2030), general(0), "whoever asks for it gets it");
}

#[test]
fn every_shipped_rule_set_is_sound_and_says_whence_it_comes() {
    let layers = Layers::load(None).unwrap();
    check_rules(&layers).unwrap();
    let sets = &layers.find("low_efficiency").unwrap().rules;
    for id in [
        "general-2025",
        "idle-2012",
        "taizhou-2025",
        "dongyang-2021",
        "hengyang-2022",
        "hengyang-2022-county",
        "minhou-2018",
        "unnamed-city",
        "three-high-three-low",
    ] {
        let set = read(&layers, &sets[id], 2025).unwrap();
        assert_eq!(set.on_request, id != "general-2025", "{id}");
        assert!(!set.legal_basis.is_empty(), "{id}");
        assert!(
            set.rules.iter().any(|it| it.effect == crate::judgement::rule::Effect::Low),
            "{id}"
        );
    }
}

/// What a shipped rule set says at the end of 2025 of a parcel: numbers, days and texts as their fields have them.
fn said(id: &str, facts: &[(&'static str, &'static str)]) -> Judgement {
    let layers = Layers::load(None).unwrap();
    let fields = fields(&layers);
    let known: HashMap<&str, Value<'static>> = facts
        .iter()
        .map(|(name, text)| {
            let value = match fields[*name].kind {
                crate::cql::Type::Date => Value::Date(text.parse::<NaiveDate>().unwrap()),
                crate::cql::Type::Boolean => Value::Bool(*text == "true"),
                crate::cql::Type::Text => Value::Text((*text).into()),
                _ => Value::Number(text.parse::<Decimal>().unwrap()),
            };
            (*name, value)
        })
        .collect();
    let text = &layers.find("low_efficiency").unwrap().rules[id];
    let set = read(&layers, text, 2025).unwrap();
    judge(&set, &move |name: &str| known.get(name).cloned().unwrap_or(Value::Null))
}

fn low(id: &str, facts: &[(&'static str, &'static str)]) -> Vec<String> {
    let it = said(id, facts);
    assert_eq!(it.verdict, Verdict::Low, "{facts:?}: {:?}", it.reasons);
    it.reasons
}

#[test]
fn idle_land_is_found_by_every_clause_of_the_regulation() {
    let bare = [("status", "闲置"), ("construction_started", "false")];
    let with = |more: &[(&'static str, &'static str)]| [&bare[..], more].concat();
    assert_eq!(low("idle-2012", &with(&[("contract_start", "2024-12-31")])), ["idle_not_started"]);
    assert_eq!(
        low("idle-2012", &with(&[("contract_start", "2023-12-31")])),
        ["idle_not_started", "idle_reclaim"]
    );
    assert_eq!(
        said("idle-2012", &with(&[("contract_start", "2025-01-01")])).verdict,
        Verdict::Ok,
        "not yet a year"
    );
    let stalled = |developed, invested, since| {
        [
            ("status", "闲置"),
            ("construction_started", "true"),
            ("contract_start", "2020-01-01"),
            ("developed_share", developed),
            ("invested_share", invested),
            ("suspended_since", since),
        ]
    };
    assert_eq!(low("idle-2012", &stalled("0.333333", "0.9", "2024-12-31")), ["idle_suspended"]);
    assert_eq!(low("idle-2012", &stalled("0.9", "0.2499", "2024-12-31")), ["idle_suspended"]);
    assert_eq!(said("idle-2012", &stalled("0.3334", "0.25", "2020-12-31")).verdict, Verdict::Ok);
    assert_eq!(said("idle-2012", &stalled("0.1", "0.1", "2025-01-01")).verdict, Verdict::Ok);
    let delayed = with(&[("contract_start", "2020-01-01"), ("delay_cause", "政府原因")]);
    assert_eq!(said("idle-2012", &delayed).reasons, ["government_delay"]);
    assert_eq!(said("idle-2012", &[("status", "在用")]).verdict, Verdict::Ok);
    let unknown = said("idle-2012", &[("contract_start", "2020-01-01")]);
    assert_eq!(unknown.verdict, Verdict::Unknown);
    let missing: Vec<&str> = unknown
        .evidence
        .iter()
        .find(|it| it.rule == "idle_reclaim")
        .unwrap()
        .missing
        .iter()
        .map(|it| it.supplier.zh.as_str())
        .collect();
    assert_eq!(missing, ["自然资源和规划部门（批后监管）", "自然资源和规划部门"]);
}

#[test]
fn local_sets_say_what_their_texts_say() {
    let tax = |it| [("tax_wan_per_mu", it), ("area_mu", "2.9"), ("far", "1.2")];
    assert_eq!(low("dongyang-2021", &tax("4.999999")), ["tax_below_floor"]);
    assert_eq!(
        low("dongyang-2021", &[("tax_wan_per_mu", "4"), ("area_mu", "3")]),
        ["tax_below_floor", "key_list"]
    );
    assert_eq!(said("dongyang-2021", &tax("5")).verdict, Verdict::Ok);
    assert_eq!(low("hengyang-2022", &tax("3.9")), ["tax_below_floor"]);
    assert_eq!(said("hengyang-2022-county", &tax("3.9")).verdict, Verdict::Ok);
    assert_eq!(low("taizhou-2025", &[("far", "0.99"), ("tax_wan_per_mu", "50")]), ["far_low"]);
    assert_eq!(said("taizhou-2025", &[("far", "1"), ("tax_wan_per_mu", "0")]).verdict, Verdict::Ok);
    let stalled = [
        ("developed_share", "0.34"),
        ("invested_share", "0.26"),
        ("suspended_since", "2024-12-31"),
        ("years_without_tax", "0"),
    ];
    assert_eq!(low("minhou-2018", &stalled), ["stalled"]);
    assert_eq!(low("minhou-2018", &[("years_without_tax", "2")]), ["no_tax_two_years"]);
    assert_eq!(
        low("unnamed-city", &[("status", "在建"), ("contract_finish", "2023-12-31")]),
        ["completion_overdue"]
    );
    assert_eq!(
        low("three-high-three-low", &[("industry_code", "C3130"), ("tax_wan_per_mu", "9")]),
        ["high_energy_low_tax"]
    );
    assert_eq!(
        low("three-high-three-low", &[("value_added_wan_per_tce", "0.4")]),
        ["energy_per_output"]
    );
}
