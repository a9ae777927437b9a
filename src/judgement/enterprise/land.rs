//! How much land each enterprise uses: what was registered for it, with what it rents and without what it lets.
//!
//! A parcel's land goes to its users: as it was stated, else leased floor ÷ the parcel's floor area ratio, else all of it
//! to the only user, else what the others leave to the holder. What a holder states in gross is lessened by what it lets.
//! The users of a parcel never have more than there is: where they would, nobody knows how much any of them has.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::judgement::measures::Note;
use crate::layer::Text;

/// What one statement of land may be off by rounding, in m².
const ROUNDING_M2: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// A use of a parcel, as the register has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub uscc: String,
    /// 持有, 自用, 承租, 转租.
    pub role: Option<String>,
    pub land_m2: Option<Decimal>,
    pub floor_m2: Option<Decimal>,
}

impl Use {
    fn rents(&self) -> bool {
        matches!(self.role.as_deref(), Some("承租" | "转租"))
    }
}

/// A parcel and who uses it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parcel {
    pub parcel_code: String,
    /// On the basis of the run; nothing where no area is known.
    pub area_m2: Option<Decimal>,
    /// Floor ÷ land, each storey counted once: leased floor is divided by it.
    pub floor_ratio: Option<Decimal>,
    pub holder_uscc: Option<String>,
    pub uses: Vec<Use>,
}

/// An enterprise's land on all its parcels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Land {
    /// Nothing where any part of it is not known, or there is none.
    pub area_m2: Option<Decimal>,
    pub notes: Vec<Note>,
}

/// The land of every enterprise that uses or holds a parcel.
pub fn allocate(parcels: &[Parcel]) -> BTreeMap<String, Land> {
    let mut all: BTreeMap<String, (Vec<Option<Decimal>>, Vec<Note>)> = BTreeMap::new();
    for parcel in parcels {
        for (uscc, part) in parts(parcel) {
            let (sum, notes) = all.entry(uscc).or_default();
            sum.push(part.area_m2);
            notes.extend(part.note.iter().map(|it| note(&parcel.parcel_code, it)));
        }
    }
    let lands = all.into_iter().map(|(uscc, (parts, notes))| {
        let sum = parts.into_iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(it?));
        (uscc, Land { area_m2: sum, notes })
    });
    lands.collect()
}

/// One enterprise's part of one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    area_m2: Option<Decimal>,
    note: Option<Text>,
}

fn note(parcel_code: &str, it: &Text) -> Note {
    let text = Text::new(
        format!("宗地 {parcel_code}：{}", it.zh),
        format!("parcel {parcel_code}: {}", it.en),
    );
    Note { measure: "land_mu", text }
}

fn parts(parcel: &Parcel) -> BTreeMap<String, Part> {
    let users: BTreeSet<&str> = parcel.uses.iter().map(|it| it.uscc.as_str()).collect();
    let unknown = |text: &Text| -> BTreeMap<String, Part> {
        let part = Part { area_m2: None, note: Some(text.clone()) };
        users.iter().map(|it| ((*it).to_owned(), part.clone())).collect()
    };
    let Some(area) = parcel.area_m2.filter(|it| *it > Decimal::ZERO) else {
        return unknown(&Text::new("缺面积", "it has no area"));
    };
    let mut stated: BTreeMap<&str, Option<Decimal>> = BTreeMap::new();
    let (mut rented, mut by_floor) = (Decimal::ZERO, BTreeSet::new());
    for it in &parcel.uses {
        let land = it.land_m2.filter(|it| *it >= Decimal::ZERO);
        let own = land.or_else(|| {
            let land =
                it.floor_m2.filter(|it| *it >= Decimal::ZERO)?.checked_div(parcel.floor_ratio?)?;
            by_floor.insert(it.uscc.as_str());
            Some(land)
        });
        if let Some(own) = own.filter(|_| it.rents()) {
            rented = rented.saturating_add(own);
        }
        let sum = stated.entry(&it.uscc).or_insert(Some(Decimal::ZERO));
        *sum = sum.zip(own).and_then(|(sum, own)| sum.checked_add(own));
    }
    let open: Vec<&str> = stated.iter().filter(|(_, it)| it.is_none()).map(|(it, _)| *it).collect();
    let mut known: Decimal =
        stated.values().flatten().fold(Decimal::ZERO, |sum, it| sum.saturating_add(*it));
    let slack = ROUNDING_M2 * Decimal::from(parcel.uses.len());
    let holds = |uscc: &str| parcel.uses.iter().filter(|it| it.uscc == uscc).all(|it| !it.rents());
    let mut notes: BTreeMap<&str, Text> =
        by_floor.into_iter().map(|it| (it, FLOOR.text())).collect();
    match open[..] {
        [] => {}
        [only] if users.len() == 1 || holds(only) => {
            // All of it to the only user; to a holder what the others leave.
            if known > area.saturating_add(slack) {
                return unknown(&too_much(known, area));
            }
            let rest = area.saturating_sub(known).max(Decimal::ZERO);
            known = known.saturating_add(rest);
            stated.insert(only, Some(rest));
            notes.insert(only, if users.len() == 1 { WHOLE.text() } else { REST.text() });
        }
        _ => {
            let mut parts = unknown(&UNSTATED.text());
            for (uscc, land) in &stated {
                if let (Some(land), Some(part)) = (land, parts.get_mut(*uscc)) {
                    *part = Part { area_m2: Some(*land), note: notes.remove(uscc) };
                }
            }
            return if known > area.saturating_add(slack) {
                unknown(&too_much(known, area))
            } else {
                parts
            };
        }
    }
    let excess = known.saturating_sub(area);
    if excess > slack {
        // Stated in gross by the one holder: what it lets is another's.
        let holders: Vec<&str> = users.iter().copied().filter(|it| holds(it)).collect();
        let [holder] = holders[..] else { return unknown(&too_much(known, area)) };
        let own = stated.get(holder).copied().flatten().unwrap_or_default();
        if excess > rented.saturating_add(slack) || excess > own || !open.is_empty() {
            return unknown(&too_much(known, area));
        }
        stated.insert(holder, Some(own - excess));
        notes.insert(holder, LET.text());
    }
    let mut parts: BTreeMap<String, Part> = stated
        .into_iter()
        .map(|(uscc, area_m2)| (uscc.to_owned(), Part { area_m2, note: notes.remove(uscc) }))
        .collect();
    // A holder whom nobody noted as a user has what the users leave.
    if let Some(holder) = parcel.holder_uscc.as_ref().filter(|it| !users.contains(it.as_str())) {
        let rest = area.saturating_sub(known);
        if rest > slack || users.is_empty() {
            let part = Part { area_m2: Some(rest.max(Decimal::ZERO)), note: Some(REST.text()) };
            parts.insert(holder.clone(), part);
        }
    }
    parts
}

/// A sentence in both languages.
struct Said(&'static str, &'static str);

impl Said {
    fn text(&self) -> Text {
        Text::new(self.0, self.1)
    }
}

const FLOOR: Said = Said("按建筑面积 ÷ 容积率折算用地", "leased floor ÷ floor area ratio");
const WHOLE: Said = Said("独用，按宗地面积计", "the only user has all of it");
const REST: Said = Said("权利人得其余面积", "the holder has what the others leave");
const LET: Said = Said("已扣除出租面积", "without what it lets");
const UNSTATED: Said = Said(
    "多家使用而缺用地面积与建筑面积：由责任单位在用地关系中补齐",
    "several users, and neither land nor floor of this one: the responsible unit supplies them",
);

fn too_much(known: Decimal, area: Decimal) -> Text {
    let shown = |it: Decimal| crate::measure::shown(it, 2);
    Text::new(
        format!(
            "各家用地合计 {} m² 超过宗地 {} m²：由责任单位核对用地关系",
            shown(known),
            shown(area)
        ),
        format!(
            "its users' {} m² are more than the parcel's {} m²: the responsible unit checks who uses what",
            shown(known),
            shown(area)
        ),
    )
}
