//! The paths of files: what belongs to cases, what is printed of lists, workbooks of offices, reports.

use schemars::JsonSchema;
use schemars::SchemaGenerator;
use serde_json::Value;
use serde_json::json;

use crate::export::Format;
use crate::report;
use crate::reuse::attachment;
use crate::reuse::template;
use crate::reuse::template::routes as templates;

use super::Problem;
use super::operation::Operation;
use super::operation::in_path;
use super::operation::in_query;
use super::operation::schema;
use super::reuse::number;
use super::reuse::selection;
use super::reuse::text;

/// The problem of a workbook that cannot be a template.
#[derive(JsonSchema)]
#[schemars(rename = "TemplateProblem")]
#[expect(dead_code, reason = "only its schema is used; `error` writes the members")]
struct Faulty {
    #[schemars(flatten)]
    problem: Problem,
    faults: Vec<template::Fault>,
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

/// A file as the answer.
fn gives(
    (id, summary): (&'static str, &'static str),
    parameters: Vec<Value>,
    media_types: &[&str],
    refusals: &'static [u16],
) -> Value {
    let mut it = Operation { id, summary, parameters, body: None, success: (200, None), refusals }
        .document();
    let content: serde_json::Map<String, Value> = media_types
        .iter()
        .map(|it| ((*it).to_owned(), json!({"schema": {"type": "string", "format": "binary"}})))
        .collect();
    it["responses"]["200"]["content"] = Value::Object(content);
    it
}

/// A form with one file.
fn form(members: &Value) -> Value {
    let mut properties = json!({"file": {"type": "string", "format": "binary"}});
    if let (Some(all), Some(more)) = (properties.as_object_mut(), members.as_object()) {
        all.extend(more.clone());
    }
    json!({"required": true, "content": {"multipart/form-data": {
        "schema": {"type": "object", "required": ["file"], "properties": properties},
    }}})
}

fn of_attachments(answers: &mut SchemaGenerator) -> Value {
    let case = in_path("case_code", &text());
    let attachment = in_path("attachment_id", &number());
    let one = schema::<attachment::Attachment>(answers);
    let mut post = Operation {
        id: "attach_file",
        summary: "Give a file to a case",
        parameters: vec![case.clone()],
        body: None,
        success: (201, Some(one.clone())),
        refusals: &[400, 404, 409, 413, 415],
    }
    .document();
    post["requestBody"] = form(&json!({"note": {"type": "string"}}));
    let types = attachment::Kind::ALL.map(attachment::Kind::media_type);
    let mut reason = in_query("reason", &text(), "Why");
    reason["required"] = json!(true);
    json!({
        "/api/v1/cases/{case_code}/attachments": {
            "get": reads::<attachment::Attachments>(answers, "case_attachments",
                "The files of a case, those that were withdrawn among them", vec![case.clone()]),
            "post": post,
        },
        "/api/v1/cases/{case_code}/attachments/{attachment_id}": {
            "get": gives(("case_attachment", "A file of a case, to be saved"),
                vec![case.clone(), attachment.clone()], &types, &[400, 404, 410]),
            "delete": Operation {
                id: "withdraw_file",
                summary: "Withdraw a file of a case; it stays in the record",
                parameters: vec![case, attachment, reason],
                body: None,
                success: (200, Some(one)),
                refusals: &[400, 404, 409],
            }.document(),
        },
    })
}

/// What is printed of lists.
fn of_sheets() -> Value {
    let list = in_path("list_id", &number());
    let case = in_path("case_code", &text());
    let one_of = |name: &str, all: &[&str], what: &str| {
        in_query(name, &json!({"type": "string", "enum": all}), what)
    };
    let lang = one_of(
        "lang",
        &["zh", "en"],
        "What stands around the figures is written in; zh when left out",
    );
    let kind = one_of("kind", &["parcel", "enterprise"], "一地一策 (when left out) or 一企一策");
    let with = |more: &[Value]| {
        let mut all = vec![list.clone()];
        all.extend(selection());
        all.extend_from_slice(more);
        all.push(lang.clone());
        all
    };
    let maps = one_of(
        "maps",
        &["rows", "none"],
        "A small map in every row; `rows` when left out and there are 60 cases at most",
    );
    let papers = ["A4", "A3", "A2", "A1", "A0"];
    let of_plan = with(&[one_of("paper", &["A3", "A4"], "A3 when left out"), maps]);
    let of_wall = with(&[one_of("paper", &papers, "A0 when left out")]);
    let of_sheets = with(std::slice::from_ref(&kind));
    let pdf = |about, parameters| gives(about, parameters, &["application/pdf"], &[400, 404]);
    json!({
        "/api/v1/lists/{list_id}/list.pdf": {
            "get": pdf(("print_list", "The list as a work plan over pages, with its sums and an overview map"), of_plan),
        },
        "/api/v1/lists/{list_id}/wall.pdf": {
            "get": pdf(("print_wall_map", "One large sheet with all parcels numbered and a table of them"), of_wall),
        },
        "/api/v1/lists/{list_id}/sheets.pdf": {
            "get": pdf(("print_sheets", "A page for each parcel, or for each enterprise on them"), of_sheets),
        },
        "/api/v1/cases/{case_code}/sheet.pdf": {
            "get": pdf(("print_case", "A page of one case"), vec![case, kind, lang]),
        },
    })
}

/// A list as a file.
pub(super) fn of_export(which: &[Value]) -> Value {
    let formats =
        [Format::Xlsx, Format::Csv, Format::GeoJson, Format::Shapefile, Format::GeoPackage];
    let names = formats.map(Format::name);
    let mut parameters = which.to_vec();
    parameters.push(in_query(
        "format",
        &json!({"type": "string", "enum": names, "default": "xlsx"}),
        "A shapefile is an archive",
    ));
    let about = "A workbook of the office's own to be filled, with `xlsx`";
    parameters.push(in_query("template", &number(), about));
    let about = (
        "export_list",
        "The list as a workbook with sums that Excel computes, as a table, or with outlines",
    );
    gives(about, parameters, &formats.map(Format::media_type), &[400, 404])
}

/// Workbooks that lists are written into.
fn of_templates(answers: &mut SchemaGenerator) -> Value {
    let id = in_path("template_id", &number());
    let mut post = Operation {
        id: "add_list_template",
        summary: "Keep a workbook with placeholders that lists are written into",
        parameters: vec![],
        body: None,
        success: (201, Some(schema::<template::Template>(answers))),
        refusals: &[400, 413, 415, 422],
    }
    .document();
    post["requestBody"] = form(&json!({"note": {"type": "string"}}));
    post["responses"]["422"] = json!({
        "description": "What is wrong with the workbook, cell by cell",
        "content": {"application/problem+json": {"schema": schema::<Faulty>(answers)}},
    });
    json!({
        "/api/v1/list-templates": {
            "get": reads::<templates::Templates>(answers, "list_templates",
                "Workbooks that lists can be written into, the newest first", vec![]),
            "post": post,
        },
        "/api/v1/list-templates/placeholders": {
            "get": reads::<templates::Names>(answers, "template_names", "What may stand in the cells of such a workbook", vec![]),
        },
        "/api/v1/list-templates/{template_id}": {
            "delete": Operation {
                id: "withdraw_list_template",
                summary: "Take a workbook out of use; it stays in the record",
                parameters: vec![id],
                body: None,
                success: (204, None),
                refusals: &[400, 404],
            }.document(),
        },
    })
}

/// Reports.
fn of_reports(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let id = in_path("report_id", &number());
    let one = schema::<report::Report>(answers);
    let limit = in_query(
        "limit",
        &json!({"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        "Rows of a page",
    );
    let before = in_query("before", &number(), "The next page: `next` of the one before");
    json!({
        "/api/v1/reports": {
            "get": reads::<report::routes::Reports>(answers, "reports", "Reports, the newest first",
                vec![limit, before]),
            "post": Operation {
                id: "ask_report",
                summary: "Have a report made",
                parameters: vec![],
                body: Some(schema::<report::NewReport>(bodies)),
                success: (202, Some(one)),
                refusals: &[400, 409, 413],
            }.document(),
        },
        "/api/v1/reports/{report_id}": {
            "get": reads::<report::Report>(answers, "report", "A report, and how far it is", vec![id.clone()]),
        },
        "/api/v1/reports/{report_id}/file": {
            "get": gives(("report_file", "The report as DOCX or PDF"), vec![id],
                &[report::Format::Docx.media_type(), report::Format::Pdf.media_type()], &[400, 404, 409]),
        },
    })
}

/// The paths, by path.
pub(super) fn paths(answers: &mut SchemaGenerator, bodies: &mut SchemaGenerator) -> Value {
    let mut paths = of_attachments(answers);
    for more in [of_sheets(), of_templates(answers), of_reports(answers, bodies)] {
        if let (Some(paths), Value::Object(more)) = (paths.as_object_mut(), more) {
            paths.extend(more);
        }
    }
    paths
}
