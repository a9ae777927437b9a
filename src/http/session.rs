//! Signing in and out: `/api/v1/session`, the caller's own password, and the one-time link `/sign-in`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::put;
use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Role;
use crate::account;
use crate::account::Caller;
use crate::account::Opening;
use crate::account::Secret;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::error::Error;
use crate::error::Result;
use crate::extract;
use crate::extract::Query;
use crate::extract::SESSION_COOKIE;
use crate::layer::Text;
use crate::site::Site;

use super::web_map;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/session", get(show).post(sign_in).patch(view_as).delete(sign_out))
        .route("/api/v1/session/password", put(change_password))
        .route("/sign-in", get(follow_link))
}

/// Who asks, and how they may sign in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Session {
    /// The role in effect.
    pub role: Role,
    /// Null: nobody has signed in.
    pub account: Option<String>,
    /// The role before `view_as` lowered it.
    pub own_role: Role,
    /// The role that the person chose to see the map as. While it is lower, nothing can be changed.
    pub view_as: Option<Role>,
    /// The units in which a role above viewer holds; null: everywhere.
    pub responsible_units: Option<Vec<String>>,
    /// How the session was opened; null: there is none. One that a token opened manages neither tokens nor passwords;
    /// in one that a link opened the password is changed without the present one.
    pub means: Option<Opening>,
    /// Null: the account has no password, or passwords do not expire here.
    pub password_expires_at: Option<DateTime<Utc>>,
    /// Whether the password is too old to sign in with again.
    pub must_change_password: bool,
    pub sign_in: Ways,
}

/// The ways to sign in that this installation has.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ways {
    pub password: bool,
    /// What a new password must be, for a page that says so while it is typed.
    pub password_rules: PasswordRules,
    /// An identity provider, where one is configured.
    pub oidc: Option<Provider>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct PasswordRules {
    /// Characters at least.
    pub min_length: usize,
    /// Kinds of characters at least: lower case, upper case, digits, others.
    pub min_kinds: usize,
}

/// An identity provider, at `/sign-in/oidc`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Provider {
    /// What its button says.
    pub title: Text,
}

impl Session {
    async fn of(app: &App, caller: Caller) -> Result<Self> {
        let expires_at = match caller.account_id {
            Some(id) => {
                let account = account::queries::account(&app.db.write, id).await?;
                account.password_expires_at(&app.config.accounts)
            }
            None => None,
        };
        Ok(Self {
            role: caller.scope.role,
            account: caller.scope.account,
            own_role: caller.own_role,
            view_as: caller.session.as_ref().and_then(|it| it.view_as),
            responsible_units: caller.scope.responsible_units,
            means: caller.session.as_ref().map(|it| it.opening),
            password_expires_at: expires_at,
            must_change_password: expires_at.is_some_and(|it| it <= Utc::now()),
            sign_in: Ways {
                password: true,
                password_rules: PasswordRules {
                    min_length: app.config.accounts.password_min_length,
                    min_kinds: app.config.accounts.password_min_kinds,
                },
                oidc: app.config.oidc.as_ref().map(|it| Provider { title: it.title.clone() }),
            },
        })
    }
}

/// Nobody keeps what says who they are.
pub(super) const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

async fn show(State(app): State<App>, caller: Caller) -> Result<Response> {
    Ok((NO_STORE, Json(Session::of(&app, caller).await?)).into_response())
}

/// A token, or account and password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    token: Option<String>,
    account: Option<String>,
    password: Option<String>,
    new_password: Option<String>,
}

/// What [`SignIn`] may be, for the document: read as one of these, a mistake could not be named.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
#[schemars(rename = "SignIn")]
pub enum SignInSchema {
    Token {
        token: String,
    },
    Password {
        #[schemars(length(min = 1, max = 64))]
        account: String,
        #[schemars(length(min = 1, max = 200))]
        password: String,
        /// Takes the place of the password, as it must where that has expired.
        #[schemars(length(min = 1, max = 200))]
        new_password: Option<String>,
    },
}

async fn sign_in(
    State(app): State<App>,
    site: Site,
    headers: HeaderMap,
    extract::Json(body): extract::Json<SignIn>,
) -> Result<Response> {
    extract::refuse_foreign(&site, &headers)?;
    let client = Some(site.client);
    let old = extract::session(&headers);
    let door = extract::door(&app, client, old.as_ref());
    let session = match (&body.token, &body.account, &body.password) {
        (Some(token), None, None) if body.new_password.is_none() => {
            door.by_token(&Secret::presented(token)).await?
        }
        (None, Some(account), Some(password)) => {
            door.by_password(account, password, body.new_password.as_deref()).await?
        }
        _ => {
            return Err(Error::BadInput {
                at: "请求正文 / body".to_owned(),
                why: "应为 token，或 account 与 password / either `token`, or `account` and `password`".to_owned(),
            });
        }
    };
    let rules = &app.config.accounts;
    let caller = account::queries::find_by_session(&app.db.write, &session, rules, client).await?;
    let body = Session::of(&app, caller.unwrap_or_default()).await?;
    let cookie = [(header::SET_COOKIE, cookie(&app, &site, Some(&session)))];
    Ok((NO_STORE, cookie, Json(body)).into_response())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewAs {
    /// A role lower than one's own; null: one's own again.
    #[serde(deserialize_with = "Option::deserialize")]
    view_as: Option<Role>,
}

async fn view_as(
    State(app): State<App>,
    mut caller: Caller,
    extract::Json(body): extract::Json<ViewAs>,
) -> Result<Response> {
    let Some(session) = &mut caller.session else {
        return Err(Error::NotAllowed(
            "只有浏览器会话可以切换查看角色 / only a browser's session can view as another role",
        ));
    };
    if body.view_as.is_some_and(|it| it >= caller.own_role) {
        return Err(Error::BadInput {
            at: "view_as".to_owned(),
            why: format!("须低于 / must be lower than {}", caller.own_role),
        });
    }
    let mut tx = app.db.write.begin().await?;
    account::queries::set_view_as(&mut *tx, session.session_id, body.view_as).await?;
    let event = Event::of(Action::ViewAs, caller.scope.recorded_by())
        .changing(Some(json!(session.view_as)), Some(json!(body.view_as)));
    audit::record(&mut *tx, &caller.scope, event).await?;
    tx.commit().await?;
    session.view_as = body.view_as;
    caller.scope.role = body.view_as.unwrap_or(caller.own_role);
    show(State(app), caller).await
}

async fn sign_out(
    State(app): State<App>,
    site: Site,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response> {
    if caller.session.is_some()
        && let Some(session) = extract::session(&headers)
    {
        let mut tx = app.db.write.begin().await?;
        if account::queries::end_session(&mut *tx, &session).await? {
            let event = Event::of(Action::SignOut, caller.scope.recorded_by());
            audit::record(&mut *tx, &caller.scope, event).await?;
        }
        tx.commit().await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie(&app, &site, None))]).into_response())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The present one; may be left out in a session that a one-time link opened.
    #[schemars(length(min = 1, max = 200))]
    password: Option<String>,
    #[schemars(length(min = 1, max = 200))]
    new_password: String,
}

async fn change_password(
    State(app): State<App>,
    caller: Caller,
    extract::Json(body): extract::Json<NewPassword>,
) -> Result<StatusCode> {
    let door = extract::door(&app, caller.scope.client, None);
    door.change_password(&caller, body.password.as_deref(), &body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Without a code it is the web map's sign-in page, which has parameters of its own (`to`, `error`).
#[derive(Deserialize)]
struct Link {
    code: Option<String>,
    #[expect(dead_code, reason = "where to go afterwards is the page's business")]
    to: Option<String>,
}

async fn follow_link(
    State(app): State<App>,
    site: Site,
    method: Method,
    headers: HeaderMap,
    Query(link): Query<Link>,
) -> Result<Response> {
    let Some(code) = &link.code else { return Ok(web_map::page(&site, &headers)) };
    // Whoever only looks at the link, a chat program's preview or a browser that guesses ahead, must not use it up.
    if method == Method::HEAD {
        return Ok((StatusCode::NO_CONTENT, NO_STORE).into_response());
    }
    if is_prefetch(&headers) {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, NO_STORE).into_response());
    }
    let old = extract::session(&headers);
    let door = extract::door(&app, Some(site.client), old.as_ref());
    let session = door.by_link(&Secret::presented(code)).await?;
    let cookie = [(header::SET_COOKIE, cookie(&app, &site, Some(&session)))];
    Ok((NO_STORE, cookie, Redirect::to(&site.root())).into_response())
}

/// `Sec-Purpose` is the standard's; the others are what browsers sent before.
fn is_prefetch(headers: &HeaderMap) -> bool {
    let says = |name: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|it| it.to_str().ok());
        values.flat_map(|it| it.split([',', ';'])).any(|it| {
            ["prefetch", "prerender", "preview"].contains(&it.trim().to_lowercase().as_str())
        })
    };
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().any(says)
}

pub(super) fn cookie(app: &App, site: &Site, session: Option<&Secret>) -> String {
    let seconds = session.map_or(0, |_| u32::from(app.config.accounts.session_hours) * 3600);
    site.cookie(SESSION_COOKIE, session.map_or("", Secret::reveal), seconds)
}
