//! The rules every layer folder must keep, beyond what its types already say. Findings are collected, not thrown: a person
//! mends all of them in one go.

use std::fmt;

use crate::access::Role;

use super::Declaration;
use super::Field;
use super::Geometry;
use super::Kind;
use super::Layers;
use super::nearest;

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

/// Names that every feature has anyway, so no field may take them.
const RESERVED: [&str; 12] = [
    "id",
    "geom",
    "geom_original",
    "repaired",
    "extra",
    "row_id",
    "batch_id",
    "recorded_at",
    "recorded_by",
    "superseded_at",
    "valid_from",
    "valid_to",
];

/// `Snake_case` of ASCII letters and digits, at most 40 characters: what may stand in SQL unquoted and in a URL.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}

/// What is wrong with one `layer.toml` by itself.
pub(super) fn declaration(id: &str, it: &Declaration) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |key: &str, what: &str| {
        findings.push(Finding { file: "layer.toml".to_owned(), what: format!("`{key}`: {what}") });
    };
    if !is_plain_name(id) {
        say("(folder)", "a layer id is snake_case: a-z, 0-9 and _, at most 40 characters");
    }
    for (key, text) in [("title", &it.title), ("about", &it.about)] {
        if text.zh.trim().is_empty() || text.en.trim().is_empty() {
            say(key, "both `zh` and `en` need words");
        }
    }
    if it.zooms.min > it.zooms.max || it.zooms.max > 22 {
        say("zooms", "`min` may not exceed `max`, and `max` may not exceed 22");
    }
    if it.field.is_empty() {
        say("field", "a layer publishes at least its key");
    }
    for key in std::iter::once(&it.key).chain(&it.identify) {
        if !it.field.contains_key(key) {
            let near = nearest(key, it.field.keys().map(String::as_str));
            say(
                "key",
                &format!(
                    "no field `{key}`{}",
                    near.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default()
                ),
            );
        }
    }
    match it.kind {
        Kind::Register if !matches!(it.table.as_deref(), Some("parcel" | "building")) => {
            say("table", "a register layer is a view on `parcel` or `building`");
        }
        Kind::Reference | Kind::Derived if it.table.is_some() => {
            say("table", "only a register layer has one");
        }
        _ => {}
    }
    if it.overlay.is_some() && it.kind != Kind::Derived {
        say("overlay", "only a derived layer computes one");
    }
    for (name, field) in &it.field {
        check_field(it, name, field, &mut say);
    }
    for (row, legend) in it.legend.iter().enumerate() {
        let key = format!("legend[{row}]");
        let hex = legend.color.strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.chars().all(|it| it.is_ascii_hexdigit()) {
            say(&key, "a colour is `#rrggbb`");
        }
        if let Some(matches) = &legend.matches {
            match it.field.get(&matches.field) {
                None => say(&key, &format!("no field `{}`", matches.field)),
                Some(field) if !field.tile => {
                    say(
                        &key,
                        &format!("`{}` is not in the tiles; set `tile = true`", matches.field),
                    );
                }
                Some(_) => {}
            }
        }
    }
    findings
}

fn check_field(layer: &Declaration, name: &str, field: &Field, say: &mut impl FnMut(&str, &str)) {
    let key = format!("field.{name}");
    if !is_plain_name(name) {
        say(&key, "a field name is snake_case: a-z, 0-9 and _, at most 40 characters");
    }
    if RESERVED.contains(&name) {
        say(&key, "this name is taken by the service; choose another");
    }
    if field.title.zh.trim().is_empty() || field.title.en.trim().is_empty() {
        say(&key, "`title` needs `zh` and `en`");
    }
    if field.access < layer.access && field.access != Role::Public {
        say(&key, "a field cannot be opened wider than its layer");
    }
    if field.unit.is_some()
        && !matches!(field.kind, super::FieldType::Decimal | super::FieldType::Integer)
    {
        say(&key, "only a number has a `unit`");
    }
    if !field.bands.is_empty() {
        if field.bands.len() > 4 || field.bands.windows(2).any(|it| it[0] >= it[1]) {
            say(
                &key,
                "`bands` are at most four rising bounds, so that a public theme has at most five classes",
            );
        }
        if field.column.is_none() || field.kind != super::FieldType::Integer {
            say(&key, "`bands` need a `column` and make an integer");
        }
    }
    if let Some(column) = &field.column {
        let plain = match (layer.kind, column.split_once('.')) {
            (Kind::Register, None) => is_plain_name(column),
            (Kind::Derived, Some(("share", class))) => {
                !class.is_empty()
                    && class.chars().all(|it| it.is_alphanumeric() || it == '_' || it == '-')
            }
            (Kind::Derived, Some(("parcel" | "measure" | "result" | "class" | "class_of", it))) => {
                is_plain_name(it)
            }
            _ => false,
        };
        if !plain {
            say(
                &key,
                "`column` is a column name (register) or `parcel.`, `measure.`, `result.`, `class.`, `class_of.` or `share.` and a name (derived)",
            );
        }
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
                "`group`: no `{}` in layers/groups.toml; there are {}",
                layer.group,
                known.join(", ")
            ));
        }
        for class in layer.overlay.iter().flat_map(|it| &it.classes) {
            match layers.find(&class.layer) {
                Some(it) if it.kind == Kind::Reference && it.geometry == Geometry::Polygon => {
                    if let Some(field) =
                        class.class_field.as_deref().filter(|name| !it.field.contains_key(*name))
                    {
                        say(format!("`overlay.classes`: layer `{}` has no field `{field}`", it.id));
                    }
                }
                Some(it) => say(format!(
                    "`overlay.classes`: `{}` is not a reference layer of polygons",
                    it.id
                )),
                None => say(format!("`overlay.classes`: no layer `{}`", class.layer)),
            }
            if class.class.is_some() == class.class_field.is_some() {
                say(format!(
                    "`overlay.classes`: `{}` needs either `class` or `class_field`",
                    class.layer
                ));
            }
        }
    }
    findings
}
