//! `/ogc`.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;
use crate::export;
use crate::export::About;
use crate::export::Format;
use crate::export::Selection;
use crate::export::geojson;
use crate::extract;
use crate::extract::Json;
use crate::extract::Parameters;
use crate::extract::Path;
use crate::extract::Query;
use crate::layer::Layer;
use crate::site::Site;

use super::CONFORMANCE;
use super::Form;
use super::collections;
use super::html;
use super::items;
use super::items::Page;
use super::items::Wanted;
use super::items::Way;
use super::kept;
use super::kept::Question;
use super::link;
use super::link::Link;
use super::link::both_forms;
use super::openapi;
use super::schema;
use super::schema::Purpose;
use super::writing::Writing;

/// Routes of OGC API Features.
pub fn router() -> Router<App> {
    Router::new()
        .route("/ogc", get(landing))
        .route("/ogc/", get(landing))
        .route("/ogc/conformance", get(conformance))
        .route("/ogc/api", get(api))
        .route("/ogc/collections", get(list))
        .route("/ogc/collections/", get(list))
        .route("/ogc/collections/{id}", get(collection))
        .route("/ogc/collections/{id}/", get(collection))
        .route("/ogc/collections/{id}/queryables", get(queryables))
        .route("/ogc/collections/{id}/sortables", get(sortables))
        .route("/ogc/collections/{id}/schema", get(returnables))
        .route("/ogc/collections/{id}/items", get(features))
        .route("/ogc/collections/{id}/items/", get(features))
        .route("/ogc/collections/{id}/items/{feature}", get(feature))
        .route("/ogc/collections/{id}/search", post(search))
        .merge(super::tiles::router())
        .route("/ogc/{*rest}", any(nothing))
}

/// The only parameter of documents that are not features.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormQuery {
    f: Option<String>,
}

/// Of one feature.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureQuery {
    f: Option<String>,
    crs: Option<String>,
    datetime: Option<String>,
    as_of: Option<String>,
}

impl FormQuery {
    fn form(&self, headers: &HeaderMap) -> Result<Form> {
        Form::negotiate(self.f.as_deref(), accept(headers))
    }
}

fn accept(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT)?.to_str().ok()
}

pub fn answer(media_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::VARY, "Accept, Authorization, Cookie"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    (headers, body.into()).into_response()
}

fn as_html(page: String) -> Response {
    answer("text/html; charset=utf-8", page)
}

fn as_json(document: &Value) -> Response {
    answer(link::JSON, document.to_string())
}

fn readable<'a>(app: &'a App, scope: &Scope) -> Vec<&'a Layer> {
    app.layers.layers.values().filter(|it| it.readable(scope)).collect()
}

async fn nothing(uri: Uri) -> Error {
    Error::not_found("资源 resource", uri.path())
}

async fn landing(
    State(app): State<App>,
    site: Site,
    Query(query): Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let form = query.form(&headers)?;
    let document = collections::landing(&app, &site, form);
    Ok(match form {
        Form::Json => as_json(&document),
        Form::Html => as_html(html::document(&site.url(), &document)),
    })
}

async fn conformance(
    site: Site,
    Query(query): Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let form = query.form(&headers)?;
    let base = site.url();
    Ok(match form {
        Form::Json => as_json(&json!({
            "links": both_forms(&format!("{base}/ogc/conformance"), link::JSON, form),
            "conformsTo": CONFORMANCE,
        })),
        Form::Html => as_html(html::conformance(&base, CONFORMANCE)),
    })
}

async fn api(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Query(query): Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let form = query.form(&headers)?;
    let base = site.url();
    let document = openapi::document(&base, &app.config.title.zh, &readable(&app, &scope), &scope);
    Ok(match form {
        Form::Json => answer(link::OPENAPI, document.to_string()),
        Form::Html => as_html(html::api(&base, &document)),
    })
}

async fn list(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Query(query): Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let form = query.form(&headers)?;
    let states =
        catalog::queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?;
    let document = collections::collections(&site, &readable(&app, &scope), &states, form);
    Ok(match form {
        Form::Json => as_json(&document),
        Form::Html => as_html(html::collections(&site.url(), &document)),
    })
}

async fn collection(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(id): Path<String>,
    Query(query): Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let form = query.form(&headers)?;
    let layer = app.layer(&scope, &id)?;
    let states =
        catalog::queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?;
    let state = states.iter().find(|it| it.layer == layer.id);
    let document = collections::collection(&site, layer, state, form);
    Ok(match form {
        Form::Json => as_json(&document),
        Form::Html => as_html(html::document(&site.url(), &document)),
    })
}

async fn queryables(
    state: State<App>,
    site: Site,
    scope: Scope,
    path: Path<String>,
    query: Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    describe(&state, &site, &scope, &path.0, query.0.form(&headers)?, Purpose::Queryables)
}

async fn sortables(
    state: State<App>,
    site: Site,
    scope: Scope,
    path: Path<String>,
    query: Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    describe(&state, &site, &scope, &path.0, query.0.form(&headers)?, Purpose::Sortables)
}

async fn returnables(
    state: State<App>,
    site: Site,
    scope: Scope,
    path: Path<String>,
    query: Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    describe(&state, &site, &scope, &path.0, query.0.form(&headers)?, Purpose::Returnables)
}

fn describe(
    app: &App,
    site: &Site,
    scope: &Scope,
    id: &str,
    form: Form,
    purpose: Purpose,
) -> Result<Response> {
    let layer = app.layer(scope, id)?;
    let base = site.url();
    let url = format!("{base}/ogc/collections/{}", layer.id);
    let document = schema::of_layer(layer, scope, &url, purpose);
    Ok(match form {
        Form::Json => answer(link::SCHEMA, document.to_string()),
        Form::Html => as_html(html::schema(&base, layer, &document)),
    })
}

async fn features(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(id): Path<String>,
    Parameters(given): Parameters,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let layer = app.layer(&scope, &id)?;
    let (asked, accept) = ((Way::Items, given), accept(&headers));
    let page = Page::parse(app.db.sealer(), &site, &scope, layer, asked, accept)?;
    let question = Question { site: &site, path: uri.path(), uri: &uri, accept };
    found(&app, &site, page, Some(question)).await
}

/// The same, asked for with a filter that is too long for an address.
async fn search(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(id): Path<String>,
    Parameters(mut given): Parameters,
    headers: HeaderMap,
    Json(body): Json<Map<String, Value>>,
) -> Result<Response> {
    let layer = app.layer(&scope, &id)?;
    given.extend(super::search::parameters(body)?);
    let asked = (Way::Search, given);
    let page = Page::parse(app.db.sealer(), &site, &scope, layer, asked, accept(&headers))?;
    found(&app, &site, page, None).await
}

/// The page as it was asked for.
async fn found(
    app: &App,
    site: &Site,
    page: Page<'_>,
    question: Option<Question<'_>>,
) -> Result<Response> {
    let (crs, layer) = (page.crs, page.selection.layer);
    if page.wanted == Wanted::Hits {
        return Ok(located(crs, answer(link::GEOJSON, items::hits(app, &page).await?.to_string())));
    }
    match page.writing {
        Writing::Html => {
            let (rows, matched, links) = items::table(app, &page).await?;
            let columns = page.selection.columns();
            let base = site.url();
            Ok(as_html(html::items(&base, layer, &columns, &rows, matched, &links)))
        }
        Writing::File(format) => file(app, site, &page, format).await,
        Writing::GeoJson | Writing::JsonFg => {
            let media_type = page.writing.media_type();
            Ok(located(crs, answer(media_type, kept::body(app, page, question).await?)))
        }
    }
}

/// One page as a file; what follows it, and where the whole is, stand in `Link`.
async fn file(app: &App, site: &Site, page: &Page<'_>, format: Format) -> Result<Response> {
    let layer = page.selection.layer;
    let (rows, next) = items::rows(app, page).await?;
    let mut db = app.db.read(page.selection.scope).await?;
    let about = About {
        revision: catalog::queries::revision(&mut db, &layer.id).await?,
        written_at: Some(chrono::Local::now()),
        written_by: page.selection.scope.recorded_by().to_owned(),
        ..page.about()
    };
    drop(db);
    let mut response = export::download::whole(rows, &page.selection, format, about).await?;
    let all = format!("{}/api/v1/layers/{}/export?format={format}", site.url(), layer.id);
    let mut links = vec![format!("<{all}>; rel=\"enclosure\"")];
    // What follows a search is asked for by a document, which a header does not hold.
    links.extend(
        next.filter(|it| it.body.is_none()).map(|it| format!("<{}>; rel=\"next\"", it.href)),
    );
    if let Ok(value) = HeaderValue::from_str(&links.join(", ")) {
        response.headers_mut().insert(header::LINK, value);
    }
    Ok(response)
}

/// Says which reference system the coordinates are in (Features Part 2), for whoever reads them.
pub fn located(crs: Crs, mut response: Response) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("<{}>", crs.uri())) {
        response.headers_mut().insert(HeaderName::from_static("content-crs"), value);
    }
    response
}

async fn feature(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path((id, feature)): Path<(String, String)>,
    Query(query): Query<FeatureQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let writing = match Writing::negotiate(query.f.as_deref(), accept(&headers))? {
        Writing::File(_) => {
            return Err(Error::parameter("f", "应为 json、jsonfg 或 html / json, jsonfg or html"));
        }
        other => other,
    };
    let layer = app.layer(&scope, &id)?;
    let missing = || Error::not_found("要素 feature", export::shortened(&feature));
    let number = feature.parse().map_err(|_| missing())?;
    let mut selection = Selection::new(layer, &scope);
    selection.at(query.datetime.as_deref(), query.as_of.as_deref())?;
    let crs = query.crs.as_deref().map_or(Ok(Crs::Crs84), |it| super::crs_of("crs", it))?;
    selection.encoding = writing.encoding(crs)?;
    selection.timed = writing == Writing::JsonFg;
    let found = export::queries::find(&mut app.db.read(&scope).await?, &selection, number).await?;
    let (row, version) = found.ok_or_else(missing)?;
    let columns = selection.columns();
    let base = site.url();
    let collection = format!("{base}/ogc/collections/{}", layer.id);
    let url = format!("{collection}/items/{number}");
    let times = [("crs", &query.crs), ("datetime", &query.datetime), ("as_of", &query.as_of)];
    let times = times.iter().filter_map(|(name, it)| Some((*name, it.as_deref()?)));
    let url = link::with_query(&url, times);
    if writing == Writing::Html {
        return Ok(as_html(html::feature(&base, layer, &columns, &row, &url)));
    }
    let mut links = both_forms(&url, link::GEOJSON, writing.form());
    if writing == Writing::JsonFg {
        let own = link::with_query(&url, [("f", "jsonfg")]);
        links[0] = Link::new("self", link::JSON_FG, "JSON-FG", own);
    }
    links.push(Link::new("collection", link::JSON, "图层 / Collection", &*collection));
    let extra = format!(",\"links\":{}", json!(links));
    let mut body = Vec::new();
    if writing == Writing::JsonFg {
        let members = items::members_fg(&collection, &layer.id, crs);
        geojson::feature_fg(&columns, &row, crs, &format!(",{members}{extra}"), &mut body);
    } else {
        geojson::feature(&columns, &row, &extra, &mut body);
    }
    let mut response = located(crs, answer(writing.media_type(), body));
    if let Some(tag) = version.and_then(extract::version_tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}
