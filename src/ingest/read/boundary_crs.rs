//! The coordinate system that a boundary-point file states in words: 坐标系, 几度分带, 带号, 计量单位.

use anyhow::bail;

use crate::ingest::crs;
use crate::ingest::crs::Choice;
use crate::ingest::crs::Crs;
use crate::ingest::crs::Stated;
use crate::ingest::crs::detect;
use crate::ingest::question::Question;
use crate::ingest::value::plain;
use crate::layer::Text;

use super::Request;
use super::boundary_points::Attributes;

/// The datums that files name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Datum {
    Cgcs2000,
    Xian80,
    Beijing54,
}

/// Chooses the system from what the file states and where its points are (east before north).
///
/// # Errors
/// A question for `source_crs` where the file states an older datum, or a zone that its eastings contradict.
pub(super) fn choose(
    attributes: &Attributes,
    extent: Option<[f64; 4]>,
    request: &Request,
) -> anyhow::Result<Crs> {
    let value = |name: &str| {
        let found = attributes.iter().find(|(it, value)| it.contains(name) && !value.is_empty());
        found.map(|(_, value)| plain(value))
    };
    let own = if request.source_crs.is_some() { None } else { stated(&value, extent)? };
    let own = own.map(crs::from_code).transpose()?;
    let known = own.is_some();
    let stated = Stated { own, extent, ..Stated::default() };
    // The order of the numbers is settled; what is handed on is upright.
    let mut crs = crs::choose(&stated, &Request { swap_axes: Some(false), ..request.clone() })?;
    if known {
        let words: Vec<String> = ["坐标系", "几度分带", "带号"]
            .iter()
            .filter_map(|name| Some(format!("{name}={}", value(name)?)))
            .collect();
        let words = words.join("，");
        crs.choice.reasons.insert(
            0,
            Text::new(format!("[属性描述] {words}"), format!("the head of the file: {words}")),
        );
    }
    let shifted = value("转换参数").filter(|it| it.chars().any(|it| matches!(it, '1'..='9')));
    if let Some(it) = shifted {
        crs.choice.warnings.push(Text::new(
            format!("文件带有转换参数 {it}，未使用"),
            format!("the file has transformation parameters {it}, which are not applied"),
        ));
    }
    Ok(crs)
}

/// The EPSG code that the words mean; `None` where they do not say enough, and the coordinates have to tell.
fn stated(
    value: &dyn Fn(&str) -> Option<String>,
    extent: Option<[f64; 4]>,
) -> anyhow::Result<Option<u32>> {
    let unit = value("计量单位").unwrap_or_default().to_lowercase();
    if !["", "米", "m", "meter", "metre", "度", "degree"].contains(&unit.as_str()) {
        bail!(
            "计量单位 `{unit}` 不是米，请换算为米 / the unit `{unit}` is not the metre: convert the coordinates to metres"
        );
    }
    let Some(name) = value("坐标系") else { return Ok(None) };
    let datum = if name.contains("2000") {
        Datum::Cgcs2000
    } else if name.contains("80") || name.contains("西安") {
        Datum::Xian80
    } else if name.contains("54") || name.contains("北京") {
        Datum::Beijing54
    } else {
        return Ok(None);
    };
    let projection = value("投影类型").unwrap_or_default();
    if !projection.is_empty() && !projection.contains("高斯") && !projection.contains("克") {
        return Ok(None);
    }
    let width = number(&value("几度分带").unwrap_or_default());
    let written = zone_of(number(&value("带号").unwrap_or_default()), width);
    let prefix = extent.and_then(|it| {
        let zone = detect::zone(it[0])?;
        detect::zone_code(zone, true)?;
        (detect::zone(it[2]) == Some(zone)).then_some(zone)
    });
    let code = |zone: u32, prefixed: bool| code(datum, zone, prefixed);
    let wide = |zone: u32| detect::zone_code(zone, true).map(|(_, degrees)| degrees);
    let found = match (prefix, written) {
        (Some(prefix), Some(written)) if prefix != written => {
            let choices: Vec<String> = [prefix, written]
                .iter()
                .filter_map(|it| Some(format!("EPSG:{}", code(*it, true)?)))
                .collect();
            let message = format!(
                "文件写明带号 {written}，东坐标前却是 {prefix}，请用 --source-crs 指定 / the file states zone {written}, its eastings begin with {prefix}: give --source-crs"
            );
            bail!(Question { parameter: "source_crs", choices, message });
        }
        (Some(zone), _) => code(zone, true).map(|it| (zone, it)),
        (None, Some(zone)) => code(zone, false).map(|it| (zone, it)),
        (None, None) => None,
    };
    let Some((zone, found)) = found else {
        if datum == Datum::Cgcs2000 {
            return Ok(None);
        }
        bail!(older(&name, Vec::new()));
    };
    if let (Some(width), Some(zones)) = (width, wide(zone))
        && width != zones
    {
        let message = format!(
            "文件写明 {width} 度分带，带号 {zone} 却属于 {zones} 度带，请用 --source-crs 指定 / the file states zones of {width}°, zone {zone} is one of {zones}°: give --source-crs"
        );
        let choices = vec![format!("EPSG:{found}")];
        bail!(Question { parameter: "source_crs", choices, message });
    }
    if datum != Datum::Cgcs2000 {
        bail!(older(&name, vec![format!("EPSG:{found}")]));
    }
    Ok(Some(found))
}

/// Older datums lie some hundred metres from CGCS2000, and how many depends on local parameters: never converted unasked.
fn older(name: &str, choices: Vec<String>) -> Question {
    let such = choices.first().cloned().unwrap_or_else(|| "EPSG:2364".to_owned());
    let message = format!(
        "文件坐标系为 {name}，与 CGCS2000 相差可达百米，转换精度取决于当地参数；请先转换为 CGCS2000，或用 --source-crs {such} 按 PROJ 的参数转换 / the file is in {name}, up to a hundred metres from CGCS2000, and how exactly it converts depends on local parameters: convert it first, or accept PROJ's with --source-crs {such}"
    );
    Question { parameter: "source_crs", choices, message }
}

fn code(datum: Datum, zone: u32, prefixed: bool) -> Option<u32> {
    let (cgcs2000, degrees) = detect::zone_code(zone, prefixed)?;
    let nth = if degrees == 3 { zone - 25 } else { zone - 13 };
    let first = match (datum, degrees, prefixed) {
        (Datum::Cgcs2000, ..) => return Some(cgcs2000),
        (Datum::Xian80, 3, true) => 2349,
        (Datum::Xian80, 3, false) => 2370,
        (Datum::Xian80, _, true) => 2327,
        (Datum::Xian80, _, false) => 2338,
        (Datum::Beijing54, 3, true) => 2401,
        (Datum::Beijing54, 3, false) => 2422,
        (Datum::Beijing54, _, true) => 21413,
        (Datum::Beijing54, _, false) => 21453,
    };
    Some(first + nth)
}

/// The zone of a number that is one, or that is the zone's central meridian.
fn zone_of(number: Option<u32>, width: Option<u32>) -> Option<u32> {
    match (number?, width) {
        (it @ (13..=23 | 25..=45), _) => Some(it),
        (it @ 75..=135, Some(6)) if (it + 3) % 6 == 0 => Some((it + 3) / 6),
        (it @ 75..=135, _) if it % 3 == 0 => Some(it / 3),
        _ => None,
    }
}

/// The first whole number in a text: `3度带`, `40`, `120°`.
fn number(text: &str) -> Option<u32> {
    let digits: String = text
        .chars()
        .skip_while(|it| !it.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok().or_else(|| match text.chars().next() {
        Some('三') => Some(3),
        Some('六') => Some(6),
        _ => None,
    })
}

/// Says which number was taken for the northing, and what that rests on.
pub(super) fn explain_axes(choice: &mut Choice, north_first: bool, told: bool) {
    let reason = match (north_first, told) {
        (true, true) => Text::new("X 为北坐标（由数值大小判定）", "X is the northing, by its size"),
        (true, false) => Text::new("X 为北坐标（按惯例）", "X is the northing, by convention"),
        (false, true) => Text::new("X 为东坐标（由数值大小判定）", "X is the easting, by its size"),
        (false, false) => Text::new("X 为东坐标（按指定）", "X is the easting, as it was said"),
    };
    if !north_first {
        choice.warnings.push(Text::new(
            "文件 X 为东坐标，与惯例相反",
            "X is the easting in this file, against the convention",
        ));
    }
    choice.reasons.push(reason);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[(&str, &str)], east: f64) -> anyhow::Result<Option<u32>> {
        let value = |name: &str| {
            words.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value).to_owned())
        };
        stated(&value, Some([east, 3_470_000.0, east + 500.0, 3_471_000.0]))
    }

    #[test]
    fn the_words_and_the_zone_make_a_code() {
        let cgcs = ("坐标系", "2000国家大地坐标系");
        for (words, east, want) in [
            (vec![cgcs, ("几度分带", "3"), ("带号", "40")], 40_620_000.0, Some(4528)),
            (vec![cgcs, ("几度分带", "3"), ("带号", "40")], 620_000.0, Some(4549)),
            (vec![cgcs, ("几度分带", "3")], 40_620_000.0, Some(4528)),
            (vec![cgcs, ("几度分带", "3"), ("带号", "120")], 620_000.0, Some(4549)),
            (vec![cgcs, ("几度分带", "6"), ("带号", "21")], 320_000.0, Some(4510)),
            (vec![cgcs, ("几度分带", "6"), ("带号", "21")], 21_320_000.0, Some(4499)),
            (vec![cgcs, ("几度分带", "3")], 620_000.0, None),
            (vec![("几度分带", "3"), ("带号", "40")], 620_000.0, None),
        ] {
            assert_eq!(of(&words, east).unwrap(), want, "{words:?} {east}");
        }
    }

    #[test]
    fn older_datums_and_contradictions_are_asked_about() {
        for (words, east, first) in [
            (vec![("坐标系", "西安80"), ("带号", "40")], 40_620_000.0, "EPSG:2364"),
            (vec![("坐标系", "1954北京坐标系"), ("带号", "40")], 620_000.0, "EPSG:2437"),
            (vec![("坐标系", "CGCS2000"), ("带号", "39")], 40_620_000.0, "EPSG:4528"),
            (
                vec![("坐标系", "CGCS2000"), ("几度分带", "6"), ("带号", "40")],
                620_000.0,
                "EPSG:4549",
            ),
        ] {
            let error = of(&words, east).unwrap_err();
            let question = Question::of(&error).unwrap();
            assert_eq!(question.choices[0], first, "{question}");
        }
        assert!(of(&[("计量单位", "英尺")], 620_000.0).is_err());
    }

    #[test]
    fn codes_of_older_datums_are_those_of_epsg() {
        for (datum, zone, prefixed, name) in [
            (Datum::Xian80, 40, true, "Xian 1980 / 3-degree Gauss-Kruger zone 40"),
            (Datum::Xian80, 40, false, "Xian 1980 / 3-degree Gauss-Kruger CM 120E"),
            (Datum::Xian80, 21, true, "Xian 1980 / Gauss-Kruger zone 21"),
            (Datum::Beijing54, 40, false, "Beijing 1954 / 3-degree Gauss-Kruger CM 120E"),
            (Datum::Beijing54, 40, true, "Beijing 1954 / 3-degree Gauss-Kruger zone 40"),
            (Datum::Beijing54, 21, true, "Beijing 1954 / Gauss-Kruger zone 21"),
        ] {
            let code = code(datum, zone, prefixed).unwrap();
            assert_eq!(crs::from_code(code).unwrap().name().unwrap(), name);
        }
    }
}
