//! Esri's geometries: read from a query, written for features. Rings run clockwise on the outside and the other way around
//! holes, and are not grouped: which hole is whose is found out here.

use geo::Contains;
use geo::Coord;
use geo::Geometry;
use geo::LineString;
use geo::MultiLineString;
use geo::MultiPoint;
use geo::MultiPolygon;
use geo::Point;
use geo::Polygon;
use geo::Winding;
use serde_json::Value;

use crate::cql::Kind;
use crate::crs::Crs;
use crate::export::plot;
use crate::export::plot::Plot;
use crate::export::plot::listed;

use super::spatial_reference;

/// What is wrong with a geometry, in both languages.
type Wrong = String;

/// A geometry as a query gives it, in the axis order of its system's authority.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub shape: Kind,
    /// Where it says itself which system it is in.
    pub crs: Option<Crs>,
}

/// Reads JSON, or numbers with commas: a point or an envelope. `crs` counts where the geometry names none.
pub fn read(text: &str, crs: Crs) -> Result<Asked, Wrong> {
    let text = text.trim();
    if !text.starts_with('{') {
        let numbers: Option<Vec<f64>> = text.split(',').map(|it| it.trim().parse().ok()).collect();
        let shape = match numbers.as_deref() {
            Some([x, y]) => point(crs, *x, *y),
            Some([west, south, east, north]) => envelope(crs, [*west, *south, *east, *north]),
            _ => return Err(unreadable()),
        };
        return Ok(Asked { shape, crs: None });
    }
    let value: Value = serde_json::from_str(text).map_err(|_| unreadable())?;
    let own = match &value["spatialReference"] {
        Value::Null => None,
        it => Some(spatial_reference::of_json(it).ok_or_else(|| {
            format!(
                "不支持的 spatialReference / this spatialReference is not known; {}",
                spatial_reference::known()
            )
        })?),
    };
    let crs = own.unwrap_or(crs);
    let number = |name: &str| value[name].as_f64().ok_or_else(unreadable);
    let shape = if value.get("xmin").is_some() {
        envelope(crs, [number("xmin")?, number("ymin")?, number("xmax")?, number("ymax")?])
    } else if value.get("x").is_some() {
        point(crs, number("x")?, number("y")?)
    } else if let Some(points) = value["points"].as_array() {
        let points = points.iter().map(|it| Ok(Point(position(crs, it)?)));
        Kind::Geometry(MultiPoint(points.collect::<Result<_, Wrong>>()?).into())
    } else if let Some(paths) = value["paths"].as_array() {
        let lines = paths.iter().map(|it| line(crs, it)).collect::<Result<_, _>>()?;
        Kind::Geometry(MultiLineString(lines).into())
    } else if let Some(rings) = value["rings"].as_array() {
        // Grouped easting first, whatever the order they are handed on in.
        let east = rings.iter().map(|it| line(Crs::Crs84, it)).collect::<Result<Vec<_>, _>>()?;
        Kind::Geometry(turned(crs, &grouped(east)?).into())
    } else {
        return Err(unreadable());
    };
    Ok(Asked { shape, crs: own })
}

fn unreadable() -> Wrong {
    "应为 Esri JSON（envelope、point、multipoint、polyline、polygon）或 xmin,ymin,xmax,ymax / Esri JSON (envelope, point, multipoint, polyline, polygon) or xmin,ymin,xmax,ymax".to_owned()
}

/// In the axis order of the authority.
fn at(crs: Crs, x: f64, y: f64) -> Coord<f64> {
    if crs.is_north_first() { Coord { x: y, y: x } } else { Coord { x, y } }
}

fn point(crs: Crs, x: f64, y: f64) -> Kind {
    Kind::Geometry(Point(at(crs, x, y)).into())
}

fn envelope(crs: Crs, [west, south, east, north]: [f64; 4]) -> Kind {
    let (low, high) = (at(crs, west, south), at(crs, east, north));
    Kind::BBox([low.x, low.y, high.x, high.y])
}

/// Two numbers; heights and measures behind them are dropped.
fn position(crs: Crs, value: &Value) -> Result<Coord<f64>, Wrong> {
    match (value[0].as_f64(), value[1].as_f64()) {
        (Some(x), Some(y)) => Ok(at(crs, x, y)),
        _ => Err(unreadable()),
    }
}

fn line(crs: Crs, value: &Value) -> Result<LineString<f64>, Wrong> {
    let positions = value.as_array().ok_or_else(unreadable)?;
    positions.iter().map(|it| position(crs, it)).collect()
}

fn turned(crs: Crs, polygons: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    use geo::MapCoords;
    polygons.map_coords(|it| at(crs, it.x, it.y))
}

/// Rings that run clockwise are outsides, the others holes of the first outside that has their first vertex. Where none
/// runs clockwise, the client did not know the rule, and each is an outside.
fn grouped(rings: Vec<LineString<f64>>) -> Result<MultiPolygon<f64>, Wrong> {
    if rings.iter().any(|it| it.0.len() < 4 || !it.is_closed()) {
        return Err("环至少有 4 个顶点，且首尾相同 / a ring has at least 4 positions, the last equal to the first".to_owned());
    }
    let none = !rings.iter().any(Winding::is_cw);
    let (outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|it| none || it.is_cw());
    if outer.len().saturating_mul(holes.len()) > 10_000 {
        return Err("环过多 / too many rings".to_owned());
    }
    let mut polygons: Vec<Polygon<f64>> =
        outer.into_iter().map(|it| Polygon::new(it, vec![])).collect();
    for hole in holes {
        let first = Point(hole.0[0]);
        let owner = polygons.iter_mut().find(|it| it.contains(&first));
        // A hole in nothing takes nothing away.
        if let Some(owner) = owner {
            owner.interiors_push(hole);
        }
    }
    Ok(MultiPolygon(polygons))
}

/// A stored geometry as Esri JSON, its rings already turned; `None` for what no layer stores.
pub fn write(geometry: &Geometry<f64>, plot: Plot) -> Option<String> {
    let mut out = String::new();
    let member = match geometry {
        Geometry::MultiPoint(it) => {
            plot.array(&it.0.iter().map(|it| it.0).collect(), &mut out);
            "points"
        }
        Geometry::MultiLineString(it) => {
            listed(&it.0, &mut out, |it, out| plot.array(it, out));
            "paths"
        }
        Geometry::MultiPolygon(it) => {
            let rings: Vec<&LineString<f64>> = it.0.iter().flat_map(plot::rings).collect();
            listed(&rings, &mut out, |it, out| plot.array(it, out));
            "rings"
        }
        _ => return None,
    };
    Some(format!("{{\"{member}\":{out}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometries_come_in_the_order_of_the_authority() {
        let envelope =
            r#"{"xmin":121,"ymin":31,"xmax":122,"ymax":32,"spatialReference":{"wkid":4490}}"#;
        let it = read(envelope, Crs::Epsg(3857)).unwrap();
        assert_eq!(
            (it.shape, it.crs),
            (Kind::BBox([31.0, 121.0, 32.0, 122.0]), Some(Crs::Epsg(4490)))
        );
        let it = read("1,2,3,4", Crs::Epsg(3857)).unwrap();
        assert_eq!((it.shape, it.crs), (Kind::BBox([1.0, 2.0, 3.0, 4.0]), None));
    }

    #[test]
    fn holes_find_their_outsides() {
        let rings = r#"{"rings":[
            [[0,0],[0,10],[10,10],[10,0],[0,0]],
            [[20,0],[20,10],[30,10],[30,0],[20,0]],
            [[22,2],[28,2],[28,8],[22,8],[22,2]]]}"#;
        let Kind::Geometry(Geometry::MultiPolygon(it)) =
            read(rings, Crs::Epsg(3857)).unwrap().shape
        else {
            panic!("no polygons")
        };
        let holes: Vec<usize> = it.0.iter().map(|it| it.interiors().len()).collect();
        assert_eq!(holes, [0, 1]);
    }

    #[test]
    fn outsides_run_clockwise_and_holes_do_not() {
        use geo::Orient;
        use geo::orient::Direction;
        let square = |from: f64, to: f64| -> LineString<f64> {
            vec![(from, from), (to, from), (to, to), (from, to), (from, from)].into()
        };
        let it = Polygon::new(square(0.0, 9.0), vec![square(2.0, 3.0)]);
        let it = MultiPolygon(vec![it]).orient(Direction::Reversed);
        let plot = Plot { decimals: 3, north_first: false, comma: ',' };
        let written = write(&it.into(), plot).unwrap();
        let read = read(&written, Crs::Epsg(3857)).unwrap();
        let Kind::Geometry(Geometry::MultiPolygon(read)) = read.shape else { panic!("{written}") };
        assert!(read.0[0].exterior().is_cw() && read.0[0].interiors()[0].is_ccw(), "{written}");
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in [
            "",
            "{",
            "{}",
            "1,2,3",
            "a,b",
            r#"{"x":"a","y":1}"#,
            r#"{"x":1}"#,
            r#"{"x":1,"y":2,"spatialReference":{"wkid":2154}}"#,
            r#"{"rings":[[[0,0],[1,1]]]}"#,
            r#"{"rings":[1]}"#,
            r#"{"paths":[[[1]]]}"#,
            r#"{"points":[[]]}"#,
        ] {
            assert!(read(wrong, Crs::Crs84).is_err(), "{wrong}");
        }
    }
}
