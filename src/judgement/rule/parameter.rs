//! Named thresholds of a rule set. A parameter is one literal, which the condition `tax_wan_per_mu < :tax_floor` gets in its
//! tree; the days of the year that is judged are parameters that every set has.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cql::Kind;
use crate::cql::Value;
use crate::layer::Text;

use super::file::ParameterFile;
use super::file::number;

/// A named threshold.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "RuleParameter")]
pub struct Parameter {
    pub id: String,
    pub title: Text,
    /// As for measures: `wan_per_mu`, `ratio`, ...
    pub unit: Option<String>,
    /// Digits, a day, a text, `true` or `false`.
    pub value: String,
    pub kind: ParameterKind,
    /// Where a slider begins and ends.
    pub min: Option<String>,
    pub max: Option<String>,
    pub basis: Option<String>,
    #[serde(skip)]
    pub(super) literal: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RuleParameterKind")]
pub enum ParameterKind {
    Number,
    Date,
    Text,
    Boolean,
}

impl Parameter {
    /// The parameter as its file has it; fails with what is wrong.
    pub(super) fn read(id: &str, file: &ParameterFile) -> Result<Self, String> {
        let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_';
        if id.is_empty() || !id.chars().all(plain) {
            return Err("参数名只能含小写字母、数字和下划线 / a parameter's name has small letters, digits and _".to_owned());
        }
        let (kind, literal, value) = read(&file.value).ok_or_else(|| {
            format!(
                "`value` 应为数字、日期、文本或是非 / `value` should be a number, a date, a text or true or false, not {}",
                file.value
            )
        })?;
        let end = |name: &str, it: &Option<toml::Value>| match it {
            None => Ok(None),
            Some(it) => number(it)
                .filter(|_| kind == ParameterKind::Number)
                .map(Some)
                .ok_or_else(|| format!("`{name}` 应为数字 / should be a number")),
        };
        let (min, max) = (end("min", &file.min)?, end("max", &file.max)?);
        if let Kind::Number(it) = &literal
            && (min.is_some_and(|min| *it < min) || max.is_some_and(|max| *it > max))
        {
            return Err(format!(
                "{value} 不在 min 与 max 之间 / {value} is not between min and max"
            ));
        }
        let text = |it: Option<Decimal>| it.map(|it| it.normalize().to_string());
        Ok(Self {
            id: id.to_owned(),
            title: file.title.clone(),
            unit: file.unit.clone(),
            value,
            kind,
            min: text(min),
            max: text(max),
            basis: file.basis.clone(),
            literal,
        })
    }
}

fn read(value: &toml::Value) -> Option<(ParameterKind, Kind, String)> {
    match value {
        toml::Value::Integer(_) | toml::Value::Float(_) => {
            let it = number(value)?;
            Some((ParameterKind::Number, Kind::Number(it), it.normalize().to_string()))
        }
        toml::Value::Datetime(it) => {
            let text = it.to_string();
            let day: NaiveDate = text.parse().ok()?;
            Some((ParameterKind::Date, Kind::Date(day), text))
        }
        toml::Value::String(it) => Some((ParameterKind::Text, Kind::Text(it.clone()), it.clone())),
        toml::Value::Boolean(it) => Some((ParameterKind::Boolean, Kind::Bool(*it), it.to_string())),
        toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

/// The last days of the year that is judged and of the two before, and the year: what every rule set may name.
pub(super) fn of_year(year: i32) -> BTreeMap<&'static str, Kind> {
    let end = |ago: i32| NaiveDate::from_ymd_opt(year.checked_sub(ago)?, 12, 31).map(Kind::Date);
    let mut all = BTreeMap::from([("year", Kind::Number(Decimal::from(year)))]);
    let ends = [("year_end", 0), ("year_end_prev1", 1), ("year_end_prev2", 2)];
    all.extend(ends.into_iter().filter_map(|(name, ago)| Some((name, end(ago)?))));
    all
}

/// What a literal says.
pub(super) fn text(literal: &Kind) -> Option<String> {
    match literal {
        Kind::Number(it) => Some(it.normalize().to_string()),
        Kind::Date(it) => Some(it.to_string()),
        Kind::Text(it) => Some(it.clone()),
        Kind::Bool(it) => Some(it.to_string()),
        _ => None,
    }
}

/// The literal as a value.
pub(super) fn value(literal: &Kind) -> Value<'static> {
    match literal {
        Kind::Number(it) => Value::Number(*it),
        Kind::Date(it) => Value::Date(*it),
        Kind::Text(it) => Value::Text(it.clone().into()),
        Kind::Bool(it) => Value::Bool(*it),
        _ => Value::Null,
    }
}
