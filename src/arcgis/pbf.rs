//! `f=pbf`: the answer as Esri's protocol buffer (esriPBuffer, version 2.1 of its published description), which newer clients
//! prefer. It states lengths before contents, so a page is held whole; it has no more than [`super::RECORDS_MAX`] features.

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use geo::BoundingRect;
use geo::Coord;
use geo::Geometry as Shape2d;
use geo::LineString;

use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::export::Column;
use crate::export::Row;
use crate::export::Shape;
use crate::export::plot;
use crate::export::plot::Turning;
use crate::export::queries;
use crate::layer::FieldType;
use crate::layer::Geometry;

use super::OBJECT_ID;
use super::question::Question;
use super::question::Wanted;
use super::spatial_reference;

pub const MEDIA_TYPE: &str = "application/x-protobuf";

/// A message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

/// How bytes after a key are read.
const VARINT: u64 = 0;
const EIGHT_BYTES: u64 = 1;
const LENGTH: u64 = 2;

impl Message {
    fn varint(&mut self, mut it: u64) {
        while it >= 0x80 {
            self.0.push(u8::try_from(it & 0x7f).unwrap_or_default() | 0x80);
            it >>= 7;
        }
        self.0.push(u8::try_from(it).unwrap_or_default());
    }

    fn unsigned(&mut self, field: u64, it: u64) {
        self.varint(field << 3 | VARINT);
        self.varint(it);
    }

    fn double(&mut self, field: u64, it: f64) {
        self.varint(field << 3 | EIGHT_BYTES);
        self.0.extend_from_slice(&it.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, it: &[u8]) {
        self.varint(field << 3 | LENGTH);
        self.varint(it.len() as u64);
        self.0.extend_from_slice(it);
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }
}

/// Small numbers of either sign as small unsigned ones.
const fn zigzag(it: i64) -> u64 {
    (it.cast_unsigned() << 1) ^ (it >> 63).cast_unsigned()
}

/// The answer to a query.
pub async fn answer(app: &App, question: &Question<'_>) -> Result<Vec<u8>> {
    let selection = &question.selection;
    let mut db = app.db.read(selection.scope).await?;
    let result = match question.wanted {
        Wanted::Extent => {
            return Err(Error::parameter("f", "范围只有 json / extents are json only"));
        }
        Wanted::Count => {
            let count = queries::count(&mut db, selection).await?;
            let mut it = Message::default();
            it.message(2, |it| it.unsigned(1, count.unsigned_abs()));
            it
        }
        Wanted::Ids | Wanted::Features => {
            let batches: Vec<Vec<Row>> = queries::rows(db, selection)?.try_collect().await?;
            let rows: Vec<Row> = batches.into_iter().flatten().collect();
            if question.wanted == Wanted::Ids { ids(&rows) } else { features(question, &rows)? }
        }
    };
    let mut document = Message::default();
    document.bytes(1, b"2.1");
    document.bytes(2, &result.0);
    Ok(document.0)
}

fn ids(rows: &[Row]) -> Message {
    let mut it = Message::default();
    it.message(3, |it| {
        it.bytes(1, OBJECT_ID.as_bytes());
        let mut packed = Message::default();
        for row in rows {
            packed.varint(row.id.unsigned_abs());
        }
        it.bytes(3, &packed.0);
    });
    it
}

/// Coordinates as whole numbers of steps right of and below a corner.
struct Grid {
    left: f64,
    top: f64,
    step: f64,
}

impl Grid {
    /// Around everything, so that the numbers are small, with the precision that other formats have.
    fn around(shapes: &[Option<Shape2d<f64>>], decimals: u8) -> Self {
        let corners = shapes.iter().flatten().filter_map(BoundingRect::bounding_rect);
        let (left, top) = corners.fold((f64::INFINITY, f64::NEG_INFINITY), |(left, top), it| {
            (left.min(it.min().x), top.max(it.max().y))
        });
        let step = 10_f64.powi(-i32::from(decimals));
        if !left.is_finite() {
            return Self { left: 0.0, top: 0.0, step };
        }
        Self { left, top, step }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounded, and within what the domain of a system has"
    )]
    fn place(&self, at: Coord<f64>) -> [i64; 2] {
        let steps = |it: f64| (it / self.step).round() as i64;
        [steps(at.x - self.left), steps(self.top - at.y)]
    }
}

fn features(question: &Question<'_>, rows: &[Row]) -> Result<Message> {
    let room = usize::try_from(question.limit).unwrap_or(usize::MAX);
    let page = &rows[..rows.len().min(room)];
    let shapes = page
        .iter()
        .map(|row| match &row.shape {
            Shape::Wkb(wkb) => plot::read(wkb, Turning::Clockwise).map(Some),
            _ => Ok(None),
        })
        .collect::<Result<Vec<_>>>()?;
    let columns = question.selection.columns();
    let grid = Grid::around(&shapes, question.crs.decimals());
    let kind = geometry_type(question.selection.layer.geometry);
    let mut result = Message::default();
    result.message(1, |it| {
        it.bytes(1, OBJECT_ID.as_bytes());
        it.message(2, |it| {
            it.bytes(1, OBJECT_ID.as_bytes());
            it.unsigned(2, 1);
        });
        if let Some(kind) = kind {
            it.unsigned(7, kind);
            let (wkid, latest) = spatial_reference::numbers(question.crs);
            it.message(8, |it| {
                if let Some(wkt) = spatial_reference::wkt(question.crs) {
                    it.bytes(5, wkt.as_bytes());
                } else {
                    it.unsigned(1, wkid.into());
                    it.unsigned(2, latest.into());
                }
            });
        }
        it.unsigned(9, u64::from(rows.len() > room));
        if kind.is_some() {
            it.message(12, |it| {
                // 1, left out: the corner is the upper left one.
                it.message(2, |it| {
                    it.double(1, grid.step);
                    it.double(2, grid.step);
                });
                it.message(3, |it| {
                    it.double(1, grid.left);
                    it.double(2, grid.top);
                });
            });
        }
        field(OBJECT_ID, 6, "标识", it);
        for column in &columns {
            field(&column.name, field_type(column.kind), &column.title.zh, it);
        }
        for (row, shape) in page.iter().zip(&shapes) {
            it.message(15, |it| feature(&columns, row, shape.as_ref(), &grid, it));
        }
    });
    Ok(result)
}

fn field(name: &str, kind: u64, alias: &str, out: &mut Message) {
    out.message(13, |it| {
        it.bytes(1, name.as_bytes());
        it.unsigned(2, kind);
        it.bytes(3, alias.as_bytes());
    });
}

/// Esri's numbers for what `describe` calls by name.
const fn field_type(kind: FieldType) -> u64 {
    match kind {
        FieldType::Boolean => 0,
        FieldType::Integer => 1,
        FieldType::Decimal => 3,
        FieldType::Text => 4,
        FieldType::Date => 5,
    }
}

const fn geometry_type(geometry: Geometry) -> Option<u64> {
    Some(match geometry {
        Geometry::Point => 1,
        Geometry::Line => 2,
        Geometry::Polygon => 3,
        Geometry::None => return None,
    })
}

fn feature(
    columns: &[Column],
    row: &Row,
    shape: Option<&Shape2d<f64>>,
    grid: &Grid,
    out: &mut Message,
) {
    out.message(1, |it| it.unsigned(7, row.id.unsigned_abs()));
    for (column, value) in columns.iter().zip(&row.values) {
        // What is missing is a value of no kind.
        out.message(1, |it| {
            if let Some(text) = value {
                attribute(column.kind, text, it);
            }
        });
    }
    let Some(shape) = shape else { return };
    let mut parts: Vec<Vec<Coord<f64>>> = Vec::new();
    let line = |it: &LineString<f64>| it.0.clone();
    match shape {
        Shape2d::Point(it) => parts.push(vec![it.0]),
        Shape2d::MultiPoint(it) => parts.push(it.0.iter().map(|it| it.0).collect()),
        Shape2d::LineString(it) => parts.push(line(it)),
        Shape2d::MultiLineString(it) => parts.extend(it.0.iter().map(line)),
        Shape2d::Polygon(it) => parts.extend(plot::rings(it).map(line)),
        Shape2d::MultiPolygon(it) => parts.extend(it.0.iter().flat_map(plot::rings).map(line)),
        _ => {}
    }
    let (mut lengths, mut coordinates) = (Message::default(), Message::default());
    for part in &parts {
        lengths.varint(part.len() as u64);
        // Each part begins anew, then every place is told from the one before.
        let mut before = [0, 0];
        for at in part {
            let place = grid.place(*at);
            coordinates.varint(zigzag(place[0] - before[0]));
            coordinates.varint(zigzag(place[1] - before[1]));
            before = place;
        }
    }
    out.message(2, |it| {
        it.bytes(2, &lengths.0);
        it.bytes(3, &coordinates.0);
    });
}

fn attribute(kind: FieldType, text: &str, out: &mut Message) {
    match kind {
        FieldType::Text => out.bytes(1, text.as_bytes()),
        FieldType::Boolean => out.unsigned(4, zigzag(i64::from(text == "true"))),
        FieldType::Integer => {
            if let Ok(it) = text.parse::<i64>() {
                // 32 bits where they are enough, as the field's type says.
                out.unsigned(if i32::try_from(it).is_ok() { 4 } else { 8 }, zigzag(it));
            }
        }
        FieldType::Decimal => {
            if let Some(it) = text.parse::<f64>().ok().filter(|it| it.is_finite()) {
                out.double(3, it);
            }
        }
        FieldType::Date => {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            if let Some(it) = day.map(|it| it.and_time(chrono::NaiveTime::MIN).and_utc()) {
                out.unsigned(6, it.timestamp_millis().cast_unsigned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_protocol_has_them() {
        let mut it = Message::default();
        it.unsigned(1, 300);
        it.message(2, |it| it.bytes(1, b"ab"));
        assert_eq!(it.0, [0x08, 0xac, 0x02, 0x12, 0x04, 0x0a, 0x02, b'a', b'b']);
        assert_eq!([0, -1, 1, -2].map(zigzag), [0, 1, 2, 3]);
        assert_eq!(zigzag(i64::MIN), u64::MAX);
    }
}
