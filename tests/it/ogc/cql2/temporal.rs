//! Temporal functions: on days over HTTP, on moments by the SQL that filters become.

use std::collections::BTreeMap;

use mutu::cql;
use mutu::cql::Field;
use mutu::cql::Type;
use mutu::db;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::PgConnection;
use sqlx::postgres::PgArguments;

use super::Case;
use super::Data;
use super::PLACES;
use crate::support;

/// Places 1, 3 and 8 last from 2022-04-16 to 2022-06-01, from 2021-04-16 to 2022-04-16, from 2022-04-16 to 2023-04-16.
const DAYS: &[Case<'_>] = &[
    (PLACES, "t_after(\"day\",date('2022-04-16'))", &[8]),
    (PLACES, "t_before(\"day\",date('2022-04-16'))", &[3]),
    (PLACES, "t_disjoint(\"day\",date('2022-04-16'))", &[3, 8]),
    (PLACES, "t_equals(\"day\",date('2022-04-16'))", &[1]),
    (PLACES, "t_intersects(\"day\",date('2022-04-16'))", &[1]),
    (PLACES, "t_after(\"day\",interval('2022-01-01','2022-12-31'))", &[8]),
    (PLACES, "t_before(\"day\",interval('2022-01-01','2022-12-31'))", &[3]),
    (PLACES, "t_disjoint(\"day\",interval('2022-01-01','2022-12-31'))", &[3, 8]),
    (PLACES, "t_equals(\"day\",interval('2022-01-01','2022-12-31'))", &[]),
    (PLACES, "t_equals(\"day\",interval('2022-04-16','2022-04-16'))", &[1]),
    (PLACES, "t_intersects(\"day\",interval('2022-01-01','2022-12-31'))", &[1]),
    (PLACES, "t_after(date('2022-04-16'),\"day\")", &[3]),
    (PLACES, "t_before(interval('2022-01-01','2022-12-31'),\"day\")", &[8]),
    (PLACES, "t_after(interval(began,ended),interval('..','2022-04-15'))", &[1, 8]),
    (PLACES, "t_before(interval(began,ended),interval('2023-01-01','..'))", &[1, 3]),
    (PLACES, "t_disjoint(interval(began,ended),interval('2022-04-17','2022-05-01'))", &[3]),
    (PLACES, "t_equals(interval(began,ended),interval('2021-04-16','2022-04-16'))", &[3]),
    (PLACES, "t_intersects(interval(began,ended),interval('2022-06-02','2022-06-03'))", &[8]),
    (PLACES, "T_CONTAINS(interval(began,ended),interval('2022-05-01','2022-06-02'))", &[8]),
    (PLACES, "T_DURING(interval(began,ended),interval('2022-01-01','2022-12-31'))", &[1]),
    (PLACES, "T_FINISHES(interval(began,ended),interval('2022-01-01','2022-06-01'))", &[1]),
    (PLACES, "T_FINISHEDBY(interval(began,ended),interval('2022-04-17','2022-06-01'))", &[1]),
    (PLACES, "T_MEETS(interval(began,ended),interval('2022-04-16','2022-04-17'))", &[3]),
    (PLACES, "T_METBY(interval(began,ended),interval('2022-04-01','2022-04-16'))", &[1, 8]),
    (PLACES, "T_OVERLAPPEDBY(interval(began,ended),interval('2022-01-01','2022-05-01'))", &[1, 8]),
    (PLACES, "T_OVERLAPS(interval(began,ended),interval('2022-05-01','2022-12-31'))", &[1]),
    (PLACES, "T_STARTEDBY(interval(began,ended),interval('2022-04-16','2022-06-01'))", &[8]),
    (PLACES, "T_STARTS(interval(began,ended),interval('2022-04-16','2022-06-02'))", &[1]),
    // Sides exchanged: each relation is another's.
    (PLACES, "T_DURING(interval('2022-05-01','2022-06-02'),interval(began,ended))", &[8]),
    (PLACES, "T_CONTAINS(interval('2022-01-01','2022-12-31'),interval(began,ended))", &[1]),
    (PLACES, "T_MEETS(interval('2022-04-01','2022-04-16'),interval(began,ended))", &[1, 8]),
    (PLACES, "T_STARTS(interval('2022-04-16','2022-06-01'),interval(began,ended))", &[8]),
];

/// `/conf/temporal-functions/test-data` and `…/logical`.
#[tokio::test]
async fn temporal_functions_on_days() {
    let data = Data::new().await;
    data.check(DAYS).await;
    data.combine(DAYS, 1..=8).await;
    // temporal-functions-1 and -2: each function is executed on each kind of argument.
    for function in [
        "AFTER",
        "BEFORE",
        "CONTAINS",
        "DISJOINT",
        "DURING",
        "EQUALS",
        "FINISHEDBY",
        "FINISHES",
        "INTERSECTS",
        "MEETS",
        "METBY",
        "OVERLAPPEDBY",
        "OVERLAPS",
        "STARTEDBY",
        "STARTS",
    ] {
        for left in ["day", "INTERVAL(began,ended)", "INTERVAL(began,'..')"] {
            for right in [
                "DATE('2022-04-24')",
                "TIMESTAMP('2022-04-24T07:59:57Z')",
                "INTERVAL('2021-01-01','2021-12-31')",
                "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')",
            ] {
                data.ids(PLACES, &format!("T_{function}({left},{right})")).await;
            }
        }
    }
}

/// Layers have days only; a filter's moments are those of histories and rules.
#[tokio::test]
async fn temporal_functions_on_moments() {
    let mut db = PgConnection::connect_with(&support::fresh_database().await).await.unwrap();
    sqlx::raw_sql(
        "set time zone 'Asia/Shanghai';
         create table moment (id bigint, \"start\" timestamptz, \"end\" timestamptz);
         insert into moment values
             (1, '2021-04-16T10:15:59Z', '2022-04-16T10:16:06Z'),
             (2, '2022-04-16T10:13:19Z', '2022-04-16T10:15:10Z'),
             (3, '2022-04-16T10:15:10Z', '2023-04-16T10:15:10Z'),
             (4, null, null);",
    )
    .execute(&mut db)
    .await
    .unwrap();
    let fields: BTreeMap<String, Field> = [("start", Type::Timestamp), ("end", Type::Timestamp)]
        .map(|(name, kind)| (name.to_owned(), kind.column(name)))
        .into();
    for (text, wanted) in [
        ("start IS NOT NULL", &[1, 2, 3][..]),
        ("start=TIMESTAMP('2022-04-16T10:13:19Z')", &[2]),
        ("start<=TIMESTAMP('2022-04-16T10:13:19Z')", &[1, 2]),
        ("start>TIMESTAMP('2022-04-16T10:13:19Z')", &[3]),
        ("start<>TIMESTAMP('2022-04-16T10:13:19Z')", &[1, 3]),
        ("start in (TIMESTAMP('2022-04-16T10:13:19Z'))", &[2]),
        ("start in ('2022-04-16T10:13:19Z', '2022-04-14T15:52:56Z')", &[2]),
        ("start not in (TIMESTAMP('2022-04-16T10:13:19Z'))", &[1, 3]),
        ("start<end", &[1, 2, 3]),
        ("t_after(start,timestamp('2022-04-16T10:13:19Z'))", &[3]),
        ("t_before(start,timestamp('2022-04-16T10:13:19Z'))", &[1]),
        ("t_disjoint(start,timestamp('2022-04-16T10:13:19Z'))", &[1, 3]),
        ("t_equals(start,timestamp('2022-04-16T10:13:19Z'))", &[2]),
        ("t_after(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", &[]),
        ("t_before(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", &[1]),
        ("t_intersects(start,interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))", &[2, 3]),
        ("t_after(interval(start,end),interval('..','2022-04-16T10:13:19Z'))", &[3]),
        ("t_before(interval(start,end),interval('2023-01-01T00:00:00Z','..'))", &[1, 2]),
        (
            "t_disjoint(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:09Z'))",
            &[3],
        ),
        (
            "t_equals(interval(start,end),interval('2021-04-16T10:15:59Z','2022-04-16T10:16:06Z'))",
            &[1],
        ),
        (
            "T_CONTAINS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))",
            &[1],
        ),
        (
            "T_DURING(interval(start,end),interval('2022-01-01T00:00:00Z','2022-12-31T23:59:59Z'))",
            &[2],
        ),
        (
            "T_FINISHES(interval(start,end),interval('2022-04-16T10:13:00Z','2022-04-16T10:15:10Z'))",
            &[2],
        ),
        (
            "T_FINISHEDBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:16:06Z'))",
            &[1],
        ),
        (
            "T_MEETS(interval(start,end),interval('2022-04-16T10:15:10Z','2022-04-16T10:16:06Z'))",
            &[2],
        ),
        (
            "T_METBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'))",
            &[3],
        ),
        (
            "T_OVERLAPPEDBY(interval(start,end),interval('2020-04-16T10:13:19Z','2022-04-16T10:15:11Z'))",
            &[1, 3],
        ),
        (
            "T_OVERLAPS(interval(start,end),interval('2022-04-16T10:13:20Z','2023-04-16T10:15:10Z'))",
            &[1, 2],
        ),
        (
            "T_STARTEDBY(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:09Z'))",
            &[2],
        ),
        (
            "T_STARTS(interval(start,end),interval('2022-04-16T10:13:19Z','2022-04-16T10:15:11Z'))",
            &[2],
        ),
        ("t_after(timestamp('2022-04-16T10:13:19Z'),start)", &[1]),
        (
            "T_MEETS(interval('2022-04-16T10:13:19Z','2022-04-16T10:15:10Z'),interval(start,end))",
            &[3],
        ),
    ] {
        let written =
            cql::json::to_text(&super::json(&cql::parse(text).unwrap()).to_string()).unwrap();
        for text in [text, &written] {
            let expr = cql::parse_checked(text, &fields).unwrap_or_else(|it| panic!("{it}"));
            let filter = cql::sql::to_sql(&expr, &fields, 1).unwrap();
            let mut arguments = PgArguments::default();
            db::bind_values(&mut arguments, &filter.values).unwrap();
            let sql = format!("select id from moment where {} order by id", filter.sql);
            let found: Vec<i64> = sqlx::query_scalar_with(AssertSqlSafe(sql), arguments)
                .fetch_all(&mut db)
                .await
                .unwrap_or_else(|it| panic!("{text}: {it}"));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
