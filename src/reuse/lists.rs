//! Lists: made, changed, filled from a selection.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog::time::today;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Actor;
use crate::layer::Text;

use super::Added;
use super::CASES_MAX;
use super::Choice;
use super::List;
use super::ListChange;
use super::NewList;
use super::Skipped;
use super::desk;
use super::queries;
use super::queries::write;
use super::select;

/// What codes begin with where no list has said it.
pub(super) const PREFIX: &str = "QX";

fn wrong(member: &str, why: impl Into<String>) -> Error {
    Error::BadInput { at: format!("成员 / member `{member}`"), why: why.into() }
}

/// A list as the scope sees it.
pub async fn find(app: &App, scope: &Scope, list_id: i64) -> Result<List> {
    desk::officer(scope)?;
    let mut db = app.db.read(scope).await?;
    queries::list(&mut db, list_id).await?.ok_or_else(|| desk::no_list(list_id))
}

fn name(given: &str) -> Result<()> {
    let length = given.trim().chars().count();
    if !(1..=100).contains(&length) || given.contains('\0') {
        return Err(wrong("name", "1 至 100 个字符 / 1 to 100 characters"));
    }
    Ok(())
}

/// A new list, filled where a selection is given.
pub async fn create(app: &App, scope: &Scope, asked: &NewList) -> Result<Added> {
    desk::officer(scope)?;
    desk::within(scope, asked.responsible_unit.as_deref())?;
    name(&asked.name)?;
    desk::text(asked.note.as_deref(), "note")?;
    desk::text(asked.responsible_unit.as_deref(), "responsible_unit")?;
    if !["renewal", "reduction"].contains(&asked.kind.as_str()) {
        return Err(wrong("kind", "renewal, reduction"));
    }
    if !(2000..=2100).contains(&asked.year) {
        return Err(wrong("year", "2000–2100"));
    }
    let plain =
        |it: &str| (1..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_uppercase());
    if asked.code_prefix.as_deref().is_some_and(|it| !plain(it)) {
        return Err(wrong("code_prefix", "1 至 8 个大写字母 / 1 to 8 capital letters, such as JD"));
    }
    let codes = match &asked.selection {
        Some(it) => select::codes(app, scope, it).await?,
        None => Vec::new(),
    };
    let mut tx = app.db.write.begin().await?;
    let prefix = match &asked.code_prefix {
        Some(it) => it.clone(),
        None => write::last_prefix(&mut tx).await?.unwrap_or_else(|| PREFIX.to_owned()),
    };
    let selection = asked.selection.as_ref().map(|it| json!(it));
    let by = scope.recorded_by();
    let list_id = write::insert_list(&mut tx, asked, &prefix, selection, by).await?;
    let subject = list_id.to_string();
    let event = Event::of(Action::ListCreated, &subject)
        .with(json!({"name": asked.name, "selection": asked.selection}));
    desk::record(app, scope, &mut tx, &[], &[], event).await?;
    let (added, not_found, skipped) = fill(app, scope, &mut tx, list_id, &codes).await?;
    tx.commit().await?;
    let list = find(app, scope, list_id).await?;
    Ok(Added { list, added, not_found, skipped })
}

/// More parcels for a list.
pub async fn add(app: &App, scope: &Scope, list_id: i64, choice: &Choice) -> Result<Added> {
    find(app, scope, list_id).await?;
    let codes = select::codes(app, scope, choice).await?;
    let mut tx = app.db.write.begin().await?;
    let (added, not_found, skipped) = fill(app, scope, &mut tx, list_id, &codes).await?;
    tx.commit().await?;
    let list = find(app, scope, list_id).await?;
    Ok(Added { list, added, not_found, skipped })
}

type Filled = (Vec<String>, Vec<String>, Vec<Skipped>);

/// Takes the parcels into the list that the scope answers for and that it does not have.
async fn fill(
    app: &App,
    scope: &Scope,
    db: &mut crate::db::Writer,
    list_id: i64,
    codes: &[String],
) -> Result<Filled> {
    if codes.is_empty() {
        return Ok(Filled::default());
    }
    let held = write::hold(db, list_id).await?.ok_or_else(|| desk::no_list(list_id))?;
    if held.state == "closed" {
        return Err(Error::not_now("清单已办结 / the list is closed"));
    }
    let at = write::moment(db).await?;
    let parcels = write::parcels(db, list_id, codes).await?;
    let known: BTreeSet<&str> = parcels.iter().map(|it| it.parcel_code.as_str()).collect();
    let not_found: Vec<String> =
        codes.iter().filter(|it| !known.contains(it.as_str())).cloned().collect();
    let mut skipped = Vec::new();
    let mut ids = Vec::new();
    for it in &parcels {
        let unit = it.responsible_unit.as_deref();
        let why = if desk::actor(scope, unit) == Actor::Nobody {
            Text::new("不属您的责任单位", "another unit answers for it")
        } else if held.responsible_unit.is_some() && held.responsible_unit.as_deref() != unit {
            Text::new("不属本清单的责任单位", "it is not of the list's unit")
        } else if let Some(code) = &it.case_code {
            Text::new(format!("已在本清单：{code}"), format!("the list has it already: {code}"))
        } else {
            ids.push(it.parcel_id);
            continue;
        };
        skipped.push(Skipped { parcel_code: it.parcel_code.clone(), why });
    }
    if ids.len() > CASES_MAX {
        return Err(wrong("selection", format!("至多 {CASES_MAX} 宗 / at most {CASES_MAX}")));
    }
    let mut added = Vec::with_capacity(ids.len());
    if !ids.is_empty() {
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let first = write::take_numbers(db, &held.code_prefix, held.year, count).await?;
        added = (first..first + count)
            .map(|it| format!("{}{}{it:03}", held.code_prefix, held.year))
            .collect();
        let by = scope.recorded_by();
        let made = write::insert_cases(db, &held, &ids, &added, at, today(), by).await?;
        let subject = list_id.to_string();
        let event = Event::of(Action::CasesAdded, &subject)
            .with(json!({"list": held.name, "cases": added}));
        desk::record(app, scope, db, &made, &[], event).await?;
    }
    Ok((added, not_found, skipped))
}

/// Changes what a list says of itself.
pub async fn change(
    app: &App,
    scope: &Scope,
    list_id: i64,
    seen: i64,
    sent: &Value,
    asked: &ListChange,
) -> Result<List> {
    let before = find(app, scope, list_id).await?;
    desk::within(scope, before.responsible_unit.as_deref())?;
    if let Some(it) = &asked.name {
        name(it)?;
    }
    desk::text(asked.note.as_deref(), "note")?;
    let states = ["draft", "submitted", "closed"];
    if asked.state.as_deref().is_some_and(|it| !states.contains(&it)) {
        return Err(wrong("state", states.join(", ")));
    }
    let mut tx = app.db.write.begin().await?;
    let held = write::hold(&mut tx, list_id).await?.ok_or_else(|| desk::no_list(list_id))?;
    if held.row_version != seen {
        let theirs = json!({
            "etag": format!("\"{}\"", held.row_version),
            "recorded_at": held.changed_at,
            "recorded_by": held.changed_by,
            "properties": {"name": held.name, "state": held.state, "note": held.note},
        });
        return Err(Error::overtaken(
            "清单在您读取之后已被修改，未写入 / the list was changed after you read it, nothing was written: `theirs` is what it is now",
            json!({"list_id": list_id, "yours": sent, "theirs": theirs}),
        ));
    }
    let (new_name, state) = (asked.name.as_deref().map(str::trim), asked.state.as_deref());
    let by = scope.recorded_by();
    write::update_list(&mut tx, list_id, new_name, state, asked.note.as_deref(), by).await?;
    let subject = list_id.to_string();
    let event = Event::of(Action::ListChanged, &subject).changing(
        Some(json!({"name": held.name, "state": held.state, "note": held.note})),
        Some(sent.clone()),
    );
    desk::record(app, scope, &mut tx, &[], &[], event).await?;
    tx.commit().await?;
    find(app, scope, list_id).await
}
