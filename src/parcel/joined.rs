//! What is joined to a parcel as it is now: what the current run found, plans, occupants, buildings.

use chrono::NaiveDate;

use crate::access::Role;
use crate::app::App;
use crate::catalog;
use crate::db::Reader;
use crate::error::Result;

use super::Buildings;
use super::Mask;
use super::Measured;
use super::Occupant;
use super::PlanHit;
use super::Share;
use super::Verdict;
use super::Year;
use super::mask;
use super::measured::measured;
use super::plan::plan;
use super::queries;
use super::verdict::verdict;

/// What is joined to a parcel as it is now.
#[derive(Default)]
pub(super) struct Joined {
    pub measures: Option<queries::Measures>,
    pub measured: Vec<Measured>,
    pub shares: Vec<Share>,
    pub class: Option<queries::ClassRow>,
    pub plan: Vec<PlanHit>,
    pub enterprises: Vec<Occupant>,
    pub years: Vec<Year>,
    pub verdict: Option<Verdict>,
    pub town: Option<String>,
    pub buildings: Buildings,
}

pub(super) async fn joined(
    app: &App,
    db: &mut Reader,
    own: &mut Mask<'_>,
    facts: &queries::Facts,
) -> Result<Joined> {
    let scope = own.scope;
    let parcel_id = facts.parcel_id;
    let mut it = Joined { plan: plan(app, db, scope, parcel_id).await?, ..Joined::default() };
    let run = catalog::queries::current_run(db).await?;
    if let Some(run) = &run {
        it.measures = queries::measures(db, scope, &app.layers, run.run_id, parcel_id).await?;
        (it.shares, it.class) = super::shares(app, db, own, run.run_id, parcel_id).await?;
    }
    if scope.may(Role::Viewer) {
        // Those whose figures the run summed; before the first run, today's.
        let year = run.as_ref().and_then(|it| i32::try_from(it.year).ok());
        let day = year.and_then(|it| NaiveDate::from_ymd_opt(it, 12, 31));
        let day = day.unwrap_or_else(|| chrono::Local::now().date_naive());
        it.enterprises = queries::occupants(db, &facts.parcel_code, day).await?;
        if let Some(run) = &run {
            it.years = queries::years(db, scope, &app.layers, run.run_id, parcel_id).await?;
            let run = (run.run_id, run.year);
            it.measured = measured(app, db, own, run, parcel_id).await?;
        }
        it.verdict = verdict(app, db, own, run.as_ref(), parcel_id).await?;
    }
    it.town = match &facts.town_code {
        Some(code) if super::names_towns(app, scope) => queries::town(db, code).await?,
        _ => None,
    };
    it.buildings = mask::buildings(app, db, own, &facts.parcel_code).await?;
    Ok(it)
}
