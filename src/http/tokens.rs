//! The caller's own API tokens: `/api/v1/tokens`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::delete;
use axum::routing::get;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;
use crate::account::Caller;
use crate::account::manage;
use crate::account::queries;
use crate::account::queries::Token;
use crate::app::App;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/tokens", get(list).post(create))
        .route("/api/v1/tokens/{token_id}", delete(revoke))
}

/// Tokens, newest first, revoked and expired ones among them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tokens {
    pub tokens: Vec<Token>,
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Tokens>> {
    let account_id = caller.signed_in()?;
    Ok(Json(Tokens { tokens: queries::list_tokens(&app.db.write, Some(account_id)).await? }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// A role to lower it to; its account's when left out.
    role: Option<Role>,
    /// Days until it expires; never when left out.
    #[schemars(range(min = 1, max = 3650))]
    days: Option<i32>,
}

/// A token with its secret, which is never shown again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MadeToken {
    #[serde(flatten)]
    pub made: Token,
    pub token: String,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    extract::Json(body): extract::Json<NewToken>,
) -> Result<Response> {
    caller.person()?;
    let (secret, made) = manage::create_token(
        &app.db,
        &caller.scope,
        caller.scope.recorded_by(),
        &body.name,
        body.role,
        body.days,
    )
    .await?;
    let made = MadeToken { made, token: secret.reveal().to_owned() };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(made)).into_response())
}

async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(token_id): Path<i64>,
) -> Result<StatusCode> {
    let person = caller.person()?;
    manage::revoke_token(&app.db, &caller.scope, token_id, Some(person.account_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
