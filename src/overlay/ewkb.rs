//! Polygons as PostGIS sends them (EWKB, longitude and latitude) become outlines in the plane.

use super::outline::Outline;
use super::outline::Place;
use super::plane::EqualArea;

/// Collections in collections: nobody stores more.
const DEPTH: u8 = 8;

/// Why bytes are no polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("几何中断 / the geometry breaks off")]
    Broken,
    #[error("几何类型 {0} 不是多边形 / a geometry of type {0} is no polygon")]
    Kind(u32),
}

/// Reads geometries one after the other, with room that is used again.
#[derive(Debug)]
pub struct Reader {
    plane: EqualArea,
    degrees: Vec<Place>,
    places: Vec<Place>,
    ends: Vec<u32>,
}

impl Reader {
    pub fn new(plane: EqualArea) -> Self {
        Self { plane, degrees: Vec::new(), places: Vec::new(), ends: Vec::new() }
    }

    /// The outline of a geometry; points and lines in a collection have none.
    pub fn outline(&mut self, ewkb: &[u8]) -> Result<Outline, Fault> {
        self.places.clear();
        self.ends.clear();
        self.geometry(&mut Bytes { rest: ewkb, little: true, dimensions: 2 }, 0)?;
        Ok(Outline::new(&self.places, &self.ends))
    }

    fn geometry(&mut self, bytes: &mut Bytes<'_>, depth: u8) -> Result<(), Fault> {
        bytes.little = bytes.take::<1>()? == [1];
        let kind = bytes.u32()?;
        bytes.dimensions =
            2 + usize::from(kind & 0x8000_0000 != 0) + usize::from(kind & 0x4000_0000 != 0);
        if kind & 0x2000_0000 != 0 {
            bytes.u32()?;
        }
        match kind & 0x0fff_ffff {
            1 => bytes.skip(1),
            2 => {
                let count = bytes.u32()?;
                bytes.skip(count)
            }
            3 => {
                for _ in 0..bytes.u32()? {
                    self.ring(bytes)?;
                }
                Ok(())
            }
            4..=7 if depth < DEPTH => {
                for _ in 0..bytes.u32()? {
                    self.geometry(bytes, depth + 1)?;
                }
                Ok(())
            }
            it => Err(Fault::Kind(it)),
        }
    }

    fn ring(&mut self, bytes: &mut Bytes<'_>) -> Result<(), Fault> {
        let count = bytes.u32()?;
        self.degrees.clear();
        bytes.places(count, &mut self.degrees)?;
        if self.degrees.len() > 1 && self.degrees.first() == self.degrees.last() {
            self.degrees.pop();
        }
        self.plane.ring(&self.degrees, &mut self.places);
        self.ends.push(u32::try_from(self.places.len()).map_err(|_| Fault::Broken)?);
        Ok(())
    }
}

struct Bytes<'a> {
    rest: &'a [u8],
    little: bool,
    dimensions: usize,
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (it, rest) = self.rest.split_first_chunk().ok_or(Fault::Broken)?;
        self.rest = rest;
        Ok(*it)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        let it = self.take()?;
        Ok(if self.little { u32::from_le_bytes(it) } else { u32::from_be_bytes(it) })
    }

    fn length(&self, count: u32) -> Result<usize, Fault> {
        (count as usize).checked_mul(self.dimensions * 8).ok_or(Fault::Broken)
    }

    fn skip(&mut self, count: u32) -> Result<(), Fault> {
        self.rest = self.rest.get(self.length(count)?..).ok_or(Fault::Broken)?;
        Ok(())
    }

    fn places(&mut self, count: u32, out: &mut Vec<Place>) -> Result<(), Fault> {
        let (places, rest) =
            self.rest.split_at_checked(self.length(count)?).ok_or(Fault::Broken)?;
        self.rest = rest;
        let number = |it: &[u8]| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(it);
            if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }
        };
        let places = places.chunks_exact(self.dimensions * 8);
        out.extend(places.map(|it| [number(&it[..8]), number(&it[8..16])]));
        Ok(())
    }
}
