//! One tile laid out: streets, creeks, blocks, and what each block is used for.

use rand::Rng;

use super::district::District;
use super::district::Kind;
use super::district::Tile;
use super::lot::Lots;
use super::noise;
use super::noise::Purpose;
use super::noise::Stream;
use super::plane::Point;
use super::polygon;
use super::street::Streets;

/// A lot that may become an industrial parcel; plan coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Lot {
    pub ring: Vec<Point>,
    /// Index into the towns.
    pub town: usize,
    /// Which block of the tile it is in; lots of one block may touch, others never do.
    pub block: usize,
}

/// A plot of the control plan.
#[derive(Clone, Debug)]
pub struct Plot {
    pub ring: Vec<Point>,
    /// Code of the land-use classification, name, and limit of the floor-area ratio.
    pub code: &'static str,
    pub title: &'static str,
    pub far_limit: Option<f64>,
}

#[derive(Debug, Default)]
pub struct Layout {
    pub streets: Streets,
    pub lots: Vec<Lot>,
    pub plots: Vec<Plot>,
    pub villages: Vec<Vec<Point>>,
    pub farmland: Vec<Vec<Point>>,
    pub ponds: Vec<Vec<Point>>,
    /// Groups of rural lots that a plan keeps as scattered industrial land.
    pub scattered: Vec<Vec<Point>>,
}

/// Code, title, limit of the floor-area ratio, weight.
type Use = ((&'static str, &'static str, Option<f64>), f64);

const PARK_PLAN: [Use; 7] = [
    (("100101", "一类工业用地", Some(2.0)), 4.0),
    (("100102", "二类工业用地", Some(1.5)), 4.0),
    (("1001", "工业用地", Some(2.0)), 3.0),
    (("100103", "三类工业用地", Some(1.2)), 0.5),
    (("110101", "一类物流仓储用地", Some(1.6)), 1.0),
    (("080202", "科研用地", Some(2.5)), 1.0),
    (("1401", "公园绿地", None), 0.5),
];

const URBAN_PLAN: [Use; 7] = [
    (("0701", "城镇住宅用地", Some(2.0)), 5.0),
    (("0901", "商业用地", Some(2.5)), 1.5),
    (("0902", "商务金融用地", Some(3.0)), 0.7),
    (("0804", "教育用地", Some(0.8)), 0.8),
    (("1401", "公园绿地", None), 1.2),
    (("0801", "机关团体用地", Some(1.5)), 0.4),
    (("1207", "城镇道路用地", None), 0.2),
];

/// What the plan wants of industrial blocks in town: some stays, most is to become something else.
const RENEWAL_PLAN: [Use; 6] = [
    (("1001", "工业用地", Some(2.0)), 4.0),
    (("080202", "科研用地", Some(3.0)), 2.0),
    (("0701", "城镇住宅用地", Some(2.0)), 2.0),
    (("0901", "商业用地", Some(2.5)), 1.2),
    (("0902", "商务金融用地", Some(3.0)), 0.8),
    (("1401", "公园绿地", None), 0.6),
];

impl Layout {
    /// Lays out a tile. The same tile always comes out the same.
    pub fn of(district: &District, tile: &Tile) -> Self {
        let mut random = noise::stream(district.seed, Purpose::Layout, &[tile.at.0, tile.at.1]);
        let mut layout = Self {
            streets: Streets::lay(&district.interior(tile.at), tile.kind, &mut random),
            ..Self::default()
        };
        for block in 0..layout.streets.blocks.len() {
            let ring = layout.streets.blocks[block].clone();
            let before = layout.lots.len();
            match tile.kind {
                Kind::Park => layout.park_block(block, &ring, &mut random),
                Kind::Urban => layout.urban_block(block, &ring, &mut random),
                Kind::Rural => layout.rural_block(block, &ring, &mut random),
            }
            if tile.border {
                // What juts out of the district, or of every town, is somebody else's.
                for mut lot in layout.lots.split_off(before) {
                    if let Some(town) = district.town_at(tile, polygon::middle(&lot.ring)) {
                        lot.town = town;
                        layout.lots.push(lot);
                    }
                }
            } else {
                layout.lots[before..].iter_mut().for_each(|it| it.town = tile.town);
            }
        }
        if tile.border {
            layout.keep_within(&|it| district.town_at(tile, polygon::middle(it)).is_some());
        }
        layout
    }

    /// Drops what lies outside the district.
    fn keep_within(&mut self, inside: &dyn Fn(&[Point]) -> bool) {
        self.streets.lines.retain(|it| inside(it));
        self.plots.retain(|it| inside(&it.ring));
        let creeks = &mut self.streets.creeks;
        for shapes in
            [creeks, &mut self.villages, &mut self.farmland, &mut self.ponds, &mut self.scattered]
        {
            shapes.retain(|it| inside(it));
        }
    }

    fn park_block(&mut self, block: usize, ring: &[Point], random: &mut Stream) {
        let industrial = random.random::<f64>() < 0.92;
        self.plan(ring, if industrial { &PARK_PLAN } else { &URBAN_PLAN }, random);
        if industrial {
            let median_m2 = noise::log_normal(random, 15_800.0, 0.3);
            self.lots(block, ring, median_m2, 0.55, 0.95, random);
        }
    }

    fn urban_block(&mut self, block: usize, ring: &[Point], random: &mut Stream) {
        let industrial = random.random::<f64>() < 0.28;
        self.plan(ring, if industrial { &RENEWAL_PLAN } else { &URBAN_PLAN }, random);
        if industrial {
            self.lots(block, ring, 9800.0, 0.5, 0.84, random);
        }
    }

    fn rural_block(&mut self, block: usize, ring: &[Point], random: &mut Stream) {
        let chance = random.random::<f64>();
        if chance < 0.22 {
            let goal_m2 = random.random_range(14_000.0..46_000.0);
            let (cluster, rest) = cut_off(ring, goal_m2, random);
            let cluster = polygon::densify(&cluster, 125.0);
            let before = self.lots.len();
            self.lots(block, &cluster, 5800.0, 0.5, 0.86, random);
            if self.lots.len() > before && random.random::<f64>() < 0.12 {
                self.scattered.push(cluster);
            }
            self.field(rest, random);
        } else if chance < 0.5 {
            let goal_m2 = random.random_range(12_000.0..40_000.0);
            let (village, rest) = cut_off(ring, goal_m2, random);
            self.villages.push(polygon::densify(&polygon::chamfer(&village, 12.0), 125.0));
            self.field(rest, random);
        } else if chance < 0.54 {
            self.ponds.push(pond(ring, random));
        } else {
            self.field(ring.to_vec(), random);
        }
    }

    fn lots(
        &mut self,
        block: usize,
        ring: &[Point],
        median_m2: f64,
        sigma: f64,
        share: f64,
        random: &mut Stream,
    ) {
        let lots = Lots::split(ring, median_m2, sigma, random);
        for ring in lots.rings() {
            if random.random::<f64>() < share {
                self.lots.push(Lot { ring, town: 0, block });
            }
        }
    }

    /// Plans a block as one plot, or a large one as two.
    fn plan(&mut self, ring: &[Point], uses: &[Use], random: &mut Stream) {
        let (axis, length, _) = polygon::long_axis(ring);
        let parts = if length > 330.0 {
            let across = polygon::left_of(axis);
            let middle = polygon::middle(ring);
            vec![
                polygon::cut(ring, middle, across, 0.0),
                polygon::cut(ring, middle, polygon::scale(across, -1.0), 0.0),
            ]
        } else {
            vec![ring.to_vec()]
        };
        for ring in parts.into_iter().filter(|it| it.len() > 2) {
            let &(code, title, far_limit) = noise::weighted(random, uses);
            self.plots.push(Plot { ring, code, title, far_limit });
        }
    }

    /// Fields, most of them protected. A few were drawn too wide and reach into the neighbour.
    fn field(&mut self, ring: Vec<Point>, random: &mut Stream) {
        if ring.len() < 3 || polygon::area(&ring) < 4000.0 {
            return;
        }
        if random.random::<f64>() < 0.72 {
            let ring = if random.random::<f64>() < 0.12 { widen(&ring, random) } else { ring };
            self.farmland.push(polygon::densify(&ring, 125.0));
        }
    }
}

/// Cuts about so much off one end of a convex ring: that part, and the rest.
fn cut_off(ring: &[Point], goal_m2: f64, random: &mut Stream) -> (Vec<Point>, Vec<Point>) {
    let (axis, length, _) = polygon::long_axis(ring);
    let axis = if random.random::<bool>() { axis } else { polygon::scale(axis, -1.0) };
    let share = (goal_m2 / polygon::area(ring)).clamp(0.1, 0.9);
    let (low, _) = polygon::extent(ring, axis);
    let middle = polygon::middle(ring);
    let from = polygon::add(
        middle,
        polygon::scale(axis, low + share * length - polygon::dot(middle, axis)),
    );
    let across = polygon::rotate(polygon::left_of(axis), random.random_range(-0.12..0.12));
    (
        polygon::cut(ring, from, across, 0.0),
        polygon::cut(ring, from, polygon::scale(across, -1.0), 0.0),
    )
}

/// A ring stretched along its long axis by up to a few dozen metres.
fn widen(ring: &[Point], random: &mut Stream) -> Vec<Point> {
    let (axis, length, _) = polygon::long_axis(ring);
    let by = random.random_range(15.0..45.0) / length;
    let middle = polygon::middle(ring);
    let stretch = |&it: &Point| {
        let along = polygon::dot(polygon::sub(it, middle), axis);
        polygon::add(it, polygon::scale(axis, along * by))
    };
    ring.iter().map(stretch).collect()
}

/// A rounded pond in the middle of a block.
fn pond(ring: &[Point], random: &mut Stream) -> Vec<Point> {
    let middle = polygon::middle(ring);
    let (_, _, width) = polygon::long_axis(ring);
    let reach = width * random.random_range(0.18..0.32);
    let phase = random.random_range(0.0..6.0);
    (0..20)
        .map(|it| {
            let angle = f64::from(it) / 20.0 * std::f64::consts::TAU;
            let radius =
                reach * (1.0 + 0.18 * (2.0 * angle + phase).cos() + 0.1 * (3.0 * angle).sin());
            polygon::add(middle, polygon::scale([angle.cos(), angle.sin()], radius))
        })
        .collect()
}
