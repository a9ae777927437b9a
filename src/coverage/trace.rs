//! Rings from loose edges that have what is filled on their right: outlines and holes as a map may draw them, none of
//! which meets itself, not even in a corner.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::draft::Draft;
use super::draft::Spot;
use super::draft::twice_area;
use super::valid::is_inside;
use super::valid::is_on;
use crate::layer::Geometry;

pub type Edge = (Spot, Spot);

/// Writes the rings of the edges, each outline with its holes. Edges that run back along others fall away with these.
pub fn trace(edges: Vec<Edge>, draft: &mut Draft) {
    let edges = cancel(edges);
    let mut is_used = vec![false; edges.len()];
    let (mut outers, mut holes) = (Vec::new(), Vec::new());
    for start in 0..edges.len() {
        if is_used[start] {
            continue;
        }
        let mut way = Vec::new();
        let mut at = start;
        while !is_used[at] {
            is_used[at] = true;
            way.push(edges[at].0);
            match next(&edges, &is_used, edges[at]) {
                Some(it) => at = it,
                None => break,
            }
        }
        split(&way, |ring| match twice_area(&ring).cmp(&0) {
            Ordering::Greater => outers.push(ring),
            Ordering::Less => holes.push(ring),
            Ordering::Equal => {}
        });
    }
    write(outers, holes, draft);
}

/// Edges in order, without pairs that run to and fro.
fn cancel(edges: Vec<Edge>) -> Vec<Edge> {
    let mut both: Vec<(Edge, i32)> =
        edges.into_iter().map(|(a, b)| if a < b { ((a, b), 1) } else { ((b, a), -1) }).collect();
    both.sort_unstable();
    let mut kept: Vec<Edge> = both
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|same| {
            let (a, b) = same[0].0;
            match same.iter().map(|it| it.1).sum::<i32>().cmp(&0) {
                Ordering::Greater => Some((a, b)),
                Ordering::Less => Some((b, a)),
                Ordering::Equal => None,
            }
        })
        .collect();
    kept.sort_unstable();
    kept
}

/// The edge that goes on with what is filled on the right of `edge`: the first counter-clockwise from where it came.
fn next(edges: &[Edge], is_used: &[bool], edge: Edge) -> Option<usize> {
    let (from, at) = edge;
    let back = (i64::from(from.x) - i64::from(at.x), i64::from(from.y) - i64::from(at.y));
    let first = edges.partition_point(|it| it.0 < at);
    let leaving = (first..edges.len()).take_while(|it| edges[*it].0 == at);
    let to = |it: usize| {
        let to = edges[it].1;
        (i64::from(to.x) - i64::from(at.x), i64::from(to.y) - i64::from(at.y))
    };
    let cross = |a: (i64, i64), b: (i64, i64)| a.0 * b.1 - a.1 * b.0;
    let half = |it: (i64, i64)| match cross(back, it).cmp(&0) {
        Ordering::Less => 0,
        Ordering::Equal if back.0 * it.0 + back.1 * it.1 < 0 => 1,
        Ordering::Greater => 2,
        Ordering::Equal => 3,
    };
    leaving.filter(|it| !is_used[*it]).min_by(|a, b| {
        let (a, b) = (to(*a), to(*b));
        half(a).cmp(&half(b)).then_with(|| cross(a, b).cmp(&0))
    })
}

/// Cuts a closed way into rings that meet no place twice.
fn split(way: &[Spot], mut found: impl FnMut(Vec<Spot>)) {
    let mut open: Vec<Spot> = Vec::new();
    let mut places: HashMap<Spot, usize> = HashMap::new();
    for it in way {
        if let Some(start) = places.get(it).copied() {
            let ring: Vec<Spot> = open.drain(start..).collect();
            for it in &ring {
                places.remove(it);
            }
            found(ring);
        }
        places.insert(*it, open.len());
        open.push(*it);
    }
    found(open);
}

fn write(outers: Vec<Vec<Spot>>, holes: Vec<Vec<Spot>>, draft: &mut Draft) {
    draft.clear();
    let reach = |ring: &[Spot]| {
        ring.iter().fold(
            (Spot { x: i32::MAX, y: i32::MAX }, Spot { x: i32::MIN, y: i32::MIN }),
            |it, at| {
                (
                    Spot { x: it.0.x.min(at.x), y: it.0.y.min(at.y) },
                    Spot { x: it.1.x.max(at.x), y: it.1.y.max(at.y) },
                )
            },
        )
    };
    let mut outers: Vec<_> = outers.into_iter().map(|it| (reach(&it), it, Vec::new())).collect();
    // The first that holds a hole is then the innermost.
    outers.sort_by_key(|it| twice_area(&it.1));
    for hole in holes {
        let (min, max) = reach(&hole);
        let mut near = (0..outers.len()).filter(|it| {
            let (from, to) = outers[*it].0;
            from.x <= min.x && from.y <= min.y && max.x <= to.x && max.y <= to.y
        });
        let Some(first) = near.next() else { continue };
        let owner = match near.next() {
            None => first,
            Some(second) => {
                let all = [first, second].into_iter().chain(near);
                let mut all = all.filter(|it| is_within(&hole, &outers[*it].1));
                let Some(owner) = all.next() else { continue };
                owner
            }
        };
        outers[owner].2.push(hole);
    }
    for (_, outer, holes) in &outers {
        for (nth, ring) in std::iter::once(outer).chain(holes).enumerate() {
            draft.extend(ring.iter().copied());
            draft.end(Geometry::Polygon, nth == 0);
        }
    }
}

/// Whether a hole lies within an outline that it may touch in corners.
fn is_within(hole: &[Spot], outer: &[Spot]) -> bool {
    if let Some(it) = hole.iter().find(|it| !is_on(**it, outer)) {
        return is_inside(*it, outer);
    }
    // All its corners are on the outline: the middles of its edges, in half units.
    let double = |it: &Spot| Spot { x: 2 * it.x, y: 2 * it.y };
    let outer: Vec<Spot> = outer.iter().map(double).collect();
    let middle = |it: &[Spot]| Spot { x: it[0].x + it[1].x, y: it[0].y + it[1].y };
    let found = hole.windows(2).map(middle).find(|it| !is_on(*it, &outer));
    found.is_some_and(|it| is_inside(it, &outer))
}
