//! Rows as PostgreSQL's COPY takes them: text format, geometries as EWKB in hexadecimal.

use std::fmt::Write;

use geo::Coord;
use geo::LineString;

use super::repair::Stored;
use super::value::Value;

/// SRID of everything that is stored.
const SRID: u32 = 4490;
const HAS_SRID: u32 = 0x2000_0000;

/// A row in the making.
#[derive(Debug, Default)]
pub struct Line {
    text: String,
}

impl Line {
    /// Begins a row with its number in the source.
    pub fn new(number: u64) -> Self {
        Self { text: number.to_string() }
    }

    pub fn value(&mut self, value: Option<&Value>) {
        self.text.push('\t');
        let written = match value {
            None => {
                self.text.push_str("\\N");
                Ok(())
            }
            Some(Value::Text(it)) => {
                self.escaped(it);
                Ok(())
            }
            Some(Value::Integer(it)) => write!(self.text, "{it}"),
            Some(Value::Decimal(it)) => write!(self.text, "{it}"),
            Some(Value::Boolean(it)) => write!(self.text, "{it}"),
            Some(Value::Date(it)) => write!(self.text, "{it}"),
        };
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }

    /// A text as it is.
    pub fn text(&mut self, text: Option<&str>) {
        self.text.push('\t');
        match text {
            None => self.text.push_str("\\N"),
            Some(it) => self.escaped(it),
        }
    }

    pub fn bytes_as_hex(&mut self, bytes: Option<&[u8]>) {
        self.text.push('\t');
        match bytes {
            None => self.text.push_str("\\N"),
            Some(it) => hex(it, &mut self.text),
        }
    }

    fn escaped(&mut self, text: &str) {
        for it in text.chars() {
            match it {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                // PostgreSQL has no text with a zero in it.
                '\0' => {}
                other => self.text.push(other),
            }
        }
    }

    /// The finished row, appended.
    pub fn end(mut self, out: &mut Vec<u8>) {
        self.text.push('\n');
        out.extend_from_slice(self.text.as_bytes());
    }
}

fn hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// EWKB of a stored geometry: little endian, SRID 4490.
pub fn ewkb(stored: &Stored) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    match stored {
        Stored::Points(it) => {
            head(&mut out, 4 | HAS_SRID, it.0.len());
            for point in &it.0 {
                out.push(1);
                out.extend_from_slice(&1_u32.to_le_bytes());
                coord(&mut out, point.0);
            }
        }
        Stored::Lines(it) => {
            head(&mut out, 5 | HAS_SRID, it.0.len());
            for line in &it.0 {
                out.push(1);
                out.extend_from_slice(&2_u32.to_le_bytes());
                coords(&mut out, line);
            }
        }
        Stored::Polygons(it) => {
            head(&mut out, 6 | HAS_SRID, it.0.len());
            for polygon in &it.0 {
                out.push(1);
                out.extend_from_slice(&3_u32.to_le_bytes());
                count(&mut out, polygon.interiors().len() + 1);
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    coords(&mut out, ring);
                }
            }
        }
    }
    out
}

/// EWKB of a single point, longitude and latitude in EPSG:4490.
pub fn ewkb_point([x, y]: [f64; 2]) -> Vec<u8> {
    let mut out = Vec::with_capacity(25);
    out.push(1);
    out.extend_from_slice(&(1 | HAS_SRID).to_le_bytes());
    out.extend_from_slice(&SRID.to_le_bytes());
    coord(&mut out, Coord { x, y });
    out
}

/// WKB of one geometry (2D, little endian) with the SRID put in.
pub fn with_srid(wkb: &[u8]) -> Option<Vec<u8>> {
    let (1, kind) = (*wkb.first()?, u32::from_le_bytes(wkb.get(1..5)?.try_into().ok()?)) else {
        return None;
    };
    let mut out = Vec::with_capacity(wkb.len() + 4);
    out.push(1);
    out.extend_from_slice(&(kind | HAS_SRID).to_le_bytes());
    out.extend_from_slice(&SRID.to_le_bytes());
    out.extend_from_slice(&wkb[5..]);
    Some(out)
}

fn head(out: &mut Vec<u8>, kind: u32, parts: usize) {
    out.push(1);
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&SRID.to_le_bytes());
    count(out, parts);
}

fn count(out: &mut Vec<u8>, it: usize) {
    out.extend_from_slice(&u32::try_from(it).unwrap_or(u32::MAX).to_le_bytes());
}

fn coords(out: &mut Vec<u8>, line: &LineString<f64>) {
    count(out, line.0.len());
    for it in &line.0 {
        coord(out, *it);
    }
}

fn coord(out: &mut Vec<u8>, it: Coord<f64>) {
    out.extend_from_slice(&it.x.to_le_bytes());
    out.extend_from_slice(&it.y.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::MultiPoint;

    #[test]
    fn text_is_escaped_and_missing_is_not_empty() {
        let mut line = Line::new(7);
        line.value(Some(&Value::Text("a\tb\\c\nd\0".to_owned())));
        line.value(None);
        line.text(Some(""));
        let mut out = Vec::new();
        line.end(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "7\ta\\tb\\\\c\\nd\t\\N\t\n");
    }

    #[test]
    fn a_point_is_written_with_its_srid() {
        let bytes = ewkb(&Stored::Points(MultiPoint(vec![(1.0, 2.0).into()])));
        let mut text = String::new();
        hex(&bytes, &mut text);
        assert!(text.starts_with("01040000208A110000010000000101000000"), "{text}");
    }
}
