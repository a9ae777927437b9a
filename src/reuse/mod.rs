//! Redevelopment lists: which land is to come back into use, by which path, who answers for it, how far it is, and what of it
//! counts against the targets. The rules are `judgement::workflow`'s; here they meet the record. Every row is read under a
//! [`crate::access::Scope`]: officers see those of their units.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::layer::Text;
use crate::scenario::Thresholds;

pub use targets::Standings;

pub mod attachment;
pub mod candidates;
pub mod case_routes;
mod bulk;
mod change;
mod checks;
pub mod conformity;
mod desk;
pub mod due;
mod fields;
mod freeze;
mod lists;
pub mod columns;
pub mod plan;
mod queries;
pub mod routes;
mod select;
mod shapes;
mod sheet;
mod step;
pub mod targets;
pub mod template;
mod told;

/// The core table behind the layer of cases.
const TABLE: &str = "reuse_case";
/// Cases of one list.
const CASES_MAX: usize = 10_000;
/// Characters of a note, a reason, a comment.
const NOTE_MAX: usize = 2_000;

/// A list, as its readers see it.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "ReuseList")]
pub struct List {
    pub list_id: i64,
    pub name: String,
    /// `renewal` or `reduction`.
    pub kind: String,
    pub year: i64,
    /// Null: the district's.
    pub responsible_unit: Option<String>,
    /// `draft`, `submitted` or `closed`.
    pub state: String,
    pub code_prefix: String,
    /// What it was made from.
    pub selection: Option<Value>,
    pub note: Option<String>,
    /// What an edit names in `If-Match`.
    pub row_version: i64,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub changed_by: Option<String>,
    pub changed_at: Option<DateTime<Utc>>,
    /// Cases that the reader sees, without those removed.
    pub case_count: i64,
    /// Their land, 亩.
    pub area_mu: Decimal,
    /// 亩 that are planned.
    pub plan_area_mu: Decimal,
    /// 亩 that count already.
    pub counted_mu: Decimal,
    /// Frozen versions.
    pub version_count: i64,
}

/// One parcel in a list.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "ReuseCase")]
pub struct Case {
    /// The version: what an edit names in `If-Match`.
    pub row_id: i64,
    pub reuse_case_id: i64,
    pub list_id: i64,
    pub case_code: String,
    pub year: i64,
    pub parcel_code: String,
    pub name: Option<String>,
    pub town_code: Option<String>,
    pub responsible_unit: Option<String>,
    pub state: String,
    pub held: bool,
    pub path: Option<String>,
    pub leader: Option<String>,
    pub person: Option<String>,
    pub enterprise_name: Option<String>,
    pub use_planned: Option<String>,
    pub project: Option<String>,
    pub measures: Option<String>,
    pub basis: Option<String>,
    pub problem_kind: Option<String>,
    pub problem: Option<String>,
    pub note: Option<String>,
    pub plan_area_mu: Option<Decimal>,
    pub plan_start: Option<NaiveDate>,
    pub plan_finish: Option<NaiveDate>,
    pub started_on: Option<NaiveDate>,
    pub finished_on: Option<NaiveDate>,
    /// Milestone: the quarter in which it is planned.
    pub nodes: Value,
    /// Milestone: the day on which it was reached.
    pub reached: Value,
    pub investment_plan_wan: Option<Decimal>,
    pub investment_actual_wan: Option<Decimal>,
    pub energy_freed_tce: Option<Decimal>,
    pub plants_freed: Option<Decimal>,
    pub plant_freed_m2: Option<Decimal>,
    pub enterprises_cleared: Option<Decimal>,
    /// The parcel as it was listed, 亩.
    pub area_mu: Decimal,
    pub disposed_mu: Decimal,
    pub remaining_mu: Decimal,
    pub counted_mu: Decimal,
    /// Of the current run, or of the one that a frozen version names.
    pub tax_wan_per_mu: Option<Decimal>,
    pub tax_wan_per_mu_prev1: Option<Decimal>,
    pub block_class: Option<String>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
}

/// Sums over all cases of a selection that are not removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "ReuseTotals")]
pub struct Totals {
    pub cases: i64,
    pub area_mu: Decimal,
    pub plan_area_mu: Decimal,
    pub disposed_mu: Decimal,
    pub remaining_mu: Decimal,
    pub counted_mu: Decimal,
    pub investment_plan_wan: Decimal,
    pub investment_actual_wan: Decimal,
    pub energy_freed_tce: Decimal,
    pub plants_freed: Decimal,
    pub plant_freed_m2: Decimal,
    pub enterprises_cleared: Decimal,
}

/// A page of cases.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReuseCases")]
pub struct Cases {
    pub list_id: i64,
    /// The moment that is answered of; null: now.
    pub as_of: Option<DateTime<Utc>>,
    pub cases: Vec<Case>,
    /// Over the whole selection, not the page; cases that were removed are shown and not summed.
    pub total: Totals,
    /// Where the next page begins.
    pub next: Option<i64>,
}

/// A case with what may be done with it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CaseSheet {
    pub case: Case,
    /// Steps that the caller may think of.
    pub steps: Vec<OpenStep>,
    /// The milestones of its path.
    pub milestones: Vec<crate::judgement::workflow::Milestone>,
}

/// A step that is open.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenStep {
    pub id: String,
    pub title: Text,
    /// Whether a reason must be written.
    pub reason: bool,
}

/// Something that happened to a case.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct CaseEvent {
    pub event_id: i64,
    pub case_code: String,
    pub responsible_unit: Option<String>,
    /// `created`, `changed`, `transition`, `milestone`, `disposal`, `comment`, `attached`, `withdrawn`.
    pub kind: String,
    pub step: Option<String>,
    pub state_before: Option<String>,
    pub state_after: Option<String>,
    pub milestone: Option<String>,
    pub area_mu: Option<Decimal>,
    pub reason: Option<String>,
    pub document: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub evidence: Option<Value>,
    /// What it added to the targets.
    pub counted_mu: Decimal,
    pub happened_on: NaiveDate,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
}

/// Which parcels come into a list: exactly one of layer, town, codes, scenario and thresholds.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CaseChoice")]
pub struct Choice {
    /// A layer whose rows name parcels; with `filter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CQL2 text over the layer's fields; left out, all rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub town_code: Option<String>,
    /// A pasted column: codes of parcels, one a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcel_codes: Option<String>,
    /// What a saved scenario finds low, in the shown run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario_id: Option<i64>,
    /// What thresholds find low that nobody has saved, in the shown run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
}

/// A new list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewList {
    pub name: String,
    /// `renewal` or `reduction`.
    pub kind: String,
    pub year: i64,
    /// Left out, the district's; takes an officer for all units.
    pub responsible_unit: Option<String>,
    /// What codes begin with, such as JD; left out, as in the list before.
    pub code_prefix: Option<String>,
    pub selection: Option<Choice>,
    pub note: Option<String>,
}

/// What changes in a list; what is left out stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListChange {
    pub name: Option<String>,
    /// `draft`, `submitted` or `closed`.
    pub state: Option<String>,
    pub note: Option<String>,
}

/// What came of a selection.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CasesAdded")]
pub struct Added {
    pub list: List,
    pub added: Vec<String>,
    /// Codes that no parcel in force has.
    pub not_found: Vec<String>,
    pub skipped: Vec<Skipped>,
}

/// A parcel that was not taken.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ParcelSkipped")]
pub struct Skipped {
    pub parcel_code: String,
    pub why: Text,
}

/// What changes in a case; what is left out stays, null clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseChange {
    pub properties: Map<String, Value>,
    pub reason: Option<String>,
}

/// Changes of many cases of a list at once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseChanges {
    /// At most 500.
    pub changes: Vec<RowChange>,
    pub reason: Option<String>,
}

/// What changes in one of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CaseRowChange")]
pub struct RowChange {
    pub case_code: String,
    /// The version that was read.
    pub row_id: i64,
    /// What is left out stays, null clears.
    pub properties: Map<String, Value>,
}

/// What came of changes: each row on its own, and all that is written is written at once.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CasesChanged")]
pub struct ChangesMade {
    /// As they are now.
    pub saved: Vec<Case>,
    /// Cases that were changed after they were read, as they are now: nothing of theirs was written.
    pub overtaken: Vec<Case>,
    pub refused: Vec<ChangeRefused>,
    /// Over the whole list.
    pub total: Totals,
}

/// Why nothing of a case was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseChangeRefused")]
pub struct ChangeRefused {
    pub case_code: String,
    /// Which member is wrong, where one is.
    pub at: Option<String>,
    pub why: String,
}

/// Paths with their milestones, and the steps.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReuseWorkflow")]
pub struct WorkflowSheet {
    pub paths: Vec<crate::judgement::workflow::Way>,
    pub steps: Vec<OpenStep>,
}

/// Something to note of a case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum NewEvent {
    /// A step of the workflow.
    Transition {
        step: String,
        reason: Option<String>,
        /// The number of the document that lets a steward pass a hard stop.
        document: Option<String>,
        /// The day; today when left out.
        on: Option<NaiveDate>,
    },
    /// A station of the path was reached.
    Milestone {
        milestone: String,
        on: Option<NaiveDate>,
        /// It was not reached after all.
        #[serde(default)]
        undo: bool,
        reason: Option<String>,
    },
    /// Some of the land was disposed of.
    Disposal {
        area_mu: Value,
        on: Option<NaiveDate>,
        reason: Option<String>,
    },
    Comment {
        text: String,
    },
}

/// What came of an event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseEventNoted")]
pub struct Noted {
    pub case: Case,
    pub event: CaseEvent,
}

/// What is wrong with a list, or will be.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListChecks")]
pub struct Checks {
    pub list_id: i64,
    pub checked: i64,
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseFinding")]
pub struct Finding {
    pub case_code: String,
    pub parcel_code: String,
    /// `area_over_parcel`, `in_two_lists`, `missing_node`, `missing_member`, `overdue`, `parcel_gone`, `red_line`,
    /// `outside_boundary`, `conformity_unknown`.
    pub rule: &'static str,
    /// `error` stops the case, `warning` does not.
    pub severity: &'static str,
    pub text: Text,
}

/// A frozen version.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "ListVersion")]
pub struct Version {
    pub list_id: i64,
    pub version: i64,
    pub frozen_at: DateTime<Utc>,
    /// The run whose figures it shows.
    pub run_id: Option<i64>,
    pub note: Option<String>,
    pub frozen_by: String,
}

/// A frozen version with its sums, as the caller sees them.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FrozenList")]
pub struct Frozen {
    #[serde(flatten)]
    pub version: Version,
    pub total: Totals,
}

/// Two versions of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListComparison")]
pub struct Comparison {
    pub from: i64,
    /// Null: now.
    pub to: Option<i64>,
    pub added: Vec<String>,
    pub gone: Vec<String>,
    pub changed: Vec<Changed>,
    pub total_from: Totals,
    pub total_to: Totals,
}

/// A member that differs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseMemberChange")]
pub struct Changed {
    pub case_code: String,
    pub member: String,
    pub from: Value,
    pub to: Value,
}
