//! The outline of a parcel or a plan's polygon in the plane: any number of rings, filled where an odd number of them winds
//! around a place. Rings are turned so that the filled side is on their left, whatever way they came.

use super::plain;
use super::unite;

/// Metres east and north, or longitude and latitude where a name says degrees.
pub type Place = [f64; 2];

/// West, south, east, north in metres. Empty ones have no west.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub low: Place,
    pub high: Place,
}

impl Bounds {
    pub const EMPTY: Self = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2] };

    pub fn of(places: &[Place]) -> Self {
        let mut it = Self::EMPTY;
        for [x, y] in places {
            it.low = [it.low[0].min(*x), it.low[1].min(*y)];
            it.high = [it.high[0].max(*x), it.high[1].max(*y)];
        }
        it
    }

    /// Whether they have a place in common, be it at their edges.
    pub fn meets(&self, other: &Self) -> bool {
        (0..2).all(|it| self.low[it] <= other.high[it] && other.low[it] <= self.high[it])
    }

    /// Around both.
    #[must_use]
    pub fn joined(self, other: &Self) -> Self {
        let mut it = self;
        for axis in 0..2 {
            it.low[axis] = it.low[axis].min(other.low[axis]);
            it.high[axis] = it.high[axis].max(other.high[axis]);
        }
        it
    }

    pub fn contains(&self, other: &Self) -> bool {
        (0..2).all(|it| self.low[it] <= other.low[it] && other.high[it] <= self.high[it])
    }
}

/// Rings in the plane; places are not repeated at a ring's end.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    places: Box<[Place]>,
    /// Ends of rings among the places; empty where there is only one.
    ends: Box<[u32]>,
    pub bounds: Bounds,
    /// m².
    pub area_m2: f64,
    /// No two edges touch but neighbours where they meet.
    pub(super) is_plain: bool,
}

impl Outline {
    /// From places and the ends of the rings among them. Rings that cross themselves or each other stay as they are, and
    /// `area_m2` of those is not to be relied on: see [`Outline::repaired`]. Empty where a place is not a number.
    pub fn new(places: &[Place], ends: &[u32]) -> Self {
        let mut kept: Vec<Place> = Vec::with_capacity(places.len());
        let mut kept_ends = Vec::with_capacity(ends.len());
        let mut from = 0;
        if !places.iter().flatten().all(|it| it.is_finite()) {
            return Self::empty();
        }
        for end in ends {
            let start = kept.len();
            for place in &places[from..*end as usize] {
                if kept.len() == start || kept.last() != Some(place) {
                    kept.push(*place);
                }
            }
            from = *end as usize;
            while kept.len() > start + 1 && kept.last() == Some(&kept[start]) {
                kept.pop();
            }
            if kept.len() < start + 3 {
                kept.truncate(start);
            } else {
                kept_ends.push(u32::try_from(kept.len()).unwrap_or(u32::MAX));
            }
        }
        Self::turned(kept, kept_ends)
    }

    fn empty() -> Self {
        Self {
            places: Box::default(),
            ends: Box::default(),
            bounds: Bounds::EMPTY,
            area_m2: 0.0,
            is_plain: true,
        }
    }

    fn turned(mut places: Vec<Place>, ends: Vec<u32>) -> Self {
        if ends.is_empty() {
            return Self::empty();
        }
        let is_plain = plain::is_plain(&places, &ends);
        let mut area_m2 = 0.0;
        let mut from = 0;
        for nth in 0..ends.len() {
            let end = ends[nth] as usize;
            let wanted = if is_plain && plain::is_hole(&places, &ends, nth) { -1.0 } else { 1.0 };
            let ring = &mut places[from..end];
            let mut area = ring_area(ring);
            if area * wanted < 0.0 {
                ring.reverse();
                area = -area;
            }
            area_m2 += area;
            from = end;
        }
        let bounds = Bounds::of(&places);
        let ends = if ends.len() == 1 { Box::default() } else { ends.into_boxed_slice() };
        Self { places: places.into_boxed_slice(), ends, bounds, area_m2, is_plain }
    }

    /// With rings that touch or cross taken apart: filled where an odd number of them winds around, as `ST_MakeValid` does
    /// it. Corners it makes are right to about 4e-9 of its extent.
    #[must_use]
    pub fn repaired(self) -> Self {
        if self.is_plain {
            return self;
        }
        let (places, ends) = unite::even_odd(&self);
        if ends.is_empty() {
            return Self::empty();
        }
        // Turned already; what still touches does so at corners only.
        let mut it = Self {
            bounds: Bounds::of(&places),
            area_m2: 0.0,
            is_plain: true,
            places: places.into_boxed_slice(),
            ends: ends.into_boxed_slice(),
        };
        it.area_m2 = it.rings().map(ring_area).sum();
        it
    }

    /// The rings, outer ones counter-clockwise, where the outline is plain.
    pub fn rings(&self) -> impl Iterator<Item = &[Place]> {
        let last = self.ends.is_empty().then_some(self.places.len());
        let ends = self.ends.iter().map(|it| *it as usize).chain(last);
        ends.scan(0, |from, end| {
            let ring = &self.places[*from..end];
            *from = end;
            Some(ring)
        })
    }

    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// Memory of its own.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.places) + size_of_val(&*self.ends)
    }
}

/// m², positive where the ring runs counter-clockwise.
pub fn ring_area(ring: &[Place]) -> f64 {
    let (Some(origin), Some(mut last)) = (ring.first(), ring.last()) else { return 0.0 };
    let mut twice = 0.0;
    // From a corner of its own: far from the centre little would be left of the digits.
    for at in ring {
        twice += (last[0] - origin[0]) * (at[1] - origin[1])
            - (at[0] - origin[0]) * (last[1] - origin[1]);
        last = at;
    }
    twice / 2.0
}
