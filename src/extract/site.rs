//! A request's [`Site`]. The edge puts it in once; here it is taken out by whoever makes links or cookies.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::Uri;
use axum::http::request::Parts;

use crate::app::App;
use crate::config::Config;
use crate::error::Result;
use crate::site::Site;

/// Where the request comes from and which address it found us at.
pub fn site(config: &Config, uri: &Uri, headers: &HeaderMap, extensions: &Extensions) -> Site {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip());
    // Without a connection (a service that is called directly) it is nobody, whom nobody trusts.
    site_of(config, peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), uri, headers)
}

/// The same, of a request that came over a connection from `peer`.
pub fn site_of(config: &Config, peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> Site {
    Site::of(&config.way(), peer, |name| match uri.authority() {
        // A request line with a whole address says the host there (RFC 9112, 3.2.2).
        Some(it) if name == "host" => vec![it.as_str()],
        _ => headers.get_all(name).iter().filter_map(|it| it.to_str().ok()).collect(),
    })
}

impl FromRequestParts<App> for Site {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known
            .unwrap_or_else(|| site(&app.config, &parts.uri, &parts.headers, &parts.extensions)))
    }
}
