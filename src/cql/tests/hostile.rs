//! Input that means harm, and large input that does not.

use std::time::Duration;
use std::time::Instant;

use super::decide;
use super::fields;
use super::row;
use crate::cql::MAX_BYTES;
use crate::cql::MAX_LIST;
use crate::cql::MAX_VERTICES;
use crate::cql::Truth;
use crate::cql::Value;
use crate::cql::eval::eval;
use crate::cql::parse;
use crate::cql::parse_checked;

#[test]
fn large_but_honest_filters_pass() {
    let codes: Vec<String> = (0..MAX_LIST).map(|it| format!("'3101140020{it}'")).collect();
    let list = format!("parcel_code IN ({})", codes.join(","));
    assert_eq!(decide(&list), Truth::False);
    let points: Vec<String> = (0..MAX_VERTICES - 2).map(|it| format!("{it} {it}")).collect();
    assert!(parse(&format!("S_INTERSECTS(geom, POLYGON(({},0 1,0 0)))", points.join(","))).is_ok());
    let many = vec!["area_mu <> 1"; 1_000].join(" or ");
    assert_eq!(decide(&many), Truth::True);
    assert!(parse(&format!("{}a{} = 1", "(".repeat(32), ")".repeat(32))).is_ok());
}

#[test]
fn hostile_input_ends_quickly_with_an_error() {
    let long = |piece: &str| piece.repeat(MAX_BYTES / piece.len());
    let begun = Instant::now();
    for text in [
        long("("),
        long("not "),
        long("-"),
        long("- "),
        long("+"),
        long("a^"),
        long("a="),
        long("a+"),
        long("a and "),
        long("(1,"),
        long("((1,1),"),
        long("a in (1,"),
        long("CASEI("),
        long("A_EQUALS(("),
        long("GEOMETRYCOLLECTION("),
        long("MULTIPOLYGON((("),
        long("INTERVAL("),
        long("INTERVAL(INTERVAL("),
        long("BBOX("),
        long("'"),
        long("\""),
        long("\\"),
        long("'a'"),
        long("9"),
        long("a"),
        long("安"),
        long(" "),
        long("\u{3000}"),
        format!("a = {}", long("9")),
        format!("a = 1e{}", "9".repeat(1_000)),
        format!("a = {}", long("1+")),
        format!("a = 1 {}", long("or a = 1 ")),
        format!("a in ({}1)", long("1,")),
        format!("S_INTERSECTS(g, MULTIPOINT({}1 1))", long("1 1,")),
        format!("{}a = 1{}", "(".repeat(33), ")".repeat(33)),
        format!("a = {}", "x".repeat(MAX_BYTES)),
        "a like '".to_owned() + &long("%a") + "'",
    ] {
        let start: String = text.chars().take(20).collect();
        let error = parse_checked(&text, &fields()).expect_err(&start);
        assert!(error.to_string().len() < 1_000, "{start}");
    }
    // 0.2 s in a debug build on one busy core; the bound is for the exponential kind.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn a_pattern_of_wildcards_is_decided_in_little_time() {
    let text = "a".repeat(3_000);
    let expr = parse(&format!("name like '{}b'", "%a".repeat(1_500))).unwrap();
    let row = move |_: &str| Value::from(text.clone());
    let begun = Instant::now();
    assert_eq!(eval(&expr, &row), Truth::False);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_stack_of_a_small_thread_is_enough() {
    let deep = format!("{}1{} = 1", "(".repeat(31), ")".repeat(31));
    let nested = format!("{}a = 1{}", "not (b = 1 or ".repeat(15), ")".repeat(15));
    let work = move || {
        for text in [deep, nested] {
            let expr = parse(&text).unwrap();
            assert_eq!(parse(&expr.to_string()).unwrap(), expr);
            let _ = eval(&expr, &row);
        }
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(work).unwrap().join().unwrap();
}
