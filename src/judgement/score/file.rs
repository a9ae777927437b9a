//! A scheme's file: cohorts with their items and bands, what adds and takes points, who is apart, what a grade costs.
//!
//! All faults are collected, each with its place and how to mend it.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::cql::Expr;
use crate::judgement::enterprise;
use crate::judgement::workflow::period::Length;
use crate::layer::Text;

use super::Item;
use super::reader::Reader;

/// What is wrong with a scheme's file, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, thiserror::Error)]
#[error("{at}{}{why}", if at.is_empty() { "" } else { ": " })]
#[schemars(rename = "SchemeFault")]
pub struct Fault {
    /// `cohort scale, item 2`; a line of the file where it cannot be read at all; empty for the whole.
    pub at: String,
    pub why: String,
}

/// CQL2 over an enterprise's fields and measures, as written and as read.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "String")]
pub struct Condition {
    pub text: String,
    pub condition: Expr,
}

impl From<Condition> for String {
    fn from(it: Condition) -> Self {
        it.text
    }
}

/// A grade for the members up to a share of the cohort, counted from the best.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SchemeBand")]
pub struct Band {
    pub grade: String,
    /// The bound belongs to the band: rank ≤ ⌊n × `up_to`⌋.
    pub up_to: Decimal,
}

/// What a grade means for who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GradePolicy")]
pub struct Policy {
    /// Of power, water, land.
    pub price: Option<Text>,
    /// Of land and floor.
    pub supply: Option<Text>,
    /// Of allowances.
    pub energy: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CohortFile {
    id: String,
    title: Text,
    when: Option<String>,
    small_below_mu: Option<Decimal>,
    #[serde(rename = "item", default)]
    items: Vec<Item>,
    #[serde(rename = "band", default)]
    bands: Vec<Band>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BonusFile {
    id: String,
    when: String,
    points: Decimal,
    sentence: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApartFile {
    id: String,
    when: String,
    #[serde(default = "apart_grade")]
    grade: String,
    sentence: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VetoFile {
    id: String,
    when: String,
    best: String,
    sentence: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewFile {
    below_years: u32,
    #[serde(default = "apart_grade")]
    grade: String,
    /// Who is past the day by which a contract wants it finished is not spared.
    #[serde(default)]
    unless_past_contract: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemeFile {
    title: Text,
    basis: Option<Text>,
    #[serde(default = "hundred")]
    total: Decimal,
    #[serde(default = "five")]
    smallest_cohort: usize,
    #[serde(default = "years")]
    periods: Vec<Length>,
    small_below_mu: Option<Decimal>,
    bonus_at_most: Option<Decimal>,
    malus_at_most: Option<Decimal>,
    new: Option<NewFile>,
    #[serde(rename = "item", default)]
    items: Vec<Item>,
    #[serde(rename = "band", default)]
    bands: Vec<Band>,
    #[serde(rename = "cohort", default)]
    cohorts: Vec<CohortFile>,
    #[serde(rename = "bonus", default)]
    bonuses: Vec<BonusFile>,
    #[serde(rename = "apart", default)]
    aparts: Vec<ApartFile>,
    #[serde(rename = "veto", default)]
    vetoes: Vec<VetoFile>,
    #[serde(default)]
    policy: IndexMap<String, Policy>,
}

fn apart_grade() -> String {
    "T".to_owned()
}

const fn hundred() -> Decimal {
    Decimal::ONE_HUNDRED
}

const fn five() -> usize {
    5
}

fn years() -> Vec<Length> {
    vec![Length::Year]
}

/// Enterprises that are ranked together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cohort {
    pub id: String,
    pub title: Text,
    /// Everybody, where there is none.
    pub when: Option<Condition>,
    /// Who has less land takes no part.
    pub small_below_mu: Option<Decimal>,
    pub items: Vec<Item>,
    pub bands: Vec<Band>,
}

impl Cohort {
    pub(super) fn grade(&self, rank: usize, ranked: usize) -> Option<String> {
        let bound = |it: &Band| (Decimal::from(ranked) * it.up_to).floor();
        self.bands.iter().find(|it| Decimal::from(rank) <= bound(it)).map(|it| it.grade.clone())
    }
}

/// Points for, or with a minus against, who meets a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bonus {
    pub id: String,
    pub when: Condition,
    pub points: Decimal,
    pub sentence: Text,
}

/// A class of its own, out of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Apart {
    pub id: String,
    pub when: Condition,
    pub grade: String,
    pub sentence: Text,
}

/// Who is not long in production.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct New {
    pub when: Condition,
    pub grade: String,
    pub sentence: Text,
}

/// What leaves at best some grade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Veto {
    pub id: String,
    pub when: Condition,
    pub best: String,
    pub sentence: Text,
}

/// A scheme that was read and checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scheme {
    pub title: Text,
    pub basis: Option<Text>,
    /// What the weights of each cohort sum to.
    pub total: Decimal,
    /// In cohorts with fewer scores nobody is graded by rank.
    pub smallest_cohort: usize,
    /// Of which periods it scores figures: bases are a year's unless it says otherwise.
    pub periods: Vec<Length>,
    pub bonus_at_most: Option<Decimal>,
    pub malus_at_most: Option<Decimal>,
    pub new: Option<New>,
    /// Each enterprise belongs to the first that it fits.
    pub cohorts: Vec<Cohort>,
    pub bonuses: Vec<Bonus>,
    pub aparts: Vec<Apart>,
    pub vetoes: Vec<Veto>,
    pub policy: IndexMap<String, Policy>,
}

impl Scheme {
    /// Reads TOML and judges it; every fault has its place and its mend.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let file: SchemeFile = toml::from_str(text).map_err(|error| {
            let line =
                error.span().map(|it| text[..it.start.min(text.len())].lines().count().max(1));
            let at = line.map(|it| format!("第 {it} 行 / line {it}")).unwrap_or_default();
            vec![Fault { at, why: error.message().to_owned() }]
        })?;
        let mut read = Reader { fields: enterprise::fields(), faults: Vec::new() };
        let cohorts = cohorts(&mut read, &file);
        let mut graded: Vec<String> = Vec::new();
        for band in cohorts.iter().flat_map(|it| &it.bands) {
            if !graded.contains(&band.grade) {
                graded.push(band.grade.clone());
            }
        }
        let mut ids = BTreeSet::new();
        let mut known = |read: &mut Reader, at: &str, id: &str| {
            if !ids.insert(id.to_owned()) {
                read.fault(at, "编号重复 / this id is used twice");
            }
        };
        let (mut bonuses, mut aparts, mut vetoes) = (Vec::new(), Vec::new(), Vec::new());
        for it in file.bonuses {
            let at = format!("bonus {}", it.id);
            known(&mut read, &at, &it.id);
            if it.points.is_zero() {
                read.fault(&at, "分值不应为 0 / the points are 0");
            }
            let when = read.condition(&at, it.when);
            bonuses.extend(when.map(|when| Bonus {
                id: it.id,
                when,
                points: it.points,
                sentence: it.sentence,
            }));
        }
        for it in file.aparts {
            let at = format!("apart {}", it.id);
            known(&mut read, &at, &it.id);
            let when = read.open_condition(&at, it.when);
            aparts.extend(when.map(|when| Apart {
                id: it.id,
                when,
                grade: it.grade,
                sentence: it.sentence,
            }));
        }
        for it in file.vetoes {
            let at = format!("veto {}", it.id);
            known(&mut read, &at, &it.id);
            read.grade(&at, &it.best, &graded);
            let when = read.condition(&at, it.when);
            vetoes.extend(when.map(|when| Veto {
                id: it.id,
                when,
                best: it.best,
                sentence: it.sentence,
            }));
        }
        let new = file.new.and_then(|it| new(&mut read, it));
        let mut all = graded.clone();
        all.extend(aparts.iter().map(|it| it.grade.clone()));
        all.extend(new.iter().map(|it| it.grade.clone()));
        for grade in file.policy.keys() {
            read.grade(&format!("policy.{grade}"), grade, &all);
        }
        for (name, it) in
            [("bonus_at_most", file.bonus_at_most), ("malus_at_most", file.malus_at_most)]
        {
            if it.is_some_and(|it| it < Decimal::ZERO) {
                read.fault(name, "不应小于 0 / it may not be below 0");
            }
        }
        if file.periods.is_empty() {
            read.fault(
                "periods",
                "至少写一种：year、quarter、month / name at least one of year, quarter, month",
            );
        }
        if !read.faults.is_empty() {
            return Err(read.faults);
        }
        Ok(Self {
            title: file.title,
            basis: file.basis,
            total: file.total,
            smallest_cohort: file.smallest_cohort,
            periods: file.periods,
            bonus_at_most: file.bonus_at_most,
            malus_at_most: file.malus_at_most,
            new,
            cohorts,
            bonuses,
            aparts,
            vetoes,
            policy: file.policy,
        })
    }

    /// Where a grade stands, from the best; after all others where no band has it.
    pub fn order(&self, grade: &str) -> usize {
        let bands = self.cohorts.iter().map(|it| &it.bands).max_by_key(|it| it.len());
        let place = bands.and_then(|it| it.iter().position(|it| it.grade == grade));
        place.unwrap_or(usize::MAX)
    }

    /// Whether no grade is worse.
    pub(super) fn is_last(&self, grade: &str) -> bool {
        let mut bands = self.cohorts.iter().filter_map(|it| it.bands.last());
        bands.any(|it| it.grade == grade)
    }
}

fn cohorts(read: &mut Reader, file: &SchemeFile) -> Vec<Cohort> {
    if file.cohorts.is_empty() {
        read.items("", &file.items, file.total);
        read.bands("", &file.bands);
        return vec![Cohort {
            id: "all".to_owned(),
            title: Text::new("全部企业", "All enterprises"),
            when: None,
            small_below_mu: file.small_below_mu,
            items: file.items.clone(),
            bands: file.bands.clone(),
        }];
    }
    let mut seen = BTreeSet::new();
    let mut cohorts = Vec::new();
    for it in &file.cohorts {
        let at = format!("cohort {}", it.id);
        if !seen.insert(&it.id) {
            read.fault(&at, "编号重复 / this id is used twice");
        }
        let items = if it.items.is_empty() { &file.items } else { &it.items };
        let bands = if it.bands.is_empty() { &file.bands } else { &it.bands };
        read.items(&at, items, file.total);
        read.bands(&at, bands);
        let when = it.when.clone().and_then(|it| read.open_condition(&at, it));
        cohorts.push(Cohort {
            id: it.id.clone(),
            title: it.title.clone(),
            when,
            small_below_mu: it.small_below_mu.or(file.small_below_mu),
            items: items.clone(),
            bands: bands.clone(),
        });
    }
    cohorts
}

fn new(read: &mut Reader, it: NewFile) -> Option<New> {
    let years = it.below_years;
    let mut text = format!("years_in_production < {years}");
    if it.unless_past_contract {
        text.push_str(" AND (past_contract_finish IS NULL OR past_contract_finish = FALSE)");
    }
    let sentence =
        Text::new(format!("投产不满 {years} 年"), format!("less than {years} years in production"));
    let when = read.condition("new", text)?;
    Some(New { when, grade: it.grade, sentence })
}
