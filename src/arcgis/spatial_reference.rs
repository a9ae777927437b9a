//! Esri's names of reference systems: numbers, or JSON around them. Coordinates are always easting or longitude first.

use serde_json::Value;
use serde_json::json;

use crate::crs::CODES;
use crate::crs::Crs;
use crate::crs::grid;

/// The system of a number; Web Mercator has several.
fn of_wkid(wkid: i64) -> Option<Crs> {
    let code = match wkid {
        102_100 | 102_113 | 900_913 => 3857,
        other => u32::try_from(other).ok()?,
    };
    Crs::of_code(code)
}

/// Reads `4490`, `{"wkid": 102100, "latestWkid": 3857}`, or `{"wkt": …}` of a grid of the installation.
pub fn parse(text: &str) -> Option<Crs> {
    match text.trim().parse() {
        Ok(wkid) => of_wkid(wkid),
        Err(_) => of_json(&serde_json::from_str(text).ok()?),
    }
}

/// Reads the member `spatialReference` of a geometry.
pub fn of_json(value: &Value) -> Option<Crs> {
    let known = ["latestWkid", "wkid"].map(|it| value[it].as_i64().and_then(of_wkid));
    known.into_iter().flatten().next().or_else(|| of_wkt(value["wkt"].as_str()?))
}

/// A grid of the installation, by the text that it was told by.
fn of_wkt(text: &str) -> Option<Crs> {
    let plain = |it: &str| it.split_whitespace().collect::<String>();
    let text = plain(text);
    let known = grid::known().iter().find(|it| plain(&it.esri) == text)?;
    Some(Crs::Local(known.code))
}

/// The system as Esri writes it.
pub fn document(crs: Crs) -> Value {
    if let Some(wkt) = wkt(crs) {
        return json!({"wkt": wkt});
    }
    let (wkid, latest) = numbers(crs);
    json!({"wkid": wkid, "latestWkid": latest})
}

/// The text of a grid of the installation, whose number nobody else knows.
pub fn wkt(crs: Crs) -> Option<&'static str> {
    match crs {
        Crs::Local(code) => grid::find(code).map(|it| it.esri.as_str()),
        _ => None,
    }
}

/// Esri's own number of a system, and the one of EPSG.
pub const fn numbers(crs: Crs) -> (u32, u32) {
    match crs {
        Crs::Epsg(3857) => (102_100, 3857),
        Crs::Epsg(code) | Crs::Local(code) => (code, code),
        Crs::Crs84 => (4326, 4326),
    }
}

/// All numbers that are understood.
pub fn known() -> String {
    let local = grid::known().iter().map(|it| &it.code);
    let codes = CODES.iter().chain(&[102_100]).chain(local);
    let codes: Vec<String> = codes.map(ToString::to_string).collect();
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
