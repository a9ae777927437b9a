//! The formats that are written row by row to whatever takes bytes: a file, or the body of an answer.

use super::Column;
use super::Format;
use super::Row;
use super::csv;
use super::geojson;

/// Writes GeoJSON, newline-delimited GeoJSON or CSV.
#[derive(Debug)]
pub struct Pen {
    format: Format,
    columns: Vec<Column>,
    written: u64,
}

impl Pen {
    pub fn new(format: Format, columns: Vec<Column>) -> Self {
        Self { format, columns, written: 0 }
    }

    /// What comes before the rows.
    pub fn head(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => csv::head(&self.columns),
            Format::GeoJsonSeq => Vec::new(),
            _ => geojson::HEAD.to_vec(),
        }
    }

    /// Rows in their order.
    pub fn rows(&mut self, rows: &[Row]) -> Vec<u8> {
        let mut out = Vec::with_capacity(rows.len() * 512);
        for row in rows {
            match self.format {
                Format::Csv => out.extend(csv::row(row)),
                Format::GeoJsonSeq => {
                    geojson::feature(&self.columns, row, "", &mut out);
                    out.push(b'\n');
                }
                _ => {
                    out.extend_from_slice(if self.written > 0 { b",\n" } else { b"" });
                    geojson::feature(&self.columns, row, "", &mut out);
                }
            }
            self.written += 1;
        }
        out
    }

    /// What comes after the rows.
    pub fn tail(&self) -> &'static [u8] {
        match self.format {
            Format::Csv | Format::GeoJsonSeq => b"",
            _ => b"]}\n",
        }
    }
}
