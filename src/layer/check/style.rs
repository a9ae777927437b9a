//! What `style.json` may say: layers of the four kinds that are drawn, with the properties that MapLibre knows, reading
//! fields that are in the tiles. The style specification's own validator goes further and runs in the web map's tests.

use serde_json::Map;
use serde_json::Value;

use super::super::Declaration;
use super::Finding;
use super::Findings;
use super::did_you_mean;
use super::legend::is_color;

/// Members of a style layer.
const MEMBERS: [&str; 7] = ["id", "type", "metadata", "minzoom", "maxzoom", "filter", "layout"];

/// Layout properties by kind of layer. `icon-…` is left out: the map has no sprite.
const LAYOUT: [(&str, &[&str]); 4] = [
    ("fill", &["fill-sort-key", "visibility"]),
    (
        "line",
        &[
            "line-cap",
            "line-join",
            "line-miter-limit",
            "line-round-limit",
            "line-sort-key",
            "visibility",
        ],
    ),
    ("circle", &["circle-sort-key", "visibility"]),
    (
        "symbol",
        &[
            "symbol-placement",
            "symbol-spacing",
            "symbol-avoid-edges",
            "symbol-sort-key",
            "symbol-z-order",
            "text-pitch-alignment",
            "text-rotation-alignment",
            "text-field",
            "text-font",
            "text-size",
            "text-max-width",
            "text-line-height",
            "text-letter-spacing",
            "text-justify",
            "text-radial-offset",
            "text-variable-anchor",
            "text-variable-anchor-offset",
            "text-anchor",
            "text-max-angle",
            "text-writing-mode",
            "text-rotate",
            "text-padding",
            "text-keep-upright",
            "text-transform",
            "text-offset",
            "text-allow-overlap",
            "text-overlap",
            "text-ignore-placement",
            "text-optional",
            "visibility",
        ],
    ),
];

/// Paint properties by kind of layer. `…-pattern` is left out: a hatch is the legend's `pattern`, which clients draw.
const PAINT: [(&str, &[&str]); 4] = [
    (
        "fill",
        &[
            "fill-antialias",
            "fill-opacity",
            "fill-color",
            "fill-outline-color",
            "fill-translate",
            "fill-translate-anchor",
        ],
    ),
    (
        "line",
        &[
            "line-opacity",
            "line-color",
            "line-translate",
            "line-translate-anchor",
            "line-width",
            "line-gap-width",
            "line-offset",
            "line-blur",
            "line-dasharray",
        ],
    ),
    (
        "circle",
        &[
            "circle-radius",
            "circle-color",
            "circle-blur",
            "circle-opacity",
            "circle-translate",
            "circle-translate-anchor",
            "circle-pitch-scale",
            "circle-pitch-alignment",
            "circle-stroke-width",
            "circle-stroke-color",
            "circle-stroke-opacity",
        ],
    ),
    (
        "symbol",
        &[
            "text-opacity",
            "text-color",
            "text-halo-color",
            "text-halo-width",
            "text-halo-blur",
            "text-translate",
            "text-translate-anchor",
        ],
    ),
];

/// What is wrong with a `style.json` as the declaration's style.
pub(in crate::layer) fn style(declaration: &Declaration, style: &Value) -> Vec<Finding> {
    let mut found = Findings::of("style.json");
    let Value::Array(layers) = style else {
        found.say("(file)", "应为 MapLibre 图层的列表 / is a list of MapLibre layers");
        return found.list;
    };
    if layers.is_empty() {
        found.say("(file)", "至少要有一个 MapLibre 图层 / needs at least one MapLibre layer");
    }
    let mut names = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let Value::Object(layer) = layer else {
            found.say(&format!("[{index}]"), "应为对象 / is an object");
            continue;
        };
        let name = layer.get("id").and_then(Value::as_str);
        let key = name.map_or_else(|| format!("[{index}]"), ToOwned::to_owned);
        match name {
            None => found.say(&key, "缺少 `id` / needs an `id`"),
            Some(name) if names.contains(&name) => {
                found.say(&key, "`id` 重复 / another layer has this `id`");
            }
            Some(name) => names.push(name),
        }
        check_layer(declaration, &key, layer, &mut found);
    }
    found.list
}

fn check_layer(
    declaration: &Declaration,
    key: &str,
    layer: &Map<String, Value>,
    found: &mut Findings,
) {
    for member in layer.keys() {
        if member == "source" || member == "source-layer" {
            found.say(key, "数据源即本图层，不写 `source` / names a source; leave it out, it is the folder's own");
        } else if member != "paint" && !MEMBERS.contains(&member.as_str()) {
            let near = did_you_mean(member, MEMBERS.into_iter().chain(["paint"]));
            found.say(key, &format!("未知的键 / unknown key `{member}`{near}"));
        }
    }
    let kind = layer.get("type").and_then(Value::as_str).unwrap_or_default();
    for (part, table) in [("layout", LAYOUT), ("paint", PAINT)] {
        let Some((_, known)) = table.into_iter().find(|(it, _)| *it == kind) else {
            found.say(key, &format!("`type` 应为 / is fill, line, circle or symbol, not `{kind}`"));
            return;
        };
        let properties = match layer.get(part) {
            None => continue,
            Some(Value::Object(it)) => it,
            Some(_) => {
                found.say(key, &format!("`{part}` 应为对象 / is an object"));
                continue;
            }
        };
        for (name, value) in properties {
            let at = format!("{key}.{part}.{name}");
            if name.ends_with("-pattern") || name.starts_with("icon-") {
                found.say(
                    &at,
                    "地图没有图片；填充花纹请写在图例的 `pattern` / the map has no images; a hatch is the legend's `pattern`",
                );
            } else if !known.contains(&name.as_str()) {
                let near = did_you_mean(name, known.iter().copied());
                found.say(
                    &at,
                    &format!(
                        "{kind} 图层没有此属性 / is no {part} property of a {kind} layer{near}"
                    ),
                );
            }
            check_value(declaration, &at, value, found);
        }
    }
    if let Some(filter) = layer.get("filter") {
        check_value(declaration, &format!("{key}.filter"), filter, found);
    }
}

/// Colours that are none, and fields that the tiles do not carry.
fn check_value(declaration: &Declaration, at: &str, value: &Value, found: &mut Findings) {
    match value {
        Value::String(text) if text.starts_with('#') && !is_color(text) => {
            found.say(at, &format!("颜色写作 / a colour is `#rrggbb`, not `{text}`"));
        }
        Value::String(text) if text.starts_with('$') && text != "$legend" => {
            found.say(at, &format!("只有 / only `$legend` is filled in, not `{text}`"));
        }
        Value::Array(items) => {
            if let [Value::String(operator), Value::String(name)] = items.as_slice()
                && matches!(operator.as_str(), "get" | "has")
            {
                match declaration.field.get(name) {
                    None => {
                        let near = did_you_mean(name, declaration.field.keys().map(String::as_str));
                        found.say(at, &format!("没有字段 / no field `{name}`{near}"));
                    }
                    Some(field) if !field.tile => found.say(
                        at,
                        &format!(
                            "字段不在瓦片中，请设 / `{name}` is not in the tiles; set `tile = true`"
                        ),
                    ),
                    Some(_) => {}
                }
                return;
            }
            for it in items {
                check_value(declaration, at, it, found);
            }
        }
        Value::Object(members) => {
            for it in members.values() {
                check_value(declaration, at, it, found);
            }
        }
        _ => {}
    }
}
