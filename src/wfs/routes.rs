//! `/wfs`.

use axum::Router;
use axum::body::Body;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::export::download::logged;
use crate::export::shortened;
use crate::extract::Form;
use crate::extract::Given;
use crate::extract::Parameters;
use crate::layer::Layer;
use crate::site::Site;

use super::GML;
use super::VERSION;
use super::capabilities;
use super::fault::Fault;
use super::fault::Result;
use super::features;
use super::post;
use super::request;
use super::request::Page;
use super::schema;
use super::stored;

/// Routes of WFS.
pub fn router() -> Router<App> {
    Router::new().route("/wfs", get(by_address).post(by_body))
}

async fn by_address(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    given: Result<Parameters, Error>,
) -> Response {
    let answered = match given {
        Ok(Parameters(given)) => answer(&app, &site, &scope, &Given(given)).await,
        Err(error) => Err(error.into()),
    };
    answered.unwrap_or_else(refusal)
}

async fn by_body(State(app): State<App>, site: Site, scope: Scope, request: Request) -> Response {
    let answered = match body(&app, &scope, request).await {
        Ok(given) => answer(&app, &site, &scope, &given).await,
        Err(fault) => Err(fault),
    };
    answered.unwrap_or_else(refusal)
}

/// XML, or parameters as a form sends them.
async fn body(app: &App, scope: &Scope, request: Request) -> Result<Given> {
    if is_form(request.headers()) {
        return Ok(Given(Form::from_request(request, app).await?.0));
    }
    let most = app.config.limits.of(scope.role).body_bytes;
    let bytes = axum::body::to_bytes(request.into_body(), most);
    let bytes = bytes.await.map_err(|_| Error::TooLarge { most })?;
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| Fault::unreadable("body", "应为 UTF-8 / UTF-8 is expected"))?;
    post::read(&text)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    kind.is_some_and(|it| it.starts_with("application/x-www-form-urlencoded"))
}

async fn answer(app: &App, site: &Site, scope: &Scope, given: &Given) -> Result<Response> {
    if let Some(other) = given.find(&["service"])?.filter(|it| !it.eq_ignore_ascii_case("WFS")) {
        let shown = shortened(other);
        return Err(Fault::invalid(
            "service",
            format!("应为 WFS / WFS is expected, not `{shown}`"),
        ));
    }
    let request = given.find(&["request"])?.ok_or_else(|| Fault::missing("request"))?;
    let name = request.to_ascii_lowercase();
    if name != "getcapabilities" {
        version(given)?;
    }
    match name.as_str() {
        "getcapabilities" => {
            // Elsewhere the request says whose it is; here all services have the same.
            given.find(&["service"])?.ok_or_else(|| Fault::missing("service"))?;
            accepted(given)?;
            let mut db = app.db.read(scope).await.map_err(Error::from)?;
            let states = catalog::queries::states(&mut db, &app.layers, scope).await;
            let states = states.map_err(Error::from)?;
            let base = format!("{}/wfs", site.url());
            let layers = readable(app, scope);
            let document = capabilities::document(&base, &app.config.title, &layers, &states);
            Ok(xml("text/xml; charset=utf-8", document))
        }
        "describefeaturetype" => {
            let layers = match request::layers(app, scope, given)? {
                none if none.is_empty() => readable(app, scope),
                some => some,
            };
            Ok(xml(GML, schema::of_layers(&layers, scope)))
        }
        "getfeature" => {
            let page = Page::parse(app, scope, given)?;
            let media_type = page.output.media_type();
            let stream = features::answer(app, site, page, given).await?;
            Ok(xml(media_type, Body::from_stream(logged(stream))))
        }
        "getpropertyvalue" => {
            let page = Page::of_values(app, scope, given)?;
            let stream = features::answer(app, site, page, given).await?;
            Ok(xml(GML, Body::from_stream(logged(stream))))
        }
        "liststoredqueries" => Ok(xml("text/xml", stored::list(&readable(app, scope)))),
        "describestoredqueries" => {
            if let Some(names) = given.find(&["storedQuery_Id", "storedQueryId"])? {
                stored::check(names)?;
            }
            Ok(xml("text/xml", stored::describe(&readable(app, scope))))
        }
        _ => Err(Fault::unsupported(
            "request",
            format!(
                "不支持操作 `{}` / this operation is not supported; one of: GetCapabilities, DescribeFeatureType, GetFeature, GetPropertyValue, ListStoredQueries, DescribeStoredQueries",
                shortened(request)
            ),
        )),
    }
}

fn readable<'a>(app: &'a App, scope: &Scope) -> Vec<&'a Layer> {
    app.layers.layers.values().filter(|it| it.readable(scope)).collect()
}

/// A client that speaks an older version is told so, rather than answered in a language that it does not read.
fn version(given: &Given) -> Result<()> {
    match given.find(&["version"])? {
        None => Ok(()),
        Some(it) if it == VERSION || it == "2.0.2" || it == "2.0" => Ok(()),
        Some(_) => Err(Fault {
            code: "VersionNegotiationFailed",
            ..Fault::invalid("version", format!("只支持 / only: {VERSION}"))
        }),
    }
}

/// The versions that a client lists must have ours; one that lists none takes it.
fn accepted(given: &Given) -> Result<()> {
    let Some(list) = given.find(&["AcceptVersions"])? else { return Ok(()) };
    if list.split(',').any(|it| it.trim().starts_with("2.0")) {
        return Ok(());
    }
    Err(Fault {
        code: "VersionNegotiationFailed",
        ..Fault::invalid("AcceptVersions", format!("只支持 / only: {VERSION}"))
    })
}

fn xml(media_type: &'static str, body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, media_type)], body.into()).into_response()
}

/// The report, with the status and headers that the error has everywhere.
fn refusal(fault: Fault) -> Response {
    let report = fault.report(VERSION);
    fault.error.with_document("text/xml; charset=utf-8", report)
}
