//! Pages of other origins: which may read, what they may send and see. None by default, and never with cookies. Also the
//! plain `OPTIONS`, which asks what an address can do.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::response::Response;
use tower::ServiceExt;
use tower_http::cors::AllowOrigin;
use tower_http::cors::CorsLayer;

/// Puts the rules around everything.
pub(super) fn around(router: Router, origins: &[String]) -> Router {
    // Outside of the routes, which name their methods last of all.
    let bare = Router::new().fallback_service(router).layer(from_fn(say_methods));
    let Some(layer) = layer(origins) else { return bare };
    // The layer takes every OPTIONS for a browser's question before a request; those that are not go past it.
    bare.clone().layer(layer).layer(from_fn_with_state(
        bare,
        |State(bare): State<Router>, request: Request, next: Next| async move {
            let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
            if request.method() == Method::OPTIONS && !asks {
                return bare.oneshot(request).await.into_response();
            }
            next.run(request).await
        },
    ))
}

fn layer(origins: &[String]) -> Option<CorsLayer> {
    let origin = match origins {
        [] => return None,
        some if some.iter().any(|it| it == "*") => AllowOrigin::any(),
        some => AllowOrigin::list(some.iter().filter_map(|it| HeaderValue::try_from(it).ok())),
    };
    let methods =
        [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let sent = [
        header::AUTHORIZATION,
        header::IF_NONE_MATCH,
        header::IF_MATCH,
        header::CONTENT_TYPE,
        header::RANGE,
        header::IF_RANGE,
    ];
    let seen = [
        header::ETAG,
        header::LINK,
        header::RETRY_AFTER,
        header::ACCEPT_RANGES,
        header::CONTENT_RANGE,
        HeaderName::from_static("content-crs"),
        HeaderName::from_static("x-tile-degraded"),
        HeaderName::from_static("x-mutu-stale"),
    ];
    let layer = CorsLayer::new().allow_origin(origin).allow_methods(methods).allow_headers(sent);
    Some(layer.expose_headers(seen).max_age(Duration::from_hours(1)))
}

/// An address that refuses a method names those it has: that is the answer to `OPTIONS`.
async fn say_methods(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS;
    let response = next.run(request).await;
    if !asks || response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let allowed = response.headers().get(header::ALLOW).and_then(|it| it.to_str().ok());
    let allowed = format!("{},OPTIONS", allowed.unwrap_or("GET,HEAD"));
    (StatusCode::NO_CONTENT, [(header::ALLOW, allowed)]).into_response()
}
