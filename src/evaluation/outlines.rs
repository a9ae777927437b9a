//! Outlines of parcels and plan polygons, read from the record into the equal-area plane, and which versions of rows there
//! are: a version that is known already is not read again.

use std::collections::HashSet;

use anyhow::Context;
use futures_util::TryStreamExt;
use rayon::prelude::*;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::layer::Layer;
use crate::overlay::EqualArea;
use crate::overlay::Key;
use crate::overlay::Outline;
use crate::overlay::Reader;
use crate::overlay::Version;
use crate::snapshot::binary::Cells;
use crate::snapshot::binary::Rows;

/// Geometries that are projected at once, on all cores.
const BATCH: usize = 16_384;
/// Rows that are asked for one by one; more are found by reading all.
const ASKED_MOST: usize = 20_000;

/// The relation that versions are read from, and the condition under which a row of it is read.
struct Stored {
    table: String,
    id: String,
    condition: String,
}

impl Stored {
    fn parcels(source: Source) -> Self {
        Self {
            table: "mutu.parcel".to_owned(),
            id: "parcel_id".to_owned(),
            condition: source.condition("parcel", "superseded_at is null and valid_to is null"),
        }
    }

    /// Of a reference layer.
    fn of(layer: &Layer, source: Source) -> Self {
        let table = layer.stored();
        let condition = source.condition(&table, "superseded_at is null");
        Self { table, id: "id".to_owned(), condition }
    }
}

/// The versions of all parcels that the source has. Whatever a statement does to a row, its number, the transaction or the
/// moment changes; a database that was restored has other moments where it has other rows.
pub async fn parcel_versions(
    db: &mut PgConnection,
    source: Source,
) -> anyhow::Result<Vec<(Key, Version)>> {
    versions(db, &Stored::parcels(source), 0).await
}

/// The versions of all rows of a reference layer that the source has, as number `nth`, of class 0.
pub async fn layer_versions(
    db: &mut PgConnection,
    layer: &Layer,
    source: Source,
    nth: u32,
) -> anyhow::Result<Vec<(Key, Version)>> {
    versions(db, &Stored::of(layer, source), nth).await
}

/// The outlines of some parcels of the source; not [repaired](Outline::repaired).
pub async fn parcels(
    db: &mut PgConnection,
    source: Source,
    plane: EqualArea,
    keys: &[Key],
) -> anyhow::Result<Vec<(Key, Outline)>> {
    outlines(db, plane, &Stored::parcels(source), 0, keys).await
}

/// The outlines of those of the keys that are of number `nth`, a reference layer.
pub async fn polygons(
    db: &mut PgConnection,
    (layer, source, nth): (&Layer, Source, u32),
    plane: EqualArea,
    keys: &[Key],
) -> anyhow::Result<Vec<(Key, Outline)>> {
    outlines(db, plane, &Stored::of(layer, source), nth, keys).await
}

async fn versions(
    db: &mut PgConnection,
    from: &Stored,
    source: u32,
) -> anyhow::Result<Vec<(Key, Version)>> {
    let Stored { table: stored, id, condition } = from;
    let sql = format!(
        "copy (select {id}, row_id, xmin, recorded_at from {stored} where {condition})
         to stdout (format binary)"
    );
    let mut all = Vec::new();
    copy(db, &sql, |cells| {
        let version = Version {
            class: 0,
            row_id: i64::from_be_bytes(number(cells, 1)?),
            transaction: u32::from_be_bytes(number(cells, 2)?),
            recorded_at: i64::from_be_bytes(number(cells, 3)?),
        };
        all.push(((source, i64::from_be_bytes(number(cells, 0)?)), version));
        Ok(())
    })
    .await
    .with_context(|| format!("the versions of {stored}"))?;
    Ok(all)
}

async fn outlines(
    db: &mut PgConnection,
    plane: EqualArea,
    from: &Stored,
    source: u32,
    keys: &[Key],
) -> anyhow::Result<Vec<(Key, Outline)>> {
    let Stored { table: stored, id, condition } = from;
    let ids: Vec<i64> = keys.iter().filter(|it| it.0 == source).map(|it| it.1).collect();
    let mut batch = Batch { plane, source, ids: Vec::new(), ends: Vec::new(), bytes: Vec::new() };
    let mut all = Vec::new();
    if ids.len() <= ASKED_MOST {
        let sql = format!(
            "select {id}, st_asewkb(geom) from {stored} where {condition} and {id} = any($1)"
        );
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(&mut *db).await?;
        for (id, geom) in &rows {
            batch.add(*id, geom, &mut all)?;
        }
        batch.project(&mut all)?;
        return Ok(all);
    }
    let wanted: HashSet<i64> = ids.into_iter().collect();
    let sql = format!(
        "copy (select {id}, geom from {stored} where {condition}) to stdout (format binary)"
    );
    copy(db, &sql, |cells| {
        let id = i64::from_be_bytes(number(cells, 0)?);
        if wanted.contains(&id) {
            let geom = cells.get(1).copied().flatten().context("a row without geometry")?;
            batch.add(id, geom, &mut all)?;
        }
        Ok(())
    })
    .await
    .with_context(|| format!("the geometry of {stored}"))?;
    batch.project(&mut all)?;
    Ok(all)
}

/// Geometries that wait to be projected.
struct Batch {
    plane: EqualArea,
    source: u32,
    ids: Vec<i64>,
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

impl Batch {
    fn add(&mut self, id: i64, ewkb: &[u8], out: &mut Vec<(Key, Outline)>) -> anyhow::Result<()> {
        self.ids.push(id);
        self.bytes.extend_from_slice(ewkb);
        self.ends.push(self.bytes.len());
        if self.ids.len() >= BATCH { self.project(out) } else { Ok(()) }
    }

    fn project(&mut self, out: &mut Vec<(Key, Outline)>) -> anyhow::Result<()> {
        let one = |reader: &mut Reader, nth: usize| {
            let from = if nth == 0 { 0 } else { self.ends[nth - 1] };
            let outline = reader.outline(&self.bytes[from..self.ends[nth]]);
            let id = self.ids[nth];
            outline.map(|it| ((self.source, id), it)).with_context(|| format!("row {id}"))
        };
        let projected: anyhow::Result<Vec<(Key, Outline)>> = (0..self.ids.len())
            .into_par_iter()
            .with_min_len(256)
            .map_init(|| Reader::new(self.plane), one)
            .collect();
        out.extend(projected?);
        self.ids.clear();
        self.ends.clear();
        self.bytes.clear();
        Ok(())
    }
}

/// Runs a `COPY ... TO STDOUT (FORMAT binary)` in the connection's transaction, and calls with every row.
async fn copy(
    db: &mut PgConnection,
    sql: &str,
    mut row: impl FnMut(&Cells<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut rows = Rows::default();
    let mut stream = db.copy_out_raw(sql).await?;
    while let Some(bytes) = stream.try_next().await? {
        rows.feed(&bytes, &mut row)?;
    }
    rows.end()
}

fn number<const N: usize>(cells: &Cells<'_>, nth: usize) -> anyhow::Result<[u8; N]> {
    let cell = cells.get(nth).copied().flatten().context("a cell without a value")?;
    Ok(cell.try_into()?)
}
