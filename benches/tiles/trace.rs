//! Sessions of looking at a map: somewhere in the extent, zooming in, panning, out and in again.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

#[derive(Args)]
pub struct Trace {
    /// West, south, east, north in degrees.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    bounds: Vec<f64>,
    /// All tiles of this zoom over the extent, in no order, instead of sessions.
    #[arg(long)]
    zoom: Option<u8>,
    /// Tiles at most; of a zoom, this many chosen by chance.
    #[arg(long, default_value_t = 2_000)]
    tiles: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long)]
    out: PathBuf,
}

/// Zooms that people look at a district with.
const ZOOMS: std::ops::RangeInclusive<u8> = 8..=17;
/// Tiles of 512 pixels that a map of 1440 x 900 shows.
const WIDE: i64 = 4;
const HIGH: i64 = 3;

impl Trace {
    pub fn run(self) -> anyhow::Result<()> {
        ensure!(self.bounds.len() == 4, "--bounds takes west, south, east, north");
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut tiles = match self.zoom {
            Some(zoom) => {
                let (west, north) = self.at(zoom, 0.0, 0.0);
                let (east, south) = self.at(zoom, 1.0, 1.0);
                let mut all: Vec<(u8, i64, i64)> = (west..=east)
                    .flat_map(|x| (north..=south).map(move |y| (zoom, x, y)))
                    .collect();
                all.shuffle(&mut random);
                all
            }
            None => self.sessions(&mut random),
        };
        tiles.truncate(self.tiles);
        let mut text = String::new();
        for (z, x, y) in tiles {
            writeln!(text, "{z}/{x}/{y}")?;
        }
        Ok(std::fs::write(self.out, text)?)
    }

    /// The tile at a place of the extent, from its north-western corner (0, 0) to the opposite one.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^22")]
    fn at(&self, zoom: u8, east: f64, south: f64) -> (i64, i64) {
        let it = &self.bounds;
        let (lon, lat) = (it[0] + (it[2] - it[0]) * east, it[3] - (it[3] - it[1]) * south);
        let side = f64::from(1_u32 << zoom);
        let x = (lon + 180.0) / 360.0 * side;
        let y = (0.5 - lat.to_radians().tan().asinh() / std::f64::consts::TAU) * side;
        (x as i64, y as i64)
    }

    /// Each step asks for what the screen shows and did not show before.
    fn sessions(&self, random: &mut ChaCha8Rng) -> Vec<(u8, i64, i64)> {
        let mut asked = Vec::new();
        while asked.len() < self.tiles {
            let mut shown: Vec<(u8, i64, i64)> = Vec::new();
            let (mut east, mut south) =
                (random.random_range(0.1..0.9), random.random_range(0.1..0.9));
            let mut zoom = random.random_range(*ZOOMS.start()..=11);
            for _ in 0..random.random_range(8..24) {
                let (x, y) = self.at(zoom, east, south);
                for dx in -WIDE / 2..(WIDE + 1) / 2 {
                    for dy in -HIGH / 2..=HIGH / 2 {
                        let tile = (zoom, x + dx, y + dy);
                        if tile.1 >= 0 && tile.2 >= 0 && !shown.contains(&tile) {
                            shown.push(tile);
                            asked.push(tile);
                        }
                    }
                }
                match random.random_range(0..10) {
                    0..=4 => zoom = (zoom + 1).min(*ZOOMS.end()),
                    5 => zoom = zoom.saturating_sub(2).max(*ZOOMS.start()),
                    _ => {
                        // By about a screen.
                        let step = 0.5 * 2_f64.powi(9 - i32::from(zoom));
                        east = (east + random.random_range(-step..step)).clamp(0.0, 1.0);
                        south = (south + random.random_range(-step..step)).clamp(0.0, 1.0);
                    }
                }
            }
        }
        asked
    }
}
