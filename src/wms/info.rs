//! What lies at a pixel, in the formats of `GetFeatureInfo`.

use serde_json::Value;
use serde_json::json;

use crate::app::App;
use crate::render::pick::Found;
use crate::render::svg::escaped;

/// Rows of one layer that are told at most.
pub const MOST: usize = 50;

/// The formats, the first where none is asked for.
pub const FORMATS: [&str; 3] = ["application/json", "text/plain", "text/html"];

/// The format of that name.
pub fn format(text: Option<&str>) -> Option<&'static str> {
    let text = text.unwrap_or(FORMATS[0]).to_ascii_lowercase();
    let plain = text.split(';').next().unwrap_or_default().trim().to_owned();
    // What other servers call theirs.
    let plain = if plain == "application/geo+json" { FORMATS[0].to_owned() } else { plain };
    FORMATS.into_iter().find(|it| *it == plain)
}

/// The answer, after its media type.
pub fn answer(app: &App, found: &[Found], format: &'static str) -> (&'static str, String) {
    let title = |layer: &str, field: &str| {
        let field = app.layers.find(layer).and_then(|it| it.field.get(field));
        field.map(|it| it.title.zh.clone()).unwrap_or_default()
    };
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), ToOwned::to_owned);
    let body = match format {
        "text/plain" => {
            let mut out = String::new();
            for it in found {
                out += &format!("{}.{}\n", it.layer, it.id);
                for (name, value) in &it.fields {
                    out += &format!("  {} ({name}) = {}\n", title(&it.layer, name), text(value));
                }
            }
            out
        }
        "text/html" => {
            let mut out = "<!doctype html><html><head><meta charset=\"utf-8\"><title>Mutu</title></head><body>\n".to_owned();
            for it in found {
                out += &format!("<table><caption>{}.{}</caption>\n", escaped(&it.layer), it.id);
                for (name, value) in &it.fields {
                    out += &format!(
                        "<tr><th>{}</th><td>{}</td></tr>\n",
                        escaped(&title(&it.layer, name)),
                        escaped(&text(value))
                    );
                }
                out += "</table>\n";
            }
            out + "</body></html>\n"
        }
        _ => {
            let features: Vec<Value> = found
                .iter()
                .map(|it| {
                    json!({
                        "type": "Feature",
                        "id": format!("{}.{}", it.layer, it.id),
                        "geometry": null,
                        "properties": it.fields,
                    })
                })
                .collect();
            json!({"type": "FeatureCollection", "features": features}).to_string()
        }
    };
    let media_type = match format {
        "text/plain" => "text/plain; charset=utf-8",
        "text/html" => "text/html; charset=utf-8",
        other => other,
    };
    (media_type, body)
}
