//! The stored findings of a batch as files, read page by page while a blocking thread writes.

use std::path::Path;

use anyhow::anyhow;
use sqlx::Row;
use sqlx::postgres::PgRow;
use tokio::sync::mpsc;

use crate::access::Scope;
use crate::app::App;
use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;

use super::download;
use super::download::Count;
use super::download::Finding;

/// Findings of one page.
const PAGE: i64 = 2_000;

/// Writes the findings of a batch into a workbook and returns how many there are; `NotFound` where there is no such batch.
pub async fn issues_xlsx(app: &App, scope: &Scope, batch_id: i64, file: &Path) -> Result<u64> {
    let mut db = open(app, scope, batch_id).await?;
    let counts = counts(&mut db, batch_id).await?;
    let file = file.to_owned();
    write(db, batch_id, move |findings| download::write_xlsx(&file, &counts, findings)).await
}

/// Writes the findings of a batch that have a place as GeoJSON, the others counted in its member `without_place`, and
/// returns how many there are of both; `NotFound` where there is no such batch.
pub async fn issues_geojson(app: &App, scope: &Scope, batch_id: i64, file: &Path) -> Result<u64> {
    let db = open(app, scope, batch_id).await?;
    let file = file.to_owned();
    write(db, batch_id, move |findings| download::write_geojson(&file, findings)).await
}

async fn open(app: &App, scope: &Scope, batch_id: i64) -> Result<Reader> {
    let mut db = app.db.read(scope).await?;
    let found: Option<i64> =
        sqlx::query_scalar("select batch_id from mutu.import_batch where batch_id = $1")
            .bind(batch_id)
            .fetch_optional(&mut db)
            .await?;
    found.ok_or_else(|| Error::not_found("import", batch_id.to_string()))?;
    Ok(db)
}

/// All findings are in the report, those listed in the table.
async fn counts(db: &mut Reader, batch_id: i64) -> Result<Vec<Count>> {
    let rows = sqlx::query(
        "with listed as (
             select severity, rule, count(*) as listed from mutu.import_issue
             where batch_id = $1
             group by severity, rule
         ), reported as (
             select it->>'severity' as severity, it->>'rule' as rule, (it->>'count')::bigint as every
             from mutu.import_batch
             cross join jsonb_array_elements(coalesce(report->'issues', '[]')) it
             where batch_id = $1
         )
         select severity, rule, listed, coalesce(every, listed) as every
         from listed
         left join reported using (severity, rule)
         order by severity, every desc, rule",
    )
    .bind(batch_id)
    .fetch_all(db)
    .await?;
    let count = |row: &PgRow| -> sqlx::Result<Count> {
        Ok(Count {
            severity: row.try_get("severity")?,
            rule: row.try_get("rule")?,
            all: row.try_get("every")?,
            listed: row.try_get("listed")?,
        })
    };
    Ok(rows.iter().map(count).collect::<sqlx::Result<_>>()?)
}

type Received = Box<dyn Iterator<Item = anyhow::Result<Finding>> + Send>;

async fn write(
    mut db: Reader,
    batch_id: i64,
    written: impl FnOnce(Received) -> anyhow::Result<u64> + Send + 'static,
) -> Result<u64> {
    let (sender, mut receiver) = mpsc::channel::<Vec<Finding>>(2);
    let writer = tokio::task::spawn_blocking(move || {
        let pages = std::iter::from_fn(move || receiver.blocking_recv());
        written(Box::new(pages.flatten().map(Ok)))
    });
    let mut after = 0;
    loop {
        let (page, last) = page(&mut db, batch_id, after).await?;
        let Some(last) = last else { break };
        after = last;
        // A writer that stopped says why below.
        if sender.send(page).await.is_err() {
            break;
        }
    }
    drop(sender);
    Ok(writer.await.map_err(|it| anyhow!("the writer stopped: {it}"))??)
}

async fn page(db: &mut Reader, batch_id: i64, after: i64) -> Result<(Vec<Finding>, Option<i64>)> {
    let rows = sqlx::query(
        "select issue_id, severity, rule, source_row, field, value, message, mend, st_asewkb(geom) as place
         from mutu.import_issue
         where batch_id = $1 and issue_id > $2
         order by issue_id
         limit $3",
    )
    .bind(batch_id)
    .bind(after)
    .bind(PAGE)
    .fetch_all(db)
    .await?;
    let last = rows.last().map(|it| it.try_get("issue_id")).transpose()?;
    let finding = |row: &PgRow| -> sqlx::Result<Finding> {
        Ok(Finding {
            issue_id: row.try_get("issue_id")?,
            severity: row.try_get("severity")?,
            rule: row.try_get("rule")?,
            row: row.try_get("source_row")?,
            field: row.try_get("field")?,
            value: row.try_get("value")?,
            message: row.try_get("message")?,
            mend: row.try_get("mend")?,
            place: row.try_get("place")?,
        })
    };
    Ok((rows.iter().map(finding).collect::<sqlx::Result<_>>()?, last))
}
