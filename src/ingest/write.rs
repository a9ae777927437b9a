//! The database's half of an import: one transaction from the first row to the report. Whatever fails, nothing is kept.

use anyhow::anyhow;
use anyhow::bail;
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

use super::Options;
use super::Replace;
use super::mapping_memory;
use super::pipeline::Message;
use super::pipeline::Outcome;
use super::quality;
use super::queries;
use super::queries::Filled;
use super::read::file_name;
use super::report::Issue;
use super::report::Report;
use super::report::Severity;
use super::target::Target;

/// Rows at which fresh statistics are worth their time.
const ANALYZE_FROM: i64 = 1_000;

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
    let Some(Message::Opened { total }) = receiver.recv().await else {
        reader.await??;
        bail!("the reader ended without a word");
    };
    let mut connection = app.db.write.acquire().await?;
    // A COPY that breaks off leaves a connection that answers the next query wrongly: never hand it back.
    connection.close_on_drop();
    let mut tx = connection.begin().await?;
    queries::prepare(&mut tx, target).await.map_err(explain)?;
    let received = receive(&mut tx, receiver, total, progress).await;
    let outcome = match reader.await? {
        Ok(it) => it,
        // The reader's reason is the first; the writer's failure only follows from it, except where it made the reader stop.
        Err(error) => return Err(received.err().unwrap_or(error)),
    };
    received?;
    tracing::debug!(rows = outcome.counts.read, "rows arrived");
    let mut report = apply(app, scope, target, options, outcome, &mut tx).await?;
    if options.dry_run || report.failed() {
        report.batch_id = None;
        tx.rollback().await?;
    } else {
        tx.commit().await.map_err(explain)?;
    }
    Ok(report)
}

/// Streams the rows into `incoming`.
async fn receive(
    db: &mut PgConnection,
    mut receiver: Receiver<Message>,
    total: Option<u64>,
    progress: Progress<'_>,
) -> anyhow::Result<()> {
    progress(0, total);
    let mut copy = db.copy_in_raw(queries::COPY).await.map_err(explain)?;
    while let Some(message) = receiver.recv().await {
        let Message::Piece { text, rows_read } = message else { continue };
        if !text.is_empty() {
            copy.send(text).await.map_err(explain)?;
        }
        progress(rows_read, total);
    }
    copy.finish().await.map_err(explain)?;
    Ok(())
}

/// Compares, refuses or replaces, writes, and makes the report.
async fn apply(
    app: &App,
    scope: &Scope,
    target: &Target,
    options: &Options,
    mut outcome: Outcome,
    db: &mut PgConnection,
) -> anyhow::Result<Report> {
    queries::analyze_incoming(db).await.map_err(explain)?;
    if target.keyed {
        for (row, first, key, place) in
            queries::remove_doubles(db, target).await.map_err(explain)?
        {
            outcome.counts.rejected += 1;
            let field = Some(target.key.join(" + "));
            let why = format!(
                "与第 {first} 行重复，保留第 {first} 行 / repeats row {first}, which is kept"
            );
            let row = u64::try_from(row).unwrap_or_default();
            outcome.findings.add(Issue::error("duplicate", row, field, Some(key), why).at(place));
        }
    }
    if target.geometry.is_some() {
        // Doubles are gone by now: what is reported is what is stored.
        let (repaired, area_m2) = queries::sums(db).await.map_err(explain)?;
        outcome.counts.repaired = u64::try_from(repaired).unwrap_or_default();
        outcome.areas.accepted_m2 = area_m2.unwrap_or_default();
    }
    let seen = queries::state(db, target).await.map_err(explain)?;
    refuse_stale(options, &seen)?;
    refuse_existing(db, target, options).await?;
    warn_unknown(db, target, &mut outcome).await?;
    let filled = Filled {
        fields: filled(target, &outcome),
        extra: !outcome.plan.extra.is_empty() || !outcome.plan.group_by.is_empty(),
    };
    queries::match_rows(db, target, &filled).await.map_err(explain)?;
    quality::judge(db, target, &filled.fields, &mut outcome).await.map_err(explain)?;
    let (unchanged, changed) = queries::count_matched(db).await.map_err(explain)?;
    let absent = queries::count_absent(db, target).await.map_err(explain)?;
    tracing::debug!("rows compared");
    let superseded = queries::supersede(db, target).await.map_err(explain)?;
    let file = file_name(&options.file);
    let batch_id = queries::insert_batch(db, &target.id, &file, scope.recorded_by()).await?;
    let (written, ids) = queries::insert(db, target, &filled, batch_id, scope.recorded_by())
        .await
        .map_err(explain)?;
    tracing::debug!(written, "rows written");
    if let Some(layer) = &target.layer
        && (written > 0 || superseded > 0)
    {
        // Rows that left the layer have no number among the written ones: then everything may have changed.
        let ids = ids.filter(|_| target.keyed);
        if written >= ANALYZE_FROM {
            queries::analyze(db, target).await.map_err(explain)?;
        }
        catalog::queries::bump(db, &app.layers, layer, ids.as_deref(), Some(&file))
            .await
            .map_err(explain)?;
    }
    let count = |it: i64| u64::try_from(it).unwrap_or_default();
    let rows = &mut outcome.counts;
    rows.written = count(written);
    rows.changed = count(changed);
    rows.added = count(written).saturating_sub(rows.changed);
    rows.unchanged = count(unchanged);
    if target.keyed {
        rows.not_in_file = count(absent);
    } else {
        rows.removed = superseded;
    }
    let extra = extra(&mut outcome);
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
        extra,
        notes: outcome.notes,
        issues: outcome.findings.groups(),
        findings: outcome.findings,
        seconds: 0.0,
    };
    queries::finish_batch(db, batch_id, &report).await.map_err(explain)?;
    let used = outcome.saved.as_ref();
    mapping_memory::remember(db, options, &outcome.headers, used, batch_id, scope.recorded_by())
        .await
        .map_err(explain)?;
    let issues: Vec<&Issue> = report.findings.kept().collect();
    queries::insert_issues(db, batch_id, &issues).await.map_err(explain)?;
    let event = Event::of(Action::Import, &target.id).with(json!({
        "file": report.file,
        "batch_id": batch_id,
        "rows": report.rows,
    }));
    audit::record(&mut *db, scope, event).await.map_err(explain)?;
    Ok(report)
}

/// Headers whose values are kept beside the fields.
fn extra(outcome: &mut Outcome) -> Vec<String> {
    let extra: Vec<String> = outcome.plan.extra.iter().map(|(_, header)| header.clone()).collect();
    if outcome.plan.group_by.is_empty() || extra.is_empty() {
        return extra;
    }
    // A joined row has no one value of the other columns.
    outcome.notes.push(format!(
        "合并行时未保留的列 / columns not kept, as rows are joined: {}",
        extra.join(", ")
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

/// A second import of the same rows is refused as a whole, unless it is meant.
async fn refuse_existing(
    db: &mut PgConnection,
    target: &Target,
    options: &Options,
) -> anyhow::Result<()> {
    if options.replace == Replace::Changed {
        return Ok(());
    }
    let (count, first) = queries::existing(db, target).await.map_err(explain)?;
    if count == 0 {
        return Ok(());
    }
    if target.keyed {
        bail!(
            "`{id}` 中已有 {count} 行同码记录（{list}）；更新请加 --replace / {count} rows are already in `{id}` under the same code ({list}): add --replace to update them. 未写入任何数据 / nothing was written",
            id = target.id,
            list = first.join(", "),
        );
    }
    bail!(
        "`{id}` 中已有 {count} 行；整层替换请加 --replace / `{id}` already has {count} rows: add --replace to replace the layer. 未写入任何数据 / nothing was written",
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
