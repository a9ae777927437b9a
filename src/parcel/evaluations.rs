//! What each run made of a parcel: verdict, class, a few measures, and the grades of those who use it. Drafts are for
//! officers, but for the run that is shown.

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::rule;
use crate::layer::Layer;
use crate::layer::Text;

use super::BLOCK_CLASS;
use super::LAYER;
use super::label;
use super::queries;
use super::queries::evaluations::Findings;
use super::queries::evaluations::RunRow;
use super::verdict::judging;
use super::verdict::tells;
use super::verdict::tells_why;

/// Runs in one answer.
const MOST: i64 = 100;

/// The answer of `/api/v1/parcels/{parcel_code}/evaluations`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ParcelEvaluations {
    pub parcel_code: String,
    /// Newest first.
    pub evaluations: Vec<ParcelEvaluation>,
    /// Members that this session may not read, in some run at least.
    pub withheld: Vec<String>,
}

/// What one run made of the parcel.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ParcelEvaluation {
    pub run_id: i64,
    pub year: i64,
    /// `draft`, `published` or `final`.
    pub state: String,
    /// Whether the map shows it.
    pub shown: bool,
    pub finished_at: Option<DateTime<Utc>>,
    pub finalised_at: Option<DateTime<Utc>>,
    pub ruleset: Option<String>,
    pub ruleset_title: Option<Text>,
    pub ruleset_version: Option<i64>,
    #[schemars(with = "Option<rule::Verdict>")]
    pub verdict: Option<String>,
    /// The titles of the rules that led to it.
    pub reasons: Vec<Text>,
    pub block_class: Option<String>,
    pub class_label: Option<Text>,
    pub area_mu: Option<Decimal>,
    pub tax_wan_per_mu: Option<Decimal>,
    pub output_wan_per_mu: Option<Decimal>,
    pub far: Option<Decimal>,
    pub enterprises: Vec<GradedOccupant>,
}

/// An enterprise that used the parcel at the end of the year, and its grade.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GradedOccupant {
    pub uscc: String,
    pub name: Option<String>,
    /// Null: none was given, or the run did not rank it.
    pub grade: Option<String>,
}

/// What the runs made of the parcel that has the code now.
pub async fn evaluations(app: &App, scope: &Scope, parcel_code: &str) -> Result<ParcelEvaluations> {
    let layer = app.layer(scope, LAYER)?;
    let times = Times::parse(None, None)?;
    let mut db = app.db.read(scope).await?;
    let Some(version) = queries::version(&mut db, &times, parcel_code).await? else {
        return Err(super::history::gone(app, scope, layer, parcel_code, &times).await?);
    };
    drop(db);
    let drafts = scope.may(Role::Officer);
    let scope = &scope.in_unit(version.unit.as_deref());
    let missing = || Error::not_found("宗地 parcel", parcel_code);
    if !layer.readable(scope) {
        return Err(missing());
    }
    let mut answer = ParcelEvaluations {
        parcel_code: parcel_code.to_owned(),
        evaluations: Vec::new(),
        withheld: Vec::new(),
    };
    // As confidential as the verdict of the dossier.
    if !scope.may(Role::Viewer) {
        answer.withheld.push("evaluations".to_owned());
        return Ok(answer);
    }
    let mut db = app.db.read(scope).await?;
    let facts = queries::find(&mut db, scope, layer, version.row_id).await?.ok_or_else(missing)?;
    let rules = judging(app, scope).next();
    let of = Findings { rules: rules.map_or("", |it| &it.id), classes: BLOCK_CLASS, drafts };
    let found =
        queries::evaluations::runs(&mut db, scope, &app.layers, facts.parcel_id, of, MOST).await?;
    let ids: Vec<i64> = found.iter().map(|it| it.run_id).collect();
    let mut grades = queries::evaluations::grades(&mut db, parcel_code, &ids).await?;
    for row in found {
        let own = grades.extract_if(.., |it| it.run_id == row.run_id);
        let own: Vec<GradedOccupant> = own
            .map(|it| GradedOccupant { uscc: it.uscc, name: it.name, grade: it.grade })
            .collect();
        let told = told(app, scope, rules, row, own, &mut answer.withheld);
        answer.evaluations.push(told);
    }
    answer.withheld.sort_unstable();
    answer.withheld.dedup();
    Ok(answer)
}

/// A run's findings, as far as the scope may know them in the unit that the parcel belonged to then.
fn told(
    app: &App,
    scope: &Scope,
    rules: Option<&Layer>,
    row: RunRow,
    enterprises: Vec<GradedOccupant>,
    withheld: &mut Vec<String>,
) -> ParcelEvaluation {
    let then = &scope.in_unit(row.unit.as_deref());
    let mut measure = |name: &str, value: Option<Decimal>| {
        let may = then.may(app.layers.measure_role(name));
        if !may {
            withheld.push(name.to_owned());
        }
        value.filter(|_| may)
    };
    let (area_mu, far) = (measure("area_mu", row.area_mu), measure("far", row.far));
    let tax_wan_per_mu = measure("tax_wan_per_mu", row.tax_wan_per_mu);
    let output_wan_per_mu = measure("output_wan_per_mu", row.output_wan_per_mu);
    let tells_verdict = rules.is_some_and(|it| tells(it, then, "result.verdict"));
    if !tells_verdict && rules.is_some() {
        withheld.push("verdict".to_owned());
    }
    let why = rules.is_some_and(|it| tells_verdict && tells_why(it, then));
    let evidence = row.evidence.unwrap_or_default();
    let title = |id: &String| {
        let rules = evidence.as_array()?;
        let rule = rules.iter().find(|it| it["rule"].as_str() == Some(id))?;
        serde_json::from_value::<Text>(rule["title"].clone()).ok()
    };
    let reasons = row.reasons.iter().flatten().filter(|_| why).filter_map(title).collect();
    let classes = app.layers.find(BLOCK_CLASS).filter(|it| it.readable(then));
    let classes = classes.filter(|it| it.open_to(then, it.role_of_class()));
    if classes.is_none() {
        withheld.extend(["block_class", "class_label"].map(ToOwned::to_owned));
    }
    let class = row.class.filter(|_| classes.is_some());
    let ruleset: Value = row.ruleset.unwrap_or_default();
    ParcelEvaluation {
        run_id: row.run_id,
        year: row.year,
        state: row.state,
        shown: row.shown,
        finished_at: row.finished_at,
        finalised_at: row.finalised_at,
        ruleset: ruleset["id"].as_str().map(ToOwned::to_owned),
        ruleset_title: serde_json::from_value(ruleset["title"].clone()).ok(),
        ruleset_version: row.ruleset_version,
        verdict: row.verdict.filter(|_| tells_verdict),
        reasons,
        class_label: classes.zip(class.as_ref()).map(|(layer, class)| label(layer, class)),
        block_class: class,
        area_mu,
        tax_wan_per_mu,
        output_wan_per_mu,
        far,
        enterprises,
    }
}
