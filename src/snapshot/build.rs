//! Rows one after another become a part.

use std::collections::HashMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Bitmap;
use super::Column;
use super::Part;
use crate::coverage::Pyramid;
use crate::coverage::Shapes;
use crate::cql::Value;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::layer::UNIT_FIELD;

/// Takes rows of a layer.
#[derive(Debug)]
pub struct Builder<'a> {
    layer: &'a Layer,
    ids: Vec<i64>,
    values: Vec<Vec<Value<'static>>>,
    /// The shapes of the rows so far; each row's is ended before [`Builder::row`].
    pub shapes: Shapes,
}

impl<'a> Builder<'a> {
    pub fn new(layer: &'a Layer) -> Self {
        let values = layer.field.iter().map(|_| Vec::new()).collect();
        Self { layer, ids: Vec::new(), values, shapes: Shapes::default() }
    }

    /// Adds a row: a value for each field of the folder, in its order.
    pub fn row(&mut self, id: i64, values: impl IntoIterator<Item = Value<'static>>) {
        self.ids.push(id);
        for (column, value) in self.values.iter_mut().zip(values) {
            column.push(value);
        }
    }

    /// The part; `around` is one whose outlines are fixed, beside which these are drawn.
    pub fn finish(self, around: Option<&Part>) -> Part {
        let layer = self.layer;
        let columns =
            layer.field.values().zip(self.values).map(|(it, values)| column(it.kind, &values));
        Part {
            ids: self.ids,
            columns: columns.collect(),
            unit: layer.field.get_index_of(UNIT_FIELD),
            shapes: Pyramid::build(
                layer.geometry,
                self.shapes,
                layer.zooms.min..=layer.zooms.max,
                around.map(|it| &it.shapes),
            ),
        }
    }
}

fn column(kind: FieldType, values: &[Value<'static>]) -> Column {
    let known = || values.iter().map(|it| *it != Value::Null).collect::<Bitmap>();
    match kind {
        FieldType::Text => {
            let mut places: HashMap<Box<str>, u32> = HashMap::new();
            let mut words: Vec<Box<str>> = Vec::new();
            let codes = values.iter().map(|it| match it {
                Value::Text(it) => *places.entry((**it).into()).or_insert_with(|| {
                    words.push((**it).into());
                    u32::try_from(words.len()).unwrap_or(0)
                }),
                _ => 0,
            });
            let codes = codes.collect();
            Column::Text { words, codes }
        }
        FieldType::Integer => Column::Integer {
            values: values
                .iter()
                .map(|it| number(it).and_then(|it| it.try_into().ok()).unwrap_or(0))
                .collect(),
            known: known(),
        },
        FieldType::Decimal => decimals(values.iter().map(number).collect()),
        FieldType::Boolean => Column::Boolean {
            values: values.iter().map(|it| *it == Value::Bool(true)).collect(),
            known: known(),
        },
        FieldType::Date => {
            let start = NaiveDate::default();
            let days = values.iter().map(|it| match it {
                Value::Date(it) => i32::try_from((*it - start).num_days()).unwrap_or(0),
                _ => 0,
            });
            Column::Date { days: days.collect(), known: known() }
        }
    }
}

fn number(it: &Value<'_>) -> Option<Decimal> {
    match it {
        Value::Number(it) => Some(*it),
        _ => None,
    }
}

/// Scaled to the most places that a value has, if all fit so.
fn decimals(values: Vec<Option<Decimal>>) -> Column {
    let places = values.iter().flatten().map(|it| it.normalize().scale()).max().unwrap_or(0);
    let scaled = |it: &Option<Decimal>| {
        let Some(mut it) = *it else { return Some(0) };
        it.rescale(places);
        (it.scale() == places).then(|| i64::try_from(it.mantissa()).ok())?
    };
    match values.iter().map(scaled).collect() {
        Some(scaled) => {
            Column::Decimal { scaled, places, known: values.iter().map(Option::is_some).collect() }
        }
        None => Column::Wide { values },
    }
}
