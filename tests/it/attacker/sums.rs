//! What he reckons from sums and their differences.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::json;

use super::Attacker;
use super::Range;

impl Attacker<'_> {
    /// Every sum that is answered, as constraints over parcels; then their differences.
    pub(super) async fn add_up(&mut self) {
        let codes: Vec<String> = self.known.keys().cloned().collect();
        let mut sums: BTreeMap<Vec<usize>, f64> = BTreeMap::new();
        for dimension in [
            None,
            Some("town_code"),
            Some("responsible_unit"),
            Some("block_class"),
            Some("block"),
            Some("yield_band"),
            Some("parcel_code"),
        ] {
            for (measure, is_ratio) in [
                (json!({"sum": "tax_wan"}), false),
                (json!({"ratio": ["tax_wan", "area_mu"]}), true),
            ] {
                for published in [false, true] {
                    let group_by: Vec<&str> = dimension.into_iter().collect();
                    let body = json!({
                        "layer": "yield_per_mu", "group_by": group_by, "measures": [measure], "published": published,
                    });
                    let Some(answer) = self.stats(body).await else { continue };
                    if answer["rows"] == "own_units" {
                        continue;
                    }
                    let groups =
                        answer["groups"].as_array().unwrap().iter().chain([&answer["total"]]);
                    for it in groups {
                        let inside = |nth: &usize| match (dimension, it.get("key")) {
                            (Some(name), Some(key)) => {
                                let key = key[name].as_str().unwrap_or("(none)");
                                self.places.get(name).is_some_and(|it| it[&codes[*nth]] == key)
                            }
                            _ => true,
                        };
                        let set: Vec<usize> = (0..codes.len()).filter(inside).collect();
                        let value = it["measures"].as_object().unwrap().values().next().unwrap();
                        let Some(value) = value["value"].as_str() else { continue };
                        let mut value: f64 = value.parse().unwrap();
                        if is_ratio {
                            value *= set.iter().map(|it| self.area[&codes[*it]]).sum::<f64>();
                        }
                        sums.entry(set).or_insert(value);
                    }
                }
            }
        }
        assert!(!sums.is_empty() || self.token.is_none(), "whoever signs in has some sums");
        sums.remove(&Vec::new());
        let mut all = sums.clone();
        for (one, sum) in &sums {
            for (other, less) in sums.iter().filter(|(it, _)| it.len() < one.len()) {
                let rest: Vec<usize> =
                    one.iter().filter(|it| other.binary_search(it).is_err()).copied().collect();
                if rest.len() + other.len() == one.len() {
                    all.entry(rest).or_insert(sum - less);
                }
            }
        }
        // What a table leaves of the total, all its released cells together.
        let everything: Vec<usize> = (0..codes.len()).collect();
        if let Some(total) = sums.get(&everything) {
            for places in self.places.values() {
                let (mut rest, mut left) = (everything.clone(), *total);
                for value in places.values().collect::<BTreeSet<_>>() {
                    let set: Vec<usize> =
                        (0..codes.len()).filter(|it| places[&codes[*it]] == *value).collect();
                    if let Some(sum) = sums.get(&set) {
                        rest.retain(|it| set.binary_search(it).is_err());
                        left -= sum;
                    }
                }
                all.entry(rest).or_insert(left);
            }
        }
        all.remove(&Vec::new());
        let mut known: Vec<Range> = self.known.values().copied().collect();
        for _ in 0..20 {
            for (set, sum) in &all {
                sharpen(set, *sum, &mut known);
            }
        }
        self.known = codes.into_iter().zip(known).collect();
    }
}

/// Narrows what each parcel of a sum can have by what the others must have. Ratios are rounded to six places.
fn sharpen(set: &[usize], sum: f64, known: &mut [Range]) {
    let slack = 1.0 + sum.abs() * 1e-6;
    let low: f64 = set.iter().map(|it| known[*it].low).sum();
    let endless = set.iter().filter(|it| known[**it].high.is_infinite()).count();
    let high: f64 = set.iter().map(|it| known[*it].high).filter(|it| it.is_finite()).sum();
    for nth in set {
        let own = known[*nth];
        known[*nth].at_most((sum - (low - own.low) + slack).max(own.low));
        if endless == usize::from(own.high.is_infinite()) {
            let others = if own.high.is_finite() { high - own.high } else { high };
            let most = known[*nth].high;
            known[*nth].at_least((sum - others - slack).min(most));
        }
    }
}
