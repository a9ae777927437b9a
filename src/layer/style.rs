//! A layer's look: `style.json` holds MapLibre layers without `source`. The value `"$legend"` stands for the colours of
//! the legend. Whole map styles are put together here from the same parts.

use serde_json::Value;
use serde_json::json;

use super::Layer;
use super::LegendRow;
use super::legend::color_expression;

/// The style layers of a folder: ids prefixed, `source-layer` set, `"$legend"` replaced, zooms of the layer applied.
pub(super) fn resolve(
    id: &str,
    min_zoom: u8,
    legend: &[LegendRow],
    style: &Value,
) -> Result<Vec<Value>, String> {
    let Value::Array(layers) = style else {
        return Err("is not a list of MapLibre layers".to_owned());
    };
    let mut resolved = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let Value::Object(layer) = layer else {
            return Err(format!("layer {index} is not an object"));
        };
        if layer.contains_key("source") || layer.contains_key("source-layer") {
            return Err(format!(
                "layer {index} names a source; leave it out, it is the folder's own"
            ));
        }
        let mut layer = layer.clone();
        let Some(Value::String(name)) = layer.get("id") else {
            return Err(format!("layer {index} has no `id`"));
        };
        let name = format!("{id}-{name}");
        match layer.get("type").and_then(Value::as_str) {
            Some("fill" | "line" | "circle" | "symbol") => {}
            other => {
                return Err(format!(
                    "layer `{name}` has type {other:?}; fill, line, circle or symbol are drawn"
                ));
            }
        }
        layer.insert("id".to_owned(), json!(name));
        layer.insert("source-layer".to_owned(), json!(id));
        layer.entry("minzoom").or_insert_with(|| json!(min_zoom));
        let mut value = Value::Object(layer);
        fill_in(&mut value, &color_expression(legend));
        resolved.push(value);
    }
    Ok(resolved)
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
        for part in &layer.style {
            let mut part = part.clone();
            part["source"] = json!(layer.id);
            drawn.push(part);
        }
    }
    json!({"version": 8, "name": name, "sources": sources, "layers": drawn})
}
