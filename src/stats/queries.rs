//! SQL of statistics. Identifiers are those of checked layer folders; every value is bound.

use std::fmt::Write;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::catalog;
use crate::cql::Value;
use crate::cql::sql::to_sql;
use crate::db::Reader;
use crate::db::Statement;
use crate::error::Error;
use crate::error::Result;
use crate::export;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::layer::UNIT_FIELD;

use super::Counts;
use super::Group;
use super::Histogram;
use super::Measure;
use super::Rows;
use super::Selected;
use super::Total;
use super::Worth;

/// Places of a quotient.
const PLACES: u32 = 12;

/// `from … where …` of a selection.
fn chosen(selected: &Selected<'_>) -> Result<Statement> {
    let mut it = Statement::default();
    let mut conditions = String::from("true");
    if let Some(bbox) = selected.bbox {
        let _ = write!(conditions, " and {}", export::queries::touches(bbox, &mut it));
    }
    if selected.rows == Rows::OwnUnits {
        let units = selected.scope.responsible_units.clone().unwrap_or_default();
        let units = Value::TextList(units.into_iter().map(Into::into).collect());
        let units = it.bind(units, "text[]");
        let _ = write!(conditions, " and t.{UNIT_FIELD} = any ({units})");
    }
    if let Some(filter) = &selected.filter {
        let fields = catalog::filter::fields(selected.layer, selected.scope);
        let fragment = to_sql(filter, &fields, it.values.len() + 1)
            .map_err(|it| Error::parameter("filter", it.to_string()))?;
        let _ = write!(conditions, " and {}", fragment.sql);
        it.values.extend(fragment.values);
    }
    it.sql = format!("from {} t where {conditions}", selected.layer.relation());
    Ok(it)
}

/// A measure's value as text with exact digits, and how many rows it leaves out.
fn expressions(measure: &Measure) -> [String; 2] {
    let exact = |it: String| format!("trim_scale({it})::text");
    match measure {
        Measure::Sum(it) => [exact(format!("sum(t.{it}::numeric)")), missing(it)],
        Measure::Avg(it) => [exact(format!("round(avg(t.{it}::numeric), {PLACES})")), missing(it)],
        Measure::Min(it) => [exact(format!("min(t.{it}::numeric)")), missing(it)],
        Measure::Max(it) => [exact(format!("max(t.{it}::numeric)")), missing(it)],
        Measure::Ratio([over, under]) => {
            let both = format!("filter (where t.{over} is not null and t.{under} is not null)");
            let (over, under) = (
                format!("sum(t.{over}::numeric) {both}"),
                format!("sum(t.{under}::numeric) {both}"),
            );
            [
                exact(format!("round({over} / nullif({under}, 0), {PLACES})")),
                format!("count(*) - count(*) {both}"),
            ]
        }
    }
}

fn missing(field: &str) -> String {
    format!("count(*) - count(t.{field})")
}

/// The groups of a selection and their total, at most `most` of them.
pub async fn groups(
    db: &mut Reader,
    selected: &Selected<'_>,
    most: usize,
) -> Result<(Vec<Group>, Total)> {
    let mut it = chosen(selected)?;
    let names: Vec<&str> = selected.group_by.iter().map(|(name, _)| *name).collect();
    let keys: String = names.iter().map(|name| format!("t.{name}::text, ")).collect();
    let worth: String = selected
        .measures
        .iter()
        .flat_map(expressions)
        .map(|expression| format!(", {expression}"))
        .collect();
    let by: Vec<String> = names.iter().map(|name| format!("t.{name}")).collect();
    let by = by.join(", ");
    // Nulls last, as the legend has them; the total stands before all groups.
    let (sets, is_total, order) = if names.is_empty() {
        ("()".to_owned(), "1".to_owned(), String::new())
    } else {
        (format!("({by}), ()"), format!("grouping({by})"), format!(", {by}"))
    };
    it.sql = format!(
        "select {keys}{is_total}, count(*){worth} {from}
         group by grouping sets ({sets})
         order by {is_total} desc{order}
         limit {limit}",
        from = it.sql,
        limit = most + 2,
    );
    let mut groups = Vec::new();
    let mut total = Total::default();
    for row in it.query()?.fetch_all(db).await? {
        let of = read_total(&row, names.len() + 1, selected.measures)?;
        if row.try_get::<i32, _>(names.len())? != 0 {
            total = of;
            continue;
        }
        let mut key = IndexMap::new();
        for (nth, (name, field)) in selected.group_by.iter().enumerate() {
            let text: Option<String> = row.try_get(nth)?;
            key.insert((*name).to_owned(), key_value(field.kind, text));
        }
        groups.push(Group { key, of });
    }
    if groups.len() > most {
        return Err(Error::parameter(
            "group_by",
            format!(
                "超过 {most} 组，请改分组或加筛选 / more than {most} groups: group by something else or add a filter"
            ),
        ));
    }
    Ok((groups, total))
}

fn read_total(row: &PgRow, at: usize, measures: &[Measure]) -> sqlx::Result<Total> {
    let mut total = Total { count: row.try_get(at)?, ..Total::default() };
    for (nth, measure) in measures.iter().enumerate() {
        let worth = Worth {
            value: row.try_get(at + 1 + 2 * nth)?,
            missing: row.try_get(at + 2 + 2 * nth)?,
        };
        total.measures.insert(measure.label(), worth);
    }
    Ok(total)
}

/// A group's value, of the field's type.
pub(super) fn key_value(kind: FieldType, text: Option<String>) -> Json {
    let Some(text) = text else { return Json::Null };
    match kind {
        FieldType::Integer => text.parse::<i64>().map_or_else(|_| json!(text), Json::from),
        FieldType::Boolean => json!(text == "true"),
        FieldType::Text | FieldType::Decimal | FieldType::Date => json!(text),
    }
}

/// How often the field's values fall between bounds.
pub async fn histogram(
    db: &mut Reader,
    selected: &Selected<'_>,
    asked: &Histogram,
) -> Result<Counts> {
    let field = &asked.field;
    let mut it = chosen(selected)?;
    it.sql = format!(
        "select min(t.{field}::numeric), max(t.{field}::numeric), {} {}",
        missing(field),
        it.sql
    );
    let row = it.query()?.fetch_one(&mut *db).await?;
    let (min, max): (Option<Decimal>, Option<Decimal>) = (row.try_get(0)?, row.try_get(1)?);
    let missing: i64 = row.try_get(2)?;
    let breaks = match (asked.bins, min, max) {
        (None, ..) => asked.breaks.clone(),
        (Some(bins), Some(min), Some(max)) => even_breaks(min, max, bins),
        (Some(_), ..) => Vec::new(),
    };
    let mut counts = vec![0; breaks.len() + 1];
    let mut it = chosen(selected)?;
    let bounds = it.bind(Value::NumberList(breaks.clone()), "numeric[]");
    let class = format!(
        "case when cardinality({bounds}) = 0 then 0 else width_bucket(t.{field}::numeric, {bounds}) end"
    );
    it.sql = format!("select {class}, count(*) {} and t.{field} is not null group by 1", it.sql);
    for row in it.query()?.fetch_all(db).await? {
        let class: i32 = row.try_get(0)?;
        if let Some(count) = usize::try_from(class).ok().and_then(|it| counts.get_mut(it)) {
            *count = row.try_get(1)?;
        }
    }
    let text = |it: Decimal| it.normalize().to_string();
    Ok(Counts {
        field: field.clone(),
        breaks: breaks.into_iter().map(text).collect(),
        counts,
        min: min.map(text),
        max: max.map(text),
        missing,
    })
}

/// The bounds between classes of equal width; none where all values are one.
fn even_breaks(min: Decimal, max: Decimal, bins: u32) -> Vec<Decimal> {
    let width = max.checked_sub(min).map(|it| it / Decimal::from(bins));
    let Some(width) = width.filter(|it| !it.is_zero()) else { return Vec::new() };
    (1..bins).filter_map(|nth| min.checked_add(width.checked_mul(Decimal::from(nth))?)).collect()
}

/// A parcel of a layer as disclosure control sees it.
#[derive(Debug)]
pub struct ParcelRow {
    pub parcel_id: i64,
    pub figure: Option<Decimal>,
    pub area_mu: Option<Decimal>,
    /// The value of each dimension.
    pub groups: Vec<Option<String>>,
}

/// Every row of the layer with the figure of the field and the values of its dimensions.
pub async fn parcels(
    db: &mut Reader,
    layer: &Layer,
    field: &str,
    dimensions: &[&str],
) -> Result<Vec<ParcelRow>> {
    let list: String = dimensions.iter().map(|name| format!(", t.{name}::text")).collect();
    let sql = format!(
        "select t.id, t.{field}::numeric, m.area_mu{list}
         from {} t
         left join mutu.current_run on true
         left join mutu.parcel_measure m on m.run_id = current_run.run_id and m.parcel_id = t.id
         order by t.id",
        layer.relation()
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(db).await?;
    let read = |row: &PgRow| -> sqlx::Result<ParcelRow> {
        let groups = (0..dimensions.len()).map(|nth| row.try_get(3 + nth));
        Ok(ParcelRow {
            parcel_id: row.try_get(0)?,
            figure: row.try_get(1)?,
            area_mu: row.try_get(2)?,
            groups: groups.collect::<sqlx::Result<_>>()?,
        })
    };
    Ok(rows.iter().map(read).collect::<sqlx::Result<_>>()?)
}

/// What the current run's enterprises contributed to a measure: parcel, enterprise, figure.
pub async fn contributions(
    db: &mut Reader,
    measure: &str,
) -> Result<Vec<(i64, Option<String>, Decimal)>> {
    let sql = format!(
        "select c.parcel_id, c.uscc, c.{measure}
         from mutu.current_run
         join mutu.parcel_contribution c using (run_id)
         where c.{measure} is not null
         order by c.parcel_id, c.uscc"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await?)
}

/// Of each group of a dimension (of all rows, without one): its value, rows, rows with the figure, the sum of another
/// field over those, and how many of those have none of it.
#[derive(Debug, sqlx::FromRow)]
pub struct Beside {
    pub key: Option<String>,
    pub count: i64,
    pub sum: Option<Decimal>,
    pub missing: i64,
}

/// Sums of a readable field by a dimension; with `of`, over the rows that have that figure.
pub async fn beside(
    db: &mut Reader,
    layer: &Layer,
    dimension: Option<&str>,
    field: &str,
    of: Option<&str>,
) -> Result<Vec<Beside>> {
    let key = dimension.map_or_else(|| "null::text".to_owned(), |it| format!("t.{it}::text"));
    let given = of.map_or_else(|| "true".to_owned(), |it| format!("t.{it} is not null"));
    let sql = format!(
        "select {key} as key, count(*) as count, sum(t.{field}::numeric) filter (where {given}) as sum,
                count(*) filter (where {given} and t.{field} is null) as missing
         from {} t group by 1",
        layer.relation()
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await?)
}
