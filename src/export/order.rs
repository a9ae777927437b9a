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
/// What the row's own number is called, beside the fields.
const ID: &str = "id";

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
        let term = |it: &str| {
            (it.trim_start_matches(['-', '+', ' ']).trim().to_owned(), it.starts_with('-'))
        };
        let terms: Vec<(String, bool)> = text.split(',').map(term).collect();
        // Sortables do not name it.
        if terms.iter().any(|it| it.0 == ID) {
            return Err(Error::parameter(
                "sortby",
                format!("`{ID}`：缺省即按其升序 / that is the order anyway"),
            ));
        }
        self.sort_by("sortby", terms)
    }

    /// Reads an order as SQL has it, and with it WFS and `ArcGIS`: `name ASC, area_mu DESC`. What a client calls a field is
    /// told by `named`; `id` is the row's own.
    pub fn sort_in_words(
        &mut self,
        parameter: &'static str,
        text: &str,
        named: impl Fn(&str) -> String,
    ) -> Result<()> {
        let mut terms = Vec::new();
        for term in text.split(',') {
            let mut words = term.split_whitespace();
            let name = words.next().unwrap_or_default();
            let way = words.next().unwrap_or("ASC").to_ascii_uppercase();
            let descending = match way.as_str() {
                "ASC" | "A" => false,
                "DESC" | "D" => true,
                _ => return Err(Error::parameter(parameter, "name ASC, name DESC")),
            };
            if words.next().is_some() {
                return Err(Error::parameter(parameter, "name ASC, name DESC"));
            }
            terms.push((named(name), descending));
        }
        // As rows come anyway.
        if terms.first() == Some(&(ID.to_owned(), false)) {
            return Ok(());
        }
        self.sort_by(parameter, terms)
    }

    /// Names, and whether each descends.
    fn sort_by(
        &mut self,
        parameter: &'static str,
        terms: impl IntoIterator<Item = (String, bool)>,
    ) -> Result<()> {
        let mut keys: Vec<Key> = Vec::new();
        for (name, descending) in terms {
            let kind = match self.layer.field_for(self.scope, &name) {
                Some(field) => field.kind,
                None if name == ID => FieldType::Integer,
                None => {
                    let known = self.layer.fields_for(self.scope).map(|it| it.0);
                    let Error::BadInput { why, .. } = unknown_parameter(&name, known) else {
                        return Err(Error::parameter(parameter, shortened(&name)));
                    };
                    let why = format!("`{}`: {why}", shortened(&name));
                    return Err(Error::parameter(parameter, why));
                }
            };
            if keys.iter().any(|it| it.name == name) || keys.len() == MAX_KEYS {
                return Err(Error::parameter(
                    parameter,
                    format!(
                        "每个属性一次，至多 {MAX_KEYS} 个 / each property once, {MAX_KEYS} at most"
                    ),
                ));
            }
            keys.push(Key { name, kind, descending });
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
