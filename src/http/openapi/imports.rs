//! The paths of imports and jobs.

use schemars::JsonSchema;
use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::ingest::Dependent;
use crate::ingest::batch::findings_routes as findings;
use crate::ingest::batch::routes as imports;
use crate::ingest::batch::routes::Import;
use crate::ingest::batch::routes::ImportOptions;
use crate::job::Job;
use crate::job::routes as jobs;

use super::Problem;
use super::operation::Operation;
use super::operation::in_path;
use super::operation::in_query;
use super::operation::schema;

/// The problem of an import that later data stands on.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used; `error` writes the members")]
struct Standing {
    #[schemars(flatten)]
    problem: Problem,
    /// What stands on it; left out where that is not why.
    #[schemars(skip_serializing_if = "Option::is_none")]
    dependents: Option<Vec<Dependent>>,
}

fn whole(minimum: i64, maximum: i64, default: i64) -> Value {
    json!({"type": "integer", "minimum": minimum, "maximum": maximum, "default": default})
}

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let batch_id = in_path("batch_id", &json!({"type": "integer", "format": "int64"}));
    let mut paths = of_imports(answers, bodies, &batch_id);
    for more in [of_findings(answers, &batch_id), of_jobs(answers)] {
        if let (Some(paths), Value::Object(more)) = (paths.as_object_mut(), more) {
            paths.extend(more);
        }
    }
    paths
}

/// What an upload is made of.
fn upload(bodies: &mut SchemaGenerator) -> Value {
    json!({"required": true, "content": {"multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "string", "format": "binary"},
                    "description": "One file, or the pieces of one shapefile",
                },
                "into": {"type": "string", "description": "Id of a layer or table: a preview is queued at once"},
                "options": schema::<ImportOptions>(bodies),
            },
        },
        "encoding": {"options": {"contentType": "application/json"}},
    }}})
}

fn of_imports(
    answers: &mut SchemaGenerator,
    bodies: &mut SchemaGenerator,
    batch_id: &Value,
) -> Value {
    let import = schema::<Import>(answers);
    let job = schema::<Job>(answers);
    let job_of = |id: &'static str, summary: &'static str, body: Option<Value>| {
        Operation {
            id,
            summary,
            parameters: vec![batch_id.clone()],
            body,
            success: (202, Some(job.clone())),
            refusals: &[400, 404, 409],
        }
        .document()
    };
    let mut post = Operation {
        id: "upload",
        summary: "Send a file, or the pieces of a shapefile",
        parameters: vec![],
        body: None,
        success: (201, Some(import.clone())),
        refusals: &[400, 413],
    }
    .document();
    post["requestBody"] = upload(bodies);
    let mut undo = job_of("undo_import", "Take an import back", None);
    undo["responses"]["409"] = json!({
        "description": "It cannot be undone, perhaps because of what stands on it",
        "content": {"application/problem+json": {"schema": schema::<Standing>(answers)}},
    });
    json!({
        "/api/v1/imports": {
            "get": Operation {
                id: "imports",
                summary: "Imports, newest first",
                parameters: vec![
                    in_query("limit", &whole(1, imports::MOST, 50), "Imports on a page"),
                    in_query("before", &json!({"type": "integer", "format": "int64"}), "Only those older than this one"),
                ],
                body: None,
                success: (200, Some(schema::<imports::Imports>(answers))),
                refusals: &[400],
            }.document(),
            "post": post,
        },
        "/api/v1/imports/targets": {
            "get": Operation {
                id: "import_targets",
                summary: "Layers and tables that files go into, with their fields",
                parameters: vec![],
                body: None,
                success: (200, Some(schema::<imports::Targets>(answers))),
                refusals: &[],
            }.document(),
        },
        "/api/v1/imports/{batch_id}": {
            "get": Operation {
                id: "import",
                summary: "An import, with its report and its last job",
                parameters: vec![batch_id.clone()],
                body: None,
                success: (200, Some(import)),
                refusals: &[400, 404],
            }.document(),
            "delete": Operation {
                id: "discard_import",
                summary: "Discard an import that was not applied; its file goes",
                parameters: vec![batch_id.clone()],
                body: None,
                success: (204, None),
                refusals: &[400, 404, 409],
            }.document(),
        },
        "/api/v1/imports/{batch_id}/preview": {
            "post": job_of("preview_import", "Read the file and compare it with the record", Some(schema::<ImportOptions>(bodies))),
        },
        "/api/v1/imports/{batch_id}/apply": {
            "post": job_of("apply_import", "Write what was previewed", None),
        },
        "/api/v1/imports/{batch_id}/undo": {"post": undo},
    })
}

fn of_findings(answers: &mut SchemaGenerator, batch_id: &Value) -> Value {
    let limit = in_query("limit", &whole(1, findings::MOST, 200), "Rows on a page");
    let after = in_query("after", &json!({"type": "string"}), "The page after `next_after`");
    let kind = json!({"type": "string", "enum": ["added", "changed", "missing"]});
    let kind = in_query("kind", &kind, "Only changes of this kind");
    let mut outlines = Operation {
        id: "import_change_outlines",
        summary: "What an import changes, as GeoJSON",
        parameters: vec![
            batch_id.clone(),
            kind.clone(),
            in_query(
                "limit",
                &whole(1, findings::MOST_FEATURES, findings::MOST_FEATURES),
                "Features at most",
            ),
            after.clone(),
        ],
        body: None,
        success: (200, None),
        refusals: &[400, 404],
    }
    .document();
    outlines["responses"]["200"]["content"] =
        json!({"application/geo+json": {"schema": {"type": "object"}}});
    let file = |id: &'static str, media_type: &str, kind: &str| {
        let mut it = Operation {
            id,
            summary: "The findings as a file",
            parameters: vec![batch_id.clone()],
            body: None,
            success: (200, None),
            refusals: &[400, 404],
        }
        .document();
        it["responses"]["200"]["content"] = json!({media_type: {"schema": {"type": kind}}});
        it
    };
    let name = json!({"type": "string", "example": "enterprises.xlsx"});
    let mut template = Operation {
        id: "template",
        summary: "A workbook to fill in: the id of a layer or table, and `.xlsx`",
        parameters: vec![in_path("file", &name)],
        body: None,
        success: (200, None),
        refusals: &[400, 404],
    }
    .document();
    template["responses"]["200"]["content"] =
        json!({findings::XLSX: {"schema": {"type": "string"}}});
    json!({
        "/api/v1/imports/{batch_id}/issues": {
            "get": Operation {
                id: "import_issues",
                summary: "What was found in a file",
                parameters: vec![
                    batch_id.clone(),
                    in_query("severity", &json!({"type": "string", "enum": ["error", "warning"]}), "Only findings that reject their row, or only the others"),
                    in_query("rule", &json!({"type": "string"}), "Only findings of this rule"),
                    limit.clone(),
                    in_query("after", &json!({"type": "integer", "format": "int64"}), "Only findings after this one"),
                ],
                body: None,
                success: (200, Some(schema::<findings::Issues>(answers))),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/imports/{batch_id}/issues.xlsx": {
            "get": file("import_issues_workbook", findings::XLSX, "string"),
        },
        "/api/v1/imports/{batch_id}/issues.geojson": {
            "get": file("import_issue_places", "application/geo+json", "object"),
        },
        "/api/v1/templates/{file}": {"get": template},
        "/api/v1/imports/{batch_id}/changes": {
            "get": Operation {
                id: "import_changes",
                summary: "What an import changes, row by row",
                parameters: vec![batch_id.clone(), kind, limit, after],
                body: None,
                success: (200, Some(schema::<findings::Changes>(answers))),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/imports/{batch_id}/changes.geojson": {"get": outlines},
    })
}

fn of_jobs(answers: &mut SchemaGenerator) -> Value {
    let job_id = in_path("job_id", &json!({"type": "string", "format": "uuid"}));
    let job = schema::<Job>(answers);
    let mut events = Operation {
        id: "job_events",
        summary: "A job as it goes on: server-sent events `job` whose data is the job; ends with it",
        parameters: vec![job_id.clone()],
        body: None,
        success: (200, None),
        refusals: &[400, 404],
    }
    .document();
    // Each event, as its reader sees it.
    let event = json!({
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"type": "string", "enum": ["job"]},
            "data": {"type": "string", "description": "The job, as JSON"},
            "id": {"type": "string"},
        },
    });
    events["responses"]["200"]["content"] = json!({"text/event-stream": {"schema": event}});
    events["responses"]["204"] =
        json!({"description": "The job has ended, and the client was told before"});
    json!({
        "/api/v1/jobs": {
            "get": Operation {
                id: "jobs",
                summary: "Jobs: those that are not over first, then the newest",
                parameters: vec![in_query("limit", &whole(1, jobs::MOST, 50), "Jobs at most")],
                body: None,
                success: (200, Some(schema::<jobs::Jobs>(answers))),
                refusals: &[400],
            }.document(),
        },
        "/api/v1/jobs/{job_id}": {
            "get": Operation {
                id: "job",
                summary: "A job",
                parameters: vec![job_id.clone()],
                body: None,
                success: (200, Some(job.clone())),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/jobs/{job_id}/events": {"get": events},
        "/api/v1/jobs/{job_id}/cancel": {
            "post": Operation {
                id: "cancel_job",
                summary: "Cancel a job: what it was about to write is not written",
                parameters: vec![job_id],
                body: None,
                success: (200, Some(job)),
                refusals: &[400, 404, 409],
            }.document(),
        },
    })
}
