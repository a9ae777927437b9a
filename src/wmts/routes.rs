//! `/wmts`: parameters in any case, and tiles by address.

use anyhow::Context;
use axum::Router;
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
use crate::export::shortened;
use crate::extract::Given;
use crate::extract::Parameters;
use crate::extract::Path;
use crate::render::Limits;
use crate::render::Look;
use crate::render::kept::Name;
use crate::render::kept::Shown;
use crate::render::pick;
use crate::site::Site;
use crate::wfs::fault::Fault;
use crate::wfs::fault::Result;
use crate::wms;
use crate::wms::info;

use super::SIDE;
use super::VERSION;
use super::capabilities;
use super::request;
use super::request::Place;
use super::request::Tile;

/// Routes of WMTS.
pub fn router() -> Router<App> {
    Router::new()
        .route("/wmts", get(by_parameters))
        .route("/wmts/1.0.0/WMTSCapabilities.xml", get(document))
        .route("/wmts/{layer}/{tms}/{level}/{row}/{column}", get(by_address))
}

async fn by_parameters(
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

async fn document(State(app): State<App>, site: Site, scope: Scope) -> Response {
    described(&app, &site, &scope).await.unwrap_or_else(refusal)
}

async fn by_address(
    State(app): State<App>,
    scope: Scope,
    headers: HeaderMap,
    path: Result<Path<[String; 5]>, Error>,
) -> Response {
    let answered = async {
        let Path([layers, grid, level, row, file]) = path?;
        let column = file.strip_suffix(".png").ok_or_else(|| {
            Fault::invalid("tilecol", "地址应以 .png 结尾 / the address ends with .png")
        })?;
        let (level, row) = (level.as_str(), row.as_str());
        let place = Place { layers: &layers, grid: &grid, level, row, column };
        let tile = Tile::at(&app, &scope, place)?;
        drawn(&app, &scope, &tile, &headers).await
    };
    answered.await.unwrap_or_else(refusal)
}

async fn answer(
    app: &App,
    site: &Site,
    scope: &Scope,
    given: &Given,
    headers: &HeaderMap,
) -> Result<Response> {
    if let Some(other) = given.find(&["service"])?.filter(|it| !it.eq_ignore_ascii_case("WMTS")) {
        let why = format!("应为 WMTS / WMTS is expected, not `{}`", shortened(other));
        return Err(Fault::invalid("service", why));
    }
    let request = given.find(&["request"])?.ok_or_else(|| Fault::missing("request"))?;
    let name = request.to_ascii_lowercase();
    if name == "getcapabilities" {
        accepted(given)?;
    }
    let version = given.find(&["version"])?.unwrap_or(VERSION);
    if version != VERSION && name != "getcapabilities" {
        return Err(Fault::invalid("version", format!("只支持 / only: {VERSION}")));
    }
    match name.as_str() {
        "getcapabilities" => described(app, site, scope).await,
        "gettile" => drawn(app, scope, &Tile::parse(app, scope, given)?, headers).await,
        "getfeatureinfo" => told(app, scope, given).await,
        _ => Err(Fault::invalid(
            "request",
            format!(
                "不支持操作 `{}` / this operation is not supported; one of: GetCapabilities, GetTile, GetFeatureInfo",
                shortened(request)
            ),
        )),
    }
}

/// What a client has to say that asks for the capabilities: of which service, and in a version that there is.
fn accepted(given: &Given) -> Result<()> {
    given.find(&["service"])?.ok_or_else(|| Fault::missing("service"))?;
    let Some(list) = given.find(&["acceptversions"])? else { return Ok(()) };
    if list.split(',').any(|it| it.trim() == VERSION) {
        return Ok(());
    }
    Err(Fault {
        code: "VersionNegotiationFailed",
        locator: None,
        ..Fault::invalid("acceptversions", format!("只支持 / only: {VERSION}"))
    })
}

async fn described(app: &App, site: &Site, scope: &Scope) -> Result<Response> {
    let mut db = app.db.read(scope).await.map_err(Error::from)?;
    let states = catalog::queries::states(&mut db, &app.layers, scope).await;
    let states = states.map_err(Error::from)?;
    let layers = wms::drawn(app.layers.layers.values().filter(|it| it.readable(scope)));
    let district = app.config.district;
    let document =
        capabilities::document(&site.url(), &app.config.title, &layers, &states, district);
    Ok(([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], document).into_response())
}

async fn drawn(app: &App, scope: &Scope, tile: &Tile<'_>, headers: &HeaderMap) -> Result<Response> {
    let shown = Shown::new(app, scope, &tile.layers, tile.filter.as_deref())?;
    let it = tile.address;
    let place = format!("{} {} {} {}", it.grid.id(), it.z, it.x, it.y);
    let filter = tile.filter.as_deref().unwrap_or("");
    let etag = wms::routes::etag(&["wmts", &place, &shown.stamp(), &scope.class(), filter]);
    if let Some(it) = wms::routes::unchanged(&etag, headers) {
        return Ok(it);
    }
    let look = Look {
        ground: None,
        labels: true,
        block: Some(request::block(&it)),
        finer: 0,
        as_given: true,
        limits: Limits::SCREEN,
    };
    let name = Name { what: "wmts".to_owned(), grid: it.grid.id(), z: it.z, x: it.x, y: it.y };
    let made = shown.png(app, scope, name, request::frame(&it), look).await?;
    Ok(wms::routes::picture(scope, &shown, &etag, made.bytes.clone()))
}

async fn told(app: &App, scope: &Scope, given: &Given) -> Result<Response> {
    // A tile has a format of its own beside that of the answer.
    let tile = Tile::parse(app, scope, given)?;
    let asked = given.find(&["infoformat", "info_format"])?;
    let asked = asked.ok_or_else(|| Fault::missing("infoformat"))?;
    let format = info::format(Some(asked))
        .ok_or_else(|| Fault::invalid("infoformat", info::FORMATS.join(", ")))?;
    let pixel = |name: &str| -> Result<f64> {
        let it = given.whole(&[name])?.ok_or_else(|| Fault::missing(name))?;
        let it = u32::try_from(it).ok().filter(|it| *it < SIDE);
        let it = it.ok_or_else(|| Fault {
            code: "PointIJOutOfRange",
            ..Fault::invalid(name, format!("0..{}", SIDE - 1))
        })?;
        Ok(f64::from(it) + 0.5)
    };
    let at = (pixel("i")?, pixel("j")?);
    let shown = Shown::new(app, scope, &tile.layers, tile.filter.as_deref())?;
    let (owned, reader, frame) = (app.clone(), scope.clone(), request::frame(&tile.address));
    let found = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        for it in &shown.subjects {
            found.extend(pick::pick(&owned, &reader, it, &frame, at, info::MOST)?);
        }
        Ok::<_, Error>(found)
    });
    let found = found.await.context("looking at a pixel").map_err(Error::from)??;
    Ok(wms::routes::info_answer(app, &found, format))
}

/// The report, with the status and headers that the error has everywhere.
fn refusal(fault: Fault) -> Response {
    let report = fault.report(VERSION);
    fault.error.with_document("text/xml; charset=utf-8", report)
}
