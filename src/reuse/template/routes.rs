//! `/api/v1/list-templates`.

use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;

use super::super::attachment::routes::received;
use super::super::desk;
use super::super::routes::Nothing;
use super::super::routes::answer;
use super::Template;
use super::name;

/// The templates in force.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListTemplates")]
pub struct Templates {
    pub templates: Vec<Template>,
}

/// Something that may stand in a cell, between `{{` and `}}`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TemplateName")]
pub struct Name {
    pub name: String,
    /// What offices call it.
    pub title: String,
}

/// Everything that may stand in cells.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TemplateNames")]
pub struct Names {
    /// Of the list.
    pub list: Vec<Name>,
    /// Of a case: they stand in one row of a sheet, which is repeated.
    pub row: Vec<Name>,
    /// Sums.
    pub total: Vec<Name>,
}

pub(in super::super) async fn all(
    State(app): State<App>,
    scope: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    Ok(answer(Templates { templates: super::all(&app, &scope).await? }))
}

pub(in super::super) async fn add(
    State(app): State<App>,
    scope: Scope,
    request: Request,
) -> Result<Response> {
    desk::officer(&scope)?;
    let given = received(&app, request, app.config.attachments.file_bytes()).await?;
    let made = super::add(&app, &scope, given).await?;
    let address = format!("/api/v1/list-templates/{}", made.template_id);
    let mut response = (StatusCode::CREATED, answer(made)).into_response();
    if let Ok(address) = address.try_into() {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}

pub(in super::super) async fn withdraw(
    State(app): State<App>,
    scope: Scope,
    Path(template_id): Path<i64>,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    super::withdraw(&app, &scope, template_id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(in super::super) async fn names(
    scope: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    desk::officer(&scope)?;
    let mut known = name::known();
    let mut of = |group: &str| {
        let all = known.remove(group).unwrap_or_default();
        all.into_iter().map(|(name, title)| Name { name, title }).collect()
    };
    Ok(answer(Names { list: of("list"), row: of("row"), total: of("total") }))
}
