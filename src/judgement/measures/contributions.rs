//! Which enterprise contributed what to a parcel's figures.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Figures;
use super::Occupant;
use super::ParcelFacts;
use super::Part;
use super::Pick;
use super::total;

/// What one enterprise contributed to the figures of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// Nothing where nobody knows.
    pub uscc: Option<String>,
    pub figures: Figures,
}

type Set = fn(&mut Figures, Decimal);

/// How each figure is read and written.
const FIGURES: [(Pick, Set); 6] = [
    (|it| it.tax_wan, |it, value| it.tax_wan = Some(value)),
    (|it| it.output_wan, |it, value| it.output_wan = Some(value)),
    (|it| it.value_added_wan, |it, value| it.value_added_wan = Some(value)),
    (|it| it.energy_tce, |it, value| it.energy_tce = Some(value)),
    (|it| it.employees, |it, value| it.employees = Some(value)),
    (|it| it.assessed_value_wan, |it, value| it.assessed_value_wan = Some(value)),
];

/// Who stands behind each figure of the year: its occupants with their parts, or, where the figure was reported for the
/// parcel itself, its holder, else its only occupant. A figure that is missing has nobody behind it.
pub fn contributions(facts: &ParcelFacts, holder_uscc: Option<&str>) -> Vec<Contribution> {
    let mut by: BTreeMap<Option<&str>, Figures> = BTreeMap::new();
    let here: Vec<(&Occupant, Part)> =
        facts.occupants.iter().filter_map(|it| Some((it, it.part(0)?))).collect();
    let own = holder_uscc.or(match here[..] {
        [(only, _)] => Some(only.uscc.as_str()),
        _ => None,
    });
    for (pick, set) in FIGURES {
        if let Some(figure) = pick(&facts.own[0]) {
            set(by.entry(own).or_default(), figure);
        } else if total(facts, "", 0, pick, &mut Vec::new()).is_some() {
            for (it, part) in &here {
                if let Some(part) = pick(&it.years[0]).and_then(|figure| part.take(figure)) {
                    set(by.entry(Some(&it.uscc)).or_default(), part);
                }
            }
        }
    }
    let owned = |it: Option<&str>| it.map(ToOwned::to_owned);
    by.into_iter().map(|(uscc, figures)| Contribution { uscc: owned(uscc), figures }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(tax: i64) -> Figures {
        Figures { tax_wan: Some(Decimal::from(tax)), ..Figures::default() }
    }

    fn occupant(uscc: &str, part: Part, tax: Option<i64>) -> Occupant {
        let years = [tax.map(figures).unwrap_or_default(), Figures::default(), Figures::default()];
        Occupant { uscc: uscc.to_owned(), parts: [Some(part); 3], years }
    }

    fn behind(facts: &ParcelFacts, holder: Option<&str>) -> Vec<(Option<String>, Option<Decimal>)> {
        let all = contributions(facts, holder).into_iter();
        all.map(|it| (it.uscc, it.figures.tax_wan)).collect()
    }

    #[test]
    fn occupants_stand_behind_a_parcel_with_their_parts() {
        let (before, total) = (Decimal::ONE, Decimal::from(3));
        let third = Part::Of { before, part: Decimal::ONE, total };
        let mut facts = ParcelFacts {
            occupants: vec![
                occupant("A", Part::whole(), Some(10)),
                occupant("B", third, Some(9)),
                occupant("C", Part::nothing(), Some(99)),
            ],
            ..ParcelFacts::default()
        };
        let a = (Some("A".to_owned()), Some(Decimal::TEN));
        let b = (Some("B".to_owned()), Some(Decimal::from(3)));
        assert_eq!(behind(&facts, Some("H")), [a, b]);
        // One has not reported: there is no figure, so nobody is behind it.
        facts.occupants[1].years[0] = Figures::default();
        assert_eq!(behind(&facts, Some("H")), []);
    }

    #[test]
    fn a_parcels_own_figure_is_its_holders() {
        let mut facts = ParcelFacts {
            occupants: vec![occupant("A", Part::whole(), Some(10))],
            ..ParcelFacts::default()
        };
        facts.own[0] = figures(7);
        let seven = |uscc: Option<&str>| (uscc.map(ToOwned::to_owned), Some(Decimal::from(7)));
        assert_eq!(behind(&facts, Some("H")), [seven(Some("H"))]);
        assert_eq!(behind(&facts, None), [seven(Some("A"))]);
        facts.occupants.push(occupant("B", Part::whole(), None));
        assert_eq!(behind(&facts, None), [seven(None)]);
    }
}
