//! Signing in: by token, by account and password, by one-time link, and by HTTP Basic with each request.
//!
//! Somebody who does not know the password learns nothing about the account: whether it exists, is disabled, locked or has
//! no password, the answer is one and the same, the same hashing is done for it, and no failure is answered before
//! [`ANSWERED_AFTER`]. So a locked account does not say that it is: were the right password answered otherwise than wrong
//! ones, guessing would go on through the lock.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::Context;
use chrono::Utc;
use serde_json::json;
use tokio::time::Instant;

use crate::access::Means;
use crate::access::Scope;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::config::Accounts;
use crate::db::Db;
use crate::error::Error;
use crate::error::Result;

use super::Caller;
use super::Gate;
use super::Opening;
use super::Secret;
use super::gate::Remembered;
use super::name;
use super::password;
use super::queries;
use super::queries::Known;

/// Failures take at least this long, which is longer than anything that they differ by.
const ANSWERED_AFTER: Duration = Duration::from_millis(300);

const NOT_RIGHT: Error = Error::Credentials(
    "账户或密码不正确；多次失败会使账户锁定一段时间 / account or password is not right; too many failures lock an account for a while",
);

/// Where somebody signs in, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    pub db: &'a Db,
    pub gate: &'a Gate,
    pub rules: &'a Accounts,
    pub client: Option<IpAddr>,
    /// The session that the browser has: a new one takes its place, so that nobody goes on with one they were given.
    pub old: Option<&'a Secret>,
}

impl Door<'_> {
    /// Opens a session with an API token. The session can do what the token can, and ends with it.
    pub async fn by_token(&self, token: &Secret) -> Result<Secret> {
        self.gate.attempt(self.client)?;
        let Some((token_id, caller)) =
            queries::find_by_token(&self.db.write, token, self.client).await?
        else {
            self.failed(None, Opening::Token, "unknown").await?;
            return Err(Error::Credentials(
                "令牌无效或已过期 / the token is unknown, expired or revoked",
            ));
        };
        self.gate.was_right(self.client);
        let account = queries::account(&self.db.write, caller.signed_in()?).await?;
        self.open(&account, Opening::Token, Some(token_id)).await
    }

    /// Opens a session with account and password, setting a new password where one is given. An old password that has
    /// expired opens nothing without.
    pub async fn by_password(
        &self,
        account: &str,
        password: &str,
        new_password: Option<&str>,
    ) -> Result<Secret> {
        let Some(account) = self.checked(account.trim(), password).await? else {
            return Err(NOT_RIGHT);
        };
        match new_password {
            Some(new) => {
                let scope = account.scope(Means::Password, self.client);
                self.set_password(&scope, &account, new, None).await?;
            }
            None if self.has_expired(&account) => {
                self.failed(Some(&account), Opening::Password, "expired").await?;
                return Err(Error::PasswordExpired);
            }
            None => {}
        }
        self.open(&account, Opening::Password, None).await
    }

    /// Opens a session with a one-time link, which is used up by it.
    pub async fn by_link(&self, link: &Secret) -> Result<Secret> {
        self.gate.attempt(self.client)?;
        let Some(account_id) = queries::use_link(&self.db.write, link).await? else {
            self.failed(None, Opening::Link, "unknown").await?;
            return Err(Error::Credentials(
                "登录链接已使用或已过期，请重新生成 / the link was used or has expired; `mutu user link` makes a new one",
            ));
        };
        self.gate.was_right(self.client);
        let account = queries::account(&self.db.write, account_id).await?;
        self.open(&account, Opening::Link, None).await
    }

    /// Who is behind the account and password that come with each request. They are checked once and then remembered for
    /// a minute, right or wrong: a map that asks for fifty tiles with an old password has made one mistake, not fifty.
    pub async fn by_basic(&self, account: &str, password: &str) -> Result<Caller> {
        let found = self.find(account).await?;
        let stamp = found.as_ref().map(Known::stamp);
        let key = self.gate.fingerprint(account, password);
        if self.gate.remembered.get(&key).await.is_some_and(|it| it.stamp != stamp) {
            self.gate.remembered.invalidate(&key).await;
        }
        // Whoever asks meanwhile waits for the one check.
        let checked = self.gate.remembered.try_get_with(key, async {
            let checked = self.checked(account, password).await?;
            if let Some(it) = checked.as_ref().filter(|it| !self.has_expired(it)) {
                self.note_basic(it).await?;
            }
            // As it is now: this attempt may have been the one that locked the account.
            let stamp = self.find(account).await?.as_ref().map(Known::stamp);
            Ok::<_, Error>(Remembered { stamp, right: checked.is_some() })
        });
        let remembered = checked.await.map_err(|error| match &*error {
            Error::TooMany { why, retry_after } => {
                Error::TooMany { why, retry_after: *retry_after }
            }
            Error::Busy(what) => Error::Busy(what),
            other => Error::Internal(anyhow::anyhow!("{other:?}").context("checking a password")),
        })?;
        let account = found
            .filter(|it| remembered.right && !it.disabled && it.locked_until.is_none())
            .ok_or(NOT_RIGHT)?;
        if self.has_expired(&account) {
            return Err(Error::PasswordExpired);
        }
        let scope = account.scope(Means::Password, self.client);
        let own_role = scope.role;
        Ok(Caller { scope, own_role, account_id: Some(account.account_id), session: None })
    }

    /// Changes the caller's own password. The present one is asked for, except of those who came by a link because they
    /// have forgotten it. Every other session of the account ends.
    pub async fn change_password(
        &self,
        caller: &Caller,
        present: Option<&str>,
        new: &str,
    ) -> Result<()> {
        let person = caller.person()?;
        let account = queries::account(&self.db.write, person.account_id).await?;
        match present {
            Some(present) => {
                if let Some(until) = account.locked_until {
                    return Err(Error::TooMany {
                        why: "密码错误次数过多 / too many wrong passwords",
                        retry_after: (until - Utc::now()).to_std().unwrap_or_default(),
                    });
                }
                if self.checked(&account.name, present).await?.is_none() {
                    return Err(Error::BadInput {
                        at: "password".to_owned(),
                        why: "不是当前密码 / not the present password".to_owned(),
                    });
                }
            }
            None if person.by_link => {}
            None => {
                return Err(Error::BadInput {
                    at: "password".to_owned(),
                    why: "请填写当前密码；忘记密码时请用一次性链接登录 / the present password is needed; a one-time link signs in those who forgot it"
                        .to_owned(),
                });
            }
        }
        self.set_password(&caller.scope, &account, new, person.session_id).await
    }

    /// Sets a password that keeps the rules, and ends the account's sessions but the one to keep.
    pub async fn set_password(
        &self,
        scope: &Scope,
        account: &Known,
        new: &str,
        keep: Option<i64>,
    ) -> Result<()> {
        let mut findings = password::findings(self.rules, &account.name, new);
        if findings.is_empty() {
            let kept = self.rules.password_history;
            let last = queries::last_passwords(&self.db.write, account.account_id, kept).await?;
            let text = new.to_owned();
            let turn = self.gate.turn().await?;
            let used = Gate::hash(turn, move || {
                last.iter().any(|it| password::is_right_blocking(&text, Some(it)))
            });
            if used.await? {
                findings
                    .push(format!("与最近 {kept} 次密码相同 / among the last {kept} passwords"));
            }
        }
        if !findings.is_empty() {
            let why = findings.join("；");
            return Err(Error::BadInput { at: "new_password".to_owned(), why });
        }
        let text = new.to_owned();
        let turn = self.gate.turn().await?;
        let hash = Gate::hash(turn, move || password::hash_blocking(&text)).await??;
        let mut tx = self.db.write.begin().await?;
        let keep_hashes = self.rules.password_history;
        queries::set_password(&mut tx, account.account_id, &hash, keep_hashes).await?;
        queries::end_sessions(&mut tx, account.account_id, keep).await?;
        audit::record(&mut *tx, scope, Event::of(Action::PasswordChanged, &account.name)).await?;
        Ok(tx.commit().await?)
    }

    /// Whether the password is too old to sign in with.
    fn has_expired(&self, account: &Known) -> bool {
        account.password_expires_at(self.rules).is_some_and(|it| it <= Utc::now())
    }

    async fn find(&self, account: &str) -> Result<Option<Known>> {
        if !name::is_account(account) {
            return Ok(None);
        }
        Ok(queries::find_account(&self.db.write, account).await?)
    }

    /// The account, if the password is its own and it may be used; counted, recorded, and slow where it is not.
    async fn checked(&self, account: &str, password: &str) -> Result<Option<Known>> {
        let started = Instant::now();
        self.gate.attempt(self.client)?;
        let turn = self.gate.turn().await?;
        let found = self.find(account).await?;
        let (db, rules) = (self.db.write.clone(), self.rules.clone());
        let account_id = found.as_ref().map(|it| it.account_id);
        let stored = found.as_ref().and_then(|it| it.password_hash.clone());
        let given = password.to_owned();
        // A task of its own: a map that is moved drops its requests, and one that was counted and then forgotten would
        // be a failure although the password was right.
        let checking = tokio::spawn(async move {
            let counted = match account_id {
                Some(it) => queries::take_attempt(&db, it, &rules).await?,
                None => false,
            };
            let work = move || password::is_right_blocking(&given, stored.as_deref());
            let matches = Gate::hash(turn, work).await?;
            if let Some(account_id) = account_id.filter(|_| matches && counted) {
                queries::forget_failures(&db, account_id).await?;
            }
            Ok::<_, Error>((counted, matches))
        });
        let (counted, matches) = checking.await.context("checking a password")??;
        if found.is_some() && matches && counted {
            self.gate.was_right(self.client);
            return Ok(found);
        }
        let why = match &found {
            None => "unknown",
            Some(it) if it.disabled => "disabled",
            Some(it) if it.password_hash.is_none() => "no_password",
            Some(_) if !counted => "locked",
            Some(_) => "wrong",
        };
        self.failed(found.as_ref(), Opening::Password, why).await?;
        tokio::time::sleep_until(started + ANSWERED_AFTER).await;
        Ok(None)
    }

    /// Records a failure. Of an account that does not exist the name is left out: people type passwords there.
    async fn failed(&self, account: Option<&Known>, opening: Opening, why: &str) -> Result<()> {
        let scope = Scope { client: self.client, ..Scope::public() };
        let subject = account.map_or("", |it| it.name.as_str());
        let event = Event::of(Action::SignInFailed, subject)
            .with(json!({ "means": opening.name(), "why": why }));
        Ok(audit::record(&self.db.write, &scope, event).await?)
    }

    async fn open(
        &self,
        account: &Known,
        opening: Opening,
        token_id: Option<i64>,
    ) -> Result<Secret> {
        let scope = account.scope(Means::Session, self.client);
        let mut tx = self.db.write.begin().await?;
        let session = queries::open_session(
            &mut tx,
            account.account_id,
            opening,
            token_id,
            self.old,
            self.rules,
        )
        .await?;
        queries::note_sign_in(&mut *tx, account.account_id).await?;
        let event = Event::of(Action::SignIn, &account.name)
            .with(json!({ "means": opening.name(), "token_id": token_id }));
        audit::record(&mut *tx, &scope, event).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// Notes a program's sign-in once an hour: it signs in with every request.
    async fn note_basic(&self, account: &Known) -> Result<()> {
        let recent = Utc::now() - chrono::Duration::hours(1);
        if account.last_sign_in_at.is_some_and(|it| it > recent) {
            return Ok(());
        }
        let mut tx = self.db.write.begin().await?;
        queries::note_sign_in(&mut *tx, account.account_id).await?;
        let event = Event::of(Action::SignIn, &account.name)
            .with(json!({ "means": "password", "basic": true }));
        audit::record(&mut *tx, &account.scope(Means::Password, self.client), event).await?;
        Ok(tx.commit().await?)
    }
}
