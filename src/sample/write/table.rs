//! Rows without geometry into workbooks, or into CSV where a sheet would be too small.

use std::fs::File as Handle;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use anyhow::Result;
use chrono::Datelike;
use rust_xlsxwriter::DocProperties;
use rust_xlsxwriter::ExcelDateTime;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::Workbook;

use crate::sample::header::File;
use crate::sample::header::Type;
use crate::sample::row::Row;
use crate::sample::row::Value;

/// Writes all rows into a workbook and says how many there were. A title stands in a row of its own over the headers.
pub fn write_xlsx(
    path: &Path,
    file: &File,
    title: Option<&str>,
    rows: impl Iterator<Item = Row>,
) -> Result<u64> {
    put_xlsx(path, file, title, rows).with_context(|| format!("writing {}", path.display()))
}

fn put_xlsx(
    path: &Path,
    file: &File,
    title: Option<&str>,
    rows: impl Iterator<Item = Row>,
) -> Result<u64> {
    let mut book = Workbook::new();
    // Without a fixed date the same district would give another file every second.
    let date = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(
        &DocProperties::new().set_title(title.unwrap_or(file.name)).set_creation_datetime(&date),
    );
    let bold = Format::new().set_bold();
    let formats: Vec<Option<Format>> = file
        .columns
        .iter()
        .map(|it| match it.kind {
            Type::Date => Some(Format::new().set_num_format("yyyy-mm-dd")),
            Type::Decimal(places) if places > 0 => {
                Some(Format::new().set_num_format(format!("0.{}", "0".repeat(places))))
            }
            _ => None,
        })
        .collect();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(file.name)?;
    for (column, _) in (0..).zip(file.columns) {
        sheet.set_column_width(column, 18)?;
    }
    let mut line = 0;
    if let Some(title) = title {
        sheet.write_with_format(line, 0, title, &bold)?;
        line += 1;
    }
    for (column, it) in (0..).zip(file.columns) {
        sheet.write_with_format(line, column, it.header, &bold)?;
    }
    let mut count = 0;
    for row in rows {
        line += 1;
        count += 1;
        for ((column, value), format) in (0..).zip(&row.values).zip(&formats) {
            #[expect(clippy::cast_precision_loss, reason = "years and heads")]
            let number = match value {
                Value::Null => continue,
                Value::Text(it) => {
                    sheet.write_string(line, column, it)?;
                    continue;
                }
                Value::Date(it) => {
                    let date = ExcelDateTime::from_ymd(
                        it.year().try_into()?,
                        it.month().try_into()?,
                        it.day().try_into()?,
                    )?;
                    match format {
                        Some(format) => {
                            sheet.write_datetime_with_format(line, column, date, format)?
                        }
                        None => sheet.write_datetime(line, column, date)?,
                    };
                    continue;
                }
                Value::Integer(it) => *it as f64,
                Value::Decimal(it) => *it,
            };
            match format {
                Some(format) => sheet.write_number_with_format(line, column, number, format)?,
                None => sheet.write_number(line, column, number)?,
            };
        }
    }
    book.save(path)?;
    Ok(count)
}

/// How the texts of a CSV are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// With a byte order mark, as Excel saves it.
    Utf8,
    /// Without a word of it, as Excel saves it too.
    Gb18030,
}

impl Text {
    fn encoded(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Utf8 => text.to_vec(),
            Self::Gb18030 => {
                encoding_rs::GB18030.encode(&String::from_utf8_lossy(text)).0.into_owned()
            }
        }
    }
}

/// Writes all rows as CSV and says how many there were.
pub fn write_csv(
    path: &Path,
    file: &File,
    text: Text,
    rows: impl Iterator<Item = Row>,
) -> Result<u64> {
    put_csv(path, file, text, rows).with_context(|| format!("writing {}", path.display()))
}

fn put_csv(path: &Path, file: &File, text: Text, rows: impl Iterator<Item = Row>) -> Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, Handle::create(path)?);
    if text == Text::Utf8 {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(file.columns.iter().map(|it| text.encoded(it.header.as_bytes())))?;
    let mut count = 0;
    let mut cell = Vec::new();
    for row in rows {
        count += 1;
        for (value, column) in row.values.iter().zip(file.columns) {
            cell.clear();
            match (value, column.kind) {
                (Value::Null, _) => {}
                (Value::Text(it), _) => cell.extend_from_slice(it.as_bytes()),
                (Value::Integer(it), _) => write!(cell, "{it}")?,
                (Value::Decimal(it), Type::Decimal(places)) => write!(cell, "{it:.places$}")?,
                (Value::Decimal(it), _) => write!(cell, "{it}")?,
                (Value::Date(it), _) => {
                    write!(cell, "{:04}-{:02}-{:02}", it.year(), it.month(), it.day())?;
                }
            }
            writer.write_field(text.encoded(&cell))?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(count)
}
