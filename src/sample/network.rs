//! Main roads and rivers: what runs along the lines of the grid, across the whole district; and local streets and creeks.

use super::district::District;
use super::district::Kind;
use super::district::Tile;
use super::layout::Layout;
use super::outline::Node;
use super::plane::Point;
use super::plane::Vertex;
use super::polygon;
use super::row::Geometry;
use super::row::Row;
use super::row::Value;
use super::town;

/// Longest piece of a main road or river, in tiles: long lines make poor tiles and indexes.
const LONGEST_RUN: usize = 10;

/// Consecutive nodes of one line of the grid that pass district tiles.
pub struct Run {
    /// 0 for lines from south to north.
    pub axis: i32,
    pub line: i32,
    pub nodes: Vec<Node>,
}

impl Run {
    /// The run in plan coordinates, moved sideways (to the east or the north).
    pub fn points(&self, district: &District, offset_m: f64) -> Vec<Point> {
        let aside = if self.axis == 0 { [offset_m, 0.0] } else { [0.0, offset_m] };
        let points: Vec<Point> =
            self.nodes.iter().map(|&it| polygon::add(district.node(it), aside)).collect();
        polygon::densify_line(&points, 70.0)
    }

    /// A strip along the run, `half_m` to both sides of the offset.
    pub fn strip(&self, district: &District, offset_m: f64, half_m: f64) -> Vec<Vertex> {
        let sign = if self.axis == 0 { 1.0 } else { -1.0 };
        let mut ring = self.points(district, offset_m + sign * half_m);
        ring.extend(self.points(district, offset_m - sign * half_m).into_iter().rev());
        ring.into_iter().map(|it| vertex(district, it)).collect()
    }
}

/// Both tiles beside an edge of the grid.
fn beside(axis: i32, node: Node) -> [Node; 2] {
    if axis == 0 { [(node.0 - 1, node.1), node] } else { [(node.0, node.1 - 1), node] }
}

/// All runs whose edges have some wanted pair of tiles beside them.
pub fn runs(district: &District, wanted: &dyn Fn([Node; 2]) -> bool) -> Vec<Run> {
    let mut out = Vec::new();
    let (mut low, mut high) = ((i32::MAX, i32::MAX), (i32::MIN, i32::MIN));
    for tile in &district.tiles {
        low = (low.0.min(tile.at.0), low.1.min(tile.at.1));
        high = (high.0.max(tile.at.0 + 1), high.1.max(tile.at.1 + 1));
    }
    for axis in 0..2 {
        let turn = |line, step| if axis == 0 { (line, step) } else { (step, line) };
        let (lines, steps) = if axis == 0 {
            (low.0..=high.0, low.1..=high.1)
        } else {
            (low.1..=high.1, low.0..=high.0)
        };
        for line in lines {
            let mut nodes: Vec<Node> = Vec::new();
            for step in steps.clone() {
                let at = turn(line, step);
                if wanted(beside(axis, at)) {
                    if nodes.is_empty() {
                        nodes.push(at);
                    }
                    nodes.push(turn(line, step + 1));
                }
                if (!wanted(beside(axis, at)) || nodes.len() > LONGEST_RUN) && !nodes.is_empty() {
                    out.push(Run { axis, line, nodes: std::mem::take(&mut nodes) });
                }
            }
            if !nodes.is_empty() {
                out.push(Run { axis, line, nodes });
            }
        }
    }
    out
}

fn passes(district: &District) -> impl Fn([Node; 2]) -> bool + '_ {
    |tiles| tiles.into_iter().all(|it| district.town_labels.get(it) != 0)
}

pub fn vertex(district: &District, plan: Point) -> Vertex {
    district.plane.vertex(district.plane.ground(plan))
}

pub fn ring(district: &District, plan: &[Point]) -> Vec<Vertex> {
    let mut out: Vec<Vertex> = plan.iter().map(|&it| vertex(district, it)).collect();
    out.dedup();
    out
}

pub fn road_name(district: &District, axis: i32, line: i32) -> String {
    town::place_name(district.seed, &[axis, line], &["路", "公路", "大道", "路"])
}

pub fn river_name(district: &District, axis: i32, line: i32) -> String {
    town::place_name(district.seed, &[axis, line, 1], &["河", "泾", "塘", "浦"])
}

/// Rows of `header::ROADS` along the grid.
pub fn main_roads(district: &District) -> Vec<Row> {
    let runs = runs(district, &passes(district)).into_iter();
    runs.filter_map(|run| {
        let road = district.corridor(run.axis, run.line).road?;
        let line = run
            .points(district, road.offset_m)
            .into_iter()
            .map(|it| vertex(district, it))
            .collect();
        let values = vec![road_name(district, run.axis, run.line).into(), road.class.into()];
        Some(Row { values, geometry: Some(Geometry::Line(line)) })
    })
    .collect()
}

/// Rows of `header::WATER` along the grid.
pub fn rivers(district: &District) -> Vec<Row> {
    let runs = runs(district, &passes(district)).into_iter();
    runs.filter_map(|run| {
        let (width, offset) = district.corridor(run.axis, run.line).water?;
        let values = vec![river_name(district, run.axis, run.line).into(), "河道".into()];
        Some(Row::with_ring(values, run.strip(district, offset, width / 2.0)))
    })
    .collect()
}

/// Rows of `header::ROADS` within a tile.
pub fn local_roads(district: &District, tile: &Tile, layout: &Layout) -> Vec<Row> {
    let lines = (0..).zip(&layout.streets.lines);
    lines
        .map(|(number, line)| {
            let points = polygon::densify_line(line, 70.0);
            let line = points.into_iter().map(|it| vertex(district, it)).collect();
            let values = if tile.kind == Kind::Rural {
                vec![Value::Null, "村道".into()]
            } else {
                let parts = [tile.at.0, tile.at.1, 2, number];
                vec![town::place_name(district.seed, &parts, &["路", "支路"]).into(), "支路".into()]
            };
            Row { values, geometry: Some(Geometry::Line(line)) }
        })
        .collect()
}

/// Rows of `header::WATER` within a tile.
pub fn local_water(district: &District, tile: &Tile, layout: &Layout) -> Vec<Row> {
    let named = |number, kind: &str, endings: &[&str]| -> Vec<Value> {
        vec![
            town::place_name(district.seed, &[tile.at.0, tile.at.1, 3, number], endings).into(),
            kind.into(),
        ]
    };
    let creeks = (0..).zip(&layout.streets.creeks);
    let ponds = (100..).zip(&layout.ponds);
    creeks
        .map(|(number, it)| {
            Row::with_ring(named(number, "河道", &["浜", "泾", "沟"]), ring(district, it))
        })
        .chain(ponds.map(|(number, it)| {
            Row::with_ring(named(number, "池塘", &["塘", "荡"]), ring(district, it))
        }))
        .collect()
}
