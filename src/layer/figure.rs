//! Which role a measure of the evaluation needs. Layers publish measures one by one, each with a role of its own; but tax per
//! mu gives the tax away to whoever reads the area, so what counts is the figure behind a measure, wherever it is published.

use crate::access::Role;

use super::Kind;
use super::Layers;
use super::reading::inputs;

/// Measures of land and buildings, which stand for no enterprise's business. They need what the fields publishing them ask
/// for, and those that publish what they are made of.
const PHYSICAL: [&str; 9] = [
    "area_mu",
    "area_basis",
    "far",
    "coverage",
    "vacancy",
    "gfa_m2",
    "sector_far_min",
    "enterprise_count",
    "enterprises_reported",
];

/// Figures that a district may choose to publish of single parcels: in some places the assessment roll is open to all.
const OPENABLE: [&str; 1] = ["assessed_value_wan"];

/// Whether a measure is of land and buildings only.
pub fn is_physical(measure: &str) -> bool {
    PHYSICAL.contains(&measure)
}

/// The figures that a measure gives away to those who read the physical ones: `tax_wan_per_mu_prev1` gives the tax,
/// `value_added_wan_per_tce` gives each of its two to whoever has the other.
pub fn figures(measure: &str) -> Vec<&str> {
    match measure.split_once("_per_") {
        Some(("sector_tax_guide_wan", _)) => vec!["tax_wan"],
        Some((figure, "tce")) => vec![figure, "energy_tce"],
        Some((figure, _)) => vec![figure],
        None if ["years_without_tax", "years_tax_below_guide"].contains(&measure) => {
            vec!["tax_wan"]
        }
        None => vec![measure],
    }
}

/// Whether a folder may open the measure to anybody, figure by figure.
pub(super) fn is_openable(measure: &str) -> bool {
    is_physical(measure) || figures(measure).iter().all(|it| OPENABLE.contains(it))
}

impl Layers {
    /// The least role that may read a measure of single parcels, as the strictest of all fields that publish its figures
    /// asks, and those that publish what it is made of. A figure that no field publishes needs an officer; so does a name
    /// that is no measure. A band is no figure: its folder says who reads it.
    pub fn measure_role(&self, measure: &str) -> Role {
        let inputs = self.role_of_inputs(inputs("parcel_measure", measure)).unwrap_or_default();
        self.published_role(measure).max(inputs)
    }

    /// The same, by the fields that publish measures only.
    pub(super) fn published_role(&self, measure: &str) -> Role {
        if is_physical(measure) {
            // The layer's own role is no reason: area is no secret because a draft shows it too.
            let published = self.published().filter(|(it, _)| *it == measure);
            return published.map(|(_, roles)| roles.field).max().unwrap_or_default();
        }
        let of = figures(measure).into_iter().map(|figure| {
            let published = self.published().filter(|(it, _)| figures(it).contains(&figure));
            // What a district publishes is no secret because a draft shows it too.
            let open = OPENABLE.contains(&figure);
            let needed = |it: Published| if open { it.field } else { it.field.max(it.layer) };
            published.map(|(_, roles)| needed(roles)).max().unwrap_or(Role::Officer)
        });
        of.max().unwrap_or(Role::Officer)
    }

    /// The measures that derived layers publish unbanded, with what reading them takes.
    fn published(&self) -> impl Iterator<Item = (&str, Published)> {
        self.of_kind(Kind::Derived).flat_map(|layer| {
            layer.field.values().filter(|it| it.bands.is_empty()).filter_map(|it| {
                let measure = it.column.as_deref()?.strip_prefix("measure.")?;
                Some((measure, Published { layer: layer.access, field: it.access }))
            })
        })
    }
}

/// What a field that publishes a measure asks for.
struct Published {
    layer: Role,
    field: Role,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_gives_its_figure_away() {
        assert_eq!(figures("tax_wan"), ["tax_wan"]);
        assert_eq!(figures("tax_wan_per_mu_prev2"), ["tax_wan"]);
        assert_eq!(figures("years_without_tax"), ["tax_wan"]);
        assert_eq!(figures("value_added_wan_per_tce"), ["value_added_wan", "energy_tce"]);
    }

    #[test]
    fn the_shipped_layers_keep_single_figures_for_officers() {
        let layers = Layers::load(None).unwrap();
        for measure in [
            "tax_wan",
            "tax_wan_per_mu",
            "tax_wan_per_mu_prev1",
            "years_without_tax",
            "output_wan",
            "value_added_wan_per_tce",
            "energy_tce",
            "employees",
            "assessed_value_wan_per_mu",
            "no_such_measure",
        ] {
            assert_eq!(layers.measure_role(measure), Role::Officer, "{measure}");
        }
        for measure in PHYSICAL {
            assert_eq!(layers.measure_role(measure), Role::Public, "{measure}");
        }
    }

    #[test]
    fn the_strictest_field_that_publishes_a_figure_decides() {
        let mut layers = Layers::load(None).unwrap();
        layers.layers["yield_per_mu"].declaration.field["tax_wan"].access = Role::Steward;
        assert_eq!(layers.measure_role("tax_wan_per_mu"), Role::Steward);
        assert_eq!(layers.measure_role("output_wan"), Role::Officer);
        // A layer's own role is the least that its figures need.
        layers.layers["low_efficiency"].declaration.access = Role::Admin;
        assert_eq!(layers.measure_role("output_wan"), Role::Admin);
        assert_eq!(layers.measure_role("area_mu"), Role::Public);
    }
}
