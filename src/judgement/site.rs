//! Where a project finds room (招商选址): what speaks for a piece of land or a building and what against it, best first. What
//! nobody knows speaks for nothing.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::layer::Text;
use crate::measure;

use super::conformity::Outcome;

/// What a project asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub land_mu: Option<Decimal>,
    pub floor_m2: Option<Decimal>,
    /// GB/T 4754.
    pub sector: Option<String>,
    pub energy_tce: Option<Decimal>,
    pub near: bool,
}

/// What is offered, as far as it is known.
#[derive(Clone, Debug)]
pub struct Offer {
    /// 亩 of a parcel, m² of vacant floor of a building.
    pub size: Decimal,
    pub is_building: bool,
    /// Whether its status says that there is room.
    pub is_available: Option<bool>,
    /// Whether it was found low; `None`: to be verified, not evaluated or not to be read.
    pub is_low: Option<bool>,
    pub outcome: Outcome,
    /// What the conformity check found against it.
    pub plan: Vec<Text>,
    pub sector: Option<String>,
    /// What its users burn now and would leave.
    pub energy_tce: Option<Decimal>,
    pub distance_m: Option<Decimal>,
}

/// What a reason is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SiteCriterion")]
pub enum Criterion {
    Size,
    Availability,
    Plan,
    Sector,
    Energy,
    Near,
}

/// Which way it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SiteStance")]
pub enum Stance {
    For,
    Against,
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SiteReason")]
pub struct Reason {
    pub criterion: Criterion,
    pub stance: Stance,
    pub text: Text,
}

/// An offer with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    pub reasons: Vec<Reason>,
    /// Whether everything that was asked for is known and there.
    pub fits: bool,
    /// How much larger it is than asked for, as a ratio.
    pub surplus: Decimal,
}

/// Weighs one offer.
pub fn weigh(wanted: &Wanted, offer: &Offer) -> Weighed {
    let asked = if offer.is_building { wanted.floor_m2 } else { wanted.land_mu };
    let asked = asked.unwrap_or_default();
    let mut reasons = vec![size(asked, offer), availability(offer), plan(offer)];
    reasons.extend(wanted.sector.as_deref().map(|it| sector(it, offer)));
    reasons.extend(wanted.energy_tce.map(|it| energy(it, offer)));
    if wanted.near {
        reasons.push(near(offer));
    }
    Weighed {
        fits: reasons.iter().all(|it| it.stance == Stance::For),
        reasons,
        surplus: measure::ratio(offer.size, asked).unwrap_or(Decimal::ONE),
    }
}

/// Better first; equals are for the caller to tell apart.
pub fn compare(a: &Weighed, b: &Weighed) -> Ordering {
    let count = |it: &Weighed, of: Stance| it.reasons.iter().filter(|it| it.stance == of).count();
    count(a, Stance::Against)
        .cmp(&count(b, Stance::Against))
        .then_with(|| count(a, Stance::Unknown).cmp(&count(b, Stance::Unknown)))
        .then_with(|| a.surplus.cmp(&b.surplus))
}

fn reason(
    criterion: Criterion,
    stance: Stance,
    zh: impl Into<String>,
    en: impl Into<String>,
) -> Reason {
    Reason { criterion, stance, text: Text::new(zh, en) }
}

fn size(asked: Decimal, offer: &Offer) -> Reason {
    let stance = if offer.size >= asked { Stance::For } else { Stance::Against };
    let (size, asked) = (measure::shown(offer.size, 2), measure::shown(asked, 2));
    if offer.is_building {
        let zh = format!("空置 {size} m²，需要 {asked} m²");
        return reason(Criterion::Size, stance, zh, format!("{size} m² vacant, {asked} m² wanted"));
    }
    let zh = format!("面积 {size} 亩，需要 {asked} 亩");
    reason(Criterion::Size, stance, zh, format!("{size} mu, {asked} mu wanted"))
}

fn availability(offer: &Offer) -> Reason {
    let (stance, zh, en) = match (offer.is_building, offer.is_available, offer.is_low) {
        (true, ..) => (Stance::For, "厂房有空置面积", "the building has vacant floor"),
        (_, Some(true), _) => (Stance::For, "闲置或部分空置", "idle or partly vacant"),
        (_, _, Some(true)) => {
            (Stance::For, "判为低效，可盘活", "found low-efficient: may be redeveloped")
        }
        (_, Some(false), Some(false)) => {
            (Stance::Against, "在用，未判为低效", "in use and not found low-efficient")
        }
        _ => (Stance::Unknown, "能否腾出待核实", "whether it comes free is to be verified"),
    };
    reason(Criterion::Availability, stance, zh, en)
}

fn plan(offer: &Offer) -> Reason {
    let join = |of: fn(&Text) -> &str, between: &str| {
        offer.plan.iter().map(of).collect::<Vec<_>>().join(between)
    };
    let (zh, en) = (join(|it| &it.zh, "；"), join(|it| &it.en, "; "));
    match offer.outcome {
        Outcome::Pass | Outcome::NotApplicable => {
            reason(Criterion::Plan, Stance::For, "符合规划", "conforms to the plans")
        }
        Outcome::Unknown => reason(Criterion::Plan, Stance::Unknown, zh, en),
        Outcome::NeedsPlanChange | Outcome::Fail => {
            reason(Criterion::Plan, Stance::Against, zh, en)
        }
    }
}

/// Divisions of GB/T 4754 are its first two digits.
fn division(sector: &str) -> &str {
    let digits = sector.trim_start_matches(|it: char| it.is_ascii_alphabetic());
    digits.get(..2).unwrap_or(digits)
}

fn sector(asked: &str, offer: &Offer) -> Reason {
    match &offer.sector {
        Some(it) if division(it) == division(asked) => reason(
            Criterion::Sector,
            Stance::For,
            format!("现为同一行业（{it}）"),
            format!("used by the same sector now ({it})"),
        ),
        _ => reason(
            Criterion::Sector,
            Stance::Unknown,
            "规划未载明行业，是否可入驻待核实",
            "the plans name no sectors: whether it is wanted there is to be verified",
        ),
    }
}

fn energy(asked: Decimal, offer: &Offer) -> Reason {
    let wanted = measure::shown(asked, 2);
    match offer.energy_tce {
        Some(it) => {
            let stance = if it >= asked { Stance::For } else { Stance::Against };
            let freed = measure::shown(it, 2);
            reason(
                Criterion::Energy,
                stance,
                format!("可腾出能耗 {freed} tce，需要 {wanted} tce"),
                format!("would free {freed} tce, {wanted} tce wanted"),
            )
        }
        None => reason(
            Criterion::Energy,
            Stance::Unknown,
            format!("可腾出能耗不明或无权查看，需要 {wanted} tce"),
            format!(
                "the energy that it would free is not known or not to be read, {wanted} tce wanted"
            ),
        ),
    }
}

fn near(offer: &Offer) -> Reason {
    match offer.distance_m {
        Some(it) => {
            let away = measure::shown(it, 0);
            reason(Criterion::Near, Stance::For, format!("相距 {away} m"), format!("{away} m away"))
        }
        None => reason(Criterion::Near, Stance::Unknown, "距离不明", "the distance is not known"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            land_mu: Some(Decimal::from(50)),
            sector: Some("C3411".to_owned()),
            energy_tce: Some(Decimal::from(100)),
            ..Wanted::default()
        }
    }

    fn offer() -> Offer {
        Offer {
            size: Decimal::from(60),
            is_building: false,
            is_available: Some(true),
            is_low: None,
            outcome: Outcome::Pass,
            plan: Vec::new(),
            sector: Some("3499".to_owned()),
            energy_tce: Some(Decimal::from(100)),
            distance_m: None,
        }
    }

    #[test]
    fn golden_what_is_there_fits() {
        let found = weigh(&wanted(), &offer());
        assert!(found.fits, "{found:#?}");
        assert_eq!(found.surplus, Decimal::new(12, 1));
        assert_eq!(found.reasons.len(), 5);
    }

    #[test]
    fn what_is_unknown_is_said_and_never_fits() {
        for changed in [
            Offer { is_available: Some(false), ..offer() },
            Offer { is_available: None, is_low: Some(false), ..offer() },
            Offer { outcome: Outcome::Unknown, ..offer() },
            Offer { sector: None, ..offer() },
            Offer { energy_tce: None, ..offer() },
        ] {
            let found = weigh(&wanted(), &changed);
            let unknown = found.reasons.iter().filter(|it| it.stance == Stance::Unknown).count();
            assert_eq!((found.fits, unknown), (false, 1), "{changed:?}");
            assert_eq!(compare(&weigh(&wanted(), &offer()), &found), Ordering::Less);
        }
    }

    #[test]
    fn what_speaks_against_comes_after_what_is_unknown() {
        let unknown = weigh(&wanted(), &Offer { energy_tce: None, sector: None, ..offer() });
        for changed in [
            Offer { is_available: Some(false), is_low: Some(false), ..offer() },
            Offer { outcome: Outcome::NeedsPlanChange, ..offer() },
            Offer { energy_tce: Some(Decimal::from(99)), ..offer() },
            Offer { size: Decimal::from(49), ..offer() },
        ] {
            let against = weigh(&wanted(), &changed);
            assert!(!against.fits);
            assert_eq!(compare(&unknown, &against), Ordering::Less, "{changed:?}");
        }
        // Of equals the one that wastes least.
        let larger = weigh(&wanted(), &Offer { size: Decimal::from(90), ..offer() });
        assert_eq!(compare(&weigh(&wanted(), &offer()), &larger), Ordering::Less);
    }
}
