//! A rule set with some thresholds and rules changed: what a scenario asks about, and what its adoption puts in force. The
//! change is made in the file's members, and the result is read like any other file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use toml::Table;
use toml::Value;

use super::Effect;
use super::Fault;
use super::file::number;

/// Digits that a number in TOML keeps exactly.
const DIGITS: u32 = 15;

/// What differs from a rule set as it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RuleChanges")]
pub struct Changes {
    /// New values of parameters, by their names: numbers, days, texts, `true` or `false`, as the parameter is.
    #[serde(default)]
    pub parameters: BTreeMap<String, serde_json::Value>,
    /// Changed and new rules by their ids; null takes a rule away.
    #[serde(default)]
    pub rules: BTreeMap<String, Option<ChangedRule>>,
}

/// What is different in a rule; what is left out stays. A new rule needs `when` and `effect`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ChangedRule")]
pub struct ChangedRule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<crate::layer::Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

/// Under which an adopted set is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// The document that it rests on.
    pub legal_basis: String,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty() && self.rules.is_empty()
    }
}

/// The text of the rule set with the changes made and, for an adoption, terms of its own. Says what cannot be changed so; what
/// the changed text is worth, [`super::RuleSet::parse`] finds.
pub fn changed(text: &str, changes: &Changes, terms: Option<&Terms>) -> Result<String, Vec<Fault>> {
    let whole = |why: String| vec![Fault { rule: String::new(), why }];
    let mut table: Table = toml::from_str(text).map_err(|it| whole(it.to_string()))?;
    let mut faults = Vec::new();
    for (id, value) in &changes.parameters {
        if let Err(why) = set_parameter(&mut table, id, value) {
            faults.push(Fault { rule: format!("parameter.{id}"), why });
        }
    }
    for (id, rule) in &changes.rules {
        if let Err(why) = set_rule(&mut table, id, rule.as_ref()) {
            faults.push(Fault { rule: id.clone(), why });
        }
    }
    if let Some(it) = terms {
        let text = |it: &dyn ToString| Value::String(it.to_string());
        table.insert("valid_from".to_owned(), text(&it.valid_from));
        table.remove("valid_to");
        // After the tables it would be one of theirs; the order of the members is kept otherwise.
        if let Some(it) = it.valid_to {
            table.insert("valid_to".to_owned(), text(&it));
        }
        table.insert("legal_basis".to_owned(), text(&it.legal_basis));
        table.insert("on_request".to_owned(), Value::Boolean(false));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    toml::to_string(&table).map_err(|it| whole(it.to_string()))
}

fn set_parameter(table: &mut Table, id: &str, value: &serde_json::Value) -> Result<(), String> {
    let all = table.get_mut("parameter").and_then(Value::as_table_mut);
    let names: Vec<String> =
        all.as_ref().map(|it| it.keys().cloned().collect()).unwrap_or_default();
    let own = all.and_then(|it| it.get_mut(id)).and_then(Value::as_table_mut);
    let Some(old) = own.and_then(|it| it.get_mut("value")) else {
        let near = crate::layer::nearest(id, names.iter().map(String::as_str));
        return Err(format!(
            "没有参数 `{id}`{} / there is no parameter `{id}`{}",
            near.map(|it| format!("；是否为 `{it}`？")).unwrap_or_default(),
            near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default(),
        ));
    };
    let new = match (&*old, value) {
        (Value::Integer(_) | Value::Float(_), _) => decimal(value).and_then(toml_number),
        (Value::Datetime(_), serde_json::Value::String(it)) => it
            .parse::<NaiveDate>()
            .ok()
            .and_then(|it| it.to_string().parse().ok())
            .map(Value::Datetime),
        (Value::String(_), serde_json::Value::String(it)) => Some(Value::String(it.clone())),
        (Value::Boolean(_), serde_json::Value::Bool(it)) => Some(Value::Boolean(*it)),
        _ => None,
    };
    match new {
        Some(it) => {
            *old = it;
            Ok(())
        }
        None => Err(format!(
            "值 {value} 与原值 {old} 不同类，或数字超过 {DIGITS} 位 / {value} is not of the kind of {old}, or has more than {DIGITS} digits"
        )),
    }
}

fn decimal(value: &serde_json::Value) -> Option<Decimal> {
    let text = match value {
        serde_json::Value::Number(it) => it.to_string(),
        serde_json::Value::String(it) => it.clone(),
        _ => return None,
    };
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// The number as TOML writes it; nothing where it would be another.
fn toml_number(it: Decimal) -> Option<Value> {
    let it = it.normalize();
    let digits = it.mantissa().unsigned_abs().checked_ilog10().map_or(0, |it| it + 1);
    if digits > DIGITS {
        return None;
    }
    let value = match i64::try_from(it) {
        Ok(whole) if it.is_integer() => Value::Integer(whole),
        _ => Value::Float(it.to_string().parse().ok()?),
    };
    number(&value).filter(|back| *back == it).map(|_| value)
}

fn set_rule(table: &mut Table, id: &str, rule: Option<&ChangedRule>) -> Result<(), String> {
    let all = table.entry("rule").or_insert_with(|| Value::Array(Vec::new()));
    let Some(all) = all.as_array_mut() else {
        return Err("`rule` 应为列表 / `rule` should be a list".to_owned());
    };
    let is_it = |it: &Value| it.get("id").and_then(Value::as_str) == Some(id);
    let at = all.iter().position(is_it);
    let Some(new) = rule else {
        return match at {
            Some(at) => {
                all.remove(at);
                Ok(())
            }
            None => Err(format!("没有规则 `{id}` / there is no rule `{id}`")),
        };
    };
    let at = if let Some(it) = at {
        it
    } else {
        let mut own = Table::new();
        own.insert("id".to_owned(), Value::String(id.to_owned()));
        own.insert("title".to_owned(), text(id, id));
        own.insert("basis".to_owned(), Value::String("情景 / scenario".to_owned()));
        let title = new.title.as_ref();
        let (zh, en) = title.map_or((id, id), |it| (it.zh.as_str(), it.en.as_str()));
        own.insert(
            "sentence".to_owned(),
            text(
                &format!("符合“{}”", zh.replace(['{', '}'], "")),
                &format!("meets \"{}\"", en.replace(['{', '}'], "")),
            ),
        );
        all.push(Value::Table(own));
        all.len() - 1
    };
    let Some(own) = all.get_mut(at).and_then(Value::as_table_mut) else {
        return Err("规则应为表 / a rule should be a table".to_owned());
    };
    if let Some(it) = &new.when {
        own.insert("when".to_owned(), Value::String(it.clone()));
        own.remove("all");
        own.remove("any");
    }
    if let Some(it) = new.effect {
        let name = match it {
            Effect::Low => "low",
            Effect::Exempt => "exempt",
            Effect::Part => "part",
        };
        own.insert("effect".to_owned(), Value::String(name.to_owned()));
    }
    if let Some(it) = &new.title {
        own.insert("title".to_owned(), text(&it.zh, &it.en));
    }
    if let Some(it) = &new.basis {
        own.insert("basis".to_owned(), Value::String(it.clone()));
    }
    Ok(())
}

fn text(zh: &str, en: &str) -> Value {
    let both = [("zh", zh), ("en", en)];
    Value::Table(
        both.into_iter().map(|(key, it)| (key.to_owned(), Value::String(it.to_owned()))).collect(),
    )
}
