//! GeoJSON outlines, read strictly: whatever is wrong is said with its place in what was sent.

use geo::Coord;
use geo::LineString;
use geo::MultiPolygon;
use geo::Polygon;
use serde_json::Value;
use serde_json::json;

use crate::error::Error;
use crate::error::Result;
use crate::ingest::Outline;
use crate::ingest::Refusal;

/// Vertices of one outline. A parcel surveyed to the metre has some hundreds.
const VERTICES_MAX: usize = 20_000;

/// Whether an outline that is not valid is to be repaired. Never unasked: a person draws what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    Refuse,
    Accept,
}

fn wrong(at: &str, why: &str) -> Error {
    Error::BadInput { at: format!("成员 / member `{at}`"), why: why.to_owned() }
}

/// Polygons of a GeoJSON geometry (RFC 7946: longitude, latitude in degrees) at member `at`.
pub fn parse(geometry: &Value, at: &str) -> Result<MultiPolygon<f64>> {
    let Some(members) = geometry.as_object() else {
        return Err(wrong(at, "应为 GeoJSON 面 / a GeoJSON Polygon or MultiPolygon"));
    };
    if let Some(name) =
        members.keys().find(|it| !["type", "coordinates", "bbox"].contains(&it.as_str()))
    {
        let shown: String = name.chars().filter(|it| !it.is_control()).take(40).collect();
        let why = "不认识的成员；坐标一律为经度、纬度（EPSG:4490） / no such member: coordinates are longitude, latitude in EPSG:4490";
        return Err(wrong(&format!("{at}.{shown}"), why));
    }
    let inner = format!("{at}.coordinates");
    let coordinates = &members.get("coordinates").cloned().unwrap_or_default();
    let mut vertices = 0;
    let polygons = match members.get("type").and_then(Value::as_str) {
        Some("Polygon") => vec![polygon(coordinates, &inner, &mut vertices)?],
        Some("MultiPolygon") => list(coordinates, &inner)?
            .iter()
            .enumerate()
            .map(|(nth, it)| polygon(it, &format!("{inner}[{nth}]"), &mut vertices))
            .collect::<Result<_>>()?,
        _ => {
            let why = "应为 Polygon 或 MultiPolygon / Polygon or MultiPolygon";
            return Err(wrong(&format!("{at}.type"), why));
        }
    };
    Ok(MultiPolygon(polygons))
}

fn list<'a>(value: &'a Value, at: &str) -> Result<&'a Vec<Value>> {
    let list = value.as_array().filter(|it| !it.is_empty());
    list.ok_or_else(|| wrong(at, "应为非空数组 / a list that is not empty"))
}

fn polygon(value: &Value, at: &str, vertices: &mut usize) -> Result<Polygon<f64>> {
    let mut rings = Vec::new();
    for (nth, it) in list(value, at)?.iter().enumerate() {
        rings.push(ring(it, &format!("{at}[{nth}]"), vertices)?);
    }
    let holes = rings.split_off(1);
    // There is one: the list was not empty.
    let outer = rings.pop().unwrap_or_else(|| LineString(Vec::new()));
    Ok(Polygon::new(outer, holes))
}

fn ring(value: &Value, at: &str, vertices: &mut usize) -> Result<LineString<f64>> {
    let positions = list(value, at)?;
    *vertices += positions.len();
    if *vertices > VERTICES_MAX {
        let why = format!("顶点超过 {VERTICES_MAX} 个 / more than {VERTICES_MAX} vertices");
        return Err(wrong(at, &why));
    }
    let mut coords = Vec::with_capacity(positions.len());
    for (nth, it) in positions.iter().enumerate() {
        let at = || format!("{at}[{nth}]");
        let numbers = it.as_array().filter(|it| (2..=3).contains(&it.len()));
        let read = |n: usize| numbers.and_then(|it| it[n].as_f64());
        let (Some(x), Some(y)) = (read(0), read(1)) else {
            return Err(wrong(&at(), "应为 [经度, 纬度] / [longitude, latitude]"));
        };
        if !(-180.0..=180.0).contains(&x) || !(-90.0..=90.0).contains(&y) {
            let why = "不是经度、纬度（度），或次序颠倒 / not longitude and latitude in degrees, or the wrong way round";
            return Err(wrong(&at(), why));
        }
        coords.push(Coord { x, y });
    }
    if coords.len() < 4 {
        return Err(wrong(at, "环至少四个点 / a ring has four positions at least"));
    }
    if coords.first() != coords.last() {
        return Err(wrong(
            at,
            "环未闭合：末点应与首点相同 / the ring is open: its last position is its first",
        ));
    }
    Ok(LineString(coords))
}

/// The polygons as GeoJSON.
pub fn write(polygons: &MultiPolygon<f64>) -> Value {
    let ring =
        |it: &LineString<f64>| -> Vec<[f64; 2]> { it.0.iter().map(|it| [it.x, it.y]).collect() };
    let polygon = |it: &Polygon<f64>| -> Vec<Vec<[f64; 2]>> {
        std::iter::once(it.exterior()).chain(it.interiors()).map(ring).collect()
    };
    let all: Vec<_> = polygons.iter().map(polygon).collect();
    json!({"type": "MultiPolygon", "coordinates": all})
}

/// The outline at member `at`: checked, measured, and repaired only where that was asked for.
pub async fn outline(geometry: &Value, at: &str, repair: Repair) -> Result<Outline> {
    let polygons = parse(geometry, at)?;
    let given = polygons.clone();
    let made = tokio::task::spawn_blocking(move || Outline::of_polygons_blocking(polygons)).await;
    let made = made.map_err(anyhow::Error::from)?;
    let made = made.map_err(|it| refused(&it, &given, at))?;
    match &made.repair {
        Some(it) if repair == Repair::Refuse => {
            let mut more = place(&it.why, &given, at);
            more["repaired"] = write(&made.polygons);
            more["area_before_m2"] = json!(format!("{:.2}", it.before_m2));
            more["area_after_m2"] = json!(format!("{:.2}", it.after_m2));
            Err(Error::impossible(
                "geometry",
                format!(
                    "{at}: 图形无效（{why}）；`repaired` 为修复结果，同意则加 `repair: true` / the outline is not valid: {why}; `repaired` is what repair makes of it, accepted with `repair: true`",
                    why = it.why
                ),
                more,
            ))
        }
        _ => Ok(made),
    }
}

/// What the rules of imports refuse.
pub fn refused(refusal: &Refusal, given: &MultiPolygon<f64>, at: &str) -> Error {
    let mut more = place(&refusal.why, given, at);
    more["rule"] = json!(refusal.rule);
    Error::impossible("geometry", format!("{at}: {}", refusal.why), more)
}

/// Where something is wrong: the place that GEOS names at the end of its sentence, and the vertex nearest to it.
fn place(why: &str, given: &MultiPolygon<f64>, at: &str) -> Value {
    let numbers: Vec<f64> = why
        .split(|it: char| !(it.is_ascii_digit() || it == '.' || it == '-' || it == 'e'))
        .filter_map(|it| it.trim_end_matches('.').parse().ok())
        .collect();
    let mut found = json!({"at": at});
    let Some([x, y]) = numbers
        .windows(2)
        .rev()
        .find(|it| it[0].abs() <= 180.0 && it[1].abs() <= 90.0 && it[0].fract() != 0.0)
        .map(|it| [it[0], it[1]])
    else {
        return found;
    };
    let mut nearest: Option<(f64, String)> = None;
    for (n, polygon) in given.iter().enumerate() {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        for (r, ring) in rings.enumerate() {
            for (v, it) in ring.0.iter().enumerate() {
                let distance = (it.x - x).hypot(it.y - y);
                if nearest.as_ref().is_none_or(|it| distance < it.0) {
                    nearest = Some((distance, format!("polygon {n}, ring {r}, vertex {v}")));
                }
            }
        }
    }
    found["place"] = json!([x, y]);
    found["nearest_vertex"] = json!(nearest.map(|it| it.1));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (geometry, at) in [
            (json!(null), "geometry`"),
            (json!({"type": "Point", "coordinates": [121, 31]}), "geometry.type`"),
            (json!({"type": "Polygon"}), "geometry.coordinates`"),
            (json!({"type": "Polygon", "coordinates": []}), "geometry.coordinates`"),
            (json!({"type": "Polygon", "coordinates": [[[121, 31], [121]]]}), "coordinates[0][1]`"),
            (json!({"type": "Polygon", "coordinates": [[[31, 121]]]}), "coordinates[0][0]`"),
            (
                json!({"type": "Polygon", "coordinates": [[[121, 31], [122, 31], [121, 31]]]}),
                "coordinates[0]`",
            ),
            (
                json!({"type": "MultiPolygon", "coordinates": [[[[121, 31], [122, 31], [122, 32], [121, 32]]]]}),
                "coordinates[0][0]`",
            ),
            (
                json!({"type": "Polygon", "coordinates": [[]], "crs": {"type": "name"}}),
                "geometry.crs`",
            ),
        ] {
            let error = parse(&geometry, "geometry").unwrap_err().to_string();
            assert!(error.contains(at), "{geometry}: {error}");
        }
    }

    #[test]
    fn polygons_are_read_and_written_alike() {
        let square = json!({"type": "Polygon", "coordinates": [[[121.0, 31.0], [122.0, 31.0], [122.0, 32.0], [121.0, 31.0]]]});
        let read = parse(&square, "geometry").unwrap();
        assert_eq!(write(&read)["coordinates"][0], square["coordinates"]);
    }

    #[tokio::test]
    async fn an_outline_is_repaired_only_when_asked() {
        let spike = json!({"type": "Polygon", "coordinates": [[[121.0, 31.0], [121.01, 31.0], [121.01, 31.01],
            [121.02, 31.02], [121.01, 31.01], [121.0, 31.01], [121.0, 31.0]]]});
        let refused = outline(&spike, "geometry", Repair::Refuse).await.unwrap_err();
        let Error::Told { more, .. } = refused else { panic!("{refused}") };
        assert!(
            more["place"][0].as_f64().is_some_and(|it| (121.0..=121.02).contains(&it)),
            "{more}"
        );
        assert!(parse(&more["repaired"], "geometry").is_ok());
        let made = outline(&spike, "geometry", Repair::Accept).await.unwrap();
        assert!(made.repair.is_some() && made.original.is_some());
    }
}
