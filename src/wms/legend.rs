//! `GetLegendGraphic`: a layer's legend as a picture.

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::font::Fonts;
use crate::render::Subject;
use crate::render::legend;
use crate::render::output;
use crate::render::svg;

/// Pixels of text, and of a row.
const SIZE: f64 = 13.0;
const ROW: f64 = 22.0;
const MARGIN: f64 = 6.0;
const SWATCH: [f64; 2] = [24.0, 14.0];

/// The legend as PNG.
pub fn png(app: &App, scope: &Scope, subject: &Subject, fonts: &Fonts) -> Result<Vec<u8>> {
    let legend = legend::legend(app, scope, subject)?;
    let title = fonts.written(&legend.title.zh).into_owned();
    let labels: Vec<String> =
        legend.rows.iter().map(|it| fonts.written(&it.label.zh).into_owned()).collect();
    let text_x = MARGIN * 2.0 + SWATCH[0];
    let wide = labels.iter().map(|it| text_x + fonts.width(it, SIZE)).fold(0.0, f64::max);
    let width = wide.max(MARGIN + fonts.width(&title, SIZE)) + MARGIN;
    let rows = u32::try_from(labels.len()).unwrap_or(u32::MAX);
    let height = f64::from(rows + 1).mul_add(ROW, MARGIN * 2.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" font-family=\"{2}\" font-size=\"{SIZE}\">\n\
         <defs>{3}</defs><rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"{4}\" font-weight=\"bold\" fill=\"#1f2933\">{5}</text>\n",
        svg::short(width.ceil()),
        svg::short(height),
        svg::escaped(&fonts.family),
        crate::render::PATTERNS,
        svg::short(MARGIN + 15.0),
        svg::escaped(&title),
    );
    for (nth, (row, label)) in legend.rows.iter().zip(&labels).enumerate() {
        let nth = f64::from(u32::try_from(nth).unwrap_or(u32::MAX));
        let top = (nth + 1.0).mul_add(ROW, MARGIN);
        let place = [MARGIN, top + (ROW - SWATCH[1]) / 2.0, SWATCH[0], SWATCH[1]];
        out += &legend::swatch(legend.geometry, row, place);
        out += &format!(
            "<text x=\"{}\" y=\"{}\" fill=\"#1f2933\">{}</text>\n",
            svg::short(text_x),
            svg::short(top + 15.5),
            svg::escaped(label)
        );
    }
    out += "</svg>\n";
    Ok(output::png(&out, fonts, 1.0)?)
}
