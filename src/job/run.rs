//! A job as the work that it is for has it: where to say how far it is, and the fence that lets it commit once.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use crate::access::Role;
use crate::access::Scope;
use crate::db::Writer;

use super::Failure;
use super::Kind;
use super::Progress;
use super::Stage;
use super::queries;
use super::queries::Claimed;

/// A job that this process runs.
#[derive(Clone, Debug)]
pub struct Run {
    pub job_id: Uuid,
    pub kind: Kind,
    pub batch_id: Option<i64>,
    /// What it was asked for with.
    pub options: Value,
    /// Under whose name it writes.
    pub scope: Scope,
    worker: Uuid,
    progress: Arc<watch::Sender<Progress>>,
}

impl Run {
    pub(super) fn new(claimed: Claimed, worker: Uuid) -> Self {
        let scope = Scope {
            // Whoever asked might then, in all units: that is what queueing it took.
            role: Role::Steward,
            account: Some(claimed.recorded_by),
            client: claimed.client.and_then(|it| it.parse().ok()),
            ..Scope::default()
        };
        let progress = Arc::new(watch::Sender::new(Progress::default()));
        let Claimed { job_id, kind, batch_id, options, .. } = claimed;
        Self { job_id, kind: kind.0, batch_id, options, scope, worker, progress }
    }

    pub(super) fn worker(&self) -> Uuid {
        self.worker
    }

    pub(super) fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Says what the job is at.
    pub fn stage(&self, stage: Stage) {
        self.progress.send_modify(|it| it.stage = Some(stage));
    }

    /// Says how many rows have been read, and of how many.
    pub fn rows(&self, rows: u64, total: Option<u64>) {
        self.progress.send_modify(|it| {
            *it = Progress { stage: Some(Stage::Reading), rows, total };
        });
    }

    /// Ends the job in the transaction of what it wrote: either both are there or neither. Refuses where the job is not this
    /// process's any more, or is to be cancelled; the transaction must then be rolled back.
    pub async fn finish(&self, db: &mut Writer, result: &Value) -> anyhow::Result<()> {
        if queries::finish_within(db, self.job_id, self.worker, result).await? {
            return Ok(());
        }
        Err(Failure::new(
            "任务已转移或取消 / the job was taken over or cancelled",
            "未写入任何数据 / nothing was written",
        )
        .into())
    }
}
