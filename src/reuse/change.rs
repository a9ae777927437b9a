//! The members of one case: changed from the version that somebody has read.

use std::collections::BTreeMap;

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
use super::queries::batch;
use super::queries::batch::Noted;
use super::queries::write;
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
    let written = write(&mut tx, scope, &[(&stored, set)], asked.reason.as_deref()).await?;
    if written.is_empty() {
        // All of it was so already: no version, no event.
        return desk::read(app, scope, case_code).await;
    }
    desk::bump(app, &mut tx, &written, &written).await?;
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

/// Writes the next versions of cases, their events and what the audit says of them; the ids of those that were changed. Where
/// all of it was so already nothing is written.
pub async fn write(
    db: &mut Writer,
    scope: &Scope,
    wanted: &[(&Stored, Vec<Setting>)],
    reason: Option<&str>,
) -> Result<Vec<i64>> {
    let row_ids: Vec<i64> = wanted.iter().map(|it| it.0.row_id).collect();
    let patches: Vec<Value> = wanted.iter().map(|it| fields::patch(&it.1)).collect();
    let differing = batch::differing(db, &row_ids, &patches).await?;
    if differing.is_empty() {
        return Ok(Vec::new());
    }
    let mut of: BTreeMap<i64, Value> = row_ids.into_iter().zip(patches).collect();
    let versions: Vec<i64> = differing.iter().map(|it| it.row_id).collect();
    let kept: Vec<Value> = versions.iter().filter_map(|it| of.remove(it)).collect();
    let at = write::moment(db).await?;
    let by = scope.recorded_by();
    batch::replace(db, &versions, &kept, at, by).await?;
    let before: Vec<&Value> = differing.iter().map(|it| &it.before).collect();
    let after: Vec<&Value> = differing.iter().map(|it| &it.after).collect();
    batch::note(db, &versions, &before, &after, Noted { reason, on: today(), at, by }).await?;
    let events = differing.iter().map(|it| {
        audit::Event::of(Action::CaseChanged, &it.case_code)
            .changing(Some(it.before.clone()), Some(it.after.clone()))
    });
    audit::record_all(db, scope, &events.collect::<Vec<_>>()).await?;
    Ok(differing.iter().map(|it| it.reuse_case_id).collect())
}
