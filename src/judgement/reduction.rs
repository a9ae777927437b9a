//! Land outside the construction area that is to be given back (减量化): what comes first, and what it would free.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

/// A parcel of the class that is reduced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub code: String,
    pub unit: Option<String>,
    pub area_mu: Option<Decimal>,
    /// The part inside the construction area or the blocks, 0 to 1.
    pub construction_share: Option<Decimal>,
    pub protected_mu: Option<Decimal>,
    /// Whether it stands on protected land, beyond the tolerance.
    pub on_protected: Option<bool>,
}

impl Candidate {
    /// 亩 of quota that giving it back frees; `None` where its area is not known.
    pub fn quota_mu(&self, per_mu: Decimal) -> Option<Decimal> {
        self.area_mu.map(|it| it * per_mu)
    }
}

/// Sums over parcels; what is not known is counted and left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ReductionTotal")]
pub struct Total {
    pub parcels: usize,
    pub area_mu: Decimal,
    pub quota_mu: Decimal,
    pub protected_mu: Decimal,
    pub without_area: usize,
    pub without_protected: usize,
}

impl Total {
    fn add(&mut self, it: &Candidate, per_mu: Decimal) {
        self.parcels += 1;
        self.area_mu += it.area_mu.unwrap_or_default();
        self.quota_mu += it.quota_mu(per_mu).unwrap_or_default();
        self.protected_mu += it.protected_mu.unwrap_or_default();
        self.without_area += usize::from(it.area_mu.is_none());
        self.without_protected += usize::from(it.protected_mu.is_none());
    }
}

/// The sums of each unit, and of all.
pub fn totals(all: &[Candidate], per_mu: Decimal) -> (BTreeMap<Option<String>, Total>, Total) {
    let (mut units, mut total) = (BTreeMap::<Option<String>, Total>::new(), Total::default());
    for it in all {
        units.entry(it.unit.clone()).or_default().add(it, per_mu);
        total.add(it, per_mu);
    }
    (units, total)
}

/// Best first: what stands on protected land, then the most quota, then the least inside the construction area, then by
/// code. What is not known comes after what is.
pub fn rank(all: &mut [Candidate]) {
    all.sort_by(|a, b| {
        let on = |it: &Candidate| it.on_protected == Some(true);
        let share = |it: &Candidate| (it.construction_share.is_none(), it.construction_share);
        on(b)
            .cmp(&on(a))
            .then_with(|| b.area_mu.cmp(&a.area_mu))
            .then_with(|| share(a).cmp(&share(b)))
            .then_with(|| a.code.cmp(&b.code))
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parcel(code: &str, mu: Option<i64>, share: Option<i64>, on: Option<bool>) -> Candidate {
        Candidate {
            code: code.to_owned(),
            unit: Some("a".to_owned()),
            area_mu: mu.map(Decimal::from),
            construction_share: share.map(|it| Decimal::new(it, 2)),
            protected_mu: on.map(|it| if it { Decimal::ONE } else { Decimal::ZERO }),
            on_protected: on,
        }
    }

    #[test]
    fn golden_protected_land_comes_first_then_the_most_quota() {
        let mut all = [
            parcel("unknown", None, None, None),
            parcel("small", Some(5), Some(0), Some(false)),
            parcel("edge", Some(9), Some(8), Some(false)),
            parcel("far", Some(9), Some(0), None),
            parcel("farmland", Some(1), Some(0), Some(true)),
        ];
        rank(&mut all);
        let codes: Vec<&str> = all.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["farmland", "far", "edge", "small", "unknown"]);
        assert_eq!(all[1].quota_mu(Decimal::new(8, 1)), Some(Decimal::new(72, 1)));
        assert_eq!(all[4].quota_mu(Decimal::ONE), None);
    }

    proptest! {
        #[test]
        fn units_and_total_reconcile_and_order_changes_nothing(
            (all, shuffled) in prop::collection::vec(
                (0..100_i64, prop::option::of(0..500_i64), prop::option::of(any::<bool>()), prop::option::of("[ab]")),
                0..20,
            )
            .prop_map(|rows| rows.into_iter().enumerate().map(|(nth, (share, mu, on, unit))| Candidate {
                unit, ..parcel(&format!("{nth:03}"), mu, Some(share), on)
            }).collect::<Vec<_>>())
            .prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        ) {
            let (units, total) = totals(&all, Decimal::new(8, 1));
            prop_assert_eq!(units.values().map(|it| it.parcels).sum::<usize>(), total.parcels);
            prop_assert_eq!(units.values().map(|it| it.area_mu).sum::<Decimal>(), total.area_mu);
            prop_assert_eq!(units.values().map(|it| it.quota_mu).sum::<Decimal>(), total.quota_mu);
            let (mut one, mut other) = (all, shuffled);
            rank(&mut one);
            rank(&mut other);
            prop_assert_eq!(one, other);
        }
    }
}
