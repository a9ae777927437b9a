//! The database's half of an import: one transaction from the first row to the report. Whatever fails, nothing is kept.

use anyhow::Context;
use anyhow::anyhow;
use anyhow::bail;
use chrono::DateTime;
use chrono::Utc;
use serde_json::json;
use sqlx::Connection;
use sqlx::PgConnection;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog;
use crate::job::Stage;

use super::Options;
use super::Replace;
use super::arrival;
use super::arrival::Arrival;
use super::arrival::BULK_FROM;
use super::arrival::Writing;
use super::copy;
use super::diff;
use super::mapping::Plan;
use super::mapping_memory;
use super::pipeline::Message;
use super::pipeline::Outcome;
use super::quality;
use super::queries;
use super::queries::Filled;
use super::read::file_name;
use super::report::Counts;
use super::report::Issue;
use super::report::Report;
use super::report::Severity;
use super::target::Target;

/// Rows at which fresh statistics are worth their time, if they are this part of what is there; fewer are autovacuum's.
const ANALYZE_FROM: i64 = 1_000;
const ANALYZE_PART: i64 = 4;

/// Told of the rows read so far and, where it is known, of how many there are.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, Option<u64>) + Send);

/// Receives rows, writes them, and commits unless the run is dry or everything was rejected.
pub async fn write(
    app: &App,
    scope: &Scope,
    target: &Target,
    options: &Options,
    mut receiver: Receiver<Message>,
    reader: JoinHandle<anyhow::Result<Outcome>>,
    progress: Progress<'_>,
) -> anyhow::Result<Report> {
    // A file that cannot be read costs no connection.
    let Some(Message::Opened { total, layout }) = receiver.recv().await else {
        reader.await??;
        bail!("the reader ended without a word");
    };
    let mut connection = app.db.jobs.acquire().await?;
    // A COPY that breaks off leaves a connection that answers the next query wrongly: never hand it back.
    connection.close_on_drop();
    let mut tx = connection.begin().await?;
    stage(options, Stage::Waiting);
    let begun = begin(&mut tx, scope, target, options, total).await?;
    let answered = layout.send(begun.arrival.layout.clone()).is_ok();
    let received = if answered {
        receive(&mut tx, &begun.arrival.copy, receiver, total, progress).await
    } else {
        Ok(0)
    };
    let outcome = match reader.await? {
        Ok(it) => it,
        // The reader's reason is the first; the writer's failure only follows from it, except where it made the reader stop.
        Err(error) => return Err(received.err().unwrap_or(error)),
    };
    let begun = Begun { arrived: received?, ..begun };
    tracing::debug!(rows = outcome.counts.read, direct = begun.arrival.is_direct, "rows arrived");
    stage(options, Stage::Comparing);
    let mut report = apply(app, scope, target, options, outcome, begun, &mut tx).await?;
    let kept = options.batch_id.is_some() || !(options.dry_run || report.failed());
    if kept {
        if let Some(job) = options.job.as_ref().filter(|_| options.dry_run || !report.failed()) {
            job.finish(&mut tx, &json!({"batch_id": report.batch_id})).await?;
        }
        tx.commit().await.map_err(explain)?;
    } else {
        report.batch_id = None;
        tx.rollback().await?;
    }
    Ok(report)
}

/// Tells the job, where there is one.
fn stage(options: &Options, stage: Stage) {
    if let Some(job) = &options.job {
        job.stage(stage);
    }
}

/// An import that rows may come for.
struct Begun {
    arrival: Arrival,
    at: DateTime<Utc>,
    /// Rows that arrived.
    arrived: u64,
    /// The batch, and the state of the target before, where rows go straight there.
    direct: Option<(i64, String)>,
}

/// Waits for its turn and decides where the rows are to arrive.
async fn begin(
    db: &mut PgConnection,
    scope: &Scope,
    target: &Target,
    options: &Options,
    total: Option<u64>,
) -> anyhow::Result<Begun> {
    let at = queries::lock(db, &target.id).await.map_err(explain)?;
    let large = total.is_some_and(|it| it >= BULK_FROM) && !options.dry_run;
    if large && arrival::may_be_direct(db, target).await.map_err(explain)? {
        let mut step = db.begin().await.map_err(explain)?;
        let seen = queries::state(&mut step, target).await.map_err(explain)?;
        refuse_stale(options, &seen)?;
        let batch_id = begin_batch(&mut step, scope, target, options).await?;
        let writing = Writing { batch_id, recorded_by: scope.recorded_by(), at };
        if let Some(arrival) =
            Arrival::direct(&mut step, target, &writing).await.map_err(explain)?
        {
            step.commit().await.map_err(explain)?;
            let direct = Some((batch_id, seen));
            return Ok(Begun { arrival, at, arrived: 0, direct });
        }
        step.rollback().await.map_err(explain)?;
    }
    let arrival = Arrival::aside(db, target).await.map_err(explain)?;
    Ok(Begun { arrival, at, arrived: 0, direct: None })
}

async fn begin_batch(
    db: &mut PgConnection,
    scope: &Scope,
    target: &Target,
    options: &Options,
) -> anyhow::Result<i64> {
    let file = file_name(&options.file);
    queries::begin_batch(db, &target.id, &file, scope.recorded_by(), options.batch_id)
        .await
        .map_err(explain)?
        .context("该批次已应用或已撤回 / this batch was applied already, or discarded")
}

/// Streams the rows to where they arrive; returns how many there were.
async fn receive(
    db: &mut PgConnection,
    statement: &str,
    mut receiver: Receiver<Message>,
    total: Option<u64>,
    progress: Progress<'_>,
) -> anyhow::Result<u64> {
    progress(0, total);
    let mut copy = db.copy_in_raw(statement).await.map_err(explain)?;
    copy.send(copy::HEAD).await.map_err(explain)?;
    while let Some(message) = receiver.recv().await {
        let Message::Piece { rows, rows_read } = message else { continue };
        if !rows.is_empty() {
            copy.send(rows).await.map_err(explain)?;
        }
        progress(rows_read, total);
    }
    copy.send(copy::END).await.map_err(explain)?;
    copy.finish().await.map_err(explain)
}

/// Compares, refuses or replaces, writes, and makes the report.
async fn apply(
    app: &App,
    scope: &Scope,
    target: &Target,
    options: &Options,
    mut outcome: Outcome,
    begun: Begun,
    db: &mut PgConnection,
) -> anyhow::Result<Report> {
    let Begun { arrival, at, arrived, direct } = begun;
    let seen = if let Some((_, seen)) = &direct {
        seen.clone()
    } else {
        queries::analyze_incoming(db, target).await.map_err(explain)?;
        queries::state(db, target).await.map_err(explain)?
    };
    refuse_stale(options, &seen)?;
    warn_unknown(db, target, &mut outcome).await?;
    let filled = Filled {
        fields: filled(target, &outcome),
        extra: !outcome.plan.extra.is_empty() || !outcome.plan.group_by.is_empty(),
    };
    if direct.is_none() {
        queries::match_rows(db, target, &filled).await.map_err(explain)?;
    }
    let (unchanged, changed) = queries::count_matched(db).await.map_err(explain)?;
    // Before a first load there was nothing: what is there now is the file.
    let current = match direct {
        None => queries::count_current(db, target).await.map_err(explain)?,
        Some(_) => 0,
    };
    let matched = unchanged + changed;
    let (added, absent) = (i64::try_from(arrived)? - matched, current - matched);
    let judging = quality::judge(db, target, &filled.fields, &mut outcome, absent > 0)
        .await
        .map_err(explain)?;
    refuse_conflicts(db, target, options).await?;
    let kinds = diff::Kinds { added: added > 0, changed: changed > 0, missing: absent > 0 };
    diff::find(db, target, &filled, kinds).await.map_err(explain)?;
    let changes = diff::quoted(db).await.map_err(explain)?;
    tracing::debug!("rows compared");
    stage(options, Stage::Writing);
    let file = file_name(&options.file);
    let batch_id = match direct {
        Some((batch_id, _)) => batch_id,
        None => begin_batch(db, scope, target, options).await?,
    };
    let rejected_all = outcome.counts.read > 0 && outcome.counts.rejected == outcome.counts.read;
    let dry = options.dry_run || rejected_all;
    let writing = Writing { batch_id, recorded_by: scope.recorded_by(), at };
    let written = if arrival.is_direct {
        queries::resume_indexes(db, target).await.map_err(explain)?;
        Written { rows: i64::try_from(arrived)?, ids: None, superseded: 0, of: 0 }
    } else {
        Written { of: current, ..put(db, target, &filled, &writing, arrived, dry).await? }
    };
    tracing::debug!(rows = written.rows, "rows written");
    judging.finish(db, &mut outcome).await.map_err(explain)?;
    tracing::debug!("parcels compared");
    diff::store(db, batch_id).await.map_err(explain)?;
    if !dry {
        bump(app, target, &written, &file, db).await?;
    }
    count(&mut outcome.counts, target, &written, [changed, unchanged, absent]);
    let report = Report {
        file,
        into: target.id.clone(),
        title: target.title.clone(),
        dry_run: options.dry_run,
        batch_id: Some(batch_id),
        seen,
        format: outcome.format,
        layer_name: outcome.layer_name,
        encoding: outcome.encoding,
        crs: outcome.crs,
        rows: outcome.counts,
        areas: target.measured.then_some(outcome.areas),
        mapping: outcome.mapping,
        columns: outcome.columns,
        remembered: outcome.saved.as_ref().map(Into::into),
        extra: extra(&outcome.plan, &mut outcome.notes),
        changes,
        notes: outcome.notes,
        issues: outcome.findings.groups(),
        findings: outcome.findings,
        seconds: 0.0,
    };
    queries::finish_batch(db, batch_id, &report, at).await.map_err(explain)?;
    if !dry {
        let used = outcome.saved.as_ref();
        let who = scope.recorded_by();
        mapping_memory::remember(db, options, &outcome.headers, used, batch_id, who)
            .await
            .map_err(explain)?;
    }
    let issues: Vec<&Issue> = report.findings.kept().collect();
    queries::insert_issues(db, batch_id, &issues).await.map_err(explain)?;
    // A look from the console that keeps nothing leaves nothing here either.
    if !dry || options.batch_id.is_some() {
        let action = if dry { Action::ImportPreviewed } else { Action::Import };
        let event = Event::of(action, &target.id).with(json!({
            "file": report.file,
            "batch_id": batch_id,
            "rows": report.rows,
        }));
        audit::record(&mut *db, scope, event).await.map_err(explain)?;
    }
    Ok(report)
}

/// Adds what became of the rows: what was written, and how many of the target changed, stayed as they were, and are not in the
/// file.
fn count(
    rows: &mut Counts,
    target: &Target,
    written: &Written,
    [changed, unchanged, absent]: [i64; 3],
) {
    let count = |it: i64| u64::try_from(it).unwrap_or_default();
    rows.written = count(written.rows);
    rows.changed = count(changed);
    rows.added = count(written.rows).saturating_sub(rows.changed);
    rows.unchanged = count(unchanged);
    if target.keyed {
        rows.not_in_file = count(absent);
    } else {
        rows.removed = written.superseded;
    }
}

/// What was written into the target.
struct Written {
    rows: i64,
    /// Stable numbers of the rows, where there are not too many to name.
    ids: Option<Vec<i64>>,
    superseded: u64,
    /// Current rows of the target before.
    of: i64,
}

/// Ends what is replaced and writes the rows. A preview writes as well, or it would not know what the database refuses;
/// then it goes back.
async fn put(
    db: &mut PgConnection,
    target: &Target,
    filled: &Filled,
    writing: &Writing<'_>,
    arrived: u64,
    dry: bool,
) -> anyhow::Result<Written> {
    let Writing { batch_id, recorded_by, at } = *writing;
    let mut step = db.begin().await.map_err(explain)?;
    let superseded = queries::supersede(&mut step, target, at).await.map_err(explain)?;
    let bulk = !dry
        && arrived >= BULK_FROM
        && queries::suspend_indexes(&mut step, target).await.map_err(explain)?;
    let (rows, ids) = queries::insert(&mut step, target, filled, batch_id, recorded_by, at)
        .await
        .map_err(explain)?;
    if bulk {
        queries::resume_indexes(&mut step, target).await.map_err(explain)?;
    }
    if dry {
        step.rollback().await.map_err(explain)?;
    } else {
        step.commit().await.map_err(explain)?;
    }
    Ok(Written { rows, ids, superseded, of: 0 })
}

/// Freshens statistics, and moves the layer's revision on, where anything changed.
async fn bump(
    app: &App,
    target: &Target,
    written: &Written,
    file: &str,
    db: &mut PgConnection,
) -> anyhow::Result<()> {
    // Of tables too: without statistics the next file that names these rows is joined to them one by one.
    if written.rows >= ANALYZE_FROM && written.rows * ANALYZE_PART >= written.of {
        queries::analyze(db, target).await.map_err(explain)?;
    }
    let Some(layer) = &target.layer else { return Ok(()) };
    if written.rows == 0 && written.superseded == 0 {
        return Ok(());
    }
    // Rows that left the layer have no number among the written ones: then everything may have changed.
    let ids = written.ids.as_deref().filter(|_| target.keyed);
    catalog::queries::bump(db, &app.layers, layer, ids, Some(file)).await.map_err(explain)?;
    Ok(())
}

/// The headers of what is kept in `extra`. A joined row has no one value of the other columns: then nothing is.
fn extra(plan: &Plan, notes: &mut Vec<String>) -> Vec<String> {
    let headers: Vec<String> = plan.extra.iter().map(|(_, header)| header.clone()).collect();
    if plan.group_by.is_empty() || headers.is_empty() {
        return headers;
    }
    notes.push(format!(
        "合并行时未保留的列 / columns not kept, as rows are joined: {}",
        headers.join(", ")
    ));
    Vec::new()
}

/// The names of the fields that the file fills, year and period with each other.
fn filled(target: &Target, outcome: &Outcome) -> Vec<String> {
    let planned: Vec<&str> = outcome.plan.fields.iter().map(|it| target.name(it.field)).collect();
    let both = ["year", "period"];
    let dated = target.fields.contains_key("period") && both.iter().any(|it| planned.contains(it));
    target
        .fields
        .keys()
        .filter(|it| planned.contains(&it.as_str()) || dated && both.contains(&it.as_str()))
        .cloned()
        .collect()
}

/// What a person agreed to is what was previewed.
fn refuse_stale(options: &Options, seen: &str) -> anyhow::Result<()> {
    if options.expected.as_deref().is_some_and(|it| it != seen) {
        bail!(
            "预览之后目标数据已变化，未写入任何数据，请重新预览 / the target has changed since the preview, nothing was written: preview it again"
        );
    }
    Ok(())
}

/// Rows that are there already and would change are refused as a whole, unless it is meant. Rows that stay as they are
/// harm nobody: the same file again changes nothing.
async fn refuse_conflicts(
    db: &mut PgConnection,
    target: &Target,
    options: &Options,
) -> anyhow::Result<()> {
    if options.replace == Replace::Changed || options.dry_run {
        return Ok(());
    }
    let (count, first) = queries::conflicting(db, target).await.map_err(explain)?;
    if count == 0 {
        return Ok(());
    }
    if target.keyed {
        bail!(
            "`{id}` 中有 {count} 行同码记录与文件不同（{list}）；更新请加 --replace（网页“已有的行”，接口 `replace`），先看差异用 --dry-run / {count} rows of `{id}` differ from the file's under the same code ({list}): add --replace (`replace` in the API) to update them, --dry-run to see what differs. 未写入任何数据 / nothing was written",
            id = target.id,
            list = first.join(", "),
        );
    }
    bail!(
        "`{id}` 中有 {count} 行不在文件中；整层替换请加 --replace（接口 `replace`）/ `{id}` has {count} rows that the file does not: add --replace (`replace` in the API) to replace the layer. 未写入任何数据 / nothing was written",
        id = target.id
    )
}

/// Codes that refer to what is not registered are imported and counted: the other file may come later.
async fn warn_unknown(
    db: &mut PgConnection,
    target: &Target,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let references =
        [("parcel_code", "mutu.parcel", "no_parcel"), ("uscc", "mutu.enterprise", "no_enterprise")];
    for (column, relation, rule) in references {
        let planned = outcome.plan.fields.iter().any(|it| target.name(it.field) == column);
        if target.relation == relation || !planned {
            continue;
        }
        let (count, first) =
            queries::unknown_codes(db, target, column, relation, column).await.map_err(explain)?;
        let named = first.len();
        for (row, code, place) in first {
            let row = u64::try_from(row).unwrap_or_default();
            let field = Some(column.to_owned());
            let why = "已导入，但未与登记记录关联 / imported, but joined to nothing";
            outcome
                .findings
                .add(Issue::error(rule, row, field, Some(code), why).warning().at(place));
        }
        let more = u64::try_from(count).unwrap_or_default().saturating_sub(named as u64);
        if more > 0 {
            outcome.findings.count_more(Severity::Warning, rule, more);
        }
    }
    Ok(())
}

/// What a failing database means to the person at the console.
fn explain(error: sqlx::Error) -> anyhow::Error {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code = code.unwrap_or_default().into_owned();
    let what = match code.as_str() {
        "53100" => {
            "磁盘空间不足，未写入任何数据 / the database's disk is full, nothing was written"
        }
        "53200" => {
            "数据库内存不足，未写入任何数据 / the database is out of memory, nothing was written"
        }
        "55P03" => {
            "另一个导入正在进行，请稍后再试 / another import into the same place is running, try again later"
        }
        "57P01" | "57P02" | "08006" => {
            "数据库中断了连接，未写入任何数据 / the database ended the connection, nothing was written"
        }
        _ => "写入失败，未写入任何数据 / writing failed, nothing was written",
    };
    anyhow!(error).context(what)
}
