//! Files into the record: `mutu import`. A reading thread opens the file (GDAL, workbooks, CSV), maps headers to fields, checks
//! every row and makes geometries what layers store; the writer copies rows into one transaction, compares them with what is
//! there and writes new versions. Nothing is silent: whatever was changed, left out or refused is in the report.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use tokio::sync::mpsc;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::config::Config;
use crate::job;

mod arrival;
pub mod batch;
mod check;
mod copy;
mod crs;
mod date;
mod diff;
mod doubles;
mod encoding;
mod group;
mod header;
mod mapping;
mod mapping_file;
mod mapping_memory;
mod outline;
mod pipeline;
mod print;
mod quality;
mod queries;
mod question;
mod read;
mod repair;
mod report;
mod rules;
mod simple;
mod table;
mod target;
mod template;
mod undo;
mod unit;
mod value;
mod write;

pub use batch::Import;
pub use batch::Imports;
pub use diff::Change;
pub use diff::FieldChange;
pub use diff::Kind as ChangeKind;
pub use mapping_file::Column as MappedColumn;
pub use mapping_file::MappingFile;
pub use mapping_memory::SavedMapping;
pub use mapping_memory::forget as forget_mapping;
pub use mapping_memory::saved as saved_mappings;
pub use outline::Outline;
pub use quality::catalogue::Described as Rule;
pub use quality::catalogue::rules;
pub use quality::stored::issues_geojson;
pub use quality::stored::issues_xlsx;
pub use queries::lock;
pub use question::Question;
pub use repair::Refusal;
pub use repair::Repair;
pub use report::Counts;
pub use report::Findings;
pub use report::Issue;
pub use report::IssueGroup;
pub use report::Report;
pub use report::Severity;
pub use table::Table;
pub use table::all as tables;
pub use template::write as template;
pub use undo::Depended;
pub use undo::Dependent;
pub use undo::Undone;
pub use undo::dependents;
pub use undo::undo;
pub use unit::shown as shown_unit;
pub use write::Progress;

use pipeline::Job;
use read::Request;
use target::Target;

/// What happens to rows that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// The import is refused as a whole.
    #[default]
    Refuse,
    /// Changed rows get a new version; unchanged ones stay.
    Changed,
}

/// An import as it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub file: PathBuf,
    /// Id of a layer or table.
    pub into: String,
    /// Layer of a dataset, sheet of a workbook.
    pub layer_name: Option<String>,
    pub mapping: MappingFile,
    /// `EPSG:4549`, a PROJ string, `local`, or `file` to insist on what the file says.
    pub source_crs: Option<String>,
    /// Whether the file has its axes the other way round; `None` lets the coordinates tell.
    pub swap_axes: Option<bool>,
    pub encoding: Option<String>,
    /// Leaves aside what is remembered of files with the same headers.
    pub ignore_saved: bool,
    /// Does everything and keeps nothing; of a batch, its report, findings and changes are kept.
    pub dry_run: bool,
    pub replace: Replace,
    /// The batch that was made when the file arrived; a new one otherwise.
    pub batch_id: Option<i64>,
    /// What a preview said of the target, [`Report::seen`]: if it has changed since, nothing is written.
    pub expected: Option<String>,
    /// The job that this import is, which ends in its transaction.
    pub job: Option<job::Run>,
}

impl Options {
    /// An import of that file into that layer or table.
    pub fn new(file: impl Into<PathBuf>, into: &str) -> Self {
        Self { file: file.into(), into: into.to_owned(), ..Self::default() }
    }
}

/// Imports before that batch, newest first; stewards may know.
pub async fn imports(
    app: &App,
    scope: &Scope,
    before: Option<i64>,
    limit: i64,
) -> anyhow::Result<Vec<Import>> {
    Ok(batch::list(&mut app.db.read(scope).await?, before, limit).await?)
}

/// What `local` means: the configured PROJ string, else the one configured grid where there is just one.
fn local_grid(config: &Config) -> Option<String> {
    let only = || match config.crs.as_slice() {
        [it] => Some(format!("LOCAL:{}", it.code)),
        _ => None,
    };
    config.local_grid.clone().or_else(only)
}

/// Imports a file in one transaction.
///
/// A report whose `failed()` is true wrote nothing: every row was rejected. Any error leaves the database as it was.
pub async fn import(
    app: &App,
    scope: &Scope,
    options: &Options,
    progress: Progress<'_>,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    if !scope.may(Role::Steward) {
        bail!("导入需要数据管理员角色 / importing needs the role steward");
    }
    if scope.responsible_units.is_some() {
        bail!(
            "导入涉及全区数据，需要负责全部单位的数据管理员 / an import concerns every unit: it needs a steward of all units"
        );
    }
    let target = Arc::new(Target::find(&app.layers, &options.into)?);
    let encoding = match &options.encoding {
        None => None,
        Some(label) => Some(encoding::by_label(label).with_context(|| {
            format!(
                "不认识编码 `{label}` / unknown encoding `{label}`: UTF-8, GB18030, GBK, Big5 …"
            )
        })?),
    };
    let job = Job {
        path: options.file.clone(),
        target: Arc::clone(&target),
        mapping: options.mapping.clone(),
        saved: mapping_memory::of_target(app, scope, options).await?,
        request: Request {
            layer_name: options.layer_name.clone(),
            geometry: target.geometry,
            source_crs: options.source_crs.clone(),
            encoding,
            swap_axes: options.swap_axes,
            district: app.config.district,
            local_grid: local_grid(&app.config),
        },
        district: app.config.district,
    };
    let (sender, receiver) = mpsc::channel(4);
    let reader = tokio::task::spawn_blocking(move || pipeline::run_blocking(&job, &sender));
    let mut report = write::write(app, scope, &target, options, receiver, reader, progress).await?;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}
