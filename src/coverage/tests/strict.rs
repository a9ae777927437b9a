//! An independent, slow and strict reader of drawn geometry: every pair of edges is looked at, in wide integers.

use super::Geometry;

pub type Spot = (i64, i64);

/// The rings or lines or points of a geometry, each with its command counts held to MVT 2.1 §4.3.
pub fn rings(bytes: &[u8], kind: Geometry) -> Vec<Vec<Spot>> {
    let mut at = 0;
    let mut next = || -> i64 {
        let (mut it, mut shift) = (0_u64, 0);
        loop {
            let byte = bytes[at];
            at += 1;
            it |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                // A varint of MVT's geometry is a uint32.
                assert!(it <= u64::from(u32::MAX), "{it}");
                break (if at == bytes.len() { it | 1 << 62 } else { it }) as i64;
            }
        }
    };
    let end = 1_i64 << 62;
    let (mut x, mut y) = (0_i64, 0_i64);
    let mut out: Vec<Vec<Spot>> = Vec::new();
    let mut is_done = false;
    let mut to = |raw: (i64, i64)| {
        let value = |it: i64| (it >> 1) ^ -(it & 1);
        x += value(raw.0);
        y += value(raw.1);
        (x, y)
    };
    while !is_done {
        let command = next();
        assert_eq!(command & 7, 1, "starts with MoveTo");
        let count = command >> 3;
        let mut ring = Vec::new();
        for _ in 0..count {
            let (dx, dy) = (next(), next());
            is_done = dy & end != 0;
            ring.push(to((dx, dy & !end)));
        }
        if kind == Geometry::Point {
            assert!(count >= 1);
            return ring.into_iter().map(|it| vec![it]).collect();
        }
        assert_eq!(count, 1);
        let command = next();
        assert_eq!(command & 7, 2, "goes on with LineTo");
        let least = if kind == Geometry::Polygon { 2 } else { 1 };
        assert!(command >> 3 >= least);
        for _ in 0..command >> 3 {
            let (dx, dy) = (next(), next());
            is_done = dy & end != 0;
            assert!((dx, dy & !end) != (0, 0), "an edge without length");
            ring.push(to((dx, dy & !end)));
        }
        if kind == Geometry::Polygon {
            let close = next();
            is_done = close & end != 0;
            assert_eq!(close & !end, 15, "ends with ClosePath");
        }
        out.push(ring);
    }
    out
}

pub fn twice_area(ring: &[Spot]) -> i128 {
    (0..ring.len())
        .map(|it| {
            let (a, b) = (ring[it], ring[(it + 1) % ring.len()]);
            i128::from(a.0) * i128::from(b.1) - i128::from(b.0) * i128::from(a.1)
        })
        .sum()
}

fn side(a: Spot, b: Spot, c: Spot) -> i128 {
    let it = i128::from(b.0 - a.0) * i128::from(c.1 - a.1)
        - i128::from(b.1 - a.1) * i128::from(c.0 - a.0);
    it.signum()
}

fn is_on(it: Spot, a: Spot, b: Spot) -> bool {
    side(a, b, it) == 0
        && (a.0.min(b.0)..=a.0.max(b.0)).contains(&it.0)
        && (a.1.min(b.1)..=a.1.max(b.1)).contains(&it.1)
}

/// Inside 1, on the ring 0, outside -1.
fn locate(it: Spot, ring: &[Spot]) -> i32 {
    let mut is_in = false;
    for at in 0..ring.len() {
        let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
        if is_on(it, a, b) {
            return 0;
        }
        if (a.1 > it.1) != (b.1 > it.1) {
            is_in ^= (side(a, b, it) > 0) == (b.1 > a.1);
        }
    }
    if is_in { 1 } else { -1 }
}

/// What is wrong with a polygon's rings, or `None`.
pub fn fault(rings: &[Vec<Spot>]) -> Option<String> {
    if rings.is_empty() || twice_area(&rings[0]) <= 0 {
        return Some("no outline first".to_owned());
    }
    let mut edges = Vec::new();
    for (nth, ring) in rings.iter().enumerate() {
        if ring.len() < 3 || twice_area(ring) == 0 {
            return Some(format!("ring {nth} has no area: {ring:?}"));
        }
        for at in 0..ring.len() {
            edges.push((nth, at, ring[at], ring[(at + 1) % ring.len()]));
        }
    }
    let mut touches = 0;
    for (i, (r, at, a, b)) in edges.iter().copied().enumerate() {
        if a == b {
            return Some(format!("edge without length at {a:?}"));
        }
        for (s, other, c, d) in edges.iter().copied().skip(i + 1) {
            let apart = a.0.max(b.0) < c.0.min(d.0)
                || c.0.max(d.0) < a.0.min(b.0)
                || a.1.max(b.1) < c.1.min(d.1)
                || c.1.max(d.1) < a.1.min(b.1);
            if apart {
                continue;
            }
            let crosses = side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
            let on: Vec<Spot> = {
                let mut on: Vec<Spot> = [c, d].into_iter().filter(|it| is_on(*it, a, b)).collect();
                on.extend([a, b].into_iter().filter(|it| is_on(*it, c, d)));
                on.sort_unstable();
                on.dedup();
                on
            };
            let len = rings[r].len();
            let neighbours = r == s && (other == (at + 1) % len || at == (other + 1) % len);
            if crosses || on.len() > 1 || r == s && !neighbours && !on.is_empty() {
                return Some(format!("{a:?}-{b:?} of ring {r} meets {c:?}-{d:?} of ring {s}"));
            }
            if r != s && !on.is_empty() {
                touches += 1;
            }
        }
    }
    let _ = touches;
    // Holes: no vertex and no middle of an edge outside the outline before them or inside another hole.
    let mut outer = 0;
    let middles = |ring: &[Spot]| -> Vec<Spot> {
        (0..ring.len())
            .flat_map(|at| {
                let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
                [(2 * a.0, 2 * a.1), (a.0 + b.0, a.1 + b.1)]
            })
            .collect()
    };
    let double =
        |ring: &[Spot]| -> Vec<Spot> { ring.iter().map(|it| (2 * it.0, 2 * it.1)).collect() };
    let mut part = vec![0; rings.len()];
    for (nth, ring) in rings.iter().enumerate() {
        if twice_area(ring) > 0 {
            outer = nth;
        }
        part[nth] = outer;
    }
    for (nth, ring) in rings.iter().enumerate() {
        let own = middles(ring);
        if part[nth] != nth {
            let outline = double(&rings[part[nth]]);
            let wheres: Vec<i32> = own.iter().map(|it| locate(*it, &outline)).collect();
            if wheres.contains(&-1) || !wheres.contains(&1) {
                return Some(format!("hole {nth} reaches out"));
            }
        }
        for (other, hole) in rings.iter().enumerate() {
            let both_holes = part[nth] != nth && part[other] == part[nth] && part[other] != other;
            if other != nth && both_holes {
                let hole = double(hole);
                if own.iter().any(|it| locate(*it, &hole) == 1) {
                    return Some(format!("hole {nth} within hole {other}"));
                }
            }
        }
        if part[nth] == nth {
            for (other, outline) in rings.iter().enumerate() {
                if other == nth || part[other] != other {
                    continue;
                }
                let outline = double(outline);
                let inside: Vec<&Spot> =
                    own.iter().filter(|it| locate(**it, &outline) == 1).collect();
                let in_hole = |it: &Spot| {
                    (0..rings.len()).any(|hole| {
                        part[hole] == other
                            && hole != other
                            && locate(*it, &double(&rings[hole])) >= 0
                    })
                };
                if !inside.iter().all(|it| in_hole(it)) {
                    return Some(format!("outline {nth} within outline {other}"));
                }
            }
        }
    }
    None
}
