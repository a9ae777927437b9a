//! Lists compared with the register: land that is shared out twice, and what no row of a list names.

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use super::super::report::Findings;
use super::super::report::Issue;
use super::super::report::Severity;
use super::super::target::Target;
use super::Columns;

/// Users may have this much more land than the parcel: surveys differ, and figures are rounded.
const LAND_TOLERANCE: &str = "1.01";
/// A list that names less of the register than this part is not meant to name all.
const LIST_PART: i64 = 2;
/// Codes that are quoted of what a list leaves out.
const QUOTED: usize = 5;

/// Tells parcels whose users have more land than there is. Who holds land, who uses it and who lets it on are added up apart:
/// each of them may state the whole parcel.
pub async fn land(
    db: &mut PgConnection,
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    type Exceeded = (i64, String, Decimal, Decimal, i64, Option<Vec<u8>>, i64);
    let sql = "with used as (
             select row_no, parcel_code, role, land_m2 from incoming
             where land_m2 is not null and coalesce(to_date >= current_date, true)
             union all
             select null, c.parcel_code, c.role, c.land_m2 from mutu.occupancy c
             where c.superseded_at is null and c.valid_to is null
                 and c.land_m2 is not null and coalesce(c.to_date >= current_date, true)
                 and c.parcel_code in (select parcel_code from incoming)
                 and not exists (select from matched m where m.row_id = c.row_id)
         ), summed as (
             select parcel_code, case when role in ('持有', '转租') then role else '' end as part,
                 sum(land_m2) as land_m2, count(*) as users,
                 (array_agg(row_no order by land_m2 desc) filter (where row_no is not null))[1] as row_no
             from used
             group by 1, 2
         ), exceeded as (
             select distinct on (s.parcel_code) s.row_no, s.parcel_code, s.land_m2,
                 coalesce(p.area_registered_m2, p.area_geom_m2) as area_m2, s.users,
                 st_asewkb(st_pointonsurface(p.geom)) as place
             from summed s
             join mutu.parcel p on p.parcel_code = s.parcel_code and p.superseded_at is null and p.valid_to is null
             where s.row_no is not null
                 and s.land_m2 > coalesce(p.area_registered_m2, p.area_geom_m2) * $1::numeric + 1
             order by s.parcel_code, s.land_m2 desc
         )
         select row_no, parcel_code, land_m2, area_m2, users, place, count(*) over ()
         from exceeded
         order by row_no
         limit $2";
    let most = Findings::most();
    let rows: Vec<Exceeded> =
        sqlx::query_as(sql).bind(LAND_TOLERANCE).bind(most).fetch_all(db).await?;
    let every = rows.first().map_or(0, |it| it.6);
    let more = u64::try_from(every).unwrap_or_default().saturating_sub(rows.len() as u64);
    for (row, code, land_m2, area_m2, users, place, _) in rows {
        let why = format!(
            "宗地 {code}：{users} 户合计 {land_m2} m²，宗地 {area_m2} m² / {users} users have {land_m2} m² of a parcel of {area_m2} m²",
            land_m2 = land_m2.normalize(),
            area_m2 = area_m2.normalize(),
        );
        let field = Some(columns.header("land_m2"));
        let value = Some(land_m2.normalize().to_string());
        let issue = Issue::warn("land_exceeds_parcel", u64::try_from(row).ok(), field, value, why);
        findings.add(issue.at(place));
    }
    findings.count_more(Severity::Warning, "land_exceeds_parcel", more);
    Ok(())
}

/// Tells once what is registered and named by no row of a list that names most of it.
pub async fn left_out(
    db: &mut PgConnection,
    target: &Target,
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    for (column, relation) in [("parcel_code", "mutu.parcel"), ("uscc", "mutu.enterprise")] {
        let refers = target.key.iter().any(|it| it == column) && target.relation != relation;
        if !refers {
            continue;
        }
        let sql = format!(
            "with unnamed as (
                 select c.{column} as code from {relation} c
                 where c.superseded_at is null and c.valid_to is null
                     and not exists (select from incoming i where i.{column} = c.{column})
             )
             select (select count(*) from {relation} c where c.superseded_at is null and c.valid_to is null),
                 (select count(*) from unnamed),
                 array(select code from unnamed order by code limit $1)"
        );
        let (every, unnamed, first): (i64, i64, Vec<String>) = sqlx::query_as(AssertSqlSafe(sql))
            .bind(i64::try_from(QUOTED).unwrap_or_default())
            .fetch_one(&mut *db)
            .await?;
        if unnamed == 0 || unnamed * LIST_PART > every {
            continue;
        }
        let why = format!(
            "登记 {every} 条，其中 {unnamed} 条在表中没有行：{} / {unnamed} of {every} registered are named by no row",
            first.join(", ")
        );
        let field = Some(columns.header(column));
        findings.add(Issue::warn("not_in_list", None, field, Some(unnamed.to_string()), why));
    }
    Ok(())
}
