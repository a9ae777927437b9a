//! Verdicts, evidence and faults of rule sets.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::cql::Type;
use crate::cql::Value;
use crate::judgement::measures;

/// 东阳's threshold, 台州's floor area ratio, and an exemption for land under construction.
const RULES: &str = r#"
title = { zh = "工业用地低效认定", en = "Low-efficiency industrial land" }
legal_basis = "台州市城镇低效用地认定办法 2025"
valid_from = 2025-01-01

[[rule]]
id = "tax_low"
title = { zh = "亩均税收偏低", en = "Low tax per mu" }
when = "tax_wan_per_mu < 5"
effect = "low"
basis = "东阳意见"
sentence = { zh = "亩均税收 {tax_wan_per_mu} 万元，低于 5 万元", en = "tax of {tax_wan_per_mu} wan per mu is below 5" }

[[rule]]
id = "far_low"
title = { zh = "容积率偏低", en = "Low floor area ratio" }
when = "far < 1.0"
effect = "low"
basis = "台州办法"
sentence = { zh = "容积率 {far}，低于 1.0", en = "a ratio of {far} is below 1.0" }

[[rule]]
id = "building"
title = { zh = "在建", en = "Under construction" }
when = "status = '在建'"
effect = "exempt"
basis = "台州办法"
sentence = { zh = "土地在建", en = "the land is being built on" }
"#;

fn fields() -> BTreeMap<String, cql::Field> {
    let mut fields = measures::fields();
    fields.insert("status".to_owned(), Type::Text.column("status"));
    fields
}

fn rules() -> RuleSet {
    RuleSet::parse(RULES, &fields()).unwrap()
}

fn row(tax: Option<&str>, far: Option<&str>, status: Option<&'static str>) -> impl Row + use<> {
    let number = |it: Option<&str>| Value::from(it.map(|it| it.parse::<Decimal>().unwrap()));
    let (tax, far) = (number(tax).into_owned(), number(far).into_owned());
    move |name: &str| match name {
        "tax_wan_per_mu" => tax.clone(),
        "far" => far.clone(),
        "status" => status.into(),
        _ => Value::Null,
    }
}

fn verdict(
    tax: Option<&str>,
    far: Option<&str>,
    status: Option<&'static str>,
) -> (Verdict, Vec<String>) {
    let it = judge(&rules(), &row(tax, far, status));
    (it.verdict, it.reasons)
}

fn because(verdict: Verdict, reasons: &[&str]) -> (Verdict, Vec<String>) {
    (verdict, reasons.iter().map(|it| (*it).to_owned()).collect())
}

#[test]
fn a_hit_is_low_and_a_missing_figure_beside_it_changes_nothing() {
    assert_eq!(
        verdict(Some("3"), Some("0.5"), Some("在用")),
        because(Verdict::Low, &["tax_low", "far_low"])
    );
    assert_eq!(verdict(Some("3"), None, Some("在用")), because(Verdict::Low, &["tax_low"]));
    assert_eq!(verdict(Some("5"), Some("1"), Some("在用")), because(Verdict::Ok, &[]));
}

#[test]
fn missing_tax_is_to_be_verified_not_low() {
    assert_eq!(verdict(None, Some("1.2"), Some("在用")), because(Verdict::Unknown, &["tax_low"]));
}

#[test]
fn an_exemption_wins_over_hits_and_over_missing_figures() {
    assert_eq!(verdict(Some("3"), None, Some("在建")), because(Verdict::Ok, &["building"]));
    assert_eq!(verdict(None, None, Some("在建")), because(Verdict::Ok, &["building"]));
}

#[test]
fn an_exemption_that_cannot_be_decided_makes_a_hit_unknown() {
    assert_eq!(
        verdict(Some("3"), Some("2"), None),
        because(Verdict::Unknown, &["tax_low", "building"])
    );
    // Nothing to exempt from: whatever the status is, the parcel is ok.
    assert_eq!(verdict(Some("9"), Some("2"), None), because(Verdict::Ok, &[]));
}

#[test]
fn evidence_has_inputs_and_a_sentence_for_every_rule() {
    let it = judge(&rules(), &row(Some("3.210000"), None, Some("在用")));
    assert_eq!(it.evidence.len(), 3);
    insta::assert_json_snapshot!(it.evidence[0], @r#"
    {
      "rule": "tax_low",
      "title": {
        "zh": "亩均税收偏低",
        "en": "Low tax per mu"
      },
      "basis": "东阳意见",
      "when": "tax_wan_per_mu < 5",
      "result": "true",
      "effect": "low",
      "inputs": {
        "tax_wan_per_mu": "3.210000"
      },
      "sentence": {
        "zh": "亩均税收 3.21 万元，低于 5 万元",
        "en": "tax of 3.21 wan per mu is below 5"
      }
    }
    "#);
    assert_eq!(
        it.evidence[1].sentence.zh,
        "“容积率偏低”待核实：缺少容积率（自然资源和规划部门提供）"
    );
    assert_eq!(it.evidence[1].inputs["far"], None);
    assert_eq!(it.evidence[2].sentence.en, "does not meet \"Under construction\"");
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let bad = RULES
        .replace("far < 1.0", "farr < 1.0")
        .replace("id = \"building\"", "id = \"tax_low\"")
        .replace("{tax_wan_per_mu} wan", "{tax} wan");
    let faults = RuleSet::parse(&bad, &fields()).unwrap_err();
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].contains("`tax`")
            && told[1].contains("twice")
            && told[2].contains("did you mean `far`?"),
        "{told:?}"
    );
    for text in [
        RULES.replace("effect = \"exempt\"", "effect = \"maybe\""),
        RULES.replace("legal_basis", "legal_bases"),
        RULES.replace("2025-01-01", "'2025-13-01'"),
        RULES.replace("valid_from = 2025-01-01", "valid_from = 2025-01-01\nvalid_to = 2024-01-01"),
        RULES.replace("far < 1.0", "S_INTERSECTS(POINT(1 2), POINT(1 2))"),
    ] {
        assert_eq!(RuleSet::parse(&text, &fields()).unwrap_err().len(), 1, "{text}");
    }
}

#[test]
fn a_rule_set_holds_from_its_first_day_to_the_day_before_its_end() {
    let set = RuleSet::parse(
        &RULES.replace("2025-01-01", "'2025-01-01'\nvalid_to = 2026-01-01"),
        &fields(),
    )
    .unwrap();
    let on = |text: &str| set.is_valid_on(text.parse().unwrap());
    assert_eq!(
        [on("2024-12-31"), on("2025-01-01"), on("2025-12-31"), on("2026-01-01")],
        [false, true, true, false]
    );
    assert_eq!(
        set.properties().into_iter().collect::<Vec<_>>(),
        ["far", "status", "tax_wan_per_mu"]
    );
}

proptest! {
    /// Filling in a missing figure may settle a verdict; it never turns one settled verdict into the other.
    #[test]
    fn more_knowledge_never_contradicts(
        tax in proptest::option::of(0_i64..10), far in proptest::option::of(0_i64..3), built in proptest::option::of(any::<bool>()),
        new_tax in 0_i64..10, new_far in 0_i64..3, new_built in any::<bool>(),
    ) {
        let decide = |tax: Option<i64>, far: Option<i64>, built: Option<bool>| {
            let text = |it: Option<i64>| it.map(|it| it.to_string());
            verdict(text(tax).as_deref(), text(far).as_deref(), built.map(|it| if it { "在建" } else { "在用" })).0
        };
        let before = decide(tax, far, built);
        let after = decide(tax.or(Some(new_tax)), far.or(Some(new_far)), built.or(Some(new_built)));
        prop_assert!(after != Verdict::Unknown);
        prop_assert!(before == Verdict::Unknown || before == after);
    }
}

/// A named threshold, a group of two, a rule that is nothing by itself, and one with dates of its own.
const GROUPED: &str = r#"
title = { zh = "一", en = "one" }
legal_basis = "-"
valid_from = 2025-01-01

[parameter.tax_floor]
title = { zh = "下限", en = "floor" }
unit = "wan_per_mu"
value = 4.5
min = 0
max = 20

[parameter.state]
title = { zh = "状态", en = "state" }
value = "在用"

[[rule]]
id = "poor"
title = { zh = "低税", en = "low tax" }
when = "tax_wan_per_mu < :tax_floor"
effect = "part"

[[rule]]
id = "sparse"
title = { zh = "低密", en = "sparse" }
when = "far < 1"
effect = "part"

[[rule]]
id = "both"
title = { zh = "又低又疏", en = "both" }
all = ["poor", "sparse"]
effect = "low"
basis = "-"
sentence = { zh = "亩均税收 {tax_wan_per_mu} 低于 {:tax_floor}", en = "tax {tax_wan_per_mu} below {:tax_floor}" }

[[rule]]
id = "used"
title = { zh = "在用", en = "in use" }
when = "status = :state AND DATE('2025-06-30') > :year_end"
effect = "exempt"
basis = "-"
sentence = { zh = "在用", en = "in use" }
valid_to = 2025-07-01
"#;

#[test]
fn a_group_holds_where_its_parts_do_and_a_part_by_itself_is_nothing() {
    let set = RuleSet::parse(GROUPED, &fields()).unwrap();
    assert_eq!(set.rules.len(), 3, "one is over before the year ends");
    let of = |tax, far| judge(&set, &row(tax, far, None));
    let both = of(Some("4.4"), Some("0.5"));
    assert_eq!((both.verdict, both.reasons), (Verdict::Low, vec!["both".to_owned()]));
    assert_eq!(both.evidence[2].sentence.zh, "亩均税收 4.4 低于 4.5");
    assert_eq!(both.evidence[2].parts, ["poor", "sparse"]);
    assert_eq!(both.evidence[2].thresholds["tax_floor"], "4.5");
    assert_eq!(both.evidence[2].when, "tax_wan_per_mu < 4.5 AND far < 1");
    assert_eq!(of(Some("4.4"), Some("1")).verdict, Verdict::Ok);
    let unknown = of(None, Some("0.5"));
    assert_eq!((unknown.verdict, unknown.reasons), (Verdict::Unknown, vec!["both".to_owned()]));
    assert_eq!(unknown.evidence[0].missing[0].supplier.zh, "税务部门");
    assert_eq!(of(None, Some("1")).verdict, Verdict::Ok);
}

#[test]
fn what_is_wrong_with_parameters_and_groups_is_told_with_its_place() {
    let told = |from: &str, to: &str| {
        let text = GROUPED.replace(from, to);
        assert_ne!(text, GROUPED, "{from}");
        let faults = RuleSet::parse(&text, &fields()).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(told("< :tax_floor", "< :tax_flor").contains("did you mean `:tax_floor`?"));
    assert!(told("value = 4.5", "value = \"4.5\"").contains("`min` 应为数字"));
    assert!(told("value = 4.5\nmin = 0", "value = \"x\"\nmin = 0").contains("min"));
    assert!(told("max = 20", "max = 4").contains("4.5 is not between"));
    assert!(told("[parameter.state]", "[parameter.year_end]").contains("year judged"));
    assert!(told("\"sparse\"]", "\"sparce\"]").contains("did you mean `sparse`?"));
    assert!(told("\"sparse\"]", "\"both\"]").contains("both → both"));
    let circle = GROUPED.replace("when = \"far < 1\"", "any = [\"both\"]");
    let faults = RuleSet::parse(&circle, &fields()).unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].why.contains("sparse → both → sparse"), "{faults:?}");
    assert!(told("低于 {:tax_floor}", "低于 {:tax_flor}").contains("`:tax_floor`?"));
    assert!(
        told("all = [\"poor\"", "when = \"far < 1\"\nall = [\"poor\"").contains("one of `when`")
    );
    assert!(
        told("basis = \"-\"\nsentence = { zh = \"亩", "sentence = { zh = \"亩").contains("`basis`")
    );
    let many = vec!["far < 1"; 1_500].join(" OR ");
    assert!(told("far < 1", &many).contains("5000"));
}

#[test]
fn a_threshold_is_changed_in_the_tree_and_nowhere_else() {
    let changes = |text: &str| serde_json::from_str::<Changes>(text).unwrap();
    let of = |text: &str| changed(GROUPED, &changes(text), None);
    let text = of(r#"{"parameters": {"tax_floor": 6.25, "state": "x' OR 1=1"}}"#).unwrap();
    let set = RuleSet::parse(&text, &fields()).unwrap();
    assert_eq!(set.parameters["tax_floor"].value, "6.25");
    assert_eq!(judge(&set, &row(Some("6.2"), Some("0.5"), Some("在用"))).verdict, Verdict::Low);
    let text =
        of(r#"{"rules": {"both": null, "new": {"when": "far < 2", "effect": "low"}}}"#).unwrap();
    let set = RuleSet::parse(&text, &fields()).unwrap();
    assert_eq!(judge(&set, &row(None, Some("1.9"), None)).reasons, ["new"]);
    for (bad, says) in [
        (r#"{"parameters": {"tax_flor": 6}}"#, "did you mean `tax_floor`?"),
        (r#"{"parameters": {"tax_floor": "much"}}"#, "kind of"),
        (r#"{"parameters": {"tax_floor": 1.2345678901234567}}"#, "15 digits"),
        (r#"{"parameters": {"state": 1}}"#, "kind of"),
        (r#"{"rules": {"none": null}}"#, "no rule"),
    ] {
        let faults = of(bad).unwrap_err();
        assert!(faults[0].why.contains(says), "{faults:?}");
    }
    let no_effect = of(r#"{"rules": {"new": {"when": "far < 2"}}}"#).unwrap();
    assert!(RuleSet::parse(&no_effect, &fields()).is_err());
}
