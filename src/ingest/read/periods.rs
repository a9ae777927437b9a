//! Sheets with periods across: a column for each month, quarter or year of a figure. They become a row for each period, as the
//! tables have them. Only where the headers leave no doubt: they are a period and a name that a field has.

use std::sync::LazyLock;

use regex::Regex;

use crate::ingest::value::Cell;
use crate::ingest::value::plain;

use super::Opened;
use super::Row;
use super::Rows;
use super::Score;

/// Headers that name the period and the year of a row in every table that has them.
const PERIOD: &str = "报告期";
const YEAR: &str = "年份";

/// A period at the beginning or end of a header: `2024年3月`, `3月份`, `一季度`, `2024年`, `2024Q1`.
const TOKEN: &str = r"(?:(?:(?P<year>20\d\d|19\d\d)年?度?[-.]?)?(?:(?P<month>1[0-2]|0?[1-9])月份?|第?(?P<quarter>[一二三四1-4])季度|Q(?P<q>[1-4]))|(?P<whole>20\d\d|19\d\d)(?:年度?)?)";

static BEFORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"^[(\[]?{TOKEN}[)\]]?[-_:\s]*(?P<rest>[^\d].*)?$")).ok());
static AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"^(?P<rest>.*?[^\d\-~至到])[-_:\s]*[(\[]?{TOKEN}[)\]]?$")).ok()
});

/// A period as a header has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Period {
    /// `2024-03`, `3月`, `1季度`, `2024`.
    text: String,
    is_year: bool,
}

/// A header taken apart: its period and what is left.
fn split(header: &str) -> Option<(Period, String)> {
    let text = plain(header);
    let found = [&BEFORE, &AFTER].into_iter().find_map(|it| it.as_ref()?.captures(&text))?;
    let part = |name: &str| found.name(name).map(|it| it.as_str());
    let year = part("year");
    let (text, is_year) = match (part("whole"), part("month"), part("quarter").or(part("q"))) {
        (Some(it), ..) => (it.to_owned(), true),
        (None, Some(month), _) => {
            let month: u32 = month.parse().ok()?;
            (year.map_or_else(|| format!("{month}月"), |it| format!("{it}-{month:02}")), false)
        }
        (None, None, Some(quarter)) => {
            let nth = match quarter {
                "一" | "1" => 1,
                "二" | "2" => 2,
                "三" | "3" => 3,
                _ => 4,
            };
            (year.map_or_else(|| format!("{nth}季度"), |it| format!("{it}Q{nth}")), false)
        }
        _ => return None,
    };
    Some((Period { text, is_year }, part("rest").unwrap_or_default().trim().to_owned()))
}

/// Whether a header is a period and nothing else.
pub(super) fn is_period(header: &str) -> bool {
    split(header).is_some_and(|(_, rest)| rest.is_empty())
}

/// How the columns of a sheet become those of its rows.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The headers after it.
    pub headers: Vec<String>,
    /// Columns that every row keeps.
    kept: Vec<usize>,
    /// For each period the column of each figure.
    periods: Vec<(Period, Vec<Option<usize>>)>,
    figures: Vec<String>,
}

/// How headers with periods across would be turned; `None` where nothing is, or where there is any doubt.
pub(super) fn plan(headers: &[String], score: Score<'_>) -> Option<Plan> {
    let one = |text: &str| score(&[text.to_owned()]);
    let mut figures: Vec<String> = Vec::new();
    let mut periods: Vec<(Period, Vec<Option<usize>>)> = Vec::new();
    let mut kept = Vec::new();
    for (column, header) in headers.iter().enumerate() {
        let Some((period, figure)) =
            split(header).filter(|(_, it)| !it.is_empty() && one(it) > 0 && one(header) == 0)
        else {
            kept.push(column);
            continue;
        };
        let at = figures.iter().position(|it| *it == figure).unwrap_or_else(|| {
            figures.push(figure);
            figures.len() - 1
        });
        let row = periods.iter().position(|(it, _)| *it == period).unwrap_or_else(|| {
            periods.push((period, Vec::new()));
            periods.len() - 1
        });
        let columns = &mut periods[row].1;
        columns.resize(columns.len().max(at + 1), None);
        if columns[at].replace(column).is_some() {
            // The same figure of the same period twice: which of them is meant?
            return None;
        }
    }
    let years = periods.iter().all(|(it, _)| it.is_year);
    if periods.len() < 2 || !years && periods.iter().any(|(it, _)| it.is_year) {
        return None;
    }
    let name = if years { YEAR } else { PERIOD };
    let named: Vec<String> = kept.iter().map(|it| headers[*it].clone()).collect();
    let names_same =
        |a: &str, b: &str| one(a) > 0 && one(b) > 0 && score(&[a.to_owned(), b.to_owned()]) == 1;
    if one(name) == 0 || named.iter().any(|it| names_same(it, name)) {
        return None;
    }
    for (_, columns) in &mut periods {
        columns.resize(figures.len(), None);
    }
    // A yearly total beside its months must not be taken for the month's figure.
    let kept_names = named.into_iter().map(|it| {
        if figures.iter().any(|figure| names_same(&it, figure)) {
            format!("{it} 合计")
        } else {
            it
        }
    });
    let headers: Vec<String> =
        kept_names.chain(figures.iter().cloned()).chain([name.to_owned()]).collect();
    Some(Plan { headers, kept, periods, figures })
}

struct Across {
    inner: Box<dyn Rows>,
    plan: Plan,
}

/// Turns a sheet with periods across into one with a row for each.
pub(super) fn turned(opened: Opened, score: Score<'_>) -> Opened {
    let Some(plan) = plan(&opened.headers, score) else { return opened };
    let periods: Vec<&str> = plan.periods.iter().map(|(it, _)| it.text.as_str()).collect();
    let mut notes = opened.notes;
    notes.push(format!(
        "横排的期间已转为每期一行：{}（{}） / periods across became a row each: {}",
        plan.figures.join("、"),
        periods.join("、"),
        periods.len()
    ));
    Opened {
        headers: plan.headers.clone(),
        // Empty periods make no row, so their number is not known before.
        total: None,
        notes,
        rows: Box::new(Across { inner: opened.rows, plan }),
        ..opened
    }
}

impl Rows for Across {
    fn read(&mut self, sink: &mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let plan = &self.plan;
        self.inner.read(&mut |row| {
            let cell = |at: usize| row.cells.get(at).cloned().unwrap_or_default();
            let kept: Vec<Cell> = plan.kept.iter().map(|at| cell(*at)).collect();
            let mut any = false;
            for (period, columns) in &plan.periods {
                let figures: Vec<Cell> =
                    columns.iter().map(|at| at.map(cell).unwrap_or_default()).collect();
                if figures.iter().all(Cell::is_missing) {
                    continue;
                }
                any = true;
                let mut cells = kept.clone();
                cells.extend(figures);
                cells.push(Cell::Text(period.text.clone()));
                sink(Row { number: row.number, cells, shape: super::Shape::None })?;
            }
            if !any {
                // A note below the table, a total, or a row without figures: what it is the checks say.
                let mut cells = kept;
                cells.resize(plan.headers.len(), Cell::Missing);
                sink(Row { number: row.number, cells, shape: super::Shape::None })?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(header: &str) -> Option<(String, String)> {
        split(header).map(|(period, rest)| (period.text, rest))
    }

    #[test]
    fn periods_in_headers() {
        for (header, period, rest) in [
            ("1月税收", "1月", "税收"),
            ("税收(万元)12月", "12月", "税收(万元)"),
            ("税收（3月）", "3月", "税收"),
            ("2024年3月税收", "2024-03", "税收"),
            ("一季度产值", "1季度", "产值"),
            ("产值第四季度", "4季度", "产值"),
            ("2024年税收(万元)", "2024", "税收(万元)"),
            ("税收(万元)2023", "2023", "税收(万元)"),
            ("2024Q1税收", "2024Q1", "税收"),
            ("12月", "12月", ""),
        ] {
            assert_eq!(parts(header), Some((period.to_owned(), rest.to_owned())), "{header}");
        }
        for header in ["税收", "备注1", "编号20231", "1-6月税收", "税收1-6月", "信用代码"]
        {
            let found = parts(header).filter(|(_, rest)| rest == "税收");
            assert_eq!(found, None, "{header}");
        }
    }

    #[test]
    fn only_headers_without_doubt_are_turned() {
        let score = |headers: &[String]| {
            let known = ["税收(万元)", "信用代码", "年份", "报告期"];
            known.iter().filter(|it| headers.iter().any(|header| header == *it)).count()
        };
        let plan = |headers: &[&str]| {
            let headers: Vec<String> = headers.iter().map(|it| (*it).to_owned()).collect();
            plan(&headers, &score).map(|it| it.headers)
        };
        assert_eq!(
            plan(&["信用代码", "税收(万元)1月", "税收(万元)2月", "税收(万元)"]).unwrap(),
            ["信用代码", "税收(万元) 合计", "税收(万元)", "报告期"]
        );
        assert_eq!(
            plan(&["信用代码", "2023年税收(万元)", "2024年税收(万元)"]).unwrap(),
            ["信用代码", "税收(万元)", "年份"]
        );
        assert_eq!(plan(&["信用代码", "年份", "2023年税收(万元)", "2024年税收(万元)"]), None);
        assert_eq!(plan(&["信用代码", "1月税收(万元)"]), None);
        assert_eq!(plan(&["信用代码", "1月", "2月"]), None);
        assert_eq!(plan(&["信用代码", "1月税收(万元)", "税收(万元)1月", "2月税收(万元)"]), None);
    }
}
