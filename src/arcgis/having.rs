//! `having`: which groups of a statistic are wanted, by their keys, by the statistics that were asked for under their names, and
//! by others such as `SUM(area_mu)`. It is decided of what the answer may tell: a withheld sum is unknown, and its group is left out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value as Json;

use crate::cql;
use crate::cql::Expr;
use crate::cql::Truth;
use crate::cql::Type;
use crate::cql::Value;
use crate::error::Error;
use crate::error::Result;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::stats::Group;
use crate::stats::Measure;

use super::condition;
use super::statistics::Figure;
use super::statistics::Of;

/// A condition about groups.
#[derive(Debug)]
pub struct Having {
    condition: Expr,
    /// The statistics that it names by themselves.
    own: Vec<Figure>,
}

impl Having {
    /// Reads the condition, and adds to the measures what it takes; `known` are the fields that may be named. `None` where it
    /// says nothing.
    pub fn parse(
        text: &str,
        known: &BTreeMap<String, cql::Field>,
        group_by: &[String],
        figures: &[Figure],
        measures: &mut Vec<Measure>,
    ) -> Result<Option<Self>> {
        let mut fields: BTreeMap<String, cql::Field> = known
            .iter()
            .filter(|it| group_by.contains(it.0))
            .map(|(name, it)| (name.clone(), it.clone()))
            .collect();
        let number = |name: &str| (name.to_owned(), Type::Decimal.column(name));
        fields.extend(figures.iter().map(|it| number(&it.name)));
        // Fields in functions are not those that stand by themselves.
        let mut all = known.clone();
        all.extend(fields.clone());
        let read = condition::compile_of_groups(text, &all);
        let Some(condition) = read.map_err(|it| Error::parameter("having", it))? else {
            return Ok(None);
        };
        let mut own = Vec::new();
        for name in cql::properties(&condition) {
            if fields.contains_key(&name) {
                continue;
            }
            if known.contains_key(&name) {
                let why = format!(
                    "`{name}` 须在分组字段或汇总函数中 / is neither grouped by nor in a function: SUM({name})"
                );
                return Err(Error::parameter("having", why));
            }
            let Some((kind, field)) = name.strip_suffix(')').and_then(|it| it.split_once('('))
            else {
                continue;
            };
            let field = if field == "*" { "id" } else { field };
            if let Some(of) = Of::parse(kind, field, known, measures) {
                fields.extend([number(&name)]);
                own.push(Figure { name, of });
            }
        }
        let judged = cql::bounded(&condition).and_then(|()| cql::check(&condition, &fields));
        judged.map_err(|it| Error::parameter("having", it.sentence()))?;
        Ok(Some(Self { condition, own }))
    }

    /// Whether the group is wanted; `figures` are those of the answer.
    pub fn holds(&self, layer: &Layer, group: &Group, figures: &[Figure]) -> bool {
        let value = |name: &str| {
            let figure = self.own.iter().chain(figures).find(|it| it.name == name);
            match (figure, group.key.get(name)) {
                (Some(it), _) => number(it.of.digits(&group.of).as_deref()),
                (None, Some(key)) => keyed(layer.field.get(name).map(|it| it.kind), key),
                (None, None) => Value::Null,
            }
        };
        cql::eval::eval(&self.condition, &value) == Truth::True
    }
}

fn number(digits: Option<&str>) -> Value<'static> {
    digits.and_then(|it| it.parse().ok()).map_or(Value::Null, Value::Number)
}

/// A group's key as a value of its field.
fn keyed(kind: Option<FieldType>, key: &Json) -> Value<'static> {
    match (kind, key) {
        (Some(FieldType::Date), Json::String(it)) => {
            it.parse::<NaiveDate>().map_or(Value::Null, Value::Date)
        }
        (_, Json::String(it)) => Value::Text(it.clone().into()),
        (_, Json::Number(it)) => number(Some(&it.to_string())),
        (_, Json::Bool(it)) => Value::Bool(*it),
        _ => Value::Null,
    }
}
