//! Before anything else: where a request comes from and which address it found us at. A path below the public one is read
//! from there on, so that a proxy may strip its prefix or keep it.

use axum::extract::Request;
use axum::extract::State;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::extract;
use crate::site;

pub(super) async fn find(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let site = extract::site(&app.config, request.uri(), request.headers(), request.extensions());
    if let Some(rest) = site::below(&site.path, request.uri().path()) {
        let rest = match request.uri().query() {
            Some(query) => format!("{rest}?{query}"),
            None => rest.to_owned(),
        };
        // The end of a path that was one is one.
        if let Ok(rest) = PathAndQuery::try_from(rest) {
            *request.uri_mut() = Uri::from(rest);
        }
    }
    request.extensions_mut().insert(site);
    next.run(request).await
}
