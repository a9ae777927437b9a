//! The legend of a picture: what each class looks like, how many rows and how much land it has.

use rust_decimal::Decimal;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::queries::area_field;
use crate::cql::Value;
use crate::error::Result;
use crate::layer::Geometry;
use crate::layer::LegendRow;
use crate::layer::Pattern;
use crate::layer::Text;

use super::Subject;
use super::svg;

/// One layer's legend.
#[derive(Clone, Debug)]
pub struct Legend {
    pub title: Text,
    pub geometry: Geometry,
    pub rows: Vec<Row>,
    /// Only rows of a filter are drawn and counted.
    pub filtered: bool,
}

/// One class.
#[derive(Clone, Debug)]
pub struct Row {
    pub label: Text,
    pub color: String,
    pub pattern: Option<Pattern>,
    /// Rows of the class; `None` where the scope may not tell them apart.
    pub count: Option<usize>,
    /// Their 亩, unrounded, where the layer has it.
    pub area_mu: Option<Decimal>,
}

/// The legend of a layer, counted over all rows that the scope sees and the filter leaves.
pub fn legend(app: &App, scope: &Scope, subject: &Subject) -> Result<Legend> {
    let view = subject.view(app, scope)?;
    let layer = view.layer;
    let field = layer.legend.iter().find_map(|it| it.matches.as_ref()).map(|it| it.field.as_str());
    let readable = field.filter(|it| layer.field_for(scope, it).is_some());
    let area = area_field(layer).map(|it| it.0).filter(|it| layer.field_for(scope, it).is_some());
    let mut counted: Vec<(usize, Option<Decimal>)> = vec![(0, None); layer.legend.len()];
    let chosen = subject.filter.as_ref().and_then(|it| view.select(it));
    if field.is_none() || readable.is_some() {
        for (nth, part) in view.parts().enumerate() {
            let rows = match &chosen {
                Some(it) => it[nth].clone(),
                None => part.rows(),
            };
            let class = readable.and_then(|it| part.column(it));
            let area = area.and_then(|it| part.column(it));
            for row in rows.rows() {
                let value = class.map(|it| it.value(row));
                let Some(at) = class_of(&layer.legend, value.as_ref()) else { continue };
                counted[at].0 += 1;
                if let Some(Value::Number(it)) = area.map(|it| it.value(row)) {
                    let sum = counted[at].1.unwrap_or_default();
                    counted[at].1 = Some(sum.checked_add(it).unwrap_or(sum));
                }
            }
        }
    }
    let told = field.is_none() || readable.is_some();
    let rows = layer.legend.iter().zip(counted).map(|(row, (count, area_mu))| Row {
        label: row.label.clone(),
        color: row.color.clone(),
        pattern: row.pattern,
        count: told.then_some(count),
        area_mu: area_mu.filter(|_| told),
    });
    Ok(Legend {
        title: layer.title.clone(),
        geometry: layer.geometry,
        rows: rows.collect(),
        filtered: subject.filter.is_some(),
    })
}

/// The row of a legend that a value belongs to; values compare as text, as in the style.
fn class_of(legend: &[LegendRow], value: Option<&Value<'_>>) -> Option<usize> {
    let text = match value {
        None => return legend.iter().position(|it| it.matches.is_none()),
        Some(Value::Null) => None,
        Some(Value::Text(it)) => Some(it.to_string()),
        Some(Value::Number(it)) => Some(it.normalize().to_string()),
        Some(Value::Bool(it)) => Some(it.to_string()),
        Some(Value::Date(it)) => Some(it.to_string()),
        Some(_) => return None,
    };
    legend.iter().position(|row| {
        let Some(it) = &row.matches else { return false };
        match &text {
            None => it.values.is_empty(),
            Some(text) => it
                .values
                .iter()
                .any(|it| it.as_str().map_or_else(|| format!("{it}") == *text, |it| it == text)),
        }
    })
}

/// How a class looks, as an element of that width and height with its upper left corner at x, y.
pub fn swatch(geometry: Geometry, row: &Row, [x, y, width, height]: [f64; 4]) -> String {
    let color = if svg::is_color(&row.color) { row.color.as_str() } else { "#9aa3ad" };
    let at = |it: f64| svg::short(it);
    match geometry {
        Geometry::Line => format!(
            "<path d=\"M{} {}h{}\" stroke=\"{color}\" stroke-width=\"{}\" fill=\"none\"/>\n",
            at(x),
            at(y + height / 2.0),
            at(width),
            at((height / 5.0).max(1.0))
        ),
        Geometry::Point => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{color}\"/>\n",
            at(x + width / 2.0),
            at(y + height / 2.0),
            at(height / 3.0)
        ),
        Geometry::Polygon | Geometry::None => {
            let rect = format!(
                "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                at(x),
                at(y),
                at(width),
                at(height)
            );
            let fill = if row.pattern == Some(Pattern::Outline) { "none" } else { color };
            let edge = if fill == "none" { color } else { "#67727a" };
            let mut out = format!(
                "<rect {rect} fill=\"{fill}\" stroke=\"{edge}\" stroke-width=\"{}\"/>\n",
                at((height / 16.0).max(0.4))
            );
            if let Some(name) = row.pattern.and_then(crate::layer::sprite::picture) {
                out += &format!("<rect {rect} fill=\"url(#{name})\"/>\n");
            }
            out
        }
    }
}
