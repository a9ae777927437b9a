//! Saved scenarios: a title and what was changed. What comes out is asked for under each reader's own scope.

use chrono::DateTime;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::cql;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::rule::Changes;
use crate::judgement::rule::Parameter;

use super::Target;
use super::officer;
use super::preview;
use super::queries;
use super::queries::Row;
use super::ruleset;

/// Characters of a title and of a note.
const TITLE_MAX: usize = 80;
const NOTE_MAX: usize = 2_000;
/// Scenarios on a list.
const LISTED: i64 = 200;

/// A scenario to be saved.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScenario {
    pub title: String,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub layer: Option<String>,
    /// The run whose rules are changed where no rule set is named; the shown one where it is left out.
    #[serde(default)]
    pub run_id: Option<i64>,
    #[serde(default)]
    pub ruleset: Option<String>,
    #[serde(default)]
    pub changes: Changes,
    /// CQL2 text: the parcels that it is about.
    #[serde(default)]
    pub filter: Option<String>,
    #[serde(default)]
    pub target: Option<Target>,
}

/// A saved scenario.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Scenario {
    pub scenario_id: i64,
    pub layer: String,
    pub title: String,
    pub note: Option<String>,
    /// The rule set that the changes were made to.
    pub ruleset: String,
    pub changes: Changes,
    /// All parameters as the scenario has them.
    pub parameters: Vec<Parameter>,
    pub filter: Option<String>,
    pub target: Option<Target>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    /// The rule set that was adopted from it, if one was.
    pub adopted_as: Option<i64>,
}

/// Saved scenarios.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Scenarios {
    /// The newest first.
    pub scenarios: Vec<Scenario>,
}

/// Saves a scenario that could be asked about.
pub(super) async fn save(app: &App, scope: &Scope, new: &NewScenario) -> Result<Scenario> {
    officer(scope)?;
    let title = plain("title", &new.title, TITLE_MAX)?;
    if title.is_empty() {
        return Err(Error::parameter("title", "请填写名称 / a scenario needs a title"));
    }
    let note = new.note.as_deref().map(|it| plain("note", it, NOTE_MAX)).transpose()?;
    if let Some(it) = &new.target {
        it.check()?;
    }
    let layer = ruleset::layer(app, scope, new.layer.as_deref())?;
    let mut db = app.db.read(scope).await?;
    let run = preview::find_run(&mut db, new.run_id, layer).await?;
    let (id, text) = ruleset::base(app, &mut db, layer, &run, new.ruleset.as_deref()).await?;
    drop(db);
    ruleset::with_changes(app, scope, &text, &new.changes, None, run.year)?;
    if let Some(it) = &new.filter {
        let fields = ruleset::fields(app, scope);
        cql::parse_checked(it, &fields).map_err(|it| Error::parameter("filter", it.to_string()))?;
    }
    let mut tx = app.db.write.begin().await?;
    let row = queries::NewRow {
        layer: &layer.id,
        title: &title,
        note: note.as_deref().filter(|it| !it.is_empty()),
        ruleset: &id,
        base_text: &text,
        changes: serde_json::to_value(&new.changes).map_err(anyhow::Error::from)?,
        filter: new.filter.as_deref(),
        target: new
            .target
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(anyhow::Error::from)?,
        recorded_by: scope.recorded_by(),
    };
    let scenario_id = queries::insert(&mut tx, &row).await?;
    let event = Event::of(Action::ScenarioSaved, "scenario").with(json!({
        "scenario_id": scenario_id,
        "title": title,
        "ruleset": id,
        "changes": row.changes,
    }));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    find(app, scope, scenario_id).await
}

/// A text of one person to others: without what a terminal or a page would take for something else.
fn plain(name: &str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > most {
        return Err(Error::parameter(name, format!("至多 {most} 字 / at most {most} characters")));
    }
    if text.chars().any(|it| it.is_control() && it != '\n') {
        return Err(Error::parameter(name, "不能含控制字符 / no control characters"));
    }
    Ok(text.to_owned())
}

/// A saved scenario.
pub(super) async fn find(app: &App, scope: &Scope, scenario_id: i64) -> Result<Scenario> {
    officer(scope)?;
    shown(app, scope, stored(app, scope, scenario_id).await?)
}

/// The row of a scenario whose layer the scope may read.
pub(super) async fn stored(app: &App, scope: &Scope, scenario_id: i64) -> Result<Row> {
    let mut db = app.db.read(scope).await?;
    let found = queries::find(&mut db, scenario_id).await?;
    found
        .filter(|it| ruleset::layer(app, scope, Some(&it.layer)).is_ok())
        .ok_or_else(|| Error::not_found("情景 scenario", scenario_id.to_string()))
}

pub(super) async fn list(app: &App, scope: &Scope) -> Result<Scenarios> {
    officer(scope)?;
    let mut db = app.db.read(scope).await?;
    let rows = queries::list(&mut db, LISTED).await?;
    let readable =
        rows.into_iter().filter(|it| ruleset::layer(app, scope, Some(&it.layer)).is_ok());
    // One whose rules name what is no more there, or is closed to the reader, cannot be shown.
    let scenarios = readable.filter_map(|it| shown(app, scope, it).ok()).collect();
    Ok(Scenarios { scenarios })
}

/// The changes of a row.
pub(super) fn changes(row: &Row) -> Result<Changes> {
    Ok(serde_json::from_value(row.changes.clone()).map_err(anyhow::Error::from)?)
}

fn shown(app: &App, scope: &Scope, row: Row) -> Result<Scenario> {
    let changes = changes(&row)?;
    let (_, rules) = ruleset::with_changes(app, scope, &row.base_text, &changes, None, YEAR)?;
    let target = row.target.map(serde_json::from_value).transpose().map_err(anyhow::Error::from)?;
    Ok(Scenario {
        scenario_id: row.scenario_id,
        layer: row.layer,
        title: row.title,
        note: row.note,
        ruleset: row.ruleset,
        changes,
        parameters: rules.parameters.into_values().collect(),
        filter: row.filter,
        target,
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at,
        adopted_as: row.adopted_as,
    })
}

/// Any year: parameters are the same in all.
pub(super) const YEAR: i64 = 2000;

/// Takes a scenario off the list: one's own, or any as a steward of all units.
pub(super) async fn withdraw(app: &App, scope: &Scope, scenario_id: i64) -> Result<()> {
    officer(scope)?;
    let row = stored(app, scope, scenario_id).await?;
    let is_own = Some(row.recorded_by.as_str()) == scope.account.as_deref();
    if !is_own && !scope.in_unit(None).may(Role::Steward) {
        return Err(Error::NotAllowed("只能撤下自己的情景 / this scenario is somebody else's"));
    }
    let mut tx = app.db.write.begin().await?;
    if queries::withdraw(&mut tx, scenario_id, scope.recorded_by()).await? {
        let detail = json!({"scenario_id": scenario_id, "title": row.title});
        let event = Event::of(Action::ScenarioWithdrawn, "scenario").with(detail);
        audit::record(&mut *tx, scope, event).await?;
    }
    tx.commit().await?;
    Ok(())
}
