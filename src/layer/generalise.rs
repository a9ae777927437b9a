//! What a tile carries that would be too large with all of its rows: which attributes at first, and which figures of
//! aggregates then. How the rows are put together and drawn is `tile`'s business.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;

use super::Field;
use super::Layer;
use super::Unit;

/// `[generalise]`: what is told of many rows together.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generalise {
    /// The field whose values are kept apart and coloured; the legend's, where none is named.
    #[serde(default)]
    pub class: Option<String>,
    /// A field of units, told where all rows of an aggregate are of one.
    #[serde(default)]
    pub unit: Option<String>,
    /// Numbers that are summed, each under its own name; the field in 亩, where none is named. The first area among them is
    /// the area that is drawn.
    #[serde(default)]
    pub sums: Vec<String>,
    /// Ratios of sums, over the rows that have both; never means of ratios.
    #[serde(default)]
    pub ratios: IndexMap<String, Ratio>,
}

/// The sum of one field over the sum of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratio {
    pub over: String,
    pub under: String,
}

/// What aggregates tell besides the fields: how many rows, and that they are no rows.
pub const OF_AGGREGATES: [&str; 2] = ["count", "aggregated"];

/// What a scope's aggregates tell. Only fields that it reads in every row that it sees: a sum over some rows would tell
/// of the others which they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregated<'a> {
    pub class: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub sums: Vec<&'a str>,
    pub ratios: Vec<(&'a str, &'a Ratio)>,
}

impl Layer {
    /// The field that the legend classes by.
    pub fn class_field(&self) -> Option<&str> {
        let of_legend =
            || self.legend.iter().find_map(|it| Some(it.matches.as_ref()?.field.as_str()));
        self.generalise.class.as_deref().or_else(of_legend)
    }

    /// What the scope's aggregates tell.
    pub fn aggregated(&self, scope: &Scope) -> Aggregated<'_> {
        let open = |name: &str| self.reads_everywhere(scope, name);
        let it = &self.generalise;
        let mut sums: Vec<&str> = it.sums.iter().map(String::as_str).collect();
        if sums.is_empty() {
            let in_mu = self.field.iter().find(|it| it.1.unit == Some(Unit::Mu));
            sums.extend(in_mu.map(|it| it.0.as_str()));
        }
        let is_open = |it: &(&str, &Ratio)| open(&it.1.over) && open(&it.1.under);
        Aggregated {
            class: self.class_field().filter(|it| open(it)),
            unit: it.unit.as_deref().filter(|it| open(it)),
            sums: sums.into_iter().filter(|it| open(it)).collect(),
            ratios: it
                .ratios
                .iter()
                .map(|(name, it)| (name.as_str(), it))
                .filter(is_open)
                .collect(),
        }
    }

    /// Whether the scope reads the field in all rows that there are for it.
    fn reads_everywhere(&self, scope: &Scope, name: &str) -> bool {
        let limited = |role| self.is_limited(scope, role);
        self.field_for(scope, name)
            .is_some_and(|it| !limited(self.role_of(it)) || limited(self.access))
    }

    /// The fields of tiles that the scope may read.
    pub fn tile_fields<'a>(
        &'a self,
        scope: &'a Scope,
    ) -> impl Iterator<Item = (&'a str, &'a Field)> + 'a {
        self.fields_for(scope).filter(|it| it.1.tile)
    }

    /// Whether a tile that is too large keeps the field at first: the legend colours by it, a click finds the row by it, or it
    /// is the first line that is shown.
    pub fn is_needed(&self, name: &str) -> bool {
        let first_line =
            self.field.iter().find(|(_, it)| it.tile && it.popup).map(|it| it.0.as_str());
        self.legend.iter().any(|it| it.matches.as_ref().is_some_and(|it| it.field == name))
            || [self.identify.as_deref(), first_line, self.class_field()].contains(&Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layers;
    use super::*;
    use crate::access::Role;

    fn scope(role: Role, units: Option<&[&str]>) -> Scope {
        let responsible_units = units.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        Scope { role, responsible_units, ..Scope::default() }
    }

    #[test]
    fn aggregates_tell_only_what_is_read_everywhere() {
        let layers = Layers::load(None).unwrap();
        let layer = layers.find("yield_per_mu").unwrap();
        let ratio = |scope: &Scope| layer.aggregated(scope).ratios.len();
        assert_eq!(layer.aggregated(&Scope::public()).class, Some("yield_band"));
        assert_eq!(layer.aggregated(&Scope::public()).sums, ["area_mu"]);
        assert_eq!(ratio(&Scope::public()), 0);
        assert_eq!(ratio(&scope(Role::Viewer, None)), 0);
        assert_eq!(ratio(&scope(Role::Officer, Some(&["马陆镇"]))), 0, "in own units only");
        assert_eq!(ratio(&scope(Role::Officer, None)), 1);
        let mut closed = layer.clone();
        closed.declaration.access = Role::Officer;
        let own = scope(Role::Officer, Some(&["马陆镇"]));
        assert_eq!(closed.aggregated(&own).ratios.len(), 1, "other rows are not there");
    }

    #[test]
    fn what_is_kept_first_is_what_a_map_needs() {
        let layers = Layers::load(None).unwrap();
        let layer = layers.find("block_class").unwrap();
        let kept: Vec<&str> =
            layer.field.keys().map(String::as_str).filter(|it| layer.is_needed(it)).collect();
        assert_eq!(kept, ["parcel_code", "block_class"]);
    }
}
