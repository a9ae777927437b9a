//! Which versions of facts are asked for: `datetime` by valid time, when something was so in the world, and `as_of` by
//! recorded time, when this database knew it. What comes out is a condition with bound values.
//!
//! Valid times are days, and a day is one of China's (UTC+8): a moment means the day in which it lies there.

use chrono::DateTime;
use chrono::Days;
use chrono::FixedOffset;
use chrono::NaiveDate;
use chrono::NaiveTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::cql::Value;
use crate::db::Statement;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;

/// Seconds by which China's clocks are ahead of UTC.
const AHEAD_S: i32 = 8 * 3600;

/// The day of a moment in China.
pub fn day_of(moment: DateTime<Utc>) -> NaiveDate {
    let offset = FixedOffset::east_opt(AHEAD_S);
    offset.map_or(moment.date_naive(), |it| moment.with_timezone(&it).date_naive())
}

/// Today in China.
pub fn today() -> NaiveDate {
    day_of(Utc::now())
}

/// Days, both ends among them; an end that is open is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl Period {
    const fn day(it: NaiveDate) -> Self {
        Self { from: Some(it), to: Some(it) }
    }

    fn has(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|it| it <= day) && self.to.is_none_or(|it| it >= day)
    }
}

/// Which versions are asked for; by default those in force as this database knows them now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// `datetime`.
    pub valid: Option<Period>,
    /// `as_of`: the last moment whose records count.
    pub as_of: Option<DateTime<Utc>>,
}

impl Times {
    /// Both parameters as they came.
    pub fn parse(datetime: Option<&str>, as_of: Option<&str>) -> Result<Self> {
        Ok(Self {
            valid: datetime.map(period).transpose()?,
            as_of: as_of.map(|it| recorded(it, today())).transpose()?,
        })
    }

    /// Whether rows in force are asked for, which need no search among versions.
    pub fn is_now(&self) -> bool {
        self.valid.is_none() && self.as_of.is_none()
    }

    /// The days asked for. With `as_of` alone those in force on its day: what the map showed then.
    pub fn days(&self) -> Option<Period> {
        self.valid.or_else(|| self.as_of.map(|it| Period::day(day_of(it))))
    }

    /// Refuses to answer of today what was asked of another time. A layer without versions has the rows of now, so a
    /// `datetime` with today in it is answered, as the standard wants of features without a time.
    pub fn check(&mut self, layer: &Layer) -> Result<()> {
        if layer.is_versioned() {
            return Ok(());
        }
        if self.as_of.is_some() {
            return Err(Error::parameter("as_of", UNVERSIONED));
        }
        if self.valid.is_some_and(|it| !it.has(today())) {
            return Err(Error::parameter("datetime", UNVERSIONED));
        }
        self.valid = None;
        Ok(())
    }

    /// The relation that has the rows asked for.
    pub fn relation(&self, layer: &Layer) -> String {
        if self.is_now() { layer.relation() } else { layer.past() }
    }

    /// The condition that a version under `alias`, which has its times by their names, was recorded and in force then.
    pub fn in_force(&self, statement: &mut Statement, alias: &str) -> String {
        let mut it = match self.as_of {
            None => format!("{alias}.superseded_at is null"),
            Some(moment) => {
                let moment = statement.bind(Value::Timestamp(moment), "timestamptz");
                format!(
                    "{alias}.recorded_at <= {moment}
                     and ({alias}.superseded_at is null or {alias}.superseded_at > {moment})"
                )
            }
        };
        let days = self.days().unwrap_or(Period { from: None, to: None });
        if let Some(to) = days.to {
            let to = statement.bind(Value::Date(to), "date");
            it.push_str(&format!(
                " and ({alias}.valid_from is null or {alias}.valid_from <= {to})"
            ));
        }
        if let Some(from) = days.from {
            let from = statement.bind(Value::Date(from), "date");
            it.push_str(&format!(" and ({alias}.valid_to is null or {alias}.valid_to > {from})"));
        }
        it
    }

    /// The condition that a row `t` is the version asked for: of several in an interval the latest, so that a feature is
    /// there once, under its number, and pages can follow the numbers.
    pub fn condition(&self, layer: &Layer, statement: &mut Statement) -> Option<String> {
        if self.is_now() {
            return None;
        }
        let (own, other) = (self.in_force(statement, "t"), self.in_force(statement, "later"));
        Some(format!(
            "{own} and not exists (
                 select from {past} later
                 where later.id = t.id and {other}
                     and (coalesce(later.valid_from, '-infinity'), later.row_id)
                         > (coalesce(t.valid_from, '-infinity'), t.row_id))",
            past = layer.past(),
        ))
    }
}

const UNVERSIONED: &str = "此图层只有当前内容，没有历史版本（评价结果随每次评价重新计算） / this layer has the present only and keeps no \
     versions: judgement is made anew by each run, see the run's year";

/// A day, or the day of a moment.
fn day(text: &str) -> Option<NaiveDate> {
    if text.len() == 10 {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    }
    DateTime::parse_from_rfc3339(text).ok().map(|it| day_of(it.to_utc()))
}

/// A day or moment, or an interval of them of which one end may be open.
fn period(text: &str) -> Result<Period> {
    let open = |it: &str| it.is_empty() || it == "..";
    let end = |it: &str| if open(it) { Some(None) } else { day(it).map(Some) };
    let found = match text.split_once('/') {
        None => day(text).map(Period::day),
        Some((from, to)) => end(from).zip(end(to)).and_then(|(from, to)| match (from, to) {
            (None, None) => None,
            (Some(from), Some(to)) if from > to => None,
            (from, to) => Some(Period { from, to }),
        }),
    };
    found.ok_or_else(|| {
        Error::parameter(
            "datetime",
            "应为日期、时刻或时段（时区中的 + 须写作 %2B） / such as 2025-12-31, 2025-12-31T08:00:00Z, 2025-01-01/.. or ../2025-12-31; write the + of a zone as %2B",
        )
    })
}

/// The last moment that counts: the one given, or the end of the day given. What is recorded later than today nobody knows.
fn recorded(text: &str, today: NaiveDate) -> Result<DateTime<Utc>> {
    let moment = if text.len() == 10 {
        day(text).and_then(end_of)
    } else {
        DateTime::parse_from_rfc3339(text).ok().map(|it| it.to_utc())
    };
    let moment = moment.ok_or_else(|| {
        Error::parameter(
            "as_of",
            "应为时刻或日期（时区中的 + 须写作 %2B） / a moment such as 2025-06-30T18:00:00Z, or a day such as 2025-06-30, which means its end in China (UTC+8); write the + of a zone as %2B",
        )
    })?;
    if day_of(moment) > today {
        return Err(Error::parameter("as_of", "不能晚于今天 / may not be later than today"));
    }
    Ok(moment)
}

/// The last microsecond of a day in China.
fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    let next = next.and_local_timezone(FixedOffset::east_opt(AHEAD_S)?).single()?;
    next.to_utc().checked_sub_signed(TimeDelta::microseconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_means_its_day_in_china() {
        assert_eq!(day("2025-12-31T15:59:59Z"), Some(date("2025-12-31")));
        assert_eq!(day("2025-12-31T16:00:00Z"), Some(date("2026-01-01")));
        assert_eq!(day("2025-12-31T23:00:00+08:00"), Some(date("2025-12-31")));
        for wrong in ["2025-1-1", "25-01-01", "2025-02-30", "+2025-01-0", "2025-12-31T08:00:00", ""]
        {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_interval_has_both_its_ends_and_one_may_be_open() {
        let ends = |text| period(text).map(|it| (it.from, it.to)).ok();
        let (a, b) = (date("2025-01-01"), date("2025-12-31"));
        assert_eq!(ends("2025-01-01"), Some((Some(a), Some(a))));
        assert_eq!(ends("2025-01-01/2025-12-31"), Some((Some(a), Some(b))));
        assert_eq!(ends("2025-01-01/.."), Some((Some(a), None)));
        assert_eq!(ends("/2025-12-31"), Some((None, Some(b))));
        for wrong in ["", "/", "../..", "2025-12-31/2025-01-01", "a/b", "2025", "1/2/3"] {
            assert_eq!(ends(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_of_records_ends_at_midnight_in_china() {
        let today = date("2025-07-01");
        let at = |text| recorded(text, today).map(|it| it.to_rfc3339()).ok();
        assert_eq!(at("2025-06-30").as_deref(), Some("2025-06-30T15:59:59.999999+00:00"));
        assert_eq!(at("2025-06-30T00:00:00+08:00").as_deref(), Some("2025-06-29T16:00:00+00:00"));
        assert!(at("2025-07-01").is_some(), "what is known today");
        for wrong in ["2025-07-02", "2025-07-01T16:00:00Z", "2025", "..", "2025-06-30/.."] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_known_then_is_what_was_in_force_then() {
        let it = Times::parse(None, Some("2025-06-30")).unwrap();
        assert_eq!(it.days(), Some(Period::day(date("2025-06-30"))));
        let both = Times::parse(Some("2024-01-01/.."), Some("2025-06-30")).unwrap();
        assert_eq!(both.days(), Some(Period { from: Some(date("2024-01-01")), to: None }));
        assert!(Times::parse(None, None).unwrap().is_now());
    }
}
