//! Towns: the real names and codes within the real district, made-up ones beyond it; and names of roads and villages.

use super::noise;
use super::noise::Purpose;
use super::plane::Plane;
use super::plane::Point;

/// A town: where its centre is and how far it reaches compared with others.
#[derive(Clone, Debug)]
pub struct Town {
    pub code: String,
    pub name: String,
    /// Ground metres.
    pub centre: Point,
    /// Subtracted from squared distances (km²): larger towns reach further.
    pub reach: f64,
    /// Three digits of the cadastral zone.
    pub zone: u32,
}

/// Code, name, approximate centre, reach. Centres are where the map writes the name, not surveyed points.
const REAL: [(&str, &str, [f64; 2], f64); 12] = [
    ("310114001", "新成路街道", [121.264, 31.389], -4.0),
    ("310114002", "真新街道", [121.352, 31.256], -3.0),
    ("310114004", "嘉定镇街道", [121.248, 31.380], -4.0),
    ("310114102", "南翔镇", [121.313, 31.298], 4.0),
    ("310114103", "安亭镇", [121.163, 31.303], 16.0),
    ("310114106", "马陆镇", [121.283, 31.336], 7.0),
    ("310114109", "徐行镇", [121.282, 31.420], 5.0),
    ("310114111", "华亭镇", [121.300, 31.464], 6.0),
    ("310114114", "外冈镇", [121.165, 31.372], 8.0),
    ("310114118", "江桥镇", [121.322, 31.254], 6.0),
    ("310114401", "菊园新区", [121.236, 31.402], -1.0),
    ("310114501", "嘉定工业区", [121.212, 31.428], 9.0),
];

/// Division of towns that exist only in grown extents: no division has this code.
const MADE_UP_DIVISION: &str = "310199";

/// Spacing of made-up towns, metres: the largest district has fewer than 999, which is what three digits count.
const SPACING_M: f64 = 9600.0;

/// Made-up towns begin beyond this distance from the centre, metres.
const REAL_REACH_M: f64 = 24_000.0;

const SYLLABLES: [&str; 40] = [
    "澜", "枫", "溪", "岑", "禾", "芦", "桐", "沙", "汀", "苇", "栖", "渚", "潭", "柏", "棠", "楠",
    "湾", "泽", "蒲", "菱", "荻", "樟", "榆", "槐", "萍", "滨", "浔", "淞", "堰", "塘", "桥", "墩",
    "圩", "埭", "港", "泾", "浜", "渡", "屿", "岚",
];

/// All towns whose centre may matter within `reach_m` of the district's centre.
#[expect(clippy::cast_possible_truncation, reason = "a few dozen towns a side")]
pub fn list(seed: u64, plane: &Plane, reach_m: f64) -> Vec<Town> {
    let mut out: Vec<Town> = (901..)
        .zip(REAL)
        .map(|(zone, (code, name, degrees, reach))| Town {
            code: code.into(),
            name: name.into(),
            centre: plane.ground_of(degrees),
            reach,
            zone,
        })
        .collect();
    let steps = (reach_m / SPACING_M).ceil() as i32;
    let mut number = 0;
    for j in -steps..=steps {
        for i in -steps..=steps {
            let shift = |axis| noise::signed(seed, Purpose::Town, &[axis, i, j]) * 0.28;
            let centre =
                [(f64::from(i) + shift(0)) * SPACING_M, (f64::from(j) + shift(1)) * SPACING_M];
            let from_centre = centre[0].hypot(centre[1]);
            if from_centre < REAL_REACH_M || from_centre > reach_m + SPACING_M {
                continue;
            }
            number += 1;
            out.push(Town {
                code: format!("{MADE_UP_DIVISION}{number:03}"),
                name: format!("样{}{}镇", syllable(seed, &[2, i, j]), syllable(seed, &[3, i, j])),
                centre,
                reach: 0.0,
                zone: number,
            });
        }
    }
    out
}

fn syllable(seed: u64, parts: &[i32]) -> &'static str {
    let count = SYLLABLES.len() as u64;
    SYLLABLES[usize::try_from(noise::hash(seed, Purpose::Name, parts) % count).unwrap_or(0)]
}

/// The town that a ground point belongs to.
pub fn nearest(towns: &[Town], ground: Point) -> usize {
    let cost = |it: &Town| {
        let (x, y) = ((it.centre[0] - ground[0]) / 1000.0, (it.centre[1] - ground[1]) / 1000.0);
        x * x + y * y - it.reach
    };
    (0..towns.len()).min_by(|&a, &b| cost(&towns[a]).total_cmp(&cost(&towns[b]))).unwrap_or(0)
}

/// A made-up name of two syllables and an ending, always the same for the same place.
pub fn place_name(seed: u64, parts: &[i32], endings: &[&str]) -> String {
    let ending = noise::hash(seed, Purpose::Name, &[parts, &[9]].concat()) % endings.len() as u64;
    let first = syllable(seed, &[parts, &[7]].concat());
    let mut second = syllable(seed, &[parts, &[8]].concat());
    if first == second {
        second = "新";
    }
    format!("{first}{second}{}", endings[usize::try_from(ending).unwrap_or(0)])
}
