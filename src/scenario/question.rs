//! What may be asked, and its limits.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::error::Error;
use crate::error::Result;
use crate::judgement::rule::Changes;

use super::IDS_AT_MOST;

/// A rule set with changes, over what a run measured.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PreviewQuestion")]
pub struct Question {
    /// The layer whose rules are asked about; may be left out where only one has rules.
    #[serde(default)]
    pub layer: Option<String>,
    /// The shown run where it is left out.
    #[serde(default)]
    pub run_id: Option<i64>,
    /// CQL2 text over measures, the parcels' fields and classes: only parcels that it fits.
    #[serde(default)]
    pub filter: Option<String>,
    /// The rule set that the changes are made to; the one that the run applied where it is left out.
    #[serde(default)]
    pub ruleset: Option<String>,
    /// New values of the rule set's parameters, by name: `{"tax_floor": 6}`.
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<String, serde_json::Value>,
    /// Changed and new rules by id; null takes a rule away.
    #[serde(default)]
    pub rules: std::collections::BTreeMap<String, Option<crate::judgement::rule::ChangedRule>>,
    /// What is to be reached; the year's stored targets where it is left out.
    #[serde(default)]
    pub target: Option<Target>,
    /// The ids of flips are of parcels that touch it only: west, south, east, north in degrees.
    #[serde(default)]
    pub bbox: Option<[f64; 4]>,
    /// Ids of each kind of flip at most; 1000 where it is left out, at most 10000.
    #[serde(default)]
    pub ids_at_most: Option<usize>,
}

/// Something to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PreviewTarget")]
pub struct Target {
    /// `mu`, `enterprises` or `tce`: what of the low-efficiency land counts.
    #[serde(default = "mu")]
    pub kind: String,
    pub quantity: Decimal,
}

fn mu() -> String {
    "mu".to_owned()
}

/// What targets count, as in the table of targets, and what of the answer it is.
pub(super) const KINDS: [&str; 3] = ["mu", "enterprises", "tce"];

impl Question {
    pub(super) fn changes(&self) -> Changes {
        Changes { parameters: self.parameters.clone(), rules: self.rules.clone() }
    }

    pub(super) fn check(&self) -> Result<()> {
        if let Some(it) = &self.target {
            it.check()?;
        }
        if self.ids_at_most.is_some_and(|it| it > IDS_AT_MOST) {
            return Err(Error::parameter(
                "ids_at_most",
                format!("至多 {IDS_AT_MOST} / at most {IDS_AT_MOST}"),
            ));
        }
        if let Some(edges) = self.bbox {
            crate::export::Bbox::parse(&edges.map(|it| it.to_string()).join(","))?;
        }
        Ok(())
    }
}

impl Target {
    pub(super) fn check(&self) -> Result<()> {
        if !KINDS.contains(&self.kind.as_str()) {
            return Err(Error::parameter(
                "target.kind",
                format!("应为其一 / one of: {}", KINDS.join(", ")),
            ));
        }
        if self.quantity < Decimal::ZERO {
            return Err(Error::parameter("target.quantity", "不能为负 / not below zero"));
        }
        Ok(())
    }
}
