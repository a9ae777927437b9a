//! OGC API Features and Tiles: the same layers as the map, for QGIS, ArcGIS, GDAL and scripts. Here: what a client may say,
//! links, negotiation. Documents are made in `collections`, `schema`, `tiles` and `openapi`, pages of features in `items`;
//! how rows are read is `export`'s business, how tiles are drawn `tile`'s.

use crate::crs::Crs;
use crate::error::Error;
use crate::error::Result;

mod collections;
mod cursor;
pub mod held;
mod html;
mod items;
pub mod kept;
pub mod link;
mod openapi;
mod parameters;
pub mod routes;
mod schema;
mod search;
pub mod tiles;
mod writing;

pub use openapi::document as openapi_document;

/// Conformance classes, exactly those that are implemented and tested.
pub const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/json-fg-1/1.0/conf/core",
    "http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas",
    "http://www.opengis.net/spec/ogcapi-features-8/0.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-features-8/0.0/conf/features-sorting",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/tilesetmetadata",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilesetmetadata",
];

/// Features on a page when nothing else is asked for.
pub const LIMIT_DEFAULT: i64 = 100;
/// Features on a page at most; a greater `limit` means this one, as the standard wants.
pub const LIMIT_MAX: i64 = 10_000;
/// An HTML page has fewer: people do not read ten thousand rows.
pub const LIMIT_HTML: i64 = 500;
/// The deepest `offset`, for clients that cannot follow links.
pub const OFFSET_MAX: i64 = 1_000_000;
/// `numberMatched` is counted up to here and left out beyond.
pub const MATCHED_MAX: i64 = 100_000;

/// What an answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Html,
}

impl Form {
    /// `f` where it is given, else what `Accept` likes best, else JSON.
    pub fn negotiate(f: Option<&str>, accept: Option<&str>) -> Result<Self> {
        match f {
            Some("json" | "geojson") => return Ok(Self::Json),
            Some("html") => return Ok(Self::Html),
            Some(_) => return Err(Error::parameter("f", "应为 json 或 html / json or html")),
            None => {}
        }
        let accept = accept.unwrap_or_default();
        let html = liking(accept, "text/html");
        let json = liking(accept, "application/geo+json").max(liking(accept, "application/json"));
        Ok(if html > json { Self::Html } else { Self::Json })
    }
}

/// The reference system that a parameter names.
fn crs_of(parameter: &str, text: &str) -> Result<Crs> {
    Crs::parse(text).ok_or_else(|| {
        let known: Vec<String> = Crs::all().map(Crs::uri).collect();
        Error::parameter(parameter, format!("应为其中之一 / one of: {}", known.join(", ")))
    })
}

/// How much `accept` likes a media type that it names; 0 when it does not.
fn liking(accept: &str, media_type: &str) -> f32 {
    let ranges = accept.split(',').filter_map(|it| {
        let mut parts = it.split(';').map(str::trim);
        let range = parts.next()?;
        let quality = parts.find_map(|it| it.strip_prefix("q=")?.parse().ok());
        (range == media_type).then_some(quality.unwrap_or(1.0))
    });
    ranges.fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_f_and_then_accept() {
        let form = |f, accept| Form::negotiate(f, accept).unwrap();
        assert_eq!(form(None, None), Form::Json);
        assert_eq!(form(None, Some("*/*")), Form::Json);
        assert_eq!(form(None, Some("text/html,application/xhtml+xml,*/*;q=0.8")), Form::Html);
        assert_eq!(form(None, Some("text/html;q=0.5, application/geo+json")), Form::Json);
        assert_eq!(form(Some("json"), Some("text/html")), Form::Json);
        assert_eq!(form(Some("html"), None), Form::Html);
        assert!(Form::negotiate(Some("xml"), None).is_err());
    }
}
