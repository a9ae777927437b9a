//! `/arcgis`, and the same below `/arcgis/rest/services`, where ArcGIS Pro expects services.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::error::Result;
use crate::export::download::logged;
use crate::export::shortened;
use crate::extract::Form;
use crate::extract::Given;
use crate::extract::Parameters;
use crate::extract::Path;
use crate::layer::Layer;

use super::CURRENT_VERSION;
use super::describe;
use super::features;
use super::pbf;
use super::question;
use super::question::Question;
use super::question::Wanted;
use super::statistics;

/// Routes of feature services.
pub fn router() -> Router<App> {
    Router::new()
        .route("/arcgis/{layer}/FeatureServer", get(service))
        .route("/arcgis/{layer}/FeatureServer/{sublayer}", get(layer))
        .route("/arcgis/{layer}/FeatureServer/{sublayer}/query", get(query).post(query_by_form))
        .route("/arcgis/rest/info", get(info))
        .route("/arcgis/rest/services", get(services))
        .route("/arcgis/rest/services/{layer}/FeatureServer", get(service))
        .route("/arcgis/rest/services/{layer}/FeatureServer/{sublayer}", get(layer))
        .route(
            "/arcgis/rest/services/{layer}/FeatureServer/{sublayer}/query",
            get(query).post(query_by_form),
        )
}

async fn info() -> Response {
    as_json(&json!({
        "currentVersion": CURRENT_VERSION,
        "fullVersion": CURRENT_VERSION.to_string(),
        "authInfo": {"isTokenBasedSecurity": false},
    }))
}

async fn services(State(app): State<App>, scope: Scope) -> Response {
    let readable = app.layers.layers.values().filter(|it| it.readable(&scope));
    let list: Vec<Value> =
        readable.map(|it| json!({"name": it.id, "type": "FeatureServer"})).collect();
    as_json(&json!({"currentVersion": CURRENT_VERSION, "folders": [], "services": list}))
}

async fn service(State(app): State<App>, scope: Scope, path: Result<Path<String>>) -> Response {
    let answered = async {
        let layer = app.layer(&scope, &path?.0)?;
        let states = states(&app, &scope).await?;
        Ok(as_json(&describe::service(layer, states.iter().find(|it| it.layer == layer.id))))
    };
    answered.await.unwrap_or_else(refusal)
}

async fn layer(
    State(app): State<App>,
    scope: Scope,
    path: Result<Path<(String, String)>>,
) -> Response {
    let answered = async {
        let Path(path) = path?;
        let is_whole = path.1 == "layers";
        let layer = if is_whole { app.layer(&scope, &path.0)? } else { only(&app, &scope, &path)? };
        let states = states(&app, &scope).await?;
        let state = states.iter().find(|it| it.layer == layer.id);
        let described = if is_whole { describe::all } else { describe::layer };
        Ok(as_json(&described(layer, &scope, state)))
    };
    answered.await.unwrap_or_else(refusal)
}

async fn query(
    State(app): State<App>,
    scope: Scope,
    path: Result<Path<(String, String)>>,
    given: Result<Parameters>,
) -> Response {
    let answered = async { answer(&app, &scope, &path?.0, &Given(given?.0)).await };
    answered.await.unwrap_or_else(refusal)
}

/// The same, asked for with a geometry or a list that is too long for an address.
async fn query_by_form(
    State(app): State<App>,
    scope: Scope,
    path: Result<Path<(String, String)>>,
    given: Result<Parameters>,
    form: Result<Form>,
) -> Response {
    let answered = async {
        let mut all = given?.0;
        all.extend(form?.0);
        answer(&app, &scope, &path?.0, &Given(all)).await
    };
    answered.await.unwrap_or_else(refusal)
}

async fn answer(
    app: &App,
    scope: &Scope,
    path: &(String, String),
    given: &Given,
) -> Result<Response> {
    let layer = only(app, scope, path)?;
    if let Some(asked) = statistics::parse(scope, layer, given)? {
        return Ok(as_json(&statistics::answer(app, scope, &asked).await?));
    }
    let question = Question::parse(scope, layer, given)?;
    if question.form == question::Form::Buffer {
        let body = pbf::answer(app, &question).await?;
        return Ok(([(header::CONTENT_TYPE, pbf::MEDIA_TYPE)], body).into_response());
    }
    match question.wanted {
        Wanted::Count => return Ok(as_json(&features::count(app, &question).await?)),
        Wanted::Extent => return Ok(as_json(&features::extent(app, &question).await?)),
        Wanted::Features | Wanted::Ids => {}
    }
    let stream = features::answer(app, &question).await?;
    Ok(json_of(Body::from_stream(logged(stream))))
}

async fn states(app: &App, scope: &Scope) -> Result<Vec<catalog::queries::State>> {
    Ok(catalog::queries::states(&mut app.db.read(scope).await?, &app.layers, scope).await?)
}

/// The layer of a service, which has number 0.
fn only<'a>(app: &'a App, scope: &Scope, (id, sublayer): &(String, String)) -> Result<&'a Layer> {
    let layer = app.layer(scope, id)?;
    if sublayer == "0" {
        return Ok(layer);
    }
    let shown = format!("{}；只有 0 / there is only 0", shortened(sublayer));
    Err(Error::not_found("子图层 sublayer", shown))
}

fn as_json(document: &Value) -> Response {
    json_of(Body::from(document.to_string()))
}

fn json_of(body: Body) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// Esri's envelope. What is wrong with a query is said with status 200, as ArcGIS does: its clients show the message of
/// such an answer, and only the number of any other. Who has to sign in, may not, or has to wait learns it by status.
fn refusal(error: Error) -> Response {
    let (status, _) = error.kind();
    let message = error.to_string();
    let details = match &error {
        Error::BadInput { at, why } => vec![at.clone(), why.clone()],
        _ => Vec::new(),
    };
    let body = json!({
        "error": {"code": status.as_u16(), "message": message, "details": details},
    });
    let mut response = error.with_document("application/json; charset=utf-8", body.to_string());
    if status == StatusCode::BAD_REQUEST {
        *response.status_mut() = StatusCode::OK;
    }
    response
}
