//! How pictures, and what lies at their pixels, are answered with: what caches are told of them, here and in WMTS.

use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Scope;
use crate::app::App;
use crate::render::kept::Shown;
use crate::render::pick::Found;

use super::PNG;
use super::info;

/// Names a picture that is the same as long as what went into it is.
pub fn etag(of: &[&str]) -> String {
    let mut digest = Sha256::new();
    for it in of {
        digest.update(it.len().to_be_bytes());
        digest.update(it.as_bytes());
    }
    let hex: String = digest.finalize().iter().take(12).map(|it| format!("{it:02x}")).collect();
    format!("\"{hex}\"")
}

/// 304, where the client has it.
pub fn unchanged(etag: &str, headers: &HeaderMap) -> Option<Response> {
    let known = headers.get(header::IF_NONE_MATCH)?.to_str().ok()?;
    let same = known.split(',').any(|it| it.trim().trim_start_matches("W/") == etag);
    same.then(|| (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response())
}

/// A picture with what caches are told of it.
pub fn picture(scope: &Scope, shown: &Shown, etag: &str, bytes: bytes::Bytes) -> Response {
    let cache = match (shown.is_stale(), scope.account.is_none()) {
        (true, _) => "no-store",
        (_, true) => "public, no-cache",
        (_, false) => "private, no-cache",
    };
    let headers = [
        (header::CONTENT_TYPE, PNG),
        (header::CACHE_CONTROL, cache),
        (header::VARY, "Authorization, Cookie"),
        (header::ETAG, etag),
    ];
    (headers, bytes).into_response()
}

/// What was found at a pixel, in that format.
pub fn found(app: &App, rows: &[Found], format: &'static str) -> Response {
    let (media_type, body) = info::answer(app, rows, format);
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "Authorization, Cookie"),
    ];
    (headers, body).into_response()
}
