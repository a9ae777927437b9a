//! `--mapping M.toml`: which header fills which field, where the headers are not those that the folder knows.
//!
//! ```toml
//! [columns]
//! parcel_code = "ML"
//! assessed_value_wan = { header = "TotalAppraisedParcelValue", scale = "0.0001" }
//! gfa_m2 = { header = "GrossArea", unit = "ft2" }
//! year = { constant = "2014" }
//!
//! [rows]
//! group_by = ["parcel_code"]
//! ```

use std::fs;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

/// A mapping file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingFile {
    /// What the file is for, for its readers only.
    #[serde(default, rename = "about")]
    _about: String,
    /// Field to column.
    #[serde(default)]
    pub columns: IndexMap<String, Column>,
    #[serde(default)]
    pub rows: Rows,
    /// Whether headers that the file does not name are still matched by the folder's aliases.
    #[serde(default = "yes")]
    pub aliases: bool,
}

const fn yes() -> bool {
    true
}

impl Default for MappingFile {
    fn default() -> Self {
        Self {
            _about: String::new(),
            columns: IndexMap::new(),
            rows: Rows::default(),
            aliases: true,
        }
    }
}

/// Where a field's value comes from: a header, or a table that says more.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Column {
    Header(String),
    Detail(Detail),
}

/// What is known of a column besides its header.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    pub header: Option<String>,
    /// The unit of the figures, as in a header's bracket.
    pub unit: Option<String>,
    /// A factor, as text so that it stays exact.
    pub scale: Option<String>,
    /// The same value for every row.
    pub constant: Option<String>,
    /// Values of the file to values of the field.
    #[serde(default)]
    pub values: IndexMap<String, String>,
    /// With `group_by`: how rows become one.
    pub combine: Option<Combine>,
}

/// How the values of several rows become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    Sum,
    Max,
    Min,
    /// The value of the first row that has one; rows that differ are counted in the report.
    First,
}

/// What is done with rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Fields whose rows are one: figures are summed, the rest is taken from the first row that has it.
    #[serde(default)]
    pub group_by: Vec<String>,
}

impl MappingFile {
    /// Reads a file; unknown keys and factors that are no number are refused.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("无法读取映射文件 / cannot read the mapping {shown}"))?;
        let file: Self = toml::from_str(&text)
            .with_context(|| format!("映射文件有误 / the mapping {shown} needs mending"))?;
        file.check()
            .with_context(|| format!("映射文件有误 / the mapping {shown} needs mending"))?;
        Ok(file)
    }

    /// Refuses what its types allow and nobody can have meant.
    pub fn check(&self) -> anyhow::Result<()> {
        for (field, column) in &self.columns {
            let Column::Detail(it) = column else { continue };
            if it.header.is_some() == it.constant.is_some() {
                bail!(
                    "`columns.{field}`: 需要 header 或 constant 之一 / needs either `header` or `constant`"
                );
            }
            it.factor().with_context(|| format!("`columns.{field}.scale`"))?;
        }
        Ok(())
    }
}

impl Column {
    /// Both spellings as one.
    pub fn detail(&self) -> Detail {
        match self {
            Self::Header(header) => Detail { header: Some(header.clone()), ..Detail::default() },
            Self::Detail(it) => it.clone(),
        }
    }
}

impl Detail {
    /// The stated factor, if there is one.
    pub fn factor(&self) -> anyhow::Result<Option<Decimal>> {
        let Some(text) = &self.scale else { return Ok(None) };
        let value = super::value::parse_decimal(text)
            .ok()
            .flatten()
            .with_context(|| format!("`{text}` 不是数字 / is not a number such as \"0.0001\""))?;
        Ok(Some(value))
    }
}
