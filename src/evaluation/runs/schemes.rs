//! Schemes as people read them, and the check of one that somebody writes: its faults, and what it would make of a run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::evaluation::enterprises;
use crate::evaluation::enterprises::verify;
use crate::judgement::enterprise::MEASURES;
use crate::judgement::enterprise::Measure;
use crate::judgement::score::Fault;
use crate::judgement::score::Item;
use crate::judgement::score::Policy;
use crate::judgement::score::Scheme;
use crate::layer::Text;

/// Bytes of a scheme's text.
const MOST: usize = 256 * 1024;

/// A cohort as people read it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SchemeCohort {
    pub id: String,
    pub title: Text,
    pub when: Option<String>,
    pub items: Vec<Item>,
    pub bands: Vec<crate::judgement::score::Band>,
}

/// A scheme of the folders.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Scheme")]
pub struct Shown {
    pub id: String,
    /// The file as it stands.
    pub text: String,
    pub title: Option<Text>,
    pub basis: Option<Text>,
    pub cohorts: Vec<SchemeCohort>,
    pub policy: BTreeMap<String, Policy>,
    /// What is wrong with it; empty for one that works.
    pub faults: Vec<Fault>,
}

/// All schemes, and the measures they may name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Schemes {
    pub schemes: Vec<Shown>,
    /// The one that evaluations take which name none.
    pub configured: Option<String>,
    pub measures: Vec<Measure>,
}

/// A scheme's text that is to be checked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeText {
    pub text: String,
    /// The run whose enterprises it is tried on.
    pub run_id: Option<i64>,
}

/// What a scheme that is only written so far would make of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Checked {
    pub scheme: Shown,
    /// By cohort and grade; none where no run was named or the scheme has faults.
    pub grades: Option<BTreeMap<String, BTreeMap<String, usize>>>,
    /// Enterprises whose grade would be another than in the run.
    pub changed: Option<usize>,
}

fn shown(id: &str, text: &str) -> Shown {
    let none = Shown {
        id: id.to_owned(),
        text: text.to_owned(),
        title: None,
        basis: None,
        cohorts: Vec::new(),
        policy: BTreeMap::new(),
        faults: Vec::new(),
    };
    match Scheme::parse(text) {
        Err(faults) => Shown { faults, ..none },
        Ok(it) => Shown {
            title: Some(it.title),
            basis: it.basis,
            cohorts: it
                .cohorts
                .into_iter()
                .map(|it| SchemeCohort {
                    id: it.id,
                    title: it.title,
                    when: it.when.map(|it| it.text),
                    items: it.items,
                    bands: it.bands,
                })
                .collect(),
            policy: it.policy.into_iter().collect(),
            ..none
        },
    }
}

/// The schemes of the folders.
pub fn list(app: &App, scope: &Scope) -> Result<Schemes> {
    super::reader(scope)?;
    let all = enterprises::schemes(&app.layers);
    Ok(Schemes {
        schemes: all.into_iter().map(|(id, text)| shown(id, text)).collect(),
        configured: app.config.scheme.clone(),
        measures: MEASURES.to_vec(),
    })
}

/// Checks a text, and tries it on the enterprises of a run: for who may read every figure that it would tell of.
pub async fn check(app: &App, scope: &Scope, asked: &SchemeText) -> Result<Checked> {
    super::steward(scope)?;
    if asked.text.len() > MOST {
        return Err(Error::TooLarge { most: MOST });
    }
    let scheme = shown("", &asked.text);
    let (Some(run_id), Ok(parsed)) = (asked.run_id, Scheme::parse(&asked.text)) else {
        return Ok(Checked { scheme, grades: None, changed: None });
    };
    if !scope.may(Role::Steward) || !super::reads_figures(&app.layers, scope) {
        return Err(Error::Forbidden("企业指标 figures of enterprises".to_owned()));
    }
    let mut tx = app.db.jobs.begin().await?;
    let tried = verify::tried(&mut tx, run_id, &parsed).await?;
    tx.rollback().await?;
    let mut grades: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for it in &tried {
        let cohort = grades.entry(it.cohort.clone().unwrap_or_default()).or_default();
        *cohort.entry(it.grade.clone().unwrap_or_default()).or_default() += 1;
    }
    let changed = tried.iter().filter(|it| it.grade != it.was).count();
    Ok(Checked { scheme, grades: Some(grades), changed: Some(changed) })
}
