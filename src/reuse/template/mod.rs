//! Workbooks that offices want their lists in: uploaded once, checked cell by cell, filled as often as a list is exported. The
//! office's styles, widths, texts and formulas stay; what is filled are placeholders.

use chrono::DateTime;
use chrono::Local;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::error::Error;
use crate::error::Result;

use super::attachment::Given;
use super::attachment::Kind;
use super::attachment::kind_of;
use super::desk;
use super::plan::Plan;
use super::queries::template as queries;

mod book;
mod fill;
mod name;
mod refs;
pub mod routes;
mod tail;

pub use name::Fault;
pub use name::Placeholder;

use book::Book;

/// A workbook that lists can be written into.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "ListTemplate")]
pub struct Template {
    pub template_id: i64,
    pub name: String,
    /// Null: for all units.
    pub responsible_unit: Option<String>,
    pub bytes: i64,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Where they stand: objects of `sheet`, `cell`, `text`.
    #[schemars(with = "Vec<Placeholder>")]
    pub placeholders: Value,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
}

fn none(template_id: i64) -> Error {
    Error::not_found("清单模板 template", template_id.to_string())
}

/// The templates in force that the scope may use.
pub async fn all(app: &App, scope: &Scope) -> Result<Vec<Template>> {
    desk::officer(scope)?;
    let mut db = app.db.read(scope).await?;
    Ok(queries::all(&mut db).await?)
}

/// Keeps a workbook as a template: of the caller's unit where it answers for one alone, else of all.
pub async fn add(app: &App, scope: &Scope, given: Given) -> Result<Template> {
    desk::officer(scope)?;
    if kind_of(&given.name, &given.content)? != Kind::Xlsx {
        return Err(Error::unsupported("模板应为 .xlsx 工作簿 / a template is an .xlsx workbook"));
    }
    let unit = match scope.responsible_units.as_deref() {
        None => None,
        Some([only]) => Some(only.clone()),
        Some(_) => {
            return Err(Error::NotAllowed(
                "负责多个单位的账户不能上传模板，请由单个单位或全区承办人上传 / templates are kept by officers of one unit, or of all",
            ));
        }
    };
    let (given, found) = tokio::task::spawn_blocking(move || {
        let found = Book::read(&given.content).map(|it| name::check(&it));
        (given, found)
    })
    .await
    .map_err(anyhow::Error::from)?;
    let found =
        found.map_err(|why| Error::impossible("template-faulty", why, json!({"faults": []})))?;
    if !found.faults.is_empty() {
        let why = format!(
            "模板有 {} 处错误，见 faults / the template has {} faults: see `faults`",
            found.faults.len(),
            found.faults.len()
        );
        let faults: Vec<&Fault> = found.faults.iter().take(200).collect();
        return Err(Error::impossible("template-faulty", why, json!({"faults": faults})));
    }
    let digest = Sha256::digest(&given.content);
    let mut tx = app.db.write.begin().await?;
    let placeholders = json!(found.placeholders);
    let by = scope.recorded_by();
    let made =
        queries::insert(&mut tx, &given, unit.as_deref(), &digest, &placeholders, by).await?;
    let event = Event::of(Action::TemplateSaved, &given.name)
        .with(json!({"template_id": made.template_id, "sha256": made.sha256}));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(made)
}

/// Takes a template out of use; it stays in the record.
pub async fn withdraw(app: &App, scope: &Scope, template_id: i64) -> Result<()> {
    desk::officer(scope)?;
    let mut db = app.db.read(scope).await?;
    let found = queries::find(&mut db, template_id).await?.ok_or_else(|| none(template_id))?;
    drop(db);
    desk::within(scope, found.responsible_unit.as_deref())?;
    let mut tx = app.db.write.begin().await?;
    if !queries::withdraw(&mut tx, template_id, scope.recorded_by()).await? {
        return Err(none(template_id));
    }
    let event = Event::of(Action::TemplateWithdrawn, &found.name)
        .with(json!({"template_id": template_id, "sha256": found.sha256}));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(())
}

/// The list written into a template.
pub async fn filled(app: &App, scope: &Scope, template_id: i64, plan: Plan) -> Result<Vec<u8>> {
    let mut db = app.db.read(scope).await?;
    let content = queries::content(&mut db, template_id).await?.ok_or_else(|| none(template_id))?;
    drop(db);
    let moment = plan.as_of.unwrap_or(plan.gathered_at).with_timezone(&Local);
    let moment = moment.format("%Y-%m-%d %H:%M").to_string();
    let made = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
        // It was read when it was stored; one that is not whole any more is told, and can be sent again.
        let mut book = Book::read(&content).map_err(|it| Error::parameter("template", it))?;
        fill::fill(&mut book, &plan, &moment)?;
        Ok(book.write()?)
    });
    made.await.map_err(anyhow::Error::from)?
}
