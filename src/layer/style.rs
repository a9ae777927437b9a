//! A layer's look: `style.json` holds MapLibre layers without `source`. The value `"$legend"` stands for the colours of
//! the legend. Whole map styles are put together here from the same parts.

use serde_json::Value;
use serde_json::json;

use crate::access::Scope;

use super::Draw;
use super::Geometry;
use super::Layer;
use super::LegendRow;
use super::Match;
use super::legend::color_expression;
use super::sprite::picture;

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

/// What stands in a style for a field that the reader's tiles do not carry.
const WITHHELD: &str = "withheld";

impl Layer {
    /// The style as the scope's tiles can be drawn: a field that it may not read is not named, nor its classes.
    pub fn style_for(&self, scope: &Scope) -> Vec<Value> {
        let mut style = self.style.clone();
        let is_closed =
            |name: &str| self.field.contains_key(name) && self.field_for(scope, name).is_none();
        for it in &mut style {
            withhold(it, &is_closed);
        }
        style
    }
}

fn withhold(value: &mut Value, is_closed: &impl Fn(&str) -> bool) {
    match value {
        Value::Array(items) => {
            for it in items.iter_mut() {
                withhold(it, is_closed);
            }
            let operator = items.first().and_then(Value::as_str).unwrap_or_default();
            let of = items.get(1);
            let closed = of.and_then(Value::as_str).is_some_and(is_closed);
            if matches!(operator, "get" | "has") && closed {
                items[1] = json!(WITHHELD);
            } else if operator == "match" && of == Some(&json!(["get", WITHHELD])) {
                // Nothing of it is in the tiles, so all of them look like the rest.
                *value = items.last().cloned().unwrap_or_default();
            }
        }
        Value::Object(members) => members.values_mut().for_each(|it| withhold(it, is_closed)),
        _ => {}
    }
}

/// From this zoom on patterns are drawn: below it a parcel is too small for one to be more than noise.
const PATTERN_ZOOM: u8 = 12;

/// The legend's patterns, to lie over the fills of the classes that they belong to.
fn pattern_fills(layer: &Layer, scope: &Scope) -> Vec<Value> {
    if layer.geometry != Geometry::Polygon {
        return Vec::new();
    }
    let rows = layer.legend.iter().enumerate().filter_map(|(nth, row)| {
        let picture = picture(row.pattern?)?;
        let mut fill = json!({
            "id": format!("{}-pattern-{nth}", layer.id),
            "type": "fill",
            "source-layer": layer.id,
            "minzoom": PATTERN_ZOOM.max(layer.zooms.min),
            "paint": {"fill-pattern": picture},
        });
        match &row.matches {
            Some(it) => {
                layer.field_for(scope, &it.field)?;
                fill["filter"] = filter(it);
            }
            None if layer.legend.len() > 1 => return None,
            None => {}
        }
        Some(fill)
    });
    rows.collect()
}

/// The features of a legend's row. Values are compared as text: a class may be an integer in the tile and a word in the
/// legend. None stands for features without one, of which a tile leaves the property out.
fn filter(it: &Match) -> Value {
    if it.values.is_empty() {
        return json!(["==", ["get", it.field], null]);
    }
    let texts: Vec<String> = it
        .values
        .iter()
        .map(|it| it.as_str().map_or_else(|| it.to_string(), ToOwned::to_owned))
        .collect();
    json!(["in", ["to-string", ["get", it.field]], ["literal", texts]])
}

/// A whole MapLibre style of the given layers, lowest first. `tiles` gives each layer's absolute tile URL template, `sprite`
/// is the address of the patterns without an ending.
pub fn map_style(
    name: &str,
    layers: &[&Layer],
    scope: &Scope,
    sprite: &str,
    tiles: impl Fn(&Layer) -> String,
) -> Value {
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
        for mut drawn in layer.style_for(scope).into_iter().chain(pattern_fills(layer, scope)) {
            drawn["source"] = json!(layer.id);
            parts.push((stacking(layer, &drawn), drawn));
        }
    }
    parts.sort_by_key(|(rank, _)| *rank);
    let background =
        json!({"id": "background", "type": "background", "paint": {"background-color": "#f3f4f2"}});
    let drawn: Vec<Value> =
        std::iter::once(background).chain(parts.into_iter().map(|(_, it)| it)).collect();
    json!({"version": 8, "name": name, "sprite": sprite, "sources": sources, "layers": drawn})
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
    use crate::access::Role;

    #[test]
    fn a_style_names_no_field_that_its_reader_may_not_read() {
        let mut layers = Layers::load(None).unwrap();
        layers.layers["block_class"].declaration.field["block_class"].access = Role::Officer;
        let layer = layers.find("block_class").unwrap();
        let drawn = |scope: &Scope| Value::Array(layer.style_for(scope)).to_string();
        let to_all = drawn(&Scope::public());
        for closed in ["\"get\",\"block_class\"", "\"has\",\"block_class\"", "\"104\"", "\"198\""] {
            assert!(!to_all.contains(closed), "{closed} in {to_all}");
        }
        assert!(to_all.contains("\"#d3d7da\"") && to_all.contains("\"straddle\""), "{to_all}");
        assert_eq!(drawn(&Scope::console()), Value::Array(layer.style.clone()).to_string());
    }

    #[test]
    fn patterns_lie_over_their_classes_for_those_who_may_tell_them_apart() {
        let mut layers = Layers::load(None).unwrap();
        let fills = |layers: &Layers, scope: &Scope| {
            pattern_fills(layers.find("block_class").unwrap(), scope)
        };
        let of_all = fills(&layers, &Scope::public());
        assert_eq!(of_all.len(), 2, "{of_all:?}");
        assert_eq!(of_all[0]["paint"]["fill-pattern"], "hatch");
        assert_eq!(of_all[0]["filter"][0], "in");
        layers.layers["block_class"].declaration.field["block_class"].access = Role::Officer;
        assert_eq!(fills(&layers, &Scope::public()), Vec::<Value>::new());
        assert_eq!(fills(&layers, &Scope::console()), of_all);
    }

    #[test]
    fn lines_go_over_areas_and_names_over_everything() {
        let layers = Layers::load(None).unwrap();
        let mut list: Vec<&Layer> = layers.layers.values().collect();
        list.sort_by_key(|it| it.stacking());
        let style = map_style("one map", &list, &Scope::console(), "/sprites/mutu", |it| {
            format!("/tiles/{}", it.id)
        });
        let drawn = style["layers"].as_array().unwrap();
        let at = |id: &str| drawn.iter().position(|it| it["id"] == id).unwrap();
        assert_eq!(at("background"), 0);
        assert!(at("towns-fill") < at("parcels-fill"));
        assert!(at("parcels-fill") < at("block_class-fill"));
        assert!(at("block_class-fill") < at("roads-casing"));
        assert!(at("roads-fill") < at("growth_boundary-line"));
        assert!(at("block_class-line") < at("towns-label"));
        for it in &drawn[1..] {
            let (source, of) =
                (it["source"].as_str().unwrap(), it["source-layer"].as_str().unwrap());
            assert!(of == source || of.strip_suffix("-label") == Some(source), "{it}");
        }
    }
}
