//! Buildings: rectangles and Ls along a parcel's longest side, away from its border and from each other.

use rand::Rng;

use super::noise;
use super::noise::Stream;
use super::plane::Plane;
use super::plane::Point;
use super::plane::Vertex;
use super::polygon;
use super::row::Row;

/// Least distance from the parcel's border, metres.
const SETBACK_M: f64 = 4.5;

#[derive(Clone, Debug)]
pub struct Building {
    pub ring: Vec<Vertex>,
    pub name: String,
    pub structure: &'static str,
    pub floors: u32,
    pub storey_height_m: f64,
    pub footprint_m2: f64,
    pub floor_area_m2: f64,
    pub vacant_area_m2: f64,
    pub year_built: i32,
}

/// What a parcel is to be built with.
#[derive(Clone, Copy, Debug)]
pub struct Brief {
    pub count: u32,
    /// Floor area over land, roughly.
    pub far: f64,
    /// Part of the floor that stands empty.
    pub vacancy: f64,
    pub year: i32,
}

impl Building {
    /// Floor area as the ratio counts it: storeys above 8 m count double.
    pub fn counted_m2(&self) -> f64 {
        if self.storey_height_m > 8.0 { self.floor_area_m2 * 2.0 } else { self.floor_area_m2 }
    }

    /// The row of `header::BUILDINGS`.
    pub fn row(&self, parcel_code: &str, number: usize) -> Row {
        Row::with_ring(
            vec![
                format!("{parcel_code}F{number:04}0001").into(),
                parcel_code.into(),
                self.name.as_str().into(),
                self.structure.into(),
                i64::from(self.floors).into(),
                self.storey_height_m.into(),
                self.footprint_m2.into(),
                self.floor_area_m2.into(),
                self.vacant_area_m2.into(),
                i64::from(self.year_built).into(),
            ],
            self.ring.clone(),
        )
    }
}

/// Builds on a parcel: its ring in ground metres, its area.
pub fn build(
    plane: &Plane,
    ring: &[Point],
    area_m2: f64,
    brief: &Brief,
    random: &mut Stream,
) -> Vec<Building> {
    let rings: Vec<Vec<Vertex>> = footprints(ring, brief.count, random)
        .into_iter()
        .map(|it| it.into_iter().map(|it| plane.vertex(it)).collect())
        .collect();
    let footprint_m2: f64 = rings.iter().map(|it| Plane::area_m2(it)).sum();
    let floors_wanted = brief.far * area_m2 / footprint_m2.max(1.0);
    let mut out: Vec<Building> = Vec::with_capacity(rings.len());
    for (number, ring) in (1..).zip(rings) {
        let own_m2 = cents(Plane::area_m2(&ring));
        let office = number > 1 && own_m2 < 1100.0 && random.random::<f64>() < 0.5;
        out.push(raise(ring, own_m2, number, office, floors_wanted, brief, random));
    }
    out
}

fn raise(
    ring: Vec<Vertex>,
    footprint_m2: f64,
    number: u32,
    office: bool,
    floors_wanted: f64,
    brief: &Brief,
    random: &mut Stream,
) -> Building {
    let wanted = floors_wanted + random.random_range(-0.5..0.5) + if office { 2.0 } else { 0.0 };
    let floors = (1..=7)
        .min_by(|&a, &b| (f64::from(a) - wanted).abs().total_cmp(&(f64::from(b) - wanted).abs()));
    let floors = floors.unwrap_or(1);
    let storey_height_m = match (office, floors) {
        (true, _) => random.random_range(3.2..3.9),
        (false, 1) if brief.far > 0.6 => random.random_range(6.5..13.0),
        (false, 1) => random.random_range(4.5..9.0),
        _ => random.random_range(4.2..6.0),
    };
    let storey_height_m = (storey_height_m * 10.0_f64).round() / 10.0;
    let structure = match (office, floors) {
        (false, 1) => {
            *noise::weighted(random, &[("钢结构", 6.0), ("混合结构", 3.0), ("砖木结构", 1.0)])
        }
        _ => *noise::weighted(random, &[("钢筋混凝土结构", 8.0), ("混合结构", 2.0)]),
    };
    let name = if office {
        (*noise::pick(random, &["综合楼", "办公楼", "研发楼", "宿舍楼"])).into()
    } else if footprint_m2 < 260.0 {
        (*noise::pick(random, &["门卫", "配电房", "辅助用房"])).into()
    } else {
        format!("{number}号{}", if random.random::<f64>() < 0.85 { "厂房" } else { "仓库" })
    };
    let floor_area_m2 = cents(footprint_m2 * f64::from(floors));
    let vacant = if brief.vacancy > 0.0 {
        (brief.vacancy * random.random_range(0.5..1.5)).min(1.0)
    } else {
        0.0
    };
    let year_built = (brief.year + random.random_range(0..5)).min(2025);
    let vacant_area_m2 = cents(floor_area_m2 * vacant);
    Building {
        ring,
        name,
        structure,
        floors,
        storey_height_m,
        footprint_m2,
        floor_area_m2,
        vacant_area_m2,
        year_built,
    }
}

pub fn cents(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Rings for up to `count` buildings in ground metres: one in each cell of a grid along the longest side.
fn footprints(ring: &[Point], count: u32, random: &mut Stream) -> Vec<Vec<Point>> {
    let along = polygon::longest_edge(ring);
    let across = polygon::left_of(along);
    let (west, east) = polygon::extent(ring, along);
    let (south, north) = polygon::extent(ring, across);
    let (width, height) = (east - west, north - south);
    let columns = (1..=count).min_by_key(|&it| {
        let rows = count.div_ceil(it);
        // Cells near 1.6 times as long as wide suit workshops.
        let shape = (width / f64::from(it)) / (height / f64::from(rows)) / 1.6;
        let waste = f64::from(it * rows - count) * 0.4;
        whole((shape.ln().abs() + waste) * 1000.0)
    });
    let columns = columns.unwrap_or(1);
    let rows = count.div_ceil(columns).max(1);
    let mut out = Vec::new();
    for cell in 0..count {
        let (column, row) = (f64::from(cell % columns), f64::from(cell / columns));
        let middle = [
            west + width * (column + 0.5) / f64::from(columns),
            south + height * (row + 0.5) / f64::from(rows),
        ];
        let fill = |random: &mut Stream| random.random_range(0.72..0.98);
        let mut half = [
            (width / f64::from(columns) / 2.0 - 4.0) * fill(random),
            (height / f64::from(rows) / 2.0 - 4.0) * fill(random),
        ];
        let notch = (random.random::<f64>() < 0.16).then(|| random.random_range(0.3..0.55));
        for _ in 0..8 {
            if half[0] < 4.0 || half[1] < 4.0 {
                break;
            }
            let frame = |x: f64, y: f64| {
                polygon::add(
                    polygon::scale(along, middle[0] + x),
                    polygon::scale(across, middle[1] + y),
                )
            };
            let box_of = |by: f64| {
                let (x, y) = (half[0] + by, half[1] + by);
                [frame(-x, -y), frame(x, -y), frame(x, y), frame(-x, y)]
            };
            if fits(ring, &box_of(SETBACK_M)) {
                let [x, y] = half;
                out.push(match notch {
                    Some(part) if x.min(y) > 9.0 => {
                        let (nx, ny) = (x - 2.0 * x * part, y - 2.0 * y * part);
                        vec![
                            frame(-x, -y),
                            frame(x, -y),
                            frame(x, ny),
                            frame(nx, ny),
                            frame(nx, y),
                            frame(-x, y),
                        ]
                    }
                    _ => box_of(0.0).to_vec(),
                });
                break;
            }
            half = [half[0] * 0.84, half[1] * 0.84];
        }
    }
    // A narrow lot may have no room for several, and room for one.
    if out.is_empty() && count > 1 { footprints(ring, 1, random) } else { out }
}

#[expect(clippy::cast_possible_truncation, reason = "a small score")]
fn whole(value: f64) -> i64 {
    value as i64
}

/// Whether a box is inside a ring: no corner of either is on the wrong side, and no sides cross.
fn fits(ring: &[Point], boxed: &[Point; 4]) -> bool {
    boxed.iter().all(|&it| polygon::contains(ring, it))
        && !ring.iter().any(|&it| polygon::contains(boxed, it))
        && !polygon::edges(boxed)
            .any(|(a, b)| polygon::edges(ring).any(|(c, d)| cross_each_other(a, b, c, d)))
}

fn cross_each_other(a: Point, b: Point, c: Point, d: Point) -> bool {
    let side =
        |p: Point, q: Point, r: Point| polygon::cross(polygon::sub(q, p), polygon::sub(r, p)) > 0.0;
    side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b)
}
