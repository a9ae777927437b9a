//! Jobs: what takes longer than a request. A queue in the database that every node takes from, one job at a time and under a
//! lease; a node that dies loses it to another. What a job does is its kind's business, behind [`Work`].

use std::fmt;

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

pub mod queries;
pub mod routes;
mod run;
pub mod runner;

pub use run::Run;
pub use runner::Work;

/// How often a job is begun before it is given up.
pub const ATTEMPTS: i64 = 3;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "JobKind")]
pub enum Kind {
    /// Reads a file, compares it with the record and keeps report, findings and changes.
    Preview,
    /// Writes what was previewed.
    Apply,
    /// Takes an import back.
    Undo,
    /// Judges all parcels for a year.
    Evaluate,
    /// Writes a report of redevelopment lists.
    Report,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Apply => "apply",
            Self::Undo => "undo",
            Self::Evaluate => "evaluate",
            Self::Report => "report",
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "JobState")]
pub enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What a running job is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "JobStage")]
pub enum Stage {
    /// Fetches the file and opens it.
    #[default]
    Opening,
    /// Another job is writing into the same place.
    Waiting,
    Reading,
    Comparing,
    Writing,
    /// An evaluation lays the plans over the parcels,
    Overlay,
    /// computes measures,
    Measuring,
    /// applies the rules,
    Judging,
    /// writes what it found and scores enterprises,
    Storing,
    /// and holds land against the plans.
    Planning,
}

/// How far a running job is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "JobProgress")]
pub struct Progress {
    /// Null: it has not begun.
    pub stage: Option<Stage>,
    /// Rows of the file that were read.
    pub rows: u64,
    /// Of how many, where the file says so.
    pub total: Option<u64>,
}

/// Why a job failed. An error, so that work can name what a person has to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "JobFailure")]
pub struct Failure {
    pub title: String,
    /// What happened and what to do, zh and en.
    pub detail: String,
    /// The option that a person has to choose.
    #[serde(default)]
    pub parameter: Option<String>,
    /// What there is to choose from.
    #[serde(default)]
    pub choices: Option<Vec<String>>,
}

impl Failure {
    /// A failure with nothing to choose.
    pub fn new(title: &str, detail: impl Into<String>) -> Self {
        Self { title: title.to_owned(), detail: detail.into(), parameter: None, choices: None }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl std::error::Error for Failure {}

/// A job as everybody who may see it sees it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Job {
    pub job_id: Uuid,
    pub kind: Kind,
    pub state: State,
    /// The import that it is about.
    pub batch_id: Option<i64>,
    /// The run that an evaluation made; null until it is done.
    pub run_id: Option<i64>,
    pub progress: Progress,
    /// Null unless it failed.
    pub error: Option<Failure>,
    /// A cancel was asked for and is on its way.
    pub cancel_requested: bool,
    /// Who asked for it.
    pub recorded_by: String,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// A job as it is asked for.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    pub kind: Kind,
    /// The import that it is about.
    pub batch_id: Option<i64>,
    /// What the work goes by.
    pub options: serde_json::Value,
    pub scope: &'a crate::access::Scope,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_database_are_those_of_the_api() {
        for kind in [Kind::Preview, Kind::Apply, Kind::Undo, Kind::Evaluate, Kind::Report] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        for state in [State::Queued, State::Running, State::Done, State::Failed, State::Cancelled] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }

    #[test]
    fn progress_of_a_job_that_has_not_begun_is_read_from_nothing() {
        assert_eq!(serde_json::from_str::<Progress>("{}").unwrap(), Progress::default());
    }
}
