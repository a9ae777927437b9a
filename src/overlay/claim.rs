//! What the polygons claim of parcels. Most parcels lie in squares that one class fills, or beside every edge: their areas
//! are whole or nothing and no edge of theirs is looked at. The others are cut to the squares that they lie in.

use rayon::prelude::*;

use super::edge::Edge;
use super::edge::Tops;
use super::edge::cut;
use super::leaf::Leaf;
use super::outline::Bounds;
use super::outline::Outline;
use super::outline::Place;
use super::tree::Node;
use super::tree::Square;

/// A class, and m² of it.
pub type Part = (u32, f64);

/// Less than this is the arithmetic's noise, m².
const NOISE_M2: f64 = 1e-7;
/// Parcels that a core takes at once.
const BATCH: usize = 512;

/// What was claimed of many parcels, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    parts: Vec<Part>,
    ends: Vec<usize>,
}

impl Claims {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// By class; classes without land are left out.
    pub fn of(&self, parcel: usize) -> &[Part] {
        let from = if parcel == 0 { 0 } else { self.ends[parcel - 1] };
        &self.parts[from..self.ends[parcel]]
    }

    pub fn iter(&self) -> impl Iterator<Item = &[Part]> {
        (0..self.len()).map(|it| self.of(it))
    }

    /// Of so many parcels nothing is known yet.
    pub(super) fn unknown(count: usize) -> Self {
        Self { parts: vec![UNKNOWN; count], ends: (1..=count).collect() }
    }

    pub(super) fn is_known(&self, parcel: usize) -> bool {
        self.of(parcel) != [UNKNOWN]
    }

    /// The same, where each parcel was before; not known where it was not.
    pub(super) fn moved(&self, from: &[Option<usize>]) -> Self {
        let mut it = Self {
            parts: Vec::with_capacity(self.parts.len()),
            ends: Vec::with_capacity(from.len()),
        };
        for from in from {
            it.push(from.map_or(&[UNKNOWN], |from| self.of(from)));
        }
        it
    }

    /// The same, but for some parcels, whose numbers ascend.
    pub(super) fn with(&self, parcels: &[usize], fresh: Self) -> Self {
        if parcels.len() == self.len() {
            return fresh;
        }
        let mut it = Self {
            parts: Vec::with_capacity(self.parts.len()),
            ends: Vec::with_capacity(self.len()),
        };
        let mut next = 0;
        for parcel in 0..self.len() {
            if parcels.get(next) == Some(&parcel) {
                it.push(fresh.of(next));
                next += 1;
            } else {
                it.push(self.of(parcel));
            }
        }
        it
    }

    fn push(&mut self, parts: &[Part]) {
        self.parts.extend_from_slice(parts);
        self.ends.push(self.parts.len());
    }

    pub(super) fn bytes(&self) -> usize {
        self.parts.capacity() * size_of::<Part>() + self.ends.capacity() * size_of::<usize>()
    }
}

/// Stands for what was not measured; no class has a negative area.
const UNKNOWN: Part = (u32::MAX, -1.0);

/// Claims of many parcels, on all cores.
pub fn all<'a>(root: &Node, parcels: impl IndexedParallelIterator<Item = &'a Outline>) -> Claims {
    let batches: Vec<Claims> = parcels
        .chunks(BATCH)
        .map_init(Scratch::default, |scratch, batch| {
            let mut claims = Claims::default();
            for outline in batch {
                scratch.claim(root, outline, &mut claims.parts);
                claims.ends.push(claims.parts.len());
            }
            claims
        })
        .collect();
    let mut claims = Claims::default();
    claims.parts.reserve_exact(batches.iter().map(|it| it.parts.len()).sum());
    claims.ends.reserve_exact(batches.iter().map(|it| it.ends.len()).sum());
    for batch in batches {
        let from = claims.parts.len();
        claims.parts.extend(batch.parts);
        claims.ends.extend(batch.ends.iter().map(|it| from + it));
    }
    claims
}

/// Room that is used again from parcel to parcel.
#[derive(Debug, Default)]
pub struct Scratch {
    spare: Vec<Vec<Edge>>,
    tops: Tops,
    found: Vec<Part>,
}

/// Edges cut to a square, in metres from its corner, with what they bound.
struct Cut<'a> {
    edges: &'a [Edge],
    bounds: Bounds,
    area_m2: f64,
}

impl Scratch {
    /// Appends what is claimed of one parcel, by class.
    pub fn claim(&mut self, root: &Node, outline: &Outline, parts: &mut Vec<Part>) {
        self.found.clear();
        if outline.area_m2 > 0.0 && Square::ROOT.bounds().contains(&outline.bounds) {
            self.enter(root, outline);
        }
        self.found.sort_by_key(|it| it.0);
        for same in self.found.chunk_by(|a, b| a.0 == b.0) {
            let area: f64 = same.iter().map(|it| it.1).sum();
            if area > NOISE_M2.min(outline.area_m2 * 0.5) {
                parts.push((same[0].0, area.min(outline.area_m2)));
            }
        }
    }

    /// Goes down to the smallest square that the parcel lies in.
    fn enter(&mut self, root: &Node, outline: &Outline) {
        let (mut node, mut square) = (root, Square::ROOT);
        while let Node::Branch(nodes) = node {
            let Some(nth) = quarter_of(square, &outline.bounds) else { break };
            (node, square) = (&nodes[nth], square.quarter(nth));
        }
        match node {
            Node::Empty => return,
            Node::Full(class) => return self.found.push((*class, outline.area_m2)),
            Node::Leaf(_) => {}
            Node::Branch(_) => match same(node, square, &outline.bounds) {
                Same::Empty => return,
                Same::Full(class) => return self.found.push((class, outline.area_m2)),
                Same::No => {}
            },
        }
        let mut edges = self.spare.pop().unwrap_or_default();
        for ring in outline.rings() {
            let Some(last) = ring.last() else { continue };
            let mut last = [last[0] - square.corner[0], last[1] - square.corner[1]];
            for place in ring {
                let place = [place[0] - square.corner[0], place[1] - square.corner[1]];
                edges.extend(Edge::new(last, place));
                last = place;
            }
        }
        let bounds = shifted(&outline.bounds, square.corner);
        let all = Cut { edges: &edges, bounds, area_m2: outline.area_m2 };
        self.visit(node, square.side, &all);
        edges.clear();
        self.spare.push(edges);
    }

    fn visit(&mut self, node: &Node, side: f64, it: &Cut<'_>) {
        match node {
            Node::Empty => {}
            Node::Full(class) => self.found.push((*class, it.area_m2)),
            Node::Leaf(leaf) => measure(leaf, it, &mut self.found),
            Node::Branch(nodes) => {
                for (nth, node) in nodes.iter().enumerate() {
                    self.visit_quarter(node, side / 2.0, nth, it);
                }
            }
        }
    }

    fn visit_quarter(&mut self, node: &Node, side: f64, nth: usize, it: &Cut<'_>) {
        if matches!(node, Node::Empty) {
            return;
        }
        let corner = [if nth % 2 == 1 { side } else { 0.0 }, if nth >= 2 { side } else { 0.0 }];
        let mut bounds = shifted(&it.bounds, corner);
        if (0..2).any(|axis| bounds.low[axis] >= side || bounds.high[axis] <= 0.0) {
            return;
        }
        let mut edges = self.spare.pop().unwrap_or_default();
        let is_whole = (0..2).all(|axis| bounds.low[axis] >= 0.0 && bounds.high[axis] <= side);
        let mut area_m2 = it.area_m2;
        if is_whole {
            edges.extend(it.edges.iter().map(|edge| edge.moved(corner)));
        } else {
            bounds.low = bounds.low.map(|it| it.max(0.0));
            bounds.high = bounds.high.map(|it| it.min(side));
            for edge in it.edges {
                cut(&edge.moved(corner), side, &mut self.tops, &mut edges);
            }
            self.tops.drain(side, &mut edges);
            area_m2 = edges.iter().map(Edge::area).sum();
        }
        if !edges.is_empty() {
            self.visit(node, side, &Cut { edges: &edges, bounds, area_m2 });
        }
        edges.clear();
        self.spare.push(edges);
    }
}

fn shifted(bounds: &Bounds, by: Place) -> Bounds {
    let shift = |it: Place| [it[0] - by[0], it[1] - by[1]];
    Bounds { low: shift(bounds.low), high: shift(bounds.high) }
}

/// The quarter that bounds lie in, when they lie in one.
#[inline]
fn quarter_of(square: Square, bounds: &Bounds) -> Option<usize> {
    let mut nth = 0;
    for axis in 0..2 {
        let middle = square.corner[axis] + square.side / 2.0;
        if bounds.low[axis] >= middle {
            nth += axis + 1;
        } else if bounds.high[axis] > middle {
            return None;
        }
    }
    Some(nth)
}

enum Same {
    Empty,
    Full(u32),
    No,
}

/// What fills all squares that the bounds meet, when it is the same.
fn same(node: &Node, square: Square, bounds: &Bounds) -> Same {
    match node {
        Node::Empty => Same::Empty,
        Node::Full(class) => Same::Full(*class),
        Node::Leaf(_) => Same::No,
        Node::Branch(nodes) => {
            let mut all = None;
            for (nth, node) in nodes.iter().enumerate() {
                let quarter = square.quarter(nth);
                let its = quarter.bounds();
                if (0..2).any(|it| bounds.low[it] >= its.high[it] || bounds.high[it] <= its.low[it])
                {
                    continue;
                }
                all = match (all, same(node, quarter, bounds)) {
                    (_, Same::No) => return Same::No,
                    (None, it) => Some(it),
                    (Some(Same::Empty), Same::Empty) => Some(Same::Empty),
                    (Some(Same::Full(a)), Same::Full(b)) if a == b => Some(Same::Full(a)),
                    _ => return Same::No,
                };
            }
            all.unwrap_or(Same::Empty)
        }
    }
}

/// What the pieces of a leaf share with an outline in its square.
fn measure(leaf: &Leaf, it: &Cut<'_>, found: &mut Vec<Part>) {
    let Bounds { low, high } = it.bounds;
    for piece in &leaf.pieces {
        let mut area = 0.0;
        for edge in leaf.edges(piece) {
            if edge.x1 <= low[0] || edge.x0 >= high[0] {
                continue;
            }
            let (west, east) = (edge.x0.max(low[0]), edge.x1.min(high[0]));
            let (a, b) = (edge.at(west), edge.at(east));
            // Below the outline: over every easting its edges cancel.
            if a <= low[1] && b <= low[1] {
                continue;
            }
            // Right over it.
            if a >= high[1] && b >= high[1] && edge.x0 <= low[0] && edge.x1 >= high[0] {
                area += edge.weight * it.area_m2;
                continue;
            }
            for own in it.edges {
                area += edge.shared(own);
            }
        }
        if area > 0.0 {
            found.push((piece.class, area));
        }
    }
}
