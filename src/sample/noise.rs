//! Seeded randomness: hashes of grid positions, smooth fields over the plane, and one random stream for each tile.
//!
//! Every tile draws from its own stream, so neither threads nor the order of work can change the district.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The stream type of the whole generator.
pub type Stream = ChaCha8Rng;

/// What a hash or a stream is for: two purposes never share random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    Warp = 1,
    Line,
    Node,
    Kind,
    Outline,
    Town,
    Layout,
    Facts,
    Plan,
    Name,
}

/// The finaliser of splitmix64: a bijection that scatters neighbouring inputs.
fn scatter(value: u64) -> u64 {
    let mut it = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}

/// A hash of a seed, a purpose and grid coordinates.
pub fn hash(seed: u64, purpose: Purpose, parts: &[i32]) -> u64 {
    parts.iter().fold(scatter(seed ^ scatter(purpose as u64)), |hash, part| {
        scatter(hash ^ u64::from(part.cast_unsigned()))
    })
}

/// The same hash as a number in 0..1.
pub fn unit(seed: u64, purpose: Purpose, parts: &[i32]) -> f64 {
    to_unit(hash(seed, purpose, parts))
}

/// The same hash as a number in -1..1.
pub fn signed(seed: u64, purpose: Purpose, parts: &[i32]) -> f64 {
    unit(seed, purpose, parts) * 2.0 - 1.0
}

#[expect(clippy::cast_precision_loss, reason = "53 bits are kept")]
fn to_unit(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// The random stream of one tile for one purpose.
pub fn stream(seed: u64, purpose: Purpose, parts: &[i32]) -> Stream {
    Stream::seed_from_u64(hash(seed, purpose, parts))
}

/// A smooth field over the plane with values in -1..1 and features about one wavelength (metres) wide.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    seed: u64,
    purpose: Purpose,
    number: i32,
    wavelength_m: f64,
}

impl Field {
    pub fn new(seed: u64, purpose: Purpose, number: i32, wavelength_m: f64) -> Self {
        Self { seed, purpose, number, wavelength_m }
    }

    /// The value at a point in metres.
    pub fn at(&self, [x, y]: [f64; 2]) -> f64 {
        let (column, across) = cell(x / self.wavelength_m);
        let (row, up) = cell(y / self.wavelength_m);
        let corner =
            |i: i32, j: i32| signed(self.seed, self.purpose, &[self.number, column + i, row + j]);
        let (across, up) = (ease(across), ease(up));
        let low = lerp(corner(0, 0), corner(1, 0), across);
        let high = lerp(corner(0, 1), corner(1, 1), across);
        lerp(low, high, up)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the plane is a few hundred kilometres wide")]
fn cell(value: f64) -> (i32, f64) {
    let floor = value.floor();
    (floor as i32, value - floor)
}

/// Quintic easing: first and second derivatives vanish at the cell borders, so warped roads do not kink there.
fn ease(t: f64) -> f64 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

pub fn lerp(from: f64, to: f64, t: f64) -> f64 {
    from + (to - from) * t
}

/// A standard normal number (Box-Muller).
pub fn normal(random: &mut Stream) -> f64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
}

/// A log-normal number with this median; `sigma` is the deviation of its logarithm.
pub fn log_normal(random: &mut Stream, median: f64, sigma: f64) -> f64 {
    median * (sigma * normal(random)).exp()
}

/// One of the given things, by weight.
pub fn weighted<'a, T>(random: &mut Stream, choices: &'a [(T, f64)]) -> &'a T {
    let total: f64 = choices.iter().map(|it| it.1).sum();
    let mut rest = random.random::<f64>() * total;
    for (choice, weight) in choices {
        rest -= weight;
        if rest < 0.0 {
            return choice;
        }
    }
    &choices[choices.len() - 1].0
}

/// One of the given things, each as likely.
pub fn pick<'a, T>(random: &mut Stream, choices: &'a [T]) -> &'a T {
    &choices[random.random_range(0..choices.len())]
}
