//! The paths of parcels: what is read of them, and how they are edited.

use schemars::JsonSchema;
use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::parcel::Dossier;
use crate::parcel::evaluations::ParcelEvaluations;
use crate::parcel::history::History;
use crate::register::Change;
use crate::register::Create;
use crate::register::Descended;
use crate::register::Merge;
use crate::register::Split;
use crate::register::Written;

use super::operation;
use super::problems;

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

/// A body that is sent.
fn body<T: JsonSchema>(bodies: &mut SchemaGenerator) -> Value {
    let schema = bodies.subschema_for::<T>();
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

/// The version that an edit was made from.
fn if_match() -> Value {
    json!({
        "name": "If-Match",
        "in": "header",
        "required": true,
        "schema": {"type": "string"},
        "description": "The `ETag` with which the parcel was answered",
    })
}

/// An edit: what it takes, and what it answers with which status.
fn edit<T: JsonSchema>(
    answers: &mut SchemaGenerator,
    id: &str,
    summary: &str,
    parameters: &[Value],
    body: Option<Value>,
    status: u16,
) -> Value {
    let mut responses = problems(&[400, 401, 403, 404, 409, 410, 412, 413, 422, 428]);
    responses[status.to_string()] = json!({
        "description": summary,
        "content": {"application/json": {"schema": answers.subschema_for::<T>()}},
    });
    let mut it = json!({
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(body) = body {
        it["requestBody"] = body;
    }
    it
}

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let code = json!({"name": "parcel_code", "in": "path", "required": true, "schema": {"type": "string"}});
    let mut dossier = operation::<Dossier>(
        answers,
        "parcel",
        "A parcel's dossier; of another time its facts alone",
        &[code.clone(), datetime(), as_of()],
    );
    dossier["responses"]["410"] = json!({"$ref": "#/components/responses/problem"});
    let of_one = [code.clone(), if_match()];
    let change = edit::<Written>(
        answers,
        "change_parcel",
        "Correct a parcel, or change it from a day on",
        &of_one,
        Some(body::<Change>(bodies)),
        200,
    );
    let mut valid_to =
        in_query("valid_to", "The first day on which it was no more; today when left out");
    valid_to["schema"]["format"] = json!("date");
    let why = in_query("note", "Why; kept in the audit");
    let [code_again, seen] = of_one.clone();
    let retire = edit::<Written>(
        answers,
        "retire_parcel",
        "End a parcel",
        &[code_again, seen, valid_to, why],
        None,
        200,
    );
    json!({
        "/api/v1/parcels": {"post": edit::<Written>(
            answers,
            "create_parcel",
            "A parcel that was not in the register",
            &[],
            Some(body::<Create>(bodies)),
            201,
        )},
        "/api/v1/parcels/merge": {"post": edit::<Descended>(
            answers,
            "merge_parcels",
            "Several parcels become one, their union",
            &[],
            Some(body::<Merge>(bodies)),
            201,
        )},
        "/api/v1/parcels/{parcel_code}": {"get": dossier, "patch": change, "delete": retire},
        "/api/v1/parcels/{parcel_code}/history": {
            "get": operation::<History>(
                answers,
                "parcel_history",
                "A parcel's versions, where it came from and went to",
                std::slice::from_ref(&code),
            ),
        },
        "/api/v1/parcels/{parcel_code}/evaluations": {
            "get": operation::<ParcelEvaluations>(
                answers,
                "parcel_evaluations",
                "What each run made of a parcel",
                &[code],
            ),
        },
        "/api/v1/parcels/{parcel_code}/split": {"post": edit::<Descended>(
            answers,
            "split_parcel",
            "One parcel becomes several",
            &of_one,
            Some(body::<Split>(bodies)),
            201,
        )},
    })
}
