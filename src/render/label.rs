//! Names on a map: each at its place or not at all, those of the upper layers first, none over another. Placed once for the
//! same rows, they stand alike in every picture of the same block.

use serde_json::Value as Json;

use crate::font::Fonts;
use crate::layer::Geometry;

use super::Frame;
use super::clip::Point;
use super::expression;
use super::paint::Part;
use super::shapes::Fields;
use super::shapes::Shapes;
use super::svg;

/// Names of one picture at most.
const MOST: usize = 6_000;
/// What a line of text takes of its size.
const LINE: f64 = 1.2;

/// A name that found its place.
#[derive(Clone, Debug)]
struct Label {
    lines: Vec<String>,
    middle: Point,
    /// Degrees, clockwise.
    angle: f64,
    size: f64,
    spacing: f64,
    color: String,
    halo: String,
    halo_width: f64,
    opacity: f64,
    /// Least x and y, greatest x and y.
    around: [f64; 4],
}

/// The names of a picture.
#[derive(Debug, Default)]
pub struct Labels {
    placed: Vec<Label>,
    /// Around each of them, with what it keeps free.
    taken: Vec<[f64; 4]>,
    /// Names along lines, with where they stand: the same one is not said twice nearby.
    said: Vec<(String, Point)>,
}

const fn overlap(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

impl Labels {
    /// Places the names of a part's rows. `block` is within which they stand whole, in pixels of the picture.
    pub fn add(
        &mut self,
        part: Part<'_>,
        shapes: &Shapes<'_>,
        frame: &Frame,
        block: &[f64; 4],
        fonts: &Fonts,
    ) {
        let Some(text) = part.layout("text-field") else { return };
        let along = part.layout("symbol-placement").and_then(Json::as_str) == Some("line");
        let mut fields = Fields::new(frame.zoom(), &shapes.parts, &part.fields());
        for row in &shapes.rows {
            if self.placed.len() >= MOST {
                return;
            }
            fields.at(row.part, row.nth);
            if !part.takes(&fields) {
                continue;
            }
            let text = expression::eval(text, &fields).text();
            let text = fonts.written(text.trim());
            if text.is_empty() {
                continue;
            }
            let number =
                |name: &str, default: f64| Part::number(part.layout(name), &fields, default);
            let paint = |name: &str, default: f64| Part::number(part.paint(name), &fields, default);
            let size = number("text-size", 16.0).clamp(4.0, 80.0);
            let spacing = number("text-letter-spacing", 0.0) * size;
            let signs = |it: &str| f64::from(u32::try_from(it.chars().count()).unwrap_or(0));
            let wide = |it: &str| signs(it).mul_add(spacing, fonts.width(it, size));
            let padding = number("text-padding", 2.0);
            let (lines, middle, angle) = if along && shapes.view.layer.geometry == Geometry::Line {
                let wanted = wide(&text) + size;
                let Some((middle, angle)) = straight(shapes.rings(row), wanted) else { continue };
                let apart = number("symbol-spacing", 250.0);
                let near = |it: &(String, Point)| {
                    it.0 == text && (it.1.0 - middle.0).hypot(it.1.1 - middle.1) < apart
                };
                if self.said.iter().any(near) {
                    continue;
                }
                (vec![text.to_string()], middle, angle)
            } else {
                let label = shapes.parts[row.part].part.shapes().label(row.nth);
                let most = number("text-max-width", 10.0) * size;
                (fonts.lines(&text, size, most), frame.place(label), 0.0)
            };
            let width = lines.iter().map(|it| wide(it)).fold(0.0, f64::max);
            let height = signs_of(lines.len()) * size * LINE;
            let (sin, cos) = angle.to_radians().sin_cos();
            let half_x = f64::midpoint(width * cos.abs(), height * sin.abs());
            let half_y = f64::midpoint(width * sin.abs(), height * cos.abs());
            let grown = |by: f64| {
                [
                    middle.0 - half_x - by,
                    middle.1 - half_y - by,
                    middle.0 + half_x + by,
                    middle.1 + half_y + by,
                ]
            };
            let around = grown(0.0);
            let whole = around[0] >= block[0]
                && around[1] >= block[1]
                && around[2] <= block[2]
                && around[3] <= block[3];
            let kept = grown(padding);
            if !whole || self.taken.iter().any(|it| overlap(it, &kept)) {
                continue;
            }
            self.taken.push(kept);
            if along {
                self.said.push((text.into_owned(), middle));
            }
            self.placed.push(Label {
                lines,
                middle,
                angle,
                size,
                spacing,
                color: part.color("text-color", &fields, "#000000"),
                halo: part.color("text-halo-color", &fields, "#ffffff"),
                halo_width: paint("text-halo-width", 0.0),
                opacity: paint("text-opacity", 1.0),
                around,
            });
        }
    }

    /// Moves all of them.
    pub fn shift(&mut self, x: f64, y: f64) {
        for it in &mut self.placed {
            it.middle = (it.middle.0 + x, it.middle.1 + y);
            let [left, top, right, bottom] = it.around;
            it.around = [left + x, top + y, right + x, bottom + y];
        }
    }

    /// Writes those that are seen in the picture; the number of them.
    pub fn write(&self, frame: &Frame, out: &mut String) -> usize {
        let picture = [0.0, 0.0, frame.width, frame.height];
        let seen = self.placed.iter().filter(|it| overlap(&it.around, &picture));
        // What was placed first matters most, so it is drawn last.
        let seen: Vec<&Label> = seen.collect();
        seen.iter().rev().for_each(|it| it.write(out));
        seen.len()
    }
}

#[expect(clippy::cast_precision_loss, reason = "few lines")]
const fn signs_of(lines: usize) -> f64 {
    lines as f64
}

impl Label {
    fn write(&self, out: &mut String) {
        if self.opacity <= 0.0 {
            return;
        }
        let first = -(signs_of(self.lines.len()) - 1.0) / 2.0 * self.size * LINE;
        for (nth, line) in self.lines.iter().enumerate() {
            // From the middle of the line to where its signs stand.
            let down = signs_of(nth).mul_add(self.size * LINE, first) + self.size * 0.36;
            let (x, y) = self.middle;
            let place = if self.angle == 0.0 {
                format!("x=\"{}\" y=\"{}\"", svg::short(x), svg::short(y + down))
            } else {
                format!(
                    "transform=\"translate({} {}) rotate({})\" y=\"{}\"",
                    svg::short(x),
                    svg::short(y),
                    svg::short(self.angle),
                    svg::short(down)
                )
            };
            let spacing = if self.spacing > 0.0 {
                format!(" letter-spacing=\"{}\"", svg::short(self.spacing))
            } else {
                String::new()
            };
            let common = format!(
                "{place} font-size=\"{}\" text-anchor=\"middle\"{spacing}",
                svg::short(self.size)
            );
            let opacity = if self.opacity < 1.0 {
                format!(" opacity=\"{}\"", svg::short(self.opacity))
            } else {
                String::new()
            };
            let text = svg::escaped(line);
            if self.halo_width > 0.0 {
                *out += &format!(
                    "<text {common}{opacity} fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" paint-order=\"stroke\">{text}</text>\n",
                    self.color,
                    self.halo,
                    svg::short(self.halo_width * 2.0)
                );
            } else {
                *out += &format!("<text {common}{opacity} fill=\"{}\">{text}</text>\n", self.color);
            }
        }
    }
}

/// The middle of the longest stretch that is straight enough for a text so wide, and the angle at which it is read.
fn straight<'a>(lines: impl Iterator<Item = &'a [Point]>, wanted: f64) -> Option<(Point, f64)> {
    let mut best: Option<(f64, Point, Point)> = None;
    let mut keep = |from: Point, to: Point| {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        if length >= wanted && best.is_none_or(|it| length > it.0) {
            best = Some((length, from, to));
        }
    };
    for line in lines {
        let mut from = 0;
        for to in 1..line.len() {
            // A run goes on as long as its end is where its beginning looks.
            let bent = to > from + 1 && {
                let a = direction(line[from], line[from + 1]);
                let b = direction(line[to - 1], line[to]);
                let turn = (a - b).rem_euclid(360.0);
                turn.min(360.0 - turn) > 12.0
            };
            if bent {
                from = to - 1;
            }
            keep(line[from], line[to]);
        }
    }
    let (_, from, to) = best?;
    let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
    let mut angle = direction(from, to);
    // Upside down it would not be read.
    if angle > 90.0 {
        angle -= 180.0;
    } else if angle < -90.0 {
        angle += 180.0;
    }
    Some((middle, angle))
}

fn direction(from: Point, to: Point) -> f64 {
    (to.1 - from.1).atan2(to.0 - from.0).to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_on_the_longest_straight_stretch_and_upright() {
        let line = [(0.0, 0.0), (10.0, 0.0), (10.0, 100.0), (12.0, 0.0)];
        let (middle, angle) = straight([&line[..]].into_iter(), 20.0).unwrap();
        assert!(middle.1 > 40.0 && (-90.0..=90.0).contains(&angle), "{middle:?} {angle}");
        assert!(straight([&line[..2]].into_iter(), 20.0).is_none());
        let (_, angle) = straight([&[(50.0, 0.0), (0.0, 0.0)][..]].into_iter(), 20.0).unwrap();
        assert!(angle.abs() < 1e-9, "{angle}");
    }
}
