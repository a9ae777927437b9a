//! Geometries for the formats that write their coordinates themselves: GML, Esri JSON, GeoJSON of projected systems. They
//! come as well-known binary, easting before northing.

use std::fmt::Write as _;

use anyhow::Context;
use geo::Coord;
use geo::Geometry;
use geo::LineString;
use geo::Orient;
use geo::Polygon;
use geo::orient::Direction;
use geozero::ToGeo;
use geozero::wkb::Wkb;

use crate::error::Result;

/// Which way outer rings run, seen from above; holes run the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turning {
    /// As GML and RFC 7946 have it.
    Anticlockwise,
    /// As Esri has it.
    Clockwise,
}

/// Reads well-known binary and turns rings.
pub fn read(wkb: &[u8], turning: Turning) -> Result<Geometry<f64>> {
    let direction = match turning {
        Turning::Anticlockwise => Direction::Default,
        Turning::Clockwise => Direction::Reversed,
    };
    let geometry = Wkb(wkb).to_geo().context("a stored geometry")?;
    Ok(match geometry {
        Geometry::Polygon(it) => it.orient(direction).into(),
        Geometry::MultiPolygon(it) => it.orient(direction).into(),
        other => other,
    })
}

/// How coordinates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plot {
    /// At most so many decimals.
    pub decimals: u8,
    /// Whether the northing or latitude is written first.
    pub north_first: bool,
    /// Between the two coordinates of a position.
    pub comma: char,
}

impl Plot {
    /// A position's two coordinates.
    pub fn position(self, at: Coord<f64>, out: &mut String) {
        let (first, second) = if self.north_first { (at.y, at.x) } else { (at.x, at.y) };
        number(first, self.decimals, out);
        out.push(self.comma);
        number(second, self.decimals, out);
    }

    /// `[[1,2],[3,4]]`.
    pub fn array(self, line: &LineString<f64>, out: &mut String) {
        listed(&line.0, out, |at, out| {
            out.push('[');
            self.position(*at, out);
            out.push(']');
        });
    }

    fn rings(self, polygon: &Polygon<f64>, out: &mut String) {
        let rings: Vec<&LineString<f64>> = rings(polygon).collect();
        listed(&rings, out, |it, out| self.array(it, out));
    }

    /// As GeoJSON; `None` for what no layer stores.
    pub fn geojson(self, geometry: &Geometry<f64>) -> Option<String> {
        let mut out = String::new();
        let kind = match geometry {
            Geometry::Point(it) => {
                out.push('[');
                self.position(it.0, &mut out);
                out.push(']');
                "Point"
            }
            Geometry::MultiPoint(it) => {
                self.array(&it.0.iter().map(|it| it.0).collect(), &mut out);
                "MultiPoint"
            }
            Geometry::LineString(it) => {
                self.array(it, &mut out);
                "LineString"
            }
            Geometry::MultiLineString(it) => {
                listed(&it.0, &mut out, |it, out| self.array(it, out));
                "MultiLineString"
            }
            Geometry::Polygon(it) => {
                self.rings(it, &mut out);
                "Polygon"
            }
            Geometry::MultiPolygon(it) => {
                listed(&it.0, &mut out, |it, out| self.rings(it, out));
                "MultiPolygon"
            }
            _ => return None,
        };
        Some(format!("{{\"type\":\"{kind}\",\"coordinates\":{out}}}"))
    }
}

/// The outer ring and the holes.
pub fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

/// `[…,…]` of what `one` writes.
pub fn listed<T>(parts: &[T], out: &mut String, mut one: impl FnMut(&T, &mut String)) {
    out.push('[');
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        one(part, out);
    }
    out.push(']');
}

/// A number with at most so many decimals and without zeros at its end.
fn number(value: f64, decimals: u8, out: &mut String) {
    let start = out.len();
    // Writing to a string does not fail.
    let _ = write!(out, "{value:.*}", usize::from(decimals));
    if out[start..].contains('.') {
        let kept = out[start..].trim_end_matches('0').trim_end_matches('.').len();
        out.truncate(start + kept);
    }
    if &out[start..] == "-0" {
        out.truncate(start);
        out.push('0');
    }
}

#[cfg(test)]
mod tests {
    use geo::polygon;

    use super::*;

    const PLOT: Plot = Plot { decimals: 3, north_first: false, comma: ',' };

    #[test]
    fn numbers_are_short() {
        for (value, wanted) in [
            (121.2, "121.2"),
            (-0.000_01, "0"),
            (3_460_000.0, "3460000"),
            (100.0, "100"),
            (0.123_456, "0.123"),
            (-7.5, "-7.5"),
        ] {
            let mut out = "x".to_owned();
            number(value, 3, &mut out);
            assert_eq!(out, format!("x{wanted}"));
        }
    }

    #[test]
    fn axes_and_shapes() {
        let square: Polygon<f64> =
            polygon!((x: 1.0, y: 2.0), (x: 4.0, y: 2.0), (x: 4.0, y: 3.0), (x: 1.0, y: 2.0));
        assert_eq!(
            PLOT.geojson(&square.clone().into()).unwrap(),
            r#"{"type":"Polygon","coordinates":[[[1,2],[4,2],[4,3],[1,2]]]}"#
        );
        let turned = Plot { north_first: true, comma: ' ', ..PLOT };
        let mut out = String::new();
        turned.position(square.exterior().0[0], &mut out);
        assert_eq!(out, "2 1");
    }
}
