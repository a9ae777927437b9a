//! What the folders of the planning layers say besides fields and look: which plans a proposal is held against, with the
//! tolerances, and how land is put together. Numbers that an office decides on stand in the folder, none in the code.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use super::Text;

/// A layer whose polygons no building may stand on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    pub layer: String,
    /// The rule, in the words that an answer quotes.
    pub clause: Text,
}

/// The line within which building is concentrated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Boundary {
    pub layer: String,
    /// With a smaller share inside the land is outside; from it on, what lies outside asks for a change of the plan.
    pub inside_at_least: f64,
    pub clause: Text,
}

/// The statutory detailed plan.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    pub layer: String,
    /// The field with a plot's land-use code.
    pub code_field: String,
    /// The field with a plot's largest floor-area ratio.
    pub far_field: String,
    /// With a smaller share under plots the plan says nothing of the land.
    pub covered_at_least: f64,
    pub use_clause: Text,
    pub far_clause: Text,
}

/// Where the town wants industry.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    pub layer: String,
    pub inside_at_least: f64,
    pub clause: Text,
}

/// A use that may be proposed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Use {
    pub id: String,
    pub title: Text,
    /// Codes by which parcels name it; one that ends in `*` stands for all that begin so.
    pub codes: Vec<String>,
    /// Codes of the control plan that take it, written alike.
    pub allowed_on: Vec<String>,
}

/// A clause of the check.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConformityClauseId")]
pub enum ClauseId {
    Protected,
    Boundary,
    Use,
    Far,
    Layout,
}

impl ClauseId {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Boundary => "boundary",
            Self::Use => "use",
            Self::Far => "far",
            Self::Layout => "layout",
        }
    }
}

/// A way in which land is dealt with.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Path {
    pub id: String,
    pub title: Text,
    /// Clauses that it does not have to keep.
    #[serde(default)]
    pub exempt: Vec<ClauseId>,
}

/// Land outside the construction area that is to be given back.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    /// The layer that classes parcels, and the class that is reduced.
    pub layer: String,
    pub class: String,
    /// The path that such land takes.
    pub path: String,
    /// 亩 of quota for each 亩 that is reclaimed.
    pub quota_per_mu: f64,
}

/// Where projects look for room.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sites {
    /// A parcel's status that says that there is room on it.
    pub available: Vec<String>,
    /// Pieces of land, and buildings, that are looked at closely: the likeliest ones.
    pub pool: u32,
}

/// What a proposal is held against.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conformity {
    /// What overlaps by no more than the larger of the two is the maps' inexactness.
    pub tolerance_m2: f64,
    pub tolerance_share: f64,
    /// A drawn shape may not reach further than this from its first vertex.
    pub drawn_reach_m: f64,
    pub protected: Vec<Protected>,
    pub boundary: Boundary,
    pub control: Control,
    pub layout: Layout,
    pub uses: Vec<Use>,
    pub paths: Vec<Path>,
    pub reduction: Reduction,
    pub sites: Sites,
}

impl Conformity {
    /// The layers that are read, in the order of the clauses.
    pub fn layers(&self) -> impl Iterator<Item = &str> {
        let protected = self.protected.iter().map(|it| it.layer.as_str());
        protected.chain([
            self.boundary.layer.as_str(),
            self.control.layer.as_str(),
            self.layout.layer.as_str(),
        ])
    }
}

/// By what assemblies are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AssemblyRank")]
pub enum RankBy {
    /// The most first.
    Mu,
    /// The fewest first; unknown last.
    Holders,
    /// The most compact first.
    Compactness,
    /// The largest share that conforms first; unknown last.
    PlanFit,
}

/// How low-efficiency land is put together to larger pieces.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assembly {
    /// The derived layer whose verdict `low` chooses parcels.
    pub verdicts: String,
    /// The derived layer that says how far they conform to plans.
    pub conformity: String,
    /// Parcels no further apart belong together.
    pub gap_m: f64,
    /// Layers of lines or polygons that keep parcels apart.
    pub barriers: Vec<String>,
    /// Whether parcels of different responsible units stay apart.
    pub same_unit: bool,
    pub mu_at_least: f64,
    pub parcels_at_least: u32,
    pub rank_by: Vec<RankBy>,
}
