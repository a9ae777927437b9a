//! Many cases of a list changed in one transaction: what a table sends when a column is filled or a block is pasted. Each row is
//! checked on its own: one that somebody else has changed, or that is refused, keeps none of the others from being written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Actor;

use super::Case;
use super::CaseChanges;
use super::ChangeRefused;
use super::ChangesMade;
use super::RowChange;
use super::change;
use super::desk;
use super::fields::Setting;
use super::lists;
use super::queries;
use super::queries::Selection;
use super::queries::write;
use super::queries::write::Stored;

/// Cases of one request.
const MOST: usize = 500;

/// Changes cases of a list.
pub async fn change(
    app: &App,
    scope: &Scope,
    list_id: i64,
    asked: &CaseChanges,
) -> Result<ChangesMade> {
    lists::find(app, scope, list_id).await?;
    desk::text(asked.reason.as_deref(), "reason")?;
    check(&asked.changes)?;
    let mut tx = app.db.write.begin().await?;
    let held = write::hold(&mut tx, list_id).await?.ok_or_else(|| desk::no_list(list_id))?;
    if held.state == "closed" {
        return Err(Error::not_now(
            "清单已办结，不能再修改 / the list is closed: nothing in it is changed any more",
        ));
    }
    let (mut saved, mut overtaken, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let codes: Vec<&str> = asked.changes.iter().map(|it| it.case_code.as_str()).collect();
    let stored = write::find_all(&mut tx, list_id, &codes).await?;
    let stored: BTreeMap<&str, &Stored> =
        stored.iter().map(|it| (it.case_code.as_str(), it)).collect();
    let mut wanted: Vec<(&Stored, Vec<Setting>)> = Vec::new();
    for it in &asked.changes {
        let found = seen_by(scope, stored.get(it.case_code.as_str()).copied(), &it.case_code);
        let (stored, actor) = match found {
            Ok(it) => it,
            Err(error) => {
                refused.push(told(&it.case_code, error)?);
                continue;
            }
        };
        if stored.row_id != it.row_id {
            overtaken.push(it.case_code.clone());
            continue;
        }
        match change::settings(stored, actor, &it.properties) {
            Ok(set) => wanted.push((stored, set)),
            Err(error) => {
                refused.push(told(&it.case_code, error)?);
                continue;
            }
        }
        saved.push(it.case_code.clone());
    }
    let ids = change::write(&mut tx, scope, &wanted, asked.reason.as_deref()).await?;
    desk::bump(app, &mut tx, &ids, &ids).await?;
    tx.commit().await?;
    let mut db = app.db.read(scope).await?;
    db.begin().await?;
    let all: Vec<String> = saved.iter().chain(&overtaken).cloned().collect();
    let selection = Selection { case_codes: Some(&all), ..Selection::default() };
    let cases = queries::cases(&mut db, scope, &app.layers, &selection).await?;
    let selection = Selection { list_id: Some(list_id), ..Selection::default() };
    let total = queries::totals(&mut db, &selection).await?;
    db.end().await?;
    let mut cases: BTreeMap<String, Case> =
        cases.into_iter().map(|it| (it.case_code.clone(), it)).collect();
    // A case that was given to a unit that the caller does not answer for is not read again.
    let mut of = |codes: &[String]| codes.iter().filter_map(|it| cases.remove(it)).collect();
    Ok(ChangesMade { saved: of(&saved), overtaken: of(&overtaken), refused, total })
}

fn check(changes: &[RowChange]) -> Result<()> {
    let wrong = |why: String| Error::BadInput { at: "成员 / member `changes`".to_owned(), why };
    if changes.is_empty() || changes.len() > MOST {
        return Err(wrong(format!("1 至 {MOST} 宗 / 1 to {MOST} cases")));
    }
    let mut codes: Vec<&str> = changes.iter().map(|it| it.case_code.as_str()).collect();
    codes.sort_unstable();
    if let Some([code, ..]) = codes.windows(2).find(|it| it[0] == it[1]) {
        return Err(wrong(format!("`{code}` 出现两次 / `{code}` is there twice")));
    }
    if let Some(it) = changes.iter().find(|it| it.properties.is_empty()) {
        return Err(wrong(format!(
            "`{0}` 没有要修改的内容 / nothing to change in `{0}`",
            it.case_code
        )));
    }
    Ok(())
}

/// A case of the list, if the scope answers for it.
fn seen_by<'a>(
    scope: &Scope,
    found: Option<&'a Stored>,
    case_code: &str,
) -> Result<(&'a Stored, Actor)> {
    let stored = found.ok_or_else(|| desk::no_case(case_code))?;
    match desk::actor(scope, stored.responsible_unit.as_deref()) {
        // Who does not see a row is not told that it is there.
        Actor::Nobody => Err(desk::no_case(case_code)),
        actor => Ok((stored, actor)),
    }
}

/// A refusal of one row; what is our own fault is everybody's.
fn told(case_code: &str, error: Error) -> Result<ChangeRefused> {
    let (at, why) = match error {
        Error::Internal(it) => return Err(Error::Internal(it)),
        Error::BadInput { at, why } => (Some(at), why),
        it => (None, it.to_string()),
    };
    Ok(ChangeRefused { case_code: case_code.to_owned(), at, why })
}

/// The body as it was sent.
pub fn read(sent: &Value) -> Result<CaseChanges> {
    super::routes::plain(sent)?;
    super::routes::read(sent)
}
