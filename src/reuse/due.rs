//! What falls due: milestones of open cases whose quarter has come or gone and that nobody has reached. Read for the inbox.

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::today;
use crate::error::Result;
use crate::judgement::workflow::Workflow;
use crate::judgement::workflow::period::Period;
use crate::layer::Text;

use super::desk;
use super::queries;

/// A milestone that should be reached by the end of this quarter, or should have been.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "DueMilestone")]
pub struct Due {
    pub case_code: String,
    pub list_id: i64,
    pub parcel_code: String,
    /// Of the enterprise, or of the parcel.
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    pub person: Option<String>,
    pub milestone: String,
    pub title: Text,
    /// `2027Q3`.
    pub quarter: String,
    /// Its quarter is over.
    pub is_overdue: bool,
}

/// Milestones that are due.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DueMilestones")]
pub struct Dues {
    /// The earliest quarter first.
    pub milestones: Vec<Due>,
    /// How many there are, whatever the limit.
    pub total: i64,
}

/// Due milestones of the cases that the scope sees, at most `limit` of them.
pub async fn due(app: &App, scope: &Scope, limit: i64) -> Result<Dues> {
    desk::officer(scope)?;
    let now = Period::quarter_of(today()).name();
    let mut db = app.db.read(scope).await?;
    let rows = queries::due(&mut db, &now, limit).await?;
    let total = rows.first().map_or(0, |it| it.total);
    let title = |path: &str, milestone: &str| {
        let way = Workflow::shipped().path(path)?;
        let found = way.milestones.iter().find(|it| it.id == milestone)?;
        Some(Text::new(found.zh.clone(), found.en.clone()))
    };
    // A station that the path no longer has is nobody's to reach.
    let milestones = rows.into_iter().filter_map(|it| {
        Some(Due {
            title: title(&it.path, &it.milestone)?,
            is_overdue: it.quarter < now,
            case_code: it.case_code,
            list_id: it.list_id,
            parcel_code: it.parcel_code,
            name: it.name,
            responsible_unit: it.responsible_unit,
            person: it.person,
            milestone: it.milestone,
            quarter: it.quarter,
        })
    });
    Ok(Dues { milestones: milestones.collect(), total })
}
