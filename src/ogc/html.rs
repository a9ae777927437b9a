//! The same documents for people: plain pages that need nothing from elsewhere.

use std::fmt::Write;

use serde_json::Value;

use crate::export::Column;
use crate::export::Row;
use crate::export::heading;
use crate::layer::Layer;

use super::link::Link;

const STYLE: &str = "body{font:15px/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:0 auto;max-width:76rem;padding:1rem;color:#1d2733}\
     a{color:#0a58a5}nav{color:#5b6775}h1{font-size:1.4rem;margin:.4em 0}.wide{overflow-x:auto}\
     table{border-collapse:collapse;font-size:13px}td,th{border:1px solid #d5dbe1;padding:.2em .5em;text-align:left;white-space:nowrap}\
     th{background:#f3f5f7}td.n{text-align:right;font-variant-numeric:tabular-nums}.none{color:#98a2ad}small{color:#5b6775}";

/// Text as HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn anchor(href: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(href), escape(text))
}

/// A page; `crumbs` are addresses and names of what lies above it.
fn page(title: &str, crumbs: &[(String, &str)], body: &str) -> String {
    let crumbs: Vec<String> = crumbs.iter().map(|(href, text)| anchor(href, text)).collect();
    format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><nav>{crumbs}</nav><h1>{title}</h1>{body}</body></html>",
        title = escape(title),
        crumbs = crumbs.join(" › "),
    )
}

fn crumbs(base: &str, layer: Option<&Layer>) -> Vec<(String, &'static str)> {
    let mut it = vec![
        (format!("{base}/"), "亩图 / Mutu"),
        (format!("{base}/ogc?f=html"), "OGC API"),
        (format!("{base}/ogc/collections?f=html"), "图层 / Collections"),
    ];
    if let Some(layer) = layer {
        it.push((format!("{base}/ogc/collections/{}?f=html", layer.id), "图层 / Collection"));
    }
    it
}

/// A document with title, description and links.
pub fn document(base: &str, document: &Value) -> String {
    let text = |name: &str| document[name].as_str().unwrap_or_default();
    let mut body = format!("<p>{}</p>", escape(text("description")));
    for (name, value) in [("范围 / Extent", &document["extent"]["spatial"]["bbox"][0])] {
        if !value.is_null() {
            let _ = write!(body, "<p><small>{name}: {}</small></p>", escape(&value.to_string()));
        }
    }
    body.push_str(&links(&document["links"]));
    page(text("title"), &crumbs(base, None)[..2], &body)
}

fn links(links: &Value) -> String {
    let mut body = String::from("<ul>");
    for it in links.as_array().into_iter().flatten() {
        let text = |name: &str| it[name].as_str().unwrap_or_default();
        let _ = write!(
            body,
            "<li>{} <small>{} · {}</small></li>",
            anchor(text("href"), text("title")),
            escape(text("rel").rsplit('/').next().unwrap_or_default()),
            escape(text("type"))
        );
    }
    body.push_str("</ul>");
    body
}

/// The list of collections.
pub fn collections(base: &str, document: &Value) -> String {
    let mut body = String::from("<ul>");
    for it in document["collections"].as_array().into_iter().flatten() {
        let text = |name: &str| it[name].as_str().unwrap_or_default();
        let href = format!("{base}/ogc/collections/{}?f=html", text("id"));
        let _ = write!(
            body,
            "<li>{} <code>{}</code><br><small>{}</small></li>",
            anchor(&href, text("title")),
            escape(text("id")),
            escape(text("description"))
        );
    }
    body.push_str("</ul>");
    page("图层 / Collections", &crumbs(base, None)[..2], &body)
}

/// Conformance classes.
pub fn conformance(base: &str, classes: &[&str]) -> String {
    let list: String =
        classes.iter().map(|it| format!("<li><code>{}</code></li>", escape(it))).collect();
    page("符合性类 / Conformance classes", &crumbs(base, None)[..2], &format!("<ul>{list}</ul>"))
}

/// The API's paths with their parameters.
pub fn api(base: &str, document: &Value) -> String {
    let mut body = format!(
        "<p>{}</p><table><tr><th>路径 / Path</th><th>说明 / Summary</th><th>参数 / Parameters</th></tr>",
        anchor(&format!("{base}/ogc/api?f=json"), "OpenAPI 3.0 (JSON)")
    );
    for (path, it) in document["paths"].as_object().into_iter().flatten() {
        let parameters: Vec<&str> = it["get"]["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| {
                it["name"].as_str().or_else(|| it["$ref"].as_str()?.rsplit('/').next())
            })
            .collect();
        let _ = write!(
            body,
            "<tr><td><code>/ogc{}</code></td><td>{}</td><td style=\"white-space:normal\"><code>{}</code></td></tr>",
            escape(path),
            escape(it["get"]["summary"].as_str().unwrap_or_default()),
            escape(&parameters.join(" "))
        );
    }
    body.push_str("</table>");
    page("接口说明 / API", &crumbs(base, None)[..2], &body)
}

/// A schema's properties.
pub fn schema(base: &str, layer: &Layer, document: &Value) -> String {
    let mut body = String::from(
        "<table><tr><th>属性 / Property</th><th>名称 / Title</th><th>类型 / Type</th></tr>",
    );
    for (name, it) in document["properties"].as_object().into_iter().flatten() {
        let kind = it["type"].as_str().or_else(|| it["format"].as_str()).unwrap_or_default();
        let _ = write!(
            body,
            "<tr><td><code>{}</code></td><td>{}</td><td>{kind}</td></tr>",
            escape(name),
            escape(it["title"].as_str().unwrap_or_default())
        );
    }
    body.push_str("</table>");
    page(document["title"].as_str().unwrap_or_default(), &crumbs(base, Some(layer)), &body)
}

/// A page of features as a table.
pub fn items(
    base: &str,
    layer: &Layer,
    columns: &[Column],
    rows: &[Row],
    matched: Option<i64>,
    links: &[Link],
) -> String {
    let mut body = match matched {
        Some(matched) => format!("<p>本页 {} / {matched} 个要素 features. ", rows.len()),
        None => format!("<p>本页 {} 个要素 features. ", rows.len()),
    };
    for it in links.iter().filter(|it| ["next", "alternate"].contains(&it.rel)) {
        let text = if it.rel == "next" { it.title.as_str() } else { "GeoJSON" };
        let _ = write!(body, "{} ", anchor(&it.href, text));
    }
    body.push_str("</p><div class=\"wide\"><table><tr><th>id</th>");
    for column in columns {
        let _ = write!(
            body,
            "<th title=\"{}\">{}<br><small>{}</small></th>",
            escape(&column.name),
            escape(&heading(column)),
            escape(&column.title.en)
        );
    }
    body.push_str("</tr>");
    for row in rows {
        let href = format!("{base}/ogc/collections/{}/items/{}?f=html", layer.id, row.id);
        let _ = write!(body, "<tr><td>{}</td>", anchor(&href, &row.id.to_string()));
        for (column, value) in columns.iter().zip(&row.values) {
            body.push_str(&cell(column, value.as_deref()));
        }
        body.push_str("</tr>");
    }
    body.push_str("</table></div>");
    let title = format!("{} / {}", layer.title.zh, layer.title.en);
    page(&title, &crumbs(base, Some(layer)), &body)
}

fn cell(column: &Column, value: Option<&str>) -> String {
    use crate::layer::FieldType;
    match value {
        None => "<td class=\"none\">缺失</td>".to_owned(),
        Some(it) if matches!(column.kind, FieldType::Integer | FieldType::Decimal) => {
            format!("<td class=\"n\">{}</td>", escape(it))
        }
        Some(it) => format!("<td>{}</td>", escape(it)),
    }
}

/// One feature.
pub fn feature(base: &str, layer: &Layer, columns: &[Column], row: &Row, as_json: &str) -> String {
    let mut body = format!("<p>{}</p><table>", anchor(as_json, "GeoJSON"));
    for (column, value) in columns.iter().zip(&row.values) {
        let _ = write!(
            body,
            "<tr><th>{} <small>{}</small></th>{}</tr>",
            escape(&heading(column)),
            escape(&column.title.en),
            cell(column, value.as_deref())
        );
    }
    body.push_str("</table>");
    let title = format!("{} {}", layer.title.zh, row.id);
    page(&title, &crumbs(base, Some(layer)), &body)
}
