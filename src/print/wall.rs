//! A list on the wall (挂图作战): one sheet with all its parcels on the map, each with the number under which the table beside it
//! says what it is, who answers for it and how far it is.

use crate::error::Result;
use crate::render::Limits;
use crate::render::PATTERNS;
use crate::reuse::Case;
use crate::reuse::columns;

use super::column;
use super::list;
use super::list_map;
use super::list_map::Marks;
use super::list_map::Printing;
use super::list_table::exact;
use super::paper::Paper;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::sheet;

/// How small rows may become to fit, before they are cut.
const SMALLER: [f64; 6] = [1.0, 0.85, 0.72, 0.6, 0.5, 0.42];

/// Parts of the table's width: number, code, name, unit, path, state, 亩, person, date.
const PARTS: [f64; 9] = [0.05, 0.14, 0.22, 0.1, 0.12, 0.08, 0.11, 0.08, 0.1];

/// The sheet as SVG.
pub fn svg(it: &Printing<'_>, paper: Paper) -> Result<String> {
    let factor = paper.layout().factor;
    let margin = 8.0 * factor;
    let (right, foot) = (paper.width - margin, paper.height - margin);
    let (top, bottom) = (margin + 15.0 * factor, foot - 6.0 * factor);
    let column = (paper.width * 0.33).min(paper.width - margin * 2.0 - 60.0 * factor);
    let area = [margin, top, right - margin - column - 4.0 * factor, bottom - top];
    let x = right - column;
    let mut pen = Pen::new(it.fonts);
    let title = list::title(it);
    let mut size = 8.5 * factor;
    let wide = it.fonts.width(&title, size);
    if wide > right - margin {
        size *= (right - margin) / wide;
    }
    let middle = f64::midpoint(margin, right);
    let look = Type::of(size).bold().at(Anchor::Middle);
    pen.text(middle, margin + 9.0 * factor, look, &title);
    let mut definitions = format!("{PATTERNS}{}", sheet::clip("map", area));
    let legend_top;
    if let Some(bbox) = list_map::extent(&it.plan.places) {
        let frame = list_map::around(bbox, area[2], area[3]);
        let marks = Marks::Numbered(4.4 * factor);
        let picture = it.map(&mut pen, ("map", area), &frame, marks, Limits::SHEET)?;
        let entries = sheet::entries(it.app, it.scope, it.subjects, &picture, it.dates)?;
        let dates = sheet::dates(entries.iter().filter_map(|it| it.date.as_deref()));
        legend_top = bottom - 92.0 * factor;
        let half = column / 2.0 - 3.0 * factor;
        let box_of_legend =
            [x, legend_top + 2.0 * factor, half, bottom - legend_top - 2.0 * factor];
        column::legend(&mut pen, box_of_legend, factor, &entries, it.zh);
        let beside = x + column / 2.0 + 3.0 * factor;
        let end = it.paths(&mut pen, [beside, legend_top, half], factor);
        let y = (end + 3.0 * factor).max(bottom - 42.0 * factor);
        it.about(&mut pen, [beside, y, half], factor, (&frame, dates));
    } else {
        legend_top = bottom;
        PATTERNS.clone_into(&mut definitions);
        pen.rect(area, "#f4f6f8", pen::GREY, 0.2);
    }
    rows(it, &mut pen, [x, top, column, legend_top - top - 4.0 * factor], factor);
    it.foot(&mut pen, [margin, top, right, foot], factor, 1, 1);
    Ok(pen::document(paper.width, paper.height, it.fonts, &definitions, &pen.out))
}

fn cells(nth: usize, it: &Case) -> [String; 9] {
    let name = it.enterprise_name.as_ref().or(it.name.as_ref());
    [
        (nth + 1).to_string(),
        it.case_code.clone(),
        name.cloned().unwrap_or_else(|| it.parcel_code.clone()),
        it.responsible_unit.clone().unwrap_or_default(),
        columns::path(it),
        columns::state(it),
        exact(it.plan_area_mu.unwrap_or(it.area_mu)),
        it.person.clone().unwrap_or_default(),
        it.plan_finish.map(|it| it.to_string()).unwrap_or_default(),
    ]
}

/// The table of what the numbers mean, as large as fits; what does not fit is counted, not left out in silence.
fn rows(it: &Printing<'_>, pen: &mut Pen<'_>, [x, y, width, height]: [f64; 4], factor: f64) {
    let all = it.plan.cases.len();
    let tall = |smaller: f64| 4.4 * factor * smaller;
    let fits = |smaller: f64| {
        // Headings and sums are rows, too.
        let room = (height / tall(smaller)).floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some hundreds"
        )]
        let rows = (room.max(2.0) as usize).saturating_sub(2);
        rows
    };
    let smaller = SMALLER.into_iter().find(|it| fits(*it) >= all).unwrap_or(0.42);
    let shown = if fits(smaller) >= all { all } else { fits(smaller).saturating_sub(1) };
    let (tall, size) = (tall(smaller), 2.6 * factor * smaller);
    let heads = if it.zh {
        [
            "序号",
            "台账编码",
            "企业 / 地块",
            "责任单位",
            "处置路径",
            "状态",
            "计划面积（亩）",
            "责任人",
            "计划完成",
        ]
    } else {
        [
            "No.",
            "Case",
            "Enterprise / parcel",
            "Unit",
            "Path",
            "State",
            "Planned (mu)",
            "Person",
            "Finish",
        ]
    };
    pen.rect([x, y, width, tall], "#e8edf2", pen::INK, 0.2);
    line(pen, [x, y, width, tall], &heads.map(ToOwned::to_owned), Type::of(size).bold());
    let mut top = y + tall;
    for (nth, case) in it.plan.cases.iter().take(shown).enumerate() {
        line(pen, [x, top, width, tall], &cells(nth, case), Type::of(size));
        let fill = list_map::color(case.path.as_deref());
        pen.rect(
            [x - 1.2 * factor, top + tall * 0.15, 0.9 * factor, tall * 0.7],
            fill,
            "none",
            0.0,
        );
        top += tall;
        pen.line((x, top), (x + width, top), "#d9dee3", 0.15);
    }
    if shown < all {
        let left = all - shown;
        let text = if it.zh {
            format!("另有 {left} 宗未列出，见清单 PDF")
        } else {
            format!("{left} more are in the PDF of the list")
        };
        pen.text(x + 1.0 * factor, top + tall * 0.72, Type::of(size).grey(), &text);
        top += tall;
    }
    let total = &it.plan.total;
    let sums = if it.zh {
        format!(
            "合计 {} 宗 · 占地 {} 亩 · 计划 {} 亩 · 验收 {} 亩",
            total.cases,
            exact(total.area_mu),
            exact(total.plan_area_mu),
            exact(total.counted_mu)
        )
    } else {
        format!(
            "{} parcels · {} mu · planned {} mu · counted {} mu",
            total.cases,
            exact(total.area_mu),
            exact(total.plan_area_mu),
            exact(total.counted_mu)
        )
    };
    pen.text(x + 1.0 * factor, top + tall * 0.78, Type::of(size * 1.15).bold(), &sums);
}

/// One row; a text that is wider than its column becomes smaller, down to half, and is cut then.
fn line(pen: &mut Pen<'_>, [x, y, width, tall]: [f64; 4], cells: &[String; 9], look: Type) {
    let mut left = x;
    for (cell, part) in cells.iter().zip(PARTS) {
        let wide = width * part;
        let room = wide - look.size * 0.4;
        let mut text = pen.fonts.written(cell).into_owned();
        let mut size = look.size;
        let is = pen.fonts.width(&text, size);
        if is > room {
            size *= (room / is).max(0.5);
            while pen.fonts.width(&text, size) > room && text.chars().count() > 1 {
                text.pop();
                text.pop();
                text.push('…');
            }
        }
        pen.text(left + look.size * 0.2, y + tall * 0.68, Type { size, ..look }, &text);
        left += wide;
    }
}
