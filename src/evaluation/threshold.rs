//! What verdicts tell of the figures they rest on. Who reads that a rule holds, but not the figure, learns on which side of
//! the rule's threshold it lies; with the bands of the same figure the sides must not close in on it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::access::Role;
use crate::cql;
use crate::cql::Expr;
use crate::cql::Kind as Part;
use crate::judgement::enterprise;
use crate::judgement::measures::MEASURES;
use crate::judgement::rule::Fault;
use crate::judgement::rule::RuleSet;
use crate::judgement::score::Scheme;
use crate::layer::APART;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::figures;

use super::row;

/// The thresholds of every rule of these rule sets, by measure.
pub fn thresholds<'a>(
    layers: &Layers,
    texts: impl IntoIterator<Item = &'a str>,
) -> BTreeMap<String, BTreeSet<Decimal>> {
    let fields = row::fields(layers);
    let sets = texts.into_iter().filter_map(|it| RuleSet::parse(it, &fields).ok());
    let mut found = Found::new(layers);
    for rule in sets.flat_map(|it| it.rules) {
        found.walk(&rule.condition);
    }
    found.cuts
}

/// A measure as the figure of the year that it is of: of the run's year, or one or two before.
pub fn of_year(name: &str, year: i64) -> (String, i64) {
    for (suffix, ago) in [("_prev1", 1), ("_prev2", 2)] {
        if let Some(figure) = name.strip_suffix(suffix) {
            return (figure.to_owned(), year - ago);
        }
    }
    (name.to_owned(), year)
}

/// The role from which on the verdicts of a layer are read; nothing where it has none.
fn reads(layer: &Layer) -> Option<Role> {
    let results = layer
        .field
        .values()
        .filter(|it| it.column.as_deref().is_some_and(|it| it.starts_with("result.")));
    results.map(|it| layer.role_of(it)).min()
}

/// The thresholds of a rule set that its verdicts tell to some who may not read the figures, by measure.
pub fn told(layers: &Layers, layer: &Layer, set: &RuleSet) -> BTreeMap<String, BTreeSet<Decimal>> {
    let Some(reads) = reads(layer) else { return BTreeMap::new() };
    let mut all = Found::new(layers);
    for rule in &set.rules {
        all.walk(&rule.condition);
    }
    all.cuts.retain(|it, _| layers.measure_role(it) > reads);
    all.cuts
}

/// The thresholds that the grades of a scheme tell, by measure: those of its vetoes, as everything else only moves ranks. A
/// measure that is compared with no number has none, and is there.
pub fn of_scheme(scheme: &Scheme) -> BTreeMap<String, BTreeSet<Decimal>> {
    let figure =
        |it: &str| it != "land_mu" && enterprise::MEASURES.iter().any(|own| own.name == it);
    let role = move |it: &str| if figure(it) { Role::Officer } else { Role::Public };
    let mut found = Found {
        is_measure: Box::new(figure),
        role: Box::new(role),
        is_open: true,
        cuts: BTreeMap::new(),
        unclear: Vec::new(),
    };
    for it in &scheme.vetoes {
        found.walk(&it.when.condition);
    }
    for name in found.unclear {
        found.cuts.entry(name).or_default();
    }
    found.cuts
}

/// What is wrong with a rule set whose verdicts are read by some who may not read the figures.
pub fn check(layers: &Layers, layer: &Layer, set: &RuleSet) -> Vec<Fault> {
    let Some(reads) = reads(layer) else { return Vec::new() };
    let mut faults = Vec::new();
    let mut all = Found::new(layers);
    for rule in &set.rules {
        let mut own = Found::new(layers);
        own.walk(&rule.condition);
        own.unclear.retain(|it| layers.measure_role(it) > reads);
        for name in own.unclear {
            faults.push(Fault {
                rule: rule.id.clone(),
                why: format!(
                    "`{name}` 与公开数据比较，会逐宗透露数值：改与常数比较，或把判定字段设为 `access = \"{role}\"` / `{name}` is compared with something its readers know of each parcel, which tells the figure: compare it with a number, or give the fields of the verdict `access = \"{role}\"`",
                    role = layers.measure_role(&name),
                ),
            });
        }
        for (name, cuts) in own.cuts {
            all.cuts.entry(name).or_default().extend(cuts);
        }
    }
    let mut banded = BTreeSet::new();
    for field in layers.of_kind(Kind::Derived).flat_map(|it| it.field.values()) {
        let measure = field.column.as_deref().and_then(|it| it.strip_prefix("measure."));
        banded.extend(measure.filter(|_| !field.bands.is_empty()).map(ToOwned::to_owned));
        if let Some(cuts) = measure.and_then(|it| all.cuts.get_mut(it)) {
            cuts.extend(field.bands.iter().filter_map(|it| Decimal::try_from(*it).ok()));
        }
    }
    all.cuts.retain(|it, _| layers.measure_role(it) > reads);
    for name in all.cuts.keys().filter(|it| figures(it) == [it.as_str()]) {
        let per_mu = format!("{name}_per_mu");
        if banded.contains(&per_mu) || all.cuts.contains_key(&per_mu) {
            faults.push(Fault {
                rule: String::new(),
                why: format!(
                    "`{name}` 与 `{per_mu}` 的界值并用，会按面积逐宗透露数值：只用其一 / thresholds of `{name}` and of `{per_mu}` together tell the figure by the area of each parcel: use one of them"
                ),
            });
        }
    }
    for (name, cuts) in &all.cuts {
        let cuts: Vec<f64> = cuts.iter().filter_map(ToPrimitive::to_f64).collect();
        for pair in cuts.windows(2).filter(|it| it[0] > 0.0 && it[1] < it[0] * APART) {
            faults.push(Fault {
                rule: String::new(),
                why: format!(
                    "`{name}` 的界值 {low} 与 {high}（规则与分档）过近，合起来会透露数值：至少相差四分之一，或用同一界值 / the thresholds {low} and {high} of `{name}`, in rules and bands, together tell the figure: at least a quarter apart, or the same",
                    low = pair[0],
                    high = pair[1],
                ),
            });
        }
    }
    faults
}

/// What conditions compare confidential measures with.
struct Found<'a> {
    /// Whether it is a measure of somebody's, and from which role on it, or another name, is read.
    is_measure: Box<dyn Fn(&str) -> bool + 'a>,
    role: Box<dyn Fn(&str) -> Role + 'a>,
    /// Whether everybody reads what the conditions say, so that no threshold may be a figure of its own.
    is_open: bool,
    cuts: BTreeMap<String, BTreeSet<Decimal>>,
    /// Measures that are compared with what is not the same for every parcel.
    unclear: Vec<String>,
}

impl<'a> Found<'a> {
    /// Of parcels.
    fn new(layers: &'a Layers) -> Self {
        let role = |name: &str| {
            if is_measure(name) {
                return layers.measure_role(name);
            }
            layers.register("parcel").and_then(|it| it.role_of_column(name)).unwrap_or_default()
        };
        Self {
            is_measure: Box::new(is_measure),
            role: Box::new(role),
            is_open: false,
            cuts: BTreeMap::new(),
            unclear: Vec::new(),
        }
    }

    fn walk(&mut self, expr: &Expr) {
        match &expr.kind {
            Part::And(parts) | Part::Or(parts) => parts.iter().for_each(|it| self.walk(it)),
            Part::Not(it) => self.walk(it),
            Part::IsNull { .. } => {}
            Part::Compare(_, left, right) => {
                self.pair(left, right);
                self.pair(right, left);
            }
            Part::Between { value, low, high, .. } => {
                self.pair(value, low);
                self.pair(value, high);
            }
            Part::In { value, list, .. } => list.iter().for_each(|it| self.pair(value, it)),
            _ => self.unclear.extend(self.confidential(expr)),
        }
    }

    fn pair(&mut self, measure: &Expr, other: &Expr) {
        let inside = self.confidential(measure);
        let Part::Property(name) = &measure.kind else {
            // A figure that was reckoned with first: nobody says where its own threshold is.
            self.unclear.extend(inside);
            return;
        };
        if inside.is_empty() {
            return;
        }
        if let Some(it) = constant(other) {
            self.cuts.entry(name.clone()).or_default().insert(it);
            return;
        }
        // A threshold of its own for each parcel: as secret as the strictest part of it.
        let needed = (self.role)(name);
        let strictest = cql::properties(other).iter().map(|it| (self.role)(it)).max();
        if self.is_open || strictest.is_none_or(|it| it < needed) {
            self.unclear.push(name.clone());
        }
    }

    /// The measures of single enterprises in an expression.
    fn confidential(&self, expr: &Expr) -> Vec<String> {
        let names = cql::properties(expr).into_iter();
        names.filter(|it| (self.is_measure)(it) && (self.role)(it) > Role::Public).collect()
    }
}

fn is_measure(name: &str) -> bool {
    MEASURES.iter().any(|it| it.name == name)
}

/// The number that it is for every parcel.
fn constant(expr: &Expr) -> Option<Decimal> {
    if !cql::properties(expr).is_empty() {
        return None;
    }
    match cql::eval::value(expr, &|_: &str| cql::Value::Null) {
        cql::Value::Number(it) => Some(it),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &[&str]) -> Vec<String> {
        let layers = Layers::load(None).unwrap();
        let rules = rules.iter().enumerate().map(|(nth, when)| {
            format!(
                "[[rule]]\nid = \"r{nth}\"\ntitle = {{ zh = \"一\", en = \"one\" }}\nwhen = \"{when}\"\neffect = \"low\"\nbasis = \"-\"\nsentence = {{ zh = \"一\", en = \"one\" }}\n"
            )
        });
        let text = format!(
            "title = {{ zh = \"一\", en = \"one\" }}\nlegal_basis = \"-\"\nvalid_from = 2025-01-01\n{}",
            rules.collect::<String>()
        );
        let set = RuleSet::parse(&text, &row::fields(&layers)).unwrap();
        let layer = layers.find("low_efficiency").unwrap();
        check(&layers, layer, &set).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn thresholds_on_the_bands_or_far_from_them_are_silent() {
        assert_eq!(faults(&["tax_wan_per_mu < 5 AND far < 1", "tax_wan_per_mu < 7"]), [""; 0]);
        assert_eq!(faults(&["tax_wan_per_mu < 0.5 * contract_tax_wan_per_mu"]), [""; 0]);
        assert_eq!(faults(&["area_mu < 3 OR area_mu < 3.1 OR far < area_mu"]), [""; 0]);
    }

    #[test]
    fn thresholds_that_close_in_on_a_figure_are_found() {
        let near = faults(&["area_mu > 3 AND NOT tax_wan_per_mu >= 5.5"]);
        assert!(near.len() == 1 && near[0].contains("5 and 5.5"), "{near:?}");
        let two =
            faults(&["value_added_wan_per_mu < 10", "value_added_wan_per_mu BETWEEN 11 AND 90"]);
        assert!(two.len() == 1 && two[0].contains("10 and 11"), "{two:?}");
        let own = faults(&["tax_wan_per_mu < 2 * far"]);
        assert!(own.len() == 1 && own[0].contains("compared with something"), "{own:?}");
        let reckoned = faults(&["2 * tax_wan_per_mu < 10"]);
        assert!(reckoned.len() == 1, "{reckoned:?}");
        let both = faults(&["tax_wan < 100"]);
        assert!(both.len() == 1 && both[0].contains("by the area"), "{both:?}");
    }

    #[test]
    fn all_thresholds_are_known_to_disclosure_control() {
        let layers = Layers::load(None).unwrap();
        let text = &layers.find("low_efficiency").unwrap().rules["general-2025"];
        let found = thresholds(&layers, [text.as_str()]);
        let per_mu: Vec<String> = found["tax_wan_per_mu"].iter().map(ToString::to_string).collect();
        assert_eq!(per_mu, ["5", "10"]);
    }
}
