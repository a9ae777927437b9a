//! One parcel's outline in flat memory, and as bytes for the way through a temporary file.

use geo::LineString;
use geo::MultiPolygon;
use geo::Polygon;

use super::Point;

/// Whose a parcel is, in the order in which pairs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The file's, by its row.
    File(u64),
    /// The register's, by the version's number.
    Register(i64),
}

/// A parcel: where it is from, its code, its measured area and its rings in degrees.
#[derive(Debug)]
pub struct Outline {
    pub whose: Whose,
    pub code: String,
    pub area_m2: f64,
    pub low: Point,
    pub high: Point,
    /// Ends of rings in `points`, and whether they are outer ones; a ring begins where the one before ends.
    ends: Vec<(u32, bool)>,
    points: Vec<Point>,
}

/// In a ring's length: the ring is an outer one.
const OUTER: u32 = 1 << 31;

impl Outline {
    pub fn rings(&self) -> impl Iterator<Item = &[Point]> {
        self.with_kinds().map(|(ring, _)| ring)
    }

    fn with_kinds(&self) -> impl Iterator<Item = (&[Point], bool)> {
        let mut from = 0;
        self.ends.iter().map(move |(end, is_outer)| {
            let to = *end as usize;
            let ring = &self.points[from..to];
            from = to;
            (ring, *is_outer)
        })
    }

    pub fn vertices(&self) -> usize {
        self.points.len()
    }

    pub fn polygons(&self) -> MultiPolygon<f64> {
        let mut polygons: Vec<Polygon<f64>> = Vec::new();
        for (ring, is_outer) in self.with_kinds() {
            let line = LineString::from(ring.to_vec());
            match polygons.last_mut() {
                Some(it) if !is_outer => it.interiors_push(line),
                _ => polygons.push(Polygon::new(line, Vec::new())),
            }
        }
        MultiPolygon(polygons)
    }

    /// Whether a point is inside, by the number of edges west of it.
    pub fn contains(&self, at: Point) -> bool {
        if at[0] < self.low[0]
            || at[0] > self.high[0]
            || at[1] < self.low[1]
            || at[1] > self.high[1]
        {
            return false;
        }
        let mut inside = false;
        for ring in self.rings() {
            for edge in ring.windows(2) {
                let ([ax, ay], [bx, by]) = (edge[0], edge[1]);
                if (ay > at[1]) != (by > at[1]) && at[0] < (bx - ax) * (at[1] - ay) / (by - ay) + ax
                {
                    inside = !inside;
                }
            }
        }
        inside
    }

    /// Appends a parcel as bytes and returns its southern end. Nothing is written, and `None` returned, where it has no place.
    pub fn write(
        out: &mut Vec<u8>,
        whose: Whose,
        code: &str,
        area_m2: f64,
        polygons: &MultiPolygon<f64>,
    ) -> Option<f64> {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let mut rings = 0_u32;
        for ring in polygons.0.iter().flat_map(rings_of) {
            rings += 1;
            for it in &ring.0.0 {
                low = [low[0].min(it.x), low[1].min(it.y)];
                high = [high[0].max(it.x), high[1].max(it.y)];
            }
        }
        if !low.iter().chain(&high).all(|it| it.is_finite()) {
            return None;
        }
        let (kind, number) = match whose {
            Whose::File(row) => (0_u8, row.to_le_bytes()),
            Whose::Register(row_id) => (1, row_id.to_le_bytes()),
        };
        out.push(kind);
        out.extend_from_slice(&number);
        for it in [area_m2, low[0], low[1], high[0], high[1]] {
            out.extend_from_slice(&it.to_le_bytes());
        }
        out.extend_from_slice(&length(code.len()).to_le_bytes());
        out.extend_from_slice(code.as_bytes());
        out.extend_from_slice(&rings.to_le_bytes());
        for (ring, is_outer) in polygons.0.iter().flat_map(rings_of) {
            let count = length(ring.0.len()) | if is_outer { OUTER } else { 0 };
            out.extend_from_slice(&count.to_le_bytes());
            for it in &ring.0 {
                out.extend_from_slice(&it.x.to_le_bytes());
                out.extend_from_slice(&it.y.to_le_bytes());
            }
        }
        Some(low[1])
    }

    /// Reads what [`Outline::write`] wrote. `None`: these are not its bytes.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let from = &mut bytes;
        let kind = take::<1>(from)?;
        let number = take::<8>(from)?;
        let whose = match kind {
            [0] => Whose::File(u64::from_le_bytes(number)),
            _ => Whose::Register(i64::from_le_bytes(number)),
        };
        let area_m2 = float(from)?;
        let low = [float(from)?, float(from)?];
        let high = [float(from)?, float(from)?];
        let code = count(from)?;
        let code = String::from_utf8(from.split_off(..code)?.to_vec()).ok()?;
        let rings = count(from)?;
        let mut it = Self {
            whose,
            code,
            area_m2,
            low,
            high,
            ends: Vec::with_capacity(rings),
            points: Vec::with_capacity(from.len() / 16),
        };
        for _ in 0..rings {
            let count = u32::from_le_bytes(take::<4>(from)?);
            for _ in 0..count & !OUTER {
                it.points.push([float(from)?, float(from)?]);
            }
            it.ends.push((length(it.points.len()), count & OUTER != 0));
        }
        Some(it)
    }
}

fn rings_of(polygon: &Polygon<f64>) -> impl Iterator<Item = (&LineString<f64>, bool)> {
    let inner = polygon.interiors().iter().map(|it| (it, false));
    std::iter::once((polygon.exterior(), true)).chain(inner)
}

/// A geometry has at most a million vertices, a code a hundred thousand bytes.
fn length(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (it, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*it)
}

fn float(from: &mut &[u8]) -> Option<f64> {
    take::<8>(from).map(f64::from_le_bytes)
}

fn count(from: &mut &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(take::<4>(from)?)).ok()
}
