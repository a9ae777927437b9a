//! What an import found and did, for people and as JSON. Findings are counted all and quoted some.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::layer::Text;

use super::crs;
use super::diff::Change;
use super::encoding;
use super::mapping::How;
use super::mapping_memory::Remembered;
use super::quality::catalogue;

/// Findings of one rule that are kept with row and value; the rest is counted. A finding with its place takes about a
/// kilobyte, so that a file in which everything is wrong costs tens of megabytes.
pub const KEPT: usize = 10_000;
/// Of those, how many the report quotes.
const QUOTED: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row was not imported.
    Error,
    Warning,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Issue {
    pub severity: Severity,
    pub rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub message: String,
    /// What would make the finding go away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// Where on the map it is: EWKB in EPSG:4490, longitude before latitude.
    #[serde(skip)]
    pub place: Option<Vec<u8>>,
}

impl Issue {
    /// A finding that rejects its row.
    pub fn error(
        rule: &'static str,
        row: u64,
        field: Option<String>,
        value: Option<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        let severity = Severity::Error;
        Self { severity, rule, row: Some(row), field, value, message, mend: None, place: None }
    }

    /// A finding that its row survives; without a row it is one of the whole file.
    pub fn warn(
        rule: &'static str,
        row: Option<u64>,
        field: Option<String>,
        value: Option<String>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        let severity = Severity::Warning;
        Self { severity, rule, row, field, value, message, mend: None, place: None }
    }

    /// The same finding as one that its row survives.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same finding with its place: EWKB in EPSG:4490.
    #[must_use]
    pub fn at(self, place: Option<Vec<u8>>) -> Self {
        Self { place, ..self }
    }
}

/// All findings, grouped by rule.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    rules: IndexMap<(&'static str, &'static str), (u64, Vec<Issue>)>,
}

impl Findings {
    /// Counts a finding and keeps it, with the mend of its rule where it has none of its own.
    pub fn add(&mut self, mut issue: Issue) {
        debug_assert!(catalogue::mend(issue.rule).is_some(), "no rule `{}`", issue.rule);
        let (count, kept) = self.rules.entry((issue.severity.name(), issue.rule)).or_default();
        *count += 1;
        if kept.len() < KEPT {
            issue.mend = issue.mend.or_else(|| catalogue::mend(issue.rule));
            kept.push(issue);
        }
    }

    /// Counts findings whose rows are not quoted.
    pub fn count_more(&mut self, severity: Severity, rule: &'static str, more: u64) {
        if more == 0 {
            return;
        }
        self.rules.entry((severity.name(), rule)).or_default().0 += more;
    }

    /// How many findings of a rule are kept.
    pub fn most() -> i64 {
        i64::try_from(KEPT).unwrap_or(i64::MAX)
    }

    /// The findings that were kept, rule by rule.
    pub fn kept(&self) -> impl Iterator<Item = &Issue> {
        self.rules.values().flat_map(|(_, kept)| kept)
    }

    /// Errors first, then the most frequent.
    pub fn groups(&self) -> Vec<IssueGroup> {
        let mut groups: Vec<IssueGroup> = self
            .rules
            .iter()
            .map(|((severity, rule), (count, kept))| IssueGroup {
                severity: if *severity == "error" { Severity::Error } else { Severity::Warning },
                rule,
                title: catalogue::title(rule),
                count: *count,
                examples: kept.iter().take(QUOTED).cloned().collect(),
            })
            .collect();
        groups.sort_by_key(|it| (it.severity != Severity::Error, std::cmp::Reverse(it.count)));
        groups
    }
}

/// The findings of one rule.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IssueGroup {
    pub severity: Severity,
    pub rule: &'static str,
    pub title: Text,
    pub count: u64,
    pub examples: Vec<Issue>,
}

/// A row of the mapping table.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Mapped {
    pub header: String,
    pub field: String,
    pub title: Text,
    pub how: How,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
}

/// A column of the file, for whoever checks or corrects the mapping.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "FileColumn")]
pub struct Column {
    pub header: String,
    /// `None`: kept in `extra`.
    pub field: Option<String>,
    pub title: Option<Text>,
    pub how: Option<How>,
    pub unit: Option<String>,
    pub to_unit: Option<&'static str>,
    pub factor: Option<String>,
    /// The first values that differ, as the file has them.
    pub samples: Vec<String>,
}

/// Rows by what became of them.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// Rows of the file; blank ones are not counted.
    pub read: u64,
    /// Rows of the database that were written: added and changed.
    pub written: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub repaired: u64,
    pub rejected: u64,
    /// Rows that a mapping's `group_by` made one with another.
    pub merged: u64,
    /// Total and note rows below the table.
    pub passed_over: u64,
    pub blank: u64,
    /// Rows of the database that the file does not have. They stay, except in a layer that is replaced as a whole.
    pub not_in_file: u64,
    pub removed: u64,
}

/// Areas, to be compared with what the source says of itself.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the unit belongs in the name")]
pub struct Areas {
    /// Measured on the ellipsoid, of all rows that were accepted.
    pub accepted_m2: f64,
    pub repaired_before_m2: f64,
    pub repaired_after_m2: f64,
}

/// The whole report.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    pub file: String,
    pub into: String,
    pub title: Text,
    pub dry_run: bool,
    pub batch_id: Option<i64>,
    /// The state of the target when it was compared, to be named when a preview is applied.
    pub seen: String,
    pub format: String,
    pub layer_name: Option<String>,
    pub encoding: Option<encoding::Choice>,
    pub crs: Option<crs::Choice>,
    pub rows: Counts,
    pub areas: Option<Areas>,
    pub mapping: Vec<Mapped>,
    /// All columns of the file, in its order.
    pub columns: Vec<Column>,
    /// The remembered mapping that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remembered: Option<Remembered>,
    /// Headers whose values went to `extra`.
    pub extra: Vec<String>,
    /// The first few rows of each kind that change; `rows` counts them all.
    pub changes: Vec<Change>,
    pub notes: Vec<String>,
    pub issues: Vec<IssueGroup>,
    /// Every finding that was kept, for downloads; `issues` counts all and quotes some.
    #[serde(skip)]
    pub findings: Findings,
    pub seconds: f64,
}

impl Report {
    /// Whether nothing at all could be imported.
    pub fn failed(&self) -> bool {
        self.rows.read > 0 && self.rows.rejected == self.rows.read
    }
}
