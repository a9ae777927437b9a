//! Making a report: figures under the scope of who asked, then the file, kept in the transaction that ends the job.

use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::day_of;
use crate::db::Writer;
use crate::job;
use crate::job::Run;
use crate::job::Stage;
use crate::print::written;
use crate::print::written::Block;
use crate::render::fonts;

use super::Format;
use super::Kind;
use super::docx;
use super::figures;
use super::queries;
use super::span::Span;

/// What a job is told: whose report, and what that account may read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Options {
    pub report_id: i64,
    pub role: Role,
    pub responsible_units: Option<Vec<String>>,
}

/// Reports as jobs.
#[derive(Clone, Copy, Debug)]
pub struct Reports;

impl job::Work for Reports {
    fn does(&self, kind: job::Kind) -> bool {
        kind == job::Kind::Report
    }

    async fn run(&self, app: &App, run: &Run) -> anyhow::Result<Value> {
        make(app, run).await
    }

    async fn sweep(&self, _: &App, _: &mut Writer) -> anyhow::Result<()> {
        Ok(())
    }
}

async fn make(app: &App, run: &Run) -> anyhow::Result<Value> {
    let options: Options =
        serde_json::from_value(run.options.clone()).context("the options of a report's job")?;
    let scope = Scope {
        role: options.role,
        responsible_units: options.responsible_units,
        ..run.scope.clone()
    };
    run.stage(Stage::Reading);
    let mut db = app.db.read(&scope).await.map_err(anyhow::Error::from)?;
    let stored = queries::find(&mut db, None, options.report_id).await?;
    drop(db);
    let stored = stored.context("a report that is not there")?;
    let kind = Kind::parse(&stored.kind).context("the kind of a report")?;
    let span = Span::parse(kind, &stored.period).context("the period of a report")?;
    let format = Format::parse(&stored.format).context("the format of a report")?;
    let asked = figures::Asked { kind, span, known_at: stored.as_of, day: day_of(stored.as_of) };
    let document = figures::document(app, &scope, asked).await?;
    run.stage(Stage::Writing);
    let title = document.title.clone();
    let pictured = document.blocks.iter().any(|it| matches!(it, Block::Figure(_)));
    let content = if format == Format::Docx && !pictured {
        docx::bytes(&document, None)?
    } else {
        let fonts = fonts(app).await.map_err(|it| anyhow::anyhow!("{it}"))?;
        let permit = app.printing.clone().acquire_owned().await.context("writing a report")?;
        let made = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            match format {
                Format::Docx => docx::bytes(&document, Some(&fonts)),
                Format::Pdf => written::pdf(&document, &fonts).map_err(anyhow::Error::from),
            }
        });
        made.await.context("writing a report")??
    };
    let digest = Sha256::digest(&content);
    let result = json!({"report_id": options.report_id});
    let mut tx = queries::begin(&app.db.jobs).await?;
    queries::keep(&mut tx, options.report_id, &title, &content, &digest).await?;
    run.finish(&mut tx, &result).await?;
    tx.commit().await?;
    Ok(result)
}
