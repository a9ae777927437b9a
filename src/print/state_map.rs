//! The map of a report: the cases of all lists by how far they are, over the map's base, with all that a map has to say of
//! itself in one box. The same SVG stands on a page of a PDF and becomes the picture of a DOCX.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::font::Fonts;
use crate::layer::LegendRow;
use crate::render::Frame;
use crate::render::Limits;
use crate::render::Look;
use crate::render::Subject;
use crate::render::draw;

use super::column;
use super::dossier::outline;
use super::list_map;
use super::list_table::exact;
use super::ornament;
use super::ornament::Bar;
use super::ornament::grouped;
use super::pen;
use super::pen::Anchor;
use super::pen::Pen;
use super::pen::Type;
use super::sheet;
use super::written::Figure;

/// The layer whose legend has a colour for each state.
const CASES: &str = "reuse_cases";

/// Millimetres: the width of a text on A4, the map, and all of the box.
const WIDTH: f64 = 170.0;
const MAP: f64 = 122.0;
const HEIGHT: f64 = 166.0;
const SIZE: [u32; 2] = [170, 166];

/// Cases of one state.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stage {
    pub state: String,
    pub cases: i64,
    /// Their land, 亩.
    pub area_mu: Decimal,
    /// All their outlines in one, GeoJSON in CGCS2000 degrees.
    pub geometry: Value,
    /// Where they lie, degrees.
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

/// What the map is made from.
pub struct StateMap<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    pub fonts: &'a Fonts,
    /// The map's base, as far as it is in memory.
    pub subjects: &'a [Subject],
    pub stages: &'a [Stage],
    /// When each layer's rows were last changed, as `2026-11-20`.
    pub dates: &'a [(String, String)],
    /// Of which moment the cases are, in words.
    pub moment: &'a str,
    pub zh: bool,
}

impl StateMap<'_> {
    /// The map with its legend; `None` where no list has a case.
    pub fn figure(&self) -> Result<Option<Figure>> {
        let boxes = self.stages.iter().map(|it| [it.west, it.south, it.east, it.north]);
        let Some(bbox) =
            boxes.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
        else {
            return Ok(None);
        };
        let frame = list_map::around(bbox, WIDTH, MAP);
        let look = Look::paper(Limits::SHEET);
        let mut picture =
            draw::draw(self.app, self.scope, self.subjects, &frame, &look, self.fonts)?;
        for it in self.stages {
            let color = self.color(&it.state);
            // Of a whole district a parcel is less than a millimetre: its edge is what is seen of it.
            picture.elements += &format!(
                "<path d=\"{}\" fill=\"{color}\" fill-opacity=\"0.75\" stroke=\"{color}\" stroke-width=\"1.1\" stroke-linejoin=\"round\"/>\n",
                outline(&it.geometry, &frame)
            );
        }
        let area = [0.0, 0.0, WIDTH, MAP];
        let mut pen = Pen::new(self.fonts);
        sheet::placed(&mut pen, &picture, "states", area);
        pen.rect(area, "none", pen::INK, 0.3);
        self.legend(&mut pen);
        let dates = picture
            .layers
            .iter()
            .filter_map(|id| self.dates.iter().find(|it| it.0 == *id).map(|it| it.1.as_str()));
        self.about(&mut pen, &frame, sheet::dates(dates));
        let number = sheet::approval(self.app.config.approval_number.as_deref(), self.zh);
        pen.text(0.0, HEIGHT - 1.0, Type::of(2.6).bold(), &number);
        Ok(Some(Figure {
            svg: pen.out,
            definitions: sheet::clip("states", area),
            width: SIZE[0],
            height: SIZE[1],
            says: self.says(),
        }))
    }

    /// The row of the layer's legend that a state has.
    fn row(&self, state: &str) -> Option<&LegendRow> {
        let legend = &self.app.layers.find(CASES)?.legend;
        legend.iter().find(|it| {
            let values = it.matches.as_ref().map(|it| it.values.as_slice()).unwrap_or_default();
            values.iter().any(|it| it.as_str() == Some(state))
        })
    }

    fn color(&self, state: &str) -> &str {
        self.row(state).map_or(pen::GREY, |it| &it.color)
    }

    fn name(&self, state: &str) -> String {
        let Some(row) = self.row(state) else { return state.to_owned() };
        if self.zh { row.label.zh.clone() } else { row.label.en.clone() }
    }

    fn legend(&self, pen: &mut Pen<'_>) {
        let head = if self.zh { "图例 · 台账状态" } else { "Legend · state of cases" };
        pen.text(0.0, MAP + 5.0, Type::of(3.6).bold(), head);
        let mut top = MAP + 7.0;
        let (mut cases, mut land) = (0, Decimal::ZERO);
        for it in self.stages {
            let color = self.color(&it.state);
            pen.out += "<g fill-opacity=\"0.75\">";
            pen.rect([0.4, top + 0.5, 6.0, 3.0], color, color, 0.3);
            pen.out += "</g>\n";
            pen.text(8.5, top + 3.0, Type::of(2.9), &self.name(&it.state));
            self.counted(pen, top + 3.0, Type::of(2.7), (it.cases, it.area_mu));
            cases += it.cases;
            land += it.area_mu;
            top += 4.6;
        }
        let sum = if self.zh { "合计" } else { "Total" };
        pen.text(8.5, top + 3.0, Type::of(2.9).bold(), sum);
        self.counted(pen, top + 3.0, Type::of(2.7).bold(), (cases, land));
    }

    fn counted(&self, pen: &mut Pen<'_>, base: f64, look: Type, (cases, land): (i64, Decimal)) {
        let text = if self.zh {
            format!("{cases} 宗 · {} 亩", exact(land))
        } else {
            format!("{cases} · {} mu", exact(land))
        };
        pen.text(80.0, base, look.at(Anchor::End), &text);
    }

    fn about(&self, pen: &mut Pen<'_>, frame: &Frame, dates: Option<(String, String)>) {
        let (x, width) = (92.0, WIDTH - 92.0);
        let top = MAP + 15.0;
        ornament::north(pen, frame, x + 6.0, top, 12.0);
        let look = Type::of(4.0).bold().at(Anchor::End);
        pen.text(WIDTH, top - 5.0, look, &format!("1:{}", grouped(frame.scale())));
        Bar::new(frame.scale(), width - 24.0).draw(pen, x + 16.0, top - 2.5, 1.0);
        let mut lines = sheet::notes(frame.plane, dates, self.zh);
        // That counts are not of the extent is said of a map's own legend.
        lines.pop();
        lines.push(if self.zh {
            format!("台账数据日期：{}", self.moment)
        } else {
            format!("Cases as of {}", self.moment)
        });
        if self.subjects.is_empty() {
            lines.push(
                if self.zh {
                    "底图未载入，图上只有台账。"
                } else {
                    "The base map is not in memory."
                }
                .to_owned(),
            );
        }
        column::notes(pen, [x, top + 6.0, width], 2.3, &lines);
    }

    /// The same in words, for whom does not see it.
    fn says(&self) -> String {
        let parts: Vec<String> =
            self.stages.iter().map(|it| format!("{} {}", self.name(&it.state), it.cases)).collect();
        if self.zh {
            format!("台账分布图：{} 宗", parts.join("、"))
        } else {
            format!("Map of cases by state: {}", parts.join(", "))
        }
    }
}
