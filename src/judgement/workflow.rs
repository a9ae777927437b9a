//! How land comes back into use: the states of a case, the steps between them and who may take them, the paths with their
//! milestones, and how areas are counted. What is configuration stands in `workflow/workflow.toml`; what is law stands here.
//! Areas are 亩, exact.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use anyhow::Context;
use anyhow::ensure;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::layer::Text;

pub mod account;
pub mod league;
pub mod period;
#[cfg(test)]
mod tests;

use account::Account;

/// Where a case stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 查找: found by a rule, by hand, on patrol.
    Candidate,
    /// 筛选: the town has looked.
    Verified,
    /// 列入: in the plan, with path, area, unit, person and dates.
    Listed,
    /// 整治中.
    InProgress,
    /// 验收: its area counts.
    Accepted,
    /// 销号.
    Closed,
    /// 剔除 or 移出; its history stays.
    Removed,
}

impl State {
    /// All of them, in the order of the work.
    pub const ALL: [Self; 7] = [
        Self::Candidate,
        Self::Verified,
        Self::Listed,
        Self::InProgress,
        Self::Accepted,
        Self::Closed,
        Self::Removed,
    ];

    /// Its stable name, as in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Verified => "verified",
            Self::Listed => "listed",
            Self::InProgress => "in_progress",
            Self::Accepted => "accepted",
            Self::Closed => "closed",
            Self::Removed => "removed",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What officers call it.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Candidate => "查找",
            Self::Verified => "筛选",
            Self::Listed => "列入",
            Self::InProgress => "整治中",
            Self::Accepted => "验收",
            Self::Closed => "销号",
            Self::Removed => "移出",
        }
    }

    /// Where a return leads.
    const fn previous(self) -> Self {
        match self {
            Self::Candidate | Self::Verified | Self::Removed => Self::Candidate,
            Self::Listed => Self::Verified,
            Self::InProgress => Self::Listed,
            Self::Accepted => Self::InProgress,
            Self::Closed => Self::Accepted,
        }
    }
}

/// Who acts on a case, from nobody to everything; each may do what those before may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Answers for other units only.
    Nobody,
    /// An officer of the case's unit.
    Unit,
    /// An officer for all units.
    District,
    /// The keeper of the data.
    Steward,
}

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    State(State),
    Previous,
    Same,
}

impl<'de> Deserialize<'de> for Goal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            "previous" => Ok(Self::Previous),
            "same" => Ok(Self::Same),
            name => State::parse(name).map(Self::State).ok_or_else(|| {
                serde::de::Error::custom(format!("`{name}` is no state, `previous` or `same`"))
            }),
        }
    }
}

/// What a step does besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    #[default]
    None,
    /// Stops unless plan and red lines allow it.
    Conform,
    /// Counts what was disposed of.
    Count,
    /// Takes back what was counted.
    TakeBack,
    Hold,
    Resume,
}

/// What a case may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: String,
    pub title: Text,
    from: Vec<State>,
    to: Goal,
    /// The least who may.
    pub by: Actor,
    /// Whether one has to be written.
    #[serde(default)]
    pub reason: bool,
    /// Members of the case that must be filled.
    #[serde(default)]
    pub needs: Vec<String>,
    #[serde(default)]
    pub effect: Effect,
}

impl Step {
    /// The state after the step.
    pub fn leads(&self, from: State) -> State {
        match self.to {
            Goal::State(it) => it,
            Goal::Previous => from.previous(),
            Goal::Same => from,
        }
    }

    /// Whether the case is on hold after the step: what goes to another state is not.
    pub fn holds(&self, from: State, held: bool) -> bool {
        match self.effect {
            Effect::Hold => true,
            Effect::Resume => false,
            _ => held && self.leads(from) == from,
        }
    }

    /// Whether it undoes work.
    fn goes_back(&self, from: State) -> bool {
        self.to == Goal::Previous || self.leads(from) == State::Removed
    }
}

/// One of the stations of a path.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    pub id: String,
    pub zh: String,
    pub en: String,
}

/// A way in which land is disposed of.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    pub id: String,
    pub title: Text,
    /// Whether something is built or renewed there: what a red line stops.
    pub builds: bool,
    /// The milestone without which nothing is accepted.
    pub accept_after: String,
    pub milestones: Vec<Milestone>,
}

/// What stops a case that builds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conformity {
    /// Layers on which nothing is built.
    pub red_lines: Vec<String>,
    /// The layer outside of which nothing is built.
    pub boundary: String,
    /// Overlaps up to the larger of both are slivers.
    pub tolerance_m2: Decimal,
    pub tolerance_share: Decimal,
    /// The least who may pass the stop, with a document's number.
    pub override_by: Actor,
}

/// From which rate on a phased target is met, and nearly met.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lights {
    pub green: Decimal,
    pub amber: Decimal,
}

/// The whole of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    #[serde(rename = "path")]
    pub paths: Vec<Way>,
    pub conformity: Conformity,
    pub lights: Lights,
}

/// A case as far as the rules look at it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    pub state: State,
    pub held: bool,
    pub path: Option<&'a str>,
    /// Members that are filled.
    pub filled: BTreeSet<&'a str>,
    /// Milestones that were reached.
    pub reached: BTreeSet<&'a str>,
    pub account: Account,
}

/// Why a step cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("没有 `{0}` 这一步 / there is no step `{0}`")]
    Unknown(String),
    #[error("{0}需要更高权限 / your role may not take this step: it needs `{1:?}`")]
    Role(String, Actor),
    #[error("“{now}”状态不能{step} / `{id}` cannot be taken from `{from:?}`", now = from.zh())]
    NotFrom { step: String, id: String, from: State },
    #[error("已暂缓，请先恢复办理 / the case is on hold: resume it first")]
    Held,
    #[error("未暂缓 / the case is not on hold")]
    NotHeld,
    #[error("请写明理由 / say why: `reason`")]
    Reason,
    #[error("缺少 / still missing: {}", .0.join(", "))]
    Missing(Vec<String>),
    #[error("须先完成节点“{0}” / the milestone `{1}` comes first")]
    Milestone(String, String),
    #[error("没有可验收的处置面积 / there is no disposed area that could be counted")]
    NothingToCount,
    #[error("没有已计入的面积 / nothing has been counted")]
    NothingCounted,
    #[error("已有验收面积，请先撤销验收 / area has been counted: take the acceptance back first")]
    Counted,
}

impl Workflow {
    /// The shipped one.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Workflow> = OnceLock::new();
        SHIPPED.get_or_init(|| {
            Self::parse(include_str!("workflow/workflow.toml"))
                .expect("a test reads the shipped workflow")
        })
    }

    /// Reads and checks a workflow.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let it: Self = toml::from_str(text).context("reading workflow.toml")?;
        let unique = |ids: Vec<&str>| ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
        ensure!(
            unique(it.steps.iter().map(|it| it.id.as_str()).collect()),
            "a step is there twice"
        );
        ensure!(
            unique(it.paths.iter().map(|it| it.id.as_str()).collect()),
            "a path is there twice"
        );
        for way in &it.paths {
            let ids: Vec<&str> = way.milestones.iter().map(|it| it.id.as_str()).collect();
            ensure!(unique(ids.clone()), "path `{}` has a milestone twice", way.id);
            ensure!(
                ids.contains(&way.accept_after.as_str()),
                "path `{}` has no milestone `{}`",
                way.id,
                way.accept_after
            );
        }
        ensure!(it.lights.amber <= it.lights.green, "amber begins above green");
        Ok(it)
    }

    /// The step of that id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|it| it.id == id)
    }

    /// The path of that id.
    pub fn path(&self, id: &str) -> Option<&Way> {
        self.paths.iter().find(|it| it.id == id)
    }

    /// The step, if the actor may take it now. Plan and red lines are asked for by who has them.
    pub fn allow(
        &self,
        case: &Standing<'_>,
        id: &str,
        actor: Actor,
        reason: Option<&str>,
    ) -> Result<&Step, Refusal> {
        let step = self.step(id).ok_or_else(|| Refusal::Unknown(id.to_owned()))?;
        if actor < step.by {
            return Err(Refusal::Role(step.title.zh.clone(), step.by));
        }
        if !step.from.contains(&case.state) {
            return Err(Refusal::NotFrom {
                step: step.title.zh.clone(),
                id: step.id.clone(),
                from: case.state,
            });
        }
        let back = step.goes_back(case.state);
        match step.effect {
            Effect::Resume if !case.held => return Err(Refusal::NotHeld),
            Effect::Resume | Effect::TakeBack => {}
            _ if case.held && !back => return Err(Refusal::Held),
            _ => {}
        }
        if back && !case.account.counted_mu.is_zero() {
            return Err(Refusal::Counted);
        }
        if step.reason && reason.is_none_or(|it| it.trim().is_empty()) {
            return Err(Refusal::Reason);
        }
        let missing = step.needs.iter().filter(|it| !case.filled.contains(it.as_str()));
        let missing: Vec<String> = missing.cloned().collect();
        if !missing.is_empty() {
            return Err(Refusal::Missing(missing));
        }
        match step.effect {
            Effect::Count => self.countable(case)?,
            Effect::TakeBack if case.account.counted_mu.is_zero() => {
                return Err(Refusal::NothingCounted);
            }
            _ => {}
        }
        Ok(step)
    }

    /// Whether there is something to accept.
    fn countable(&self, case: &Standing<'_>) -> Result<(), Refusal> {
        let Some(way) = case.path.and_then(|it| self.path(it)) else {
            return Err(Refusal::Missing(vec!["path".to_owned()]));
        };
        if !case.reached.contains(way.accept_after.as_str()) {
            let title = way.milestones.iter().find(|it| it.id == way.accept_after);
            let title = title.map_or(String::new(), |it| it.zh.clone());
            return Err(Refusal::Milestone(title, way.accept_after.clone()));
        }
        if case.account.disposed_mu <= case.account.counted_mu {
            return Err(Refusal::NothingToCount);
        }
        Ok(())
    }

    /// The ids of the steps that the actor may think of now, whatever is still missing.
    pub fn open_steps(&self, state: State, held: bool, actor: Actor) -> Vec<&str> {
        let open = self.steps.iter().filter(|it| {
            it.from.contains(&state)
                && actor >= it.by
                && match it.effect {
                    Effect::Resume => held,
                    Effect::TakeBack => true,
                    _ => !held || it.goes_back(state),
                }
        });
        open.map(|it| it.id.as_str()).collect()
    }
}
