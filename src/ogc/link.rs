//! Links and query strings.

use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use serde_json::Value;

pub const JSON: &str = "application/json";
pub const GEOJSON: &str = "application/geo+json";
pub const JSON_FG: &str = "application/vnd.ogc.fg+json";
pub const HTML: &str = "text/html";
pub const SCHEMA: &str = "application/schema+json";
pub const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// What may stand in a query's value as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b',').remove(b':');

/// A typed link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    pub href: String,
    pub rel: &'static str,
    #[serde(rename = "type")]
    pub media_type: &'static str,
    pub title: String,
    /// Where it is not GET.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    /// What is sent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl Link {
    pub fn new(
        rel: &'static str,
        media_type: &'static str,
        title: impl Into<String>,
        href: impl Into<String>,
    ) -> Self {
        Self { href: href.into(), rel, media_type, title: title.into(), method: None, body: None }
    }

    /// The same by POST of a document.
    #[must_use]
    pub fn posting(self, body: Value) -> Self {
        Self { method: Some("POST"), body: Some(body), ..self }
    }
}

/// Percent-encoded for a query or a path segment.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The address with those parameters.
pub fn with_query<'a>(url: &str, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = query
        .into_iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let mark = if url.contains('?') { '&' } else { '?' };
    if pairs.is_empty() { url.to_owned() } else { format!("{url}{mark}{}", pairs.join("&")) }
}

/// `self` and `alternate` of a document that is there as JSON and as HTML.
pub fn both_forms(url: &str, json: &'static str, form: super::Form) -> Vec<Link> {
    let in_form = |form: &str| {
        let mark = if url.contains('?') { '&' } else { '?' };
        format!("{url}{mark}f={form}")
    };
    let (as_json, as_html) = (in_form("json"), in_form("html"));
    let (json_rel, html_rel) = match form {
        super::Form::Json => ("self", "alternate"),
        super::Form::Html => ("alternate", "self"),
    };
    vec![
        Link::new(json_rel, json, "JSON", as_json),
        Link::new(html_rel, HTML, "网页 / HTML", as_html),
    ]
}
