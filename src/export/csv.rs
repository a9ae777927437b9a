//! CSV with a byte order mark (Excel reads UTF-8 by it) and Chinese headings. Values are as in the record: a table for
//! people to open, where long codes must stay text, is XLSX.

use super::Column;
use super::Row;
use super::heading;

/// The byte order mark and the headings.
pub fn head(columns: &[Column]) -> Vec<u8> {
    let mut out = b"\xEF\xBB\xBF".to_vec();
    out.extend(line(columns.iter().map(heading)));
    out
}

/// One row as a line.
pub fn row(row: &Row) -> Vec<u8> {
    line(row.values.iter().map(|it| it.as_deref().unwrap_or_default()))
}

fn line(values: impl Iterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(256));
    // Writing to memory does not fail.
    let _ = writer.write_record(values);
    writer.into_inner().unwrap_or_default()
}
