//! `/tiles` and `/styles`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::map_style;
use crate::mvt::MEDIA_TYPE;
use crate::site::Site;

use super::Address;
use super::Grid;
use super::encoding;
use super::fresh;
use super::fresh::Asked;
use super::serve::Of;
use super::serve::Wanted;
use super::tilejson;

/// Layers of one tile at most.
const LAYERS: usize = 16;
/// What lets a client say which fields are left.
const DEGRADED: HeaderName = HeaderName::from_static("x-tile-degraded");
/// The database has not been reached for a while.
const STALE: HeaderName = HeaderName::from_static("x-mutu-stale");

/// Routes of tiles, `TileJSON` and styles.
pub fn router() -> Router<App> {
    Router::new()
        .route("/tiles/{layer}", get(describe))
        .route("/tiles/{layer}/{z}/{x}/{y}", get(tile))
        .route("/styles/{layer}", get(style))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TileQuery {
    /// The revision that the client holds the catalogue of, and who it was then.
    v: Option<String>,
    /// CQL2 text: only matching features are drawn.
    filter: Option<String>,
    /// The grid; Web Mercator where none is named.
    tms: Option<String>,
}

/// A layer that has shapes to draw.
pub fn drawn(layer: &Layer) -> Result<&Layer> {
    if layer.geometry == Geometry::None {
        return Err(Error::not_found("瓦片 tiles of", &layer.id));
    }
    Ok(layer)
}

/// The layers of `a,b,c`, each of which must be there for the scope.
pub fn named<'a>(app: &'a App, scope: &Scope, ids: &str) -> Result<Vec<&'a Layer>> {
    let ids: Vec<&str> = ids.split(',').collect();
    if ids.len() > LAYERS {
        let why = format!("至多 {LAYERS} 个图层 / at most {LAYERS} layers, not {}", ids.len());
        return Err(Error::parameter("layer", why));
    }
    if let Some(twice) = ids.iter().enumerate().find(|(nth, it)| ids[..*nth].contains(it)) {
        let why = format!("图层重复 / `{}` is named twice: a tile has each layer once", twice.1);
        return Err(Error::parameter("layer", why));
    }
    ids.into_iter().map(|id| drawn(app.layer(scope, id)?)).collect()
}

async fn tile(
    State(app): State<App>,
    scope: Scope,
    Path((ids, z, x, y)): Path<(String, u8, u32, String)>,
    Query(query): Query<TileQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let layers = named(&app, &scope, &ids)?;
    let row = row(&y).ok_or_else(|| Error::parameter("y", "a row number"))?;
    let address = Address::in_grid(Grid::parse(query.tms.as_deref())?, z, x, row)?;
    let (v, filter) = (query.v.as_deref(), query.filter.as_deref());
    answer(&app, &scope, &layers, address, v, filter, &headers).await
}

/// The row that the end of a path names.
fn row(y: &str) -> Option<u32> {
    y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).unwrap_or(y).parse().ok()
}

/// A tile that was asked for without a filter and without a mistake.
#[derive(Debug)]
pub struct Plain<'a> {
    layers: Vec<&'a Layer>,
    address: Address,
    v: Option<&'a str>,
}

/// What such an address asks for; `None` for any other, of which [`router`] says what it is.
pub fn plain<'a>(
    app: &'a App,
    scope: &Scope,
    path: &str,
    query: Option<&'a str>,
) -> Option<Plain<'a>> {
    let mut segments = path.strip_prefix("/tiles/")?.split('/');
    let (ids, z, x) = (segments.next()?, segments.next()?, segments.next()?);
    let row = row(segments.next()?)?;
    let (mut v, mut tms) = (None, None);
    for pair in query.unwrap_or_default().split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let member = match name {
            "v" => &mut v,
            "tms" => &mut tms,
            _ => return None,
        };
        // Twice is a mistake, and what is escaped is read elsewhere.
        if value.contains(['%', '+']) || member.replace(value).is_some() {
            return None;
        }
    }
    if segments.next().is_some() || v.is_some_and(|it| Asked::parse(it).is_err()) {
        return None;
    }
    let grid = Grid::parse(tms).ok()?;
    let address = Address::in_grid(grid, z.parse().ok()?, x.parse().ok()?, row).ok()?;
    Some(Plain { layers: named(app, scope, ids).ok()?, address, v })
}

impl Plain<'_> {
    /// Answers with the tile.
    pub async fn answer(&self, app: &App, scope: &Scope, headers: &HeaderMap) -> Result<Response> {
        answer(app, scope, &self.layers, self.address, self.v, None, headers).await
    }
}

/// Answers with a tile of those layers.
pub async fn answer(
    app: &App,
    scope: &Scope,
    layers: &[&Layer],
    address: Address,
    v: Option<&str>,
    filter: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response> {
    if filter.is_some() && layers.len() > 1 {
        return Err(Error::parameter(
            "filter",
            "只能筛选单个图层 / a filter is of one layer: ask for its tile by itself",
        ));
    }
    let asked = v.map(Asked::parse).transpose()?;
    let revisions = asked.as_ref().and_then(|it| it.revisions(layers.len()));
    let mut of = Vec::with_capacity(layers.len());
    for (nth, layer) in layers.iter().enumerate() {
        let at_least = revisions.as_ref().map_or(0, |it| it[nth]);
        of.push(current(app, scope, layer, at_least).await?);
    }
    let stale = of.iter().any(|it| it.held.as_ref().is_some_and(|it| it.is_stale));
    let cache = fresh::cache_control(scope, asked.as_ref(), &of);
    let etag = etag(scope, &of, address.grid, filter);
    let mut common = HeaderMap::with_capacity(20);
    let tag = HeaderValue::try_from(etag.as_str()).map_err(|it| Error::Internal(it.into()))?;
    common.insert(header::ETAG, tag);
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let vary = HeaderValue::from_static("Accept-Encoding, Authorization, Cookie");
    common.insert(header::VARY, vary);
    if stale {
        common.insert(STALE, HeaderValue::from_static("true"));
    }
    let wanted = Wanted { layers: of, address, filter };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    if known.is_some_and(|it| is_among(&etag, it)) && filter.is_none() {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let accept = headers.get_all(header::ACCEPT_ENCODING).iter();
    let accept = accept.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
    let tile = wanted.tile(app, scope, encoding::preferred(accept)).await?;
    if known.is_some_and(|it| is_among(&etag, it)) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    if let Some(it) = tile.degraded {
        common.insert(DEGRADED, HeaderValue::from_static(it));
    }
    if tile.bytes.is_empty() {
        return Ok((StatusCode::NO_CONTENT, common).into_response());
    }
    common.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(it) = tile.encoding.name() {
        common.insert(header::CONTENT_ENCODING, HeaderValue::from_static(it));
    }
    Ok((common, tile.bytes.clone()).into_response())
}

/// The layer as it is in memory, or its revision in the record.
async fn current<'a>(app: &App, scope: &Scope, layer: &'a Layer, at_least: i64) -> Result<Of<'a>> {
    if let Some(held) = fresh::reach(app, &layer.id, at_least).await {
        return Ok(Of { layer, revision: held.snapshot.revision, held: Some(held) });
    }
    let revision = catalog::queries::revision(&mut app.db.read(scope).await?, &layer.id).await?;
    Ok(Of { layer, revision, held: None })
}

/// Weak, as it names what is drawn and not how it is packed. Filters have tags of their own, although they have addresses of
/// their own, too: MapLibre GL JS compares the tags of whatever a tile of the map showed before and shows next.
fn etag(scope: &Scope, of: &[Of<'_>], grid: Grid, filter: Option<&str>) -> String {
    let each = of.iter().map(|it| format!("{}-{}", it.layer.id, it.revision));
    let grid = if grid == Grid::default() { "" } else { grid.id() };
    let filter = filter.map_or(String::new(), |it| {
        let digest = Sha256::digest(it.as_bytes());
        let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("-{hex}")
    });
    format!("W/\"{}-{}{grid}{filter}\"", each.collect::<Vec<_>>().join("."), scope.class())
}

/// Whether `If-None-Match` names the tag; compared weakly (RFC 9110 §13.1.2).
fn is_among(etag: &str, known: &str) -> bool {
    let bare = |it: &str| it.trim().trim_start_matches("W/").to_owned();
    let etag = bare(etag);
    known.split(',').any(|it| bare(it) == etag || it.trim() == "*")
}

async fn describe(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(file): Path<String>,
    Query(query): Query<TmsQuery>,
) -> Result<Json<Value>> {
    let ids = file.strip_suffix(".json").ok_or_else(|| Error::not_found("资源 resource", &file))?;
    let layers = named(&app, &scope, ids)?;
    let grid = Grid::parse(query.tms.as_deref())?;
    let states =
        catalog::queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?;
    let with_state = layers.iter().map(|layer| {
        let state = states.iter().find(|it| it.layer == layer.id).cloned();
        (*layer, state.unwrap_or_default())
    });
    let layers: Vec<_> = with_state.collect();
    let revisions: Vec<i64> = layers.iter().map(|it| it.1.revision).collect();
    let template = template(&site, &scope, ids, &revisions, grid);
    let district = &app.config.district;
    Ok(Json(tilejson::document(&layers, &scope, grid, &template, district.as_ref())))
}

#[derive(Deserialize)]
struct TmsQuery {
    /// The grid; Web Mercator where none is named.
    tms: Option<String>,
}

fn template(site: &Site, scope: &Scope, ids: &str, revisions: &[i64], grid: Grid) -> String {
    let stamp = fresh::stamp(scope, revisions);
    let tms = if grid == Grid::default() { String::new() } else { format!("&tms={}", grid.id()) };
    format!("{}/tiles/{ids}/{{z}}/{{x}}/{{y}}?v={stamp}{tms}", site.url())
}

async fn style(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(file): Path<String>,
) -> Result<Json<Value>> {
    let id = file.strip_suffix(".json").ok_or_else(|| Error::not_found("样式 style", &file))?;
    let states =
        catalog::queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?;
    let revision =
        |layer: &Layer| states.iter().find(|it| it.layer == layer.id).map_or(0, |it| it.revision);
    let (name, mut layers) = if id == "one-map" {
        let shown =
            app.layers.layers.values().filter(|it| it.visible && it.readable(&scope)).collect();
        (app.config.title.zh.clone(), shown)
    } else {
        let layer = drawn(app.layer(&scope, id)?)?;
        (layer.title.zh.clone(), vec![layer])
    };
    layers.sort_by_key(|it: &&Layer| it.stacking());
    let tiles = |it: &Layer| template(&site, &scope, &it.id, &[revision(it)], Grid::default());
    let sprite = format!("{}/sprites/mutu", site.url());
    Ok(Json(map_style(&name, &layers, &scope, &sprite, tiles)))
}
