//! Expressions of styles: the part of MapLibre's language that layer folders use, over one row at one zoom. What is not
//! known, or of the wrong type, is null, for which the property's default stands.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::cql;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
}

/// Where an expression is looked at.
pub trait Place {
    /// The zoom of the style.
    fn zoom(&self) -> f64;
    /// A field of the row; null where it is missing, or not for the reader.
    fn get(&self, name: &str) -> Value<'_>;
}

/// Operators that are understood.
#[cfg(test)]
const KNOWN: [&str; 28] = [
    "literal",
    "get",
    "has",
    "!",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "all",
    "any",
    "in",
    "match",
    "case",
    "coalesce",
    "step",
    "interpolate",
    "zoom",
    "to-string",
    "to-number",
    "+",
    "-",
    "*",
    "/",
    "concat",
    "linear",
    "exponential",
];

/// The first operator of a value that is not understood.
#[cfg(test)]
pub fn unknown(value: &Json) -> Option<&str> {
    let Json::Array(items) = value else { return None };
    let operator = items.first().and_then(Json::as_str)?;
    if operator == "literal" {
        return None;
    }
    if !KNOWN.contains(&operator) {
        return Some(operator);
    }
    // A label of `match` may be a list of texts, which is no expression.
    let is_label = |nth: usize| {
        operator == "match" && nth >= 2 && nth.is_multiple_of(2) && nth + 1 < items.len()
    };
    items.iter().enumerate().skip(1).filter(|(nth, _)| !is_label(*nth)).find_map(|it| unknown(it.1))
}

/// Whether it comes to the same for every row.
pub fn is_constant(value: &Json) -> bool {
    match value {
        Json::Array(items) => match items.first().and_then(Json::as_str) {
            Some("get" | "has") => false,
            Some("literal") => true,
            _ => items.iter().all(is_constant),
        },
        _ => true,
    }
}

impl<'a> From<cql::Value<'a>> for Value<'a> {
    fn from(it: cql::Value<'a>) -> Self {
        use rust_decimal::prelude::ToPrimitive;
        match it {
            cql::Value::Text(it) => Self::Text(it),
            cql::Value::Number(it) => it.to_f64().map_or(Self::Null, Self::Number),
            cql::Value::Bool(it) => Self::Bool(it),
            cql::Value::Date(it) => Self::Text(Cow::Owned(it.to_string())),
            cql::Value::Float(it) => Self::Number(it),
            _ => Self::Null,
        }
    }
}

impl Value<'_> {
    /// A number, if it is one.
    pub const fn number(&self) -> Option<f64> {
        match self {
            Self::Number(it) => Some(*it),
            _ => None,
        }
    }

    fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// As text is written on a map; nothing for null.
    pub fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(it) => it.to_string(),
            Self::Number(it) => it.to_string(),
            Self::Text(it) => it.to_string(),
        }
    }
}

fn plain(value: &Json) -> Value<'_> {
    match value {
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(it) => it.as_f64().map_or(Value::Null, Value::Number),
        Json::String(it) => Value::Text(Cow::Borrowed(it)),
        _ => Value::Null,
    }
}

/// What the expression comes to there.
pub fn eval<'a>(expression: &'a Json, at: &'a dyn Place) -> Value<'a> {
    let Json::Array(items) = expression else { return plain(expression) };
    let Some(operator) = items.first().and_then(Json::as_str) else { return Value::Null };
    let rest = &items[1..];
    let of = |nth: usize| rest.get(nth).map_or(Value::Null, |it| eval(it, at));
    let name = |nth: usize| rest.get(nth).and_then(Json::as_str).unwrap_or_default();
    match operator {
        "literal" => rest.first().map_or(Value::Null, plain),
        "zoom" => Value::Number(at.zoom()),
        "get" => at.get(name(0)),
        "has" => Value::Bool(at.get(name(0)) != Value::Null),
        "!" => Value::Bool(!of(0).is_true()),
        "==" => Value::Bool(of(0) == of(1)),
        "!=" => Value::Bool(of(0) != of(1)),
        "<" | "<=" | ">" | ">=" => Value::Bool(compare(operator, &of(0), &of(1))),
        "all" => Value::Bool(rest.iter().all(|it| eval(it, at).is_true())),
        "any" => Value::Bool(rest.iter().any(|it| eval(it, at).is_true())),
        "in" => {
            let list = rest.get(1).and_then(Json::as_array).and_then(|it| it.get(1));
            let list = list.and_then(Json::as_array);
            let wanted = of(0);
            Value::Bool(list.is_some_and(|list| list.iter().any(|it| plain(it) == wanted)))
        }
        "match" => matched(rest, at),
        "case" => {
            let arms = rest.chunks_exact(2).find(|it| eval(&it[0], at).is_true());
            let otherwise = rest.last().filter(|_| rest.len() % 2 == 1);
            arms.map(|it| &it[1]).or(otherwise).map_or(Value::Null, |it| eval(it, at))
        }
        "coalesce" => {
            rest.iter().map(|it| eval(it, at)).find(|it| *it != Value::Null).unwrap_or(Value::Null)
        }
        "step" => step(rest, at),
        "interpolate" => interpolated(rest, at).map_or(Value::Null, Value::Number),
        "to-string" => Value::Text(Cow::Owned(of(0).text())),
        "concat" => Value::Text(rest.iter().map(|it| eval(it, at).text()).collect()),
        "to-number" => match of(0) {
            Value::Text(it) => it.trim().parse().map_or(Value::Null, Value::Number),
            Value::Bool(it) => Value::Number(f64::from(u8::from(it))),
            other => other,
        },
        "+" | "-" | "*" | "/" => arithmetic(operator, rest, at).map_or(Value::Null, Value::Number),
        _ => Value::Null,
    }
}

fn compare(operator: &str, a: &Value<'_>, b: &Value<'_>) -> bool {
    let order = match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => None,
    };
    order.is_some_and(|it| match operator {
        "<" => it.is_lt(),
        "<=" => it.is_le(),
        ">" => it.is_gt(),
        _ => it.is_ge(),
    })
}

fn matched<'a>(rest: &'a [Json], at: &'a dyn Place) -> Value<'a> {
    let Some((input, rest)) = rest.split_first() else { return Value::Null };
    let input = eval(input, at);
    let is_of = |label: &Json| match label {
        Json::Array(labels) => labels.iter().any(|it| plain(it) == input),
        one => plain(one) == input,
    };
    let arm = rest.chunks_exact(2).find(|it| is_of(&it[0])).map(|it| &it[1]);
    arm.or_else(|| rest.last().filter(|_| rest.len() % 2 == 1))
        .map_or(Value::Null, |it| eval(it, at))
}

fn step<'a>(rest: &'a [Json], at: &'a dyn Place) -> Value<'a> {
    let [input, first, stops @ ..] = rest else { return Value::Null };
    let Some(input) = eval(input, at).number() else { return Value::Null };
    let mut found = first;
    for stop in stops.chunks_exact(2) {
        if stop[0].as_f64().is_some_and(|it| it <= input) {
            found = &stop[1];
        }
    }
    eval(found, at)
}

/// Between two stops, as the style specification has it; beyond the outermost as they are.
fn interpolated(rest: &[Json], at: &dyn Place) -> Option<f64> {
    let [how, input, stops @ ..] = rest else { return None };
    let input = eval(input, at).number()?;
    let base = match how.get(0).and_then(Json::as_str) {
        Some("exponential") => how.get(1).and_then(Json::as_f64)?,
        _ => 1.0,
    };
    let value = |it: &[Json]| eval(&it[1], at).number();
    let stops: Vec<&[Json]> = stops.chunks_exact(2).collect();
    let after = stops.iter().position(|it| it[0].as_f64().is_some_and(|it| it > input));
    let (low, high) = match after {
        Some(0) => return value(stops[0]),
        None => return value(stops.last()?),
        Some(nth) => (stops[nth - 1], stops[nth]),
    };
    let (from, to) = (low[0].as_f64()?, high[0].as_f64()?);
    let part = if (base - 1.0).abs() < 1e-9 {
        (input - from) / (to - from)
    } else {
        (base.powf(input - from) - 1.0) / (base.powf(to - from) - 1.0)
    };
    let (low, high) = (value(low)?, value(high)?);
    Some((high - low).mul_add(part, low))
}

fn arithmetic(operator: &str, rest: &[Json], at: &dyn Place) -> Option<f64> {
    let numbers: Option<Vec<f64>> = rest.iter().map(|it| eval(it, at).number()).collect();
    match (operator, numbers?.as_slice()) {
        ("+", all) => Some(all.iter().sum()),
        ("*", all) => Some(all.iter().product()),
        ("-", [one]) => Some(-one),
        ("-", [a, b]) => Some(a - b),
        ("/", [a, b]) if *b != 0.0 => Some(a / b),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::layer::Layers;

    struct Row(f64);

    impl Place for Row {
        fn zoom(&self) -> f64 {
            self.0
        }

        fn get(&self, name: &str) -> Value<'_> {
            match name {
                "class" => Value::Text("高速".into()),
                "far" => Value::Number(1.5),
                "straddle" => Value::Bool(true),
                _ => Value::Null,
            }
        }
    }

    fn at(zoom: f64, expression: &Json) -> Value<'static> {
        let row = Row(zoom);
        match eval(expression, &row) {
            Value::Text(it) => Value::Text(Cow::Owned(it.into_owned())),
            Value::Number(it) => Value::Number(it),
            Value::Bool(it) => Value::Bool(it),
            Value::Null => Value::Null,
        }
    }

    #[test]
    fn widths_grow_with_the_zoom() {
        let linear = json!(["interpolate", ["linear"], ["zoom"], 10, 1, 12, 3]);
        for (zoom, wanted) in [(9.0, 1.0), (10.0, 1.0), (11.0, 2.0), (12.0, 3.0), (20.0, 3.0)] {
            assert_eq!(at(zoom, &linear), Value::Number(wanted), "{zoom}");
        }
        let doubling = json!(["interpolate", ["exponential", 2], ["zoom"], 10, 0, 12, 3]);
        assert_eq!(at(11.0, &doubling), Value::Number(1.0));
        let by_class = json!([
            "interpolate",
            ["linear"],
            ["zoom"],
            8,
            ["match", ["get", "class"], ["高速"], 2, 0],
            10,
            4
        ]);
        assert_eq!(at(9.0, &by_class), Value::Number(3.0));
    }

    #[test]
    fn rows_are_told_apart() {
        for (expression, wanted) in [
            (json!(["==", ["get", "straddle"], true]), true),
            (json!(["!", ["has", "name"]]), true),
            (json!(["==", ["get", "name"], null]), true),
            (json!(["in", ["to-string", ["get", "far"]], ["literal", ["1.5", "2"]]]), true),
            (json!([">=", ["get", "far"], 2]), false),
            (json!([">=", ["get", "name"], 2]), false),
            (json!(["all", ["has", "far"], ["<", ["get", "far"], 2]]), true),
        ] {
            assert_eq!(at(0.0, &expression), Value::Bool(wanted), "{expression}");
        }
        let first = json!(["coalesce", ["get", "name"], ["get", "class"]]);
        assert_eq!(at(0.0, &first).text(), "高速");
        assert_eq!(at(0.0, &json!(["case", ["has", "name"], 1, 2])), Value::Number(2.0));
        assert_eq!(at(0.0, &json!(["step", ["get", "far"], "a", 1, "b", 2, "c"])).text(), "b");
        assert_eq!(at(0.0, &json!(["whatever", 1])), Value::Null);
    }

    #[test]
    fn the_shipped_styles_say_nothing_that_is_not_understood() {
        for layer in Layers::load(None).unwrap().layers.values() {
            for part in &layer.style {
                let members = ["paint", "layout"].map(|it| part[it].as_object());
                let values = members.into_iter().flatten().flat_map(|it| it.iter());
                for (name, value) in values {
                    let dashes_or_fonts = ["line-dasharray", "text-font"].contains(&name.as_str());
                    let found = unknown(value).filter(|_| !dashes_or_fonts);
                    assert_eq!(found, None, "{} {name}", layer.id);
                }
                assert_eq!(part.get("filter").and_then(unknown), None, "{}", layer.id);
            }
        }
        assert_eq!(unknown(&json!(["match", ["get", "a"], ["高速"], 1, ["foo", 2]])), Some("foo"));
    }

    #[test]
    fn what_names_no_field_is_worked_out_once() {
        assert!(is_constant(&json!(["interpolate", ["linear"], ["zoom"], 1, 2, 3, 4])));
        assert!(!is_constant(&json!(["match", ["get", "a"], "b", 1, 2])));
    }
}
