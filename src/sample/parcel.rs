//! Parcels: what the land register says of a lot.

use chrono::Days;
use chrono::NaiveDate;
use rand::Rng;

use super::building::Brief;
use super::building::Building;
use super::building::cents;
use super::code;
use super::district::District;
use super::district::Kind;
use super::district::Tile;
use super::enterprise;
use super::layout::Lot;
use super::network;
use super::noise;
use super::noise::Stream;
use super::plane::Plane;
use super::plane::Point;
use super::plane::Vertex;
use super::row::Row;
use super::row::Value;
use super::town;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    InUse,
    PartlyVacant,
    Idle,
    UnderConstruction,
}

impl Status {
    fn title(self) -> &'static str {
        match self {
            Self::InUse => "在用",
            Self::PartlyVacant => "部分空置",
            Self::Idle => "闲置",
            Self::UnderConstruction => "在建",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Contract {
    pub number: String,
    pub start: NaiveDate,
    pub finish: NaiveDate,
    pub far: Option<f64>,
    pub tax_wan_per_mu: Option<f64>,
}

#[derive(Clone, Debug)]
pub struct Parcel {
    pub ring: Vec<Vertex>,
    pub code: String,
    pub kind: Kind,
    pub block: usize,
    pub address: String,
    /// Index into the towns.
    pub town: usize,
    pub town_code: String,
    pub responsible_unit: String,
    pub village: String,
    /// Name and credit code; filled when the land is occupied.
    pub holder: Option<(String, String)>,
    pub industry_code: Option<&'static str>,
    pub ownership: &'static str,
    pub tenure: &'static str,
    pub land_use_code: &'static str,
    pub use_actual: &'static str,
    pub status: Status,
    pub contract: Option<Contract>,
    pub far_reported: Option<f64>,
    pub gfa_m2: Option<f64>,
    pub area_geom_m2: f64,
    pub area_registered_m2: Option<f64>,
    pub override_reason: Option<&'static str>,
    /// Tax that this land yields in the hands of an average firm, 万元 per mu.
    pub yield_wan_per_mu: f64,
    pub buildings: Vec<Building>,
}

impl Parcel {
    /// The land that can be shared out among its users: what registers and maps agree on.
    pub fn usable_m2(&self) -> f64 {
        self.area_registered_m2.map_or(self.area_geom_m2, |it| it.min(self.area_geom_m2))
    }

    pub fn floor_m2(&self) -> f64 {
        self.buildings.iter().map(|it| it.floor_area_m2).sum()
    }

    /// The register's entry for a lot.
    pub fn register(
        district: &District,
        tile: &Tile,
        lot: &Lot,
        serial: usize,
        random: &mut Stream,
    ) -> Self {
        let ground: Vec<Point> = lot.ring.iter().map(|&it| district.plane.ground(it)).collect();
        let mut ring: Vec<Vertex> = ground.iter().map(|&it| district.plane.vertex(it)).collect();
        ring.dedup();
        let area_geom_m2 = Plane::area_m2(&ring);
        let town = &district.towns[lot.town];
        let status = *noise::weighted(random, &status_weights(tile.kind));
        let state_owned = random.random::<f64>() < [0.96, 0.86, 0.25][tile.kind as usize];
        let feature = if state_owned { "GB" } else { "JB" };
        // A lot beyond its tile's town keeps the zones of the tile, so that serial numbers stay unique.
        let home = &district.towns[tile.town];
        let division = home.code.get(..6).unwrap_or_default();
        let tenure = *if state_owned {
            noise::weighted(
                random,
                &[("出让", 80.0), ("划拨", 6.0), ("租赁", 6.0), ("先租后让", 8.0)],
            )
        } else {
            noise::weighted(random, &[("集体建设用地使用权", 7.0), ("租赁", 3.0)])
        };
        let storage = random.random::<f64>() < 0.07;
        let year =
            random.random_range(if tile.kind == Kind::Rural { 1988..2012 } else { 1994..2021 });
        let buildings = built(district, &ground, area_geom_m2, (tile.kind, status, year), random);
        let area_registered_m2 = registered(area_geom_m2, random);
        let floor: f64 = buildings.iter().map(|it| it.floor_area_m2).sum();
        let counted: f64 = buildings.iter().map(Building::counted_m2).sum();
        let reported = (random.random::<f64>() > 0.05)
            .then(|| cents(counted / area_registered_m2.unwrap_or(area_geom_m2)));
        let kept = random.random::<f64>() < [0.0, 0.004, 0.02][tile.kind as usize];
        let unit = district.park_homes.get(&tile.park).copied().unwrap_or(lot.town);
        let place = [tile.at.0, tile.at.1, 9];
        let ending: &[&str] = if tile.kind == Kind::Rural { &["村"] } else { &["社区", "村"] };
        Self {
            code: code::parcel_code(division, home.zone, tile.subzone, feature, serial),
            kind: tile.kind,
            block: lot.block,
            address: address(district, tile, lot, random),
            town: lot.town,
            town_code: town.code.clone(),
            responsible_unit: managing_unit(district, unit, lot).into(),
            village: town::place_name(district.seed, &place, ending),
            holder: None,
            industry_code: None,
            ownership: if state_owned { "国有" } else { "集体" },
            tenure,
            land_use_code: if storage { "0604" } else { "0601" },
            use_actual: if status == Status::Idle {
                "空置"
            } else if storage {
                "仓储"
            } else {
                *noise::weighted(
                    random,
                    &[("工业", 88.0), ("仓储", 5.0), ("研发", 4.0), ("商业", 3.0)],
                )
            },
            status,
            contract: matches!(tenure, "出让" | "先租后让").then(|| contract(year, status, random)),
            far_reported: reported,
            gfa_m2: (random.random::<f64>() > 0.04).then(|| cents(floor)),
            area_geom_m2,
            area_registered_m2,
            override_reason: kept.then(|| {
                *noise::pick(
                    random,
                    &["规划保留零星工业用地", "现场核实：独立选址企业", "镇级认定，待规划调整"],
                )
            }),
            yield_wan_per_mu: noise::log_normal(random, [15.5, 12.0, 7.0][tile.kind as usize], 0.8),
            buildings,
            ring,
        }
    }

    /// The row of `header::PARCELS`.
    pub fn row(&self) -> Row {
        let holder = self.holder.as_ref();
        let contract = self.contract.as_ref();
        let values: Vec<Value> = vec![
            self.code.as_str().into(),
            holder.map(|it| format!("{}地块", it.0)).into(),
            self.address.as_str().into(),
            self.town_code.as_str().into(),
            self.responsible_unit.as_str().into(),
            self.village.as_str().into(),
            holder.map(|it| it.0.as_str()).into(),
            holder.map(|it| it.1.as_str()).into(),
            self.ownership.into(),
            self.tenure.into(),
            self.land_use_code.into(),
            self.use_actual.into(),
            self.status.title().into(),
            self.industry_code.into(),
            contract.map(|it| it.number.as_str()).into(),
            contract.map(|it| it.start).into(),
            contract.map(|it| it.finish).into(),
            contract.and_then(|it| it.far).into(),
            contract.and_then(|it| it.tax_wan_per_mu).into(),
            self.far_reported.into(),
            self.gfa_m2.into(),
            self.area_registered_m2.into(),
            self.area_registered_m2.map(|it| cents(it * 0.0015)).into(),
            self.override_reason.map(|_| "scattered").into(),
            self.override_reason.into(),
        ];
        Row::with_ring(values, self.ring.clone())
    }
}

/// Who answers for a lot: a park's home town for the whole park, 嘉定工业区 for the west of 徐行镇, else its town.
fn managing_unit<'a>(district: &'a District, unit: usize, lot: &Lot) -> &'a str {
    let name = district.towns[unit].name.as_str();
    let west = district.plane.degrees(district.plane.ground(lot.ring[0]))[0] < 121.262;
    if name == "徐行镇" && west { "嘉定工业区" } else { name }
}

fn status_weights(kind: Kind) -> [(Status, f64); 4] {
    let [vacant, idle, building] = match kind {
        Kind::Park => [7.0, 3.0, 2.5],
        Kind::Urban => [11.0, 6.0, 1.0],
        Kind::Rural => [12.0, 10.0, 0.3],
    };
    [
        (Status::InUse, 100.0 - vacant - idle - building),
        (Status::PartlyVacant, vacant),
        (Status::Idle, idle),
        (Status::UnderConstruction, building),
    ]
}

/// The registered area: within survey noise, now and then quite another, now and then unknown.
fn registered(area_m2: f64, random: &mut Stream) -> Option<f64> {
    let chance = random.random::<f64>();
    if chance < 0.03 {
        return None;
    }
    let off = if chance < 0.052 {
        random.random_range(0.012..0.09) * if random.random::<bool>() { 1.0 } else { -1.0 }
    } else {
        (noise::normal(random) * 0.0014).clamp(-0.006, 0.006)
    };
    Some(cents(area_m2 * (1.0 + off)))
}

fn built(
    district: &District,
    ground: &[Point],
    area_m2: f64,
    (kind, status, year): (Kind, Status, i32),
    random: &mut Stream,
) -> Vec<Building> {
    let most = match area_m2 {
        ..4000.0 => 2,
        ..9000.0 => 3,
        ..20_000.0 => 4,
        _ => 6,
    };
    let (median, sigma) = [(1.12, 0.36), (1.05, 0.4), (0.78, 0.42)][kind as usize];
    let far = noise::log_normal(random, median, sigma);
    let brief = match status {
        Status::UnderConstruction => Brief { count: 1, far: far * 0.4, vacancy: 1.0, year: 2023 },
        Status::Idle => {
            Brief { count: random.random_range(1..=most), far: far * 0.6, vacancy: 1.0, year }
        }
        Status::PartlyVacant => Brief {
            count: random.random_range(1..=most),
            far,
            vacancy: random.random_range(0.15..0.6),
            year,
        },
        Status::InUse => {
            let vacancy = if random.random::<f64>() < 0.08 { 0.08 } else { 0.0 };
            Brief { count: random.random_range(1..=most), far, vacancy, year }
        }
    };
    super::building::build(&district.plane, ground, area_m2, &brief, random)
}

fn contract(year: i32, status: Status, random: &mut Stream) -> Contract {
    let year =
        if status == Status::UnderConstruction { random.random_range(2021..2025) } else { year };
    let start = enterprise::day(year, random);
    // Contracts state yields only since 用地 became scarce, about 2008.
    let tax_wan_per_mu = (year >= 2008).then(|| noise::log_normal(random, 22.0, 0.35).round());
    Contract {
        number: format!("样土（{year}）出让字第{:05}号", random.random_range(1..99_999)),
        start,
        finish: start.checked_add_days(Days::new(random.random_range(540..1100))).unwrap_or(start),
        far: (year >= 2000).then(|| *noise::pick(random, &[0.8, 1.0, 1.2, 1.5, 2.0])),
        tax_wan_per_mu,
    }
}

fn address(district: &District, tile: &Tile, lot: &Lot, random: &mut Stream) -> String {
    let town = &district.towns[lot.town];
    let county = if town.code.starts_with("310114") { "嘉定区" } else { "样例区" };
    let (axis, line) = *noise::pick(
        random,
        &[(0, tile.at.0), (0, tile.at.0 + 1), (1, tile.at.1), (1, tile.at.1 + 1)],
    );
    let road = network::road_name(district, axis, line);
    format!("{county}{}{road}{}号", town.name, random.random_range(1..3000))
}
