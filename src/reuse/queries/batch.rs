//! SQL of many cases that are changed at once: so many statements for a block of cells as for one.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use serde_json::Value as Json;
use sqlx::AssertSqlSafe;

use crate::db::Writer;

use super::write::CARRIED;

/// A version that the next one differs from, and in what.
#[derive(Debug, sqlx::FromRow)]
pub struct Differing {
    pub row_id: i64,
    pub reuse_case_id: i64,
    pub case_code: String,
    /// Only the members that differ, as they were and as they will be.
    pub before: Json,
    pub after: Json,
}

/// Which of these versions their patches change, and in what; the types are the table's, so that 10.10 is no change of 10.1.
pub async fn differing(
    db: &mut Writer,
    row_ids: &[i64],
    patches: &[Json],
) -> sqlx::Result<Vec<Differing>> {
    sqlx::query_as(
        "select c.row_id, c.reuse_case_id, c.case_code, d.before, d.after
         from unnest($1::bigint[], $2::jsonb[]) with ordinality as n (row_id, patch, nth)
         join mutu.reuse_case c on c.row_id = n.row_id and c.superseded_at is null
         cross join lateral (
             select to_jsonb(jsonb_populate_record(c, '{\"geom\": null}')) as was,
                    to_jsonb(jsonb_populate_record(c, n.patch || '{\"geom\": null}')) as now) f
         cross join lateral (
             select jsonb_object_agg(k, f.was -> k) as before, jsonb_object_agg(k, f.now -> k) as after
             from jsonb_object_keys(n.patch) k
             where f.was -> k is distinct from f.now -> k) d
         where d.after is not null
         order by n.nth",
    )
    .bind(row_ids)
    .bind(patches)
    .fetch_all(db)
    .await
}

/// Ends versions and writes the next, each with its patch.
pub async fn replace(
    db: &mut Writer,
    row_ids: &[i64],
    patches: &[Json],
    at: DateTime<Utc>,
    by: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.reuse_case
         set superseded_at = greatest($2, recorded_at + interval '1 microsecond')
         where row_id = any ($1) and superseded_at is null",
    )
    .bind(row_ids)
    .bind(at)
    .execute(&mut *db)
    .await?;
    let sql = format!(
        "insert into mutu.reuse_case ({names}, area_geom_m2, geom, valid_from, valid_to, recorded_at, recorded_by)
         select r.{values}, c.area_geom_m2, c.geom, c.valid_from, c.valid_to, c.superseded_at, $3
         from unnest($1::bigint[], $2::jsonb[]) with ordinality as n (row_id, patch, nth)
         join mutu.reuse_case c on c.row_id = n.row_id
         cross join lateral jsonb_populate_record(c, n.patch || '{{\"geom\": null}}') r
         order by n.nth",
        names = CARRIED.join(", "),
        values = CARRIED.join(", r."),
    );
    sqlx::query(AssertSqlSafe(sql)).bind(row_ids).bind(patches).bind(by).execute(db).await?;
    Ok(())
}

/// Why, on which day, when it is recorded and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Noted<'a> {
    pub reason: Option<&'a str>,
    pub on: NaiveDate,
    pub at: DateTime<Utc>,
    pub by: &'a str,
}

/// Adds to each case the event of its change; the versions are those that have ended.
pub async fn note(
    db: &mut Writer,
    row_ids: &[i64],
    before: &[&Json],
    after: &[&Json],
    noted: Noted<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.case_event
             (reuse_case_id, list_id, case_code, responsible_unit, kind, state_before, state_after, reason, before, after,
              happened_on, recorded_by, recorded_at)
         select c.reuse_case_id, c.list_id, c.case_code, c.responsible_unit, 'changed', c.state, c.state, $4, n.before, n.after,
                $5, $6, $7
         from unnest($1::bigint[], $2::jsonb[], $3::jsonb[]) with ordinality as n (row_id, before, after, nth)
         join mutu.reuse_case c on c.row_id = n.row_id
         order by n.nth",
    )
    .bind(row_ids)
    .bind(before)
    .bind(after)
    .bind(noted.reason)
    .bind(noted.on)
    .bind(noted.by)
    .bind(noted.at)
    .execute(db)
    .await?;
    Ok(())
}
