//! Values that parse and cannot be so, or hardly: dates in the wrong order or in the future, a floor-area ratio of 45, less
//! building than vacancy. Warnings all: a person knows why.

use chrono::Datelike;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::measure;

use super::super::report::Issue;
use super::super::target::Target;
use super::super::value::Value;

/// Pairs of which the first date is not after the second.
const ORDERED: [(&str, &str); 3] =
    [("contract_start", "contract_finish"), ("from_date", "to_date"), ("founded", "in_production")];
/// Dates of what has happened.
const PAST: [&str; 2] = ["founded", "in_production"];
/// Dates before are slips of the hand, and so are those more than a land-use term away.
const FIRST_YEAR: i32 = 1900;
const YEARS_AHEAD: i32 = 100;
/// Figures are of years that have begun; targets and buildings look ahead by so many years.
const TARGET_YEARS_AHEAD: i64 = 30;
const BUILDING_YEARS_AHEAD: i64 = 3;
const FIRST_BUILDING_YEAR: i64 = 1800;
const MOST_FAR: i64 = 20;
const MOST_FLOORS: i64 = 150;
/// Storey heights in centimetres.
const STOREY_CM: std::ops::RangeInclusive<i64> = 180..=6_000;
/// Areas given twice may differ by this part: rounding to 0.01 亩 is 6.67 m².
const PER_CENT: i64 = 1;
const ROUNDING_M2: i64 = 10;

/// A row as this file looks at it.
struct Looked<'a> {
    target: &'a Target,
    values: &'a [Option<Value>],
    number: u64,
    column: &'a dyn Fn(usize) -> String,
}

/// Everything implausible about the values of a row; `column` names the header that a field was read from.
pub fn judge(
    target: &Target,
    values: &[Option<Value>],
    number: u64,
    column: &dyn Fn(usize) -> String,
    today: NaiveDate,
) -> Vec<Issue> {
    let row = Looked { target, values, number, column };
    let mut issues = Vec::new();
    for (index, (name, _)) in target.fields.iter().enumerate() {
        match &values[index] {
            Some(Value::Date(it)) => issues.extend(row.date(index, name, *it, today)),
            Some(Value::Integer(it)) => {
                issues.extend(row.number(index, name, Decimal::from(*it), today));
            }
            Some(Value::Decimal(it)) => issues.extend(row.number(index, name, *it, today)),
            _ => {}
        }
    }
    issues.extend(row.order());
    issues.extend(row.vacancy());
    issues.extend(row.areas());
    issues
}

impl Looked<'_> {
    fn warn(&self, rule: &'static str, field: usize, value: String, why: String) -> Issue {
        Issue::warn(rule, Some(self.number), Some((self.column)(field)), Some(value), why)
    }

    fn date(&self, field: usize, name: &str, it: NaiveDate, today: NaiveDate) -> Option<Issue> {
        if PAST.contains(&name) && it > today {
            let why = format!("晚于今天 {today} / after today");
            return Some(self.warn("date_future", field, it.to_string(), why));
        }
        let years = FIRST_YEAR..=today.year() + YEARS_AHEAD;
        (!years.contains(&it.year())).then(|| {
            let why = format!("年份应在 {}–{} / a year from", years.start(), years.end());
            self.warn("date_implausible", field, it.to_string(), why)
        })
    }

    fn number(&self, field: usize, name: &str, it: Decimal, today: NaiveDate) -> Option<Issue> {
        let year = i64::from(today.year());
        let outside = |from: i64, to: i64| it < Decimal::from(from) || it > Decimal::from(to);
        let told = |rule: &'static str, from: String, to: i64| {
            let why = format!("应在 {from}–{to} / from {from} to {to}");
            Some(self.warn(rule, field, it.normalize().to_string(), why))
        };
        match name {
            "year" if self.target.relation == "mutu.target" => {
                let last = year + TARGET_YEARS_AHEAD;
                outside(1949, last).then(|| told("year_implausible", "1949".into(), last))?
            }
            "year" => outside(1949, year).then(|| told("year_implausible", "1949".into(), year))?,
            "year_built" => {
                let (first, last) = (FIRST_BUILDING_YEAR, year + BUILDING_YEARS_AHEAD);
                outside(first, last).then(|| told("year_implausible", first.to_string(), last))?
            }
            "floors" => outside(1, MOST_FLOORS)
                .then(|| told("floors_implausible", "1".into(), MOST_FLOORS))?,
            "storey_height_m" => {
                let centimetres = it.checked_mul(Decimal::ONE_HUNDRED)?;
                let (low, high) = (Decimal::from(*STOREY_CM.start()), *STOREY_CM.end());
                (centimetres < low || centimetres > Decimal::from(high)).then(|| {
                    let low = (low / Decimal::ONE_HUNDRED).normalize().to_string();
                    told("floors_implausible", low, high / 100)
                })?
            }
            // Land without buildings has a ratio of 0; nobody agrees on one. Less than 0 is refused elsewhere.
            _ if it < Decimal::ZERO => None,
            _ if name.split('_').any(|it| it == "far") => {
                let bare = name == "far_reported" && it.is_zero();
                (!bare && (it.is_zero() || it > Decimal::from(MOST_FAR)))
                    .then(|| told("far_implausible", "0".into(), MOST_FAR))?
            }
            _ => None,
        }
    }

    fn find(&self, name: &str) -> Option<(usize, &Value)> {
        let field = self.target.fields.get_index_of(name)?;
        Some((field, self.values[field].as_ref()?))
    }

    fn order(&self) -> impl Iterator<Item = Issue> {
        ORDERED.iter().filter_map(|(first, second)| {
            let (from, Value::Date(early)) = self.find(first)? else { return None };
            let (to, Value::Date(late)) = self.find(second)? else { return None };
            (late < early).then(|| {
                let (from, name) = ((self.column)(from), (self.column)(to));
                let why = format!("{name} 早于 {from} {early} / `{name}` is before `{from}`");
                self.warn("date_order", to, late.to_string(), why)
            })
        })
    }

    fn vacancy(&self) -> Option<Issue> {
        let (field, Value::Decimal(vacant)) = self.find("vacant_area_m2")? else { return None };
        let (_, Value::Decimal(floor)) = self.find("floor_area_m2")? else { return None };
        (vacant > floor).then(|| {
            let why = format!("大于建筑面积 {floor} m² / more than the floor area");
            self.warn("part_exceeds_whole", field, vacant.to_string(), why)
        })
    }

    fn areas(&self) -> Option<Issue> {
        let (field, Value::Decimal(mu)) = self.find("area_registered_mu")? else { return None };
        let (_, Value::Decimal(m2)) = self.find("area_registered_m2")? else { return None };
        let in_m2 = measure::m2_from_mu(*mu)?;
        let differ = (in_m2 - m2).abs();
        let part = m2.abs().max(in_m2.abs()).checked_mul(Decimal::new(PER_CENT, 2))?;
        (differ > part && differ > Decimal::from(ROUNDING_M2)).then(|| {
            let why = format!(
                "{mu} 亩为 {} m²，另一列为 {m2} m² / the other column says {m2} m²",
                measure::shown(in_m2, 2)
            );
            self.warn("areas_disagree", field, mu.to_string(), why)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::layer::Layers;

    use super::*;

    fn rules(into: &str, given: &[(&str, Value)]) -> Vec<&'static str> {
        let target = Target::find(&Layers::load(None).unwrap(), into).unwrap();
        let mut values = vec![None; target.fields.len()];
        for (name, value) in given {
            values[target.fields.get_index_of(*name).unwrap()] = Some(value.clone());
        }
        let today = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
        let issues = judge(&target, &values, 1, &|it| target.name(it).to_owned(), today);
        issues.iter().map(|it| it.rule).collect()
    }

    fn date(text: &str) -> Value {
        Value::Date(text.parse().unwrap())
    }

    fn number(text: &str) -> Value {
        Value::Decimal(text.parse().unwrap())
    }

    #[test]
    fn what_cannot_be_so_is_told() {
        let parcels = |it: &[(&str, Value)]| rules("parcels", it);
        let (start, finish) = ("contract_start", "contract_finish");
        assert_eq!(
            parcels(&[(start, date("2020-05-01")), (finish, date("2019-05-01"))]),
            ["date_order"]
        );
        assert_eq!(parcels(&[(start, date("1021-05-01"))]), ["date_implausible"]);
        assert_eq!(rules("enterprises", &[("founded", date("2027-05-01"))]), ["date_future"]);
        assert_eq!(
            rules("enterprise_years", &[("year", Value::Integer(2027))]),
            ["year_implausible"]
        );
        assert_eq!(rules("targets", &[("year", Value::Integer(2030))]), Vec::<&str>::new());
        for far in ["0", "20.5"] {
            assert_eq!(parcels(&[("contract_far", number(far))]), ["far_implausible"], "{far}");
        }
        assert_eq!(rules("buildings", &[("floors", Value::Integer(600))]), ["floors_implausible"]);
        assert_eq!(
            rules("buildings", &[("storey_height_m", number("0.3"))]),
            ["floors_implausible"]
        );
        assert_eq!(
            rules(
                "buildings",
                &[("vacant_area_m2", number("20")), ("floor_area_m2", number("10"))]
            ),
            ["part_exceeds_whole"]
        );
        assert_eq!(
            parcels(&[("area_registered_mu", number("15")), ("area_registered_m2", number("15"))]),
            ["areas_disagree"]
        );
    }

    #[test]
    fn what_may_be_so_is_not_told() {
        assert!(
            rules(
                "parcels",
                &[
                    ("contract_start", date("2020-05-01")),
                    ("contract_finish", date("2029-05-01")),
                    ("far_reported", number("0")),
                    ("contract_far", number("2.5")),
                    ("area_registered_mu", number("12.34")),
                    ("area_registered_m2", number("8226.67")),
                ]
            )
            .is_empty()
        );
    }
}
