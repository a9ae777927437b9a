//! The audit, for administrators: `/api/v1/audit_events`.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::account::Caller;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Entry;
use crate::audit::Selection;
use crate::error::Error;
use crate::error::Result;
use crate::extract::Query;

pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/audit_events", get(list))
}

/// Most events on a page.
pub(super) const MOST: i64 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    before: Option<i64>,
    limit: Option<i64>,
    account: Option<String>,
    action: Option<Action>,
}

/// A page of the audit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditEvents {
    /// Newest first.
    pub audit_events: Vec<Entry>,
    /// What `before` is on the next page; null: there is none.
    pub next_before: Option<i64>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<AuditEvents>> {
    caller.admin()?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{MOST}")));
    }
    // One more than asked for says whether there is another page.
    let selection = Selection {
        before: asked.before,
        account: asked.account.as_deref(),
        action: asked.action,
        limit: limit + 1,
    };
    let mut audit_events = audit::list(&app.db.write, &selection).await?;
    let more = audit_events.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    audit_events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_before = audit_events.last().filter(|_| more).map(|it| it.event_id);
    Ok(Json(AuditEvents { audit_events, next_before }))
}
