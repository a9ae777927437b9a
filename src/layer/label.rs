//! Names of areas. A tile has pieces of an area, and a name in each piece would stand there several times or not at all; so
//! the names of a layer of areas are a layer of points of their own in the tiles, with one point for a row, on its surface.

use serde_json::Value;

use super::Geometry;
use super::LegendRow;

/// What the points of a layer's names are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Source-layer of the tiles; no layer's id, as there is a hyphen in it.
    pub source_layer: String,
    /// Fields that names are written of, and those that the legend tells rows apart by.
    pub fields: Vec<String>,
    /// Tiles below it have none.
    pub min_zoom: u8,
}

/// Whether a part of a style writes names at points of areas.
fn is_label(geometry: Geometry, part: &Value) -> bool {
    geometry == Geometry::Polygon
        && part["type"] == "symbol"
        && part["layout"]["symbol-placement"].as_str().unwrap_or("point") == "point"
}

impl Labels {
    /// The names of a resolved style, whose parts of that kind take them from there from now on; `None` without any.
    pub(super) fn take(
        id: &str,
        geometry: Geometry,
        max_zoom: u8,
        legend: &[LegendRow],
        style: &mut [Value],
    ) -> Option<Self> {
        let source_layer = format!("{id}-label");
        let mut fields: Vec<String> =
            legend.iter().filter_map(|it| Some(it.matches.as_ref()?.field.clone())).collect();
        let mut least = None;
        for part in style.iter_mut().filter(|it| is_label(geometry, it)) {
            part["source-layer"] = source_layer.clone().into();
            fields_named(part, &mut fields);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a zoom")]
            let from = part["minzoom"].as_f64().unwrap_or(0.0).clamp(0.0, 30.0) as u8;
            least = Some(least.map_or(from, |it: u8| it.min(from)));
        }
        fields.sort();
        fields.dedup();
        // From the last zoom on its tiles are drawn larger.
        least.map(|it| Self { source_layer, fields, min_zoom: it.min(max_zoom) })
    }
}

/// Appends the fields that the expressions of a style, or of a part of one, read.
pub fn fields_named(value: &Value, fields: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            if let [operator, Value::String(name)] = items.as_slice()
                && matches!(operator.as_str(), Some("get" | "has"))
            {
                fields.push(name.clone());
            }
            for it in items {
                fields_named(it, fields);
            }
        }
        Value::Object(members) => {
            for it in members.values() {
                fields_named(it, fields);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layers;

    #[test]
    fn names_of_areas_have_a_source_layer_of_their_own() {
        let layers = Layers::load(None).unwrap();
        let towns = layers.find("towns").unwrap();
        let labels = towns.labels.as_ref().unwrap();
        assert_eq!((labels.source_layer.as_str(), labels.min_zoom), ("towns-label", 9));
        assert!(labels.fields.contains(&"name".to_owned()), "{labels:?}");
        for it in &towns.style {
            let expected = if it["type"] == "symbol" { "towns-label" } else { "towns" };
            assert_eq!(it["source-layer"], expected, "{it}");
        }
        // Names along lines stand where the line is.
        let roads = layers.find("roads").unwrap();
        assert_eq!(roads.labels, None);
        assert!(roads.style.iter().all(|it| it["source-layer"] == "roads"));
    }
}
