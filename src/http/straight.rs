//! The short way of what anybody may have and is there in memory: a tile, and a page of features that somebody asked for
//! before or that the map in memory tells. What surrounds the routes costs several times what such an answer does, and does
//! nothing for it: no credentials to look up, no body to bound, nothing to compress. Here it is counted in the same bucket, made
//! by the same function within the same time, and sent with the same head. Whatever is not as plain as that goes through the
//! router, where nothing is counted twice.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use futures_util::FutureExt;
use tracing::Level;

use super::admission::in_time;
use super::bucket::Buckets;
use super::bucket::Counted;
use super::headers::Fixed;
use super::headers::MAX_URL;
use crate::access::Scope;
use crate::app::App;
use crate::config::Timeouts;
use crate::extract::has_credentials;
use crate::extract::site_of;
use crate::ogc::held;
use crate::ogc::kept;
use crate::ogc::kept::Question;
use crate::site;
use crate::tile;

/// What the short way goes by.
#[derive(Clone, Debug)]
pub(super) struct Straight {
    app: App,
    buckets: Arc<Buckets>,
    fixed: Fixed,
}

impl Straight {
    pub(super) fn new(app: &App, buckets: Arc<Buckets>, fixed: Fixed) -> Self {
        Self { app: app.clone(), buckets, fixed }
    }

    /// The answer to a request that came from `peer`; `None` when the router is to answer it, which finds in `counted` whether
    /// it was counted here.
    pub(super) async fn answer<B: HttpBody>(
        &self,
        peer: SocketAddr,
        request: &Request<B>,
        counted: &mut Option<Counted>,
    ) -> Option<Response> {
        let (config, uri, headers) = (&self.app.config, request.uri(), request.headers());
        let is_plain = request.method() == Method::GET
            && request.body().is_end_stream()
            && !has_credentials(headers)
            // Pages of other origins are the router's, and so is a log of every request.
            && config.cors_origins.is_empty()
            && !tracing::enabled!(target: "tower_http::trace::on_response", Level::DEBUG)
            && uri.path_and_query().is_none_or(|it| it.as_str().len() <= MAX_URL);
        // Not even its place is looked up for anything else.
        let (is_tile, is_page) = (uri.path().contains("/tiles/"), uri.path().ends_with("/items"));
        if !is_plain || !is_tile && !is_page {
            return None;
        }
        let site = site_of(config, peer.ip(), uri, headers);
        let path = site::below(&site.path, uri.path()).unwrap_or(uri.path());
        let scope = Scope { client: Some(site.client), ..Scope::public() };
        let patience = Timeouts::seconds(config.timeouts.answer);
        let mut response = if is_tile {
            let asked = tile::routes::plain(&self.app, &scope, path, uri.query())?;
            // An empty bucket is no fuller for the router, which says so.
            self.buckets.take(&scope, site.client).ok()?;
            let tile = in_time(patience, asked.answer(&self.app, &scope, headers));
            match AssertUnwindSafe(tile).catch_unwind().await {
                Ok(tile) => tile.into_response(),
                Err(panic) => super::panicked(panic),
            }
        } else {
            let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
            let question = Question { site: &site, path, uri, accept };
            let page = in_time(patience, kept::find(&self.app, question, headers));
            let kept = AssertUnwindSafe(page).catch_unwind().await.ok()?.ok()?;
            if let Some(page) = kept {
                self.buckets.take(&scope, site.client).ok()?;
                page
            } else {
                let asked = held::page(&self.app, &scope, question)?;
                self.buckets.take(&scope, site.client).ok()?;
                *counted = Some(Counted);
                let page = in_time(patience, kept::tell(&self.app, question, &asked, headers));
                AssertUnwindSafe(page).catch_unwind().await.ok()?.ok()??
            }
        };
        if response.status().is_server_error() {
            tracing::error!(status = %response.status(), path, "response failed");
        }
        self.fixed.put_into(&mut response, site.is_https());
        Some(response)
    }
}
