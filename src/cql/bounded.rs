//! The limits of an expression that did not come as CQL2 text, but was built from another language: the parser keeps them
//! as it reads, this judges the whole.

use geo::CoordsIter;
use geo::Geometry;
use geo::LineString;
use geo::Polygon;

use crate::cql::MAX_BYTES;
use crate::cql::MAX_DEPTH;
use crate::cql::MAX_LIST;
use crate::cql::MAX_NODES;
use crate::cql::MAX_VERTICES;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::ast::Span;
use crate::cql::error::Error;
use crate::cql::wkt::valid;

/// Refuses what the parser would not have made. Who builds an expression bounds its depth while building; types and names
/// are judged by [`crate::cql::check()`].
pub fn bounded(expr: &Expr) -> Result<(), Error> {
    let most = |what: (&str, &str), most: usize| {
        let (zh, en) = (format!("{}至多 {most}", what.0), format!("at most {most} {}", what.1));
        Err(Error::new(Span::default(), zh, en))
    };
    if expr.depth() > MAX_DEPTH {
        return most(("表达式层数", "levels of an expression"), MAX_DEPTH.into());
    }
    let (mut nodes, mut bytes, mut vertices, mut list) = (0, 0, 0, 0);
    let mut wrong = None;
    expr.visit(&mut |it| {
        nodes += 1;
        match &it.kind {
            Kind::Text(it) | Kind::Property(it) => bytes += it.len(),
            Kind::In { list: parts, .. } | Kind::Array(parts) => list = parts.len().max(list),
            Kind::Geometry(shape) => {
                vertices += shape.coords_count();
                let faults = [formed(shape, it.at), valid(shape, it.at)];
                wrong = wrong.take().or(faults.into_iter().find_map(Result::err));
            }
            Kind::BBox(edges) => {
                let [a, b, c, d] = edges;
                if edges.iter().any(|it| !it.is_finite()) || a > c || b > d {
                    wrong = Some(Error::new(
                        it.at,
                        "范围的最小值大于最大值",
                        "a box has its least coordinates first",
                    ));
                }
            }
            _ => {}
        }
    });
    if nodes > MAX_NODES {
        return most(("表达式的部分", "parts of an expression"), MAX_NODES);
    }
    if bytes > MAX_BYTES {
        return most(("表达式字节", "bytes of an expression"), MAX_BYTES);
    }
    if vertices > MAX_VERTICES {
        return most(("几何顶点", "vertices of geometries"), MAX_VERTICES);
    }
    if list > MAX_LIST {
        return most(("列表中的值", "values in a list"), MAX_LIST);
    }
    wrong.map_or(Ok(()), Err)
}

/// Whether lines and rings have as many vertices as they need, and all of them are numbers.
fn formed(shape: &Geometry<f64>, at: Span) -> Result<(), Error> {
    let line = |it: &LineString<f64>| it.0.len() >= 2;
    let ring = |it: &LineString<f64>| it.0.len() >= 4 && it.is_closed();
    let polygon = |it: &Polygon<f64>| ring(it.exterior()) && it.interiors().iter().all(ring);
    let fits = match shape {
        Geometry::Point(_) => true,
        Geometry::MultiPoint(it) => !it.0.is_empty(),
        Geometry::LineString(it) => line(it),
        Geometry::MultiLineString(it) => !it.0.is_empty() && it.0.iter().all(line),
        Geometry::Polygon(it) => polygon(it),
        Geometry::MultiPolygon(it) => !it.0.is_empty() && it.0.iter().all(polygon),
        _ => false,
    };
    if fits && shape.coords_iter().all(|it| it.x.is_finite() && it.y.is_finite()) {
        return Ok(());
    }
    let zh = "几何不完整：线至少 2 个顶点，环至少 4 个且首尾相同";
    let en = "a line has at least 2 vertices, a ring at least 4 and the last equal to the first";
    Err(Error::new(at, zh, en))
}

#[cfg(test)]
mod tests {
    use geo::MultiPolygon;
    use geo::Point;
    use geo::polygon;

    use super::*;
    use crate::cql::parse;

    fn new(kind: Kind) -> Expr {
        Expr::new(kind, Span::default())
    }

    #[test]
    fn what_the_parser_makes_is_within() {
        for text in
            ["a = 1", "a IN ('x', 'y\\\\z')", "S_INTERSECTS(geom, POLYGON((0 0, 1 0, 1 1, 0 0)))"]
        {
            assert_eq!(bounded(&parse(text).unwrap()), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_it_would_not_make_is_not() {
        let mut deep = new(Kind::Bool(true));
        for _ in 0..MAX_DEPTH {
            deep = new(Kind::Not(Box::new(deep)));
        }
        let bow: Geometry<f64> =
            polygon!((x: 0., y: 0.), (x: 1., y: 1.), (x: 1., y: 0.), (x: 0., y: 1.), (x: 0., y: 0.)).into();
        let flat: Geometry<f64> = polygon!((x: 0., y: 0.), (x: 1., y: 1.)).into();
        for wrong in [
            deep,
            new(Kind::And(vec![new(Kind::Bool(true)); MAX_NODES])),
            new(Kind::In {
                value: Box::new(new(Kind::Property("a".to_owned()))),
                list: vec![new(Kind::Bool(true)); MAX_LIST + 1],
                negated: false,
            }),
            new(Kind::Text("a".repeat(MAX_BYTES + 1))),
            new(Kind::Geometry(bow)),
            new(Kind::Geometry(flat)),
            new(Kind::Geometry(Point::new(f64::NAN, 1.0).into())),
            new(Kind::Geometry(MultiPolygon(vec![]).into())),
            new(Kind::BBox([2.0, 0.0, 1.0, 1.0])),
        ] {
            assert!(bounded(&wrong).is_err());
        }
    }
}
