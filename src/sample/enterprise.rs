//! Enterprises: names that are plainly made up, and who they are.

use chrono::NaiveDate;
use rand::Rng;

use super::code;
use super::noise;
use super::noise::Stream;
use super::row::Row;
use super::sector::SECTORS;
use super::sector::Sector;

/// Every name begins with a word for "sample" or "imitation", so that none can be taken for a real firm's.
const FIRST: [&str; 8] = ["样", "例", "拟", "仿", "试", "演", "模", "范"];

const SECOND: [&str; 64] = [
    "澜", "枫", "砺", "岑", "禾", "擎", "桐", "沐", "汀", "苇", "栖", "渚", "潭", "柏", "棠", "楠",
    "湾", "泽", "曜", "菱", "荻", "樟", "榆", "槐", "萍", "滨", "浔", "淞", "堰", "峤", "峻", "岳",
    "峰", "珩", "瑾", "珏", "琛", "璟", "睿", "晟", "昊", "旻", "昱", "晖", "煜", "炜", "烁", "焱",
    "锐", "铎", "钧", "铭", "锦", "锋", "骏", "骁", "驰", "驭", "翊", "翎", "翰", "翔", "弘", "毅",
];

/// What a firm does on its land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trade {
    /// Makes things.
    Producing,
    /// Owns land and lets it.
    Letting,
    /// Owns land that lies idle.
    Idle,
    /// Is still building.
    Building,
}

#[derive(Clone, Debug)]
pub struct Enterprise {
    pub uscc: String,
    pub name: String,
    pub sector: &'static Sector,
    pub trade: Trade,
    pub founded: NaiveDate,
    pub in_production: Option<NaiveDate>,
    pub town_code: String,
    pub is_hightech: bool,
    pub is_key: bool,
    /// Follows from the revenue: 规模以上 begins at 2,000 万元.
    pub is_scale: bool,
    /// Tax expected of all its land, 万元 a year.
    pub tax_wan: f64,
}

impl Enterprise {
    /// A new firm with the number-th credit code.
    pub fn found(
        seed: u64,
        number: u64,
        trade: Trade,
        town_code: &str,
        random: &mut Stream,
    ) -> Self {
        let sector = choose_sector(random);
        let brand = format!("{}{}", noise::pick(random, &FIRST), noise::pick(random, &SECOND));
        let name = if trade == Trade::Letting {
            let form =
                noise::pick(random, &["实业", "企业管理", "资产管理", "产业园开发", "投资管理"]);
            format!("上海{brand}{form}有限公司")
        } else {
            let form = noise::weighted(
                random,
                &[("", 5.0), ("科技", 2.5), ("制造", 1.0), ("（上海）", 1.2), ("工业", 0.8)],
            );
            match *form {
                "（上海）" => format!("{brand}{}（上海）有限公司", sector.trade),
                form if sector.trade.ends_with(form) => {
                    format!("上海{brand}{}有限公司", sector.trade)
                }
                form => format!("上海{brand}{}{form}有限公司", sector.trade),
            }
        };
        let year = if trade == Trade::Building {
            random.random_range(2018..2024)
        } else {
            random.random_range(1992..2022)
        };
        let founded = day(year, random);
        let in_production = (trade == Trade::Producing)
            .then(|| day((year + random.random_range(1..4)).min(2024), random));
        let in_production = in_production.map(|it| it.max(founded));
        let is_hightech =
            trade == Trade::Producing && random.random::<f64>() < 0.12 * sector.tax.powi(2);
        Self {
            uscc: code::credit_code(seed, number),
            name,
            sector,
            trade,
            founded,
            in_production,
            town_code: town_code.into(),
            is_hightech,
            is_key: false,
            is_scale: false,
            tax_wan: 0.0,
        }
    }

    /// The row of `header::ENTERPRISES`.
    pub fn row(&self) -> Row {
        Row::of(vec![
            self.uscc.as_str().into(),
            self.name.as_str().into(),
            self.sector.code.into(),
            self.sector.title.into(),
            self.is_scale.into(),
            self.founded.into(),
            self.in_production.into(),
            self.town_code.as_str().into(),
            self.is_hightech.into(),
            self.is_key.into(),
        ])
    }
}

fn choose_sector(random: &mut Stream) -> &'static Sector {
    let total: f64 = SECTORS.iter().map(|it| it.weight).sum();
    let mut rest = random.random::<f64>() * total;
    SECTORS
        .iter()
        .find(|it| {
            rest -= it.weight;
            rest < 0.0
        })
        .unwrap_or(&SECTORS[0])
}

/// Some day of a year.
pub fn day(year: i32, random: &mut Stream) -> NaiveDate {
    NaiveDate::from_yo_opt(year, random.random_range(1..=365)).unwrap_or_default()
}
