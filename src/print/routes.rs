//! `/print/map.pdf` and `/d/{parcel_code}.pdf`.

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use chrono::DateTime;
use chrono::Local;
use chrono::Utc;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Json;
use crate::extract::Path;
use crate::extract::Query;
use crate::layer::Layer;
use crate::render::fonts;
use crate::render::gather;
use crate::render::named;
use crate::render::output;

use super::Question;
use super::dossier;
use super::list_routes;
use super::sheet;
use super::sheet::Sheet;

/// Routes of sheets.
pub fn router() -> Router<App> {
    Router::new()
        .route("/print/map.pdf", get(by_address).post(by_body))
        .route("/print/d/{file}", get(parcel))
        .merge(list_routes::router())
}

async fn by_address(
    State(app): State<App>,
    scope: Scope,
    Query(question): Query<Question>,
) -> Result<Response> {
    printed(&app, &scope, &question).await
}

async fn by_body(
    State(app): State<App>,
    scope: Scope,
    Json(question): Json<Question>,
) -> Result<Response> {
    printed(&app, &scope, &question).await
}

async fn printed(app: &App, scope: &Scope, question: &Question) -> Result<Response> {
    let (paper, zh) = (question.paper()?, question.is_zh()?);
    let (title, filter) = (question.title()?, question.filter()?);
    let layers: Vec<&Layer> = named(app, scope, question.ids().as_deref())?;
    let [.., width, height] = paper.layout().map;
    let subjects = gather(app, scope, &layers, filter)?;
    let fonts = fonts(app).await?;
    let states =
        catalog::queries::states(&mut app.db.read(scope).await?, &app.layers, scope).await?;
    let frame = question.frame(width, height, sheet::whole(app, &layers, &states))?;
    let day = |it: DateTime<Utc>| it.with_timezone(&Local).format("%Y-%m-%d").to_string();
    let dates = states.iter().filter_map(|it| Some((it.layer.clone(), day(it.updated_at?))));
    let of_installation = if zh { &app.config.title.zh } else { &app.config.title.en };
    let sheet = Sheet {
        paper,
        frame,
        sensitive: sheet::is_sensitive(app, scope, &subjects, filter),
        subjects,
        title: title.unwrap_or(of_installation).to_owned(),
        zh,
        dates: dates.collect(),
        made: Local::now().format("%Y-%m-%d %H:%M").to_string(),
        by: by(scope, zh),
    };
    let permit = app.printing.clone().acquire_owned().await.context("drawing a sheet")?;
    let (owned, reader) = (app.clone(), scope.clone());
    let made = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
        let _permit = permit;
        let svg = sheet.svg(&owned, &reader, &fonts)?;
        Ok(output::pdf(&svg, &fonts)?)
    });
    let bytes = made.await.context("drawing a sheet")??;
    let ids: Vec<&str> = layers.iter().map(|it| it.id.as_str()).collect();
    // Before it is given out: what could not be noted is not.
    let event = Event::of(Action::Export, "map").with(json!({
        "format": "pdf",
        "paper": question.paper,
        "layers": ids,
        "filter": question.filter,
        "bbox": question.bbox,
        "center": question.center,
        "scale": question.scale,
    }));
    audit::record(&app.db.write, scope, event).await?;
    Ok(attachment(bytes, title.unwrap_or(of_installation)))
}

/// Who a sheet is made by, as it says.
pub fn by(scope: &Scope, zh: bool) -> String {
    match &scope.account {
        Some(it) => it.clone(),
        None if zh => "公众".to_owned(),
        None => "public".to_owned(),
    }
}

/// A PDF that is kept by nobody: it says who made it and when.
pub fn attachment(bytes: Vec<u8>, name: &str) -> Response {
    let plain: String = name
        .chars()
        .map(|it| if it.is_control() || "/\\:*?\"<>|".contains(it) { '_' } else { it })
        .collect();
    let name = utf8_percent_encode(&format!("{plain}.pdf"), NON_ALPHANUMERIC).to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"sheet.pdf\"; filename*=UTF-8''{name}"),
        ),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    lang: Option<String>,
}

/// The sheet of one parcel, which is asked for as `/d/{parcel_code}.pdf`.
async fn parcel(
    State(app): State<App>,
    scope: Scope,
    Path(file): Path<String>,
    Query(Language { lang }): Query<Language>,
) -> Result<Response> {
    let code = file.strip_suffix(".pdf").ok_or_else(|| Error::not_found("资源 resource", &file))?;
    let question = Question { lang, ..Question::default() };
    let bytes = dossier::pdf(&app, &scope, code, question.is_zh()?).await?;
    let event =
        Event::of(Action::Export, "parcel").with(json!({"format": "pdf", "parcel_code": code}));
    audit::record(&app.db.write, &scope, event).await?;
    Ok(attachment(bytes, code))
}
