//! The rows of a layer that a picture shows, their outlines on its plane: worked out once, drawn by every part of the
//! layer's style.

use std::time::Instant;

use crate::coverage::At;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Geometry;
use crate::snapshot::Seen;
use crate::snapshot::View;
use crate::snapshot::ViewPart;

use super::Frame;
use super::Limits;
use super::Subject;
use super::clip::Point;
use super::clip::Window;
use super::expression::Place;
use super::expression::Value;

/// How far beyond the picture shapes are kept, in pixels: more than any line is wide.
pub const MARGIN: f64 = 40.0;

/// What is left of a picture's limits.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    begun: Instant,
    pub rows: usize,
    pub vertices: usize,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self { limits, begun: Instant::now(), rows: 0, vertices: 0 }
    }

    /// Fails where the picture has become too much.
    pub fn check(&self) -> Result<()> {
        let Limits { rows, vertices, time } = self.limits;
        if self.rows > rows || self.vertices > vertices {
            return Err(Error::parameter(
                "bbox",
                format!(
                    "图形过多（至多 {rows} 个要素、{vertices} 个顶点）：请缩小范围、减少图层或加筛选条件 / too much for one \
                     picture, which has at most {rows} features and {vertices} vertices: ask for a smaller area, fewer \
                     layers or with a filter"
                ),
            ));
        }
        if self.begun.elapsed() > time {
            return Err(Error::Busy("the picture took too long; ask for a smaller area"));
        }
        Ok(())
    }
}

/// A row that is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub part: usize,
    /// Which of the part's.
    pub nth: usize,
    /// Of the rings.
    from: usize,
    to: usize,
}

/// The rows of one layer.
pub struct Shapes<'a> {
    pub view: View<'a>,
    pub parts: Vec<ViewPart<'a>>,
    pub rows: Vec<Row>,
    points: Vec<Point>,
    ends: Vec<usize>,
}

impl<'a> Shapes<'a> {
    /// Finds the rows in the frame and puts them on its plane. `finer` is how many zooms more exact than a screen's outlines
    /// are.
    pub fn gather(
        view: View<'a>,
        subject: &Subject,
        frame: &Frame,
        finer: u8,
        budget: &mut Budget,
    ) -> Result<Self> {
        let parts: Vec<ViewPart<'a>> = view.parts().collect();
        let mut found = Self {
            view,
            parts: Vec::new(),
            rows: Vec::new(),
            points: Vec::new(),
            ends: Vec::new(),
        };
        let window = Window::around(frame.width, frame.height, MARGIN);
        let chosen = subject.filter.as_ref().map(|it| view.select(it));
        for (nth, part) in parts.iter().enumerate() {
            let only = match &chosen {
                None => None,
                Some(Some(it)) => it.get(nth),
                Some(None) => return Err(anyhow::anyhow!("a filter that memory decides").into()),
            };
            let mut rows = Vec::new();
            part.part.touching(&frame.bounds(MARGIN), |row| {
                if part.shows(row) && only.is_none_or(|it| it.has(row)) {
                    rows.push(row);
                }
            });
            for row in rows {
                found.add(part, nth, row, frame, &window, finer);
                if found.rows.len().is_multiple_of(512) {
                    budget.check_with(found.rows.len(), found.points.len())?;
                }
            }
        }
        budget.rows += found.rows.len();
        budget.vertices += found.points.len();
        budget.check()?;
        found.parts = parts;
        Ok(found)
    }

    fn add(
        &mut self,
        part: &ViewPart<'_>,
        nth: usize,
        row: usize,
        frame: &Frame,
        window: &Window,
        finer: u8,
    ) {
        let shapes = part.part.shapes();
        let from = self.ends.len();
        let mut put = |ring: &[At]| {
            let ring: Vec<Point> = ring.iter().map(|it| frame.place(*it)).collect();
            if ring.iter().any(|it| !it.0.is_finite() || !it.1.is_finite()) {
                return;
            }
            match shapes.kind() {
                Geometry::Polygon => self.points.extend(window.ring(&ring)),
                Geometry::Line => {
                    window.line(&ring, |piece| {
                        self.points.extend_from_slice(piece);
                        self.ends.push(self.points.len());
                    });
                    return;
                }
                _ => self.points.extend(ring),
            }
            if self.points.len() > self.ends.last().copied().unwrap_or_default() {
                self.ends.push(self.points.len());
            }
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 24")]
        let zoom = frame.zoom().ceil() as u8 + finer;
        if zoom >= self.view.layer.zooms.max.max(14) || shapes.kind() == Geometry::Point {
            shapes.shapes().row(row).flatten().for_each(&mut put);
        } else {
            let zoom = zoom.max(self.view.layer.zooms.min);
            shapes.outline(row, zoom).row(0).flatten().for_each(&mut put);
        }
        let to = self.ends.len();
        if to > from {
            self.rows.push(Row { part: nth, nth: row, from, to });
        }
    }

    /// The rings or lines of a row.
    pub fn rings(&self, row: &Row) -> impl Iterator<Item = &[Point]> {
        (row.from..row.to).map(|it| {
            let begin = if it == 0 { 0 } else { self.ends[it - 1] };
            &self.points[begin..self.ends[it]]
        })
    }
}

impl Budget {
    fn check_with(&self, rows: usize, vertices: usize) -> Result<()> {
        Self { rows: self.rows + rows, vertices: self.vertices + vertices, ..*self }.check()
    }
}

/// A row for expressions: the fields that they name, as the scope reads them.
pub struct Fields<'a> {
    pub zoom: f64,
    /// Of each part.
    columns: Vec<Vec<(String, Option<Seen<'a>>)>>,
    part: usize,
    row: usize,
}

impl<'a> Fields<'a> {
    /// For expressions that name these fields.
    pub fn new(zoom: f64, parts: &'a [ViewPart<'_>], names: &[String]) -> Self {
        let of =
            |part: &'a ViewPart<'_>| names.iter().map(|it| (it.clone(), part.column(it))).collect();
        Self { zoom, columns: parts.iter().map(of).collect(), part: 0, row: 0 }
    }

    /// Goes to a row.
    pub const fn at(&mut self, part: usize, row: usize) {
        (self.part, self.row) = (part, row);
    }
}

impl Place for Fields<'_> {
    fn zoom(&self) -> f64 {
        self.zoom
    }

    fn get(&self, name: &str) -> Value<'_> {
        let columns = self.columns.get(self.part);
        let seen = columns.and_then(|it| it.iter().find(|it| it.0 == name)).and_then(|it| it.1);
        seen.map_or(Value::Null, |it| it.value(self.row).into())
    }
}
