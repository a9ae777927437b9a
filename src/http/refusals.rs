//! Writes down who was refused what. One row a minute for each caller, method, route and status: a program that asks a thousand
//! times is one fact, and must not fill the audit. Failed sign-ins are the handlers' to record.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::Method;
use axum::http::StatusCode;
use moka::future::Cache;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;

/// For how long the same refusal is one.
const ONE: Duration = Duration::from_mins(1);
/// Refusals that are remembered at once.
const REMEMBERED: u64 = 20_000;
/// Characters of a path that are kept.
const PATH: usize = 200;

/// Account, address, method and route, status.
type Kind = (String, IpAddr, String, u16);

#[derive(Clone)]
pub(super) struct Refusals(Cache<Kind, ()>);

/// What somebody asked for.
pub(super) struct Asked {
    pub method: Method,
    /// As the router has it, with its placeholders.
    pub route: String,
    pub path: String,
    pub client: IpAddr,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self(Cache::builder().time_to_live(ONE).max_capacity(REMEMBERED).build())
    }

    /// Notes an answer that refused, if it is not one of a kind that was just noted.
    pub(super) async fn note(&self, app: &App, scope: &Scope, asked: &Asked, status: StatusCode) {
        let signing_in = asked.route.starts_with("/sign-in")
            || asked.route == "/api/v1/session" && asked.method == Method::POST;
        if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) || signing_in {
            return;
        }
        let route = format!("{} {}", asked.method, asked.route);
        let kind = (scope.recorded_by().to_owned(), asked.client, route, status.as_u16());
        if !self.0.entry(kind).or_insert(()).await.is_fresh() {
            return;
        }
        let path: String = asked.path.chars().take(PATH).collect();
        let event = Event::of(Action::Refused, &path)
            .with(json!({"method": asked.method.as_str(), "status": status.as_u16()}));
        let scope = Scope { client: Some(asked.client), ..scope.clone() };
        if let Err(error) = audit::record(&app.db.write, &scope, event).await {
            tracing::warn!(%error, path, "a refusal could not be written down");
        }
    }
}
