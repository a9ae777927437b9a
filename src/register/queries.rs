//! SQL of edits. A version is never changed but for its end in the record: what is new is a new row.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::cql::Value;
use crate::db::Statement;
use crate::db::Writer;
use crate::ingest;
use crate::ingest::Outline;

use super::Overlap;
use super::Reference;
use super::fields::Setting;

/// The columns that an edit may set, and that a new version takes over from the one it is made of.
pub const COLUMNS: [&str; 29] = [
    "parcel_code",
    "name",
    "address",
    "town_code",
    "responsible_unit",
    "village",
    "holder_uscc",
    "ownership",
    "tenure",
    "land_use_code",
    "use_actual",
    "status",
    "industry_code",
    "contract_no",
    "contract_start",
    "contract_finish",
    "contract_far",
    "contract_tax_wan_per_mu",
    "construction_started",
    "developed_share",
    "invested_share",
    "suspended_since",
    "delay_cause",
    "far_reported",
    "gfa_m2",
    "block_class_override",
    "override_reason",
    "area_registered_m2",
    "area_registered_mu",
];

/// A version as it lies in the record, whoever may read it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    pub row_id: i64,
    pub parcel_id: i64,
    pub parcel_code: String,
    pub responsible_unit: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub recorded_by: String,
    pub area_geom_m2: Decimal,
    pub area_registered_m2: Option<Decimal>,
    /// Every column but the shapes.
    pub facts: Json,
    /// `GeoJSON`.
    pub geometry: Json,
}

const STORED: &str = "row_id, parcel_id, parcel_code, responsible_unit, valid_from, valid_to, recorded_at, superseded_at,
    recorded_by, area_geom_m2, area_registered_m2, to_jsonb(t) - '{geom,geom_original,extra}'::text[] as facts,
    st_asgeojson(geom, 15, 0)::jsonb as geometry";

/// Keeps imports and other edits of parcels out until the end, and tells the moment at which this one is recorded.
pub async fn lock(db: &mut Writer) -> sqlx::Result<DateTime<Utc>> {
    ingest::lock(db, "parcels").await
}

/// The version in force of the parcel with that code.
pub async fn find(db: &mut Writer, parcel_code: &str) -> sqlx::Result<Option<Stored>> {
    let sql = statement(
        "where parcel_code = $1 and superseded_at is null and valid_to is null for update of t",
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(parcel_code).fetch_optional(db).await
}

/// A version by its number.
pub async fn get(db: &mut Writer, row_id: i64) -> sqlx::Result<Stored> {
    let sql = statement("where row_id = $1");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(row_id).fetch_one(db).await
}

fn statement(condition: &str) -> String {
    format!("select {STORED} from mutu.parcel t {condition}")
}

/// Whether a parcel other than these is in force under the code.
pub async fn is_taken(db: &mut Writer, parcel_code: &str, but: &[i64]) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (
             select from mutu.parcel
             where parcel_code = $1 and superseded_at is null and valid_to is null and parcel_id <> all ($2))",
    )
    .bind(parcel_code)
    .bind(but)
    .fetch_one(db)
    .await
}

/// Ends a version in the record. False when somebody has ended it already.
pub async fn supersede(db: &mut Writer, row_id: i64, at: DateTime<Utc>) -> sqlx::Result<bool> {
    let ended = sqlx::query(
        "update mutu.parcel
         set superseded_at = greatest($2, recorded_at + interval '1 microsecond')
         where row_id = $1 and superseded_at is null",
    )
    .bind(row_id)
    .bind(at)
    .execute(db)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Whose number a new version carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// That of the version it is made of.
    Same,
    /// A new one: another parcel.
    New,
}

/// A new version: what it is made of and what it differs in.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The version whose facts it takes over; `None` takes over nothing.
    pub base: Option<i64>,
    pub identity: Identity,
    pub set: &'a [Setting],
    /// Its outline where it is another.
    pub outline: Option<&'a Outline>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub at: DateTime<Utc>,
    pub recorded_by: &'a str,
}

/// Writes a new version and returns its number.
pub async fn insert(db: &mut Writer, draft: Draft<'_>) -> anyhow::Result<i64> {
    let mut it = Statement::default();
    let mut columns: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    let mut add = |column: &str, value: String| {
        columns.push(column.to_owned());
        values.push(value);
    };
    for column in COLUMNS {
        let set = draft.set.iter().find(|it| it.column == column);
        let value = match set {
            Some(set) => it.bind(set.value.clone(), set.sql_type),
            None => format!("t.{column}"),
        };
        add(column, value);
    }
    match draft.identity {
        Identity::Same => {
            add("parcel_id", "t.parcel_id".to_owned());
            add("extra", "t.extra".to_owned());
        }
        Identity::New => add("parcel_id", "nextval('mutu.parcel_id_seq')".to_owned()),
    }
    if let Some(outline) = draft.outline {
        add("geom", format!("{}::geometry", it.bind(outline.ewkb.clone(), "text")));
        let original = it.bind(Value::from(outline.original.clone()), "text");
        add("geom_original", format!("{original}::geometry"));
        add("repaired", it.bind(outline.repair.is_some(), "boolean"));
        add("area_geom_m2", it.bind(outline.area_m2, "numeric"));
    } else {
        for column in ["geom", "geom_original", "repaired", "area_geom_m2"] {
            add(column, format!("t.{column}"));
        }
    }
    let date = |it: Option<NaiveDate>| it.map_or(Value::Null, Value::Date);
    add("valid_from", it.bind(date(draft.valid_from), "date"));
    add("valid_to", it.bind(date(draft.valid_to), "date"));
    let at = it.bind(Value::Timestamp(draft.at), "timestamptz");
    // Never before the version it takes the place of.
    add("recorded_at", format!("greatest({at}, t.superseded_at)"));
    add("recorded_by", it.bind(draft.recorded_by.to_owned(), "text"));
    let from = match draft.base {
        Some(base) => {
            let base = it.bind(Decimal::from(base), "bigint");
            format!("mutu.parcel t where t.row_id = {base}")
        }
        None => "(select (null::mutu.parcel).*) t".to_owned(),
    };
    it.sql = format!(
        "insert into mutu.parcel ({}) select {} from {from} returning row_id",
        columns.join(", "),
        values.join(", "),
    );
    let row = it.query()?.fetch_one(db).await?;
    Ok(sqlx::Row::try_get(&row, 0)?)
}

/// Parcels in force, other than these, that an outline overlaps by more than the tolerance: 1 m², or a thousandth of the
/// smaller of the two.
pub async fn overlaps(
    db: &mut Writer,
    outline: &Outline,
    but: &[i64],
) -> sqlx::Result<Vec<Overlap>> {
    sqlx::query_as(
        "with found as (
             select t.parcel_code, t.responsible_unit, t.area_geom_m2,
                 st_area(st_collectionextract(st_intersection(t.geom, $1::text::geometry), 3)::geography)::numeric as area_m2
             from mutu.parcel t
             where t.superseded_at is null and t.valid_to is null and t.parcel_id <> all ($2)
                 and t.geom && $1::text::geometry and st_intersects(t.geom, $1::text::geometry)
         )
         select parcel_code, responsible_unit, round(area_m2, 2) as area_m2
         from found
         where area_m2 > greatest(1, 0.001 * least(area_geom_m2, $3))
         order by area_m2 desc
         limit 20",
    )
    .bind(&outline.ewkb)
    .bind(but)
    .bind(outline.area_m2)
    .fetch_all(db)
    .await
}

/// How parts lie on what they were split from, m² on the ellipsoid.
#[expect(clippy::struct_field_names, reason = "the unit is in the name")]
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Cover {
    /// Of the whole, in no part.
    pub missing_m2: Decimal,
    /// Of the parts, outside of the whole.
    pub outside_m2: Decimal,
    /// In more than one part.
    pub overlap_m2: Decimal,
}

/// Compares parts with the version that they were split from.
pub async fn cover(db: &mut Writer, row_id: i64, parts: &[String]) -> sqlx::Result<Cover> {
    sqlx::query_as(
        "with part as (
             select n, text::geometry as geom from unnest($2::text[]) with ordinality as it (text, n)
         ), parts as (
             select st_union(geom) as geom from part
         ), doubly as (
             select coalesce(sum(st_area(st_collectionextract(st_intersection(a.geom, b.geom), 3)::geography)), 0) as m2
             from part a
             join part b on a.n < b.n and st_intersects(a.geom, b.geom)
         )
         select round(st_area(st_collectionextract(st_difference(t.geom, parts.geom), 3)::geography)::numeric, 2) as missing_m2,
             round(st_area(st_collectionextract(st_difference(parts.geom, t.geom), 3)::geography)::numeric, 2) as outside_m2,
             round(doubly.m2::numeric, 2) as overlap_m2
         from mutu.parcel t, parts, doubly
         where t.row_id = $1",
    )
    .bind(row_id)
    .bind(parts)
    .fetch_one(db)
    .await
}

/// What parcels make together.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Union {
    /// WKB of the union's polygons.
    pub wkb: Vec<u8>,
    /// Groups that lie further from each other than about a metre.
    pub groups: i64,
}

/// The union of versions; a hundred-thousandth of a degree is a metre.
pub async fn union(db: &mut Writer, row_ids: &[i64]) -> sqlx::Result<Union> {
    sqlx::query_as(
        "with near as (
             select geom, st_clusterdbscan(geom, 0.00001, 1) over () as nth
             from mutu.parcel
             where row_id = any ($1)
         )
         select st_asbinary(st_multi(st_collectionextract(st_union(geom), 3))) as wkb, count(distinct nth) as groups
         from near",
    )
    .bind(row_ids)
    .fetch_one(db)
    .await
}

/// Notes that parcels came from others.
pub async fn insert_lineage(
    db: &mut Writer,
    parents: &[i64],
    children: &[i64],
    kind: &str,
    happened_on: NaiveDate,
    at: DateTime<Utc>,
    recorded_by: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.parcel_lineage (parent_parcel_id, child_parcel_id, kind, happened_on, recorded_at, recorded_by)
         select parent, child, $3, $4, $5, $6
         from unnest($1::bigint[]) parent
         cross join unnest($2::bigint[]) child",
    )
    .bind(parents)
    .bind(children)
    .bind(kind)
    .bind(happened_on)
    .bind(at)
    .bind(recorded_by)
    .execute(db)
    .await?;
    Ok(())
}

/// What still names these codes and was not moved along.
pub async fn references(db: &mut Writer, codes: &[&str]) -> sqlx::Result<Vec<Reference>> {
    sqlx::query_as(
        "select parcel_code, what, count(*) as count
         from (
             select parcel_code, 'occupancies' as what from mutu.occupancy_current
             union all select parcel_code, 'parcel_years' from mutu.parcel_period_current
             union all select parcel_code, 'buildings' from mutu.building_current
         ) named
         where parcel_code = any ($1)
         group by parcel_code, what
         order by parcel_code, what",
    )
    .bind(codes)
    .fetch_all(db)
    .await
}
