//! The walk over columns against `judge`, parcel by parcel, under rule sets made at random.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::tally;
use super::tally::Ask;
use super::tally::VERDICTS;
use crate::cql;
use crate::cql::Type;
use crate::cql::Value;
use crate::judgement::rule::RuleSet;
use crate::judgement::rule::judge;
use crate::snapshot::Bitmap;
use crate::snapshot::Column;
use crate::snapshot::frame::Frame;

/// Of every row: tax, far, contract, area in hundredths, the state, the day, whether it is exempt by itself.
type Row =
    (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<usize>, Option<i32>, Option<bool>);

const STATES: [&str; 3] = ["在用", "闲置", "在建"];
const UNITS: [&str; 2] = ["安亭镇", "马陆镇"];

fn fields() -> BTreeMap<String, cql::Field> {
    let typed = [
        ("tax_wan_per_mu", Type::Decimal),
        ("far", Type::Decimal),
        ("contract", Type::Decimal),
        ("area_mu", Type::Decimal),
        ("status", Type::Text),
        ("started", Type::Date),
        ("delayed", Type::Boolean),
    ];
    typed.iter().map(|(name, kind)| ((*name).to_owned(), kind.column(name))).collect()
}

fn day(days: i32) -> NaiveDate {
    NaiveDate::default() + chrono::Days::new(days.unsigned_abs().into())
}

fn value(row: &Row, name: &str) -> Value<'static> {
    let number = |it: Option<i64>| Value::from(it.map(|it| Decimal::new(it, 2))).into_owned();
    match name {
        "tax_wan_per_mu" => number(row.0),
        "far" => number(row.1),
        "contract" => number(row.2),
        "area_mu" => number(row.3),
        "status" => row.4.map_or(Value::Null, |it| STATES[it].into()),
        "started" => row.5.map_or(Value::Null, |it| Value::Date(day(it))),
        "delayed" => row.6.map_or(Value::Null, Value::Bool),
        _ => Value::Null,
    }
}

fn decimals(of: impl Iterator<Item = Option<i64>> + Clone) -> Column {
    Column::Decimal {
        scaled: of.clone().map(|it| it.unwrap_or(0)).collect(),
        places: 2,
        known: of.map(|it| it.is_some()).collect(),
    }
}

fn texts<'a>(words: &[&str], codes: impl Iterator<Item = Option<usize>> + 'a) -> Column {
    let code = |it: Option<usize>| it.map_or(0, |it| u32::try_from(it + 1).unwrap());
    Column::Text { words: words.iter().copied().collect(), codes: codes.map(code).collect() }
}

fn frame(rows: &[Row], before: &[usize]) -> Frame {
    let ids = (1..).take(rows.len()).collect();
    let all = rows.iter();
    let columns = [
        ("tax_wan_per_mu", decimals(all.clone().map(|it| it.0))),
        ("far", decimals(all.clone().map(|it| it.1))),
        ("contract", decimals(all.clone().map(|it| it.2))),
        ("area_mu", decimals(all.clone().map(|it| it.3))),
        ("tax_wan", decimals(all.clone().map(|it| it.0))),
        ("energy_tce", decimals(all.clone().map(|it| it.1))),
        ("enterprise_count", decimals(all.clone().map(|it| it.2))),
        ("status", texts(&STATES, all.clone().map(|it| it.4))),
        (
            "started",
            Column::Date {
                days: all.clone().map(|it| it.5.unwrap_or(0)).collect(),
                known: all.clone().map(|it| it.5.is_some()).collect(),
            },
        ),
        (
            "delayed",
            Column::Boolean {
                values: all.clone().map(|it| it.6 == Some(true)).collect(),
                known: all.clone().map(|it| it.6.is_some()).collect(),
            },
        ),
        ("verdict", texts(&VERDICTS[..3], before.iter().map(|it| Some(*it)))),
    ];
    Frame::new(ids, columns.map(|(name, it)| (name.to_owned(), it)))
}

fn any_row() -> impl Strategy<Value = Row> {
    let number = || prop::option::weighted(0.8, -300..900_i64);
    (
        number(),
        number(),
        number(),
        number(),
        prop::option::weighted(0.8, 0..STATES.len()),
        prop::option::weighted(0.8, 0..6_i32),
        prop::option::weighted(0.8, any::<bool>()),
    )
}

/// A condition of every kind that rules are made of.
fn condition() -> impl Strategy<Value = String> {
    let number = || prop::sample::select(vec!["tax_wan_per_mu", "far", "contract", "area_mu"]);
    let op = || prop::sample::select(vec!["<", "<=", ">", ">=", "=", "<>"]);
    let literal = || (-300..900_i64).prop_map(|it| Decimal::new(it, 2).to_string());
    let leaf = prop_oneof![
        (number(), op(), literal()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (number(), op(), number()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (number(), op(), literal(), number())
            .prop_map(|(a, op, b, c)| format!("{a} {op} {b} * {c}")),
        (number(), number(), op(), literal())
            .prop_map(|(a, b, op, c)| format!("{a} + {b} - far {op} {c}")),
        (number(), number(), op(), literal())
            .prop_map(|(a, b, op, c)| format!("{a} / {b} {op} {c}")),
        (number(), literal(), literal()).prop_map(|(a, b, c)| format!("{a} BETWEEN {b} AND {c}")),
        number().prop_map(|a| format!("{a} IS NOT NULL")),
        prop::sample::select(STATES.to_vec()).prop_map(|it| format!("status = '{it}'")),
        Just("status IN ('在用', '在建')".to_owned()),
        Just("status LIKE '在%'".to_owned()),
        (op(), 0..6_i32).prop_map(|(op, it)| format!("started {op} DATE('{}')", day(it))),
        Just("delayed".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|it| format!("({})", it.join(" AND "))),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|it| format!("({})", it.join(" OR "))),
            inner.prop_map(|it| format!("NOT ({it})")),
        ]
    })
}

fn rule_set(rules: &[(String, bool)]) -> RuleSet {
    let each = rules.iter().enumerate().map(|(nth, (when, is_low))| {
        let effect = if *is_low { "low" } else { "exempt" };
        format!("[[rule]]\nid = 'r{nth}'\ntitle = {{ zh = '', en = '' }}\nwhen = \"{when}\"\neffect = '{effect}'\nbasis = '-'\nsentence = {{ zh = '', en = '' }}\n")
    });
    let text = format!(
        "title = {{ zh = '', en = '' }}\nlegal_basis = '-'\nvalid_from = 2025-01-01\n{}",
        each.collect::<String>()
    );
    RuleSet::parse(&text, &fields()).unwrap_or_else(|it| panic!("{it:?}"))
}

/// Unit, class, verdict before and after.
type Place = (Option<usize>, Option<usize>, usize, usize);
/// Parcels, the sum of their area, those without one.
type Sums = (u64, i128, u64);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_walk_says_of_every_parcel_what_judge_says(
        // Beyond a word of rows, and sometimes beyond a block, so that all cores are used.
        some in prop::collection::vec((any_row(), 0..3_usize, prop::option::of(0..2_usize)), 1..90),
        copies in prop_oneof![9 => Just(1_usize), 1 => Just(220)],
        rules in prop::collection::vec((condition(), any::<bool>()), 1..5),
        filter in prop::option::of(condition()),
    ) {
        let all: Vec<_> = some.iter().cycle().take(some.len() * copies).copied().collect();
        let rows: Vec<Row> = all.iter().map(|it| it.0).collect();
        let before: Vec<usize> = all.iter().map(|it| it.1).collect();
        let units = texts(&UNITS, all.iter().map(|it| it.2));
        let frame = frame(&rows, &before);
        let set = rule_set(&rules);
        let filter = filter.map(|it| cql::parse_checked(&it, &fields()).unwrap());
        let shown: Bitmap = (0..rows.len()).map(|it| it % 7 != 3).collect();
        let ask = Ask {
            frame: &frame,
            rules: &set,
            filter: filter.as_ref(),
            shown: &shown,
            units: &units,
            classes: Some("status"),
            verdicts: "verdict",
            summed: [true; 4],
            ids_at_most: 1_000_000,
            edges: None,
        };
        let found = tally(&ask).unwrap();
        let codes = tally::judged(&frame, &set, &shown).unwrap();

        // By unit, class, before, after: parcels, the sum of the area, those without one.
        let mut wanted: HashMap<Place, Sums> = HashMap::new();
        let mut flips: HashMap<(usize, usize), Vec<i64>> = HashMap::new();
        for (nth, row) in rows.iter().enumerate() {
            let get = |name: &str| value(row, name);
            let verdict = judge(&set, &get).verdict;
            let told = if shown.has(nth) { Value::Text(verdict.name().into()) } else { Value::Null };
            prop_assert_eq!(codes.value(nth), told);
            let is_asked = filter.as_ref().is_none_or(|it| cql::eval::eval(it, &get) == cql::Truth::True);
            if !shown.has(nth) || !is_asked {
                continue;
            }
            let after = VERDICTS.iter().position(|it| *it == verdict.name()).unwrap();
            let cell = wanted.entry((all[nth].2, row.4, before[nth], after)).or_default();
            *cell = (cell.0 + 1, cell.1 + i128::from(row.3.unwrap_or(0)), cell.2 + u64::from(row.3.is_some()));
            if before[nth] != after {
                flips.entry((before[nth], after)).or_default().push(i64::try_from(nth).unwrap() + 1);
            }
        }
        for (nth, cell) in found.cells.iter().enumerate() {
            let (group, change) = (nth / 16, nth % 16);
            let (unit, class) = (group / found.classes.len(), group % found.classes.len());
            let key = (unit.checked_sub(1), class.checked_sub(1), change / 4, change % 4);
            let of = (cell.parcels, cell.sums[0], cell.known[0]);
            prop_assert_eq!(of, wanted.remove(&key).unwrap_or_default());
        }
        prop_assert!(wanted.is_empty());
        for (change, ids) in found.flips.iter().enumerate() {
            prop_assert_eq!(ids, &flips.remove(&(change / 4, change % 4)).unwrap_or_default());
        }
    }
}
