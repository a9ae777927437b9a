//! Literals in the clothes of functions: DATE, TIMESTAMP, INTERVAL, BBOX, and geometries as WKT (coordinates lon lat).

use std::fmt;
use std::fmt::Write;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::NaiveDateTime;
use chrono::Utc;
use geo::Coord;
use geo::CoordsIter;
use geo::Geometry;
use geo::GeometryCollection;
use geo::LineString;
use geo::MultiLineString;
use geo::MultiPoint;
use geo::MultiPolygon;
use geo::Point;
use geo::Polygon;
use geo::Validation;

use crate::cql::MAX_VERTICES;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::ast::Span;
use crate::cql::cursor::Parser;
use crate::cql::display::level;
use crate::cql::error::Error;
use crate::cql::lex::Token;

/// Words that begin a literal when a bracket follows; as a property's name they are written in double quotes.
pub const LITERALS: [&str; 11] = [
    "date",
    "timestamp",
    "interval",
    "bbox",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
];

impl Parser<'_> {
    /// The literal that begins here, or nothing when `word` is a name.
    pub(super) fn literal(&mut self, word: &str) -> Result<Option<Expr>, Error> {
        let start = self.at();
        let word = word.to_ascii_lowercase();
        if !LITERALS.contains(&word.as_str()) {
            return Ok(None);
        }
        let temporal_or_box = LITERALS[..4].contains(&word.as_str());
        if !self.next_is_bracket() && (temporal_or_box || !self.next_is_z()) {
            return Ok(None);
        }
        if !temporal_or_box {
            let geometry = self.geometry(false)?;
            valid(&geometry, start)?;
            return self.node(Kind::Geometry(geometry), start).map(Some);
        }
        self.advance();
        self.open()?;
        let kind = match word.as_str() {
            "date" => {
                let (text, at) = self.text()?;
                Kind::Date(date(&text).ok_or_else(|| not_a_date(at))?)
            }
            "timestamp" => {
                let (text, at) = self.text()?;
                Kind::Timestamp(timestamp(&text).ok_or_else(|| not_a_timestamp(at))?)
            }
            "interval" => {
                let from = self.interval_end()?;
                self.expect_symbol(",")?;
                let to = self.interval_end()?;
                if let (Some(first), Some(last)) = (instant(&from), instant(&to))
                    && first > last
                {
                    return Err(Error::new(
                        from.at,
                        "时段的起点晚于终点",
                        "the interval ends before it begins",
                    ));
                }
                Kind::Interval(Box::new(from), Box::new(to))
            }
            _ => Kind::BBox(self.bbox()?),
        };
        self.close()?;
        self.node(kind, start).map(Some)
    }

    fn text(&mut self) -> Result<(String, Span), Error> {
        let at = self.at();
        if let Token::Text(text) = self.peek().clone() {
            self.advance();
            return Ok((text, at));
        }
        Err(self.expected("单引号中的日期", "a date in single quotes", None))
    }

    fn interval_end(&mut self) -> Result<Expr, Error> {
        let start = self.at();
        if !matches!(self.peek(), Token::Text(_)) {
            return self.expression(level::NEGATE);
        }
        let (text, at) = self.text()?;
        let kind = if text == ".." {
            Kind::Open
        } else if let Some(it) = date(&text) {
            Kind::Date(it)
        } else {
            Kind::Timestamp(timestamp(&text).ok_or_else(|| not_a_timestamp(at))?)
        };
        self.node(kind, start)
    }

    fn bbox(&mut self) -> Result<[f64; 4], Error> {
        let start = self.at();
        let mut numbers = vec![self.coordinate()?];
        while numbers.len() < 6 && self.eat_symbol(",") {
            numbers.push(self.coordinate()?);
        }
        let ([west, south, east, north] | [west, south, _, east, north, _]) = numbers[..] else {
            return Err(self.error(
                "BBOX 需要 4 个数：西、南、东、北",
                "BBOX takes 4 numbers: west, south, east, north",
            ));
        };
        // Which of the two pairs is the longitude, and may so cross the date line, follows from the reference system, which
        // is known when SQL is written.
        let crosses = |from: f64, to: f64, [one, other]: [f64; 2]| {
            from.abs().max(to.abs()) <= 180.0 && one.abs().max(other.abs()) <= 90.0
        };
        if west > east && (south > north || !crosses(west, east, [south, north]))
            || south > north && !crosses(south, north, [west, east])
        {
            return Err(Error::new(
                start,
                "BBOX 的顺序是西、南、东、北",
                "BBOX is west, south, east, north",
            ));
        }
        Ok([west, south, east, north])
    }

    fn coordinate(&mut self) -> Result<f64, Error> {
        let negative = self.is_symbol("-");
        if negative || self.is_symbol("+") {
            self.advance();
        }
        if let Token::Number(text) = self.peek()
            && let Some(value) = text.parse::<f64>().ok().filter(|it| it.is_finite())
        {
            self.advance();
            return Ok(if negative { -value } else { value });
        }
        Err(self.expected("坐标", "a coordinate", None))
    }

    /// A tagged geometry. Collections are not nested, as in the grammar.
    fn geometry(&mut self, collected: bool) -> Result<Geometry<f64>, Error> {
        let word = match self.peek() {
            Token::Name(it) => it.to_ascii_lowercase(),
            _ => String::new(),
        };
        let at = self.at();
        if !LITERALS[4..].contains(&word.as_str()) || collected && word == "geometrycollection" {
            return Err(self.expected("几何类型", "a kind of geometry", None));
        }
        self.advance();
        let heights = self.eat_word("z");
        Ok(match word.as_str() {
            "point" => {
                self.open()?;
                let vertex = self.vertex(heights)?;
                self.close()?;
                Point(vertex).into()
            }
            "linestring" => self.line(heights)?.into(),
            "polygon" => self.polygon(heights)?.into(),
            "multipoint" => MultiPoint(self.many(|it| it.multi_vertex(heights))?).into(),
            "multilinestring" => MultiLineString(self.many(|it| it.line(heights))?).into(),
            "multipolygon" => MultiPolygon(self.many(|it| it.polygon(heights))?).into(),
            _ => {
                let parts = self.many(|it| it.geometry(true))?;
                if parts.is_empty() {
                    return Err(Error::new(at, "几何集合是空的", "the collection is empty"));
                }
                Geometry::GeometryCollection(GeometryCollection(parts))
            }
        })
    }

    fn many<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.open()?;
        let mut parts = vec![one(self)?];
        while self.eat_symbol(",") {
            parts.push(one(self)?);
        }
        self.close()?;
        Ok(parts)
    }

    fn vertex(&mut self, heights: bool) -> Result<Coord<f64>, Error> {
        self.vertices += 1;
        if self.vertices > MAX_VERTICES {
            return Err(self.error(
                format!("几何超过 {MAX_VERTICES} 个顶点"),
                format!("geometries have at most {MAX_VERTICES} vertices"),
            ));
        }
        let (x, y) = (self.coordinate()?, self.coordinate()?);
        if heights {
            self.coordinate()?;
        }
        Ok(Coord { x, y })
    }

    /// `MULTIPOINT ((1 2), (3 4))`, and without the inner brackets, as many writers do.
    fn multi_vertex(&mut self, heights: bool) -> Result<Point<f64>, Error> {
        let bracketed = self.is_symbol("(");
        if bracketed {
            self.open()?;
        }
        let vertex = self.vertex(heights)?;
        if bracketed {
            self.close()?;
        }
        Ok(Point(vertex))
    }

    fn line(&mut self, heights: bool) -> Result<LineString<f64>, Error> {
        let at = self.at();
        let vertices = self.many(|it| it.vertex(heights))?;
        if vertices.len() < 2 {
            return Err(Error::new(at, "线至少有 2 个顶点", "a line has at least 2 vertices"));
        }
        Ok(LineString(vertices))
    }

    fn polygon(&mut self, heights: bool) -> Result<Polygon<f64>, Error> {
        let mut rings = self.many(|it| {
            let at = it.at();
            let ring = it.line(heights)?;
            if ring.0.len() < 4 || ring.0.first() != ring.0.last() {
                let zh = "环至少有 4 个顶点，且首尾相同";
                return Err(Error::new(
                    at,
                    zh,
                    "a ring has at least 4 vertices, the last equal to the first",
                ));
            }
            Ok(ring)
        })?;
        let exterior = rings.remove(0);
        Ok(Polygon::new(exterior, rings))
    }
}

/// Vertices of a polygon up to which its edges are compared all with all; what is larger was not drawn by hand.
const VALIDATED: usize = 500;

/// Polygons must enclose an area: for others the predicates have no answer, and the database fails at some of them. The
/// parts of a multipolygon are judged one by one.
pub(super) fn valid(geometry: &Geometry<f64>, at: Span) -> Result<(), Error> {
    let wrong = match geometry {
        Geometry::Polygon(it) => !encloses(it),
        Geometry::MultiPolygon(it) => !it.0.iter().all(encloses),
        Geometry::GeometryCollection(it) => return it.0.iter().try_for_each(|it| valid(it, at)),
        _ => false,
    };
    if wrong {
        return Err(Error::new(
            at,
            "多边形无效：自相交、重复或面积为零",
            "this polygon is not valid: it crosses or repeats itself, or has no area",
        ));
    }
    Ok(())
}

fn encloses(polygon: &Polygon<f64>) -> bool {
    polygon.coords_count() > VALIDATED || polygon.is_valid()
}

fn not_a_date(at: Span) -> Error {
    Error::new(at, "不是日期，应如 '2024-06-30'", "not a date such as '2024-06-30'")
}

fn not_a_timestamp(at: Span) -> Error {
    Error::new(
        at,
        "不是时刻，应如 '2024-06-30T08:00:00Z'",
        "not a time such as '2024-06-30T08:00:00Z'",
    )
}

/// Whether `text` has digits where `shape` has `0` and the same characters elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(it, at)| if at == b'0' { it.is_ascii_digit() } else { it == at })
}

pub(super) fn date(text: &str) -> Option<NaiveDate> {
    has_shape(text, "0000-00-00")
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

pub(super) fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    let body = text.strip_suffix('Z')?;
    let (whole, fraction) = body.split_once('.').unwrap_or((body, "0"));
    // PostgreSQL keeps microseconds; a leap second is refused, because it has no place there.
    let fits = (1..=6).contains(&fraction.len()) && fraction.bytes().all(|it| it.is_ascii_digit());
    if !fits || !has_shape(whole, "0000-00-00T00:00:00") || whole.ends_with("60") {
        return None;
    }
    NaiveDateTime::parse_from_str(body, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|it| it.and_utc())
}

fn instant(end: &Expr) -> Option<DateTime<Utc>> {
    match end.kind {
        Kind::Date(it) => Some(it.and_time(chrono::NaiveTime::MIN).and_utc()),
        Kind::Timestamp(it) => Some(it),
        _ => None,
    }
}

/// Writes a geometry as WKT with every digit of its coordinates.
pub fn write_wkt(geometry: &Geometry<f64>, out: &mut impl Write) -> fmt::Result {
    match geometry {
        Geometry::Point(it) => write!(out, "POINT({} {})", it.x(), it.y()),
        Geometry::LineString(it) => {
            out.write_str("LINESTRING")?;
            write_vertices(it, out)
        }
        Geometry::Polygon(it) => {
            out.write_str("POLYGON")?;
            write_rings(it, out)
        }
        Geometry::MultiPoint(it) => {
            out.write_str("MULTIPOINT")?;
            write_many(&it.0, out, |it, out| write!(out, "({} {})", it.x(), it.y()))
        }
        Geometry::MultiLineString(it) => {
            out.write_str("MULTILINESTRING")?;
            write_many(&it.0, out, write_vertices)
        }
        Geometry::MultiPolygon(it) => {
            out.write_str("MULTIPOLYGON")?;
            write_many(&it.0, out, write_rings)
        }
        Geometry::GeometryCollection(it) => {
            out.write_str("GEOMETRYCOLLECTION")?;
            write_many(&it.0, out, write_wkt)
        }
        // The parser makes none of these.
        Geometry::Line(it) => write_wkt(&LineString(vec![it.start, it.end]).into(), out),
        Geometry::Rect(it) => write_wkt(&it.to_polygon().into(), out),
        Geometry::Triangle(it) => write_wkt(&it.to_polygon().into(), out),
    }
}

fn write_many<T, W: Write>(
    parts: &[T],
    out: &mut W,
    mut one: impl FnMut(&T, &mut W) -> fmt::Result,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        out.write_char(if index == 0 { '(' } else { ',' })?;
        one(part, out)?;
    }
    out.write_char(')')
}

fn write_vertices(line: &LineString<f64>, out: &mut impl Write) -> fmt::Result {
    write_many(&line.0, out, |it, out| write!(out, "{} {}", it.x, it.y))
}

fn write_rings(polygon: &Polygon<f64>, out: &mut impl Write) -> fmt::Result {
    let rings: Vec<&LineString<f64>> =
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    write_many(&rings, out, |it, out| write_vertices(it, out))
}
