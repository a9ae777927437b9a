//! What is known of a parcel, its buildings and its occupants.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;

use crate::judgement::measures::Guide;
use crate::judgement::measures::HIGH_STOREY_M;
use crate::measure;

/// Which area a parcel's measures divide by.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AreaBasis")]
pub enum Basis {
    /// The area of the certificate, a legal figure.
    #[default]
    Registered,
    /// The area of the geometry on the ellipsoid.
    Measured,
}

impl Basis {
    /// The name in configuration, API and database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Measured => "measured",
        }
    }
}

/// One year's figures of an enterprise or of a parcel itself. Nothing is a figure that was not reported, never zero.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// 评价税收.
    pub tax_wan: Option<Decimal>,
    pub output_wan: Option<Decimal>,
    pub value_added_wan: Option<Decimal>,
    pub energy_tce: Option<Decimal>,
    pub employees: Option<Decimal>,
    /// Of a parcel only.
    pub assessed_value_wan: Option<Decimal>,
}

impl Figures {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A place that an enterprise occupies on one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation<'a> {
    pub parcel_code: &'a str,
    /// The part of the enterprise's figures that was agreed to belong here, 0 to 1.
    pub share: Option<Decimal>,
    pub land_m2: Option<Decimal>,
    pub floor_m2: Option<Decimal>,
}

/// The part of an enterprise that is on one parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `part` of `total`, in m² of land or of floor, or of 1; kept apart so that figures are multiplied before they are
    /// divided. `before` is what parcels of a smaller code have: all parts of a figure lie side by side on one scale.
    Of { before: Decimal, part: Decimal, total: Decimal },
    /// Several parcels, and neither shares nor land nor floor to split by.
    Unknown,
}

impl Part {
    /// All of an enterprise that has one parcel.
    pub const fn whole() -> Self {
        Self::Of { before: Decimal::ZERO, part: Decimal::ONE, total: Decimal::ONE }
    }

    /// A holder who uses none of the parcel himself.
    pub const fn nothing() -> Self {
        Self::Of { before: Decimal::ZERO, part: Decimal::ZERO, total: Decimal::ONE }
    }

    /// Whether it is certain that nothing of the enterprise is here.
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::Of { part, .. } if part.is_zero())
    }

    /// This part of an enterprise's figure, in millionths (万元: to the cent). The cuts between parts are rounded, not the
    /// parts: they sum to what was reported, to the last digit.
    pub fn take(self, figure: Decimal) -> Option<Decimal> {
        let Self::Of { before, part, total } = self else { return None };
        let cut = |upto: Decimal| measure::stored(figure.checked_mul(upto)?.checked_div(total)?);
        cut(before.checked_add(part)?)?.checked_sub(cut(before)?)
    }
}

/// The part of an enterprise on `parcel_code`, from all places that it occupies.
///
/// As agreed when every place has its share; else in proportion to land when every place has its land, else to floor when
/// every place has its floor; an enterprise with one parcel is there whole. Shares of more than the whole are no answer.
pub fn part_of(parcel_code: &str, places: &[Allocation<'_>]) -> Part {
    if !places.iter().any(|it| it.parcel_code == parcel_code) {
        return Part::nothing();
    }
    if let Some((before, part, total)) = sums(parcel_code, places, |it| it.share) {
        if total > Decimal::ONE {
            return Part::Unknown;
        }
        return Part::Of { before, part, total: Decimal::ONE };
    }
    if places.iter().all(|it| it.parcel_code == parcel_code) {
        return Part::whole();
    }
    let split = |weight: fn(&Allocation<'_>) -> Option<Decimal>| {
        let (before, part, total) = sums(parcel_code, places, weight)?;
        (total > Decimal::ZERO).then_some(Part::Of { before, part, total })
    };
    split(|it| it.land_m2).or_else(|| split(|it| it.floor_m2)).unwrap_or(Part::Unknown)
}

/// What parcels of smaller codes weigh, what this one does, and all together. Nothing unless every place has its weight.
fn sums(
    parcel_code: &str,
    places: &[Allocation<'_>],
    weight: fn(&Allocation<'_>) -> Option<Decimal>,
) -> Option<(Decimal, Decimal, Decimal)> {
    let (mut before, mut part, mut total) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for place in places {
        let it = weight(place).filter(|it| *it >= Decimal::ZERO)?;
        total = total.checked_add(it)?;
        match place.parcel_code.cmp(parcel_code) {
            Ordering::Less => before = before.checked_add(it)?,
            Ordering::Equal => part = part.checked_add(it)?,
            Ordering::Greater => {}
        }
    }
    Some((before, part, total))
}

/// An enterprise on the parcel: once, however many places it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupant {
    pub uscc: String,
    /// Its part on the parcel: in the year, the one before, two before. Nothing: it was not here at that year's end.
    pub parts: [Option<Part>; 3],
    /// The whole enterprise's figures of the same years.
    pub years: [Figures; 3],
}

impl Occupant {
    /// Its part in that year, where it has one that counts.
    pub fn part(&self, ago: usize) -> Option<Part> {
        self.parts[ago].filter(|it| !it.is_nothing())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Building {
    pub floor_area_m2: Option<Decimal>,
    pub footprint_m2: Option<Decimal>,
    pub storey_height_m: Option<Decimal>,
    pub vacant_area_m2: Option<Decimal>,
}

impl Building {
    /// Floor area as the ratio counts it: twice where storeys are over 8 m.
    pub fn counted_floor_area_m2(&self) -> Option<Decimal> {
        let twice = self.storey_height_m.is_some_and(|it| it > HIGH_STOREY_M);
        self.floor_area_m2?.checked_mul(Decimal::from(if twice { 2 } else { 1 }))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParcelFacts {
    pub basis: Basis,
    pub area_registered_m2: Option<Decimal>,
    pub area_geom_m2: Option<Decimal>,
    /// Floor area as the register has it; wins over the buildings' sum.
    pub gfa_m2: Option<Decimal>,
    pub far_reported: Option<Decimal>,
    pub buildings: Vec<Building>,
    pub occupants: Vec<Occupant>,
    /// Figures reported for the parcel itself: the year, the one before, two before. They win over its occupants'.
    pub own: [Figures; 3],
    /// What its sector was expected to yield: in the year, the one before, two before.
    pub guides: [Guide; 3],
}
