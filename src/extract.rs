//! From a request to types, refusing in problem+json: [`Scope`] from token or session, [`Query`] that knows its members
//! and refuses others, [`Json`]. axum's own rejections are plain text, so they are wrapped here once.

use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::access::Scope;
use crate::account;
use crate::account::Secret;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;

/// The cookie of a browser session.
pub const SESSION_COOKIE: &str = "mutu_session";

impl FromRequestParts<App> for Scope {
    type Rejection = Error;

    /// A token in `Authorization: Bearer` (or as HTTP Basic password, which is all that QGIS can send), else the session
    /// cookie, else the public. A token that is not valid is refused: falling back to public would hide the mistake.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if let Some(token) = token(&parts.headers) {
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

fn token(headers: &HeaderMap) -> Option<Secret> {
    use base64::Engine;
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (kind, rest) = value.split_once(' ')?;
    if kind.eq_ignore_ascii_case("bearer") {
        return Some(Secret::presented(rest));
    }
    if kind.eq_ignore_ascii_case("basic") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        return Some(Secret::presented(text.split_once(':')?.1));
    }
    None
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

/// Query parameters; types use `#[serde(deny_unknown_fields)]` so that a misspelt one is refused, not ignored.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
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
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|it| Error::BadInput {
                at: "查询参数 / query parameters".to_owned(),
                why: it.body_text(),
            })?;
        Ok(Self(query.0))
    }
}

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = axum::Json::<T>::from_request(request, state).await.map_err(|it| {
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
        let path =
            axum::extract::Path::<T>::from_request_parts(parts, state).await.map_err(|it| {
                Error::BadInput { at: "路径 / path".to_owned(), why: it.body_text() }
            })?;
        Ok(Self(path.0))
    }
}
