//! From facts to rows that rules can read, and from rows to judgements, on all cores.

use std::collections::BTreeSet;
use std::collections::HashMap;

use chrono::NaiveDate;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::app::App;
use crate::catalog::source::Source;
use crate::cql::Value;
use crate::judgement::measures::ParcelFacts;
use crate::judgement::measures::ParcelMeasures;
use crate::judgement::measures::measures;
use crate::judgement::overlay::Assignment;
use crate::judgement::rule::Judgement;
use crate::judgement::rule::judge;
use crate::layer::FieldType;
use crate::layer::Kind;

use super::Chosen;
use super::facts::Facts;
use super::row::ParcelRow;

/// Measures every parcel for the year and the two before, and adds what the rules name besides.
pub(super) async fn rows(
    db: &mut PgConnection,
    app: &App,
    source: Source,
    chosen: &[Chosen<'_>],
    facts: &[Facts],
    classes: &IndexMap<&str, Vec<(i64, Assignment)>>,
) -> sqlx::Result<Vec<ParcelRow>> {
    let names: BTreeSet<String> = chosen.iter().flat_map(|it| it.rules.properties()).collect();
    let mut named = named_fields(db, app, source, &names).await?;
    for (layer, assigned) in classes.iter().filter(|(it, _)| names.contains(**it)) {
        for (parcel_id, it) in assigned {
            let value = Value::Text(it.class.clone().into());
            named.entry(*parcel_id).or_default().insert((*layer).to_owned(), value);
        }
    }
    let measured = in_parallel(facts, |it| three_years(&it.known));
    let rows = facts.iter().zip(measured).map(|(it, years)| ParcelRow {
        parcel_id: it.parcel_id,
        row_id: it.row_id,
        years,
        named: named.remove(&it.parcel_id).unwrap_or_default(),
    });
    Ok(rows.collect())
}

/// The judgements of every row, one for each chosen rule set.
pub(super) fn all(chosen: &[Chosen<'_>], rows: &[ParcelRow]) -> Vec<Vec<Judgement>> {
    in_parallel(rows, |row| chosen.iter().map(|it| judge(&it.rules, row)).collect())
}

/// One year back; what was before the third is not known.
fn shift<T: Default>(years: &mut [T; 3]) {
    years.rotate_left(1);
    years[2] = T::default();
}

/// The same parcel as it was one and two years before: figures and occupants move up, land and buildings stay.
fn three_years(facts: &ParcelFacts) -> [ParcelMeasures; 3] {
    let mut earlier = facts.clone();
    let mut back = || {
        shift(&mut earlier.own);
        shift(&mut earlier.guides);
        for it in &mut earlier.occupants {
            shift(&mut it.years);
            shift(&mut it.parts);
        }
        measures(&earlier)
    };
    [measures(facts), back(), back()]
}

/// The parcels' own fields that rules name, read once.
async fn named_fields(
    db: &mut PgConnection,
    app: &App,
    source: Source,
    names: &BTreeSet<String>,
) -> sqlx::Result<HashMap<i64, HashMap<String, Value<'static>>>> {
    let measured = crate::judgement::measures::fields();
    let mut named: HashMap<i64, HashMap<String, Value<'static>>> = HashMap::new();
    let parcels =
        app.layers.of_kind(Kind::Register).find(|it| it.table.as_deref() == Some("parcel"));
    let Some(layer) = parcels else { return Ok(named) };
    let wanted = layer
        .field
        .iter()
        .filter(|(name, _)| names.contains(*name) && !measured.contains_key(*name));
    for (name, field) in wanted {
        let sql = match source {
            Source::Now => format!(
                "select id, {name}::text from {} t where {name} is not null",
                layer.relation()
            ),
            Source::Run(_) => format!(
                "select parcel_id, {column}::text from {} t where {column} is not null",
                source.facts("parcel"),
                column = field.column.as_deref().unwrap_or(name),
            ),
        };
        let rows: Vec<(i64, String)> =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut *db).await?;
        for (parcel_id, text) in rows {
            named.entry(parcel_id).or_default().insert(name.clone(), value(field.kind, text));
        }
    }
    Ok(named)
}

/// A column's text as a value; what PostgreSQL prints always reads back.
fn value(kind: FieldType, text: String) -> Value<'static> {
    match kind {
        FieldType::Text => Value::Text(text.into()),
        FieldType::Integer | FieldType::Decimal => {
            text.parse::<Decimal>().map_or(Value::Null, Value::Number)
        }
        FieldType::Boolean => Value::Bool(text == "true" || text == "t"),
        FieldType::Date => text.parse::<NaiveDate>().map_or(Value::Null, Value::Date),
    }
}

/// Maps a slice on all cores, in order.
fn in_parallel<T: Sync, R: Send>(items: &[T], map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    if items.len() < 1_000 || workers == 1 {
        return items.iter().map(map).collect();
    }
    let map = &map;
    std::thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(workers));
        let running: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || chunk.iter().map(map).collect::<Vec<R>>()))
            .collect();
        let mut all = Vec::with_capacity(items.len());
        for it in running {
            match it.join() {
                Ok(part) => all.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}
