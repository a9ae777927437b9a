//! Where on the map a finding is: EWKB in EPSG:4490, small enough to be kept with thousands of findings.

use geo::CoordsIter;
use geo::InteriorPoint;

use super::super::copy;
use super::super::repair::Stored;

/// Vertices of an outline that is kept as it is; of a longer one a point inside stands for it.
const MOST_VERTICES: usize = 64;

/// The row's own geometry, or a point on it where it is a long one.
pub fn of(stored: &Stored) -> Option<Vec<u8>> {
    let vertices = match stored {
        Stored::Points(it) => it.0.len(),
        Stored::Lines(it) => it.coords_count(),
        Stored::Polygons(it) => it.coords_count(),
    };
    if (1..=MOST_VERTICES).contains(&vertices) {
        return Some(copy::ewkb(stored));
    }
    let at = match stored {
        Stored::Points(it) => it.0.first().map(|it| [it.x(), it.y()]),
        Stored::Lines(it) => {
            let longest = it.0.iter().max_by_key(|it| it.0.len())?;
            longest.0.get(longest.0.len() / 2).map(|it| [it.x, it.y])
        }
        // One part is enough to find it, and the others may be many.
        Stored::Polygons(it) => {
            let largest = it.0.iter().max_by_key(|it| it.exterior().0.len())?;
            largest.interior_point().map(|it| [it.x(), it.y()])
        }
    };
    at.map(point)
}

/// A point: longitude, latitude.
pub fn point(at: [f64; 2]) -> Vec<u8> {
    copy::ewkb_point(at)
}

/// The place that GEOS names in what it says of an invalid geometry: `Self-intersection at or near point 121.2 31.3`.
pub fn in_words(said: &str) -> Option<[f64; 2]> {
    let (_, rest) = said.rsplit_once("point ").or_else(|| said.rsplit_once('['))?;
    let mut numbers = rest
        .split(|it: char| !(it.is_ascii_digit() || matches!(it, '.' | '-' | 'e' | 'E' | '+')))
        .filter(|it| !it.is_empty())
        .map(str::parse::<f64>);
    let (x, y) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    (x.abs() <= 180.0 && y.abs() <= 90.0).then_some([x, y])
}

#[cfg(test)]
mod tests {
    use geo::MultiPolygon;
    use geo::Polygon;

    use super::*;

    #[test]
    fn geos_says_where() {
        let said = "Self-intersection at or near point 121.00500000000001 31.0049";
        assert_eq!(in_words(said), Some([121.005_000_000_000_01, 31.0049]));
        assert_eq!(in_words("Ring Self-intersection[121.01 31.01]"), Some([121.01, 31.01]));
        assert_eq!(in_words("Too few points in geometry component"), None);
    }

    #[test]
    fn a_long_outline_is_stood_for_by_a_point_inside() {
        let ring = |count: u32| {
            let turn = |it: u32| f64::from(it) / f64::from(count) * std::f64::consts::TAU;
            let round: Vec<(f64, f64)> =
                (0..count).map(|it| (121.0 + turn(it).cos(), 31.0 + turn(it).sin())).collect();
            Stored::Polygons(MultiPolygon(vec![Polygon::new(round.into(), Vec::new())]))
        };
        assert!(of(&ring(8)).unwrap().len() > 100);
        assert_eq!(of(&ring(1000)).unwrap().len(), point([121.0, 31.0]).len());
    }
}
