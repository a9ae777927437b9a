//! Accounts, for administrators: `/api/v1/accounts`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::delete;
use axum::routing::get;
use axum::routing::patch;
use axum::routing::post;
use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;

use crate::access::Role;
use crate::account::Caller;
use crate::account::manage;
use crate::account::manage::Change;
use crate::account::manage::New;
use crate::account::queries;
use crate::account::queries::Account;
use crate::app::App;
use crate::error::Result;
use crate::extract;
use crate::extract::Path;
use crate::site::Site;

use super::tokens::Tokens;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/accounts", get(list).post(create))
        .route("/api/v1/accounts/{name}", patch(change))
        .route("/api/v1/accounts/{name}/link", post(create_link))
        .route("/api/v1/accounts/{name}/tokens", get(list_tokens))
        .route("/api/v1/accounts/{name}/tokens/{token_id}", delete(revoke_token))
}

/// An administrator in person: what a stolen token must not do.
fn admin_in_person(caller: &Caller) -> Result<()> {
    caller.admin()?;
    caller.person().map(|_| ())
}

/// All accounts, by name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Accounts {
    pub accounts: Vec<Account>,
}

async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Accounts>> {
    caller.admin()?;
    Ok(Json(Accounts { accounts: queries::list_accounts(&app.db.write, None).await? }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Letters, digits, `.`, `_`, `-`, `@` or Chinese characters.
    #[schemars(length(min = 1, max = 64))]
    name: String,
    role: Role,
    /// What the person is called.
    #[schemars(length(min = 1, max = 100))]
    title: Option<String>,
    /// The units in which a role above viewer holds; everywhere when left out. An administrator's is never limited.
    #[schemars(length(max = 200))]
    responsible_units: Option<Vec<String>>,
    /// Who the account is at the identity provider.
    #[schemars(length(min = 1, max = 255))]
    oidc_subject: Option<String>,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    extract::Json(body): extract::Json<NewAccount>,
) -> Result<Response> {
    admin_in_person(&caller)?;
    let new = New {
        name: &body.name,
        role: body.role,
        title: body.title.as_deref(),
        responsible_units: body.responsible_units.as_deref(),
        oidc_subject: body.oidc_subject.as_deref(),
    };
    let account = manage::create_account(&app.db, &caller.scope, new).await?;
    Ok((StatusCode::CREATED, Json(account)).into_response())
}

/// What is to change; members that are left out stay.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::option_option, reason = "a member that is null is not one that is left out")]
pub struct AccountChange {
    role: Option<Role>,
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>", length(min = 1, max = 100))]
    title: Option<Option<String>>,
    /// Null: everywhere.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Vec<String>>", length(max = 200))]
    responsible_units: Option<Option<Vec<String>>>,
    /// Disabled accounts are signed out at once and their tokens refused.
    disabled: Option<bool>,
    /// Lets passwords be tried again after too many failures.
    unlock: Option<bool>,
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<String>", length(min = 1, max = 255))]
    oidc_subject: Option<Option<String>>,
}

/// Tells a member that is null from one that is not there.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    extract::Json(body): extract::Json<AccountChange>,
) -> Result<Json<Account>> {
    admin_in_person(&caller)?;
    let change = Change {
        role: body.role,
        title: body.title,
        responsible_units: body.responsible_units,
        oidc_subject: body.oidc_subject,
        disabled: body.disabled,
        unlock: body.unlock.unwrap_or(false),
    };
    Ok(Json(manage::change_account(&app.db, &caller.scope, &name, change).await?))
}

/// A link that signs its account in, once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Link {
    pub url: String,
    pub expires_at: DateTime<Utc>,
}

async fn create_link(
    State(app): State<App>,
    site: Site,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Response> {
    admin_in_person(&caller)?;
    let (link, expires_at) = manage::create_link(&app.db, &caller.scope, &name).await?;
    let url = format!("{}/sign-in?code={}", site.url(), link.reveal());
    let body = Json(Link { url, expires_at });
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], body).into_response())
}

async fn list_tokens(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<Tokens>> {
    caller.admin()?;
    let account = manage::find(&app.db, &name).await?;
    let tokens = queries::list_tokens(&app.db.write, Some(account.account_id)).await?;
    Ok(Json(Tokens { tokens }))
}

async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    Path((name, token_id)): Path<(String, i64)>,
) -> Result<StatusCode> {
    admin_in_person(&caller)?;
    let account = manage::find(&app.db, &name).await?;
    manage::revoke_token(&app.db, &caller.scope, token_id, Some(account.account_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
