//! Takes jobs and runs them, as many at once as the node is configured for, until it is told to stop. While one runs its
//! lease is renewed; work that is cancelled, lost or stopped is dropped where it is, and its transaction with it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::timeout;
use uuid::Uuid;

use crate::app::App;
use crate::db::Writer;

use super::Failure;
use super::Kind;
use super::Run;
use super::State;
use super::queries;
use super::queries::End;
use super::queries::Heard;

/// For how long a worker is believed to be alive after it was last heard of.
const LEASE: Duration = Duration::from_secs(30);
/// How often a worker asks whether its job is still wanted, and at most writes down how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How often it renews the lease at least.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How long an idle worker waits when nobody wakes it.
const POLL_EVERY: Duration = Duration::from_secs(2);
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// What one statement about a job may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What jobs do.
pub trait Work: Clone + Send + Sync + 'static {
    /// Whether it does jobs of the kind.
    fn does(&self, kind: Kind) -> bool;

    /// Does it. Dropped in the middle, it must leave nothing behind.
    fn run(&self, app: &App, run: &Run) -> impl Future<Output = anyhow::Result<Value>> + Send;

    /// Removes what is not needed any more, in a transaction of one node at a time.
    fn sweep(&self, app: &App, db: &mut Writer) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Two kinds of work beside each other: each job is the first's that does it.
impl<A: Work, B: Work> Work for (A, B) {
    fn does(&self, kind: Kind) -> bool {
        self.0.does(kind) || self.1.does(kind)
    }

    async fn run(&self, app: &App, run: &Run) -> anyhow::Result<Value> {
        if self.0.does(run.kind) { self.0.run(app, run).await } else { self.1.run(app, run).await }
    }

    async fn sweep(&self, app: &App, db: &mut Writer) -> anyhow::Result<()> {
        self.0.sweep(app, db).await?;
        self.1.sweep(app, db).await
    }
}

/// Runs jobs until `stop` is ready; those that run then go back to the queue.
pub async fn run<W: Work>(app: App, work: W, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(false);
    let woken = Arc::new(Notify::new());
    // Dropped with this future: then everything in it ends, too.
    let mut tasks = JoinSet::new();
    for _ in 0..app.config.jobs.workers {
        let node = Node {
            app: app.clone(),
            work: work.clone(),
            stopped: stopped.clone(),
            woken: Arc::clone(&woken),
        };
        tasks.spawn(node.work_on());
    }
    let mut others = JoinSet::new();
    if app.config.jobs.workers > 0 {
        others.spawn(hear(app.clone(), woken));
        others.spawn(sweep(app, work));
    }
    stop.await;
    others.shutdown().await;
    stopping.send_replace(true);
    while tasks.join_next().await.is_some() {}
}

/// Wakes a worker whenever a job is queued, on whichever node.
async fn hear(app: App, woken: Arc<Notify>) {
    loop {
        if let Ok(mut listener) = queries::listen(&app.db.jobs).await {
            while listener.recv().await.is_ok() {
                woken.notify_one();
            }
        }
        sleep(POLL_EVERY).await;
    }
}

async fn sweep<W: Work>(app: App, work: W) {
    loop {
        if let Err(error) = sweep_once(&app, &work).await {
            tracing::warn!(error = format!("{error:#}"), "sweeping old jobs and uploads");
        }
        sleep(SWEEP_EVERY).await;
    }
}

/// Removes old jobs and whatever work of theirs is left, unless another node does so just now.
pub async fn sweep_once<W: Work>(app: &App, work: &W) -> anyhow::Result<()> {
    let mut tx = app.db.jobs.begin().await?;
    if queries::may_sweep(&mut tx).await? {
        let jobs = queries::sweep(&mut *tx, app.config.jobs.keep_days).await?;
        work.sweep(app, &mut tx).await?;
        tracing::debug!(jobs, "old jobs swept");
    }
    tx.commit().await?;
    Ok(())
}

/// One worker of this process.
struct Node<W> {
    app: App,
    work: W,
    stopped: watch::Receiver<bool>,
    woken: Arc<Notify>,
}

impl<W: Work> Node<W> {
    async fn work_on(self) {
        while !*self.stopped.borrow() {
            match self.take().await {
                Ok(Some(run)) => {
                    // There may be more, for another worker.
                    self.woken.notify_one();
                    self.perform(run).await;
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "looking for jobs");
                }
            }
            tokio::select! {
                () = self.woken.notified() => {}
                () = sleep(POLL_EVERY) => {}
                () = told(self.stopped.clone()) => {}
            }
        }
    }

    async fn take(&self) -> anyhow::Result<Option<Run>> {
        let given_up = queries::give_up(&self.app.db.jobs).await?;
        if given_up > 0 {
            tracing::warn!(given_up, "jobs broke off too often");
        }
        // Anew for each job: who has it once lost it for good.
        let worker = Uuid::new_v4();
        let claimed = queries::claim(&self.app.db.jobs, worker, LEASE).await?;
        Ok(claimed.map(|it| Run::new(it, worker)))
    }

    /// Runs a job to whatever end.
    async fn perform(&self, run: Run) {
        let started = Instant::now();
        let end = {
            let mut doing = pin!(self.work.run(&self.app, &run));
            tokio::select! {
                biased;
                done = &mut doing => Some(match done {
                    Ok(result) => End::Done(result),
                    Err(error) => End::Failed(explain(run.kind, error)),
                }),
                heard = tend(&self.app, &run) => match heard {
                    Heard::Lost => {
                        if self.is_done(&run).await {
                            // It ended itself just now; let it clear its table.
                            let _ = timeout(PATIENCE, doing).await;
                        }
                        None
                    }
                    _ => Some(End::Cancelled),
                },
                () = told(self.stopped.clone()) => Some(End::Back),
            }
        };
        self.app.db.changed();
        let seconds = started.elapsed().as_secs_f64();
        let (job_id, kind) = (run.job_id, run.kind.name());
        if let Some(it) = &end {
            self.end(&run, it).await;
            tracing::info!(%job_id, kind, seconds, end = it.name(), "a job ended");
        } else {
            tracing::info!(%job_id, kind, seconds, "a job is not this node's any more");
        }
    }

    async fn is_done(&self, run: &Run) -> bool {
        let found = queries::find(&self.app.db.jobs, run.job_id).await;
        found.ok().flatten().is_some_and(|it| it.state == State::Done)
    }

    /// Writes the end down, if need be after the database has come back. Should it stay away, the lease runs out.
    async fn end(&self, run: &Run, end: &End) {
        let until = Instant::now() + LEASE;
        loop {
            let key = (run.job_id, run.worker());
            match queries::end(&self.app.db.jobs, key, run.progress(), end).await {
                Ok(_) => return,
                Err(error) if Instant::now() > until => {
                    tracing::error!(%error, job_id = %run.job_id, "the end of a job could not be written down");
                    return;
                }
                Err(_) => sleep(Duration::from_secs(1)).await,
            }
        }
    }
}

/// Ready when the workers are to stop.
async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|it| *it).await;
}

/// Renews the lease for as long as the job is wanted; says why it is not.
async fn tend(app: &App, run: &Run) -> Heard {
    let key = (run.job_id, run.worker());
    let mut renewed = Instant::now();
    let mut written = run.progress();
    loop {
        sleep(ASK_EVERY).await;
        let progress = run.progress();
        let renews = progress != written || renewed.elapsed() >= RENEW_EVERY;
        let now = Instant::now();
        let asked = async {
            if renews {
                queries::renew(&app.db.jobs, key, LEASE, progress).await
            } else {
                queries::ask(&app.db.jobs, key).await
            }
        };
        match timeout(PATIENCE, asked).await {
            Ok(Ok(Heard::GoOn)) if renews => (renewed, written) = (now, progress),
            Ok(Ok(Heard::GoOn)) => {}
            Ok(Ok(heard)) => return heard,
            // By now somebody else may have it.
            _ if renewed.elapsed() > LEASE => return Heard::Lost,
            _ => {}
        }
    }
}

/// What is told of an error: what was written for people as it is, of everything else only that it happened.
fn explain(kind: Kind, error: anyhow::Error) -> Failure {
    let error = match error.downcast::<Failure>() {
        Ok(failure) => return failure,
        Err(error) => error,
    };
    if queries::broke(&error) {
        tracing::warn!(error = format!("{error:#}"), "a job lost the database");
        return Failure::new(
            "数据库连接中断 / the connection to the database broke",
            "未写入任何数据，可重新执行 / nothing was written: it can be run again",
        );
    }
    let Some(told) = queries::for_people(&error) else {
        tracing::error!(error = format!("{error:#}"), kind = kind.name(), "a job failed");
        return Failure::new(
            "服务内部出错 / something failed on our side",
            "已记录，未写入任何数据 / it was logged, and nothing was written",
        );
    };
    tracing::info!(error = format!("{error:#}"), kind = kind.name(), "a job failed");
    let title = match kind {
        Kind::Preview => "无法预览 / the preview failed",
        Kind::Apply => "导入失败 / the import failed",
        Kind::Undo => "撤销失败 / undoing failed",
        Kind::Evaluate => "评价失败 / the evaluation failed",
        Kind::Report => "报告生成失败 / the report failed",
    };
    Failure::new(title, told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_for_people_is_told_and_the_rest_is_not() {
        let told =
            explain(Kind::Apply, anyhow::anyhow!("第 3 行 / row 3").context("读取 / reading"));
        assert_eq!(told.detail, "读取 / reading: 第 3 行 / row 3");
        let mine = Failure::new("a", "b");
        assert_eq!(explain(Kind::Apply, anyhow::Error::new(mine.clone())), mine);
        let told = explain(Kind::Preview, queries::a_failure_inside().context("disk full"));
        assert_eq!(told.detail, "disk full");
        let told = explain(Kind::Preview, queries::a_failure_inside());
        assert!(!told.detail.contains("secret") && told.detail.contains("logged"), "{told:?}");
    }
}
