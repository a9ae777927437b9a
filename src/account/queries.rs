//! SQL of accounts, tokens, sessions and links. All of it runs on the writing pool: the reader's role cannot see secrets.

use anyhow::Context;
use sqlx::PgPool;

use crate::access::Role;
use crate::access::Scope;

use super::Secret;

/// How long a browser stays signed in.
const SESSION: &str = "12 hours";
/// How long a one-time link can be used.
const LINK: &str = "1 hour";

#[derive(sqlx::FromRow)]
struct AccountRow {
    name: String,
    role: String,
    responsible_units: Option<Vec<String>>,
}

impl AccountRow {
    fn scope(self) -> Scope {
        // A role the program does not know reads what everybody reads.
        let role = Role::parse(&self.role).unwrap_or_default();
        Scope {
            role,
            account: Some(self.name),
            responsible_units: self.responsible_units,
            ..Scope::default()
        }
    }
}

/// The scope behind an API token, if it is known, not expired and not revoked. Its use is noted once a minute: a map
/// asks for fifty tiles at once, and each would wait for the others' note.
pub async fn find_by_token(db: &PgPool, token: &Secret) -> sqlx::Result<Option<Scope>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        token_id: i64,
        stale: bool,
        #[sqlx(flatten)]
        account: AccountRow,
    }
    let found: Option<Found> = sqlx::query_as(
        "select t.token_id, coalesce(t.last_used_at < now() - interval '1 minute', true) as stale,
                a.name, a.role, a.responsible_units
         from mutu.api_token t
         join mutu.account a using (account_id)
         where t.token_hash = $1
           and t.revoked_at is null
           and (t.expires_at is null or t.expires_at > now())
           and a.disabled_at is null",
    )
    .bind(token.hash())
    .fetch_optional(db)
    .await?;
    let Some(found) = found else { return Ok(None) };
    if found.stale {
        sqlx::query("update mutu.api_token set last_used_at = now() where token_id = $1")
            .bind(found.token_id)
            .execute(db)
            .await?;
    }
    Ok(Some(found.account.scope()))
}

/// The scope behind a browser session, if it has not expired.
pub async fn find_by_session(db: &PgPool, session: &Secret) -> sqlx::Result<Option<Scope>> {
    let row: Option<AccountRow> = sqlx::query_as(
        "select a.name, a.role, a.responsible_units
         from mutu.session s
         join mutu.account a using (account_id)
         where s.session_hash = $1 and s.expires_at > now() and a.disabled_at is null",
    )
    .bind(session.hash())
    .fetch_optional(db)
    .await?;
    Ok(row.map(AccountRow::scope))
}

/// Opens a session for the account of a token.
pub async fn sign_in_by_token(db: &PgPool, token: &Secret) -> anyhow::Result<Option<Secret>> {
    let session = Secret::new("")?;
    let opened = sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into mutu.session (session_hash, account_id, expires_at)
         select $2, t.account_id, now() + interval '{SESSION}'
         from mutu.api_token t
         join mutu.account a using (account_id)
         where t.token_hash = $1
           and t.revoked_at is null
           and (t.expires_at is null or t.expires_at > now())
           and a.disabled_at is null"
    )))
    .bind(token.hash())
    .bind(session.hash())
    .execute(db)
    .await?;
    Ok((opened.rows_affected() == 1).then_some(session))
}

/// Opens a session for a one-time link, which is used up by it.
pub async fn sign_in_by_link(db: &PgPool, link: &Secret) -> anyhow::Result<Option<Secret>> {
    let session = Secret::new("")?;
    let opened = sqlx::query(sqlx::AssertSqlSafe(format!(
        "with used as (
             update mutu.sign_in_link l
             set used_at = now()
             from mutu.account a
             where l.link_hash = $1 and l.used_at is null and l.expires_at > now()
               and a.account_id = l.account_id and a.disabled_at is null
             returning l.account_id
         )
         insert into mutu.session (session_hash, account_id, expires_at)
         select $2, account_id, now() + interval '{SESSION}' from used"
    )))
    .bind(link.hash())
    .bind(session.hash())
    .execute(db)
    .await?;
    Ok((opened.rows_affected() == 1).then_some(session))
}

/// Ends a session; ending one that is not there is no error.
pub async fn sign_out(db: &PgPool, session: &Secret) -> sqlx::Result<()> {
    sqlx::query("delete from mutu.session where session_hash = $1 or expires_at < now()")
        .bind(session.hash())
        .execute(db)
        .await?;
    Ok(())
}

/// A one-time link for the account, which is made when it is not there.
pub async fn create_link(db: &PgPool, account: &str, role: Role) -> anyhow::Result<Secret> {
    let link = Secret::new("")?;
    let account_id = ensure_account(db, account, role).await?;
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into mutu.sign_in_link (link_hash, account_id, expires_at) values ($1, $2, now() + interval '{LINK}')"
    )))
    .bind(link.hash())
    .bind(account_id)
    .execute(db)
    .await?;
    Ok(link)
}

async fn ensure_account(db: &PgPool, name: &str, role: Role) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into mutu.account (name, role) values ($1, $2)
         on conflict (name) do update set name = excluded.name
         returning account_id",
    )
    .bind(name)
    .bind(role.name())
    .fetch_one(db)
    .await
}

/// One row of `mutu user list`.
#[derive(Debug, sqlx::FromRow)]
pub struct Account {
    pub name: String,
    pub role: String,
    pub responsible_units: Option<Vec<String>>,
    pub disabled: bool,
}

/// Every account, by name.
pub async fn list_accounts(db: &PgPool) -> sqlx::Result<Vec<Account>> {
    sqlx::query_as(
        "select name, role, responsible_units, disabled_at is not null as disabled from mutu.account order by name",
    )
    .fetch_all(db)
    .await
}

/// Makes an account. Fails when the name is taken.
pub async fn insert_account(
    db: &PgPool,
    name: &str,
    role: Role,
    responsible_units: Option<&[String]>,
    password_hash: Option<&str>,
) -> anyhow::Result<()> {
    let done = sqlx::query(
        "insert into mutu.account (name, role, responsible_units, password_hash)
         values ($1, $2, $3, $4)
         on conflict (name) do nothing",
    )
    .bind(name)
    .bind(role.name())
    .bind(responsible_units)
    .bind(password_hash)
    .execute(db)
    .await?;
    anyhow::ensure!(
        done.rows_affected() == 1,
        "账户 `{name}` 已存在 / account `{name}` exists already"
    );
    Ok(())
}

/// One row of `mutu token list`.
#[derive(Debug, sqlx::FromRow)]
pub struct Token {
    pub token_id: i64,
    pub account: String,
    pub name: String,
    pub expires_at: Option<chrono::DateTime<chrono::Utc>>,
    pub revoked: bool,
    pub last_used_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// Every token, without its secret.
pub async fn list_tokens(db: &PgPool) -> sqlx::Result<Vec<Token>> {
    sqlx::query_as(
        "select t.token_id, a.name as account, t.name, t.expires_at, t.revoked_at is not null as revoked, t.last_used_at
         from mutu.api_token t
         join mutu.account a using (account_id)
         order by t.token_id",
    )
    .fetch_all(db)
    .await
}

/// A token for an existing account.
pub async fn create_token(
    db: &PgPool,
    account: &str,
    name: &str,
    days: Option<i32>,
) -> anyhow::Result<Secret> {
    let token = Secret::new("mutu_")?;
    let done = sqlx::query(
        "insert into mutu.api_token (account_id, name, token_hash, expires_at)
         select account_id, $2, $3, now() + make_interval(days => $4)
         from mutu.account
         where name = $1",
    )
    .bind(account)
    .bind(name)
    .bind(token.hash())
    .bind(days)
    .execute(db)
    .await?;
    anyhow::ensure!(
        done.rows_affected() == 1,
        "没有账户 `{account}` / no account `{account}`; `mutu user add {account} --role viewer` makes it"
    );
    Ok(token)
}

/// Ends a token for good.
pub async fn revoke_token(db: &PgPool, token_id: i64) -> anyhow::Result<()> {
    let done = sqlx::query(
        "update mutu.api_token set revoked_at = now() where token_id = $1 and revoked_at is null",
    )
    .bind(token_id)
    .execute(db)
    .await
    .context("revoking the token")?;
    anyhow::ensure!(
        done.rows_affected() == 1,
        "没有可吊销的令牌 {token_id} / no live token {token_id}"
    );
    Ok(())
}

/// Sets the password's hash.
pub async fn set_password(db: &PgPool, account: &str, password_hash: &str) -> anyhow::Result<()> {
    let done = sqlx::query("update mutu.account set password_hash = $2 where name = $1")
        .bind(account)
        .bind(password_hash)
        .execute(db)
        .await?;
    anyhow::ensure!(done.rows_affected() == 1, "没有账户 `{account}` / no account `{account}`");
    Ok(())
}
