//! What of a dossier a scope may read: fields by their folder, members that are worked out from them, and the evidence of
//! verdicts.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::db::Reader;
use crate::error::Result;
use crate::judgement::measures::MEASURES;
use crate::layer::Layer;
use crate::layer::Layers;

use super::Buildings;
use super::Year;
use super::queries;

/// Lets through what the scope may read, and notes what it may not, whether it is known or missing.
pub(super) struct Mask<'a> {
    pub layer: &'a Layer,
    pub scope: &'a Scope,
    pub withheld: Vec<String>,
}

impl Mask<'_> {
    /// A field of the layer. One that its folder does not have is published to nobody, and no role would change that.
    pub fn keep<T>(&mut self, name: &str, value: Option<T>) -> Option<T> {
        let lets = may_know(self.layer, self.scope, name);
        if !lets {
            self.withheld.push(name.to_owned());
        }
        value.filter(|_| lets && self.layer.field.contains_key(name))
    }

    /// A measure of the parcel itself, which a column of the register may stand in for.
    pub fn keep_measure<T>(
        &mut self,
        layers: &Layers,
        name: &str,
        input: &str,
        value: Option<T>,
    ) -> Option<T> {
        let may =
            self.scope.may(layers.measure_role(name)) && may_know(self.layer, self.scope, input);
        if !may {
            self.withheld.push(name.to_owned());
        }
        value.filter(|_| may)
    }

    /// Notes it once.
    pub fn withhold(&mut self, name: &str) {
        if !self.withheld.iter().any(|it| it == name) {
            self.withheld.push(name.to_owned());
        }
    }

    /// Whether the scope may read a measure, and what the register says under its name.
    pub fn tells_measure(&self, layers: &Layers, name: &str) -> bool {
        self.scope.may(layers.measure_role(name)) && may_know(self.layer, self.scope, name)
    }

    /// What an overlay or the rules found, as the layer publishes it.
    pub fn keep_finding<T>(
        &mut self,
        layer: &Layer,
        name: &str,
        needed: Role,
        value: Option<T>,
    ) -> Option<T> {
        let may = layer.open_to(self.scope, needed);
        if !may {
            self.withheld.push(name.to_owned());
        }
        value.filter(|_| may)
    }
}

/// Whether the layer keeps nothing of that name from the scope.
fn may_know(layer: &Layer, scope: &Scope, name: &str) -> bool {
    layer.field.get(name).is_none_or(|_| layer.field_for(scope, name).is_some())
}

/// Whether the scope may read a measure of single parcels.
fn may_know_measure(app: &App, scope: &Scope, measure: &str) -> bool {
    scope.may(app.layers.measure_role(measure))
}

/// The figures of all years, as far as the derived layers let the scope read them.
pub(super) fn years(app: &App, mask: &mut Mask<'_>, mut years: Vec<Year>) -> Vec<Year> {
    type Of = fn(&mut Year) -> &mut Option<Decimal>;
    let figures: [(&str, Of); 8] = [
        ("tax_wan", |it| &mut it.tax_wan),
        ("output_wan", |it| &mut it.output_wan),
        ("value_added_wan", |it| &mut it.value_added_wan),
        ("energy_tce", |it| &mut it.energy_tce),
        ("employees", |it| &mut it.employees),
        ("assessed_value_wan", |it| &mut it.assessed_value_wan),
        ("tax_wan_per_mu", |it| &mut it.tax_wan_per_mu),
        ("output_wan_per_mu", |it| &mut it.output_wan_per_mu),
    ];
    for (name, of) in figures {
        if !may_know_measure(app, mask.scope, name) {
            mask.withhold(name);
            for year in &mut years {
                *of(year) = None;
            }
        }
    }
    years
}

/// The buildings in sum, as far as the layer of buildings lets the scope read them.
pub(super) async fn buildings(
    app: &App,
    db: &mut Reader,
    mask: &mut Mask<'_>,
    parcel_code: &str,
) -> Result<Buildings> {
    let layer = app.layers.register("building");
    // Which buildings are the parcel's is said by the buildings.
    let tells = |it: &&Layer| it.field_for(mask.scope, "parcel_code").is_some();
    let Some(layer) = layer.filter(tells) else {
        mask.withheld.push("buildings".to_owned());
        return Ok(Buildings::default());
    };
    let found = queries::buildings(db, mask.scope, layer, parcel_code).await?;
    let mut keep = |name: &str, value| {
        let lets = may_know(layer, mask.scope, name);
        if !lets {
            mask.withheld.push(format!("buildings.{name}"));
        }
        Option::filter(value, |_| lets)
    };
    Ok(Buildings {
        count: found.count,
        floor_area_m2: keep("floor_area_m2", found.floor_area_m2),
        footprint_m2: keep("footprint_m2", found.footprint_m2),
        vacant_area_m2: keep("vacant_area_m2", found.vacant_area_m2),
    })
}

/// The evidence without what the scope may not read: a rule that names such a field, or the class of such a layer, keeps
/// its result and says nothing of the figures.
pub(super) fn evidence(app: &App, scope: &Scope, mut evidence: Value) -> Value {
    // A measure, a field of the parcels, the class that an overlay found; what is none of them any more is for officers.
    let may = |name: &str| {
        let parcels = app.layers.find(super::LAYER);
        if MEASURES.iter().any(|it| it.name == name) {
            return may_know_measure(app, scope, name)
                && parcels.is_none_or(|it| may_know(it, scope, name));
        }
        match (parcels.filter(|it| it.field.contains_key(name)), app.layers.find(name)) {
            (Some(parcels), _) => may_know(parcels, scope, name),
            (None, Some(layer)) => layer.open_to(scope, layer.role_of_class()),
            (None, None) => scope.may(Role::Officer),
        }
    };
    for rule in evidence.as_array_mut().into_iter().flatten() {
        let Some(inputs) = rule["inputs"].as_object_mut() else { continue };
        let before = inputs.len();
        inputs.retain(|name, _| may(name));
        let is_masked = inputs.len() < before;
        // That a figure is missing is something known of it.
        if let Some(missing) = rule.get_mut("missing").and_then(Value::as_array_mut) {
            missing.retain(|it| it["name"].as_str().is_some_and(may));
        }
        if is_masked {
            rule["sentence"] = serde_json::json!({
                "zh": "依据含当前角色无权查看的数据",
                "en": "rests on figures that your role may not read",
            });
        }
    }
    evidence
}
