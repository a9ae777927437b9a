//! Puts every capability's routes together, and what surrounds them: compression, panics, security headers, health, the
//! embedded web map. Rules about data are not here.

use std::future::Future;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::CompressionLevel;
use tower_http::compression::Predicate;
use tower_http::compression::predicate::DefaultPredicate;
use tower_http::compression::predicate::NotForContentType;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::export;
use crate::ogc;
use crate::parcel;
use crate::search;
use crate::tile;

mod accounts;
mod audit_events;
mod challenge;
mod health;
pub mod openapi;
mod session;
mod tokens;
mod web_map;

/// Scripts, styles and tiles from here and nowhere else. antd writes style elements, so styles may be inline.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self' data:; \
     object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'";

/// Everything Mutu answers.
pub fn router(app: App) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let compressed =
        DefaultPredicate::new().and(NotForContentType::const_new("application/vnd.openxmlformats"));
    Router::new()
        .merge(catalog::routes::router())
        .merge(tile::routes::router())
        .merge(export::routes::router())
        .merge(ogc::routes::router())
        .merge(parcel::routes::router())
        .merge(search::routes::router())
        .merge(session::router())
        .merge(tokens::router())
        .merge(accounts::router())
        .merge(audit_events::router())
        .merge(health::router())
        .merge(openapi::router())
        .method_not_allowed_fallback(
            |method: Method| async move { Error::Method(method.to_string()) },
        )
        .fallback(web_map::serve)
        .layer(axum::middleware::from_fn(challenge::challenge))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressed))
        // What does not say otherwise depends on who asks, and may be another thing the next moment.
        .layer(header(header::CACHE_CONTROL, "private, no-cache"))
        .layer(header(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(TraceLayer::new_for_http())
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app)
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

/// How long running requests may take to end once the service stops.
const LAST_REQUESTS: Duration = Duration::from_secs(8);

/// Serves until `stop` is ready, then lets running requests end, within reason.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        let _ = stopping.send(());
    };
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(stop).into_future();
    let overdue = async {
        if stopped.await.is_ok() {
            tokio::time::sleep(LAST_REQUESTS).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        it = served => it,
        () = overdue => Ok(()),
    }
}
