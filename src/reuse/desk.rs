//! What every write goes through: who may, which version was meant, which day, and what the record gets in the end.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Event;
use crate::catalog;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Actor;
use crate::judgement::workflow::Standing;
use crate::judgement::workflow::State;
use crate::judgement::workflow::account::Account;

use super::Case;
use super::NOTE_MAX;
use super::TABLE;
use super::queries;
use super::queries::Selection;
use super::queries::write;
use super::queries::write::Held;
use super::queries::write::Stored;

pub(super) const NOT_YOURS: Error = Error::NotAllowed(
    "盘活清单由责任单位的承办人办理，全区事项由全区承办人办理 / lists are for officers of the responsible unit; what is the district's, for officers of all units",
);

/// Refuses whoever is no officer anywhere.
pub fn officer(scope: &Scope) -> Result<()> {
    if scope.account.is_none() {
        return Err(Error::SignIn("盘活清单需要账户 / redevelopment lists need an account"));
    }
    if scope.may(Role::Officer) { Ok(()) } else { Err(NOT_YOURS) }
}

/// What the scope is to a case or a list of that unit; of no unit, it is the district's.
pub fn actor(scope: &Scope, unit: Option<&str>) -> Actor {
    if !scope.in_unit(unit).may(Role::Officer) {
        Actor::Nobody
    } else if scope.responsible_units.is_some() {
        Actor::Unit
    } else if scope.may(Role::Steward) {
        Actor::Steward
    } else {
        Actor::District
    }
}

/// Refuses whoever does not answer for the unit, or for all where there is none.
pub fn within(scope: &Scope, unit: Option<&str>) -> Result<Actor> {
    match actor(scope, unit) {
        Actor::Nobody => Err(NOT_YOURS),
        it => Ok(it),
    }
}

/// It does not say the code again: whether others have it is not told.
pub fn no_case(_code: &str) -> Error {
    Error::absent("未找到该地块台账 / there is no such case", Value::Null)
}

pub fn no_list(list_id: i64) -> Error {
    Error::not_found("清单 list", list_id.to_string())
}

/// A case that the scope answers for, with its list held until the end.
pub async fn take(
    db: &mut Writer,
    scope: &Scope,
    case_code: &str,
) -> Result<(Stored, Held, Actor)> {
    officer(scope)?;
    let Some(first) = write::find(db, case_code).await? else { return Err(no_case(case_code)) };
    let Some(held) = write::hold(db, first.list_id).await? else {
        return Err(no_case(case_code));
    };
    // Somebody may have written while the list was waited for.
    let Some(stored) = write::find(db, case_code).await? else { return Err(no_case(case_code)) };
    let actor = actor(scope, stored.responsible_unit.as_deref());
    // Who does not see a row is not told that it is there.
    if actor == Actor::Nobody {
        return Err(no_case(case_code));
    }
    if held.state == "closed" {
        return Err(Error::not_now(
            "清单已办结，不能再修改 / the list is closed: nothing in it is changed any more",
        ));
    }
    Ok((stored, held, actor))
}

/// Refuses to write over a version that the caller has not seen: the problem has both.
pub fn check(stored: &Stored, seen: i64, sent: &Value) -> Result<()> {
    if stored.row_id == seen {
        return Ok(());
    }
    let code = &stored.case_code;
    Err(Error::overtaken(
        format!(
            "`{code}` 在您读取之后已被修改，未写入；`theirs` 为现在的版本 / case `{code}` was changed after you read it, nothing was written: `theirs` is what it is now"
        ),
        json!({
            "case_code": code,
            "yours": sent,
            "theirs": {
                "etag": format!("\"{}\"", stored.row_id),
                "recorded_at": stored.recorded_at,
                "recorded_by": stored.recorded_by,
                "properties": told(&stored.facts),
            },
        }),
    ))
}

/// The columns of a row that are told.
pub fn told(facts: &Value) -> Value {
    const OWN: [&str; 8] = [
        "row_id",
        "reuse_case_id",
        "parcel_id",
        "area_geom_m2",
        "valid_from",
        "valid_to",
        "superseded_at",
        "recorded_at",
    ];
    let mut facts = facts.clone();
    if let Some(it) = facts.as_object_mut() {
        it.retain(|name, _| !OWN.contains(&name.as_str()));
    }
    facts
}

/// The version that was written, as the scope reads it.
pub async fn read(app: &App, scope: &Scope, case_code: &str) -> Result<Case> {
    let mut db = app.db.read(scope).await?;
    let selection = Selection { case_code: Some(case_code), ..Selection::default() };
    let found = queries::cases(&mut db, scope, &app.layers, &selection).await?;
    found.into_iter().next().ok_or_else(|| no_case(case_code))
}

/// A case as the rules look at it.
pub fn standing(stored: &Stored) -> Standing<'_> {
    let filled: BTreeSet<&str> = stored
        .facts
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, it)| !it.is_null() && it.as_object().is_none_or(|it| !it.is_empty()))
        .map(|(name, _)| name.as_str())
        .collect();
    Standing {
        state: State::parse(&stored.state).unwrap_or(State::Candidate),
        held: stored.held,
        path: stored.path.as_deref(),
        filled,
        reached: stored.reached.iter().map(String::as_str).collect(),
        account: account(stored),
    }
}

/// Its land.
pub fn account(stored: &Stored) -> Account {
    Account {
        area_mu: stored.area_mu,
        disposed_mu: stored.disposed_mu,
        counted_mu: stored.counted_mu,
    }
}

/// The day of an event: not in the future, of which nobody knows.
pub fn day(given: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = today();
    let day = given.unwrap_or(today);
    if day > today {
        return Err(Error::BadInput {
            at: "成员 / member `on`".to_owned(),
            why: format!("不能晚于今天（{today}） / may not be later than today, {today}"),
        });
    }
    if day < NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default() {
        return Err(Error::BadInput {
            at: "成员 / member `on`".to_owned(),
            why: "不应早于 1990 年 / not before 1990".to_owned(),
        });
    }
    Ok(day)
}

/// A text that somebody wrote.
pub fn text(given: Option<&str>, member: &str) -> Result<()> {
    if given.is_some_and(|it| it.chars().count() > NOTE_MAX || it.contains('\0')) {
        return Err(Error::BadInput {
            at: format!("成员 / member `{member}`"),
            why: format!("至多 {NOTE_MAX} 个字符 / at most {NOTE_MAX} characters"),
        });
    }
    Ok(())
}

/// Moves the layer's revision on and notes in the audit what was done, in the same transaction. `were` are those of the
/// cases that were there before.
pub async fn record(
    app: &App,
    scope: &Scope,
    db: &mut Writer,
    ids: &[i64],
    were: &[i64],
    event: Event<'_>,
) -> Result<()> {
    bump(app, db, ids, were).await?;
    audit::record(db, scope, event).await?;
    Ok(())
}

/// Moves the layer's revision on, once for all of the cases.
pub async fn bump(app: &App, db: &mut Writer, ids: &[i64], were: &[i64]) -> Result<()> {
    if let Some(layer) = app.layers.register(TABLE).filter(|_| !ids.is_empty()) {
        catalog::queries::bump_edit(db, &app.layers, layer, ids, were).await?;
    }
    Ok(())
}
