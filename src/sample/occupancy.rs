//! Who uses which parcel: owners, owners of several, landlords and their tenants.

use chrono::NaiveDate;
use rand::Rng;

use super::building::cents;
use super::enterprise;
use super::enterprise::Enterprise;
use super::enterprise::Trade;
use super::noise;
use super::noise::Stream;
use super::parcel::Parcel;
use super::parcel::Status;
use super::row::Row;

#[derive(Clone, Debug)]
pub struct Occupancy {
    /// Indexes into the parcels and enterprises of the tile.
    pub parcel: usize,
    pub enterprise: usize,
    pub role: &'static str,
    pub floor_m2: f64,
    pub land_m2: f64,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub rent_wan: Option<f64>,
}

impl Occupancy {
    /// The row of `header::OCCUPANCIES`.
    pub fn row(&self, parcels: &[Parcel], enterprises: &[Enterprise]) -> Row {
        Row::of(vec![
            parcels[self.parcel].code.as_str().into(),
            enterprises[self.enterprise].uscc.as_str().into(),
            self.role.into(),
            self.floor_m2.into(),
            self.land_m2.into(),
            self.from.into(),
            self.to.into(),
            self.rent_wan.into(),
        ])
    }
}

/// The users of a tile's parcels.
pub struct Users<'a> {
    pub seed: u64,
    /// Number of the tile's first credit code.
    pub first_number: u64,
    pub parcels: &'a mut [Parcel],
    pub enterprises: Vec<Enterprise>,
    pub occupancies: Vec<Occupancy>,
}

impl Users<'_> {
    /// Gives every parcel a holder and its users.
    pub fn settle(&mut self, random: &mut Stream) {
        // The last owner-user, the block it is in, and how many parcels it has.
        let mut last: Option<(usize, usize, u32)> = None;
        for parcel in 0..self.parcels.len() {
            let land = &self.parcels[parcel];
            let (block, status, roomy) =
                (land.block, land.status, land.usable_m2() > 4000.0 && land.floor_m2() > 2000.0);
            let chance = random.random::<f64>();
            let neighbour = last.filter(|it| it.1 == block && it.2 < 4);
            match (status, neighbour) {
                (Status::Idle, _) => self.whole(parcel, Trade::Idle, random),
                (Status::UnderConstruction, _) => self.whole(parcel, Trade::Building, random),
                (_, Some((owner, _, count))) if chance < 0.18 => {
                    self.own(parcel, owner, 1.0, random);
                    last = Some((owner, block, count + 1));
                }
                _ if chance < 0.33 && roomy => self.let_out(parcel, random),
                _ if chance < 0.37 => self.lease_whole(parcel, random),
                _ => {
                    self.whole(parcel, Trade::Producing, random);
                    last = Some((self.enterprises.len() - 1, block, 1));
                }
            }
        }
    }

    fn found(&mut self, parcel: usize, trade: Trade, random: &mut Stream) -> usize {
        let number = self.first_number + self.enterprises.len() as u64;
        let town_code = &self.parcels[parcel].town_code;
        self.enterprises.push(Enterprise::found(self.seed, number, trade, town_code, random));
        self.enterprises.len() - 1
    }

    fn whole(&mut self, parcel: usize, trade: Trade, random: &mut Stream) {
        let owner = self.found(parcel, trade, random);
        self.own(parcel, owner, 1.0, random);
    }

    /// An owner with this share of the land and floor for itself.
    fn own(&mut self, parcel: usize, owner: usize, share: f64, random: &mut Stream) {
        let producing = self.enterprises[owner].trade == Trade::Producing;
        let role = if producing { "自用" } else { "持有" };
        self.hold(parcel, owner);
        self.occupy(parcel, owner, role, share, random);
    }

    fn hold(&mut self, parcel: usize, owner: usize) {
        let firm = &self.enterprises[owner];
        let land = &mut self.parcels[parcel];
        land.holder = Some((firm.name.clone(), firm.uscc.clone()));
        if matches!(firm.trade, Trade::Producing | Trade::Building) {
            land.industry_code = Some(firm.sector.code);
        }
    }

    /// One tenant for all of it.
    fn lease_whole(&mut self, parcel: usize, random: &mut Stream) {
        let owner = self.found(parcel, Trade::Letting, random);
        self.own(parcel, owner, 0.0, random);
        let tenant = self.found(parcel, Trade::Producing, random);
        self.parcels[parcel].industry_code = Some(self.enterprises[tenant].sector.code);
        self.occupy(parcel, tenant, "承租", 1.0, random);
    }

    /// Two to eight tenants, beside the owner or instead of it.
    fn let_out(&mut self, parcel: usize, random: &mut Stream) {
        let beside = random.random::<f64>() < 0.4;
        let owner =
            self.found(parcel, if beside { Trade::Producing } else { Trade::Letting }, random);
        let own_share = if beside { random.random_range(0.25..0.5) } else { 0.0 };
        self.own(parcel, owner, own_share, random);
        let vacant = if self.parcels[parcel].status == Status::PartlyVacant {
            0.3
        } else {
            random.random_range(0.0..0.08)
        };
        let count =
            *noise::weighted(random, &[(2, 5.0), (3, 3.0), (4, 2.0), (5, 1.0), (6, 0.6), (8, 0.4)]);
        let parts: Vec<f64> = (0..count).map(|_| random.random_range(0.4..1.6)).collect();
        let total: f64 = parts.iter().sum();
        let let_share = (1.0 - own_share) * (1.0 - vacant);
        for (number, part) in parts.iter().enumerate() {
            let tenant = self.found(parcel, Trade::Producing, random);
            let share = let_share * part / total;
            if number == 0 && !beside {
                self.parcels[parcel].industry_code = Some(self.enterprises[tenant].sector.code);
            }
            if number == 1 && count > 3 && random.random::<f64>() < 0.25 {
                // A tenant that lets part of its floor to another.
                self.occupy(parcel, tenant, "承租", share * 0.6, random);
                let guest = self.found(parcel, Trade::Producing, random);
                self.occupy(parcel, guest, "转租", share * 0.4, random);
            } else {
                self.occupy(parcel, tenant, "承租", share, random);
            }
        }
    }

    fn occupy(
        &mut self,
        parcel: usize,
        enterprise: usize,
        role: &'static str,
        share: f64,
        random: &mut Stream,
    ) {
        let land = &self.parcels[parcel];
        let firm = &mut self.enterprises[enterprise];
        // Rounded down, so that shares never add up to more than there is.
        let land_m2 = (land.usable_m2() * share * 100.0).floor() / 100.0;
        let floor_m2 = (land.floor_m2() * share * 100.0).floor() / 100.0;
        firm.tax_wan += match firm.trade {
            Trade::Producing => {
                let skill =
                    if role == "自用" { 1.0 } else { noise::log_normal(random, 0.95, 0.45) };
                land_m2 * 0.0015 * land.yield_wan_per_mu * firm.sector.tax.sqrt() * skill
            }
            // Land-use tax, and for landlords some tax on the rent.
            Trade::Letting => land.usable_m2() * 0.0015 * random.random_range(0.6..1.4),
            Trade::Idle | Trade::Building => land_m2 * 0.0015 * random.random_range(0.2..0.6),
        };
        let renting = matches!(role, "承租" | "转租");
        let from = if renting {
            enterprise::day(random.random_range(2012..2023), random).max(firm.founded)
        } else {
            firm.founded
        };
        self.occupancies.push(Occupancy {
            parcel,
            enterprise,
            role,
            floor_m2,
            land_m2,
            from,
            to: renting.then(|| enterprise::day(random.random_range(2026..2033), random)),
            // Twenty-odd to fifty yuan a month for a square metre of floor, in 万元 a year.
            rent_wan: renting
                .then(|| cents(floor_m2 * random.random_range(20.0..50.0) * 12.0 / 10_000.0)),
        });
    }
}
