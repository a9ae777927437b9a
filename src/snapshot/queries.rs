//! SQL of snapshots: a layer's rows and its revision as of one moment, and what changed since another.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::ValueRef;
use sqlx::postgres::PgRow;
use tokio::task::spawn_blocking;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::Builder;
use super::Snapshot;
use super::binary::Rows;
use super::tree;
use crate::coverage::Bounds;
use crate::db::Whole;
use crate::layer::FieldType;
use crate::layer::Layer;

/// A layer's revision, and about how many rows it has.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Head {
    pub layer: String,
    pub revision: i64,
    pub rows: i64,
}

/// What became of a full reading.
#[derive(Debug)]
pub enum Read {
    Done(Snapshot),
    /// It takes more memory than there is room.
    Beyond,
}

/// What catching up came to.
#[derive(Debug)]
pub enum Caught {
    /// Nothing was missed.
    Current,
    /// The same base with another patch; what changed lies within `bounds`.
    Patched { snapshot: Snapshot, bounds: Bounds },
    /// It has to be read anew: everything may have changed, too much did, or nobody knows any more what did.
    Whole,
}

/// Ids that a patch is made for at most, whatever the layer's size: reading these one by one takes about 0.2 s.
const PATCH_MOST: usize = 20_000;
/// Of small layers always so many.
const PATCH_LEAST: usize = 64;
/// A server that is there answers a small question by then.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rows between two looks at the memory.
const LOOK_EVERY: usize = 1024;

/// The revisions of all layers.
pub async fn heads(db: &mut Whole) -> anyhow::Result<Vec<Head>> {
    let heads = sqlx::query_as(
        "select layer, revision, coalesce(row_count, 0) as rows from mutu.layer_revision",
    )
    .fetch_all(db.connection());
    Ok(timeout(PATIENCE, heads).await??)
}

/// Reads all rows of a layer, as far as they fit into `room` bytes. `heard` is called whenever the database says something.
pub async fn read(
    db: &mut Whole,
    layer: &Layer,
    room: usize,
    heard: impl Fn(),
) -> anyhow::Result<Read> {
    db.begin().await?;
    let revision: Option<i64> =
        sqlx::query_scalar("select revision from mutu.layer_revision where layer = $1")
            .bind(&layer.id)
            .fetch_optional(db.connection())
            .await?;
    let sql = format!(
        "copy (select {} from {} t) to stdout (format binary)",
        columns(layer),
        layer.relation()
    );
    let mut builder = Builder::new(layer).with_digits(layer);
    let mut rows = Rows::default();
    let copied = db.copy(&sql, |bytes| {
        heard();
        rows.feed(bytes, |cells| {
            builder.cells(cells)?;
            // Lists have up to twice the room that they need: past that it does not fit for sure.
            let is_full = builder.len().is_multiple_of(LOOK_EVERY) && builder.bytes() / 2 > room;
            if is_full { Err(Full.into()) } else { Ok(()) }
        })
    });
    match copied.await {
        Err(error) if error.is::<Full>() => return Ok(Read::Beyond),
        it => it?,
    }
    rows.end()?;
    db.end().await?;
    builder.warn();
    let part = spawn_blocking(move || builder.finish(None)).await?;
    let snapshot = Snapshot::new(&layer.id, revision.unwrap_or_default(), part);
    Ok(if snapshot.bytes() > room { Read::Beyond } else { Read::Done(snapshot) })
}

#[derive(Debug, thiserror::Error)]
#[error("past the budget of memory")]
struct Full;

/// Brings a snapshot to the layer's newest revision, in one transaction.
pub async fn catch_up(db: &mut Whole, layer: &Layer, from: &Snapshot) -> anyhow::Result<Caught> {
    timeout(PATIENCE * 6, catch_up_slowly(db, layer, from)).await?
}

async fn catch_up_slowly(db: &mut Whole, layer: &Layer, from: &Snapshot) -> anyhow::Result<Caught> {
    db.begin().await?;
    let caught = changes(db, layer, from).await?;
    let (revision, new, rows, ids) = match caught {
        Err(it) => {
            db.end().await?;
            return Ok(it);
        }
        Ok((revision, new)) => {
            let ids: BTreeSet<i64> =
                from.changed().into_iter().chain(new.iter().copied()).collect();
            let most = (from.base.len() / 20).clamp(PATCH_LEAST, PATCH_MOST);
            if ids.len() > most {
                db.end().await?;
                return Ok(Caught::Whole);
            }
            let ids: Vec<i64> = ids.into_iter().collect();
            (revision, new, rows(db, layer, &ids).await?, ids)
        }
    };
    db.end().await?;
    let base = Arc::clone(&from.base);
    let part = spawn_blocking(move || rows.finish(Some(&base))).await?;
    let snapshot = from.patched(revision, &ids, part);
    let bounds = tree::join(from.bounds_of(&new), snapshot.bounds_of(&new));
    Ok(Caught::Patched { snapshot, bounds })
}

/// The newest revision, and the ids that changed since the one of `from`.
async fn changes(
    db: &mut Whole,
    layer: &Layer,
    from: &Snapshot,
) -> anyhow::Result<Result<(i64, Vec<i64>), Caught>> {
    // Lists that are too long are not even sent.
    let changes: Vec<(i64, Option<i64>, Option<Vec<i64>>)> = sqlx::query_as(
        "select r.revision, c.revision, case when cardinality(c.ids) <= $3 then c.ids end
         from mutu.layer_revision r
         left join mutu.layer_change c on c.layer = r.layer and c.revision > $2
         where r.layer = $1
         order by c.revision",
    )
    .bind(&layer.id)
    .bind(from.revision)
    .bind(i32::try_from(PATCH_MOST)?)
    .fetch_all(db.connection())
    .await?;
    let revision = changes.first().map_or(0, |it| it.0);
    if revision <= from.revision {
        return Ok(Err(Caught::Current));
    }
    let mut ids = Vec::new();
    let mut next = from.revision;
    for (_, changed, some) in changes {
        next += 1;
        match (changed, some) {
            (Some(it), Some(some)) if it == next => ids.extend(some),
            _ => return Ok(Err(Caught::Whole)),
        }
    }
    Ok(if next == revision { Ok((revision, ids)) } else { Err(Caught::Whole) })
}

/// Some rows of a layer, those of the ids that are there.
async fn rows(db: &mut Whole, layer: &Layer, ids: &[i64]) -> anyhow::Result<Builder> {
    let sql = format!("select {} from {} t where id = any($1)", columns(layer), layer.relation());
    let found: Vec<PgRow> =
        sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch_all(db.connection()).await?;
    let mut builder = Builder::new(layer).with_digits(layer);
    let mut values = Vec::with_capacity(layer.field.len() + 2);
    for row in &found {
        values.clear();
        for it in 0..row.len() {
            values.push(row.try_get_raw(it)?);
        }
        // What is bound is answered in binary, cell by cell as COPY has it.
        let cells =
            values.iter().map(|it| if it.is_null() { Ok(None) } else { it.as_bytes().map(Some) });
        let cells: Vec<Option<&[u8]>> =
            cells.collect::<Result<_, _>>().map_err(anyhow::Error::from_boxed)?;
        builder.cells(&cells)?;
    }
    Ok(builder)
}

/// Id, fields in the folder's order, geometry: each of the type that is read, whatever the column's own.
fn columns(layer: &Layer) -> String {
    let fields = layer.field.iter().map(|(name, it)| {
        let sql_type = match it.kind {
            FieldType::Text => "text",
            other => other.postgres(),
        };
        format!("{name}::{sql_type}, ")
    });
    format!("id::bigint, {}geom", fields.collect::<String>())
}

/// Whether the database could not be reached, as against one that refused.
pub fn is_outage(error: &anyhow::Error) -> bool {
    if error.is::<Elapsed>() {
        return true;
    }
    match error.downcast_ref::<sqlx::Error>() {
        // Shutting down or starting up (57P..), the connection (08), too many of them (53300).
        Some(sqlx::Error::Database(it)) => it
            .code()
            .is_some_and(|it| ["57P", "08", "533"].iter().any(|class| it.starts_with(class))),
        Some(it) => !matches!(it, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)),
        None => false,
    }
}
