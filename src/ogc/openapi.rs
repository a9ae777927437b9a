//! The OpenAPI document, by hand: generators of today write 3.1, which QGIS, GDAL and the conformance suites do not read.
//! Collections have literal paths, because QGIS takes a collection's filters from there.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::crs::CRS84;
use crate::crs::Crs;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::mvt::MEDIA_TYPE;
use crate::tile::Grid;

use super::LIMIT_DEFAULT;
use super::LIMIT_MAX;
use super::OFFSET_MAX;
use super::items::PARAMETERS;
use super::link;
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
        let mut parameters: Vec<Value> = PARAMETERS.into_iter().map(shared).collect();
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
                &answer(link::GEOJSON, "featureCollectionGeoJSON"),
            ),
        );
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
                &answer(link::GEOJSON, "featureGeoJSON"),
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
        "components": {"parameters": parameters(), "schemas": schemas(), "responses": responses()},
    })
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

/// The parameters that collections share. QGIS takes its page size from `limit`, GDAL counts by `resultType`.
fn parameters() -> Value {
    let known: Vec<String> = Crs::all().map(Crs::uri).collect();
    let crs = json!({"type": "string", "format": "uri", "enum": known, "default": CRS84});
    let query = |name: &str, description: &str, schema: Value| {
        json!({
            "name": name,
            "in": "query",
            "description": description,
            "required": false,
            "schema": schema,
            "style": "form",
            "explode": false,
        })
    };
    let place = |name: &str, description: &str| {
        json!({
            "name": name,
            "in": "path",
            "description": description,
            "required": true,
            "schema": {"type": "integer", "minimum": 0},
        })
    };
    json!({
        "tileMatrixSetId": {
            "name": "tileMatrixSetId",
            "in": "path",
            "description": "瓦片矩阵集 / the tile matrix set",
            "required": true,
            "schema": {"type": "string", "enum": Grid::ALL.map(Grid::id)},
        },
        "tileMatrix": place("tileMatrix", "层级 / level"),
        "tileRow": place("tileRow", "行 / row, from the north"),
        "tileCol": place("tileCol", "列 / column, from 180° W"),
        "f": query("f", "格式 / json or html", json!({"type": "string", "enum": ["json", "html"]})),
        "limit": query(
            "limit",
            "每页要素数 / features on a page",
            json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}),
        ),
        "offset": query(
            "offset",
            "跳过的要素数；翻页请用 next 链接 / features to pass over; follow `next` links where you can",
            json!({"type": "integer", "minimum": 0, "maximum": OFFSET_MAX, "default": 0}),
        ),
        "cursor": query(
            "cursor",
            "next 链接中的位置 / the place in a `next` link",
            json!({"type": "string"}),
        ),
        "bbox": query(
            "bbox",
            "范围：西,南,东,北（度），或依 bbox-crs 的坐标轴 / west,south,east,north in degrees (CRS84), or in the axis order of bbox-crs",
            json!({
                "type": "array",
                // Both editions of the standard: 1.0.0 says 4 to 6, 1.0.1 says 4 or 6, and each has its tests.
                "minItems": 4,
                "maxItems": 6,
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            }),
        ),
        "datetime": query(
            "datetime",
            "有效时间：日期、时刻或时段，时段内取最后一个版本 / valid time: a day, a moment (its day in China, UTC+8) or an interval, of which each feature's latest version answers; layers without versions answer of the present only",
            json!({"type": "string"}),
        ),
        "as_of": query(
            "as_of",
            "当时已知：时刻，或日期（当日结束时） / recorded time: what was known at that moment, or at the end of that day in China (UTC+8)",
            json!({"type": "string"}),
        ),
        "filter": query(
            "filter",
            "CQL2 文本筛选 / a filter as CQL2 text",
            json!({"type": "string"}),
        ),
        "filter-lang": query(
            "filter-lang",
            "筛选语言 / the filter's language",
            json!({"type": "string", "enum": ["cql2-text"], "default": "cql2-text"}),
        ),
        "filter-crs": query(
            "filter-crs",
            "筛选中坐标的参考系 / the reference system of coordinates in the filter",
            crs.clone(),
        ),
        "properties": query(
            "properties",
            "只要这些属性，逗号分隔 / only these properties",
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        "sortby": query(
            "sortby",
            "排序，- 为降序；缺失在后 / order, `-` before a name that descends; missing values come last",
            json!({"type": "array", "items": {"type": "string", "pattern": "^[+-]?[a-z][a-z0-9_]*$"}}),
        ),
        "crs": query("crs", "坐标的参考系 / the reference system of the answer", crs.clone()),
        "bbox-crs": query("bbox-crs", "bbox 的参考系 / the reference system of bbox", crs),
        "resultType": query(
            "resultType",
            "hits 只返回数量 / `hits` counts only",
            json!({"type": "string", "enum": ["hits", "results"], "default": "results"}),
        ),
        "featureId": {
            "name": "featureId",
            "in": "path",
            "description": "要素标识 / a feature's id",
            "required": true,
            "schema": {"type": "integer"},
        },
    })
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
