//! The importable tables, declared as data in `tables/<id>.toml` as layers are in their folders: title, core table, key and
//! fields with units and header aliases.

use anyhow::Context;
use anyhow::bail;
use indexmap::IndexMap;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::layer::Field;
use crate::layer::Text;

#[derive(RustEmbed)]
#[folder = "tables/"]
struct Shipped;

/// A table that files are imported into; its rows have no geometry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// File name without `.toml`; the id of `--into`.
    #[serde(skip)]
    pub id: String,
    pub title: Text,
    pub about: Text,
    /// Core table in schema `mutu`.
    pub table: String,
    /// The fields that together identify a row from one version to the next.
    pub key: Vec<String>,
    /// The column with the row's stable number, where the table has one; its sequence is `mutu.<column>_seq`.
    #[serde(default)]
    pub identity: Option<String>,
    pub field: IndexMap<String, Field>,
}

/// All tables, by id. They are shipped in the binary and tested, so a fault here is one of the build.
pub fn all() -> anyhow::Result<Vec<Table>> {
    let mut tables = Vec::new();
    for path in Shipped::iter() {
        let Some(id) = path.strip_suffix(".toml") else { continue };
        let file = Shipped::get(&path).with_context(|| format!("tables/{path}"))?;
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let mut table: Table =
            toml::from_str(&text).with_context(|| format!("in tables/{path}"))?;
        if let Some(key) = table.key.iter().find(|it| !table.field.contains_key(*it)) {
            bail!("tables/{path}: `key`: no field `{key}`");
        }
        id.clone_into(&mut table.id);
        tables.push(table);
    }
    tables.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_table_can_be_read() {
        let ids: Vec<String> = all().unwrap().into_iter().map(|it| it.id).collect();
        assert_eq!(
            ids,
            [
                "enterprise_marks",
                "enterprise_years",
                "enterprises",
                "occupancies",
                "parcel_years",
                "sector_guides",
                "targets"
            ]
        );
    }

    #[test]
    fn a_number_has_a_unit_or_is_a_year() {
        for table in all().unwrap() {
            for (name, field) in &table.field {
                let number = matches!(
                    field.kind,
                    crate::layer::FieldType::Decimal | crate::layer::FieldType::Integer
                );
                // A target's quantity is counted in what its kind says.
                let free = ["year", "quantity"].contains(&name.as_str());
                assert!(!number || free || field.unit.is_some(), "{}.{name}", table.id);
            }
        }
    }
}
