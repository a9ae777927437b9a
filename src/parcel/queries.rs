//! SQL of dossiers.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::FromRow;

use crate::access::Role;
use crate::access::Scope;
use crate::catalog::time::Times;
use crate::db::Reader;
use crate::db::Statement;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::Text;

pub mod evaluations;
pub mod measured;
pub mod plan;
pub mod verdict;

use super::Buildings;
use super::Occupant;
use super::Source;
use super::Year;

/// A parcel's own facts.
#[derive(Debug, sqlx::FromRow)]
pub struct Facts {
    pub row_id: i64,
    pub parcel_id: i64,
    pub parcel_code: String,
    pub name: Option<String>,
    pub address: Option<String>,
    pub town_code: Option<String>,
    pub responsible_unit: Option<String>,
    pub village: Option<String>,
    pub holder_uscc: Option<String>,
    pub ownership: Option<String>,
    pub tenure: Option<String>,
    pub status: Option<String>,
    pub land_use_code: Option<String>,
    pub use_actual: Option<String>,
    pub industry_code: Option<String>,
    pub contract_no: Option<String>,
    pub contract_start: Option<NaiveDate>,
    pub contract_finish: Option<NaiveDate>,
    pub contract_far: Option<Decimal>,
    pub contract_tax_wan_per_mu: Option<Decimal>,
    pub far_reported: Option<Decimal>,
    pub gfa_m2: Option<Decimal>,
    pub area_registered_m2: Option<Decimal>,
    pub area_geom_m2: Decimal,
    pub area_mu: Option<Decimal>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub x: f64,
    pub y: f64,
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
    pub geometry: Value,
}

/// The columns of [`Facts`] that some folder may keep from some, with their types.
const FIELDS: [(&str, &str); 21] = [
    ("name", "text"),
    ("address", "text"),
    ("town_code", "text"),
    ("responsible_unit", "text"),
    ("village", "text"),
    ("holder_uscc", "text"),
    ("ownership", "text"),
    ("tenure", "text"),
    ("status", "text"),
    ("land_use_code", "text"),
    ("use_actual", "text"),
    ("industry_code", "text"),
    ("contract_no", "text"),
    ("contract_start", "date"),
    ("contract_finish", "date"),
    ("contract_far", "numeric"),
    ("contract_tax_wan_per_mu", "numeric"),
    ("far_reported", "numeric"),
    ("gfa_m2", "numeric"),
    ("area_registered_m2", "numeric"),
    ("area_mu", "numeric"),
];

/// Which version answers, and who answers for the land in it: what a role holds for, so it is read before anything else.
#[derive(Debug, sqlx::FromRow)]
pub struct Found {
    pub row_id: i64,
    pub unit: Option<String>,
}

/// All versions with a code: two parts, as each has an index of its own. `code` stands for the code in the statement.
pub(super) fn of_code(code: &str) -> String {
    let part = |which: &str| {
        format!(
            "select row_id, parcel_id, valid_from, valid_to, recorded_at, superseded_at
             from mutu.parcel_version
             where parcel_code = {code} and {which}"
        )
    };
    let current = part("superseded_at is null and valid_to is null");
    let past = part("(superseded_at is not null or valid_to is not null)");
    format!("({current} union all {past})")
}

/// The version with that code that was in force then.
pub async fn version(
    db: &mut Reader,
    times: &Times,
    parcel_code: &str,
) -> anyhow::Result<Option<Found>> {
    let mut it = Statement::default();
    let in_force = if times.is_now() {
        "t.superseded_at is null and t.valid_to is null".to_owned()
    } else {
        times.in_force(&mut it, "t")
    };
    let code = it.bind(parcel_code.to_owned(), "text");
    it.sql = format!(
        "select t.row_id, mutu.unit_of_version(t.row_id) as unit
         from {of_code} t
         where {in_force}
         order by coalesce(t.valid_from, '-infinity') desc, t.row_id desc
         limit 1",
        of_code = of_code(&code),
    );
    let found = it.query()?.fetch_optional(db).await?;
    Ok(found.map(|it| Found::from_row(&it)).transpose()?)
}

/// A version of a parcel. What its layer keeps from the scope is not named: the role has no right to it.
pub async fn find(
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    row_id: i64,
) -> sqlx::Result<Option<Facts>> {
    let fields: Vec<String> = FIELDS
        .iter()
        .map(|(name, kind)| match layer.role_of_column(name) {
            Some(needed) if scope.may(needed) => (*name).to_owned(),
            _ => format!("null::{kind} as {name}"),
        })
        .collect();
    let sql = format!(
        "select row_id, parcel_id, parcel_code, {fields}, area_geom_m2,
                valid_from, valid_to, recorded_at, superseded_at,
                st_x(st_pointonsurface(geom)) as x, st_y(st_pointonsurface(geom)) as y,
                st_xmin(geom) as west, st_ymin(geom) as south, st_xmax(geom) as east, st_ymax(geom) as north,
                st_asgeojson(geom, 7)::jsonb as geometry
         from mutu.parcel_version
         where row_id = $1",
        fields = fields.join(", "),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(row_id).fetch_optional(db).await
}

/// Where a parcel's row came from; who recorded it is for those who have an account themselves.
pub async fn source(db: &mut Reader, scope: &Scope, row_id: i64) -> sqlx::Result<Source> {
    let recorded_by =
        if scope.may(Role::Viewer) { "p.recorded_by" } else { "null::text as recorded_by" };
    let sql = format!(
        "select b.file, p.recorded_at as imported_at, {recorded_by}
         from mutu.parcel_version p
         left join mutu.import_batch b using (batch_id)
         where p.row_id = $1"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(row_id).fetch_one(db).await
}

/// The name of the town with that code, from the layer of towns.
pub async fn town(db: &mut Reader, code: &str) -> sqlx::Result<Option<String>> {
    let name: Option<Option<String>> =
        sqlx::query_scalar("select name from layer.towns_in_force where code = $1 limit 1")
            .bind(code)
            .fetch_optional(db)
            .await?;
    Ok(name.flatten())
}

/// What a run measured of the parcel itself.
#[derive(Debug, sqlx::FromRow)]
pub struct Measures {
    pub area_mu: Option<Decimal>,
    pub area_basis: Option<String>,
    pub far: Option<Decimal>,
    pub gfa_m2: Option<Decimal>,
    pub coverage: Option<Decimal>,
}

/// The run's measures of the parcel that the scope may read, if the run knew it.
pub async fn measures(
    db: &mut Reader,
    scope: &Scope,
    layers: &Layers,
    run_id: i64,
    parcel_id: i64,
) -> sqlx::Result<Option<Measures>> {
    let sql = format!(
        "select area_basis, {} from mutu.parcel_measure where run_id = $1 and parcel_id = $2",
        readable(scope, layers, &["area_mu", "far", "gfa_m2", "coverage"]),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(run_id).bind(parcel_id).fetch_optional(db).await
}

/// A list of measures for `select`, with null for those that the scope may not read.
pub(super) fn readable(scope: &Scope, layers: &Layers, measures: &[&str]) -> String {
    let list: Vec<String> = measures
        .iter()
        .map(|name| {
            if scope.may(layers.measure_role(name)) {
                (*name).to_owned()
            } else {
                format!("null::numeric as {name}")
            }
        })
        .collect();
    list.join(", ")
}

#[derive(Debug, sqlx::FromRow)]
pub struct ShareRow {
    pub layer: String,
    pub class: String,
    pub share: Decimal,
    pub area_m2: Decimal,
}

/// The parcel's shares in every overlay, largest first.
pub async fn shares(db: &mut Reader, run_id: i64, parcel_id: i64) -> sqlx::Result<Vec<ShareRow>> {
    sqlx::query_as(
        "select layer, class, share, area_m2
         from mutu.overlay_share_readable
         where run_id = $1 and parcel_id = $2
         order by layer, share desc, class",
    )
    .bind(run_id)
    .bind(parcel_id)
    .fetch_all(db)
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct ClassRow {
    pub class: String,
    pub straddle: bool,
    pub source: String,
    pub name: Option<String>,
}

/// The parcel's class in one overlay.
pub async fn class(
    db: &mut Reader,
    run_id: i64,
    layer: &str,
    parcel_id: i64,
) -> sqlx::Result<Option<ClassRow>> {
    sqlx::query_as(
        "select class, straddle, source, name
         from mutu.parcel_class_readable
         where run_id = $1 and layer = $2 and parcel_id = $3",
    )
    .bind(run_id)
    .bind(layer)
    .bind(parcel_id)
    .fetch_optional(db)
    .await
}

/// Who uses the parcel on a day, those with most land first.
pub async fn occupants(
    db: &mut Reader,
    parcel_code: &str,
    day: NaiveDate,
) -> sqlx::Result<Vec<Occupant>> {
    sqlx::query_as(
        "select o.uscc, e.name, o.role, o.land_m2, o.floor_m2, e.industry_code, e.is_scale
         from mutu.occupancy_current o
         left join mutu.enterprise_current e using (uscc)
         where o.parcel_code = $1
           and (o.from_date is null or o.from_date <= $2)
           and (o.to_date is null or o.to_date >= $2)
         order by o.land_m2 desc nulls last, o.uscc, o.role",
    )
    .bind(parcel_code)
    .bind(day)
    .fetch_all(db)
    .await
}

/// The parcel's buildings in sum.
pub async fn buildings(
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    parcel_code: &str,
) -> sqlx::Result<Buildings> {
    let sum = |column: &str| match layer.role_of_column(column) {
        Some(needed) if scope.may(needed) => format!("sum({column}) as {column}"),
        _ => format!("null::numeric as {column}"),
    };
    let sql = format!(
        "select count(*) as count, {}, {}, {} from mutu.building_current where parcel_code = $1",
        sum("floor_area_m2"),
        sum("footprint_m2"),
        sum("vacant_area_m2"),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(parcel_code).fetch_one(db).await
}

/// The figures of a year.
const FIGURES: [&str; 8] = [
    "tax_wan",
    "output_wan",
    "value_added_wan",
    "energy_tce",
    "employees",
    "assessed_value_wan",
    "tax_wan_per_mu",
    "output_wan_per_mu",
];

#[derive(sqlx::FromRow)]
struct YearRow {
    year: i64,
    tax_wan: Option<Decimal>,
    output_wan: Option<Decimal>,
    value_added_wan: Option<Decimal>,
    energy_tce: Option<Decimal>,
    employees: Option<Decimal>,
    assessed_value_wan: Option<Decimal>,
    tax_wan_per_mu: Option<Decimal>,
    output_wan_per_mu: Option<Decimal>,
    complete: bool,
    note: Option<Value>,
}

/// The parcel's figures by year, newest first, as the run computed them.
pub async fn years(
    db: &mut Reader,
    scope: &Scope,
    layers: &Layers,
    run_id: i64,
    parcel_id: i64,
) -> sqlx::Result<Vec<Year>> {
    let sql = format!(
        "select year, {}, complete, note
         from mutu.parcel_year
         where run_id = $1 and parcel_id = $2
         order by year desc",
        readable(scope, layers, &FIGURES),
    );
    let rows: Vec<YearRow> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(run_id).bind(parcel_id).fetch_all(db).await?;
    let years = rows.into_iter().map(|it| Year {
        year: it.year,
        tax_wan: it.tax_wan,
        output_wan: it.output_wan,
        value_added_wan: it.value_added_wan,
        energy_tce: it.energy_tce,
        employees: it.employees,
        assessed_value_wan: it.assessed_value_wan,
        tax_wan_per_mu: it.tax_wan_per_mu,
        output_wan_per_mu: it.output_wan_per_mu,
        complete: it.complete,
        note: it.note.and_then(|it| serde_json::from_value::<Text>(it).ok()),
    });
    Ok(years.collect())
}
