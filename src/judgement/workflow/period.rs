//! Years, quarters and months, as figures are reported by and targets are phased by.

use chrono::Datelike;
use chrono::Days;
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

/// A year, a quarter or a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Year(i32),
    Quarter(i32, u32),
    Month(i32, u32),
}

/// How long a period is. Figures of one length are never laid beside those of another.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PeriodLength")]
pub enum Length {
    Year,
    Quarter,
    Month,
}

impl Length {
    /// As people read it.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Year => "年度",
            Self::Quarter => "季度",
            Self::Month => "月度",
        }
    }

    /// As schemes name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
        }
    }
}

impl Period {
    /// `2026`, `2026Q2`, `2026-05`.
    pub fn parse(text: &str) -> Option<Self> {
        let year = |it: &str| {
            let digits = it.len() == 4 && it.bytes().all(|it| it.is_ascii_digit());
            it.parse().ok().filter(|it| digits && (1900..=2200).contains(it))
        };
        if let Some((of, quarter)) = text.split_once('Q') {
            let quarter: u32 = quarter.parse().ok()?;
            return (1..=4).contains(&quarter).then_some(Self::Quarter(year(of)?, quarter));
        }
        if let Some((of, month)) = text.split_once('-') {
            let month: u32 = month.parse().ok().filter(|_| month.len() == 2)?;
            return (1..=12).contains(&month).then_some(Self::Month(year(of)?, month));
        }
        year(text).map(Self::Year)
    }

    /// As it is stored.
    pub fn name(self) -> String {
        match self {
            Self::Year(year) => year.to_string(),
            Self::Quarter(year, quarter) => format!("{year}Q{quarter}"),
            Self::Month(year, month) => format!("{year}-{month:02}"),
        }
    }

    /// The year it is in.
    pub const fn year(self) -> i32 {
        match self {
            Self::Year(year) | Self::Quarter(year, _) | Self::Month(year, _) => year,
        }
    }

    /// How long it is.
    pub const fn length(self) -> Length {
        match self {
            Self::Year(_) => Length::Year,
            Self::Quarter(..) => Length::Quarter,
            Self::Month(..) => Length::Month,
        }
    }

    /// The same period so many years before: what "the year before" means to a quarter or a month.
    #[must_use]
    pub const fn years_before(self, years: i32) -> Self {
        match self {
            Self::Year(year) => Self::Year(year.saturating_sub(years)),
            Self::Quarter(year, it) => Self::Quarter(year.saturating_sub(years), it),
            Self::Month(year, it) => Self::Month(year.saturating_sub(years), it),
        }
    }

    /// First month and number of months.
    const fn months(self) -> (u32, u32) {
        match self {
            Self::Year(_) => (1, 12),
            Self::Quarter(_, quarter) => (quarter * 3 - 2, 3),
            Self::Month(_, month) => (month, 1),
        }
    }

    /// The first day.
    pub fn first(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.months().0, 1).unwrap_or_default()
    }

    /// The last day.
    pub fn last(self) -> NaiveDate {
        let (first, count) = self.months();
        let after = first + count;
        let (year, month) =
            if after > 12 { (self.year() + 1, after - 12) } else { (self.year(), after) };
        let next = NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default();
        next.checked_sub_days(Days::new(1)).unwrap_or(next)
    }

    /// Days in it, both ends among them.
    pub fn days(self) -> i64 {
        (self.last() - self.first()).num_days() + 1
    }

    /// How many of its days have begun on `day`.
    pub fn begun(self, day: NaiveDate) -> i64 {
        ((day - self.first()).num_days() + 1).clamp(0, self.days())
    }

    /// Its months.
    pub fn in_months(self) -> Vec<Self> {
        let (first, count) = self.months();
        (first..first + count).map(|it| Self::Month(self.year(), it)).collect()
    }

    /// Its quarters; none of a month.
    pub fn in_quarters(self) -> Vec<Self> {
        match self {
            Self::Year(year) => (1..=4).map(|it| Self::Quarter(year, it)).collect(),
            Self::Quarter(..) => vec![self],
            Self::Month(..) => Vec::new(),
        }
    }

    /// The quarter of a day.
    pub fn quarter_of(day: NaiveDate) -> Self {
        Self::Quarter(day.year(), day.month().div_ceil(3))
    }
}
