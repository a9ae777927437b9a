//! What lies at a pixel of a picture: the rows whose shapes are there, with the fields that the scope reads of them.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::cql::Value;
use crate::error::Result;
use crate::layer::Geometry;

use super::Frame;
use super::Limits;
use super::Subject;
use super::clip::Point;
use super::shapes::Budget;
use super::shapes::Shapes;

/// Pixels around a line or a point that count as it.
const NEAR: f64 = 5.0;

/// A row that was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub layer: String,
    pub id: i64,
    /// In the order of the layer's folder; what is missing or not for the scope is left out.
    pub fields: Map<String, Json>,
}

/// The rows of the subject at a pixel, at most `most`, in the order of their ids.
pub fn pick(
    app: &App,
    scope: &Scope,
    subject: &Subject,
    frame: &Frame,
    at: Point,
    most: usize,
) -> Result<Vec<Found>> {
    // Only what is around the pixel is looked at, as large as it was drawn.
    let [west, south, east, north] = frame.area;
    let unit = ((east - west) / frame.width, (north - south) / frame.height);
    let middle = (at.0.mul_add(unit.0, west), (-at.1).mul_add(unit.1, north));
    let around = Frame {
        area: [
            (-NEAR).mul_add(unit.0, middle.0),
            (-NEAR).mul_add(unit.1, middle.1),
            NEAR.mul_add(unit.0, middle.0),
            NEAR.mul_add(unit.1, middle.1),
        ],
        width: NEAR * 2.0,
        height: NEAR * 2.0,
        ..*frame
    };
    let view = subject.view(app, scope)?;
    if frame.zoom() < f64::from(view.layer.zooms.min) {
        return Ok(Vec::new());
    }
    let mut budget = Budget::new(Limits::SCREEN);
    // As it is stored, not as it is drawn at this zoom.
    let shapes = Shapes::gather(view, subject, &around, 24, &mut budget)?;
    let kind = view.layer.geometry;
    let mut found = Vec::new();
    for row in &shapes.rows {
        let hit = match kind {
            Geometry::Polygon => {
                shapes.rings(row).filter(|it| is_in(it, (NEAR, NEAR))).count() % 2 == 1
            }
            _ => shapes.rings(row).any(|it| distance(it, (NEAR, NEAR)) <= NEAR),
        };
        if !hit {
            continue;
        }
        let part = &shapes.parts[row.part];
        let mut fields = Map::new();
        for (name, _) in view.layer.fields_for(scope) {
            let value = part.column(name).map_or(Value::Null, |it| it.value(row.nth));
            if let Some(it) = plain(&value) {
                fields.insert(name.to_owned(), it);
            }
        }
        found.push(Found { layer: subject.layer.clone(), id: part.part.ids()[row.nth], fields });
    }
    found.sort_by_key(|it| it.id);
    found.truncate(most);
    Ok(found)
}

/// A value as JSON; decimals with all their digits, as text where a double would not hold them.
fn plain(value: &Value<'_>) -> Option<Json> {
    match value {
        Value::Text(it) => Some(json!(it)),
        Value::Number(it) => {
            let text = it.normalize().to_string();
            Some(
                serde_json::from_str::<serde_json::Number>(&text).map_or(json!(text), Json::Number),
            )
        }
        Value::Bool(it) => Some(json!(it)),
        Value::Date(it) => Some(json!(it.to_string())),
        _ => None,
    }
}

/// Whether a point lies in a ring, by the crossings of a ray from it.
fn is_in(ring: &[Point], (x, y): Point) -> bool {
    let mut inside = false;
    let mut before = match ring.last() {
        Some(it) => *it,
        None => return false,
    };
    for &at in ring {
        if (at.1 > y) != (before.1 > y) {
            let cross = (before.0 - at.0) * (y - at.1) / (before.1 - at.1) + at.0;
            inside ^= x < cross;
        }
        before = at;
    }
    inside
}

/// From a point to the nearest place of a line.
fn distance(line: &[Point], (x, y): Point) -> f64 {
    if let [one] = line {
        return (one.0 - x).hypot(one.1 - y);
    }
    let to = |pair: &[Point]| {
        let (a, b) = (pair[0], pair[1]);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx.mul_add(dx, dy * dy);
        let part = if length > 0.0 { ((x - a.0) * dx + (y - a.1) * dy) / length } else { 0.0 };
        let part = part.clamp(0.0, 1.0);
        (dx.mul_add(part, a.0) - x).hypot(dy.mul_add(part, a.1) - y)
    };
    line.windows(2).map(to).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_in_a_ring_or_beside_a_line() {
        let square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)];
        assert!(
            is_in(&square, (5.0, 5.0)) && !is_in(&square, (15.0, 5.0)) && !is_in(&[], (0.0, 0.0))
        );
        assert!((distance(&square[..2], (5.0, 3.0)) - 3.0).abs() < 1e-9);
        assert!((distance(&square[..1], (3.0, 4.0)) - 5.0).abs() < 1e-9);
        assert!(distance(&[], (0.0, 0.0)).is_infinite());
    }
}
