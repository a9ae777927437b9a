//! A rule set as it stands in a file: TOML, member by member.

use chrono::NaiveDate;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Deserializer;

use crate::layer::Text;

use super::Effect;

/// A rule: a condition of its own, or a group of others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub id: String,
    pub title: Text,
    /// CQL2 over measures and fields; `:name` stands for a parameter.
    #[serde(default)]
    pub when: Option<String>,
    /// A group: fits where all of these do …
    #[serde(default)]
    pub all: Vec<String>,
    /// … or where any of these does.
    #[serde(default)]
    pub any: Vec<String>,
    pub effect: Effect,
    #[serde(default)]
    pub basis: Option<String>,
    #[serde(default)]
    pub sentence: Option<Text>,
    /// Where the rule holds for a shorter time than its set.
    #[serde(default, deserialize_with = "optional_date")]
    pub valid_from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "optional_date")]
    pub valid_to: Option<NaiveDate>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterFile {
    pub title: Text,
    pub value: toml::Value,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub min: Option<toml::Value>,
    #[serde(default)]
    pub max: Option<toml::Value>,
    /// Where the value comes from, or that it is the office's own to set.
    #[serde(default)]
    pub basis: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSetFile {
    pub title: Text,
    pub legal_basis: String,
    #[serde(deserialize_with = "date")]
    pub valid_from: NaiveDate,
    #[serde(default, deserialize_with = "optional_date")]
    pub valid_to: Option<NaiveDate>,
    /// Never chosen by its date, only by its name.
    #[serde(default)]
    pub on_request: bool,
    #[serde(default, rename = "parameter")]
    pub parameters: IndexMap<String, ParameterFile>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleFile>,
}

/// A number of the file, as exact as it is written there up to fifteen digits.
pub(super) fn number(value: &toml::Value) -> Option<Decimal> {
    match value {
        toml::Value::Integer(it) => Some(Decimal::from(*it)),
        toml::Value::Float(it) => it.to_string().parse().ok(),
        _ => None,
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
