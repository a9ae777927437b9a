//! What `[generalise]` may say.

use super::super::Declaration;
use super::super::FieldType;
use super::super::generalise::OF_AGGREGATES;
use super::Findings;
use super::did_you_mean;
use super::is_plain_name;

pub(super) fn check(layer: &Declaration, found: &mut Findings) {
    let it = &layer.generalise;
    let mut named = |key: &str, name: &str, kinds: &[FieldType], which: &str| {
        let Some(field) = layer.field.get(name) else {
            let near = did_you_mean(name, layer.field.keys().map(String::as_str));
            found.say(key, &format!("没有字段 / no field `{name}`{near}"));
            return;
        };
        if !kinds.contains(&field.kind) {
            found.say(key, &format!("`{name}` {which}, not {}", field.kind.name()));
        }
    };
    let classes = [FieldType::Text, FieldType::Integer, FieldType::Boolean];
    let numbers = [FieldType::Integer, FieldType::Decimal];
    if let Some(name) = &it.class {
        named(
            "generalise.class",
            name,
            &classes,
            "应为文本、整数或是否 / is text, integer or boolean",
        );
    }
    if let Some(name) = &it.unit {
        named("generalise.unit", name, &classes[..1], "应为文本 / is text");
    }
    for name in &it.sums {
        named("generalise.sums", name, &numbers, "应为数值 / is a number");
    }
    for (name, ratio) in &it.ratios {
        let key = format!("generalise.ratios.{name}");
        named(&key, &ratio.over, &numbers, "应为数值 / is a number");
        named(&key, &ratio.under, &numbers, "应为数值 / is a number");
    }
    for name in it.ratios.keys() {
        let taken = it.sums.contains(name)
            || [&it.class, &it.unit].iter().any(|it| it.as_ref() == Some(name));
        if taken || !is_plain_name(name) || OF_AGGREGATES.contains(&name.as_str()) {
            found.say(
                &format!("generalise.ratios.{name}"),
                "比率须另有名称 / a ratio has a name of its own, in snake_case",
            );
        }
    }
    let of_aggregates = [&it.class, &it.unit].into_iter().flatten().chain(&it.sums);
    for name in of_aggregates.filter(|it| OF_AGGREGATES.contains(&it.as_str())) {
        found.say(
            "generalise",
            &format!("汇总要素已有该属性 / `{name}` is what aggregates say of themselves"),
        );
    }
}
