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
    fn open_to(&self, scope: &Scope, needed: Role) -> bool {
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

    /// The strictest role of the fields that publish a column of the table behind a register layer; `None` when the column
    /// is published to nobody.
    pub fn role_of_column(&self, column: &str) -> Option<Role> {
        let publishing =
            self.field.iter().filter(|(name, it)| it.column.as_deref().unwrap_or(name) == column);
        publishing.map(|(_, it)| self.role_of(it)).max()
    }
}

impl Layers {
    /// The register layer of a core table.
    pub fn register(&self, table: &str) -> Option<&Layer> {
        self.of_kind(Kind::Register).find(|it| it.table.as_deref() == Some(table))
    }

    /// Raises the access of derived fields to that of what they show, so that no folder can open what another one closes.
    pub(super) fn inherit(&mut self) {
        let mut raised = Vec::new();
        for layer in self.of_kind(Kind::Derived) {
            for (name, field) in &layer.field {
                let source = field.column.as_deref().and_then(|it| it.split_once('.'));
                let needed = match source {
                    Some(("parcel", column)) => {
                        self.register("parcel").and_then(|it| it.role_of_column(column))
                    }
                    Some(("class_of", other)) => self.find(other).map(|it| it.access),
                    _ => None,
                };
                if let Some(needed) = needed.filter(|it| *it > field.access) {
                    raised.push((layer.id.clone(), name.clone(), needed));
                }
            }
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
