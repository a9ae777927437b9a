//! The shapes of a layer at every zoom.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::At;
use super::BUFFER;
use super::Bounds;
use super::EXTENT;
use super::Shapes;
use super::Window;
use super::arcs;
use super::arcs::NEVER;
use super::boxes::Boxes;
use super::bytes;
use super::clip::Cutter;
use super::clip::Frame;
use super::dots;
use super::draft::Draft;
use super::draft::Spot;
use super::draft::grid;
use super::draft::snap;
use super::floor::Floor;
use super::floor::Making;
use super::noding::grown;
use super::noding::node;
use super::places::Places;
use super::repair::repair;
use super::row::Rows;
use super::row::Vertices;
use super::row::Work;
use super::tidy::tidy;
use super::valid::Fault;
use crate::layer::Geometry;

/// The shapes of rows, ready to be drawn at the zooms of a layer.
#[derive(Debug)]
pub struct Pyramid {
    kind: Geometry,
    zooms: RangeInclusive<u8>,
    shapes: Shapes,
    /// For each vertex the lowest zoom at which it is kept.
    pub(super) levels: Vec<u8>,
    bounds: Vec<Bounds>,
    labels: Vec<At>,
    /// Of squares of the rows' areas, in steps.
    sides: Vec<f32>,
    /// By zoom.
    floors: Vec<Floor>,
}

/// What became of a row in a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// It does not reach into the window.
    Nothing,
    /// Its geometry was written.
    Shape,
    /// It is too small for its outline at this zoom: a square that stands for it was written.
    Dot,
}

thread_local! {
    static WORK: RefCell<Work> = RefCell::default();
}

impl Pyramid {
    /// Generalises for the zooms. `around` are rows whose outlines are fixed already, beside which these are drawn: borders
    /// shared with them become the same lines.
    pub fn build(
        kind: Geometry,
        mut shapes: Shapes,
        zooms: RangeInclusive<u8>,
        around: Option<&Self>,
    ) -> Self {
        tidy(kind, &mut shapes);
        let near = around.map(|it| it.near(&shapes)).unwrap_or_default();
        let has_edges = matches!(kind, Geometry::Polygon | Geometry::Line);
        let (ids, levels) = if has_edges {
            let fixed: Vec<At> = near.iter().map(|it| it.0).collect();
            let mut places = Places::new(&shapes.places, &fixed);
            if kind == Geometry::Polygon {
                node(&mut shapes, &mut places);
            }
            let ids = places.ids[shapes.places.len()..].iter();
            let fixed: Vec<(u32, u8)> = ids.zip(&near).map(|(id, it)| (*id, it.1)).collect();
            let levels = arcs::levels(kind, &shapes, &places, &zooms, &fixed);
            (places.ids, levels)
        } else {
            (vec![0; shapes.places.len()], vec![0.into()])
        };
        let all = 0..shapes.len();
        let bounds: Vec<Bounds> = all.clone().into_par_iter().map(|it| shapes.bounds(it)).collect();
        let labels = all.clone().into_par_iter().map(|it| dots::label(kind, &shapes, it)).collect();
        let sides: Vec<f32> = all.into_par_iter().map(|it| dots::side(&shapes, it)).collect();
        let rows = Rows { kind, shapes: &shapes, bounds: &bounds, sides: &sides };
        let boxes = Boxes::new(bounds.clone());
        let making = Making { rows, boxes: &boxes, ids: &ids, levels: &levels, zooms: &zooms };
        let floors = zooms.clone().map(|it| Floor::new(&making, it)).collect();
        let levels: Vec<u8> = ids[..shapes.places.len()]
            .par_iter()
            .map(|it| levels[*it as usize].load(Relaxed))
            .collect();
        shapes.places.shrink_to_fit();
        Self { kind, zooms, shapes, levels, bounds, labels, sides, floors }
    }

    /// Places of these rows, with their levels, that may be vertices of the given shapes or lie on their edges.
    fn near(&self, shapes: &Shapes) -> Vec<(At, u8)> {
        let boxes: Vec<Bounds> = (0..shapes.len())
            .map(|it| shapes.bounds(it))
            .filter(|it| *it != Bounds::NOWHERE)
            .map(|it| grown(&it))
            .collect();
        let boxes = Boxes::new(boxes);
        let is_near = |bounds: &Bounds| {
            let mut is_near = false;
            boxes.touching(bounds, |_| {
                is_near = true;
                false
            });
            is_near
        };
        (0..self.len())
            .into_par_iter()
            .filter(|it| is_near(&self.bounds[*it]))
            .flat_map_iter(|it| self.shapes.places_of_row(it))
            .map(|it| (self.shapes.places[it], self.levels[it]))
            .filter(|it| is_near(&Bounds { min: it.0, max: it.0 }))
            .collect()
    }

    pub const fn kind(&self) -> Geometry {
        self.kind
    }

    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// As they were read, but that outlines run with positive area and holes with negative, no place is there twice in a
    /// row, and vertices that lie on a neighbour's edge are vertices of that edge too.
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// [`Bounds::NOWHERE`] for a row without a shape.
    pub fn bounds(&self, row: usize) -> Bounds {
        self.bounds[row]
    }

    /// A place on the row's surface, to a step; `Bounds::NOWHERE.min` for a row without a shape.
    pub fn label(&self, row: usize) -> At {
        self.labels[row]
    }

    /// Whether a square stands for the row at a zoom, because it is too small for its outline.
    pub fn is_dot(&self, row: usize, zoom: u8) -> bool {
        self.bounds[row] != Bounds::NOWHERE && self.finished(row, zoom).is_empty()
    }

    /// Appends the row's geometry in the window as MVT 2.1 writes it (§4.3: command and parameter integers, as varints).
    pub fn draw(&self, row: usize, window: &Window, out: &mut Vec<u8>) -> Drawn {
        let bounds = &self.bounds[row];
        if *bounds == Bounds::NOWHERE || self.kind == Geometry::None {
            return Drawn::Nothing;
        }
        let grid = grid(bounds, window.z);
        let shift = window.z - grid;
        let corner =
            (i64::from(window.x) * i64::from(EXTENT), i64::from(window.y) * i64::from(EXTENT));
        let place = |at: At| {
            let (x, y) = snap(at, grid);
            ((x << shift) - corner.0, (y << shift) - corner.1)
        };
        let (by, to) = (place(bounds.min), place(bounds.max));
        let frame = Frame { min: i64::from(-BUFFER), max: i64::from(EXTENT + BUFFER), by, shift };
        if by.0.max(by.1) > frame.max || to.0.min(to.1) < frame.min {
            return Drawn::Nothing;
        }
        let finished = self.finished(row, window.z);
        if finished.is_empty() {
            return self.dot(row, window, corner, out);
        }
        if by.0.min(by.1) >= frame.min && to.0.max(to.1) <= frame.max {
            bytes::copy(&finished, by, out);
            return Drawn::Shape;
        }
        WORK.with_borrow_mut(|work| self.cut(&finished, &frame, work, out))
    }

    fn cut(&self, finished: &[u8], frame: &Frame, work: &mut Work, out: &mut Vec<u8>) -> Drawn {
        let Work { draft, cut, checker, cutter } = work;
        bytes::read(finished, draft);
        match self.kind {
            Geometry::Polygon => {
                if !cutter.polygon(draft, frame, cut) {
                    repair(draft, checker);
                    if !cutter.polygon(draft, frame, cut) {
                        cut.clear();
                    }
                }
                if !cut.is_empty() && checker.fault(cut) != Fault::None {
                    repair(cut, checker);
                }
            }
            Geometry::Line => Cutter::lines(draft, frame, cut),
            Geometry::Point | Geometry::None => Cutter::points(draft, frame, cut),
        }
        if cut.is_empty() {
            return Drawn::Nothing;
        }
        bytes::write(self.kind, cut, Spot::default(), out);
        Drawn::Shape
    }

    fn dot(&self, row: usize, window: &Window, corner: (i64, i64), out: &mut Vec<u8>) -> Drawn {
        let (min, max) = dots::square(self.labels[row], self.sides[row], window.z, corner);
        let edge = |it: i32| it.clamp(-BUFFER, EXTENT + BUFFER);
        let inside = |it: Spot| Spot { x: edge(it.x), y: edge(it.y) };
        WORK.with_borrow_mut(|work| {
            dots::fill(self.kind, inside(min), inside(max), &mut work.draft);
            if work.draft.is_empty() {
                return Drawn::Nothing;
            }
            bytes::write(self.kind, &work.draft, Spot::default(), out);
            Drawn::Dot
        })
    }

    /// A row's bytes at a zoom, made now where they are not kept; none for a dot.
    fn finished(&self, row: usize, zoom: u8) -> Cow<'_, [u8]> {
        let floor = zoom.checked_sub(*self.zooms.start()).map(usize::from);
        if let Some(floor) = floor.and_then(|it| self.floors.get(it)) {
            return Cow::Borrowed(floor.of(row));
        }
        let keep = if zoom > *self.zooms.end() { NEVER } else { *self.zooms.start() };
        let rows = Rows {
            kind: self.kind,
            shapes: &self.shapes,
            bounds: &self.bounds,
            sides: &self.sides,
        };
        let mut made = Vec::new();
        WORK.with_borrow_mut(|work| {
            let at = Vertices { zoom, keep, finer: &[], level: &|it| self.levels[it] };
            rows.make(row, &at, work, &mut made);
        });
        Cow::Owned(made)
    }

    /// The row generalised for a zoom, uncut, as a list of one row: its outline as it is drawn, on the zoom's grid (for a
    /// dot its square), in places of the map.
    pub fn outline(&self, row: usize, zoom: u8) -> Shapes {
        let mut shapes = Shapes::default();
        let bounds = &self.bounds[row];
        if *bounds == Bounds::NOWHERE {
            shapes.end_row();
            return shapes;
        }
        let mut draft = Draft::default();
        let mut grid = grid(bounds, zoom);
        let mut origin = snap(bounds.min, grid);
        let finished = self.finished(row, zoom);
        if finished.is_empty() {
            grid = zoom;
            origin = snap(self.labels[row], zoom);
            let (min, max) = dots::square(self.labels[row], self.sides[row], zoom, origin);
            dots::fill(self.kind, min, max, &mut draft);
        } else {
            bytes::read(&finished, &mut draft);
        }
        let place = |spot: &Spot| {
            let step = |from: i64, it: i32| {
                let units = i128::from(from) + i128::from(it);
                let steps = (units << 32) >> (u32::from(grid) + 12);
                u32::try_from(steps.clamp(0, i128::from(u32::MAX))).unwrap_or(u32::MAX)
            };
            At { x: step(origin.0, spot.x), y: step(origin.1, spot.y) }
        };
        for (nth, (ring, is_outer)) in draft.rings().enumerate() {
            if nth > 0 && (is_outer || self.kind != Geometry::Polygon) {
                shapes.end_part();
            }
            shapes.places.extend(ring.iter().map(place));
            shapes.end_ring();
        }
        shapes.end_part();
        shapes.end_row();
        shapes
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        let shapes = &self.shapes;
        shapes.places.capacity() * 8
            + (shapes.rings.capacity() + shapes.parts.capacity() + shapes.rows.capacity()) * 4
            + self.bounds.capacity() * size_of::<Bounds>()
            + self.labels.capacity() * size_of::<At>()
            + self.sides.capacity() * 4
            + self.levels.capacity()
            + self.floors.iter().map(Floor::size).sum::<usize>()
    }
}
