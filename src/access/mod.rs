//! Who may read what. A request becomes a [`Scope`] before anything is read, and every read takes one. This module is
//! pure: how a token or a session becomes a scope is `account`'s business, and which field needs which role is written
//! in the layer folders.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

/// What an account may do, from nothing to everything; each role may do what those before it may.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everybody who has not signed in.
    #[default]
    Public,
    /// Reads confidential figures.
    Viewer,
    /// Drafts lists for the units answered for.
    Officer,
    /// Loads data and runs evaluations.
    Steward,
    /// Manages accounts.
    Admin,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 5] =
        [Self::Public, Self::Viewer, Self::Officer, Self::Steward, Self::Admin];

    /// The role's stable name, as in layer folders, the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Viewer => "viewer",
            Self::Officer => "officer",
            Self::Steward => "steward",
            Self::Admin => "admin",
        }
    }

    /// The role of that name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one request may read. Made once per request by `extract`, or by the command line for the person at the console.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub role: Role,
    /// The account's name; `None` for the public.
    pub account: Option<String>,
    /// The responsible units an officer answers for; `None` means no restriction.
    pub responsible_units: Option<Vec<String>>,
}

impl Scope {
    /// Everybody: what may be read without signing in.
    pub fn public() -> Self {
        Self::default()
    }

    /// The person at the console of the machine, who can read the database anyway.
    pub fn console() -> Self {
        Self { role: Role::Admin, account: Some("console".to_owned()), responsible_units: None }
    }

    /// Whether this scope may read what asks for `needed`.
    pub fn may(&self, needed: Role) -> bool {
        self.role >= needed
    }

    /// Scopes of one class read the same layers and fields, so answers may be cached under it.
    pub fn class(&self) -> &'static str {
        self.role.name()
    }

    /// The name that facts and audit events carry.
    pub fn recorded_by(&self) -> &str {
        self.account.as_deref().unwrap_or("public")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_what_those_before_it_may() {
        for (rank, role) in Role::ALL.into_iter().enumerate() {
            let scope = Scope { role, ..Scope::default() };
            for (other, needed) in Role::ALL.into_iter().enumerate() {
                assert_eq!(scope.may(needed), rank >= other, "{role} reading what needs {needed}");
            }
        }
    }

    #[test]
    fn every_role_is_found_by_its_name() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }
}
