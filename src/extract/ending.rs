//! Whether the service is about to end. What would go on for as long as its reader likes ends by it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tokio::sync::watch;

use crate::app::App;

/// Somebody's wish that the service ends; put into each request by whoever serves it.
#[derive(Clone, Debug)]
pub struct Ending(Option<watch::Receiver<bool>>);

impl Ending {
    /// Told by the sender's `true`.
    pub const fn of(wish: watch::Receiver<bool>) -> Self {
        Self(Some(wish))
    }

    /// Ready once it is wished; never where nobody could.
    pub async fn wished(&mut self) {
        let heard = match &mut self.0 {
            Some(it) => it.wait_for(|it| *it).await.is_ok(),
            None => false,
        };
        if !heard {
            std::future::pending::<()>().await;
        }
    }
}

impl FromRequestParts<App> for Ending {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or(Self(None)))
    }
}
