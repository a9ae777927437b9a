//! What rules may name: every measure, the parcels' own fields, and the class of each overlay by its layer's id.

use std::collections::BTreeMap;
use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::catalog::filter::cql_type;
use crate::cql::Field;
use crate::cql::Row;
use crate::cql::Type;
use crate::cql::Value;
use crate::judgement::measures;
use crate::judgement::measures::ParcelMeasures;
use crate::layer::Kind;
use crate::layer::Layers;

/// One parcel as rules see it.
#[derive(Debug)]
pub(super) struct ParcelRow {
    pub parcel_id: i64,
    /// The version of the parcel whose fields are in it.
    pub row_id: i64,
    /// Of the year, the one before, two before.
    pub years: [ParcelMeasures; 3],
    /// Fields and classes that some rule names.
    pub named: HashMap<String, Value<'static>>,
}

impl ParcelRow {
    /// A measure of the evaluated year.
    pub fn measure(&self, name: &str) -> Option<Decimal> {
        self.years[0].values.get(name).copied().flatten()
    }
}

impl Row for ParcelRow {
    fn get(&self, name: &str) -> Value<'_> {
        match self.years[0].values.get(name) {
            Some(value) => (*value).into(),
            None => self.named.get(name).cloned().unwrap_or(Value::Null),
        }
    }
}

/// Everything that a rule may name. A measure wins over a field of the same name: it is what the evidence shows.
pub(super) fn fields(layers: &Layers) -> BTreeMap<String, Field> {
    let mut fields = BTreeMap::new();
    for layer in layers.of_kind(Kind::Register).filter(|it| it.table.as_deref() == Some("parcel")) {
        for (name, field) in &layer.field {
            fields.insert(name.clone(), cql_type(field.kind).column(name));
        }
    }
    for layer in layers.of_kind(Kind::Derived).filter(|it| it.overlay.is_some()) {
        fields.insert(layer.id.clone(), Type::Text.column(&layer.id));
    }
    fields.extend(measures::fields());
    fields
}
