//! The enterprises of a run in the order of their ranks, page by page, and one of them against its cohort.
//!
//! The order follows only what the reader may read: without ranks it is that of grades and codes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::score::FEW;
use crate::judgement::score::Scheme;

use super::Found;
use super::Quantiles;
use super::queries;
use super::queries::Selected;

/// Most enterprises on a page.
pub const MOST: i64 = 1000;
/// Characters of a search.
const MOST_TEXT: usize = 100;

/// What is asked of a ranking.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub cohort: Option<String>,
    /// A grade; empty for those without one.
    pub grade: Option<String>,
    /// A part of the name, or the code.
    pub q: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// An enterprise in the ranking.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
#[schemars(rename = "RankedEnterprise")]
pub struct Ranked {
    pub uscc: String,
    /// As the register has it now; null when it is there no more.
    pub name: Option<String>,
    pub cohort: Option<String>,
    pub grade: Option<String>,
    /// Whether the reader may read its rank and its own figures.
    pub knows: bool,
    /// Whether the reader may read its score.
    pub scores: bool,
    pub rank: Option<i64>,
    /// How many have a rank.
    pub ranked: Option<i64>,
    pub score: Option<Decimal>,
    /// Bonus and malus.
    pub points: Option<Decimal>,
    /// Its own measures.
    #[sqlx(json(nullable))]
    pub measures: Option<BTreeMap<String, Decimal>>,
}

impl Ranked {
    /// What is left for who may not read figures at all.
    fn closed(self) -> Self {
        let Self { uscc, name, cohort, grade, .. } = self;
        Self {
            uscc,
            name,
            cohort,
            grade,
            knows: false,
            scores: false,
            rank: None,
            ranked: None,
            score: None,
            points: None,
            measures: None,
        }
    }
}

/// A page of a ranking.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Ranking")]
pub struct Page {
    pub enterprises: Vec<Ranked>,
    /// How many there are in all.
    pub matched: i64,
    /// What `cursor` is on the next page; null: there is none.
    pub next_cursor: Option<String>,
}

/// A page of the ranking, as far as the scope may read it.
pub async fn page(app: &App, scope: &Scope, run_id: i64, asked: &Asked) -> Result<Page> {
    super::reader(scope)?;
    let limit = asked.limit.unwrap_or(100);
    if !(1..=MOST).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{MOST}")));
    }
    let q = asked.q.as_deref().map(str::trim).filter(|it| !it.is_empty());
    if q.is_some_and(|it| it.chars().count() > MOST_TEXT) {
        return Err(Error::parameter(
            "q",
            format!("至多 {MOST_TEXT} 字 / at most {MOST_TEXT} characters"),
        ));
    }
    let context = format!(
        "evaluation {run_id} {:?} {:?} {q:?} {limit} {}",
        asked.cohort,
        asked.grade,
        scope.class()
    );
    let offset = match &asked.cursor {
        None => 0,
        Some(cursor) => {
            let place = app.db.sealer().open(&context, cursor).and_then(|it| it.try_into().ok());
            place.map(i64::from_be_bytes).ok_or_else(|| {
                Error::parameter("cursor", "翻页位置无效：请从第一页的 next_cursor 开始 / follow `next_cursor` from the first page of one selection")
            })?
        }
    };
    let mut db = app.db.read(scope).await?;
    super::find(&mut db, scope, run_id).await?;
    let selected = Selected {
        run_id,
        cohort: asked.cohort.as_deref(),
        grade: asked.grade.as_deref(),
        text: q,
    };
    let mut enterprises = queries::ranking(&mut db, &selected, limit, offset).await?;
    let matched = queries::count(&mut db, &selected).await?;
    if !super::reads_figures(&app.layers, scope) {
        enterprises = enterprises.into_iter().map(Ranked::closed).collect();
    }
    let next = offset.saturating_add(limit);
    let next_cursor = (next < matched).then(|| app.db.sealer().seal(&context, &next.to_be_bytes()));
    Ok(Page { enterprises, matched, next_cursor: next_cursor.transpose()? })
}

/// One enterprise of a run, against its cohort.
pub async fn one(app: &App, scope: &Scope, run_id: i64, uscc: &str) -> Result<Found> {
    super::reader(scope)?;
    let mut db = app.db.read(scope).await?;
    super::find(&mut db, scope, run_id).await?;
    let none = || Error::not_found("企业 enterprise", uscc);
    let found = queries::enterprise(&mut db, run_id, uscc).await?.ok_or_else(none)?;
    let scheme = queries::made_of(&mut db, run_id).await?.scheme_text;
    let scheme = scheme.as_deref().and_then(|it| Scheme::parse(it).ok());
    let policy = found.row.grade.as_ref().and_then(|it| scheme.as_ref()?.policy.get(it).cloned());
    if !super::reads_figures(&app.layers, scope) || !found.row.knows {
        let row = found.row.closed();
        let (items, evidence, inputs) = (None, None, None);
        return Ok(Found { row, items, evidence, inputs, policy, quarters: None, quantiles: None });
    }
    let cohort = found.row.cohort.clone();
    let measures: Vec<String> = scheme
        .iter()
        .flat_map(|it| &it.cohorts)
        .filter(|it| Some(&it.id) == cohort.as_ref())
        .flat_map(|it| it.items.iter().map(|it| it.measure.clone()))
        .collect();
    // Every figure of the cohort is read here, so only for who may read each of them.
    let all = scope.in_unit(None).role == scope.role;
    let quantiles = match cohort.filter(|_| all) {
        Some(cohort) => {
            let known = queries::quantiles(&mut db, run_id, &cohort, &measures).await?;
            let few = i64::try_from(FEW).unwrap_or(i64::MAX);
            let enough = known.into_iter().filter(|it| it.count >= few);
            Some(
                enough
                    .map(|it| {
                        let queries::Lies { measure, count, lower, median, upper } = it;
                        (measure, Quantiles { count, lower, median, upper })
                    })
                    .collect(),
            )
        }
        None => None,
    };
    let read = |it: Option<Value>| it.unwrap_or(Value::Null);
    let parsed = |error: serde_json::Error| Error::from(anyhow::Error::new(error));
    Ok(Found {
        items: serde_json::from_value(read(found.items)).map_err(parsed)?,
        evidence: serde_json::from_value(read(found.evidence)).map_err(parsed)?,
        inputs: serde_json::from_value(read(found.inputs)).map_err(parsed)?,
        quarters: serde_json::from_value(read(found.quarters)).map_err(parsed)?,
        row: found.row,
        policy,
        quantiles,
    })
}
