//! SQL of histories: versions as the layer's masked view shows them, and descent.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use crate::access::Role;
use crate::access::Scope;
use crate::db::Reader;
use crate::layer::Layer;

use super::super::queries::of_code;
use super::Relative;

/// A version with the fields that the scope may read, as text, in the folder's order.
#[derive(Debug, sqlx::FromRow)]
pub struct Written {
    pub row_id: i64,
    pub parcel_id: i64,
    pub parcel_code: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub recorded_by: Option<String>,
    pub batch_id: Option<i64>,
    pub file: Option<String>,
    pub area_geom_m2: Decimal,
    pub outline_changed_m2: Option<Decimal>,
    /// Whether the scope answers for the version's unit.
    pub reached: bool,
    pub fields: Vec<Option<String>>,
}

impl Written {
    pub fn is_in_force(&self) -> bool {
        self.superseded_at.is_none() && self.valid_to.is_none()
    }
}

/// The versions of every parcel that ever had the code, the latest first, `most` of them.
pub async fn versions(
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    parcel_code: &str,
    most: usize,
) -> sqlx::Result<Vec<Written>> {
    let fields: Vec<String> =
        layer.fields_for(scope).map(|it| format!("t.{}::text", it.0)).collect();
    let recorded_by =
        if scope.may(Role::Viewer) { "v.recorded_by" } else { "null::text as recorded_by" };
    let sql = format!(
        "with versions as (
             select v.row_id, v.parcel_id, v.parcel_code, v.valid_from, v.valid_to, v.recorded_at, v.superseded_at,
                 {recorded_by}, v.batch_id, v.area_geom_m2, t.reached, array[{fields}]::text[] as fields, v.geom,
                 lag(v.geom) over (partition by v.parcel_id order by v.row_id) as geom_before
             from mutu.parcel_version v
             join {past} t on t.row_id = v.row_id
             where v.parcel_id in (select it.parcel_id from {of_code} it)
             order by v.row_id desc
             limit {most}
         )
         select row_id, parcel_id, versions.parcel_code, valid_from, valid_to, versions.recorded_at, superseded_at,
             versions.recorded_by, batch_id, b.file, area_geom_m2, reached, fields,
             case when st_asbinary(geom) = st_asbinary(geom_before) then 0
                 else mutu.difference_m2(geom, geom_before) end as outline_changed_m2
         from versions
         left join mutu.import_batch b using (batch_id)
         order by row_id desc",
        fields = fields.join(", "),
        past = layer.past(),
        of_code = of_code("$1"),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(parcel_code).fetch_all(db).await
}

/// Parcels that these came from.
pub async fn parents(
    db: &mut Reader,
    layer: &Layer,
    parcel_ids: &[i64],
) -> sqlx::Result<Vec<Relative>> {
    relatives(db, layer, parcel_ids, "parent_parcel_id", "child_parcel_id").await
}

/// Parcels that came from these.
pub async fn children(
    db: &mut Reader,
    layer: &Layer,
    parcel_ids: &[i64],
) -> sqlx::Result<Vec<Relative>> {
    relatives(db, layer, parcel_ids, "child_parcel_id", "parent_parcel_id").await
}

async fn relatives(
    db: &mut Reader,
    layer: &Layer,
    parcel_ids: &[i64],
    theirs: &str,
    ours: &str,
) -> sqlx::Result<Vec<Relative>> {
    let sql = format!(
        "select r.parcel_id, r.parcel_code, l.kind, l.happened_on, r.in_force, l.recorded_at, l.recorded_by
         from mutu.parcel_lineage l
         cross join lateral (
             select v.parcel_id, v.parcel_code, v.superseded_at is null and v.valid_to is null as in_force
             from mutu.parcel_version v
             join {past} t on t.row_id = v.row_id
             where v.parcel_id = l.{theirs}
             order by v.superseded_at desc nulls first, v.valid_to desc nulls first, v.row_id desc
             limit 1
         ) r
         where l.{ours} = any ($1)
         order by l.happened_on, r.parcel_code",
        past = layer.past(),
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(parcel_ids).fetch_all(db).await
}
