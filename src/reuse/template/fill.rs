//! Filling a workbook that was found faultless: one row of a sheet is repeated for every case with the styles that the office
//! gave it, and what stands below moves down with its formulas, merged cells and areas.

use std::fmt::Write;

use quick_xml::escape::escape;
use rust_decimal::Decimal;

use crate::reuse::Case;
use crate::reuse::columns::COLUMNS;
use crate::reuse::columns::Cell as Value;
use crate::reuse::plan::Plan;

use super::book::Book;
use super::book::Cell;
use super::book::Row;
use super::book::Sheet;
use super::name::LIST;
use super::name::Name;
use super::name::Piece;
use super::name::is_row;
use super::name::pieces;
use super::refs;
use super::refs::Growth;
use super::tail::calculated_anew;
use super::tail::moved_tail;
use super::tail::without_dimension;

/// What a filled cell holds.
enum Held {
    Empty,
    Text(String),
    Number(String),
}

/// Fills a workbook that [`check`] has nothing against.
pub fn fill(book: &mut Book, plan: &Plan, moment: &str) -> anyhow::Result<()> {
    let sheets = book.sheets.clone();
    let count = u32::try_from(plan.cases.len())?;
    let growths: Vec<(String, Growth)> = sheets
        .iter()
        .filter_map(|sheet| {
            let has = |cell: &Cell| {
                let all = cell.text.as_deref().and_then(|it| pieces(it).ok());
                all.is_some_and(|it| it.iter().any(is_row))
            };
            let row = sheet.rows.iter().find(|it| it.cells.iter().any(has))?;
            Some((sheet.name.clone(), Growth { row: row.number, count }))
        })
        .collect();
    let dates = book.dates.clone();
    let filler = Filler { plan, moment, dates: &dates, growths: &growths };
    for sheet in &sheets {
        book.put(&sheet.part, filler.sheet(sheet)?);
    }
    // Named areas, and what Excel remembers of the order of formulas, which are where they no longer are.
    let list = book.text("xl/workbook.xml").map_err(anyhow::Error::msg)?.to_owned();
    book.put("xl/workbook.xml", calculated_anew(&filler.names(&list)));
    book.remove("xl/calcChain.xml").map_err(anyhow::Error::msg)?;
    Ok(())
}

struct Filler<'a> {
    plan: &'a Plan,
    moment: &'a str,
    dates: &'a [bool],
    growths: &'a [(String, Growth)],
}

impl Filler<'_> {
    fn growth(&self, sheet: &str) -> Option<Growth> {
        self.growths.iter().find(|it| it.0 == sheet).map(|it| it.1)
    }

    /// A formula of that sheet after every sheet has grown.
    fn formula(&self, formula: &str, sheet: &str, copy: Option<u32>) -> String {
        let mut formula = formula.to_owned();
        for (name, growth) in self.growths {
            let is_own = name == sheet;
            formula = refs::moved(&formula, name, is_own, *growth, copy.filter(|_| is_own));
        }
        formula
    }

    fn names(&self, list: &str) -> String {
        let mut out = String::with_capacity(list.len());
        let mut rest = list;
        while let Some(at) = rest.find("<definedName ") {
            let Some(open) = rest[at..].find('>').map(|it| at + it + 1) else { break };
            let Some(end) = rest[open..].find("</definedName>").map(|it| open + it) else { break };
            out.push_str(&rest[..open]);
            let plain =
                quick_xml::escape::unescape(&rest[open..end]).map(std::borrow::Cow::into_owned);
            match plain {
                Ok(it) => out.push_str(&escape(self.formula(&it, "", None))),
                Err(_) => out.push_str(&rest[open..end]),
            }
            rest = &rest[end..];
        }
        out + rest
    }

    fn sheet(&self, sheet: &Sheet) -> anyhow::Result<String> {
        let growth = self.growth(&sheet.name);
        let mut out = without_dimension(&sheet.head);
        for row in &sheet.rows {
            match growth.filter(|it| it.row == row.number) {
                Some(growth) if growth.count > 0 => {
                    for (nth, case) in (0..growth.count).zip(&self.plan.cases) {
                        let at = growth.row + nth;
                        self.row(&mut out, sheet, row, at, Some((nth, case)))?;
                    }
                }
                // Without a case the row stays, empty.
                _ => {
                    let at = growth.map_or(row.number, |it| it.moved(row.number));
                    self.row(&mut out, sheet, row, at, None)?;
                }
            }
        }
        out += &match growth {
            Some(growth) => moved_tail(&sheet.tail, growth),
            None => sheet.tail.clone(),
        };
        Ok(out)
    }

    fn row(
        &self,
        out: &mut String,
        sheet: &Sheet,
        row: &Row,
        at: u32,
        case: Option<(u32, &Case)>,
    ) -> anyhow::Result<()> {
        write!(out, "<row r=\"{at}\"")?;
        for (name, value) in &row.attributes {
            write!(out, " {name}=\"{}\"", escape(value.as_str()))?;
        }
        out.push('>');
        for cell in &row.cells {
            self.cell(out, sheet, cell, at, case)?;
        }
        out.push_str("</row>");
        Ok(())
    }

    fn cell(
        &self,
        out: &mut String,
        sheet: &Sheet,
        cell: &Cell,
        at: u32,
        case: Option<(u32, &Case)>,
    ) -> anyhow::Result<()> {
        let place = format!("{}{at}", cell.column);
        let style = cell.style.as_deref().map(|it| format!(" s=\"{}\"", escape(it)));
        let style = style.unwrap_or_default();
        if let Some(formula) = &cell.formula {
            let formula = self.formula(formula, &sheet.name, case.map(|it| it.0));
            write!(out, "<c r=\"{place}\"{style}><f>{}</f></c>", escape(formula))?;
            return Ok(());
        }
        let text = cell.text.as_deref().filter(|it| it.contains("{{"));
        let Some(text) = text else {
            let kind = cell.kind.as_deref().map(|it| format!(" t=\"{}\"", escape(it)));
            let kind = kind.unwrap_or_default();
            write!(out, "<c r=\"{place}\"{style}{kind}>{}</c>", cell.inner)?;
            return Ok(());
        };
        let pieces = pieces(text).map_err(anyhow::Error::msg)?;
        let is_date = cell.style.as_deref().and_then(|it| it.parse::<usize>().ok());
        let is_date = is_date.and_then(|it| self.dates.get(it)).copied().unwrap_or(false);
        if let [Piece::Named(Name::Total(column))] = pieces.as_slice() {
            let sum = self.total(*column);
            match self.summed(sheet, *column) {
                Some(area) => write!(
                    out,
                    "<c r=\"{place}\"{style}><f>SUM({area})</f><v>{}</v></c>",
                    sum.normalize()
                )?,
                None => write!(out, "<c r=\"{place}\"{style}><v>{}</v></c>", sum.normalize())?,
            }
            return Ok(());
        }
        let held = match pieces.as_slice() {
            [Piece::Named(only)] => self.value(only, case, is_date),
            all => {
                let text: String = all.iter().map(|it| self.said(it, case)).collect();
                Held::Text(text)
            }
        };
        match held {
            Held::Empty => write!(out, "<c r=\"{place}\"{style}/>")?,
            Held::Number(it) => write!(out, "<c r=\"{place}\"{style}><v>{it}</v></c>")?,
            Held::Text(it) => {
                let plain: String =
                    it.chars().filter(|it| !it.is_control() || *it == '\n').take(32_767).collect();
                write!(
                    out,
                    "<c r=\"{place}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                    escape(plain)
                )?;
            }
        }
        Ok(())
    }

    fn total(&self, column: usize) -> Decimal {
        COLUMNS[column].3.map(|it| it(&self.plan.total)).unwrap_or_default()
    }

    /// The cells of the sheet that hold the rows of that column, where there are any.
    fn summed(&self, sheet: &Sheet, column: usize) -> Option<String> {
        let growth = self.growth(&sheet.name).filter(|it| it.count > 0)?;
        let row = sheet.rows.iter().find(|it| it.number == growth.row)?;
        let wanted = [Piece::Named(Name::Row(Some(column)))];
        let cell = row.cells.iter().find(|it| {
            it.text.as_deref().and_then(|it| pieces(it).ok()).is_some_and(|it| it == wanted)
        })?;
        Some(format!("{0}{1}:{0}{2}", cell.column, growth.row, growth.last()))
    }

    fn value(&self, name: &Name, case: Option<(u32, &Case)>, is_date: bool) -> Held {
        let text = |it: String| if it.is_empty() { Held::Empty } else { Held::Text(it) };
        match name {
            Name::List(nth) => match LIST[*nth].0 {
                "year" => Held::Number(self.plan.list.year.to_string()),
                "count" => Held::Number(self.plan.total.cases.to_string()),
                _ => text(self.of_list(*nth)),
            },
            Name::Total(column) => Held::Number(self.total(*column).normalize().to_string()),
            Name::Row(None) => {
                case.map_or(Held::Empty, |(nth, _)| Held::Number((nth + 1).to_string()))
            }
            Name::Row(Some(column)) => match case.map(|(_, case)| (COLUMNS[*column].2)(case)) {
                None | Some(Value::Number(None) | Value::Date(None)) => Held::Empty,
                Some(Value::Text(it)) => text(it),
                Some(Value::Number(Some(it))) => Held::Number(it.normalize().to_string()),
                // A style that shows no dates would show its number.
                Some(Value::Date(Some(it))) if is_date => Held::Number(serial(it).to_string()),
                Some(Value::Date(Some(it))) => Held::Text(it.to_string()),
            },
        }
    }

    /// A piece within a text.
    fn said(&self, piece: &Piece, case: Option<(u32, &Case)>) -> String {
        match piece {
            Piece::Plain(it) => it.clone(),
            Piece::Named(name) => match self.value(name, case, false) {
                Held::Empty => String::new(),
                Held::Text(it) | Held::Number(it) => it,
            },
        }
    }

    fn of_list(&self, nth: usize) -> String {
        let list = &self.plan.list;
        match LIST[nth].0 {
            "name" => list.name.clone(),
            "kind" if list.kind == "reduction" => "减量化".to_owned(),
            "kind" => "二次开发".to_owned(),
            "responsible_unit" => {
                list.responsible_unit.clone().unwrap_or_else(|| "全区".to_owned())
            }
            "note" => list.note.clone().unwrap_or_default(),
            "version" => self.plan.version.map(|it| it.to_string()).unwrap_or_default(),
            _ => self.moment.to_owned(),
        }
    }
}

/// The day as Excel counts: 1 is 1900-01-01, and 1900 has a 29 February that never was.
fn serial(day: chrono::NaiveDate) -> i64 {
    let first = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - first).num_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_excel_does() {
        assert_eq!(serial("2026-12-31".parse().unwrap()), 46_387);
        assert_eq!(serial("1900-03-01".parse().unwrap()), 61);
    }
}
