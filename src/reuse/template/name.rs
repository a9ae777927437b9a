//! Placeholders in the cells of a workbook: what may be written, where it stands, and what is wrong with it, all at once and each
//! fault with its cell.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::reuse::columns::COLUMNS;

use super::book::Book;

/// A placeholder where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TemplatePlaceholder")]
pub struct Placeholder {
    pub sheet: String,
    pub cell: String,
    /// The whole text of the cell.
    pub text: String,
}

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "TemplateFault")]
pub struct Fault {
    pub sheet: String,
    /// Null: the sheet as a whole.
    pub cell: Option<String>,
    pub why: String,
}

/// What may stand in `{{list.…}}`.
pub const LIST: [(&str, &str); 8] = [
    ("name", "清单名称"),
    ("kind", "清单类型"),
    ("year", "年份"),
    ("responsible_unit", "责任单位"),
    ("note", "清单备注"),
    ("moment", "数据截至"),
    ("version", "固化版本"),
    ("count", "宗数"),
];

/// A cell's number in its row, as in a list.
const NUMBER: &str = "number";

/// One placeholder of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    List(usize),
    /// The number of the row; else a column.
    Row(Option<usize>),
    Total(usize),
}

/// A text in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Plain(String),
    Named(Name),
}

/// The text in pieces, or what is wrong with it.
pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let (mut all, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find("{{") {
        if at > 0 {
            all.push(Piece::Plain(rest[..at].to_owned()));
        }
        let Some(end) = rest[at..].find("}}") else {
            return Err("占位符缺少 }} / a placeholder has no `}}`".to_owned());
        };
        all.push(Piece::Named(named(rest[at + 2..at + end].trim())?));
        rest = &rest[at + end + 2..];
    }
    if !rest.is_empty() {
        all.push(Piece::Plain(rest.to_owned()));
    }
    Ok(all)
}

fn named(name: &str) -> Result<Name, String> {
    let unknown = || {
        let name: String = name.chars().take(60).collect();
        format!("没有占位符 {{{{{name}}}}} / there is no placeholder `{{{{{name}}}}}`")
    };
    let (group, member) = name.split_once('.').ok_or_else(unknown)?;
    let column = || COLUMNS.iter().position(|it| it.0 == member);
    match group {
        "list" => LIST.iter().position(|it| it.0 == member).map(Name::List).ok_or_else(unknown),
        "row" if member == NUMBER => Ok(Name::Row(None)),
        "row" => column().map(|it| Name::Row(Some(it))).ok_or_else(unknown),
        "total" => {
            let column = column().ok_or_else(unknown)?;
            if COLUMNS[column].3.is_none() {
                return Err(format!("“{}”没有合计 / `{member}` has no sum", COLUMNS[column].1));
            }
            Ok(Name::Total(column))
        }
        _ => Err(unknown()),
    }
}

/// Whether it is of a case.
pub const fn is_row(it: &Piece) -> bool {
    matches!(it, Piece::Named(Name::Row(_)))
}

/// What a workbook asks for.
#[derive(Debug, Default)]
pub struct Found {
    pub placeholders: Vec<Placeholder>,
    pub faults: Vec<Fault>,
}

/// Finds the placeholders of all sheets, and everything that is wrong with them.
pub fn check(book: &Book) -> Found {
    let mut found = Found::default();
    for sheet in &book.sheets {
        let mut repeated: Option<u32> = None;
        let mut fault = |cell: Option<String>, why: &str| {
            let why = why.to_owned();
            found.faults.push(Fault { sheet: sheet.name.clone(), cell, why });
        };
        for row in &sheet.rows {
            for cell in &row.cells {
                let place = format!("{}{}", cell.column, row.number);
                let Some(text) = cell.text.as_deref().filter(|it| it.contains("{{")) else {
                    continue;
                };
                found.placeholders.push(Placeholder {
                    sheet: sheet.name.clone(),
                    cell: place.clone(),
                    text: text.to_owned(),
                });
                match pieces(text) {
                    Err(why) => fault(Some(place), &why),
                    Ok(_) if cell.formula.is_some() => {
                        fault(Some(place), "占位符在公式中 / a placeholder stands in a formula");
                    }
                    Ok(all) if all.iter().any(is_row) => match repeated {
                        Some(other) if other != row.number => fault(
                            Some(place),
                            &format!(
                                "每张工作表只能有一行明细，已在第 {other} 行 / a sheet has one row of cases, which is row {other}"
                            ),
                        ),
                        _ => repeated = Some(row.number),
                    },
                    Ok(_) => {}
                }
            }
        }
        let Some(repeated) = repeated else { continue };
        let shared = sheet.rows.iter().filter(|it| it.number >= repeated);
        for (row, cell) in shared.flat_map(|row| row.cells.iter().map(move |it| (row, it))) {
            if cell.is_shared {
                let place = format!("{}{}", cell.column, row.number);
                fault(
                    Some(place),
                    "共享公式或数组公式不能随行移动，请逐格输入公式 / a shared or array formula cannot move: write it in each cell",
                );
            }
        }
        if sheet.tail.contains("<tableParts") {
            fault(
                None,
                "含有“表格”对象，请先转换为区域 / it has a table object: convert it to a range",
            );
        }
        for area in merged(&sheet.tail) {
            if let Some((first, last)) = rows_of(&area)
                && first != last
                && (first..=last).contains(&repeated)
            {
                fault(
                    Some(area),
                    "合并单元格跨越明细行 / merged cells reach over the row of cases",
                );
            }
        }
    }
    if found.placeholders.is_empty() && found.faults.is_empty() {
        let why = "工作簿中没有占位符 / the workbook has no placeholder".to_owned();
        found.faults.push(Fault { sheet: String::new(), cell: None, why });
    }
    found
}

/// The areas of merged cells.
fn merged(tail: &str) -> Vec<String> {
    let cells = tail.split("<mergeCell ").skip(1);
    cells.filter_map(|it| Some(it.split_once("ref=\"")?.1.split_once('"')?.0.to_owned())).collect()
}

/// First and last row of an area such as `A3:F4`.
pub fn rows_of(area: &str) -> Option<(u32, u32)> {
    let row = |it: &str| -> Option<u32> {
        it.trim_start_matches(|it: char| it.is_ascii_alphabetic() || it == '$').parse().ok()
    };
    let (first, last) = area.split_once(':').unwrap_or((area, area));
    Some((row(first)?, row(last)?))
}

/// Everything that may be written, by group, with what it is called.
pub fn known() -> BTreeMap<&'static str, Vec<(String, String)>> {
    let of = |group: &str, name: &str, title: &str| (format!("{group}.{name}"), title.to_owned());
    let mut row = vec![of("row", NUMBER, "序号")];
    row.extend(COLUMNS.iter().map(|it| of("row", it.0, it.1)));
    let sums = COLUMNS.iter().filter(|it| it.3.is_some());
    BTreeMap::from([
        ("list", LIST.iter().map(|it| of("list", it.0, it.1)).collect()),
        ("row", row),
        ("total", sums.map(|it| of("total", it.0, it.1)).collect()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_or_said_to_be_unknown() {
        assert!(pieces("合计 {{total.area_mu}} 亩，{{ list.name }}").is_ok());
        assert_eq!(pieces("{{row.number}}").unwrap(), [Piece::Named(Name::Row(None))]);
        for (text, why) in [
            ("{{row.aera_mu}}", "row.aera_mu"),
            ("{{area_mu}}", "area_mu"),
            ("{{total.person}}", "责任人"),
            ("{{list.name", "}}"),
            ("{{secret.password}}", "secret.password"),
        ] {
            assert!(pieces(text).unwrap_err().contains(why), "{text}");
        }
    }
}
