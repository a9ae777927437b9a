//! Signing in and out: `/api/v1/session` and the one-time link `/sign-in`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;
use crate::access::Scope;
use crate::account;
use crate::account::Secret;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Query;
use crate::extract::SESSION_COOKIE;
use crate::site::Site;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/session", get(show).post(sign_in).delete(sign_out))
        .route("/sign-in", get(follow_link))
}

/// Who this session is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Session {
    pub role: Role,
    pub account: Option<String>,
}

async fn show(scope: Scope) -> Response {
    let session = Session { role: scope.role, account: scope.account };
    ([(header::CACHE_CONTROL, "no-store")], Json(session)).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    token: String,
}

async fn sign_in(
    State(app): State<App>,
    site: Site,
    extract::Json(body): extract::Json<SignIn>,
) -> Result<Response> {
    let session =
        account::queries::sign_in_by_token(&app.db.write, &Secret::presented(&body.token)).await?;
    let session = session
        .ok_or(Error::SignIn("令牌无效或已过期 / the token is unknown, expired or revoked"))?;
    let scope =
        account::queries::find_by_session(&app.db.write, &session).await?.unwrap_or_default();
    let body = Session { role: scope.role, account: scope.account };
    Ok(([(header::SET_COOKIE, site.cookie(SESSION_COOKIE, session.reveal(), 43_200))], Json(body))
        .into_response())
}

async fn sign_out(State(app): State<App>, site: Site, headers: HeaderMap) -> Result<Response> {
    if let Some(session) = extract::session(&headers) {
        account::queries::sign_out(&app.db.write, &session).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, site.cookie(SESSION_COOKIE, "", 0))])
        .into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    code: String,
}

async fn follow_link(
    State(app): State<App>,
    site: Site,
    Query(link): Query<Link>,
) -> Result<Response> {
    let session =
        account::queries::sign_in_by_link(&app.db.write, &Secret::presented(&link.code)).await?;
    let session = session.ok_or(Error::SignIn(
        "登录链接已使用或已过期，请重新生成 / the link was used or has expired; `mutu user link` makes a new one",
    ))?;
    Ok((
        [(header::SET_COOKIE, site.cookie(SESSION_COOKIE, session.reveal(), 43_200))],
        Redirect::to(&site.root()),
    )
        .into_response())
}
