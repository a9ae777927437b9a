//! SQL of API tokens.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::PgExecutor;
use sqlx::PgPool;

use crate::access::Means;
use crate::access::Role;
use crate::access::Scope;
use crate::account::Caller;
use crate::account::Secret;
use crate::account::TOKEN_PREFIX;

use super::session::narrowed;

/// Who is behind an API token, if it is known, not expired and not revoked, and which token it is. Its use is noted once
/// a minute, as a session's.
pub async fn find_by_token(
    db: &PgPool,
    token: &Secret,
    client: Option<IpAddr>,
) -> sqlx::Result<Option<(i64, Caller)>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        token_id: i64,
        stale: bool,
        token_role: Option<String>,
        account_id: i64,
        name: String,
        role: String,
        responsible_units: Option<Vec<String>>,
    }
    let found: Option<Found> = sqlx::query_as(
        "select t.token_id, coalesce(t.last_used_at < now() - interval '1 minute', true) as stale,
                t.role as token_role, a.account_id, a.name, a.role, a.responsible_units
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
    let own_role = narrowed(&found.role, found.token_role.as_deref());
    let scope = Scope {
        role: own_role,
        account: Some(found.name),
        responsible_units: found.responsible_units,
        means: Means::Token,
        client,
    };
    let caller = Caller { scope, own_role, account_id: Some(found.account_id), session: None };
    Ok(Some((found.token_id, caller)))
}

/// A token, without its secret.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Token {
    pub token_id: i64,
    /// Whose it is: said to the console and in the audit.
    #[serde(skip)]
    pub account: String,
    pub name: String,
    /// The role it is lowered to; null: its account's.
    #[schemars(with = "Option<Role>")]
    pub role: Option<String>,
    pub created_at: DateTime<Utc>,
    /// Null: never.
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Every token, or those of one account, newest first.
pub async fn list_tokens(
    db: impl PgExecutor<'_>,
    account_id: Option<i64>,
) -> sqlx::Result<Vec<Token>> {
    sqlx::query_as(
        "select t.token_id, a.name as account, t.name, t.role, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
         from mutu.api_token t
         join mutu.account a using (account_id)
         where $1::bigint is null or t.account_id = $1
         order by t.token_id desc",
    )
    .bind(account_id)
    .fetch_all(db)
    .await
}

/// Makes a token for an account.
pub async fn insert_token(
    db: impl PgExecutor<'_>,
    account_id: i64,
    name: &str,
    role: Option<Role>,
    days: Option<i32>,
) -> anyhow::Result<(Secret, Token)> {
    let secret = Secret::new(TOKEN_PREFIX)?;
    let token = sqlx::query_as(
        "insert into mutu.api_token (account_id, name, token_hash, role, expires_at)
         values ($1, $2, $3, $4, now() + make_interval(days => $5))
         returning token_id, (select a.name from mutu.account a where a.account_id = $1) as account,
                   name, role, created_at, expires_at, revoked_at, last_used_at",
    )
    .bind(account_id)
    .bind(name)
    .bind(secret.hash())
    .bind(role.map(Role::name))
    .bind(days)
    .fetch_one(db)
    .await?;
    Ok((secret, token))
}

/// Ends a token for good, and says which it was; `None` where the account (anybody, when not given) has no such live token.
pub async fn revoke_token(
    db: impl PgExecutor<'_>,
    token_id: i64,
    account_id: Option<i64>,
) -> sqlx::Result<Option<Token>> {
    sqlx::query_as(
        "update mutu.api_token t
         set revoked_at = now()
         from mutu.account a
         where t.token_id = $1
           and t.revoked_at is null
           and ($2::bigint is null or t.account_id = $2)
           and a.account_id = t.account_id
         returning t.token_id, a.name as account, t.name, t.role, t.created_at, t.expires_at, t.revoked_at,
                   t.last_used_at",
    )
    .bind(token_id)
    .bind(account_id)
    .fetch_optional(db)
    .await
}
