//! Figures compared with those of the period before, or with the version that the file replaces: jumps of one row, and columns
//! that changed their unit as a whole.

use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Unit;

use super::super::report::Findings;
use super::super::report::Issue;
use super::super::report::Severity;
use super::super::target::Target;
use super::super::unit;
use super::Columns;

/// A figure that many times the one before, or that part of it, is looked at.
const JUMP: i64 = 5;
/// Figures that come in lumps: a plant is built in one year, and relief is granted for one.
const UNEVEN: [&str; 2] = ["investment_wan", "tax_policy_adj_wan"];
/// A column's unit is judged by the median over at least so many rows, and at most about `SAMPLE`.
const UNIT_ROWS: i64 = 20;
const SAMPLE: i64 = 20_000;
/// A median ratio this near to a unit's factor, either way.
const UNIT_TOLERANCE: f64 = 0.25;
const LEAST_FACTOR: f64 = 5.0;

/// Below this, in the field's unit, figures come and go without anything being wrong.
fn least(unit: Unit) -> i64 {
    match unit {
        Unit::Wan | Unit::Persons | Unit::Tce | Unit::T => 10,
        Unit::Kwh => 10_000,
        Unit::M3 => 1_000,
        _ => 1,
    }
}

/// The figures that a file fills, with the unit that they are in.
fn figures<'a>(target: &'a Target, filled: &'a [String]) -> impl Iterator<Item = (&'a str, Unit)> {
    let number = |it: &Field| matches!(it.kind, FieldType::Decimal | FieldType::Integer);
    target
        .fields
        .iter()
        .filter(move |(name, it)| number(it) && filled.contains(name))
        .filter_map(|(name, it)| Some((name.as_str(), it.unit?)))
}

/// Tells suspicious units, and jumps in the other columns.
pub async fn judge(
    db: &mut PgConnection,
    target: &Target,
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    let all: Vec<(&str, Unit)> = figures(target, columns.filled).collect();
    if all.is_empty() {
        return Ok(());
    }
    let pairs = pairs(target, &all);
    let mut suspected = Vec::new();
    for (field, rows, median) in medians(db, target, &pairs, &all).await? {
        let Some((_, own)) = all.iter().find(|it| it.0 == field) else { continue };
        let Some(why) = suspicion(*own, median).filter(|_| rows >= UNIT_ROWS) else { continue };
        let why =
            format!("{why}（{rows} 行的中位比值 / median ratio of {rows} rows: {median:.6}）");
        let column = Some(columns.header(&field));
        findings.add(Issue::warn("unit_suspected", None, column, None, why));
        suspected.push(field);
    }
    if target.fields.contains_key("period") {
        let even = |it: &&str| !UNEVEN.contains(it) && !suspected.iter().any(|name| name == it);
        let rest: Vec<(&str, Unit)> = all.into_iter().filter(|it| even(&it.0)).collect();
        jumps(db, &pairs, &rest, columns, findings).await?;
    }
    Ok(())
}

/// The period before one of the same kind: year, quarter or month.
const BEFORE: &str = "case
    when i.period ~ '^[0-9]{4}$' then (i.year - 1)::text
    when i.period ~ 'Q1$' then (i.year - 1) || 'Q4'
    when i.period ~ 'Q[2-4]$' then i.year || 'Q' || (right(i.period, 1)::int - 1)
    else to_char(to_date(i.period, 'YYYY-MM') - interval '1 month', 'YYYY-MM')
end";

/// Common table expressions that end in `pair (row_no, then, nth, <field>, <field>_before)`.
fn pairs(target: &Target, all: &[(&str, Unit)]) -> String {
    let both: String =
        all.iter().map(|(name, _)| format!(", i.{name}, b.{name} as {name}_before")).collect();
    if !target.fields.contains_key("period") {
        return format!(
            "with pair as (
                 select i.row_no, '' as then, i.row_no as nth{both}
                 from incoming i
                 join matched m using (row_no)
                 join {} b on b.row_id = m.row_id
             )",
            target.relation
        );
    }
    let key: Vec<&str> =
        target.key.iter().map(String::as_str).filter(|it| *it != "period").collect();
    let list =
        |alias: &str| key.iter().map(|it| format!("{alias}.{it}")).collect::<Vec<_>>().join(", ");
    let own: String = all.iter().map(|(name, _)| format!(", {name}")).collect();
    let theirs: String = all.iter().map(|(name, _)| format!(", c.{name}")).collect();
    format!(
        "with every as (
             select {names}, period{own} from incoming
             union all
             select {current}, c.period{theirs} from {relation} c
             where c.superseded_at is null and c.valid_to is null
                 and not exists (select from matched m where m.row_id = c.row_id)
         ), pair as (
             select i.row_no, b.period as then, abs(hashtext(concat({incoming}))::bigint) as nth{both}
             from incoming i
             join every b on ({before}) = ({incoming}) and b.period = {BEFORE}
         )",
        names = key.join(", "),
        current = list("c"),
        incoming = list("i"),
        before = list("b"),
        relation = target.relation,
    )
}

fn values(all: &[(&str, Unit)]) -> String {
    let row = |(name, unit): &(&str, Unit)| {
        format!(
            "('{name}', pair.{name}::numeric, pair.{name}_before::numeric, {}::numeric)",
            least(*unit)
        )
    };
    all.iter().map(row).collect::<Vec<_>>().join(", ")
}

/// The median of figure over figure before, by field. A registered area is also compared with the measured one.
async fn medians(
    db: &mut PgConnection,
    target: &Target,
    pairs: &str,
    all: &[(&str, Unit)],
) -> sqlx::Result<Vec<(String, i64, f64)>> {
    let rows: i64 = sqlx::query_scalar("select count(*) from incoming").fetch_one(&mut *db).await?;
    let sql = format!(
        "{pairs}
         select v.field, count(*), percentile_cont(0.5) within group (order by (v.figure / v.before)::float8)
         from pair
         cross join lateral (values {}) v (field, figure, before, least)
         where pair.nth % $1 = 0 and v.figure > 0 and v.before > 0
         group by v.field
         order by v.field",
        values(all)
    );
    let every = (rows / SAMPLE).max(1);
    let mut found: Vec<(String, i64, f64)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(every).fetch_all(&mut *db).await?;
    let measured = [("area_registered_m2", 1.0), ("area_registered_mu", 2000.0 / 3.0)];
    for (name, size_m2) in measured {
        if !target.measured || !all.iter().any(|it| it.0 == name) {
            continue;
        }
        let sql = format!(
            "select count(*), percentile_cont(0.5) within group (order by ({name} / area_geom_m2)::float8)
             from incoming
             where {name} > 0 and area_geom_m2 > 0 and row_no % $1 = 0"
        );
        let (rows, median): (i64, Option<f64>) =
            sqlx::query_as(AssertSqlSafe(sql)).bind(every).fetch_one(&mut *db).await?;
        if let Some(median) = median
            && !found.iter().any(|it| it.0 == name && suspicion(Unit::M2, it.2).is_some())
        {
            found.retain(|it| it.0 != name);
            found.push((name.to_owned(), rows, median * size_m2));
        }
    }
    Ok(found)
}

/// What a median ratio says of a column's unit: figures in 元 taken for 万元 are 10,000 times too large.
fn suspicion(own: Unit, median: f64) -> Option<String> {
    let limit = (1.0 + UNIT_TOLERANCE).ln();
    let nearest = |expected: fn(f64) -> f64| {
        unit::others(own)
            .map(|(name, factor)| (name, expected(factor)))
            // Factors as near as these say nothing that a year could not.
            .filter(|(_, factor)| factor.ln().abs() > LEAST_FACTOR.ln())
            .map(|(name, factor)| (name, (median / factor).ln().abs()))
            .filter(|(_, distance)| *distance < limit)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(name, _)| name)
    };
    let shown = unit::shown(own);
    if let Some(name) = nearest(|factor| 1.0 / factor) {
        return Some(format!(
            "数值似以{name}计，而按{shown}读入 / the figures seem to be in {name}, read as {shown}"
        ));
    }
    nearest(|factor| factor).map(|name| {
        format!("对照数值似以{name}计，或本列换算了两次；本列按{shown}读入 / what they are compared with seems to be in {name}, or these were converted twice; read as {shown}")
    })
}

type Jump = (i64, String, String, Decimal, Decimal, i64);

async fn jumps(
    db: &mut PgConnection,
    pairs: &str,
    all: &[(&str, Unit)],
    columns: &Columns<'_>,
    findings: &mut Findings,
) -> sqlx::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "{pairs}
         select pair.row_no, pair.then, v.field, v.before, v.figure, count(*) over ()
         from pair
         cross join lateral (values {}) v (field, figure, before, least)
         where v.before > 0 and greatest(v.before, v.figure) >= v.least
             and (v.figure > v.before * $1 or v.figure * $1 < v.before)
         order by pair.row_no, v.field
         limit $2",
        values(all)
    );
    let most = Findings::most();
    let rows: Vec<Jump> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(JUMP).bind(most).fetch_all(db).await?;
    let every = rows.first().map_or(0, |it| it.5);
    let more = u64::try_from(every).unwrap_or_default().saturating_sub(rows.len() as u64);
    for (row, then, field, before, figure, _) in rows {
        let (before, figure) = (before.normalize(), figure.normalize());
        let why = format!("上期 before（{then}）{before}，本期 now {figure}");
        let column = Some(columns.header(&field));
        let value = Some(figure.to_string());
        findings.add(Issue::warn("jump", u64::try_from(row).ok(), column, value, why));
    }
    findings.count_more(Severity::Warning, "jump", more);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_names_the_unit_that_figures_were_in() {
        for (own, median, word) in [
            (Unit::Wan, 10_000.0, "以元计"),
            (Unit::Wan, 11_800.0, "以元计"),
            (Unit::Wan, 0.000_1, "以亿元计"),
            (Unit::M2, 0.001_5, "以亩计"),
            (Unit::M2, 666.67, "对照数值似以亩计"),
            (Unit::Mu, 666.67, "以平方米计"),
            (Unit::Kwh, 0.000_1, "以万千瓦时计"),
            (Unit::WanPerMu, 15.0, "计"),
        ] {
            let said = suspicion(own, median).unwrap_or_default();
            assert!(said.contains(word), "{own:?} {median}: {said}");
        }
        for (own, median) in
            [(Unit::Wan, 1.1), (Unit::Wan, 3.0), (Unit::M2, 0.99), (Unit::Persons, 7.0)]
        {
            assert_eq!(suspicion(own, median), None, "{own:?} {median}");
        }
    }
}
