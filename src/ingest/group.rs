//! Many rows to one: a roll that has a line for every flat of a parcel becomes one row of figures for the parcel.

use indexmap::IndexMap;
use serde_json::json;

use super::mapping::Plan;
use super::mapping_file::Combine;
use super::report::Findings;
use super::report::Issue;
use super::target::Target;
use super::value::Value;

/// Rows being joined. Held in memory: one entry a group.
pub struct Groups {
    by: Vec<usize>,
    combine: Vec<Combine>,
    names: Vec<String>,
    joined: IndexMap<Vec<String>, Group>,
}

struct Group {
    number: u64,
    rows: u64,
    values: Vec<Option<Value>>,
}

impl Groups {
    pub fn new(target: &Target, plan: &Plan) -> Self {
        let mut combine = vec![Combine::First; target.fields.len()];
        for planned in &plan.fields {
            let field = target.field(planned.field);
            let usual = if planned.sums(field) { Combine::Sum } else { Combine::First };
            combine[planned.field] = planned.combine.unwrap_or(usual);
        }
        let by: Vec<usize> = plan.group_by.iter().map(|it| plan.fields[*it].field).collect();
        for it in &by {
            combine[*it] = Combine::First;
        }
        Self {
            by,
            combine,
            names: target.fields.keys().cloned().collect(),
            joined: IndexMap::new(),
        }
    }

    /// Joins a row to its group; whether there was one already.
    pub fn add(
        &mut self,
        number: u64,
        values: Vec<Option<Value>>,
        findings: &mut Findings,
    ) -> bool {
        let key: Vec<String> = self.by.iter().map(|it| shown(values[*it].as_ref())).collect();
        let Some(group) = self.joined.get_mut(&key) else {
            self.joined.insert(key, Group { number, rows: 1, values });
            return false;
        };
        group.rows += 1;
        for (index, value) in values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let held = &mut group.values[index];
            let Some(first) = held.as_ref() else {
                *held = Some(value);
                continue;
            };
            let how = self.combine[index];
            if how == Combine::First && *first != value {
                let why = format!(
                    "与第 {0} 行不同，取第 {0} 行的值 / differs from row {0}, whose value is kept",
                    group.number
                );
                let field = Some(self.names[index].clone());
                let differs = Some(shown(Some(&value)));
                findings.add(Issue::error("group_differs", number, field, differs, why).warning());
            } else if let Some(both) = combine(how, first, &value) {
                *held = Some(both);
            }
        }
        true
    }

    /// The joined rows in the order of their first: number, values, what `extra` says.
    pub fn finish(self) -> impl Iterator<Item = (u64, Vec<Option<Value>>, serde_json::Value)> {
        self.joined.into_values().map(|it| (it.number, it.values, json!({"rows": it.rows})))
    }
}

/// Both values as one; `None` leaves the first.
fn combine(how: Combine, first: &Value, next: &Value) -> Option<Value> {
    match (how, first, next) {
        (Combine::Sum, Value::Decimal(a), Value::Decimal(b)) => {
            a.checked_add(*b).map(Value::Decimal)
        }
        (Combine::Sum, Value::Integer(a), Value::Integer(b)) => {
            a.checked_add(*b).map(Value::Integer)
        }
        (Combine::Max | Combine::Min, Value::Decimal(a), Value::Decimal(b)) => {
            Some(Value::Decimal(if how == Combine::Max { *a.max(b) } else { *a.min(b) }))
        }
        (Combine::Max | Combine::Min, Value::Integer(a), Value::Integer(b)) => {
            Some(Value::Integer(if how == Combine::Max { *a.max(b) } else { *a.min(b) }))
        }
        (Combine::Max | Combine::Min, Value::Date(a), Value::Date(b)) => {
            Some(Value::Date(if how == Combine::Max { *a.max(b) } else { *a.min(b) }))
        }
        _ => None,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map(Value::shown).unwrap_or_default()
}
