//! A map on a sheet: laid out in millimetres, its map at a true scale.

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::catalog::queries::State;
use crate::error::Result;
use crate::font::Fonts;
use crate::layer::Layer;
use crate::layer::MapRole;
use crate::render::Frame;
use crate::render::Limits;
use crate::render::Look;
use crate::render::PATTERNS;
use crate::render::PX_PER_MM;
use crate::render::Picture;
use crate::render::Plane;
use crate::render::Subject;
use crate::render::draw;
use crate::render::legend;
use crate::render::svg::short;

use super::Paper;
use super::column;
use super::column::Entry;
use super::ornament;
use super::ornament::Bar;
use super::ornament::grouped;
use super::paper::Layout;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;

/// Everything that a sheet is made from.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub paper: Paper,
    pub frame: Frame,
    pub subjects: Vec<Subject>,
    pub title: String,
    pub zh: bool,
    /// When each layer's rows were last changed, as `2026-11-20`.
    pub dates: Vec<(String, String)>,
    /// When it is made, and by whom.
    pub made: String,
    pub by: String,
    /// Shows what is not for everybody.
    pub sensitive: bool,
}

impl Sheet {
    /// The sheet as SVG, whose size is the paper's.
    pub fn svg(&self, app: &App, scope: &Scope, fonts: &Fonts) -> Result<String> {
        let layout = self.paper.layout();
        let look = Look::paper(Limits::SHEET);
        let picture = draw::draw(app, scope, &self.subjects, &self.frame, &look, fonts)?;
        let mut pen = Pen::new(fonts);
        let Layout { factor, map, .. } = layout;
        placed(&mut pen, &picture, "map", map);
        if self.sensitive {
            let text = if self.zh { "内部资料" } else { "Internal" };
            pen.out += "<g clip-path=\"url(#map)\">";
            ornament::watermark(
                &mut pen,
                map,
                factor,
                &format!("{text} · {} · {}", self.by, self.made),
            );
            pen.out += "</g>\n";
        }
        pen.rect(map, "none", pen::INK, 0.25 * factor);
        let outer = [
            layout.margin - 1.2 * factor,
            map[1] - 1.2 * factor,
            self.paper.width - layout.margin * 2.0 + 2.4 * factor,
            map[3] + 2.4 * factor,
        ];
        pen.rect(outer, "none", pen::INK, 0.6 * factor);
        self.title(&mut pen, layout);
        self.beside(app, scope, &mut pen, layout, &picture)?;
        self.foot(app, &mut pen, layout);
        let definitions = format!("{PATTERNS}{}", clip("map", map));
        Ok(pen::document(self.paper.width, self.paper.height, fonts, &definitions, &pen.out))
    }

    fn title(&self, pen: &mut Pen<'_>, layout: Layout) {
        let mut size = 7.0 * layout.factor;
        let room = self.paper.width - layout.margin * 2.0;
        let wide = pen.fonts.width(&self.title, size);
        if wide > room {
            size *= room / wide;
        }
        let look = Type::of(size).bold().at(Anchor::Middle);
        pen.text(self.paper.width / 2.0, layout.title, look, &self.title);
    }

    /// The column: legend above, north, scale and notes below.
    fn beside(
        &self,
        app: &App,
        scope: &Scope,
        pen: &mut Pen<'_>,
        layout: Layout,
        picture: &Picture,
    ) -> Result<()> {
        let Layout { factor, column: [x, y, width, height], .. } = layout;
        let inner = [x + 3.0 * factor, width - 4.0 * factor];
        let bottom = 45.0 * factor;
        let entries = entries(app, scope, &self.subjects, picture, &self.dates)?;
        let area = [inner[0], y + 2.0 * factor, inner[1], height - bottom - 4.0 * factor];
        column::legend(pen, area, factor, &entries, self.zh);
        let mut top = y + height - bottom;
        pen.line((inner[0], top), (inner[0] + inner[1], top), pen::GREY, 0.2 * factor);
        top += 17.0 * factor;
        ornament::north(
            pen,
            &self.frame,
            inner[0] + 6.0 * factor,
            top - 2.0 * factor,
            13.0 * factor,
        );
        let scale = self.frame.scale();
        let look = Type::of(4.0 * factor).bold().at(Anchor::End);
        pen.text(inner[0] + inner[1], top - 6.0 * factor, look, &format!("1:{}", grouped(scale)));
        let bar = Bar::new(scale, inner[1] - 8.0 * factor);
        bar.draw(pen, inner[0] + 1.0 * factor, top, factor);
        top += 7.5 * factor;
        let dates = dates(entries.iter().filter_map(|it| it.date.as_deref()));
        let lines = notes(self.frame.plane, dates, self.zh);
        column::notes(pen, [inner[0], top, inner[1]], 2.3 * factor, &lines);
        Ok(())
    }

    fn foot(&self, app: &App, pen: &mut Pen<'_>, layout: Layout) {
        let size = 2.5 * layout.factor;
        let (left, right) = (layout.margin, self.paper.width - layout.margin);
        let number = approval(app.config.approval_number.as_deref(), self.zh);
        pen.text(left, layout.foot, Type::of(size).bold(), &number);
        let made = if self.zh {
            format!("制图：{} · {} · 第 1 页 共 1 页", self.by, self.made)
        } else {
            format!("Made by {} · {} · page 1 of 1", self.by, self.made)
        };
        pen.text(right, layout.foot, Type::of(size).at(Anchor::End), &made);
    }
}

/// The legends of what was drawn: themes and overlays are what a map is of, its base comes last.
pub fn entries(
    app: &App,
    scope: &Scope,
    subjects: &[Subject],
    picture: &Picture,
    dates: &[(String, String)],
) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut sorted: Vec<(&Layer, &Subject)> = Vec::new();
    for it in subjects {
        sorted.push((app.layer(scope, &it.layer)?, it));
    }
    sorted.sort_by_key(|(layer, _)| match layer.role {
        MapRole::Theme => 0,
        MapRole::Overlay => 1,
        MapRole::Base => 2,
    });
    for (layer, subject) in sorted {
        if !picture.layers.contains(&layer.id) {
            continue;
        }
        let date = dates.iter().find(|it| it.0 == layer.id).map(|it| it.1.clone());
        let mut legend = legend::legend(app, scope, subject)?;
        if layer.role == MapRole::Base {
            // How many roads there are is nothing that a map is read for.
            legend.rows.iter_mut().for_each(|it| {
                it.count = None;
                it.area_mu = None;
            });
        }
        entries.push(Entry { legend, date });
    }
    Ok(entries)
}

/// The approval number, or that there is none: such a map is not for the public.
pub fn approval(number: Option<&str>, zh: bool) -> String {
    match (number, zh) {
        (Some(it), true) => format!("审图号：{it}"),
        (Some(it), false) => format!("Map approval number: {it}"),
        (None, true) => "审图号：未配置（未经审核，不得公开使用）".to_owned(),
        (None, false) => "No map approval number: not reviewed, not for publication".to_owned(),
    }
}

/// What is cut at the edge of a map of that name.
pub fn clip(id: &str, [x, y, width, height]: [f64; 4]) -> String {
    format!(
        "<clipPath id=\"{id}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
        short(x),
        short(y),
        short(width),
        short(height)
    )
}

/// Puts a picture on the sheet, a pixel as large as on a screen of 96 to the inch.
pub fn placed(pen: &mut Pen<'_>, picture: &Picture, id: &str, [x, y, ..]: [f64; 4]) {
    pen.out += &format!(
        "<g clip-path=\"url(#{id})\"><g transform=\"translate({x} {y}) scale({})\">\n{}</g></g>\n",
        1.0 / PX_PER_MM,
        picture.elements
    );
}

/// The first and the last of dates.
pub fn dates<'a>(dates: impl Iterator<Item = &'a str>) -> Option<(String, String)> {
    let mut all: Vec<&str> = dates.collect();
    all.sort_unstable();
    Some(((*all.first()?).to_owned(), (*all.last()?).to_owned()))
}

pub fn notes(plane: Plane, dates: Option<(String, String)>, zh: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if let Plane::Zone(it) = plane {
        let meridian = it.meridian;
        lines.push(if zh {
            format!("2000 国家大地坐标系，高斯-克吕格投影，3° 带，中央经线 {meridian}°")
        } else {
            format!("CGCS2000, Gauss–Krüger, zone of 3°, central meridian {meridian}°")
        });
    }
    if let Some((first, last)) = dates {
        lines.push(match (zh, first == last) {
            (true, true) => format!("数据日期：{first}"),
            (true, false) => format!("数据日期：{first} 至 {last}"),
            (false, true) => format!("Data of {first}"),
            (false, false) => format!("Data of {first} to {last}"),
        });
    }
    lines.push(if zh {
        "图例中的个数与面积为该图层全部（或筛选所得）数据，不限于图幅。".to_owned()
    } else {
        "Counts and areas are of all rows of a layer (or of its filter), not of this extent only."
            .to_owned()
    });
    lines
}

/// Whether the pictures of these layers show the scope more than everybody: a layer, a class or a row.
pub fn is_sensitive(
    app: &App,
    scope: &Scope,
    subjects: &[Subject],
    filter: Option<(&str, &str)>,
) -> bool {
    let public = Scope::public();
    let shows_more = |it: &Subject| {
        let Some(layer) = app.layers.find(&it.layer) else { return true };
        !layer.readable(&public)
            || layer.style_for(scope) != layer.style_for(&public)
            || layer.legend.iter().filter_map(|it| it.matches.as_ref()).any(|it| {
                layer.field_for(scope, &it.field).is_some()
                    != layer.field_for(&public, &it.field).is_some()
            })
    };
    let asks_more = || {
        filter.is_some_and(|(id, text)| {
            app.layers
                .find(id)
                .is_none_or(|it| catalog::filter::both(it, &public, text, 1).is_err())
        })
    };
    subjects.iter().any(shows_more) || asks_more()
}

/// West, south, east, north of the parcels, as far as the scope may know them, else of what is drawn, else of the district.
pub fn whole(app: &App, layers: &[&Layer], states: &[State]) -> [f64; 4] {
    let extent = |id: &str| -> Option<[f64; 4]> {
        let it = states.iter().find(|it| it.layer == id)?.extent.as_deref()?;
        it.try_into().ok()
    };
    let parcels = app.layers.register("parcel").and_then(|it| extent(&it.id));
    let all = layers
        .iter()
        .filter_map(|it| extent(&it.id))
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let has_area = |it: &[f64; 4]| it[0] < it[2] && it[1] < it[3];
    parcels.or(all).filter(has_area).unwrap_or(app.config.district)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_without_a_number_says_so() {
        assert!(approval(None, true).contains("未配置"));
        assert!(approval(None, false).contains("not reviewed"));
        assert_eq!(approval(Some("沪S(2026)001号"), true), "审图号：沪S(2026)001号");
    }

    #[test]
    fn notes_say_plane_and_dates() {
        let dates = dates(["2026-02-01", "2026-01-01"].into_iter());
        let zh = notes(Plane::around(121.25), dates, true).join("");
        assert!(zh.contains("中央经线 120°") && zh.contains("2026-01-01 至 2026-02-01"), "{zh}");
    }
}
