//! Which rules a run applies: the files of the layer folders and what was adopted since, the version in force at the end of
//! the year or the one that is asked for; and the record of what was used.

use std::collections::BTreeMap;

use anyhow::Context;
use anyhow::bail;
use chrono::NaiveDate;
use sha2::Digest;
use sha2::Sha256;
use sqlx::PgConnection;

use crate::app::App;
use crate::cql::Field;
use crate::cql::Fields;
use crate::judgement::rule::Fault;
use crate::judgement::rule::RuleSet;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;

use super::Options;
use super::queries;
use super::row;

/// A derived layer's rules as a run uses them.
pub(crate) struct Chosen<'a> {
    pub layer: &'a Layer,
    pub id: String,
    pub text: String,
    /// The row of an adopted set; a file's is written when a run uses it.
    pub rule_set_id: Option<i64>,
    pub rules: RuleSet,
}

/// A rule set that may be applied, as text.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    pub id: String,
    pub text: String,
    /// `None` of a file.
    pub rule_set_id: Option<i64>,
    /// 0 of a file.
    pub version: i64,
}

/// Reads a rule set for a year, against everything that rules may name, with whom to ask for each of it.
pub fn read(layers: &Layers, text: &str, year: i64) -> Result<RuleSet, Vec<Fault>> {
    read_with(layers, &row::fields(layers), text, year)
}

/// The same, against what the fields given may name.
pub fn read_with(
    layers: &Layers,
    fields: &dyn Fields,
    text: &str,
    year: i64,
) -> Result<RuleSet, Vec<Fault>> {
    let year = i32::try_from(year).ok();
    let mut set = RuleSet::parse_for(text, fields, year)?;
    for name in set.properties() {
        let field = layers.register("parcel").and_then(|it| it.field.get(&name));
        if let Some(it) = field {
            set.titles.insert(name.clone(), it.title.clone());
            if let Some(supplier) = &it.supplier {
                set.suppliers.insert(name, supplier.clone());
            }
        } else if let Some(it) = layers.find(&name) {
            set.titles.insert(name, it.title.clone());
        }
    }
    Ok(set)
}

/// What a rule set may name.
pub fn fields(layers: &Layers) -> BTreeMap<String, Field> {
    row::fields(layers)
}

/// All faults in one text.
pub fn told(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ")
}

/// The files of a layer's folder and what was adopted for it, files first.
pub async fn candidates(db: &mut PgConnection, layer: &Layer) -> sqlx::Result<Vec<Candidate>> {
    let mut all = files(layer);
    all.extend(queries::adopted(db, &layer.id).await?);
    Ok(all)
}

/// The files of a layer's folder.
pub fn files(layer: &Layer) -> Vec<Candidate> {
    let files = layer.rules.iter();
    files
        .map(|(id, text)| Candidate {
            id: id.clone(),
            text: text.clone(),
            rule_set_id: None,
            version: 0,
        })
        .collect()
}

/// The candidate that is applied to a year: of the id asked for, or of those that may be chosen by date, the one in force on
/// the year's last day; of several the one that came into force last, and what was adopted before a file. An id that is
/// asked for is found whenever it is in force. `None` where there is none; fails where a text is faulty.
pub fn choose(
    layers: &Layers,
    layer: &Layer,
    all: Vec<Candidate>,
    asked: Option<&str>,
    year: i64,
) -> anyhow::Result<Option<(Candidate, RuleSet)>> {
    let day = i32::try_from(year).ok().and_then(|it| NaiveDate::from_ymd_opt(it, 12, 31));
    let day = day.with_context(|| format!("{year} 不是年份 / is no year"))?;
    let mut found: Option<(Candidate, RuleSet)> = None;
    for it in all.into_iter().filter(|it| asked.is_none_or(|asked| asked == it.id)) {
        let rules = read(layers, &it.text, year).map_err(|faults| {
            anyhow::anyhow!("layers/{}/rules/{}.toml:\n  {}", layer.id, it.id, told(&faults))
        })?;
        if asked.is_none() && (rules.on_request || !rules.is_valid_on(day)) {
            continue;
        }
        let rank = |it: &Candidate, of: &RuleSet| {
            (of.is_valid_on(day), of.valid_from, it.rule_set_id.is_some(), it.version)
        };
        if found.as_ref().is_none_or(|(old, of)| rank(old, of) < rank(&it, &rules)) {
            found = Some((it, rules));
        }
    }
    Ok(found)
}

/// The rule set of every judging layer.
pub(super) async fn choose_all<'a>(
    db: &mut PgConnection,
    app: &'a App,
    options: &Options,
) -> anyhow::Result<Vec<Chosen<'a>>> {
    let judging = app.layers.of_kind(Kind::Derived).filter(|it| !it.rules.is_empty());
    let mut all = Vec::new();
    for layer in judging {
        all.push((layer, candidates(db, layer).await?));
    }
    let mut known: Vec<&str> =
        all.iter().flat_map(|(_, sets)| sets.iter().map(|it| it.id.as_str())).collect();
    known.dedup();
    if let Some(asked) = &options.ruleset
        && !known.contains(&asked.as_str())
    {
        bail!("没有规则集 `{asked}` / no rule set `{asked}`; there are: {}", known.join(", "));
    }
    let mut chosen = Vec::new();
    for (layer, sets) in all {
        // A set is asked for by name in the layer that has it.
        let asked = options.ruleset.as_deref().filter(|id| sets.iter().any(|it| it.id == *id));
        let Some((it, rules)) = choose(&app.layers, layer, sets, asked, options.year)? else {
            bail!(
                "图层 {} 没有 {} 年有效的规则集 / layer `{}` has no rule set in force at the end of {}; name one with --ruleset",
                layer.title.zh,
                options.year,
                layer.id,
                options.year
            );
        };
        let Candidate { id, text, rule_set_id, .. } = it;
        chosen.push(Chosen { layer, id, text, rule_set_id, rules });
    }
    Ok(chosen)
}

/// Notes which versions a run applies, and the texts of files that no run used before.
pub(super) async fn note(
    db: &mut PgConnection,
    run_id: i64,
    chosen: &[Chosen<'_>],
    recorded_by: &str,
) -> sqlx::Result<()> {
    for it in chosen {
        let rule_set_id = if let Some(it) = it.rule_set_id {
            it
        } else {
            let new = queries::NewRuleSet {
                layer: &it.layer.id,
                id: &it.id,
                text: &it.text,
                digest: digest(&it.text),
                valid_from: it.rules.valid_from,
                valid_to: it.rules.valid_to,
                origin: "file",
                scenario_id: None,
                basis: None,
                recorded_by,
            };
            queries::insert_rule_set(db, &new).await?.rule_set_id
        };
        queries::insert_run_rule_set(db, run_id, &it.layer.id, rule_set_id).await?;
    }
    Ok(())
}

/// SHA-256 of a text, hex.
pub fn digest(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut all, byte| {
        let _ = write!(all, "{byte:02x}");
        all
    })
}

#[cfg(test)]
mod tests;
