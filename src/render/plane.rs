//! The planes that maps are drawn on, and how the places of the map in memory come onto them.

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::coverage::At;
use crate::crs::Crs;

/// Half the side of the Web Mercator square, metres.
const HALF: f64 = 20_037_508.342_789_244;
/// Half axis (metres) and flattening of CGCS2000 (GB/T 38152).
const AXIS: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_222_101;

/// A plane with an easting and a northing, degrees counting as such.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plane {
    /// EPSG:3857, metres at the equator.
    Mercator,
    /// Longitude and latitude of CGCS2000 or WGS 84, which are one datum here.
    Degrees,
    /// CGCS2000 Gauss–Krüger around a meridian: a metre on the plane is one on the ground there.
    Zone(Zone),
}

/// A Gauss–Krüger plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// The central meridian, degrees.
    pub meridian: f64,
    /// The easting of the meridian, metres: 500 km, perhaps with the zone's number before it.
    pub easting: f64,
}

impl Plane {
    /// The plane of a reference system.
    pub fn of(crs: Crs) -> Self {
        match crs.srid() {
            3857 => Self::Mercator,
            code @ 4547..=4550 => Self::Zone(Zone {
                meridian: f64::from((code - 4547) * 3 + 114),
                easting: 500_000.0,
            }),
            code @ 4526..=4529 => {
                let zone = f64::from(code - 4526 + 38);
                Self::Zone(Zone { meridian: zone * 3.0, easting: zone.mul_add(1e6, 500_000.0) })
            }
            _ => Self::Degrees,
        }
    }

    /// The zone of three degrees that a longitude lies in.
    pub fn around(lon: f64) -> Self {
        Self::Zone(Zone { meridian: (lon / 3.0).round() * 3.0, easting: 500_000.0 })
    }

    /// Easting and northing of a place.
    pub fn place(self, at: At) -> (f64, f64) {
        if self == Self::Mercator {
            let along = |it: u32| f64::from(it) / 2_147_483_648.0 - 1.0;
            return (along(at.x) * HALF, -along(at.y) * HALF);
        }
        let (lon, lat) = at.to_degrees();
        self.from_degrees(lon, lat)
    }

    /// Easting and northing from degrees.
    pub fn from_degrees(self, lon: f64, lat: f64) -> (f64, f64) {
        match self {
            Self::Degrees => (lon, lat),
            Self::Mercator => {
                let lat = lat.clamp(-85.06, 85.06).to_radians();
                (lon / 180.0 * HALF, lat.sin().atanh() / PI * HALF)
            }
            Self::Zone(zone) => zone.project(lon, lat),
        }
    }

    /// Longitude and latitude of a point of the plane.
    pub fn to_degrees(self, east: f64, north: f64) -> (f64, f64) {
        match self {
            Self::Degrees => (east, north),
            Self::Mercator => (east / HALF * 180.0, (north / HALF * PI).tanh().asin().to_degrees()),
            Self::Zone(zone) => zone.unproject(east, north),
        }
    }

    /// Metres on the ground of one unit of the plane at a latitude, from west to east.
    pub fn ground_metres(self, lat: f64) -> f64 {
        match self {
            Self::Degrees => AXIS.to_radians() * lat.to_radians().cos(),
            Self::Mercator => lat.to_radians().cos(),
            Self::Zone(_) => 1.0,
        }
    }

    /// Units of Web Mercator, metres at the equator, of one unit of the plane at a latitude.
    pub fn mercator_metres(self, lat: f64) -> f64 {
        match self {
            Self::Degrees => AXIS.to_radians(),
            Self::Mercator => 1.0,
            Self::Zone(_) => 1.0 / lat.to_radians().cos().max(0.01),
        }
    }
}

/// Krüger's series to the fourth power of the third flattening, which leaves less than a micrometre (Karney 2011, "Transverse
/// Mercator with an accuracy of a few nanometers", equations 12, 35 and 36).
struct Series {
    /// Radius of the rectifying sphere, metres.
    radius: f64,
    /// The first eccentricity, and its square.
    e: f64,
    e2: f64,
    forward: [f64; 4],
    back: [f64; 4],
}

static SERIES: LazyLock<Series> = LazyLock::new(|| {
    let n = FLATTENING / (2.0 - FLATTENING);
    let of = |terms: [f64; 4]| terms.iter().rev().fold(0.0, |sum, it| (sum + it) * n);
    let e2 = FLATTENING * (2.0 - FLATTENING);
    Series {
        radius: AXIS / (1.0 + n) * (1.0 + n * n / 4.0 + n.powi(4) / 64.0),
        e: e2.sqrt(),
        e2,
        forward: [
            of([1.0 / 2.0, -2.0 / 3.0, 5.0 / 16.0, 41.0 / 180.0]),
            of([0.0, 13.0 / 48.0, -3.0 / 5.0, 557.0 / 1440.0]),
            of([0.0, 0.0, 61.0 / 240.0, -103.0 / 140.0]),
            of([0.0, 0.0, 0.0, 49561.0 / 161_280.0]),
        ],
        back: [
            of([1.0 / 2.0, -2.0 / 3.0, 37.0 / 96.0, -1.0 / 360.0]),
            of([0.0, 1.0 / 48.0, 1.0 / 15.0, -437.0 / 1440.0]),
            of([0.0, 0.0, 17.0 / 480.0, -37.0 / 840.0]),
            of([0.0, 0.0, 0.0, 4397.0 / 161_280.0]),
        ],
    }
});

impl Series {
    /// The tangent of the conformal latitude from that of the latitude.
    fn conformal(&self, tau: f64) -> f64 {
        let root = tau.hypot(1.0);
        let sigma = (self.e * (self.e * tau / root).atanh()).sinh();
        tau * sigma.hypot(1.0) - sigma * root
    }
}

impl Zone {
    fn project(self, lon: f64, lat: f64) -> (f64, f64) {
        let it = &*SERIES;
        // Beyond the quarter of the globe around its meridian the plane has no place.
        let lon = (lon - self.meridian).clamp(-80.0, 80.0).to_radians();
        let tau = it.conformal(lat.clamp(-89.9, 89.9).to_radians().tan());
        let xi = tau.atan2(lon.cos());
        let eta = (lon.sin() / tau.hypot(lon.cos())).asinh();
        let (mut north, mut east) = (xi, eta);
        for (times, term) in [2.0, 4.0, 6.0, 8.0].into_iter().zip(it.forward) {
            north += term * (times * xi).sin() * (times * eta).cosh();
            east += term * (times * xi).cos() * (times * eta).sinh();
        }
        (it.radius.mul_add(east, self.easting), it.radius * north)
    }

    fn unproject(self, east: f64, north: f64) -> (f64, f64) {
        let it = &*SERIES;
        let (xi, eta) = (north / it.radius, (east - self.easting) / it.radius);
        let (mut lat, mut lon) = (xi, eta);
        for (times, term) in [2.0, 4.0, 6.0, 8.0].into_iter().zip(it.back) {
            lat -= term * (times * xi).sin() * (times * eta).cosh();
            lon -= term * (times * xi).cos() * (times * eta).sinh();
        }
        let wanted = lat.sin() / lon.sinh().hypot(lat.cos());
        let mut tau = wanted / (1.0 - it.e2);
        for _ in 0..6 {
            let got = it.conformal(tau);
            tau += (wanted - got) / got.hypot(1.0) * (1.0 - it.e2).mul_add(tau * tau, 1.0)
                / ((1.0 - it.e2) * tau.hypot(1.0));
        }
        (lon.sinh().atan2(lat.cos()).to_degrees() + self.meridian, tau.atan().to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mercator_is_that_of_the_map_in_memory() {
        for (lon, lat) in [(121.25, 31.38), (-71.0, -42.0), (0.0, 0.0)] {
            let (x, y) = Plane::Mercator.place(At::from_degrees(lon, lat));
            let (wanted_x, wanted_y) = Plane::Mercator.from_degrees(lon, lat);
            assert!((x - wanted_x).abs() < 0.01 && (y - wanted_y).abs() < 0.01, "{lon} {lat}");
            let (back, back_lat) = Plane::Mercator.to_degrees(x, y);
            assert!((back - lon).abs() < 1e-6 && (back_lat - lat).abs() < 1e-6);
        }
    }

    #[test]
    fn a_longitude_lies_in_its_zone_of_three_degrees() {
        let meridian = |lon| match Plane::around(lon) {
            Plane::Zone(it) => it.meridian,
            other => panic!("{other:?}"),
        };
        assert_eq!((meridian(121.25), meridian(118.6), meridian(113.0)), (120.0, 120.0, 114.0));
    }
}
