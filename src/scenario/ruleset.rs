//! The rule sets that there are, and one of them with changes, as a scope may name what it reads.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::cql::Field;
use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;
use crate::evaluation::ruleset;
use crate::judgement::measures::MEASURES;
use crate::judgement::rule::Changes;
use crate::judgement::rule::Effect;
use crate::judgement::rule::Fault;
use crate::judgement::rule::Parameter;
use crate::judgement::rule::RuleSet;
use crate::judgement::rule::Terms;
use crate::judgement::rule::changed;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Text;

use super::queries;
use super::queries::Run;

/// The rule sets of all layers that judge.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RuleSets {
    pub rule_sets: Vec<Listed>,
}

/// A rule set that can be asked about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListedRuleSet")]
pub struct Listed {
    pub layer: String,
    pub id: String,
    pub title: Text,
    pub legal_basis: String,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// Never applied by its date, only by its name.
    pub on_request: bool,
    /// The row of an adopted set; null for a file of the layer's folder.
    pub rule_set_id: Option<i64>,
    /// 0 for a file.
    pub version: i64,
    pub parameters: Vec<Parameter>,
    pub rules: Vec<ListedRule>,
}

/// A rule, to be read by people.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListedRule {
    pub id: String,
    pub title: Text,
    pub when: String,
    pub effect: Effect,
    pub basis: String,
    /// Of a group the rules that it is made of.
    pub parts: Vec<String>,
}

/// The layer that is asked about: the one named, or the only one that judges.
pub(super) fn layer<'a>(app: &'a App, scope: &Scope, named: Option<&str>) -> Result<&'a Layer> {
    let judging: Vec<&Layer> =
        app.layers.of_kind(Kind::Derived).filter(|it| !it.rules.is_empty()).collect();
    let id = match (named, &judging[..]) {
        (Some(it), _) => it,
        (None, [only]) => only.id.as_str(),
        (None, _) => {
            let ids: Vec<&str> = judging.iter().map(|it| it.id.as_str()).collect();
            return Err(Error::parameter(
                "layer",
                format!("请指明图层 / name one of: {}", ids.join(", ")),
            ));
        }
    };
    let layer = app.layer(scope, id)?;
    if layer.rules.is_empty() {
        return Err(Error::parameter(
            "layer",
            format!("图层 `{id}` 没有规则 / layer `{id}` has no rules"),
        ));
    }
    if !tells_why(layer, scope) {
        return Err(Error::Forbidden(layer.title.zh.clone()));
    }
    Ok(layer)
}

/// Whether the scope reads what a layer's rules find, and why.
fn tells_why(layer: &Layer, scope: &Scope) -> bool {
    let found = ["result.verdict", "result.reasons", "result.reason_text"];
    found.iter().all(|it| layer.open_to(scope, layer.role_of_finding(it)))
}

/// What the scope may name in conditions.
pub(super) fn fields(app: &App, scope: &Scope) -> BTreeMap<String, Field> {
    let mut fields = ruleset::fields(&app.layers);
    fields.retain(|name, _| may_name(app, scope, name));
    fields
}

/// Whether the scope reads a measure, a field of the parcels or the class of an overlay.
pub(super) fn may_name(app: &App, scope: &Scope, name: &str) -> bool {
    let parcels = app.layers.register("parcel");
    let field = parcels.filter(|it| it.field.contains_key(name));
    let open = field.is_none_or(|it| it.field_for(scope, name).is_some());
    if MEASURES.iter().any(|it| it.name == name) {
        return open && scope.may(app.layers.measure_role(name));
    }
    match (field, app.layers.find(name)) {
        (Some(_), _) => open,
        (None, Some(layer)) => layer.open_to(scope, layer.role_of_class()),
        (None, None) => false,
    }
}

/// The rule set to which changes are made: its id and text.
pub(super) async fn base(
    app: &App,
    db: &mut Reader,
    layer: &Layer,
    run: &Run,
    asked: Option<&str>,
) -> Result<(String, String)> {
    let applied = run.ruleset.clone().zip(run.text.clone());
    if let Some((id, text)) = applied
        && asked.is_none_or(|it| it == id)
    {
        return Ok((id, text));
    }
    let mut all = ruleset::files(layer);
    all.extend(queries::adopted(db, &layer.id).await?);
    let known: Vec<String> = all.iter().map(|it| it.id.clone()).collect();
    let found = ruleset::choose(&app.layers, layer, all, asked, run.year)?;
    let Some((it, _)) = found else {
        let id = asked.unwrap_or_default().to_owned();
        let near = crate::layer::nearest(&id, known.iter().map(String::as_str));
        return Err(Error::NotFound {
            what: "规则集 rule set",
            near: near.map(ToOwned::to_owned),
            id,
        });
    };
    Ok((it.id, it.text))
}

/// The text with the changes made, and what it says of a year. What is wrong with it is the caller's to mend.
pub(super) fn with_changes(
    app: &App,
    scope: &Scope,
    text: &str,
    changes: &Changes,
    terms: Option<&Terms>,
    year: i64,
) -> Result<(String, RuleSet)> {
    let text = if changes.is_empty() && terms.is_none() {
        text.to_owned()
    } else {
        changed(text, changes, terms).map_err(|it| refused(&it))?
    };
    let set = ruleset::read_with(&app.layers, &fields(app, scope), &text, year);
    Ok((text, set.map_err(|it| refused(&it))?))
}

pub(super) fn refused(faults: &[Fault]) -> Error {
    let at = match faults {
        [it, ..] if it.rule.starts_with("parameter.") => {
            format!("参数 / parameter `parameters.{}`", &it.rule["parameter.".len()..])
        }
        [it, ..] if !it.rule.is_empty() => format!("参数 / parameter `rules.{}`", it.rule),
        _ => "规则集 / rule set".to_owned(),
    };
    Error::BadInput { at, why: ruleset::told(faults) }
}

/// Every rule set of the layers that the scope may read.
pub(super) async fn list(app: &App, scope: &Scope) -> Result<RuleSets> {
    super::officer(scope)?;
    let mut rule_sets = Vec::new();
    let mut db = app.db.read(scope).await?;
    for layer in app.layers.of_kind(Kind::Derived) {
        if layer.rules.is_empty() || !layer.readable(scope) || !tells_why(layer, scope) {
            continue;
        }
        let mut all = ruleset::files(layer);
        all.extend(queries::adopted(&mut db, &layer.id).await?);
        for it in all {
            // A field that was taken away since makes an old one faulty; it cannot be asked about.
            let Ok(set) = ruleset::read(&app.layers, &it.text, 2000) else { continue };
            let rules = set.rules.into_iter().map(|it| ListedRule {
                id: it.id,
                title: it.title,
                when: it.when,
                effect: it.effect,
                basis: it.basis,
                parts: it.parts,
            });
            rule_sets.push(Listed {
                layer: layer.id.clone(),
                id: it.id,
                title: set.title,
                legal_basis: set.legal_basis,
                valid_from: set.valid_from,
                valid_to: set.valid_to,
                on_request: set.on_request,
                rule_set_id: it.rule_set_id,
                version: it.version,
                parameters: set.parameters.into_values().collect(),
                rules: rules.collect(),
            });
        }
    }
    Ok(RuleSets { rule_sets })
}
