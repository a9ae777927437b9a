//! The enterprises of a run: measured, scored by the scheme it was asked for, and stored with all that went into it.
//!
//! The scheme's text, the numbers of the rows that were read and every enterprise's inputs stay with the run, so that it
//! can be scored again to the last digit ([`verify`]).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::json;
use sqlx::PgConnection;

use crate::app::App;
use crate::catalog::source::Source;
use crate::judgement::score;
use crate::judgement::score::Scheme;
use crate::judgement::workflow::period::Period;
use crate::layer::Text;
use crate::measure;

mod facts;
mod member;
pub mod scheme;
mod store;
pub mod verify;

pub use member::Inputs;

use store::Stored;

/// How the enterprises of a cohort came off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CohortCount {
    pub title: Text,
    pub enterprises: usize,
    pub scored: usize,
    pub mean: Option<Decimal>,
    pub grades: BTreeMap<String, usize>,
}

/// What the scheme made of the enterprises, for who ran it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    pub scheme: Option<Text>,
    /// In the scheme's order.
    pub cohorts: Vec<CohortCount>,
    /// In no cohort, or in which is not known.
    pub unplaced: usize,
}

/// Scores all enterprises for the period by the scheme of that id, in the run's own transaction. Without one only what the
/// run read is noted.
pub(super) async fn score(
    db: &mut PgConnection,
    app: &App,
    run_id: i64,
    period: Period,
    scheme: Option<&str>,
) -> anyhow::Result<Scores> {
    store::note_facts(db, run_id).await?;
    let Some(id) = scheme else { return Ok(Scores::default()) };
    let chosen = scheme::choose(db, &app.layers, id, period).await?;
    let config = json!({"scheme": {
        "id": chosen.id,
        "version": chosen.version,
        "title": chosen.scheme.title,
        "text": chosen.text,
    }});
    store::note_scheme(db, run_id, &chosen.id, &config).await?;
    let read = facts::load(db, &Source::Now, period, app.config.area_basis).await?;
    let members: Vec<score::Member> = read.iter().map(|it| it.member.clone()).collect();
    let outcomes = score::run(&chosen.scheme, &members);
    let scores = count(&chosen.scheme, &outcomes);
    let quarters = score::quarters(&chosen.scheme, &members, &outcomes);
    let stored: Vec<Stored> = std::iter::zip(&read, std::iter::zip(&outcomes, &quarters))
        .map(|(it, (outcome, quarters))| Stored::of(it, outcome, quarters))
        .collect();
    store::results(db, run_id, &stored).await?;
    store::note_digest(db, run_id, &json!({"enterprise_result": store::digest(&stored)})).await?;
    Ok(scores)
}

fn count(scheme: &Scheme, outcomes: &[score::Outcome]) -> Scores {
    let mut scores = Scores { scheme: Some(scheme.title.clone()), ..Scores::default() };
    for cohort in &scheme.cohorts {
        let own: Vec<_> =
            outcomes.iter().filter(|it| it.cohort.as_ref() == Some(&cohort.id)).collect();
        let mut it = CohortCount {
            title: cohort.title.clone(),
            enterprises: own.len(),
            ..CohortCount::default()
        };
        let known: Vec<Decimal> = own.iter().filter_map(|it| it.score).collect();
        let sum = known.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(*it));
        it.scored = known.len();
        it.mean = sum.and_then(|it| measure::ratio(it, Decimal::from(known.len())));
        for grade in own.iter().filter_map(|it| it.grade.clone()) {
            *it.grades.entry(grade).or_default() += 1;
        }
        scores.cohorts.push(it);
    }
    scores.unplaced = outcomes.iter().filter(|it| it.cohort.is_none()).count();
    scores
}
