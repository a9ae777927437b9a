//! What an answer says: parcels, 亩, tax, energy and enterprises by verdict, before and after.

use schemars::JsonSchema;
use serde::Serialize;

use crate::judgement::rule::Effect;
use crate::judgement::rule::Parameter;
use crate::layer::Text;

/// Whose parcels an answer is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PreviewRows")]
pub enum Rows {
    All,
    /// Only those of the units that the account answers for.
    OwnUnits,
}

/// The answer of `/api/v1/scenarios/preview`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Preview {
    pub layer: String,
    pub run_id: i64,
    pub year: i64,
    pub ruleset: String,
    pub title: Text,
    pub rows: Rows,
    /// Verdicts as the run stored them.
    pub before: Verdicts,
    /// Verdicts under the changed rules.
    pub after: Verdicts,
    pub units: Vec<Group>,
    pub classes: Vec<Group>,
    /// How often each rule fits, by itself.
    pub rules: Vec<RuleCount>,
    /// The parameters as they were asked about.
    pub parameters: Vec<Parameter>,
    pub flips: Vec<Flip>,
    pub targets: Vec<Distance>,
    /// Figures that the role may not read and that are left out.
    pub withheld: Vec<String>,
}

/// A responsible unit or a class.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PreviewGroup")]
pub struct Group {
    /// Null: parcels without one.
    pub key: Option<String>,
    pub before: Verdicts,
    pub after: Verdicts,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PreviewVerdicts")]
pub struct Verdicts {
    pub low: Figures,
    pub ok: Figures,
    pub unknown: Figures,
    /// Parcels that the run has no verdict of.
    pub not_judged: Figures,
}

/// Sums over parcels, in all their digits; null where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PreviewFigures")]
pub struct Figures {
    pub parcels: u64,
    pub area_mu: Option<String>,
    pub tax_wan: Option<String>,
    pub energy_tce: Option<String>,
    /// Enterprises on these parcels; one on two parcels counts on each.
    pub enterprises: Option<String>,
    /// Parcels whose tax is not known and is not in the sum.
    pub without_tax: u64,
    pub without_energy: u64,
}

/// How often a rule fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleCount {
    pub rule: String,
    pub title: Text,
    pub effect: Effect,
    pub when: String,
    pub fits: u64,
    /// Parcels of which a figure is missing that it takes.
    pub unknown: u64,
}

/// Parcels whose verdict changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PreviewFlip")]
pub struct Flip {
    /// `low`, `ok`, `unknown`, or `not_judged`.
    pub from: &'static str,
    pub to: &'static str,
    pub parcels: u64,
    pub area_mu: Option<String>,
    /// Their ids, rising, within the box if one was given; see `is_cut`.
    pub ids: Vec<i64>,
    /// There are more than were asked for.
    pub is_cut: bool,
}

/// How far the low-efficiency land is from a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PreviewDistance")]
pub struct Distance {
    /// Null: of all units together.
    pub unit: Option<String>,
    pub kind: String,
    pub quantity: String,
    pub reached: String,
    /// What is still missing; below zero where there is more than that.
    pub gap: String,
    /// Whether it stands in the table of targets; it came with the question where not.
    pub is_stored: bool,
}
