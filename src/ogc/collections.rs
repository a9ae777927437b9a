//! The landing page and the list of collections, as JSON.

use serde_json::Value;
use serde_json::json;

use crate::app::App;
use crate::catalog::queries::State;
use crate::crs::CRS84;
use crate::crs::Crs;
use crate::export::Format;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::site::Site;

use super::Form;
use super::link;
use super::link::Link;
use super::link::both_forms;
use super::tiles;

/// What `/ogc` says.
pub fn landing(app: &App, site: &Site, form: Form) -> Value {
    let base = format!("{}/ogc", site.url());
    let mut links = both_forms(&base, link::JSON, form);
    links.extend([
        Link::new("service-desc", link::OPENAPI, "OpenAPI 3.0", format!("{base}/api?f=json")),
        Link::new("service-doc", link::HTML, "接口说明 / API", format!("{base}/api?f=html")),
        Link::new(
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            link::JSON,
            "瓦片矩阵集 / Tile matrix sets",
            format!("{base}/tileMatrixSets"),
        ),
        Link::new(
            "conformance",
            link::JSON,
            "符合性类 / Conformance classes",
            format!("{base}/conformance"),
        ),
        Link::new("data", link::JSON, "图层 / Collections", format!("{base}/collections")),
    ]);
    json!({
        "title": format!("{} / {}", app.config.title.zh, app.config.title.en),
        "description": "亩图的图层：OGC API Features / The layers of Mutu as OGC API Features",
        "links": links,
    })
}

/// One collection; `state` is what the catalogue knows of its rows.
pub fn collection(site: &Site, layer: &Layer, state: Option<&State>, form: Form) -> Value {
    let base = site.url();
    let url = format!("{base}/ogc/collections/{}", layer.id);
    let export = format!("{base}/api/v1/layers/{}/export", layer.id);
    let mut links = both_forms(&url, link::JSON, form);
    links.extend([
        Link::new("items", link::GEOJSON, "要素 / Features", format!("{url}/items")),
        Link::new("items", link::JSON_FG, "要素 / Features", format!("{url}/items?f=jsonfg")),
        Link::new("items", link::HTML, "要素 / Features", format!("{url}/items?f=html")),
        Link::new(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            link::SCHEMA,
            "可筛选的属性 / Queryables",
            format!("{url}/queryables"),
        ),
        Link::new(
            "http://www.opengis.net/def/rel/ogc/1.0/sortables",
            link::SCHEMA,
            "可排序的属性 / Sortables",
            format!("{url}/sortables"),
        ),
        Link::new(
            "http://www.opengis.net/def/rel/ogc/1.0/schema",
            link::SCHEMA,
            "属性 / Schema",
            format!("{url}/schema"),
        ),
    ]);
    links.extend(downloads(&export));
    links.extend(tiles::of_collection(&url, layer));
    let mut it = json!({
        "id": layer.id,
        "title": format!("{} / {}", layer.title.zh, layer.title.en),
        "description": format!("{} / {}", layer.about.zh, layer.about.en),
        "itemType": "feature",
        "crs": [CRS84],
        "links": links,
    });
    if layer.geometry != Geometry::None {
        it["crs"] = json!(Crs::all().map(Crs::uri).collect::<Vec<_>>());
        it["storageCrs"] = json!(Crs::STORED.uri());
    }
    if let Some(bounds) = state.and_then(|it| it.extent.as_ref()) {
        it["extent"] = json!({"spatial": {"bbox": [bounds], "crs": CRS84}});
    }
    it
}

/// The whole collection as a file, a link for each format.
fn downloads(export: &str) -> impl Iterator<Item = Link> {
    Format::ALL.into_iter().map(move |it| {
        Link::new("enclosure", it.media_type(), it.title(), format!("{export}?format={it}"))
    })
}

/// All collections of `layers`.
pub fn collections(site: &Site, layers: &[&Layer], states: &[State], form: Form) -> Value {
    let url = format!("{}/ogc/collections", site.url());
    let list: Vec<Value> = layers
        .iter()
        .map(|layer| {
            let state = states.iter().find(|it| it.layer == layer.id);
            collection(site, layer, state, form)
        })
        .collect();
    json!({"links": both_forms(&url, link::JSON, form), "collections": list})
}
