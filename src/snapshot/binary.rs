//! What `COPY ... TO STDOUT (FORMAT binary)` sends, taken apart: rows of cells, and shapes as PostGIS writes them.

use anyhow::Context;
use anyhow::bail;

use crate::coverage::At;
use crate::coverage::Shapes;
use crate::layer::Geometry;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Bytes as they arrive become rows. The server sends a row at a time, but nothing promises so.
#[derive(Debug, Default)]
pub struct Rows {
    begun: bool,
    ended: bool,
    rest: Vec<u8>,
}

/// The cells of one row; `None` is null.
pub type Cells<'a> = [Option<&'a [u8]>];

impl Rows {
    /// Takes bytes, and calls with each row that is whole.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut row: impl FnMut(&Cells<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if self.rest.is_empty() {
            let used = self.take(bytes, &mut row)?;
            self.rest.extend_from_slice(&bytes[used..]);
        } else {
            let mut all = std::mem::take(&mut self.rest);
            all.extend_from_slice(bytes);
            let used = self.take(&all, &mut row)?;
            all.drain(..used);
            self.rest = all;
        }
        Ok(())
    }

    /// Fails when the last row was not the last.
    pub fn end(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.ended && self.rest.is_empty(), "the rows broke off");
        Ok(())
    }

    /// How many bytes were whole.
    fn take(
        &mut self,
        bytes: &[u8],
        row: &mut impl FnMut(&Cells<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<usize> {
        let mut cells = Vec::with_capacity(48);
        let mut at = Cursor { bytes, at: 0 };
        if !self.begun {
            let Some(head) = at.take(SIGNATURE.len() + 8) else { return Ok(0) };
            let (signature, rest) = head.split_at(SIGNATURE.len());
            anyhow::ensure!(signature == SIGNATURE && rest[..4] == [0; 4], "no binary rows");
            let extension = u32::from_be_bytes([rest[4], rest[5], rest[6], rest[7]]);
            if at.take(extension as usize).is_none() {
                return Ok(0);
            }
            self.begun = true;
        }
        loop {
            let from = at.at;
            let Some(count) = at.i16() else { return Ok(from) };
            if count < 0 {
                self.ended = true;
                return Ok(at.at);
            }
            cells.clear();
            for _ in 0..count {
                let Some(len) = at.i32() else { return Ok(from) };
                match usize::try_from(len) {
                    Err(_) => cells.push(None),
                    Ok(len) => match at.take(len) {
                        Some(it) => cells.push(Some(it)),
                        None => return Ok(from),
                    },
                }
            }
            row(&cells)?;
        }
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let it = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(it)
    }

    fn i16(&mut self) -> Option<i16> {
        self.take(2)?.try_into().ok().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take(4)?.try_into().ok().map(i32::from_be_bytes)
    }
}

/// Appends a geometry of longitudes and latitudes as `geometry_send` writes it (EWKB), without ending the row. What is not of
/// the layer's kind, and places that are no numbers, are left out; false when something was.
pub fn shape(ewkb: &[u8], kind: Geometry, shapes: &mut Shapes) -> anyhow::Result<bool> {
    let mut wkb = Wkb { bytes: ewkb, little: true, dimensions: 2, whole: true };
    wkb.geometry(kind, shapes, 0)?;
    Ok(wkb.whole)
}

struct Wkb<'a> {
    bytes: &'a [u8],
    little: bool,
    dimensions: usize,
    whole: bool,
}

/// Collections in collections: nobody draws more.
const DEPTH: u8 = 8;

impl Wkb<'_> {
    fn take<const N: usize>(&mut self) -> anyhow::Result<[u8; N]> {
        let (it, rest) = self.bytes.split_first_chunk().context("a geometry breaks off")?;
        self.bytes = rest;
        Ok(*it)
    }

    fn u32(&mut self) -> anyhow::Result<u32> {
        let it = self.take()?;
        Ok(if self.little { u32::from_le_bytes(it) } else { u32::from_be_bytes(it) })
    }

    fn geometry(&mut self, kind: Geometry, shapes: &mut Shapes, depth: u8) -> anyhow::Result<()> {
        self.little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            [it] => bail!("a geometry of byte order {it}"),
        };
        let what = self.u32()?;
        self.dimensions =
            2 + usize::from(what & 0x8000_0000 != 0) + usize::from(what & 0x4000_0000 != 0);
        if what & 0x2000_0000 != 0 {
            self.u32()?;
        }
        match what & 0x0fff_ffff {
            1 => self.point(kind, shapes),
            2 => self.line(kind, shapes),
            3 => self.polygon(kind, shapes),
            4..=7 if depth < DEPTH => {
                for _ in 0..self.u32()? {
                    self.geometry(kind, shapes, depth + 1)?;
                }
                Ok(())
            }
            it => bail!("a geometry of type {it}"),
        }
    }

    fn point(&mut self, kind: Geometry, shapes: &mut Shapes) -> anyhow::Result<()> {
        let count = shapes.places.len();
        let wanted = kind == Geometry::Point;
        self.places(1, wanted, shapes)?;
        if shapes.places.len() > count {
            shapes.end_ring();
            shapes.end_part();
        }
        Ok(())
    }

    fn line(&mut self, kind: Geometry, shapes: &mut Shapes) -> anyhow::Result<()> {
        let count = self.u32()?;
        let from = shapes.places.len();
        self.places(count, kind == Geometry::Line, shapes)?;
        if shapes.places.len() > from {
            shapes.end_ring();
            shapes.end_part();
        }
        Ok(())
    }

    fn polygon(&mut self, kind: Geometry, shapes: &mut Shapes) -> anyhow::Result<()> {
        let rings = shapes.rings.len();
        for _ in 0..self.u32()? {
            let count = self.u32()?;
            let from = shapes.places.len();
            self.places(count, kind == Geometry::Polygon, shapes)?;
            // A ring's last place is its first.
            if shapes.places.len() > from + 1 {
                shapes.places.pop();
                shapes.end_ring();
            } else {
                shapes.places.truncate(from);
            }
        }
        if shapes.rings.len() > rings {
            shapes.end_part();
        }
        Ok(())
    }

    fn places(&mut self, count: u32, wanted: bool, shapes: &mut Shapes) -> anyhow::Result<()> {
        let step = self.dimensions * 8;
        let len = (count as usize).checked_mul(step).context("a geometry too long")?;
        let (places, rest) = self.bytes.split_at_checked(len).context("a geometry breaks off")?;
        self.bytes = rest;
        if !wanted {
            self.whole &= count == 0;
            return Ok(());
        }
        for place in places.chunks_exact(step) {
            let [x, y] = [0, 8].map(|it| {
                let mut bytes = [0; 8];
                bytes.copy_from_slice(&place[it..it + 8]);
                if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }
            });
            if x.is_finite() && y.is_finite() {
                shapes.place(At::from_degrees(x, y));
            } else {
                self.whole = false;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent(rows: &[Vec<Option<Vec<u8>>>]) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        out.extend([0; 8]);
        for row in rows {
            out.extend(i16::try_from(row.len()).unwrap().to_be_bytes());
            for cell in row {
                match cell {
                    None => out.extend((-1_i32).to_be_bytes()),
                    Some(it) => {
                        out.extend(i32::try_from(it.len()).unwrap().to_be_bytes());
                        out.extend(it);
                    }
                }
            }
        }
        out.extend((-1_i16).to_be_bytes());
        out
    }

    proptest! {
        #[test]
        fn rows_are_found_however_they_are_cut(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..9)), 0..4), 0..12),
            cut in 1..40_usize,
        ) {
            let bytes = sent(&rows);
            let mut found = Vec::new();
            let mut reading = Rows::default();
            for it in bytes.chunks(cut) {
                prop_assert!(reading.end().is_err());
                reading.feed(it, |row| {
                    found.push(row.iter().map(|it| it.map(<[u8]>::to_vec)).collect::<Vec<_>>());
                    Ok(())
                }).unwrap();
            }
            reading.end().unwrap();
            prop_assert_eq!(found, rows);
        }

        #[test]
        fn any_bytes_are_a_geometry_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut shapes = Shapes::default();
            let _ = shape(&bytes, Geometry::Polygon, &mut shapes);
        }
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|it| u8::from_str_radix(&text[it * 2..it * 2 + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn a_multipoint_and_a_part_of_another_kind() {
        // select st_asewkb('srid=4490;multipoint z ((1 2 9), (3 4 9))'::geometry), as little-endian
        let mut bytes = hex("01040000a08a11000002000000");
        for (x, y) in [(1.0_f64, 2.0_f64), (3.0, f64::NAN)] {
            bytes.extend(hex("0101000080"));
            for it in [x, y, 9.0] {
                bytes.extend(it.to_le_bytes());
            }
        }
        let mut shapes = Shapes::default();
        assert!(!shape(&bytes, Geometry::Point, &mut shapes).unwrap());
        shapes.end_row();
        assert_eq!(shapes.places, [At::from_degrees(1.0, 2.0)]);
        assert_eq!((shapes.rings, shapes.parts, shapes.rows), (vec![1], vec![1], vec![1]));
        let mut shapes = Shapes::default();
        assert!(!shape(&bytes, Geometry::Polygon, &mut shapes).unwrap());
        assert_eq!(shapes, Shapes::default());
    }
}
