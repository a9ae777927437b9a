//! A shape that somebody drew, read strictly: what is wrong with it is said with the vertex.

use geo::Coord;
use geo::Distance;
use geo::Haversine;
use geo::Intersects;
use geo::Line;
use geo::LineString;
use geo::MultiPolygon;
use geo::Point;
use geo::Polygon;
use geo::Validation;
use geo::line_intersection::LineIntersection;
use geo::line_intersection::line_intersection;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::cql::MAX_VERTICES;
use crate::error::Error;
use crate::error::Result;

/// The equal-area plane ends at the other side of the earth; this far from its centre it is still a plane.
const PLANE_M: f64 = 5_000_000.0;

/// A ring's vertices, each longitude and latitude in degrees; the last is the first again.
type Ring = Vec<Vec<f64>>;

/// A `Polygon` or `MultiPolygon` of GeoJSON (RFC 7946), in degrees.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type")]
#[schemars(rename = "DrawnShape")]
pub enum Shape {
    Polygon { coordinates: Vec<Ring> },
    MultiPolygon { coordinates: Vec<Vec<Ring>> },
}

impl Shape {
    /// The polygons. A vertex further than `reach_m` from the first one, one that the plane around `centre` does not hold, an edge that crosses another, more vertices than
    /// anybody draws: each is refused at its place in member `at`.
    pub fn parse(&self, at: &str, reach_m: f64, centre: [f64; 2]) -> Result<MultiPolygon<f64>> {
        let parts: Vec<(String, &[Ring])> = match self {
            Self::Polygon { coordinates } => vec![(format!("{at}.coordinates"), coordinates)],
            Self::MultiPolygon { coordinates } => (0..)
                .zip(coordinates)
                .map(|(nth, it): (usize, _)| (format!("{at}.coordinates[{nth}]"), it.as_slice()))
                .collect(),
        };
        let centre = Point::from(centre);
        let mut read = Reading { first: None, vertices: 0, reach_m, centre };
        let polygons: Vec<Polygon<f64>> = parts
            .iter()
            .map(|(place, rings)| polygon(place, rings, &mut read))
            .collect::<Result<_>>()?;
        if polygons.is_empty() {
            return Err(wrong(at, "没有环 / it has no ring"));
        }
        let shape = MultiPolygon(polygons);
        crossing(&shape, &parts)?;
        if !shape.is_valid() {
            return Err(wrong(
                at,
                "面无效：部分相互重叠，或孔不在环内，或面积为零 / not valid: parts overlap, a hole is outside its ring, or there is no area",
            ));
        }
        Ok(shape)
    }
}

/// What was read so far.
struct Reading {
    first: Option<Point<f64>>,
    vertices: usize,
    reach_m: f64,
    centre: Point<f64>,
}

fn wrong(at: &str, why: impl Into<String>) -> Error {
    Error::BadInput { at: format!("成员 / member `{at}`"), why: why.into() }
}

fn polygon(at: &str, rings: &[Ring], read: &mut Reading) -> Result<Polygon<f64>> {
    let lines: Result<Vec<LineString<f64>>> = (0..)
        .zip(rings)
        .map(|(nth, it): (usize, _)| line(&format!("{at}[{nth}]"), it, read))
        .collect();
    let mut lines = lines?.into_iter();
    let outline = lines.next().ok_or_else(|| wrong(at, "没有环 / it has no ring"))?;
    Ok(Polygon::new(outline, lines.collect()))
}

fn line(at: &str, ring: &Ring, read: &mut Reading) -> Result<LineString<f64>> {
    let mut line = Vec::with_capacity(ring.len().min(MAX_VERTICES));
    for (nth, vertex) in ring.iter().enumerate() {
        let at = || format!("{at}[{nth}]");
        read.vertices += 1;
        if read.vertices > MAX_VERTICES {
            return Err(wrong(
                &at(),
                format!(
                    "顶点超过 {MAX_VERTICES} 个 / this vertex is one more than the {MAX_VERTICES} that a shape may have"
                ),
            ));
        }
        let on_earth = |x: f64, y: f64| x.abs() <= 180.0 && y.abs() <= 90.0;
        let (x, y) = match vertex[..] {
            [x, y] | [x, y, _] if on_earth(x, y) => (x, y),
            _ => {
                return Err(wrong(
                    &at(),
                    "应为经纬度 / this vertex should be a longitude and a latitude in degrees",
                ));
            }
        };
        let here = Point::new(x, y);
        let first = *read.first.get_or_insert(here);
        if Haversine.distance(first, here) > read.reach_m {
            return Err(wrong(
                &at(),
                format!(
                    "图形过大：此顶点距首个顶点超过 {0} km / too large: this vertex is more than {0} km from the first one",
                    read.reach_m / 1_000.0
                ),
            ));
        }
        if Haversine.distance(read.centre, here) > PLANE_M {
            return Err(wrong(
                &at(),
                "不在本区附近 / this vertex is on another side of the earth than the district",
            ));
        }
        line.push(Coord { x, y });
    }
    if line.len() < 4 || line.first() != line.last() {
        return Err(wrong(
            at,
            "环至少有 4 个顶点，且首尾相同 / a ring has at least 4 vertices, the last equal to the first",
        ));
    }
    Ok(LineString(line))
}

/// The first two edges, by their place, that meet elsewhere than neighbours do.
fn crossing(shape: &MultiPolygon<f64>, parts: &[(String, &[Ring])]) -> Result<()> {
    for (polygon, (at, _)) in shape.0.iter().zip(parts) {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        for (nth, ring) in rings.enumerate() {
            if let Some((a, b)) = crossed(ring) {
                return Err(Error::misplaced(
                    &format!("成员 / member `{at}[{nth}][{a}]`"),
                    &format!(
                        "自相交：从此顶点起的边与从顶点 {b} 起的边相交 / it crosses itself: the edge from this vertex meets the edge from vertex {b}"
                    ),
                    json!({"edges": [a, b], "point": meeting(ring, a, b)}),
                ));
            }
        }
    }
    Ok(())
}

/// Where two edges of a ring meet: longitude and latitude; of two that lie on each other, where that begins.
fn meeting(ring: &LineString<f64>, a: usize, b: usize) -> Option<[f64; 2]> {
    let (one, other) = (ring.lines().nth(a)?, ring.lines().nth(b)?);
    let it = match line_intersection(one, other)? {
        LineIntersection::SinglePoint { intersection, .. } => intersection,
        LineIntersection::Collinear { intersection } => intersection.start,
    };
    Some([it.x, it.y])
}

/// Two edges of a ring that cross or touch and are no neighbours; or a neighbour that runs back over the one before it.
fn crossed(ring: &LineString<f64>) -> Option<(usize, usize)> {
    let edges: Vec<Line<f64>> = ring.lines().collect();
    let mut by_west: Vec<(f64, f64, usize)> = edges
        .iter()
        .enumerate()
        .map(|(nth, it)| (it.start.x.min(it.end.x), it.start.x.max(it.end.x), nth))
        .collect();
    by_west.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    let mut found: Option<(usize, usize)> = None;
    for (from, (_, east, a)) in by_west.iter().enumerate() {
        for (west, _, b) in &by_west[from + 1..] {
            if west > east {
                break;
            }
            let (a, b) = (*a.min(b), *a.max(b));
            if found.is_none_or(|it| (a, b) < it) && meet(&edges, a, b) {
                found = Some((a, b));
            }
        }
    }
    found
}

fn meet(edges: &[Line<f64>], a: usize, b: usize) -> bool {
    let (one, other) = (edges[a], edges[b]);
    let next = b == a + 1;
    let last = a == 0 && b + 1 == edges.len();
    if !next && !last {
        return one.intersects(&other);
    }
    if edges.len() < 3 {
        return true;
    }
    // Neighbours share one vertex; more than that is a spike.
    let far = if next { (one.start, other.end) } else { (one.end, other.start) };
    other.intersects(&Point::from(far.0)) || one.intersects(&Point::from(far.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<MultiPolygon<f64>> {
        serde_json::from_str::<Shape>(text).unwrap().parse("shape", 20_000.0, [0.0, 0.0])
    }

    fn said(coordinates: &str) -> String {
        let text = format!(r#"{{"type":"Polygon","coordinates":{coordinates}}}"#);
        parse(&text).unwrap_err().to_string()
    }

    #[test]
    fn a_shape_is_read() {
        let square = "[[0,0],[0.1,0],[0.1,0.1,5],[0,0.1],[0,0]]";
        let hole = "[[0.02,0.02],[0.04,0.02],[0.04,0.04],[0.02,0.02]]";
        let text = format!(r#"{{"type":"Polygon","coordinates":[{square},{hole}]}}"#);
        assert_eq!(parse(&text).unwrap().0[0].interiors().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_vertex() {
        for (coordinates, place, why) in [
            ("[]", "shape.coordinates", "no ring"),
            ("[[[0,0],[0.1,0],[0.1,0.1]]]", "shape.coordinates[0]", "at least 4"),
            ("[[[0,0],[0.1,0],[0.1,91],[0,0.1],[0,0]]]", "shape.coordinates[0][2]", "longitude"),
            ("[[[0,0],[0.1],[0.1,0.1],[0,0.1],[0,0]]]", "shape.coordinates[0][1]", "longitude"),
            ("[[[0,0],[0.1,0.1],[0.1,0],[0,0.1],[0,0]]]", "shape.coordinates[0][0]", "vertex 2"),
            // A spike, and a ring that goes nowhere.
            (
                "[[[0,0],[0.1,0],[0.1,0.1],[0.1,0.14],[0.1,0.12],[0,0.1],[0,0]]]",
                "shape.coordinates[0][2]",
                "crosses",
            ),
            ("[[[0,0],[0.1,0],[0.1,0],[0,0]]]", "shape.coordinates[0]", "crosses"),
            ("[[[0,0],[3,0],[3,3],[0,3],[0,0]]]", "shape.coordinates[0][1]", "20 km"),
            (
                "[[[180,0],[179.9,0],[179.9,0.1],[180,0]]]",
                "shape.coordinates[0][0]",
                "another side",
            ),
        ] {
            let said = said(coordinates);
            assert!(
                said.contains(&format!("`{place}")) && said.contains(why),
                "{coordinates}: {said}"
            );
        }
        let many = vec!["[0,0]"; MAX_VERTICES + 1].join(",");
        assert!(said(&format!("[[{many}]]")).contains("coordinates[0][5000]"));
    }

    #[test]
    fn a_crossing_is_told_with_its_edges_and_its_place() {
        let bow = r#"{"type":"Polygon","coordinates":[[[0,0],[0.1,0.1],[0.1,0],[0,0.1],[0,0]]]}"#;
        let Err(Error::Told { more, .. }) = parse(bow) else { panic!("it is read") };
        assert_eq!(more["edges"], json!([0, 2]));
        let near = |nth: usize| (more["point"][nth].as_f64().unwrap() - 0.05).abs() < 1e-12;
        assert!(near(0) && near(1), "{more}");
        assert_eq!(more["at"], "成员 / member `shape.coordinates[0][0]`");
    }

    #[test]
    fn parts_that_overlap_and_holes_outside_are_refused() {
        let square = "[[0,0],[0.1,0],[0.1,0.1],[0,0.1],[0,0]]";
        let text = format!(r#"{{"type":"MultiPolygon","coordinates":[[{square}],[{square}]]}}"#);
        assert!(parse(&text).unwrap_err().to_string().contains("overlap"));
        let outside = "[[0.12,0.02],[0.14,0.02],[0.14,0.04],[0.12,0.02]]";
        assert!(said(&format!("[{square},{outside}]")).contains("hole"));
    }
}
