//! How one rule was decided, in figures and in a sentence that a factory owner could check.

use indexmap::IndexMap;
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cql;
use crate::cql::PARAMETER;
use crate::cql::Row;
use crate::cql::Truth;
use crate::cql::Value;
use crate::judgement::measures;
use crate::layer::Text;

use super::Effect;
use super::Rule;
use super::RuleSet;
use super::parameter;

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
    /// The parameters of the condition (`:tax_floor`) and their values.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub thresholds: IndexMap<String, String>,
    /// Of a group the rules it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Whether a group needs all of its parts; one of them is enough where it does not.
    #[serde(skip_serializing_if = "is_false")]
    pub needs_all: bool,
    /// Where it could not be decided: what is missing, and who supplies it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    pub sentence: Text,
}

/// A figure that a rule needed and nobody knew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MissingInput")]
pub struct Missing {
    /// The measure or field.
    pub name: String,
    pub title: Text,
    pub supplier: Text,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(it: &bool) -> bool {
    !it
}

pub(super) fn of(set: &RuleSet, rule: &Rule, result: Truth, row: &dyn Row) -> Evidence {
    let mut inputs: IndexMap<String, Option<String>> = cql::properties(&rule.condition)
        .into_iter()
        .map(|it| (it.clone(), text_of(&row.get(&it))))
        .collect();
    let mut missing = Vec::new();
    let sentence = match result {
        Truth::True => Text {
            zh: filled(&rule.sentence.zh, "缺失", set, row),
            en: filled(&rule.sentence.en, "missing", set, row),
        },
        Truth::False => Text::new(
            format!("不符合“{}”", rule.title.zh),
            format!("does not meet \"{}\"", rule.title.en),
        ),
        Truth::Unknown => {
            let unknown = inputs.iter().filter(|(_, value)| value.is_none());
            missing = unknown.map(|(name, _)| set.missing(name)).collect();
            let list = |of: fn(&Text) -> &str, between: &str, by: &str| {
                let each = missing
                    .iter()
                    .map(|it| format!("{}{by}", of(&it.title)).replace("{}", of(&it.supplier)));
                each.collect::<Vec<_>>().join(between)
            };
            Text::new(
                format!("“{}”待核实：缺少{}", rule.title.zh, list(|it| &it.zh, "、", "（{}提供）")),
                format!(
                    "\"{}\" is to be verified: {} missing",
                    rule.title.en,
                    list(|it| &it.en, ", ", " (from the {})")
                ),
            )
        }
    };
    for name in placeholders(&rule.sentence.zh).chain(placeholders(&rule.sentence.en)) {
        if !name.starts_with(PARAMETER) && !inputs.contains_key(name) {
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
        thresholds: rule.thresholds.clone(),
        parts: rule.parts.clone(),
        needs_all: rule.needs_all,
        missing,
        sentence,
    }
}

impl RuleSet {
    fn missing(&self, name: &str) -> Missing {
        let title = measures::title(name).or_else(|| self.titles.get(name).cloned());
        let supplier = self.suppliers.get(name).cloned().or_else(|| measures::supplier(name));
        Missing {
            name: name.to_owned(),
            title: title.unwrap_or_else(|| Text::new(name, name)),
            supplier: supplier.unwrap_or_else(measures::register_keeper),
        }
    }
}

/// The names in braces of a sentence.
pub(super) fn placeholders(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).filter_map(|it| it.split_once('}')).map(|(name, _)| name)
}

/// A sentence with its figures and thresholds, shown to at most four places.
fn filled(sentence: &str, missing: &str, set: &RuleSet, row: &dyn Row) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        let value = match name.strip_prefix(PARAMETER) {
            Some(it) => set.literals.get(it).map_or(Value::Null, parameter::value),
            None => row.get(name),
        };
        text.push_str(&shown(&value).unwrap_or_else(|| missing.to_owned()));
        rest = after;
    }
    text.push_str(rest);
    text
}

fn shown(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Number(it) => {
            let rounded: Decimal = it.round_dp_with_strategy(4, MidpointAwayFromZero);
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
