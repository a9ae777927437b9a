//! A square that is not divided further: what each class claims in it, as edges.

use std::cmp::Ordering;

use super::Count;
use super::edge::Edge;
use super::edge::Tops;
use super::outline::Place;
use super::tree::Chain;
use super::tree::Square;
use super::tree::corners;
use super::unite;
use super::unite::Contour;
use super::unite::Grid;

/// Pieces of classes that do not overlap, or of features that may.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    pub pieces: Vec<Piece>,
    edges: Vec<Edge>,
}

/// A class's part of a square.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub class: u32,
    from: u32,
    to: u32,
}

impl Leaf {
    pub fn edges(&self, piece: &Piece) -> &[Edge] {
        &self.edges[piece.from as usize..piece.to as usize]
    }

    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.pieces.capacity() * size_of::<Piece>()
            + self.edges.capacity() * size_of::<Edge>()
    }

    /// Adds the piece whose edges were added since the last one.
    fn end(&mut self, class: u32) {
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let from = self.pieces.last().map_or(0, |it| it.to);
        let to = number(self.edges.len());
        if to > from {
            self.pieces.push(Piece { class, from, to });
        }
    }

    fn ring(&mut self, ring: &[Place], side: f64, tops: &mut Tops) {
        let Some(mut last) = ring.last() else { return };
        for place in ring {
            // The base line has no area under it; stretches along the northern side often cancel.
            let level = last[1] == place[1] && (place[1] == 0.0 || place[1] == side);
            if !level {
                self.edges.extend(Edge::new(*last, *place));
            } else if place[1] == side {
                let weight = if last[0] < place[0] { -1.0 } else { 1.0 };
                tops.add(last[0].min(place[0]), last[0].max(place[0]), weight);
            }
            last = place;
        }
    }
}

/// What the chains and the classes that fill the square claim of it; none where nothing is claimed.
pub fn make(square: Square, chains: Vec<Chain<'_>>, wholes: &[u32], count: Count) -> Option<Leaf> {
    let mut leaf = match count {
        Count::Once => once(square, chains, wholes),
        Count::Each => each(square, chains, wholes),
    };
    leaf.edges.shrink_to_fit();
    leaf.pieces.shrink_to_fit();
    (!leaf.pieces.is_empty()).then_some(leaf)
}

fn local(square: Square, ring: &[Place]) -> Vec<Place> {
    ring.iter().map(|it| [it[0] - square.corner[0], it[1] - square.corner[1]]).collect()
}

/// Every feature's own part.
fn each(square: Square, mut chains: Vec<Chain<'_>>, wholes: &[u32]) -> Leaf {
    let grid = Grid::new(square.corner, square.side);
    let mut leaf = Leaf::default();
    let mut tops = Tops::default();
    // The order in which areas are added up shall not depend on the order of the rows.
    chains.sort_by(|a, b| {
        let rings = || a.rings.partial_cmp(&b.rings).unwrap_or(Ordering::Equal);
        a.class.cmp(&b.class).then_with(rings)
    });
    for same in chains.chunk_by(|a, b| a.class == b.class) {
        for chain in same {
            if chain.is_plain {
                for ring in &chain.rings {
                    leaf.ring(&local(square, ring), square.side, &mut tops);
                }
            } else {
                let contours: Vec<Contour> =
                    chain.rings.iter().map(|it| grid.contour(it)).collect();
                for ring in unite::odd(&contours) {
                    leaf.ring(&grid.ring(&ring), square.side, &mut tops);
                }
            }
        }
        tops.drain(square.side, &mut leaf.edges);
        leaf.end(same[0].class);
    }
    for class in wholes {
        leaf.edges.push(Edge::eastward([0.0, square.side], [square.side; 2], 1.0));
        leaf.end(*class);
    }
    leaf
}

/// Of every class, in their order, what no earlier one claims.
fn once(square: Square, mut chains: Vec<Chain<'_>>, wholes: &[u32]) -> Leaf {
    let grid = Grid::new(square.corner, square.side);
    let mut leaf = Leaf::default();
    let mut tops = Tops::default();
    if let ([chain], []) = (chains.as_slice(), wholes)
        && chain.is_plain
    {
        for ring in &chain.rings {
            leaf.ring(&local(square, ring), square.side, &mut tops);
        }
        tops.drain(square.side, &mut leaf.edges);
        leaf.end(chain.class);
        return leaf;
    }
    chains.extend(wholes.iter().map(|class| Chain {
        class: *class,
        is_plain: true,
        rings: vec![corners(square).into()],
    }));
    chains.sort_by_key(|it| it.class);
    let mut earlier: Vec<Contour> = Vec::new();
    for same in chains.chunk_by(|a, b| a.class == b.class) {
        let mut own: Vec<Contour> = Vec::new();
        for chain in same {
            let contours: Vec<Contour> = chain.rings.iter().map(|it| grid.contour(it)).collect();
            own.extend(if chain.is_plain { contours } else { unite::odd(&contours) });
        }
        // What comes out shall not depend on the order of the rows.
        own.sort_unstable();
        for ring in unite::difference(&own, &earlier) {
            leaf.ring(&grid.ring(&ring), square.side, &mut tops);
        }
        tops.drain(square.side, &mut leaf.edges);
        leaf.end(same[0].class);
        earlier.append(&mut own);
    }
    leaf
}
