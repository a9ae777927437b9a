//! Reports of redevelopment lists: weekly brief, monthly and quarterly 通报, half-year 考核. Each is asked for as of a moment,
//! made as a job under the scope of who asked, and kept as it was made, as DOCX or PDF of one and the same document.

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog::time::Times;
use crate::catalog::time::day_of;
use crate::error::Error;
use crate::error::Result;
use crate::job;

mod docx;
mod figures;
mod map;
mod queries;
pub mod routes;
mod span;
mod work;

pub use span::Kind;
pub use work::Reports;

use queries::Stored;
use span::Span;

/// Reports of one account that wait or are being made.
const WAITING: i64 = 5;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ReportFormat")]
pub enum Format {
    Docx,
    Pdf,
}

impl Format {
    /// Its name, which is the extension too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Docx, Self::Pdf].into_iter().find(|it| it.name() == name)
    }
}

/// What is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    pub kind: Kind,
    /// 2026-W47, 2026-05, 2026Q2 or 2026H1, as the kind is; left out, the one that the moment lies in.
    pub period: Option<String>,
    /// As known then: a moment, or a day, which means its end in China; left out, now.
    pub as_of: Option<String>,
    pub format: Format,
}

/// A report, and how far it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    pub report_id: i64,
    /// `weekly`, `monthly`, `quarterly` or `half_year`.
    pub kind: String,
    pub period: String,
    pub as_of: DateTime<Utc>,
    /// `docx` or `pdf`.
    pub format: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Null until it is done.
    pub title: Option<String>,
    pub bytes: Option<i64>,
    /// SHA-256 of the file, hex.
    pub sha256: Option<String>,
    /// Why it failed.
    pub problem: Option<String>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<Stored> for Report {
    fn from(it: Stored) -> Self {
        let job = it.job.unwrap_or_default();
        let state = match (it.finished_at, job["state"].as_str()) {
            (Some(_), _) => "done",
            (None, Some(state)) if state != "done" => state,
            // Its job was forgotten, or ended without it.
            (None, _) => "failed",
        };
        Self {
            report_id: it.report_id,
            kind: it.kind,
            period: it.period,
            as_of: it.as_of,
            format: it.format,
            state: state.to_owned(),
            title: it.title,
            bytes: it.bytes,
            sha256: it.sha256,
            problem: job["error"]["detail"].as_str().map(ToOwned::to_owned),
            recorded_by: it.recorded_by,
            recorded_at: it.recorded_at,
            finished_at: it.finished_at,
        }
    }
}

/// Refuses whoever is no officer anywhere, as the targets do.
fn officer(scope: &Scope) -> Result<()> {
    if scope.account.is_none() {
        return Err(Error::SignIn("报告需要账户 / reports need an account"));
    }
    if scope.may(Role::Officer) {
        Ok(())
    } else {
        Err(Error::NotAllowed("报告由承办人生成 / reports are for officers"))
    }
}

/// Whose reports the scope sees: officers for all units see everybody's.
fn whose(scope: &Scope) -> Option<&str> {
    scope.responsible_units.is_some().then(|| scope.recorded_by())
}

/// Has a report made.
pub async fn ask(app: &App, scope: &Scope, asked: &NewReport) -> Result<Report> {
    officer(scope)?;
    let given = Times::parse(None, asked.as_of.as_deref())?.as_of;
    let now = Utc::now();
    let as_of = given.unwrap_or(now);
    if as_of > now {
        // The end of today is a moment that is still to come, and means now.
        if day_of(as_of) > day_of(now) {
            return Err(Error::parameter("as_of", "不能晚于今天 / may not be later than today"));
        }
    }
    let as_of = as_of.min(now);
    let day = day_of(as_of);
    let span = match asked.period.as_deref() {
        Some(it) => Span::parse(asked.kind, it).ok_or_else(|| {
            let example = asked.kind.example();
            Error::parameter("period", format!("应如 / such as {example}"))
        })?,
        None => Span::around(asked.kind, day),
    };
    if span.first() > day {
        let why = "报告期尚未开始 / the period has not begun on that day";
        return Err(Error::parameter("period", why));
    }
    let mut tx = app.db.write.begin().await?;
    if queries::waiting(&mut tx, scope.recorded_by()).await? >= WAITING {
        return Err(Error::not_now(
            "已有多份报告在生成，请稍候 / several reports of yours are being made: wait for them",
        ));
    }
    let (kind, period, format) = (asked.kind.name(), span.name(), asked.format.name());
    let new = queries::New {
        kind,
        period: &period,
        as_of,
        format,
        units: scope.responsible_units.as_deref(),
        by: scope.recorded_by(),
    };
    let report_id = queries::insert(&mut tx, &new).await?;
    let order = job::Order {
        kind: job::Kind::Report,
        batch_id: None,
        options: json!(work::Options {
            report_id,
            role: scope.role,
            responsible_units: scope.responsible_units.clone(),
        }),
        scope,
    };
    let queued = job::queries::queue(&mut tx, &order).await?;
    let queued = queued.ok_or_else(|| Error::not_now("任务未能排队 / it could not be queued"))?;
    queries::made_by(&mut tx, report_id, queued.job_id).await?;
    let subject = report_id.to_string();
    let event = Event::of(Action::ReportAsked, &subject)
        .with(json!({"kind": kind, "period": period, "as_of": as_of, "format": format}));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    find(app, scope, report_id).await
}

/// A report that the scope may see.
pub async fn find(app: &App, scope: &Scope, report_id: i64) -> Result<Report> {
    officer(scope)?;
    let mut db = app.db.read(scope).await?;
    let found = queries::find(&mut db, whose(scope), report_id).await?;
    found.map(Report::from).ok_or_else(|| none(report_id))
}

fn none(report_id: i64) -> Error {
    Error::not_found("报告 report", report_id.to_string())
}

/// Reports that the scope may see, the newest first.
pub async fn list(
    app: &App,
    scope: &Scope,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Report>> {
    officer(scope)?;
    let mut db = app.db.read(scope).await?;
    let found = queries::list(&mut db, whose(scope), before, limit).await?;
    Ok(found.into_iter().map(Report::from).collect())
}

/// The file of a report that is done.
pub async fn file(app: &App, scope: &Scope, report_id: i64) -> Result<(Report, Vec<u8>)> {
    let report = find(app, scope, report_id).await?;
    let mut db = app.db.read(scope).await?;
    match queries::content(&mut db, report_id).await? {
        Some(content) => Ok((report, content)),
        None => Err(Error::conflict(
            "not-ready",
            "报告尚未生成 / the report is not done",
            json!({"state": report.state}),
        )),
    }
}
