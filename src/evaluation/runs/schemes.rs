//! Schemes as people read them; the check of one that somebody writes: its faults, and what it would make of a run; and the
//! saving of it as a version with dates of its own.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Datelike;
use chrono::NaiveDate;
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
use crate::catalog::time::today;
use crate::error::Error;
use crate::error::Result;
use crate::evaluation::enterprises::scheme;
use crate::evaluation::enterprises::scheme::Version;
use crate::evaluation::enterprises::verify;
use crate::evaluation::ruleset;
use crate::judgement::enterprise::MEASURES;
use crate::judgement::enterprise::Measure;
use crate::judgement::score::Fault;
use crate::judgement::score::Item;
use crate::judgement::score::Policy;
use crate::judgement::score::Scheme;
use crate::judgement::workflow::period::Period;
use crate::layer::Text;
use crate::layer::nearest;

/// Characters of the document's name.
const DOCUMENT_MAX: usize = 2_000;
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

/// One version of a scheme, without its text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SchemeVersion {
    /// 0: the file of the folders.
    pub version: i64,
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    pub document: Option<String>,
    pub recorded_by: Option<String>,
    pub recorded_at: Option<DateTime<Utc>>,
    /// SHA-256 of the text, hex; empty of a file.
    pub digest: String,
}

/// A scheme, in one of its versions.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Scheme")]
pub struct Shown {
    pub id: String,
    /// 0: the file of the folders.
    pub version: i64,
    /// Null of a file, which holds until something was saved.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// What a saved one rests on.
    pub document: Option<String>,
    pub recorded_by: Option<String>,
    pub recorded_at: Option<DateTime<Utc>>,
    /// All versions of the id, newest first.
    pub versions: Vec<SchemeVersion>,
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

/// A version that is asked for; left out, the one that a run of this year takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    pub version: Option<i64>,
}

/// A scheme that is to be saved.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScheme {
    /// One that there is, or another: small letters, digits and hyphens.
    pub id: String,
    pub text: String,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The document that decides so, with its number.
    pub document: String,
}

fn shown(id: &str, text: &str) -> Shown {
    let none = Shown { id: id.to_owned(), text: text.to_owned(), ..Shown::default() };
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

/// One version among all of its id.
fn version_of(it: &Version, all: &[Version]) -> Shown {
    let versions = all.iter().rev().map(|it| SchemeVersion {
        version: it.version,
        valid_from: it.valid_from,
        valid_to: it.valid_to,
        document: it.document.clone(),
        recorded_by: it.recorded_by.clone(),
        recorded_at: it.recorded_at,
        digest: it.digest.clone(),
    });
    Shown {
        version: it.version,
        valid_from: it.valid_from,
        valid_to: it.valid_to,
        document: it.document.clone(),
        recorded_by: it.recorded_by.clone(),
        recorded_at: it.recorded_at,
        versions: versions.collect(),
        ..shown(&it.id, &it.text)
    }
}

/// The schemes that there are, each as a run of this year takes it.
pub async fn list(app: &App, scope: &Scope) -> Result<Schemes> {
    super::reader(scope)?;
    let mut db = app.db.read(scope).await?;
    let all = scheme::all(&mut db, &app.layers).await?;
    let now = Period::Year(today().year());
    let schemes = all.values().filter_map(|it| Some(version_of(scheme::of_period(it, now)?, it)));
    Ok(Schemes {
        schemes: schemes.collect(),
        configured: app.config.scheme.clone(),
        measures: MEASURES.to_vec(),
    })
}

/// A scheme in a version.
pub async fn find(app: &App, scope: &Scope, id: &str, version: Option<i64>) -> Result<Shown> {
    super::reader(scope)?;
    let mut db = app.db.read(scope).await?;
    let all = scheme::all(&mut db, &app.layers).await?;
    let Some(versions) = all.get(id) else {
        let near = nearest(id, all.keys().map(String::as_str)).map(ToOwned::to_owned);
        return Err(Error::NotFound { what: "计分方案 scheme", id: id.to_owned(), near });
    };
    let found = match version {
        Some(version) => versions.iter().find(|it| it.version == version),
        None => scheme::of_period(versions, Period::Year(today().year())),
    };
    let none = || {
        let version = version.unwrap_or_default();
        Error::not_found("计分方案版本 version of the scheme", format!("{id} {version}"))
    };
    Ok(version_of(found.ok_or_else(none)?, versions))
}

/// Saves a scheme under the terms that it is given: nothing where it has a fault. The runs that name it take it from then on.
pub async fn save(app: &App, scope: &Scope, asked: &NewScheme) -> Result<Shown> {
    super::steward(scope)?;
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    if !(1..=40).contains(&asked.id.len()) || !asked.id.bytes().all(plain) {
        return Err(Error::parameter(
            "id",
            "1 至 40 个小写字母、数字或连字符 / 1 to 40 small letters, digits and hyphens, such as huaian-2026",
        ));
    }
    let document = asked.document.trim();
    if document.is_empty() || document.chars().count() > DOCUMENT_MAX || document.contains('\0') {
        return Err(Error::parameter(
            "document",
            format!(
                "请写明文件名与文号，至多 {DOCUMENT_MAX} 字 / name the document and its number, in at most {DOCUMENT_MAX} characters"
            ),
        ));
    }
    if asked.valid_to.is_some_and(|it| it <= asked.valid_from) {
        return Err(Error::parameter("valid_to", "应晚于 valid_from / must be after valid_from"));
    }
    if asked.text.len() > MOST {
        return Err(Error::TooLarge { most: MOST });
    }
    if let Err(faults) = Scheme::parse(&asked.text) {
        return Err(refused(&faults));
    }
    let digest = ruleset::digest(&asked.text);
    let mut tx = app.db.write.begin().await?;
    let new = scheme::New {
        id: &asked.id,
        text: &asked.text,
        digest: &digest,
        valid_from: asked.valid_from,
        valid_to: asked.valid_to,
        document,
        recorded_by: scope.recorded_by(),
    };
    let (version, is_new) = scheme::save(&mut tx, new).await?;
    if is_new {
        let event = Event::of(Action::SchemeSaved, &asked.id).with(json!({
            "id": asked.id,
            "version": version,
            "valid_from": asked.valid_from,
            "valid_to": asked.valid_to,
            "document": document,
            "digest": digest,
        }));
        audit::record(&mut *tx, scope, event).await?;
    }
    tx.commit().await?;
    find(app, scope, &asked.id, Some(version)).await
}

/// Every fault with its place; nothing was stored.
fn refused(faults: &[Fault]) -> Error {
    let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Error::faulty(
        format!(
            "方案有误，未保存 / the scheme has faults, nothing was saved:\n  {}",
            list.join("\n  ")
        ),
        json!({"at": "成员 / member `text`", "faults": faults}),
    )
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
