//! A layer's look: `style.json` holds MapLibre layers without `source`. The value `"$legend"` stands for the colours of
//! the legend. Whole map styles are put together here from the same parts.

use serde_json::Value;
use serde_json::json;

use super::Layer;
use super::LegendRow;
use super::legend::color_expression;

/// The style layers of a folder, checked before: ids prefixed, `source-layer` set, `"$legend"` replaced, the layer's least
/// zoom applied.
pub(super) fn resolve(id: &str, min_zoom: u8, legend: &[LegendRow], style: &Value) -> Vec<Value> {
    let colors = color_expression(legend);
    let mut resolved = Vec::new();
    for layer in style.as_array().into_iter().flatten() {
        let mut layer = layer.clone();
        let name = layer["id"].as_str().unwrap_or_default();
        layer["id"] = json!(format!("{id}-{name}"));
        layer["source-layer"] = json!(id);
        if layer.get("minzoom").is_none() {
            layer["minzoom"] = json!(min_zoom);
        }
        fill_in(&mut layer, &colors);
        resolved.push(layer);
    }
    resolved
}

fn fill_in(value: &mut Value, colors: &Value) {
    match value {
        Value::String(text) if text == "$legend" => *value = colors.clone(),
        Value::Array(items) => items.iter_mut().for_each(|it| fill_in(it, colors)),
        Value::Object(members) => members.values_mut().for_each(|it| fill_in(it, colors)),
        _ => {}
    }
}

/// A whole MapLibre style of the given layers, lowest first. `tiles` gives each layer's absolute tile URL template.
pub fn map_style(name: &str, layers: &[&Layer], tiles: impl Fn(&Layer) -> String) -> Value {
    let mut sources = serde_json::Map::new();
    let mut drawn = vec![
        json!({"id": "background", "type": "background", "paint": {"background-color": "#f3f4f2"}}),
    ];
    for layer in layers {
        sources.insert(
            layer.id.clone(),
            json!({
                "type": "vector",
                "tiles": [tiles(layer)],
                "minzoom": layer.zooms.min,
                "maxzoom": layer.zooms.max,
            }),
        );
    }
    // Names go over everything, or a theme would hide the town that it lies in.
    for labels in [false, true] {
        for layer in layers {
            for part in layer.style.iter().filter(|it| (it["type"] == "symbol") == labels) {
                let mut part = part.clone();
                part["source"] = json!(layer.id);
                drawn.push(part);
            }
        }
    }
    json!({"version": 8, "name": name, "sources": sources, "layers": drawn})
}
