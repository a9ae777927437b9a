//! Uses of land that contradict each other: a firm that is at one place twice at a time, and figures of which more than the
//! whole is shared out. Both would be judged wrongly, and neither shows in a single row.

use rust_decimal::Decimal;
use sqlx::PgConnection;

use super::super::report::Findings;
use super::super::report::Issue;
use super::super::report::Severity;
use super::Columns;

/// The rows of the file, and what it leaves of the record for the enterprises that it names.
const USED: &str = "with used as (
         select row_no, parcel_code, uscc, coalesce(role, '') as role, coalesce(building_code, '') as building,
             coalesce(from_date, '-infinity') as since, coalesce(to_date, 'infinity') as until, share
         from incoming
         union all
         select null, c.parcel_code, c.uscc, coalesce(c.role, ''), coalesce(c.building_code, ''),
             coalesce(c.from_date, '-infinity'), coalesce(c.to_date, 'infinity'), c.share
         from mutu.occupancy c
         where c.superseded_at is null and c.valid_to is null
             and c.uscc in (select uscc from incoming)
             and not exists (select from matched m where m.row_id = c.row_id)
     )";

/// Tells both kinds.
pub async fn judge(
    db: &mut PgConnection,
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    twice(db, columns, findings).await?;
    shares(db, columns, findings).await
}

/// Two rows of one firm at one place whose times overlap. The earlier row is of the file, or of the record: there a list that
/// now has dates beside the same uses without.
async fn twice(
    db: &mut PgConnection,
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    let sql = format!(
        "{USED}
         select i.row_no, i.parcel_code, i.uscc, o.row_no, count(*) over ()
         from used i
         join used o using (parcel_code, uscc, role, building)
         where i.row_no is not null and (o.row_no is null or o.row_no < i.row_no)
             and i.since <= o.until and o.since <= i.until
         order by i.row_no, o.row_no nulls last
         limit $1"
    );
    let rows: Vec<(i64, String, String, Option<i64>, i64)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(Findings::most()).fetch_all(db).await?;
    let every = rows.first().map_or(0, |it| it.4);
    let more = u64::try_from(every).unwrap_or_default().saturating_sub(rows.len() as u64);
    for (row, parcel_code, uscc, other, _) in rows {
        let why = match other {
            Some(other) => format!(
                "{uscc} 在宗地 {parcel_code} 的起止时间与第 {other} 行重叠 / is on parcel {parcel_code} in row {other} at the same time"
            ),
            None => format!(
                "{uscc} 在宗地 {parcel_code} 的起止时间与已登记的用地关系重叠 / is on parcel {parcel_code} at the same time in the record"
            ),
        };
        let field = Some(columns.header("from_date"));
        let issue = Issue::warn("used_twice", u64::try_from(row).ok(), field, None, why);
        findings.add(issue);
    }
    findings.count_more(Severity::Warning, "used_twice", more);
    Ok(())
}

/// Enterprises of whose figures more than the whole is shared out today.
async fn shares(
    db: &mut PgConnection,
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    let sql = format!(
        "{USED}
         select max(row_no), uscc, sum(share), count(*) over ()
         from used
         where share is not null and current_date between since and until
         group by uscc
         having sum(share) > 1 and max(row_no) is not null
         order by 1
         limit $1"
    );
    let rows: Vec<(i64, String, Decimal, i64)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(Findings::most()).fetch_all(db).await?;
    let every = rows.first().map_or(0, |it| it.3);
    let more = u64::try_from(every).unwrap_or_default().saturating_sub(rows.len() as u64);
    for (row, uscc, sum, _) in rows {
        let sum = (sum * Decimal::ONE_HUNDRED).normalize();
        let why = format!("{uscc} 各宗地合计 {sum}% / its parcels sum to {sum} %");
        let field = Some(columns.header("share"));
        let value = Some(format!("{sum}%"));
        findings.add(Issue::warn(
            "shares_exceed_whole",
            u64::try_from(row).ok(),
            field,
            value,
            why,
        ));
    }
    findings.count_more(Severity::Warning, "shares_exceed_whole", more);
    Ok(())
}
