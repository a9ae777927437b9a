//! Maps of a list: its parcels over the map's layers, coloured by the path they take, numbered as in the table beside them.

use crate::access::Scope;
use crate::app::App;
use crate::coverage::At;
use crate::error::Result;
use crate::font::Fonts;
use crate::judgement::workflow::Workflow;
use crate::render::Frame;
use crate::render::Limits;
use crate::render::Look;
use crate::render::PX_PER_MM;
use crate::render::Picture;
use crate::render::Plane;
use crate::render::Subject;
use crate::render::draw;
use crate::render::svg::short;
use crate::reuse::Case;
use crate::reuse::plan::Place;
use crate::reuse::plan::Plan;

use super::dossier::outline;
use super::ornament;
use super::ornament::round_scale;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::sheet;

/// Everything that is printed of a list is made from.
pub struct Printing<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    pub fonts: &'a Fonts,
    pub subjects: &'a [Subject],
    pub plan: &'a Plan,
    pub zh: bool,
    /// When each layer's rows were last changed, as `2026-11-20`.
    pub dates: &'a [(String, String)],
    pub made: String,
    pub by: String,
}

/// One colour for each path, far enough apart in lightness to be told in grey.
const COLORS: [&str; 6] = ["#8c2d04", "#1f78b4", "#33a02c", "#fdae61", "#6a3d9a", "#17becf"];
const NONE: &str = "#7b8794";

/// The colour of a path; what has none yet is grey.
pub fn color(path: Option<&str>) -> &'static str {
    let nth = path.and_then(|it| Workflow::shipped().paths.iter().position(|way| way.id == it));
    nth.map_or(NONE, |it| COLORS[it % COLORS.len()])
}

/// What all of the places are in: west, south, east, north in degrees.
pub fn extent<'a>(places: impl IntoIterator<Item = &'a Place>) -> Option<[f64; 4]> {
    places
        .into_iter()
        .map(Place::bbox)
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

/// A box of degrees with room around it on so many millimetres, at a round scale of 1:500 or smaller.
pub fn around([west, south, east, north]: [f64; 4], width: f64, height: f64) -> Frame {
    let middle = [f64::midpoint(west, east), f64::midpoint(south, north)];
    let plane = Plane::around(middle[0]);
    let (x0, y0) = plane.from_degrees(middle[0], middle[1]);
    let (mut wide, mut tall) = (0.0_f64, 0.0_f64);
    // Edges may be bent on the plane, so their middles are looked at, too.
    for lon in [west, middle[0], east] {
        for lat in [south, middle[1], north] {
            let (x, y) = plane.from_degrees(lon, lat);
            (wide, tall) = (wide.max((x - x0).abs()), tall.max((y - y0).abs()));
        }
    }
    let least = (wide * 2000.0 / width).max(tall * 2000.0 / height) * 1.15;
    let scale = round_scale(least.max(500.0));
    Frame::at_scale(plane, middle, scale, width * PX_PER_MM, height * PX_PER_MM)
}

/// How the parcels of a map are marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Marks {
    /// All of them, each with its number in a circle of that diameter, in millimetres.
    Numbered(f64),
    /// One of them, strongly; the others are pale.
    Only(usize),
}

impl Printing<'_> {
    /// Draws a map into a box of the page; `id` names what cuts it at the edge, see [`sheet::clip`].
    pub fn map(
        &self,
        pen: &mut Pen<'_>,
        (id, area): (&str, [f64; 4]),
        frame: &Frame,
        marks: Marks,
        limits: Limits,
    ) -> Result<Picture> {
        let look = Look::paper(limits);
        let mut picture =
            draw::draw(self.app, self.scope, self.subjects, frame, &look, self.fonts)?;
        for (nth, (case, place)) in self.plan.cases.iter().zip(&self.plan.places).enumerate() {
            if is_seen(place, frame) {
                picture.elements += &shape(case, place, nth, frame, marks);
            }
        }
        sheet::placed(pen, &picture, id, area);
        if let Marks::Numbered(size) = marks {
            for (nth, place) in self.plan.places.iter().enumerate() {
                number(pen, area, frame, (nth, place), size);
            }
        }
        pen.rect(area, "none", pen::INK, 0.3);
        Ok(picture)
    }

    /// Number, or nothing of it, of those whom it was made by.
    pub fn made_by(&self, page: usize, pages: usize) -> String {
        if self.zh {
            format!("制表：{} · {} · 第 {page} 页 共 {pages} 页", self.by, self.made)
        } else {
            format!("Made by {} · {} · page {page} of {pages}", self.by, self.made)
        }
    }

    /// The foot of a page: 审图号 at the left, who made it and the page at the right, 内部资料 over all of it.
    pub fn foot(&self, pen: &mut Pen<'_>, page: [f64; 4], factor: f64, nth: usize, pages: usize) {
        let [margin, top, right, foot] = page;
        let text = if self.zh { "内部资料" } else { "Internal" };
        let all = [margin, top, right - margin, foot - top - 6.0 * factor];
        ornament::watermark(pen, all, factor, &format!("{text} · {} · {}", self.by, self.made));
        let number = sheet::approval(self.app.config.approval_number.as_deref(), self.zh);
        pen.line((margin, foot - 4.0 * factor), (right, foot - 4.0 * factor), pen::GREY, 0.2);
        pen.text(margin, foot, Type::of(2.4 * factor).grey(), &number);
        let look = Type::of(2.4 * factor).grey().at(Anchor::End);
        pen.text(right, foot, look, &self.made_by(nth, pages));
    }

    /// Of which moment it is, in words.
    pub fn moment(&self) -> String {
        let day = |it: chrono::DateTime<chrono::Utc>| {
            it.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string()
        };
        match (self.plan.version, self.plan.as_of, self.zh) {
            (Some(nth), Some(at), true) => format!("固化版本 {nth}（{}）", day(at)),
            (Some(nth), Some(at), false) => format!("Frozen version {nth} of {}", day(at)),
            (_, Some(at), true) => format!("截至 {}", day(at)),
            (_, Some(at), false) => format!("As of {}", day(at)),
            (_, None, true) => format!("截至 {}（当前）", day(self.plan.gathered_at)),
            (_, None, false) => format!("As of {} (now)", day(self.plan.gathered_at)),
        }
    }

    /// One of two words.
    pub const fn say<'b>(&self, zh: &'b str, en: &'b str) -> &'b str {
        if self.zh { zh } else { en }
    }
}

fn is_seen(place: &Place, frame: &Frame) -> bool {
    let [west, south, east, north] = place.bbox();
    let (left, bottom) = frame.place(At::from_degrees(west, south));
    let (right, top) = frame.place(At::from_degrees(east, north));
    // The plane may lean a little: a margin of a hundred pixels is more than it does.
    left.min(right) <= frame.width + 100.0
        && left.max(right) >= -100.0
        && top.min(bottom) <= frame.height + 100.0
        && top.max(bottom) >= -100.0
}

fn number(
    pen: &mut Pen<'_>,
    [x, y, width, height]: [f64; 4],
    frame: &Frame,
    (nth, place): (usize, &Place),
    size: f64,
) {
    let (px, py) = frame.place(At::from_degrees(place.lon, place.lat));
    let (left, top) = (px / PX_PER_MM, py / PX_PER_MM);
    if !(0.0..=width).contains(&left) || !(0.0..=height).contains(&top) {
        return;
    }
    let (cx, cy) = (x + left, y + top);
    let text = (nth + 1).to_string();
    let radius = pen.fonts.width(&text, size * 0.6).max(size * 0.6) * 0.62;
    pen.out += &format!(
        "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
        short(cx),
        short(cy),
        short(radius),
        pen::INK,
        short(size * 0.05)
    );
    let look = Type::of(size * 0.6).bold().at(Anchor::Middle);
    pen.text(cx, cy + size * 0.21, look, &text);
}

/// A parcel as it stands out on the map.
fn shape(case: &Case, place: &Place, nth: usize, frame: &Frame, marks: Marks) -> String {
    let path = outline(&place.geometry, frame);
    let fill = color(case.path.as_deref());
    let is_strong = match marks {
        Marks::Numbered(_) => true,
        Marks::Only(it) => it == nth,
    };
    let (opacity, width) = match (marks, is_strong) {
        (Marks::Numbered(_), _) => ("0.55", "1"),
        (_, true) => ("0.35", "2.4"),
        (_, false) => ("0.12", "0.4"),
    };
    let edge = if is_strong && marks == Marks::Only(nth) { "#c8102e" } else { fill };
    format!(
        "<path d=\"{path}\" fill=\"{fill}\" fill-opacity=\"{opacity}\" stroke=\"{edge}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_box_is_on_the_map_at_a_round_scale() {
        let bbox = [121.20, 31.30, 121.24, 31.33];
        let frame = around(bbox, 180.0, 120.0);
        assert!((frame.scale() / 1000.0).fract().abs() < 0.01, "{}", frame.scale());
        for (lon, lat) in [(121.20, 31.30), (121.24, 31.33), (121.20, 31.33)] {
            let (x, y) = frame.place(At::from_degrees(lon, lat));
            assert!((0.0..=frame.width).contains(&x) && (0.0..=frame.height).contains(&y));
        }
        // A point is shown at 1:500.
        let point = around([121.2, 31.3, 121.2, 31.3], 20.0, 20.0);
        assert!((point.scale() - 500.0).abs() < 1.0);
    }

    #[test]
    fn each_path_has_a_colour_of_its_own() {
        let ways = &Workflow::shipped().paths;
        let mut colors: Vec<_> = ways.iter().map(|it| color(Some(&it.id))).collect();
        colors.push(color(None));
        colors.sort_unstable();
        colors.dedup();
        assert_eq!(colors.len(), ways.len() + 1);
    }
}
