//! Signing in at the identity provider: `/sign-in/oidc` sends a browser there, `/sign-in/oidc/callback` takes it back. A
//! person who cannot be signed in is led to the sign-in page with a code that it explains; a program reads a problem.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::AppendHeaders;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

use crate::account::Secret;
use crate::account::oidc::Answer;
use crate::account::oidc::Provider;
use crate::account::oidc::Refusal;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Query;
use crate::site::Site;

use super::own_page::own_page;
use super::session;
use super::session::NO_STORE;

pub(super) fn router() -> Router<App> {
    Router::new().route("/sign-in/oidc", get(begin)).route("/sign-in/oidc/callback", get(end))
}

/// The browser's half of a sign-in under way.
const FLOW_COOKIE: &str = "mutu_oidc";
/// Who somebody was at the provider whom we do not know. In a cookie, which the sign-in page reads, and not in its
/// address: a forged link could have a person ask the administrator for a stranger's access.
const SUBJECT_COOKIE: &str = "mutu_oidc_subject";
/// As long as a flow lives.
const COOKIE_SECONDS: u32 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    to: Option<String>,
}

/// What a provider sends back; some add more.
#[derive(Default, Deserialize)]
struct End {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    /// RFC 9207: which provider it was.
    iss: Option<String>,
}

async fn begin(
    State(app): State<App>,
    site: Site,
    method: Method,
    headers: HeaderMap,
    Query(query): Query<Begin>,
) -> Result<Response> {
    let provider = provider(&app)?;
    if method == Method::HEAD {
        return Ok((StatusCode::NO_CONTENT, NO_STORE).into_response());
    }
    let to = own_page(query.to.as_deref());
    let door = extract::door(&app, Some(site.client), None);
    let browser = extract::cookie(&headers, FLOW_COOKIE);
    match door.begin_oidc(provider, &redirect_uri(&site), to, browser).await {
        Ok(begun) => {
            let cookie = site.cookie(FLOW_COOKIE, begun.browser.reveal(), COOKIE_SECONDS);
            let cookie = [(header::SET_COOKIE, cookie)];
            Ok((NO_STORE, cookie, Redirect::to(&begun.address)).into_response())
        }
        Err(refusal) => Ok(refuse(&site, &headers, refusal, to)),
    }
}

async fn end(
    State(app): State<App>,
    site: Site,
    method: Method,
    headers: HeaderMap,
    query: Result<Query<End>>,
) -> Result<Response> {
    let provider = provider(&app)?;
    // Only looking must not use it up.
    if method == Method::HEAD {
        return Ok((StatusCode::NO_CONTENT, NO_STORE).into_response());
    }
    // What cannot be read comes from no provider: it has no state.
    let query = query.map_or_else(|_| End::default(), |it| it.0);
    let state = query.state.as_deref().map(Secret::presented);
    let browser = extract::cookie(&headers, FLOW_COOKIE);
    let old = extract::session(&headers);
    let door = extract::door(&app, Some(site.client), old.as_ref());
    let to = match door.end_oidc(state.as_ref(), browser.as_ref()).await {
        Ok(it) => it,
        Err(refusal) => return Ok(refuse(&site, &headers, refusal, "/")),
    };
    let (Some(state), Some(browser)) = (state, browser) else {
        return Ok(refuse(&site, &headers, Refusal::Expired, "/"));
    };
    let answer = match (&query.code, &query.error) {
        (Some(code), None) => Answer::Code(code),
        (_, Some(error)) => Answer::Error(error),
        (None, None) => Answer::Error("neither code nor error"),
    };
    let iss = query.iss.as_deref();
    match door.by_oidc(provider, &redirect_uri(&site), &state, &browser, iss, answer).await {
        Ok(session) => {
            let cookie = [(header::SET_COOKIE, session::cookie(&app, &site, Some(&session)))];
            Ok((NO_STORE, cookie, Redirect::to(&place(&site, &to))).into_response())
        }
        Err(refusal) => Ok(refuse(&site, &headers, refusal, &to)),
    }
}

fn provider(app: &App) -> Result<&Provider> {
    let none = || Error::not_found("身份认证服务 identity provider", "oidc");
    app.oidc.as_ref().ok_or_else(none)
}

/// Where the provider sends people back to, as it has to be registered there.
fn redirect_uri(site: &Site) -> String {
    format!("{}/sign-in/oidc/callback", site.url())
}

/// The path on the host of a page of ours: the public address may have a path of its own.
fn place(site: &Site, page: &str) -> String {
    format!("{}{page}", site.path)
}

fn refuse(site: &Site, headers: &HeaderMap, refusal: Refusal, to: &str) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return Error::from(refusal).into_response();
    }
    if let Refusal::Other(Error::Internal(cause)) = &refusal {
        tracing::error!(error = format!("{cause:#}"), "signing in at the identity provider failed");
    }
    let encoded = |it| utf8_percent_encode(it, NON_ALPHANUMERIC);
    let mut page = format!("/sign-in?error={}", refusal.code());
    if to != "/" {
        page.push_str(&format!("&to={}", encoded(to)));
    }
    let cookie = refusal.subject().map(|it| {
        let value = encoded(it).to_string();
        let cookie = site.cookie(SUBJECT_COOKIE, &value, COOKIE_SECONDS);
        (header::SET_COOKIE, cookie.replace("; HttpOnly", ""))
    });
    (NO_STORE, AppendHeaders(cookie), Redirect::to(&place(site, &page))).into_response()
}
