//! SQL of sessions and one-time links.

use std::net::IpAddr;

use chrono::DateTime;
use chrono::Utc;
use sqlx::PgConnection;
use sqlx::PgExecutor;
use sqlx::PgPool;

use crate::access::Means;
use crate::access::Role;
use crate::access::Scope;
use crate::account::Caller;
use crate::account::Opening;
use crate::account::Secret;
use crate::account::Session;
use crate::config::Accounts;

/// How long a one-time link can be used.
const LINK: &str = "1 hour";

/// Who is behind a browser's session, if it has not ended: by time, by idleness, with its account or with its token.
/// That it was seen is noted once a minute: a map asks for fifty tiles at once, and each would wait for the others' note.
pub async fn find_by_session(
    db: &PgPool,
    session: &Secret,
    rules: &Accounts,
    client: Option<IpAddr>,
) -> sqlx::Result<Option<Caller>> {
    #[derive(sqlx::FromRow)]
    struct Found {
        session_id: i64,
        means: String,
        view_as: Option<String>,
        stale: bool,
        account_id: i64,
        name: String,
        role: String,
        token_role: Option<String>,
        responsible_units: Option<Vec<String>>,
    }
    let found: Option<Found> = sqlx::query_as(
        "select s.session_id, s.means, s.view_as, s.last_seen_at < now() - interval '1 minute' as stale,
                a.account_id, a.name, a.role, t.role as token_role, a.responsible_units
         from mutu.session s
         join mutu.account a using (account_id)
         left join mutu.api_token t using (token_id)
         where s.session_hash = $1
           and s.expires_at > now()
           and s.last_seen_at > now() - make_interval(mins => $2)
           and a.disabled_at is null
           and (s.token_id is null or t.revoked_at is null and coalesce(t.expires_at > now(), true))",
    )
    .bind(session.hash())
    .bind(i32::from(rules.session_idle_minutes))
    .fetch_optional(db)
    .await?;
    let Some(found) = found else { return Ok(None) };
    if found.stale {
        sqlx::query("update mutu.session set last_seen_at = now() where session_id = $1")
            .bind(found.session_id)
            .execute(db)
            .await?;
    }
    let own_role = narrowed(&found.role, found.token_role.as_deref());
    let view_as = found.view_as.as_deref().and_then(Role::parse);
    let scope = Scope {
        role: view_as.map_or(own_role, |it| it.min(own_role)),
        account: Some(found.name),
        responsible_units: found.responsible_units,
        means: Means::Session,
        client,
    };
    // An opening that the program does not know is trusted least.
    let opening = Opening::parse(&found.means).unwrap_or(Opening::Token);
    let session = Some(Session { session_id: found.session_id, opening, view_as });
    Ok(Some(Caller { scope, own_role, account_id: Some(found.account_id), session }))
}

/// The account's role, or the token's own where that is lower. What the program does not know reads what everybody reads.
pub(super) fn narrowed(account: &str, token: Option<&str>) -> Role {
    let account = Role::parse(account).unwrap_or_default();
    token.map_or(account, |it| Role::parse(it).unwrap_or_default().min(account))
}

/// Opens a session, ends the one it takes the place of, and removes those whose time is over.
pub async fn open_session(
    db: &mut PgConnection,
    account_id: i64,
    opening: Opening,
    token_id: Option<i64>,
    old: Option<&Secret>,
    rules: &Accounts,
) -> anyhow::Result<Secret> {
    let session = Secret::new("")?;
    sqlx::query(
        "delete from mutu.session
         where session_hash = $1
            or expires_at <= now()
            or last_seen_at <= now() - make_interval(mins => $2)",
    )
    .bind(old.map(Secret::hash))
    .bind(i32::from(rules.session_idle_minutes))
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "insert into mutu.session (session_hash, account_id, means, token_id, expires_at)
         values ($1, $2, $3, $4, now() + make_interval(hours => $5))",
    )
    .bind(session.hash())
    .bind(account_id)
    .bind(opening.name())
    .bind(token_id)
    .bind(i32::from(rules.session_hours))
    .execute(db)
    .await?;
    Ok(session)
}

/// Ends a session; ending one that is not there is no error. False when it was not.
pub async fn end_session(db: impl PgExecutor<'_>, session: &Secret) -> sqlx::Result<bool> {
    let done = sqlx::query("delete from mutu.session where session_hash = $1")
        .bind(session.hash())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the account's sessions but the one to keep, and its unused links.
pub async fn end_sessions(
    db: &mut PgConnection,
    account_id: i64,
    keep: Option<i64>,
) -> sqlx::Result<()> {
    sqlx::query(
        "delete from mutu.session where account_id = $1 and session_id is distinct from $2",
    )
    .bind(account_id)
    .bind(keep)
    .execute(&mut *db)
    .await?;
    sqlx::query("delete from mutu.sign_in_link where account_id = $1 and used_at is null")
        .bind(account_id)
        .execute(db)
        .await?;
    Ok(())
}

/// Has a session read as another role; `None`: as its own.
pub async fn set_view_as(
    db: impl PgExecutor<'_>,
    session_id: i64,
    role: Option<Role>,
) -> sqlx::Result<()> {
    sqlx::query("update mutu.session set view_as = $2 where session_id = $1")
        .bind(session_id)
        .bind(role.map(Role::name))
        .execute(db)
        .await?;
    Ok(())
}

/// A one-time link for the account, and when it ends.
pub async fn insert_link(
    db: impl PgExecutor<'_>,
    account_id: i64,
) -> anyhow::Result<(Secret, DateTime<Utc>)> {
    let link = Secret::new("")?;
    let expires_at = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "insert into mutu.sign_in_link (link_hash, account_id, expires_at)
         values ($1, $2, now() + interval '{LINK}')
         returning expires_at"
    )))
    .bind(link.hash())
    .bind(account_id)
    .fetch_one(db)
    .await?;
    Ok((link, expires_at))
}

/// Uses a link up and says whose it is, if it was not used or too old.
pub async fn use_link(db: impl PgExecutor<'_>, link: &Secret) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "update mutu.sign_in_link l
         set used_at = now()
         from mutu.account a
         where l.link_hash = $1 and l.used_at is null and l.expires_at > now()
           and a.account_id = l.account_id and a.disabled_at is null
         returning l.account_id",
    )
    .bind(link.hash())
    .fetch_optional(db)
    .await
}
