//! SQL of candidates that a final run opens.

use crate::db::Writer;

/// A parcel that gets a case.
#[derive(Debug, sqlx::FromRow)]
pub struct Entrant {
    pub parcel_id: i64,
    pub responsible_unit: Option<String>,
}

/// Of these parcels those in force that have no open case in any list, by unit and code. A case is open until it is closed
/// (销号) or removed (剔除, 移出).
pub async fn without_case(db: &mut Writer, parcels: &[i64]) -> sqlx::Result<Vec<Entrant>> {
    sqlx::query_as(
        "select p.parcel_id, p.responsible_unit
         from mutu.parcel_current p
         where p.parcel_id = any ($1)
           and not exists (
               select from mutu.reuse_case c
               where c.parcel_id = p.parcel_id and c.superseded_at is null and c.state not in ('closed', 'removed'))
         order by p.responsible_unit nulls last, p.parcel_code, p.parcel_id",
    )
    .bind(parcels)
    .fetch_all(db)
    .await
}

/// Proposes a path for the cases of a list that was made in this transaction: they begin with it.
pub async fn propose(db: &mut Writer, list_id: i64, path: &str) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.reuse_case set path = $2 where list_id = $1 and superseded_at is null",
    )
    .bind(list_id)
    .bind(path)
    .execute(db)
    .await?;
    Ok(())
}

/// Notes with every case of a new list which run found it, and by which rules.
pub async fn note_found(
    db: &mut Writer,
    list_id: i64,
    run_id: i64,
    layer: &str,
    reason: &str,
    by: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.case_event
             (reuse_case_id, list_id, case_code, responsible_unit, kind, state_before, reason, evidence, happened_on,
              recorded_by, recorded_at)
         select c.reuse_case_id, c.list_id, c.case_code, c.responsible_unit, 'comment', c.state, $4,
                jsonb_build_object('run_id', r.run_id, 'layer', r.layer, 'reasons', r.reasons),
                e.happened_on, $5, c.recorded_at
         from mutu.reuse_case c
         join mutu.parcel_result r on r.run_id = $2 and r.layer = $3 and r.parcel_id = c.parcel_id
         join mutu.case_event e on e.reuse_case_id = c.reuse_case_id and e.kind = 'created'
         where c.list_id = $1 and c.superseded_at is null",
    )
    .bind(list_id)
    .bind(run_id)
    .bind(layer)
    .bind(reason)
    .bind(by)
    .execute(db)
    .await?;
    Ok(())
}
