//! The blocking half of an import: one thread checks rows and makes of them what COPY takes, and hands it over in pieces through a channel
//! of a few places, so that memory stays flat whatever the file's size.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

use super::check::Checker;
use super::copy::Layout;
use super::crs;
use super::encoding;
use super::mapping;
use super::mapping::Plan;
use super::mapping::Planned;
use super::mapping::Source;
use super::mapping_file::MappingFile;
use super::mapping_memory::SavedMapping;
use super::quality::neighbours::Spool;
use super::read;
use super::read::Opened;
use super::read::Request;
use super::read::file_name;
use super::report::Areas;
use super::report::Column;
use super::report::Counts;
use super::report::Findings;
use super::report::Mapped;
use super::target::Target;
use super::unit;

/// Bytes of a piece.
const PIECE: usize = 1024 * 1024;

/// What the reading thread sends.
pub enum Message {
    /// The file could be opened and mapped; rows follow.
    Opened {
        total: Option<u64>,
        /// Where the answer goes of how rows are to be laid out.
        layout: oneshot::Sender<Layout>,
    },
    Piece {
        rows: Vec<u8>,
        rows_read: u64,
    },
}

/// What the reading thread found, once all rows are through.
pub struct Outcome {
    pub format: String,
    pub layer_name: Option<String>,
    pub encoding: Option<encoding::Choice>,
    pub crs: Option<crs::Choice>,
    pub plan: Plan,
    pub mapping: Vec<Mapped>,
    pub columns: Vec<Column>,
    pub headers: Vec<String>,
    /// The remembered mapping that was used.
    pub saved: Option<SavedMapping>,
    pub notes: Vec<String>,
    pub findings: Findings,
    pub counts: Counts,
    pub areas: Areas,
    /// The outlines of parcels, to be compared; where they could not be kept, why not.
    pub outlines: Option<std::io::Result<Spool>>,
}

/// What the thread needs; everything owned, as it outlives the call.
pub struct Job {
    pub path: PathBuf,
    pub target: Arc<Target>,
    pub mapping: MappingFile,
    /// What is remembered of the target.
    pub saved: Vec<SavedMapping>,
    pub request: Request,
    pub district: [f64; 4],
}

/// Reads the whole file. An error leaves the receiver without further pieces; nothing is to be kept then.
pub fn run_blocking(job: &Job, sender: &Sender<Message>) -> anyhow::Result<Outcome> {
    let target = &*job.target;
    let (mut opened, saved) = open(job, target)?;
    let file = saved.map_or(&job.mapping, |it| &it.mapping);
    if target.geometry.is_some() && opened.crs.is_none() {
        bail!(
            "{} 没有几何，图层 `{}` 需要地图数据 / has no geometry, and `{}` is a layer: import map data, or choose a table",
            file_name(&job.path),
            target.id,
            target.id
        );
    }
    if target.geometry.is_some() && !file.rows.group_by.is_empty() {
        bail!("映射文件 `rows.group_by` 只用于表 / mapping `rows.group_by` is for tables only");
    }
    let plan = mapping::plan(target, file, &opened.headers)?;
    let crs = opened.crs.take().filter(|_| target.geometry.is_some());
    let (answer, layout) = oneshot::channel();
    let message = Message::Opened { total: opened.total, layout: answer };
    if sender.blocking_send(message).is_err() {
        bail!("import was abandoned");
    }
    // The writer says why it went.
    let Ok(layout) = layout.blocking_recv() else { bail!("import was abandoned") };
    let mut checker = Checker::new(
        target,
        &plan,
        opened.headers.len(),
        job.district,
        crs.as_ref().and_then(|it| it.transform.as_ref()),
        layout,
    );
    let mut seen = 0;
    opened.rows.read(&mut |row| {
        checker.row(row);
        seen += 1;
        if checker.out.len() >= PIECE || seen % 2_000 == 0 {
            send(&mut checker, sender, seen)?;
        }
        Ok(())
    })?;
    checker.finish();
    send(&mut checker, sender, seen)?;
    let mut notes = std::mem::take(&mut opened.notes);
    notes.extend(plan.notes.iter().cloned());
    notes.extend(geometry_notes(&checker, job));
    let Checker { findings, counts, areas, samples, outlines, .. } = checker;
    if counts.read == 0 {
        bail!("{} 没有数据行 / has no rows", file_name(&job.path));
    }
    Ok(Outcome {
        format: opened.format,
        layer_name: opened.layer_name,
        encoding: opened.encoding,
        crs: crs.map(|it| it.choice),
        mapping: mapped(target, &plan),
        columns: columns(target, &plan, &opened.headers, samples),
        saved: saved.cloned(),
        headers: opened.headers,
        plan,
        notes,
        findings,
        counts,
        areas,
        outlines,
    })
}

/// Opens the file, as it was opened before where something is remembered of its headers.
fn open<'a>(job: &'a Job, target: &Target) -> anyhow::Result<(Opened, Option<&'a SavedMapping>)> {
    for saved in &job.saved {
        let score = |headers: &[String]| mapping::score(target, &saved.mapping, headers);
        // What another file needed may not fit this one.
        if let Ok(opened) = read::open_blocking(&job.path, &saved.request(&job.request), &score)
            && saved.is_for(&opened.headers)
            && !doubted(&opened)
        {
            return Ok((opened, Some(saved)));
        }
    }
    let score = |headers: &[String]| mapping::score(target, &job.mapping, headers);
    Ok((read::open_blocking(&job.path, &job.request, &score)?, None))
}

/// Whether the coordinates speak against the system that was remembered: that is no reading to be taken over unasked.
fn doubted(opened: &Opened) -> bool {
    opened.crs.as_ref().is_some_and(|it| it.choice.confidence == crs::Confidence::Guess)
}

fn send(checker: &mut Checker<'_>, sender: &Sender<Message>, rows_read: u64) -> anyhow::Result<()> {
    let rows = std::mem::replace(&mut checker.out, Vec::with_capacity(PIECE + PIECE / 8));
    if sender.blocking_send(Message::Piece { rows, rows_read }).is_err() {
        // The writer says why; this only ends the reading.
        bail!("import was abandoned");
    }
    Ok(())
}

fn geometry_notes(checker: &Checker<'_>, job: &Job) -> Vec<String> {
    let mut notes = Vec::new();
    if checker.flattened > 0 {
        notes.push(format!(
            "{} 行带高程或度量值，只保留平面坐标 / rows with heights or measures, of which only the plane is kept",
            checker.flattened
        ));
    }
    if checker.linearised > 0 {
        notes.push(format!(
            "{} 行的曲线已转为折线 / rows whose curves were made straight",
            checker.linearised
        ));
    }
    let accepted = checker.counts.read - checker.counts.rejected;
    if checker.outside > 0 && checker.outside == accepted {
        let [west, south, east, north] = job.district;
        notes.push(format!(
            "所有要素都在辖区（{west}, {south}, {east}, {north}）之外：坐标轴可能颠倒，或坐标系有误（--source-crs），或应在配置中修改 district / every feature is outside the district: perhaps swapped axes, a wrong CRS (--source-crs), or `district` in the configuration"
        ));
    }
    notes
}

fn mapped(target: &Target, plan: &Plan) -> Vec<Mapped> {
    let rows = plan.fields.iter().map(|it| {
        let field = target.field(it.field);
        Mapped {
            header: it.header.clone(),
            field: target.name(it.field).to_owned(),
            title: field.title.clone(),
            how: it.how,
            unit: it.unit.clone(),
            to_unit: field.unit.map(unit::shown),
            factor: (!it.factor.is_one()).then(|| it.factor.to_string()),
        }
    });
    let mut mapped: Vec<(usize, Mapped)> =
        plan.fields.iter().map(|it| it.field).zip(rows).collect();
    mapped.sort_by_key(|(field, _)| *field);
    mapped.into_iter().map(|(_, it)| it).collect()
}

/// Every column of the file with what became of it, in the file's order.
fn columns(
    target: &Target,
    plan: &Plan,
    headers: &[String],
    samples: Vec<Vec<String>>,
) -> Vec<Column> {
    let named = headers.iter().zip(samples).enumerate().filter(|(_, (it, _))| !it.is_empty());
    named
        .map(|(at, (header, samples))| {
            let from_here =
                |it: &&Planned| matches!(it.source, Source::Column(column) if column == at);
            let planned = plan.fields.iter().find(from_here);
            let field = planned.map(|it| target.field(it.field));
            Column {
                header: header.clone(),
                field: planned.map(|it| target.name(it.field).to_owned()),
                title: field.map(|it| it.title.clone()),
                how: planned.map(|it| it.how),
                unit: planned.and_then(|it| it.unit.clone()),
                to_unit: field.and_then(|it| it.unit).map(unit::shown),
                factor: planned.filter(|it| !it.factor.is_one()).map(|it| it.factor.to_string()),
                samples,
            }
        })
        .collect()
}
