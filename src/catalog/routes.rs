//! `/api/v1/layers`, and `/api/v1/events`, which tells of their changes.

use std::time::Duration;

use anyhow::Context;
use axum::Extension;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::response::sse::KeepAlive;
use axum::routing::get;
use futures_util::StreamExt;
use futures_util::stream;
use serde::Deserialize;
use tokio::time::Instant;
use tokio::time::sleep_until;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Ending;
use crate::extract::Query;

use super::Tree;
use super::events;
use super::events::Feed;
use super::events::Stream;
use super::events::Streams;
use super::events::Told;

/// Routes of the catalogue.
pub fn router(connections: usize) -> Router<App> {
    Router::new()
        .route("/api/v1/layers", get(layers))
        .route("/api/v1/events", get(changes))
        .layer(Extension(Streams::new(connections)))
}

async fn layers(State(app): State<App>, scope: Scope) -> Result<Json<Tree>> {
    Ok(Json(super::tree(&app, &scope).await?))
}

/// Nothing can be asked for: who comes again is told where everything stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn changes(
    State(app): State<App>,
    Extension(streams): Extension<Streams>,
    ending: Ending,
    scope: Scope,
    Query(Nothing {}): Query<Nothing>,
) -> Result<Response> {
    let place = streams.take(&scope).ok_or(Error::TooMany {
        why: "打开的地图过多 / too many maps are open: ask for `/api/v1/layers` now and then instead",
        retry_after: Duration::from_secs(30),
    })?;
    let mut feed = Feed::new(app, scope);
    let first = event(&Told::Revisions(feed.revisions().await?));
    let listening = Listening { feed, ending, place, until: Instant::now() + events::FOR };
    let rest = stream::unfold(listening, |mut it| async move {
        let told = it.next().await?;
        Some((told.and_then(|it| event(&it)), it))
    });
    let answer = Sse::new(stream::iter([first]).chain(rest))
        .keep_alive(KeepAlive::new().interval(events::HEARTBEAT));
    // nginx would keep events back until it has some kilobytes.
    let headers = [("x-accel-buffering", "no"), ("cache-control", "private, no-store")];
    Ok((headers, answer).into_response())
}

fn event(told: &Told) -> Result<Event> {
    let event = match told {
        Told::Revisions(it) => Event::default().event("revisions").json_data(it),
        Told::Changed(it) => Event::default().event("changed").json_data(it),
    };
    Ok(event.context("an event as JSON")?)
}

/// Somebody whose map is open.
struct Listening {
    feed: Feed,
    ending: Ending,
    #[expect(dead_code, reason = "held for as long as somebody listens")]
    place: Stream,
    until: Instant,
}

impl Listening {
    /// The next thing to tell; `None` when the server stops, or it is time to come again.
    async fn next(&mut self) -> Option<Result<Told>> {
        tokio::select! {
            told = self.feed.next() => told,
            () = self.ending.wished() => None,
            () = sleep_until(self.until) => None,
        }
    }
}
