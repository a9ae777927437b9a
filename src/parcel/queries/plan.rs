//! SQL of the plans that a parcel lies in.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use crate::access::Scope;
use crate::db::Reader;
use crate::layer::FieldType;
use crate::layer::Layer;

#[derive(Debug, sqlx::FromRow)]
pub struct HitRow {
    pub code: Option<String>,
    pub name: Option<String>,
    pub approval_no: Option<String>,
    pub approved_on: Option<NaiveDate>,
    pub share: Decimal,
    pub area_m2: Decimal,
    pub revision: Option<i64>,
    pub updated_at: Option<DateTime<Utc>>,
}

/// The layer's polygons that cover at least 1 m² of the parcel, measured in the equal-area plane of `projection`, with
/// code, name and approval where the scope may read them, and the revision of the layer.
pub async fn plan_hits(
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    projection: &str,
    parcel_id: i64,
) -> sqlx::Result<Vec<HitRow>> {
    let of = |name: &str, kind: FieldType, typed: &str| {
        let field = layer.field_for(scope, name).filter(|it| it.kind == kind);
        field.map_or(format!("null::{typed}"), |_| format!("l.{name}"))
    };
    let sql = format!(
        "with parcel as (
             select geom, st_transform(st_segmentize(geom, 0.0025), $2) as plane
             from mutu.parcel_current
             where parcel_id = $1
         ),
         hit as (
             select {code} as code, {name} as name, {approval_no} as approval_no, {approved_on} as approved_on,
                    st_area(parcel.plane) as whole,
                    st_area(st_intersection(
                        st_makevalid(st_transform(st_segmentize(l.geom, 0.0025), $2)), st_makevalid(parcel.plane))) as part
             from parcel
             join {relation} l on l.geom && parcel.geom and st_intersects(l.geom, parcel.geom)
         )
         select code, name, approval_no, approved_on,
             round((part / whole)::numeric, 6) as share, round(part::numeric, 2) as area_m2, v.revision, v.updated_at
         from hit
         left join mutu.layer_revision v on v.layer = $3
         where part >= 1 and whole > 0
         order by part desc, code
         limit 50",
        code = of("code", FieldType::Text, "text"),
        name = of("name", FieldType::Text, "text"),
        approval_no = of("approval_no", FieldType::Text, "text"),
        approved_on = of("approved_on", FieldType::Date, "date"),
        relation = layer.relation(),
    );
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(parcel_id)
        .bind(projection)
        .bind(&layer.id)
        .fetch_all(db)
        .await
}
