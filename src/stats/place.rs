//! Which rows touch a box or a polygon, as far as memory can tell. Its places are rounded to a centimetre, so what comes
//! near an edge is left open, for the database to decide.

use std::collections::HashMap;

use geo::Contains;
use geo::Coord;
use geo::MultiPolygon;
use geo::Point;

use super::Bbox;
use crate::coverage::At;
use crate::coverage::Bounds;
use crate::cql::Truth;
use crate::snapshot::Bitmap;
use crate::snapshot::Part;

/// Steps of the map's places by which something may lie otherwise than it seems: rounding moves it by half of one.
const MARGIN: u32 = 3;
/// Cells along the longer side of a polygon.
const CELLS: u32 = 256;

/// Rows by what is known of them; what is in neither does not touch.
#[derive(Debug)]
pub(super) struct Touching {
    pub yes: Bitmap,
    pub open: Bitmap,
}

impl Touching {
    fn find(part: &Part, places: &[Bounds], judge: impl Fn(&Bounds) -> Truth) -> Self {
        let none = || Bitmap::none(part.len());
        let mut found = Self { yes: none(), open: none() };
        for place in places {
            part.touching(place, |row| match judge(&part.shapes().bounds(row)) {
                Truth::True => found.yes.set(row),
                Truth::Unknown => found.open.set(row),
                Truth::False => {}
            });
        }
        found.open = found.open.and(&found.yes.clone().complement());
        found
    }

    /// Of the box, whose edges run along those of the map.
    pub(super) fn bbox(part: &Part, bbox: Bbox) -> Self {
        let boxes: Vec<Bounds> = bbox.parts().into_iter().map(bounds).collect();
        let wide: Vec<Bounds> = boxes.iter().map(|it| grown(it, MARGIN)).collect();
        Self::find(part, &wide, |row| {
            let each = boxes.iter().map(|it| touches(row, it));
            each.fold(Truth::False, Truth::or)
        })
    }

    /// Of the polygon, whose edges are straight between degrees.
    pub(super) fn polygon(part: &Part, polygon: &MultiPolygon<f64>) -> Self {
        let cells = Cells::of(polygon);
        Self::find(part, &[cells.bounds], |row| cells.touches(row))
    }

    /// Of both.
    #[must_use]
    pub(super) fn and(self, other: &Self) -> Self {
        let maybe = self.yes.clone().or(&self.open).and(&other.yes.clone().or(&other.open));
        let yes = self.yes.and(&other.yes);
        Self { open: maybe.and(&yes.clone().complement()), yes }
    }
}

fn bounds([west, south, east, north]: [f64; 4]) -> Bounds {
    Bounds { min: At::from_degrees(west, north), max: At::from_degrees(east, south) }
}

fn grown(it: &Bounds, by: u32) -> Bounds {
    Bounds {
        min: At { x: it.min.x.saturating_sub(by), y: it.min.y.saturating_sub(by) },
        max: At { x: it.max.x.saturating_add(by), y: it.max.y.saturating_add(by) },
    }
}

/// Whether the edge of the map is near, on which everything beyond it was put.
fn is_at_the_edge(it: &Bounds) -> bool {
    it.min.x.min(it.min.y) <= MARGIN || it.max.x.max(it.max.y) >= u32::MAX - MARGIN
}

/// Whether a shape with that box touches the other box. It reaches all four sides of its own: where one of these lies within
/// the other box, the shape does so somewhere.
fn touches(shape: &Bounds, other: &Bounds) -> Truth {
    if is_at_the_edge(shape) {
        return Truth::Unknown;
    }
    if !shape.touches(&grown(other, MARGIN)) {
        return Truth::False;
    }
    let inside = |it: u32, from: u32, to: u32| {
        it >= from.saturating_add(MARGIN) && it <= to.saturating_sub(MARGIN)
    };
    let x = [shape.min.x, shape.max.x].map(|it| inside(it, other.min.x, other.max.x));
    let y = [shape.min.y, shape.max.y].map(|it| inside(it, other.min.y, other.max.y));
    let both = |it: [bool; 2]| it[0] && it[1];
    let either = |it: [bool; 2]| it[0] || it[1];
    if both(x) && either(y) || both(y) && either(x) { Truth::True } else { Truth::Unknown }
}

/// What lies in one of the squares over a polygon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Outside,
    Inside,
    /// An edge runs through it or near it.
    Edge,
}

/// An edge of the polygon in degrees.
type Edge = [Coord<f64>; 2];

/// A polygon under a grid, so that most rows are decided by the squares that they lie in.
struct Cells {
    bounds: Bounds,
    /// A square is 2^`shift` places wide.
    shift: u32,
    columns: usize,
    of: Vec<Cell>,
    edges: Vec<Edge>,
    /// The edges in each square that has some.
    in_cell: HashMap<usize, Vec<usize>>,
    polygon: MultiPolygon<f64>,
}

impl Cells {
    fn of(polygon: &MultiPolygon<f64>) -> Self {
        let mut bounds = Bounds::NOWHERE;
        let mut edges: Vec<Edge> = Vec::new();
        for ring in
            polygon.0.iter().flat_map(|it| std::iter::once(it.exterior()).chain(it.interiors()))
        {
            for it in &ring.0 {
                bounds.add(At::from_degrees(it.x, it.y));
            }
            edges.extend(ring.0.windows(2).map(|it| [it[0], it[1]]));
        }
        let bounds = grown(&bounds, MARGIN);
        let (width, height) = (bounds.max.x - bounds.min.x, bounds.max.y - bounds.min.y);
        let mut shift = 4;
        while width.max(height) >> shift >= CELLS {
            shift += 1;
        }
        let columns = (width >> shift) as usize + 1;
        let rows = (height >> shift) as usize + 1;
        let mut it = Self {
            bounds,
            shift,
            columns,
            of: vec![Cell::Outside; columns * rows],
            edges: Vec::new(),
            in_cell: HashMap::new(),
            polygon: polygon.clone(),
        };
        for (nth, edge) in edges.iter().enumerate() {
            it.mark(nth, edge);
        }
        it.edges = edges;
        it.fill();
        it
    }

    fn place(&self, column: usize, row: usize) -> At {
        let step = |from: u32, nth: usize| {
            let to = u64::from(from) + ((nth as u64) << self.shift);
            u32::try_from(to).unwrap_or(u32::MAX)
        };
        At { x: step(self.bounds.min.x, column), y: step(self.bounds.min.y, row) }
    }

    /// The column or row of a place, at the border for what lies beyond it.
    fn nth(&self, from: u32, at: u32, many: usize) -> usize {
        ((at.saturating_sub(from) >> self.shift) as usize).min(many - 1)
    }

    fn rows(&self) -> usize {
        self.of.len() / self.columns
    }

    /// Marks the squares that an edge runs through, row by row, and their neighbours where it is near.
    fn mark(&mut self, nth: usize, [a, b]: &Edge) {
        let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
        let first = self.row_of(*high, false);
        let last = self.row_of(*low, true);
        for row in first..=last {
            // The stretch of the edge in this row of squares, which is one of latitudes, a margin wider.
            let (top, bottom) = (self.place(0, row), self.place(0, row + 1));
            let north = At { y: top.y.saturating_sub(MARGIN), ..top }.to_degrees().1;
            let south = At { y: bottom.y.saturating_add(MARGIN), ..bottom }.to_degrees().1;
            let at = |lat: f64| {
                let part = if high.y > low.y { (lat - low.y) / (high.y - low.y) } else { 0.0 };
                low.x + (high.x - low.x) * part.clamp(0.0, 1.0)
            };
            let ends = if high.y > low.y { [at(south), at(north)] } else { [low.x, high.x] };
            let x = |lon: f64| At::from_degrees(lon, 0.0).x;
            let (west, east) = (x(ends[0].min(ends[1])), x(ends[0].max(ends[1])));
            let from = self.nth(self.bounds.min.x, west.saturating_sub(MARGIN), self.columns);
            let to = self.nth(self.bounds.min.x, east.saturating_add(MARGIN), self.columns);
            for column in from..=to {
                let cell = row * self.columns + column;
                self.of[cell] = Cell::Edge;
                self.in_cell.entry(cell).or_default().push(nth);
            }
        }
    }

    fn row_of(&self, at: Coord<f64>, is_last: bool) -> usize {
        let y = At::from_degrees(at.x, at.y).y;
        let y = if is_last { y.saturating_add(MARGIN) } else { y.saturating_sub(MARGIN) };
        self.nth(self.bounds.min.y, y, self.rows())
    }

    /// Squares without an edge lie inside or outside as a whole, and as the one before them.
    fn fill(&mut self) {
        for row in 0..self.rows() {
            let mut before = None;
            for column in 0..self.columns {
                let cell = row * self.columns + column;
                if self.of[cell] == Cell::Edge {
                    before = None;
                    continue;
                }
                let found = before.unwrap_or_else(|| {
                    let half = 1 << (self.shift - 1);
                    let corner = self.place(column, row);
                    let middle =
                        At { x: corner.x.saturating_add(half), y: corner.y.saturating_add(half) };
                    let (lon, lat) = middle.to_degrees();
                    if self.polygon.contains(&Point::new(lon, lat)) {
                        Cell::Inside
                    } else {
                        Cell::Outside
                    }
                });
                self.of[cell] = found;
                before = Some(found);
            }
        }
    }

    /// Whether a shape with that box touches the polygon.
    fn touches(&self, shape: &Bounds) -> Truth {
        if is_at_the_edge(shape) {
            return Truth::Unknown;
        }
        if !shape.touches(&self.bounds) {
            return Truth::False;
        }
        let columns =
            [shape.min.x, shape.max.x].map(|it| self.nth(self.bounds.min.x, it, self.columns));
        let rows =
            [shape.min.y, shape.max.y].map(|it| self.nth(self.bounds.min.y, it, self.rows()));
        let mut near = Vec::new();
        let mut is_inside = false;
        for row in rows[0]..=rows[1] {
            for column in columns[0]..=columns[1] {
                let cell = row * self.columns + column;
                match self.of[cell] {
                    Cell::Outside => {}
                    Cell::Inside => is_inside = true,
                    Cell::Edge => {
                        near.extend(self.in_cell.get(&cell).into_iter().flatten().copied());
                    }
                }
            }
        }
        if near.is_empty() {
            // Without an edge among them all squares are alike, and the part of the box beyond the grid is outside.
            return Truth::from(Some(is_inside));
        }
        let wide = grown(shape, MARGIN);
        let ((west, north), (east, south)) = (wide.min.to_degrees(), wide.max.to_degrees());
        if near.iter().any(|it| crosses(&self.edges[*it], [west, south, east, north])) {
            return Truth::Unknown;
        }
        // No edge comes near the box: it lies on one side of all of them.
        let middle = Point::new(f64::midpoint(west, east), f64::midpoint(south, north));
        Truth::from(Some(self.polygon.contains(&middle)))
    }
}

/// Whether the edge runs through the box or touches it.
fn crosses([a, b]: &Edge, [west, south, east, north]: [f64; 4]) -> bool {
    if a.x.max(b.x) < west || a.x.min(b.x) > east || a.y.max(b.y) < south || a.y.min(b.y) > north {
        return false;
    }
    // All corners strictly on one side of the edge's line: apart.
    let side = |x: f64, y: f64| (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
    let sides = [side(west, south), side(east, south), side(east, north), side(west, north)];
    !(sides.iter().all(|it| *it > 0.0) || sides.iter().all(|it| *it < 0.0))
}
