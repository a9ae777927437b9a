//! Targets by unit and period: how far each is, as of any past moment, from the events.

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveDate;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::catalog::time::day_of;
use crate::catalog::time::today;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::workflow::Workflow;
use crate::judgement::workflow::league::League;
use crate::judgement::workflow::league::Target;
use crate::judgement::workflow::league::league;
use crate::judgement::workflow::period::Period;
use crate::layer::Text;

use super::desk;
use super::queries;
use super::queries::CountedRow;

/// What targets count.
const KINDS: [&str; 5] = ["mu", "plants", "plant_m2", "enterprises", "tce"];

/// The league of a period.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Standings {
    pub period: String,
    /// `mu`, `plants`, `plant_m2`, `enterprises` or `tce`.
    pub kind: String,
    /// The moment whose records count; null: now.
    pub as_of: Option<DateTime<Utc>>,
    /// The day up to which is counted, and which the phased target is of.
    pub day: NaiveDate,
    #[serde(flatten)]
    pub league: League,
    pub notes: Vec<Text>,
}

/// The standings that the scope may be told.
pub async fn standings(
    app: &App,
    scope: &Scope,
    period: Option<&str>,
    kind: Option<&str>,
    as_of: Option<&str>,
) -> Result<Standings> {
    desk::officer(scope)?;
    let times = Times::parse(None, as_of)?;
    let day = times.as_of.map_or_else(today, day_of);
    let period = match period {
        Some(it) => Period::parse(it).ok_or_else(|| {
            Error::parameter("period", "应如 2026、2026Q2、2026-05 / 2026, 2026Q2 or 2026-05")
        })?,
        None => Period::Year(day.year()),
    };
    let kind = kind.unwrap_or("mu");
    let known_at = times.as_of.unwrap_or_else(Utc::now);
    let found = at(app, scope, period, kind, known_at, day).await?;
    Ok(Standings { as_of: times.as_of, ..found })
}

/// The standings at the end of a day, as they were known at a moment, which may be later.
pub async fn at(
    app: &App,
    scope: &Scope,
    period: Period,
    kind: &str,
    known_at: DateTime<Utc>,
    day: NaiveDate,
) -> Result<Standings> {
    desk::officer(scope)?;
    if !KINDS.contains(&kind) {
        return Err(Error::parameter("kind", KINDS.join(", ")));
    }
    let mut db = app.db.read(scope).await?;
    let rows = queries::targets(&mut db, period.year().into(), kind, known_at, day).await?;
    let counted =
        queries::counted(&mut db, known_at, period.first(), period.last().min(day)).await?;
    drop(db);
    let mut notes = Vec::new();
    // Energy is one enterprise's figure where a unit has one case.
    let reached = |unit: Option<&str>| kind != "tce" || scope.in_unit(unit).may(Role::Officer);
    let mut targets = Vec::with_capacity(rows.len());
    for it in rows {
        match Period::parse(&it.period) {
            Some(period) if reached(Some(&it.unit)) => {
                targets.push(Target { unit: it.unit, period, quantity: it.quantity });
            }
            Some(_) => {}
            None => notes.push(Text::new(
                format!("“{}”的报告期 {} 无法识别，未计", it.unit, it.period),
                format!("period `{}` of `{}` is none, and was left out", it.period, it.unit),
            )),
        }
    }
    let figure = |it: &CountedRow| match kind {
        "mu" => Some(it.mu),
        "plants" => Some(it.plants),
        "plant_m2" => Some(it.plant_m2),
        "enterprises" => Some(it.enterprises),
        _ => it.tce,
    };
    let counted: Vec<_> = counted
        .iter()
        .filter(|it| reached(it.unit.as_deref()))
        .filter_map(|it| Some((it.unit.clone(), figure(it)?)))
        // Units that did nothing and were to do nothing are no rows.
        .filter(|it| !it.1.is_zero())
        .collect();
    if kind == "tce" && scope.responsible_units.is_some() {
        notes.push(Text::new(
            "能耗只列您负责的单位，合计与排名亦只含这些单位",
            "energy is told of your units only: sum and rank are among them",
        ));
    }
    let league = league(period, day, &targets, &counted, Workflow::shipped().lights);
    Ok(Standings {
        period: period.name(),
        kind: kind.to_owned(),
        as_of: Some(known_at),
        day,
        league,
        notes,
    })
}
