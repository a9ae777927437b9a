//! `/api/v1/jobs`, for stewards of all units.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use crate::account::Caller;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Path;
use crate::extract::Query;

use super::Job;
use super::queries;

/// Routes of jobs.
pub fn router() -> Router<App> {
    Router::new()
        .route("/api/v1/jobs", get(list))
        .route("/api/v1/jobs/{job_id}", get(find))
        .route("/api/v1/jobs/{job_id}/cancel", post(cancel))
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
    let mut db = app.db.read(&caller.scope).await?;
    let found = queries::find(&mut db, job_id).await?;
    found.map(Json).ok_or_else(|| no_job(job_id))
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
        return Err(Error::conflict(
            "任务已经结束，不能取消 / the job has ended, there is nothing to cancel",
        ));
    }
    Ok(Json(job))
}
