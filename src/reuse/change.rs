//! The members of one case: changed from the version that somebody has read.

use serde_json::Map;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Actor;
use crate::judgement::workflow::State;

use super::Case;
use super::CaseChange;
use super::desk;
use super::fields;
use super::fields::Setting;
use super::queries::write;
use super::queries::write::Event;
use super::queries::write::Stored;

/// Changes a case. `seen` is the version that the caller has read, `sent` what they sent, for the problem when somebody was
/// faster.
pub async fn change(
    app: &App,
    scope: &Scope,
    case_code: &str,
    seen: i64,
    sent: &Value,
    asked: &CaseChange,
) -> Result<Case> {
    desk::officer(scope)?;
    desk::text(asked.reason.as_deref(), "reason")?;
    if asked.properties.is_empty() {
        return Err(Error::BadInput {
            at: "成员 / member `properties`".to_owned(),
            why: "没有要修改的内容 / nothing to change".to_owned(),
        });
    }
    let mut tx = app.db.write.begin().await?;
    let (stored, _held, actor) = desk::take(&mut tx, scope, case_code).await?;
    desk::check(&stored, seen, sent)?;
    let set = settings(&stored, actor, &asked.properties)?;
    let Some(event) = write(&mut tx, scope, &stored, &set, asked.reason.as_deref()).await? else {
        // All of it was so already: no version, no event.
        return desk::read(app, scope, case_code).await;
    };
    let ids = [stored.reuse_case_id];
    desk::record(app, scope, &mut tx, &ids, &ids, event.audit(case_code)).await?;
    tx.commit().await?;
    desk::read(app, scope, case_code).await
}

/// What an actor may set in a case as it stands.
pub fn settings(
    stored: &Stored,
    actor: Actor,
    properties: &Map<String, Value>,
) -> Result<Vec<Setting>> {
    if stored.state == State::Closed.name() {
        return Err(Error::not_now("已销号，不能修改 / the case is closed"));
    }
    let mut set = fields::parse(properties, stored.path.as_deref())?;
    // Who gives a case to another unit answers for both.
    if set.iter().any(|it| it.column == "responsible_unit") && actor < Actor::District {
        return Err(Error::NotAllowed(
            "调整责任单位须由全区承办人办理 / another unit is set by an officer for all units",
        ));
    }
    // The hard stop was asked of the path that the work began with.
    let begun = [State::InProgress, State::Accepted].map(State::name);
    let moves = properties.get("path").is_some_and(|it| it.as_str() != stored.path.as_deref());
    if moves && begun.contains(&stored.state.as_str()) {
        return Err(Error::not_now(
            "整治已启动，不能改路径；请先返回 / the work has begun on this path: return the case first",
        ));
    }
    // Nodes are those of the path: another path has others.
    if moves && !set.iter().any(|it| it.column == "nodes") {
        let new = properties.get("path").and_then(Value::as_str);
        let none: Map<String, Value> = [("nodes".to_owned(), Value::Null)].into_iter().collect();
        set.extend(fields::parse(&none, new)?);
    }
    Ok(set)
}

/// What was written into a case.
#[derive(Debug)]
pub struct Written {
    before: Value,
    after: Value,
}

impl Written {
    /// The same for the audit.
    pub fn audit(self, case_code: &str) -> audit::Event<'_> {
        audit::Event::of(Action::CaseChanged, case_code)
            .changing(Some(self.before), Some(self.after))
    }
}

/// Writes the next version of a case and its event; `None` where all of it was so already, and nothing is written.
pub async fn write(
    db: &mut Writer,
    scope: &Scope,
    stored: &Stored,
    set: &[Setting],
    reason: Option<&str>,
) -> Result<Option<Written>> {
    // What turns out to change nothing is taken back alone.
    let mut tx = write::apart(db).await?;
    let at = write::moment(&mut tx).await?;
    let by = scope.recorded_by();
    write::replace(&mut tx, stored.row_id, set, at, by).await?;
    let code = &stored.case_code;
    let now = write::find(&mut tx, code).await?.ok_or_else(|| desk::no_case(code))?;
    let pick = |of: &Value| -> Value {
        let differing = set.iter().filter(|it| stored.facts[it.column] != now.facts[it.column]);
        differing
            .map(|it| (it.column.to_owned(), of[it.column].clone()))
            .collect::<Map<_, _>>()
            .into()
    };
    let (before, after) = (pick(&stored.facts), pick(&now.facts));
    if after.as_object().is_none_or(Map::is_empty) {
        tx.rollback().await?;
        return Ok(None);
    }
    let event = Event {
        kind: "changed",
        state_after: Some(&stored.state),
        reason,
        before: Some(before.clone()),
        after: Some(after.clone()),
        on: today(),
        ..Event::default()
    };
    write::insert_event(&mut tx, stored, event, at, by).await?;
    tx.commit().await?;
    Ok(Some(Written { before, after }))
}
