//! The web map's built files, embedded in the binary. Paths that are pages get `index.html`; what looks like an API or a
//! file and is not there is a 404 that says so.

use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use rust_embed::RustEmbed;

use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "web-map/dist/"]
#[allow_missing = true]
struct Built;

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>Mutu</title><p>网页地图尚未构建：请运行 <code>make web</code> 后重新编译。\
     <p>The web map is not built: run <code>make web</code> and build again. The API is at <a href=/ogc>/ogc</a>.";

pub(super) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let file = Built::get(path);
    if file.is_none() && !is_page(path) {
        return Error::not_found("资源 resource", uri.path()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let refused = Error::Method(method.to_string());
        return ([(header::ALLOW, "GET,HEAD")], refused).into_response();
    }
    match file {
        Some(file) => answer(path, &file, &headers),
        None => page(&headers),
    }
}

/// The web map itself, which finds out by the address what to show.
pub(super) fn page(headers: &HeaderMap) -> Response {
    match Built::get("index.html") {
        Some(file) => answer("index.html", &file, headers),
        None => (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT)
            .into_response(),
    }
}

/// The map itself and a parcel's dossier.
fn is_page(path: &str) -> bool {
    path.is_empty()
        || path == "index.html"
        || path.strip_prefix("d/").is_some_and(|it| !it.is_empty() && !it.contains('/'))
}

fn answer(path: &str, file: &rust_embed::EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let etag =
        hash.iter().take(12).fold(String::from("W/\""), |text, byte| format!("{text}{byte:02x}"))
            + "\"";
    // Built assets carry their hash in the name; pages must be asked for again after an upgrade.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let common = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, cache.to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind };
    (common, [(header::CONTENT_TYPE, kind)], file.data.to_vec()).into_response()
}
