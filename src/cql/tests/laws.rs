//! What holds of every expression: text and tree agree, and truth follows Kleene.

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::fields;
use super::row;
use crate::cql::ArithmeticOp;
use crate::cql::CompareOp;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Span;
use crate::cql::Truth;
use crate::cql::eval::eval;
use crate::cql::functions;
use crate::cql::parse;
use crate::cql::parse_checked;
use crate::cql::sql::to_sql;

fn truth() -> impl Strategy<Value = Truth> {
    prop_oneof![Just(Truth::True), Just(Truth::False), Just(Truth::Unknown)]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_:][a-z0-9_.]{0,8}",
        "[镇村面积]{1,3}",
        "[ -~]{1,6}",
        Just("and".to_owned()),
        Just("date".to_owned())
    ]
}

fn text() -> impl Strategy<Value = String> {
    r"[a-zE'%_ \\镇]{0,8}"
}

fn at(kind: Kind) -> Expr {
    Expr::new(kind, Span::default())
}

fn scalar() -> impl Strategy<Value = Expr> {
    let date = (1_i32..9999, 1_u32..=366)
        .prop_map(|(year, day)| NaiveDate::from_yo_opt(year, day.min(365)).unwrap());
    let leaf = prop_oneof![
        name().prop_map(|it| at(Kind::Property(it))),
        text().prop_map(|it| at(Kind::Text(it))),
        (any::<i64>(), 0_u32..12).prop_map(|(it, scale)| at(Kind::Number(Decimal::new(it, scale)))),
        date.prop_map(|it| at(Kind::Date(it))),
        (0_i64..4_000_000_000_000_000).prop_map(|it| at(Kind::Timestamp(
            chrono::DateTime::from_timestamp_micros(it).unwrap()
        ))),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        let op = prop_oneof![
            Just(ArithmeticOp::Add),
            Just(ArithmeticOp::Subtract),
            Just(ArithmeticOp::Multiply),
            Just(ArithmeticOp::Divide),
            Just(ArithmeticOp::WholeDivide),
            Just(ArithmeticOp::Remainder),
            Just(ArithmeticOp::Power),
        ];
        prop_oneof![
            (op, inner.clone(), inner.clone()).prop_map(|(op, left, right)| at(Kind::Arithmetic(
                op,
                left.into(),
                right.into()
            ))),
            inner.clone().prop_map(|it| at(Kind::Negate(it.into()))),
            inner.prop_map(|it| at(Kind::Call(functions::Function::CaseI, vec![it]))),
        ]
    })
}

fn condition() -> impl Strategy<Value = Expr> {
    let op = prop_oneof![
        Just(CompareOp::Equal),
        Just(CompareOp::NotEqual),
        Just(CompareOp::Less),
        Just(CompareOp::LessOrEqual),
        Just(CompareOp::Greater),
        Just(CompareOp::GreaterOrEqual),
    ];
    let spatial = functions::Function::Spatial(functions::Spatial::Intersects);
    let during = functions::Function::Temporal(functions::Temporal::During);
    let coordinate = || -180.0..180.0_f64;
    let leaf = prop_oneof![
        any::<bool>().prop_map(|it| at(Kind::Bool(it))),
        (op, scalar(), scalar()).prop_map(|(op, left, right)| at(Kind::Compare(
            op,
            left.into(),
            right.into()
        ))),
        (scalar(), scalar(), any::<bool>()).prop_map(|(value, pattern, negated)| at(Kind::Like {
            value: value.into(),
            pattern: pattern.into(),
            negated
        })),
        (scalar(), scalar(), scalar(), any::<bool>()).prop_map(|(value, low, high, negated)| {
            at(Kind::Between { value: value.into(), low: low.into(), high: high.into(), negated })
        }),
        (scalar(), proptest::collection::vec(scalar(), 1..4), any::<bool>())
            .prop_map(|(value, list, negated)| at(Kind::In { value: value.into(), list, negated })),
        (scalar(), any::<bool>())
            .prop_map(|(value, negated)| at(Kind::IsNull { value: value.into(), negated })),
        proptest::collection::vec((coordinate(), coordinate()), 2..5).prop_map(move |it| {
            let line = at(Kind::Geometry(geo::LineString::from(it).into()));
            at(Kind::Call(spatial, vec![at(Kind::Property("geom".to_owned())), line]))
        }),
        name().prop_map(move |it| {
            let interval =
                Kind::Interval(at(Kind::Open).into(), at(Kind::Property(it.clone())).into());
            at(Kind::Call(during, vec![at(Kind::Property(it)), at(interval)]))
        }),
    ];
    leaf.prop_recursive(4, 32, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|it| at(Kind::Not(it.into()))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|it| at(Kind::And(it))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|it| at(Kind::Or(it))),
            inner.prop_map(|it| at(Kind::IsNull { value: it.into(), negated: false })),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(expr in condition()) {
        let text = expr.to_string();
        let read = parse(&text);
        prop_assert_eq!(read.as_ref(), Ok(&expr), "{}", text);
        prop_assert_eq!(read.unwrap().to_string(), text);
    }

    #[test]
    fn truth_follows_kleene(a in truth(), b in truth(), c in truth()) {
        prop_assert_eq!(!!a, a);
        prop_assert_eq!(!(a.and(b)), (!a).or(!b));
        prop_assert_eq!(a.and(b), b.and(a));
        prop_assert_eq!(a.and(b.or(c)), a.and(b).or(a.and(c)));
        prop_assert_eq!(a.or(b.and(c)), a.or(b).and(a.or(c)));
        prop_assert_eq!(a.and(a.or(b)), a);
        prop_assert_eq!(a.and(b.and(c)), a.and(b).and(c));
    }

    #[test]
    fn deciding_follows_kleene_too(left in condition(), right in condition()) {
        let (a, b) = (eval(&left, &row), eval(&right, &row));
        let both = |kind: fn(Vec<Expr>) -> Kind| eval(&at(kind(vec![left.clone(), right.clone()])), &row);
        prop_assert_eq!(both(Kind::And), a.and(b));
        prop_assert_eq!(both(Kind::Or), a.or(b));
        prop_assert_eq!(eval(&at(Kind::Not(left.clone().into())), &row), !a);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = parse_checked(&text, &fields());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse_checked(&String::from_utf8_lossy(&bytes), &fields());
    }

    #[test]
    fn any_tokens_are_read_or_refused(
        tokens in proptest::collection::vec(proptest::sample::select(&TOKENS[..]), 0..60),
    ) {
        if let Ok(expr) = parse(&tokens.join(" ")) {
            prop_assert_eq!(parse(&expr.to_string()), Ok(expr.clone()));
            let _ = eval(&expr, &row);
            let _ = to_sql(&expr, &fields(), 1);
        }
    }
}

const TOKENS: [&str; 40] = [
    "(",
    ")",
    ",",
    "=",
    "<",
    "<>",
    "+",
    "-",
    "*",
    "/",
    "^",
    "%",
    "div",
    "and",
    "or",
    "not",
    "in",
    "like",
    "between",
    "is",
    "null",
    "true",
    "area_mu",
    "name",
    "所属镇",
    "tax_wan_per_mu",
    "1",
    "-2.5",
    "'a%'",
    "CASEI(",
    "S_INTERSECTS(",
    "POINT(",
    "geom",
    "1 2",
    "DATE('2024-01-01')",
    "INTERVAL('..',",
    "'2024-01-01')",
    "T_AFTER(",
    "contract_start",
    "reasons",
];
