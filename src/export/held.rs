//! Features as GeoJSON from the map in memory, letter for letter as `geojson` writes the record's rows.

use std::io::Write;

use chrono::Datelike;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Column;
use super::geojson;
use crate::layer::Layer;
use crate::snapshot;
use crate::snapshot::Digits;
use crate::snapshot::RowsOfPage;
use crate::snapshot::Seen;
use crate::snapshot::ViewPart;
use crate::snapshot::write_scaled;

/// A field in one part of the rows.
struct Field<'a> {
    /// `"name":`, after a comma where it is not the first.
    head: &'a [u8],
    seen: Seen<'a>,
    /// Its place in the layer's folder.
    place: usize,
}

/// Appends the features of a page, with these columns of theirs; `false` when memory has not what it takes.
pub fn features(
    layer: &Layer,
    columns: &[Column],
    page: &RowsOfPage<'_>,
    out: &mut Vec<u8>,
) -> bool {
    let heads: Vec<Vec<u8>> = columns.iter().enumerate().map(head).collect();
    let mut parts = Vec::with_capacity(page.parts.len());
    for it in &page.parts {
        let (Some(fields), Some(digits)) = (fields(layer, columns, &heads, it), it.part.digits())
        else {
            return false;
        };
        parts.push((fields, digits));
    }
    for (nth, it) in page.rows.iter().enumerate() {
        if nth > 0 {
            out.extend_from_slice(geojson::BETWEEN);
        }
        let (fields, digits) = &parts[it.part];
        out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
        write_scaled(it.id, 0, 0, out);
        out.extend_from_slice(b",\"geometry\":");
        digits.write_geometry(it.row, out);
        out.extend_from_slice(b",\"properties\":{");
        for field in fields {
            out.extend_from_slice(field.head);
            field.write(it.row, digits, out);
        }
        out.extend_from_slice(b"}}");
    }
    true
}

/// The columns in one part; `None` when the scope of the part may not read one of them.
fn fields<'a>(
    layer: &Layer,
    columns: &[Column],
    heads: &'a [Vec<u8>],
    part: &'a ViewPart<'_>,
) -> Option<Vec<Field<'a>>> {
    let field = |(head, column): (&'a Vec<u8>, &Column)| {
        let place = layer.field.get_index_of(&column.name)?;
        Some(Field { head, seen: part.column(&column.name)?, place })
    };
    std::iter::zip(heads, columns).map(field).collect()
}

fn head((nth, column): (usize, &Column)) -> Vec<u8> {
    let mut head = if nth == 0 { Vec::new() } else { vec![b','] };
    string(&column.name, &mut head);
    head.push(b':');
    head
}

fn string(text: &str, out: &mut Vec<u8>) {
    // Nothing that is written to memory fails.
    let _ = serde_json::to_writer(out, text);
}

impl Field<'_> {
    fn write(&self, row: usize, digits: &Digits, out: &mut Vec<u8>) {
        if !self.seen.is_open(row) || !self.write_known(row, digits, out) {
            out.extend_from_slice(b"null");
        }
    }

    /// `false` when there is no value.
    fn write_known(&self, row: usize, digits: &Digits, out: &mut Vec<u8>) -> bool {
        use snapshot::Column;
        match self.seen.column {
            Column::Text { words, codes } => match words.word(codes[row]) {
                Some(it) => string(it, out),
                None => return false,
            },
            Column::Integer { values, known } if known.has(row) => {
                write_scaled(values[row], 0, 0, out);
            }
            Column::Decimal { scaled, places, known } if known.has(row) => {
                write_scaled(scaled[row], *places, digits.places(self.place, row), out);
            }
            Column::Wide { values } => match values[row] {
                Some(it) => wide(it, digits.places(self.place, row), out),
                None => return false,
            },
            Column::Boolean { values, known } if known.has(row) => {
                out.extend_from_slice(if values.has(row) { b"true" } else { b"false" });
            }
            Column::Date { days, known } if known.has(row) => match Column::day(days[row]) {
                Some(it) => date(it, out),
                None => return false,
            },
            _ => return false,
        }
        true
    }
}

/// A number that no column of scaled integers holds.
fn wide(number: Decimal, shown: u8, out: &mut Vec<u8>) {
    let number = number.normalize();
    let _ = write!(out, "{number}");
    let missing = usize::from(shown).saturating_sub(number.scale() as usize);
    if missing > 0 {
        if number.scale() == 0 {
            out.push(b'.');
        }
        out.resize(out.len() + missing, b'0');
    }
}

/// A date as PostgreSQL writes it.
fn date(it: NaiveDate, out: &mut Vec<u8>) {
    let (year, age) = if it.year() > 0 { (it.year(), "") } else { (1 - it.year(), " BC") };
    let _ = write!(out, "\"{year:04}-{:02}-{:02}{age}\"", it.month(), it.day());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_wide_numbers_are_the_databases() {
        let text = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            String::from_utf8(out).unwrap()
        };
        // select d::text from unnest(array['2024-02-29', '0044-03-15 BC', '12345-06-07', '0001-01-01']::date[]) d
        for (year, month, day, expected) in [
            (2024, 2, 29, "\"2024-02-29\""),
            (-43, 3, 15, "\"0044-03-15 BC\""),
            (12345, 6, 7, "\"12345-06-07\""),
            (1, 1, 1, "\"0001-01-01\""),
        ] {
            let it = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            assert_eq!(text(&|out| date(it, out)), expected);
        }
        for (number, shown, expected) in [
            ("-79228162514264337593543950335", 0, "-79228162514264337593543950335"),
            ("100000000000000000000", 3, "100000000000000000000.000"),
            ("0.0000000000000000000000000010", 28, "0.0000000000000000000000000010"),
        ] {
            let it = Decimal::from_str_exact(number).unwrap();
            assert_eq!(text(&|out| wide(it, shown, out)), expected);
        }
    }
}
