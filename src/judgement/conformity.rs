//! Whether a use of land conforms to the plans (domain brief, §6): protected land, the growth boundary, the control plan's
//! use and floor-area ratio, the town's industry plan. What a plan does not say is unknown, and never a pass.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use schemars::JsonSchema;
use serde::Serialize;

use crate::layer::ClauseId;
use crate::layer::Conformity;
use crate::layer::Text;
use crate::layer::Use;
use crate::measure;

mod clause;
mod words;

/// What came of a clause, and of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConformityOutcome")]
pub enum Outcome {
    Pass,
    /// Only after the plan was changed.
    NeedsPlanChange,
    Fail,
    /// A plan or figure is missing, or may not be read.
    Unknown,
    /// Of a clause only: the path does not have to keep it.
    NotApplicable,
}

impl Outcome {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NeedsPlanChange => "needs_plan_change",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// What is to be done with the land.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The id of a use, or a land-use code; `None`: any that the plan would have for industry and research.
    pub land_use: Option<String>,
    pub far: Option<Decimal>,
    /// The id of a path; `None`: the present use stays.
    pub path: Option<String>,
    /// Whether what is not given is there and may not be read.
    pub use_withheld: bool,
    pub far_withheld: bool,
}

/// A plan polygon on the land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ConformityHit")]
pub struct Hit {
    pub code: Option<String>,
    pub name: Option<String>,
    pub approval_no: Option<String>,
    pub approved_on: Option<NaiveDate>,
    /// The plot's land-use code, of the control plan only.
    pub land_use_code: Option<String>,
    pub far_limit: Option<Decimal>,
    /// m² of the land that the polygon covers.
    pub area_m2: Decimal,
}

/// What is known of one plan on the land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// The layer has no rows.
    Missing,
    /// There is one, and the scope may not read it.
    Withheld,
    Known {
        /// m² under its polygons, each place once.
        covered_m2: Decimal,
        /// m² by land-use code, each place once for each code.
        by_use: BTreeMap<String, Decimal>,
        /// Largest first.
        hits: Vec<Hit>,
    },
}

/// The land and its plans, by layer.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// m² in the plane in which the overlaps are measured.
    pub area_m2: Decimal,
    pub plans: BTreeMap<String, Plan>,
}

/// One clause, with everything it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "ConformityClause")]
pub struct Clause {
    pub clause: ClauseId,
    pub layer: String,
    pub outcome: Outcome,
    /// The rule in words.
    pub basis: Text,
    /// What was found, as a sentence.
    pub finding: Text,
    /// m² and 亩 of what stands against it or, of the control plan, of its main use; null where nothing is known.
    pub area_m2: Option<Decimal>,
    pub area_mu: Option<Decimal>,
    /// The same as a share of the land.
    pub share: Option<Decimal>,
    /// The limit that was compared with: m² tolerated, a share or a floor-area ratio.
    pub limit: Option<Decimal>,
    /// The control plan's main use, of the clause on use.
    pub land_use_code: Option<String>,
    /// At most [`HITS`] polygons, largest first.
    pub hits: Vec<Hit>,
}

/// Polygons that a clause quotes.
pub const HITS: usize = 20;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conforms {
    pub outcome: Outcome,
    pub clauses: Vec<Clause>,
    /// m² on protected land; `None` where a plan of it is missing.
    pub protected_m2: Option<Decimal>,
    /// m² outside the boundary.
    pub outside_m2: Option<Decimal>,
    pub plan_use: Option<String>,
    pub plan_far: Option<Decimal>,
}

/// The folder's numbers, exactly.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    pub spec: &'a Conformity,
    pub tolerance_m2: Decimal,
    pub tolerance_share: Decimal,
    pub inside_boundary: Decimal,
    pub covered: Decimal,
    pub inside_layout: Decimal,
}

impl<'a> Settings<'a> {
    /// Of a folder's section, the numbers of which were checked to be finite.
    pub fn of(spec: &'a Conformity) -> Self {
        let exact = |it: f64| Decimal::from_f64(it).unwrap_or_default();
        Self {
            spec,
            tolerance_m2: exact(spec.tolerance_m2),
            tolerance_share: exact(spec.tolerance_share),
            inside_boundary: exact(spec.boundary.inside_at_least),
            covered: exact(spec.control.covered_at_least),
            inside_layout: exact(spec.layout.inside_at_least),
        }
    }

    /// m² that an overlap may have without being one.
    pub fn tolerated(&self, area_m2: Decimal) -> Decimal {
        self.tolerance_m2.max(area_m2 * self.tolerance_share)
    }

    /// The use of that id, or the one that a land-use code belongs to.
    pub fn find_use(&self, name: &str) -> Option<&'a Use> {
        let by_id = self.spec.uses.iter().find(|it| it.id == name);
        let of_code = |it: &&Use| it.codes.iter().any(|code| matches(code, name));
        by_id.or_else(|| self.spec.uses.iter().find(of_code))
    }
}

/// Whether a code is of a pattern: `1001*` has all that begin with 1001.
pub fn matches(pattern: &str, code: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == code, |start| code.starts_with(start))
}

/// Holds a proposal against the plans. A clause that fails decides; without one, a change of plan that is needed; without
/// one, what is unknown; only where every clause that applies is kept is it a pass.
pub fn decide(settings: &Settings<'_>, proposal: &Proposal, facts: &Facts) -> Conforms {
    let spec = settings.spec;
    let mut clauses: Vec<Clause> = Vec::new();
    for it in &spec.protected {
        clauses.push(clause::protected(settings, facts, it));
    }
    clauses.push(clause::boundary(settings, facts));
    let (of_use, main) = clause::land_use(settings, facts, proposal);
    clauses.push(of_use);
    let (of_far, plan_far) = clause::far(settings, facts, proposal, main.as_deref());
    clauses.push(of_far);
    clauses.push(clause::layout(settings, facts));
    let protected = spec.protected.len();
    let protected_m2 = clauses[..protected].iter().map(|it| it.area_m2).sum::<Option<Decimal>>();
    let outside_m2 = clauses[protected].area_m2;
    let path = proposal.path.as_ref().and_then(|id| spec.paths.iter().find(|it| it.id == *id));
    if let Some(path) = path {
        for it in clauses.iter_mut().filter(|it| path.exempt.contains(&it.clause)) {
            it.outcome = Outcome::NotApplicable;
            it.finding = words::exempt(path, &it.finding);
        }
    }
    Conforms {
        outcome: overall(clauses.iter().map(|it| it.outcome)),
        clauses,
        protected_m2,
        outside_m2,
        plan_use: main,
        plan_far,
    }
}

/// The worst that is known; then what is not known; then a pass.
pub fn overall(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let all: Vec<Outcome> = outcomes.collect();
    [Outcome::Fail, Outcome::NeedsPlanChange, Outcome::Unknown]
        .into_iter()
        .find(|it| all.contains(it))
        .unwrap_or(Outcome::Pass)
}

/// A part of the land, with six places.
fn share(part: Decimal, whole: Decimal) -> Option<Decimal> {
    measure::ratio(part, whole)
}

#[cfg(test)]
mod tests;
