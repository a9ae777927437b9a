//! The equal-area plane in which shares are measured: Lambert's azimuthal projection of the ellipsoid, forward only, with the
//! same formulas as PROJ (Snyder, Map Projections, 24). PROJ itself took three fifths of an overlay's time.

use super::outline::Place;

/// Edges longer than this, in degrees (about 250 m), get more vertices before they are projected: they are straight in
/// longitude and latitude, not in the plane.
pub const LONGEST_EDGE: f64 = 0.0025;

/// Metres; CGCS2000 and GRS80 share it.
const SEMI_MAJOR: f64 = 6_378_137.0;
/// CGCS2000 has 298.257222101 as GRS80 does.
const FLATTENING: f64 = 1.0 / 298.257_222_101;
const ECCENTRICITY_2: f64 = FLATTENING * (2.0 - FLATTENING);
/// Terms of the authalic series: the next one is below 1e-17.
const TERMS: usize = 8;
/// Angles up to this many radians take a short series for sine and cosine; it covers any district.
const NEAR: f64 = 0.125;

/// Lambert azimuthal equal-area on GRS80 around a centre. Longitude, latitude in degrees become metres east and north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EqualArea {
    centre: [f64; 2],
    sin_centre: f64,
    cos_centre: f64,
    /// Of the authalic latitude of the centre.
    sin_b1: f64,
    cos_b1: f64,
    east: f64,
    north: f64,
    series: [f64; TERMS],
}

impl EqualArea {
    /// Around a longitude and latitude in degrees, not a pole.
    pub fn new(centre: [f64; 2]) -> Self {
        let (sin_centre, cos_centre) = centre[1].to_radians().sin_cos();
        // q(s) = (1 - e²) Σ e^2k s^(2k+1) (1 + 1 / (2k + 1)), divided by q(1).
        let mut series = [0.0; TERMS];
        let mut power = 1.0 - ECCENTRICITY_2;
        let mut odd = 1.0;
        for it in &mut series {
            *it = power * (1.0 + 1.0 / odd);
            power *= ECCENTRICITY_2;
            odd += 2.0;
        }
        let whole: f64 = series.iter().rev().sum();
        let series = series.map(|it| it / whole);
        let sin_b1 = authalic(&series, sin_centre);
        let cos_b1 = (1.0 - sin_b1 * sin_b1).sqrt();
        let radius = (whole / 2.0).sqrt();
        let stretch = cos_centre
            / ((1.0 - ECCENTRICITY_2 * sin_centre * sin_centre).sqrt() * radius * cos_b1);
        Self {
            centre,
            sin_centre,
            cos_centre,
            sin_b1,
            cos_b1,
            east: SEMI_MAJOR * radius * stretch,
            north: SEMI_MAJOR * radius / stretch,
            series,
        }
    }

    /// From a PROJ string as the configuration makes it; nothing for any other projection.
    pub fn from_proj(text: &str) -> Option<Self> {
        let value = |key: &str| {
            text.split_whitespace()
                .find_map(|it| it.strip_prefix('+')?.strip_prefix(key)?.strip_prefix('='))
        };
        let zero = |key: &str| value(key).is_none_or(|it| it.parse() == Ok(0.0));
        let is_ours = value("proj") == Some("laea") && value("ellps") == Some("GRS80");
        let is_plain = zero("x_0") && zero("y_0") && value("units").is_none_or(|it| it == "m");
        let number = |key: &str| value(key)?.parse::<f64>().ok().filter(|it| it.is_finite());
        let (lon, lat) = (number("lon_0")?, number("lat_0")?);
        (is_ours && is_plain && lat.abs() < 89.9).then(|| Self::new([lon, lat]))
    }

    /// Metres east and north of the centre. Not finite where the place has no image: opposite the centre.
    pub fn forward(&self, lon: f64, lat: f64) -> Place {
        let mut east = lon - self.centre[0];
        if east.abs() > 180.0 {
            east -= 360.0 * (east / 360.0).round();
        }
        let (sin_l, cos_l) = sin_cos(east.to_radians());
        let (sin_d, cos_d) = sin_cos((lat - self.centre[1]).to_radians());
        let sin = self.sin_centre * cos_d + self.cos_centre * sin_d;
        let sin_b = authalic(&self.series, sin);
        let cos_b = ((1.0 - sin_b) * (1.0 + sin_b)).max(0.0).sqrt();
        let scale = (2.0 / (1.0 + self.sin_b1 * sin_b + self.cos_b1 * cos_b * cos_l)).sqrt();
        [
            self.east * scale * cos_b * sin_l,
            self.north * scale * (self.cos_b1 * sin_b - self.sin_b1 * cos_b * cos_l),
        ]
    }

    /// Appends a ring of longitudes and latitudes, without its closing place, with long edges divided as `ST_Segmentize`
    /// divides them.
    pub fn ring(&self, degrees: &[Place], out: &mut Vec<Place>) {
        let following = degrees.iter().cycle().skip(1);
        for (at, next) in degrees.iter().zip(following) {
            out.push(self.forward(at[0], at[1]));
            self.between(*at, *next, out);
        }
    }

    /// The vertices between two places, neither of them included.
    fn between(&self, from: Place, to: Place, out: &mut Vec<Place>) {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length_2 = dx * dx + dy * dy;
        // A ring around the world many times has no more vertices than this; nor has one of infinite places.
        if length_2 <= LONGEST_EDGE * LONGEST_EDGE || length_2.is_nan() || length_2 > 1e6 {
            return;
        }
        let count = (length_2.sqrt() / LONGEST_EDGE).ceil();
        let mut nth = 1.0;
        while nth < count {
            let part = nth / count;
            out.push(self.forward(from[0] + dx * part, from[1] + dy * part));
            nth += 1.0;
        }
    }
}

/// Sine of the authalic latitude from that of the latitude.
#[inline]
fn authalic(series: &[f64; TERMS], sin: f64) -> f64 {
    let square = sin * sin;
    sin * series.iter().rev().fold(0.0, |sum, it| sum * square + it)
}

/// Both, exact to the last bit or two: a Taylor series near zero, the library's beyond.
#[inline]
fn sin_cos(angle: f64) -> (f64, f64) {
    if angle.abs() > NEAR {
        return angle.sin_cos();
    }
    let square = angle * angle;
    let mut sin = 1.0 / 6_227_020_800.0;
    for it in [-1.0 / 39_916_800.0, 1.0 / 362_880.0, -1.0 / 5_040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0] {
        sin = sin * square + it;
    }
    let mut cos = 1.0 / 479_001_600.0;
    for it in [-1.0 / 3_628_800.0, 1.0 / 40_320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0] {
        cos = cos * square + it;
    }
    (sin * angle, cos)
}
