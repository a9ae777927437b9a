//! The members of one case: changed from the version that somebody has read.

use serde_json::Map;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::catalog::time::today;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Actor;
use crate::judgement::workflow::State;

use super::Case;
use super::CaseChange;
use super::desk;
use super::fields;
use super::queries::write;
use super::queries::write::Event;

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
    if stored.state == State::Closed.name() {
        return Err(Error::not_now("已销号，不能修改 / the case is closed"));
    }
    let mut set = fields::parse(&asked.properties, stored.path.as_deref())?;
    // Who gives a case to another unit answers for both.
    if set.iter().any(|it| it.column == "responsible_unit") && actor < Actor::District {
        return Err(Error::NotAllowed(
            "调整责任单位须由全区承办人办理 / another unit is set by an officer for all units",
        ));
    }
    // The hard stop was asked of the path that the work began with.
    let begun = [State::InProgress, State::Accepted].map(State::name);
    let moves =
        asked.properties.get("path").is_some_and(|it| it.as_str() != stored.path.as_deref());
    if moves && begun.contains(&stored.state.as_str()) {
        return Err(Error::not_now(
            "整治已启动，不能改路径；请先返回 / the work has begun on this path: return the case first",
        ));
    }
    // Nodes are those of the path: another path has others.
    if set.iter().any(|it| it.column == "path") && !set.iter().any(|it| it.column == "nodes") {
        let new = asked.properties.get("path").and_then(Value::as_str);
        if new != stored.path.as_deref() {
            let none: Map<String, Value> =
                [("nodes".to_owned(), Value::Null)].into_iter().collect();
            set.extend(fields::parse(&none, new)?);
        }
    }
    let at = write::moment(&mut tx).await?;
    let by = scope.recorded_by();
    write::replace(&mut tx, stored.row_id, &set, at, by).await?;
    let now = write::find(&mut tx, case_code).await?.ok_or_else(|| desk::no_case(case_code))?;
    let pick = |of: &Value| -> Value {
        let differing = set.iter().filter(|it| stored.facts[it.column] != now.facts[it.column]);
        differing
            .map(|it| (it.column.to_owned(), of[it.column].clone()))
            .collect::<Map<_, _>>()
            .into()
    };
    let (before, after) = (pick(&stored.facts), pick(&now.facts));
    if after.as_object().is_none_or(Map::is_empty) {
        // All of it was so already: no version, no event.
        tx.rollback().await?;
        return desk::read(app, scope, case_code).await;
    }
    let event = Event {
        kind: "changed",
        state_after: Some(&stored.state),
        reason: asked.reason.as_deref(),
        before: Some(before.clone()),
        after: Some(after.clone()),
        on: today(),
        ..Event::default()
    };
    write::insert_event(&mut tx, &stored, event, at, by).await?;
    let ids = [stored.reuse_case_id];
    let event =
        audit::Event::of(Action::CaseChanged, case_code).changing(Some(before), Some(after));
    desk::record(app, scope, &mut tx, &ids, &ids, event).await?;
    tx.commit().await?;
    desk::read(app, scope, case_code).await
}
