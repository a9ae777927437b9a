//! That no route is forgotten: each is walked, or stands here with the reason why nothing is read from it.

use std::collections::BTreeSet;

use regex::Regex;

use super::walk::WALKS;

/// Routes as they stand in the program's text.
pub fn routes_in_source() -> BTreeSet<String> {
    let route = Regex::new(r#"\.route\(\s*"([^"]+)""#).unwrap();
    let mut found = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(route.captures_iter(&text).map(|it| it[1].to_owned()));
            }
        }
    }
    found
}

/// What is asked with another method than GET, and why that says nothing of the data.
const UNREAD: &[(&str, &str)] = &[
    ("post /api/v1/session", "answers who has signed in"),
    ("patch /api/v1/session", "answers who is signed in"),
    ("delete /api/v1/session", "answers nothing"),
    ("post /api/v1/stats", "is walked by its body"),
    ("post /api/v1/scenarios/preview", "is walked by its body"),
    ("post /api/v1/scenarios", "answers what an officer wrote"),
    ("delete /api/v1/scenarios/{scenario_id}", "answers nothing"),
    ("post /api/v1/scenarios/{scenario_id}/adopt", "answers what a steward wrote"),
    ("post /api/v1/conformity", "is walked by its body"),
    ("post /api/v1/assemblies", "is walked by its body"),
    ("post /api/v1/sites/search", "is walked by its body"),
    ("post /api/v1/parcels", "answers what an officer wrote"),
    ("post /api/v1/parcels/merge", "answers what an officer of all of them wrote"),
    ("patch /api/v1/parcels/{parcel_code}", "answers what an officer of it wrote"),
    ("delete /api/v1/parcels/{parcel_code}", "answers an officer of it when it ended"),
    ("post /api/v1/parcels/{parcel_code}/split", "answers what an officer of it wrote"),
    ("post /api/v1/lists", "answers what an officer chose, of the own units"),
    ("patch /api/v1/lists/{list_id}", "answers what an officer of it wrote"),
    ("post /api/v1/lists/{list_id}/cases", "answers what an officer chose, of the own units"),
    ("patch /api/v1/lists/{list_id}/cases", "answers what an officer of them wrote"),
    ("post /api/v1/lists/{list_id}/freeze", "answers an officer of it its version"),
    ("patch /api/v1/cases/{case_code}", "answers what an officer of it wrote"),
    ("post /api/v1/cases/{case_code}/events", "answers what an officer of it wrote"),
    ("post /api/v1/cases/{case_code}/attachments", "answers what an officer of it sent"),
    (
        "delete /api/v1/cases/{case_code}/attachments/{attachment_id}",
        "answers an officer of it what was withdrawn",
    ),
    ("post /api/v1/list-templates", "answers what an officer sent"),
    ("delete /api/v1/list-templates/{template_id}", "answers nothing"),
    ("post /api/v1/reports", "answers an officer that it is being made"),
    ("put /api/v1/session/password", "answers nothing"),
    ("post /api/v1/tokens", "answers the caller's own new token"),
    ("delete /api/v1/tokens/{token_id}", "answers nothing"),
    ("post /api/v1/accounts", "answers what an administrator wrote"),
    ("patch /api/v1/accounts/{name}", "answers what an administrator wrote"),
    ("post /api/v1/accounts/{name}/link", "answers a new link to an administrator"),
    ("delete /api/v1/accounts/{name}/tokens/{token_id}", "answers nothing"),
    ("post /api/v1/imports", "answers what a steward sent"),
    ("delete /api/v1/imports/{batch_id}", "answers nothing"),
    ("post /api/v1/imports/{batch_id}/preview", "answers a new job to a steward"),
    ("post /api/v1/imports/{batch_id}/apply", "answers a new job to a steward"),
    ("post /api/v1/imports/{batch_id}/undo", "answers a new job to a steward"),
    ("post /api/v1/jobs/{job_id}/cancel", "answers a job to a steward"),
    ("put /api/v1/evaluations/shown", "answers the runs to a steward"),
    ("post /api/v1/evaluations/{run_id}/publish", "answers the run to a steward"),
    ("post /api/v1/evaluations/{run_id}/finalise", "answers the run to a steward"),
    ("post /api/v1/evaluations/{run_id}/objections", "answers what an officer of it wrote"),
    (
        "post /api/v1/evaluations/{run_id}/objections/{objection_id}/decide",
        "answers an objection to a steward",
    ),
    ("post /api/v1/schemes/check", "is walked by its body"),
    ("post /api/v1/schemes", "answers what a steward wrote"),
    ("post /api/v1/evaluations", "answers a new job to a steward"),
    ("post /api/v1/notices/read", "answers how many the caller has not read"),
    ("post /api/v1/notices/{notice_id}/read", "answers how many the caller has not read"),
];

/// Fails when the program or its documents have a route that is not walked.
pub fn every_route_is_walked(api: &serde_json::Value, ogc: &serde_json::Value) {
    let mut unwalked = Vec::new();
    let walked = |route: &str| WALKS.iter().any(|(it, _)| *it == route);
    unwalked.extend(routes_in_source().into_iter().filter(|it| !walked(it)));
    for (path, methods) in api["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let named = format!("{method} {path}");
            let unread = UNREAD.iter().any(|(it, _)| *it == named);
            if !unread && (method != "get" || !walked(path)) {
                unwalked.push(named);
            }
        }
    }
    for path in ogc["paths"].as_object().unwrap().keys() {
        let mut parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        if let ["collections", id, ..] = parts.as_mut_slice() {
            *id = "{id}";
        }
        let route = format!("/ogc/{}", parts.join("/")).replace("{featureId}", "{feature}");
        if !walked(&route) {
            unwalked.push(format!("get {route}"));
        }
    }
    assert!(
        unwalked.is_empty(),
        "not walked: {unwalked:?}; tests/it/crawl/walk.rs wants a line for each"
    );
}
