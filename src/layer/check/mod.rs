//! The rules every layer folder must keep, beyond what its types already say. Findings are collected, not thrown: a person
//! mends all of them in one go.

use std::fmt;

use crate::access::Role;

use super::Declaration;
use super::Geometry;
use super::Kind;
use super::Layers;
use super::MapRole;
use super::nearest;

mod field;
mod figures;
mod generalise;
mod legend;
mod planning;
mod style;

pub use figures::APART;
pub(super) use style::style;

/// Something to mend in a layer folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub file: String,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// Findings of one file, each at a key.
#[derive(Debug)]
pub(super) struct Findings {
    file: &'static str,
    list: Vec<Finding>,
}

impl Findings {
    fn of(file: &'static str) -> Self {
        Self { file, list: Vec::new() }
    }

    /// `key` is where it is written, `what` what would be right, in both languages.
    fn say(&mut self, key: &str, what: &str) {
        self.list.push(Finding { file: self.file.to_owned(), what: format!("`{key}`: {what}") });
    }
}

/// `snake_case` of ASCII letters and digits, at most 40 characters: what may stand in SQL unquoted and in a URL.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}

/// "; did you mean `x`?", where there is a likely one.
fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    nearest(word, candidates)
        .map(|it| format!("；是否为 `{it}` / did you mean `{it}`?"))
        .unwrap_or_default()
}

/// What is wrong with one `layer.toml` by itself.
pub(super) fn declaration(id: &str, it: &Declaration) -> Vec<Finding> {
    let mut found = Findings::of("layer.toml");
    if !is_plain_name(id) {
        found.say(
            "(folder)",
            "图层编号只用小写字母、数字与下划线，至多 40 个字符 / a layer id is snake_case: a-z, 0-9 and _, at most 40 characters",
        );
    }
    if id.ends_with("_in_force") || id.ends_with("_past") {
        found.say(
            "(folder)",
            "结尾 `_in_force` 与 `_past` 为图层的视图保留 / the endings `_in_force` and `_past` are kept for the views of layers",
        );
    }
    for (key, text) in [("title", &it.title), ("about", &it.about)] {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            found.say(key, "`zh` 与 `en` 都要有文字 / both `zh` and `en` need words");
        }
    }
    if it.zooms.min > it.zooms.max || it.zooms.max > 22 {
        found.say(
            "zooms",
            "`min` 不大于 `max`，`max` 不大于 22 / `min` may not exceed `max`, and `max` may not exceed 22",
        );
    }
    if it.field.is_empty() {
        found.say("field", "至少要有标识字段 / a layer publishes at least its key");
    }
    for (key, name) in [("key", Some(&it.key)), ("identify", it.identify.as_ref())]
        .into_iter()
        .filter_map(|(key, name)| Some((key, name?)))
    {
        if !it.field.contains_key(name) {
            let near = did_you_mean(name, it.field.keys().map(String::as_str));
            found.say(key, &format!("没有字段 / no field `{name}`{near}"));
        }
    }
    if it.identify.as_ref().is_some_and(|name| it.field.get(name).is_some_and(|field| !field.tile))
    {
        found.say(
            "identify",
            "所指字段须在瓦片中，请设 `tile = true` / the field must be in the tiles; set `tile = true`",
        );
    }
    match it.kind {
        Kind::Register
            if !matches!(
                (it.table.as_deref(), it.geometry),
                (Some("parcel" | "building" | "reuse_case"), Geometry::Polygon)
                    | (Some("audit_event"), Geometry::None)
            ) =>
        {
            found.say(
                "table",
                "台账图层取自 `parcel`、`building`、`reuse_case`（面）或 `audit_event`（无图形） / a register layer is a view on `parcel`, `building` or `reuse_case`, which are polygons, or on `audit_event`, which has no shapes",
            );
        }
        Kind::Reference | Kind::Derived if it.table.is_some() => {
            found.say("table", "只有台账图层写 `table` / only a register layer has one");
        }
        _ => {}
    }
    if it.geometry == Geometry::None && it.kind != Kind::Register {
        found.say("geometry", "只有台账可以没有图形 / only a register may be without shapes");
    }
    if it.table.as_deref() == Some("audit_event") && it.access != Role::Admin {
        found.say("access", "审计日志只供系统管理员 / the audit is for administrators only");
    }
    cases(it, &mut found);
    if it.table.as_deref() == Some("parcel")
        && it.field.get("parcel_code").is_none_or(|it| it.column.is_some())
    {
        found.say(
            "field",
            "宗地图层要有 `parcel_code` / the layer of parcels publishes their `parcel_code`",
        );
    }
    if it.overlay.is_some() && it.kind != Kind::Derived {
        found.say("overlay", "只有派生图层做叠加 / only a derived layer computes one");
    }
    if it.role == MapRole::Theme && it.legend.iter().all(|row| row.matches.is_none()) {
        found.say(
            "legend",
            "专题图层要有图例，且每行写 `match` / a theme needs a legend whose rows say what they `match`",
        );
    }
    if it.role == MapRole::Base && it.access != Role::Public {
        found.say("access", "底图对所有人公开 / the base map is public");
    }
    for (name, field) in &it.field {
        field::check(it, name, field, &mut found);
    }
    legend::check(it, &mut found);
    generalise::check(it, &mut found);
    planning::check(it, &mut found);
    found.list
}

/// What a layer of redevelopment cases must be.
fn cases(it: &Declaration, found: &mut Findings) {
    if it.table.as_deref() == Some("reuse_case")
        && (it.access < Role::Officer || !it.field.contains_key(super::UNIT_FIELD))
    {
        found.say(
            "access",
            "盘活台账只供承办人，且须有 `responsible_unit` / cases are for officers, and have a `responsible_unit`",
        );
    }
    if it.table.as_deref() == Some("reuse_case") && it.field.values().any(|it| !it.computed) {
        found.say(
            "field",
            "盘活台账由本系统记录，字段须 `computed = true` / cases are written by the service: their fields are `computed`",
        );
    }
}

/// What only shows when all folders are known: groups and layers that one names and nobody is.
pub(super) fn across(layers: &Layers) -> Vec<Finding> {
    let mut findings = Vec::new();
    for layer in layers.layers.values() {
        let mut say = |what: String| {
            findings.push(Finding { file: format!("layers/{}/layer.toml", layer.id), what });
        };
        if !layers.groups.contains_key(&layer.group) {
            let known: Vec<&str> = layers.groups.keys().map(String::as_str).collect();
            say(format!(
                "`group`: layers/groups.toml 中没有 / no `{}` in layers/groups.toml; 现有 / there are {}",
                layer.group,
                known.join(", ")
            ));
        }
        for class in layer.overlay.iter().flat_map(|it| &it.classes) {
            match layers.find(&class.layer) {
                Some(it) if it.kind == Kind::Reference && it.geometry == Geometry::Polygon => {
                    let named = [&class.class_field, &class.name_field].into_iter().flatten();
                    for field in named.filter(|name| !it.field.contains_key(*name)) {
                        let near = did_you_mean(field, it.field.keys().map(String::as_str));
                        say(format!(
                            "`overlay.classes`: 图层没有该字段 / layer `{}` has no field `{field}`{near}",
                            it.id
                        ));
                    }
                }
                Some(it) => say(format!(
                    "`overlay.classes`: 不是面状参考图层 / `{}` is not a reference layer of polygons",
                    it.id
                )),
                None => {
                    let near = did_you_mean(&class.layer, layers.layers.keys().map(String::as_str));
                    say(format!("`overlay.classes`: 没有图层 / no layer `{}`{near}", class.layer));
                }
            }
            if class.class.is_some() == class.class_field.is_some() {
                say(format!(
                    "`overlay.classes`: `class` 与 `class_field` 二者取一 / `{}` needs either `class` or `class_field`",
                    class.layer
                ));
            }
            if class.name_field.is_some() && class.class.is_none() {
                say(format!(
                    "`overlay.classes`: `name_field` 须与 `class` 同用 / `name_field` of `{}` needs `class` beside it",
                    class.layer
                ));
            }
        }
        if let Some(column) = layer.overlay.as_ref().and_then(|it| it.override_column.as_deref()) {
            let parcels = layers.layers.values().find(|it| it.table.as_deref() == Some("parcel"));
            let fields = parcels.map(|it| &it.field);
            if fields.is_none_or(|it| !it.contains_key(column)) {
                let names = fields.into_iter().flat_map(|it| it.keys()).map(String::as_str);
                let near = did_you_mean(column, names);
                say(format!(
                    "`overlay.override_column`: 宗地没有该字段 / the parcels have no field `{column}`{near}"
                ));
            }
        }
        // `class_of.x` and `name_of.x` read what the overlay of layer x found.
        for (name, field) in &layer.field {
            let column = field.column.as_deref().and_then(|it| it.split_once('.'));
            let other = column.filter(|it| ["class_of", "name_of"].contains(&it.0));
            if let Some((source, other)) =
                other.filter(|it| layers.find(it.1).is_none_or(|it| it.overlay.is_none()))
            {
                let classing = layers
                    .layers
                    .values()
                    .filter(|it| it.overlay.is_some())
                    .map(|it| it.id.as_str());
                let near = did_you_mean(other, classing);
                say(format!(
                    "`field.{name}`: `{source}` 须指有 `[overlay]` 的图层 / `{other}` is no layer with an `[overlay]`{near}"
                ));
            }
        }
    }
    for layer in layers.of_kind(Kind::Derived) {
        figures::check(layers, layer, &mut findings);
        planning::across(layers, layer, &mut findings);
    }
    findings
}

#[cfg(test)]
mod tests;
