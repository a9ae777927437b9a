//! Basic CQL2, advanced comparison, case and accents, properties on both sides, arithmetic.

use super::COUNTRIES;
use super::Case;
use super::Data;
use super::PLACES;

const BASIC: &[Case<'_>] = &[
    (COUNTRIES, "name='Celand'", &[3]),
    (COUNTRIES, "name>='Celand'", &[3, 4, 5, 6, 7]),
    (COUNTRIES, "name>'Celand'", &[4, 5, 6, 7]),
    (COUNTRIES, "name<='Celand'", &[1, 2, 3]),
    (COUNTRIES, "name<'Celand'", &[1, 2]),
    (COUNTRIES, "name<>'Celand'", &[1, 2, 4, 5, 6, 7]),
    (COUNTRIES, "pop_est=40", &[4]),
    (COUNTRIES, "pop_est>=40", &[4, 5, 6, 7]),
    (COUNTRIES, "pop_est<>40", &[1, 2, 3, 5, 6, 7]),
];

const BASIC_PLACES: &[Case<'_>] = &[
    (PLACES, "name IS NOT NULL", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "name IS NULL", &[]),
    (PLACES, "name='København'", &[1]),
    (PLACES, "name>='København'", &[1, 6, 8]),
    (PLACES, "name>'København'", &[6, 8]),
    (PLACES, "name<='København'", &[1, 2, 3, 4, 5, 7]),
    (PLACES, "name<'København'", &[2, 3, 4, 5, 7]),
    (PLACES, "name<>'København'", &[2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "pop_other=1000", &[1]),
    (PLACES, "pop_other>=1000", &[1, 2, 3, 5, 6]),
    (PLACES, "pop_other>1000", &[2, 3, 5, 6]),
    (PLACES, "pop_other<=1000", &[1, 4, 7, 8]),
    (PLACES, "pop_other<1000", &[4, 7, 8]),
    (PLACES, "pop_other<>1000", &[2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "\"day\" IS NOT NULL", &[1, 3, 8]),
    (PLACES, "\"day\" IS NULL", &[2, 4, 5, 6, 7]),
    (PLACES, "\"day\"=DATE('2022-04-16')", &[1]),
    (PLACES, "\"day\">=DATE('2022-04-16')", &[1, 8]),
    (PLACES, "\"day\">DATE('2022-04-16')", &[8]),
    (PLACES, "\"day\"<=DATE('2022-04-16')", &[1, 3]),
    (PLACES, "\"day\"<DATE('2022-04-16')", &[3]),
    (PLACES, "\"day\"<>DATE('2022-04-16')", &[3, 8]),
    (PLACES, "flag IS NOT NULL", &[1, 3, 8]),
    (PLACES, "flag=true", &[1, 8]),
    (PLACES, "flag=false", &[3]),
    (PLACES, "true", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "false", &[]),
];

/// `/conf/basic-cql2/test-data` and `…/logical`.
#[tokio::test]
async fn basic_cql2_test_data_and_logical() {
    let data = Data::new().await;
    data.check(BASIC).await;
    data.check(BASIC_PLACES).await;
    data.combine(BASIC_PLACES, 1..=8).await;
    let four = [
        (
            "pop_other<>1000",
            "name>'København'",
            "name<='København'",
            "flag=true",
            &[1, 2, 3, 4, 5, 7][..],
        ),
        (
            "day IS NULL",
            "pop_other IS NOT NULL",
            "pop_other IS NOT NULL",
            "pop_other>1000",
            &[1, 2, 3, 5, 6, 8],
        ),
        ("flag=true", "name IS NOT NULL", "flag IS NULL", "pop_other=1000", &[3]),
    ];
    for (p1, p2, p3, p4, wanted) in four {
        let text = format!("(NOT ({p2}) AND {p1}) OR ({p3} and {p4}) or not ({p1} OR {p4})");
        assert_eq!(data.ids(PLACES, &text).await, wanted, "{text}");
    }
}

/// `/conf/basic-cql2/comparison`, `…/is-null` and `/conf/property-property/comparison-…`: each operator on each type, and
/// operators that exclude each other have nothing in common.
#[tokio::test]
async fn basic_cql2_comparison_of_every_queryable() {
    let data = Data::new().await;
    for (queryable, value) in [
        ("name", "'foo'"),
        ("flag", "true"),
        ("pop_max", "3.14"),
        ("pop_other", "1"),
        ("day", "DATE('2022-04-14')"),
    ] {
        for (one, other) in [("=", "<>"), (">", "<="), ("<", ">=")] {
            for (left, right) in [(queryable, value), (value, queryable)] {
                let first = data.ids(PLACES, &format!("{left} {one} {right}")).await;
                let second = data.ids(PLACES, &format!("{left} {other} {right}")).await;
                assert!(first.iter().all(|it| !second.contains(it)), "{left} {one} {right}");
            }
        }
        let null = data.ids(PLACES, &format!("{queryable} IS NULL")).await;
        let some = data.ids(PLACES, &format!("{queryable} is not null")).await;
        assert!(null.len() + some.len() == 8 && null.iter().all(|it| !some.contains(it)));
        // The same on both sides: equal wherever there is a value.
        for op in ["=", "<=", ">="] {
            assert_eq!(data.ids(PLACES, &format!("{queryable} {op} {queryable}")).await, some);
            assert_eq!(data.ids(PLACES, &format!("{value} {op} {value}")).await.len(), 8);
        }
        for op in ["<>", "<", ">"] {
            assert_eq!(data.ids(PLACES, &format!("{queryable} {op} {queryable}")).await, [0; 0]);
            assert_eq!(data.ids(PLACES, &format!("{value} {op} {value}")).await, [0; 0]);
        }
    }
    let moment = "TIMESTAMP('2022-04-14T14:48:46Z')";
    assert_eq!(data.ids(PLACES, &format!("{moment} = {moment}")).await.len(), 8);
    assert_eq!(data.ids(PLACES, &format!("{moment} < {moment}")).await, [0; 0]);
}

/// `/conf/basic-cql2/basic-test`: every queryable says its type.
#[tokio::test]
async fn basic_cql2_queryables_have_types() {
    let data = Data::new().await;
    for collection in [PLACES, COUNTRIES, super::RIVERS] {
        let schema = data.it.json(&format!("/ogc/collections/{collection}/queryables")).await;
        let properties = schema["properties"].as_object().unwrap();
        assert!(properties.values().any(|it| it["type"] == "string"));
        for (name, it) in properties {
            let geometry = it["format"].as_str().is_some_and(|it| it.starts_with("geometry-"));
            assert!(it["type"].is_string() || geometry, "{collection} {name}: {it}");
        }
    }
}

const ADVANCED: &[Case<'_>] = &[
    (PLACES, "name LIKE 'B_r%'", &[3, 4, 5]),
    (PLACES, "name NOT LIKE 'B_r%'", &[1, 2, 6, 7, 8]),
    (PLACES, "pop_other between 1000 and 3000", &[1, 2, 5]),
    (PLACES, "pop_other not between 1000 and 3000", &[3, 4, 6, 7, 8]),
    (PLACES, "name IN ('Kiev','kobenhavn','Berlin','Athens','foo')", &[2, 3]),
    (PLACES, "name NOT IN ('Kiev','kobenhavn','Berlin','Athens','foo')", &[1, 4, 5, 6, 7, 8]),
    (PLACES, "pop_other in (1000,2300,3200,3201,3199)", &[1, 5, 6]),
    (PLACES, "pop_other not in (1000,2300,3200,3201,3199)", &[2, 3, 4, 7, 8]),
    (PLACES, "\"day\" in (DATE('2021-04-16'),DATE('2022-04-16'),DATE('2022-04-18'))", &[1, 3]),
    (PLACES, "\"day\" not in (DATE('2021-04-16'),DATE('2022-04-16'),DATE('2022-04-18'))", &[8]),
    (PLACES, "flag in (true)", &[1, 8]),
    (PLACES, "flag not in (false)", &[1, 8]),
    // A text that is a day stands for it.
    (PLACES, "day in ('2022-04-16', '2022-04-15')", &[1]),
    (PLACES, "name LIKE '%'", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "name like '_%'", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "name like ''", &[]),
    (PLACES, "name like '%%'", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "name like '\\%\\_'", &[]),
    (PLACES, "pop_max between 100.0 and 1.0", &[]),
    (PLACES, "pop_max BETWEEN 0 AND 100", &[7, 8]),
];

/// `/conf/advanced-comparison-operators/…`: like, between, in, test-data, logical.
#[tokio::test]
async fn advanced_comparison_operators() {
    let data = Data::new().await;
    data.check(ADVANCED).await;
    data.combine(ADVANCED, 1..=8).await;
}

const INSENSITIVE: &[Case<'_>] = &[
    (PLACES, "CASEI(name)=casei('KIEV')", &[2]),
    (PLACES, "CASEI(name)=casei('kiev')", &[2]),
    (PLACES, "CASEI(name)=casei('KØBENHAVN')", &[1]),
    (PLACES, "CASEI(name)<>casei('KØBENHAVN')", &[2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "CASEI(name) LIKE casei('b_r%')", &[3, 4, 5]),
    (PLACES, "CASEI(name) LIKE casei('B_R%')", &[3, 4, 5]),
    (
        PLACES,
        "CASEI(name) IN (casei('Kiev'), casei('kobenhavn'), casei('Berlin'), casei('ATHENS'), casei('foo'))",
        &[2, 3, 6],
    ),
    (PLACES, "ACCENTI(name)=accenti('København')", &[1]),
    (PLACES, "ACCENTI(name)=accenti('Kobenhavn')", &[1]),
    (PLACES, "ACCENTI(name)=accenti('Kiev')", &[2]),
    (PLACES, "ACCENTI(name)=accenti('Elk')", &[7]),
    (PLACES, "ACCENTI(name)<>accenti('Äänekoski')", &[1, 2, 3, 4, 5, 6, 7]),
    (PLACES, "ACCENTI(CASEI(name))=accenti(casei('kobenhavn'))", &[1]),
    (PLACES, "ACCENTI(CASEI(name))=accenti(casei('KØBENHAVN'))", &[1]),
    (PLACES, "ACCENTI(name) LIKE accenti('Ko%')", &[1]),
    (PLACES, "ACCENTI(name) LIKE accenti('Ä%')", &[8]),
    (PLACES, "ACCENTI(CASEI(name)) LIKE accenti(casei('kØ%'))", &[1]),
    (PLACES, "ACCENTI(CASEI(name)) LIKE accenti(casei('Ä%'))", &[6, 8]),
    (
        PLACES,
        "ACCENTI(CASEI(name)) IN (accenti(casei('Kiev')), accenti(casei('kobenhavn')), accenti(casei('AANEKOSKI')))",
        &[1, 2, 8],
    ),
];

/// `/conf/case-insensitive-comparison/…` and `/conf/accent-insensitive-comparison/…`.
#[tokio::test]
async fn case_insensitive_and_accent_insensitive_comparison() {
    let data = Data::new().await;
    data.check(INSENSITIVE).await;
    data.combine(INSENSITIVE, 1..=8).await;
}

const SIDES: &[Case<'_>] = &[
    (PLACES, "'København'=name", &[1]),
    (PLACES, "'København'<=name", &[1, 6, 8]),
    (PLACES, "'København'>name", &[2, 3, 4, 5, 7]),
    (PLACES, "'København'<>name", &[2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "name=nameascii", &[2, 3, 4, 5, 6]),
    (PLACES, "name>=nameascii", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "name>nameascii", &[1, 7, 8]),
    (PLACES, "name<nameascii", &[]),
    (PLACES, "1000<=pop_other", &[1, 2, 3, 5, 6]),
    (PLACES, "1000<>pop_other", &[2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "pop_min=pop_max", &[3, 7]),
    (PLACES, "pop_min<=pop_max", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "pop_min>pop_max", &[]),
    (PLACES, "pop_min<>pop_max", &[1, 2, 4, 5, 6, 8]),
    (PLACES, "began=ended", &[]),
    (PLACES, "began<ended", &[1, 3, 8]),
    (PLACES, "began>=ended", &[]),
    (PLACES, "'København' LIKE 'K_benhavn'", &[1, 2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "'København' NOT LIKE 'K_benhavn'", &[]),
    (PLACES, "pop_other between pop_min and pop_max", &[1, 3, 4, 5, 6, 7, 8]),
    (PLACES, "pop_other not between pop_min and pop_max", &[2]),
];

/// `/conf/property-property/test-data` and `…/logical`.
#[tokio::test]
async fn property_property() {
    let data = Data::new().await;
    data.check(SIDES).await;
    data.combine(SIDES, 1..=8).await;
}

const ARITHMETIC: &[Case<'_>] = &[
    (PLACES, "pop_other=992+8", &[1]),
    (PLACES, "pop_other>=1002-2*2^0", &[1, 2, 3, 5, 6]),
    (PLACES, "pop_other>1002-20/10", &[2, 3, 5, 6]),
    (PLACES, "pop_other>1002-21 div 10", &[2, 3, 5, 6]),
    (PLACES, "pop_other>1001-5%2", &[2, 3, 5, 6]),
    (PLACES, "pop_other<=912+8*11", &[1, 4, 7, 8]),
    (PLACES, "pop_other<992+2^3", &[4, 7, 8]),
    (PLACES, "pop_other<>1002-2^1", &[2, 3, 4, 5, 6, 7, 8]),
    (PLACES, "pop_other between 4000/4 and (3*(900+100))", &[1, 2, 5]),
    (PLACES, "pop_other not between 4000/4 and (3*(900+100))", &[3, 4, 6, 7, 8]),
    (PLACES, "pop_other in (992+8,2*1000+300,3*1000+201,3*1000+199,30*100+200)", &[1, 5, 6]),
    (
        PLACES,
        "pop_other not in (992+8,2*1000+300,3*1000+201,3*1000+199,30*100+200)",
        &[2, 3, 4, 7, 8],
    ),
    (PLACES, "992+8=pop_other", &[1]),
    (PLACES, "-pop_other < -3000", &[3, 6]),
];

/// `/conf/arithmetic/…`.
#[tokio::test]
async fn arithmetic() {
    let data = Data::new().await;
    data.check(ARITHMETIC).await;
    data.combine(ARITHMETIC, 1..=8).await;
}
