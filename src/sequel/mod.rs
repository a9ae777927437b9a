//! What follows a final run: its last step, which parcels it newly found low and which old hits went, the candidates (查找)
//! that are opened for the new ones, and the notice to each unit. All of it is one transaction: a run is final with its
//! sequel or not at all, and it becomes final once.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::db::Writer;
use crate::error::Error;
use crate::error::Result;
use crate::evaluation::runs;
use crate::layer::Text;
use crate::notice;
use crate::notice::Kind;
use crate::notice::New;
use crate::planning;
use crate::reuse::candidates;
use crate::reuse::candidates::Opened;

mod queries;
pub mod routes;

use queries::OfUnit;
use queries::Selected;

/// Hits on a page, at most.
pub const MOST: i64 = 1_000;

/// How a parcel's verdict differs from the final run before of the same rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HitChange")]
pub enum Change {
    /// Low, and it was not.
    Entered,
    /// It was low, and is not any more.
    Gone,
}

impl Change {
    const fn name(self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::Gone => "gone",
        }
    }
}

/// What came of a run's last step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sequel {
    /// Parcels newly low.
    pub entered: i64,
    /// Parcels that were low and are not any more.
    pub gone: i64,
    /// Cases that were opened.
    pub opened: i64,
    pub lists: Vec<Opened>,
    /// Units that were told.
    pub notices: usize,
}

/// A run that has just become final.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EvaluationFinalised")]
pub struct Finalised {
    #[serde(flatten)]
    pub detail: runs::Detail,
    pub sequel: Sequel,
}

/// One layer's hits of a run, as far as the reader sees them.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "LayerHits")]
pub struct OfLayer {
    pub layer: String,
    pub ruleset: String,
    /// The final run that it was compared with; null: it was the first of these rules.
    pub against: Option<i64>,
    pub against_year: Option<i64>,
    pub entered: i64,
    pub gone: i64,
    pub opened: i64,
}

/// The open case of a parcel, as it is now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenCase {
    pub case_code: String,
    pub state: String,
    pub list_id: i64,
}

/// A parcel whose verdict is another than in the final run before.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunHit")]
pub struct Hit {
    pub hit_id: i64,
    pub layer: String,
    #[schemars(with = "Change")]
    pub change: String,
    pub parcel_id: i64,
    pub parcel_code: String,
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    pub area_mu: Option<Decimal>,
    /// `low`, `ok` or `unknown`; null: the parcel is no more.
    pub verdict: Option<String>,
    /// The rules that fit; of one that went, those that had fitted.
    pub reasons: Vec<String>,
    /// Whether the run opened a case for it.
    pub opened: bool,
    /// Null: it has none that the reader sees.
    pub case: Option<OpenCase>,
}

/// What a final run found that the one before had not, and what it no longer finds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RunHits")]
pub struct Hits {
    pub run_id: i64,
    pub year: i64,
    pub layers: Vec<OfLayer>,
    pub hits: Vec<Hit>,
    /// What `after` is on the next page; null: there is none.
    pub next: Option<i64>,
}

/// Which hits are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    change: Option<Change>,
    layer: Option<String>,
    limit: Option<i64>,
    after: Option<i64>,
}

/// Makes a published run final, with everything that follows.
pub async fn finalise(app: &App, scope: &Scope, run_id: i64) -> Result<Finalised> {
    let mut tx = app.db.jobs.begin().await?;
    runs::finalise(app, scope, &mut tx, run_id).await?;
    let sequel = follow(app, scope, &mut tx, run_id).await?;
    tx.commit().await?;
    let detail = runs::detail(app, scope, run_id).await?;
    Ok(Finalised { detail, sequel })
}

async fn follow(app: &App, scope: &Scope, db: &mut Writer, run_id: i64) -> Result<Sequel> {
    let run = queries::compare(db, run_id).await?;
    let entered = queries::entered(db, run_id).await?;
    let mut lists = Vec::new();
    // What was found of a year that others have followed since is no news of the land.
    if !run.is_overtaken {
        for of_layer in entered.chunk_by(|a, b| a.layer == b.layer) {
            let parcels: Vec<i64> = of_layer.iter().map(|it| it.parcel_id).collect();
            let layer = of_layer.first().map_or("", |it| it.layer.as_str());
            // Land outside the construction area is to be given back, not built on anew.
            let reduction = planning::conformity_layer(&app.layers).map(|it| &it.1.reduction);
            let outside = match reduction {
                Some(it) => queries::classed(db, run_id, &it.layer, &it.class, &parcels).await?,
                None => BTreeSet::new(),
            };
            let (back, renewed): (Vec<i64>, Vec<i64>) =
                parcels.iter().partition(|it| outside.contains(*it));
            for (parcels, given_back) in
                [(renewed, None), (back, reduction.map(|it| it.path.as_str()))]
            {
                let year = run.year;
                let found =
                    candidates::Found { run_id, year, layer, parcels: &parcels, given_back };
                lists.extend(candidates::open(app, scope, db, found).await?);
            }
        }
    }
    let list_ids: Vec<i64> = lists.iter().map(|it| it.list_id).collect();
    queries::store(db, run_id, &list_ids).await?;
    let units = queries::by_unit(db, run_id).await?;
    for unit in &units {
        let own = lists.iter().filter(|it| it.responsible_unit == unit.responsible_unit);
        let own: Vec<i64> = own.map(|it| it.list_id).collect();
        notice::queries::insert(db, &told(run_id, run.year, unit, &own), scope.recorded_by())
            .await?;
    }
    let sum = |of: fn(&OfUnit) -> i64| units.iter().map(of).sum();
    Ok(Sequel {
        entered: sum(|it| it.entered),
        gone: sum(|it| it.gone),
        opened: sum(|it| it.opened),
        notices: units.len(),
        lists,
    })
}

/// What a unit is told of a final run.
fn told(run_id: i64, year: i64, unit: &OfUnit, list_ids: &[i64]) -> New {
    let OfUnit { responsible_unit, entered, gone, opened } = unit;
    let title = Text::new(
        format!("{year} 年评价已定稿：新增低效 {entered} 宗，退出 {gone} 宗"),
        format!("The evaluation of {year} is final: {entered} parcels newly low, {gone} no longer"),
    );
    let text = Text::new(
        format!(
            "新判定为低效的 {entered} 宗中，{opened} 宗新列为查找（规划建设区外的列减量化），其余已在办或不再列；原为低效而本次不再判定低效的 {gone} 宗，在办的请核对。"
        ),
        format!(
            "Of the {entered} parcels newly found low {opened} were opened as candidates, those outside the construction area for reduction; the others have an open case or are not listed. {gone} that were low are not any more: look at their open cases."
        ),
    );
    New {
        kind: Kind::RunFinal,
        responsible_unit: responsible_unit.clone(),
        title,
        text,
        detail: json!({
            "run_id": run_id, "year": year, "entered": entered, "gone": gone, "opened": opened, "list_ids": list_ids,
        }),
    }
}

/// A page of a final run's hits, of the units that the scope answers for.
pub async fn hits(app: &App, scope: &Scope, run_id: i64, asked: &Asked) -> Result<Hits> {
    let run = runs::detail(app, scope, run_id).await?.run;
    if !scope.may(Role::Officer) {
        return Err(Error::NotAllowed(
            "新增与退出的地块由责任单位的承办人查看 / new hits are for officers of the units",
        ));
    }
    if run.state != runs::State::Final {
        return Err(Error::not_now(
            "评价定稿后才与上一次定稿比较 / a run is compared with the final one before when it is final",
        ));
    }
    let limit = asked.limit.unwrap_or(100);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{MOST}")));
    }
    let selected = Selected {
        run_id,
        change: asked.change.map(Change::name),
        layer: asked.layer.as_deref(),
        after: asked.after,
    };
    let mut db = app.db.read(scope).await?;
    let layers = queries::layers(&mut db, run_id).await?;
    if let Some(id) = asked.layer.as_deref().filter(|id| layers.iter().all(|it| it.layer != **id)) {
        let known: Vec<&str> = layers.iter().map(|it| it.layer.as_str()).collect();
        return Err(Error::parameter(
            "layer",
            format!(
                "`{id}` 不在此评价的判定图层中 / is no layer that this run judged: {}",
                known.join(", ")
            ),
        ));
    }
    let mut hits = queries::hits(&mut db, &selected, limit + 1).await?;
    let page = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = hits.len() > page;
    hits.truncate(page);
    let next = hits.last().filter(|_| more).map(|it| it.hit_id);
    Ok(Hits { run_id, year: run.year, layers, hits, next })
}
