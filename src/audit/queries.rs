//! SQL of the audit. There is no update and no delete here, nor anywhere else in the program.

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgExecutor;

use crate::access::Scope;

use super::Action;
use super::Event;

/// Adds an event under the scope's account and address.
pub async fn record(db: impl PgExecutor<'_>, scope: &Scope, event: Event<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into mutu.audit_event (account, action, subject, client, before, after, detail)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(scope.recorded_by())
    .bind(event.action.name())
    .bind(event.subject)
    .bind(scope.client.map(|it| it.to_canonical().to_string()))
    .bind(event.before)
    .bind(event.after)
    .bind(event.detail)
    .execute(db)
    .await?;
    Ok(())
}

/// Adds several events in one statement, in their order.
pub async fn record_all(
    db: impl PgExecutor<'_>,
    scope: &Scope,
    events: &[Event<'_>],
) -> sqlx::Result<()> {
    let actions: Vec<&str> = events.iter().map(|it| it.action.name()).collect();
    let subjects: Vec<&str> = events.iter().map(|it| it.subject).collect();
    let before: Vec<_> = events.iter().map(|it| it.before.as_ref()).collect();
    let after: Vec<_> = events.iter().map(|it| it.after.as_ref()).collect();
    let detail: Vec<_> = events.iter().map(|it| &it.detail).collect();
    sqlx::query(
        "insert into mutu.audit_event (account, action, subject, client, before, after, detail)
         select $1, n.action, n.subject, $2, n.before, n.after, n.detail
         from unnest($3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::jsonb[])
             with ordinality as n (action, subject, before, after, detail, nth)
         order by n.nth",
    )
    .bind(scope.recorded_by())
    .bind(scope.client.map(|it| it.to_canonical().to_string()))
    .bind(actions)
    .bind(subjects)
    .bind(before)
    .bind(after)
    .bind(detail)
    .execute(db)
    .await?;
    Ok(())
}

/// Which events are asked for.
#[derive(Clone, Debug, Default)]
pub struct Selection<'a> {
    /// Only those older than this event.
    pub before: Option<i64>,
    pub account: Option<&'a str>,
    pub action: Option<Action>,
    pub limit: i64,
}

/// An event as it was recorded.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Entry {
    pub event_id: i64,
    /// Who did it.
    pub account: String,
    pub action: String,
    pub subject: String,
    /// The address it came from; null at the console.
    pub client: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub detail: Value,
    pub happened_at: DateTime<Utc>,
}

/// Events, newest first; a page goes on where `before` is the last one's id, so new events move nothing.
pub async fn list(db: impl PgExecutor<'_>, asked: &Selection<'_>) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as(
        "select event_id, account, action, subject, client, before, after, detail, happened_at
         from mutu.audit_event
         where ($1::bigint is null or event_id < $1)
           and ($2::text is null or account = $2)
           and ($3::text is null or action = $3)
         order by event_id desc
         limit $4",
    )
    .bind(asked.before)
    .bind(asked.account)
    .bind(asked.action.map(Action::name))
    .bind(asked.limit)
    .fetch_all(db)
    .await
}
