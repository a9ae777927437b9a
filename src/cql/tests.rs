//! The language as a whole: reading and writing, deciding, hostile input. `eval` and `sql` meet PostGIS in `tests/it`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

mod hostile;
mod laws;
mod written;

use super::*;
use crate::cql::eval::eval;

fn fields() -> BTreeMap<String, Field> {
    let typed = [
        ("parcel_code", Type::Text),
        ("name", Type::Text),
        ("所属镇", Type::Text),
        ("_row", Type::Integer),
        ("floors", Type::Integer),
        ("tax_wan_per_mu", Type::Decimal),
        ("area_mu", Type::Decimal),
        ("straddle", Type::Boolean),
        ("contract_start", Type::Date),
        ("recorded_at", Type::Timestamp),
        ("reasons", Type::TextList),
        ("geom", Type::Geometry),
    ];
    typed.iter().map(|(name, kind)| ((*name).to_owned(), kind.column(name))).collect()
}

fn row(name: &str) -> Value<'static> {
    match name {
        "parcel_code" => "310114002003GB00012".into(),
        "name" => "上海ÄBC 厂 100%".into(),
        "所属镇" => "安亭".into(),
        "floors" => Decimal::from(3).into(),
        "area_mu" => Decimal::from(600).into(),
        "straddle" => true.into(),
        "contract_start" => Value::Date(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()),
        "recorded_at" => Value::Timestamp("2024-06-30T08:00:00Z".parse().unwrap()),
        "reasons" => Value::TextList(vec!["tax_low".into(), "far_low".into()]),
        // tax_wan_per_mu is missing.
        _ => Value::Null,
    }
}

fn decide(text: &str) -> Truth {
    eval(&parse_checked(text, &fields()).unwrap_or_else(|it| panic!("{it}")), &row)
}

fn refused(text: &str) -> String {
    parse_checked(text, &fields()).expect_err(text).to_string()
}

#[test]
fn conditions_are_decided() {
    for text in [
        "area_mu = 600",
        "area_mu >= 6e2 and area_mu <= 600.000",
        "area_mu BETWEEN 599.99 AND 600",
        "NOT area_mu not between 1 and 600",
        "所属镇 IN ('南翔', '安亭')",
        "\"所属镇\" = '安亭'",
        "parcel_code LIKE '310114%GB_____'",
        "name like '%100\\%'",
        "name not like '100%'",
        "CASEI(name) LIKE casei('%äbc%')",
        "ACCENTI(name) LIKE '%ABC%'",
        "lower(name) <> name",
        "length(所属镇) = 2",
        "straddle",
        "straddle = true",
        "tax_wan_per_mu is null",
        "_row IS NULL AND floors IS NOT NULL",
        "(tax_wan_per_mu < 5) IS NULL",
        "7 / 2 = 3.5 and 7 div 2 = 3 and -7 div 2 = -3 and -7 % 2 = -1",
        "-2 ^ 2 = 4",
        "2 + 3 * 2 ^ 3 = 26",
        "1 - 1 - 1 = -1",
        "floors / 2 = 1.5",
        "15.45 / 1.03 >= 15",
        "round(2.5) = 3 and floor(-2.5) = -3 and ceil(2.1) = 3 and abs(-1) = 1",
        "contract_start = DATE('2024-02-29')",
        "contract_start = '2024-02-29' and '2024-03-01' > contract_start",
        "contract_start in ('2024-02-28', '2024-02-29') and not straddle < true",
        "recorded_at between '2024-06-30T08:00:00Z' and '2024-06-30T08:00:01Z'",
        "recorded_at > TIMESTAMP('2024-06-30T07:59:59.5Z')",
        "T_BEFORE(contract_start, recorded_at)",
        "T_DURING(contract_start, INTERVAL('2024-01-01', '..'))",
        "T_INTERSECTS(contract_start, INTERVAL('..', '2024-02-29'))",
        "T_DISJOINT(contract_start, INTERVAL(DATE('2024-03-01'), recorded_at))",
        "A_CONTAINS(reasons, ('tax_low'))",
        "A_EQUALS(reasons, ('far_low', 'tax_low'))",
        "A_OVERLAPS(reasons, ('x', 'far_low')) and a_containedby((), reasons)",
        "'it''s' = 'it\\'s'",
    ] {
        assert_eq!(decide(text), Truth::True, "{text}");
    }
}

#[test]
fn a_missing_figure_is_neither_pass_nor_fail() {
    for text in [
        "tax_wan_per_mu < 5",
        "NOT tax_wan_per_mu < 5",
        "tax_wan_per_mu = tax_wan_per_mu",
        "tax_wan_per_mu IN (1, 2)",
        "tax_wan_per_mu NOT IN (1, 2)",
        "tax_wan_per_mu + 1 > 0",
        "tax_wan_per_mu between 1 and 5",
        "area_mu = 600 and tax_wan_per_mu < 5",
        "area_mu < 600 or tax_wan_per_mu < 5",
    ] {
        assert_eq!(decide(text), Truth::Unknown, "{text}");
    }
    assert_eq!(decide("area_mu < 600 and tax_wan_per_mu < 5"), Truth::False);
    assert_eq!(decide("area_mu = 600 or tax_wan_per_mu < 5"), Truth::True);
    assert_eq!(
        decide("tax_wan_per_mu between 5 and 1 or area_mu between tax_wan_per_mu and 5"),
        Truth::Unknown
    );
}

#[test]
fn what_has_no_answer_is_unknown() {
    for text in [
        "area_mu / 0 > 1",
        "area_mu div (floors - 3) = 1",
        "area_mu % 0 = 1",
        "(area_mu ^ 16) > 1",
        "S_INTERSECTS(geom, POINT(121 31))",
    ] {
        assert_eq!(decide(text), Truth::Unknown, "{text}");
    }
}

#[test]
fn refusals_say_where_and_what_would_be_right() {
    for (text, says) in [
        ("", "empty"),
        ("tax_wan_per_m < 5", "did you mean `tax_wan_per_mu`?"),
        ("area_mu = null", "IS NULL"),
        ("1 < area_mu < 5", "chained"),
        ("area_mu = 1 orb = 2", "did you mean OR?"),
        ("area_mu = 1e999", "28 exact digits"),
        ("parcel_code = 3101140020030001234", "single quotes"),
        ("parcel_code = 310114002003GB00012", "single quotes"),
        ("area_mu = '600'", "without quotes"),
        ("contract_start > '2024-1-1'", "write DATE("),
        ("contract_start = DATE('2024-13-45')", "not a date"),
        ("recorded_at = TIMESTAMP('2024-01-01T00:00:60Z')", "not a time"),
        ("T_DURING(contract_start, INTERVAL('2024-02-01','2024-01-01'))", "ends before"),
        ("S_INTERSECT(geom, POINT(1 2))", "did you mean S_INTERSECTS?"),
        ("pg_sleep(10) = 1", "no function `pg_sleep`"),
        ("CASEI(name, name) = 'a'", "expected `)`"),
        ("area_mu != 1", "write <>"),
        ("area_mu ＝ 1", "full-width"),
        ("name = ‘a’", "full-width"),
        ("name = 'a", "not closed"),
        ("area_mu in ()", "empty"),
        ("area_mu", "expected true or false, found a number"),
        ("geom = geom", "S_"),
        ("reasons < reasons", "cannot be compared by <"),
        ("name LIKE name", "single quotes"),
        ("name LIKE 'a\\\\'", "not closed"),
        ("area_mu ^ 17 > 1", "exponent"),
        ("area_mu ^ 0.5 > 1", "exponent"),
        ("2 ^ 3 ^ 2 = 1", "brackets"),
        ("S_INTERSECTS(geom, POLYGON((0 0, 1 0, 1 1)))", "at least 4"),
        ("S_INTERSECTS(geom, BBOX(121, 32, 122, 31))", "west, south, east, north"),
        (
            "S_INTERSECTS(geom, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))",
            "kind of geometry",
        ),
        ("INTERVAL('..', '..') is null", "an interval has no IS NULL"),
        ("area_mu = 1; drop table parcel", "unknown character"),
        ("area_mu = 1 -- x", "no property `x`"),
        ("name = 'a\0'", "NUL"),
    ] {
        let error = refused(text);
        assert!(error.contains(says), "{text}: {error}");
    }
    insta::assert_snapshot!(refused("所属镇 = '安亭' AND tax_wan_per_m < 5"), @r"
    第 16 个字符：没有属性 `tax_wan_per_m`；是否为 `tax_wan_per_mu`？ / at character 16: no property `tax_wan_per_m`; did you mean `tax_wan_per_mu`?
    所属镇 = '安亭' AND tax_wan_per_m < 5
                        ^
    ");
}

#[test]
fn properties_and_kinds_are_told() {
    let expr = parse("a = 1 and \"b c\" in (d, 2) and S_INTERSECTS(geom, POINT(1 2))").unwrap();
    assert_eq!(properties(&expr).into_iter().collect::<Vec<_>>(), ["a", "b c", "d", "geom"]);
    assert!(is_spatial(&expr) && !is_spatial(&parse("a = 1").unwrap()));
    assert_eq!(parse("a = 1").unwrap().at, Span { start: 0, end: 5 });
}

#[test]
fn names_that_mean_something_are_quoted() {
    for text in [
        "\"and\" = 1",
        "\"POINT\" = 1",
        "\"a b\" = 1",
        "\"1a\" = 1",
        "\"a\"\"b\" = 1",
        "date_1 = 1",
        "面积.亩 = 1",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
    // Without a bracket behind it a literal's word is a name.
    assert_eq!(parse("date = 1").unwrap().to_string(), "\"date\" = 1");
}

/// The standard's own examples, where the material is at hand.
#[test]
fn the_grammars_examples_parse() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/cql2_grammar/examples/text");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no ../shared/data/cql2_grammar/examples/text");
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if let Err(error) = parse(text.trim()) {
            panic!("{}: {error}", path.display());
        }
    }
}

#[test]
fn a_polygon_that_crosses_itself_is_refused_and_many_vertices_cost_little() {
    let bow_tie = "((121 31,122 32,122 31,121 32,121 31))";
    let hole_outside = "((0 0,4 0,4 4,0 0),(8 8,9 8,9 9,8 8))";
    for text in [
        format!("S_INTERSECTS(geom, POLYGON{bow_tie})"),
        format!("S_INTERSECTS(geom, MULTIPOLYGON({bow_tie}))"),
        format!("S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(1 2), POLYGON{bow_tie}))"),
        format!("S_INTERSECTS(geom, POLYGON{hole_outside})"),
        "S_INTERSECTS(geom, POLYGON((0 0,1 0,0 0,0 0)))".to_owned(),
    ] {
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains("not valid"), "{text}: {error}");
    }
    let around = |n: u32| {
        let angle = f64::from(n % 499) / 499.0 * std::f64::consts::TAU;
        format!("{:.5} {:.5}", 121.0 + angle.cos(), 31.0 + angle.sin())
    };
    let ring: Vec<String> = (0..500).map(around).collect();
    let started = std::time::Instant::now();
    for vertices in [&ring[..], &[&ring[..]; 5].concat()[..]] {
        parse(&format!("S_INTERSECTS(geom, POLYGON(({})))", vertices.join(","))).unwrap();
    }
    let square = |n: u32| format!("(({n} 0,{n}.5 0,{n}.5 1,{n} 0))");
    let squares: Vec<String> = (0..1_250).map(square).collect();
    parse(&format!("S_INTERSECTS(geom, MULTIPOLYGON({}))", squares.join(","))).unwrap();
    let holes: Vec<String> = (0..120).map(|n| format!("({n} 1,{n}.5 1,{n}.5 2,{n} 1)")).collect();
    let outer = "(-1 0,2000 0,2000 9,-1 9,-1 0)";
    parse(&format!("S_INTERSECTS(geom, POLYGON({outer},{}))", holes.join(","))).unwrap();
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn a_power_is_not_raised_again() {
    assert!(parse_checked("area_mu ^ 16 > 1", &fields()).is_ok());
    for text in ["(area_mu ^ 16) ^ 16 > 1", "(1 + area_mu * (area_mu ^ 2)) ^ 2 > 1"] {
        let error = parse_checked(text, &fields()).unwrap_err().to_string();
        assert!(error.contains("raised again"), "{text}: {error}");
    }
}
