//! Columns and rows agree: what [`View::select`] finds is what `cql::eval` says of each row that the scope sees.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::TestRng;
use rust_decimal::Decimal;

use crate::access::Role;
use crate::access::Scope;
use crate::cql;
use crate::cql::Truth;
use crate::cql::Type;
use crate::cql::Value;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::snapshot::Builder;
use crate::snapshot::Snapshot;
use crate::snapshot::View;

/// Fields of every type, one of them for officers.
const FIELDS: &str = r#"
    [responsible_unit]
    title = { zh = "", en = "" }
    type  = "text"
    [name]
    title = { zh = "", en = "" }
    type  = "text"
    [floors]
    title = { zh = "", en = "" }
    type  = "integer"
    [area]
    title = { zh = "", en = "" }
    type  = "decimal"
    [wide]
    title = { zh = "", en = "" }
    type  = "decimal"
    [straddle]
    title = { zh = "", en = "" }
    type  = "boolean"
    [since]
    title = { zh = "", en = "" }
    type  = "date"
    [tax]
    title  = { zh = "", en = "" }
    type   = "decimal"
    access = "officer"
    [grade]
    title  = { zh = "", en = "" }
    type   = "text"
    access = "officer"
"#;

static LAYER: LazyLock<Layer> = LazyLock::new(|| {
    let mut layer = Layers::load(None).unwrap().layers.swap_remove("parcels").unwrap();
    layer.declaration.field = toml::from_str(FIELDS).unwrap();
    layer
});

fn layer(access: Role) -> Layer {
    let mut layer = LAYER.clone();
    layer.declaration.access = access;
    layer
}

fn row() -> impl Strategy<Value = Vec<Value<'static>>> {
    let text = |of: &'static [&'static str]| {
        prop::option::of(prop::sample::select(of)).prop_map(|it| it.map(ToOwned::to_owned).into())
    };
    let number = |of: BoxedStrategy<Decimal>| prop::option::of(of).prop_map(Value::from);
    let decimal = |digits: i64, places: u32| {
        (-digits..digits).prop_map(move |it| Decimal::new(it, places)).boxed()
    };
    (
        text(&["a", "b", "c"]),
        text(&["a", "", "Z", "äbc", "ÄBC_x%", "安亭", "aab", "ab"]),
        number((-9_i64..9).prop_map(Decimal::from).boxed()),
        number(prop_oneof![decimal(40, 1), decimal(4_000_000, 6)].boxed()),
        number(prop_oneof![decimal(9, 0), Just(Decimal::MAX), decimal(9, 25)].boxed()),
        prop::option::of(any::<bool>()).prop_map(Value::from),
        prop::option::of(-3_i32..3).prop_map(|it| {
            it.map_or(Value::Null, |it| Value::Date(NaiveDate::from_yo_opt(1970 + it, 60).unwrap()))
        }),
        number(decimal(3000, 2)),
        text(&["A", "B"]),
    )
        .prop_map(|it| vec![it.0, it.1, it.2, it.3, it.4, it.5, it.6, it.7, it.8])
}

fn scopes() -> Vec<Scope> {
    let of = |role, units: Option<&[&str]>| Scope {
        role,
        account: Some("a".to_owned()),
        responsible_units: units.map(|it| it.iter().map(|it| (*it).to_owned()).collect()),
        ..Scope::default()
    };
    vec![
        of(Role::Viewer, None),
        of(Role::Officer, None),
        of(Role::Officer, Some(&["a", "c"])),
        of(Role::Officer, Some(&[])),
    ]
}

/// A condition as people write them and as they do not.
fn condition(random: &mut TestRng, depth: u32) -> String {
    let mut pick = |of: usize| random.random_range(0..of);
    if depth > 0 && pick(10) < 6 {
        let kind = pick(5);
        let left = condition(random, depth - 1);
        return match kind {
            0 => format!("NOT ({left})"),
            1 => format!("({left}) IS NULL"),
            2 => format!("({left}) IS NOT NULL"),
            3 => format!("({left}) AND ({})", condition(random, depth - 1)),
            _ => format!("({left}) OR ({})", condition(random, depth - 1)),
        };
    }
    let op = ["=", "<>", "<", "<=", ">", ">="][pick(6)];
    let not = ["", "NOT "][pick(2)];
    match pick(13) {
        0 | 1 => format!("{} {op} {}", number(random, 0), number(random, 0)),
        2 => format!("{} {op} {}", number(random, 2), number(random, 2)),
        3 => {
            let (it, low, high) = (number(random, 0), number(random, 0), number(random, 0));
            format!("{it} {not}BETWEEN {low} AND {high}")
        }
        4 => {
            let (it, one, other) = (number(random, 0), number(random, 1), number(random, 0));
            format!("{it} {not}IN ({one}, {other}, 3)")
        }
        5 => format!("{} {op} {}", text(random), text(random)),
        6 => format!("{} {not}IN ('a', {}, 'Z')", text(random), text(random)),
        7 => {
            let piece = ["a", "b", "安", "", "%b", "a\\_"][pick(6)];
            let end = ["", "%", "_", "_%"][pick(4)];
            let start = ["", "%"][pick(2)];
            format!("{} {not}LIKE '{start}{piece}{end}'", text(random))
        }
        8 => {
            let it =
                ["name", "floors", "area", "wide", "straddle", "since", "tax", "grade"][pick(8)];
            format!("{it} IS {not}NULL")
        }
        9 => format!("{} {op} {}", date(random), date(random)),
        10 => format!("{} {not}BETWEEN {} AND {}", date(random), date(random), date(random)),
        11 => {
            let relation = ["T_BEFORE", "T_AFTER", "T_EQUALS", "T_INTERSECTS"][pick(4)];
            let interval =
                ["INTERVAL('..', since)", "INTERVAL('1969-03-01', '1971-03-01')"][pick(2)];
            format!("{relation}({}, {interval})", date(random))
        }
        _ => ["straddle", "straddle = TRUE", "NOT straddle = FALSE", "TRUE", "id > 3"][pick(5)]
            .to_owned(),
    }
}

fn number(random: &mut TestRng, depth: u32) -> String {
    let mut pick = |of: usize| random.random_range(0..of);
    if depth > 0 && pick(2) == 0 {
        let op = ["+", "-", "*", "/", "%", "div"][pick(6)];
        return format!("({} {op} {})", number(random, depth - 1), number(random, depth - 1));
    }
    let of = [
        "floors",
        "area",
        "area",
        "wide",
        "tax",
        "tax",
        "id",
        "0",
        "1",
        "-7",
        "3.333333",
        "15",
        "1e-6",
        "0.25",
        "0.1234567",
        "1e20",
        "2 * 3",
        "1 / 0",
        "LENGTH(name)",
        "ROUND(area)",
        "-tax",
    ];
    of[pick(of.len())].to_owned()
}

fn text(random: &mut TestRng) -> String {
    let of = [
        "name",
        "name",
        "grade",
        "responsible_unit",
        "'a'",
        "'Z'",
        "CASEI(name)",
        "CASEI('ÄBC')",
        "''",
        "ACCENTI(name)",
        "UPPER(grade)",
    ];
    of[random.random_range(0..of.len())].to_owned()
}

fn date(random: &mut TestRng) -> String {
    let of = ["since", "since", "DATE('1970-03-01')", "DATE('1968-02-29')"];
    of[random.random_range(0..of.len())].to_owned()
}

/// What a row holds, as the scope may see it.
fn agree(rows: &[Vec<Value<'static>>], access: Role, text: &str) {
    let layer = layer(access);
    let mut builder = Builder::new(&layer);
    for (id, row) in rows.iter().enumerate() {
        builder.shapes.end_row();
        builder.row(i64::try_from(id).unwrap(), row.iter().cloned());
    }
    let snapshot = Snapshot::new("parcels", 1, builder.finish(None));
    for scope in scopes() {
        if !layer.readable(&scope) {
            continue;
        }
        let fields: BTreeMap<String, cql::Field> = layer
            .fields_for(&scope)
            .map(|(name, it)| {
                let kind = match it.kind {
                    crate::layer::FieldType::Text => Type::Text,
                    crate::layer::FieldType::Integer => Type::Integer,
                    crate::layer::FieldType::Decimal => Type::Decimal,
                    crate::layer::FieldType::Boolean => Type::Boolean,
                    crate::layer::FieldType::Date => Type::Date,
                };
                (name.to_owned(), kind.column(name))
            })
            .chain([("id".to_owned(), Type::Integer.column("id"))])
            .collect();
        let Ok(filter) = cql::parse_checked(text, &fields) else { continue };
        let view = View::new(&snapshot, &layer, &scope);
        // What is not decided is nobody's to compare; how often that happens is counted elsewhere.
        let Some(found) = view.select(&filter) else { continue };
        let part = view.parts().next().unwrap();
        for row in 0..rows.len() {
            let of = Visible { part: &part, row };
            let wanted = part.shows(row) && cql::eval::eval(&filter, &of) == Truth::True;
            assert_eq!(found[0].has(row), wanted, "{text} of row {row} for {scope:?}");
        }
    }
}

struct Visible<'a> {
    part: &'a crate::snapshot::ViewPart<'a>,
    row: usize,
}

impl cql::Row for Visible<'_> {
    fn get(&self, name: &str) -> Value<'_> {
        match name {
            "id" => Value::Number(self.part.part.ids()[self.row].into()),
            _ => self.part.column(name).map_or(Value::Null, |it| it.value(self.row)),
        }
    }
}

fn filter() -> impl Strategy<Value = String> {
    Just(()).prop_perturb(|(), mut random| condition(&mut random, 4))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_rows_agree(
        rows in prop::collection::vec(row(), 1..150),
        filter in filter(),
        above_viewer in any::<bool>(),
    ) {
        agree(&rows, if above_viewer { Role::Officer } else { Role::Public }, &filter);
    }
}

proptest! {
    /// Doubles do not tell these apart.
    #[test]
    fn a_quotient_next_to_the_literal_is_told_exactly(
        rows in prop::collection::vec(row(), 1..100),
        op in prop::sample::select(&["=", "<>", "<", "<=", ">", ">="][..]),
        aside in -1_i64..=1,
        turned in any::<bool>(),
    ) {
        let quotient = |it: &Vec<Value<'static>>| match (&it[7], &it[3]) {
            (Value::Number(tax), Value::Number(area)) => tax.checked_div(*area),
            _ => None,
        };
        let Some(quotient) = rows.iter().find_map(quotient) else { return Ok(()) };
        let near = quotient.round_dp(12) + Decimal::new(aside, 12);
        let text = if turned { format!("({near}) {op} tax / area") } else { format!("tax / area {op} ({near})") };
        agree(&rows, Role::Public, &text);
        agree(&rows, Role::Public, &format!("NOT (area + floors) / (tax * 3) {op} ({near})"));
    }
}

#[test]
fn what_people_write_is_decided_in_memory() {
    let layer = layer(Role::Public);
    let mut builder = Builder::new(&layer);
    for id in 0..100 {
        builder.shapes.end_row();
        let text = |it: &str| Value::from(it.to_owned());
        let number = |it: i64, places| Value::from(Decimal::new(it, places));
        let row = [text("a"), text("b"), number(id, 0), number(id * 1_000_000, 6), number(3, 0)];
        let rest = [Value::Bool(true), Value::Null, number(id * 7, 2), Value::Null];
        builder.row(id, row.into_iter().chain(rest));
    }
    let snapshot = Snapshot::new("parcels", 1, builder.finish(None));
    let scope = Scope { role: Role::Steward, ..Scope::default() };
    let view = View::new(&snapshot, &layer, &scope);
    let count = |text: &str| {
        let found = view.select(&cql::parse(text).unwrap());
        found.map(|it| it.iter().map(crate::snapshot::Bitmap::count).sum::<usize>())
    };
    assert_eq!(count("area * 0.0015 >= 0.09"), Some(40));
    assert_eq!(count("tax / area > 0.069 AND floors < 20"), Some(19));
    assert_eq!(count("area * area * area < 1000"), Some(10));
    assert_eq!(count("name LIKE 'b%' AND straddle AND since IS NULL"), Some(100));
    assert_eq!(count("id IN (3, 4, 500)"), Some(2));
    // Twenty-nine digits are for PostgreSQL, as are places.
    assert_eq!(count("area ^ 8 < 1000"), Some(3));
    assert_eq!(count("area ^ 15 < 1000"), None);
    assert_eq!(count("S_INTERSECTS(geom, POINT(1 2))"), None);
    assert_eq!(count("geom IS NULL"), None);
    assert_eq!(count("no_such = 3"), None);
}
