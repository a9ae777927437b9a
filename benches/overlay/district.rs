//! A made-up district, the same each time: parcels of 16 vertices in blocks, and four layers of polygons as plans have them.

use std::f64::consts::TAU;

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub type Ring = Vec<[f64; 2]>;

pub const CENTRE: [f64; 2] = [121.25, 31.38];
/// From a parcel to the next in degrees: about 76 by 78 m.
const STEP: [f64; 2] = [0.0008, 0.0007];

/// A layer's rows: a class and a ring each, and whether any two rows of a class may overlap.
pub struct Plan {
    pub layer: &'static str,
    pub rows: Vec<(String, Ring)>,
    pub overlaps: bool,
}

/// Where everything lies.
#[derive(Clone, Copy)]
pub struct District {
    pub parcels: usize,
    low: [f64; 2],
    size: [f64; 2],
}

impl District {
    #[expect(clippy::cast_precision_loss, reason = "rows and columns")]
    pub fn new(parcels: usize) -> Self {
        let columns = parcels.isqrt().max(1);
        let rows = parcels.div_ceil(columns);
        let size = [columns as f64 * STEP[0], rows as f64 * STEP[1]];
        Self { parcels, low: [CENTRE[0] - size[0] / 2.0, CENTRE[1] - size[1] / 2.0], size }
    }

    /// A parcel's ring; parcels do not overlap.
    #[expect(clippy::cast_precision_loss, reason = "rows and columns")]
    pub fn parcel(&self, nth: usize) -> Ring {
        let columns = self.parcels.isqrt().max(1);
        let (column, row) = (nth % columns, nth / columns);
        let mut random = ChaCha8Rng::seed_from_u64(nth as u64);
        let centre = [
            self.low[0] + (column as f64 + 0.5) * STEP[0],
            self.low[1] + (row as f64 + 0.5) * STEP[1],
        ];
        star(&mut random, centre, [STEP[0] * 0.49, STEP[1] * 0.49], 16, 0.7)
    }

    /// 300 blocks; 20 huge areas that share borders; 5,000 plots that overlap; 10,000 plots of eight uses without gaps.
    pub fn plans(&self) -> Vec<Plan> {
        vec![
            Plan { layer: "blocks_104", rows: self.stars(300, 1.1, 60, 1), overlaps: false },
            Plan {
                layer: "construction_area",
                rows: self.tiles([5, 4], 500, 1, 2),
                overlaps: false,
            },
            Plan { layer: "basic_farmland", rows: self.stars(5_000, 1.5, 40, 3), overlaps: true },
            Plan { layer: "control_plan", rows: self.tiles([100, 100], 4, 8, 4), overlaps: false },
        ]
    }

    #[expect(clippy::cast_precision_loss, reason = "rows and columns")]
    fn stars(&self, count: usize, size: f64, corners: usize, seed: u64) -> Vec<(String, Ring)> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let columns = count.isqrt();
        let rows = count.div_ceil(columns);
        let step = [self.size[0] / columns as f64, self.size[1] / rows as f64];
        (0..count)
            .map(|nth| {
                let (column, row) = (nth % columns, nth / columns);
                let centre = [
                    self.low[0] + (column as f64 + 0.5) * step[0],
                    self.low[1] + (row as f64 + 0.5) * step[1],
                ];
                let radius = step.map(|it| it * size * 0.45);
                ("0".to_owned(), star(&mut random, centre, radius, corners, 0.5))
            })
            .collect()
    }

    /// Fields of a grid whose borders wave, so that neighbours share every vertex.
    #[expect(clippy::cast_precision_loss, reason = "rows and columns")]
    fn tiles(
        &self,
        count: [usize; 2],
        per_side: usize,
        classes: usize,
        seed: u64,
    ) -> Vec<(String, Ring)> {
        let step = [self.size[0] / count[0] as f64, self.size[1] / count[1] as f64];
        // A place on the fine grid, moved by what its numbers say.
        let place = |x: usize, y: usize| {
            let mut random = ChaCha8Rng::seed_from_u64(seed << 48 | (x as u64) << 24 | y as u64);
            let wave = 0.3 / per_side as f64;
            let at =
                [x, y].map(|it| it as f64 / per_side as f64 + random.random_range(-wave..wave));
            [self.low[0] + at[0] * step[0], self.low[1] + at[1] * step[1]]
        };
        let mut rows = Vec::new();
        for row in 0..count[1] {
            for column in 0..count[0] {
                let (x, y, n) = (column * per_side, row * per_side, per_side);
                let mut ring: Ring = (0..n).map(|it| place(x + it, y)).collect();
                ring.extend((0..n).map(|it| place(x + n, y + it)));
                ring.extend((0..n).map(|it| place(x + n - it, y + n)));
                ring.extend((0..n).map(|it| place(x, y + n - it)));
                rows.push((((row * 7 + column * 3) % classes).to_string(), ring));
            }
        }
        rows
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few corners")]
fn star(
    random: &mut ChaCha8Rng,
    centre: [f64; 2],
    radius: [f64; 2],
    corners: usize,
    least: f64,
) -> Ring {
    (0..corners)
        .map(|nth| {
            let angle = TAU * (nth as f64 + random.random_range(-0.3..0.3)) / corners as f64;
            let part = random.random_range(least..1.0);
            [centre[0] + radius[0] * part * angle.cos(), centre[1] + radius[1] * part * angle.sin()]
        })
        .collect()
}

/// A multipolygon as PostGIS writes it, in EPSG:4490.
pub fn ewkb(ring: &Ring) -> Vec<u8> {
    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX).to_le_bytes();
    let mut out = vec![1];
    out.extend((0x2000_0000_u32 | 6).to_le_bytes());
    out.extend(4490_u32.to_le_bytes());
    out.extend(number(1));
    out.push(1);
    out.extend(3_u32.to_le_bytes());
    out.extend(number(1));
    out.extend(number(ring.len() + 1));
    for place in ring.iter().chain(ring.first()) {
        out.extend(place[0].to_le_bytes());
        out.extend(place[1].to_le_bytes());
    }
    out
}
