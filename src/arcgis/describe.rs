//! What a service and its layer say of themselves.

use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::catalog::queries::State;
use crate::crs::Crs;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layer;

use super::CURRENT_VERSION;
use super::OBJECT_ID;
use super::RECORDS_MAX;
use super::spatial_reference;

const FORMATS: &str = "JSON, geoJSON, PBF";
/// Characters of a text, for clients that want to know.
const TEXT_LENGTH: i32 = 4_000;

/// Esri's name for a kind of geometry; points are stored as multipoints.
pub const fn geometry_type(geometry: Geometry) -> Option<&'static str> {
    Some(match geometry {
        Geometry::Point => "esriGeometryMultipoint",
        Geometry::Line => "esriGeometryPolyline",
        Geometry::Polygon => "esriGeometryPolygon",
        Geometry::None => return None,
    })
}

/// Esri has no yes and no; a day is its first moment in UTC.
const fn field_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "esriFieldTypeString",
        FieldType::Integer => "esriFieldTypeInteger",
        FieldType::Decimal => "esriFieldTypeDouble",
        FieldType::Boolean => "esriFieldTypeSmallInteger",
        FieldType::Date => "esriFieldTypeDate",
    }
}

/// The id and those of the readable fields that are `wanted`.
pub fn fields(layer: &Layer, scope: &Scope, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let id = json!({
        "name": OBJECT_ID, "type": "esriFieldTypeOID", "alias": "标识", "nullable": false,
        "editable": false, "domain": null, "defaultValue": null,
    });
    let others = layer.fields_for(scope).filter(|it| wanted(it.0)).map(|(name, field)| {
        let mut it = json!({
            "name": name, "type": field_type(field.kind), "alias": field.title.zh, "nullable": true,
            "editable": false, "domain": null, "defaultValue": null,
        });
        if field.kind == FieldType::Text {
            it["length"] = json!(TEXT_LENGTH);
        }
        it
    });
    std::iter::once(id).chain(others).collect()
}

fn extent(state: Option<&State>) -> Value {
    let Some([west, south, east, north]) = state.and_then(|it| it.extent.as_deref()) else {
        return Value::Null;
    };
    json!({
        "xmin": west, "ymin": south, "xmax": east, "ymax": north,
        "spatialReference": spatial_reference::document(Crs::STORED),
    })
}

fn kind(layer: &Layer) -> &'static str {
    if layer.geometry == Geometry::None { "Table" } else { "Feature Layer" }
}

/// The service of a layer.
pub fn service(layer: &Layer, state: Option<&State>) -> Value {
    let own = json!({
        "id": 0, "name": layer.title.zh, "parentLayerId": -1, "defaultVisibility": true,
        "subLayerIds": null, "minScale": 0, "maxScale": 0, "type": kind(layer),
        "geometryType": geometry_type(layer.geometry),
    });
    let (layers, tables) = match layer.geometry {
        Geometry::None => (json!([]), json!([own])),
        _ => (json!([own]), json!([])),
    };
    let about = format!("{} / {}", layer.about.zh, layer.about.en);
    json!({
        "currentVersion": CURRENT_VERSION,
        "serviceDescription": about,
        "description": about,
        "copyrightText": "",
        "hasVersionedData": false,
        "supportsDisconnectedEditing": false,
        "syncEnabled": false,
        "allowGeometryUpdates": false,
        "capabilities": "Query",
        "maxRecordCount": RECORDS_MAX,
        "supportedQueryFormats": FORMATS,
        "units": "esriDecimalDegrees",
        "spatialReference": spatial_reference::document(Crs::STORED),
        "initialExtent": extent(state),
        "fullExtent": extent(state),
        "layers": layers,
        "tables": tables,
    })
}

/// The one layer of a service.
pub fn layer(layer: &Layer, scope: &Scope, state: Option<&State>) -> Value {
    let mut it = json!({
        "currentVersion": CURRENT_VERSION,
        "id": 0,
        "name": layer.title.zh,
        "type": kind(layer),
        "description": format!("{} / {}", layer.about.zh, layer.about.en),
        "copyrightText": "",
        "geometryType": geometry_type(layer.geometry),
        "sourceSpatialReference": spatial_reference::document(Crs::STORED),
        "extent": extent(state),
        "displayField": layer.field_for(scope, &layer.key).map_or(OBJECT_ID, |_| layer.key.as_str()),
        "objectIdField": OBJECT_ID,
        "uniqueIdField": {"name": OBJECT_ID, "isSystemMaintained": true},
        "drawingInfo": {"renderer": renderer(layer.geometry), "transparency": 0, "labelingInfo": null},
        "fields": fields(layer, scope, |_| true),
    });
    if let (Some(it), Value::Object(abilities)) = (it.as_object_mut(), abilities()) {
        it.extend(abilities);
    }
    it
}

/// All layers of a service with all that is said of each, for clients that ask once.
pub fn all(of: &Layer, scope: &Scope, state: Option<&State>) -> Value {
    let own = layer(of, scope, state);
    match of.geometry {
        Geometry::None => json!({"layers": [], "tables": [own]}),
        _ => json!({"layers": [own], "tables": []}),
    }
}

/// What every layer can do, and what none can.
fn abilities() -> Value {
    json!({
        "minScale": 0,
        "maxScale": 0,
        "defaultVisibility": true,
        "globalIdField": "",
        "typeIdField": "",
        "types": [],
        "templates": [],
        "relationships": [],
        "indexes": [],
        "hasAttachments": false,
        "hasM": false,
        "hasZ": false,
        "htmlPopupType": "esriServerHTMLPopupTypeNone",
        "dateFieldsTimeReference": {"timeZone": "UTC", "respectsDaylightSaving": false},
        "capabilities": "Query",
        "maxRecordCount": RECORDS_MAX,
        "standardMaxRecordCount": RECORDS_MAX,
        "supportedQueryFormats": FORMATS,
        "supportsStatistics": true,
        "supportsAdvancedQueries": true,
        "useStandardizedQueries": true,
        "advancedQueryCapabilities": {
            "supportsPagination": true,
            "supportsOrderBy": true,
            "supportsDistinct": true,
            "supportsStatistics": true,
            "supportsHavingClause": true,
            "supportsQueryWithDistance": false,
            "supportsReturningQueryExtent": true,
            "supportsReturningGeometryCentroid": false,
            "supportsSqlExpression": false,
            "useStandardizedQueries": true,
        },
    })
}

/// How viewers draw the layer that have no style of their own for it.
fn renderer(geometry: Geometry) -> Value {
    let line = json!({"type": "esriSLS", "style": "esriSLSSolid", "color": [64, 64, 64, 255], "width": 0.75});
    let symbol = match geometry {
        Geometry::Polygon => json!({
            "type": "esriSFS", "style": "esriSFSSolid", "color": [200, 160, 90, 90], "outline": line,
        }),
        Geometry::Point => json!({
            "type": "esriSMS", "style": "esriSMSCircle", "color": [200, 90, 60, 255], "size": 6, "outline": line,
        }),
        Geometry::Line => line,
        Geometry::None => return Value::Null,
    };
    json!({"type": "simple", "symbol": symbol, "label": "", "description": ""})
}
