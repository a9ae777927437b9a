//! Vertices that lie on a neighbour's edge (T-junctions) become vertices of that edge too, so that both sides have the
//! same edges.

use rayon::prelude::*;

use super::At;
use super::Bounds;
use super::Shapes;
use super::boxes::Boxes;
use super::places::Places;

/// How far beside an edge a vertex counts as on it, in steps: what rounding to steps, and edges that were straight in
/// degrees up to 1.5 km, account for.
pub const NEAR: u32 = 4;
/// Edges that are looked for together.
const RUN: usize = 16;

/// Edges of a ring one after another, or places without edges.
struct Run {
    /// Of the first vertex, in the list of numbers.
    start: usize,
    edges: usize,
    /// The ring's vertices; empty for places without edges.
    ring: std::ops::Range<usize>,
}

/// Adds vertices to the shapes, and their numbers to `places`. The numbers beyond those of the shapes are of places that
/// may become vertices and are none yet.
pub fn node(shapes: &mut Shapes, places: &mut Places) {
    let alone = alone(shapes, &places.ids, places.len());
    let runs = runs(shapes, places, &alone);
    if runs.is_empty() {
        return;
    }
    let boxes = Boxes::new(runs.par_iter().map(|it| reach(it, places)).collect());
    let mut found: Vec<(usize, f64, u32)> = (0..runs.len())
        .into_par_iter()
        .filter(|it| runs[*it].edges > 0 && !runs[*it].ring.is_empty())
        .flat_map_iter(|at| {
            let mut found = Vec::new();
            let bounds = grown(boxes.get(at));
            boxes.touching(&bounds, |other| {
                // A ring's own vertices would make it touch itself.
                if runs[other].ring != runs[at].ring {
                    on_edges(&runs[at], &runs[other], boxes.get(other), places, &mut found);
                }
                true
            });
            found
        })
        .collect();
    found.par_sort_unstable_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)));
    found.dedup_by_key(|it| (it.0, it.2));
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    if !found.is_empty() {
        insert(shapes, places, &found);
    }
}

/// Places at the ends of edges that no other ring runs along the other way: only on these, and only from these, can
/// neighbours lack a vertex.
fn alone(shapes: &Shapes, ids: &[u32], len: usize) -> Vec<bool> {
    let mut edges: Vec<u64> = (0..shapes.rings.len())
        .into_par_iter()
        .flat_map_iter(|ring| {
            let range = shapes.places_of(ring);
            let ring = &ids[range];
            (0..ring.len()).filter_map(move |at| {
                let (a, b) = (ring[at], ring[if at + 1 == ring.len() { 0 } else { at + 1 }]);
                let (low, high) = (u64::from(a.min(b)), u64::from(a.max(b)));
                (a != b && low < 1 << 31).then_some(low << 33 | high << 1 | u64::from(a > b))
            })
        })
        .collect();
    edges.par_sort_unstable();
    edges.dedup();
    let mut alone = vec![false; len];
    for same in edges.chunk_by(|a, b| a >> 1 == b >> 1) {
        if same.len() == 1 {
            alone[(same[0] >> 33) as usize] = true;
            alone[(same[0] >> 1 & 0xffff_ffff) as usize] = true;
        }
    }
    alone
}

/// Runs of edges between such places, near ones near each other.
fn runs(shapes: &Shapes, places: &Places, alone: &[bool]) -> Vec<Run> {
    let ids = &places.ids;
    let mut runs = Vec::new();
    for ring in 0..shapes.rings.len() {
        let range = shapes.places_of(ring);
        let mut run: Option<Run> = None;
        for at in range.clone() {
            let next = if at + 1 == range.end { range.start } else { at + 1 };
            if alone[ids[at] as usize] && alone[ids[next] as usize] {
                let run = run.get_or_insert(Run { start: at, edges: 0, ring: range.clone() });
                run.edges += 1;
            } else if let Some(run) = run.take() {
                runs.push(run);
            }
            if run.as_ref().is_some_and(|it| it.edges == RUN) {
                runs.extend(run.take());
            }
        }
        runs.extend(run);
    }
    let more = shapes.places.len()..ids.len();
    for start in more.clone().step_by(RUN) {
        runs.push(Run { start, edges: RUN.min(more.end - start) - 1, ring: 0..0 });
    }
    runs.par_sort_by_key(|it| ids[it.start]);
    runs
}

impl Run {
    /// Its vertices in the list of numbers: one more than edges.
    fn vertices(&self) -> impl Iterator<Item = usize> + '_ {
        (self.start..=self.start + self.edges).map(|it| {
            if it == self.ring.end && !self.ring.is_empty() { self.ring.start } else { it }
        })
    }
}

fn reach(run: &Run, places: &Places) -> Bounds {
    let mut bounds = Bounds::NOWHERE;
    run.vertices().for_each(|it| bounds.add(places.at(places.ids[it])));
    bounds
}

pub fn grown(it: &Bounds) -> Bounds {
    Bounds {
        min: At { x: it.min.x.saturating_sub(NEAR), y: it.min.y.saturating_sub(NEAR) },
        max: At { x: it.max.x.saturating_add(NEAR), y: it.max.y.saturating_add(NEAR) },
    }
}

fn holds(bounds: &Bounds, at: At) -> bool {
    bounds.touches(&Bounds { min: at, max: at })
}

/// Finds vertices of `other` on edges of `run`: the edge, how far along it, and the vertex.
fn on_edges(
    run: &Run,
    other: &Run,
    bounds: &Bounds,
    places: &Places,
    found: &mut Vec<(usize, f64, u32)>,
) {
    let mut vertices = run.vertices();
    let Some(mut from) = vertices.next() else { return };
    for to in vertices {
        let (a, b) = (places.ids[from], places.ids[to]);
        let (at, end) = (places.at(a), places.at(b));
        let mut edge = Bounds::NOWHERE;
        edge.add(at);
        edge.add(end);
        let edge = grown(&edge);
        if edge.touches(bounds) {
            for id in other.vertices().map(|it| places.ids[it]) {
                let place = places.at(id);
                if id != a
                    && id != b
                    && holds(&edge, place)
                    && let Some(along) = along(place, at, end)
                {
                    found.push((from, along, id));
                }
            }
        }
        from = to;
    }
}

/// How far along the edge from `a` to `b` a place on it is, in steps; `None` beside it and near its ends.
fn along(place: At, a: At, b: At) -> Option<f64> {
    let from = |to: At, from: At| {
        (f64::from(to.x) - f64::from(from.x), f64::from(to.y) - f64::from(from.y))
    };
    let ((dx, dy), (px, py)) = (from(b, a), from(place, a));
    let len = dx.hypot(dy);
    let along = (px * dx + py * dy) / len;
    let beside = (px * dy - py * dx).abs() / len;
    let near = f64::from(NEAR);
    (beside <= near && along > near && along < len - near).then_some(along)
}

#[expect(clippy::cast_possible_truncation, reason = "2^32 vertices are 32 GiB")]
fn insert(shapes: &mut Shapes, places: &mut Places, found: &[(usize, f64, u32)]) {
    let len = shapes.places.len() + found.len();
    let (mut at, mut ids) = (Vec::with_capacity(len), Vec::with_capacity(len));
    let mut ends = Vec::with_capacity(shapes.rings.len());
    let mut found = found.iter().peekable();
    for ring in 0..shapes.rings.len() {
        for vertex in shapes.places_of(ring) {
            at.push(shapes.places[vertex]);
            ids.push(places.ids[vertex]);
            while let Some((_, _, id)) = found.next_if(|it| it.0 == vertex) {
                at.push(places.at(*id));
                ids.push(*id);
            }
        }
        ends.push(at.len() as u32);
    }
    ids.extend_from_slice(&places.ids[shapes.places.len()..]);
    shapes.places = at;
    shapes.rings = ends;
    places.ids = ids;
}
