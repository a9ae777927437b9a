//! The audit: who did what, to what, from where and when. Rows are only ever added, in the transaction of what they tell
//! of, and hold no password, token, code or hash of one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

mod queries;

pub use queries::Entry;
pub use queries::Selection;
pub use queries::list;
pub use queries::record;
pub use queries::record_all;

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    SignIn,
    SignInFailed,
    SignOut,
    PasswordChanged,
    ViewAs,
    TokenCreated,
    TokenRevoked,
    AccountCreated,
    AccountChanged,
    LinkCreated,
    /// Somebody asked for what they may not read or do.
    Refused,
    Export,
    Import,
    ImportUploaded,
    ImportPreviewed,
    ImportDiscarded,
    ImportUndone,
    Evaluate,
    EvaluationPublished,
    EvaluationFinalised,
    EvaluationShown,
    ObjectionMade,
    ObjectionDecided,
    ScenarioSaved,
    ScenarioWithdrawn,
    RuleSetAdopted,
    SchemeSaved,
    ParcelCreated,
    ParcelChanged,
    ParcelRetired,
    ParcelSplit,
    ParcelsMerged,
    ListCreated,
    ListChanged,
    ListFrozen,
    /// Parcels came into a list.
    CasesAdded,
    CaseChanged,
    /// A step, a milestone, a disposal or a comment.
    CaseMoved,
    /// A file of a case was given.
    FileAttached,
    FileWithdrawn,
    /// An office's own workbook for lists.
    TemplateSaved,
    TemplateWithdrawn,
    ReportAsked,
    /// The database noted a change that did not come through Mutu.
    DatabaseChanged,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 44] = [
        Self::SignIn,
        Self::SignInFailed,
        Self::SignOut,
        Self::PasswordChanged,
        Self::ViewAs,
        Self::TokenCreated,
        Self::TokenRevoked,
        Self::AccountCreated,
        Self::AccountChanged,
        Self::LinkCreated,
        Self::Refused,
        Self::Export,
        Self::Import,
        Self::ImportUploaded,
        Self::ImportPreviewed,
        Self::ImportDiscarded,
        Self::ImportUndone,
        Self::Evaluate,
        Self::EvaluationPublished,
        Self::EvaluationFinalised,
        Self::EvaluationShown,
        Self::ObjectionMade,
        Self::ObjectionDecided,
        Self::ScenarioSaved,
        Self::ScenarioWithdrawn,
        Self::RuleSetAdopted,
        Self::SchemeSaved,
        Self::ParcelCreated,
        Self::ParcelChanged,
        Self::ParcelRetired,
        Self::ParcelSplit,
        Self::ParcelsMerged,
        Self::ListCreated,
        Self::ListChanged,
        Self::ListFrozen,
        Self::CasesAdded,
        Self::CaseChanged,
        Self::CaseMoved,
        Self::FileAttached,
        Self::FileWithdrawn,
        Self::TemplateSaved,
        Self::TemplateWithdrawn,
        Self::ReportAsked,
        Self::DatabaseChanged,
    ];

    /// Its stable name, as in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignOut => "sign_out",
            Self::PasswordChanged => "password_changed",
            Self::ViewAs => "view_as",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
            Self::AccountCreated => "account_created",
            Self::AccountChanged => "account_changed",
            Self::LinkCreated => "link_created",
            Self::Refused => "refused",
            Self::Export => "export",
            Self::Import => "import",
            Self::ImportUploaded => "import_uploaded",
            Self::ImportPreviewed => "import_previewed",
            Self::ImportDiscarded => "import_discarded",
            Self::ImportUndone => "import_undone",
            Self::Evaluate => "evaluate",
            Self::EvaluationPublished => "evaluation_published",
            Self::EvaluationFinalised => "evaluation_finalised",
            Self::EvaluationShown => "evaluation_shown",
            Self::ObjectionMade => "objection_made",
            Self::ObjectionDecided => "objection_decided",
            Self::ScenarioSaved => "scenario_saved",
            Self::ScenarioWithdrawn => "scenario_withdrawn",
            Self::RuleSetAdopted => "rule_set_adopted",
            Self::SchemeSaved => "scheme_saved",
            Self::ParcelCreated => "parcel_created",
            Self::ParcelChanged => "parcel_changed",
            Self::ParcelRetired => "parcel_retired",
            Self::ParcelSplit => "parcel_split",
            Self::ParcelsMerged => "parcels_merged",
            Self::ListCreated => "list_created",
            Self::ListChanged => "list_changed",
            Self::ListFrozen => "list_frozen",
            Self::CasesAdded => "cases_added",
            Self::CaseChanged => "case_changed",
            Self::CaseMoved => "case_moved",
            Self::FileAttached => "file_attached",
            Self::FileWithdrawn => "file_withdrawn",
            Self::TemplateSaved => "template_saved",
            Self::TemplateWithdrawn => "template_withdrawn",
            Self::ReportAsked => "report_asked",
            Self::DatabaseChanged => "database_changed",
        }
    }
}

/// One thing that happened. Who and where come from the scope it is recorded under.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    pub action: Action,
    /// What it is about: an account's name, a layer's id, a file.
    pub subject: &'a str,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// Whatever else a reader of the audit needs: an object, `{}` for nothing.
    pub detail: Value,
}

impl<'a> Event<'a> {
    /// An event that changed nothing that could be shown before and after.
    pub fn of(action: Action, subject: &'a str) -> Self {
        let detail = Value::Object(serde_json::Map::new());
        Self { action, subject, before: None, after: None, detail }
    }

    /// The same with more to say.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// The same with what was changed into what.
    #[must_use]
    pub fn changing(self, before: Option<Value>, after: Option<Value>) -> Self {
        Self { before, after, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_has_one_name() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
    }
}
