//! Esri's names of reference systems: numbers, or JSON around them. Coordinates are always easting or longitude first.

use serde_json::Value;
use serde_json::json;

use crate::crs::CODES;
use crate::crs::Crs;

/// The system of a number; Web Mercator has several.
fn of_wkid(wkid: i64) -> Option<Crs> {
    let code = match wkid {
        102_100 | 102_113 | 900_913 => 3857,
        other => u32::try_from(other).ok()?,
    };
    CODES.contains(&code).then_some(Crs::Epsg(code))
}

/// Reads `4490` or `{"wkid": 102100, "latestWkid": 3857}`.
pub fn parse(text: &str) -> Option<Crs> {
    match text.trim().parse() {
        Ok(wkid) => of_wkid(wkid),
        Err(_) => of_json(&serde_json::from_str(text).ok()?),
    }
}

/// Reads the member `spatialReference` of a geometry.
pub fn of_json(value: &Value) -> Option<Crs> {
    let known = ["latestWkid", "wkid"].map(|it| value[it].as_i64().and_then(of_wkid));
    known.into_iter().flatten().next()
}

/// The system as Esri writes it.
pub fn document(crs: Crs) -> Value {
    let (wkid, latest) = numbers(crs);
    json!({"wkid": wkid, "latestWkid": latest})
}

/// Esri's own number of a system, and the one of EPSG.
pub const fn numbers(crs: Crs) -> (u32, u32) {
    match crs {
        Crs::Epsg(3857) => (102_100, 3857),
        Crs::Epsg(code) => (code, code),
        Crs::Crs84 => (4326, 4326),
    }
}

/// All numbers that are understood.
pub fn known() -> String {
    let codes: Vec<String> = CODES.iter().chain(&[102_100]).map(ToString::to_string).collect();
    format!("应为其中之一 / one of: {}", codes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_json_are_read() {
        assert_eq!(parse("4549"), Some(Crs::Epsg(4549)));
        assert_eq!(parse("102100"), Some(Crs::Epsg(3857)));
        assert_eq!(parse(r#"{"wkid":102100,"latestWkid":3857}"#), Some(Crs::Epsg(3857)));
        for wrong in
            ["", "x", "2154", "{}", r#"{"wkt":"GEOGCS[]"}"#, "-1", "99999999999999999999", "[4490]"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
