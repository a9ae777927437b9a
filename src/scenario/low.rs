//! Which parcels are low under other thresholds: what a list is made of. Like every answer of a scenario it is of the rows whose
//! figures its reader may see.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::judgement::rule::Changes;
use crate::layer::Layer;
use crate::parcel;

use super::IDS_AT_MOST;
use super::Question;
use super::officer;
use super::preview;
use super::queries;
use super::ruleset;
use super::saved;

/// Thresholds that nobody has saved.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ScenarioThresholds")]
pub struct Thresholds {
    /// The layer whose rules are asked about; may be left out where only one has rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The rule set that the changes are made to; the one that the shown run applied where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruleset: Option<String>,
    #[serde(default)]
    pub changes: Changes,
    /// CQL2 text: only parcels that it fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}

/// The codes of the parcels that are low under these thresholds, in order; one more than [`IDS_AT_MOST`] where there are more.
pub async fn low(app: &App, scope: &Scope, asked: &Thresholds) -> Result<Vec<String>> {
    officer(scope)?;
    let layer = ruleset::layer(app, scope, asked.layer.as_deref())?;
    let mut db = app.db.read(scope).await?;
    let run = preview::find_run(&mut db, None, layer).await?;
    let base = ruleset::base(app, &mut db, layer, &run, asked.ruleset.as_deref()).await?;
    drop(db);
    codes(app, scope, layer, base, &asked.changes, asked.filter.clone()).await
}

/// The same of a saved scenario.
pub async fn low_of(app: &App, scope: &Scope, scenario_id: i64) -> Result<Vec<String>> {
    officer(scope)?;
    let row = saved::stored(app, scope, scenario_id).await?;
    let layer = ruleset::layer(app, scope, Some(&row.layer))?;
    let changes = saved::changes(&row)?;
    codes(app, scope, layer, (row.ruleset, row.base_text), &changes, row.filter).await
}

async fn codes(
    app: &App,
    scope: &Scope,
    layer: &Layer,
    (id, text): (String, String),
    changes: &Changes,
    filter: Option<String>,
) -> Result<Vec<String>> {
    let mut db = app.db.read(scope).await?;
    let run = preview::find_run(&mut db, None, layer).await?;
    let (_, rules) = ruleset::with_changes(app, scope, &text, changes, None, run.year)?;
    let question = Question { filter, ids_at_most: Some(IDS_AT_MOST), ..Question::default() };
    let mut walk =
        preview::prepare(app, scope, &mut db, layer, run, (id, rules), &question).await?;
    // Or a connection would be kept waiting for the walk.
    drop(db);
    let ids = preview::apart(move || walk.low()).await?;
    let parcels = app.layer(scope, parcel::LAYER)?;
    let mut db = app.db.read(scope).await?;
    Ok(queries::codes(&mut db, parcels, &ids).await?)
}
