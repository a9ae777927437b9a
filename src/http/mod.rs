//! Puts every capability's routes together, and what surrounds them: connections, limits, compression, panics, headers,
//! health, the embedded web map. Rules about data are not here.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::CompressionLevel;
use tower_http::compression::Predicate;
use tower_http::compression::predicate::DefaultPredicate;
use tower_http::compression::predicate::NotForContentType;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::arcgis;
use crate::catalog;
use crate::error::Error;
use crate::evaluation;
use crate::export;
use crate::ingest;
use crate::job;
use crate::notice;
use crate::ogc;
use crate::parcel;
use crate::planning;
use crate::print;
use crate::register;
use crate::report;
use crate::reuse;
use crate::scenario;
use crate::search;
use crate::sequel;
use crate::stats;
use crate::tile;
use crate::wfs;
use crate::wms;
use crate::wmts;

use admission::Admission;
use bucket::Buckets;
use headers::Fixed;

mod accounts;
mod admission;
mod audit_events;
mod bucket;
mod challenge;
mod connection;
mod cors;
mod headers;
mod health;
mod oidc;
pub mod openapi;
mod own_page;
mod place;
mod refusals;
mod reports;
mod session;
mod sprite;
mod straight;
mod tokens;
mod web_map;

pub use connection::serve;

/// Everything Mutu answers, but for what goes the short way of [`Straight`].
fn router(app: App, buckets: Arc<Buckets>, fixed: Fixed) -> Router {
    // Tiles are compressed once, not for each who asks; those of an archive are already.
    let compressed = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/vnd.openxmlformats"))
        .and(NotForContentType::const_new(crate::mvt::MEDIA_TYPE))
        .and(NotForContentType::const_new(tile::archive::routes::PMTILES));
    // Everything that is more than a file in memory. Not what is not there: that costs nothing.
    let counted = Router::new()
        .merge(catalog::routes::router(app.config.limits.connections))
        .merge(tile::routes::router())
        .merge(tile::archive::routes::router())
        .merge(evaluation::runs::routes::router())
        .merge(export::routes::router())
        .merge(ingest::batch::routes::router())
        .merge(ingest::batch::findings_routes::router())
        .merge(job::routes::router())
        .merge(ogc::routes::router())
        .merge(wfs::routes::router())
        .merge(wms::routes::router())
        .merge(wmts::routes::router())
        .merge(arcgis::routes::router())
        .merge(parcel::routes::router())
        .merge(planning::routes::router())
        .merge(print::routes::router())
        .merge(register::routes::router())
        .merge(report::routes::router())
        .merge(scenario::routes::router())
        .merge(reuse::routes::router())
        .merge(sequel::routes::router())
        .merge(notice::routes::router())
        .merge(search::routes::router())
        .merge(stats::routes::router())
        .merge(session::router())
        .merge(sprite::router())
        .merge(oidc::router())
        .merge(tokens::router())
        .merge(accounts::router())
        .merge(audit_events::router())
        .merge(health::router())
        .merge(openapi::router())
        .route_layer(from_fn_with_state(Admission::new(&app, buckets), admission::admit));
    let all = counted
        .method_not_allowed_fallback(
            |method: Method| async move { Error::Method(method.to_string()) },
        )
        .fallback(web_map::serve)
        // Admission has a bound of its own for each role.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(challenge::challenge))
        .layer(from_fn(reports::tell))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressed))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app.clone());
    let all = cors::around(all, &app.config.cors_origins)
        .layer(from_fn_with_state(fixed, headers::complete))
        .layer(TraceLayer::new_for_http());
    // Outside of the routes, because it decides which path they see.
    Router::new().fallback_service(all).layer(from_fn_with_state(app, place::find))
}

/// A panic is a bug of ours: the client reads the same sentence as for any other, the log has the rest.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    Error::Internal(anyhow::anyhow!("a handler panicked: {what}")).into_response()
}
