//! Notices: what officers are told without asking, by responsible unit, and who has read it. Whoever makes something happen
//! writes the notice in the same transaction; a new kind of them is a variant of [`Kind`].

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::access::Role;
use crate::access::Scope;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Text;

pub mod queries;
pub mod routes;

/// Notices on a page, at most.
pub const MOST: i64 = 200;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "NoticeKind")]
pub enum Kind {
    /// A run became final: `detail` has `run_id`, `year`, `entered`, `gone`, `opened` and `list_ids`.
    RunFinal,
    /// A case was sent back a state: `detail` has `case_code`, `list_id`, `from` and `to`.
    CaseReturned,
}

impl Kind {
    /// Its stable name, as in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunFinal => "run_final",
            Self::CaseReturned => "case_returned",
        }
    }
}

/// Something that a unit is told of.
#[derive(Clone, Debug)]
pub struct New {
    pub kind: Kind,
    /// Null: what is of no unit, for those who answer for all.
    pub responsible_unit: Option<String>,
    pub title: Text,
    pub text: Text,
    pub detail: Value,
}

/// A notice, as its readers see it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Notice {
    pub notice_id: i64,
    #[schemars(with = "Kind")]
    pub kind: String,
    /// Null: of no unit.
    pub responsible_unit: Option<String>,
    #[sqlx(json)]
    pub title: Text,
    #[sqlx(json)]
    pub text: Text,
    /// What it is about: numbers of runs, lists, cases, by kind.
    pub detail: Value,
    pub created_at: DateTime<Utc>,
    /// When the caller read it; null: not yet.
    pub read_at: Option<DateTime<Utc>>,
}

/// A page of notices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Notices {
    /// Newest first.
    pub notices: Vec<Notice>,
    /// How many of all the caller has not read.
    pub unread: i64,
    /// What `before` is on the next page; null: there is none.
    pub next_before: Option<i64>,
}

/// What is left to read.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UnreadNotices")]
pub struct Unread {
    pub unread: i64,
}

/// Up to which notice all have been read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NoticesRead")]
pub struct ReadUpTo {
    pub up_to: i64,
}

/// Notices are for officers: each reads those of the own units. The account under which they mark them.
fn officer(scope: &Scope) -> Result<&str> {
    let Some(account) = scope.account.as_deref() else {
        return Err(Error::SignIn("通知需要账户 / notices need an account"));
    };
    if scope.may(Role::Officer) {
        Ok(account)
    } else {
        Err(Error::NotAllowed("通知发给责任单位的承办人 / notices are for officers of the units"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_database_are_those_of_the_api() {
        for it in [Kind::RunFinal, Kind::CaseReturned] {
            assert_eq!(serde_json::to_value(it).unwrap(), it.name());
        }
    }

    #[test]
    fn the_public_signs_in_and_viewers_are_refused() {
        assert!(matches!(officer(&Scope::public()), Err(Error::SignIn(_))));
        let viewer =
            Scope { role: Role::Viewer, account: Some("a".to_owned()), ..Scope::default() };
        assert!(matches!(officer(&viewer), Err(Error::NotAllowed(_))));
        assert_eq!(officer(&Scope { role: Role::Officer, ..viewer }).unwrap(), "a");
    }
}
