//! WFS 2.0.0, for the desktops that speak nothing newer: the same layers, selections and readers as the OGC API, in GML 3.2
//! and GeoJSON. `request` reads parameters (a POST becomes them first, in `post`), `fes` and `geometry` read filters,
//! `srs` names of reference systems; `capabilities` and `schema` describe, `features` streams what `gml` writes. Unknown
//! parameters are ignored: clients add their own.

mod capabilities;
pub mod fault;
mod features;
mod fes;
mod geometry;
mod gml;
mod post;
mod request;
pub mod routes;
mod schema;
mod srs;
mod stored;
mod xml;

/// The version that is spoken.
pub const VERSION: &str = "2.0.0";
/// The namespace of feature types, and its usual prefix.
pub const NAMESPACE: &str = "urn:mutu:layers";
pub const PREFIX: &str = "mutu";
/// The media type of features and schemas.
pub const GML: &str = "application/gml+xml; version=3.2";
/// Features on a page, when nothing else is asked for and at most. Clients that page ask for the next by `startIndex`.
pub const COUNT_MAX: i64 = 10_000;
