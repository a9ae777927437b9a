//! The paths of parcels: what is read of them, and how they are edited.

use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::parcel::Dossier;
use crate::parcel::history::History;

use super::operation;

/// `datetime`, of everything that has versions.
pub(super) fn datetime() -> Value {
    in_query(
        "datetime",
        "What was so then: a day, a moment or an interval, of which the latest version answers",
    )
}

/// `as_of`, of everything that has versions.
pub(super) fn as_of() -> Value {
    in_query(
        "as_of",
        "What was known then: a moment, or a day, which means its end in China (UTC+8)",
    )
}

fn in_query(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": {"type": "string"}, "description": description})
}

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator) -> Value {
    let code = json!({"name": "parcel_code", "in": "path", "required": true, "schema": {"type": "string"}});
    let mut dossier = operation::<Dossier>(
        answers,
        "parcel",
        "A parcel's dossier; of another time its facts alone",
        &[code.clone(), datetime(), as_of()],
    );
    dossier["responses"]["410"] = json!({"$ref": "#/components/responses/problem"});
    json!({
        "/api/v1/parcels/{parcel_code}": {"get": dossier},
        "/api/v1/parcels/{parcel_code}/history": {
            "get": operation::<History>(
                answers,
                "parcel_history",
                "A parcel's versions, where it came from and went to",
                &[code],
            ),
        },
    })
}
