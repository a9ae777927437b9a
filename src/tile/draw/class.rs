//! Values of a field as small numbers: those of the legend in its order, what it does not name in the order of the values,
//! and the missing one last.

use std::collections::BTreeSet;

use crate::layer::Layer;
use crate::mvt;
use crate::snapshot::Column;
use crate::snapshot::ViewPart;

/// One value of a class or of a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Text(Box<str>),
    Integer(i64),
    Bool(bool),
    Missing,
}

impl Class {
    /// As a tile tells it; `None` when it is missing.
    pub fn value(&self) -> Option<mvt::Value<'_>> {
        match self {
            Self::Text(it) => Some(mvt::Value::Text(it)),
            Self::Integer(it) => Some(mvt::Value::Integer(*it)),
            Self::Bool(it) => Some(mvt::Value::Bool(*it)),
            Self::Missing => None,
        }
    }

    fn read(it: &serde_json::Value) -> Option<Self> {
        match it {
            serde_json::Value::String(it) => Some(Self::Text(it.as_str().into())),
            serde_json::Value::Bool(it) => Some(Self::Bool(*it)),
            it => it.as_i64().map(Self::Integer),
        }
    }
}

/// A field of more values is no class: all rows are put together then.
const MOST: usize = 256;

/// All values that a field has in the rows of a view.
#[derive(Debug)]
pub struct Classes {
    pub list: Vec<Class>,
}

impl Classes {
    /// Those of `field`; one class for all rows where there is no field. `rows` are those of each part that count.
    pub fn of(
        layer: &Layer,
        field: Option<&str>,
        parts: &[ViewPart<'_>],
        rows: &[Vec<u32>],
    ) -> Self {
        let Some(field) = field else { return Self { list: vec![Class::Missing] } };
        let of_legend = layer.legend.iter().filter_map(|it| it.matches.as_ref());
        let of_legend = of_legend.filter(|it| it.field == field).flat_map(|it| &it.values);
        let mut list: Vec<Class> = of_legend.filter_map(Class::read).collect();
        let mut others: BTreeSet<Class> = BTreeSet::new();
        for (part, rows) in parts.iter().zip(rows) {
            match part.column(field).map(|it| it.column) {
                Some(Column::Text { words, .. }) => {
                    others.extend(words.iter().map(|it| Class::Text(it.into())));
                }
                Some(column @ (Column::Integer { .. } | Column::Decimal { .. })) => {
                    let mut last = None;
                    for it in rows.iter().filter_map(|it| integer(column, *it as usize)) {
                        if last.replace(it) != Some(it) {
                            others.insert(Class::Integer(it));
                        }
                    }
                }
                Some(Column::Boolean { .. }) => {
                    others.extend([Class::Bool(false), Class::Bool(true)]);
                }
                _ => {}
            }
        }
        if others.len() > MOST {
            return Self { list: vec![Class::Missing] };
        }
        list.extend(others.into_iter().filter(|it| !list.contains(it)).collect::<Vec<_>>());
        list.push(Class::Missing);
        Self { list }
    }

    /// Calls with the class of each row, in their order.
    pub fn each(
        &self,
        field: Option<&str>,
        part: &ViewPart<'_>,
        rows: &[u32],
        mut take: impl FnMut(u32),
    ) {
        let at = |class: &Class| {
            let at = self.list.iter().position(|it| it == class);
            u32::try_from(at.unwrap_or(self.list.len() - 1)).unwrap_or_default()
        };
        let missing = at(&Class::Missing);
        let column = field.and_then(|it| part.column(it)).map(|it| it.column);
        let rows = rows.iter().map(|it| *it as usize);
        match column {
            Some(Column::Text { words, codes }) => {
                let of_word = words.iter().map(|it| at(&Class::Text(it.into())));
                let of_code: Vec<u32> = std::iter::once(missing).chain(of_word).collect();
                rows.for_each(|row| take(of_code[codes[row] as usize]));
            }
            Some(column @ (Column::Integer { .. } | Column::Decimal { .. })) => {
                let mut last = (0, at(&Class::Integer(0)));
                rows.for_each(|row| {
                    let Some(it) = integer(column, row) else { return take(missing) };
                    if it != last.0 {
                        last = (it, at(&Class::Integer(it)));
                    }
                    take(last.1);
                });
            }
            Some(Column::Boolean { values, known }) => {
                let of = [at(&Class::Bool(false)), at(&Class::Bool(true))];
                rows.for_each(|row| {
                    take(if known.has(row) { of[usize::from(values.has(row))] } else { missing });
                });
            }
            _ => rows.for_each(|_| take(missing)),
        }
    }
}

/// The integer of a row; what the record computes as numeric is held as a decimal, whatever its folder calls it.
fn integer(column: &Column, row: usize) -> Option<i64> {
    match column {
        Column::Integer { values, known } => known.has(row).then(|| values[row]),
        Column::Decimal { scaled, places, known } if known.has(row) => {
            let unit = 10_i64.checked_pow(*places)?;
            (scaled[row] % unit == 0).then(|| scaled[row] / unit)
        }
        _ => None,
    }
}
