//! OGC API Tiles: the same tiles as the map's, in three grids, and the documents that describe them. Here rows come before
//! columns.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::queries;
use crate::crs::CRS84;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;
use crate::layer::Layer;
use crate::mvt::MEDIA_TYPE;
use crate::site::Site;
use crate::tile;
use crate::tile::Address;
use crate::tile::Grid;

use super::link;
use super::link::Link;
use super::schema::property;

/// Routes of tiles and what they are cut by.
pub fn router() -> Router<App> {
    Router::new()
        .route("/ogc/tileMatrixSets", get(grids))
        .route("/ogc/tileMatrixSets/{tileMatrixSetId}", get(grid))
        .route("/ogc/collections/{id}/tiles", get(tilesets))
        .route("/ogc/collections/{id}/tiles/{tileMatrixSetId}", get(tileset))
        .route(
            "/ogc/collections/{id}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
            get(one),
        )
}

/// Documents are JSON only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormQuery {
    f: Option<String>,
}

impl FormQuery {
    fn check(&self, only: &str) -> Result<()> {
        match self.f.as_deref() {
            Some(it) if it != only => Err(Error::parameter("f", format!("只有 / only {only}"))),
            _ => Ok(()),
        }
    }
}

fn as_json(document: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, link::JSON),
        (header::VARY, "Authorization, Cookie"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    (headers, document.to_string()).into_response()
}

fn find(id: &str) -> Result<Grid> {
    Grid::find(id).ok_or_else(|| Error::NotFound {
        what: "瓦片矩阵集 tile matrix set",
        id: id.to_owned(),
        near: crate::layer::nearest(id, Grid::ALL.into_iter().map(Grid::id)).map(ToOwned::to_owned),
    })
}

async fn grids(site: Site, Query(query): Query<FormQuery>) -> Result<Response> {
    query.check("json")?;
    let base = format!("{}/ogc/tileMatrixSets", site.url());
    let list = Grid::ALL.map(|it| {
        let href = format!("{base}/{}", it.id());
        // `item` is where the official suite looks for the definition.
        let link = |rel: &'static str| Link::new(rel, link::JSON, it.id(), &*href);
        json!({
            "id": it.id(),
            "title": title(it),
            "uri": uri(it).unwrap_or(&href),
            "crs": crs(it),
            "links": [link("self"), link("item")],
        })
    });
    Ok(as_json(&json!({
        "links": [{"rel": "self", "type": link::JSON, "title": "JSON", "href": base}],
        "tileMatrixSets": list,
    })))
}

async fn grid(Path(id): Path<String>, Query(query): Query<FormQuery>) -> Result<Response> {
    query.check("json")?;
    Ok(as_json(&definition(find(&id)?)))
}

const fn title(grid: Grid) -> &'static str {
    match grid {
        Grid::WebMercatorQuad => "球面墨卡托 / Google Maps compatible, Web Mercator",
        Grid::WorldCRS84Quad => "WGS 84 经纬度 / longitude and latitude of WGS 84",
        Grid::CGCS2000Quad => {
            "CGCS2000 经纬度，编号同天地图 c / CGCS2000, numbered as Tianditu's _c"
        }
    }
}

const fn crs(grid: Grid) -> &'static str {
    match grid {
        Grid::WebMercatorQuad => "http://www.opengis.net/def/crs/EPSG/0/3857",
        Grid::WorldCRS84Quad => CRS84,
        Grid::CGCS2000Quad => "http://www.opengis.net/def/crs/EPSG/0/4490",
    }
}

/// Registered sets only; OGC has none of CGCS2000, which is known by the address of its definition.
const fn uri(grid: Grid) -> Option<&'static str> {
    match grid {
        Grid::WebMercatorQuad => {
            Some("http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad")
        }
        Grid::WorldCRS84Quad => {
            Some("http://www.opengis.net/def/tilematrixset/OGC/1.0/WorldCRS84Quad")
        }
        Grid::CGCS2000Quad => None,
    }
}

/// A tile matrix set as OGC 17-083r4 describes it, with cells of tiles 256 wide.
pub fn definition(grid: Grid) -> Value {
    /// A circle of the ellipsoid's larger half axis, over 360.
    const METRES_PER_DEGREE: f64 = 6_378_137.0 * std::f64::consts::PI / 180.0;
    /// The size of a pixel that scales are said for (17-083r4 §6.1.1), in metres.
    const PIXEL: f64 = 0.000_28;
    let half = 180.0 * METRES_PER_DEGREE;
    let (axes, origin) = match grid {
        Grid::WebMercatorQuad => (["E", "N"], [-half, half]),
        Grid::WorldCRS84Quad => (["Lon", "Lat"], [-180.0, 90.0]),
        Grid::CGCS2000Quad => (["Lat", "Lon"], [90.0, -180.0]),
    };
    let (least, most) = grid.levels();
    let matrices = (least..=most).map(|level| {
        let (columns, rows) = grid.size(level);
        let degrees = 360.0 / f64::from(columns) / 256.0;
        let metres = degrees * METRES_PER_DEGREE;
        json!({
            "id": level.to_string(),
            "scaleDenominator": metres / PIXEL,
            "cellSize": if grid == Grid::WebMercatorQuad { metres } else { degrees },
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": origin,
            "tileWidth": 256,
            "tileHeight": 256,
            "matrixWidth": columns,
            "matrixHeight": rows,
        })
    });
    let mut it = json!({
        "id": grid.id(),
        "title": title(grid),
        "crs": crs(grid),
        "orderedAxes": axes,
        "tileMatrices": matrices.collect::<Vec<_>>(),
    });
    if let Some(uri) = uri(grid) {
        it["uri"] = json!(uri);
    }
    it
}

async fn tilesets(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path(id): Path<String>,
    Query(query): Query<FormQuery>,
) -> Result<Response> {
    query.check("json")?;
    let layer = tile::routes::drawn(app.layer(&scope, &id)?)?;
    let list = Grid::ALL.map(|it| summary(&site, layer, it));
    let url = format!("{}/ogc/collections/{}/tiles", site.url(), layer.id);
    Ok(as_json(&json!({
        "links": [{"rel": "self", "type": link::JSON, "title": "JSON", "href": url}],
        "tilesets": list,
    })))
}

/// What a list of tilesets says of one.
fn summary(site: &Site, layer: &Layer, grid: Grid) -> Value {
    let base = format!("{}/ogc", site.url());
    let url = format!("{base}/collections/{}/tiles/{}", layer.id, grid.id());
    let definition = format!("{base}/tileMatrixSets/{}", grid.id());
    json!({
        "title": format!("{} / {}", layer.title.zh, layer.title.en),
        "dataType": "vector",
        "crs": crs(grid),
        "tileMatrixSetId": grid.id(),
        "tileMatrixSetURI": uri(grid).unwrap_or(&definition),
        "links": [
            {"rel": "self", "type": link::JSON, "title": grid.id(), "href": url},
            {
                "rel": "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
                "type": link::JSON,
                "title": title(grid),
                "href": definition,
            },
            {
                "rel": "item",
                "type": MEDIA_TYPE,
                "title": "瓦片 / Tiles",
                "href": format!("{url}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"),
                "templated": true,
            },
        ],
    })
}

async fn tileset(
    State(app): State<App>,
    site: Site,
    scope: Scope,
    Path((id, grid)): Path<(String, String)>,
    Query(query): Query<FormQuery>,
) -> Result<Response> {
    query.check("json")?;
    let layer = tile::routes::drawn(app.layer(&scope, &id)?)?;
    let grid = find(&grid)?;
    let states = queries::states(&mut app.db.read(&scope).await?, &app.layers, &scope).await?;
    let extent = states.into_iter().find(|it| it.layer == layer.id).and_then(|it| it.extent);
    let mut document = summary(&site, layer, grid);
    let levels = |zoom| tile::level(grid, zoom).map(|it| it.to_string());
    let fields = layer.tile_fields(&scope).map(|(name, it)| (name.to_owned(), json!(property(it))));
    document["description"] = json!(format!("{} / {}", layer.about.zh, layer.about.en));
    document["layers"] = json!([{
        "id": layer.id,
        "title": format!("{} / {}", layer.title.zh, layer.title.en),
        "dataType": "vector",
        "minTileMatrix": levels(layer.zooms.min),
        "maxTileMatrix": levels(layer.zooms.max),
        "propertiesSchema": {
            "type": "object",
            "properties": fields.collect::<serde_json::Map<_, _>>(),
        },
    }]);
    if let Some([west, south, east, north]) = extent.as_deref() {
        document["boundingBox"] =
            json!({"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84});
    }
    Ok(as_json(&document))
}

async fn one(
    State(app): State<App>,
    scope: Scope,
    Path((id, grid, z, row, column)): Path<(String, String, u8, u32, u32)>,
    Query(query): Query<FormQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    query.check("mvt")?;
    let layer = tile::routes::drawn(app.layer(&scope, &id)?)?;
    let address = Address::in_grid(find(&grid)?, z, column, row)?;
    tile::routes::answer(&app, &scope, &[layer], address, None, None, &headers).await
}

/// Links of a collection to its tiles, where it has any.
pub fn of_collection(url: &str, layer: &Layer) -> Option<link::Link> {
    (layer.geometry != crate::layer::Geometry::None).then(|| {
        link::Link::new(
            "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
            link::JSON,
            "矢量瓦片 / Vector tiles",
            format!("{url}/tiles"),
        )
    })
}
