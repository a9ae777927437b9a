//! The `OpenAPI` 3.0 document of `/api/v1`, at `/api/v1/openapi.json`: paths by hand, schemas from the types themselves. The
//! web map's types are generated from it. The OGC resources have a document of their own at `/ogc/api`.

use axum::Json;
use axum::Router;
use axum::routing::get;
use schemars::JsonSchema;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use serde_json::json;

use crate::app::App;
use crate::catalog;
use crate::catalog::events;
use crate::export::Format;
use crate::search;
use crate::stats;

mod accounts;
mod evaluations;
mod files;
mod imports;
mod operation;
mod parcels;
mod scenarios;
mod planning;
mod reuse;

pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/openapi.json", get(|| async { Json(document()) }))
}

/// RFC 9457 problem details, as every error is answered.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used; `error` writes the members")]
struct Problem {
    #[schemars(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    /// What happened and what to do, zh and en.
    detail: String,
    /// The parameter, row or member that is wrong; left out where that is not what is wrong.
    #[schemars(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

fn layer_events(schemas: &mut SchemaGenerator) -> Value {
    let of =
        [schemas.subschema_for::<events::Revisions>(), schemas.subschema_for::<events::Changed>()];
    let mut events = operation::<events::Changed>(
        schemas,
        "layer_events",
        "Changes of layers as they happen: server-sent events. First, and when some were missed, `revisions` of all layers; then `changed`, one layer's with the area",
        &[],
    );
    // Each event, as its reader sees it.
    let event = json!({
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"type": "string", "enum": ["revisions", "changed"]},
            "data": {"oneOf": of, "description": "As JSON text"},
        },
    });
    events["responses"]["200"]["content"] = json!({"text/event-stream": {"schema": event}});
    events
}

/// The document.
pub fn document() -> Value {
    let mut schemas = SchemaSettings::openapi3().for_serialize().into_generator();
    let text = |description: &str| json!({"name": "", "in": "query", "schema": {"type": "string"}, "description": description});
    let query = |name: &str, required: bool, description: &str| {
        let mut it = text(description);
        it["name"] = json!(name);
        it["required"] = json!(required);
        it
    };
    let limit = json!({
        "name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}
    });
    let mut bodies = SchemaSettings::openapi3().for_deserialize().into_generator();
    let mut stats = operation::<stats::Answer>(
        &mut schemas,
        "stats",
        "Sums over a selection; of confidential figures under disclosure control",
        &[],
    );
    let asked = bodies.subschema_for::<stats::Question>();
    stats["requestBody"] =
        json!({"required": true, "content": {"application/json": {"schema": asked}}});
    let mut paths = json!({
        "/api/v1/layers": {
            "get": operation::<catalog::Tree>(&mut schemas, "layers", "The layer tree", &[]),
        },
        "/api/v1/events": {"get": layer_events(&mut schemas)},
        "/api/v1/layers/{id}/export": {"get": export(&[
            query("bbox", false, "west,south,east,north in degrees"),
            query("filter", false, "CQL2 text"),
            parcels::datetime(),
            parcels::as_of(),
        ])},
        "/api/v1/search": {
            "get": operation::<search::routes::Results>(
                &mut schemas,
                "search",
                "Parcels, enterprises, towns, coordinates",
                &[query("q", true, "What is looked for"), limit],
            ),
        },
        "/api/v1/stats": {"post": stats},
    });
    for more in [
        accounts::paths(&mut schemas, &mut bodies),
        evaluations::paths(&mut schemas, &mut bodies),
        imports::paths(&mut schemas, &mut bodies),
        parcels::paths(&mut schemas, &mut bodies),
        scenarios::paths(&mut schemas, &mut bodies),
        planning::paths(&mut schemas, &mut bodies),
        reuse::paths(&mut schemas, &mut bodies),
        files::paths(&mut schemas, &mut bodies),
    ] {
        if let (Some(paths), Value::Object(more)) = (paths.as_object_mut(), more) {
            paths.extend(more);
        }
    }
    let problem = schemas.subschema_for::<Problem>();
    let mut schemas = schemas.take_definitions(true);
    // A type that is both answered and sent has one schema: what is answered has every member.
    for (name, mut schema) in bodies.take_definitions(true) {
        let members = schema.get_mut("properties").and_then(Value::as_object_mut);
        for member in members.into_iter().flat_map(|it| it.values_mut()) {
            // Leaving a member out is not the same as sending null, which this would say.
            if member.get("default") == Some(&Value::Null) {
                member.as_object_mut().map(|it| it.shift_remove("default"));
            }
        }
        schemas.entry(name).or_insert(schema);
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Mutu 亩图",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Decimals are strings with their exact digits; null is a missing figure.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"problem": {
                "description": "What is wrong and how to mend it",
                "content": {"application/problem+json": {"schema": problem}},
            }},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    })
}

/// The download: the one answer that is not JSON of ours.
fn export(parameters: &[Value]) -> Value {
    let formats = [Format::Xlsx, Format::Csv, Format::GeoJson];
    let content: serde_json::Map<String, Value> = formats
        .iter()
        .map(|it| {
            let kind = if *it == Format::GeoJson { "object" } else { "string" };
            (it.media_type().to_owned(), json!({"schema": {"type": kind}}))
        })
        .collect();
    let names = formats.map(Format::name);
    let mut all = vec![
        json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}),
        json!({
            "name": "format", "in": "query", "required": true, "schema": {"type": "string", "enum": names}
        }),
    ];
    all.extend_from_slice(parameters);
    let mut responses = problems(&OF_READING);
    responses["200"] = json!({"description": "The file, as an attachment", "content": content});
    json!({
        "operationId": "export",
        "summary": "A selection of a layer as a file",
        "parameters": all,
        "responses": responses,
    })
}

/// The refusals that an operation declares by status, besides those of the edge, which every one has. There is no
/// `default`: a test makes requests from this document, and what it does not name is a mistake.
fn problems(statuses: &[u16]) -> Value {
    let mut all = [statuses, &[414, 429, 500, 503]].concat();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
        .map(|it| (it.to_string(), json!({"$ref": "#/components/responses/problem"})))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Of what reads, by a name that may not exist and under a role that may not be enough.
const OF_READING: [u16; 4] = [400, 401, 403, 404];

fn operation<T: JsonSchema>(
    schemas: &mut SchemaGenerator,
    id: &str,
    summary: &str,
    parameters: &[Value],
) -> Value {
    let mut responses = problems(&OF_READING);
    responses["200"] = json!({
        "description": summary,
        "content": {"application/json": {"schema": schemas.subschema_for::<T>()}},
    });
    json!({
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": responses,
    })
}
