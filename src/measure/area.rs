//! Area on the CGCS2000 ellipsoid. Coordinates are lon, lat in degrees (EPSG:4490); edges are straight in lon/lat.

use geo::Coord;
use geo::LineString;
use geo::MultiPolygon;
use geo::Polygon;

/// Half the longer axis of CGCS2000, in m.
pub const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Flattening of CGCS2000.
pub const FLATTENING: f64 = 1.0 / 298.257_222_101;

/// Edges are integrated in pieces of at most this many degrees (about 5 km); three Gauss points then leave less than 1e-15.
const PIECE_DEG: f64 = 0.05;
/// A hostile edge (a billion degrees long) may not cost more pieces than the whole circle has.
const MOST_PIECES: f64 = 7_200.0;

/// Ellipsoidal area on CGCS2000, in m², of polygons that do not overlap. See [`polygon_area_m2`].
/// Planar area in EPSG:3857 would be 37 % too large at Shanghai's latitude.
pub fn area_m2(polygons: &MultiPolygon<f64>) -> f64 {
    polygons.iter().map(polygon_area_m2).sum()
}

/// Ellipsoidal area on CGCS2000, in m²: the exterior less its holes, whatever way each ring runs.
/// A vertex that is not finite makes the area NaN; a ring over the date line or a pole is not understood.
pub fn polygon_area_m2(polygon: &Polygon<f64>) -> f64 {
    let holes: f64 = polygon.interiors().iter().map(ring_area_m2).sum();
    ring_area_m2(polygon.exterior()) - holes
}

/// Area inside one ring, in m², never negative. An open ring is closed.
///
/// The sum of Δλ · ∫ zone(φ₀, φ) over the edges: `zone` is the series of 国土调查办发〔2008〕32号 with CGCS2000's axes.
/// The circular takes the mean of an edge's ends instead of the integral; on edges over 250 m that shows (3e-6 of a triangle).
pub fn ring_area_m2(ring: &LineString<f64>) -> f64 {
    let points = &ring.0;
    let Some(first) = points.first() else { return 0.0 };
    let closing = points.last().filter(|it| *it != first).map(|it| (*it, *first));
    let edges = points.windows(2).map(|it| (it[0], it[1])).chain(closing);
    edges.map(|(from, to)| below_edge_m2(first.y.to_radians(), from, to)).sum::<f64>().abs()
}

/// Signed area between an edge and the parallel at `base` (radians), in m².
fn below_edge_m2(base: f64, from: Coord<f64>, to: Coord<f64>) -> f64 {
    // Gauss–Legendre on [0, 1].
    const POINTS: [(f64, f64); 3] = [
        (0.112_701_665_379_258_3, 5.0 / 18.0),
        (0.5, 8.0 / 18.0),
        (0.887_298_334_620_741_7, 5.0 / 18.0),
    ];
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    if dx == 0.0 {
        return 0.0;
    }
    let pieces = (dx.abs().max(dy.abs()) / PIECE_DEG).ceil().clamp(1.0, MOST_PIECES);
    let mut mean = 0.0;
    let mut piece = 0.0;
    while piece < pieces {
        for (at, weight) in POINTS {
            let lat = from.y + dy * (piece + at) / pieces;
            mean += weight * zone_m2(base, lat.to_radians());
        }
        piece += 1.0;
    }
    dx.to_radians() * mean / pieces
}

/// Area between two parallels over one radian of longitude, in m²; latitudes in radians, negative when going south.
/// The differences of sines are written as products, so that a ring of a few metres keeps its digits.
fn zone_m2(south: f64, north: f64) -> f64 {
    let e2 = FLATTENING * (2.0 - FLATTENING);
    let (e4, e6, e8) = (e2 * e2, e2 * e2 * e2, e2 * e2 * e2 * e2);
    let b = SEMI_MAJOR_M * (1.0 - FLATTENING);
    let (half, mean) = ((north - south) / 2.0, f64::midpoint(north, south));
    let series = [
        1.0 + 3.0 / 6.0 * e2 + 30.0 / 80.0 * e4 + 35.0 / 112.0 * e6 + 630.0 / 2304.0 * e8,
        -(1.0 / 6.0 * e2 + 15.0 / 80.0 * e4 + 21.0 / 112.0 * e6 + 420.0 / 2304.0 * e8),
        3.0 / 80.0 * e4 + 7.0 / 112.0 * e6 + 180.0 / 2304.0 * e8,
        -(1.0 / 112.0 * e6 + 45.0 / 2304.0 * e8),
        5.0 / 2304.0 * e8,
    ];
    let terms = series.iter().zip([1.0, 3.0, 5.0, 7.0, 9.0]);
    2.0 * b * b * terms.map(|(factor, n)| factor * (n * half).sin() * (n * mean).cos()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::GeodesicArea;
    use geo::polygon;
    use proptest::prelude::*;

    /// Area of an ellipsoid's cell by its closed form (Snyder 1987, 3-12), independent of the series.
    fn cell_m2(south: f64, north: f64, width: f64) -> f64 {
        let e2 = FLATTENING * (2.0 - FLATTENING);
        let e = e2.sqrt();
        let q = |lat: f64| {
            let sin = lat.to_radians().sin();
            (1.0 - e2)
                * (sin / (1.0 - e2 * sin * sin)
                    - ((1.0 - e * sin) / (1.0 + e * sin)).ln() / (2.0 * e))
        };
        SEMI_MAJOR_M * SEMI_MAJOR_M / 2.0 * width.to_radians() * (q(north) - q(south))
    }

    /// The same ring with vertices at most about `step` degrees apart.
    fn densified(ring: &LineString<f64>, step: f64) -> LineString<f64> {
        let mut points = Vec::new();
        for line in ring.lines() {
            let pieces = (line.dx().abs().max(line.dy().abs()) / step).ceil().max(1.0);
            let mut piece = 0.0;
            while piece < pieces {
                points.push(line.start + line.delta() * (piece / pieces));
                piece += 1.0;
            }
        }
        points.push(points[0]);
        LineString(points)
    }

    /// The circular as written: trapezoids with mean longitudes between each edge's parallels.
    fn circular_m2(ring: &LineString<f64>) -> f64 {
        let origin = ring.0[0].x;
        let trapezoid = |it: geo::Line<f64>| {
            let mean = f64::midpoint(it.start.x - origin, it.end.x - origin).to_radians();
            mean * zone_m2(it.start.y.to_radians(), it.end.y.to_radians())
        };
        ring.lines().map(trapezoid).sum::<f64>().abs()
    }

    fn close(left: f64, right: f64, relative: f64) -> bool {
        (left - right).abs() <= relative * right.abs()
    }

    #[test]
    fn golden_area_of_one_degree_cells_is_the_closed_form() {
        for south in [0.0, 18.0, 31.0, 53.0] {
            let cell = polygon![(x: 121.0, y: south), (x: 122.0, y: south), (x: 122.0, y: south + 1.0), (x: 121.0, y: south + 1.0)];
            assert!(
                close(polygon_area_m2(&cell), cell_m2(south, south + 1.0, 1.0), 1e-10),
                "{south}"
            );
        }
    }

    #[test]
    fn golden_area_of_the_whole_ellipsoid_is_the_published_one() {
        let world = polygon![(x: -180.0, y: -90.0), (x: 180.0, y: -90.0), (x: 180.0, y: 90.0), (x: -180.0, y: 90.0)];
        // GRS 80 (Moritz 2000): authalic radius 6 371 007.1810 m.
        let published = 4.0 * std::f64::consts::PI * 6_371_007.181_0_f64.powi(2);
        assert!(close(polygon_area_m2(&world), published, 1e-10));
    }

    #[test]
    fn golden_area_of_a_parcel_on_the_ellipsoid() {
        // A 100 m square near 嘉定 (31.38° N, 121.25° E), to the square decimetre by the geodesic.
        let parcel = polygon![
            exterior: [(x: 121.25, y: 31.38), (x: 121.251_05, y: 31.38), (x: 121.251_05, y: 31.380_9), (x: 121.25, y: 31.380_9)],
            interiors: [[(x: 121.250_2, y: 31.380_2), (x: 121.250_2, y: 31.380_4), (x: 121.250_4, y: 31.380_4), (x: 121.250_4, y: 31.380_2)]],
        ];
        let rings = std::iter::once(parcel.exterior()).chain(parcel.interiors());
        let by_ring: Vec<f64> =
            rings.map(|it| Polygon::new(it.clone(), vec![]).geodesic_area_signed().abs()).collect();
        assert!((polygon_area_m2(&parcel) - (by_ring[0] - by_ring[1])).abs() < 0.001);
        assert!(
            (9_500.0..9_600.0).contains(&polygon_area_m2(&parcel)),
            "{}",
            polygon_area_m2(&parcel)
        );
    }

    #[test]
    fn a_hole_counts_the_same_whichever_way_it_runs() {
        let outer =
            vec![(121.0, 31.0), (121.01, 31.0), (121.01, 31.01), (121.0, 31.01), (121.0, 31.0)];
        let hole = vec![(121.002, 31.002), (121.004, 31.002), (121.004, 31.004), (121.002, 31.002)];
        let back: Vec<_> = hole.iter().rev().copied().collect();
        let with = |hole: Vec<(f64, f64)>| {
            polygon_area_m2(&Polygon::new(outer.clone().into(), vec![hole.into()]))
        };
        assert!(close(with(hole), with(back), 1e-12));
    }

    #[test]
    fn odd_rings_have_a_defined_area() {
        assert!(ring_area_m2(&LineString(vec![])).abs() < f64::EPSILON);
        assert!(ring_area_m2(&vec![(1.0, 1.0)].into()).abs() < f64::EPSILON);
        assert!(ring_area_m2(&vec![(0.0, 0.0), (f64::NAN, 1.0), (1.0, 1.0)].into()).is_nan());
        assert!(ring_area_m2(&vec![(0.0, 0.0), (1e9, 1.0), (1.0, 1.0)].into()).is_finite());
    }

    proptest! {
        #[test]
        fn area_agrees_with_the_geodesic_and_the_circular(
            lon in 74.0..134.0_f64, lat in 18.0..53.0_f64,
            shape in proptest::array::uniform8(0.008..0.02_f64),
        ) {
            let [a, b, c, d, e, f, g, h] = shape;
            let ring: LineString<f64> =
                vec![(lon - a, lat - b), (lon + c, lat - d), (lon + e, lat + f), (lon - g, lat + h), (lon - a, lat - b)].into();
            let area = ring_area_m2(&ring);
            // A geodesic bends away from the straight lon/lat edge, so both are compared on short edges.
            let dense = densified(&ring, 0.000_25);
            prop_assert!(close(circular_m2(&dense), area, 1e-8));
            prop_assert!(close(Polygon::new(dense, vec![]).geodesic_area_signed().abs(), area, 1e-7));
        }
    }
}
