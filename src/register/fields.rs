//! Fields that an edit writes: named as the layer publishes them, typed strictly, as far as the scope may read them. What it
//! may not read it cannot write, and is answered as if it were not there.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Map;
use serde_json::Value as Json;

use crate::access::Scope;
use crate::code::uscc;
use crate::cql::Value;
use crate::error::Error;
use crate::error::Result;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::layer::Text;
use crate::layer::nearest;
use crate::measure;

use super::queries::COLUMNS;

const CODE: &str = "parcel_code";
const UNIT: &str = "responsible_unit";
const M2: &str = "area_registered_m2";
const MU: &str = "area_registered_mu";
/// Characters of a text, and of a code, which stands in addresses.
const TEXT_MAX: usize = 1000;
const CODE_MAX: usize = 64;
/// Digits of a JSON number that a reader may be trusted to have kept.
const DIGITS_MAX: usize = 15;

/// A column with what is to be written there.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub column: String,
    /// The column's type in the database.
    pub sql_type: &'static str,
    pub value: Value<'static>,
}

/// Everything that an edit sets.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub all: Vec<Setting>,
    /// What was understood so and should be looked at.
    pub notes: Vec<Text>,
}

impl Settings {
    fn find(&self, column: &str) -> Option<&Value<'static>> {
        self.all.iter().find(|it| it.column == column).map(|it| &it.value)
    }

    fn text(&self, column: &str) -> Option<&str> {
        match self.find(column)? {
            Value::Text(it) => Some(it),
            _ => None,
        }
    }

    /// The parcel's code, where it is set.
    pub fn code(&self) -> Option<&str> {
        self.text(CODE)
    }

    /// Whether the responsible unit is set: to another one, or to nobody.
    pub fn moves(&self) -> bool {
        self.sets(UNIT)
    }

    /// The responsible unit that is set.
    pub fn unit(&self) -> Option<&str> {
        self.text(UNIT)
    }

    pub fn sets(&self, column: &str) -> bool {
        self.find(column).is_some()
    }

    pub fn set(&mut self, column: &str, sql_type: &'static str, value: Value<'static>) {
        self.all.retain(|it| it.column != column);
        self.all.push(Setting { column: column.to_owned(), sql_type, value });
    }

    /// The legal area has two columns, m² and 亩 as given: whoever sets one of them sets both, so that they never disagree.
    fn align_areas(&mut self, at: &str) -> Result<()> {
        let number = |it: Option<&Value<'static>>| match it {
            Some(Value::Number(it)) => Some(*it),
            _ => None,
        };
        let (m2, mu) = (self.find(M2), self.find(MU));
        let exact = |mu: Decimal| measure::m2_from_mu(mu).map(|it| it.round_dp(2));
        match (m2.is_some(), mu.is_some(), number(m2), number(mu)) {
            (true, true, Some(m2), Some(mu)) if exact(mu) != Some(m2.round_dp(2)) => Err(wrong(
                &format!("{at}.{MU}"),
                "两个证载面积不一致，只给其一即可 / the two registered areas disagree: give one of them",
            )),
            (true, true, Some(_), None) | (true, false, ..) => {
                self.set(MU, "numeric", Value::Null);
                Ok(())
            }
            (false, true, _, Some(mu)) => {
                let m2 = exact(mu).ok_or_else(|| wrong(&format!("{at}.{MU}"), TOO_LARGE))?;
                self.set(M2, "numeric", m2.into());
                Ok(())
            }
            (false, true, _, None) => {
                self.set(M2, "numeric", Value::Null);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

const TOO_LARGE: &str = "数值过大 / the number is too large";

fn wrong(at: &str, why: impl Into<String>) -> Error {
    Error::BadInput { at: format!("成员 / member `{at}`"), why: why.into() }
}

/// Reads members of `properties`, found at member `at`, under the scope's rights before that row.
pub fn parse(
    layer: &Layer,
    scope: &Scope,
    properties: &Map<String, Json>,
    at: &str,
) -> Result<Settings> {
    let mut settings = Settings::default();
    for (name, given) in properties {
        let shown: String = name.chars().filter(|it| !it.is_control()).take(60).collect();
        let at = format!("{at}.{shown}");
        let Some(field) = layer.field_for(scope, name) else {
            let writable = layer.fields_for(scope).filter(|it| !it.1.computed).map(|it| it.0);
            let near = nearest(name, writable)
                .map(|it| format!("；是否 / did you mean `{it}`?"))
                .unwrap_or_default();
            return Err(wrong(&at, format!("没有此字段 / there is no such field{near}")));
        };
        let column = field.column.as_deref().unwrap_or(name);
        if field.computed || !COLUMNS.contains(&column) {
            return Err(wrong(
                &at,
                "由系统计算，不能填写 / computed by the service: it cannot be set",
            ));
        }
        let value = value(field.kind, given).map_err(|why| wrong(&at, why))?;
        if let Value::Text(text) = &value {
            if !field.values.is_empty() && !field.values.iter().any(|it| it == text) {
                return Err(wrong(&at, format!("应为 / one of: {}", field.values.join(", "))));
            }
            if column == "holder_uscc"
                && let Err(why) = uscc::check(text)
            {
                settings.notes.push(Text::new(
                    format!("{name}：信用代码校验不符，已照录（{why}）"),
                    format!("{name}: the credit code does not check, and is kept as given ({why})"),
                ));
            }
        }
        if column == CODE {
            check_code(&value).map_err(|why| wrong(&at, why))?;
        }
        let sql_type = field.kind.postgres().split(' ').next().unwrap_or("text");
        settings.set(column, sql_type, value);
    }
    settings.align_areas(at)?;
    Ok(settings)
}

fn check_code(value: &Value<'_>) -> Result<(), &'static str> {
    match value {
        Value::Text(it) if it.chars().count() > CODE_MAX => {
            Err("至多 64 个字符 / at most 64 characters")
        }
        Value::Text(it) if it.chars().any(|it| it.is_whitespace() || it == '/') => {
            Err("不能含空白或斜线 / no blanks and no slashes")
        }
        // A segment of that name is another address.
        Value::Text(it) if ["merge", ".", ".."].contains(&it.as_ref()) => {
            Err("此名不能作代码 / this is no code")
        }
        Value::Text(_) => Ok(()),
        _ => Err("必填 / required"),
    }
}

/// A member's value; null clears.
fn value(kind: FieldType, given: &Json) -> Result<Value<'static>, String> {
    let text = |what: &str| given.as_str().ok_or_else(|| what.to_owned());
    if given.is_null() {
        return Ok(Value::Null);
    }
    Ok(match kind {
        FieldType::Text => {
            let text = text("应为文字 / a text")?.trim();
            if text.is_empty() {
                return Err("空文字；清除请用 null / an empty text: null clears".to_owned());
            }
            if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
                return Err("至多 1000 个字符，不含控制字符 / at most 1000 characters, none of them a control character".to_owned());
            }
            text.to_owned().into()
        }
        FieldType::Date => {
            let what = "应为日期 / a date such as 2025-12-31";
            let text = text(what)?;
            let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            Value::Date(date.filter(|_| text.len() == 10).ok_or(what)?)
        }
        FieldType::Boolean => given.as_bool().ok_or("应为 true 或 false / true or false")?.into(),
        FieldType::Integer => {
            Decimal::from(given.as_i64().ok_or("应为整数 / a whole number")?).into()
        }
        FieldType::Decimal => decimal(given)?.into(),
    })
}

/// Exact digits, as text where there are many: a JSON number with more than a computer keeps would be another number.
fn decimal(given: &Json) -> Result<Decimal, String> {
    let text = match given {
        Json::Number(it) => {
            let text = it.to_string();
            let digits = text.split(['e', 'E']).next().unwrap_or_default();
            if digits.chars().filter(char::is_ascii_digit).count() > DIGITS_MAX {
                return Err(
                    "位数过多，请以文字给出 / too many digits for a JSON number: give it as a text"
                        .to_owned(),
                );
            }
            text
        }
        Json::String(it) => it.clone(),
        _ => return Err("应为数字 / a number".to_owned()),
    };
    let number = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
    let number = number.map_err(|_| "应为数字 / a number such as 12.5".to_owned())?;
    if number.is_sign_negative() && !number.is_zero() {
        return Err("不应为负数 / may not be negative".to_owned());
    }
    if number >= Decimal::from(1_000_000_000_000_u64) {
        return Err(TOO_LARGE.to_owned());
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::layer::Layers;

    fn read(properties: &Json) -> Result<Settings> {
        let layers = Layers::load(None).unwrap();
        let layer = layers.find("parcels").unwrap();
        parse(layer, &Scope::console(), properties.as_object().unwrap(), "properties")
    }

    #[test]
    fn a_field_that_is_not_there_names_the_nearest_and_a_computed_one_is_refused() {
        let why = |it: Json| read(&it).unwrap_err().to_string();
        assert!(why(json!({"responsible_unt": "x"})).contains("`responsible_unit`?"));
        assert!(why(json!({"area_mu": 3})).contains("computed"));
        assert!(why(json!({"area_geom_m2": 3})).contains("computed"));
        for (name, given) in [
            ("name", json!(3)),
            ("name", json!(" ")),
            ("name", json!("a\u{0}b")),
            ("gfa_m2", json!("12,5")),
            ("gfa_m2", json!(-1)),
            ("gfa_m2", json!(1e30)),
            ("gfa_m2", json!(0.123_456_789_012_345_67)),
            ("contract_start", json!("2025-02-30")),
            ("block_class_override", json!("105")),
            ("parcel_code", json!(null)),
            ("parcel_code", json!("a/b")),
            ("parcel_code", json!("merge")),
        ] {
            let text = why(json!({ name: given }));
            assert!(text.contains(&format!("`properties.{name}`")), "{given}: {text}");
        }
    }

    #[test]
    fn what_the_scope_may_not_read_is_not_there() {
        let layers = Layers::load(None).unwrap();
        let layer = layers.find("parcels").unwrap();
        let viewer = Scope { role: crate::access::Role::Viewer, ..Scope::default() };
        let tax = json!({"contract_tax_wan_per_mu": 3});
        let error = parse(layer, &viewer, tax.as_object().unwrap(), "properties").unwrap_err();
        assert!(error.to_string().contains("no such field"), "{error}");
    }

    #[test]
    fn the_two_registered_areas_never_disagree() {
        let of = |it: Json| {
            let settings = read(&it).unwrap();
            let text = |column: &str| match settings.find(column) {
                Some(Value::Number(it)) => it.to_string(),
                Some(_) => "null".to_owned(),
                None => "-".to_owned(),
            };
            (text(M2), text(MU))
        };
        assert_eq!(of(json!({MU: "12.34"})), ("8226.67".to_owned(), "12.34".to_owned()));
        assert_eq!(of(json!({M2: 5000.5})), ("5000.5".to_owned(), "null".to_owned()));
        assert_eq!(of(json!({M2: null})), ("null".to_owned(), "null".to_owned()));
        assert_eq!(of(json!({MU: null})), ("null".to_owned(), "null".to_owned()));
        assert_eq!(of(json!({"name": "x"})), ("-".to_owned(), "-".to_owned()));
        assert!(read(&json!({M2: 1, MU: 1})).is_err());
    }
}
