//! What a scheme makes of one enterprise, with its evidence.

use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::cql;
use crate::cql::Truth;
use crate::layer::Text;

use super::Member;
use super::Method;
use super::file::Condition;
use super::inputs;

/// One item of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ScoreItem")]
pub struct ItemScore {
    pub measure: String,
    pub weight: Decimal,
    pub method: Method,
    pub value: Option<Decimal>,
    /// What scores the full weight; of `ratio`.
    pub base: Option<Decimal>,
    /// The ends of the cohort; of `min_max`.
    pub least: Option<Decimal>,
    pub most: Option<Decimal>,
    pub score: Option<Decimal>,
    /// The figure is missing: the score is the mean of those who have it.
    pub imputed: bool,
    /// Other enterprises' figures went into it, so that it tells of them.
    pub relative: bool,
}

/// What a piece of evidence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ScoreEvidenceKind")]
pub enum Kind {
    /// In no cohort, or in which is not known.
    Unplaced,
    /// A class of its own: T, 不定.
    Apart,
    /// Not long in production.
    New,
    /// Too little land to take part.
    Small,
    /// A figure that is not there.
    Missing,
    Bonus,
    Malus,
    Veto,
    /// Too few to grade by rank.
    SmallCohort,
}

/// Why a result is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ScoreEvidence")]
pub struct Evidence {
    pub kind: Kind,
    /// The id in the scheme; the measure of a missing figure.
    pub id: String,
    pub reason: Text,
    /// CQL2 as the scheme has it.
    pub when: Option<String>,
    /// Nobody knows whether the condition holds: a figure that it names is missing. It changed nothing.
    pub to_verify: bool,
    /// Every property of the condition.
    pub inputs: IndexMap<String, Option<String>>,
    pub points: Option<Decimal>,
    /// The best grade that a veto leaves.
    pub best: Option<String>,
    /// Documents that the record names for it.
    pub references: Vec<String>,
}

impl Evidence {
    pub(super) fn new(kind: Kind, id: &str) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            reason: Text::new("", ""),
            when: None,
            to_verify: false,
            inputs: IndexMap::new(),
            points: None,
            best: None,
            references: Vec::new(),
        }
    }

    pub(super) fn of(kind: Kind, id: &str, when: Option<&Condition>, member: &Member) -> Self {
        let mut it = Self::new(kind, id);
        let Some(when) = when else { return it };
        let names = cql::properties(&when.condition);
        it.inputs = inputs(names.iter().map(String::as_str), member);
        it.when = Some(when.text.clone());
        // Of the marks that the condition speaks of, those that this enterprise has.
        if when.holds(member) == Truth::True {
            let quoted = |kind: &str| when.text.contains(&format!("'{kind}'"));
            let own = member.references.iter().filter(|(kind, _)| quoted(kind));
            it.references = own.flat_map(|(_, it)| it.clone()).collect();
        }
        it
    }

    pub(super) fn unverified(mut self) -> Self {
        let missing: Vec<&str> =
            self.inputs.iter().filter(|(_, it)| it.is_none()).map(|(it, _)| it.as_str()).collect();
        self.reason = Text::new(
            format!("待核实（缺 {}）：{}", missing.join("、"), self.reason.zh),
            format!("to be verified ({} missing): {}", missing.join(", "), self.reason.en),
        );
        Self { to_verify: true, points: None, best: None, ..self }
    }
}

/// What a scheme makes of one enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    pub cohort: Option<String>,
    /// Out of the ranking: in no cohort, a class of its own, new, or too small.
    pub apart: bool,
    /// In the scheme's order; none of who is out of the ranking.
    pub items: Vec<ItemScore>,
    /// Bonus and malus together.
    pub points: Decimal,
    /// To six places.
    pub score: Option<Decimal>,
    /// From 1; equal scores share the better rank.
    pub rank: Option<usize>,
    /// How many of the cohort have a rank.
    pub ranked: Option<usize>,
    pub grade: Option<String>,
    /// Some item tells of other enterprises.
    pub relative: bool,
    pub evidence: Vec<Evidence>,
}
