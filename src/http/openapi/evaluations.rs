//! The paths of evaluation runs, their rankings and objections, and of scoring schemes.

use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::evaluation::runs;
use crate::evaluation::runs::objections;
use crate::evaluation::runs::ranking;
use crate::evaluation::runs::schemes;
use crate::evaluation::start;
use crate::job::Job;
use crate::notice;
use crate::sequel;

use super::operation::Operation;
use super::operation::in_path;
use super::operation::in_query;
use super::operation::schema;

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let run_id = in_path("run_id", &json!({"type": "integer", "format": "int64"}));
    let mut paths = life(answers, bodies, &run_id);
    for more in [
        enterprises(answers, &run_id),
        objected(answers, bodies, &run_id),
        of_schemes(answers, bodies),
        started(answers),
        followed(answers, &run_id),
        notices(answers, bodies),
    ] {
        if let (Some(paths), Value::Object(more)) = (paths.as_object_mut(), more) {
            paths.extend(more);
        }
    }
    paths
}

fn life(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator, run_id: &Value) -> Value {
    let detail = schema::<runs::Detail>(answers);
    let all = schema::<runs::Runs>(answers);
    json!({
        "/api/v1/evaluations": {
            "get": Operation {
                id: "evaluations",
                summary: "Evaluation runs, newest first; drafts for officers",
                parameters: vec![],
                body: None,
                success: (200, Some(all.clone())),
                refusals: &[400],
            }.document(),
            "post": Operation {
                id: "start_evaluation",
                summary: "Evaluate a year as a job, one at a time; the run that it makes is a draft",
                parameters: vec![],
                body: Some(schema::<start::Asked>(bodies)),
                success: (202, Some(schema::<Job>(answers))),
                refusals: &[400, 409],
            }.document(),
        },
        "/api/v1/evaluations/shown": {
            "put": Operation {
                id: "show_evaluation",
                summary: "Choose the run that the map shows, or leave it to the latest final one",
                parameters: vec![],
                body: Some(schema::<runs::Show>(bodies)),
                success: (200, Some(all)),
                refusals: &[400, 404, 409],
            }.document(),
        },
        "/api/v1/evaluations/{run_id}": {
            "get": Operation {
                id: "evaluation",
                summary: "One run: its state, its cohorts with their grades, what grades mean",
                parameters: vec![run_id.clone()],
                body: None,
                success: (200, Some(detail.clone())),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/evaluations/{run_id}/publish": {
            "post": Operation {
                id: "publish_evaluation",
                summary: "Publish a draft for objection: its findings stay as they are from now on",
                parameters: vec![run_id.clone()],
                body: Some(schema::<runs::Publish>(bodies)),
                success: (200, Some(detail)),
                refusals: &[400, 404, 409],
            }.document(),
        },
        "/api/v1/evaluations/{run_id}/finalise": {
            "post": Operation {
                id: "finalise_evaluation",
                summary: "Make a published run final, once no objection is open or accepted; new hits become candidates and units are told",
                parameters: vec![run_id.clone()],
                body: None,
                success: (200, Some(schema::<sequel::Finalised>(answers))),
                refusals: &[400, 404, 409],
            }.document(),
        },
    })
}

fn enterprises(answers: &mut SchemaGenerator, run_id: &Value) -> Value {
    let text = json!({"type": "string"});
    let limit = json!({"type": "integer", "minimum": 1, "maximum": ranking::MOST, "default": 100});
    json!({
        "/api/v1/evaluations/{run_id}/enterprises": {
            "get": Operation {
                id: "ranking",
                summary: "Enterprises by cohort and rank; what the reader may not read is null",
                parameters: vec![
                    run_id.clone(),
                    in_query("cohort", &text, "The id of a cohort"),
                    in_query("grade", &text, "A grade; empty for those without one"),
                    in_query("q", &text, "A part of the name, or the code"),
                    in_query("limit", &limit, "Enterprises on a page"),
                    in_query("cursor", &text, "`next_cursor` of the page before"),
                ],
                body: None,
                success: (200, Some(schema::<ranking::Page>(answers))),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/evaluations/{run_id}/enterprises/{uscc}": {
            "get": Operation {
                id: "enterprise_result",
                summary: "One enterprise: its score item by item, why, and how it lies in its cohort",
                parameters: vec![run_id.clone(), in_path("uscc", &text)],
                body: None,
                success: (200, Some(schema::<runs::Found>(answers))),
                refusals: &[400, 404],
            }.document(),
        },
    })
}

fn objected(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator, run_id: &Value) -> Value {
    let objection_id = in_path("objection_id", &json!({"type": "integer", "format": "int64"}));
    let one = schema::<objections::Objection>(answers);
    json!({
        "/api/v1/evaluations/{run_id}/objections": {
            "get": Operation {
                id: "objections",
                summary: "Objections to a run, of enterprises whose figures the reader may read",
                parameters: vec![run_id.clone()],
                body: None,
                success: (200, Some(schema::<objections::Objections>(answers))),
                refusals: &[400, 404],
            }.document(),
            "post": Operation {
                id: "object",
                summary: "Note what an enterprise says against its result",
                parameters: vec![run_id.clone()],
                body: Some(schema::<objections::NewObjection>(bodies)),
                success: (201, Some(one.clone())),
                refusals: &[400, 404, 409],
            }.document(),
        },
        "/api/v1/evaluations/{run_id}/objections/{objection_id}/decide": {
            "post": Operation {
                id: "decide_objection",
                summary: "Accept or refuse an objection, once",
                parameters: vec![run_id.clone(), objection_id],
                body: Some(schema::<objections::Decision>(bodies)),
                success: (200, Some(one)),
                refusals: &[400, 404, 409],
            }.document(),
        },
    })
}

fn started(answers: &mut SchemaGenerator) -> Value {
    json!({
        "/api/v1/evaluations/options": {
            "get": Operation {
                id: "evaluation_options",
                summary: "Years, rule sets and schemes that an evaluation may be asked for with",
                parameters: vec![],
                body: None,
                success: (200, Some(schema::<start::Choices>(answers))),
                refusals: &[400],
            }.document(),
        },
    })
}

fn followed(answers: &mut SchemaGenerator, run_id: &Value) -> Value {
    let number = json!({"type": "integer", "format": "int64"});
    let change = schema::<sequel::Change>(answers);
    let limit = json!({"type": "integer", "minimum": 1, "maximum": sequel::MOST, "default": 100});
    json!({
        "/api/v1/evaluations/{run_id}/hits": {
            "get": Operation {
                id: "evaluation_hits",
                summary: "Parcels that a final run newly found low, and those that are not low any more, of the caller's units",
                parameters: vec![
                    run_id.clone(),
                    in_query("change", &change, "Only those of one kind"),
                    in_query("layer", &json!({"type": "string"}), "Only those of one judging layer"),
                    in_query("limit", &limit, "Hits on a page"),
                    in_query("after", &number, "`next` of the page before"),
                ],
                body: None,
                success: (200, Some(schema::<sequel::Hits>(answers))),
                refusals: &[400, 404, 409],
            }.document(),
        },
    })
}

fn notices(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let number = json!({"type": "integer", "format": "int64"});
    let kind = schema::<notice::Kind>(answers);
    let limit = json!({"type": "integer", "minimum": 1, "maximum": notice::MOST, "default": 50});
    let unread = schema::<notice::Unread>(answers);
    json!({
        "/api/v1/notices": {
            "get": Operation {
                id: "notices",
                summary: "What the caller's units are told of, newest first",
                parameters: vec![
                    in_query("unread", &json!({"type": "boolean"}), "Only what the caller has not read"),
                    in_query("kind", &kind, "Only those of one kind"),
                    in_query("limit", &limit, "Notices on a page"),
                    in_query("before", &number, "`next_before` of the page before"),
                ],
                body: None,
                success: (200, Some(schema::<notice::Notices>(answers))),
                refusals: &[400],
            }.document(),
        },
        "/api/v1/notices/read": {
            "post": Operation {
                id: "read_notices",
                summary: "Mark all notices up to one as read by the caller",
                parameters: vec![],
                body: Some(schema::<notice::ReadUpTo>(bodies)),
                success: (200, Some(unread.clone())),
                refusals: &[400],
            }.document(),
        },
        "/api/v1/notices/{notice_id}/read": {
            "post": Operation {
                id: "read_notice",
                summary: "Mark a notice as read by the caller",
                parameters: vec![in_path("notice_id", &number)],
                body: None,
                success: (200, Some(unread)),
                refusals: &[400, 404],
            }.document(),
        },
    })
}

fn of_schemes(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let one = schema::<schemes::Shown>(answers);
    let id = in_path("scheme_id", &json!({"type": "string"}));
    let version = json!({"type": "integer", "format": "int64", "minimum": 0});
    json!({
        "/api/v1/schemes": {
            "get": Operation {
                id: "schemes",
                summary: "Scoring schemes as a run of this year takes them, with their versions and faults, and the measures they may name",
                parameters: vec![],
                body: None,
                success: (200, Some(schema::<schemes::Schemes>(answers))),
                refusals: &[400],
            }.document(),
            "post": Operation {
                id: "save_scheme",
                summary: "Save a scheme as a version with dates of its own; one with faults is not stored",
                parameters: vec![],
                body: Some(schema::<schemes::NewScheme>(bodies)),
                success: (201, Some(one.clone())),
                refusals: &[400, 413],
            }.document(),
        },
        "/api/v1/schemes/{scheme_id}": {
            "get": Operation {
                id: "scheme",
                summary: "One scheme in a version",
                parameters: vec![
                    id,
                    in_query("version", &version, "Left out: the version that a run of this year takes"),
                ],
                body: None,
                success: (200, Some(one)),
                refusals: &[400, 404],
            }.document(),
        },
        "/api/v1/schemes/check": {
            "post": Operation {
                id: "check_scheme",
                summary: "Check a scheme's text, and try it on a run; nothing is written",
                parameters: vec![],
                body: Some(schema::<schemes::SchemeText>(bodies)),
                success: (200, Some(schema::<schemes::Checked>(answers))),
                refusals: &[400, 404, 413],
            }.document(),
        },
    })
}
