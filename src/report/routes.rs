//! `/api/v1/reports`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::extract::Query;

use super::Format;
use super::NewReport;
use super::Report;

/// Reports of a page when nobody says, and at most.
const LIMIT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// Routes of reports.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/reports", get(list).post(ask))
        .route("/api/v1/reports/{report_id}", get(find))
        .route("/api/v1/reports/{report_id}/file", get(file))
}

/// A page of reports, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reports {
    pub reports: Vec<Report>,
    /// `before` of the next page.
    pub next: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paging {
    limit: Option<i64>,
    before: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn answer(status: StatusCode, body: impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn list(
    State(app): State<App>,
    scope: Scope,
    Query(asked): Query<Paging>,
) -> Result<Response> {
    super::officer(&scope)?;
    let limit = asked.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{LIMIT_MAX}")));
    }
    let reports = super::list(&app, &scope, asked.before, limit).await?;
    let full = i64::try_from(reports.len()).is_ok_and(|it| it == limit);
    let next = reports.last().filter(|_| full).map(|it| it.report_id);
    Ok(answer(StatusCode::OK, Reports { reports, next }))
}

async fn ask(
    State(app): State<App>,
    scope: Scope,
    extract::Json(asked): extract::Json<NewReport>,
) -> Result<Response> {
    let report = super::ask(&app, &scope, &asked).await?;
    let address = format!("/api/v1/reports/{}", report.report_id);
    let mut response = answer(StatusCode::ACCEPTED, report);
    if let Ok(address) = address.try_into() {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}

async fn find(
    State(app): State<App>,
    scope: Scope,
    Path(report_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(answer(StatusCode::OK, super::find(&app, &scope, report_id).await?))
}

async fn file(
    State(app): State<App>,
    scope: Scope,
    Path(report_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let (report, content) = super::file(&app, &scope, report_id).await?;
    let subject = report_id.to_string();
    let event = Event::of(Action::Export, &subject)
        .with(json!({"report": report.kind, "period": report.period, "format": report.format}));
    audit::record(&app.db.write, &scope, event).await?;
    let format = Format::parse(&report.format).unwrap_or(Format::Pdf);
    let title = report.title.unwrap_or_else(|| subject.clone());
    let name =
        utf8_percent_encode(&format!("{title}.{}", format.name()), NON_ALPHANUMERIC).to_string();
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!(
                "attachment; filename=\"report-{report_id}.{}\"; filename*=UTF-8''{name}",
                format.name()
            ),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, content).into_response())
}
