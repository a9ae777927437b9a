//! A list as a workbook: unrounded cells with a display format, and a row of sums that Excel computes and that are the sums of
//! the API already when it opens.

use rust_xlsxwriter::ExcelDateTime;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::Formula;
use rust_xlsxwriter::Workbook;

use crate::judgement::workflow::State;

use super::Case;
use super::List;
use super::Totals;
use super::columns::COLUMNS;
use super::columns::Cell;

/// The workbook. Cases that were removed are not in it: it is what the sums are of.
pub fn workbook_blocking(list: &List, cases: &[Case], total: &Totals) -> anyhow::Result<Vec<u8>> {
    let head = Format::new().set_bold().set_text_wrap().set_background_color(0x00E8_EDF2);
    let number = Format::new().set_num_format("#,##0.00");
    let integer = Format::new().set_num_format("0");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sums = Format::new().set_bold().set_num_format("#,##0.00");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("清单")?;
    sheet.set_freeze_panes(1, 2)?;
    for (nth, (_, heading, ..)) in (0_u16..).zip(COLUMNS) {
        sheet.write_with_format(0, nth, *heading, &head)?;
        let width = u16::try_from(heading.chars().count() * 2 + 2)?.clamp(10, 30);
        sheet.set_column_width(nth, f64::from(width))?;
    }
    let mut row = 0;
    for case in cases.iter().filter(|it| it.state != State::Removed.name()) {
        row += 1;
        for (nth, (_, heading, of, _)) in (0_u16..).zip(COLUMNS) {
            match of(case) {
                Cell::Text(it) if it.is_empty() => {}
                Cell::Text(it) => {
                    let it: String = it.chars().take(32_767).collect();
                    sheet.write_string(row, nth, it)?;
                }
                Cell::Number(None) | Cell::Date(None) => {}
                Cell::Number(Some(it)) => {
                    let format = if *heading == "年份" { &integer } else { &number };
                    let it: f64 = it.to_string().parse()?;
                    sheet.write_number_with_format(row, nth, it, format)?;
                }
                Cell::Date(Some(it)) => {
                    let it = ExcelDateTime::parse_from_str(&it.to_string())?;
                    sheet.write_datetime_with_format(row, nth, &it, &date)?;
                }
            }
        }
    }
    if row > 0 {
        sheet.autofilter(0, 0, row, u16::try_from(COLUMNS.len() - 1)?)?;
    }
    let at = row + 1;
    sheet.write_with_format(at, 0, format!("合计 {} 宗", total.cases), &head)?;
    for (nth, (.., sum)) in (0_u16..).zip(COLUMNS) {
        let Some(sum) = sum else { continue };
        let value = sum(total).normalize();
        if row == 0 {
            sheet.write_number_with_format(at, nth, 0.0, &sums)?;
            continue;
        }
        let letters = rust_xlsxwriter::utility::column_number_to_name(nth);
        let formula = Formula::new(format!("=SUM({letters}2:{letters}{})", row + 1))
            .set_result(value.to_string());
        sheet.write_formula_with_format(at, nth, formula, &sums)?;
    }
    let about = workbook.add_worksheet();
    about.set_name("说明")?;
    about.set_column_width(0, 20)?;
    about.set_column_width(1, 60)?;
    let facts = [
        ("清单", list.name.clone()),
        ("年份", list.year.to_string()),
        ("行数", total.cases.to_string()),
        ("空格", "缺失，不是零 / missing, not zero".to_owned()),
        (
            "面积",
            "亩，不取整；1 亩 = 2000/3 平方米 / unrounded; a mu is exactly 2000/3 m²".to_owned(),
        ),
    ];
    for (nth, (name, value)) in (0_u32..).zip(facts) {
        about.write_with_format(nth, 0, name, &head)?;
        about.write_string(nth, 1, value)?;
    }
    Ok(workbook.save_to_buffer()?)
}
