//! Rows as PostgreSQL's COPY takes them: its binary format, in the byte order of networks, with geometries as EWKB.

use chrono::Datelike;
use geo::Coord;
use geo::LineString;
use rust_decimal::Decimal;

use crate::layer::FieldType;

use super::repair::Stored;
use super::value::Value;

/// SRID of everything that is stored.
const SRID: u32 = 4490;
const HAS_SRID: u32 = 0x2000_0000;

/// What a COPY in binary begins with: signature, flags, no extension.
pub const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with.
pub const END: &[u8] = &(-1_i16).to_be_bytes();

/// How rows are laid out for where they go.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// What is added to a row's number.
    pub offset: i64,
    /// Whether there is a column for the measured area.
    pub measured: bool,
    pub suffix: Suffix,
}

/// Columns of a row that every row has alike, finished.
#[derive(Clone, Debug, Default)]
pub struct Suffix {
    pub columns: u16,
    pub bytes: Vec<u8>,
}

impl Suffix {
    pub fn integer(&mut self, it: i64) {
        self.columns += 1;
        sized(&mut self.bytes, &it.to_be_bytes());
    }

    pub fn text(&mut self, it: &str) {
        self.columns += 1;
        sized(&mut self.bytes, it.as_bytes());
    }

    pub fn time(&mut self, it: chrono::DateTime<chrono::Utc>) {
        let since = it.timestamp_micros() - EPOCH_MICROS;
        self.integer(since);
    }
}

/// PostgreSQL counts from the year 2000: in microseconds, and in days from the first day of the Christian era.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAY: i32 = 730_120;

/// A row in the making, appended to what is there.
#[derive(Debug)]
pub struct Line<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Line<'a> {
    /// Begins a row of so many columns with its number.
    pub fn new(out: &'a mut Vec<u8>, columns: u16, number: i64) -> Self {
        out.extend_from_slice(&columns.to_be_bytes());
        sized(out, &number.to_be_bytes());
        Self { out }
    }

    /// A value of a column of that kind.
    pub fn value(&mut self, kind: FieldType, value: Option<&Value>) {
        match (kind, value) {
            (_, None) => self.missing(),
            (FieldType::Integer, Some(Value::Integer(it))) => sized(self.out, &it.to_be_bytes()),
            (FieldType::Decimal, Some(Value::Decimal(it))) => self.decimal(*it),
            (FieldType::Decimal, Some(Value::Integer(it))) => self.decimal(Decimal::from(*it)),
            (FieldType::Boolean, Some(Value::Boolean(it))) => self.boolean(*it),
            (FieldType::Date, Some(Value::Date(it))) => {
                sized(self.out, &(it.num_days_from_ce() - EPOCH_DAY).to_be_bytes());
            }
            (FieldType::Text, Some(Value::Text(it))) => self.text(it),
            (FieldType::Text, Some(it)) => self.text(&it.shown()),
            // Cells are parsed by the kind of their field; what is of another one is not stored as something that it is not.
            (_, Some(it)) => {
                debug_assert!(false, "{it:?} for {kind:?}");
                self.missing();
            }
        }
    }

    pub fn missing(&mut self) {
        self.out.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    pub fn boolean(&mut self, it: bool) {
        sized(self.out, &[u8::from(it)]);
    }

    pub fn text(&mut self, it: &str) {
        // PostgreSQL has no text with a zero in it.
        if it.contains('\0') {
            sized(self.out, it.replace('\0', "").as_bytes());
        } else {
            sized(self.out, it.as_bytes());
        }
    }

    pub fn bytes(&mut self, it: Option<&[u8]>) {
        match it {
            None => self.missing(),
            Some(it) => sized(self.out, it),
        }
    }

    pub fn json(&mut self, it: Option<&str>) {
        match it {
            None => self.missing(),
            Some(it) => self.with_size(|out| {
                out.push(1);
                out.extend_from_slice(it.as_bytes());
            }),
        }
    }

    /// The geometry as EWKB.
    pub fn shape(&mut self, it: &Stored) {
        self.with_size(|out| put_ewkb(out, it));
    }

    /// A number in digits to the base of 10,000, the point between two of them.
    pub fn decimal(&mut self, it: Decimal) {
        let scale = it.scale();
        let filled = scale.next_multiple_of(4);
        let mut rest = it.mantissa().unsigned_abs() * 10_u128.pow(filled - scale);
        let mut digits = [0_u16; 16];
        let mut count = 0;
        let mut weight = -i16::try_from(filled / 4).unwrap_or(0) - 1;
        while rest > 0 {
            let digit = u16::try_from(rest % 10_000).unwrap_or_default();
            rest /= 10_000;
            weight += 1;
            // Zeros at the end are not written.
            if count > 0 || digit > 0 {
                digits[count] = digit;
                count += 1;
            }
        }
        let sign: u16 = if it.is_sign_negative() && count > 0 { 0x4000 } else { 0 };
        self.with_size(|out| {
            out.extend_from_slice(&u16::try_from(count).unwrap_or(0).to_be_bytes());
            out.extend_from_slice(&(if count == 0 { 0 } else { weight }).to_be_bytes());
            out.extend_from_slice(&sign.to_be_bytes());
            out.extend_from_slice(&u16::try_from(scale).unwrap_or(0).to_be_bytes());
            for digit in digits[..count].iter().rev() {
                out.extend_from_slice(&digit.to_be_bytes());
            }
        });
    }

    /// The columns that every row has alike.
    pub fn suffix(&mut self, it: &Suffix) {
        self.out.extend_from_slice(&it.bytes);
    }

    fn with_size(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        write(self.out);
        let size = u32::try_from(self.out.len() - at - 4).unwrap_or(u32::MAX);
        self.out[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
}

fn sized(out: &mut Vec<u8>, it: &[u8]) {
    out.extend_from_slice(&u32::try_from(it.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(it);
}

/// EWKB of a stored geometry: little endian, SRID 4490.
pub fn ewkb(stored: &Stored) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    put_ewkb(&mut out, stored);
    out
}

fn put_ewkb(out: &mut Vec<u8>, stored: &Stored) {
    match stored {
        Stored::Points(it) => {
            head(out, 4 | HAS_SRID, it.0.len());
            for point in &it.0 {
                out.push(1);
                out.extend_from_slice(&1_u32.to_le_bytes());
                coord(out, point.0);
            }
        }
        Stored::Lines(it) => {
            head(out, 5 | HAS_SRID, it.0.len());
            for line in &it.0 {
                out.push(1);
                out.extend_from_slice(&2_u32.to_le_bytes());
                coords(out, line);
            }
        }
        Stored::Polygons(it) => {
            head(out, 6 | HAS_SRID, it.0.len());
            for polygon in &it.0 {
                out.push(1);
                out.extend_from_slice(&3_u32.to_le_bytes());
                count(out, polygon.interiors().len() + 1);
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    coords(out, ring);
                }
            }
        }
    }
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

    fn written(write: impl FnOnce(&mut Line<'_>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut Line::new(&mut out, 2, 7));
        assert_eq!(out[..14], [0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7]);
        out.split_off(14)
    }

    #[test]
    fn missing_is_not_empty_and_zeros_are_left_out() {
        assert_eq!(written(|it| it.text("")), [0, 0, 0, 0]);
        assert_eq!(written(|it| it.value(FieldType::Text, None)), [255; 4]);
        let text = Value::Text("a\0b".to_owned());
        assert_eq!(written(|it| it.value(FieldType::Text, Some(&text))), *b"\0\0\0\x02ab");
        assert_eq!(written(|it| it.json(Some("{}"))), *b"\0\0\0\x03\x01{}");
    }

    #[test]
    fn dates_and_times_count_from_2000() {
        let date = |it: &str| Value::Date(it.parse().unwrap());
        let bytes = |it: &str| written(|line| line.value(FieldType::Date, Some(&date(it))));
        assert_eq!(bytes("2000-01-02"), [0, 0, 0, 4, 0, 0, 0, 1]);
        assert_eq!(bytes("1999-12-31"), [0, 0, 0, 4, 255, 255, 255, 255]);
        let mut suffix = Suffix::default();
        suffix.time("2000-01-01T00:00:01Z".parse().unwrap());
        assert_eq!(suffix.bytes[4..], 1_000_000_i64.to_be_bytes());
    }

    #[test]
    fn decimals_are_digits_of_ten_thousand() {
        // Digits, weight, sign, scale: as `select numeric_send(...)` answers.
        for (text, expected) in [
            ("0", &[0, 0, 0, 0][..]),
            ("0.00", &[0, 0, 0, 2]),
            ("1", &[1, 0, 0, 0, 1]),
            ("12345.678", &[3, 1, 0, 3, 1, 2345, 6780]),
            ("-0.00012", &[2, -1, 0x4000, 5, 1, 2000]),
            ("0.00000012", &[1, -2, 0, 8, 12]),
            ("120000000", &[2, 2, 0, 0, 1, 2000]),
            (
                "79228162514264337593543950335",
                &[8, 7, 0, 0, 7, 9228, 1625, 1426, 4337, 5935, 4395, 335],
            ),
        ] {
            let bytes = written(|it| it.decimal(text.parse().unwrap()));
            let words: Vec<i16> =
                bytes[4..].chunks(2).map(|it| i16::from_be_bytes([it[0], it[1]])).collect();
            assert_eq!(words, expected, "{text}");
        }
    }

    #[test]
    fn a_point_is_written_with_its_srid() {
        let bytes = ewkb(&Stored::Points(MultiPoint(vec![(1.0, 2.0).into()])));
        let head = [1, 4, 0, 0, 0x20, 0x8a, 0x11, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0];
        assert_eq!(bytes[..18], head);
    }
}
