//! Polygons that are valid at a glance: one small ring that touches itself nowhere. Most parcels are such, and asking GEOS
//! about each costs more than everything else that is done with it. Only "certainly valid" is said here; the rest is GEOS's.

use geo::Coord;
use geo::GeoNum;
use geo::MultiPolygon;
use geo::kernels::Kernel;
use geo::kernels::Orientation;

/// Rings with more points are left to GEOS, which sweeps; here every pair of edges is looked at.
const MOST_POINTS: usize = 48;

/// Whether the polygons are valid beyond doubt: a single ring whose edges meet only at their common ends.
pub fn certainly_valid(polygons: &MultiPolygon<f64>) -> bool {
    let [polygon] = polygons.0.as_slice() else { return false };
    let ring = polygon.exterior().0.as_slice();
    polygon.interiors().is_empty()
        && (4..=MOST_POINTS).contains(&ring.len())
        && ring.first() == ring.last()
        && edges_meet_at_ends_only(ring)
}

fn edges_meet_at_ends_only(ring: &[Coord<f64>]) -> bool {
    let edges: Vec<[Coord<f64>; 2]> = ring.windows(2).map(|it| [it[0], it[1]]).collect();
    let last = edges.len() - 1;
    for (index, edge) in edges.iter().enumerate() {
        let [from, to] = *edge;
        let next = edges[if index == last { 0 } else { index + 1 }];
        // A point twice, or straight back along the same line.
        if from == to
            || turn(from, to, next[1]) == Orientation::Collinear && folds(from, to, next[1])
        {
            return false;
        }
        for (other, it) in edges.iter().enumerate().skip(index + 2) {
            let adjacent = index == 0 && other == last;
            if !adjacent && may_meet(*edge, *it) {
                return false;
            }
        }
    }
    true
}

fn turn(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> Orientation {
    <f64 as GeoNum>::Ker::orient2d(a, b, c)
}

/// Of three points in line: whether the way from the second to the third leads back.
fn folds(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> bool {
    (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) <= 0.0
}

/// Whether two edges share a point; a touch counts. Exact: the predicates are.
fn may_meet([a, b]: [Coord<f64>; 2], [c, d]: [Coord<f64>; 2]) -> bool {
    let apart = |a: f64, b: f64, c: f64, d: f64| a.max(b) < c.min(d) || c.max(d) < a.min(b);
    if apart(a.x, b.x, c.x, d.x) || apart(a.y, b.y, c.y, d.y) {
        return false;
    }
    let same_side = |a, b, c, d| {
        let (one, two) = (turn(a, b, c), turn(a, b, d));
        one == two && one != Orientation::Collinear
    };
    !same_side(a, b, c, d) && !same_side(c, d, a, b)
}

#[cfg(test)]
mod tests {
    use gdal::vector::Geometry;
    use geo::LineString;
    use geo::Polygon;
    use proptest::prelude::*;

    use super::*;

    fn ring(points: &[(f64, f64)]) -> MultiPolygon<f64> {
        let mut line = LineString::from(points.to_vec());
        line.close();
        MultiPolygon(vec![Polygon::new(line, Vec::new())])
    }

    #[test]
    fn a_square_is_valid_at_a_glance_and_a_bow_tie_is_not() {
        assert!(certainly_valid(&ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])));
        for faulty in [
            // A bow-tie, a spike, a touch of itself, a point twice, no area.
            &[(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)][..],
            &[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (1.0, 0.0), (1.0, 1.0)],
            &[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, 0.0), (0.0, 2.0)],
            &[(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0)],
            &[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)],
        ] {
            assert!(!certainly_valid(&ring(faulty)), "{faulty:?}");
        }
    }

    proptest! {
        /// GEOS agrees with whatever is said to be valid.
        #[test]
        fn what_is_certainly_valid_is_valid(
            points in proptest::collection::vec((0_i32..8, 0_i32..8), 3..9),
        ) {
            let points: Vec<(f64, f64)> =
                points.iter().map(|(x, y)| (121.0 + f64::from(*x) * 0.1, 31.0 + f64::from(*y) * 0.1)).collect();
            let polygons = ring(&points);
            if certainly_valid(&polygons) {
                let text: Vec<String> =
                    polygons.0[0].exterior().0.iter().map(|it| format!("{} {}", it.x, it.y)).collect();
                let geometry = Geometry::from_wkt(&format!("POLYGON(({}))", text.join(","))).unwrap();
                prop_assert!(geometry.is_valid());
            }
        }
    }
}
