//! In which order rows come, and where in it a page begins: fields in a stated order, and the id last, so that no two rows
//! stand in the same place. A missing value comes last either way. Text compares in collation "C", as everywhere.

use std::fmt::Write;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Serialize;

use crate::cql::Value;
use crate::db::Statement;
use crate::error::Error;
use crate::error::Result;
use crate::layer::FieldType;

use super::Selection;
use super::shortened;
use super::unknown_parameter;

/// Fields that one page may be sorted by.
const MAX_KEYS: usize = 8;

/// A field to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    pub kind: FieldType,
    pub descending: bool,
}

/// A row's place: its values of the keys, as text, and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub id: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Option<String>>,
}

impl Selection<'_> {
    /// Reads `sortby`: names with commas, `-` before one that descends (and `+`, which a query string makes a space).
    pub fn sort(&mut self, text: &str) -> Result<()> {
        let mut keys: Vec<Key> = Vec::new();
        for part in text.split(',') {
            let descending = part.starts_with('-');
            let name = part.trim_start_matches(['-', '+', ' ']).trim();
            let Some(field) = self.layer.field_for(self.scope, name) else {
                let known = self.layer.fields_for(self.scope).map(|it| it.0);
                let Error::BadInput { why, .. } = unknown_parameter(name, known) else {
                    return Err(Error::parameter("sortby", shortened(name)));
                };
                return Err(Error::parameter("sortby", format!("`{}`: {why}", shortened(name))));
            };
            if keys.iter().any(|it| it.name == name) || keys.len() == MAX_KEYS {
                return Err(Error::parameter(
                    "sortby",
                    format!(
                        "每个属性一次，至多 {MAX_KEYS} 个 / each property once, {MAX_KEYS} at most"
                    ),
                ));
            }
            keys.push(Key { name: name.to_owned(), kind: field.kind, descending });
        }
        self.order = keys;
        Ok(())
    }

    /// The keys as text, as they are selected of each row.
    pub(super) fn keys(&self) -> String {
        self.order.iter().fold(String::new(), |mut list, it| {
            let _ = write!(list, ", t.{}::text", it.name);
            list
        })
    }

    /// `order by` of the selection.
    pub(super) fn order_by(&self) -> String {
        let mut sql = " order by ".to_owned();
        for key in &self.order {
            let way = if key.descending { "desc" } else { "asc" };
            let _ = write!(sql, "{} {way} nulls last, ", key.column());
        }
        sql.push_str("t.id");
        sql
    }

    /// The condition that a row of `t` comes after the place.
    pub(super) fn comes_after(&self, place: &Place, statement: &mut Statement) -> String {
        let id = statement.bind(Decimal::from(place.id), "bigint");
        // From the last key to the first: either it is beyond, or it is the same and what follows is.
        let keys = std::iter::zip(&self.order, &place.keys).rev();
        keys.fold(format!("t.id > {id}"), |rest, (key, value)| {
            let column = key.column();
            match value {
                // Nothing comes after a missing value but other missing ones.
                None => format!("({column} is null and {rest})"),
                Some(it) => {
                    let value = statement.bind(Value::Text(it.clone().into()), "text");
                    let value = format!("{value}::{}", key.kind.postgres());
                    let beyond = if key.descending { "<" } else { ">" };
                    format!(
                        "({column} {beyond} {value} or {column} is null or ({column} = {value} and {rest}))"
                    )
                }
            }
        })
    }
}

impl Key {
    fn column(&self) -> String {
        let collation = if self.kind == FieldType::Text { " collate \"C\"" } else { "" };
        format!("t.{}{collation}", self.name)
    }
}
