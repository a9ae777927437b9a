//! What a report is of: a week, a month, a quarter, half a year; and the day up to which it counts.

use chrono::Datelike;
use chrono::Days;
use chrono::NaiveDate;
use chrono::Weekday;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::judgement::workflow::period::Period;

/// The kinds of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ReportKind")]
pub enum Kind {
    /// 每周动态.
    Weekly,
    /// 月度通报.
    Monthly,
    /// 季度通报.
    Quarterly,
    /// 半年考核.
    HalfYear,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Weekly, Self::Monthly, Self::Quarterly, Self::HalfYear];

    /// Its name in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::HalfYear => "half_year",
        }
    }

    /// What offices call it.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Weekly => "每周动态",
            Self::Monthly => "月度通报",
            Self::Quarterly => "季度通报",
            Self::HalfYear => "半年考核",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// How its periods are written.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Weekly => "2026-W47",
            Self::Monthly => "2026-05",
            Self::Quarterly => "2026Q2",
            Self::HalfYear => "2026H1",
        }
    }
}

/// The time that a report is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// ISO 8601: Monday to Sunday.
    Week(i32, u32),
    /// A month or a quarter.
    Of(Period),
    /// The first or the second half of a year.
    Half(i32, u32),
}

impl Span {
    /// The period of a kind that is written so.
    pub fn parse(kind: Kind, text: &str) -> Option<Self> {
        let year = |it: &str| {
            let digits = it.len() == 4 && it.bytes().all(|it| it.is_ascii_digit());
            it.parse::<i32>().ok().filter(|it| digits && (1990..=2200).contains(it))
        };
        let digits = |it: &str, most: usize| {
            let fits = (1..=most).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
            it.parse::<u32>().ok().filter(|_| fits)
        };
        match kind {
            Kind::Weekly => {
                let (of, week) = text.split_once("-W")?;
                let (of, week) = (year(of)?, digits(week, 2).filter(|_| week.len() == 2)?);
                NaiveDate::from_isoywd_opt(of, week, Weekday::Mon)?;
                Some(Self::Week(of, week))
            }
            Kind::Monthly | Kind::Quarterly => {
                let period = Period::parse(text).filter(|it| it.year() >= 1990)?;
                let fits = match kind {
                    Kind::Monthly => matches!(period, Period::Month(..)),
                    _ => matches!(period, Period::Quarter(..)),
                };
                fits.then_some(Self::Of(period))
            }
            Kind::HalfYear => {
                let (of, half) = text.split_once('H')?;
                let half = digits(half, 1).filter(|it| (1..=2).contains(it))?;
                Some(Self::Half(year(of)?, half))
            }
        }
    }

    /// The period of a kind that the day lies in.
    pub fn around(kind: Kind, day: NaiveDate) -> Self {
        match kind {
            Kind::Weekly => Self::Week(day.iso_week().year(), day.iso_week().week()),
            Kind::Monthly => Self::Of(Period::Month(day.year(), day.month())),
            Kind::Quarterly => Self::Of(Period::quarter_of(day)),
            Kind::HalfYear => Self::Half(day.year(), if day.month() <= 6 { 1 } else { 2 }),
        }
    }

    /// As it is stored.
    pub fn name(self) -> String {
        match self {
            Self::Week(year, week) => format!("{year}-W{week:02}"),
            Self::Of(period) => period.name(),
            Self::Half(year, half) => format!("{year}H{half}"),
        }
    }

    /// As a title says it.
    pub fn zh(self) -> String {
        match self {
            Self::Week(year, week) => format!("{year} 年第 {week} 周"),
            Self::Of(Period::Month(year, month)) => format!("{year} 年 {month} 月"),
            Self::Of(Period::Quarter(year, quarter)) => format!("{year} 年第 {quarter} 季度"),
            Self::Of(Period::Year(year)) => format!("{year} 年"),
            Self::Half(year, 1) => format!("{year} 年上半年"),
            Self::Half(year, _) => format!("{year} 年下半年"),
        }
    }

    /// The first day.
    pub fn first(self) -> NaiveDate {
        match self {
            Self::Week(year, week) => {
                NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).unwrap_or_default()
            }
            Self::Of(period) => period.first(),
            Self::Half(year, half) => Period::Quarter(year, half * 2 - 1).first(),
        }
    }

    /// The last day.
    pub fn last(self) -> NaiveDate {
        match self {
            Self::Week(..) => self.first().checked_add_days(Days::new(6)).unwrap_or_default(),
            Self::Of(period) => period.last(),
            Self::Half(year, half) => Period::Quarter(year, half * 2).last(),
        }
    }

    /// The periods whose targets it is held against, the shortest first; the last is the year.
    pub fn periods(self) -> Vec<Period> {
        match self {
            // The year that its last day lies in: so weeks and months end the year together.
            Self::Week(..) => vec![Period::Year(self.last().year())],
            Self::Of(it) => vec![it, Period::Year(it.year())],
            Self::Half(year, half) => {
                vec![
                    Period::Quarter(year, half * 2 - 1),
                    Period::Quarter(year, half * 2),
                    Period::Year(year),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_read_as_they_are_written_and_no_other_way() {
        for (kind, text, first, last) in [
            (Kind::Weekly, "2026-W47", "2026-11-16", "2026-11-22"),
            (Kind::Weekly, "2026-W01", "2025-12-29", "2026-01-04"),
            (Kind::Monthly, "2028-02", "2028-02-01", "2028-02-29"),
            (Kind::Quarterly, "2026Q4", "2026-10-01", "2026-12-31"),
            (Kind::HalfYear, "2026H1", "2026-01-01", "2026-06-30"),
            (Kind::HalfYear, "2026H2", "2026-07-01", "2026-12-31"),
        ] {
            let span = Span::parse(kind, text).unwrap();
            assert_eq!((span.first(), span.last()), (day(first), day(last)), "{text}");
            assert_eq!(span.name(), text);
            assert_eq!(Span::around(kind, span.first()), span);
            assert_eq!(Span::around(kind, span.last()), span);
            assert_eq!(Span::parse(kind, kind.example()).unwrap().name(), kind.example());
        }
        for (kind, text) in [
            (Kind::Weekly, "2026-W54"),
            (Kind::Weekly, "2026-W1"),
            (Kind::Weekly, "2026-05"),
            (Kind::Monthly, "2026"),
            (Kind::Monthly, "2026Q1"),
            (Kind::Monthly, "2026-13"),
            (Kind::Quarterly, "2026-05"),
            (Kind::Quarterly, "2026Q5"),
            (Kind::HalfYear, "2026H3"),
            (Kind::HalfYear, "2026H"),
            (Kind::HalfYear, "26H1"),
        ] {
            assert_eq!(Span::parse(kind, text), None, "{text}");
        }
    }
}
