//! The web map's built files, embedded in the binary. Paths that are pages get `index.html`; what looks like an API or a
//! file and is not there is a 404 that says so.

use std::borrow::Cow;

use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use rust_embed::RustEmbed;

use crate::error::Error;
use crate::site::Site;

use super::headers::ForEverybody;

#[derive(RustEmbed)]
#[folder = "web-map/dist/"]
#[allow_missing = true]
struct Built;

const NOT_BUILT: &str = "<!doctype html><html><head><meta charset=utf-8><title>Mutu</title></head><p>网页地图尚未构建：请运行 <code>make web</code> 后重新编译。\
     <p>The web map is not built: run <code>make web</code> and build again. The API is at <a href=ogc>ogc</a>.";

pub(super) async fn serve(site: Site, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let file = Built::get(path);
    if file.is_none() && !is_page(path) {
        return Error::not_found("资源 resource", uri.path()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        let refused = Error::Method(method.to_string());
        return ([(header::ALLOW, "GET,HEAD")], refused).into_response();
    }
    match file.filter(|_| path != "index.html") {
        Some(file) => answer(path, &file.data, &etag(&file.metadata.sha256_hash(), ""), &headers),
        None => page(&site, &headers),
    }
}

/// The web map itself, which finds out by the address what to show, told where it lies: its files and requests are relative to that, however deep its own address is.
pub(super) fn page(site: &Site, headers: &HeaderMap) -> Response {
    let root = site.root();
    let (html, hash) = match Built::get("index.html") {
        Some(file) => (file.data, file.metadata.sha256_hash()),
        None => (Cow::Borrowed(NOT_BUILT.as_bytes()), [0; 32]),
    };
    let html = String::from_utf8_lossy(&html);
    // Nothing but letters, digits and `-_.~/` is in it: `site` has checked that.
    let html = html.replacen("<head>", &format!("<head><base href=\"{root}\">"), 1);
    answer("index.html", html.as_bytes(), &etag(&hash, &root), headers)
}

/// Of the file, and of what was put into it.
fn etag(hash: &[u8], root: &str) -> String {
    let hash: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let root = root.replace('/', ".");
    format!("W/\"{hash}{root}\"")
}

/// The map itself, a parcel's dossier, the pages of accounts, imports, lists and runs; `/sign-in` is the session's.
fn is_page(path: &str) -> bool {
    const PAGES: [&str; 12] = [
        "",
        "index.html",
        "account",
        "admin",
        "board",
        "import",
        "layers",
        "lists",
        "planning",
        "runs",
        "scenarios",
        "targets",
    ];
    PAGES.contains(&path)
        || path.strip_prefix("d/").is_some_and(|it| !it.is_empty() && !it.contains('/'))
        || ["import/", "lists/", "runs/"].into_iter().any(|list| {
            let one = path.strip_prefix(list);
            one.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

fn answer(path: &str, bytes: &[u8], etag: &str, headers: &HeaderMap) -> Response {
    let mut response = file(path, bytes, etag, headers);
    response.extensions_mut().insert(ForEverybody);
    response
}

fn file(path: &str, bytes: &[u8], etag: &str, headers: &HeaderMap) -> Response {
    // Built assets carry their hash in the name; pages must be asked for again after an upgrade.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let common = [(header::ETAG, etag.to_owned()), (header::CACHE_CONTROL, cache.to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind };
    (common, [(header::CONTENT_TYPE, kind)], bytes.to_vec()).into_response()
}
