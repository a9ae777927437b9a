//! Adoption: a scenario becomes a rule set with dates and a document of its own, which runs from then on apply.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::account::Caller;
use crate::app::App;
use crate::audit;
use crate::audit::Action;
use crate::audit::Event;
use crate::error::Error;
use crate::error::Result;
use crate::evaluation;
use crate::evaluation::queries::NewRuleSet;
use crate::evaluation::ruleset::digest;
use crate::judgement::rule::Terms;

use super::officer;
use super::ruleset;
use super::saved;

/// Characters of the document's name.
const BASIS_MAX: usize = 2_000;

/// Under which terms a scenario is adopted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The document that decides so, with its number.
    pub legal_basis: String,
}

/// The rule set that an adoption made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AdoptedRuleSet")]
pub struct Adopted {
    pub rule_set_id: i64,
    pub layer: String,
    pub id: String,
    pub version: i64,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// SHA-256 of the text, hex.
    pub digest: String,
}

/// Adopts a saved scenario. The thresholds must not tell its readers more than those of a file may.
pub(super) async fn adopt(
    app: &App,
    caller: &Caller,
    scenario_id: i64,
    terms: &Adoption,
) -> Result<Adopted> {
    let scope = &caller.scope;
    officer(scope)?;
    caller.steward()?;
    let legal_basis = terms.legal_basis.trim();
    if legal_basis.is_empty() || legal_basis.chars().count() > BASIS_MAX {
        return Err(Error::parameter(
            "legal_basis",
            format!(
                "请写明文件名与文号，至多 {BASIS_MAX} 字 / name the document and its number, in at most {BASIS_MAX} characters"
            ),
        ));
    }
    if terms.valid_to.is_some_and(|it| it <= terms.valid_from) {
        return Err(Error::parameter("valid_to", "应晚于 valid_from / must be after valid_from"));
    }
    let row = saved::stored(app, scope, scenario_id).await?;
    let layer = app.layer(scope, &row.layer)?;
    let terms = Terms {
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        legal_basis: legal_basis.to_owned(),
    };
    let changes = saved::changes(&row)?;
    let (text, rules) =
        ruleset::with_changes(app, scope, &row.base_text, &changes, Some(&terms), saved::YEAR)?;
    let faults = evaluation::check_thresholds(&app.layers, layer, &rules);
    if !faults.is_empty() {
        return Err(ruleset::refused(&faults));
    }
    let digest = digest(&text);
    let mut tx = app.db.write.begin().await?;
    let new = NewRuleSet {
        layer: &layer.id,
        id: &row.ruleset,
        text: &text,
        digest: digest.clone(),
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        origin: "adopted",
        scenario_id: Some(scenario_id),
        basis: Some(&terms.legal_basis),
        recorded_by: scope.recorded_by(),
    };
    let key = evaluation::queries::insert_rule_set(&mut tx, &new).await?;
    let adopted = Adopted {
        rule_set_id: key.rule_set_id,
        layer: layer.id.clone(),
        id: row.ruleset.clone(),
        version: key.version,
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        digest,
    };
    let event = Event::of(Action::RuleSetAdopted, "rule_set").with(json!({
        "scenario_id": scenario_id,
        "rule_set_id": key.rule_set_id,
        "layer": layer.id,
        "ruleset": row.ruleset,
        "version": key.version,
        "valid_from": terms.valid_from,
        "valid_to": terms.valid_to,
        "legal_basis": terms.legal_basis,
        "changes": row.changes,
    }));
    audit::record(&mut *tx, scope, event).await?;
    tx.commit().await?;
    Ok(adopted)
}
