//! SQL of what is written: a version of a case is never changed but for its end in the record, and events are only added.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;

use crate::cql::Value;
use crate::db::Statement;
use crate::db::Writer;
use crate::error::Result;

use super::super::CaseEvent;
use super::super::NewList;
use super::super::fields::Setting;

/// The columns of an event that is told.
pub const EVENT: &str = "event_id, case_code, responsible_unit, kind, step, state_before, state_after, milestone, area_mu,
    reason, document, before, after, evidence, counted_mu, happened_on, recorded_by, recorded_at";

/// The columns that a new version takes over from the one it is made of.
pub const CARRIED: [&str; 37] = [
    "reuse_case_id",
    "list_id",
    "case_code",
    "year",
    "parcel_id",
    "parcel_code",
    "name",
    "town_code",
    "responsible_unit",
    "state",
    "held",
    "path",
    "leader",
    "person",
    "enterprise_name",
    "use_planned",
    "project",
    "measures",
    "basis",
    "problem_kind",
    "problem",
    "note",
    "plan_area_mu",
    "plan_start",
    "plan_finish",
    "started_on",
    "finished_on",
    "nodes",
    "investment_plan_wan",
    "investment_actual_wan",
    "energy_freed_tce",
    "plants_freed",
    "plant_freed_m2",
    "enterprises_cleared",
    "area_mu",
    "disposed_mu",
    "counted_mu",
];

/// A list whose row is locked: whoever writes cases of it does so one after the other, and a frozen version has all that was
/// written before it and nothing that came later.
#[derive(Debug, sqlx::FromRow)]
pub struct Held {
    pub list_id: i64,
    pub name: String,
    pub responsible_unit: Option<String>,
    pub state: String,
    pub year: i64,
    pub code_prefix: String,
    pub row_version: i64,
    pub note: Option<String>,
    pub changed_at: Option<DateTime<Utc>>,
    pub changed_by: Option<String>,
}

/// Locks a list.
pub async fn hold(db: &mut Writer, list_id: i64) -> sqlx::Result<Option<Held>> {
    sqlx::query_as(
        "select list_id, name, responsible_unit, state, year, code_prefix, row_version, note, changed_at, changed_by
         from mutu.reuse_list where list_id = $1 for update",
    )
    .bind(list_id)
    .fetch_optional(db)
    .await
}

/// The moment at which what follows is recorded; asked for under the lock.
pub async fn moment(db: &mut Writer) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar("select clock_timestamp()").fetch_one(db).await
}

/// Keeps other acceptances out until the end: what one counts, another must see.
pub async fn lock_counting(db: &mut Writer) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('mutu.reuse.counting'))")
        .execute(db)
        .await?;
    Ok(())
}

/// What the codes of the latest list begin with.
pub async fn last_prefix(db: &mut Writer) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select code_prefix from mutu.reuse_list order by list_id desc limit 1")
        .fetch_optional(db)
        .await
}

/// A new list; its number.
pub async fn insert_list(
    db: &mut Writer,
    asked: &NewList,
    prefix: &str,
    selection: Option<Json>,
    by: &str,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.reuse_list (name, kind, year, responsible_unit, code_prefix, selection, note, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         returning list_id",
    )
    .bind(asked.name.trim())
    .bind(&asked.kind)
    .bind(asked.year)
    .bind(&asked.responsible_unit)
    .bind(prefix)
    .bind(selection)
    .bind(&asked.note)
    .bind(by)
    .fetch_one(db)
    .await
}

/// Changes a list that is held; null stays as it is.
pub async fn update_list(
    db: &mut Writer,
    list_id: i64,
    name: Option<&str>,
    state: Option<&str>,
    note: Option<&str>,
    by: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.reuse_list
         set name = coalesce($2, name), state = coalesce($3, state), note = coalesce($4, note),
             row_version = row_version + 1, changed_by = $5, changed_at = clock_timestamp()
         where list_id = $1",
    )
    .bind(list_id)
    .bind(name)
    .bind(state)
    .bind(note)
    .bind(by)
    .execute(db)
    .await?;
    Ok(())
}

/// A parcel in force that could come into a list.
#[derive(Debug, sqlx::FromRow)]
pub struct Entrant {
    pub parcel_id: i64,
    pub parcel_code: String,
    pub responsible_unit: Option<String>,
    /// The case that the list has of it already.
    pub case_code: Option<String>,
}

/// The parcels in force of those codes.
pub async fn parcels(
    db: &mut Writer,
    list_id: i64,
    codes: &[String],
) -> sqlx::Result<Vec<Entrant>> {
    sqlx::query_as(
        "select p.parcel_id, p.parcel_code, p.responsible_unit, c.case_code
         from mutu.parcel_current p
         left join mutu.reuse_case c
             on c.list_id = $1 and c.parcel_id = p.parcel_id and c.superseded_at is null
         where p.parcel_code = any ($2)
         order by p.parcel_code",
    )
    .bind(list_id)
    .bind(codes)
    .fetch_all(db)
    .await
}

/// Takes `count` numbers; the first of them.
pub async fn take_numbers(
    db: &mut Writer,
    prefix: &str,
    year: i64,
    count: i64,
) -> sqlx::Result<i64> {
    let last: i64 = sqlx::query_scalar(
        "insert into mutu.case_serial as s (code_prefix, year, last_number) values ($1, $2, $3)
         on conflict (code_prefix, year) do update set last_number = s.last_number + $3
         returning last_number",
    )
    .bind(prefix)
    .bind(year)
    .bind(count)
    .fetch_one(db)
    .await?;
    Ok(last - count + 1)
}

/// New cases of parcels with their codes, and the event of each; their ids.
pub async fn insert_cases(
    db: &mut Writer,
    held: &Held,
    parcels: &[i64],
    codes: &[String],
    at: DateTime<Utc>,
    day: NaiveDate,
    by: &str,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "with made as (
             insert into mutu.reuse_case
                 (reuse_case_id, list_id, case_code, year, parcel_id, parcel_code, name, town_code, responsible_unit,
                  enterprise_name, area_mu, area_geom_m2, geom, recorded_at, recorded_by)
             select nextval('mutu.reuse_case_id_seq'), $1, n.code, $2, p.parcel_id, p.parcel_code, p.name, p.town_code,
                    p.responsible_unit, e.name, p.area_mu, p.area_geom_m2, p.geom, $5, $6
             from unnest($3::bigint[], $4::text[]) with ordinality as n (parcel_id, code, nth)
             join mutu.parcel_current p on p.parcel_id = n.parcel_id
             left join mutu.enterprise_current e on e.uscc = p.holder_uscc
             order by n.nth
             returning reuse_case_id, list_id, case_code, responsible_unit
         ),
         noted as (
             insert into mutu.case_event
                 (reuse_case_id, list_id, case_code, responsible_unit, kind, state_after, happened_on, recorded_by, recorded_at)
             select reuse_case_id, list_id, case_code, responsible_unit, 'created', 'candidate', $7, $6, $5 from made
         )
         select reuse_case_id from made",
    )
    .bind(held.list_id)
    .bind(held.year)
    .bind(parcels)
    .bind(codes)
    .bind(at)
    .bind(by)
    .bind(day)
    .fetch_all(db)
    .await
}

/// A case as it lies in the record, whoever may read it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    pub row_id: i64,
    pub reuse_case_id: i64,
    pub list_id: i64,
    pub case_code: String,
    pub responsible_unit: Option<String>,
    pub state: String,
    pub held: bool,
    pub path: Option<String>,
    pub area_mu: Decimal,
    pub disposed_mu: Decimal,
    pub counted_mu: Decimal,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
    /// Every column but the outline.
    pub facts: Json,
    /// Milestones that were reached.
    pub reached: Vec<String>,
    /// What it declares besides land: plants, m² of them, enterprises, tce.
    pub declared_others: Vec<Decimal>,
    /// What of that its events have counted.
    pub counted_others: Vec<Decimal>,
}

/// A case as it lies in the record; its outline is set to null before, since as JSON it would be written out in full.
const STORED: &str = "select c.row_id, c.reuse_case_id, c.list_id, c.case_code, c.responsible_unit, c.state, c.held, c.path, c.area_mu,
            c.disposed_mu, c.counted_mu, c.recorded_at, c.recorded_by,
            to_jsonb(jsonb_populate_record(c, '{\"geom\": null}')) - 'geom' as facts,
            array(select r.milestone
                  from (select distinct on (e.milestone) e.milestone, e.step
                        from mutu.case_event e
                        where e.reuse_case_id = c.reuse_case_id and e.kind = 'milestone'
                        order by e.milestone, e.event_id desc) r
                  where r.step is null) as reached,
            array[coalesce(c.plants_freed, 0), coalesce(c.plant_freed_m2, 0), coalesce(c.enterprises_cleared, 0),
                  coalesce(c.energy_freed_tce, 0)] as declared_others,
            (select array[coalesce(sum(e.counted_plants), 0), coalesce(sum(e.counted_plant_m2), 0),
                          coalesce(sum(e.counted_enterprises), 0), coalesce(sum(e.counted_tce), 0)]
             from mutu.case_event e where e.reuse_case_id = c.reuse_case_id) as counted_others
     from mutu.reuse_case c";

/// The version in force of a case.
pub async fn find(db: &mut Writer, case_code: &str) -> sqlx::Result<Option<Stored>> {
    let sql = format!("{STORED} where c.case_code = $1 and c.superseded_at is null");
    sqlx::query_as(AssertSqlSafe(sql)).bind(case_code).fetch_optional(db).await
}

/// The versions in force of cases of a list.
pub async fn find_all(
    db: &mut Writer,
    list_id: i64,
    case_codes: &[&str],
) -> sqlx::Result<Vec<Stored>> {
    let sql = format!(
        "{STORED} where c.list_id = $1 and c.case_code = any ($2) and c.superseded_at is null"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(list_id).bind(case_codes).fetch_all(db).await
}

/// Ends a version and writes the next, which differs in `set`; its number.
pub async fn replace(
    db: &mut Writer,
    row_id: i64,
    set: &[Setting],
    at: DateTime<Utc>,
    by: &str,
) -> Result<i64> {
    let at: DateTime<Utc> = sqlx::query_scalar(
        "update mutu.reuse_case
         set superseded_at = greatest($2, recorded_at + interval '1 microsecond')
         where row_id = $1 and superseded_at is null
         returning superseded_at",
    )
    .bind(row_id)
    .bind(at)
    .fetch_one(&mut *db)
    .await?;
    let mut it = Statement::default();
    let base = it.bind(Decimal::from(row_id), "bigint");
    let at = it.bind(Value::Timestamp(at), "timestamptz");
    let by = it.bind(by.to_owned(), "text");
    let mut values = Vec::with_capacity(CARRIED.len());
    for column in CARRIED {
        values.push(match set.iter().find(|it| it.column == column) {
            Some(setting) => it.bind(setting.value.clone(), setting.sql_type),
            None => column.to_owned(),
        });
    }
    it.sql = format!(
        "insert into mutu.reuse_case ({names}, area_geom_m2, geom, valid_from, valid_to, recorded_at, recorded_by)
         select {values}, area_geom_m2, geom, valid_from, valid_to, {at}, {by}
         from mutu.reuse_case where row_id = {base}
         returning row_id",
        names = CARRIED.join(", "),
        values = values.join(", "),
    );
    Ok(it.query()?.fetch_one(db).await?.try_get(0)?)
}

/// An event that is added.
#[derive(Debug, Default)]
pub struct Event<'a> {
    pub kind: &'a str,
    pub step: Option<&'a str>,
    pub state_after: Option<&'a str>,
    pub milestone: Option<&'a str>,
    pub area_mu: Option<Decimal>,
    pub reason: Option<&'a str>,
    pub document: Option<&'a str>,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub evidence: Option<Json>,
    pub counted_mu: Decimal,
    /// Plants, m² of them, enterprises, tce.
    pub counted_others: [Decimal; 4],
    pub on: NaiveDate,
}

/// Adds an event to a case.
pub async fn insert_event(
    db: &mut Writer,
    case: &Stored,
    event: Event<'_>,
    at: DateTime<Utc>,
    by: &str,
) -> sqlx::Result<CaseEvent> {
    let sql = format!(
        "insert into mutu.case_event
             (reuse_case_id, list_id, case_code, responsible_unit, kind, step, state_before, state_after, milestone, area_mu,
              reason, document, before, after, evidence, counted_mu, counted_plants, counted_plant_m2, counted_enterprises,
              counted_tce, happened_on, recorded_by, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
         returning {EVENT}"
    );
    let [plants, plant_m2, enterprises, tce] = event.counted_others;
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(case.reuse_case_id)
        .bind(case.list_id)
        .bind(&case.case_code)
        .bind(&case.responsible_unit)
        .bind(event.kind)
        .bind(event.step)
        .bind(&case.state)
        .bind(event.state_after)
        .bind(event.milestone)
        .bind(event.area_mu)
        .bind(event.reason)
        .bind(event.document)
        .bind(event.before)
        .bind(event.after)
        .bind(event.evidence)
        .bind(event.counted_mu)
        .bind(plants)
        .bind(plant_m2)
        .bind(enterprises)
        .bind(tce)
        .bind(event.on)
        .bind(by)
        .bind(at)
        .fetch_one(db)
        .await
}

/// Freezes a list that is held: the next version, as of the moment.
pub async fn freeze(
    db: &mut Writer,
    list_id: i64,
    at: DateTime<Utc>,
    note: Option<&str>,
    by: &str,
) -> sqlx::Result<super::super::Version> {
    sqlx::query_as(
        "insert into mutu.reuse_list_version (list_id, version, frozen_at, run_id, note, frozen_by)
         select $1, coalesce(max(version), 0) + 1, $2, (select run_id from mutu.current_run), $3, $4
         from mutu.reuse_list_version where list_id = $1
         returning list_id, version, frozen_at, run_id, note, frozen_by",
    )
    .bind(list_id)
    .bind(at)
    .bind(note)
    .bind(by)
    .fetch_one(db)
    .await
}
