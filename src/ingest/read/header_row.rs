//! Which row of a sheet holds the headers. Office tables begin with a title and a "单位：万元" line, and headers may take two
//! rows with merged cells; the row whose words name the most fields is the one.

use super::Score;
use super::periods;
use crate::ingest::header::normal;
use crate::ingest::unit;

/// Rows among which the headers are looked for.
pub(super) const WITHIN: usize = 10;

/// The headers and the position of the first row below them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub headers: Vec<String>,
    pub data_from: usize,
}

/// Finds the headers in the first rows. Without any match the first row that is mostly filled is taken, so that the error
/// about missing columns can name what stands there.
pub(super) fn find(rows: &[Vec<String>], score: Score<'_>) -> Option<Found> {
    let mut best: Option<(usize, Found)> = None;
    for at in 0..rows.len().min(WITHIN) {
        let single = Found { headers: trimmed(&rows[at]), data_from: at + 1 };
        let mut candidates = vec![single];
        if let Some(lower) = rows.get(at + 1).filter(|_| at + 1 < WITHIN) {
            let whole = joined(&rows[at], lower, score);
            candidates.push(Found { headers: crossed(&rows[at], lower), data_from: at + 2 });
            if let Some(lowest) = rows.get(at + 2).filter(|_| at + 2 < WITHIN) {
                candidates.push(Found { headers: crossed(&whole, lowest), data_from: at + 3 });
                candidates
                    .push(Found { headers: joined(&whole, lowest, score), data_from: at + 3 });
            }
            candidates.insert(1, Found { headers: whole, data_from: at + 2 });
        }
        for it in candidates {
            // Periods across name a field more: the period itself.
            let turned = periods::plan(&it.headers, score);
            let fits = score(turned.as_ref().map_or(&it.headers, |it| &it.headers));
            // A later or taller candidate must be better, not only as good.
            if fits > 0 && best.as_ref().is_none_or(|(most, _)| fits > *most) {
                best = Some((fits, it));
            }
        }
    }
    if let Some((_, found)) = best {
        return Some(found);
    }
    let filled = |row: &Vec<String>| row.iter().filter(|it| !it.is_empty()).count();
    let widest = rows.iter().take(WITHIN).map(filled).max().filter(|it| *it > 0)?;
    let at = rows.iter().position(|it| filled(it) * 2 >= widest)?;
    Some(Found { headers: trimmed(&rows[at]), data_from: at + 1 })
}

fn trimmed(row: &[String]) -> Vec<String> {
    row.iter().map(|it| it.trim().to_owned()).collect()
}

/// Two header rows as one. An empty cell above continues the merged one to its left; a unit below belongs to the name above.
fn joined(upper: &[String], lower: &[String], score: Score<'_>) -> Vec<String> {
    let width = upper.len().max(lower.len());
    let cell = |row: &[String], at: usize| row.get(at).map_or("", |it| it.trim()).to_owned();
    let mut above = String::new();
    (0..width)
        .map(|at| {
            let (own, below) = (cell(upper, at), cell(lower, at));
            if !own.is_empty() {
                above.clone_from(&own);
            }
            if below.is_empty() {
                return own;
            }
            if unit::is_known(&normal(&below)) {
                return format!("{above}({below})");
            }
            // 税收 over (万元), or 基本情况 over 企业名称.
            let whole = format!("{above}{below}");
            if score(std::slice::from_ref(&whole)) > 0
                || score(std::slice::from_ref(&below)) == 0 && !own.is_empty()
            {
                whole
            } else {
                below
            }
        })
        .collect()
}

/// Two header rows of which one has periods: 税收 over 1月, 2月 … or 1月 over 税收, 产值.
fn crossed(upper: &[String], lower: &[String]) -> Vec<String> {
    let width = upper.len().max(lower.len());
    let cell = |row: &[String], at: usize| row.get(at).map_or("", |it| it.trim()).to_owned();
    let mut above = String::new();
    (0..width)
        .map(|at| {
            let (own, below) = (cell(upper, at), cell(lower, at));
            if !own.is_empty() {
                above.clone_from(&own);
            }
            let across = periods::is_period(&below) || periods::is_period(&above);
            match (below.is_empty(), across) {
                (true, _) => own,
                (false, true) => format!("{above}{below}"),
                (false, false) => below,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[&[&str]]) -> Vec<Vec<String>> {
        text.iter().map(|row| row.iter().map(|it| (*it).to_owned()).collect()).collect()
    }

    fn score(headers: &[String]) -> usize {
        let known = ["统一社会信用代码", "企业名称", "税收(万元)", "用地(亩)", "年份"];
        headers.iter().filter(|it| known.contains(&it.as_str())).count()
    }

    #[test]
    fn titles_above_the_headers_are_passed_over() {
        let found = find(
            &rows(&[
                &["2025年企业亩均评价表", "", ""],
                &["单位：万元", "", ""],
                &["统一社会信用代码", "企业名称", "年份"],
                &["9131", "某厂", "2025"],
            ]),
            &score,
        )
        .unwrap();
        assert_eq!(found.data_from, 3);
    }

    #[test]
    fn headers_in_two_rows_are_joined() {
        let found = find(
            &rows(&[
                &["统一社会信用代码", "企业名称", "指标", ""],
                &["", "", "税收(万元)", "用地(亩)"],
                &["9131", "某厂", "1", "2"],
            ]),
            &score,
        )
        .unwrap();
        assert_eq!(found.data_from, 2);
        assert_eq!(found.headers, ["统一社会信用代码", "企业名称", "税收(万元)", "用地(亩)"]);
    }

    #[test]
    fn a_row_of_units_belongs_to_the_names_above() {
        let found = find(
            &rows(&[&["企业名称", "税收", "用地"], &["", "万元", "亩"], &["某厂", "1", "2"]]),
            &score,
        )
        .unwrap();
        assert_eq!(found.headers, ["企业名称", "税收(万元)", "用地(亩)"]);
        assert_eq!(found.data_from, 2);
    }

    #[test]
    fn without_any_match_the_filled_row_is_taken() {
        let found = find(&rows(&[&["甲", "", ""], &["a", "b", "c"], &["1", "2", "3"]]), &score);
        assert_eq!(found.unwrap().headers, ["a", "b", "c"]);
        assert_eq!(find(&rows(&[&["", ""]]), &score), None);
    }
}
