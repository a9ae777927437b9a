//! A parcel's facts as named measures: what rules compare, what the map colours, what `parcel_measure` stores.
//!
//! Each is computed from unrounded facts and rounded once, to `numeric(18,6)`. A missing figure makes its measure
//! missing, and a note says whose figure it was.

mod catalogue;
mod contributions;
mod facts;
mod guide;
mod supplier;

pub use catalogue::MEASURES;
pub use catalogue::Measure;
pub use catalogue::fields;
pub use contributions::Contribution;
pub use contributions::contributions;
pub use facts::Allocation;
pub use facts::Basis;
pub use facts::Building;
pub use facts::Figures;
pub use facts::Occupant;
pub use facts::ParcelFacts;
pub use facts::Part;
pub use facts::part_of;
pub use guide::Guide;
pub use guide::Guides;
pub use supplier::register_keeper;
pub use supplier::supplier;
pub use supplier::title;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::cql::Row;
use crate::cql::Value;
use crate::layer::Text;
use crate::measure;

/// Storeys above this height count twice in the floor area ratio (工业项目建设用地控制指标).
pub const HIGH_STOREY_M: Decimal = Decimal::from_parts(8, 0, 0, false, 0);

/// Why a measure is missing, or where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    pub measure: &'static str,
    pub text: Text,
}

/// A parcel's measures for one year; all names of [`MEASURES`], in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelMeasures {
    pub values: IndexMap<&'static str, Option<Decimal>>,
    /// The area that the measures per 亩 divide by, or nothing when neither is known.
    pub area_basis: Option<Basis>,
    pub notes: Vec<Note>,
}

impl Row for ParcelMeasures {
    fn get(&self, name: &str) -> Value<'_> {
        self.values.get(name).copied().flatten().into()
    }
}

/// Computes all measures of a parcel.
pub fn measures(facts: &ParcelFacts) -> ParcelMeasures {
    let mut notes = Vec::new();
    let (area_m2, area_basis) = area(facts, &mut notes).unzip();
    let in_mu = area_m2.map(measure::mu_from_m2);
    let mut sum = |name, year: usize, pick: Pick| total(facts, name, year, pick, &mut notes);
    let tax = sum("tax_wan", 0, |it| it.tax_wan);
    let tax_prev1 = sum("tax_wan_per_mu_prev1", 1, |it| it.tax_wan);
    let tax_prev2 = sum("tax_wan_per_mu_prev2", 2, |it| it.tax_wan);
    let output = sum("output_wan", 0, |it| it.output_wan);
    let value_added = sum("value_added_wan", 0, |it| it.value_added_wan);
    let energy = sum("energy_tce", 0, |it| it.energy_tce);
    let employees = sum("employees", 0, |it| it.employees);
    let assessed = facts.own[0].assessed_value_wan;
    let gfa_m2 = floor_area(facts);
    let far = floor_area_ratio(facts, gfa_m2, area_m2, &mut notes);
    let footprint_m2 = sum_of(facts.buildings.iter().map(|it| it.footprint_m2));
    let present = || facts.occupants.iter().filter(|it| it.parts[0].is_some());
    let reported = present().filter(|it| !it.years[0].is_empty()).count();

    let per = |over: Option<Decimal>, under: Option<Decimal>| measure::ratio(over?, under?);
    let guide = |ago: usize| facts.guides[ago].tax_wan_per_mu.and_then(measure::stored);
    let per_mu = [per(tax, in_mu), per(tax_prev1, in_mu), per(tax_prev2, in_mu)];
    // Each year against the guide of that year.
    let below = std::array::from_fn(|ago| Some(per_mu[ago]? < guide(ago)?));
    let values = [
        ("area_mu", in_mu.and_then(measure::stored)),
        ("tax_wan", tax.and_then(measure::stored)),
        ("output_wan", output.and_then(measure::stored)),
        ("value_added_wan", value_added.and_then(measure::stored)),
        ("energy_tce", energy.and_then(measure::stored)),
        ("employees", employees.and_then(measure::stored)),
        ("assessed_value_wan", assessed.and_then(measure::stored)),
        ("tax_wan_per_mu", per_mu[0]),
        ("output_wan_per_mu", per(output, in_mu)),
        ("value_added_wan_per_mu", per(value_added, in_mu)),
        ("value_added_wan_per_tce", per(value_added, energy)),
        ("assessed_value_wan_per_mu", per(assessed, in_mu)),
        ("tax_wan_per_mu_prev1", per_mu[1]),
        ("tax_wan_per_mu_prev2", per_mu[2]),
        (
            "years_without_tax",
            in_a_row([tax, tax_prev1, tax_prev2].map(|it| Some(it? <= Decimal::ZERO))),
        ),
        ("far", far),
        ("coverage", per(footprint_m2, area_m2)),
        ("vacancy", vacancy(facts)),
        ("gfa_m2", gfa_m2.and_then(measure::stored)),
        ("enterprise_count", Some(Decimal::from(present().count()))),
        ("enterprises_reported", Some(Decimal::from(reported))),
        ("sector_far_min", facts.guides[0].far_min.and_then(measure::stored)),
        ("sector_tax_guide_wan_per_mu", guide(0)),
        ("years_tax_below_guide", in_a_row(below)),
    ];
    ParcelMeasures { values: IndexMap::from(values), area_basis, notes }
}

type Pick = fn(&Figures) -> Option<Decimal>;

/// The area on the chosen basis, or on the other when that is missing.
fn area(facts: &ParcelFacts, notes: &mut Vec<Note>) -> Option<(Decimal, Basis)> {
    let known = |it: Option<Decimal>| it.filter(|it| *it > Decimal::ZERO);
    let registered = known(facts.area_registered_m2).map(|it| (it, Basis::Registered));
    let measured = known(facts.area_geom_m2).map(|it| (it, Basis::Measured));
    let (chosen, other) = match facts.basis {
        Basis::Registered => (registered, measured),
        Basis::Measured => (measured, registered),
    };
    if chosen.is_none() {
        let text = match other {
            Some((_, Basis::Measured)) => {
                Text::new("缺证载面积，用实测面积", "no registered area; the measured one is used")
            }
            Some((_, Basis::Registered)) => {
                Text::new("缺实测面积，用证载面积", "no measured area; the registered one is used")
            }
            None => Text::new("缺面积", "no area"),
        };
        notes.push(Note { measure: "area_mu", text });
    }
    chosen.or(other)
}

/// A figure of the whole parcel: its own where it has one, else the sum of its occupants' parts.
fn total(
    facts: &ParcelFacts,
    measure: &'static str,
    year: usize,
    pick: Pick,
    notes: &mut Vec<Note>,
) -> Option<Decimal> {
    if let Some(own) = pick(&facts.own[year]) {
        let text = Text::new("按宗地填报数", "the parcel's own figure");
        notes.push(Note { measure, text });
        return Some(own);
    }
    // A firm with no part of the parcel adds nothing, whether it reported or not.
    let here: Vec<(&Occupant, Part)> =
        facts.occupants.iter().filter_map(|it| Some((it, it.part(year)?))).collect();
    if here.is_empty() {
        notes.push(Note {
            measure,
            text: Text::new("无企业数据", "no occupant, and no figure of its own"),
        });
        return None;
    }
    let reported = here.iter().filter(|(it, _)| pick(&it.years[year]).is_some()).count();
    if reported < here.len() {
        let (some, all) = (reported, here.len());
        let text = Text::new(
            format!("{all} 户中 {some} 户有数"),
            format!("{some} of {all} occupants reported"),
        );
        notes.push(Note { measure, text });
        return None;
    }
    let unsplit = here.iter().filter(|(_, part)| *part == Part::Unknown).count();
    if unsplit > 0 {
        let text = Text::new(
            format!("{unsplit} 户跨多宗地，分摊面积或比例不全或有误"),
            format!("{unsplit} occupants hold several parcels with no area or share to split by"),
        );
        notes.push(Note { measure, text });
        return None;
    }
    sum_of(here.iter().map(|(it, part)| part.take(pick(&it.years[year])?)))
}

/// A sum that is missing when any part is, and when there are no parts.
fn sum_of(parts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let mut parts = parts.peekable();
    parts.peek()?;
    parts.try_fold(Decimal::ZERO, |sum, it| sum.checked_add(it?))
}

/// 空置率: vacant floor ÷ floor of the buildings; unknown while any of them is.
fn vacancy(facts: &ParcelFacts) -> Option<Decimal> {
    let vacant = sum_of(facts.buildings.iter().map(|it| it.vacant_area_m2))?;
    measure::ratio(vacant, sum_of(facts.buildings.iter().map(|it| it.floor_area_m2))?)
}

fn floor_area(facts: &ParcelFacts) -> Option<Decimal> {
    facts.gfa_m2.or_else(|| sum_of(facts.buildings.iter().map(|it| it.floor_area_m2)))
}

/// 容积率: from the buildings where all their floor areas are known, else as reported, else from the parcel's floor area.
fn floor_area_ratio(
    facts: &ParcelFacts,
    gfa_m2: Option<Decimal>,
    area_m2: Option<Decimal>,
    notes: &mut Vec<Note>,
) -> Option<Decimal> {
    let counted = sum_of(facts.buildings.iter().map(Building::counted_floor_area_m2));
    if let Some(counted) = counted {
        let unknown = facts.buildings.iter().filter(|it| it.storey_height_m.is_none()).count();
        if unknown > 0 {
            let text = Text::new(
                format!("{unknown} 幢缺层高，按不超过 8 米计"),
                format!("{unknown} buildings without storey height count as 8 m or lower"),
            );
            notes.push(Note { measure: "far", text });
        }
        return measure::ratio(counted, area_m2?);
    }
    match facts.far_reported {
        Some(far) => {
            notes.push(Note {
                measure: "far",
                text: Text::new("按填报容积率", "the ratio as reported"),
            });
            measure::stored(far)
        }
        None => measure::ratio(gfa_m2?, area_m2?),
    }
}

/// Of how many of the last years in a row, the latest first, it is so. Unknown once a missing year could lengthen the row:
/// two known years and a missing third are not "two".
fn in_a_row(years_so: [Option<bool>; 3]) -> Option<Decimal> {
    let mut years = 0;
    for so in years_so {
        if !so? {
            break;
        }
        years += 1;
    }
    Some(Decimal::from(years))
}

#[cfg(test)]
mod tests;
