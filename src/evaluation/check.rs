//! What is wrong with the rule sets and schemes of layer folders. The folders themselves are checked by `layer`, which
//! knows no measures; here all names and figures are.

use anyhow::bail;

use crate::judgement::rule::RuleSet;
use crate::judgement::score::Scheme;
use crate::layer::Layers;

use super::row;
use super::threshold;

/// Reads every rule set and scheme; fails with all that is to be mended.
pub fn check_rules(layers: &Layers) -> anyhow::Result<()> {
    let fields = row::fields(layers);
    let mut faults = Vec::new();
    for layer in layers.layers.values() {
        for (id, text) in &layer.rules {
            let place = format!("layers/{}/rules/{id}.toml", layer.id);
            match RuleSet::parse(text, &fields) {
                Ok(set) => {
                    let found = threshold::check(layers, layer, &set);
                    faults.extend(found.iter().map(|it| format!("{place}: {it}")));
                }
                Err(found) => faults.extend(found.iter().map(|it| format!("{place}: {it}"))),
            }
        }
        for (id, text) in &layer.schemes {
            let place = format!("layers/{}/schemes/{id}.toml", layer.id);
            let found = Scheme::parse(text).err().unwrap_or_default();
            faults.extend(found.iter().map(|it| format!("{place}: {it}")));
        }
    }
    if !faults.is_empty() {
        bail!(
            "规则或计分方案有误 / the rules and schemes need mending:\n  {}",
            faults.join("\n  ")
        );
    }
    Ok(())
}
