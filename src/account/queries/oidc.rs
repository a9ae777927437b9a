//! SQL of sign-ins at the identity provider.

use sqlx::PgExecutor;
use sqlx::PgPool;

use crate::account::Secret;

use super::account::KNOWN;
use super::account::Known;

/// How long a person may take at the provider.
const FLOW: &str = "10 minutes";

/// Remembers a flow, and forgets those whose time is over.
pub async fn begin_flow(
    db: &PgPool,
    state: &Secret,
    browser: &Secret,
    to_page: &str,
) -> sqlx::Result<()> {
    sqlx::query("delete from mutu.oidc_flow where expires_at <= now()").execute(db).await?;
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "insert into mutu.oidc_flow (state_hash, browser_hash, to_page, expires_at)
         values ($1, $2, $3, now() + interval '{FLOW}')"
    )))
    .bind(state.hash())
    .bind(browser.hash())
    .bind(to_page)
    .execute(db)
    .await?;
    Ok(())
}

/// Ends a flow in the browser in which it began, and says which page it was to lead to; `None` where it is over already.
/// Another browser's attempt does not end it.
pub async fn end_flow(
    db: impl PgExecutor<'_>,
    state: &Secret,
    browser: &Secret,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "delete from mutu.oidc_flow
         where state_hash = $1
           and browser_hash = $2
           and expires_at > now()
         returning to_page",
    )
    .bind(state.hash())
    .bind(browser.hash())
    .fetch_optional(db)
    .await
}

/// The account of the provider's subject; one whose provider is not known yet means the configured one.
pub async fn find_by_subject(
    db: impl PgExecutor<'_>,
    issuer: &str,
    subject: &str,
) -> sqlx::Result<Option<Known>> {
    sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "{KNOWN} where oidc_subject = $2 and coalesce(oidc_issuer, $1) = $1"
    )))
    .bind(issuer)
    .bind(subject)
    .fetch_optional(db)
    .await
}

/// From now on the account's subject is this provider's.
pub async fn bind_issuer(
    db: impl PgExecutor<'_>,
    account_id: i64,
    issuer: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "update mutu.account set oidc_issuer = $2
         where account_id = $1 and oidc_issuer is null and oidc_subject is not null",
    )
    .bind(account_id)
    .bind(issuer)
    .execute(db)
    .await?;
    Ok(())
}
