//! Workbooks: XLSX, XLS, ODS. One sheet becomes rows; merged headers and titles above them are dealt with in `header_row`.

use std::fs::File;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use calamine::Data;
use calamine::DataRef;
use calamine::Range;
use calamine::Reader;
use calamine::Sheets;
use calamine::open_workbook_auto;

use crate::ingest::question::Question;
use crate::ingest::value::Cell;

use super::Opened;
use super::Request;
use super::Row;
use super::Rows;
use super::Score;
use super::Shape;
use super::archive;
use super::header_row;
use super::header_row::Found;
use super::ods;

struct Sheet {
    range: Range<Data>,
    /// Sheet row of the range's first row, from 1.
    first: u64,
    data_from: usize,
    width: usize,
}

pub(super) fn open_blocking(
    path: &Path,
    request: &Request,
    score: Score<'_>,
) -> anyhow::Result<Opened> {
    let shown = super::file_name(path);
    check_size(path)?;
    let mut opened = open_workbook_auto(path);
    let is_ods = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ods"));
    // The temporary file lives as long as it is read.
    let tidy = if is_ods && opened.is_err() { ods::tidied(path).ok() } else { None };
    if let Some(it) = &tidy {
        opened = open_workbook_auto(it.path());
    }
    let mut book = opened.with_context(|| {
        format!("{shown} 不是可读取的工作簿，请用 Excel 或 WPS 打开后另存为 XLSX / is not a workbook that can be read: open it and save it as XLSX")
    })?;
    let names = book.sheet_names();
    let mut sheets: Vec<(String, Range<Data>)> = Vec::new();
    for name in names.iter().filter(|it| request.layer_name.as_ref().is_none_or(|want| want == *it))
    {
        check_cells(&mut book, name)?;
        let range = book.worksheet_range(name).with_context(|| {
            format!("无法读取工作表 / cannot read the sheet `{name}` of {shown}")
        })?;
        if !range.is_empty() {
            sheets.push((name.clone(), range));
        }
    }
    let mut found: Vec<(usize, String, Range<Data>, Found)> = Vec::new();
    for (name, range) in sheets {
        let top: Vec<Vec<String>> = range
            .rows()
            .take(header_row::WITHIN + 1)
            .map(|row| row.iter().map(|it| cell(it).shown()).collect())
            .collect();
        if let Some(it) = header_row::find(&top, score) {
            found.push((score(&it.headers), name, range, it));
        }
    }
    if found.is_empty() {
        if let Some(want) = &request.layer_name {
            bail!(
                "工作簿中没有内容的工作表 `{want}` / no filled sheet `{want}`; there are: {}",
                names.join(", ")
            );
        }
        bail!("工作簿为空 / the workbook is empty: {shown}");
    }
    // Notes on a second sheet do no harm: only sheets that name as many fields as the best compete.
    let most = found.iter().map(|it| it.0).max().unwrap_or_default();
    found.retain(|it| it.0 == most);
    if found.len() > 1 {
        let choices: Vec<String> = found.into_iter().map(|it| it.1).collect();
        let message = format!(
            "工作簿有多个工作表，请用 --layer-name 指定 / the workbook has several sheets, choose with --layer-name: {}",
            choices.join(", ")
        );
        bail!(Question { parameter: "layer_name", choices, message });
    }
    let Some((_, name, range, Found { headers, data_from })) = found.pop() else {
        bail!("工作簿为空 / the workbook is empty: {shown}");
    };
    let total = range.height().saturating_sub(data_from) as u64;
    if total == 0 {
        bail!("工作表 `{name}` 只有表头没有数据 / sheet `{name}` has headers and no rows");
    }
    let first = u64::from(range.start().map_or(0, |it| it.0)) + 1;
    let width = headers.len();
    Ok(Opened {
        format: path.extension().unwrap_or_default().to_string_lossy().to_uppercase(),
        layer_name: Some(name),
        headers,
        total: Some(total),
        encoding: None,
        crs: None,
        notes: Vec::new(),
        rows: Box::new(Sheet { range, first, data_from, width }),
    })
}

/// Cells of a sheet from its first filled to its last; each costs memory, filled or not. A city's enterprises with fifty
/// columns are a tenth of it.
const CELLS: u64 = 40_000_000;

/// A workbook of today is an archive, and may be a bomb.
fn check_size(path: &Path) -> anyhow::Result<()> {
    let mut mark = [0; 2];
    let read = File::open(path)?.read(&mut mark)?;
    if mark[..read] == *b"PK" {
        archive::check(path, archive::WORKBOOK)?;
    }
    Ok(())
}

/// One letter in the last cell of a sheet makes it seventeen thousand million cells large.
fn check_cells(book: &mut Sheets<BufReader<File>>, name: &str) -> anyhow::Result<()> {
    let mut bounds: Option<[u32; 4]> = None;
    let mut seen = |(row, column): (u32, u32)| {
        let [top, left, bottom, right] = bounds.unwrap_or([row, column, row, column]);
        bounds = Some([top.min(row), left.min(column), bottom.max(row), right.max(column)]);
    };
    // The other kinds of workbook have fewer rows and columns than are allowed here.
    match book {
        Sheets::Xlsx(book) => {
            let Ok(mut cells) = book.worksheet_cells_reader(name) else { return Ok(()) };
            while let Ok(Some(cell)) = cells.next_cell() {
                if !matches!(cell.get_value(), DataRef::Empty) {
                    seen(cell.get_position());
                }
            }
        }
        Sheets::Xlsb(book) => {
            let Ok(mut cells) = book.worksheet_cells_reader(name) else { return Ok(()) };
            while let Ok(Some(cell)) = cells.next_cell() {
                if !matches!(cell.get_value(), DataRef::Empty) {
                    seen(cell.get_position());
                }
            }
        }
        _ => {}
    }
    let Some([top, left, bottom, right]) = bounds else { return Ok(()) };
    let cells = u64::from(bottom - top + 1) * u64::from(right - left + 1);
    if cells > CELLS {
        bail!(
            "工作表 `{name}` 从第 {} 行到第 {} 行、{} 列，共 {cells} 格，上限为 {CELLS}；请删除表格之外的内容 / the sheet has {cells} cells from its first filled to its last, the limit is {CELLS}: delete what stands far outside the table",
            top + 1,
            bottom + 1,
            right - left + 1
        );
    }
    Ok(())
}

impl Rows for Sheet {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for (index, row) in self.range.rows().enumerate().skip(self.data_from) {
            let mut cells: Vec<Cell> = row.iter().take(self.width).map(cell).collect();
            cells.resize(self.width, Cell::Missing);
            sink(Row { number: self.first + index as u64, cells, shape: Shape::None })?;
        }
        Ok(())
    }
}

/// Excel shows fifteen digits: what a cell holds beyond them is binary noise (0.1 + 0.2 = 0.30000000000000004).
fn number(it: f64) -> Cell {
    if it.fract() == 0.0 && it.abs() < 1e15 {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e15 fits")]
        return Cell::Integer(it as i64);
    }
    Cell::Number(format!("{it:.14e}").parse().unwrap_or(it))
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Missing,
        Data::String(it) | Data::DateTimeIso(it) | Data::DurationIso(it) => Cell::Text(it.clone()),
        Data::Int(it) => Cell::Integer(*it),
        Data::Float(it) => number(*it),
        Data::Bool(it) => Cell::Boolean(*it),
        Data::DateTime(it) => match it.as_datetime() {
            Some(datetime) if it.is_datetime() => Cell::Date(datetime.date()),
            _ => Cell::Number(it.as_f64()),
        },
        Data::Error(it) => Cell::Broken(it.to_string()),
    }
}
