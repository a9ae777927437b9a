//! `/sprites`: the patterns of legends for maps of other programs, the same for everybody.

use anyhow::Context;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::layer::sprite;

use super::headers::ForEverybody;

/// Routes of sprites.
pub(super) fn router() -> Router<App> {
    Router::new().route("/sprites/{file}", get(serve))
}

async fn serve(Path(file): Path<String>) -> Result<Response> {
    let (kind, bytes) = match file.as_str() {
        "mutu.json" => ("application/json", sprite::index(1).to_string().into_bytes()),
        "mutu@2x.json" => ("application/json", sprite::index(2).to_string().into_bytes()),
        "mutu.png" => ("image/png", sprite::image(1).context("a sprite")?),
        "mutu@2x.png" => ("image/png", sprite::image(2).context("a sprite")?),
        _ => return Err(Error::not_found("图案 sprite", file)),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=86400")];
    let mut response = (headers, bytes).into_response();
    response.extensions_mut().insert(ForEverybody);
    Ok(response)
}
