//! Making and changing accounts, links and tokens: the same steps for HTTP and the command line, each with its audit.

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::db::Db;
use crate::error::Error;
use crate::error::Result;

use super::Secret;
use super::name;
use super::queries;
use super::queries::Account;
use super::queries::Known;
use super::queries::Token;

/// An account to be made.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    pub name: &'a str,
    pub role: Role,
    pub title: Option<&'a str>,
    pub responsible_units: Option<&'a [String]>,
    pub oidc_subject: Option<&'a str>,
}

/// What is to change; outer `None`: nothing. Inner `None`: no title, all units, nobody at the identity provider.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub role: Option<Role>,
    pub title: Option<Option<String>>,
    pub responsible_units: Option<Option<Vec<String>>>,
    pub oidc_subject: Option<Option<String>>,
    pub disabled: Option<bool>,
    /// Lets passwords be tried again after too many failures.
    pub unlock: bool,
}

/// Makes an account without a password: a link lets the person set one.
pub async fn create_account(db: &Db, scope: &Scope, new: New<'_>) -> Result<Account> {
    name::check_account(new.name)?;
    name::check_role(new.role, new.responsible_units)?;
    for (at, text) in [("title", new.title), ("oidc_subject", new.oidc_subject)] {
        text.map_or(Ok(()), |it| name::check_text(at, it))?;
    }
    let mut tx = db.write.begin().await?;
    queries::insert_account(&mut *tx, &new).await?;
    let account = one(queries::list_accounts(&mut *tx, Some(new.name)).await?, new.name)?;
    let event = Event::of(Action::AccountCreated, new.name).changing(None, Some(shown(&account)));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(account)
}

/// Changes an account. One that is disabled is signed out everywhere at once.
pub async fn change_account(
    db: &Db,
    scope: &Scope,
    account: &str,
    change: Change,
) -> Result<Account> {
    let mut tx = db.write.begin().await?;
    // First, and in one order: two who change each other must not both pass the last one's guard.
    let admins = queries::lock_with_admins(&mut tx, account).await?;
    let known = known(queries::find_account(&mut *tx, account).await?, account)?;
    let before = one(queries::list_accounts(&mut *tx, Some(account)).await?, account)?;
    let mut after = before.clone();
    if let Some(role) = change.role {
        role.name().clone_into(&mut after.role);
    }
    if let Some(units) = change.responsible_units {
        after.responsible_units = units;
    }
    if change.role.is_some() || after.responsible_units != before.responsible_units {
        let role = Role::parse(&after.role).unwrap_or_default();
        name::check_role(role, after.responsible_units.as_deref())?;
    }
    for (at, given, now) in [
        ("title", change.title, &mut after.title),
        ("oidc_subject", change.oidc_subject, &mut after.oidc_subject),
    ] {
        if let Some(given) = given {
            given.as_deref().map_or(Ok(()), |it| name::check_text(at, it))?;
            *now = given;
        }
    }
    after.disabled = change.disabled.unwrap_or(before.disabled);
    let leaves = after.disabled || after.role != Role::Admin.name();
    if leaves && admins.iter().all(|it| it == account) && !admins.is_empty() {
        return Err(Error::BadInput {
            at: if after.disabled { "disabled" } else { "role" }.to_owned(),
            why: "最后一个可用的管理员不能停用或降级 / the last administrator can be neither disabled nor demoted".to_owned(),
        });
    }
    queries::update_account(&mut tx, &after).await?;
    if change.unlock {
        queries::forget_failures(&mut *tx, known.account_id).await?;
        after.locked_until = None;
    }
    if after.disabled && !before.disabled {
        queries::end_sessions(&mut tx, known.account_id, None).await?;
    }
    let event = Event::of(Action::AccountChanged, account)
        .changing(Some(shown(&before)), Some(shown(&after)))
        .with(json!({ "unlock": change.unlock }));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(after)
}

/// A one-time link for an account, and until when it can be used.
pub async fn create_link(db: &Db, scope: &Scope, account: &str) -> Result<(Secret, DateTime<Utc>)> {
    let mut tx = db.write.begin().await?;
    let known = known(queries::find_account(&mut *tx, account).await?, account)?;
    if known.disabled {
        return Err(Error::BadInput {
            at: account.to_owned(),
            why: "账户已停用 / the account is disabled".to_owned(),
        });
    }
    let (link, expires_at) = queries::insert_link(&mut *tx, known.account_id).await?;
    let event = Event::of(Action::LinkCreated, account).with(json!({ "expires_at": expires_at }));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok((link, expires_at))
}

/// A token for an account, whose role it has unless a lower one is given.
pub async fn create_token(
    db: &Db,
    scope: &Scope,
    account: &str,
    name: &str,
    role: Option<Role>,
    days: Option<i32>,
) -> Result<(Secret, Token)> {
    name::check_text("name", name)?;
    name::check_days(days)?;
    let mut tx = db.write.begin().await?;
    let known = known(queries::find_account(&mut *tx, account).await?, account)?;
    if role.is_some_and(|it| it > known.role()) {
        return Err(Error::BadInput {
            at: "role".to_owned(),
            why: format!("不得高于账户角色 / not above the account's own, {}", known.role()),
        });
    }
    let (secret, token) =
        queries::insert_token(&mut *tx, known.account_id, name, role, days).await?;
    let event = Event::of(Action::TokenCreated, account).changing(None, Some(json!(token)));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok((secret, token))
}

/// Ends a token, of the account where one is given.
pub async fn revoke_token(
    db: &Db,
    scope: &Scope,
    token_id: i64,
    account_id: Option<i64>,
) -> Result<()> {
    let mut tx = db.write.begin().await?;
    let revoked = queries::revoke_token(&mut *tx, token_id, account_id).await?;
    let token =
        revoked.ok_or_else(|| Error::not_found("有效令牌 live token", token_id.to_string()))?;
    let event = Event::of(Action::TokenRevoked, &token.account)
        .with(json!({ "token_id": token.token_id, "name": token.name }));
    audit::record(&mut *tx, scope, event).await?;
    Ok(tx.commit().await?)
}

/// The account of that name, or that there is none.
pub async fn find(db: &Db, account: &str) -> Result<Known> {
    known(queries::find_account(&db.write, account).await?, account)
}

fn known(found: Option<Known>, account: &str) -> Result<Known> {
    found.ok_or_else(|| Error::not_found("账户 account", account))
}

fn one(mut listed: Vec<Account>, account: &str) -> Result<Account> {
    listed.pop().ok_or_else(|| Error::not_found("账户 account", account))
}

/// What the audit keeps of an account: what an administrator decided, not what time did to it.
fn shown(account: &Account) -> Value {
    json!({
        "role": account.role,
        "title": account.title,
        "responsible_units": account.responsible_units,
        "disabled": account.disabled,
        "oidc_subject": account.oidc_subject,
    })
}
