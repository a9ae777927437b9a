//! A list as a work plan (工作计划表) over pages: an overview map with the sums, then the table with its headings on every page
//! and the sums under the last row.

use std::ops::Range;

use crate::error::Error;
use crate::error::Result;
use crate::render::Limits;
use crate::render::PATTERNS;
use crate::render::output::Pages;

use super::list_map;
use super::list_map::Marks;
use super::list_map::Printing;
use super::list_table::Table;
use super::paper::Paper;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::sheet;

/// Pages of one file at most.
const PAGES: usize = 600;
/// Rows that have a small map where nobody says.
pub const WITH_MAPS: usize = 60;
/// Small maps of one file at most.
const MAPS: usize = 500;

/// Where things stand on a page.
struct Sides {
    factor: f64,
    margin: f64,
    right: f64,
    top: f64,
    foot: f64,
}

impl Sides {
    fn new(paper: Paper) -> Self {
        let factor = paper.layout().factor;
        let margin = 8.0 * factor;
        let (right, foot) = (paper.width - margin, paper.height - margin);
        Self { factor, margin, right, top: margin + 8.0 * factor, foot }
    }

    /// Where tables end.
    fn bottom(&self) -> f64 {
        self.foot - 5.5 * self.factor
    }
}

/// The file.
pub fn pdf(it: &Printing<'_>, paper: Paper, maps: bool) -> Result<Vec<u8>> {
    if maps && it.plan.cases.len() > MAPS {
        let why = format!(
            "至多 {MAPS} 幅小图：请用 maps=none / at most {MAPS} small maps: use maps=none"
        );
        return Err(Error::parameter("maps", why));
    }
    let sides = Sides::new(paper);
    let table = Table::new(sides.margin, sides.right - sides.margin, sides.factor, maps, it.zh);
    let pages = paginated(it, &table, &sides);
    let count = pages.len() + 1;
    if count > PAGES {
        let (zh, en) = if paper.width > 400.0 { ("", "") } else { ("用 A3，或", "use A3, or ") };
        let why = format!(
            "共 {count} 页，超过 {PAGES} 页：请{zh}按 state、responsible_unit、path 缩小 / {count} pages, and at most {PAGES}: {en}narrow by `state`, `responsible_unit`, `path`"
        );
        return Err(Error::parameter("paper", why));
    }
    let mut file = Pages::new(it.fonts);
    file.add(&cover(it, paper, &sides, count)?)?;
    for (nth, rows) in pages.iter().enumerate() {
        let is_last = nth + 1 == pages.len();
        file.add(&rows_page(it, paper, &sides, &table, (rows.clone(), nth + 2, count, is_last))?)?;
    }
    Ok(file.finish())
}

/// Which rows stand on which page; the sums stand on the last, under headings of their own if need be.
fn paginated(it: &Printing<'_>, table: &Table, sides: &Sides) -> Vec<Range<usize>> {
    let room = sides.bottom() - sides.top - table.head_height();
    let mut pages = Vec::new();
    let (mut first, mut used) = (0, 0.0);
    for (nth, case) in it.plan.cases.iter().enumerate() {
        let tall = table.height(it.fonts, nth, case);
        if used + tall > room && nth > first {
            pages.push(first..nth);
            (first, used) = (nth, 0.0);
        }
        used += tall;
    }
    let end = it.plan.cases.len();
    pages.push(first..end);
    if used + table.foot_height() > room {
        pages.push(end..end);
    }
    pages
}

fn document(it: &Printing<'_>, paper: Paper, definitions: &str, pen: &Pen<'_>) -> String {
    let definitions = format!("{PATTERNS}{definitions}");
    pen::document(paper.width, paper.height, it.fonts, &definitions, &pen.out)
}

/// The line under a title: year, unit, moment.
fn under(it: &Printing<'_>) -> String {
    let list = &it.plan.list;
    let unit = list.responsible_unit.as_deref().unwrap_or(it.say("全区", "the district"));
    let year = if it.zh { " 年" } else { "" };
    format!("{}{year} · {unit} · {}", list.year, it.moment())
}

/// What it is called: 二次开发 or 减量化.
pub fn title(it: &Printing<'_>) -> String {
    let list = &it.plan.list;
    let kind = match (list.kind.as_str(), it.zh) {
        ("reduction", true) => "减量化工作计划表",
        (_, true) => "二次开发工作计划表",
        ("reduction", false) => "reduction work plan",
        (_, false) => "renewal work plan",
    };
    if list.name.contains("工作计划表") {
        list.name.clone()
    } else {
        format!("{} · {kind}", list.name)
    }
}

fn heading(pen: &mut Pen<'_>, sides: &Sides, text: &str, size: f64, y: f64) {
    let room = sides.right - sides.margin;
    let is = pen.fonts.width(text, size);
    let size = if is > room { size * room / is } else { size };
    pen.text(
        f64::midpoint(sides.margin, sides.right),
        y,
        Type::of(size).bold().at(Anchor::Middle),
        text,
    );
}

fn cover(it: &Printing<'_>, paper: Paper, sides: &Sides, count: usize) -> Result<String> {
    let factor = sides.factor;
    let mut pen = Pen::new(it.fonts);
    heading(&mut pen, sides, &title(it), 7.0 * factor, sides.margin + 6.5 * factor);
    heading(&mut pen, sides, &under(it), 3.2 * factor, sides.margin + 11.5 * factor);
    let top = sides.margin + 14.5 * factor;
    let column = 74.0 * factor;
    let area = [
        sides.margin,
        top,
        sides.right - sides.margin - column - 5.0 * factor,
        sides.bottom() - top,
    ];
    let x = sides.right - column;
    let mut end = it.sums(&mut pen, [x, top, column], factor);
    end = it.paths(&mut pen, [x, end + 3.0 * factor, column], factor);
    if let Some(bbox) = list_map::extent(&it.plan.places) {
        let frame = list_map::around(bbox, area[2], area[3]);
        let marks = Marks::Numbered(4.0 * factor);
        let picture = it.map(&mut pen, ("map", area), &frame, marks, Limits::SHEET)?;
        let entries = sheet::entries(it.app, it.scope, it.subjects, &picture, it.dates)?;
        let dates = sheet::dates(entries.iter().filter_map(|it| it.date.as_deref()));
        let y = (end + 2.0 * factor).max(sides.bottom() - 44.0 * factor);
        it.about(&mut pen, [x, y, column], factor, (&frame, dates));
    } else {
        pen.rect(area, "#f4f6f8", pen::GREY, 0.2);
        let look = Type::of(4.0 * factor).grey().at(Anchor::Middle);
        let text = it.say("清单中没有地块", "There is no parcel in the list");
        pen.text(area[0] + area[2] / 2.0, area[1] + area[3] / 2.0, look, text);
    }
    it.foot(&mut pen, [sides.margin, top, sides.right, sides.foot], factor, 1, count);
    Ok(document(it, paper, &sheet::clip("map", area), &pen))
}

fn rows_page(
    it: &Printing<'_>,
    paper: Paper,
    sides: &Sides,
    table: &Table,
    (rows, page, count, is_last): (Range<usize>, usize, usize, bool),
) -> Result<String> {
    let factor = sides.factor;
    let mut pen = Pen::new(it.fonts);
    let mut definitions = String::new();
    let base = sides.margin + 4.5 * factor;
    pen.text(sides.margin, base, Type::of(3.6 * factor).bold(), &title(it));
    let look = Type::of(2.6 * factor).grey().at(Anchor::End);
    pen.text(sides.right, base, look, &under(it));
    table.head(&mut pen, sides.top);
    let mut top = sides.top + table.head_height();
    for nth in rows {
        let case = &it.plan.cases[nth];
        let tall = table.height(it.fonts, nth, case);
        if let Some(area) = table.row(&mut pen, top, nth, case)
            && let Some(place) = it.plan.places.get(nth)
        {
            let id = format!("m{nth}");
            let frame = list_map::around(place.bbox(), area[2], area[3]);
            it.map(&mut pen, (&id, area), &frame, Marks::Only(nth), Limits::SCREEN)?;
            definitions += &sheet::clip(&id, area);
        }
        top += tall;
    }
    if is_last {
        table.foot(&mut pen, top, &it.plan.total);
    }
    it.foot(&mut pen, [sides.margin, sides.top, sides.right, sides.foot], factor, page, count);
    Ok(document(it, paper, &definitions, &pen))
}
