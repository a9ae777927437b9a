//! A legend row names a class once: its label, colour and which features it stands for. The style takes its colours from
//! here, and the filter of a download is made from it, so no two places must agree.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::Text;

/// How an area is told apart besides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    Hatch,
    Cross,
    Dots,
    Outline,
}

/// Which features a legend row stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    pub field: String,
    /// Text, integers or booleans; none at all stands for a missing value.
    pub values: Vec<Value>,
}

/// One row of a legend.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LegendRow {
    pub label: Text,
    /// `#rrggbb`.
    pub color: String,
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// Left out where the layer has one look for all.
    #[serde(rename = "match", default)]
    pub matches: Option<Match>,
}

impl LegendRow {
    /// The row's features as CQL2 text.
    pub fn filter(&self) -> Option<String> {
        let it = self.matches.as_ref()?;
        let literal = |value: &Value| match value {
            Value::String(text) => format!("'{}'", text.replace('\'', "''")),
            other => other.to_string(),
        };
        Some(match it.values.as_slice() {
            [] => format!("{} IS NULL", it.field),
            [one] => format!("{} = {}", it.field, literal(one)),
            many => {
                format!(
                    "{} IN ({})",
                    it.field,
                    many.iter().map(literal).collect::<Vec<_>>().join(", ")
                )
            }
        })
    }
}

/// The MapLibre expression that gives each feature its legend colour, or the one colour of a legend without classes.
pub(super) fn color_expression(legend: &[LegendRow]) -> Value {
    let mut arms = Vec::new();
    let mut field = None;
    let mut otherwise = "#9aa3ad".to_owned();
    for row in legend {
        match &row.matches {
            Some(it) if !it.values.is_empty() => {
                field = Some(it.field.clone());
                arms.push(Value::Array(it.values.clone()));
                arms.push(json!(row.color));
            }
            _ => otherwise.clone_from(&row.color),
        }
    }
    let Some(field) = field else { return json!(otherwise) };
    let mut expression = vec![json!("match"), json!(["get", field])];
    expression.extend(arms);
    expression.push(json!(otherwise));
    Value::Array(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: Vec<Value>, color: &str) -> LegendRow {
        LegendRow {
            label: Text::default(),
            color: color.to_owned(),
            pattern: None,
            matches: Some(Match { field: "kind".to_owned(), values }),
        }
    }

    #[test]
    fn a_row_is_its_own_filter() {
        assert_eq!(row(vec![json!("o'k")], "#000000").filter().unwrap(), "kind = 'o''k'");
        assert_eq!(row(vec![json!(1), json!(2)], "#000000").filter().unwrap(), "kind IN (1, 2)");
        assert_eq!(row(vec![], "#000000").filter().unwrap(), "kind IS NULL");
    }

    #[test]
    fn missing_values_take_the_colour_of_their_own_row() {
        let legend = [row(vec![json!("a")], "#111111"), row(vec![], "#222222")];
        assert_eq!(
            color_expression(&legend),
            json!(["match", ["get", "kind"], ["a"], "#111111", "#222222"])
        );
    }
}
