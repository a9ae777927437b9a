//! `/tiles` and `/styles`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

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
use crate::site::Site;

use super::Address;
use super::Request;

/// The media type of vector tiles.
pub const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Routes of tiles, `TileJSON` and styles.
pub fn router() -> Router<App> {
    Router::new()
        .route("/tiles/{layer}", get(tilejson))
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
}

/// A layer that has shapes to draw.
fn drawn(layer: &Layer) -> Result<&Layer> {
    if layer.geometry == Geometry::None {
        return Err(Error::not_found("瓦片 tiles of", &layer.id));
    }
    Ok(layer)
}

async fn tile(
    State(app): State<App>,
    scope: Scope,
    Path((id, z, x, y)): Path<(String, u8, u32, String)>,
    Query(query): Query<TileQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let layer = drawn(app.layer(&scope, &id)?)?;
    let row = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).unwrap_or(&y);
    let row = row.parse().map_err(|_| Error::parameter("y", "a row number"))?;
    let address = Address::new(z, x, row)?;
    let revision = catalog::queries::revision(&mut app.db.read(&scope).await?, &layer.id).await?;
    let etag = format!("W/\"{}-{revision}-{}\"", layer.id, scope.class());
    let access = if scope.account.is_none() { "public" } else { "private" };
    let cache = match &query.v {
        // Only what was asked for by the revision it has, as who the caller still is, is the same for ever.
        Some(asked) if *asked == scope.stamp(revision) => {
            format!("{access}, max-age=31536000, immutable")
        }
        // The revision by itself says what was wanted, not as whom.
        Some(asked) if asked.parse() == Ok(revision) => format!("{access}, no-cache"),
        Some(asked) if !asked.starts_with(|it: char| it.is_ascii_digit()) => {
            return Err(Error::parameter("v", "图层版本号 / a layer's revision, such as 12"));
        }
        Some(_) => "no-store".to_owned(),
        None => format!("{access}, no-cache"),
    };
    let common = [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, cache),
        (header::VARY, "Authorization, Cookie".to_owned()),
    ];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    if known.is_some_and(|it| it.split(',').any(|it| it.trim() == etag)) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let bytes = Request { layer, address, revision, filter: query.filter.as_deref() }
        .tile(&app, &scope)
        .await?;
    if bytes.is_empty() {
        return Ok((StatusCode::NO_CONTENT, common).into_response());
    }
    Ok((common, [(header::CONTENT_TYPE, MVT)], bytes.to_vec()).into_response())
}

async fn tilejson(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(file): Path<String>,
) -> Result<Json<Value>> {
    let id = file.strip_suffix(".json").ok_or_else(|| Error::not_found("资源 resource", &file))?;
    let layer = drawn(app.layer(&scope, id)?)?;
    let states =
        catalog::queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?;
    let state = states.into_iter().find(|it| it.layer == layer.id).unwrap_or_default();
    let fields: serde_json::Map<String, Value> = layer
        .fields_for(&scope)
        .filter(|(_, it)| it.tile)
        .map(|(name, it)| (name.to_owned(), json!(format!("{} {}", it.title.zh, it.title.en))))
        .collect();
    Ok(Json(json!({
        "tilejson": "3.0.0",
        "name": layer.title.zh,
        "description": layer.about.zh,
        "version": format!("1.0.{}", state.revision),
        "scheme": "xyz",
        "tiles": [template(&site, &scope, layer, state.revision)],
        "minzoom": layer.zooms.min,
        "maxzoom": layer.zooms.max,
        "bounds": state.extent.unwrap_or_else(|| app.config.district.to_vec()),
        "vector_layers": [{
            "id": layer.id,
            "description": layer.title.en,
            "minzoom": layer.zooms.min,
            "maxzoom": layer.zooms.max,
            "fields": fields,
        }],
    })))
}

fn template(site: &Site, scope: &Scope, layer: &Layer, revision: i64) -> String {
    let stamp = scope.stamp(revision);
    format!("{}/tiles/{}/{{z}}/{{x}}/{{y}}?v={stamp}", site.url(), layer.id)
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
    Ok(Json(map_style(&name, &layers, &scope, |it| template(&site, &scope, it, revision(it)))))
}
