//! What must hold of every coverage, held to random ones. `COVERAGE_CASES` says to how many.
#![allow(clippy::pedantic)]

mod district;
mod strict;

use std::collections::HashMap;
use std::collections::HashSet;

use proptest::prelude::*;
use rand::Rng;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use self::district::Plan;
use self::district::district;
use super::At;
use super::Bounds;
use super::Drawn;
use super::EXTENT;
use super::Pyramid;
use super::Shapes;
use super::Window;
use super::draft::Draft;
use super::draft::snap;
use super::valid::Checker;
use super::valid::Fault;
use crate::layer::Geometry;

const ZOOMS: std::ops::RangeInclusive<u8> = 9..=16;

fn plans() -> impl Strategy<Value = Plan> {
    let stray = prop_oneof![Just(0.0), 0.05..0.49];
    (any::<u64>(), 2_usize..9, 1_usize..14, 7_f64..17.0, 0_f64..7.0, 0_usize..5, stray, 0.0..0.7)
        .prop_map(|(seed, side, labels, size, flat, inner, stray, missing)| Plan {
            seed,
            side,
            labels,
            square: size.exp2() as i64,
            flat: ((size - flat).max(7.0)).exp2() as i64,
            inner,
            stray,
            missing,
        })
}

type Spot = (i64, i64);

/// A row's outline on the grid of a zoom, as it is drawn.
fn outline(pyramid: &Pyramid, row: usize, zoom: u8) -> Vec<Vec<Spot>> {
    let shapes = pyramid.outline(row, zoom);
    shapes.row(0).flatten().map(|it| it.iter().map(|at| snap(*at, zoom)).collect()).collect()
}

/// What the vertices that are kept at a zoom give on its grid; rings that have collapsed are left out.
fn plain(pyramid: &Pyramid, row: usize, zoom: u8) -> Vec<Vec<Spot>> {
    let shapes = pyramid.shapes();
    let mut rings = Vec::new();
    for part in shapes.parts_of(row) {
        for (nth, ring) in shapes.rings_of(part).enumerate() {
            let kept = shapes.places_of(ring).filter(|it| pyramid.levels[*it] <= zoom);
            let mut spots: Vec<Spot> = kept.map(|it| snap(shapes.places[it], zoom)).collect();
            spots.dedup();
            while spots.len() > 1 && spots.first() == spots.last() {
                spots.pop();
            }
            let is_flat = |it: &[Spot]| {
                let cross = |a: Spot, b: Spot| a.0 * b.1 - a.1 * b.0;
                let from = |at: Spot| (at.0 - it[0].0, at.1 - it[0].1);
                it.iter().all(|at| cross(from(it[1]), from(*at)) == 0)
            };
            if spots.len() > 2 && !is_flat(&spots) {
                rings.push(spots);
            } else if nth == 0 {
                break;
            }
        }
    }
    rings
}

/// Places of the rings that `plain` leaves out.
fn collapsed(pyramid: &Pyramid, row: usize, zoom: u8) -> Vec<Spot> {
    let kept: HashSet<Spot> = plain(pyramid, row, zoom).into_iter().flatten().collect();
    let places = pyramid.shapes().places_of_row(row).filter(|it| pyramid.levels[*it] <= zoom);
    let spots = places.map(|it| snap(pyramid.shapes().places[it], zoom));
    spots.filter(|it| !kept.contains(it)).collect()
}

fn edges(rings: &[Vec<Spot>]) -> impl Iterator<Item = (Spot, Spot)> + '_ {
    rings.iter().flat_map(|it| (0..it.len()).map(move |at| (it[at], it[(at + 1) % it.len()])))
}

fn area(rings: &[Vec<Spot>]) -> f64 {
    rings.iter().map(|it| strict::twice_area(it) as f64 / 2.0).sum()
}

fn units(shapes: &Shapes, row: usize, zoom: u8) -> (f64, f64) {
    let unit = super::arcs::unit(zoom);
    let (mut area, mut length) = (0.0, 0.0);
    for ring in shapes.row(row).flatten() {
        area += super::tidy::twice_area(ring) / 2.0 / unit / unit;
        for at in 0..ring.len() {
            let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
            let (dx, dy) = (f64::from(a.x) - f64::from(b.x), f64::from(a.y) - f64::from(b.y));
            length += dx.hypot(dy) / unit;
        }
    }
    (area, length)
}

/// Rows that are drawn as dots or were repaired.
fn special(pyramid: &Pyramid, zoom: u8) -> Vec<bool> {
    (0..pyramid.len())
        .map(|row| {
            pyramid.is_dot(row, zoom)
                || edges(&outline(pyramid, row, zoom)).collect::<HashSet<_>>()
                    != edges(&plain(pyramid, row, zoom)).collect::<HashSet<_>>()
        })
        .collect()
}

/// Windows of a zoom that a row may be seen in.
fn windows(bounds: &Bounds, zoom: u8) -> Vec<Window> {
    let shift = 32 - u32::from(zoom);
    let mut all = Vec::new();
    for x in (bounds.min.x >> shift).saturating_sub(1)..=(bounds.max.x >> shift) + 1 {
        for y in (bounds.min.y >> shift).saturating_sub(1)..=(bounds.max.y >> shift) + 1 {
            all.push(Window { z: zoom, x, y });
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn neighbours_have_the_same_border_and_all_is_covered(plan in plans()) {
        let district = district(&plan);
        let pyramid = Pyramid::build(Geometry::Polygon, district.shapes, ZOOMS, None);
        for zoom in ZOOMS {
            let special = special(&pyramid, zoom);
            let border: HashSet<Spot> = district.border.iter().map(|it| snap(*it, zoom)).collect();
            let mut beside = HashSet::new();
            let mut all: HashMap<(Spot, Spot), i32> = HashMap::new();
            for (row, is_special) in special.iter().enumerate() {
                if *is_special {
                    let places = pyramid.shapes().places[pyramid.shapes().places_of_row(row)].iter();
                    beside.extend(places.map(|it| snap(*it, zoom)));
                } else {
                    // A ring that collapses to a line may have other vertices on its way back.
                    beside.extend(collapsed(&pyramid, row, zoom));
                    for it in edges(&outline(&pyramid, row, zoom)) {
                        *all.entry(it).or_default() += 1;
                    }
                }
            }
            for ((a, b), count) in &all {
                let back = all.get(&(*b, *a)).copied().unwrap_or(0);
                let is_border = border.contains(a) && border.contains(b);
                let is_beside = beside.contains(a) && beside.contains(b);
                prop_assert!(*count == back || is_border || is_beside, "z{zoom} {a:?} {b:?} {count} {back}");
            }
            for row in (0..pyramid.len()).filter(|it| !special[*it]) {
                let (true_area, length) = units(pyramid.shapes(), row, zoom);
                let drawn = area(&outline(&pyramid, row, zoom));
                // Every place of a border moves by the tolerance and the rounding at most.
                let bound = (super::arcs::TOLERANCE + 0.71) * length + 10.0;
                prop_assert!((true_area - drawn).abs() <= bound, "z{zoom} row {row}: {true_area} {drawn}");
            }
        }
    }

    #[test]
    fn every_row_is_drawn_and_every_ring_is_valid(plan in plans()) {
        let district = district(&plan);
        let pyramid = Pyramid::build(Geometry::Polygon, district.shapes, 10..=15, None);
        for zoom in 9..=16 {
            for row in 0..pyramid.len() {
                let bounds = pyramid.bounds(row);
                if bounds == Bounds::NOWHERE {
                    continue;
                }
                let whole = outline(&pyramid, row, zoom);
                prop_assert_eq!(strict::fault(&whole), None, "z{} row {}: {:?}", zoom, row, &whole);
                let mut drawn_area = 0.0;
                let mut seen = false;
                for window in windows(&bounds, zoom) {
                    let mut out = Vec::new();
                    let drawn = pyramid.draw(row, &window, &mut out);
                    if drawn == Drawn::Nothing {
                        prop_assert!(out.is_empty());
                        continue;
                    }
                    let rings = strict::rings(&out, Geometry::Polygon);
                    prop_assert_eq!(strict::fault(&rings), None, "{:?} row {}: {:?}", window, row, &rings);
                    let low = rings.iter().flatten().map(|it| it.0.min(it.1)).min();
                    let high = rings.iter().flatten().map(|it| it.0.max(it.1)).max();
                    prop_assert!(low >= Some(-64) && high <= Some(4160));
                    seen = true;
                    drawn_area += area_within(&rings, 0.0, 4096.0);
                }
                prop_assert!(seen, "z{zoom} row {row} is nowhere");
                let length: f64 = edges(&whole)
                    .map(|(a, b)| ((a.0 - b.0) as f64).hypot((a.1 - b.1) as f64))
                    .sum();
                // Where a window cuts, a place of an edge moves by half a unit at most; thin tips may round to nothing.
                let is_cut = whole.iter().flatten().any(|it| {
                    it.0 >> 12 != whole[0][0].0 >> 12 || it.1 >> 12 != whole[0][0].1 >> 12
                });
                let bound = if is_cut { 0.5 * length + 8.0 } else { 1.0 };
                prop_assert!(
                    (drawn_area - area(&whole)).abs() <= bound,
                    "z{zoom} row {row}: {drawn_area} of {}", area(&whole)
                );
            }
        }
    }

    #[test]
    fn outlines_depend_neither_on_the_order_of_rows_nor_on_where_rings_start(
        plan in plans(), seed in any::<u64>(),
    ) {
        let shapes = district(&Plan { missing: 0.0, ..plan }).shapes;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut order: Vec<usize> = (0..shapes.len()).collect();
        order.shuffle(&mut rng);
        let mut other = Shapes::default();
        for row in &order {
            for part in shapes.row(*row) {
                for ring in part {
                    let start = rng.random_range(0..ring.len());
                    ring[start..].iter().chain(&ring[..start]).for_each(|it| other.place(*it));
                    if rng.random_bool(0.5) {
                        let start = other.rings.last().map_or(0, |it| *it as usize);
                        other.places[start..].reverse();
                    }
                    other.end_ring();
                }
                other.end_part();
            }
            other.end_row();
        }
        let one = Pyramid::build(Geometry::Polygon, shapes, ZOOMS, None);
        let other = Pyramid::build(Geometry::Polygon, other, ZOOMS, None);
        for zoom in ZOOMS {
            for (at, row) in order.iter().enumerate() {
                let rings = |pyramid: &Pyramid, row: usize| {
                    edges(&outline(pyramid, row, zoom)).collect::<HashSet<_>>()
                };
                prop_assert_eq!(one.is_dot(*row, zoom), other.is_dot(at, zoom));
                if !one.is_dot(*row, zoom) {
                    prop_assert_eq!(rings(&one, *row), rings(&other, at));
                }
            }
        }
    }

    #[test]
    fn a_row_built_beside_others_has_their_borders(plan in plans(), row in any::<prop::sample::Index>()) {
        // Where vertices are as near each other as steps, whether one lies on an edge depends on what was added before.
        let apart = 64 * (plan.inner as i64 + 1);
        let district = district(&Plan { square: plan.square.max(apart), flat: plan.flat.max(apart), stray: plan.stray.min(0.3), ..plan });
        let base = Pyramid::build(Geometry::Polygon, district.shapes, ZOOMS, None);
        let row = row.index(base.len());
        let mut shapes = Shapes::default();
        for part in base.shapes().row(row) {
            for ring in part {
                ring.iter().for_each(|it| shapes.place(*it));
                shapes.end_ring();
            }
            shapes.end_part();
        }
        shapes.end_row();
        let patch = Pyramid::build(Geometry::Polygon, shapes, ZOOMS, Some(&base));
        for zoom in ZOOMS {
            prop_assert_eq!(outline(&base, row, zoom), outline(&patch, 0, zoom));
        }
    }

    #[test]
    fn the_quick_look_at_rings_sees_what_the_slow_one_sees(
        rings in prop::collection::vec(prop::collection::vec((0_i64..12, 0_i64..12), 3..9), 1..3),
    ) {
        let mut draft = Draft::default();
        for (nth, ring) in rings.iter().enumerate() {
            ring.iter().for_each(|it| draft.push(super::draft::Spot { x: it.0 as i32, y: it.1 as i32 }));
            draft.end(Geometry::Polygon, nth == 0);
        }
        let kept: Vec<Vec<Spot>> = draft
            .rings()
            .map(|it| it.0.iter().map(|it| (i64::from(it.x), i64::from(it.y))).collect())
            .collect();
        let fault = Checker::default().fault(&draft);
        let is_turned = draft.rings().enumerate().all(|(nth, it)| it.1 == (nth == 0)
            && (super::draft::twice_area(it.0) > 0) == it.1);
        if fault != Fault::Touches && draft.rings.first().is_some_and(|it| it.is_outer) {
            let slow = strict::fault(&kept);
            prop_assert_eq!(fault == Fault::None, slow.is_none() && is_turned, "{:?} {:?}", kept, slow);
        }
        super::repair::repair(&mut draft, &mut Checker::default());
        let kept: Vec<Vec<Spot>> = draft
            .rings()
            .map(|it| it.0.iter().map(|it| (i64::from(it.x), i64::from(it.y))).collect())
            .collect();
        if !kept.is_empty() {
            prop_assert_eq!(strict::fault(&kept), None, "{:?}", kept);
        }
    }
}

/// Area of rings within a box, by cutting each ring at the box's four lines in turn.
fn area_within(rings: &[Vec<Spot>], low: f64, high: f64) -> f64 {
    let mut sum = 0.0;
    for ring in rings {
        let mut ring: Vec<(f64, f64)> = ring.iter().map(|it| (it.0 as f64, it.1 as f64)).collect();
        for line in 0..4 {
            let depth = |it: (f64, f64)| match line {
                0 => it.0 - low,
                1 => high - it.0,
                2 => it.1 - low,
                _ => high - it.1,
            };
            let mut kept = Vec::new();
            for at in 0..ring.len() {
                let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
                let (da, db) = (depth(a), depth(b));
                if da >= 0.0 {
                    kept.push(a);
                }
                if (da >= 0.0) != (db >= 0.0) {
                    let t = da / (da - db);
                    kept.push((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t));
                }
            }
            ring = kept;
        }
        sum += (0..ring.len())
            .map(|at| {
                let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
                (a.0 * b.1 - b.0 * a.1) / 2.0
            })
            .sum::<f64>();
    }
    sum
}

fn cases() -> u32 {
    std::env::var("COVERAGE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(64)
}

fn at(x: u32, y: u32) -> At {
    At { x, y }
}

#[test]
fn degenerate_rows_are_drawn_or_told_to_be_nowhere() {
    let mut shapes = Shapes::default();
    let far = u32::MAX;
    let rings: Vec<Vec<Vec<At>>> = vec![
        vec![],
        vec![vec![]],
        vec![vec![at(5, 5)]],
        vec![vec![at(5, 5), at(9, 9)]],
        vec![vec![at(5, 5), at(9, 9), at(5, 5), at(9, 9)]],
        vec![vec![at(7, 7); 5]],
        vec![vec![at(0, 0), at(far, 0), at(far, far), at(0, far)]],
        vec![
            vec![at(0, 0), at(1 << 20, 0), at(1 << 20, 1 << 20), at(0, 1 << 20)],
            vec![at(0, 0), at(1 << 20, 0), at(1 << 20, 1 << 20), at(0, 1 << 20)],
        ],
        // A spike, and a ring that crosses itself.
        vec![vec![at(0, 0), at(1 << 20, 0), at(1 << 24, 0), at(1 << 20, 0), at(1 << 20, 1 << 20)]],
        vec![vec![at(0, 0), at(1 << 22, 1 << 22), at(1 << 22, 0), at(0, 1 << 22)]],
        vec![vec![at(far, far), at(far - 3, far), at(far, far - 3)]],
    ];
    for row in &rings {
        for ring in row {
            ring.iter().for_each(|it| shapes.place(*it));
            shapes.end_ring();
        }
        if !row.is_empty() {
            shapes.end_part();
        }
        shapes.end_row();
    }
    let pyramid = Pyramid::build(Geometry::Polygon, shapes.clone(), 0..=17, None);
    let again = Pyramid::build(Geometry::Polygon, shapes.clone(), 0..=17, Some(&pyramid));
    for zoom in 0..=22_u8 {
        for row in 0..rings.len() {
            let bounds = pyramid.bounds(row);
            assert_eq!(bounds == Bounds::NOWHERE, row < 2);
            let label = pyramid.label(row);
            let shift = 32 - u32::from(zoom);
            let cell = |it: u32| if zoom == 0 { 0 } else { it >> shift };
            let window = Window { z: zoom, x: cell(label.x), y: cell(label.y) };
            for pyramid in [&pyramid, &again] {
                let mut out = Vec::new();
                let drawn = pyramid.draw(row, &window, &mut out);
                assert_eq!(drawn == Drawn::Nothing, row < 2, "z{zoom} row {row}");
                if row >= 2 {
                    let rings = strict::rings(&out, Geometry::Polygon);
                    assert_eq!(strict::fault(&rings), None, "z{zoom} row {row}: {rings:?}");
                }
                pyramid.outline(row, zoom);
            }
        }
    }
    for kind in [Geometry::Line, Geometry::Point, Geometry::None] {
        let pyramid = Pyramid::build(kind, shapes.clone(), 0..=17, Some(&pyramid));
        for (zoom, row) in (0..=22).flat_map(|it| (0..rings.len()).map(move |row| (it, row))) {
            let window = Window { z: zoom, x: 0, y: 0 };
            let mut out = Vec::new();
            if pyramid.draw(row, &window, &mut out) != Drawn::Nothing {
                assert!(kind != Geometry::None);
                strict::rings(&out, kind);
            }
        }
    }
    let empty = Pyramid::build(Geometry::Polygon, Shapes::default(), 9..=16, None);
    assert!(empty.is_empty());
    Pyramid::build(Geometry::Polygon, shapes, 9..=16, Some(&empty));
}

#[test]
fn lines_and_points_never_vanish() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for kind in [Geometry::Line, Geometry::Point] {
        let mut shapes = Shapes::default();
        for _ in 0..200 {
            let size = 1 << rng.random_range(0..24);
            let start = at(rng.random_range(1 << 30..3 << 30), rng.random_range(1 << 30..3 << 30));
            for _ in 0..rng.random_range(2..20) {
                let mut to = |it: u32| it + rng.random_range(0..size);
                let place = at(to(start.x), to(start.y));
                shapes.place(place);
                if kind == Geometry::Point {
                    shapes.end_ring();
                    shapes.end_part();
                }
            }
            if kind == Geometry::Line {
                shapes.end_ring();
                shapes.end_part();
            }
            shapes.end_row();
        }
        let pyramid = Pyramid::build(kind, shapes, 9..=16, None);
        for zoom in 7..=18 {
            for row in 0..pyramid.len() {
                let label = pyramid.label(row);
                let (x, y) = (label.x >> (32 - zoom), label.y >> (32 - zoom));
                let mut out = Vec::new();
                let drawn = pyramid.draw(row, &Window { z: zoom, x, y }, &mut out);
                assert!(drawn != Drawn::Nothing, "{kind:?} z{zoom} row {row}");
                let lines = strict::rings(&out, kind);
                assert!(lines.iter().flatten().all(|it| it.0.min(it.1) >= -64
                    && it.0.max(it.1) <= i64::from(EXTENT) + 64));
                let bounds = Bounds { min: label, max: label };
                let uncut = pyramid.outline(row, zoom);
                for window in windows(&bounds, zoom) {
                    let mut out = Vec::new();
                    if pyramid.draw(row, &window, &mut out) == Drawn::Shape {
                        strict::rings(&out, kind);
                    }
                }
                assert!(!uncut.places.is_empty());
            }
        }
    }
}
