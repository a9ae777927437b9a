//! Random coverages: a raster of labels whose regions become parcels with shared borders, holes, enclaves and parts.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::coverage::At;
use crate::coverage::Shapes;

pub struct District {
    pub shapes: Shapes,
    /// Places on the outer border.
    pub border: Vec<At>,
}

#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Squares of the raster to a side.
    pub side: usize,
    /// Regions.
    pub labels: usize,
    /// Steps to a square's width.
    pub square: i64,
    /// And to its height.
    pub flat: i64,
    /// Vertices within an edge of a square.
    pub inner: usize,
    /// How far vertices stray, as a part of the distance between them.
    pub stray: f64,
    /// Part of straight vertices that one side of a border lacks.
    pub missing: f64,
}

type Node = (usize, usize);

pub fn district(plan: &Plan) -> District {
    let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
    let side = plan.side;
    let raster = raster(plan, &mut rng);
    let origin = (3_594_123_457_i64, 1_760_654_321_i64);
    let stray = |side: i64| (side as f64 / (plan.inner as f64 + 1.0) * plan.stray) as i64;
    let (wide, high) = (stray(plan.square), stray(plan.flat));
    let mut off = |is_still: bool| {
        if is_still {
            (0, 0)
        } else {
            (rng.random_range(-wide..=wide), rng.random_range(-high..=high))
        }
    };
    let mut nodes = vec![(0, 0); (side + 1) * (side + 1)];
    for y in 0..=side {
        for x in 0..=side {
            let (dx, dy) = off(x == 0 || x == side || y == 0 || y == side);
            let (i, j) = (x as i64, y as i64);
            let at = (origin.0 + i * plan.square + dx, origin.1 + j * plan.flat + dy);
            nodes[y * (side + 1) + x] = at;
        }
    }
    let node = |it: Node| nodes[it.1 * (side + 1) + it.0];
    // Inner vertices of each edge, from its lesser node.
    let mut inner = std::collections::HashMap::new();
    for y in 0..=side {
        for x in 0..=side {
            for to in [(x + 1, y), (x, y + 1)] {
                if to.0 > side || to.1 > side {
                    continue;
                }
                let is_border =
                    to.0 == x && (x == 0 || x == side) || to.1 == y && (y == 0 || y == side);
                let (a, b) = (node((x, y)), node(to));
                let is_straight = is_border || (x + y + plan.seed as usize).is_multiple_of(3);
                let vertices: Vec<(At, bool)> = (1..=plan.inner as i64)
                    .map(|it| {
                        let parts = plan.inner as i64 + 1;
                        let (dx, dy) = off(is_straight);
                        let place = At {
                            x: (a.0 + (b.0 - a.0) * it / parts + dx) as u32,
                            y: (a.1 + (b.1 - a.1) * it / parts + dy) as u32,
                        };
                        (place, is_straight)
                    })
                    .collect();
                inner.insert(((x, y), to), vertices);
            }
        }
    }
    let place = |it: Node| At { x: node(it).0 as u32, y: node(it).1 as u32 };
    let mut shapes = Shapes::default();
    for label in 0..plan.labels {
        for part in parts(&raster, side, label) {
            for ring in part {
                for at in 0..ring.len() {
                    let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
                    shapes.place(place(a));
                    let is_forward = a < b && (a.0 < b.0 || a.1 < b.1);
                    let mut vertices = inner[&if is_forward { (a, b) } else { (b, a) }].clone();
                    if !is_forward {
                        vertices.reverse();
                    }
                    for (vertex, is_straight) in vertices {
                        if !is_straight || !rng.random_bool(plan.missing) {
                            shapes.place(vertex);
                        }
                    }
                }
                shapes.end_ring();
            }
            shapes.end_part();
        }
        shapes.end_row();
    }
    let edge = |it: &At| {
        let (x, y) = (i64::from(it.x) - origin.0, i64::from(it.y) - origin.1);
        let side = side as i64;
        x == 0 || y == 0 || x == side * plan.square || y == side * plan.flat
    };
    let border = shapes.places.iter().copied().filter(edge).collect();
    District { shapes, border }
}

fn raster(plan: &Plan, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let side = plan.side;
    let mut raster: Vec<usize> =
        (0..side * side).map(|_| rng.random_range(0..plan.labels)).collect();
    // Regions grow together a little.
    for _ in 0..side * side * 2 {
        let at = rng.random_range(0..side * side);
        let to = [at.wrapping_sub(1), at + 1, at.wrapping_sub(side), at + side];
        let to = to[rng.random_range(0..4)];
        if to < side * side {
            raster[to] = raster[at];
        }
    }
    // No region meets itself at a corner only.
    loop {
        let mut is_changed = false;
        for y in 1..side {
            for x in 1..side {
                let at = |dx: usize, dy: usize| (y - dy) * side + x - dx;
                let (a, b, c, d) = (at(1, 1), at(0, 1), at(1, 0), at(0, 0));
                if raster[a] == raster[d] && raster[b] != raster[a] && raster[c] != raster[a] {
                    raster[b] = raster[a];
                    is_changed = true;
                } else if raster[b] == raster[c] && raster[a] != raster[b] && raster[d] != raster[b]
                {
                    raster[a] = raster[b];
                    is_changed = true;
                }
            }
        }
        if !is_changed {
            return raster;
        }
    }
}

/// The parts of a region, each its outline and holes as nodes, the region to the right as `y` grows southward.
fn parts(raster: &[usize], side: usize, label: usize) -> Vec<Vec<Vec<Node>>> {
    let has = |x: i64, y: i64| {
        x >= 0
            && y >= 0
            && x < side as i64
            && y < side as i64
            && raster[y as usize * side + x as usize] == label
    };
    let mut next = std::collections::BTreeMap::new();
    for y in 0..side {
        for x in 0..side {
            let (i, j) = (x as i64, y as i64);
            if !has(i, j) {
                continue;
            }
            for (is_edge, from, to) in [
                (!has(i, j - 1), (x, y), (x + 1, y)),
                (!has(i + 1, j), (x + 1, y), (x + 1, y + 1)),
                (!has(i, j + 1), (x + 1, y + 1), (x, y + 1)),
                (!has(i - 1, j), (x, y + 1), (x, y)),
            ] {
                if is_edge {
                    assert!(next.insert(from, to).is_none());
                }
            }
        }
    }
    let (mut outers, mut holes) = (Vec::new(), Vec::new());
    while let Some((start, mut at)) = next.pop_first() {
        let mut ring = vec![start];
        while at != start {
            ring.push(at);
            at = next.remove(&at).unwrap();
        }
        let spots: Vec<_> = ring.iter().map(|it| (it.0 as i64, it.1 as i64)).collect();
        if super::strict::twice_area(&spots) > 0 {
            outers.push((spots, vec![ring]));
        } else {
            holes.push((spots, ring));
        }
    }
    for (spots, ring) in holes {
        // The square to the right of the hole's first edge is the region's; find whose outline has it.
        let (a, b) = (spots[0], spots[1]);
        let middle = (a.0 + b.0 - (b.1 - a.1), a.1 + b.1 + (b.0 - a.0));
        let holds = |outline: &[(i64, i64)]| {
            let mut is_in = false;
            for at in 0..outline.len() {
                let (c, d) = (outline[at], outline[(at + 1) % outline.len()]);
                if (2 * c.1 > middle.1) != (2 * d.1 > middle.1) && 2 * c.0 > middle.0 {
                    is_in = !is_in;
                }
            }
            is_in
        };
        let around = outers.iter_mut().filter(|it| holds(&it.0));
        let owner = around.min_by_key(|it| super::strict::twice_area(&it.0));
        if let Some(owner) = owner {
            owner.1.push(ring);
        }
    }
    outers.into_iter().map(|it| it.1).collect()
}
