//! One search box: parcels by code (officers remember the end of it) or name, enterprises, towns, and coordinates in the
//! systems people paste. Readings of a text as coordinates are pure and here; the rest is SQL in `queries`.

use schemars::JsonSchema;
use serde::Serialize;

pub mod queries;
pub mod routes;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    Parcel,
    Enterprise,
    Town,
    Coordinate,
}

/// One result.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hit {
    pub kind: Found,
    pub label: String,
    pub detail: Option<String>,
    pub parcel_code: Option<String>,
    /// Longitude, latitude in degrees.
    pub point: [f64; 2],
    /// West, south, east, north in degrees.
    pub bbox: Option<[f64; 4]>,
}

/// A pair of numbers as a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Longitude, latitude in degrees.
    Degrees(f64, f64),
    /// EPSG code of a Gauss-Krüger zone, easting, northing in metres.
    Metres(i32, f64, f64),
}

/// Reads "121.25, 31.38", "31.38 121.25", "121°15′0″ 31°22′48″", or metres of a CGCS2000 zone: "3471234.5 500123.4"
/// (north first, as surveyors write, or east first), easting with or without zone prefix. China's longitudes and
/// latitudes do not overlap, so their order needs no guess; an easting without prefix is taken in the zone of 120°E.
pub fn place(text: &str) -> Option<Place> {
    let (a, b) = pair(text)?;
    let longitude = |it: f64| (73.0..=136.0).contains(&it);
    let latitude = |it: f64| (3.0..54.0).contains(&it);
    if longitude(a) && latitude(b) {
        return Some(Place::Degrees(a, b));
    }
    if longitude(b) && latitude(a) {
        return Some(Place::Degrees(b, a));
    }
    let northing = |it: f64| (330_000.0..6_000_000.0).contains(&it);
    let zone = |easting: f64| match easting {
        it if (100_000.0..900_000.0).contains(&it) => Some(4549),
        it if (38_100_000.0..42_000_000.0).contains(&it) => {
            // EPSG 4526 is zone 38 with prefixed eastings, 4529 zone 41.
            let number = [38, 39, 40, 41].into_iter().find(|zone| {
                let base = f64::from(*zone) * 1e6;
                (base + 100_000.0..base + 900_000.0).contains(&it)
            })?;
            Some(4526 + number - 38)
        }
        _ => None,
    };
    for (north, east) in [(a, b), (b, a)] {
        // Northings in China are above a million, which tells the two apart.
        if northing(north)
            && north > 900_000.0
            && let Some(epsg) = zone(east)
        {
            return Some(Place::Metres(epsg, east, north));
        }
    }
    None
}

fn pair(text: &str) -> Option<(f64, f64)> {
    let plain: String = text
        .chars()
        .map(|it| match it {
            '，' | ',' | ';' | '；' | '、' | '\t' => ' ',
            '．' => '.',
            '０'..='９' => char::from_digit(u32::from(it) - u32::from('０'), 10).unwrap_or(it),
            other => other,
        })
        .collect();
    let parts: Vec<&str> = plain.split_whitespace().collect();
    let [first, second] = parts.as_slice() else { return None };
    Some((number(first)?, number(second)?))
}

/// A decimal number, or degrees, minutes and seconds in one word.
fn number(word: &str) -> Option<f64> {
    let word = word
        .trim_end_matches(['N', 'E', 'n', 'e', '北', '东'])
        .trim_start_matches(['N', 'E', '北', '东', '纬', '经']);
    if let Some((degrees, rest)) = word.split_once(['°', '度']) {
        let (minutes, seconds) = rest.split_once(['′', '\'', '分']).unwrap_or((rest, ""));
        let part = |text: &str| {
            let text = text.trim_end_matches(['″', '"', '秒', '\'']);
            if text.is_empty() {
                Some(0.0)
            } else {
                text.parse::<f64>().ok().filter(|it| (0.0..60.0).contains(it))
            }
        };
        return Some(
            degrees.parse::<f64>().ok()? + part(minutes)? / 60.0 + part(seconds)? / 3600.0,
        );
    }
    word.parse::<f64>().ok().filter(|it| it.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_read_in_either_order() {
        assert_eq!(place("121.25, 31.38"), Some(Place::Degrees(121.25, 31.38)));
        assert_eq!(place("31.38 121.25"), Some(Place::Degrees(121.25, 31.38)));
        assert_eq!(place("１２１．２５，３１．３８"), Some(Place::Degrees(121.25, 31.38)));
        let Some(Place::Degrees(lon, lat)) = place("121°15′0″ 31°22′48″") else {
            panic!()
        };
        assert!((lon - 121.25).abs() < 1e-9 && (lat - 31.38).abs() < 1e-9);
    }

    #[test]
    fn metres_are_read_with_and_without_zone() {
        assert_eq!(place("3471234.5 500123.4"), Some(Place::Metres(4549, 500_123.4, 3_471_234.5)));
        assert_eq!(
            place("40500123.4,3471234.5"),
            Some(Place::Metres(4528, 40_500_123.4, 3_471_234.5))
        );
        assert_eq!(place("3471234 41400000"), Some(Place::Metres(4529, 41_400_000.0, 3_471_234.0)));
    }

    #[test]
    fn what_is_no_place_is_none() {
        for text in [
            "",
            "310114",
            "马陆 镇",
            "1 2",
            "NaN NaN",
            "inf inf",
            "121.25",
            "121.25 31.38 5",
            "200 300",
        ] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
