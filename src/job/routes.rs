//! `/api/v1/jobs`, for stewards of all units.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Context;
use axum::Extension;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::response::sse::KeepAlive;
use axum::routing::get;
use axum::routing::post;
use futures_util::StreamExt;
use futures_util::stream;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::access::Scope;
use crate::account::Caller;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Ending;
use crate::extract::Path;
use crate::extract::Query;

use super::Job;
use super::queries;

/// Routes of jobs.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/jobs", get(list))
        .route("/api/v1/jobs/{job_id}", get(find))
        .route("/api/v1/jobs/{job_id}/events", get(events))
        .route("/api/v1/jobs/{job_id}/cancel", post(cancel))
        .layer(Extension(Watchers::default()))
}

/// Most jobs on a page.
pub const MOST: i64 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<i64>,
}

/// Jobs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Jobs {
    /// Those that are not over first, then the newest.
    pub jobs: Vec<Job>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Jobs>> {
    caller.steward()?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{MOST}")));
    }
    let mut db = app.db.read(&caller.scope).await?;
    Ok(Json(Jobs { jobs: queries::list(&mut db, limit).await? }))
}

fn no_job(job_id: Uuid) -> Error {
    Error::not_found("任务 job", job_id.to_string())
}

async fn find(
    State(app): State<App>,
    caller: Caller,
    Path(job_id): Path<Uuid>,
) -> Result<Json<Job>> {
    caller.steward()?;
    look(&app, &caller.scope, job_id).await?.map(Json).ok_or_else(|| no_job(job_id))
}

async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(job_id): Path<Uuid>,
) -> Result<Json<Job>> {
    caller.steward()?;
    let job = queries::cancel(&app.db.write, job_id).await?;
    let job = job.ok_or_else(|| no_job(job_id))?;
    if job.state.is_over() && !job.cancel_requested && job.state != super::State::Cancelled {
        return Err(Error::not_now(
            "任务已经结束，不能取消 / the job has ended, there is nothing to cancel",
        ));
    }
    Ok(Json(job))
}

/// How often a watched job is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often something is sent where nothing happens, so that no proxy takes the connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After so long a client has to come again, and to be let in again.
const WATCHED_FOR: Duration = Duration::from_mins(10);
/// Jobs that one account watches at once.
const WATCHED_AT_ONCE: usize = 12;
/// Id of the event that a job ends with: who comes again after it is told not to.
const OVER: &str = "over";

/// How many jobs each account watches at this node.
#[derive(Clone, Debug, Default)]
struct Watchers(Arc<Mutex<HashMap<String, usize>>>);

/// One watched job; gives its place back when it ends.
#[derive(Debug)]
struct Watch {
    watchers: Watchers,
    account: String,
}

impl Watchers {
    fn take(&self, account: &str) -> Option<Watch> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(account.to_owned()).or_default();
        if *count >= WATCHED_AT_ONCE {
            return None;
        }
        *count += 1;
        Some(Watch { watchers: self.clone(), account: account.to_owned() })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut counts = self.watchers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.account);
            }
        }
    }
}

async fn events(
    State(app): State<App>,
    Extension(watchers): Extension<Watchers>,
    ending: Ending,
    caller: Caller,
    Path(job_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response> {
    caller.steward()?;
    let job = look(&app, &caller.scope, job_id).await?.ok_or_else(|| no_job(job_id))?;
    let was_told = headers.get("last-event-id").is_some_and(|it| it.as_bytes() == OVER.as_bytes());
    if job.state.is_over() && was_told {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let watch = watchers.take(caller.scope.recorded_by()).ok_or(Error::TooMany {
        why: "同时查看的任务过多 / too many jobs are watched at once: ask for the job instead",
        retry_after: Duration::from_secs(5),
    })?;
    let until = Instant::now() + WATCHED_FOR;
    let told = Told { app, scope: caller.scope, watch, ending, until };
    let first = event(&job)?;
    let rest = stream::unfold(Some((told, job)), |it| async move {
        let (mut told, last) = it?;
        let job = told.next(last).await?;
        let event = event(&job);
        Some((event, Some((told, job))))
    });
    let events = stream::iter([Ok(first)]).chain(rest);
    let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    // nginx would keep events back until it has some kilobytes.
    let headers = [("x-accel-buffering", "no"), ("cache-control", "private, no-store")];
    Ok((headers, answer).into_response())
}

async fn look(app: &App, scope: &Scope, job_id: Uuid) -> Result<Option<Job>> {
    let mut db = app.db.read(scope).await?;
    Ok(queries::find(&mut db, job_id).await?)
}

/// The whole job each time: a client that missed some has missed nothing.
fn event(job: &Job) -> Result<Event> {
    let event = Event::default().event("job").json_data(job).context("a job as JSON")?;
    Ok(if job.state.is_over() { event.id(OVER) } else { event })
}

/// Somebody who watches a job.
struct Told {
    app: App,
    scope: Scope,
    #[expect(dead_code, reason = "held for as long as somebody watches")]
    watch: Watch,
    ending: Ending,
    until: Instant,
}

impl Told {
    /// The job once it has changed; `None` when there is no more to tell, or it is time to come again.
    async fn next(&mut self, last: Job) -> Option<Job> {
        if last.state.is_over() {
            return None;
        }
        while Instant::now() < self.until {
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.ending.wished() => return None,
            }
            match look(&self.app, &self.scope, last.job_id).await {
                Ok(Some(job)) if job == last => {}
                Ok(job) => return job,
                // The database is busy or away: the next look may tell.
                Err(error) => tracing::debug!(%error, "looking at a job"),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_watches_so_many_jobs_and_gives_its_places_back() {
        let watchers = Watchers::default();
        let mut all: Vec<Watch> =
            (0..WATCHED_AT_ONCE).map(|_| watchers.take("a").unwrap()).collect();
        assert!(watchers.take("a").is_none());
        assert!(watchers.take("b").is_some());
        all.pop();
        assert!(watchers.take("a").is_some());
        drop(all);
        assert!(watchers.0.lock().unwrap().is_empty());
    }
}
