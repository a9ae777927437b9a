//! Where things stand: the straight street plan (`Plan` coordinates), the bent ground, and the grid of 1e-7 degree.
//!
//! Everything is laid out in plan coordinates, where arterials are nearly straight, then bent by a smooth field
//! and turned, then put on an integer grid of 1e-7 degree (about a centimetre). Each distinct corner is converted once,
//! so borders that were shared before stay shared to the last digit.

use super::noise::Field;
use super::noise::Purpose;

/// A point in metres; plan or ground, as the name beside it says.
pub type Point = [f64; 2];

/// The centre of the district, degrees on CGCS2000.
pub const CENTRE: [f64; 2] = [121.237, 31.362];

/// Steps of the integer grid in one degree.
const STEPS: f64 = 1e7;

const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_2: f64 = 0.006_694_380_022_903_4;

/// A corner on the integer grid: longitude and latitude in 1e-7 degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vertex {
    pub lon: i32,
    pub lat: i32,
}

impl Vertex {
    /// Longitude and latitude in degrees.
    pub fn degrees(self) -> [f64; 2] {
        [f64::from(self.lon) / STEPS, f64::from(self.lat) / STEPS]
    }
}

/// Metres in a degree of longitude and of latitude at a latitude on the ellipsoid.
fn metres_per_degree(latitude: f64) -> [f64; 2] {
    let radians = latitude.to_radians();
    let root = (1.0 - ECCENTRICITY_2 * radians.sin().powi(2)).sqrt();
    let prime_vertical = SEMI_MAJOR_M / root;
    let meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / root.powi(3);
    [prime_vertical * radians.cos() * 1_f64.to_radians(), meridian * 1_f64.to_radians()]
}

/// From plan to ground to grid.
#[derive(Clone, Debug)]
pub struct Plane {
    bends: [(Field, Field, f64); 2],
    turn: [f64; 2],
    metres: [f64; 2],
}

impl Plane {
    pub fn new(seed: u64) -> Self {
        let field = |number, wavelength_m| Field::new(seed, Purpose::Warp, number, wavelength_m);
        let angle = -9_f64.to_radians();
        Self {
            // The sum of the slopes stays far below 1, so the ground never folds over itself.
            bends: [
                (field(0, 5200.0), field(1, 5200.0), 520.0),
                (field(2, 1700.0), field(3, 1700.0), 55.0),
            ],
            turn: [angle.cos(), angle.sin()],
            metres: metres_per_degree(CENTRE[1]),
        }
    }

    /// A plan point on the ground: metres east and north of the centre.
    pub fn ground(&self, plan: Point) -> Point {
        let [mut x, mut y] = plan;
        for (east, north, reach_m) in &self.bends {
            x += east.at(plan) * reach_m;
            y += north.at(plan) * reach_m;
        }
        let [cos, sin] = self.turn;
        [x * cos - y * sin, x * sin + y * cos]
    }

    /// A ground point on the grid of 1e-7 degree.
    #[expect(clippy::cast_possible_truncation, reason = "degrees times 1e7 fit 32 bits")]
    pub fn vertex(&self, ground: Point) -> Vertex {
        let [lon, lat] = self.degrees(ground);
        Vertex { lon: (lon * STEPS).round() as i32, lat: (lat * STEPS).round() as i32 }
    }

    /// A ground point in degrees.
    pub fn degrees(&self, ground: Point) -> [f64; 2] {
        [CENTRE[0] + ground[0] / self.metres[0], CENTRE[1] + ground[1] / self.metres[1]]
    }

    /// Degrees as ground metres.
    pub fn ground_of(&self, degrees: [f64; 2]) -> Point {
        [(degrees[0] - CENTRE[0]) * self.metres[0], (degrees[1] - CENTRE[1]) * self.metres[1]]
    }

    /// The area of a ring on the ellipsoid, m², exact to about 1e-6 for rings below a kilometre.
    pub fn area_m2(ring: &[Vertex]) -> f64 {
        let Some(first) = ring.first() else { return 0.0 };
        let offset = |it: &Vertex| (i64::from(it.lon - first.lon), i64::from(it.lat - first.lat));
        let mut twice = 0_i64;
        let mut latitudes = 0.0;
        for (index, vertex) in ring.iter().enumerate() {
            let (x1, y1) = offset(vertex);
            let (x2, y2) = offset(&ring[(index + 1) % ring.len()]);
            twice += x1 * y2 - x2 * y1;
            latitudes += vertex.degrees()[1];
        }
        #[expect(clippy::cast_precision_loss, reason = "rings and their doubled areas are small")]
        let (square_steps, latitude) =
            (twice.unsigned_abs() as f64 / 2.0, latitudes / ring.len() as f64);
        let [east, north] = metres_per_degree(latitude);
        square_steps / STEPS / STEPS * east * north
    }
}
