//! Workbooks to fill in: headers that the importer reads without a mapping, with units, code lists and notes. The first sheet
//! is empty below its headers, so that nothing gets in that nobody wrote; examples stand among the notes.

use anyhow::Context;
use rust_xlsxwriter::DataValidation;
use rust_xlsxwriter::DataValidationRule;
use rust_xlsxwriter::Format;
use rust_xlsxwriter::FormatAlign;
use rust_xlsxwriter::FormatBorder;
use rust_xlsxwriter::Formula;
use rust_xlsxwriter::Workbook;
use rust_xlsxwriter::Worksheet;
use rust_xlsxwriter::utility::column_number_to_name;

use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Layers;

use super::header::Header;
use super::mapping;
use super::mapping_file::MappingFile;
use super::target::Target;
use super::unit;

/// Rows that are prepared for filling in: formats and lists go so far.
const ROWS: u32 = 10_000;
const LISTS: &str = "取值";
const YES_NO: [&str; 2] = ["是", "否"];

/// A workbook to fill in for a table, or for the attributes of a layer. An error says which tables and layers there are.
pub fn write(layers: &Layers, id: &str) -> anyhow::Result<Vec<u8>> {
    let target = Target::find(layers, id)?;
    workbook(&target).with_context(|| format!("writing the template of `{id}`"))
}

/// A column: its header and the values that it may have, where they are few.
struct Column<'a> {
    name: &'a str,
    field: &'a Field,
    header: String,
    values: Vec<&'a str>,
}

fn columns(target: &Target) -> Vec<Column<'_>> {
    let mut columns: Vec<Column<'_>> = target
        .fields
        .iter()
        .map(|(name, field)| Column {
            name,
            field,
            header: header(field),
            values: match field.kind {
                FieldType::Boolean => YES_NO.to_vec(),
                _ => field.values.iter().map(String::as_str).collect(),
            },
        })
        .collect();
    // A title that two fields share, or that is an alias of another, would be read as the other: then the field's own name.
    let headers: Vec<String> = columns.iter().map(|it| it.header.clone()).collect();
    for column in &mut columns {
        let reads = mapping::fills(target, &MappingFile::default(), &headers, &column.header);
        if reads.as_deref() != Some(column.name) {
            column.name.clone_into(&mut column.header);
        }
    }
    columns
}

/// The title with the unit in brackets, as the importer reads it.
fn header(field: &Field) -> String {
    let title = &field.title.zh;
    match field.unit {
        Some(it) if Header::parse(title).unit().is_none() => {
            format!("{title}({})", unit::shown(it))
        }
        _ => title.clone(),
    }
}

fn workbook(target: &Target) -> anyhow::Result<Vec<u8>> {
    let columns = columns(target);
    let mut workbook = Workbook::new();
    fill_in(workbook.add_worksheet(), target, &columns)?;
    notes(workbook.add_worksheet(), target, &columns)?;
    if columns.iter().any(|it| !it.values.is_empty()) {
        lists(workbook.add_worksheet(), &columns)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn head() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color(0x00E8_EDF2)
}

fn fill_in(sheet: &mut Worksheet, target: &Target, columns: &[Column<'_>]) -> anyhow::Result<()> {
    sheet.set_name(sheet_name(&target.title.zh))?;
    sheet.set_freeze_panes(1, 0)?;
    let (plain, required) = (head(), head().set_background_color(0x00FF_E08A));
    for (at, column) in (0_u16..).zip(columns) {
        let format = if column.field.required { &required } else { &plain };
        let width = column.header.chars().count() * 2 + 2;
        sheet.set_column_width(at, f64::from(u16::try_from(width.clamp(12, 40))?))?;
        let cells = match column.field.kind {
            // Codes keep their zeros and their last digits.
            FieldType::Text => Format::new().set_num_format("@"),
            FieldType::Date => Format::new().set_num_format("yyyy-mm-dd"),
            FieldType::Integer | FieldType::Decimal | FieldType::Boolean => Format::new(),
        };
        sheet.set_column_format(at, &cells)?;
        sheet.write_string_with_format(0, at, &column.header, format)?;
        if let Some(validation) = validation(at, columns)? {
            sheet.add_data_validation(1, at, ROWS, at, &validation)?;
        }
    }
    Ok(())
}

fn validation(at: u16, columns: &[Column<'_>]) -> anyhow::Result<Option<DataValidation>> {
    let column = &columns[usize::from(at)];
    if !column.values.is_empty() {
        let nth = columns[..usize::from(at)].iter().filter(|it| !it.values.is_empty()).count();
        let name = column_number_to_name(u16::try_from(nth)?);
        let last = column.values.len() + 1;
        let list = Formula::new(format!("={LISTS}!${name}$2:${name}${last}"));
        return Ok(Some(DataValidation::new().allow_list_formula(list)));
    }
    let rule = match column.field.kind {
        FieldType::Integer => {
            let most = DataValidationRule::Between(-1_000_000_000, 1_000_000_000);
            DataValidation::new().allow_whole_number(most)
        }
        FieldType::Decimal => {
            DataValidation::new().allow_decimal_number(DataValidationRule::Between(-1e15, 1e15))
        }
        FieldType::Text | FieldType::Date | FieldType::Boolean => return Ok(None),
    };
    let title = "应为数字 / a number";
    Ok(Some(rule.set_error_title(title)?))
}

fn notes(sheet: &mut Worksheet, target: &Target, columns: &[Column<'_>]) -> anyhow::Result<()> {
    sheet.set_name("说明")?;
    let head = head();
    let (zh, en) = (&target.title.zh, &target.title.en);
    sheet.write_string(0, 0, format!("{zh} / {en}（{}）", target.id))?;
    let key: Vec<&str> = columns
        .iter()
        .filter(|it| target.key.iter().any(|key| key == it.name))
        .map(|it| it.header.as_str())
        .collect();
    let mut lines = vec![
        "从第一张表的第 2 行起填写，一行一条；黄色列必填；未知则留空，不填零 / fill in from row 2 of the first sheet; yellow columns are required; leave empty what is not known, never zero".to_owned(),
        "可删去不用的列；列名括号中的单位可改为其他单位，如 亩、公顷、元、亿元，导入时换算 / unused columns may go; the unit in a header may be changed and is converted".to_owned(),
        format!("以 {} 识别同一条记录 / rows are told apart by these columns", key.join(" + ")),
    ];
    if target.geometry.is_some() {
        lines.push("本表只有属性：与图形连接后导入 / attributes only: join them to the geometry before importing".to_owned());
    }
    for (row, line) in (1..).zip(&lines) {
        sheet.write_string(row, 0, line)?;
    }
    let top = u32::try_from(lines.len())? + 2;
    let titles = [
        ("列名 / Header", 30.0),
        ("必填 / Required", 10.0),
        ("含义 / Meaning", 34.0),
        ("类型 / Type", 16.0),
        ("单位说明 / In", 14.0),
        ("可填值 / Values", 34.0),
        ("示例 / Example", 24.0),
        ("也可写作 / Also read as", 60.0),
    ];
    for (at, (title, width)) in (0_u16..).zip(titles) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(top, at, title, &head)?;
    }
    for (row, column) in (top + 1..).zip(columns) {
        let field = column.field;
        let cells = [
            column.header.clone(),
            if field.required { "是 / yes" } else { "" }.to_owned(),
            format!("{} / {}", field.title.zh, field.title.en),
            kind(field.kind).to_owned(),
            field.unit.map(unit::shown).unwrap_or_default().to_owned(),
            column.values.join("、"),
            example(column),
            field.aliases.join("、"),
        ];
        for (at, text) in (0_u16..).zip(cells) {
            sheet.write_string(row, at, text)?;
        }
    }
    Ok(())
}

fn lists(sheet: &mut Worksheet, columns: &[Column<'_>]) -> anyhow::Result<()> {
    sheet.set_name(LISTS)?;
    let listed = columns.iter().filter(|it| !it.values.is_empty());
    for (at, column) in (0_u16..).zip(listed) {
        // Not the header itself: the importer looks for sheets that have headers.
        sheet.write_string_with_format(0, at, format!("{} 可填", column.name), &head())?;
        for (row, value) in (1..).zip(&column.values) {
            sheet.write_string(row, at, *value)?;
        }
    }
    Ok(())
}

const fn kind(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "文本 / text",
        FieldType::Integer => "整数 / whole",
        FieldType::Decimal => "数值 / number",
        FieldType::Boolean => "是否 / yes or no",
        FieldType::Date => "日期 / date",
    }
}

fn example(column: &Column<'_>) -> String {
    match (column.name, column.field.kind) {
        _ if !column.values.is_empty() => column.values[0].to_owned(),
        ("parcel_code", _) => "310114002003GB00012".to_owned(),
        ("uscc" | "holder_uscc", _) => "91512081MA62K0260E".to_owned(),
        ("year", _) => "2025".to_owned(),
        ("period", _) => "2025、2025Q1、2025-03".to_owned(),
        (_, FieldType::Date) => "2023-05-01".to_owned(),
        (_, FieldType::Integer) => "12".to_owned(),
        (_, FieldType::Decimal) => "1234.56".to_owned(),
        _ => String::new(),
    }
}

/// A title as a sheet's name: at most 31 characters and none that Excel refuses.
fn sheet_name(title: &str) -> String {
    let plain: String =
        title.chars().map(|it| if "[]:*?/\\'".contains(it) { ' ' } else { it }).take(31).collect();
    if plain.trim().is_empty() || [LISTS, "说明"].contains(&plain.as_str()) {
        "填报".to_owned()
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    #[test]
    fn every_header_of_every_template_is_read_as_its_own_field() {
        let layers = Layers::load(None).unwrap();
        let layer_ids = layers.layers.keys().cloned();
        let table_ids = table::all().unwrap().into_iter().map(|it| it.id);
        let mut checked = 0;
        for id in layer_ids.chain(table_ids) {
            // Derived layers and those of the service itself are not imported into.
            let Ok(target) = Target::find(&layers, &id) else { continue };
            let columns = columns(&target);
            let headers: Vec<String> = columns.iter().map(|it| it.header.clone()).collect();
            let plan = mapping::plan(&target, &MappingFile::default(), &headers).unwrap();
            assert!(plan.extra.is_empty() && plan.notes.is_empty(), "{id}: {:?}", plan.notes);
            assert_eq!(plan.fields.len(), columns.len(), "{id}");
            for planned in &plan.fields {
                let column = columns.iter().find(|it| it.header == planned.header).unwrap();
                assert_eq!(target.name(planned.field), column.name, "{id}");
                assert!(planned.factor.is_one(), "{id}: {}", planned.header);
            }
            assert!(!write(&layers, &id).unwrap().is_empty());
            checked += 1;
        }
        assert!(checked > 10, "{checked}");
    }
}
