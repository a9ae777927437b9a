//! CSV and TSV: UTF-8 with or without a mark, UTF-16, or GB18030; comma, tab, semicolon or bar.

use std::fs::File;
use std::io::BufReader;
use std::io::Cursor;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use csv::ByteRecord;
use csv::ReaderBuilder;
use encoding_rs::Encoding;
use encoding_rs::UTF_8;

use crate::ingest::encoding::Choice;
use crate::ingest::encoding::Decoded;
use crate::ingest::encoding::decode;
use crate::ingest::value::Cell;

use super::Opened;
use super::Request;
use super::Row;
use super::Rows;
use super::Score;
use super::Shape;
use super::header_row;
use super::header_row::Found;
use super::text;

trait Source: Read + Send {}
impl<T: Read + Send> Source for T {}

struct Table {
    reader: csv::Reader<Box<dyn Source>>,
    encoding: &'static Encoding,
    width: usize,
    /// Records above and with the headers, and lines that the mark or title took.
    skip: usize,
    /// Whether lines end with CR and LF. A record ends at the first of them, so the next begins on a line that is not counted yet.
    crlf: bool,
}

pub(super) fn open_blocking(
    path: &Path,
    request: &Request,
    score: Score<'_>,
) -> anyhow::Result<Opened> {
    let shown = super::file_name(path);
    let failed = || format!("无法读取文件 / cannot read the file {shown}");
    let (encoding, how) = text::find_encoding(path, request.encoding).with_context(failed)?;
    let head = {
        let mut bytes = Vec::new();
        source(path, encoding)?.take(64 * 1024).read_to_end(&mut bytes).with_context(failed)?;
        bytes
    };
    // UTF-16 was turned into UTF-8 on the way.
    let text_encoding = if is_wide(encoding) { UTF_8 } else { encoding };
    if head.iter().take(8_192).any(|it| *it == 0) {
        bail!("{shown} 不是文本表格 / is no table of text");
    }
    let Some((separator, top, found)) = find_table(&head, text_encoding, score) else {
        bail!("{shown} 中没有表头 / has no header row");
    };
    let sample = top
        .iter()
        .skip(found.data_from)
        .chain(&top)
        .flatten()
        .find(|it| !it.is_ascii())
        .cloned()
        .unwrap_or_default();
    let mut headers = found.headers;
    while headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    let width = headers.len();
    let reader = records(source(path, encoding)?, separator);
    Ok(Opened {
        format: "CSV".to_owned(),
        layer_name: None,
        headers,
        total: None,
        encoding: Some(Choice { name: encoding.name(), how, sample }),
        crs: None,
        notes: Vec::new(),
        rows: Box::new(Table {
            reader,
            encoding: text_encoding,
            width,
            skip: found.data_from,
            crlf: head.windows(2).find(|it| it[1] == b'\n').is_some_and(|it| it[0] == b'\r'),
        }),
    })
}

fn records<R: Read>(source: R, separator: u8) -> csv::Reader<R> {
    ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(source)
}

fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE
}

/// The file without its mark; UTF-16 as UTF-8, which is held in memory (Excel's "Unicode text" is small).
fn source(path: &Path, encoding: &'static Encoding) -> anyhow::Result<Box<dyn Source>> {
    let mut file = File::open(path)?;
    if is_wide(encoding) {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let text = encoding.decode_with_bom_removal(&bytes).0.into_owned();
        return Ok(Box::new(Cursor::new(text.into_bytes())));
    }
    let mut mark = [0; 3];
    let read = file.read(&mut mark)?;
    if mark[..read] != *b"\xef\xbb\xbf" {
        file.seek(SeekFrom::Start(0))?;
    }
    Ok(Box::new(BufReader::with_capacity(256 * 1024, file)))
}

/// The separator under which the headers name the most fields, then the one that makes the most columns; the first lines
/// and the headers in them.
fn find_table(
    head: &[u8],
    encoding: &'static Encoding,
    score: Score<'_>,
) -> Option<(u8, Vec<Vec<String>>, Found)> {
    let mut best = None;
    for separator in [b',', b'\t', b';', b'|'] {
        let top: Vec<Vec<String>> = records(Cursor::new(head), separator)
            .into_byte_records()
            .take(header_row::WITHIN + 1)
            .filter_map(Result::ok)
            .map(|it| it.iter().map(|field| decoded(encoding, field)).collect())
            .collect();
        let Some(found) = header_row::find(&top, score) else { continue };
        let fits = (score(&found.headers), found.headers.len());
        if best.as_ref().is_none_or(|(most, _)| fits > *most) {
            best = Some((fits, (separator, top, found)));
        }
    }
    best.map(|(_, it)| it)
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> String {
    match decode(encoding, bytes) {
        Decoded::Whole(it) | Decoded::Cut(it) | Decoded::Broken(it) => it,
    }
}

impl Rows for Table {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut record = ByteRecord::new();
        let mut seen = 0;
        loop {
            let line = self.reader.position().line();
            let more = self
                .reader
                .read_byte_record(&mut record)
                .with_context(|| format!("第 {line} 行无法读取 / line {line} cannot be read"))?;
            if !more {
                return Ok(());
            }
            seen += 1;
            if seen <= self.skip {
                continue;
            }
            let line = record.position().map_or(line, csv::Position::line);
            let line = line + u64::from(self.crlf && seen > 1);
            let mut cells: Vec<Cell> = record.iter().map(|it| cell(self.encoding, it)).collect();
            let beyond = cells.iter().skip(self.width).any(|it| !it.is_missing());
            if beyond || cells.len() < self.width && cells.iter().any(|it| !it.is_missing()) {
                // A separator or quote inside a value moves every figure behind it: nothing of the row can be trusted.
                let why = format!(
                    "该行有 {} 格，表头有 {} 格，可能有未加引号的分隔符 / the row has {} cells, the header {}: perhaps an unquoted separator",
                    cells.len(),
                    self.width,
                    cells.len(),
                    self.width
                );
                cells = vec![Cell::Broken(why); self.width];
            }
            cells.resize(self.width, Cell::Missing);
            sink(Row { number: line, cells, shape: Shape::None })?;
        }
    }
}

fn cell(encoding: &'static Encoding, bytes: &[u8]) -> Cell {
    if bytes.is_empty() {
        return Cell::Missing;
    }
    match decode(encoding, bytes) {
        Decoded::Whole(it) => Cell::Text(it),
        Decoded::Cut(it) | Decoded::Broken(it) => Cell::Broken(format!(
            "「{it}」不是 {name} 编码，请用 --encoding 指定 / not {name}: state --encoding",
            name = encoding.name()
        )),
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;

    use super::*;

    fn read(bytes: &[u8]) -> (Opened, Vec<Row>) {
        let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        let score = |headers: &[String]| {
            headers.iter().filter(|it| ["代码", "名称"].contains(&it.as_str())).count()
        };
        let mut opened = open_blocking(file.path(), &Request::default(), &score).unwrap();
        let mut rows = Vec::new();
        opened
            .rows
            .read(&mut |row| {
                rows.push(row);
                Ok(())
            })
            .unwrap();
        (opened, rows)
    }

    #[test]
    fn one_table_in_four_encodings() {
        let text = "代码,名称\nA1,嘉定工业区\n";
        let gbk = GB18030.encode(text).0.into_owned();
        let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        let wide: Vec<u8> =
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &gbk, &marked, &wide] {
            let (opened, rows) = read(bytes);
            assert_eq!(opened.headers, ["代码", "名称"]);
            assert_eq!(rows[0].cells[1], Cell::Text("嘉定工业区".to_owned()));
            assert_eq!(rows[0].number, 2);
        }
    }

    #[test]
    fn rows_are_counted_as_lines_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            let text = ["代码,名称", "A,甲", "B,\"乙\n丙\"", "C,丁", ""].join(end);
            let (_, rows) = read(text.as_bytes());
            let numbers: Vec<u64> = rows.iter().map(|it| it.number).collect();
            assert_eq!(numbers, [2, 3, 5], "{end:?}");
        }
    }

    #[test]
    fn tabs_and_semicolons_separate_too_and_titles_are_passed_over() {
        let (opened, rows) = read("企业表\n代码\t名称\nA\t甲\n".as_bytes());
        assert_eq!((opened.headers.len(), rows.len()), (2, 1));
        let (opened, _) = read("代码;名称\nA;甲,乙\n".as_bytes());
        assert_eq!(opened.headers, ["代码", "名称"]);
    }

    #[test]
    fn a_row_that_does_not_fit_the_header_is_broken_as_a_whole() {
        let (_, rows) = read("代码,名称\nA,甲,乙\nB\n\"C\",丙\n".as_bytes());
        assert!(matches!(rows[0].cells[0], Cell::Broken(_)));
        assert!(matches!(rows[1].cells[1], Cell::Broken(_)));
        assert_eq!(rows[2].cells[0], Cell::Text("C".to_owned()));
        assert_eq!(rows[2].number, 4);
    }
}
