//! One expression language, two back ends: SQL on PostGIS and the evaluator agree, row by row.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use mutu::access::Role;
use mutu::access::Scope;
use mutu::cql;
use mutu::cql::Field;
use mutu::cql::Truth;
use mutu::cql::Type;
use mutu::cql::Value;
use mutu::db;
use mutu::layer::FieldType;
use mutu::snapshot::View;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rust_decimal::Decimal;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::PgConnection;
use sqlx::Row;
use sqlx::postgres::PgArguments;

use crate::support;

/// Rows with everything missing once, and text that sorts differently by bytes and by language.
const ROWS: &str = "
create table fact (
    row_id int primary key, \"parcel_code\" text, \"所属镇\" text, floors int, tax numeric(18,6), area numeric(18,6),
    straddle boolean, start_date date, recorded_at timestamptz, reasons text[], geom geometry(Polygon, 4490)
);
insert into fact values
    (1, '310114002003GB00012', '安亭', 3, 15.45, 1.03, true, '2024-02-29', '2024-06-30T08:00:00Z', '{a,b}',
     'SRID=4490;POLYGON((121 31,121.1 31,121.1 31.1,121 31.1,121 31))'),
    (2, 'ÄBC_x%', '南翔', 0, 0, 600, false, '2023-12-31', '2023-12-31T16:00:00Z', '{}',
     'SRID=4490;POLYGON((121.2 31,121.3 31,121.3 31.1,121.2 31.1,121.2 31))'),
    (3, 'äbc', 'Z', -7, -0.000001, 999999999999.999999, null, null, null, null, null),
    (4, null, null, null, null, null, true, '2024-01-01', '2024-01-01T00:00:00Z', '{b}', null),
    (5, 'a', 'B', 2, 3.333333, 0.333333, false, '2024-12-31', '2024-12-31T23:59:59.999999Z', '{c,b,a}', null),
    (6, '', 'ß\\', 2147483647, 123456.789, 7, null, '9999-12-31', '1970-01-01T00:00:00Z', '{a,a}', null);
";

#[derive(sqlx::FromRow)]
struct Fact {
    parcel_code: Option<String>,
    所属镇: Option<String>,
    floors: Option<i32>,
    tax: Option<Decimal>,
    area: Option<Decimal>,
    straddle: Option<bool>,
    start_date: Option<NaiveDate>,
    recorded_at: Option<DateTime<Utc>>,
    reasons: Option<Vec<String>>,
}

impl cql::Row for Fact {
    fn get(&self, name: &str) -> Value<'_> {
        match name {
            "parcel_code" => self.parcel_code.as_deref().into(),
            "所属镇" => self.所属镇.as_deref().into(),
            "floors" => self.floors.map(Decimal::from).into(),
            "tax" => self.tax.into(),
            "area" => self.area.into(),
            "straddle" => self.straddle.into(),
            "start_date" => self.start_date.map_or(Value::Null, Value::Date),
            "recorded_at" => self.recorded_at.map_or(Value::Null, Value::Timestamp),
            "reasons" => match &self.reasons {
                Some(it) => Value::TextList(it.iter().map(|it| it.as_str().into()).collect()),
                None => Value::Null,
            },
            _ => Value::Null,
        }
    }
}

fn fields() -> BTreeMap<String, Field> {
    let typed = [
        ("parcel_code", Type::Text),
        ("所属镇", Type::Text),
        ("floors", Type::Integer),
        ("tax", Type::Decimal),
        ("area", Type::Decimal),
        ("straddle", Type::Boolean),
        ("start_date", Type::Date),
        ("recorded_at", Type::Timestamp),
        ("reasons", Type::TextList),
        ("geom", Type::Geometry),
    ];
    typed.iter().map(|(name, kind)| ((*name).to_owned(), kind.column(name))).collect()
}

async fn table() -> (PgConnection, Vec<Fact>) {
    let mut db = PgConnection::connect_with(&support::fresh_database().await).await.unwrap();
    // A session's zone may not change what a filter means.
    sqlx::raw_sql("set time zone 'Asia/Shanghai'").execute(&mut db).await.unwrap();
    sqlx::raw_sql(ROWS).execute(&mut db).await.unwrap();
    let facts =
        sqlx::query_as("select * from fact order by row_id").fetch_all(&mut db).await.unwrap();
    (db, facts)
}

/// What PostgreSQL makes of a filter, for each row.
async fn ask(db: &mut PgConnection, text: &str) -> Vec<Option<bool>> {
    let expr = cql::parse_checked(text, &fields()).unwrap_or_else(|it| panic!("{it}"));
    let filter = cql::sql::to_sql(&expr, &fields(), 1).unwrap();
    let mut arguments = PgArguments::default();
    db::bind_values(&mut arguments, &filter.values).unwrap();
    let sql = format!("select {} from fact order by row_id", filter.sql);
    sqlx::query_scalar_with(AssertSqlSafe(sql), arguments)
        .fetch_all(db)
        .await
        .unwrap_or_else(|it| panic!("{text}\n{}\n{it}", filter.sql))
}

async fn compare(db: &mut PgConnection, facts: &[Fact], text: &str) {
    let expr = cql::parse_checked(text, &fields()).unwrap_or_else(|it| panic!("{it}"));
    let decided: Vec<Truth> = facts.iter().map(|it| cql::eval::eval(&expr, it)).collect();
    let asked: Vec<Truth> = ask(db, text).await.into_iter().map(Truth::from).collect();
    assert_eq!(decided, asked, "{text}");
}

#[tokio::test]
async fn both_back_ends_agree_on_every_construct() {
    let (mut db, facts) = table().await;
    for text in [
        "tax / area >= 15",
        "tax / area = 10.00000000",
        "floors / 2 = 1.5",
        "floors div 2 = 1 or floors % 2 = -1",
        "tax / 0 > 1 or floors div 0 = 1 or floors % 0 = 1",
        "area ^ 2 > 1 and tax ^ 0 = 1",
        "-floors > 0 and -(2) < floors",
        "area * 0.0015 >= 0.9",
        "parcel_code > 'Z' and parcel_code <= 'ä'",
        "parcel_code BETWEEN 'A' AND 'Z'",
        "所属镇 IN ('安亭', 'Z')",
        "所属镇 NOT IN ('安亭', parcel_code)",
        "floors IN (3, -7, 2.5)",
        "floors NOT IN (3, tax)",
        "parcel_code LIKE '310114%GB_____'",
        "parcel_code LIKE '%\\_x\\%'",
        "parcel_code NOT LIKE '_'",
        "所属镇 LIKE '%\\\\%'",
        "CASEI(parcel_code) = CASEI('äBC')",
        "CASEI(parcel_code) LIKE CASEI('ÄBC%')",
        "ACCENTI(parcel_code) LIKE ACCENTI('ÄBC%')",
        "UPPER(parcel_code) > LOWER(所属镇)",
        "LENGTH(所属镇) = 2",
        "ABS(floors) = 7 or FLOOR(tax) = -1 or CEIL(tax) = 16 or ROUND(tax) = 15",
        "straddle",
        "NOT straddle = FALSE",
        "tax IS NULL OR (tax < area) IS NOT NULL",
        "start_date < DATE('2024-02-29')",
        "recorded_at >= TIMESTAMP('2024-12-31T23:59:59.999999Z')",
        "T_BEFORE(start_date, recorded_at)",
        "T_EQUALS(start_date, recorded_at)",
        "T_DURING(start_date, INTERVAL('2024-01-01', '2024-12-31'))",
        "T_INTERSECTS(start_date, INTERVAL('2024-01-01', '..'))",
        "T_DISJOINT(recorded_at, INTERVAL('..', '2024-01-01'))",
        "T_OVERLAPS(INTERVAL(start_date, recorded_at), INTERVAL('2024-03-01', '2024-12-01'))",
        "T_FINISHES(INTERVAL('2024-03-01', start_date), INTERVAL('2024-01-01', '2024-12-31'))",
        "T_MEETS(INTERVAL('..', start_date), INTERVAL('2024-02-29', '..'))",
        "A_CONTAINS(reasons, ('a'))",
        "A_EQUALS(reasons, ('a', 'b'))",
        "A_EQUALS(reasons, ('a'))",
        "A_CONTAINEDBY(reasons, ('a', 'b'))",
        "A_OVERLAPS(reasons, ('c', 'd'))",
        "A_CONTAINS(reasons, ())",
    ] {
        compare(&mut db, &facts, text).await;
    }
}

#[tokio::test]
async fn both_back_ends_agree_on_made_up_filters() {
    let (mut db, facts) = table().await;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(4490);
    for _ in 0..400 {
        let text = condition(&mut random, 3);
        compare(&mut db, &facts, &text).await;
    }
}

#[tokio::test]
async fn places_are_asked_of_postgis() {
    let (mut db, _) = table().await;
    for (text, answer) in [
        ("S_INTERSECTS(geom, BBOX(121, 31, 121.05, 31.05))", [Some(true), Some(false)]),
        (
            "S_WITHIN(geom, POLYGON((121.15 30, 122 30, 122 32, 121.15 32, 121.15 30)))",
            [Some(false), Some(true)],
        ),
        ("S_DISJOINT(geom, POINT Z (121.25 31.05 4))", [Some(true), Some(false)]),
        ("S_CONTAINS(geom, MULTIPOINT((121.25 31.05), (121.26 31.06)))", [Some(false), Some(true)]),
        ("S_CROSSES(LINESTRING(120 31.05, 121.15 31.05), geom)", [Some(true), Some(false)]),
        (
            "S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(1 1), POINT(121.2 31)))",
            [Some(false), Some(true)],
        ),
        ("NOT geom IS NULL", [Some(true), Some(true)]),
    ] {
        assert_eq!(ask(&mut db, text).await[..2], answer, "{text}");
    }
    assert_eq!(
        ask(&mut db, "S_TOUCHES(geom, POINT(121 31))").await[2],
        None,
        "a missing geometry is unknown"
    );
}

fn condition(random: &mut impl Rng, depth: u32) -> String {
    if depth > 0 && random.random_bool(0.6) {
        let left = condition(random, depth - 1);
        return match random.random_range(0..4) {
            0 => format!("NOT ({left})"),
            1 => format!("({left}) IS NULL"),
            2 => format!("({left}) AND ({})", condition(random, depth - 1)),
            _ => format!("({left}) OR ({})", condition(random, depth - 1)),
        };
    }
    let op = ["=", "<>", "<", "<=", ">", ">="].choose(random).unwrap();
    match random.random_range(0..6) {
        0 | 1 => format!("{} {op} {}", number(random, 2), number(random, 2)),
        2 => format!("{} {op} {}", text(random), text(random)),
        3 => {
            format!("{} BETWEEN {} AND {}", number(random, 1), number(random, 1), number(random, 1))
        }
        4 => format!("{} NOT IN ({}, {})", number(random, 1), number(random, 0), number(random, 0)),
        _ => format!("{} LIKE '%{}_%'", text(random), ["a", "b", "安", ""].choose(random).unwrap()),
    }
}

fn number(random: &mut impl Rng, depth: u32) -> String {
    if depth > 0 && random.random_bool(0.5) {
        let op = ["+", "-", "*", "/", "%", "div"].choose(random).unwrap();
        return format!("({} {op} {})", number(random, depth - 1), number(random, depth - 1));
    }
    (*["floors", "tax", "area", "0", "1", "-7", "3.333333", "15", "1e-6"].choose(random).unwrap())
        .to_owned()
}

fn text(random: &mut impl Rng) -> String {
    (*["parcel_code", "所属镇", "'a'", "'Z'", "CASEI(parcel_code)", "''"].choose(random).unwrap())
        .to_owned()
}

/// A condition on a layer's own fields, with values that stand in it.
fn layered(random: &mut impl Rng, values: &[(String, Vec<String>)], depth: u32) -> String {
    if depth > 0 && random.random_bool(0.6) {
        let left = layered(random, values, depth - 1);
        return match random.random_range(0..4) {
            0 => format!("NOT ({left})"),
            1 => format!("({left}) IS NULL"),
            2 => format!("({left}) AND ({})", layered(random, values, depth - 1)),
            _ => format!("({left}) OR ({})", layered(random, values, depth - 1)),
        };
    }
    let (name, literals) = values.choose(random).unwrap();
    let mut literal = || literals.choose(random).unwrap().clone();
    let (one, other, third) = (literal(), literal(), literal());
    let op = ["=", "<>", "<", "<=", ">", ">="].choose(random).unwrap();
    let not = ["", "NOT "].choose(random).unwrap();
    let is_text = one.starts_with('\'');
    match random.random_range(0..6) {
        0 | 1 => format!("{name} {op} {one}"),
        2 => format!("{name} {not}BETWEEN {one} AND {other}"),
        3 => format!("{name} {not}IN ({one}, {other}, {third})"),
        4 => format!("{name} IS {not}NULL"),
        _ if is_text => {
            let piece: String = one.trim_matches('\'').chars().skip(1).take(2).collect();
            let piece = piece.replace(['%', '_', '\\', '\''], "");
            format!("CASEI({name}) {not}LIKE CASEI('_{piece}%')")
        }
        _ => format!("{name} / 3 {op} {one} * 0.2 + {other}"),
    }
}

/// The third back end: a snapshot's columns find the rows that PostGIS finds, for whoever asks.
#[tokio::test]
async fn columns_find_what_postgis_finds_in_a_real_layer() {
    let it = support::TestApp::new().await;
    support::fill(&it.app, 400, 11, "").await;
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let (mut decided, mut found) = (0, 0);
    for id in ["parcels", "yield_per_mu", "low_efficiency", "buildings"] {
        let layer = it.app.layers.find(id).unwrap();
        let held = it.app.snapshots.read(&it.app.db, layer).await.unwrap();
        let mut values: Vec<(String, Vec<String>)> = Vec::new();
        for (name, field) in &layer.field {
            let sql = format!(
                "select coalesce(array_agg(distinct {name}::text), '{{}}') from
                 (select {name} from {} where {name} is not null limit 40) t",
                layer.relation()
            );
            let texts: Vec<String> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(it.app.db.owner()).await.unwrap();
            let literals: Vec<String> = match field.kind {
                FieldType::Text => {
                    texts.iter().map(|it| format!("'{}'", it.replace('\'', "''"))).collect()
                }
                FieldType::Date => texts.iter().map(|it| format!("DATE('{it}')")).collect(),
                FieldType::Decimal | FieldType::Integer => texts,
                FieldType::Boolean => vec!["TRUE".to_owned()],
            };
            // Booleans are not ordered, and are asked for by the filters above.
            if !literals.is_empty() && field.kind != FieldType::Boolean {
                values.push((name.clone(), literals));
            }
        }
        let unit: Option<String> =
            it.value("select responsible_unit from mutu.parcel where responsible_unit is not null limit 1").await;
        let of = |role, units| Scope {
            role,
            account: Some("a".to_owned()),
            responsible_units: units,
            ..Scope::default()
        };
        let scopes = [
            Scope::public(),
            of(Role::Viewer, None),
            of(Role::Officer, Some(vec![unit.unwrap()])),
            of(Role::Steward, None),
        ];
        for scope in scopes.iter().filter(|it| layer.readable(it)) {
            let view = View::new(&held.snapshot, layer, scope);
            let fields = mutu::catalog::filter::fields(layer, scope);
            let mut db = it.app.db.read(scope).await.unwrap();
            for _ in 0..60 {
                let text = layered(&mut random, &values, 2);
                let Ok(filter) = cql::parse_checked(&text, &fields) else { continue };
                let Some(rows) = view.select(&filter) else { continue };
                let mut ids: Vec<i64> = view
                    .parts()
                    .zip(&rows)
                    .flat_map(|(part, rows)| {
                        rows.rows().map(|it| part.part.ids()[it]).collect::<Vec<_>>()
                    })
                    .collect();
                ids.sort_unstable();
                let fragment = cql::sql::to_sql(&filter, &fields, 1).unwrap();
                let sql = format!(
                    "select id from {} t where {} order by id",
                    layer.relation(),
                    fragment.sql
                );
                let statement = db::Statement { sql, values: fragment.values };
                let rows = statement.query().unwrap().fetch_all(&mut db).await.unwrap();
                let wanted: Vec<i64> = rows.iter().map(|it| it.get(0)).collect();
                assert_eq!(ids, wanted, "{id}, {}: {text}", scope.class());
                decided += 1;
                found += usize::from(!ids.is_empty());
            }
        }
    }
    assert!(decided > 300 && found > 100, "{decided} filters, {found} with rows");
}
