//! What a run reads and writes of plans, in its own transaction: everything, under nobody's scope.

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::judgement::assembly::Candidate;
use crate::judgement::assembly::Cluster;

use super::assembly::Row;
use super::overlap::plane;

/// A parcel's present use, and what the run measured of it.
#[derive(Debug, sqlx::FromRow)]
pub struct Present {
    pub parcel_id: i64,
    pub area_mu: Option<Decimal>,
    pub land_use_code: Option<String>,
    pub far: Option<Decimal>,
}

/// All parcels that the run has measured.
pub async fn present(
    db: &mut PgConnection,
    source: Source,
    run_id: i64,
) -> sqlx::Result<Vec<Present>> {
    let sql = format!(
        "select p.parcel_id, m.area_mu, p.land_use_code, m.far
         from mutu.parcel_measure m
         join {} p using (parcel_id)
         where m.run_id = $1
         order by p.parcel_id",
        source.facts("parcel")
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(run_id).fetch_all(db).await
}

/// The parcels that the run found low in a layer, with how far they conform by another.
pub async fn low(
    db: &mut PgConnection,
    (source, run_id): (Source, i64),
    projection: &str,
    verdicts: &str,
    conformity: &str,
) -> anyhow::Result<Vec<Candidate>> {
    let sql = format!(
        "select p.parcel_id, p.parcel_code, p.responsible_unit as unit, p.holder_uscc as holder, m.area_mu,
                q.outcome, st_asbinary({plane}) as shape
         from mutu.parcel_result r
         join {parcels} p using (parcel_id)
         left join mutu.parcel_measure m on m.run_id = r.run_id and m.parcel_id = r.parcel_id
         left join mutu.parcel_conformity q
             on q.run_id = r.run_id and q.layer = $4 and q.parcel_id = r.parcel_id
         where r.run_id = $2 and r.layer = $3 and r.verdict = 'low'
         order by p.parcel_code, p.parcel_id",
        plane = plane("p.geom"),
        parcels = source.facts("parcel"),
    );
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(projection)
        .bind(run_id)
        .bind(verdicts)
        .bind(conformity)
        .fetch_all(db)
        .await?;
    rows.into_iter().map(Row::candidate).collect()
}

/// Writes down a piece: its members, and their shapes as one.
pub async fn insert(
    db: &mut PgConnection,
    (source, run_id): (Source, i64),
    layer: &str,
    candidates: &[Candidate],
    it: &Cluster,
) -> anyhow::Result<()> {
    let members = || it.members.iter().map(|it| &candidates[*it]);
    let ids: Vec<i64> = members().map(|it| it.parcel_id).collect();
    let codes: Vec<&str> = members().map(|it| it.code.as_str()).collect();
    let count = |it: usize| i64::try_from(it);
    let sql = format!(
        "insert into mutu.assembly (run_id, layer, assembly_id, assembly_code, rank, area_mu, parcels, without_area, holders,
             without_holder, compactness, plan_fit, plan_unknown, responsible_unit, members, geom)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                st_multi(st_collectionextract(st_makevalid(st_union(geom order by parcel_id)), 3))
         from {} p
         where parcel_id = any ($16)",
        source.facts("parcel")
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(run_id)
        .bind(layer)
        .bind(it.id)
        .bind(&it.code)
        .bind(count(it.rank)?)
        .bind(it.area_mu)
        .bind(count(it.members.len())?)
        .bind(count(it.without_area)?)
        .bind(it.holders.map(count).transpose()?)
        .bind(count(it.without_holder)?)
        .bind(it.compactness)
        .bind(it.plan_fit)
        .bind(it.plan_unknown)
        .bind(&it.unit)
        .bind(codes)
        .bind(&ids)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "insert into mutu.assembly_member (run_id, layer, assembly_id, parcel_id)
         select $1, $2, $3, unnest($4::bigint[])",
    )
    .bind(run_id)
    .bind(layer)
    .bind(it.id)
    .bind(&ids)
    .execute(db)
    .await?;
    Ok(())
}
