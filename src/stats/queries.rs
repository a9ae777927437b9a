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
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Span;
use crate::cql::Value;
use crate::cql::functions::Function;
use crate::cql::functions::Spatial;
use crate::cql::sql::to_sql;
use crate::db::Reader;
use crate::db::Statement;
use crate::error::Error;
use crate::error::Result;
use crate::export;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::layer::UNIT_FIELD;

use super::Breaks;
use super::Counts;
use super::Group;
use super::Histogram;
use super::Measure;
use super::Rows;
use super::Selected;
use super::Spread;
use super::Total;
use super::Worth;
use super::exact::PLACES;
use super::too_many_groups;

/// Adding it gives a quotient forty places before it is rounded; by itself PostgreSQL would keep sixteen digits, or as many as
/// the column happens to show, which is not what memory knows of it. No quotient of sums in 64-bit steps comes so near a
/// half of its last place without being one, so rounding twice is rounding once.
const FORTY_PLACES: &str = "0.0000000000000000000000000000000000000000";

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
    if let Some(ids) = selected.ids {
        let ids = it.bind(numbers(ids), "bigint[]");
        let _ = write!(conditions, " and t.id = any ({ids})");
    }
    for (at, filter) in [("filter", selected.filter.clone()), ("polygon", within(selected))] {
        let Some(filter) = filter else { continue };
        let fields = catalog::filter::fields(selected.layer, selected.scope);
        let fragment = to_sql(&filter, &fields, it.values.len() + 1)
            .map_err(|it| Error::parameter(at, it.to_string()))?;
        let _ = write!(conditions, " and {}", fragment.sql);
        it.values.extend(fragment.values);
    }
    it.sql = format!("from {} t where {conditions}", selected.layer.relation());
    Ok(it)
}

/// That a row touches the polygon, as a filter would say it.
fn within(selected: &Selected<'_>) -> Option<Expr> {
    let at = |kind| Expr::new(kind, Span::default());
    let polygon = at(Kind::Geometry(selected.polygon.clone()?.into()));
    let geom = at(Kind::Property("geom".to_owned()));
    Some(at(Kind::Call(Function::Spatial(Spatial::Intersects), vec![geom, polygon])))
}

fn numbers(ids: &[i64]) -> Value<'static> {
    Value::NumberList(ids.iter().map(|it| Decimal::from(*it)).collect())
}

/// The layer's revision, and which of those rows touch the box and the polygon of the selection.
pub async fn touching(
    db: &mut Reader,
    selected: &Selected<'_>,
    ids: &[i64],
) -> Result<(i64, Vec<i64>)> {
    // One moment for both.
    db.begin().await?;
    let revision = catalog::queries::revision(db, &selected.layer.id).await?;
    let place = Selected {
        filter: None,
        bbox: selected.bbox,
        polygon: selected.polygon.clone(),
        ids: Some(ids),
        group_by: Vec::new(),
        ..*selected
    };
    let mut it = chosen(&place)?;
    it.sql = format!("select t.id {}", it.sql);
    let rows = it.query()?.fetch_all(&mut *db).await?;
    let found = rows.iter().map(|it| it.try_get(0)).collect::<sqlx::Result<_>>()?;
    db.end().await?;
    Ok((revision, found))
}

/// A measure's value as text with exact digits, and how many rows it leaves out.
fn expressions(measure: &Measure) -> [String; 2] {
    let exact = |it: String| format!("trim_scale({it})::text");
    match measure {
        Measure::Count(it) => [format!("count(t.{it})::text"), missing(it)],
        Measure::Sum(it) => [exact(format!("sum(t.{it}::numeric)")), missing(it)],
        Measure::Avg(it) => [
            exact(quotient(&format!("sum(t.{it}::numeric)"), &format!("count(t.{it})"))),
            missing(it),
        ],
        Measure::Min(it) => [exact(format!("min(t.{it}::numeric)")), missing(it)],
        Measure::Max(it) => [exact(format!("max(t.{it}::numeric)")), missing(it)],
        Measure::Var(it) => [exact(variance(it)), missing(it)],
        Measure::Stddev(it) => {
            let root = format!("sqrt({} + {FORTY_PLACES})", variance(it));
            [exact(format!("round({root}, {PLACES})")), missing(it)]
        }
        Measure::Ratio([over, under]) => {
            let both = format!("filter (where t.{over} is not null and t.{under} is not null)");
            let (over, under) = (
                format!("sum(t.{over}::numeric) {both}"),
                format!("sum(t.{under}::numeric) {both}"),
            );
            [exact(quotient(&over, &under)), format!("count(*) - count(*) {both}")]
        }
    }
}

fn quotient(over: &str, under: &str) -> String {
    format!("round(({over} + {FORTY_PLACES}) / nullif({under}, 0), {PLACES})")
}

/// In one division of exact sums, so that memory says the same digits.
fn variance(field: &str) -> String {
    let (it, known) = (format!("t.{field}::numeric"), format!("count(t.{field})::numeric"));
    quotient(
        &format!("({known} * sum({it} * {it}) - sum({it}) * sum({it}))"),
        &format!("({known} * ({known} - 1))"),
    )
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
        return Err(too_many_groups());
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
        // Some counts of the evaluation are kept with places.
        FieldType::Integer => {
            let whole = text.parse::<Decimal>().ok().and_then(|it| i64::try_from(it).ok());
            whole.map_or_else(|| json!(text), Json::from)
        }
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
    let spread = spread(db, selected, &asked.field).await?;
    let bounds = asked.bounds(&spread);
    let counts = counts(db, selected, &asked.field, &bounds).await?;
    Ok(Counts::new(&asked.field, bounds, counts, &spread))
}

/// Classes of the field's values, and how many rows are in each.
pub async fn breaks(db: &mut Reader, selected: &Selected<'_>, asked: &Breaks) -> Result<Counts> {
    let spread = spread(db, selected, &asked.field).await?;
    let ranks = asked.ranks(&spread);
    let values = if ranks.is_empty() {
        Vec::new()
    } else {
        ranked(db, selected, &asked.field, &ranks).await?
    };
    let bounds = asked.bounds(&spread, &values);
    let counts = counts(db, selected, &asked.field, &bounds).await?;
    Ok(Counts::new(&asked.field, bounds, counts, &spread))
}

async fn spread(db: &mut Reader, selected: &Selected<'_>, field: &str) -> Result<Spread> {
    let mut it = chosen(selected)?;
    it.sql = format!(
        "select min(t.{field}::numeric), max(t.{field}::numeric), {}, count(t.{field}) {}",
        missing(field),
        it.sql
    );
    let row = it.query()?.fetch_one(&mut *db).await?;
    let (min, max): (Option<Decimal>, Option<Decimal>) = (row.try_get(0)?, row.try_get(1)?);
    let known: i64 = row.try_get(3)?;
    let known = u64::try_from(known).unwrap_or_default();
    Ok(Spread { known, missing: row.try_get(2)?, ends: min.zip(max) })
}

/// The values of those ranks, which rise from 0.
async fn ranked(
    db: &mut Reader,
    selected: &Selected<'_>,
    field: &str,
    ranks: &[u64],
) -> Result<Vec<Decimal>> {
    let mut it = chosen(selected)?;
    let ranks = Value::NumberList(ranks.iter().map(|it| Decimal::from(*it)).collect());
    let ranks = it.bind(ranks, "bigint[]");
    it.sql = format!(
        "select value from (
             select t.{field}::numeric as value, row_number() over (order by t.{field}) - 1 as rank
             {} and t.{field} is not null
         ) ranked
         where rank = any ({ranks})
         order by rank",
        it.sql
    );
    let rows = it.query()?.fetch_all(db).await?;
    Ok(rows.iter().map(|it| it.try_get(0)).collect::<sqlx::Result<_>>()?)
}

/// How many values are in each class: one more than there are bounds.
async fn counts(
    db: &mut Reader,
    selected: &Selected<'_>,
    field: &str,
    bounds: &[Decimal],
) -> Result<Vec<i64>> {
    let mut counts = vec![0; bounds.len() + 1];
    let mut it = chosen(selected)?;
    let bounds = it.bind(Value::NumberList(bounds.to_vec()), "numeric[]");
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
    Ok(counts)
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

/// The texts of the rule sets of every run that was ever shown, each with the year that it judged: their verdicts tell on
/// which side of a threshold a figure lies, and who has looked knows it still.
pub async fn rule_texts(db: &mut Reader) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as(
        "select run.year, it.value ->> 'text'
         from mutu.run_shown
         join mutu.evaluation_run run using (run_id)
         cross join jsonb_each(run.config -> 'rulesets') it
         where it.value ->> 'text' is not null",
    )
    .fetch_all(db)
    .await
}
