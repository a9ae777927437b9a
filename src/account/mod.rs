//! Accounts and the ways to be one: an API token (scripts, QGIS), account and password, a one-time link, and the browser's
//! session that each of them opens. Random secrets are 256 bits, shown once and stored as SHA-256; passwords are stored as
//! argon2id. What an account may then read is `access`'s business.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::access::Means;
use crate::access::Role;
use crate::access::Scope;
use crate::error::Error;
use crate::error::Result;

pub mod gate;
pub mod manage;
pub mod name;
pub mod oidc;
pub mod password;
pub mod queries;
pub mod sign_in;
mod throttle;

pub use gate::Gate;

/// What every token begins with, so that people, scanners and [`sign_in::by_basic`] recognise one.
pub const TOKEN_PREFIX: &str = "mutu_";

/// A secret as its holder sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one from the operating system's randomness. `prefix` lets people and scanners recognise what it is.
    pub fn new(prefix: &str) -> anyhow::Result<Self> {
        let mut bytes = [0_u8; 32];
        OsRng.try_fill_bytes(&mut bytes)?;
        Ok(Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// A secret that somebody presented.
    pub fn presented(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text to show or to set, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl std::fmt::Debug for Secret {
    /// A log line or a panic's message is no place for it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How a session was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    Token,
    Password,
    Link,
    Oidc,
}

impl Opening {
    /// Its stable name, as in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Password => "password",
            Self::Link => "link",
            Self::Oidc => "oidc",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Token, Self::Password, Self::Link, Self::Oidc]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// The session behind a request's cookie.
#[derive(Clone, Debug)]
pub struct Session {
    pub session_id: i64,
    pub opening: Opening,
    /// The role it was lowered to, as the person chose.
    pub view_as: Option<Role>,
}

/// Who asks: the scope under which they read, and what managing accounts needs to know beside it.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub scope: Scope,
    /// The role before "view as" lowered it.
    pub own_role: Role,
    /// `None` for the public.
    pub account_id: Option<i64>,
    /// Where a session answers for the request.
    pub session: Option<Session>,
}

/// A person who proved to be one, and not a script with a token.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub account_id: i64,
    /// Whether a one-time link let them in, as it does those who forgot their password.
    pub by_link: bool,
    pub session_id: Option<i64>,
}

impl Caller {
    /// Whether what asks is a token, or a session that one opened.
    fn is_token(&self) -> bool {
        self.scope.means == Means::Token
            || self.session.as_ref().is_some_and(|it| it.opening == Opening::Token)
    }

    /// Whether the role in effect is lower than the caller's own.
    pub fn views_as_lower(&self) -> bool {
        self.scope.role < self.own_role
    }

    /// The account, for what only those who signed in have.
    pub fn signed_in(&self) -> Result<i64> {
        self.account_id.ok_or(Error::SignIn("此处需要账户 / this needs an account"))
    }

    /// The person, for what a token that fell into wrong hands must not do.
    pub fn person(&self) -> Result<Person> {
        let account_id = self.signed_in()?;
        if self.is_token() {
            return Err(Error::NotAllowed(
                "令牌不能管理令牌、账户与密码，请用密码或登录链接登录 / a token manages neither tokens nor accounts nor passwords: sign in with a password or a link",
            ));
        }
        let by_link = self.session.as_ref().is_some_and(|it| it.opening == Opening::Link);
        Ok(Person {
            account_id,
            by_link,
            session_id: self.session.as_ref().map(|it| it.session_id),
        })
    }

    /// Whoever may load data: what is loaded is not bound to units, so a steward of some is none here.
    pub fn steward(&self) -> Result<()> {
        self.signed_in()?;
        if self.scope.in_unit(None).may(Role::Steward) {
            Ok(())
        } else {
            Err(Error::NotAllowed(
                "此处需要全区的数据管理员 / this needs a data steward who answers for all units",
            ))
        }
    }

    /// Whoever may look at all accounts: they belong to no unit, so an admin of some units is none here.
    pub fn admin(&self) -> Result<()> {
        self.signed_in()?;
        if self.scope.in_unit(None).may(Role::Admin) {
            Ok(())
        } else {
            Err(Error::NotAllowed("此处需要管理员 / this needs an administrator"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presented_secret_hashes_like_the_one_given_out() {
        let secret = Secret::new(TOKEN_PREFIX).unwrap();
        assert_eq!(Secret::presented(&format!(" {}\n", secret.reveal())).hash(), secret.hash());
        assert_ne!(Secret::new(TOKEN_PREFIX).unwrap().hash(), secret.hash());
    }

    #[test]
    fn a_secret_is_not_in_what_is_logged() {
        let secret = Secret::presented("mutu_abcdef");
        assert!(!format!("{secret:?}").contains("abcdef"));
    }

    #[test]
    fn a_session_that_a_token_opened_is_no_person() {
        let caller = |opening| Caller {
            account_id: Some(1),
            session: Some(Session { session_id: 7, opening, view_as: None }),
            scope: Scope { means: Means::Session, ..Scope::default() },
            ..Caller::default()
        };
        assert!(caller(Opening::Token).person().is_err());
        assert!(caller(Opening::Oidc).person().is_ok_and(|it| !it.by_link));
        assert!(caller(Opening::Link).person().is_ok_and(|it| it.by_link));
        assert!(Caller::default().person().is_err());
    }

    #[test]
    fn an_admin_of_some_units_manages_no_accounts() {
        let mut caller = Caller { account_id: Some(1), own_role: Role::Admin, ..Caller::default() };
        caller.scope.role = Role::Admin;
        assert!(caller.admin().is_ok());
        caller.scope.responsible_units = Some(vec!["安亭镇".to_owned()]);
        assert!(caller.admin().is_err());
    }
}
