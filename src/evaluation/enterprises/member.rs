//! An enterprise's inputs as JSON, and back: the run keeps them, and is scored from them again. Figures are text with their
//! exact digits.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;

use crate::cql::Type;
use crate::cql::Value;
use crate::judgement::enterprise;
use crate::judgement::measures::Note;
use crate::judgement::score::Member;
use crate::layer::Text;

/// Why a measure is missing, or where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "EnterpriseNote")]
pub struct Said {
    pub measure: String,
    pub text: Text,
}

/// What was scored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "EnterpriseInputs")]
pub struct Inputs {
    pub measures: BTreeMap<String, Decimal>,
    /// As text; of several kinds of marks the list as JSON.
    pub fields: BTreeMap<String, String>,
    /// The measures of the year before.
    pub previous: BTreeMap<String, Decimal>,
    /// Documents by the kind of mark.
    pub references: BTreeMap<String, Vec<String>>,
    pub notes: Vec<Said>,
}

impl Inputs {
    pub fn of(member: &Member, notes: &[Note]) -> Self {
        let text = |it: &Value<'_>| match it {
            Value::Text(it) => Some(it.to_string()),
            Value::Bool(it) => Some(it.to_string()),
            Value::Number(it) => Some(it.to_string()),
            Value::Date(it) => Some(it.to_string()),
            Value::TextList(it) => serde_json::to_string(it).ok(),
            _ => None,
        };
        let fields = member.fields.iter().filter_map(|(name, it)| Some((name.clone(), text(it)?)));
        let said = |it: &Note| Said { measure: it.measure.to_owned(), text: it.text.clone() };
        Self {
            measures: member.measures.clone(),
            fields: fields.collect(),
            previous: member.previous.clone(),
            references: member.references.clone(),
            notes: notes.iter().map(said).collect(),
        }
    }

    /// The enterprise as it was scored. A field that is not text of its type is missing.
    pub fn member(&self) -> Member {
        let kinds = enterprise::fields();
        let value = |name: &str, text: &str| match kinds.get(name).map(|it| it.kind)? {
            Type::Text => Some(Value::Text(text.to_owned().into())),
            Type::Boolean => text.parse().ok().map(Value::Bool),
            Type::Integer | Type::Decimal => text.parse().ok().map(Value::Number),
            Type::Date => text.parse().ok().map(Value::Date),
            Type::TextList => {
                let list: Vec<String> = serde_json::from_str(text).ok()?;
                Some(Value::TextList(list.into_iter().map(Into::into).collect()))
            }
            _ => None,
        };
        let names = enterprise::fields().into_keys().filter(|it| !is_measure(it));
        let fields = names.map(|name| {
            let known = self.fields.get(&name).and_then(|it| value(&name, it));
            (name, known.unwrap_or(Value::Null))
        });
        Member {
            measures: self.measures.clone(),
            fields: fields.collect(),
            previous: self.previous.clone(),
            references: self.references.clone(),
        }
    }
}

fn is_measure(name: &str) -> bool {
    enterprise::MEASURES.iter().any(|it| it.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_scored_is_read_back_as_it_was() {
        let mut fields: BTreeMap<String, Value<'static>> =
            enterprise::FIELDS.map(|(it, _)| (it.to_owned(), Value::Null)).into();
        for (name, it) in [
            ("industry_code", Value::Text("3311".into())),
            ("is_scale", Value::Bool(true)),
            ("years_in_production", Value::Number(Decimal::TWO)),
            ("founded", Value::Date("2020-02-29".parse().unwrap())),
            ("marks", Value::TextList(vec!["一, \"二\"".into()])),
        ] {
            fields.insert(name.to_owned(), it);
        }
        let member = Member {
            measures: BTreeMap::from([("tax_wan".to_owned(), "12.300000".parse().unwrap())]),
            fields,
            references: BTreeMap::from([("一".to_owned(), vec!["文号".to_owned()])]),
            ..Member::default()
        };
        let text = serde_json::to_string(&Inputs::of(&member, &[])).unwrap();
        let back: Inputs = serde_json::from_str(&text).unwrap();
        assert_eq!(back.member(), member);
        assert!(text.contains("\"12.300000\""), "{text}");
    }
}
