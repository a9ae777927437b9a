//! SQL of what stands in a case's way: ground that others have counted, other lists, red lines, the boundary.

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;

use crate::db::Reader;
use crate::db::Writer;
use crate::layer::Layer;

/// Ground that a case shares with others that have counted.
#[derive(Debug, sqlx::FromRow)]
pub struct SharedRow {
    /// Part of the outline, 0 to 1, six places.
    pub share: Decimal,
    /// What the others have counted, in sum.
    pub counted_mu: Decimal,
    pub codes: Vec<String>,
}

/// What of a case's outline lies in the union of those that have counted; overlaps up to the tolerance are slivers of
/// digitising and count for nothing.
pub async fn shared(
    db: &mut Writer,
    row_id: i64,
    tolerance_m2: Decimal,
    tolerance_share: Decimal,
) -> sqlx::Result<SharedRow> {
    sqlx::query_as(
        "with mine as (
             select reuse_case_id, geom, st_area(geom::geography) as m2 from mutu.reuse_case where row_id = $1
         ),
         others as (
             select o.case_code, o.counted_mu, o.geom
             from mine
             join mutu.reuse_case o
                 on o.superseded_at is null and o.counted_mu > 0 and o.reuse_case_id <> mine.reuse_case_id
                and st_intersects(o.geom, mine.geom)
             where st_area(st_intersection(o.geom, mine.geom)::geography)
                 > greatest($2::float8, $3::float8 * mine.m2)
         )
         select coalesce(least(1, round((st_area(st_intersection(mine.geom, u.geom)::geography)
                    / nullif(mine.m2, 0))::numeric, 6)), 0) as share,
                u.counted_mu, u.codes
         from mine,
              (select st_union(geom) as geom, coalesce(sum(counted_mu), 0) as counted_mu,
                      coalesce(array_agg(case_code order by case_code), '{}') as codes
               from others) u",
    )
    .bind(row_id)
    .bind(tolerance_m2)
    .bind(tolerance_share)
    .fetch_one(db)
    .await
}

/// How much of a case lies on a layer.
#[derive(Debug, sqlx::FromRow)]
pub struct Hit {
    pub reuse_case_id: i64,
    pub area_m2: Decimal,
    /// Null: the layer has no rows, so nobody knows.
    pub on_layer_m2: Option<Decimal>,
}

/// How much of each of these cases lies on a layer, m² on the ellipsoid.
pub async fn hits(db: &mut Writer, layer: &Layer, cases: &[i64]) -> sqlx::Result<Vec<Hit>> {
    let relation = layer.relation();
    let sql = format!(
        "select c.reuse_case_id, st_area(c.geom::geography)::numeric(18, 2) as area_m2,
                case when exists (select from {relation}) then coalesce(
                    (select st_area(st_intersection(c.geom, st_union(r.geom))::geography)
                     from {relation} r where st_intersects(r.geom, c.geom)), 0)::numeric(18, 2) end as on_layer_m2
         from mutu.reuse_case c
         where c.reuse_case_id = any ($1) and c.superseded_at is null"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(cases).fetch_all(db).await
}

/// What a check compares a case with.
#[derive(Debug, sqlx::FromRow)]
pub struct Beside {
    pub reuse_case_id: i64,
    /// The parcel as it is now; null when it is no more.
    pub area_mu_now: Option<Decimal>,
    /// Other lists that have the parcel, as far as the reader sees them.
    pub others: Vec<String>,
}

/// Whether the reader may read the parcels' areas; if not, a case is compared with what was listed.
#[derive(Clone, Copy, Debug)]
pub enum Parcels {
    Open,
    Closed,
}

/// The parcels of a list as they are now, and in which other lists they are.
pub async fn beside(db: &mut Reader, list_id: i64, parcels: Parcels) -> sqlx::Result<Vec<Beside>> {
    let (area, join) = match parcels {
        Parcels::Open => (
            "case when p.parcel_id is null or mutu.reaches(p.responsible_unit) then p.area_mu else c.area_mu end",
            "left join mutu.parcel_current p on p.parcel_id = c.parcel_id",
        ),
        Parcels::Closed => ("c.area_mu", ""),
    };
    let sql = format!(
        "select c.reuse_case_id, {area} as area_mu_now,
                array(select l.name || ' ' || o.case_code
                      from mutu.reuse_case o
                      join mutu.reuse_list l using (list_id)
                      where o.parcel_id = c.parcel_id and o.list_id <> c.list_id and o.superseded_at is null
                        and o.state not in ('removed', 'closed') and l.state <> 'closed'
                      order by 1) as others
         from mutu.reuse_case c
         {join}
         where c.list_id = $1 and c.superseded_at is null"
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(list_id).fetch_all(db).await
}
