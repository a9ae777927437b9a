//! What keeps parcels apart: lines such as roads, polygons such as rivers.

use geo::BoundingRect;
use geo::Coord;
use geo::Geometry;
use geo::Intersects;
use geo::Line;
use geo::LinesIter;
use geo::Point;
use geo::Polygon;
use rstar::AABB;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use rstar::primitives::Rectangle;

use super::link::TOUCHING_M;
use super::link::distance;
use super::link::foot;

type Boxed<T> = GeomWithData<Rectangle<[f64; 2]>, T>;

/// Barriers in metres of the plane, to be asked what lies between two points.
#[derive(Debug, Default)]
pub struct Barriers {
    edges: RTree<Boxed<Line<f64>>>,
    areas: RTree<Boxed<Polygon<f64>>>,
}

impl Barriers {
    /// Points keep nothing apart and are left out.
    pub fn new(shapes: impl IntoIterator<Item = Geometry<f64>>) -> Self {
        let (mut edges, mut areas) = (Vec::new(), Vec::new());
        for shape in shapes {
            gather(shape, &mut edges, &mut areas);
        }
        Self { edges: RTree::bulk_load(edges), areas: RTree::bulk_load(areas) }
    }

    /// Whether a barrier crosses, touches or holds the straight way from one point to the other.
    pub fn between(&self, a: Coord<f64>, b: Coord<f64>) -> bool {
        let around = AABB::from_corners(
            [a.x.min(b.x) - TOUCHING_M, a.y.min(b.y) - TOUCHING_M],
            [a.x.max(b.x) + TOUCHING_M, a.y.max(b.y) + TOUCHING_M],
        );
        let way = Line::new(a, b);
        let crossed = self.edges.locate_in_envelope_intersecting(&around).any(|it| {
            let edge = it.data;
            // Coming as near as a crack between neighbours is crossing: a line along it has no width.
            edge.intersects(&way)
                || [(edge, a), (edge, b), (way, edge.start), (way, edge.end)]
                    .into_iter()
                    .any(|(line, at)| distance(foot(line, at).0, at) <= TOUCHING_M)
        });
        let middle = Point::from(way.start + way.delta() * 0.5);
        crossed
            || self
                .areas
                .locate_in_envelope_intersecting(&around)
                .any(|it| it.data.intersects(&middle))
    }
}

fn boxed<T>(of: geo::Rect<f64>, it: T) -> Boxed<T> {
    let corners = ([of.min().x, of.min().y], [of.max().x, of.max().y]);
    GeomWithData::new(Rectangle::from_corners(corners.0, corners.1), it)
}

fn gather(
    shape: Geometry<f64>,
    edges: &mut Vec<Boxed<Line<f64>>>,
    areas: &mut Vec<Boxed<Polygon<f64>>>,
) {
    match shape {
        Geometry::Polygon(it) => {
            edges.extend(it.lines_iter().map(|it| boxed(it.bounding_rect(), it)));
            areas.extend(it.bounding_rect().map(|around| boxed(around, it)));
        }
        Geometry::MultiPolygon(all) => {
            all.0.into_iter().for_each(|it| gather(Geometry::Polygon(it), edges, areas));
        }
        Geometry::LineString(it) => {
            edges.extend(it.lines_iter().map(|it| boxed(it.bounding_rect(), it)));
        }
        Geometry::MultiLineString(it) => {
            edges.extend(it.lines_iter().map(|it| boxed(it.bounding_rect(), it)));
        }
        Geometry::GeometryCollection(all) => {
            all.0.into_iter().for_each(|it| gather(it, edges, areas));
        }
        _ => {}
    }
}
