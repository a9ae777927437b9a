//! Rows in a grid of degrees: outlines of the map's own zoom, each place carried over, rounded to the tile's units and cut
//! with a margin. Borders that two rows share stay so, as a place is rounded alike whoever has it.

use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::IntOverlayOptions;
use i_overlay::core::overlay::Overlay;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use super::Address;
use crate::coverage::At;
use crate::coverage::BUFFER;
use crate::coverage::Drawn;
use crate::coverage::EXTENT;
use crate::coverage::Pyramid;
use crate::layer::Geometry;
use crate::mvt::Pen;

/// What is kept of the plane, in tile units, all edges included.
const LEAST: i32 = -BUFFER;
const MOST: i32 = EXTENT + BUFFER;

/// Appends the row's geometry in the tile.
pub fn draw(shapes: &Pyramid, row: usize, address: &Address, out: &mut Vec<u8>) -> Drawn {
    let place = placing(address);
    let parts = shapes.outline(row, address.zoom());
    match shapes.kind() {
        Geometry::Point => {
            let all = parts.row(0).flatten().flatten().map(|it| place(*it));
            let inside: Vec<(i32, i32)> = all.filter(|it| is_inside(*it)).collect();
            Pen::default().points(&inside, out);
        }
        Geometry::Line => {
            let mut pen = Pen::default();
            for line in parts.row(0).flatten() {
                let line: Vec<(i32, i32)> = line.iter().map(|it| place(*it)).collect();
                cut_line(&line, |piece| pen.line(piece, out));
            }
        }
        Geometry::Polygon | Geometry::None => {
            let rings = parts.row(0).flatten();
            let rings = rings.map(|ring| ring.iter().map(|it| point(place(*it))).collect());
            return polygon(&rings.collect::<Vec<_>>(), out);
        }
    }
    if out.is_empty() { Drawn::Nothing } else { Drawn::Shape }
}

fn is_inside((x, y): (i32, i32)) -> bool {
    (LEAST..=MOST).contains(&x) && (LEAST..=MOST).contains(&y)
}

fn point((x, y): (i32, i32)) -> IntPoint {
    IntPoint::new(x, y)
}

/// From the map to units of the tile.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the whole world is 2^35 units at most, which is clamped"
)]
pub fn placing(address: &Address) -> impl Fn(At) -> (i32, i32) + use<> {
    let tile = address.degrees();
    let units = f64::from(EXTENT) / (tile.east - tile.west);
    // Far outside it matters no more how far.
    let unit = |it: f64| it.round().clamp(-1e9, 1e9) as i32;
    move |at| {
        let (lon, lat) = at.to_degrees();
        (unit((lon - tile.west) * units), unit((tile.north - lat) * units))
    }
}

fn polygon(rings: &[Vec<IntPoint>], out: &mut Vec<u8>) -> Drawn {
    let all = || rings.iter().flatten();
    let range = |of: fn(&IntPoint) -> i32| Some((all().map(of).min()?, all().map(of).max()?));
    let Some(((west, east), (north, south))) = range(|it| it.x).zip(range(|it| it.y)) else {
        return Drawn::Nothing;
    };
    if east < LEAST || west > MOST || south < LEAST || north > MOST {
        return Drawn::Nothing;
    }
    let frame = [(LEAST, LEAST), (MOST, LEAST), (MOST, MOST), (LEAST, MOST)].map(point).to_vec();
    let options = IntOverlayOptions { ogc: true, ..IntOverlayOptions::default() };
    let mut overlay = Overlay::with_contours_custom(rings, &[frame], options, Solver::default());
    let found = overlay.overlay(OverlayRule::Intersect, FillRule::EvenOdd);
    let mut pen = Pen::default();
    for ring in found.iter().flatten().filter(|it| it.len() > 2) {
        let ring: Vec<(i32, i32)> = ring.iter().map(|it| (it.x, it.y)).collect();
        pen.ring(&ring, out);
    }
    if !out.is_empty() {
        return Drawn::Shape;
    }
    // Too small to be seen, or a sliver: something stands for it.
    let (x, y) = (i32::midpoint(west, east), i32::midpoint(north, south));
    let is_small = east - west <= 1 || south - north <= 1;
    if !is_small || !is_inside((x, y)) {
        return Drawn::Nothing;
    }
    pen.ring(&[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], out);
    Drawn::Dot
}

/// The pieces of a line that lie inside, without places that stand twice.
fn cut_line(line: &[(i32, i32)], mut take: impl FnMut(&[(i32, i32)])) {
    let mut piece: Vec<(i32, i32)> = Vec::new();
    let mut end = |piece: &mut Vec<(i32, i32)>| {
        piece.dedup();
        if piece.len() > 1 {
            take(piece);
        }
        piece.clear();
    };
    for pair in line.windows(2) {
        let Some((from, to)) = cut(pair[0], pair[1]) else {
            end(&mut piece);
            continue;
        };
        if piece.last() != Some(&from) {
            end(&mut piece);
            piece.push(from);
        }
        piece.push(to);
    }
    end(&mut piece);
}

/// The part of an edge that lies inside (Liang and Barsky, 1984).
#[expect(clippy::cast_possible_truncation, reason = "between the ends of the edge")]
fn cut(from: (i32, i32), to: (i32, i32)) -> Option<((i32, i32), (i32, i32))> {
    let [fx, fy, tx, ty] = [from.0, from.1, to.0, to.1].map(f64::from);
    let (dx, dy) = (tx - fx, ty - fy);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    let [least, most] = [LEAST, MOST].map(f64::from);
    for (way, room) in [(-dx, fx - least), (dx, most - fx), (-dy, fy - least), (dy, most - fy)] {
        if way < 0.0 {
            enter = enter.max(room / way);
        } else if way > 0.0 {
            leave = leave.min(room / way);
        } else if room < 0.0 {
            return None;
        }
    }
    let at = |it: f64| {
        let it = (dx.mul_add(it, fx).round() as i32, dy.mul_add(it, fy).round() as i32);
        (it.0.clamp(LEAST, MOST), it.1.clamp(LEAST, MOST))
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_the_pieces_that_are_seen() {
        let mut pieces = Vec::new();
        let line = [(-200, 10), (100, 10), (100, 10), (100, -500), (300, -500), (300, 20)];
        cut_line(&line, |it| pieces.push(it.to_vec()));
        assert_eq!(pieces, [vec![(-64, 10), (100, 10), (100, -64)], vec![(300, -64), (300, 20)]]);
        cut_line(&[(5, 5), (5, 5)], |_| panic!("it has no length"));
        cut_line(&[(-100, 0), (-100, 50)], |_| panic!("it is not seen"));
    }

    #[test]
    fn a_polygon_is_cut_and_one_too_small_is_a_dot() {
        let drawn = |ring: &[(i32, i32)]| {
            let mut out = Vec::new();
            (polygon(&[ring.iter().copied().map(point).collect()], &mut out), out.len())
        };
        assert_eq!(
            drawn(&[(-500, -500), (5000, -500), (5000, 5000), (-500, 5000)]).0,
            Drawn::Shape
        );
        assert_eq!(drawn(&[(7, 7), (7, 7), (7, 7)]).0, Drawn::Dot);
        assert_eq!(drawn(&[(-70, 7), (-70, 7), (-70, 7)]), (Drawn::Nothing, 0));
        assert_eq!(drawn(&[(5000, 0), (5001, 0), (5001, 9)]), (Drawn::Nothing, 0));
    }
}
