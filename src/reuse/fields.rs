//! The members of a case that people fill, from JSON to columns.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Map;
use serde_json::Value as Json;

use crate::cql::Value;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Workflow;
use crate::judgement::workflow::period::Period;
use crate::layer::nearest;

/// A column with its new value.
#[derive(Clone, Debug)]
pub struct Setting {
    pub column: &'static str,
    pub sql_type: &'static str,
    pub value: Value<'static>,
}

/// Settings as a JSON object that the database reads by its columns' types: exact digits stay text.
pub fn patch(set: &[Setting]) -> Json {
    let of = |it: &Setting| match &it.value {
        // The one column of JSON.
        Value::Text(text) if it.sql_type == "text::jsonb" => {
            serde_json::from_str(text).unwrap_or_default()
        }
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Number(number) => number.to_string().into(),
        Value::Bool(it) => (*it).into(),
        Value::Date(it) => it.to_string().into(),
        // No member takes another.
        _ => Json::Null,
    };
    set.iter().map(|it| (it.column.to_owned(), of(it))).collect::<Map<_, _>>().into()
}

/// What a member takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// At most so many characters.
    Text(usize),
    /// Not negative, at most six digits after the point.
    Decimal,
    /// A number of things.
    Whole,
    Date,
    Path,
    Nodes,
}

const FIELDS: [(&str, Kind); 22] = [
    ("responsible_unit", Kind::Text(100)),
    ("leader", Kind::Text(100)),
    ("person", Kind::Text(100)),
    ("path", Kind::Path),
    ("enterprise_name", Kind::Text(200)),
    ("use_planned", Kind::Text(200)),
    ("project", Kind::Text(500)),
    ("measures", Kind::Text(5000)),
    ("basis", Kind::Text(500)),
    ("problem_kind", Kind::Text(100)),
    ("problem", Kind::Text(2000)),
    ("note", Kind::Text(2000)),
    ("plan_area_mu", Kind::Decimal),
    ("plan_start", Kind::Date),
    ("plan_finish", Kind::Date),
    ("nodes", Kind::Nodes),
    ("investment_plan_wan", Kind::Decimal),
    ("investment_actual_wan", Kind::Decimal),
    ("energy_freed_tce", Kind::Decimal),
    ("plants_freed", Kind::Whole),
    ("plant_freed_m2", Kind::Decimal),
    ("enterprises_cleared", Kind::Whole),
];

/// The settings that somebody sent. `path` is the case's own, for its nodes.
pub fn parse(sent: &Map<String, Json>, path: Option<&str>) -> Result<Vec<Setting>> {
    let new_path = sent.get("path").map(Json::as_str);
    let path = new_path.unwrap_or(path);
    let mut all = Vec::with_capacity(sent.len());
    for (name, given) in sent {
        let wrong = |why: String| Error::BadInput {
            at: format!("成员 / member `properties.{name}`"),
            why,
        };
        let Some((column, kind)) = FIELDS.into_iter().find(|it| it.0 == name) else {
            let near = nearest(name, FIELDS.iter().map(|it| it.0));
            let near = near.map(|it| format!("，是否 / did you mean `{it}`?")).unwrap_or_default();
            return Err(wrong(format!(
                "没有这一项，或不可修改 / no such member, or not to be changed{near}"
            )));
        };
        let (value, sql_type) = read(kind, given, path).map_err(wrong)?;
        all.push(Setting { column, sql_type, value });
    }
    Ok(all)
}

fn read(
    kind: Kind,
    given: &Json,
    path: Option<&str>,
) -> Result<(Value<'static>, &'static str), String> {
    let sql_type = match kind {
        Kind::Text(_) | Kind::Path => "text",
        Kind::Decimal | Kind::Whole => "numeric",
        Kind::Date => "date",
        Kind::Nodes => "text::jsonb",
    };
    if given.is_null() {
        return Ok((if kind == Kind::Nodes { "{}".into() } else { Value::Null }, sql_type));
    }
    let text = |what: &str| given.as_str().map(str::trim).ok_or_else(|| what.to_owned());
    let value: Value<'static> = match kind {
        Kind::Text(most) => {
            let it = text("应为文字 / a text")?;
            if it.chars().count() > most || it.contains('\0') {
                return Err(format!("至多 {most} 个字符 / at most {most} characters"));
            }
            // Nothing written is nothing.
            if it.is_empty() { Value::Null } else { it.to_owned().into() }
        }
        Kind::Path => {
            let it = text("应为路径代码 / the id of a path")?;
            let known = Workflow::shipped().paths.iter().map(|it| it.id.as_str());
            if !known.clone().any(|known| known == it) {
                return Err(format!("应为 / one of: {}", known.collect::<Vec<_>>().join(", ")));
            }
            it.to_owned().into()
        }
        Kind::Date => {
            let what = "应为日期 / a date such as 2027-06-30";
            let it = text(what)?;
            let date = NaiveDate::parse_from_str(it, "%Y-%m-%d").ok().filter(|_| it.len() == 10);
            Value::Date(date.ok_or(what)?)
        }
        Kind::Decimal => decimal(given)?.into(),
        Kind::Whole => {
            let it = decimal(given)?;
            if !it.fract().is_zero() {
                return Err("应为整数 / a whole number".to_owned());
            }
            it.into()
        }
        Kind::Nodes => nodes(given, path)?.into(),
    };
    Ok((value, sql_type))
}

/// Quarters by milestone, as JSON text.
fn nodes(given: &Json, path: Option<&str>) -> Result<String, String> {
    let all =
        given.as_object().ok_or("应为对象，节点对季度 / an object of milestones and quarters")?;
    // Nothing planned is right on every path, and without one.
    if all.is_empty() {
        return Ok("{}".to_owned());
    }
    let Some(way) = path.and_then(|it| Workflow::shipped().path(it)) else {
        return Err("请先选定处置路径 / choose a path first: `path`".to_owned());
    };
    let mut kept = Map::new();
    for (milestone, quarter) in all {
        if !way.milestones.iter().any(|it| it.id == *milestone) {
            let known: Vec<&str> = way.milestones.iter().map(|it| it.id.as_str()).collect();
            return Err(format!(
                "路径“{}”没有节点 `{milestone}` / the path has: {}",
                way.title.zh,
                known.join(", ")
            ));
        }
        if quarter.is_null() {
            continue;
        }
        let text = quarter.as_str().unwrap_or_default();
        if !matches!(Period::parse(text), Some(Period::Quarter(..))) {
            return Err(format!("`{milestone}` 应为季度，如 2027Q2 / a quarter such as 2027Q2"));
        }
        kept.insert(milestone.clone(), text.into());
    }
    Ok(Json::Object(kept).to_string())
}

/// Exact digits, as text where there are many.
pub fn decimal(given: &Json) -> Result<Decimal, String> {
    const WHAT: &str = "应为数字 / a number such as 12.5";
    let text = match given {
        Json::Number(it) => it.to_string(),
        Json::String(it) => it.trim().to_owned(),
        _ => return Err(WHAT.to_owned()),
    };
    if text.chars().filter(char::is_ascii_digit).count() > 15 {
        return Err("位数过多 / too many digits".to_owned());
    }
    let number = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
    let number = number.map_err(|_| WHAT.to_owned())?.normalize();
    if number.is_sign_negative() && !number.is_zero() {
        return Err("不应为负数 / may not be negative".to_owned());
    }
    if number >= Decimal::from(1_000_000_000_u64) {
        return Err("数值过大 / too large".to_owned());
    }
    if number.scale() > 6 {
        return Err("至多六位小数 / at most six digits after the point".to_owned());
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(sent: &Json) -> Result<Vec<Setting>> {
        parse(sent.as_object().unwrap(), Some("buyback"))
    }

    #[test]
    fn what_is_wrong_is_named_with_its_member() {
        for (name, given) in [
            ("counted_mu", json!(3)),
            ("state", json!("accepted")),
            ("plan_area_mu", json!(-1)),
            ("plan_area_mu", json!("1.2345678")),
            ("plan_area_mu", json!("12,5")),
            ("plan_area_mu", json!(1e30)),
            ("plants_freed", json!("1.5")),
            ("plan_finish", json!("2027-02-30")),
            ("path", json!("demolish")),
            ("person", json!(3)),
            ("person", json!("a\u{0}")),
            ("nodes", json!([])),
            ("nodes", json!({"cleared": "2027Q1"})),
            ("nodes", json!({"signing": "2027"})),
        ] {
            let why = read(&json!({ name: given })).unwrap_err().to_string();
            assert!(why.contains(&format!("properties.{name}")), "{name} {given}: {why}");
        }
        let why = read(&json!({"plan_aera_mu": 1})).unwrap_err().to_string();
        assert!(why.contains("`plan_area_mu`?"), "{why}");
    }

    #[test]
    fn nodes_are_those_of_the_path_that_the_case_will_have() {
        let sent = json!({"path": "acquisition", "nodes": {"cleared": "2027Q1", "signing": null}});
        let all = read(&sent).unwrap();
        let nodes = all.iter().find(|it| it.column == "nodes").unwrap();
        assert_eq!(nodes.value, Value::from(r#"{"cleared":"2027Q1"}"#.to_owned()));
        assert!(read(&json!({"nodes": {"transfer": "2027Q3"}})).is_ok());
        let alone = |sent: Json| parse(sent.as_object().unwrap(), None);
        assert!(alone(json!({"nodes": {"signing": "2027Q1"}})).is_err());
        // What is undone goes back to no path and nothing planned.
        assert!(alone(json!({"path": null, "nodes": {}})).is_ok());
    }
}
