//! The OpenAPI document, by hand: generators of today write 3.1, which QGIS, GDAL and the conformance suites do not read.
//! Collections have literal paths, because QGIS takes a collection's filters from there.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::export::Format;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::mvt::MEDIA_TYPE;

use super::items::PARAMETERS;
use super::link;
use super::parameters;
use super::schema::property;

/// The document for one scope: its collections with the fields that it may read.
pub fn document(base_url: &str, title: &str, layers: &[&Layer], scope: &Scope) -> Value {
    let mut paths = Map::new();
    let fixed = [
        ("/", "landingPage", "入口 / Landing page"),
        ("/conformance", "conformance", "符合性类 / Conformance classes"),
        ("/api", "api", "本文档 / This document"),
        ("/collections", "collections", "图层列表 / Collections"),
        ("/tileMatrixSets", "tileMatrixSets", "瓦片矩阵集 / Tile matrix sets"),
    ];
    for (path, id, summary) in fixed {
        paths.insert(
            path.to_owned(),
            get(id, summary, &[shared("f")], &answer(link::JSON, "object")),
        );
    }
    for layer in layers {
        let id = &layer.id;
        let title = format!("{} / {}", layer.title.zh, layer.title.en);
        let path = format!("/collections/{id}");
        let json = || answer(link::JSON, "object");
        paths.insert(
            path.clone(),
            get(&format!("{id}.collection"), &title, &[shared("f")], &json()),
        );
        for (segment, what) in [
            ("queryables", "可筛选的属性 / Queryables"),
            ("sortables", "可排序的属性 / Sortables"),
            ("schema", "属性 / Schema"),
        ] {
            paths.insert(
                format!("{path}/{segment}"),
                get(
                    &format!("{id}.{segment}"),
                    &format!("{title}: {what}"),
                    &[shared("f")],
                    &answer(link::SCHEMA, "object"),
                ),
            );
        }
        if layer.geometry != Geometry::None {
            tiles(&mut paths, &path, id, &title);
        }
        // Features have more forms than documents.
        let of_items = |it: &str| shared(if it == "f" { "f-items" } else { it });
        let mut parameters: Vec<Value> = PARAMETERS.into_iter().map(of_items).collect();
        parameters.extend(
            layer.fields_for(scope).filter(|(name, _)| !PARAMETERS.contains(name)).map(
                |(name, field)| {
                    json!({
                        "name": name,
                        "in": "query",
                        "description": format!("{} / {}", field.title.zh, field.title.en),
                        "required": false,
                        "schema": property(field),
                        "style": "form",
                        "explode": false,
                    })
                },
            ),
        );
        paths.insert(
            format!("{path}/items"),
            get(
                &format!("{id}.items"),
                &format!("{title}: 要素 / features"),
                &parameters,
                &with_files(with_fg(answer(link::GEOJSON, "featureCollectionGeoJSON"))),
            ),
        );
        paths.insert(format!("{path}/search"), search(id, &title));
        paths.insert(
            format!("{path}/items/{{featureId}}"),
            get(
                &format!("{id}.feature"),
                &format!("{title}: 单个要素 / one feature"),
                &[
                    shared("featureId"),
                    shared("f"),
                    shared("crs"),
                    shared("datetime"),
                    shared("as_of"),
                ],
                &with_fg(answer(link::GEOJSON, "featureGeoJSON")),
            ),
        );
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "description": "亩图的图层：OGC API Features / The layers of Mutu as OGC API Features",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{"url": format!("{base_url}/ogc")}],
        "paths": paths,
        "components": {"parameters": parameters::of_collections(), "schemas": schemas(), "responses": responses()},
    })
}

/// Features as JSON-FG as well.
fn with_fg(mut content: Value) -> Value {
    content[link::JSON_FG] = json!({"schema": {"$ref": "#/components/schemas/object"}});
    content
}

/// One page as a file as well.
fn with_files(mut content: Value) -> Value {
    for format in Format::ALL {
        let media_type = format.media_type();
        let media_type = media_type.split(';').next().unwrap_or(media_type);
        if content[media_type].is_null() {
            content[media_type] = json!({"schema": {"type": "string", "format": "binary"}});
        }
    }
    content
}

/// A query as a document: its members are the parameters of `items`.
fn search(id: &str, title: &str) -> Value {
    let content = with_files(with_fg(answer(link::GEOJSON, "featureCollectionGeoJSON")));
    let mut it = get(
        &format!("{id}.search"),
        &format!(
            "{title}: 以正文查询要素 / features by a document, with the parameters of `items` as members"
        ),
        &[],
        &content,
    );
    let mut post = it["get"].take();
    post["requestBody"] = json!({
        "required": true,
        "content": {link::JSON: {"schema": {"$ref": "#/components/schemas/object"}}},
    });
    post["responses"]["413"] = json!({"$ref": "#/components/responses/TooLong"});
    json!({"post": post})
}

/// Paths of a collection's tiles.
fn tiles(paths: &mut Map<String, Value>, path: &str, id: &str, title: &str) {
    let json = || answer(link::JSON, "object");
    let path = format!("{path}/tiles");
    let summary = format!("{title}: 瓦片集 / tilesets");
    paths.insert(path.clone(), get(&format!("{id}.tilesets"), &summary, &[], &json()));
    let path = format!("{path}/{{tileMatrixSetId}}");
    let grid = shared("tileMatrixSetId");
    let of_grid = get(&format!("{id}.tileset"), &summary, std::slice::from_ref(&grid), &json());
    paths.insert(path.clone(), of_grid);
    let place = ["tileMatrix", "tileRow", "tileCol"].map(shared);
    let parameters: Vec<Value> = std::iter::once(grid).chain(place).collect();
    let tile = json!({MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}});
    let summary = format!("{title}: 矢量瓦片 / a vector tile");
    let mut read = get(&format!("{id}.tile"), &summary, &parameters, &tile);
    read["get"]["responses"]["204"] = json!({"description": "瓦片为空 / nothing lies in the tile"});
    paths.insert(format!("{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"), read);
}

fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn answer(media_type: &str, schema: &str) -> Value {
    json!({
        media_type: {"schema": {"$ref": format!("#/components/schemas/{schema}")}},
        link::HTML: {"schema": {"type": "string"}},
    })
}

fn get(id: &str, summary: &str, parameters: &[Value], content: &Value) -> Value {
    let problem = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
    json!({"get": {
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "成功 / success", "content": content},
            "400": problem("BadInput"),
            "401": problem("SignIn"),
            "403": problem("Forbidden"),
            "404": problem("NotFound"),
            "414": problem("TooLong"),
            "429": problem("TooMany"),
            "500": problem("Internal"),
            "503": problem("Busy"),
        },
    }})
}

fn schemas() -> Value {
    let links = json!({"type": "array", "items": {"$ref": "#/components/schemas/link"}});
    json!({
        "object": {"type": "object"},
        "link": {
            "type": "object",
            "required": ["href", "rel"],
            "properties": {
                "href": {"type": "string"},
                "rel": {"type": "string"},
                "type": {"type": "string"},
                "title": {"type": "string"},
            },
        },
        "featureGeoJSON": {
            "type": "object",
            "required": ["type", "geometry", "properties"],
            "properties": {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": {"type": "integer"},
                "geometry": {"type": "object", "nullable": true},
                "properties": {"type": "object", "nullable": true},
                "links": links,
            },
        },
        "featureCollectionGeoJSON": {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
                "numberMatched": {"type": "integer", "minimum": 0},
                "numberReturned": {"type": "integer", "minimum": 0},
                "timeStamp": {"type": "string", "format": "date-time"},
                "links": links,
            },
        },
        "problem": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "at": {"type": "string"},
            },
        },
    })
}

fn responses() -> Value {
    let problem = |description: &str| {
        json!({
            "description": description,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}},
            },
        })
    };
    json!({
        "BadInput": problem("参数有误 / a parameter is wrong or unknown"),
        "SignIn": problem("请先登录 / sign in first"),
        "Forbidden": problem("当前角色无权 / the role is not enough"),
        "NotFound": problem("未找到 / not found"),
        "TooLong": problem("地址过长 / the address is too long"),
        "TooMany": problem("请求过于频繁 / too many requests"),
        "Busy": problem("服务繁忙，稍后重试 / busy, try again"),
        "Internal": problem("服务内部出错 / something failed on our side"),
    })
}
