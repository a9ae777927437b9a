//! The SQL that filters become.

use rust_decimal::Decimal;

use super::fields;
use crate::cql::Type;
use crate::cql::Value;
use crate::cql::parse;
use crate::cql::sql::to_sql;

#[test]
fn sql_has_no_text_of_the_callers() {
    let mut fields = fields();
    fields.insert("x".to_owned(), Type::Text.column("a\" or 1=1 --"));
    let expr = parse(
        "x = 'y'' or 1=1' and name like 'a%' and floors / 2 > 1.5 and tax_wan_per_mu in (1,2)",
    )
    .unwrap();
    let it = to_sql(&expr, &fields, 3).unwrap();
    insta::assert_snapshot!(it.sql, @r#"(("a"" or 1=1 --" = $3::text) and ("name" like $4::text) and (round(("floors"::numeric + 0.00000000000000000000) / nullif($5::numeric, 0), 12) > $6::numeric) and ("tax_wan_per_mu" = any($7::numeric[])))"#);
    assert_eq!(it.values[0], Value::from("y' or 1=1"));
    assert_eq!(it.values[4], Value::NumberList(vec![Decimal::ONE, Decimal::TWO]));
}

#[test]
fn sql_of_places_and_times() {
    let sql = |text: &str| to_sql(&parse(text).unwrap(), &fields(), 1).unwrap();
    let it = sql("S_INTERSECTS(geom, BBOX(121, 31, 121.5, 31.5))");
    assert_eq!(
        it.sql,
        "ST_Intersects(\"geom\", ST_SetSRID(ST_Envelope(ST_MakeLine(ST_MakePoint($1::float8, $2::float8), ST_MakePoint($3::float8, $4::float8))), 4490))"
    );
    let it = sql("S_WITHIN(geom, POLYGON Z ((0 0 9, 1 0 9, 1 1 9, 0 0 9)))");
    assert_eq!(it.sql, "ST_Within(\"geom\", ST_GeomFromText($1::text, 4490))");
    assert_eq!(it.values, [Value::from("POLYGON((0 0,1 0,1 1,0 0))")]);
    let it = sql("T_DURING(contract_start, INTERVAL('2024-01-01', '..'))");
    assert_eq!(it.sql, "(\"contract_start\" > $1::date and \"contract_start\" < 'infinity'::date)");
    let it = sql("T_AFTER(recorded_at, DATE('2024-01-01'))");
    assert_eq!(it.sql, "(\"recorded_at\" > ($1::date::timestamp at time zone 'UTC'))");
    assert_eq!(sql("name > 'a'").sql, "(\"name\" collate \"C\" > $1::text)");
}
