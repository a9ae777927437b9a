//! Targets and what was counted: rate, gap, rank, and a light against the phased target. Units and district reconcile
//! exactly, because the district is the sum of the rows that are told.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::Lights;
use super::period::Period;
use crate::measure;

/// What a unit is to achieve in a period.
#[derive(Clone, Debug)]
pub struct Target {
    pub unit: String,
    pub period: Period,
    pub quantity: Decimal,
}

/// How a unit stands to its phased target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    Green,
    Amber,
    Red,
    /// No target, so neither good nor bad.
    Unknown,
}

/// A unit, or the district.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LeagueRow")]
pub struct Row {
    /// Null: cases of no unit; in the total, the district.
    pub unit: Option<String>,
    pub target: Option<Decimal>,
    /// What should have been reached by the day.
    pub phased_target: Option<Decimal>,
    pub counted: Decimal,
    /// 完成率: counted ÷ target, six places.
    pub rate: Option<Decimal>,
    /// 差距: what is still missing of the target; negative when it is exceeded.
    pub gap: Option<Decimal>,
    /// Counted ÷ phased target.
    pub phased_rate: Option<Decimal>,
    /// By rate, the best first. Those who tie share the better rank, and the next one is left out.
    pub rank: Option<usize>,
    pub light: Light,
}

/// All units and their sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct League {
    pub rows: Vec<Row>,
    pub total: Row,
    /// Units whose parts do not add up to the target of the period.
    pub uneven: Vec<String>,
}

/// The targets of one unit.
type Own = BTreeMap<Period, Decimal>;

/// The sum of parts, if each of them has a target.
fn sum(own: &Own, parts: &[Period]) -> Option<Decimal> {
    if parts.is_empty() {
        return None;
    }
    parts.iter().map(|it| own.get(it).copied()).sum()
}

/// The target of a period: its own, or the sum of its quarters or months where all have one.
fn of_period(own: &Own, period: Period) -> Option<Decimal> {
    let own_one = own.get(&period).copied();
    own_one.or_else(|| sum(own, &period.in_quarters())).or_else(|| sum(own, &period.in_months()))
}

/// What should have been reached on a day: by months where each month has a target, else by quarters, else evenly. A part
/// that is running counts by its days.
fn phased(own: &Own, period: Period, day: NaiveDate) -> Option<Decimal> {
    let share = |part: Period, quantity: Decimal| {
        let begun = Decimal::from(part.begun(day));
        quantity.checked_mul(begun)?.checked_div(Decimal::from(part.days()))
    };
    for parts in [period.in_months(), period.in_quarters()] {
        if sum(own, &parts).is_some() {
            let all = parts.iter().filter_map(|it| own.get(it).map(|quantity| (*it, *quantity)));
            return all.map(|(part, quantity)| share(part, quantity)).sum();
        }
    }
    share(period, of_period(own, period)?)
}

fn light(counted: Decimal, phased: Option<Decimal>, lights: Lights) -> Light {
    let Some(phased) = phased else { return Light::Unknown };
    // By products: a quotient would be rounded.
    let at_least = |it: Decimal| phased.checked_mul(it).is_some_and(|it| counted >= it);
    if at_least(lights.green) {
        Light::Green
    } else if at_least(lights.amber) {
        Light::Amber
    } else {
        Light::Red
    }
}

fn row(
    unit: Option<String>,
    target: Option<Decimal>,
    phased: Option<Decimal>,
    counted: Decimal,
    lights: Lights,
) -> Row {
    Row {
        unit,
        target,
        phased_target: phased.and_then(measure::stored),
        counted,
        rate: target.and_then(|it| measure::ratio(counted, it)),
        gap: target.map(|it| it - counted),
        phased_rate: phased.and_then(|it| measure::ratio(counted, it)),
        rank: None,
        light: light(counted, phased, lights),
    }
}

/// Whether `a` has the better rate; compared by products, which are exact.
fn is_better(a: &Row, b: &Row) -> bool {
    let (Some(of_a), Some(of_b)) = (a.target, b.target) else { return false };
    match (a.counted.checked_mul(of_b), b.counted.checked_mul(of_a)) {
        (Some(one), Some(other)) => one > other,
        _ => a.rate > b.rate,
    }
}

/// The league of a period as it stands at the end of a day.
///
/// `counted` is what each unit has counted in the period up to that day; several entries of a unit add up.
pub fn league(
    period: Period,
    day: NaiveDate,
    targets: &[Target],
    counted: &[(Option<String>, Decimal)],
    lights: Lights,
) -> League {
    let mut own: BTreeMap<Option<String>, Own> = BTreeMap::new();
    for it in targets {
        *own.entry(Some(it.unit.clone())).or_default().entry(it.period).or_default() += it.quantity;
    }
    let mut sums: BTreeMap<Option<String>, Decimal> = BTreeMap::new();
    for (unit, it) in counted {
        *sums.entry(unit.clone()).or_default() += *it;
    }
    let units: BTreeSet<&Option<String>> = own.keys().chain(sums.keys()).collect();
    let nothing = Own::new();
    let mut rows = Vec::with_capacity(units.len());
    let mut uneven = Vec::new();
    for unit in units {
        let own = own.get(unit).unwrap_or(&nothing);
        let target = of_period(own, period);
        for parts in [period.in_quarters(), period.in_months()] {
            if let (Some(it), Some(target), Some(name)) = (sum(own, &parts), target, unit)
                && it != target
                && !uneven.contains(name)
            {
                uneven.push(name.clone());
            }
        }
        let counted = sums.get(unit).copied().unwrap_or_default();
        rows.push(row(unit.clone(), target, phased(own, period, day), counted, lights));
    }
    // A target of nothing has no rate.
    let ranked = |it: &Row| it.unit.is_some() && it.target.is_some_and(|it| it > Decimal::ZERO);
    let ranks: Vec<Option<usize>> = rows
        .iter()
        .map(|it| {
            let better = rows.iter().filter(|other| ranked(other) && is_better(other, it)).count();
            ranked(it).then_some(better + 1)
        })
        .collect();
    for (it, rank) in rows.iter_mut().zip(ranks) {
        it.rank = rank;
    }
    rows.sort_by(|a, b| {
        (a.rank.is_none(), a.rank, &a.unit).cmp(&(b.rank.is_none(), b.rank, &b.unit))
    });
    let add = |of: fn(&Row) -> Option<Decimal>| -> Option<Decimal> {
        let known: Vec<Decimal> = rows.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| known.into_iter().sum())
    };
    let target = add(|it| it.target);
    let phased = add(|it| it.phased_target);
    let counted = rows.iter().map(|it| it.counted).sum();
    let total = row(None, target, phased, counted, lights);
    League { rows, total, uneven }
}
