//! Whether one can get from one parcel to another: somewhere they are no further apart than the gap, and nothing lies
//! between them there.

use geo::BoundingRect;
use geo::Coord;
use geo::Intersects;
use geo::Line;
use geo::LinesIter;
use geo::MultiPolygon;
use geo::Point;
use geo::Rect;

use super::Barriers;

/// Straight edges in longitude and latitude bend by up to a millimetre when they are projected, so neighbours that share an
/// edge with different vertices on it may seem to have a crack between them.
pub(super) const TOUCHING_M: f64 = 0.01;

/// Looks at every place where the distance may be least or the view free: the vertices, the feet of the other's vertices
/// on each edge, and the middles between them.
pub(super) fn linked(
    a: &MultiPolygon<f64>,
    b: &MultiPolygon<f64>,
    gap_m: f64,
    barriers: &Barriers,
) -> bool {
    let reach = gap_m + TOUCHING_M;
    let (Some(box_a), Some(box_b)) = (a.bounding_rect(), b.bounding_rect()) else { return false };
    let near_a = edges(a, &grown(&box_b, reach));
    let near_b = edges(b, &grown(&box_a, reach));
    // One that lies wholly inside the other has no edge near the other's, perhaps.
    let within = |edges: &[Line<f64>], of: &MultiPolygon<f64>| {
        edges.iter().any(|it| inside(it.start, of) && !barriers.between(it.start, it.start))
    };
    from(&near_a, &near_b, b, reach, barriers)
        || from(&near_b, &near_a, a, reach, barriers)
        || within(&near_a, b)
        || within(&near_b, a)
}

/// Whether there is a free way from these edges to the other's.
fn from(
    edges: &[Line<f64>],
    others: &[Line<f64>],
    other: &MultiPolygon<f64>,
    reach: f64,
    barriers: &Barriers,
) -> bool {
    let mut places = Vec::new();
    for edge in edges {
        places.clear();
        places.extend([0.0, 1.0]);
        for vertex in others.iter().map(|it| it.start) {
            let (foot, place) = foot(*edge, vertex);
            if distance(foot, vertex) <= reach {
                places.push(place);
            }
        }
        places.sort_by(f64::total_cmp);
        places.dedup();
        let middles: Vec<f64> = places.windows(2).map(|it| f64::midpoint(it[0], it[1])).collect();
        for place in places.iter().chain(&middles) {
            let here = edge.start + edge.delta() * *place;
            let Some(there) = nearest(here, others) else { continue };
            let there = if inside(here, other) { here } else { there };
            if distance(here, there) <= reach && !barriers.between(here, there) {
                return true;
            }
        }
    }
    false
}

fn inside(at: Coord<f64>, of: &MultiPolygon<f64>) -> bool {
    of.intersects(&Point::from(at))
}

/// The edges that come near a box.
fn edges(of: &MultiPolygon<f64>, around: &Rect<f64>) -> Vec<Line<f64>> {
    of.lines_iter().filter(|it| it.bounding_rect().intersects(around)).collect()
}

fn grown(it: &Rect<f64>, by: f64) -> Rect<f64> {
    let by = Coord { x: by, y: by };
    Rect::new(it.min() - by, it.max() + by)
}

pub(super) fn distance(a: Coord<f64>, b: Coord<f64>) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The nearest point of an edge, and how far along it lies.
pub(super) fn foot(edge: Line<f64>, of: Coord<f64>) -> (Coord<f64>, f64) {
    let along = edge.delta();
    let length = along.x * along.x + along.y * along.y;
    if length <= 0.0 {
        return (edge.start, 0.0);
    }
    let to = of - edge.start;
    let place = ((to.x * along.x + to.y * along.y) / length).clamp(0.0, 1.0);
    (edge.start + along * place, place)
}

fn nearest(of: Coord<f64>, edges: &[Line<f64>]) -> Option<Coord<f64>> {
    let feet = edges.iter().map(|it| foot(*it, of).0);
    feet.min_by(|a, b| distance(*a, of).total_cmp(&distance(*b, of)))
}
