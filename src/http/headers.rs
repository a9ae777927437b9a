//! What stands in the head of every answer: what browsers may do with it, who may keep it, and for whom it was made.

use std::sync::Arc;

use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::config::Config;
use crate::error::Error;
use crate::site::Site;

/// The longest path with query. A filter with a large polygon fits; what is longer belongs into a narrower question.
pub(super) const MAX_URL: usize = 32 * 1024;

/// Marks an answer that is the same whoever asks: a file of the web map.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForEverybody;

/// Headers that do not depend on the request.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    headers: Arc<Vec<(HeaderName, HeaderValue)>>,
    hsts: Option<HeaderValue>,
}

impl Fixed {
    pub(super) fn new(config: &Config) -> Self {
        let ancestors = match config.frame_ancestors.join(" ") {
            none if none.is_empty() => "'none'".to_owned(),
            some => some,
        };
        // Scripts, styles and tiles from here and nowhere else. antd writes style elements, so styles may be inline.
        let policy = format!(
            "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
             img-src 'self' data: blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; \
             base-uri 'self'; frame-ancestors {ancestors}; form-action 'self'"
        );
        let fixed = HeaderValue::from_static;
        let mut headers = vec![
            (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (header::REFERRER_POLICY, fixed("same-origin")),
            (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
            (
                HeaderName::from_static("permissions-policy"),
                fixed(
                    "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), serial=()",
                ),
            ),
        ];
        if let Ok(policy) = HeaderValue::try_from(policy) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        // Its two words cover what older browsers need; a list of sites it cannot say.
        match ancestors.as_str() {
            "'none'" => headers.push((header::X_FRAME_OPTIONS, fixed("DENY"))),
            "'self'" => headers.push((header::X_FRAME_OPTIONS, fixed("SAMEORIGIN"))),
            _ => {}
        }
        let hsts = (config.hsts_seconds > 0).then(|| format!("max-age={}", config.hsts_seconds));
        let hsts = hsts.and_then(|it| HeaderValue::try_from(it).ok());
        Self { headers: Arc::new(headers), hsts }
    }
}

pub(super) async fn complete(State(fixed): State<Fixed>, request: Request, next: Next) -> Response {
    let is_https = request.extensions().get::<Site>().is_some_and(Site::is_https);
    let too_long = request.uri().path_and_query().is_some_and(|it| it.as_str().len() > MAX_URL);
    let mut response = if too_long {
        Error::TooLong { most: MAX_URL }.into_response()
    } else {
        next.run(request).await
    };
    fixed.put_into(&mut response, is_https);
    response
}

impl Fixed {
    /// Puts into an answer's head what it does not say by itself.
    pub(super) fn put_into(&self, response: &mut Response, is_https: bool) {
        let for_everybody = response.extensions().get::<ForEverybody>().is_some();
        let headers = response.headers_mut();
        headers.reserve(self.headers.len() + 4);
        for (name, value) in self.headers.iter() {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if let Some(hsts) = self.hsts.as_ref().filter(|_| is_https) {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        if headers.contains_key(header::SET_COOKIE) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if !for_everybody {
            // What does not say otherwise depends on who asks, and may be another thing the next moment.
            let private = HeaderValue::from_static("private, no-cache");
            headers.entry(header::CACHE_CONTROL).or_insert(private);
            vary(headers, "authorization", "Authorization");
            vary(headers, "cookie", "Cookie");
        }
    }
}

/// Adds a name to `Vary`, where it is not there.
fn vary(headers: &mut HeaderMap, lower: &str, name: &'static str) {
    let there = headers.get_all(header::VARY).iter().filter_map(|it| it.to_str().ok());
    let mut names = there.flat_map(|it| it.split(',')).map(str::trim);
    if !names.any(|it| it.eq_ignore_ascii_case(lower) || it == "*") {
        headers.append(header::VARY, HeaderValue::from_static(name));
    }
}
