//! GeoJSON (RFC 7946), feature by feature. Decimals are JSON numbers with the digits of the record.

use serde_json::json;

use crate::crs::Crs;
use crate::layer::FieldType;

use super::Column;
use super::Row;
use super::Shape;

/// What opens a collection.
pub const HEAD: &[u8] = b"{\"type\":\"FeatureCollection\",\"features\":[";

/// What stands between two features of one.
pub const BETWEEN: &[u8] = b",\n";

/// A row as a Feature, appended to `out`; `extra` is JSON of further members, such as `,"links":[]`.
pub fn feature(columns: &[Column], row: &Row, extra: &str, out: &mut Vec<u8>) {
    written(columns, row, shape(row), extra, out);
}

/// A row as a feature of JSON-FG (OGC 21-045r1): its time, and its shape as `geometry` in CRS84, or as `place` in any other
/// reference system, which the document names.
pub fn feature_fg(columns: &[Column], row: &Row, crs: Crs, extra: &str, out: &mut Vec<u8>) {
    let (geometry, place) =
        if crs == Crs::Crs84 { (shape(row), "null") } else { ("null", shape(row)) };
    let time = row.time.as_deref().and_then(|it| it.split_once('/'));
    let time = time.map_or(json!(null), |(from, to)| json!({"interval": [from, to]}));
    let extra = format!(",\"time\":{time},\"place\":{place}{extra}");
    written(columns, row, geometry, &extra, out);
}

fn shape(row: &Row) -> &str {
    match &row.shape {
        Shape::GeoJson(it) => it,
        Shape::Without | Shape::Wkb(_) => "null",
    }
}

fn written(columns: &[Column], row: &Row, geometry: &str, extra: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
    out.extend_from_slice(row.id.to_string().as_bytes());
    out.extend_from_slice(b",\"geometry\":");
    out.extend_from_slice(geometry.as_bytes());
    out.extend_from_slice(b",\"properties\":{");
    for (nth, (column, value)) in columns.iter().zip(&row.values).enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        string(&column.name, out);
        out.push(b':');
        match value {
            Some(it) => member(column.kind, it, out),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    out.extend_from_slice(extra.as_bytes());
    out.push(b'}');
}

fn member(kind: FieldType, value: &str, out: &mut Vec<u8>) {
    match kind {
        FieldType::Text | FieldType::Date => string(value, out),
        FieldType::Boolean => out.extend_from_slice(value.as_bytes()),
        // PostgreSQL knows NaN and infinity; JSON does not.
        FieldType::Integer | FieldType::Decimal => {
            let finite = value.trim_start_matches('-').starts_with(|it: char| it.is_ascii_digit());
            out.extend_from_slice(if finite { value.as_bytes() } else { b"null" });
        }
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use crate::layer::Text;

    use super::*;

    #[test]
    fn a_feature_keeps_digits_and_escapes_text() {
        let column = |name: &str, kind| Column {
            name: name.to_owned(),
            title: Text::default(),
            kind,
            unit: None,
        };
        let columns = [
            column("name", FieldType::Text),
            column("far", FieldType::Decimal),
            column("odd", FieldType::Decimal),
            column("ok", FieldType::Boolean),
            column("gone", FieldType::Date),
        ];
        let row = Row {
            id: 7,
            keys: Vec::new(),
            time: Some("2024-01-01/..".to_owned()),
            values: vec![
                Some("\"一\"\n".to_owned()),
                Some("-0.120000000000000000001".to_owned()),
                Some("NaN".to_owned()),
                Some("true".to_owned()),
                None,
            ],
            shape: Shape::GeoJson("{\"type\":\"Point\",\"coordinates\":[1,2]}".to_owned()),
        };
        let mut out = Vec::new();
        feature(&columns, &row, "", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"name":"\"一\"\n","far":-0.120000000000000000001,"odd":null,"ok":true,"gone":null}}"#
        );
        let mut out = Vec::new();
        feature_fg(&[], &row, Crs::STORED, "", &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"type":"Feature","id":7,"geometry":null,"properties":{},"time":{"interval":["2024-01-01",".."]},"place":{"type":"Point","coordinates":[1,2]}}"#
        );
    }
}
