//! SQL of accounts and their passwords.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::PgExecutor;

use crate::access::Means;
use crate::access::Role;
use crate::access::Scope;
use crate::account::gate::Stamp;
use crate::account::manage::New;
use crate::config::Accounts;
use crate::error::Error;
use crate::error::Result;

/// An account as signing in needs to know it. Not `Debug`: it knows the password's hash.
#[derive(Clone, sqlx::FromRow)]
pub struct Known {
    pub account_id: i64,
    pub name: String,
    role: String,
    pub responsible_units: Option<Vec<String>>,
    pub password_hash: Option<String>,
    pub password_set_at: Option<DateTime<Utc>>,
    pub last_sign_in_at: Option<DateTime<Utc>>,
    pub disabled: bool,
    /// Only while it is locked.
    pub locked_until: Option<DateTime<Utc>>,
}

impl Known {
    /// The account's role; one that the program does not know reads what everybody reads.
    pub fn role(&self) -> Role {
        Role::parse(&self.role).unwrap_or_default()
    }

    /// What the account may read with its whole role.
    pub fn scope(&self, means: Means, client: Option<IpAddr>) -> Scope {
        Scope {
            role: self.role(),
            account: Some(self.name.clone()),
            responsible_units: self.responsible_units.clone(),
            means,
            client,
        }
    }

    /// When the password must be changed; `None` without a password or a rule.
    pub fn password_expires_at(&self, rules: &Accounts) -> Option<DateTime<Utc>> {
        if rules.password_days == 0 || self.password_hash.is_none() {
            return None;
        }
        Some(self.password_set_at? + chrono::Duration::days(rules.password_days.into()))
    }

    pub(in crate::account) fn stamp(&self) -> Stamp {
        Stamp {
            account_id: self.account_id,
            password_set_at: self.password_set_at,
            disabled: self.disabled,
            locked: self.locked_until.is_some(),
        }
    }
}

const KNOWN: &str = "select account_id, name, role, responsible_units, password_hash, password_set_at, last_sign_in_at,
            disabled_at is not null as disabled,
            case when locked_until > now() then locked_until end as locked_until
     from mutu.account";

/// The account of that name.
pub async fn find_account(db: impl PgExecutor<'_>, name: &str) -> sqlx::Result<Option<Known>> {
    sqlx::query_as(sqlx::AssertSqlSafe(format!("{KNOWN} where name = $1")))
        .bind(name)
        .fetch_optional(db)
        .await
}

/// The account with that id.
pub async fn account(db: impl PgExecutor<'_>, account_id: i64) -> sqlx::Result<Known> {
    sqlx::query_as(sqlx::AssertSqlSafe(format!("{KNOWN} where account_id = $1")))
        .bind(account_id)
        .fetch_one(db)
        .await
}

/// Counts an attempt with a password before it is checked, so that attempts at once, on whichever nodes, are not more
/// than the rules allow. False when there is none left: the account is locked, disabled or has no password.
pub async fn take_attempt(
    db: impl PgExecutor<'_>,
    account_id: i64,
    rules: &Accounts,
) -> sqlx::Result<bool> {
    let taken = sqlx::query(
        "with counted as (
             -- A lock that has lapsed begins a new count.
             select account_id, 1 + case when locked_until is null then failed_sign_ins else 0 end as failed
             from mutu.account
             where account_id = $1
               and disabled_at is null
               and password_hash is not null
               and (locked_until is null or locked_until <= now())
             for update
         )
         update mutu.account a
         set failed_sign_ins = failed,
             locked_until = case when failed >= $2 then now() + make_interval(mins => $3) end
         from counted
         where a.account_id = counted.account_id",
    )
    .bind(account_id)
    .bind(i32::from(rules.lock_after))
    .bind(i32::from(rules.lock_minutes))
    .execute(db)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The password was right: nothing was counted.
pub async fn forget_failures(db: impl PgExecutor<'_>, account_id: i64) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.account set failed_sign_ins = 0, locked_until = null where account_id = $1",
    )
    .bind(account_id)
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that the account signed in.
pub async fn note_sign_in(db: impl PgExecutor<'_>, account_id: i64) -> sqlx::Result<()> {
    sqlx::query("update mutu.account set last_sign_in_at = now() where account_id = $1")
        .bind(account_id)
        .execute(db)
        .await?;
    Ok(())
}

/// An account as its administrator sees it.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Account {
    pub name: String,
    /// What the person is called.
    pub title: Option<String>,
    #[schemars(with = "Role")]
    pub role: String,
    /// The units in which a role above viewer holds; null: everywhere.
    pub responsible_units: Option<Vec<String>>,
    pub disabled: bool,
    /// Until when too many failures keep passwords from being tried; null when they do not.
    pub locked_until: Option<DateTime<Utc>>,
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Null: the account has no password.
    pub password_set_at: Option<DateTime<Utc>>,
    /// Who the account is at the identity provider.
    pub oidc_subject: Option<String>,
}

/// Every account, or the one of that name, by name.
pub async fn list_accounts(
    db: impl PgExecutor<'_>,
    name: Option<&str>,
) -> sqlx::Result<Vec<Account>> {
    sqlx::query_as(
        "select name, title, role, responsible_units, disabled_at is not null as disabled,
                case when locked_until > now() then locked_until end as locked_until,
                last_sign_in_at, password_set_at, oidc_subject
         from mutu.account
         where $1::text is null or name = $1
         order by name",
    )
    .bind(name)
    .fetch_all(db)
    .await
}

/// Makes an account.
pub async fn insert_account(db: impl PgExecutor<'_>, new: &New<'_>) -> Result<()> {
    let done = sqlx::query(
        "insert into mutu.account (name, role, title, responsible_units, oidc_subject)
         values ($1, $2, $3, $4, $5)
         on conflict (name) do nothing",
    )
    .bind(new.name)
    .bind(new.role.name())
    .bind(new.title)
    .bind(new.responsible_units)
    .bind(new.oidc_subject)
    .execute(db)
    .await
    .map_err(taken_subject)?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(Error::BadInput {
        at: "name".to_owned(),
        why: format!("账户 `{0}` 已存在 / account `{0}` exists already", new.name),
    })
}

/// Two accounts for one person of the identity provider are the caller's mistake.
fn taken_subject(error: sqlx::Error) -> Error {
    let taken = |it: &dyn sqlx::error::DatabaseError| it.constraint() == Some("account_oidc");
    if error.as_database_error().is_some_and(taken) {
        return Error::BadInput {
            at: "oidc_subject".to_owned(),
            why: "已属于另一账户 / another account has it".to_owned(),
        };
    }
    error.into()
}

/// Writes an account as it is to be. Another subject is one of the configured identity provider.
pub async fn update_account(db: &mut PgConnection, account: &Account) -> Result<()> {
    sqlx::query(
        "update mutu.account
         set title = $2,
             role = $3,
             responsible_units = $4,
             disabled_at = case when $5 then coalesce(disabled_at, now()) end,
             oidc_issuer = case when oidc_subject is not distinct from $6 then oidc_issuer end,
             oidc_subject = $6
         where name = $1",
    )
    .bind(&account.name)
    .bind(&account.title)
    .bind(&account.role)
    .bind(&account.responsible_units)
    .bind(account.disabled)
    .bind(&account.oidc_subject)
    .execute(db)
    .await
    .map_err(taken_subject)?;
    Ok(())
}

/// Locks an account together with the administrators that can sign in, whose names are the answer, until the
/// transaction ends: two who disable each other at once would leave nobody.
pub async fn lock_with_admins(db: &mut PgConnection, name: &str) -> sqlx::Result<Vec<String>> {
    let locked: Vec<(String, bool)> = sqlx::query_as(
        "select name, role = 'admin' and disabled_at is null
         from mutu.account
         where role = 'admin' and disabled_at is null or name = $1
         order by account_id
         for update",
    )
    .bind(name)
    .fetch_all(db)
    .await?;
    Ok(locked.into_iter().filter_map(|(name, is_admin)| is_admin.then_some(name)).collect())
}

/// The hashes of the account's last passwords, newest first.
pub async fn last_passwords(
    db: impl PgExecutor<'_>,
    account_id: i64,
    count: u16,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select password_hash from mutu.password_history
         where account_id = $1
         order by password_id desc
         limit $2",
    )
    .bind(account_id)
    .bind(i64::from(count))
    .fetch_all(db)
    .await
}

/// Sets the password's hash and keeps the last few; what was locked by failures with the old one is not any more.
pub async fn set_password(
    db: &mut PgConnection,
    account_id: i64,
    password_hash: &str,
    keep: u16,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.account
         set password_hash = $2, password_set_at = now(), failed_sign_ins = 0, locked_until = null
         where account_id = $1",
    )
    .bind(account_id)
    .bind(password_hash)
    .execute(&mut *db)
    .await?;
    sqlx::query("insert into mutu.password_history (account_id, password_hash) values ($1, $2)")
        .bind(account_id)
        .bind(password_hash)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "delete from mutu.password_history
         where account_id = $1
           and password_id not in (
               select password_id from mutu.password_history
               where account_id = $1
               order by password_id desc
               limit $2
           )",
    )
    .bind(account_id)
    .bind(i64::from(keep))
    .execute(db)
    .await?;
    Ok(())
}
