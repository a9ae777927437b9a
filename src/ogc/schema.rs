//! JSON Schemas (2020-12) of a collection: what its features carry, and what may be filtered by.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::Unit;

/// The field's JSON type, in a schema of its own.
pub fn property(field: &Field) -> Map<String, Value> {
    let mut it = value_type(field.kind);
    if !field.values.is_empty() {
        it.insert("enum".to_owned(), json!(field.values));
    }
    it
}

fn value_type(kind: FieldType) -> Map<String, Value> {
    let mut it = Map::new();
    let name = match kind {
        FieldType::Text | FieldType::Date => "string",
        FieldType::Integer => "integer",
        FieldType::Decimal => "number",
        FieldType::Boolean => "boolean",
    };
    it.insert("type".to_owned(), json!(name));
    if kind == FieldType::Date {
        it.insert("format".to_owned(), json!("date"));
    }
    it
}

/// UCUM codes, where UCUM has one: 亩 and 万元 are nobody else's units.
const fn ucum(unit: Unit) -> Option<&'static str> {
    Some(match unit {
        Unit::M => "m",
        Unit::M2 => "m2",
        Unit::Ha => "har",
        Unit::Kwh => "kW.h",
        Unit::M3 => "m3",
        Unit::T => "t",
        Unit::Years => "a",
        _ => return None,
    })
}

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What features carry.
    Returnables,
    /// What `filter` and parameters may name.
    Queryables,
    /// What `sortby` may name.
    Sortables,
}

/// The schema of a collection's features for one scope.
pub fn of_layer(layer: &Layer, scope: &Scope, url: &str, purpose: Purpose) -> Value {
    let mut properties = Map::new();
    let mut id = value_type(FieldType::Integer);
    id.insert("title".to_owned(), json!("标识 / Identifier"));
    id.insert("x-ogc-role".to_owned(), json!("id"));
    // The id is always the last key, and no other one.
    if purpose != Purpose::Sortables {
        properties.insert("id".to_owned(), Value::Object(id));
    }
    for (name, field) in layer.fields_for(scope) {
        let mut it = property(field);
        it.insert("title".to_owned(), json!(format!("{} / {}", field.title.zh, field.title.en)));
        if let Some(unit) = field.unit {
            it.insert("x-mutu-unit".to_owned(), json!(unit));
            if let Some(code) = ucum(unit) {
                it.insert("x-ogc-unit".to_owned(), json!(code));
            }
        }
        properties.insert(name.to_owned(), Value::Object(it));
    }
    let kind = match layer.geometry {
        Geometry::Point => "multipoint",
        Geometry::Line => "multilinestring",
        Geometry::Polygon => "multipolygon",
        Geometry::None => "any",
    };
    if layer.geometry != Geometry::None && purpose != Purpose::Sortables {
        properties.insert(
            "geom".to_owned(),
            json!({
                "title": "几何 / Geometry",
                "x-ogc-role": "primary-geometry",
                "format": format!("geometry-{kind}"),
            }),
        );
    }
    for (nth, it) in properties.values_mut().enumerate() {
        it["x-ogc-propertySeq"] = json!(nth + 1);
    }
    let segment = match purpose {
        Purpose::Returnables => "schema",
        Purpose::Queryables => "queryables",
        Purpose::Sortables => "sortables",
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{url}/{segment}"),
        "type": "object",
        "title": format!("{} / {}", layer.title.zh, layer.title.en),
        "description": format!("{} / {}", layer.about.zh, layer.about.en),
        "properties": properties,
        "additionalProperties": false,
    })
}
