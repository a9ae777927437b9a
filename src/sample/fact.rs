//! All facts of one tile: parcels with buildings, their users, the users' figures.

use super::district::District;
use super::enterprise::Enterprise;
use super::figure;
use super::figure::Figures;
use super::layout::Layout;
use super::noise;
use super::noise::Purpose;
use super::occupancy::Occupancy;
use super::occupancy::Users;
use super::parcel::Parcel;
use super::quota::Quota;

/// Room for the credit codes of one tile.
const CODES_PER_TILE: u64 = 2048;

/// A tile with everything in it.
#[derive(Debug)]
pub struct Facts {
    /// Index into the district's tiles.
    pub tile: usize,
    pub layout: Layout,
    pub parcels: Vec<Parcel>,
    pub enterprises: Vec<Enterprise>,
    pub occupancies: Vec<Occupancy>,
    /// Of each enterprise.
    pub figures: Vec<Vec<Figures>>,
}

impl Facts {
    pub fn of(quota: &Quota, tile: usize) -> Self {
        let district: &District = &quota.district;
        let ground = &district.tiles[tile];
        let layout = Layout::of(district, ground);
        let mut random = noise::stream(district.seed, Purpose::Facts, &[ground.at.0, ground.at.1]);
        let kept = layout.lots.iter().zip(quota.kept(tile)).filter(|it| it.1);
        let mut parcels: Vec<Parcel> = (1..)
            .zip(kept)
            .map(|(serial, it)| Parcel::register(district, ground, it.0, serial, &mut random))
            .collect();
        let mut users = Users {
            seed: district.seed,
            first_number: tile as u64 * CODES_PER_TILE,
            parcels: &mut parcels,
            enterprises: Vec::new(),
            occupancies: Vec::new(),
        };
        users.settle(&mut random);
        let Users { mut enterprises, occupancies, .. } = users;
        let figures = enterprises.iter_mut().map(|it| figure::report(it, &mut random)).collect();
        Self { tile, layout, parcels, enterprises, occupancies, figures }
    }
}
