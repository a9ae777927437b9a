//! SQL of runs in memory: columns of what a run measured, found and read, in the order of the parcels' ids.

use crate::db::Db;
use crate::db::Whole;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::snapshot::Bitmap;
use crate::snapshot::Column;
use crate::snapshot::binary::Rows;
use crate::snapshot::frame::From;
use crate::snapshot::frame::Input;
use crate::snapshot::frame::Present;
use crate::snapshot::gather::Gather;
use crate::snapshot::gather::Oddities;
use tokio::task::spawn_blocking;

/// The ids of a run's parcels, rising, and a column for each input.
pub(super) async fn read(
    db: &Db,
    run_id: i64,
    inputs: &[&Input],
) -> anyhow::Result<(Vec<i64>, Vec<Column>)> {
    let mut db = db.read_whole().await?;
    db.begin().await?;
    let sql = select(&mut db, run_id, inputs).await?;
    let kinds: Vec<FieldType> = inputs.iter().map(|it| it.kind).collect();
    let found = copy(&mut db, &sql, &kinds).await?;
    db.end().await?;
    Ok(found)
}

/// Whose the parcels of a run are now, and which of them are there.
pub(super) async fn present(db: &Db, run_id: i64, parcels: &Layer) -> anyhow::Result<Present> {
    let mut db = db.read_whole().await?;
    db.begin().await?;
    let revision: Option<i64> =
        sqlx::query_scalar("select max(revision) from mutu.layer_revision where layer = $1")
            .bind(&parcels.id)
            .fetch_one(db.connection())
            .await?;
    let sql = format!(
        "select m.parcel_id, p.responsible_unit::text, p.parcel_id is not null
         from mutu.parcel_measure m
         left join mutu.parcel_current p on p.parcel_id = m.parcel_id
         where m.run_id = {run_id}
         order by m.parcel_id"
    );
    let (_, mut columns) = copy(&mut db, &sql, &[FieldType::Text, FieldType::Boolean]).await?;
    db.end().await?;
    let (here, unit) = (columns.pop(), columns.pop());
    let here = match here {
        Some(Column::Boolean { values, .. }) => values,
        _ => Bitmap::none(0),
    };
    let unit = unit.unwrap_or(Column::Wide { values: Vec::new() });
    Ok(Present { revision: revision.unwrap_or_default(), here, unit })
}

async fn select(db: &mut Whole, run_id: i64, inputs: &[&Input]) -> anyhow::Result<String> {
    let (mut columns, mut joins) = (String::new(), String::new());
    let mut reads_parcels = false;
    for (nth, input) in inputs.iter().enumerate() {
        let expression = match &input.from {
            From::Measure => format!("m.{}", input.name),
            From::Parcel(column) => {
                reads_parcels = true;
                format!("v.{column}")
            }
            From::Edge(edge) => {
                reads_parcels = true;
                format!("floor(st_{edge}(v.geom) * 1e7)")
            }
            From::Class(layer) => {
                joins.push_str(&join("parcel_class_readable", nth, layer));
                format!("j{nth}.class")
            }
            From::Verdict(layer) => {
                joins.push_str(&join("parcel_result_readable", nth, layer));
                format!("j{nth}.verdict")
            }
        };
        let sql_type = match input.kind {
            FieldType::Text => "text",
            other => other.postgres(),
        };
        columns.push_str(&format!(", ({expression})::{sql_type}"));
    }
    if reads_parcels {
        // Runs from before the version was noted are told of the parcels as they are.
        let noted: bool = sqlx::query_scalar(
            "select not exists (
                 select from mutu.parcel_measure where run_id = $1 and parcel_row_id is null)",
        )
        .bind(run_id)
        .fetch_one(db.connection())
        .await?;
        joins.push_str(if noted {
            "left join mutu.parcel_version v on v.row_id = m.parcel_row_id "
        } else {
            "left join mutu.parcel_current v on v.parcel_id = m.parcel_id "
        });
    }
    Ok(format!(
        "select m.parcel_id{columns} from mutu.parcel_measure m {joins}where m.run_id = {run_id} order by m.parcel_id"
    ))
}

fn join(view: &str, nth: usize, layer: &str) -> String {
    format!(
        "left join mutu.{view} j{nth} on j{nth}.run_id = m.run_id and j{nth}.layer = '{layer}' and j{nth}.parcel_id = m.parcel_id "
    )
}

/// Ids and columns of rows that begin with an id.
async fn copy(
    db: &mut Whole,
    sql: &str,
    kinds: &[FieldType],
) -> anyhow::Result<(Vec<i64>, Vec<Column>)> {
    let mut ids: Vec<i64> = Vec::new();
    let mut columns: Vec<Gather> = kinds.iter().map(|it| Gather::new(*it)).collect();
    let mut odd = Oddities::default();
    let mut rows = Rows::default();
    db.copy(&format!("copy ({sql}) to stdout (format binary)"), |bytes| {
        rows.feed(bytes, |cells| {
            let (id, cells) = cells.split_first().ok_or_else(|| anyhow::anyhow!("an empty row"))?;
            let id = id.ok_or_else(|| anyhow::anyhow!("a row without an id"))?;
            ids.push(i64::from_be_bytes(id.try_into()?));
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.cell(*cell, &mut odd)?;
            }
            Ok(())
        })
    })
    .await?;
    rows.end()?;
    if odd != Oddities::default() {
        tracing::warn!(?odd, "figures of a run could not be held as they are");
    }
    let done = spawn_blocking(move || {
        let order: Vec<u32> = (0..u32::try_from(ids.len())?).collect();
        Ok::<_, anyhow::Error>((ids, columns.into_iter().map(|it| it.finish(&order)).collect()))
    });
    done.await?
}
