//! `/wms`.

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::export::shortened;
use crate::extract::Given;
use crate::extract::Parameters;
use crate::render::Limits;
use crate::render::Look;
use crate::render::fonts;
use crate::render::kept::Name;
use crate::render::kept::Shown;
use crate::render::named;
use crate::render::pick;
use crate::render::pick::Found;
use crate::site::Site;

use super::PNG;
use super::capabilities;
use super::fault::Fault;
use super::fault::Result;
use super::info;
use super::legend;
use super::request;
use super::request::Map;

/// Routes of WMS.
pub fn router() -> Router<App> {
    Router::new().route("/wms", get(by_address))
}

async fn by_address(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    headers: HeaderMap,
    given: Result<Parameters, Error>,
) -> Response {
    let answered = match given {
        Ok(Parameters(given)) => answer(&app, &site, &scope, &Given(given), &headers).await,
        Err(error) => Err(error.into()),
    };
    answered.unwrap_or_else(refusal)
}

async fn answer(
    app: &App,
    site: &Site,
    scope: &Scope,
    given: &Given,
    headers: &HeaderMap,
) -> Result<Response> {
    if let Some(other) = given.find(&["service"])?.filter(|it| !it.eq_ignore_ascii_case("WMS")) {
        let why = format!("应为 WMS / WMS is expected, not `{}`", shortened(other));
        return Err(Error::parameter("service", why).into());
    }
    let request = given.find(&["request"])?.ok_or_else(|| Fault::missing("request"))?;
    match request.to_ascii_lowercase().as_str() {
        "getcapabilities" | "capabilities" => described(app, site, scope).await,
        "getmap" | "map" => drawn(app, scope, given, headers).await,
        "getfeatureinfo" | "feature_info" => told(app, scope, given).await,
        "getlegendgraphic" => explained(app, scope, given).await,
        _ => Err(Fault::invalid(
            "OperationNotSupported",
            "request",
            format!(
                "不支持操作 `{}` / this operation is not supported; one of: GetCapabilities, GetMap, GetFeatureInfo, GetLegendGraphic",
                shortened(request)
            ),
        )),
    }
}

async fn described(app: &App, site: &Site, scope: &Scope) -> Result<Response> {
    let mut db = app.db.read(scope).await.map_err(Error::from)?;
    let states = catalog::queries::states(&mut db, &app.layers, scope).await;
    let states = states.map_err(Error::from)?;
    let readable = app.layers.layers.values().filter(|it| it.readable(scope));
    let layers = capabilities::drawn(readable);
    let base = format!("{}/wms", site.url());
    let district = app.config.district;
    let document = capabilities::document(&base, &app.config.title, &layers, &states, district);
    Ok(([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], document).into_response())
}

async fn drawn(app: &App, scope: &Scope, given: &Given, headers: &HeaderMap) -> Result<Response> {
    let map = Map::parse(app, scope, given)?;
    let shown = Shown::new(app, scope, &map.layers, map.filter.as_deref())?;
    let Map { frame, transparent, ground, .. } = &map;
    let what = format!("wms {frame:?} {transparent} {ground}");
    let etag = etag(&[&what, &shown.stamp(), &scope.class(), map.filter.as_deref().unwrap_or("")]);
    if let Some(it) = unchanged(&etag, headers) {
        return Ok(it);
    }
    let look = Look {
        ground: (!transparent).then(|| ground.clone()),
        labels: true,
        block: None,
        finer: 0,
        as_given: true,
        limits: Limits::SCREEN,
    };
    let name = Name { what, grid: "wms", z: 0, x: 0, y: 0 };
    let made = shown.png(app, scope, name, *frame, look).await?;
    Ok(picture(scope, &shown, &etag, made.bytes.clone()))
}

/// Names a picture that is the same as long as what went into it is.
pub fn etag(of: &[&str]) -> String {
    let mut digest = Sha256::new();
    for it in of {
        digest.update(it.len().to_be_bytes());
        digest.update(it.as_bytes());
    }
    let hex: String = digest.finalize().iter().take(12).map(|it| format!("{it:02x}")).collect();
    format!("\"{hex}\"")
}

/// 304, where the client has it.
pub fn unchanged(etag: &str, headers: &HeaderMap) -> Option<Response> {
    let known = headers.get(header::IF_NONE_MATCH)?.to_str().ok()?;
    let same = known.split(',').any(|it| it.trim().trim_start_matches("W/") == etag);
    same.then(|| (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response())
}

/// A picture with what caches are told of it.
pub fn picture(scope: &Scope, shown: &Shown, etag: &str, bytes: bytes::Bytes) -> Response {
    let cache = match (shown.is_stale(), scope.account.is_none()) {
        (true, _) => "no-store",
        (_, true) => "public, no-cache",
        (_, false) => "private, no-cache",
    };
    let headers = [
        (header::CONTENT_TYPE, PNG),
        (header::CACHE_CONTROL, cache),
        (header::VARY, "Authorization, Cookie"),
        (header::ETAG, etag),
    ];
    (headers, bytes).into_response()
}

async fn told(app: &App, scope: &Scope, given: &Given) -> Result<Response> {
    let map = Map::parse(app, scope, given)?;
    let at = request::pixel(given, &map.frame)?;
    let asked = request::layers(app, scope, given, "query_layers")?;
    if let Some(it) = asked.iter().find(|it| !map.layers.iter().any(|of| of.id == it.id)) {
        let why = format!("`{}` 不在 layers 中 / is not among `layers`", it.id);
        return Err(Fault::invalid("LayerNotQueryable", "query_layers", why));
    }
    let format = info::format(given.find(&["info_format"])?)
        .ok_or_else(|| Fault::invalid("InvalidFormat", "info_format", info::FORMATS.join(", ")))?;
    let most = given.whole(&["feature_count"])?.unwrap_or(1).max(1);
    let most = usize::try_from(most).unwrap_or(info::MOST).min(info::MOST);
    let shown = Shown::new(app, scope, &map.layers, map.filter.as_deref())?;
    let (owned, reader, frame) = (app.clone(), scope.clone(), map.frame);
    let asked: Vec<String> = asked.iter().rev().map(|it| it.id.clone()).collect();
    let found = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        for id in &asked {
            for it in shown.subjects.iter().filter(|it| it.layer == *id) {
                found.extend(pick::pick(&owned, &reader, it, &frame, at, most)?);
            }
        }
        Ok::<_, Error>(found)
    });
    let found = found.await.context("looking at a pixel").map_err(Error::from)??;
    Ok(info_answer(app, &found, format))
}

async fn explained(app: &App, scope: &Scope, given: &Given) -> Result<Response> {
    let id = given.find(&["layer", "layers"])?.ok_or_else(|| Fault::missing("layer"))?;
    let format = given.find(&["format"])?.unwrap_or(PNG);
    if !format.to_ascii_lowercase().starts_with(PNG) {
        return Err(Fault::invalid("InvalidFormat", "format", format!("只有 / only: {PNG}")));
    }
    let layers = named(app, scope, Some(id))?;
    let [one] = layers.as_slice() else {
        return Err(Error::parameter("layer", "只能一个 / one layer").into());
    };
    let shown = Shown::new(app, scope, &[*one], None)?;
    let fonts = fonts(app).await?;
    let (owned, reader, subject) = (app.clone(), scope.clone(), shown.subjects[0].clone());
    let made = tokio::task::spawn_blocking(move || legend::png(&owned, &reader, &subject, &fonts));
    let bytes = made.await.context("drawing a legend").map_err(Error::from)??;
    let etag = etag(&["legend", &shown.stamp(), &scope.class()]);
    Ok(picture(scope, &shown, &etag, bytes.into()))
}

/// What was found at a pixel, in that format.
pub fn info_answer(app: &App, found: &[Found], format: &'static str) -> Response {
    let (media_type, body) = info::answer(app, found, format);
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "Authorization, Cookie"),
    ];
    (headers, body).into_response()
}

/// The report, with the status and headers that the error has everywhere.
fn refusal(fault: Fault) -> Response {
    let report = fault.report();
    fault.error.with_document("text/xml; charset=utf-8", report)
}
