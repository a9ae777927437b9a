//! Which role reads which layer and field, worked out from the folders: what a field needs, what it inherits from what it
//! is made of, and where an account's role holds in its own units only.

use crate::access::Role;
use crate::access::Scope;

use super::Field;
use super::Kind;
use super::Layer;
use super::Layers;

/// The field that says which responsible unit a row belongs to; an officer's role holds in the rows of the own units.
pub const UNIT_FIELD: &str = "responsible_unit";

impl Layer {
    /// The role that a field needs, the layer's own included.
    pub fn role_of(&self, field: &Field) -> Role {
        self.access.max(field.access)
    }

    /// Whether the scope may read, somewhere at least, what needs that role.
    pub fn open_to(&self, scope: &Scope, needed: Role) -> bool {
        scope.may(needed)
            && (!self.is_limited(scope, needed) || self.field.contains_key(UNIT_FIELD))
    }

    /// Whether what needs that role is open in the rows of the scope's units only. In other rows it is null, and a row of
    /// which everything needs the role is not there.
    pub fn is_limited(&self, scope: &Scope, needed: Role) -> bool {
        needed > Role::Viewer && scope.responsible_units.is_some()
    }

    /// Whether the scope may read the layer at all.
    pub fn readable(&self, scope: &Scope) -> bool {
        self.open_to(scope, self.access)
    }

    /// The fields that the scope may read, in the folder's order.
    pub fn fields_for<'a>(
        &'a self,
        scope: &'a Scope,
    ) -> impl Iterator<Item = (&'a str, &'a Field)> + 'a {
        self.field
            .iter()
            .filter(|(_, it)| self.open_to(scope, self.role_of(it)))
            .map(|(name, it)| (name.as_str(), it))
    }

    /// The field of that name, if the scope may read it. An unreadable field is answered as a missing one.
    pub fn field_for(&self, scope: &Scope, name: &str) -> Option<&Field> {
        self.field.get(name).filter(|it| self.open_to(scope, self.role_of(it)))
    }

    /// The role that the sums of the field of that name take, if the scope has it. Whether it also reads single values is
    /// another question.
    pub fn sums_for(&self, scope: &Scope, name: &str) -> Option<Role> {
        let role = self.field.get(name)?.sums?.max(self.access);
        (self.readable(scope) && scope.may(role)).then_some(role)
    }

    /// The strictest role of the fields that publish a column; `None` when it is published to nobody.
    pub fn role_of_column(&self, column: &str) -> Option<Role> {
        let publishing =
            self.field.iter().filter(|(name, it)| it.column.as_deref().unwrap_or(name) == column);
        publishing.map(|(_, it)| self.role_of(it)).max()
    }

    /// The role that what an overlay found of a parcel needs, as `class.class` or `share.104`: the strictest of the fields that
    /// publish it, and the layer's own.
    pub fn role_of_finding(&self, column: &str) -> Role {
        self.role_of_column(column).unwrap_or(self.access)
    }

    /// The role that reads a parcel's class.
    pub fn role_of_class(&self) -> Role {
        self.role_of_finding("class.class")
    }

    /// The role that reads a class's part of a parcel; the largest one tells the class.
    pub fn role_of_share(&self, class: &str) -> Role {
        self.role_of_finding(&format!("share.{class}")).max(self.role_of_class())
    }
}

impl Layers {
    /// The register layer of a core table.
    pub fn register(&self, table: &str) -> Option<&Layer> {
        self.of_kind(Kind::Register).find(|it| it.table.as_deref() == Some(table))
    }

    /// Raises the access of fields to that of what they show, so that no folder can open what another one closes.
    pub(super) fn inherit(&mut self) {
        loop {
            let mut raised = Vec::new();
            // Where rows lie tells as much as what their fields say.
            let assemblies = self.layers.values().filter(|it| it.assembly.is_some());
            let closed = assemblies.map(|it| (it.id.clone(), self.role_of_assembly(it)));
            for (id, needed) in closed.collect::<Vec<_>>() {
                if let Some(layer) = self.layers.get_mut(&id) {
                    layer.declaration.access = needed;
                }
            }
            for layer in self.layers.values() {
                for (name, field) in &layer.field {
                    let needed = self.role_behind(layer, name, field);
                    if let Some(needed) = needed.filter(|it| *it > layer.role_of(field)) {
                        raised.push((layer.id.clone(), name.clone(), needed));
                    }
                }
            }
            // What was raised may be shown by another field again.
            if raised.is_empty() {
                return;
            }
            for (layer, name, needed) in raised {
                let field =
                    self.layers.get_mut(&layer).and_then(|it| it.declaration.field.get_mut(&name));
                if let Some(field) = field {
                    field.access = needed;
                }
            }
        }
    }

    /// The role that what a field shows needs where it comes from.
    fn role_behind(&self, layer: &Layer, name: &str, field: &Field) -> Option<Role> {
        let column = field.column.as_deref().unwrap_or(name);
        if layer.kind == Kind::Register {
            return layer.table.as_deref().and_then(|it| self.role_of_inputs(inputs(it, column)));
        }
        match (layer.kind, column.split_once('.')?) {
            (Kind::Derived, ("parcel", column)) => self.register("parcel")?.role_of_column(column),
            (Kind::Derived, ("class_of", other)) => Some(self.find(other)?.role_of_class()),
            (Kind::Derived, ("class", "name")) => Some(self.role_of_class_name(layer)),
            (Kind::Derived, ("name_of", other)) => Some(self.role_of_class_name(self.find(other)?)),
            (Kind::Derived, ("measure", measure)) => {
                self.role_of_inputs(inputs("parcel_measure", measure))
            }
            (Kind::Derived, ("conformity", _)) => Some(self.role_of_conformity(layer)),
            (Kind::Derived, ("assembly", _)) => Some(self.role_of_assembly(layer)),
            _ => None,
        }
    }

    /// The role that reads in which polygon of its class a parcel lies: the name tells the class, too, and is that of the layer
    /// it comes from.
    pub fn role_of_class_name(&self, layer: &Layer) -> Role {
        let classes = layer.overlay.iter().flat_map(|it| &it.classes);
        let names = classes.filter_map(|it| {
            let from = self.find(&it.layer)?;
            Some(from.role_of(from.field.get(it.name_field.as_deref()?)?))
        });
        let published = layer.role_of_finding("class.name");
        names.chain([layer.role_of_class(), published]).max().unwrap_or(layer.access)
    }

    /// The role that reads how far land conforms: the strictest of the plans, and of what a parcel is held against them with.
    pub fn role_of_conformity(&self, layer: &Layer) -> Role {
        let Some(it) = &layer.conformity else { return layer.access };
        let plans = it.layers().filter_map(|id| self.find(id)).map(|plan| {
            let fields = [&it.control.code_field, &it.control.far_field].into_iter();
            let fields = fields.filter(|_| plan.id == it.control.layer);
            let fields = fields.filter_map(|name| plan.field.get(name)).map(|it| plan.role_of(it));
            fields.max().unwrap_or_default().max(plan.access)
        });
        let own = self.register("parcel").and_then(|it| it.role_of_column("land_use_code"));
        let far = self.measure_role("far");
        plans.chain(own).max().unwrap_or_default().max(far).max(layer.access)
    }

    /// The role that reads what was put together of a layer's low verdicts, how far it conforms, and who holds it.
    pub fn role_of_assembly(&self, layer: &Layer) -> Role {
        let Some(it) = &layer.assembly else { return layer.access };
        let verdict = self
            .find(&it.verdicts)
            .map(|it| it.role_of_finding("result.verdict"))
            .unwrap_or_default();
        let conforms = self.find(&it.conformity).map(|it| self.role_of_conformity(it));
        let of_parcels = ["holder_uscc", UNIT_FIELD].into_iter();
        let of_parcels =
            of_parcels.filter_map(|it| self.register("parcel")?.role_of_column(it)).max();
        let area = self.measure_role("area_mu");
        let barriers = it.barriers.iter().filter_map(|id| Some(self.find(id)?.access)).max();
        [conforms, of_parcels, barriers]
            .into_iter()
            .flatten()
            .fold(verdict.max(area), Role::max)
            .max(layer.access)
    }

    /// The strictest role of those columns of the registers.
    pub(super) fn role_of_inputs(&self, inputs: &[(&str, &str)]) -> Option<Role> {
        let roles =
            inputs.iter().filter_map(|(table, it)| self.register(table)?.role_of_column(it));
        roles.max()
    }
}

/// Which columns of the registers a column gives away, as it is one of them in other words: who reads 亩 knows m², and who
/// reads the floor-area ratio of a parcel, the size of which is on the map, knows its floor area.
pub(super) fn inputs(table: &str, column: &str) -> &'static [(&'static str, &'static str)] {
    match (table, column) {
        ("parcel" | "parcel_measure", "area_mu") => {
            &[("parcel", "area_registered_m2"), ("parcel", "area_registered_mu")]
        }
        ("parcel", "area_registered_m2") => &[("parcel", "area_registered_mu")],
        ("parcel", "area_registered_mu") => &[("parcel", "area_registered_m2")],
        ("parcel_measure", "gfa_m2") => &[("parcel", "gfa_m2"), ("building", "floor_area_m2")],
        ("parcel_measure", "far") => {
            &[("parcel", "far_reported"), ("parcel", "gfa_m2"), ("building", "floor_area_m2")]
        }
        ("parcel_measure", "coverage") => &[("building", "footprint_m2")],
        ("parcel_measure", "vacancy") => {
            &[("building", "vacant_area_m2"), ("building", "floor_area_m2")]
        }
        (
            "parcel_measure",
            "sector_far_min" | "sector_tax_guide_wan_per_mu" | "years_tax_below_guide",
        ) => &[("parcel", "industry_code")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shipped layers with one field closed.
    fn closing(layer: &str, field: &str, role: Role) -> Layers {
        let mut layers = Layers::load(None).unwrap();
        layers.layers[layer].declaration.field[field].access = role;
        layers.inherit();
        layers
    }

    fn role(layers: &Layers, layer: &str, field: &str) -> Role {
        let layer = layers.find(layer).unwrap();
        layer.role_of(&layer.field[field])
    }

    #[test]
    fn a_class_is_closed_wherever_it_is_shown() {
        let layers = closing("block_class", "block_class", Role::Officer);
        assert_eq!(role(&layers, "low_efficiency", "block_class"), Role::Officer);
        assert_eq!(role(&layers, "yield_per_mu", "block_class"), Role::Officer);
        assert_eq!(layers.find("block_class").unwrap().role_of_class(), Role::Officer);
        assert_eq!(layers.find("block_class").unwrap().role_of_share("104"), Role::Officer);
    }

    #[test]
    fn a_figure_is_closed_in_other_units_and_as_a_ratio() {
        let layers = closing("parcels", "area_registered_mu", Role::Steward);
        for (layer, field) in [
            ("parcels", "area_registered_m2"),
            ("parcels", "area_mu"),
            ("block_class", "area_mu"),
            ("low_efficiency", "area_mu"),
        ] {
            assert_eq!(role(&layers, layer, field), Role::Steward, "{layer}.{field}");
        }
        assert_eq!(layers.measure_role("area_mu"), Role::Steward);
        assert_eq!(role(&layers, "parcels", "area_geom_m2"), Role::Public);
        let layers = closing("buildings", "floor_area_m2", Role::Officer);
        assert_eq!(role(&layers, "low_efficiency", "far"), Role::Officer);
        // Published by nobody, and yet in dossiers.
        assert_eq!(layers.measure_role("gfa_m2"), Role::Officer);
        assert_eq!(layers.measure_role("coverage"), Role::Public);
    }
}
