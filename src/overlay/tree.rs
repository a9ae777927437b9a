//! Polygons divided into squares, each into four, until a square holds few edges. What a square holds follows from the
//! polygons in it and from nothing else, so a tree in which some squares were made anew is the tree that would be made
//! from the start.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::Count;
use super::Feature;
use super::clip::Side;
use super::clip::clip;
use super::leaf;
use super::leaf::Leaf;
use super::outline::Bounds;
use super::outline::Place;
use super::outline::ring_area;

/// Half the root's side in metres: the plane ends at twice the earth's radius.
const REACH: f64 = (1 << 24) as f64;
/// A square with so many edges is not divided further.
const FEW: usize = 24;
/// Polygons are taken apart in squares of at most this side, so that whole numbers are fine enough: steps of 4 µm.
const UNITE_SIDE: f64 = 1024.0;
/// Nor is one this small, however many edges meet in it.
const LEAST_SIDE: f64 = 4.0;
/// From this many edges on, the four squares are made at once.
const MANY: usize = 2048;

/// A square; its side is a power of two and its corner a multiple of that.
#[derive(Clone, Copy, Debug)]
pub struct Square {
    pub corner: Place,
    pub side: f64,
}

impl Square {
    pub const ROOT: Self = Self { corner: [-REACH; 2], side: 2.0 * REACH };

    pub fn bounds(&self) -> Bounds {
        Bounds { low: self.corner, high: self.corner.map(|it| it + self.side) }
    }

    /// South-west, south-east, north-west, north-east.
    #[inline]
    pub fn quarter(&self, nth: usize) -> Self {
        let side = self.side / 2.0;
        let [x, y] = self.corner;
        let corner = [if nth % 2 == 1 { x + side } else { x }, if nth >= 2 { y + side } else { y }];
        Self { corner, side }
    }

    /// Whether an edge runs along the square's own.
    fn borders(&self, a: &Place, b: &Place) -> bool {
        (0..2).any(|it| {
            a[it] == b[it] && (a[it] == self.corner[it] || a[it] == self.corner[it] + self.side)
        })
    }
}

#[derive(Clone, Debug)]
pub enum Node {
    Empty,
    /// One class fills it.
    Full(u32),
    Leaf(Arc<Leaf>),
    Branch(Arc<[Node; 4]>),
}

/// What of a feature lies in a square.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    pub class: u32,
    pub is_plain: bool,
    pub rings: Vec<Cow<'a, [Place]>>,
}

/// What stays of a tree when polygons change.
#[derive(Clone, Copy)]
pub struct Kept<'a> {
    pub node: &'a Node,
    /// Where something changed.
    pub dirty: &'a [Bounds],
}

/// The tree of features; with `kept`, only squares where something changed are made.
pub fn grow(features: &[Feature], count: Count, kept: Option<Kept<'_>>) -> Node {
    let root = Square::ROOT.bounds();
    let chains = features.iter().filter(|it| root.contains(&it.outline.bounds)).map(|it| Chain {
        class: it.class,
        is_plain: it.outline.is_plain,
        rings: it.outline.rings().map(Cow::Borrowed).collect(),
    });
    make(Square::ROOT, chains.collect(), count, kept)
}

fn make(square: Square, chains: Vec<Chain<'_>>, count: Count, kept: Option<Kept<'_>>) -> Node {
    let bounds = square.bounds();
    if let Some(it) = kept
        && !it.dirty.iter().any(|it| it.meets(&bounds))
    {
        return it.node.clone();
    }
    let sorted = Sorted::new(square, chains, count);
    if sorted.edges == 0 && (sorted.wholes.is_empty() || count == Count::Once) {
        return sorted.wholes.first().map_or(Node::Empty, |it| Node::Full(*it));
    }
    let is_alone = sorted.chains.len() + sorted.wholes.len() == 1;
    let is_direct =
        sorted.chains.iter().all(|it| it.is_plain) && (is_alone || count == Count::Each);
    let is_small = square.side <= LEAST_SIDE
        || sorted.edges <= FEW && (is_direct || square.side <= UNITE_SIDE);
    if is_small {
        return leaf::make(square, sorted.chains, &sorted.wholes, count)
            .map_or(Node::Empty, |it| Node::Leaf(Arc::new(it)));
    }
    divide(square, sorted, count, kept)
}

fn divide(square: Square, sorted: Sorted<'_>, count: Count, kept: Option<Kept<'_>>) -> Node {
    let middle = square.quarter(3).corner;
    let old = |nth: usize| match kept.map(|it| it.node) {
        Some(Node::Branch(it)) => Some(&it[nth]),
        _ => None,
    };
    let whole = sorted.wholes.iter().map(|class| Chain {
        class: *class,
        is_plain: true,
        rings: vec![Cow::Owned(corners(square))],
    });
    let chains: Vec<Chain<'_>> = sorted.chains.into_iter().chain(whole).collect();
    let one = |nth: usize| {
        let quarter = square.quarter(nth);
        let kept = old(nth).zip(kept).map(|(node, kept)| Kept { node, dirty: kept.dirty });
        if let Some(it) = kept
            && !it.dirty.iter().any(|it| it.meets(&quarter.bounds()))
        {
            return it.node.clone();
        }
        let [x, y] = [nth % 2, nth / 2].map(|it| if it == 1 { Side::High } else { Side::Low });
        let chains = chains.iter().filter_map(|it| {
            let rings = it.rings.iter().filter_map(|ring| part(ring, middle, x, y));
            let rings: Vec<_> = rings.collect();
            (!rings.is_empty()).then_some(Chain { rings, ..*it })
        });
        make(quarter, chains.collect(), count, kept)
    };
    let nodes: [Node; 4] = if sorted.edges >= MANY {
        let nodes: Vec<Node> = (0..4).into_par_iter().map(one).collect();
        nodes.try_into().unwrap_or([const { Node::Empty }; 4])
    } else {
        [0, 1, 2, 3].map(one)
    };
    if nodes.iter().all(|it| matches!(it, Node::Empty)) {
        return Node::Empty;
    }
    match &nodes[0] {
        Node::Full(class) if nodes.iter().all(|it| matches!(it, Node::Full(it) if it == class)) => {
            Node::Full(*class)
        }
        _ => Node::Branch(Arc::new(nodes)),
    }
}

/// The part of a ring in a quarter; borrowed while it is the whole ring.
fn part<'a>(
    ring: &'a Cow<'a, [Place]>,
    middle: Place,
    x: Side,
    y: Side,
) -> Option<Cow<'a, [Place]>> {
    let bounds = Bounds::of(ring);
    let mut ring: Cow<'a, [Place]> = Cow::Borrowed(ring);
    for (axis, side) in [(0, x), (1, y)] {
        let (low, high) = (bounds.low[axis], bounds.high[axis]);
        let (out, inside) = match side {
            Side::Low => (low >= middle[axis], high <= middle[axis]),
            Side::High => (high <= middle[axis], low >= middle[axis]),
        };
        if out {
            return None;
        }
        if !inside {
            ring = Cow::Owned(clip(&ring, axis, middle[axis], side));
        }
    }
    (!ring.is_empty()).then_some(ring)
}

/// The square as a ring.
pub fn corners(square: Square) -> Vec<Place> {
    let Bounds { low, high } = square.bounds();
    vec![low, [high[0], low[1]], high, [low[0], high[1]]]
}

/// Chains with edges in the square, classes that fill it, and how many edges there are.
struct Sorted<'a> {
    chains: Vec<Chain<'a>>,
    /// One at most where land counts once.
    wholes: Vec<u32>,
    edges: usize,
}

impl<'a> Sorted<'a> {
    fn new(square: Square, all: Vec<Chain<'a>>, count: Count) -> Self {
        let mut chains = Vec::with_capacity(all.len());
        let mut wholes = Vec::new();
        let mut edges = 0;
        for chain in all {
            let own = chain.rings.iter().map(|it| inner_edges(square, it)).sum::<usize>();
            if own > 0 {
                edges += own;
                chains.push((own, chain));
            } else if fills(square, &chain) {
                wholes.push(chain.class);
            }
        }
        if count == Count::Once {
            wholes.sort_unstable();
            wholes.truncate(1);
            // Who comes later has nothing left to claim here.
            if let Some(first) = wholes.first() {
                chains.retain(|(_, it)| it.class < *first);
                edges = chains.iter().map(|it| it.0).sum();
            }
        }
        Self { chains: chains.into_iter().map(|it| it.1).collect(), wholes, edges }
    }
}

fn inner_edges(square: Square, ring: &[Place]) -> usize {
    let Some(mut last) = ring.last() else { return 0 };
    let mut count = 0;
    for place in ring {
        count += usize::from(!square.borders(last, place));
        last = place;
    }
    count
}

/// Whether a chain whose edges all run along the square's winds around it.
fn fills(square: Square, chain: &Chain<'_>) -> bool {
    let area = square.side * square.side;
    let times = chain.rings.iter().map(|it| (ring_area(it) / area).round()).sum::<f64>();
    if chain.is_plain { times > 0.0 } else { times % 2.0 != 0.0 }
}
