//! The column beside a map: its legend with rows and land of each class, and what the map says of itself.

use rust_decimal::Decimal;

use crate::layer::Text;
use crate::measure::shown;
use crate::render::legend;
use crate::render::legend::Legend;
use crate::render::legend::Row;

use super::ornament::grouped;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;

/// One layer in the legend.
#[derive(Clone, Debug)]
pub struct Entry {
    pub legend: Legend,
    /// Of its rows, as `2026-11-20`.
    pub date: Option<String>,
}

/// How small a legend may become to fit, before it is cut.
const SMALLER: [f64; 5] = [1.0, 0.88, 0.78, 0.68, 0.6];

/// Lengths of a legend in millimetres.
#[derive(Clone, Copy)]
struct Sizes {
    title: f64,
    label: f64,
    small: f64,
    swatch: [f64; 2],
    gap: f64,
}

impl Sizes {
    fn new(factor: f64) -> Self {
        Self {
            title: 3.1 * factor,
            label: 2.7 * factor,
            small: 2.2 * factor,
            swatch: [6.0 * factor, 3.3 * factor],
            gap: 1.0 * factor,
        }
    }
}

/// Draws the legend into a box, as large as fits; entries that do not fit are counted, not left out in silence.
pub fn legend(pen: &mut Pen<'_>, area: [f64; 4], factor: f64, entries: &[Entry], zh: bool) {
    let [x, y, width, height] = area;
    let head = if zh { "图例" } else { "Legend" };
    pen.text(x, y + 3.6 * factor, Type::of(4.0 * factor).bold(), head);
    let top = y + 6.0 * factor;
    for (nth, smaller) in SMALLER.into_iter().enumerate() {
        let mut trial = Pen::new(pen.fonts);
        let end =
            write(&mut trial, [x, top, width, f64::INFINITY], factor * smaller, entries, zh).0;
        let fits = end <= y + height;
        if fits || nth + 1 == SMALLER.len() {
            if fits {
                pen.out += &trial.out;
                return;
            }
            let room = height - 6.0 * factor - 4.0 * factor;
            let (end, left) = write(pen, [x, top, width, room], factor * smaller, entries, zh);
            let more = if zh {
                format!("另有 {left} 个图层的图例未列出")
            } else {
                format!("Legends of {left} more layers are not shown")
            };
            pen.text(x, end + 3.0 * factor, Type::of(2.2 * factor).grey(), &more);
        }
    }
}

/// Writes entries as long as they fit; where they end, and how many did not.
fn write(
    pen: &mut Pen<'_>,
    [x, y, width, height]: [f64; 4],
    factor: f64,
    entries: &[Entry],
    zh: bool,
) -> (f64, usize) {
    let sizes = Sizes::new(factor);
    let mut top = y;
    for (nth, entry) in entries.iter().enumerate() {
        let mut one = Pen::new(pen.fonts);
        let end = layer(&mut one, [x, top, width], sizes, entry, zh);
        if end > y + height {
            return (top, entries.len() - nth);
        }
        pen.out += &one.out;
        top = end + sizes.gap;
    }
    (top, 0)
}

fn said(text: &Text, zh: bool) -> &str {
    if zh { &text.zh } else { &text.en }
}

fn layer(pen: &mut Pen<'_>, [x, y, width]: [f64; 3], sizes: Sizes, entry: &Entry, zh: bool) -> f64 {
    let legend = &entry.legend;
    let mut title = said(&legend.title, zh).to_owned();
    if legend.filtered {
        title += if zh { "（已筛选）" } else { " (filtered)" };
    }
    // A layer of one look and without classes is one row under its own name.
    if let [only] = legend.rows.as_slice() {
        return row(pen, [x, y, width], sizes, legend, only, &title, zh);
    }
    let mut top = pen.lines([x, y, width], Type::of(sizes.title).bold(), &title, 2);
    for it in &legend.rows {
        if it.count == Some(0) {
            continue;
        }
        top = row(pen, [x, top, width], sizes, legend, it, said(&it.label, zh), zh);
    }
    top
}

fn row(
    pen: &mut Pen<'_>,
    [x, y, width]: [f64; 3],
    sizes: Sizes,
    legend: &Legend,
    row: &Row,
    label: &str,
    zh: bool,
) -> f64 {
    let [wide, tall] = sizes.swatch;
    let text = x + wide + sizes.gap * 1.5;
    pen.out += &legend::swatch(legend.geometry, row, [x, y + sizes.gap * 0.3, wide, tall]);
    let label_look = Type::of(sizes.label);
    let counts = counts(row, zh);
    let small = Type::of(sizes.small).grey();
    let room = width - (text - x);
    let beside = pen.fonts.width(label, sizes.label)
        + pen.fonts.width(&counts, sizes.small)
        + sizes.gap * 2.0
        <= room;
    let mut end = pen.lines([text, y + sizes.gap * 0.4, room], label_look, label, 3);
    if !counts.is_empty() {
        if beside {
            pen.text(
                x + width,
                y + sizes.gap * 0.4 + sizes.label * 0.86,
                small.at(Anchor::End),
                &counts,
            );
        } else {
            pen.text(text, end + sizes.small * 0.8, small, &counts);
            end += sizes.small * 1.3;
        }
    }
    end.max(y + tall + sizes.gap)
}

/// Rows and land, as people read them.
fn counts(row: &Row, zh: bool) -> String {
    let Some(count) = row.count else { return String::new() };
    let count = grouped(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    let area = |it: Decimal| shown(it, 1);
    match (row.area_mu, zh) {
        (Some(it), true) => format!("{count} 个 · {} 亩", area(it)),
        (Some(it), false) => format!("{count} · {} mu", area(it)),
        (None, true) => format!("{count} 个"),
        (None, false) => count,
    }
}

/// Lines of small text, one under the other; where they end.
pub fn notes(pen: &mut Pen<'_>, [x, y, width]: [f64; 3], size: f64, lines: &[String]) -> f64 {
    let mut top = y;
    for it in lines {
        top = pen.lines([x, top, width], Type::of(size), it, 3);
    }
    top
}
