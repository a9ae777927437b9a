//! Rule sets: CQL2 conditions over a parcel's measures, and the verdict they give with its evidence.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;

use crate::cql;
use crate::cql::Expr;
use crate::cql::Fields;
use crate::cql::Row;
use crate::cql::Truth;
use crate::cql::Value;
use crate::layer::Text;

/// What a rule does to a parcel that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Low,
    Exempt,
}

/// A rule as it stands in a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    title: Text,
    when: String,
    effect: Effect,
    basis: String,
    sentence: Text,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSetFile {
    title: Text,
    legal_basis: String,
    #[serde(deserialize_with = "date")]
    valid_from: NaiveDate,
    #[serde(default, deserialize_with = "optional_date")]
    valid_to: Option<NaiveDate>,
    #[serde(rename = "rule")]
    rules: Vec<RuleFile>,
}

/// A rule whose condition has been read and checked.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub title: Text,
    /// CQL2 text as written.
    pub when: String,
    pub condition: Expr,
    pub effect: Effect,
    /// The clause it stands on.
    pub basis: String,
    /// Said when the rule applies; `{tax_wan_per_mu}` stands for that figure.
    pub sentence: Text,
}

/// Rules that are applied together.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub title: Text,
    pub legal_basis: String,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    pub rules: Vec<Rule>,
}

/// What is wrong with a rule set's file. `rule` is empty for the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", if rule.is_empty() { String::new() } else { format!("规则 `{rule}` / rule `{rule}`: ") })]
pub struct Fault {
    pub rule: String,
    pub why: String,
}

/// What the rules say of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "VerdictValue")]
pub enum Verdict {
    Low,
    Ok,
    /// 待核实: a missing figure could change the answer.
    Unknown,
}

/// How one rule was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Evidence {
    pub rule: String,
    pub title: Text,
    pub basis: String,
    pub when: String,
    pub result: Truth,
    pub effect: Effect,
    /// Every property of the condition and its unrounded value, or nothing where it is missing.
    // And of the sentence, so that who may not read one of them is not told it in words either.
    pub inputs: IndexMap<String, Option<String>>,
    pub sentence: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The rules that made the verdict: those that hit, those that exempt, or those that could not be decided.
    pub reasons: Vec<String>,
    pub evidence: Vec<Evidence>,
}

impl RuleSet {
    /// Reads TOML and checks every condition and placeholder against `fields`.
    /// All faults are collected, so that a file is mended in one go.
    pub fn parse(text: &str, fields: &dyn Fields) -> Result<Self, Vec<Fault>> {
        let whole = |why: String| Fault { rule: String::new(), why };
        let file: RuleSetFile = toml::from_str(text).map_err(|it| vec![whole(it.to_string())])?;
        let mut faults = Vec::new();
        if file.rules.is_empty() {
            faults.push(whole("没有规则 / there is no [[rule]]".to_owned()));
        }
        if file.valid_to.is_some_and(|it| it <= file.valid_from) {
            faults.push(whole(
                "valid_to 应晚于 valid_from / valid_to must be after valid_from".to_owned(),
            ));
        }
        let mut seen = BTreeSet::new();
        let mut rules = Vec::new();
        for rule in file.rules {
            let fault = |why: String| Fault { rule: rule.id.clone(), why };
            if !seen.insert(rule.id.clone()) {
                faults.push(fault("编号重复 / this id is used twice".to_owned()));
            }
            for name in placeholders(&rule.sentence.zh).chain(placeholders(&rule.sentence.en)) {
                if fields.find(name).is_none() {
                    faults.push(fault(format!("语句中没有属性 `{name}` / the sentence names `{name}`, which is no property")));
                }
            }
            match cql::parse_checked(&rule.when, fields) {
                Ok(condition) if cql::is_spatial(&condition) => {
                    faults.push(fault(
                        "规则不能含空间条件 / a rule may not have a spatial condition".to_owned(),
                    ));
                }
                Ok(condition) => rules.push(Rule {
                    id: rule.id,
                    title: rule.title,
                    when: rule.when,
                    condition,
                    effect: rule.effect,
                    basis: rule.basis,
                    sentence: rule.sentence,
                }),
                Err(error) => faults.push(fault(error.to_string())),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let RuleSetFile { title, legal_basis, valid_from, valid_to, .. } = file;
        Ok(Self { title, legal_basis, valid_from, valid_to, rules })
    }

    /// Whether the rules hold on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|it| day < it)
    }

    /// The names of all properties that the conditions and sentences read.
    pub fn properties(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for rule in &self.rules {
            names.extend(cql::properties(&rule.condition));
            let said = placeholders(&rule.sentence.zh).chain(placeholders(&rule.sentence.en));
            names.extend(said.map(str::to_owned));
        }
        names
    }
}

/// Judges one parcel: it is low when some `low` rule fits and no `exempt` rule does, by Kleene's logic.
///
/// So an exemption that fits makes it ok whatever else is missing; an exemption that cannot be decided makes a hit
/// unknown (待核实), not low; and where no `low` rule could fit, an undecided exemption matters to nobody.
pub fn judge(set: &RuleSet, row: &dyn Row) -> Judgement {
    let results: Vec<Truth> =
        set.rules.iter().map(|it| cql::eval::eval(&it.condition, row)).collect();
    let any = |effect: Effect| {
        let own = std::iter::zip(&set.rules, &results).filter(|(rule, _)| rule.effect == effect);
        own.fold(Truth::False, |so_far, (_, result)| so_far.or(*result))
    };
    let (low, exempt) = (any(Effect::Low), any(Effect::Exempt));
    let reasons = |wanted: &[(Effect, Truth)]| -> Vec<String> {
        std::iter::zip(&set.rules, &results)
            .filter(|(rule, result)| wanted.contains(&(rule.effect, **result)))
            .map(|(rule, _)| rule.id.clone())
            .collect()
    };
    let (verdict, reasons) = match low.and(!exempt) {
        Truth::True => (Verdict::Low, reasons(&[(Effect::Low, Truth::True)])),
        Truth::False if exempt == Truth::True => {
            (Verdict::Ok, reasons(&[(Effect::Exempt, Truth::True)]))
        }
        Truth::False => (Verdict::Ok, Vec::new()),
        Truth::Unknown if low == Truth::True => (
            Verdict::Unknown,
            reasons(&[(Effect::Low, Truth::True), (Effect::Exempt, Truth::Unknown)]),
        ),
        Truth::Unknown => (
            Verdict::Unknown,
            reasons(&[(Effect::Low, Truth::Unknown), (Effect::Exempt, Truth::Unknown)]),
        ),
    };
    let evidence = std::iter::zip(&set.rules, results)
        .map(|(rule, result)| evidence(rule, result, row))
        .collect();
    Judgement { verdict, reasons, evidence }
}

fn evidence(rule: &Rule, result: Truth, row: &dyn Row) -> Evidence {
    let mut inputs: IndexMap<String, Option<String>> = cql::properties(&rule.condition)
        .into_iter()
        .map(|it| (it.clone(), text_of(&row.get(&it))))
        .collect();
    let sentence = match result {
        Truth::True => Text {
            zh: filled(&rule.sentence.zh, "缺失", row),
            en: filled(&rule.sentence.en, "missing", row),
        },
        Truth::False => Text::new(
            format!("不符合“{}”", rule.title.zh),
            format!("does not meet \"{}\"", rule.title.en),
        ),
        Truth::Unknown => {
            let missing: Vec<&str> = inputs
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| name.as_str())
                .collect();
            Text::new(
                format!("“{}”待核实：缺少 {}", rule.title.zh, missing.join("、")),
                format!("\"{}\" is to be verified: {} missing", rule.title.en, missing.join(", ")),
            )
        }
    };
    for name in placeholders(&rule.sentence.zh).chain(placeholders(&rule.sentence.en)) {
        if !inputs.contains_key(name) {
            inputs.insert(name.to_owned(), text_of(&row.get(name)));
        }
    }
    Evidence {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        basis: rule.basis.clone(),
        when: rule.when.clone(),
        result,
        effect: rule.effect,
        inputs,
        sentence,
    }
}

/// The names in braces of a sentence.
fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).filter_map(|it| it.split_once('}')).map(|(name, _)| name)
}

/// A sentence with its figures, shown to at most four places.
fn filled(sentence: &str, missing: &str, row: &dyn Row) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(&shown(&row.get(name)).unwrap_or_else(|| missing.to_owned()));
        rest = after;
    }
    text.push_str(rest);
    text
}

fn shown(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Number(it) => {
            let rounded: Decimal =
                it.round_dp_with_strategy(4, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
            Some(rounded.normalize().to_string())
        }
        _ => text_of(value),
    }
}

fn text_of(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Null | Value::NumberList(_) => None,
        Value::Text(it) => Some(it.clone().into_owned()),
        Value::Number(it) => Some(it.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Date(it) => Some(it.to_string()),
        Value::Timestamp(it) => Some(it.to_rfc3339()),
        Value::TextList(it) => Some(it.join(", ")),
        Value::Float(it) => Some(it.to_string()),
    }
}

/// A day, written as a TOML date or as text.
fn date<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::String(it) => it,
        toml::Value::Datetime(it) => it.to_string(),
        other => return Err(serde::de::Error::custom(format!("not a date: {other}"))),
    };
    text.parse()
        .map_err(|_| serde::de::Error::custom(format!("not a date such as 2024-06-30: {text}")))
}

fn optional_date<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    date(from).map(Some)
}

#[cfg(test)]
mod tests;
