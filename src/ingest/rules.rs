//! What a row's values must be, beyond their types: required, in the code list, not less than nothing, a code whose form
//! fits.

use rust_decimal::Decimal;

use crate::layer::Field;
use crate::layer::Unit;
use crate::layer::nearest;

use super::quality::codes;
use super::report::Issue;
use super::target::Target;
use super::value::Value;

/// Everything to say about the values of a row; `column` names the header that a field was read from.
pub fn judge(
    target: &Target,
    values: &[Option<Value>],
    number: u64,
    column: impl Fn(usize) -> String,
) -> Vec<Issue> {
    let mut issues = Vec::new();
    for (index, (name, field)) in target.fields.iter().enumerate() {
        let column = || Some(column(index));
        match &values[index] {
            None if field.required => {
                let why = "缺少必填值 / a required value is missing";
                issues.push(Issue::error("required", number, column(), None, why));
            }
            Some(Value::Text(text)) => {
                if !field.values.is_empty() && !field.values.contains(text) {
                    let known = field.values.join("、");
                    let near = nearest(text, field.values.iter().map(String::as_str))
                        .map(|it| format!("，是否 / did you mean `{it}`?"))
                        .unwrap_or_default();
                    let why = format!("应为 / one of: {known}{near}");
                    issues.push(Issue::error(
                        "code_list",
                        number,
                        column(),
                        Some(text.clone()),
                        why,
                    ));
                } else {
                    issues.extend(codes::judge(name, text, number, column));
                }
            }
            Some(Value::Decimal(it)) if name == "share" && !is_part(*it) => {
                let why = "应在 0 与 1 之间（0%–100%）/ between 0 and 1 (0 % to 100 %)";
                let value = Some(it.to_string());
                issues.push(Issue::error("share", number, column(), value, why));
            }
            Some(it) if is_negative(it) && counts(name, field) => {
                let why = "不应为负数 / may not be negative";
                let value = match it {
                    Value::Decimal(it) => it.to_string(),
                    Value::Integer(it) => it.to_string(),
                    _ => String::new(),
                };
                issues.push(Issue::error("negative", number, column(), Some(value), why));
            }
            _ => {}
        }
    }
    issues
}

/// Whether it is a part of a whole.
fn is_part(share: Decimal) -> bool {
    (Decimal::ZERO..=Decimal::ONE).contains(&share)
}

fn is_negative(value: &Value) -> bool {
    match value {
        Value::Decimal(it) => it.is_sign_negative() && !it.is_zero(),
        Value::Integer(it) => *it < 0,
        _ => false,
    }
}

/// Whether a field holds credit codes.
pub fn is_credit_code(name: &str) -> bool {
    name == "uscc" || name.ends_with("_uscc")
}

/// Whether the figure counts or measures something, so that less than nothing is a mistake. Money may be owed.
fn counts(name: &str, field: &Field) -> bool {
    name.split('_').any(|it| it == "far")
        || !matches!(
            field.unit,
            None | Some(Unit::Wan | Unit::WanPerMu | Unit::WanPerTce | Unit::Ratio)
        )
}
