//! What the shown run's rules say of a parcel, with all that is needed to check it: rule by rule, the run and its state, the
//! version of the rules, and all of it as one sentence.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::queries::CurrentRun;
use crate::db::Reader;
use crate::error::Result;
use crate::judgement::rule;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Text;

use super::Mask;
use super::mask;
use super::queries::verdict as queries;
use super::sentence;

/// What the rules say, with all that is needed to follow them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verdict {
    #[schemars(with = "rule::Verdict")]
    pub value: String,
    /// The verdict, its reasons with figures and thresholds, the rules and the run, as a factory owner could check it.
    pub sentence: Text,
    pub layer: String,
    pub ruleset: String,
    pub ruleset_title: Text,
    /// The version of the rule set that the run applied; null of a run from before versions were kept.
    pub ruleset_version: Option<i64>,
    /// Since when that version holds.
    pub ruleset_valid_from: Option<NaiveDate>,
    pub legal_basis: Option<Text>,
    pub year: i64,
    pub run: Judging,
    pub reasons: Vec<String>,
    /// Rule by rule, as the run wrote it down.
    #[schemars(with = "Vec<rule::Evidence>")]
    pub evidence: Value,
}

/// The run that gave a verdict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "JudgingRun")]
pub struct Judging {
    pub run_id: i64,
    /// `draft`, `published` or `final`.
    pub state: String,
    pub finished_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    pub finalised_at: Option<DateTime<Utc>>,
}

/// The derived layers with rules that the scope may read, in the order of the folders.
pub(super) fn judging<'a>(app: &'a App, scope: &'a Scope) -> impl Iterator<Item = &'a Layer> + 'a {
    app.layers.of_kind(Kind::Derived).filter(|it| !it.rules.is_empty() && it.readable(scope))
}

/// The verdict of the shown run; none before the first run, or where it is withheld.
pub(super) async fn verdict(
    app: &App,
    db: &mut Reader,
    mask: &mut Mask<'_>,
    run: Option<&CurrentRun>,
    parcel_id: i64,
) -> Result<Option<Verdict>> {
    let Some(run) = run else { return Ok(None) };
    let scope = mask.scope;
    for layer in judging(app, scope) {
        let Some(row) = queries::result(db, run.run_id, &layer.id, parcel_id).await? else {
            continue;
        };
        if !tells(layer, scope, "result.verdict") {
            mask.withheld.push("verdict".to_owned());
            return Ok(None);
        }
        let (reasons, evidence) = if tells_why(layer, scope) {
            (row.reasons, mask::evidence(app, scope, row.evidence))
        } else {
            mask.withheld.extend(["verdict.reasons", "verdict.evidence"].map(ToOwned::to_owned));
            (Vec::new(), Value::Array(Vec::new()))
        };
        let applied = queries::applied(db, run.run_id, &layer.id).await?;
        let used = applied.as_ref().and_then(|it| it.ruleset.clone()).unwrap_or_default();
        let text = |key: &str| serde_json::from_value::<Text>(used[key].clone()).ok();
        let ruleset_title = text("title").unwrap_or_default();
        let ruleset_version = applied.as_ref().and_then(|it| it.version);
        let run_of = Judging {
            run_id: run.run_id,
            state: applied.as_ref().map_or_else(|| "draft".to_owned(), |it| it.state.clone()),
            finished_at: run.finished_at,
            published_at: applied.as_ref().and_then(|it| it.published_at),
            finalised_at: applied.as_ref().and_then(|it| it.finalised_at),
        };
        let sentence = sentence::of(&sentence::Said {
            verdict: &row.verdict,
            year: run.year,
            reasons: &reasons,
            evidence: &evidence,
            rules: &ruleset_title,
            version: ruleset_version,
            run: &run_of,
        });
        return Ok(Some(Verdict {
            value: row.verdict,
            sentence,
            layer: layer.id.clone(),
            ruleset: used["id"].as_str().unwrap_or(&run.ruleset).to_owned(),
            ruleset_title,
            ruleset_version,
            ruleset_valid_from: applied.and_then(|it| it.valid_from),
            legal_basis: text("legal_basis"),
            year: run.year,
            run: run_of,
            reasons,
            evidence,
        }));
    }
    Ok(None)
}

/// Whether the layer tells the scope what a column of the findings says.
pub(super) fn tells(layer: &Layer, scope: &Scope, column: &str) -> bool {
    layer.open_to(scope, layer.role_of_finding(column))
}

/// Why is told rule by rule, so to those who may know of each of them.
pub(super) fn tells_why(layer: &Layer, scope: &Scope) -> bool {
    ["result.reasons", "result.reason_text"].into_iter().all(|it| tells(layer, scope, it))
}
