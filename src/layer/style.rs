//! A layer's look: `style.json` holds MapLibre layers without `source`. The value `"$legend"` stands for the colours of
//! the legend. Whole map styles are put together here from the same parts.

use serde_json::Value;
use serde_json::json;

use super::Draw;
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
    let mut parts = Vec::new();
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
            let mut drawn = part.clone();
            drawn["source"] = json!(layer.id);
            parts.push((stacking(layer, part), drawn));
        }
    }
    parts.sort_by_key(|(rank, _)| *rank);
    let background =
        json!({"id": "background", "type": "background", "paint": {"background-color": "#f3f4f2"}});
    let drawn: Vec<Value> =
        std::iter::once(background).chain(parts.into_iter().map(|(_, it)| it)).collect();
    json!({"version": 8, "name": name, "sources": sources, "layers": drawn})
}

/// Lines go over areas and names over everything, whichever layer they belong to: a road may not hide the outline of a
/// plan, nor a theme the name of the town that it lies in.
fn stacking(layer: &Layer, part: &Value) -> (Draw, u8) {
    let by_type = match part["type"].as_str() {
        Some("symbol") => Draw::Label,
        Some("circle") => Draw::Point,
        Some("line") => Draw::Line,
        _ => Draw::Area,
    };
    let (draw, role) = layer.stacking();
    (draw.max(by_type), role)
}

#[cfg(test)]
mod tests {
    use super::super::Layers;
    use super::*;

    #[test]
    fn lines_go_over_areas_and_names_over_everything() {
        let layers = Layers::load(None).unwrap();
        let mut list: Vec<&Layer> = layers.layers.values().collect();
        list.sort_by_key(|it| it.stacking());
        let style = map_style("one map", &list, |it| format!("/tiles/{}", it.id));
        let drawn = style["layers"].as_array().unwrap();
        let at = |id: &str| drawn.iter().position(|it| it["id"] == id).unwrap();
        assert_eq!(at("background"), 0);
        assert!(at("towns-fill") < at("parcels-fill"));
        assert!(at("parcels-fill") < at("block_class-fill"));
        assert!(at("block_class-fill") < at("roads-casing"));
        assert!(at("roads-fill") < at("growth_boundary-line"));
        assert!(at("block_class-line") < at("towns-label"));
        assert!(drawn[1..].iter().all(|it| it["source"] == it["source-layer"]));
    }
}
