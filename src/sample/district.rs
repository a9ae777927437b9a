//! The district as a grid of tiles about a kilometre wide: its extent, towns, parks, urban and rural tiles.

use std::collections::BTreeMap;

use super::noise;
use super::noise::Field;
use super::noise::Purpose;
use super::outline;
use super::outline::Area;
use super::outline::Labels;
use super::outline::Node;
use super::outline::Style;
use super::plane::Plane;
use super::plane::Point;
use super::polygon;
use super::town;
use super::town::Town;

/// Industrial parcels per km² of district, whatever its size.
pub const PARCELS_PER_KM2: f64 = 22.0;

/// Mean spacing of the arterial grid, metres.
const SPACING_M: f64 = 1000.0;

/// What most of a tile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Inside an industrial park: class 104.
    Park,
    /// Built-up, in the construction area: class 195.
    Urban,
    /// Fields and villages: class 198.
    Rural,
}

pub const KINDS: [Kind; 3] = [Kind::Park, Kind::Urban, Kind::Rural];

/// What runs along a line of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corridor {
    /// All of it, from block to block, metres.
    pub width_m: f64,
    pub road: Option<Road>,
    /// Width and offset of the water in it, metres.
    pub water: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Road {
    pub class: &'static str,
    pub offset_m: f64,
}

#[derive(Clone, Debug)]
pub struct Tile {
    pub at: Node,
    pub kind: Kind,
    /// Index into the towns.
    pub town: usize,
    /// Label of its park; 0 for none.
    pub park: u32,
    /// Three digits of the cadastral sub-zone, unique within the town.
    pub subzone: u32,
    /// Whether another town, or the outside, is next to it.
    pub border: bool,
}

#[derive(Clone, Debug)]
pub struct District {
    pub seed: u64,
    pub plane: Plane,
    pub tiles: Vec<Tile>,
    pub towns: Vec<Town>,
    /// Polygons in plan coordinates by town index + 1.
    pub town_areas: BTreeMap<u32, Vec<Area>>,
    pub town_labels: Labels,
    pub park_labels: Labels,
    /// The town that manages each park, by label.
    pub park_homes: BTreeMap<u32, usize>,
}

impl District {
    /// Lays out a district for so many parcels. `shares` are the parts of its tiles that are park and urban.
    pub fn new(seed: u64, parcels: u32, shares: [f64; 2]) -> Self {
        let plane = Plane::new(seed);
        let chosen = choose_tiles(seed, &plane, f64::from(parcels) / PARCELS_PER_KM2 * 1e6);
        let reach_m = chosen.iter().map(|it| it.1[0].hypot(it.1[1])).fold(0.0, f64::max);
        let towns = town::list(seed, &plane, reach_m);
        let mut town_labels = Labels::around(chosen.iter().map(|it| it.0));
        let wobble = [
            Field::new(seed, Purpose::Town, 1, 2600.0),
            Field::new(seed, Purpose::Town, 2, 2600.0),
        ];
        for &(at, ground) in &chosen {
            let moved = [
                ground[0] + 500.0 * wobble[0].at(ground),
                ground[1] + 500.0 * wobble[1].at(ground),
            ];
            town_labels.set(at, label(town::nearest(&towns, moved)));
        }
        town_labels.join_corners();
        let town_areas = outline::areas(&town_labels, seed, Style::Smooth, &|it| node(seed, it));
        let scene = Scene { seed, tiles: &chosen, towns: &towns, inside: &town_labels };
        let mut park_labels = scene.grow_parks(shares[0]);
        park_labels.join_corners();
        let urban = scene.choose_urban(&park_labels, shares[1]);
        let mut tiles: Vec<Tile> = chosen
            .iter()
            .map(|&(at, _)| {
                let here = town_labels.get(at);
                let park = park_labels.get(at);
                let kind = match (park, urban.get(at)) {
                    (0, 0) => Kind::Rural,
                    (0, _) => Kind::Urban,
                    _ => Kind::Park,
                };
                let border = around(at).into_iter().any(|it| town_labels.get(it) != here);
                Tile { at, kind, town: index(here), park, subzone: 0, border }
            })
            .collect();
        tiles.sort_by_key(|it| (it.town, it.at.1, it.at.0));
        let mut next = BTreeMap::<usize, u32>::new();
        for tile in &mut tiles {
            let count = next.entry(tile.town).or_default();
            *count += 1;
            tile.subzone = *count;
        }
        let park_homes = park_homes(&tiles);
        Self { seed, plane, tiles, towns, town_areas, town_labels, park_labels, park_homes }
    }

    /// A corner of the grid in plan coordinates.
    pub fn node(&self, at: Node) -> Point {
        node(self.seed, at)
    }

    pub fn place(&self) -> impl Fn(Node) -> Point + use<> {
        let seed = self.seed;
        move |it| node(seed, it)
    }

    /// The corners of a tile, counter-clockwise from the south-west.
    pub fn corners(&self, (i, j): Node) -> [Point; 4] {
        [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)].map(|it| self.node(it))
    }

    /// The tile without the corridors around it.
    pub fn interior(&self, at: Node) -> Vec<Point> {
        let corners = self.corners(at);
        let mut ring = corners.to_vec();
        let lines = [(1, at.1), (0, at.0 + 1), (1, at.1 + 1), (0, at.0)];
        for (side, (axis, line)) in lines.into_iter().enumerate() {
            let (from, to) = (corners[side], corners[(side + 1) % 4]);
            ring = polygon::cut(
                &ring,
                from,
                polygon::sub(to, from),
                self.corridor(axis, line).width_m / 2.0,
            );
        }
        ring
    }

    /// What runs along a line: axis 0 are the lines from south to north.
    pub fn corridor(&self, axis: i32, line: i32) -> Corridor {
        let road = |class, offset_m| Some(Road { class, offset_m });
        let chance = noise::unit(self.seed, Purpose::Line, &[7, axis, line]);
        if line.rem_euclid(3) == 0 {
            return Corridor { width_m: 46.0, road: road("主干路", 0.0), water: None };
        }
        if chance < 0.16 {
            let water = 36.0 + 260.0 * chance;
            return Corridor { width_m: water + 34.0, road: None, water: Some((water, 0.0)) };
        }
        if chance < 0.42 {
            return Corridor {
                width_m: 56.0,
                road: road("次干路", 14.0),
                water: Some((17.0, -13.0)),
            };
        }
        Corridor { width_m: 30.0, road: road("次干路", 0.0), water: None }
    }

    /// The town whose polygon a plan point of this tile lies in, if any does.
    pub fn town_at(&self, tile: &Tile, plan: Point) -> Option<usize> {
        if !tile.border {
            return Some(tile.town);
        }
        let mut labels: Vec<u32> =
            around(tile.at).iter().map(|&it| self.town_labels.get(it)).collect();
        labels.insert(0, label(tile.town));
        labels.dedup();
        labels
            .into_iter()
            .find(|it| {
                self.town_areas
                    .get(it)
                    .is_some_and(|areas| areas.iter().any(|it| it.contains(plan)))
            })
            .map(index)
    }
}

fn label(town: usize) -> u32 {
    u32::try_from(town).unwrap_or(u32::MAX - 1) + 1
}

fn index(label: u32) -> usize {
    usize::try_from(label).unwrap_or(1).saturating_sub(1)
}

pub fn around((i, j): Node) -> [Node; 8] {
    [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
        .map(|(a, b)| (i + a, j + b))
}

fn node(seed: u64, (i, j): Node) -> Point {
    let line = |axis, number: i32| {
        f64::from(number) * SPACING_M + 120.0 * noise::signed(seed, Purpose::Line, &[axis, number])
    };
    let shift = |axis| 55.0 * noise::signed(seed, Purpose::Node, &[axis, i, j]);
    [line(0, i) + shift(0), line(1, j) + shift(1)]
}

/// Tiles of a rounded outline with this area, with their middles on the ground.
#[expect(clippy::cast_possible_truncation, reason = "a few hundred tiles a side")]
fn choose_tiles(seed: u64, plane: &Plane, area_m2: f64) -> Vec<(Node, Point)> {
    let radius_m = (area_m2 / std::f64::consts::PI).sqrt();
    let reach = (radius_m * 1.5 / SPACING_M).ceil() as i32 + 2;
    let phase = |it| std::f64::consts::TAU * noise::unit(seed, Purpose::Kind, &[1, it]);
    let phases = [phase(0), phase(1)];
    let mut ranked = Vec::new();
    for j in -reach..reach {
        for i in -reach..reach {
            let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
                .map(|it| plane.ground(node(seed, it)));
            let middle = polygon::middle(&corners);
            let angle = middle[1].atan2(middle[0]);
            // Furthest to the south-east and, less so, to the north, as the towns lie.
            let bulge = 1.0
                + 0.12 * (angle + 0.82).cos()
                + 0.10 * (2.0 * angle + 1.64).cos()
                + 0.07 * (3.0 * angle - 3.6).cos()
                + 0.03 * (4.0 * angle + phases[0]).cos()
                + 0.03 * (5.0 * angle + phases[1]).cos();
            ranked.push((
                middle[0].hypot(middle[1]) / bulge,
                (i, j),
                middle,
                polygon::area(&corners),
            ));
        }
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut sum = 0.0;
    // The nearest tile is in even where a whole one is too much.
    let taken = ranked.into_iter().take_while(|it| {
        let first = sum == 0.0;
        sum += it.3;
        first || sum - it.3 / 2.0 < area_m2
    });
    taken.map(|it| (it.1, it.2)).collect()
}

/// How many of the eight places around a tile are outside, up to a cap: the rim is left to the fields.
fn rim(inside: &Labels, at: Node) -> f64 {
    let outside = around(at).into_iter().filter(|&it| inside.get(it) == 0).count();
    [0.0, 0.15, 0.35, 0.5, 0.6][outside.min(4)]
}

fn from_town(towns: &[Town], ground: Point) -> f64 {
    let centre = towns[town::nearest(towns, ground)].centre;
    polygon::distance(centre, ground)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "tile counts"
)]
fn part_of(count: usize, share: f64) -> usize {
    ((count as f64 * share).round() as usize).clamp(1, count)
}

/// What decides which tiles are built-up.
#[derive(Clone, Copy)]
struct Scene<'a> {
    seed: u64,
    tiles: &'a [(Node, Point)],
    towns: &'a [Town],
    inside: &'a Labels,
}

impl Scene<'_> {
    /// Parks of two to seven tiles, grown around the best places: some way out of the towns.
    fn grow_parks(&self, share: f64) -> Labels {
        let Self { seed, tiles, towns, inside } = *self;
        let field = Field::new(seed, Purpose::Kind, 2, 3400.0);
        let mut scores: Vec<(f64, Node)> = tiles
            .iter()
            .map(|&(at, ground)| {
                let out_of_town = ((from_town(towns, ground) - 2900.0) / 3000.0).abs().min(1.3);
                (field.at(ground) * 1.1 - out_of_town - 4.0 * rim(inside, at), at)
            })
            .collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let by_place: BTreeMap<Node, f64> = scores.iter().map(|it| (it.1, it.0)).collect();
        let mut labels = Labels::around(tiles.iter().map(|it| it.0));
        let mut left = part_of(tiles.len(), share);
        let mut park = 0;
        for &(_, seedling) in &scores {
            if left == 0 {
                break;
            }
            if labels.get(seedling) != 0 {
                continue;
            }
            park += 1;
            let size = 2 + noise::hash(seed, Purpose::Kind, &[3, seedling.0, seedling.1]) % 6;
            let mut members = vec![seedling];
            labels.set(seedling, park);
            left -= 1;
            while left > 0 && (members.len() as u64) < size {
                let beside = members.iter().flat_map(|&it| around(it).into_iter().step_by(2));
                let free = beside
                    .filter(|it| labels.get(*it) == 0)
                    .filter_map(|it| Some((by_place.get(&it)?, it)));
                let Some((_, next)) = free.max_by(|a, b| a.0.total_cmp(b.0).then(b.1.cmp(&a.1)))
                else {
                    break;
                };
                labels.set(next, park);
                members.push(next);
                left -= 1;
            }
        }
        labels
    }

    /// Urban tiles: near town centres and beside parks.
    fn choose_urban(&self, parks: &Labels, share: f64) -> Labels {
        let Self { seed, tiles, towns, inside } = *self;
        let field = Field::new(seed, Purpose::Kind, 4, 2800.0);
        let mut scores: Vec<(f64, Node)> = tiles
            .iter()
            .filter(|it| parks.get(it.0) == 0)
            .map(|&(at, ground)| {
                let beside = around(at).into_iter().filter(|&it| parks.get(it) != 0).count().min(3);
                let park = [0.0, 0.2, 0.35, 0.45][beside];
                (
                    0.5 * field.at(ground) + park
                        - from_town(towns, ground) / 2600.0
                        - rim(inside, at),
                    at,
                )
            })
            .collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut labels = Labels::around(tiles.iter().map(|it| it.0));
        for (_, at) in scores.iter().take(part_of(tiles.len(), share)) {
            labels.set(*at, 1);
        }
        labels
    }
}

/// A park is managed by the town that has most of it, wherever its other tiles lie.
fn park_homes(tiles: &[Tile]) -> BTreeMap<u32, usize> {
    let mut votes: BTreeMap<u32, BTreeMap<usize, u32>> = BTreeMap::new();
    for tile in tiles.iter().filter(|it| it.park != 0) {
        *votes.entry(tile.park).or_default().entry(tile.town).or_default() += 1;
    }
    let most = |towns: BTreeMap<usize, u32>| {
        towns.into_iter().max_by_key(|it| (it.1, std::cmp::Reverse(it.0)))
    };
    votes.into_iter().filter_map(|(park, towns)| Some((park, most(towns)?.0))).collect()
}
