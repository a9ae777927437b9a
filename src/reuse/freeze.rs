//! Frozen versions: a list as it was at a moment, with the figures of the run that was current, and how two of them differ.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit::Action;
use crate::audit::Event;
use crate::error::Error;
use crate::error::Result;

use super::Case;
use super::Changed;
use super::Comparison;
use super::Frozen;
use super::Totals;
use super::Version;
use super::desk;
use super::lists;
use super::queries;
use super::queries::Selection;
use super::queries::write;

/// Freezes a list as it is now.
pub async fn freeze(app: &App, scope: &Scope, list_id: i64, note: Option<&str>) -> Result<Frozen> {
    let list = lists::find(app, scope, list_id).await?;
    desk::within(scope, list.responsible_unit.as_deref())?;
    desk::text(note, "note")?;
    let mut tx = app.db.write.begin().await?;
    write::hold(&mut tx, list_id).await?.ok_or_else(|| desk::no_list(list_id))?;
    // Under the lock: what was written before it is older than this moment.
    let at = write::moment(&mut tx).await?;
    let version = write::freeze(&mut tx, list_id, at, note, scope.recorded_by()).await?;
    let subject = list_id.to_string();
    let event = Event::of(Action::ListFrozen, &subject)
        .with(json!({"name": list.name, "version": version.version, "note": note}));
    desk::record(app, scope, &mut tx, &[], &[], event).await?;
    tx.commit().await?;
    let mut db = app.db.read(scope).await?;
    let total = queries::totals(&mut db, &selection(&version)).await?;
    Ok(Frozen { version, total })
}

/// The cases of a version.
pub fn selection(version: &Version) -> Selection<'static> {
    Selection {
        list_id: Some(version.list_id),
        as_of: Some(version.frozen_at),
        // A list that was frozen before anything was evaluated has no figures.
        run_id: Some(version.run_id.unwrap_or_default()),
        ..Selection::default()
    }
}

/// The versions of a list with their sums.
pub async fn versions(app: &App, scope: &Scope, list_id: i64) -> Result<Vec<Frozen>> {
    lists::find(app, scope, list_id).await?;
    let mut db = app.db.read(scope).await?;
    let mut all = Vec::new();
    for version in queries::versions(&mut db, list_id).await? {
        let total = queries::totals(&mut db, &selection(&version)).await?;
        all.push(Frozen { version, total });
    }
    Ok(all)
}

/// One version of a list.
pub async fn version(app: &App, scope: &Scope, list_id: i64, nth: i64) -> Result<Version> {
    lists::find(app, scope, list_id).await?;
    let mut db = app.db.read(scope).await?;
    let all = queries::versions(&mut db, list_id).await?;
    let found = all.into_iter().find(|it| it.version == nth);
    found.ok_or_else(|| Error::not_found("清单版本 version", nth.to_string()))
}

/// What differs between two versions, or between one and now.
pub async fn compare(
    app: &App,
    scope: &Scope,
    list_id: i64,
    from: i64,
    to: Option<i64>,
) -> Result<Comparison> {
    let first = selection(&version(app, scope, list_id, from).await?);
    let second = match to {
        Some(it) => selection(&version(app, scope, list_id, it).await?),
        None => Selection { list_id: Some(list_id), ..Selection::default() },
    };
    let mut db = app.db.read(scope).await?;
    let read = async |db: &mut crate::db::Reader, it: &Selection<'_>| -> Result<_> {
        let cases = queries::cases(db, scope, &app.layers, it).await?;
        let total = queries::totals(db, it).await?;
        Ok((by_code(&cases)?, total))
    };
    let (before, total_from): (BTreeMap<String, Value>, Totals) = read(&mut db, &first).await?;
    let (after, total_to) = read(&mut db, &second).await?;
    let gone = before.keys().filter(|it| !after.contains_key(*it)).cloned().collect();
    let added = after.keys().filter(|it| !before.contains_key(*it)).cloned().collect();
    let mut changed = Vec::new();
    for (code, now) in &after {
        let Some(was) = before.get(code) else { continue };
        for (member, to) in now.as_object().into_iter().flatten() {
            if was[member] != *to {
                changed.push(Changed {
                    case_code: code.clone(),
                    member: member.clone(),
                    from: was[member].clone(),
                    to: to.clone(),
                });
            }
        }
    }
    Ok(Comparison { from, to, added, gone, changed, total_from, total_to })
}

/// Cases by their codes, without what every version has of its own.
fn by_code(cases: &[Case]) -> Result<BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    for it in cases {
        let mut value = serde_json::to_value(it).map_err(anyhow::Error::from)?;
        if let Some(members) = value.as_object_mut() {
            members.retain(|name, _| {
                !["row_id", "recorded_at", "recorded_by"].contains(&name.as_str())
            });
        }
        all.insert(it.case_code.clone(), value);
    }
    Ok(all)
}
