//! Outlines of groups of tiles: towns, parks, growth boundaries.
//!
//! A group is a label on the tile grid. Its rings are traced along tile edges, then drawn by a style. Each piece of border
//! is drawn once in one direction for both its sides, so neighbours share it exactly.

use std::collections::BTreeMap;

use super::noise;
use super::noise::Purpose;
use super::plane::Point;
use super::polygon;

/// A corner of the tile grid.
pub type Node = (i32, i32);

/// A polygon with holes in metres; the shell runs counter-clockwise.
#[derive(Clone, Debug)]
pub struct Area {
    pub shell: Vec<Point>,
    pub holes: Vec<Vec<Point>>,
}

impl Area {
    pub fn contains(&self, point: Point) -> bool {
        polygon::contains(&self.shell, point)
            && !self.holes.iter().any(|it| polygon::contains(it, point))
    }
}

/// Labels on a rectangle of tiles; 0 is outside.
#[derive(Clone, Debug)]
pub struct Labels {
    low: Node,
    width: i32,
    values: Vec<u32>,
}

impl Labels {
    /// Room for these tiles and one ring of outside around them.
    pub fn around(tiles: impl Iterator<Item = Node> + Clone) -> Self {
        let mut bounds = (i32::MAX, i32::MAX, i32::MIN, i32::MIN);
        for (i, j) in tiles {
            bounds = (bounds.0.min(i), bounds.1.min(j), bounds.2.max(i), bounds.3.max(j));
        }
        if bounds.0 > bounds.2 {
            bounds = (0, 0, 0, 0);
        }
        let (width, height) = (bounds.2 - bounds.0 + 3, bounds.3 - bounds.1 + 3);
        let values = vec![0; usize::try_from(width * height).unwrap_or(0)];
        Self { low: (bounds.0 - 1, bounds.1 - 1), width, values }
    }

    fn index(&self, (i, j): Node) -> Option<usize> {
        let (column, row) = (i - self.low.0, j - self.low.1);
        if column < 0 || row < 0 || column >= self.width {
            return None;
        }
        usize::try_from(row * self.width + column).ok().filter(|&it| it < self.values.len())
    }

    pub fn get(&self, tile: Node) -> u32 {
        self.index(tile).map_or(0, |it| self.values[it])
    }

    pub fn set(&mut self, tile: Node, label: u32) {
        if let Some(index) = self.index(tile) {
            self.values[index] = label;
        }
    }

    /// All tiles with a label, row by row.
    pub fn tiles(&self) -> impl Iterator<Item = (Node, u32)> + '_ {
        (self.low.1..).zip(self.values.chunks(usize::try_from(self.width).unwrap_or(1))).flat_map(
            |(j, row)| {
                (self.low.0..)
                    .zip(row)
                    .filter(|it| *it.1 != 0)
                    .map(move |(i, &label)| ((i, j), label))
            },
        )
    }

    /// Gives a third tile to groups that touch themselves only at a corner, which no valid ring can follow.
    pub fn join_corners(&mut self) {
        for _ in 0..6 {
            let mut changed = false;
            let tiles: Vec<(Node, u32)> = self.tiles().collect();
            for ((i, j), label) in tiles {
                for (di, dj) in [(1, 1), (1, -1)] {
                    let (across, beside) = (self.get((i + di, j + dj)), self.get((i + di, j)));
                    let above = self.get((i, j + dj));
                    if self.get((i, j)) == label
                        && across == label
                        && beside != label
                        && above != label
                    {
                        self.set(if beside == 0 { (i, j + dj) } else { (i + di, j) }, label);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// Outgoing border edges of each group at each node, the group on the left.
    fn borders(&self) -> BTreeMap<u32, BTreeMap<Node, Vec<Node>>> {
        let mut out: BTreeMap<u32, BTreeMap<Node, Vec<Node>>> = BTreeMap::new();
        for ((i, j), label) in self.tiles() {
            let sides = [
                ((i, j - 1), (i, j), (i + 1, j)),
                ((i + 1, j), (i + 1, j), (i + 1, j + 1)),
                ((i, j + 1), (i + 1, j + 1), (i, j + 1)),
                ((i - 1, j), (i, j + 1), (i, j)),
            ];
            for (beyond, from, to) in sides {
                if self.get(beyond) != label {
                    out.entry(label).or_default().entry(from).or_default().push(to);
                }
            }
        }
        out
    }

    /// How many different pieces of border meet at a node.
    fn degree(&self, (i, j): Node) -> usize {
        let around = [
            self.get((i, j)),
            self.get((i - 1, j)),
            self.get((i - 1, j - 1)),
            self.get((i, j - 1)),
        ];
        (0..4).filter(|&it| around[it] != around[(it + 1) % 4]).count()
    }
}

/// How a border runs between its nodes.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// Corners rounded off, as old administrative borders run.
    Smooth,
    /// Along the streets, but bulging to one side of them on this share of the edges, by up to so many metres.
    Bulging { share: f64, reach_m: f64, salt: i32 },
}

/// The polygons of every label.
pub fn areas(
    labels: &Labels,
    seed: u64,
    style: Style,
    place: &dyn Fn(Node) -> Point,
) -> BTreeMap<u32, Vec<Area>> {
    let mut out = BTreeMap::new();
    for (label, mut edges) in labels.borders() {
        let mut shells = Vec::new();
        let mut holes = Vec::new();
        while let Some(ring) = trace(&mut edges) {
            let drawn = draw(labels, &ring, seed, style, place);
            if polygon::area(&drawn) > 0.0 { shells.push(drawn) } else { holes.push(drawn) }
        }
        let mut found: Vec<Area> =
            shells.into_iter().map(|shell| Area { shell, holes: Vec::new() }).collect();
        for hole in holes {
            // A hole's first corner may lie on its shell; the middle of its first edge moved inward does not.
            let probe = inner_point(&hole);
            if let Some(area) = found.iter_mut().find(|it| polygon::contains(&it.shell, probe)) {
                area.holes.push(hole);
            }
        }
        out.insert(label, found);
    }
    out
}

fn inner_point(hole: &[Point]) -> Point {
    let (a, b) = (hole[0], hole[1 % hole.len()]);
    let right = polygon::scale(polygon::left_of(polygon::sub(b, a)), -1.0);
    polygon::add(polygon::between(a, b, 0.5), right)
}

/// Takes one ring out of the edges.
fn trace(edges: &mut BTreeMap<Node, Vec<Node>>) -> Option<Vec<Node>> {
    let (&start, _) = edges.first_key_value()?;
    let mut ring = vec![start];
    let mut heading = (0, 0);
    loop {
        let here = ring[ring.len() - 1];
        let Some(ways) = edges.get_mut(&here) else { return Some(ring) };
        // Where two ways lead on, the left one keeps to the same tile.
        let chosen = ways
            .iter()
            .position(|it| (it.0 - here.0, it.1 - here.1) == (-heading.1, heading.0))
            .unwrap_or(0);
        let next = ways.swap_remove(chosen);
        if ways.is_empty() {
            edges.remove(&here);
        }
        heading = (next.0 - here.0, next.1 - here.1);
        if next == start {
            return Some(ring);
        }
        ring.push(next);
    }
}

fn draw(
    labels: &Labels,
    ring: &[Node],
    seed: u64,
    style: Style,
    place: &dyn Fn(Node) -> Point,
) -> Vec<Point> {
    match style {
        Style::Bulging { share, reach_m, salt } => {
            let mut out = Vec::new();
            for (index, &from) in ring.iter().enumerate() {
                let to = ring[(index + 1) % ring.len()];
                let mut edge =
                    bulge(from.min(to), from.max(to), seed, (share, reach_m, salt), place);
                if from > to {
                    edge.reverse();
                }
                edge.pop();
                out.extend(edge);
            }
            out
        }
        Style::Smooth => smooth_ring(labels, ring, place),
    }
}

fn bulge(
    from: Node,
    to: Node,
    seed: u64,
    (share, reach_m, salt): (f64, f64, i32),
    place: &dyn Fn(Node) -> Point,
) -> Vec<Point> {
    let (a, b) = (place(from), place(to));
    let draw =
        |number| noise::unit(seed, Purpose::Outline, &[salt, number, from.0, from.1, to.0, to.1]);
    let mut line = vec![a];
    if draw(0) < share {
        let side =
            polygon::scale(polygon::left_of(polygon::sub(b, a)), reach_m * (draw(1) * 2.0 - 1.0));
        let (start, end) = (0.2 + 0.15 * draw(2), 0.8 - 0.2 * draw(3));
        line.push(polygon::between(a, b, start - 0.03));
        line.push(polygon::add(polygon::between(a, b, start), side));
        line.push(polygon::add(
            polygon::between(a, b, end),
            polygon::scale(side, 0.7 + 0.4 * draw(4)),
        ));
        line.push(polygon::between(a, b, end + 0.04));
    }
    line.push(b);
    polygon::densify_line(&line, 120.0)
}

fn smooth_ring(labels: &Labels, ring: &[Node], place: &dyn Fn(Node) -> Point) -> Vec<Point> {
    let junctions: Vec<usize> = (0..ring.len()).filter(|&it| labels.degree(ring[it]) > 2).collect();
    let Some(&first) = junctions.first() else {
        // An island: start at its least node so that the hole around it is drawn the same.
        let start = (0..ring.len()).min_by_key(|&it| ring[it]).unwrap_or(0);
        let mut nodes: Vec<Node> =
            (0..ring.len()).map(|it| ring[(start + it) % ring.len()]).collect();
        let reversed = nodes[1] > nodes[nodes.len() - 1];
        if reversed {
            nodes[1..].reverse();
        }
        let mut points: Vec<Point> = nodes.iter().map(|&it| place(it)).collect();
        points = (0..points.len())
            .map(|it| {
                ease(
                    points[(it + points.len() - 1) % points.len()],
                    points[it],
                    points[(it + 1) % points.len()],
                )
            })
            .collect();
        for _ in 0..2 {
            points = polygon::edges(&points)
                .flat_map(|(a, b)| [polygon::between(a, b, 0.25), polygon::between(a, b, 0.75)])
                .collect();
        }
        if reversed {
            points.reverse();
        }
        return points;
    };
    let mut out = Vec::new();
    for (order, &from) in junctions.iter().enumerate() {
        let to = junctions.get(order + 1).copied().unwrap_or(first + ring.len());
        let nodes: Vec<Node> = (from..=to).map(|it| ring[it % ring.len()]).collect();
        let last = nodes.len() - 1;
        let reversed = (nodes[last], nodes[last - 1]) < (nodes[0], nodes[1]);
        let mut points: Vec<Point> = nodes.iter().map(|&it| place(it)).collect();
        if reversed {
            points.reverse();
        }
        for _ in 0..2 {
            points = ease_line(&points);
        }
        for _ in 0..2 {
            points = round_off(&points);
        }
        if reversed {
            points.reverse();
        }
        points.pop();
        out.extend(points);
    }
    out
}

/// A point drawn towards its neighbours: a staircase of tiles becomes a straight line.
fn ease(before: Point, here: Point, after: Point) -> Point {
    polygon::between(here, polygon::between(before, after, 0.5), 0.5)
}

fn ease_line(line: &[Point]) -> Vec<Point> {
    let mut out = line.to_vec();
    for (index, it) in line.windows(3).enumerate() {
        out[index + 1] = ease(it[0], it[1], it[2]);
    }
    out
}

/// One step of corner cutting (Chaikin) with both ends kept.
fn round_off(line: &[Point]) -> Vec<Point> {
    let mut out = vec![line[0]];
    for (index, pair) in line.windows(2).enumerate() {
        if index > 0 {
            out.push(polygon::between(pair[0], pair[1], 0.25));
        }
        if index + 2 < line.len() {
            out.push(polygon::between(pair[0], pair[1], 0.75));
        }
    }
    out.push(line[line.len() - 1]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_lossless, reason = "a test grid")]
    fn place((i, j): Node) -> Point {
        [i as f64 * 1000.0, j as f64 * 1000.0]
    }

    #[test]
    fn neighbours_draw_their_common_border_from_the_same_points() {
        let tiles = [((0, 0), 1), ((1, 0), 1), ((0, 1), 2), ((1, 1), 3), ((2, 1), 3), ((2, 0), 2)];
        let mut labels = Labels::around(tiles.iter().map(|it| it.0));
        for (tile, label) in tiles {
            labels.set(tile, label);
        }
        let found = areas(&labels, 1, Style::Smooth, &place);
        let one = &found[&1][0].shell;
        let shared = found[&3][0].shell.iter().filter(|it| one.contains(it)).count();
        assert!(shared >= 2);
        let total: f64 = found.values().flatten().map(|it| polygon::area(&it.shell)).sum();
        // Rounding off takes a quarter of so small a district.
        assert!((4.0e6..=6.0e6).contains(&total), "{total}");
    }

    #[test]
    fn a_hole_belongs_to_the_ring_around_it() {
        let mut labels = Labels::around([(0, 0), (4, 4)].into_iter());
        for i in 0..5 {
            for j in 0..5 {
                labels.set((i, j), if (i, j) == (2, 2) { 2 } else { 1 });
            }
        }
        let found = areas(&labels, 1, Style::Smooth, &place);
        assert_eq!(found[&1].len(), 1);
        assert_eq!(found[&1][0].holes.len(), 1);
        assert!(!found[&1][0].contains([2500.0, 2500.0]));
        assert!(found[&2][0].contains([2500.0, 2500.0]));
    }
}
