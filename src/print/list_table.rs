//! The table of a work plan (工作计划表): its columns, how tall its rows are, and its sums. Figures are written with all their
//! digits, so that what is added up on paper is what the API says.

use rust_decimal::Decimal;

use crate::font::Fonts;
use crate::reuse::Case;
use crate::reuse::Totals;
use crate::reuse::columns;

use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;

/// Lines of one cell at most; the workbook has every text whole.
const LINES: usize = 6;

type Of = fn(&Case) -> Vec<String>;
type Sum = fn(&Totals) -> Vec<Decimal>;

/// A column: headings, its part of the width, what stands in a row and under all rows.
pub struct Column {
    zh: &'static str,
    en: &'static str,
    part: f64,
    of: Of,
    sum: Option<Sum>,
}

const fn column(zh: &'static str, en: &'static str, part: f64, of: Of, sum: Option<Sum>) -> Column {
    Column { zh, en, part, of, sum }
}

/// A figure with all its digits and none more.
pub fn exact(it: Decimal) -> String {
    it.normalize().to_string()
}

fn texts(all: &[Option<&String>]) -> Vec<String> {
    all.iter().map(|it| it.cloned().unwrap_or_default()).collect()
}

fn figures(all: &[Option<Decimal>]) -> Vec<String> {
    all.iter().map(|it| it.map(exact).unwrap_or_default()).collect()
}

fn span(from: Option<chrono::NaiveDate>, to: Option<chrono::NaiveDate>) -> String {
    match (from, to) {
        (None, None) => String::new(),
        (from, to) => {
            let day =
                |it: Option<chrono::NaiveDate>| it.map(|it| it.to_string()).unwrap_or_default();
            format!("{}–{}", day(from), day(to))
        }
    }
}

const COLUMNS: [Column; 18] = [
    column(
        "台账编码\n地块编码",
        "Case\nParcel",
        7.2,
        |it| vec![it.case_code.clone(), it.parcel_code.clone()],
        None,
    ),
    column(
        "企业名称\n地块名称",
        "Enterprise\nParcel name",
        8.6,
        |it| texts(&[it.enterprise_name.as_ref(), it.name.as_ref()]),
        None,
    ),
    column("责任单位", "Unit", 4.4, |it| texts(&[it.responsible_unit.as_ref()]), None),
    column("区块", "Class", 3.2, |it| texts(&[it.block_class.as_ref()]), None),
    column(
        "占地面积\n（亩）",
        "Area\n(mu)",
        5.2,
        |it| vec![exact(it.area_mu)],
        Some(|it| vec![it.area_mu]),
    ),
    column(
        "亩均税收\n上年/上上年",
        "Tax per mu\nlast/before",
        5.2,
        |it| figures(&[it.tax_wan_per_mu, it.tax_wan_per_mu_prev1]),
        None,
    ),
    column("状态", "State", 3.6, |it| vec![columns::state(it)], None),
    column(
        "处置路径\n处置措施",
        "Path\nMeasures",
        7.0,
        |it| vec![columns::path(it), it.measures.clone().unwrap_or_default()],
        None,
    ),
    column(
        "规划用途\n引进项目",
        "Planned use\nProject",
        6.0,
        |it| texts(&[it.use_planned.as_ref(), it.project.as_ref()]),
        None,
    ),
    column(
        "计划面积\n（亩）",
        "Planned\n(mu)",
        5.2,
        |it| figures(&[it.plan_area_mu]),
        Some(|it| vec![it.plan_area_mu]),
    ),
    column(
        "处置面积\n剩余面积",
        "Disposed\nRemaining",
        5.2,
        |it| figures(&[Some(it.disposed_mu), Some(it.remaining_mu)]),
        Some(|it| vec![it.disposed_mu, it.remaining_mu]),
    ),
    column(
        "验收面积\n（亩）",
        "Counted\n(mu)",
        5.0,
        |it| vec![exact(it.counted_mu)],
        Some(|it| vec![it.counted_mu]),
    ),
    column(
        "计划起止\n实际起止",
        "Planned dates\nActual dates",
        6.6,
        |it| vec![span(it.plan_start, it.plan_finish), span(it.started_on, it.finished_on)],
        None,
    ),
    column("节点安排", "Milestones", 7.6, |it| vec![columns::nodes(it)], None),
    column(
        "投资（万元）\n计划/实际",
        "Investment\nplanned/actual",
        5.2,
        |it| figures(&[it.investment_plan_wan, it.investment_actual_wan]),
        Some(|it| vec![it.investment_plan_wan, it.investment_actual_wan]),
    ),
    column(
        "腾出能耗\n（吨标煤）",
        "Energy freed\n(tce)",
        4.8,
        |it| figures(&[it.energy_freed_tce]),
        Some(|it| vec![it.energy_freed_tce]),
    ),
    column(
        "责任领导\n责任人",
        "Leader\nPerson",
        4.4,
        |it| texts(&[it.leader.as_ref(), it.person.as_ref()]),
        None,
    ),
    column(
        "问题 · 依据 · 备注",
        "Problem · basis · note",
        8.0,
        |it| {
            texts(&[
                it.problem_kind.as_ref(),
                it.problem.as_ref(),
                it.basis.as_ref(),
                it.note.as_ref(),
            ])
        },
        None,
    ),
];

/// Millimetres of a small map in a row of A4.
const MAP: [f64; 2] = [24.0, 17.0];

/// The table on a page of that width.
pub struct Table {
    x: f64,
    width: f64,
    factor: f64,
    /// A small map stands in every row.
    pub maps: bool,
    zh: bool,
}

impl Table {
    pub const fn new(x: f64, width: f64, factor: f64, maps: bool, zh: bool) -> Self {
        Self { x, width, factor, maps, zh }
    }

    const fn size(&self) -> f64 {
        1.95 * self.factor
    }

    /// Where each column begins and how wide it is; first the number, last the map where there is one.
    fn columns(&self) -> Vec<[f64; 2]> {
        let number = 5.5 * self.factor;
        let map = if self.maps { (MAP[0] + 1.0) * self.factor } else { 0.0 };
        let room = self.width - number - map;
        let all: f64 = COLUMNS.iter().map(|it| it.part).sum();
        let mut left = self.x;
        let mut next = |wide: f64| {
            left += wide;
            [left - wide, wide]
        };
        let mut columns = vec![next(number)];
        columns.extend(COLUMNS.iter().map(|it| it.part / all * room).map(&mut next));
        if self.maps {
            columns.push(next(map));
        }
        columns
    }

    /// The lines of a cell as they are broken.
    fn lines(&self, fonts: &Fonts, texts: &[String], width: f64) -> Vec<String> {
        let room = width - 0.9 * self.factor;
        let mut lines: Vec<String> = texts
            .iter()
            .filter(|it| !it.trim().is_empty())
            .flat_map(|it| broken(fonts, &fonts.written(it), self.size(), room))
            .collect();
        if lines.len() > LINES {
            lines.truncate(LINES);
            if let Some(last) = lines.last_mut() {
                last.pop();
                last.push('…');
            }
        }
        lines
    }

    fn cells(&self, fonts: &Fonts, nth: usize, case: &Case) -> Vec<Vec<String>> {
        let columns = self.columns();
        let mut cells = vec![vec![(nth + 1).to_string()]];
        let texts = COLUMNS.iter().zip(&columns[1..]);
        cells.extend(texts.map(|(it, [_, wide])| self.lines(fonts, &(it.of)(case), *wide)));
        cells
    }

    fn tall(&self, cells: &[Vec<String>]) -> f64 {
        let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let text = lines as f64 * self.size() * 1.25 + 1.2 * self.factor;
        if self.maps { text.max((MAP[1] + 1.2) * self.factor) } else { text }
    }

    /// How tall a row is.
    pub fn height(&self, fonts: &Fonts, nth: usize, case: &Case) -> f64 {
        self.tall(&self.cells(fonts, nth, case))
    }

    /// How tall headings are, and how tall the sums.
    pub fn head_height(&self) -> f64 {
        9.5 * self.factor
    }

    pub fn foot_height(&self) -> f64 {
        7.5 * self.factor
    }

    /// The headings; they stand on every page.
    pub fn head(&self, pen: &mut Pen<'_>, y: f64) {
        let tall = self.head_height();
        pen.rect([self.x, y, self.width, tall], "#e8edf2", pen::INK, 0.2);
        let heads = std::iter::once(self.word("序号", "No."))
            .chain(COLUMNS.iter().map(|it| self.word(it.zh, it.en)));
        let map = self.maps.then(|| self.word("位置", "Map"));
        for (text, [x, wide]) in heads.chain(map).zip(self.columns()) {
            let room = wide - 0.6 * self.factor;
            let lines: Vec<String> = text
                .split('\n')
                .flat_map(|it| broken(pen.fonts, it, self.size(), room))
                .take(4)
                .collect();
            self.write(
                pen,
                &lines,
                [x, y, wide, tall],
                Type::of(self.size()).bold().at(Anchor::Middle),
            );
        }
        self.rules(pen, y, tall);
    }

    /// A row; the box of its map, where it has one.
    pub fn row(&self, pen: &mut Pen<'_>, y: f64, nth: usize, case: &Case) -> Option<[f64; 4]> {
        let cells = self.cells(pen.fonts, nth, case);
        let tall = self.tall(&cells);
        let columns = self.columns();
        for ((cell, [x, wide]), place) in cells.iter().zip(&columns).zip(0..) {
            let is_figure = place > 0 && COLUMNS[place - 1].sum.is_some();
            let anchor = if is_figure { Anchor::End } else { Anchor::Start };
            self.write(pen, cell, [*x, y, *wide, tall], Type::of(self.size()).at(anchor));
        }
        self.rules(pen, y, tall);
        pen.line((self.x, y + tall), (self.x + self.width, y + tall), pen::GREY, 0.15);
        let [x, wide] = *columns.last().filter(|_| self.maps)?;
        let edge = 0.6 * self.factor;
        Some([x + edge, y + edge, wide - edge * 2.0, tall - edge * 2.0])
    }

    /// The sums of all pages.
    pub fn foot(&self, pen: &mut Pen<'_>, y: f64, total: &Totals) {
        let tall = self.foot_height();
        pen.rect([self.x, y, self.width, tall], "#f4f6f8", pen::INK, 0.3);
        let columns = self.columns();
        let name = if self.zh {
            format!("合计 {} 宗", total.cases)
        } else {
            format!("Total of {}", total.cases)
        };
        let look = Type::of(self.size() * 1.1).bold();
        pen.text(self.x + 1.0 * self.factor, y + tall * 0.6, look, &name);
        for (column, [x, wide]) in COLUMNS.iter().zip(&columns[1..]) {
            let Some(sum) = column.sum else { continue };
            let cells: Vec<String> = sum(total).into_iter().map(exact).collect();
            let look = Type::of(self.size()).bold().at(Anchor::End);
            self.write(pen, &cells, [*x, y, *wide, tall], look);
        }
    }

    const fn word(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.zh { zh } else { en }
    }

    /// Lines in the middle of a box. A figure that is wider than its column becomes smaller, and is never cut.
    fn write(&self, pen: &mut Pen<'_>, lines: &[String], area: [f64; 4], look: Type) {
        let [x, y, wide, tall] = area;
        let edge = 0.5 * self.factor;
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let all = lines.len() as f64 * look.size * 1.25;
        let mut top = y + (tall - all) / 2.0;
        for line in lines {
            let is = pen.fonts.width(line, look.size);
            let size = if is > wide - edge { look.size * (wide - edge) / is } else { look.size };
            let at = match look.anchor {
                Anchor::Start => x + edge,
                Anchor::Middle => x + wide / 2.0,
                Anchor::End => x + wide - edge,
            };
            pen.text(at, top + look.size * 0.98, Type { size, ..look }, line);
            top += look.size * 1.25;
        }
    }

    fn rules(&self, pen: &mut Pen<'_>, y: f64, tall: f64) {
        for [x, _] in self.columns() {
            pen.line((x, y), (x, y + tall), "#b6c0ca", 0.1);
        }
        let right = self.x + self.width;
        pen.line((right, y), (right, y + tall), "#b6c0ca", 0.1);
    }
}

/// A text in lines; a word that is wider than a line is broken, but for figures, which are made smaller.
fn broken(fonts: &Fonts, text: &str, size: f64, width: f64) -> Vec<String> {
    let is_figure = |it: &str| it.parse::<Decimal>().is_ok();
    let mut lines = Vec::new();
    for line in fonts.lines(text, size, width) {
        if is_figure(&line) || fonts.width(&line, size) <= width {
            lines.push(line);
            continue;
        }
        let mut part = String::new();
        for sign in line.chars() {
            part.push(sign);
            if fonts.width(&part, size) > width && part.chars().count() > 1 {
                part.pop();
                lines.push(std::mem::take(&mut part));
                part.push(sign);
            }
        }
        lines.push(part);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_width_and_figures_keep_their_digits() {
        for maps in [true, false] {
            let table = Table::new(8.0, 280.0, 1.0, maps, true);
            let columns = table.columns();
            let [x, wide] = columns.last().unwrap();
            assert!((x + wide - 288.0).abs() < 1e-9);
            assert_eq!(columns.len(), COLUMNS.len() + 1 + usize::from(maps));
        }
        assert_eq!(exact("12.345600".parse().unwrap()), "12.3456");
        assert_eq!(exact("20.000000".parse().unwrap()), "20");
        assert_eq!(exact(Decimal::from(1200)), "1200");
        let fonts = Fonts::load(None).unwrap();
        assert_eq!(broken(&fonts, "123456789.123456", 2.0, 5.0), ["123456789.123456"]);
        assert!(broken(&fonts, "JD-LONG-PARCEL-CODE-0001", 2.0, 10.0).len() > 1);
    }
}
