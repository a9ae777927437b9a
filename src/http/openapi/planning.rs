//! The paths of planning. All are reads; those that take more than an address holds come as POST.

use schemars::JsonSchema;
use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::planning::assembly;
use crate::planning::conformity;
use crate::planning::reduction;
use crate::planning::sites;

use super::operation;

fn in_query(name: &str, kind: &str, description: &str) -> Value {
    json!({"name": name, "in": "query", "required": false, "schema": {"type": kind}, "description": description})
}

/// A question with a body.
fn question<Q: JsonSchema, A: JsonSchema>(
    answers: &mut SchemaGenerator,
    bodies: &mut SchemaGenerator,
    id: &str,
    summary: &str,
) -> Value {
    let mut it = operation::<A>(answers, id, summary, &[]);
    let schema = bodies.subschema_for::<Q>();
    it["requestBody"] =
        json!({"required": true, "content": {"application/json": {"schema": schema}}});
    for status in [409, 413] {
        it["responses"][status.to_string()] = json!({"$ref": "#/components/responses/problem"});
    }
    json!({"post": it})
}

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let code = json!({"name": "parcel_code", "in": "path", "required": true, "schema": {"type": "string"}});
    let mut of_parcel = operation::<conformity::Answer>(
        answers,
        "parcel_conformity",
        "Whether a parcel conforms to the plans, as it is or as proposed",
        &[
            code,
            in_query("use", "string", "A use or a land-use code; the present one when left out"),
            in_query("far", "number", "The floor-area ratio; the present one when left out"),
            in_query("path", "string", "How the land is dealt with"),
        ],
    );
    let mut reduction = operation::<reduction::Answer>(
        answers,
        "reduction",
        "Land outside the construction area, ranked, with the quota that it would free",
        &[
            in_query("responsible_unit", "string", "Of one unit only"),
            in_query("limit", "integer", "Rows, 200 when left out, at most 5,000"),
        ],
    );
    let mut terms = operation::<conformity::Terms>(
        answers,
        "conformity_terms",
        "What can be proposed for land, and which plans it is held against",
        &[],
    );
    for it in [&mut of_parcel, &mut reduction, &mut terms] {
        it["responses"]["409"] = json!({"$ref": "#/components/responses/problem"});
    }
    let mut check = question::<conformity::Question, conformity::Answer>(
        answers,
        bodies,
        "check_conformity",
        "Whether parcels or a drawn shape conform to the plans, as proposed",
    );
    check["get"] = terms;
    json!({
        "/api/v1/parcels/{parcel_code}/conformity": {"get": of_parcel},
        "/api/v1/conformity": check,
        "/api/v1/assemblies": question::<assembly::Question, assembly::Answer>(
            answers,
            bodies,
            "assemblies",
            "Low-efficiency land that lies together, by terms of one's own",
        ),
        "/api/v1/sites/search": question::<sites::Question, sites::Answer>(
            answers,
            bodies,
            "search_sites",
            "Land and buildings that a project fits on, with reasons",
        ),
        "/api/v1/reduction": {"get": reduction},
    })
}
