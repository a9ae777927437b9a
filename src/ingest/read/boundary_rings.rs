//! Rings of boundary points: which of two numbers is the northing, which points make a ring, and which ring is a hole.

use gdal::vector::Geometry;
use gdal::vector::OGRwkbGeometryType;

use crate::ingest::crs::detect;

/// One ring, its coordinates east before north.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    pub name: String,
    pub points: Vec<[f64; 2]>,
    /// Whether the first point was repeated at the end; here it is not.
    pub closed: bool,
}

impl Ring {
    /// Points that differ from the one before.
    pub(super) fn distinct(&self) -> usize {
        let mut points = self.points.clone();
        points.dedup();
        points.len()
    }
}

/// Whether the first numbers of an extent are northings; `None` where their size does not tell.
///
/// A northing in China is 2,000 to 6,000 km, an easting of six digits or with its zone before it; a longitude here is beyond 73°
/// and no latitude is.
pub(super) fn north_first([x0, y0, x1, y1]: [f64; 4]) -> Option<bool> {
    let north = |it: [f64; 2]| it.iter().all(|it| (1.8e6..=6.0e6).contains(it));
    let east = |it: [f64; 2]| {
        it.iter().all(|it| {
            let zoned = detect::zone(*it).and_then(|it| detect::zone_code(it, true));
            (1e5..=9e5).contains(it) || zoned.is_some()
        })
    };
    let lat = |it: [f64; 2]| it.iter().all(|it| (3.0..=54.5).contains(it));
    let lon = |it: [f64; 2]| it.iter().all(|it| (72.0..=138.0).contains(it));
    let (first, second) = ([x0, x1], [y0, y1]);
    if north(first) && east(second) || lat(first) && lon(second) {
        Some(true)
    } else if east(first) && north(second) || lon(first) && lat(second) {
        Some(false)
    } else {
        None
    }
}

/// Points in rings: by their ring's name, and a new one where points go on after a ring came back to its first.
pub(super) fn split(points: &[(&str, [f64; 2])]) -> Vec<Ring> {
    let mut rings: Vec<Ring> = Vec::new();
    for (name, at) in points {
        let open = rings.iter_mut().rev().find(|it| it.name == *name && !it.closed);
        match open {
            Some(ring) if ring.points.len() > 2 && is_same(ring.points[0], *at) => {
                ring.closed = true;
            }
            Some(ring) => ring.points.push(*at),
            None => {
                let name = (*name).to_owned();
                rings.push(Ring { name, points: vec![*at], closed: false });
            }
        }
    }
    rings
}

/// Whether two points are one: written alike, so not a matter of tolerance.
fn is_same(a: [f64; 2], b: [f64; 2]) -> bool {
    a[0].total_cmp(&b[0]).is_eq() && a[1].total_cmp(&b[1]).is_eq()
}

/// Rings as polygons: one inside an odd number of others is a hole in the smallest of them.
pub(super) fn polygons(rings: &[Ring]) -> gdal::errors::Result<Geometry> {
    let around: Vec<Vec<usize>> = (0..rings.len())
        .map(|inner| {
            let others = (0..rings.len()).filter(|outer| *outer != inner);
            others.filter(|outer| is_inside(&rings[inner], &rings[*outer])).collect()
        })
        .collect();
    let mut whole = Geometry::empty(OGRwkbGeometryType::wkbMultiPolygon)?;
    for (at, ring) in rings.iter().enumerate().filter(|(at, _)| around[*at].len().is_multiple_of(2))
    {
        let mut polygon = Geometry::empty(OGRwkbGeometryType::wkbPolygon)?;
        polygon.add_geometry(linear(ring)?)?;
        let holes = (0..rings.len()).filter(|it| {
            let depth = around[*it].len();
            depth == around[at].len() + 1 && around[*it].contains(&at)
        });
        for hole in holes {
            polygon.add_geometry(linear(&rings[hole])?)?;
        }
        whole.add_geometry(polygon)?;
    }
    Ok(whole)
}

fn linear(ring: &Ring) -> gdal::errors::Result<Geometry> {
    let mut made = Geometry::empty(OGRwkbGeometryType::wkbLinearRing)?;
    for [x, y] in ring.points.iter().chain(ring.points.first()) {
        made.add_point_2d((*x, *y));
    }
    Ok(made)
}

pub(super) fn lines(rings: &[Ring]) -> gdal::errors::Result<Geometry> {
    let mut whole = Geometry::empty(OGRwkbGeometryType::wkbMultiLineString)?;
    for ring in rings {
        let mut line = Geometry::empty(OGRwkbGeometryType::wkbLineString)?;
        let back = ring.points.first().filter(|_| ring.closed);
        for [x, y] in ring.points.iter().chain(back) {
            line.add_point_2d((*x, *y));
        }
        whole.add_geometry(line)?;
    }
    Ok(whole)
}

pub(super) fn points(points: &[(&str, [f64; 2])]) -> gdal::errors::Result<Geometry> {
    let mut whole = Geometry::empty(OGRwkbGeometryType::wkbMultiPoint)?;
    for (_, [x, y]) in points {
        let mut point = Geometry::empty(OGRwkbGeometryType::wkbPoint)?;
        point.add_point_2d((*x, *y));
        whole.add_geometry(point)?;
    }
    Ok(whole)
}

/// Whether a ring is inside another, by its corners that are not on the other's edges: rings may share corners and edges,
/// where "inside" is a matter of the last digit.
fn is_inside(inner: &Ring, outer: &Ring) -> bool {
    if area(inner) >= area(outer) {
        return false;
    }
    let clear = |it: &&[f64; 2]| !is_on(outer, **it);
    let (within, all) = inner
        .points
        .iter()
        .filter(clear)
        .fold((0, 0), |(within, all), it| (within + usize::from(holds(outer, *it)), all + 1));
    within * 2 > all
}

/// Whether a point lies on a ring's edge, to a tenth of a millimetre (or of degrees, a ten-millionth of one).
fn is_on(ring: &Ring, [x, y]: [f64; 2]) -> bool {
    let close = if x.abs() > 360.0 { 1e-4 } else { 1e-9 };
    edges(ring).any(|([ax, ay], [bx, by])| {
        let (dx, dy) = (bx - ax, by - ay);
        let along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
        let along = along.clamp(0.0, 1.0);
        (x - ax - along * dx).hypot(y - ay - along * dy) <= close
    })
}

/// Twice the area, without sign.
fn area(ring: &Ring) -> f64 {
    let Some([x0, y0]) = ring.points.first().copied() else { return 0.0 };
    edges(ring)
        .map(|([ax, ay], [bx, by])| (ax - x0) * (by - y0) - (bx - x0) * (ay - y0))
        .sum::<f64>()
        .abs()
}

fn edges(ring: &Ring) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    ring.points.iter().copied().zip(ring.points.iter().copied().cycle().skip(1))
}

/// Whether a point lies inside a ring; on its edge it may be either.
pub(super) fn holds(ring: &Ring, [x, y]: [f64; 2]) -> bool {
    let crossings = edges(ring)
        .filter(|([ax, ay], [bx, by])| {
            (*ay > y) != (*by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
        })
        .count();
    crossings % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(name: &str, west: f64, south: f64, side: f64) -> Vec<(&str, [f64; 2])> {
        [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
            .map(|[x, y]| (name, [west + x * side, south + y * side]))
            .to_vec()
    }

    #[test]
    fn a_ring_within_is_a_hole_and_one_beside_is_a_part() {
        let points = [
            square("1", 0.0, 0.0, 10.0),
            square("2", 1.0, 1.0, 2.0),
            square("3", 20.0, 0.0, 5.0),
            square("4", 1.5, 1.5, 1.0),
        ]
        .concat();
        let made = polygons(&split(&points)).unwrap();
        // The island in the hole is land again.
        assert!((made.area() - (100.0 - 4.0 + 25.0 + 1.0)).abs() < 1e-9, "{}", made.wkt().unwrap());
        assert_eq!(made.geometry_count(), 3);
    }

    #[test]
    fn a_hole_may_share_an_edge_with_its_outline() {
        let points = [square("1", 0.0, 0.0, 10.0), square("2", 0.0, 4.0, 2.0)].concat();
        let made = polygons(&split(&points)).unwrap();
        assert!((made.area() - 96.0).abs() < 1e-9);
        let points = [square("1", 0.0, 0.0, 10.0), square("2", 8.0, 4.0, 2.0)].concat();
        assert!((polygons(&split(&points)).unwrap().area() - 96.0).abs() < 1e-9);
    }

    #[test]
    fn a_ring_that_came_back_is_closed_and_the_next_begins() {
        let mut points = square("1", 0.0, 0.0, 10.0);
        points.push(points[0]);
        points.extend(square("1", 20.0, 0.0, 5.0));
        let rings = split(&points);
        assert_eq!(rings.len(), 2);
        assert!(rings[0].closed && !rings[1].closed);
        assert_eq!(rings[0].points.len(), 4);
    }

    #[test]
    fn the_size_of_the_numbers_tells_the_northing() {
        for (extent, want) in [
            ([3_470_000.0, 620_000.0, 3_471_000.0, 621_000.0], Some(true)),
            ([620_000.0, 3_470_000.0, 621_000.0, 3_471_000.0], Some(false)),
            ([3_470_000.0, 40_620_000.0, 3_471_000.0, 40_621_000.0], Some(true)),
            ([40_620_000.0, 3_470_000.0, 40_621_000.0, 3_471_000.0], Some(false)),
            ([31.2, 121.3, 31.3, 121.4], Some(true)),
            ([-20_000.0, 5_000.0, -10_000.0, 6_000.0], None),
        ] {
            assert_eq!(north_first(extent), want, "{extent:?}");
        }
    }
}
