//! Two scenarios beside each other over one run: which parcels one finds low and the other does not, and by how much the
//! units differ.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::rule::Changes;

use super::Flip;
use super::Preview;
use super::Question;
use super::officer;
use super::preview;
use super::ruleset;
use super::saved;

/// Which two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// A saved scenario; the rules that the run applied where it is left out.
    #[serde(default)]
    pub left: Option<i64>,
    #[serde(default)]
    pub right: Option<i64>,
    /// The layer; of the scenarios where it is left out.
    #[serde(default)]
    pub layer: Option<String>,
    /// The shown run where it is left out.
    #[serde(default)]
    pub run_id: Option<i64>,
    /// CQL2 text: only parcels that it fits. The scenarios' own filters are not used.
    #[serde(default)]
    pub filter: Option<String>,
}

/// The second of two scenarios against the first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScenarioComparison")]
pub struct Comparison {
    pub left: Option<i64>,
    pub right: Option<i64>,
    /// Parcels that are low in the second only.
    pub entered: Vec<Flip>,
    /// Parcels that are low in the first only.
    pub gone: Vec<Flip>,
    /// In it `before` is the first and `after` the second.
    pub differences: Preview,
}

pub(super) async fn compare(app: &App, scope: &Scope, asked: &Compared) -> Result<Comparison> {
    officer(scope)?;
    let mut rows = Vec::new();
    for id in [asked.left, asked.right] {
        rows.push(match id {
            Some(it) => Some(saved::stored(app, scope, it).await?),
            None => None,
        });
    }
    let named = rows.iter().flatten().map(|it| it.layer.as_str()).next();
    let layer = ruleset::layer(app, scope, asked.layer.as_deref().or(named))?;
    if rows.iter().flatten().any(|it| it.layer != layer.id) {
        return Err(Error::parameter(
            "layer",
            "两个情景不属于同一图层 / the scenarios are of different layers",
        ));
    }
    let mut db = app.db.read(scope).await?;
    let run = preview::find_run(&mut db, asked.run_id, layer).await?;
    let question = Question { filter: asked.filter.clone(), ..Question::default() };
    let mut walks = Vec::new();
    for row in rows {
        let (id, text, changes) = if let Some(it) = row {
            let changes = saved::changes(&it)?;
            (it.ruleset, it.base_text, changes)
        } else {
            let (id, text) = ruleset::base(app, &mut db, layer, &run, None).await?;
            (id, text, Changes::default())
        };
        let (_, rules) = ruleset::with_changes(app, scope, &text, &changes, None, run.year)?;
        let walk =
            preview::prepare(app, scope, &mut db, layer, run.clone(), (id, rules), &question)
                .await?;
        walks.push(walk);
    }
    drop(db);
    let (Some(mut right), Some(left)) = (walks.pop(), walks.pop()) else {
        return Err(anyhow::anyhow!("two scenarios are compared").into());
    };
    let scope = scope.clone();
    let differences = preview::apart(move || {
        right.against(&left)?;
        right.answer(&scope, None, &[])
    })
    .await?;
    let of = |pick: fn(&Flip) -> bool| -> Vec<Flip> {
        differences.flips.iter().filter(|it| pick(it)).cloned().collect()
    };
    Ok(Comparison {
        left: asked.left,
        right: asked.right,
        entered: of(|it| it.to == "low"),
        gone: of(|it| it.from == "low"),
        differences,
    })
}
