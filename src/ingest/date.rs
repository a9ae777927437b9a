//! Dates and reporting periods as offices write them.

use chrono::Days;
use chrono::NaiveDate;

use super::value::Why;
use super::value::plain;

/// Why a text is no date.
pub const NOT_A_DATE: &str =
    "不是日期，应如 2023-05-01、2023/5/1、20230501、2023年5月1日 / not a date such as 2023-05-01";

/// A date as people write it; a number from 20,000 to 80,000 is Excel's count of days since 1899-12-30.
pub fn parse_date(text: &str) -> Result<NaiveDate, Why> {
    let text = plain(text);
    let not_a_date = || NOT_A_DATE.to_owned();
    // A time of day after the date is left off: "2023-05-01 00:00:00", "2023-05-01T00:00:00Z".
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    if date.bytes().all(|it| it.is_ascii_digit()) && !date.is_empty() {
        let number: u32 = date.parse().map_err(|_| not_a_date())?;
        return match number {
            20_000..=80_000 => NaiveDate::from_ymd_opt(1899, 12, 30)
                .and_then(|it| it.checked_add_days(Days::new(u64::from(number))))
                .ok_or_else(not_a_date),
            18_000_101..=22_001_231 => NaiveDate::from_ymd_opt(
                i32::try_from(number / 10_000).unwrap_or_default(),
                number / 100 % 100,
                number % 100,
            )
            .ok_or_else(not_a_date),
            _ => Err(not_a_date()),
        };
    }
    let date = date.replace(['年', '月'], "-").replace('日', "");
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let [year, month, day] = parts[..] else { return Err(not_a_date()) };
    // Only the year-first order: 7/5/2005 may be July or May.
    if year.len() != 4 {
        return Err(not_a_date());
    }
    let number = |it: &str| it.parse::<u32>().map_err(|_| not_a_date());
    let year = i32::try_from(number(year)?).map_err(|_| not_a_date())?;
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?).ok_or_else(not_a_date)
}

/// A reporting period in its stored spelling (`2025`, `2025Q1`, `2025-03`) and its year.
pub fn parse_period(text: &str) -> Result<(String, i64), Why> {
    let wrong =
        || "报告期应如 2025、2025Q1、2025-03 / a period is 2025, 2025Q1 or 2025-03".to_owned();
    let text = plain(text).to_uppercase().replace(['年', ' '], "-");
    let text = text.trim_end_matches('-');
    let year_text = text.get(..4).ok_or_else(wrong)?;
    let year: i64 = year_text.parse().map_err(|_| wrong())?;
    let rest = text[4..].trim_start_matches('-');
    if rest.is_empty() {
        return Ok((year_text.to_owned(), year));
    }
    let quarter = rest
        .strip_prefix('Q')
        .or_else(|| rest.strip_suffix("季度").map(|it| it.trim_start_matches('第')));
    if let Some(quarter) = quarter {
        let number = match quarter {
            "1" | "一" => 1,
            "2" | "二" => 2,
            "3" | "三" => 3,
            "4" | "四" => 4,
            _ => return Err(wrong()),
        };
        return Ok((format!("{year}Q{number}"), year));
    }
    match rest.trim_end_matches('月').parse::<u32>() {
        Ok(month @ 1..=12) => Ok((format!("{year}-{month:02}"), year)),
        _ => Err(wrong()),
    }
}

/// Year and period of a row, each from the other where one is missing: `3` in a column of quarters is `2025Q3`.
/// `None` where the row has neither; an error says why and quotes the value.
pub fn align(
    period: Option<&str>,
    year: Option<i64>,
    quarters: bool,
) -> Result<Option<(String, i64)>, (String, String)> {
    let years = 1949..=2100;
    let out_of_range = "年份应在 1949–2100 / a year between 1949 and 2100";
    if let Some(it) = year.filter(|it| !years.contains(it)) {
        return Err((out_of_range.to_owned(), it.to_string()));
    }
    let Some(text) = period else { return Ok(year.map(|it| (it.to_string(), it))) };
    let whole = |year: i64| {
        if text.len() <= 2 && quarters {
            format!("{year}Q{text}")
        } else {
            format!("{year}-{text}")
        }
    };
    let read = parse_period(text).or_else(|why| match year {
        Some(year) => parse_period(&whole(year)).map_err(|_| why),
        None => Err(why),
    });
    match read {
        Err(why) => Err((why, text.to_owned())),
        Ok((_, found)) if year.is_some_and(|it| it != found) => {
            Err(("年份与报告期不一致 / year and period disagree".to_owned(), text.to_owned()))
        }
        Ok((_, found)) if !years.contains(&found) => {
            Err((out_of_range.to_owned(), text.to_owned()))
        }
        Ok(it) => Ok(Some(it)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_offices_write_them() {
        let want = NaiveDate::from_ymd_opt(2023, 5, 1).unwrap();
        for text in [
            "2023-05-01",
            "2023/5/1",
            "20230501",
            "2023年5月1日",
            "２０２３．５．１",
            "2023-05-01 00:00:00",
            "2023-05-01T08:00:00Z",
            "45047",
        ] {
            assert_eq!(parse_date(text), Ok(want), "{text}");
        }
        for text in ["2023-13-01", "7/5/2005", "2023", "2023年5月", "昨天", "99999999", "12"] {
            assert!(parse_date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn periods_have_one_spelling() {
        for (text, want) in [
            ("2025", "2025"),
            ("2025年", "2025"),
            ("2025Q1", "2025Q1"),
            ("2025年第一季度", "2025Q1"),
            ("2025年3月", "2025-03"),
            ("2025-3", "2025-03"),
            ("202503", "2025-03"),
        ] {
            assert_eq!(parse_period(text), Ok((want.to_owned(), 2025)), "{text}");
        }
        assert!(parse_period("去年").is_err());
        assert!(parse_period("2025-13").is_err());
    }

    #[test]
    fn year_and_period_follow_from_each_other() {
        let both = |text: &str, year| Ok(Some((text.to_owned(), year)));
        assert_eq!(align(None, Some(2025), false), both("2025", 2025));
        assert_eq!(align(Some("3"), Some(2025), true), both("2025Q3", 2025));
        assert_eq!(align(Some("3月"), Some(2025), false), both("2025-03", 2025));
        assert_eq!(align(Some("2025Q1"), None, false), both("2025Q1", 2025));
        assert_eq!(align(None, None, false), Ok(None));
        assert!(align(Some("2024Q1"), Some(2025), false).is_err());
        assert!(align(None, Some(2204), false).is_err());
        assert!(align(Some("9999"), None, false).is_err());
    }
}
