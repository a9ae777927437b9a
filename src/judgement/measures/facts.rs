//! What is known of a parcel, its buildings and its occupants.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;

use crate::judgement::measures::HIGH_STOREY_M;

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
    pub land_m2: Option<Decimal>,
    pub floor_m2: Option<Decimal>,
}

/// The part of an enterprise that is on one parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `part` of `total`, in m² of land or of floor; kept apart so that figures are multiplied before they are divided.
    Of { part: Decimal, total: Decimal },
    /// Several parcels, and neither land nor floor to split by.
    Unknown,
}

impl Part {
    /// All of an enterprise that has one parcel.
    pub const fn whole() -> Self {
        Self::Of { part: Decimal::ONE, total: Decimal::ONE }
    }

    /// A holder who uses none of the parcel himself.
    pub const fn nothing() -> Self {
        Self::Of { part: Decimal::ZERO, total: Decimal::ONE }
    }

    /// This part of an enterprise's figure, unrounded.
    pub fn take(self, figure: Decimal) -> Option<Decimal> {
        match self {
            Self::Of { part, total } => figure.checked_mul(part)?.checked_div(total),
            Self::Unknown => None,
        }
    }
}

/// The part of an enterprise on `parcel_code`, from all places that it occupies.
///
/// In proportion to land when every place has its land, else to floor when every place has its floor; an enterprise
/// with one parcel is there whole.
pub fn part_of(parcel_code: &str, places: &[Allocation<'_>]) -> Part {
    if !places.iter().any(|it| it.parcel_code == parcel_code) {
        return Part::nothing();
    }
    if places.iter().all(|it| it.parcel_code == parcel_code) {
        return Part::whole();
    }
    let split = |area: fn(&Allocation<'_>) -> Option<Decimal>| {
        let mut part = Decimal::ZERO;
        let mut total = Decimal::ZERO;
        for place in places {
            let area_m2 = area(place).filter(|it| *it >= Decimal::ZERO)?;
            total = total.checked_add(area_m2)?;
            if place.parcel_code == parcel_code {
                part = part.checked_add(area_m2)?;
            }
        }
        if part.is_zero() && total > Decimal::ZERO {
            return Some(Part::nothing());
        }
        (total > Decimal::ZERO).then_some(Part::Of { part, total })
    };
    split(|it| it.land_m2).or_else(|| split(|it| it.floor_m2)).unwrap_or(Part::Unknown)
}

/// An enterprise on the parcel: once, however many places it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupant {
    pub uscc: String,
    pub part: Part,
    /// The whole enterprise's figures: the year, the one before, two before.
    pub years: [Figures; 3],
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Building {
    pub floor_area_m2: Option<Decimal>,
    pub footprint_m2: Option<Decimal>,
    pub storey_height_m: Option<Decimal>,
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
}
