//! Candidates (查找) that a final run opens: a list for each responsible unit, with a case for each parcel that is newly low
//! and has no open case in any list.

use serde_json::json;

use crate::access::Scope;
use crate::app::App;
use crate::audit::Action;
use crate::audit::Event;
use crate::catalog::time::today;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;

use chrono::Datelike;
use schemars::JsonSchema;
use serde::Serialize;

use super::CASES_MAX;
use super::NewList;
use super::desk;
use super::lists::PREFIX;
use super::queries::candidate;
use super::queries::candidate::Entrant;
use super::queries::write;

/// What cases are opened for.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub run_id: i64,
    /// The year that was judged.
    pub year: i64,
    /// The judging layer.
    pub layer: &'a str,
    /// Parcels that it found.
    pub parcels: &'a [i64],
    /// The path that is proposed for land to be given back: its lists are those of reduction. Nothing: lists of renewal.
    pub given_back: Option<&'a str>,
}

/// A list that was made for a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CandidateList")]
pub struct Opened {
    pub list_id: i64,
    pub name: String,
    /// `renewal` or `reduction`.
    pub kind: &'static str,
    /// Null: land of no unit.
    pub responsible_unit: Option<String>,
    pub cases: usize,
}

/// Opens candidates in the caller's transaction: nothing for a parcel that is no more, or that has an open case.
pub async fn open(
    app: &App,
    scope: &Scope,
    db: &mut Writer,
    found: Found<'_>,
) -> Result<Vec<Opened>> {
    let entrants = candidate::without_case(db, found.parcels).await?;
    let by_unit = entrants.chunk_by(|a, b| a.responsible_unit == b.responsible_unit);
    let mut opened = Vec::new();
    for of_unit in by_unit {
        let parts = of_unit.chunks(CASES_MAX);
        let is_one = parts.len() == 1;
        for (nth, part) in parts.enumerate() {
            let part_of = (!is_one).then_some(nth + 1);
            opened.push(open_list(app, scope, db, found, part, part_of).await?);
        }
    }
    Ok(opened)
}

async fn open_list(
    app: &App,
    scope: &Scope,
    db: &mut Writer,
    found: Found<'_>,
    entrants: &[Entrant],
    part: Option<usize>,
) -> Result<Opened> {
    let unit = entrants.first().and_then(|it| it.responsible_unit.clone());
    let title = app.layers.find(found.layer).map_or(found.layer, |it| it.title.zh.as_str());
    let of_unit = unit.as_deref().map(|it| format!(" · {it}")).unwrap_or_default();
    let (kind, what) = match found.given_back {
        Some(_) => ("reduction", "减量化"),
        None => ("renewal", ""),
    };
    let nth = part.map(|it| format!(" ({it})")).unwrap_or_default();
    let asked = NewList {
        name: format!("{} 年{title}{what}查找{of_unit}{nth}", found.year),
        kind: kind.to_owned(),
        year: i64::from(today().year()),
        responsible_unit: unit.clone(),
        code_prefix: None,
        selection: None,
        note: None,
    };
    let prefix = write::last_prefix(db).await?.unwrap_or_else(|| PREFIX.to_owned());
    let by = scope.recorded_by();
    let selection =
        json!({"layer": found.layer, "filter": "verdict = 'low'", "run_id": found.run_id});
    let list_id = write::insert_list(db, &asked, &prefix, Some(selection.clone()), by).await?;
    let held = write::hold(db, list_id).await?.ok_or_else(|| desk::no_list(list_id))?;
    let at = write::moment(db).await?;
    let count = i64::try_from(entrants.len()).unwrap_or(i64::MAX);
    let first = write::take_numbers(db, &prefix, asked.year, count).await?;
    let codes: Vec<String> =
        (first..first + count).map(|it| format!("{prefix}{}{it:03}", asked.year)).collect();
    let ids: Vec<i64> = entrants.iter().map(|it| it.parcel_id).collect();
    let made = write::insert_cases(db, &held, &ids, &codes, at, today(), by).await?;
    if made.len() != ids.len() {
        return Err(Error::Internal(anyhow::anyhow!("{} of {} cases", made.len(), ids.len())));
    }
    if let Some(path) = found.given_back {
        candidate::propose(db, list_id, path).await?;
    }
    let reason = format!(
        "{year} 年评价 {run} 判定为低效 / found low by evaluation {run} of {year}",
        year = found.year,
        run = found.run_id,
    );
    candidate::note_found(db, list_id, found.run_id, found.layer, &reason, by).await?;
    let subject = list_id.to_string();
    let event = Event::of(Action::ListCreated, &subject)
        .with(json!({"name": asked.name, "selection": selection}));
    desk::record(app, scope, db, &[], &[], event).await?;
    let event = Event::of(Action::CasesAdded, &subject)
        .with(json!({"list": asked.name, "run_id": found.run_id, "cases": codes}));
    desk::record(app, scope, db, &made, &[], event).await?;
    Ok(Opened { list_id, name: asked.name, kind, responsible_unit: unit, cases: made.len() })
}
