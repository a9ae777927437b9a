//! Rule sets: CQL2 conditions over a parcel's measures, and the verdict they give with its evidence.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::Datelike;
use chrono::NaiveDate;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::cql;
use crate::cql::Expr;
use crate::cql::Fields;
use crate::cql::Kind;
use crate::cql::PARAMETER;
use crate::cql::Row;
use crate::cql::Span;
use crate::cql::Truth;
use crate::layer::Text;

mod change;
mod condition;
mod evidence;
mod file;
mod parameter;

pub use change::ChangedRule;
pub use change::Changes;
pub use change::Terms;
pub use change::changed;
pub use evidence::Evidence;
pub use evidence::Missing;
pub use parameter::Parameter;
pub use parameter::ParameterKind;

use condition::Literals;
use evidence::placeholders;
use file::RuleSetFile;

/// Bytes of a rule set's text.
pub const MAX_BYTES: usize = 256 * 1024;
/// Rules of a set, and parts of a group.
const MAX_RULES: usize = 200;

/// What a rule does to a parcel that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Low,
    Exempt,
    /// Nothing by itself: a group names it.
    Part,
}

/// A rule whose condition has been read and checked.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub title: Text,
    /// CQL2 text as written; of a group what its parts come to.
    pub when: String,
    /// With literals for all parameters.
    pub condition: Expr,
    /// The parameters that stand in the condition, with their values.
    pub thresholds: IndexMap<String, String>,
    /// Of a group the ids of its parts, and whether all have to fit.
    pub parts: Vec<String>,
    pub needs_all: bool,
    pub effect: Effect,
    /// The clause it stands on.
    pub basis: String,
    /// Said when the rule applies; `{tax_wan_per_mu}` stands for that figure, `{:tax_floor}` for that threshold.
    pub sentence: Text,
}

/// Rules that are applied together, for one year.
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub title: Text,
    pub legal_basis: String,
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
    /// Never chosen by its date, only by its name.
    pub on_request: bool,
    pub parameters: IndexMap<String, Parameter>,
    pub rules: Vec<Rule>,
    /// Who supplies what the rules read, by the name of the measure or field; of what is not here the register's keeper.
    pub suppliers: BTreeMap<String, Text>,
    /// The titles of what the rules read.
    pub titles: BTreeMap<String, Text>,
    /// What names with a colon stand for.
    literals: Literals,
}

/// What is wrong with a rule set's file. `rule` is empty for the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", if rule.is_empty() { String::new() } else { format!("规则 `{rule}` / rule `{rule}`: ") })]
pub struct Fault {
    pub rule: String,
    pub why: String,
}

/// What the rules say of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "VerdictValue")]
pub enum Verdict {
    Low,
    Ok,
    /// 待核实: a missing figure could change the answer.
    Unknown,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Low, Self::Ok, Self::Unknown];

    /// Its name in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Ok => "ok",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    pub verdict: Verdict,
    /// The rules that made the verdict: those that hit, those that exempt, or those that could not be decided.
    pub reasons: Vec<String>,
    pub evidence: Vec<Evidence>,
}

impl RuleSet {
    /// Reads TOML for the year in which the set comes into force; see [`RuleSet::parse_for`].
    pub fn parse(text: &str, fields: &dyn Fields) -> Result<Self, Vec<Fault>> {
        Self::parse_for(text, fields, None)
    }

    /// Reads TOML for a year, and checks every condition, group and placeholder against `fields`.
    /// All faults are collected, so that a file is mended in one go.
    pub fn parse_for(
        text: &str,
        fields: &dyn Fields,
        year: Option<i32>,
    ) -> Result<Self, Vec<Fault>> {
        let whole = |why: String| Fault { rule: String::new(), why };
        if text.len() > MAX_BYTES {
            return Err(vec![whole(format!(
                "规则集至多 {MAX_BYTES} 字节 / a rule set has at most {MAX_BYTES} bytes"
            ))]);
        }
        let mut file: RuleSetFile =
            toml::from_str(text).map_err(|it| vec![whole(it.to_string())])?;
        let mut faults = Vec::new();
        if file.rules.is_empty() {
            faults.push(whole("没有规则 / there is no [[rule]]".to_owned()));
        }
        let members = file.rules.iter().map(|it| it.all.len() + it.any.len()).max().unwrap_or(0);
        if file.rules.len().max(members) > MAX_RULES {
            return Err(vec![whole(format!(
                "规则或组员至多 {MAX_RULES} 条 / at most {MAX_RULES} rules, and parts of a group"
            ))]);
        }
        let ends_first = |from: Option<NaiveDate>, to: Option<NaiveDate>| {
            from.zip(to).is_some_and(|(from, to)| to <= from)
        };
        let dates = || "valid_to 应晚于 valid_from / valid_to must be after valid_from".to_owned();
        if ends_first(Some(file.valid_from), file.valid_to) {
            faults.push(whole(dates()));
        }
        let year = year.unwrap_or(file.valid_from.year());
        let (parameters, literals) = literals(&file, year, &mut faults);
        let mut seen = BTreeSet::new();
        for rule in &file.rules {
            let fault = |why: String| Fault { rule: rule.id.clone(), why };
            if !seen.insert(rule.id.clone()) {
                faults.push(fault("编号重复 / this id is used twice".to_owned()));
            }
            if ends_first(rule.valid_from, rule.valid_to) {
                faults.push(fault(dates()));
            }
            if rule.effect != Effect::Part && (rule.basis.is_none() || rule.sentence.is_none()) {
                faults.push(fault(
                    "缺少 basis 或 sentence / `basis` and `sentence` are needed".to_owned(),
                ));
            }
            let said = rule.sentence.iter().flat_map(|it| [&it.zh, &it.en]);
            for name in said.flat_map(|it| placeholders(it)) {
                match name.strip_prefix(PARAMETER) {
                    Some(it) if !literals.contains_key(it) => {
                        faults.push(fault(condition::unknown(it, &literals)));
                    }
                    None if fields.find(name).is_none() => faults.push(fault(format!(
                        "语句中没有属性 `{name}` / the sentence names `{name}`, which is no property"
                    ))),
                    _ => {}
                }
            }
        }
        let mut conditions = condition::read(&file.rules, &literals, fields, &mut faults);
        let sizes = conditions.values().map(|it| condition::size(&it.expr)).sum::<usize>();
        if sizes > cql::MAX_NODES {
            faults.push(whole(condition::too_large()));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        // A rule that is not in force at the year's end is not there.
        let day = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(file.valid_from);
        file.rules.retain(|it| {
            it.valid_from.is_none_or(|it| it <= day) && it.valid_to.is_none_or(|it| day < it)
        });
        let rules = file.rules.into_iter().filter_map(|rule| {
            let condition = conditions.remove(&rule.id)?;
            let needs_all = !rule.all.is_empty();
            let parts = if needs_all { rule.all } else { rule.any };
            Some(Rule {
                when: rule.when.unwrap_or_else(|| condition.expr.to_string()),
                condition: condition.expr,
                thresholds: condition.thresholds,
                parts,
                needs_all,
                effect: rule.effect,
                basis: rule.basis.unwrap_or_default(),
                sentence: rule.sentence.unwrap_or_else(|| rule.title.clone()),
                id: rule.id,
                title: rule.title,
            })
        });
        Ok(Self {
            rules: rules.collect(),
            title: file.title,
            legal_basis: file.legal_basis,
            valid_from: file.valid_from,
            valid_to: file.valid_to,
            on_request: file.on_request,
            parameters,
            suppliers: BTreeMap::new(),
            titles: BTreeMap::new(),
            literals,
        })
    }

    /// Whether the rules hold on a day.
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|it| day < it)
    }

    /// The names of all properties that the conditions and sentences read.
    pub fn properties(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for rule in &self.rules {
            names.extend(cql::properties(&rule.condition));
            let said = placeholders(&rule.sentence.zh).chain(placeholders(&rule.sentence.en));
            names.extend(said.filter(|it| !it.starts_with(PARAMETER)).map(str::to_owned));
        }
        names
    }

    /// One condition that is true where some rule of this effect fits; false where there is none.
    pub fn any(&self, effect: Effect) -> Expr {
        let own = self.rules.iter().filter(|it| it.effect == effect);
        let mut all: Vec<Expr> = own.map(|it| it.condition.clone()).collect();
        let kind = match all.len() {
            0 => Kind::Bool(false),
            1 => return all.swap_remove(0),
            _ => Kind::Or(all),
        };
        Expr::new(kind, Span::default())
    }
}

/// The file's parameters, and what all names with a colon stand for.
fn literals(
    file: &RuleSetFile,
    year: i32,
    faults: &mut Vec<Fault>,
) -> (IndexMap<String, Parameter>, Literals) {
    let of_year = parameter::of_year(year);
    let mut all = IndexMap::new();
    for (id, it) in &file.parameters {
        let fault = |why: String| Fault { rule: format!("parameter.{id}"), why };
        if of_year.contains_key(id.as_str()) {
            faults.push(fault(
                "此名已有含义：被评年度的日期 / this name stands for a day of the year judged"
                    .to_owned(),
            ));
        }
        match Parameter::read(id, it) {
            Ok(it) => {
                all.insert(id.clone(), it);
            }
            Err(why) => faults.push(fault(why)),
        }
    }
    let own = all.iter().map(|(id, it)| (id.clone(), it.literal.clone()));
    let literals = own.chain(of_year.into_iter().map(|(id, it)| (id.to_owned(), it))).collect();
    (all, literals)
}

/// Judges one parcel: it is low when some `low` rule fits and no `exempt` rule does, by Kleene's logic.
///
/// So an exemption that fits makes it ok whatever else is missing; an exemption that cannot be decided makes a hit
/// unknown (待核实), not low; and where no `low` rule could fit, an undecided exemption matters to nobody.
pub fn judge(set: &RuleSet, row: &dyn Row) -> Judgement {
    let results: Vec<Truth> =
        set.rules.iter().map(|it| cql::eval::eval(&it.condition, row)).collect();
    let any = |effect: Effect| {
        let own = std::iter::zip(&set.rules, &results).filter(|(rule, _)| rule.effect == effect);
        own.fold(Truth::False, |so_far, (_, result)| so_far.or(*result))
    };
    let (low, exempt) = (any(Effect::Low), any(Effect::Exempt));
    let reasons = |wanted: &[(Effect, Truth)]| -> Vec<String> {
        std::iter::zip(&set.rules, &results)
            .filter(|(rule, result)| wanted.contains(&(rule.effect, **result)))
            .map(|(rule, _)| rule.id.clone())
            .collect()
    };
    let verdict = verdict(low, exempt);
    let reasons = match verdict {
        Verdict::Low => reasons(&[(Effect::Low, Truth::True)]),
        Verdict::Ok if exempt == Truth::True => reasons(&[(Effect::Exempt, Truth::True)]),
        Verdict::Ok => Vec::new(),
        // A hit, or what could be one, and an exemption that might take it away.
        Verdict::Unknown => reasons(&[(Effect::Low, low), (Effect::Exempt, Truth::Unknown)]),
    };
    let evidence = std::iter::zip(&set.rules, results)
        .map(|(rule, result)| evidence::of(set, rule, result, row))
        .collect();
    Judgement { verdict, reasons, evidence }
}

/// The verdict, given whether some `low` rule fits and whether some `exempt` rule does.
pub fn verdict(low: Truth, exempt: Truth) -> Verdict {
    match low.and(!exempt) {
        Truth::True => Verdict::Low,
        Truth::False => Verdict::Ok,
        Truth::Unknown => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests;
