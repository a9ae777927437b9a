//! One parcel on an A4 page: verdict, figures with where they come from, a small map. It says what the dossier of the same
//! scope says, no more: what is withheld there is withheld here.

use anyhow::Context;
use chrono::Local;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::coverage::At;
use crate::error::Result;
use crate::font::Fonts;
use crate::parcel;
use crate::parcel::Dossier;
use crate::render::Frame;
use crate::render::Limits;
use crate::render::Look;
use crate::render::PATTERNS;
use crate::render::PX_PER_MM;
use crate::render::Plane;
use crate::render::Subject;
use crate::render::draw;
use crate::render::fonts;
use crate::render::gather;
use crate::render::named;
use crate::render::output;
use crate::render::svg;

use super::dossier_text;
use super::dossier_text::Line;
use super::ornament;
use super::ornament::Bar;
use super::ornament::grouped;
use super::ornament::round_scale;
use super::paper::Paper;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::routes::by;
use super::sheet;

/// Millimetres of the page and of its parts.
const MARGIN: f64 = 12.0;
const MAP: [f64; 4] = [MARGIN, 52.0, 84.0, 84.0];
const TEXT: f64 = 3.0;
const FOOT: f64 = 286.0;

/// The sheet as PDF.
pub async fn pdf(app: &App, scope: &Scope, parcel_code: &str, zh: bool) -> Result<Vec<u8>> {
    let dossier = parcel::dossier(app, scope, parcel_code, &Times::default()).await?;
    let subjects = gather(app, scope, &named(app, scope, None)?, None)?;
    let fonts = fonts(app).await?;
    let permit = app.printing.clone().acquire_owned().await.context("drawing a sheet")?;
    let (owned, reader) = (app.clone(), scope.clone());
    let made = tokio::task::spawn_blocking(move || -> Result<Vec<u8>> {
        let _permit = permit;
        let page = Page { app: &owned, scope: &reader, fonts: &fonts, dossier: &dossier, zh };
        Ok(output::pdf(&page.svg(&subjects)?, &fonts)?)
    });
    made.await.context("drawing a sheet")?
}

struct Page<'a> {
    app: &'a App,
    scope: &'a Scope,
    fonts: &'a Fonts,
    dossier: &'a Dossier,
    zh: bool,
}

impl Page<'_> {
    fn svg(&self, subjects: &[Subject]) -> Result<String> {
        let Paper { width, height } = Paper { width: 210.0, height: 297.0 };
        let mut pen = Pen::new(self.fonts);
        self.head(&mut pen, width);
        self.map(&mut pen, subjects)?;
        let right = MAP[0] + MAP[2] + 6.0;
        self.facts(&mut pen, right, MAP[1], width - MARGIN - right);
        self.below(&mut pen, MAP[1] + MAP[3] + 14.0, width);
        let made = Local::now().format("%Y-%m-%d %H:%M").to_string();
        let who = by(self.scope, self.zh);
        if sheet::is_sensitive(self.app, self.scope, subjects, None) || self.scope.account.is_some()
        {
            let text = if self.zh { "内部资料" } else { "Internal" };
            let all = [0.0, 20.0, width, FOOT - 30.0];
            ornament::watermark(&mut pen, all, 1.2, &format!("{text} · {who} · {made}"));
        }
        pen.line((MARGIN, FOOT - 4.0), (width - MARGIN, FOOT - 4.0), pen::GREY, 0.2);
        let number = sheet::approval(self.app.config.approval_number.as_deref(), self.zh);
        pen.text(MARGIN, FOOT, Type::of(2.4).grey(), &number);
        let made = if self.zh {
            format!("出具：{who} · {made} · 第 1 页 共 1 页")
        } else {
            format!("Made by {who} · {made} · page 1 of 1")
        };
        pen.text(width - MARGIN, FOOT, Type::of(2.4).grey().at(Anchor::End), &made);
        let definitions = format!("{PATTERNS}{}", sheet::clip("map", MAP));
        Ok(pen::document(width, height, self.fonts, &definitions, &pen.out))
    }

    fn head(&self, pen: &mut Pen<'_>, width: f64) {
        let it = self.dossier;
        let title = if self.zh { "地块档案" } else { "Parcel dossier" };
        pen.text(MARGIN, 18.0, Type::of(4.0).grey(), title);
        pen.text(MARGIN, 27.0, Type::of(7.0).bold(), &it.parcel_code);
        let place = [it.name.as_deref(), it.town.as_deref(), it.address.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        let code = pen.fonts.width(&it.parcel_code, 7.0);
        let room = width - MARGIN * 2.0 - code - 6.0;
        let look = Type::of(3.4).grey();
        let lines = pen.fonts.lines(&place.join(" · "), look.size, room.max(40.0));
        if let Some(line) = lines.first() {
            pen.text(width - MARGIN, 27.0, look.at(Anchor::End), line);
        }
        let (fill, ink, verdict, why) = dossier_text::verdict(it, self.zh);
        pen.rect([MARGIN, 32.0, width - MARGIN * 2.0, 15.0], fill, "none", 0.0);
        pen.text(MARGIN + 4.0, 41.5, Type::of(6.0).bold().color(ink), &verdict);
        let left = MARGIN + 10.0 + pen.fonts.width(&verdict, 6.0);
        // Four lines of this size are as high as the box.
        pen.lines([left, 33.4, width - MARGIN - 3.0 - left], Type::of(2.6), &why, 4);
    }

    fn map(&self, pen: &mut Pen<'_>, subjects: &[Subject]) -> Result<()> {
        let [west, south, east, north] = self.dossier.bbox;
        let centre = [f64::midpoint(west, east), f64::midpoint(south, north)];
        let plane = Plane::around(centre[0]);
        let (low, high) = (plane.from_degrees(west, south), plane.from_degrees(east, north));
        let reach = (high.0 - low.0).max(high.1 - low.1) * 1000.0 / (MAP[2] * 0.62);
        let scale = round_scale(reach.max(500.0));
        let frame = Frame::at_scale(plane, centre, scale, MAP[2] * PX_PER_MM, MAP[3] * PX_PER_MM);
        let look = Look::paper(Limits::SCREEN);
        let mut picture = draw::draw(self.app, self.scope, subjects, &frame, &look, self.fonts)?;
        let outline = outline(&self.dossier.geometry, &frame);
        for (color, line) in [("#ffffff", "5"), ("#c8102e", "2.4")] {
            picture.elements += &format!(
                "<path d=\"{outline}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{line}\" stroke-linejoin=\"round\"/>\n"
            );
        }
        sheet::placed(pen, &picture, "map", MAP);
        pen.rect(MAP, "none", pen::INK, 0.3);
        ornament::north(pen, &frame, MAP[0] + MAP[2] - 7.0, MAP[1] + 13.0, 11.0);
        let foot = MAP[1] + MAP[3] + 2.5;
        Bar::new(scale, 40.0).draw(pen, MAP[0], foot, 1.0);
        let look = Type::of(3.2).bold().at(Anchor::End);
        pen.text(MAP[0] + MAP[2], foot + 2.6, look, &format!("1:{}", grouped(scale)));
        Ok(())
    }

    /// Name, value and source, line by line.
    fn facts(&self, pen: &mut Pen<'_>, x: f64, y: f64, width: f64) {
        let mut top = y;
        for Line { name, value, source, known } in dossier_text::facts(self.dossier, self.zh) {
            let ink = if known { Type::of(TEXT) } else { Type::of(TEXT).grey() };
            pen.text(x, top + 3.0, Type::of(TEXT).grey(), &name);
            let end = pen.lines([x + 25.0, top + 0.4, width - 25.0], ink.bold(), &value, 2);
            let end = if source.is_empty() {
                end
            } else {
                pen.lines([x + 25.0, end - 0.4, width - 25.0], Type::of(2.2).grey(), &source, 1)
            };
            top = end + 0.8;
            pen.line((x, top), (x + width, top), "#d9dee3", 0.15);
            top += 0.5;
            if top > MAP[1] + MAP[3] + 8.0 {
                break;
            }
        }
    }

    /// Years, evidence, plans, occupants: as many lines as the page has.
    fn below(&self, pen: &mut Pen<'_>, y: f64, width: f64) {
        let room = width - MARGIN * 2.0;
        let bottom = FOOT - 10.0;
        let mut top = y;
        for section in dossier_text::sections(self.dossier, self.zh) {
            if top + 12.0 > bottom {
                let more = if self.zh {
                    format!("「{}」等内容见在线档案。", section.title)
                } else {
                    format!("“{}” and what follows is in the dossier on the web.", section.title)
                };
                pen.text(MARGIN, top + 3.0, Type::of(2.6).grey(), &more);
                return;
            }
            pen.text(MARGIN, top + 3.6, Type::of(3.6).bold(), &section.title);
            top += 6.0;
            let rows = section.rows.len();
            for (nth, row) in section.rows.iter().enumerate() {
                if top + 6.0 > bottom && nth + 1 < rows {
                    let left = rows - nth;
                    let more = if self.zh {
                        format!("另有 {left} 项，见在线档案")
                    } else {
                        format!("{left} more are in the dossier on the web")
                    };
                    pen.text(MARGIN, top + 3.0, Type::of(2.6).grey(), &more);
                    return;
                }
                top = Self::row(
                    pen,
                    [MARGIN, top, room],
                    &section.widths,
                    row,
                    nth == 0 && section.headed,
                );
            }
            top += 3.5;
        }
    }

    fn row(
        pen: &mut Pen<'_>,
        [x, y, width]: [f64; 3],
        widths: &[f64],
        cells: &[String],
        head: bool,
    ) -> f64 {
        let mut left = x;
        let mut end = y;
        let look = if head { Type::of(2.6).grey() } else { Type::of(TEXT) };
        for (cell, part) in cells.iter().zip(widths) {
            let wide = width * part;
            end = end.max(pen.lines([left, y + 0.3, wide - 1.5], look, cell, 3));
            left += wide;
        }
        pen.line((x, end + 0.3), (x + width, end + 0.3), "#d9dee3", 0.15);
        end + 0.9
    }
}

/// The outline of GeoJSON polygons, longitude before latitude, as the data of a path.
pub fn outline(geometry: &Value, frame: &Frame) -> String {
    let mut out = String::new();
    rings(&geometry["coordinates"], &mut |ring| {
        let points: Vec<(f64, f64)> = ring
            .iter()
            .filter_map(|it| Some(At::from_degrees(it[0].as_f64()?, it[1].as_f64()?)))
            .map(|it| frame.place(it))
            .collect();
        svg::trace(&points, true, &mut out);
    });
    out
}

fn rings(value: &Value, take: &mut impl FnMut(&[Value])) {
    let Some(items) = value.as_array() else { return };
    if items.first().is_some_and(|it| it[0].is_number()) {
        return take(items);
    }
    for it in items {
        rings(it, take);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_outline_has_all_rings() {
        let frame =
            Frame { plane: Plane::Degrees, area: [0.0, 0.0, 4.0, 4.0], width: 4.0, height: 4.0 };
        let ring = json!([[0, 0], [1, 0], [1, 1], [0, 0]]);
        let geometry = json!({"type": "MultiPolygon", "coordinates": [[ring, ring], [ring]]});
        assert_eq!(outline(&geometry, &frame).matches('M').count(), 3);
        assert_eq!(outline(&Value::Null, &frame), "");
    }
}
