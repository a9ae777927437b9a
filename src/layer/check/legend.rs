//! What a legend may say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::Declaration;
use super::super::FieldType;
use super::Findings;
use super::did_you_mean;

pub(super) fn check(layer: &Declaration, found: &mut Findings) {
    let mut fields = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (row, legend) in layer.legend.iter().enumerate() {
        let key = format!("legend[{row}]");
        if legend.label.zh.trim().is_empty() || legend.label.en.trim().is_empty() {
            found.say(&key, "`label` 要有 `zh` 与 `en` / `label` needs `zh` and `en`");
        }
        if !is_color(&legend.color) {
            found.say(&key, &format!("颜色写作 / a colour is `#rrggbb`, not `{}`", legend.color));
        }
        let Some(matches) = &legend.matches else {
            if layer.legend.len() > 1 {
                found.say(
                    &key,
                    "多行图例每行都要写 `match` / each row of a longer legend says what it `match`es",
                );
            }
            continue;
        };
        fields.insert(matches.field.as_str());
        let Some(field) = layer.field.get(&matches.field) else {
            let near = did_you_mean(&matches.field, layer.field.keys().map(String::as_str));
            found.say(&key, &format!("没有字段 / no field `{}`{near}", matches.field));
            continue;
        };
        if !field.tile {
            found.say(
                &key,
                &format!(
                    "字段不在瓦片中，请设 / `{}` is not in the tiles; set `tile = true`",
                    matches.field
                ),
            );
        }
        if field.access > layer.access {
            found.say(
                &key,
                &format!(
                    "能看图层的人看不到字段 / who may read the layer may not read `{}`; a legend classes by a field that is open to all of them",
                    matches.field
                ),
            );
        }
        for value in &matches.values {
            let fits = match field.kind {
                FieldType::Text => value.is_string(),
                FieldType::Integer => value.is_i64(),
                FieldType::Boolean => value.is_boolean(),
                FieldType::Decimal | FieldType::Date => false,
            };
            if !fits {
                found.say(
                    &key,
                    &format!(
                        "值与字段类型不符 / {value} is no value of `{}`, which is {}; text, integers and booleans can be classed",
                        matches.field,
                        field.kind.name()
                    ),
                );
            }
            if let Some(text) = value.as_str().filter(|it| {
                !field.values.is_empty() && !field.values.iter().any(|known| known == it)
            }) {
                let near = did_you_mean(text, field.values.iter().map(String::as_str));
                found.say(
                    &key,
                    &format!(
                        "不在字段的 `values` 中 / `{text}` is not among the field's `values`{near}"
                    ),
                );
            }
        }
        let values = matches.values.iter().map(Value::to_string);
        let missing = matches.values.is_empty().then(|| "缺失 / missing".to_owned());
        for value in values.chain(missing) {
            if !seen.insert(value.clone()) {
                found.say(&key, &format!("已在前一行 / an earlier row has {value} already"));
            }
        }
    }
    if fields.len() > 1 {
        let names: Vec<&str> = fields.into_iter().collect();
        found.say(
            "legend",
            &format!(
                "图例只按一个字段分类 / a legend classes by one field, not by {}",
                names.join(", ")
            ),
        );
    }
}

/// `#rrggbb`.
pub(super) fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.chars().all(|it| it.is_ascii_hexdigit()))
}
