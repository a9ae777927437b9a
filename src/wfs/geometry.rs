//! Geometries of filters: GML 3.2 as QGIS, GDAL and ArcGIS write it, with the older names beside. Coordinates come out in
//! the axis order of the authority; heights are dropped. Whether rings close and polygons have an area is judged where all
//! filters are.

use geo::Coord;
use geo::Geometry;
use geo::LineString;
use geo::MultiLineString;
use geo::MultiPoint;
use geo::MultiPolygon;
use geo::Point;
use geo::Polygon;

use super::srs::Srs;
use super::xml::Element;

/// What is wrong with a geometry, in both languages.
type Wrong = String;

/// A geometry of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Geometry(Geometry<f64>),
    /// Least and greatest first and second coordinate.
    Envelope([f64; 4]),
}

/// The names that begin a geometry.
pub fn is_geometry(name: &str) -> bool {
    NAMES.contains(&name)
}

const NAMES: [&str; 12] = [
    "Envelope",
    "Box",
    "Point",
    "LineString",
    "Curve",
    "Polygon",
    "Surface",
    "MultiPoint",
    "MultiCurve",
    "MultiLineString",
    "MultiSurface",
    "MultiPolygon",
];

/// Reads a geometry and the name of its reference system; the layer's own where it says none.
pub fn read(element: &Element) -> Result<(Shape, Srs), Wrong> {
    let srs = match named(element).or_else(|| element.children.iter().find_map(named)) {
        Some(name) => Srs::parse(name).ok_or_else(|| {
            let shown = crate::export::shortened(name);
            format!("不支持的 srsName `{shown}` / this srsName is not known; {}", Srs::known())
        })?,
        None => Srs::stored(),
    };
    let reader = Reading { srs: &srs, width: width(element) };
    let shape = if matches!(element.name.as_str(), "Envelope" | "Box") {
        Shape::Envelope(reader.envelope(element)?)
    } else {
        Shape::Geometry(reader.geometry(element)?)
    };
    Ok((shape, srs))
}

fn named(element: &Element) -> Option<&str> {
    element.attribute("srsName")
}

/// How many numbers a position has.
fn width(element: &Element) -> usize {
    let own = element.attribute("srsDimension").and_then(|it| it.parse().ok());
    own.or_else(|| element.children.iter().map(width).find(|it| *it == 3)).unwrap_or(2)
}

struct Reading<'a> {
    srs: &'a Srs,
    width: usize,
}

impl Reading<'_> {
    fn envelope(&self, element: &Element) -> Result<[f64; 4], Wrong> {
        let corners = match (element.child("lowerCorner"), element.child("upperCorner")) {
            (Some(low), Some(high)) => [self.positions(low)?, self.positions(high)?].concat(),
            _ => self.line(element)?.0,
        };
        let [low, high] = corners[..] else {
            return Err("Envelope 需要 lowerCorner 与 upperCorner / an Envelope has a lowerCorner and an upperCorner".to_owned());
        };
        if low.x > high.x || low.y > high.y {
            return Err(
                "lowerCorner 大于 upperCorner / the lowerCorner exceeds the upperCorner".to_owned()
            );
        }
        Ok([low.x, low.y, high.x, high.y])
    }

    fn geometry(&self, element: &Element) -> Result<Geometry<f64>, Wrong> {
        Ok(match element.name.as_str() {
            "Point" => Point(self.point(element)?).into(),
            "LineString" => self.line(element)?.into(),
            "Curve" => self.curve(element)?.into(),
            "Polygon" => self.polygon(element)?.into(),
            "Surface" => self.surface(element)?,
            "MultiPoint" => {
                MultiPoint(Self::members(element, |it| self.point(it).map(Point))?).into()
            }
            "MultiCurve" | "MultiLineString" => {
                MultiLineString(Self::members(element, |it| self.curve(it))?).into()
            }
            "MultiSurface" | "MultiPolygon" => {
                let parts = Self::members(element, |it| self.geometry(it))?;
                let mut polygons = Vec::new();
                for part in parts {
                    match part {
                        Geometry::Polygon(it) => polygons.push(it),
                        Geometry::MultiPolygon(it) => polygons.extend(it.0),
                        _ => return Err(misplaced(&element.name)),
                    }
                }
                MultiPolygon(polygons).into()
            }
            other => return Err(misplaced(other)),
        })
    }

    /// What the members, or the list of members, of a collection hold.
    fn members<T>(
        element: &Element,
        mut one: impl FnMut(&Element) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, Wrong> {
        let holders = element.children.iter().filter(|it| it.name.contains("Member"));
        let parts: Vec<T> =
            holders.flat_map(|it| &it.children).map(&mut one).collect::<Result<_, _>>()?;
        if parts.is_empty() { Err(misplaced(&element.name)) } else { Ok(parts) }
    }

    fn point(&self, element: &Element) -> Result<Coord<f64>, Wrong> {
        match self.line(element)?.0[..] {
            [at] => Ok(at),
            _ => Err("Point 应有一个坐标 / a Point has one position".to_owned()),
        }
    }

    /// A line, or a curve of straight segments.
    fn curve(&self, element: &Element) -> Result<LineString<f64>, Wrong> {
        let Some(segments) = element.child("segments") else { return self.line(element) };
        let mut all: Vec<Coord<f64>> = Vec::new();
        for segment in &segments.children {
            if segment.name != "LineStringSegment" {
                return Err(misplaced(&segment.name));
            }
            let line = self.line(segment)?.0;
            let joined = all.last().is_some() && all.last() == line.first();
            all.extend(line.into_iter().skip(usize::from(joined)));
        }
        Ok(LineString(all))
    }

    fn surface(&self, element: &Element) -> Result<Geometry<f64>, Wrong> {
        let patches = element.child("patches").map(|it| &it.children[..]).unwrap_or_default();
        let polygons: Vec<Polygon<f64>> =
            patches.iter().map(|it| self.polygon(it)).collect::<Result<_, _>>()?;
        Ok(MultiPolygon(polygons).into())
    }

    fn polygon(&self, element: &Element) -> Result<Polygon<f64>, Wrong> {
        let ring = |it: &Element| match it.child("LinearRing") {
            Some(it) => self.line(it),
            None => Err(misplaced(&it.name)),
        };
        let outer = element.child("exterior").or_else(|| element.child("outerBoundaryIs"));
        let outer = outer.ok_or_else(|| misplaced(&element.name))?;
        let inner = element
            .children
            .iter()
            .filter(|it| ["interior", "innerBoundaryIs"].contains(&it.name.as_str()));
        let (outer, inner) = (ring(outer)?, inner.map(ring).collect::<Result<Vec<_>, _>>()?);
        // `Polygon::new` would close an open ring silently; the judge of filters names it.
        if [&outer].into_iter().chain(&inner).any(|it| it.0.len() < 4 || !it.is_closed()) {
            return Err("环至少有 4 个顶点，且首尾相同 / a ring has at least 4 positions, the last equal to the first".to_owned());
        }
        Ok(Polygon::new(outer, inner))
    }

    /// The positions of `posList`, `pos` or `coordinates`.
    fn line(&self, element: &Element) -> Result<LineString<f64>, Wrong> {
        let mut all = Vec::new();
        for child in &element.children {
            match child.name.as_str() {
                "pos" | "posList" => all.extend(self.positions(child)?),
                "coordinates" => all.extend(self.tuples(child)?),
                // Points of a line by themselves.
                "pointProperty" | "Point" => all.extend(self.line(child)?.0),
                _ => {}
            }
        }
        if all.is_empty() { Err(misplaced(&element.name)) } else { Ok(LineString(all)) }
    }

    fn positions(&self, element: &Element) -> Result<Vec<Coord<f64>>, Wrong> {
        let width = element.attribute("srsDimension").and_then(|it| it.parse().ok());
        let width = width.unwrap_or(self.width);
        let numbers: Vec<f64> =
            element.text.split_ascii_whitespace().map(number).collect::<Result<_, _>>()?;
        if !(2..=3).contains(&width) || !numbers.len().is_multiple_of(width) {
            return Err(format!(
                "坐标个数应为 {width} 的倍数 / the number of coordinates is no multiple of {width}"
            ));
        }
        Ok(numbers.chunks(width).map(|it| self.at(it[0], it[1])).collect())
    }

    /// `1,2 3,4`, as older clients write.
    fn tuples(&self, element: &Element) -> Result<Vec<Coord<f64>>, Wrong> {
        let tuples = element.text.split_ascii_whitespace().map(|it| {
            let numbers: Vec<f64> = it.split(',').map(number).collect::<Result<_, _>>()?;
            match numbers[..] {
                [first, second] | [first, second, _] => Ok(self.at(first, second)),
                _ => Err(misplaced("coordinates")),
            }
        });
        tuples.collect()
    }

    fn at(&self, first: f64, second: f64) -> Coord<f64> {
        let (x, y) = self.srs.to_authority(first, second);
        Coord { x, y }
    }
}

fn number(text: &str) -> Result<f64, Wrong> {
    let number = text.parse().ok().filter(|it: &f64| it.is_finite());
    number
        .ok_or_else(|| format!("`{}` 不是坐标 / is no coordinate", crate::export::shortened(text)))
}

fn misplaced(name: &str) -> Wrong {
    let name = crate::export::shortened(name);
    format!(
        "此处的几何 `{name}` 无法读取 / the geometry at `{name}` cannot be read; one of: {}",
        NAMES.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wfs::xml;

    fn shape(text: &str) -> Result<(Shape, Srs), Wrong> {
        read(&xml::read(text).unwrap())
    }

    #[test]
    fn axes_come_from_the_name() {
        let envelope = |srs: &str, low: &str, high: &str| {
            let text = format!(
                "<gml:Envelope srsName='{srs}'><gml:lowerCorner>{low}</gml:lowerCorner><gml:upperCorner>{high}</gml:upperCorner></gml:Envelope>"
            );
            shape(&text).unwrap().0
        };
        let wanted = Shape::Envelope([31.0, 121.0, 32.0, 122.0]);
        assert_eq!(envelope("urn:ogc:def:crs:EPSG::4490", "31 121", "32 122"), wanted);
        assert_eq!(envelope("EPSG:4490", "121 31", "122 32"), wanted);
    }

    #[test]
    fn polygons_have_holes_and_no_heights() {
        let it = shape(
            "<gml:MultiSurface srsName='EPSG:3857' srsDimension='3'><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing>\
             <gml:posList>0 0 9 4 0 9 4 4 9 0 0 9</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface>",
        );
        let Ok((Shape::Geometry(Geometry::MultiPolygon(it)), _)) = it else { panic!("{it:?}") };
        assert_eq!(it.0[0].exterior().0.len(), 4);
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in [
            "<Point/>",
            "<Point><pos>1</pos></Point>",
            "<Point><pos>1 nan</pos></Point>",
            "<Point><pos srsDimension='0'>1 2</pos></Point>",
            "<Polygon><exterior><LinearRing><posList>0 0 1 1</posList></LinearRing></exterior></Polygon>",
            "<Polygon/>",
            "<MultiSurface/>",
            "<Envelope><lowerCorner>2 2</lowerCorner><upperCorner>1 1</upperCorner></Envelope>",
            "<Envelope srsName='x'/>",
            "<Solid/>",
        ] {
            assert!(shape(wrong).is_err(), "{wrong}");
        }
    }
}
