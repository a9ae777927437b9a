//! An area that was drawn, as GeoJSON has it.

use geo::Coord;
use geo::LineString;
use geo::MultiPolygon;
use geo::Polygon;
use geo::Validation;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::cql::MAX_VERTICES;
use crate::error::Error;
use crate::error::Result;

/// Vertices up to which all edges are compared with all others, as in filters; what is larger was not drawn by hand.
const VALIDATED: usize = 500;

/// A ring's vertices, each longitude and latitude in degrees; the last is the first again.
type Ring = Vec<Vec<f64>>;

/// A `Polygon` or `MultiPolygon` of GeoJSON (RFC 7946), in degrees.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type")]
#[schemars(rename = "StatsArea")]
pub enum Area {
    Polygon { coordinates: Vec<Ring> },
    MultiPolygon { coordinates: Vec<Vec<Ring>> },
}

impl Area {
    /// The polygons. Heights are dropped; what encloses no area is refused with the ring and vertex that is wrong.
    pub fn parse(&self) -> Result<MultiPolygon<f64>> {
        let parts: Vec<&[Ring]> = match self {
            Self::Polygon { coordinates } => vec![coordinates],
            Self::MultiPolygon { coordinates } => coordinates.iter().map(Vec::as_slice).collect(),
        };
        let vertices: usize = parts.iter().flat_map(|it| it.iter()).map(Vec::len).sum();
        if vertices > MAX_VERTICES {
            return Err(wrong(format!(
                "至多 {MAX_VERTICES} 个顶点 / at most {MAX_VERTICES} vertices, not {vertices}"
            )));
        }
        let polygons: Vec<Polygon<f64>> =
            parts.iter().enumerate().map(|(nth, it)| polygon(nth, it)).collect::<Result<_>>()?;
        if polygons.is_empty() {
            return Err(wrong("没有环 / it has no ring"));
        }
        Ok(MultiPolygon(polygons))
    }
}

fn wrong(why: impl Into<String>) -> Error {
    Error::parameter("polygon", why.into())
}

fn polygon(part: usize, rings: &[Ring]) -> Result<Polygon<f64>> {
    let lines: Result<Vec<LineString<f64>>> = rings
        .iter()
        .enumerate()
        .map(|(nth, it)| {
            line(it).map_err(|why| wrong(format!("polygon {part}, ring {nth}: {why}")))
        })
        .collect();
    let mut lines = lines?.into_iter();
    let outline = lines.next().ok_or_else(|| wrong("没有环 / it has no ring"))?;
    let polygon = Polygon::new(outline, lines.collect());
    let vertices: usize = rings.iter().map(Vec::len).sum();
    if vertices <= VALIDATED && !polygon.is_valid() {
        return Err(wrong(format!(
            "多边形无效：自相交、重复或面积为零 / polygon {part} is not valid: it crosses or repeats itself, or has no area"
        )));
    }
    Ok(polygon)
}

fn line(ring: &Ring) -> std::result::Result<LineString<f64>, String> {
    let mut line = Vec::with_capacity(ring.len());
    for (nth, vertex) in ring.iter().enumerate() {
        let on_earth = |x: f64, y: f64| x.abs() <= 180.0 && y.abs() <= 90.0;
        match vertex[..] {
            [x, y] | [x, y, _] if on_earth(x, y) => line.push(Coord { x, y }),
            _ => {
                return Err(format!(
                    "应为经纬度 / vertex {nth} should be a longitude and a latitude in degrees"
                ));
            }
        }
    }
    if line.len() < 4 || line.first() != line.last() {
        return Err("环至少有 4 个顶点，且首尾相同 / a ring has at least 4 vertices, the last equal to the first".to_owned());
    }
    Ok(LineString(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<MultiPolygon<f64>> {
        serde_json::from_str::<Area>(text).unwrap().parse()
    }

    #[test]
    fn a_polygon_is_read_or_refused_with_the_place() {
        let square = "[[0,0],[1,0],[1,1,5],[0,1],[0,0]]";
        assert_eq!(
            parse(&format!(r#"{{"type":"Polygon","coordinates":[{square}]}}"#)).unwrap().0.len(),
            1
        );
        let two = format!(r#"{{"type":"MultiPolygon","coordinates":[[{square}],[{square}]]}}"#);
        assert_eq!(parse(&two).unwrap().0.len(), 2);
        for (coordinates, word) in [
            ("[]", "no ring"),
            ("[[[0,0],[1,0],[1,1]]]", "at least 4"),
            ("[[[0,0],[1,0],[1,1],[0,1],[0,2]]]", "equal to the first"),
            ("[[[0,0],[1,0],[1,91],[0,1],[0,0]]]", "vertex 2"),
            ("[[[0,0],[1],[1,1],[0,1],[0,0]]]", "vertex 1"),
            ("[[[0,0],[1,1],[1,0],[0,1],[0,0]]]", "crosses"),
        ] {
            let text = format!(r#"{{"type":"Polygon","coordinates":{coordinates}}}"#);
            let said = parse(&text).unwrap_err().to_string();
            assert!(said.contains(word), "{said}");
        }
        let many = vec!["[0,0]"; MAX_VERTICES + 1].join(",");
        let said = parse(&format!(r#"{{"type":"Polygon","coordinates":[[{many}]]}}"#));
        assert!(said.unwrap_err().to_string().contains("at most 5000"));
    }
}
