//! Rings of a polygon, exactly, in integers.

use super::Rule;

type At = (i32, i32);
type Edge = (At, At);

/// Winding, areas and crossings of the rings of one feature: each outline is followed by its holes.
pub fn check(rings: &[Vec<At>], say: &mut dyn FnMut(Rule, String)) {
    let mut polygons: Vec<Vec<&[At]>> = Vec::new();
    for (nth, ring) in rings.iter().enumerate() {
        if ring.first() == ring.last() {
            say(Rule::Winding, format!("ring {nth} repeats its first place"));
        }
        match (doubled_area(ring), polygons.last_mut()) {
            (0, _) => say(Rule::Winding, format!("ring {nth} has no area: {ring:?}")),
            (1.., _) => polygons.push(vec![ring]),
            (_, Some(it)) => it.push(ring),
            (_, None) => say(Rule::Winding, format!("ring {nth} is a hole in nothing")),
        }
    }
    for rings in &polygons {
        if let Some(what) = crossing(rings) {
            say(Rule::Crossing, what);
        }
        let (outline, holes) = rings.split_first().unwrap_or((&(&[] as &[At]), &[]));
        for hole in holes {
            let outside = |it: &&At| place(outline, **it) == Some(false);
            if let Some(it) = hole.iter().find(outside) {
                say(Rule::Crossing, format!("a hole lies outside its outline at {it:?}"));
            }
        }
    }
}

/// Twice the area by the shoelace formula; above 0 clockwise on a screen, y southward.
fn doubled_area(ring: &[At]) -> i64 {
    edges(ring)
        .map(|((ax, ay), (bx, by))| i64::from(ax) * i64::from(by) - i64::from(bx) * i64::from(ay))
        .sum()
}

fn edges(ring: &[At]) -> impl Iterator<Item = Edge> + '_ {
    (0..ring.len()).map(|it| (ring[it], ring[(it + 1) % ring.len()]))
}

/// On which side of a line a place lies.
fn side((a, b): Edge, it: At) -> i64 {
    let [ax, ay, bx, by] = [a.0, a.1, b.0, b.1].map(i64::from);
    ((bx - ax) * (i64::from(it.1) - ay) - (by - ay) * (i64::from(it.0) - ax)).signum()
}

/// Two edges of which one goes through the other, or along it. Those that touch in a place do not.
fn crossing(rings: &[&[At]]) -> Option<String> {
    let mut all: Vec<Edge> = rings.iter().flat_map(|it| edges(it)).collect();
    all.sort_by_key(|(a, b)| a.0.min(b.0));
    for (nth, one) in all.iter().enumerate() {
        let east = one.0.0.max(one.1.0);
        for other in all[nth + 1..].iter().take_while(|it| it.0.0.min(it.1.0) <= east) {
            if cross(*one, *other) {
                return Some(format!("{one:?} crosses {other:?}"));
            }
        }
    }
    None
}

fn cross(one: Edge, other: Edge) -> bool {
    let (a, b) = (side(one, other.0), side(one, other.1));
    if a == 0 && b == 0 {
        // Along one line: they may share a place, no more.
        let key = |it: At| if one.0.0 == one.1.0 { it.1 } else { it.0 };
        let range = |(a, b): Edge| (key(a).min(key(b)), key(a).max(key(b)));
        let ((a, b), (c, d)) = (range(one), range(other));
        return a.max(c) < b.min(d);
    }
    a * b < 0 && side(other, one.0) * side(other, one.1) < 0
}

/// Whether a place lies in the ring; `None` on its border.
fn place(ring: &[At], it: At) -> Option<bool> {
    let mut inside = false;
    for (a, b) in edges(ring) {
        let on_line = side((a, b), it) == 0;
        let within = |from: i32, to: i32, it: i32| (from.min(to)..=from.max(to)).contains(&it);
        if on_line && within(a.0, b.0, it.0) && within(a.1, b.1, it.1) {
            return None;
        }
        if (a.1 > it.1) != (b.1 > it.1) {
            let turn = side((a, b), it);
            inside ^= if b.1 > a.1 { turn > 0 } else { turn < 0 };
        }
    }
    Some(inside)
}
