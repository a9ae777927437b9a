//! Imports as jobs: the files of a batch are laid side by side in a folder, and the importer does to them what it does to a
//! file at the console.

use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::app::App;
use crate::db::Writer;
use crate::job;
use crate::job::Failure;
use crate::job::Kind;
use crate::job::Run;
use crate::job::Stage;

use super::ImportOptions;
use super::upload;
use super::upload::Folder;
use crate::ingest::Options;
use crate::ingest::Question;
use crate::ingest::Report;

/// What a job of an import goes by.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ordered {
    pub options: ImportOptions,
    /// What the preview saw, for an import that applies it.
    pub expected: Option<String>,
}

/// Previews, imports and undoings.
#[derive(Clone, Copy, Debug)]
pub struct Imports;

impl job::Work for Imports {
    fn does(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Preview | Kind::Apply | Kind::Undo)
    }

    async fn run(&self, app: &App, run: &Run) -> anyhow::Result<Value> {
        let batch_id = run.batch_id.context("a job without its import")?;
        match run.kind {
            Kind::Preview => import(app, run, batch_id, true).await,
            Kind::Apply => import(app, run, batch_id, false).await,
            Kind::Undo => undo(app, run, batch_id).await,
            Kind::Evaluate | Kind::Report => anyhow::bail!("`{}` is no import", run.kind.name()),
        }
    }

    async fn sweep(&self, app: &App, db: &mut Writer) -> anyhow::Result<()> {
        upload::queries::sweep(db, app.config.jobs.keep_uploads_days).await?;
        tokio::task::spawn_blocking(upload::remove_left_behind).await?
    }
}

async fn import(app: &App, run: &Run, batch_id: i64, dry_run: bool) -> anyhow::Result<Value> {
    run.stage(Stage::Opening);
    let ordered: Ordered =
        serde_json::from_value(run.options.clone()).context("the options of a job")?;
    let folder = Folder::of(app, batch_id).await?;
    let options = Options {
        file: folder.main.clone(),
        dry_run,
        batch_id: Some(batch_id),
        expected: ordered.expected.clone(),
        job: Some(run.clone()),
        ..ordered.options.options()
    };
    let mut progress = |rows, total| run.rows(rows, total);
    let report: Report =
        crate::ingest::import(app, &run.scope, &options, &mut progress).await.map_err(ask)?;
    if !dry_run && report.failed() {
        return Err(Failure::new(
            "所有行均被拒绝 / every row was rejected",
            "未写入任何数据，见问题清单 / nothing was written: see the findings",
        )
        .into());
    }
    if !dry_run {
        upload::queries::remove_content(&app.db.jobs, batch_id).await?;
    }
    Ok(json!({"batch_id": batch_id}))
}

/// A question that only a person can answer names the option that answers it.
fn ask(error: anyhow::Error) -> anyhow::Error {
    let Some(question) = Question::of(&error) else { return error };
    Failure {
        parameter: Some(question.parameter.to_owned()),
        choices: Some(question.choices.clone()),
        ..Failure::new("需要选择 / a choice is needed", format!("{error:#}"))
    }
    .into()
}

async fn undo(app: &App, run: &Run, batch_id: i64) -> anyhow::Result<Value> {
    run.stage(Stage::Writing);
    let undone = crate::ingest::undo::undo_as(app, &run.scope, batch_id, Some(run)).await?;
    Ok(json!(undone))
}
