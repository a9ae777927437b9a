//! The parameters that collections share, in the OpenAPI document. QGIS takes its page size from `limit`, GDAL counts by
//! `resultType`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::crs::CRS84;
use crate::crs::Crs;
use crate::tile::Grid;

use super::LIMIT_DEFAULT;
use super::LIMIT_MAX;
use super::OFFSET_MAX;

/// All of them by name.
pub fn of_collections() -> Value {
    let all = [of_paths(), of_pages(), of_selections()];
    let all = all.into_iter().filter_map(|it| it.as_object().cloned()).flatten();
    Value::Object(all.collect::<Map<_, _>>())
}

fn query(name: &str, description: &str, schema: &Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "description": description,
        "required": false,
        "schema": schema,
        "style": "form",
        "explode": false,
    })
}

fn of_paths() -> Value {
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
        "featureId": {
            "name": "featureId",
            "in": "path",
            "description": "要素标识 / a feature's id",
            "required": true,
            "schema": {"type": "integer"},
        },
    })
}

/// What a page is, whichever features it has.
fn of_pages() -> Value {
    json!({
        "f": query("f", "格式 / json or html", &json!({"type": "string", "enum": ["json", "html"]})),
        "f-items": query(
            "f",
            "格式：json、jsonfg、html，或一页一个文件 / a format; others than json, jsonfg and html are one page as a file",
            &json!({"type": "string", "enum": super::writing::names().collect::<Vec<_>>()}),
        ),
        "limit": query(
            "limit",
            "每页要素数 / features on a page",
            &json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}),
        ),
        "offset": query(
            "offset",
            "跳过的要素数；翻页请用 next 链接 / features to pass over; follow `next` links where you can",
            &json!({"type": "integer", "minimum": 0, "maximum": OFFSET_MAX, "default": 0}),
        ),
        "cursor": query(
            "cursor",
            "next 链接中的位置 / the place in a `next` link",
            &json!({"type": "string"}),
        ),
        "properties": query(
            "properties",
            "只要这些属性，逗号分隔 / only these properties",
            &json!({"type": "array", "items": {"type": "string"}}),
        ),
        "sortby": query(
            "sortby",
            "排序，- 为降序；缺失在后 / order, `-` before a name that descends; missing values come last",
            &json!({"type": "array", "items": {"type": "string", "pattern": "^[+-]?[a-z][a-z0-9_]*$"}}),
        ),
        "resultType": query(
            "resultType",
            "hits 只返回数量 / `hits` counts only",
            &json!({"type": "string", "enum": ["hits", "results"], "default": "results"}),
        ),
    })
}

/// Which features, of which time, in which reference system.
fn of_selections() -> Value {
    let known: Vec<String> = Crs::all().map(Crs::uri).collect();
    let crs = json!({"type": "string", "format": "uri", "enum": known, "default": CRS84});
    json!({
        "bbox": query(
            "bbox",
            "范围：西,南,东,北（度），或依 bbox-crs 的坐标轴 / west,south,east,north in degrees (CRS84), or in the axis order of bbox-crs",
            &json!({
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
            &json!({"type": "string"}),
        ),
        "as_of": query(
            "as_of",
            "当时已知：时刻，或日期（当日结束时） / recorded time: what was known at that moment, or at the end of that day in China (UTC+8)",
            &json!({"type": "string"}),
        ),
        "filter": query(
            "filter",
            "CQL2 筛选 / a filter in CQL2, as filter-lang says",
            &json!({"type": "string"}),
        ),
        "filter-lang": query(
            "filter-lang",
            "筛选语言 / the filter's language",
            &json!({"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}),
        ),
        "filter-crs": query(
            "filter-crs",
            "筛选中坐标的参考系 / the reference system of coordinates in the filter",
            &crs,
        ),
        "crs": query("crs", "坐标的参考系 / the reference system of the answer", &crs),
        "bbox-crs": query("bbox-crs", "bbox 的参考系 / the reference system of bbox", &crs),
    })
}
