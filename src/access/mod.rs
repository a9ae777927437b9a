//! Who may read what. A request becomes a [`Scope`] before anything is read, and every read takes one. This module is
//! pure: how a token or a session becomes a scope is `account`'s business, and which field needs which role is written
//! in the layer folders.

use std::fmt;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

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
    /// Reads verdicts, occupants and bands, and sums of confidential figures; no single enterprise's.
    Viewer,
    /// Reads single enterprises' figures and drafts lists, in the units answered for.
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

/// How the caller of a request proved who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Means {
    /// Not at all: the public.
    #[default]
    Nobody,
    /// An API token with the request.
    Token,
    /// Account and password with the request, as HTTP Basic.
    Password,
    /// The cookie of a browser's session.
    Session,
    /// A shell on the machine.
    Console,
}

/// What one request may read. Made once per request by `extract`, or by the command line for the person at the console.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The role in effect: the account's, unless a token's or "view as" lowers it.
    pub role: Role,
    /// The account's name; `None` for the public.
    pub account: Option<String>,
    /// The responsible units in which a role above viewer holds; `None` means everywhere.
    pub responsible_units: Option<Vec<String>>,
    pub means: Means,
    /// Where the request came from; `None` at the console.
    pub client: Option<IpAddr>,
}

impl Scope {
    /// Everybody: what may be read without signing in.
    pub fn public() -> Self {
        Self::default()
    }

    /// The person at the console of the machine, who can read the database anyway.
    pub fn console() -> Self {
        Self {
            role: Role::Admin,
            account: Some("console".to_owned()),
            means: Means::Console,
            ..Self::default()
        }
    }

    /// Whether this scope may read what asks for `needed`.
    pub fn may(&self, needed: Role) -> bool {
        self.role >= needed
    }

    /// The units outside which this scope reads as a viewer; `None` where that makes no difference.
    fn bounds(&self) -> Option<&[String]> {
        self.responsible_units.as_deref().filter(|_| self.role > Role::Viewer)
    }

    /// This scope before one row: a viewer's where the row's responsible unit is not among those answered for. A row
    /// without a unit is nobody's, so only those who answer for all units keep their role there.
    #[must_use]
    pub fn in_unit(&self, unit: Option<&str>) -> Self {
        let outside =
            self.bounds().is_some_and(|units| !units.iter().any(|it| Some(it.as_str()) == unit));
        let role = if outside { Role::Viewer } else { self.role };
        Self { role, ..self.clone() }
    }

    /// Scopes of one class read the same layers, rows and fields, so answers may be cached under it. Units enter as a
    /// digest: the class stands in `ETag`s, whose alphabet is small.
    pub fn class(&self) -> String {
        let Some(units) = self.bounds() else { return self.role.name().to_owned() };
        let mut units: Vec<&str> = units.iter().map(String::as_str).collect();
        units.sort_unstable();
        units.dedup();
        let mut digest = Sha256::new();
        for unit in units {
            // With the length before it no two lists run together to the same bytes.
            digest.update(unit.len().to_be_bytes());
            digest.update(unit.as_bytes());
        }
        digest
            .finalize()
            .iter()
            .take(16)
            .fold(format!("{}-", self.role), |text, byte| format!("{text}{byte:02x}"))
    }

    /// Names what a revision looks like to this scope: what is kept for ever under it is asked for anew when the caller's
    /// role changes, as when the data does.
    pub fn stamp(&self, revision: i64) -> String {
        match self.class() {
            public if public == Role::Public.name() => revision.to_string(),
            class => format!("{revision}-{class}"),
        }
    }

    /// The name that facts and audit events carry.
    pub fn recorded_by(&self) -> &str {
        self.account.as_deref().unwrap_or("public")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope(role: Role, units: Option<&[&str]>) -> Scope {
        let responsible_units = units.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
        Scope { role, account: Some("a".to_owned()), responsible_units, ..Scope::default() }
    }

    #[test]
    fn a_role_above_viewer_holds_in_its_units_only() {
        let officer = scope(Role::Officer, Some(&["安亭镇", "马陆镇"]));
        assert_eq!(officer.in_unit(Some("安亭镇")).role, Role::Officer);
        assert_eq!(officer.in_unit(Some("南翔镇")).role, Role::Viewer);
        assert_eq!(officer.in_unit(None).role, Role::Viewer);
        assert_eq!(scope(Role::Officer, None).in_unit(None).role, Role::Officer);
        assert_eq!(scope(Role::Admin, Some(&[])).in_unit(Some("安亭镇")).role, Role::Viewer);
        // Nobody is raised by it.
        assert_eq!(scope(Role::Public, Some(&[])).in_unit(Some("安亭镇")).role, Role::Public);
    }

    #[test]
    fn a_class_names_units_only_where_they_matter() {
        assert_eq!(Scope::public().class(), "public");
        assert_eq!(scope(Role::Viewer, Some(&["安亭镇"])).class(), "viewer");
        assert_eq!(scope(Role::Officer, None).class(), "officer");
        let one = scope(Role::Officer, Some(&["安亭镇", "马陆镇"])).class();
        assert_eq!(one, scope(Role::Officer, Some(&["马陆镇", "安亭镇", "马陆镇"])).class());
        assert_ne!(one, scope(Role::Steward, Some(&["安亭镇", "马陆镇"])).class());
        assert_ne!(one, scope(Role::Officer, Some(&["安亭镇马陆镇"])).class());
        assert_ne!(one, "officer");
        assert!(one.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-'), "{one}");
    }

    fn any_scope() -> impl Strategy<Value = Scope> {
        let role = prop::sample::select(Role::ALL.to_vec());
        (role, prop::option::of(prop::collection::vec("[ab]{0,2}", 0..4)), "[xy]").prop_map(
            |(role, responsible_units, account)| Scope {
                role,
                account: Some(account),
                responsible_units,
                ..Scope::default()
            },
        )
    }

    proptest! {
        #[test]
        fn a_row_never_raises_and_lowers_to_viewer_at_most(scope in any_scope(), unit in prop::option::of("[ab]{0,2}")) {
            let lowered = scope.in_unit(unit.as_deref());
            prop_assert!(lowered.role <= scope.role);
            prop_assert!(lowered.role >= scope.role.min(Role::Viewer));
            prop_assert_eq!(lowered.in_unit(unit.as_deref()), lowered);
        }

        #[test]
        fn one_class_reads_every_row_alike(one in any_scope(), other in any_scope(), unit in prop::option::of("[ab]{0,2}")) {
            if one.class() == other.class() {
                prop_assert_eq!(one.in_unit(unit.as_deref()).role, other.in_unit(unit.as_deref()).role);
            }
        }
    }

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
