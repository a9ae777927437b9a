//! The paths of redevelopment lists, cases and targets.

use schemars::JsonSchema;
use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::judgement::workflow::State;
use crate::reuse;
use crate::reuse::case_routes;
use crate::reuse::routes;

use super::operation::Operation;
use super::operation::in_path;
use super::operation::in_query;
use super::operation::schema;

fn if_match() -> Value {
    json!({
        "name": "If-Match",
        "in": "header",
        "required": true,
        "schema": {"type": "string"},
        "description": "The `ETag` with which it was answered",
    })
}

pub(super) fn text() -> Value {
    json!({"type": "string"})
}

pub(super) fn number() -> Value {
    json!({"type": "integer", "format": "int64"})
}

fn reads<T: JsonSchema>(
    answers: &mut SchemaGenerator,
    id: &'static str,
    summary: &'static str,
    parameters: Vec<Value>,
) -> Value {
    let success = (200, Some(schema::<T>(answers)));
    Operation { id, summary, parameters, body: None, success, refusals: &[400, 404] }.document()
}

/// What writes: it may be refused by rules, by who was faster, by what is missing.
fn writes<T: JsonSchema>(
    answers: &mut SchemaGenerator,
    (id, summary): (&'static str, &'static str),
    parameters: Vec<Value>,
    body: Value,
    status: u16,
) -> Value {
    let success = (status, Some(schema::<T>(answers)));
    let refusals = &[400, 404, 409, 412, 413, 422, 428];
    Operation { id, summary, parameters, body: Some(body), success, refusals }.document()
}

/// Which cases, in pages or as a workbook.
pub(super) fn selection() -> Vec<Value> {
    let states = State::ALL.map(State::name);
    vec![
        in_query("state", &json!({"type": "string", "enum": states}), "Cases in that state"),
        in_query("responsible_unit", &text(), "Cases of that unit"),
        in_query("path", &text(), "Cases on that path"),
        in_query("version", &number(), "Of a frozen version"),
        in_query(
            "as_of",
            &text(),
            "As known then: a moment, or a day, which means its end in China",
        ),
    ]
}

/// The league.
fn standings(answers: &mut SchemaGenerator) -> Value {
    let kinds = ["mu", "plants", "plant_m2", "enterprises", "tce"];
    let of_targets = vec![
        in_query("period", &text(), "2026, 2026Q2 or 2026-05; left out, this year"),
        in_query(
            "kind",
            &json!({"type": "string", "enum": kinds, "default": "mu"}),
            "What is counted",
        ),
        in_query(
            "as_of",
            &text(),
            "As known then: a moment, or a day, which means its end in China",
        ),
    ];
    let summary = "Targets by unit and what was counted: rate, gap, rank, light";
    reads::<reuse::Standings>(answers, "targets", summary, of_targets)
}

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let list = in_path("list_id", &number());
    let case = in_path("case_code", &text());
    let limit = in_query(
        "limit",
        &json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
        "Rows of a page",
    );
    let before = in_query("before", &number(), "The next page: `next` of the one before");
    let after = in_query("after", &number(), "The next page: `next` of the one before");
    let mut of_members = vec![list.clone()];
    of_members.extend(selection());
    let export = super::files::of_export(&of_members);
    of_members.extend([limit.clone(), after]);
    of_members.push(in_query(
        "newer_than",
        &number(),
        "Versions that are newer than this `row_id`: what has changed since",
    ));
    let between = vec![
        list.clone(),
        {
            let mut it = in_query("from", &number(), "The earlier version");
            it["required"] = json!(true);
            it
        },
        in_query("to", &number(), "The later version; left out, now"),
    ];
    let new_list = schema::<reuse::NewList>(bodies);
    let list_change = schema::<reuse::ListChange>(bodies);
    let choice = schema::<reuse::Choice>(bodies);
    let freeze = schema::<routes::Freeze>(bodies);
    let case_change = schema::<reuse::CaseChange>(bodies);
    let case_changes = schema::<reuse::CaseChanges>(bodies);
    let new_event = schema::<reuse::NewEvent>(bodies);
    let mut note = writes::<reuse::Noted>(
        answers,
        ("note_case_event", "A step, a milestone, a disposal or a comment"),
        vec![case.clone(), if_match()],
        new_event,
        201,
    );
    note["parameters"][1]["required"] = json!(false);
    note["parameters"][1]["description"] =
        json!("The `ETag` with which the case was answered; a comment takes none");
    json!({
        "/api/v1/lists": {
            "get": reads::<routes::Lists>(answers, "lists", "Redevelopment lists, the newest first",
                vec![limit.clone(), before.clone()]),
            "post": writes::<reuse::Added>(answers, ("create_list", "A new list, filled from a filter, a town, a column of codes or thresholds"),
                vec![], new_list, 201),
        },
        "/api/v1/lists/{list_id}": {
            "get": reads::<reuse::List>(answers, "list", "A list", vec![list.clone()]),
            "patch": writes::<reuse::List>(answers, ("change_list", "Rename, submit or close a list"),
                vec![list.clone(), if_match()], list_change, 200),
        },
        "/api/v1/lists/{list_id}/cases": {
            "get": reads::<reuse::Cases>(answers, "list_cases", "Cases of a list with their sums", of_members),
            "post": writes::<reuse::Added>(answers, ("add_cases", "More parcels for a list"),
                vec![list.clone()], choice, 200),
            "patch": writes::<reuse::ChangesMade>(answers, ("change_list_cases", "Change many cases of a list at once"),
                vec![list.clone()], case_changes, 200),
        },
        "/api/v1/lists/{list_id}/checks": {
            "get": reads::<reuse::Checks>(answers, "check_list", "What is wrong with a list, or will stop its cases",
                vec![list.clone()]),
        },
        "/api/v1/lists/{list_id}/freeze": {
            "post": writes::<reuse::Frozen>(answers, ("freeze_list", "A version with the figures of this moment"),
                vec![list.clone()], freeze, 201),
        },
        "/api/v1/lists/{list_id}/versions": {
            "get": reads::<routes::Versions>(answers, "list_versions", "The frozen versions of a list", vec![list]),
        },
        "/api/v1/lists/{list_id}/compare": {
            "get": reads::<reuse::Comparison>(answers, "compare_list", "How two versions of a list differ", between),
        },
        "/api/v1/lists/{list_id}/export": {"get": export},
        "/api/v1/cases/{case_code}": {
            "get": reads::<reuse::CaseSheet>(answers, "case", "A case, and what may be done with it", vec![case.clone()]),
            "patch": writes::<reuse::Case>(answers, ("change_case", "Change members of a case"),
                vec![case.clone(), if_match()], case_change, 200),
        },
        "/api/v1/cases/{case_code}/events": {
            "get": reads::<case_routes::Events>(answers, "case_events", "What happened to a case, the latest first",
                vec![case, limit.clone(), before]),
            "post": note,
        },
        "/api/v1/milestones": {
            "get": reads::<reuse::due::Dues>(answers, "due_milestones",
                "Milestones of open cases whose quarter has come or gone, not reached yet", vec![limit]),
        },
        "/api/v1/targets": {"get": standings(answers)},
        "/api/v1/workflow": {
            "get": reads::<reuse::WorkflowSheet>(answers, "workflow", "Paths with their milestones, and the steps of a case", vec![]),
        },
    })
}
