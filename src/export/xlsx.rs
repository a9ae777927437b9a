//! XLSX in constant memory: a sheet of rows with Chinese headings, and a sheet that says where they come from. Numbers are
//! unrounded cells with a display format; codes stay text, so that Excel does not eat their digits.

use std::path::Path;

use anyhow::bail;
use rust_xlsxwriter::ExcelDateTime;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::FormatAlign;
use rust_xlsxwriter::Workbook;
use rust_xlsxwriter::Worksheet;

use crate::layer::FieldType;
use crate::layer::Unit;

use super::Column;
use super::Row;
use super::file::Plan;
use super::file::Written;
use super::headings::heading;
use super::headings::unit_label;

/// Rows of a sheet without the headings.
const MAX_ROWS: u32 = 1_048_575;
/// Characters of a cell.
const MAX_TEXT: usize = 32_767;

struct Formats {
    head: Format,
    number: Format,
    ratio: Format,
    integer: Format,
    date: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            head: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .set_background_color(0x00E8_EDF2),
            number: Format::new().set_num_format("#,##0.00"),
            ratio: Format::new().set_num_format("0.00##"),
            integer: Format::new().set_num_format("0"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    fn of(&self, column: &Column) -> &Format {
        match (column.kind, column.unit) {
            (FieldType::Decimal, Some(Unit::Ratio) | None) => &self.ratio,
            (FieldType::Decimal, _) => &self.number,
            (FieldType::Date, _) => &self.date,
            _ => &self.integer,
        }
    }
}

/// Writes the workbook.
pub fn write_blocking(
    plan: &Plan,
    batches: impl Iterator<Item = Vec<Row>>,
    file: &Path,
) -> anyhow::Result<Written> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(sheet_name(&plan.title.zh))?;
    sheet.set_freeze_panes(1, 0)?;
    for (nth, column) in (0_u16..).zip(&plan.columns) {
        let heading = heading(column);
        let width = heading.chars().count() * 2 + 2;
        sheet.set_column_width(nth, f64::from(u16::try_from(width.clamp(10, 40))?))?;
        sheet.write_with_format(0, nth, heading, &formats.head)?;
    }
    let mut at = 0;
    for row in batches.flatten() {
        if at == MAX_ROWS {
            bail!(
                "xlsx 最多 {MAX_ROWS} 行，请改用 csv 或缩小范围 / xlsx holds at most {MAX_ROWS} rows: use csv, or select fewer"
            );
        }
        at += 1;
        for (nth, (column, value)) in (0_u16..).zip(plan.columns.iter().zip(&row.values)) {
            if let Some(value) = value {
                cell(sheet, (at, nth), column, value, formats.of(column))?;
            }
        }
    }
    if at > 0 && !plan.columns.is_empty() {
        sheet.autofilter(0, 0, at, u16::try_from(plan.columns.len() - 1)?)?;
    }
    describe(workbook.add_worksheet_with_constant_memory()?, plan, at, &formats.head)?;
    workbook.save(file)?;
    Ok(Written { rows: u64::from(at), notes: Vec::new() })
}

fn cell(
    sheet: &mut Worksheet,
    at: (u32, u16),
    column: &Column,
    value: &str,
    format: &Format,
) -> anyhow::Result<()> {
    let (row, nth) = at;
    match column.kind {
        FieldType::Integer | FieldType::Decimal => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                sheet.write_number_with_format(row, nth, number, format)?;
            }
            _ => {
                sheet.write_string(row, nth, value)?;
            }
        },
        FieldType::Boolean => {
            sheet.write_string(row, nth, if value == "true" { "是" } else { "否" })?;
        }
        // Excel's calendar begins in 1900; earlier days stay text.
        FieldType::Date => match ExcelDateTime::parse_from_str(value) {
            Ok(date) => {
                sheet.write_datetime_with_format(row, nth, &date, format)?;
            }
            Err(_) => {
                sheet.write_string(row, nth, value)?;
            }
        },
        FieldType::Text if value.chars().count() > MAX_TEXT => bail!(
            "第 {row} 行“{}”超过 Excel 单元格的 {MAX_TEXT} 个字符 / row {row}, `{}`: more than the {MAX_TEXT} characters of a cell",
            column.title.zh,
            column.name
        ),
        FieldType::Text => {
            sheet.write_string(row, nth, value)?;
        }
    }
    Ok(())
}

/// The second sheet: what the rows are, and what the columns mean.
fn describe(sheet: &mut Worksheet, plan: &Plan, rows: u32, head: &Format) -> anyhow::Result<()> {
    sheet.set_name("说明")?;
    for (column, width) in [(0, 22.0), (1, 48.0), (2, 40.0), (3, 14.0)] {
        sheet.set_column_width(column, width)?;
    }
    let about = &plan.about;
    let all = "全部 / all".to_owned();
    let date = about.written_at.map(|it| it.format("%Y-%m-%d %H:%M:%S %:z").to_string());
    let times = [
        ("有效时间 / Valid at", about.datetime.clone()),
        ("当时已知 / As known at", about.as_of.clone()),
    ];
    let times = times.into_iter().filter_map(|(name, it)| Some((name, it?)));
    let facts = [
        ("图层 / Layer", format!("{} / {} ({})", plan.title.zh, plan.title.en, plan.layer)),
        ("筛选条件 / Filter", about.filter.clone().unwrap_or_else(|| all.clone())),
        ("范围（经纬度）/ Bbox", about.bbox.clone().unwrap_or(all)),
        ("行数 / Rows", rows.to_string()),
        ("数据版本 / Data revision", about.revision.to_string()),
        ("导出时间 / Date", date.unwrap_or_default()),
        ("导出人 / Exported by", about.written_by.clone()),
        ("坐标系 / CRS", "CGCS2000 (EPSG:4490)".to_owned()),
        ("空格 / Blank cells", "缺失，不是零 / missing, not zero".to_owned()),
    ];
    let mut at = 0;
    for (name, value) in facts.into_iter().chain(times) {
        sheet.write_with_format(at, 0, name, head)?;
        sheet.write_string(at, 1, value)?;
        at += 1;
    }
    at += 1;
    for (nth, name) in (0_u16..).zip(["字段 / Field", "名称", "Title", "单位 / Unit"]) {
        sheet.write_with_format(at, nth, name, head)?;
    }
    for column in &plan.columns {
        at += 1;
        sheet.write_string(at, 0, &column.name)?;
        sheet.write_string(at, 1, &column.title.zh)?;
        sheet.write_string(at, 2, &column.title.en)?;
        sheet.write_string(at, 3, column.unit.and_then(unit_label).unwrap_or_default())?;
    }
    Ok(())
}

/// A title as a sheet's name: at most 31 characters and none that Excel refuses.
fn sheet_name(title: &str) -> String {
    let plain: String =
        title.chars().map(|it| if "[]:*?/\\'".contains(it) { ' ' } else { it }).take(31).collect();
    if plain.trim().is_empty() || plain == "说明" { "数据".to_owned() } else { plain }
}
