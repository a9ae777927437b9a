//! One cell to one typed value: numbers with thousands separators and full-width digits, dates as text or as Excel's day
//! numbers, yes and no. A dash or an empty cell is missing, never zero; what is not understood is an error, never a guess.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;

use crate::layer::FieldType;

use super::date::NOT_A_DATE;
use super::date::parse_date;

/// A cell as a reader hands it over.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    #[default]
    Missing,
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Date(NaiveDate),
    /// What the source itself calls an error (`#N/A`, bytes that are no text), with what it is.
    Broken(String),
}

/// A value as a column of the database takes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Decimal(Decimal),
    Boolean(bool),
    Date(NaiveDate),
}

impl Value {
    /// The value as a text; numbers without zeros at their end.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(it) => it.clone(),
            Self::Integer(it) => it.to_string(),
            Self::Decimal(it) => it.normalize().to_string(),
            Self::Boolean(it) => it.to_string(),
            Self::Date(it) => it.to_string(),
        }
    }
}

/// Why a cell is not a value of the type that is wanted, in both languages.
pub type Why = String;

/// Bytes of a text that a field takes; longer ones are another file in a cell.
const LONGEST: usize = 100_000;

/// Words that stand for "nothing known", besides rows of dashes and strokes.
const MISSING: [&str; 4] = ["null", "n/a", "#n/a", "缺失"];

/// Whether a text (plain, lower case) says that nothing is known.
fn says_missing(text: &str) -> bool {
    MISSING.contains(&text)
        || text.chars().all(|it| matches!(it, '-' | '—' | '–' | '―' | '−' | '/' | '\\'))
}

/// Full-width letters and digits made plain, outer blanks and invisible characters removed.
pub fn plain(text: &str) -> String {
    // Most cells are plain already, and normalising is what costs the most in reading a million of them.
    if text.bytes().all(|it| matches!(it, 0x20..=0x7e)) {
        return text.trim().to_owned();
    }
    let visible = text.nfkc().filter(|it| !is_invisible(*it)).collect::<String>();
    visible.trim().to_owned()
}

fn is_invisible(it: char) -> bool {
    matches!(it, '\u{0}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
}

impl Cell {
    /// Whether nothing stands here.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => {
                let may_be = |it: char| {
                    !it.is_alphanumeric() || matches!(it, 'n' | 'N' | 'Ｎ' | 'ｎ' | '缺')
                };
                text.chars().next().is_none_or(may_be)
                    && text.len() < 24
                    && says_missing(&plain(text).to_lowercase())
            }
            _ => false,
        }
    }

    /// The cell as it is quoted in a report.
    pub fn shown(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Text(text) | Self::Broken(text) => text.chars().take(80).collect(),
            Self::Integer(it) => it.to_string(),
            Self::Number(it) => it.to_string(),
            Self::Boolean(it) => it.to_string(),
            Self::Date(it) => it.to_string(),
        }
    }

    /// The cell as a member of `extra`.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Missing => serde_json::Value::Null,
            Self::Integer(it) => (*it).into(),
            Self::Number(it) => (*it).into(),
            Self::Boolean(it) => (*it).into(),
            Self::Text(it) => it.chars().filter(|it| *it != '\0').collect::<String>().trim().into(),
            Self::Broken(_) | Self::Date(_) => self.shown().into(),
        }
    }

    /// The cell as a value of a type. `None` is a missing value.
    pub fn value(&self, kind: FieldType) -> Result<Option<Value>, Why> {
        if self.is_missing() {
            return Ok(None);
        }
        if let Self::Broken(what) = self {
            return Err(format!("单元格有误 / the cell is broken: {what}"));
        }
        match kind {
            FieldType::Text => self.text().map(|it| Some(Value::Text(it))),
            FieldType::Decimal => self.decimal().map(|it| it.map(Value::Decimal)),
            FieldType::Integer => match self.decimal()? {
                None => Ok(None),
                Some(it) if it.is_integer() => i64::try_from(it)
                    .map(|it| Some(Value::Integer(it)))
                    .map_err(|_| "数值过大 / too large for a whole number".to_owned()),
                Some(_) => Err("应为整数 / not a whole number".to_owned()),
            },
            FieldType::Boolean => self.boolean().map(|it| Some(Value::Boolean(it))),
            FieldType::Date => self.date().map(|it| Some(Value::Date(it))),
        }
    }

    fn text(&self) -> Result<String, Why> {
        match self {
            Self::Text(text) if text.len() > LONGEST => Err(format!(
                "文本过长（{} 字节，上限 {LONGEST}）/ a text of {} bytes, the limit is {LONGEST}",
                text.len(),
                text.len()
            )),
            Self::Text(text) => {
                if text.chars().any(is_invisible) {
                    let kept: String = text.chars().filter(|it| !is_invisible(*it)).collect();
                    return Ok(kept.trim().to_owned());
                }
                Ok(text.trim().to_owned())
            }
            Self::Integer(it) => Ok(it.to_string()),
            // A code of 16 and more digits that was typed as a number has lost its end.
            Self::Number(it) if it.abs() >= 1e15 => Err(
                "编码以数字格式保存，末位已丢失，请设为文本格式 / a code stored as a number has lost its last digits: format the column as text"
                    .to_owned(),
            ),
            Self::Number(it) => Ok(it.to_string()),
            Self::Boolean(it) => Ok(if *it { "是" } else { "否" }.to_owned()),
            Self::Date(it) => Ok(it.to_string()),
            Self::Missing | Self::Broken(_) => Ok(String::new()),
        }
    }

    fn decimal(&self) -> Result<Option<Decimal>, Why> {
        match self {
            Self::Integer(it) => Ok(Some(Decimal::from(*it))),
            Self::Number(it) => decimal_from_f64(*it).map(Some),
            Self::Text(text) => parse_decimal(text),
            _ => Err("不是数字 / not a number".to_owned()),
        }
    }

    fn boolean(&self) -> Result<bool, Why> {
        let text = match self {
            Self::Boolean(it) => return Ok(*it),
            other => plain(&other.shown()).to_lowercase(),
        };
        match text.as_str() {
            "是" | "有" | "1" | "y" | "yes" | "t" | "true" | "√" | "✓" | "对" => Ok(true),
            "否" | "无" | "0" | "n" | "no" | "f" | "false" | "×" | "✗" | "非" => Ok(false),
            _ => Err("应为 是/否 / neither yes nor no".to_owned()),
        }
    }

    fn date(&self) -> Result<NaiveDate, Why> {
        match self {
            Self::Date(it) => Ok(*it),
            Self::Integer(it) => parse_date(&it.to_string()),
            Self::Number(it) if it.fract() == 0.0 => parse_date(&it.to_string()),
            Self::Text(text) => parse_date(text),
            _ => Err(NOT_A_DATE.to_owned()),
        }
    }
}

/// A binary number as the shortest decimal that reads back the same. NaN and infinity are refused.
fn decimal_from_f64(it: f64) -> Result<Decimal, Why> {
    if !it.is_finite() {
        return Err("不是有限数值 / not a finite number".to_owned());
    }
    // `Display` of f64 never uses exponents and is the shortest text that reads back the same.
    let text = it.to_string();
    Decimal::from_str_exact(&text)
        .or_else(|_| text.parse())
        .map_err(|_| "数值过大 / the number is too large".to_owned())
}

/// A number as people write it. `None` is a missing value.
///
/// Thousands separators count only where they stand in threes: `1,23` is refused, not read as 123.
pub fn parse_decimal(text: &str) -> Result<Option<Decimal>, Why> {
    let text = plain(text);
    if says_missing(&text.to_lowercase()) || text == "无" {
        return Ok(None);
    }
    let not_a_number = || "不是数字 / not a number".to_owned();
    let (text, percent) = match text.strip_suffix('%') {
        Some(it) => (it.trim_end(), true),
        None => (text.as_str(), false),
    };
    // Accountants' negative: (1,234.50).
    let (text, bracketed) = match text.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
        Some(it) => (it, true),
        None => (text, false),
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(it) => ("-", it),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = without_separators(whole).ok_or_else(not_a_number)?;
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if !all_digits(&whole) || !all_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return Err(not_a_number());
    }
    let plain = format!("{sign}{whole}.{fraction}0");
    let too_long = || "数值位数过多 / the number has too many digits".to_owned();
    let mut value = match exponent {
        None => Decimal::from_str_exact(&plain).or_else(|_| plain.parse()),
        Some(it) => {
            let exponent: i32 = it.parse().map_err(|_| not_a_number())?;
            Decimal::from_scientific(&format!("{}e{exponent}", plain.trim_end_matches('0')))
                .or_else(|_| Decimal::from_scientific(&format!("{plain}e{exponent}")))
        }
    }
    .map_err(|_| too_long())?;
    if percent {
        value = value.checked_div(Decimal::ONE_HUNDRED).ok_or_else(too_long)?;
    }
    if bracketed {
        value = -value;
    }
    Ok(Some(value.normalize()))
}

/// The digits without separators that group them in threes; `None` where the grouping is none.
fn without_separators(whole: &str) -> Option<String> {
    let separator = [',', '\'', ' '].into_iter().find(|it| whole.contains(*it));
    let Some(separator) = separator else { return Some(whole.to_owned()) };
    let groups: Vec<&str> = whole.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let in_threes = (1..=3).contains(&first.len()) && rest.iter().all(|it| it.len() == 3);
    in_threes.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Result<Option<Decimal>, Why> {
        parse_decimal(text)
    }

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_as_offices_write_them() {
        for (text, want) in [
            ("12", "12"),
            (" 1,234,567.89 ", "1234567.89"),
            ("１２３．４５", "123.45"),
            ("1，234", "1234"),
            ("-0.50", "-0.5"),
            ("(1,200)", "-1200"),
            ("85%", "0.85"),
            ("1.5e3", "1500"),
            ("2E-2", "0.02"),
            (".5", "0.5"),
            ("0", "0"),
        ] {
            assert_eq!(number(text), Ok(Some(dec(want))), "{text}");
        }
    }

    #[test]
    fn a_dash_is_missing_and_never_zero() {
        for text in ["", "-", "—", "——", "/", "／", "　", "N/A", "无", "null"] {
            assert_eq!(number(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_a_reason() {
        for text in ["1,23", "12万", "1.2.3", "约100", "1 2", "--5", "1e99", "∞", "1,,234", "e5"]
        {
            assert!(number(text).is_err(), "{text}: {:?}", number(text));
        }
        assert!(Cell::Number(f64::NAN).value(FieldType::Decimal).is_err());
        assert!(Cell::Number(1e300).value(FieldType::Decimal).is_err());
    }

    #[test]
    fn a_long_code_typed_as_a_number_is_refused_and_a_short_one_is_not() {
        assert_eq!(
            Cell::Number(104.0).value(FieldType::Text),
            Ok(Some(Value::Text("104".to_owned())))
        );
        assert!(Cell::Number(3.101_14e18).value(FieldType::Text).is_err());
    }

    proptest! {
        #[test]
        fn a_written_number_reads_back(mantissa in any::<i64>(), scale in 0_u32..12) {
            let value = Decimal::new(mantissa, scale);
            prop_assert_eq!(number(&value.to_string()), Ok(Some(value.normalize())));
            // The same with thousands separators and full-width digits.
            let text = value.abs().to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            let mut grouped = String::new();
            for (index, digit) in whole.chars().enumerate() {
                if index > 0 && (whole.len() - index).is_multiple_of(3) {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            let wide: String = format!("{grouped}.{fraction}").chars()
                .map(|it| it.to_digit(10).and_then(|d| char::from_u32(0xFF10 + d)).unwrap_or(it)).collect();
            prop_assert_eq!(number(&wide), Ok(Some(value.abs().normalize())));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "\\PC{0,24}") {
            let _ = number(&text);
            let _ = parse_date(&text);
            let _ = super::super::date::parse_period(&text);
        }

        #[test]
        fn a_binary_number_keeps_its_shortest_decimal(value in -1e12_f64..1e12) {
            let read = decimal_from_f64(value).unwrap();
            let back: f64 = read.to_string().parse().unwrap();
            prop_assert!((back - value).abs() <= value.abs() * 1e-15);
        }
    }
}
