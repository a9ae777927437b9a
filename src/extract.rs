//! From a request to types, refusing in problem+json: [`Scope`] from token or session, [`Query`] that knows its members
//! and refuses others, [`Json`]. axum's own rejections are plain text, so they are wrapped here once.

use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;

use crate::access::Scope;
use crate::account;
use crate::account::Secret;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;

mod site;

pub use site::site;

/// Who asks, as the edge found out before any handler runs: the record is asked once per request.
#[derive(Clone, Debug)]
pub struct Known(pub Scope);

/// The cookie of a browser session.
pub const SESSION_COOKIE: &str = "mutu_session";

impl FromRequestParts<App> for Scope {
    type Rejection = Error;

    /// A token in `Authorization: Bearer` (or as HTTP Basic password, which is all that QGIS can send), else the session
    /// cookie, else the public. A token that is not valid is refused: falling back to public would hide the mistake.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(Known(scope)) = parts.extensions.get() {
            return Ok(scope.clone());
        }
        if let Some(token) = token(&parts.headers)? {
            let scope = account::queries::find_by_token(&app.db.write, &token).await?;
            return scope.ok_or(Error::SignIn(
                "令牌无效或已过期 / the token is unknown, expired or revoked",
            ));
        }
        if let Some(session) = session(&parts.headers)
            && let Some(scope) = account::queries::find_by_session(&app.db.write, &session).await?
        {
            return Ok(scope);
        }
        Ok(Self::public())
    }
}

/// The token of `Authorization`, where there is one; another kind of credentials is a mistake like a wrong token.
fn token(headers: &HeaderMap) -> Result<Option<Secret>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|it| {
        let (kind, rest) = it.split_once(' ')?;
        if kind.eq_ignore_ascii_case("bearer") {
            return Some(rest.trim().to_owned());
        }
        let decoded = kind.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(rest.trim()));
        let text = String::from_utf8(decoded?.ok()?).ok()?;
        Some(text.split_once(':')?.1.to_owned())
    });
    match token {
        Some(token) if !token.is_empty() => Ok(Some(Secret::presented(&token))),
        _ => Err(Error::SignIn(
            "Authorization 应为 Bearer 令牌，或以令牌为密码的 Basic / `Authorization` is `Bearer TOKEN`, or Basic with the token as password",
        )),
    }
}

/// Whether the request says who asks, rightly or not: then the record is asked.
pub fn has_credentials(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || session(headers).is_some()
}

/// The session that the browser's cookie names.
pub fn session(headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let found = cookies.flat_map(|it| it.split(';')).find_map(|it| {
        let (name, value) = it.trim().split_once('=')?;
        (name == SESSION_COOKIE && !value.is_empty()).then(|| Secret::presented(value))
    })?;
    Some(found)
}

/// No name, code or filter has a NUL, and `PostgreSQL` takes none: said here once for every resource.
fn refuse_nul(uri: &Uri) -> Result<()> {
    let has = |it: &str| it.contains("%00");
    let at = if has(uri.path()) {
        "路径 / path"
    } else if uri.query().is_some_and(has) {
        "查询参数 / query parameters"
    } else {
        return Ok(());
    };
    Err(Error::BadInput {
        at: at.to_owned(),
        why: "不允许空字符 / a NUL character is not allowed".to_owned(),
    })
}

/// Query parameters; types use `#[serde(deny_unknown_fields)]` so that a misspelt one is refused, not ignored.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        refuse_nul(&parts.uri)?;
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(|rejection| {
            let why = rejection.body_text();
            let why =
                why.strip_prefix("Failed to deserialize query string: ").unwrap_or(&why).to_owned();
            Error::BadInput { at: "查询参数 / query parameters".to_owned(), why }
        })?;
        Ok(Self(query.0))
    }
}

/// All query parameters as they came, in order, for resources whose parameters depend on the layer.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        refuse_nul(&parts.uri)?;
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|it| Error::BadInput {
                at: "查询参数 / query parameters".to_owned(),
                why: it.body_text(),
            })?;
        Ok(Self(query.0))
    }
}

/// How many bytes the body of this request may have.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub usize);

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let most = request.extensions().get::<BodyLimit>().map_or(0, |it| it.0);
        let body = axum::Json::<T>::from_request(request, state).await.map_err(|it| {
            if it.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Error::TooLarge { most };
            }
            Error::BadInput { at: "请求正文 / body".to_owned(), why: it.body_text() }
        })?;
        Ok(Self(body.0))
    }
}

/// The parts of a path.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        refuse_nul(&parts.uri)?;
        let path =
            axum::extract::Path::<T>::from_request_parts(parts, state).await.map_err(|it| {
                Error::BadInput { at: "路径 / path".to_owned(), why: it.body_text() }
            })?;
        Ok(Self(path.0))
    }
}
