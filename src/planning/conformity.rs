//! Whether land conforms to the plans: parcels by their codes, or a drawn shape, with what is proposed for it. What the
//! caller may not read of a plan or a parcel is unknown to the answer, and said.

use geo::MultiPolygon;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::conformity::Clause;
use crate::judgement::conformity::Conforms;
use crate::judgement::conformity::Facts;
use crate::judgement::conformity::Outcome;
use crate::judgement::conformity::Proposal;
use crate::judgement::conformity::Settings;
use crate::judgement::conformity::decide;
use crate::layer::Conformity;
use crate::layer::Layer;
use crate::layer::Text;
use crate::measure;
use crate::parcel;

use super::one_of;
use super::plans::PlanVersion;
use super::plans::Plans;
use super::queries::overlap::Land;
use super::queries::parcels;
use super::queries::parcels::Found;
use super::queries::parcels::Readable;
use super::sensible_far;
use super::settings;
use super::shape::Shape;

/// Codes of one question.
pub const CODES_MAX: usize = 1_000;

/// The body of `POST /api/v1/conformity`: codes or a shape, and what is proposed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ConformityQuestion")]
pub struct Question {
    /// Codes of parcels, at most 1,000; one that is in no register is named in `not_found`.
    #[serde(default)]
    pub parcel_codes: Option<Vec<String>>,
    /// A drawn shape, in degrees.
    #[serde(default)]
    pub shape: Option<Shape>,
    /// A use (`industrial`, `research`, …) or a land-use code; left out, a parcel's present one.
    #[serde(default, rename = "use")]
    pub land_use: Option<String>,
    /// The floor-area ratio; left out, a parcel's present one.
    #[serde(default)]
    pub far: Option<Decimal>,
    /// A path (`self_renewal`, `reduction`, …).
    #[serde(default)]
    pub path: Option<String>,
}

/// What is to be done with the land; left out, a parcel's present use and floor-area ratio.
#[derive(Clone, Debug, Default)]
pub struct Proposed {
    pub land_use: Option<String>,
    pub far: Option<Decimal>,
    pub path: Option<String>,
}

impl Proposed {
    /// Refuses what the folder does not know.
    fn check(&self, spec: &Conformity) -> Result<()> {
        check_proposed(spec, self.land_use.as_deref(), self.far, self.path.as_deref())
    }
}

/// Refuses a use, ratio or path that the folder does not know.
pub(super) fn check_proposed(
    spec: &Conformity,
    land_use: Option<&str>,
    far: Option<Decimal>,
    path: Option<&str>,
) -> Result<()> {
    sensible_far(far)?;
    if let Some(path) = path {
        one_of("path", path, spec.paths.iter().map(|it| it.id.as_str()))?;
    }
    match land_use {
        Some(it) if Settings::of(spec).find_use(it).is_none() => {
            one_of("use", it, spec.uses.iter().map(|it| it.id.as_str()))
        }
        _ => Ok(()),
    }
}

/// What land was held against the plans with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConformityProposed")]
pub struct Held {
    #[serde(rename = "use")]
    pub land_use: Option<String>,
    pub far: Option<Decimal>,
    pub path: Option<String>,
    /// Whether use and ratio are the parcel's present ones.
    pub present: bool,
}

/// One piece of land against the plans.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConformityItem")]
pub struct Item {
    /// Null of a drawn shape.
    pub parcel_code: Option<String>,
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    /// m² in the equal-area plane, and 亩.
    pub area_m2: Decimal,
    pub area_mu: Decimal,
    pub proposed: Held,
    pub outcome: Outcome,
    /// Whether every clause could be decided.
    pub complete: bool,
    pub clauses: Vec<Clause>,
    /// What the caller may not read of the parcel, and the answer does not know therefore.
    pub withheld: Vec<String>,
}

/// The answer of conformity.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConformityAnswer")]
pub struct Answer {
    pub items: Vec<Item>,
    pub not_found: Vec<String>,
    /// The plans, in the order of the clauses.
    pub plans: Vec<PlanVersion>,
    /// PROJ string of the plane in which areas were measured.
    pub projection: String,
}

/// The answer of `GET /api/v1/conformity`: what can be proposed, and what it is held against.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConformityTerms")]
pub struct Terms {
    /// The derived layer that shows present uses.
    pub layer: String,
    pub uses: Vec<Choice>,
    pub paths: Vec<Choice>,
    /// Layers of plans, in the order of the clauses.
    pub plans: Vec<String>,
    /// An overlap up to the larger of the two is none: m², and a share of the land.
    pub tolerance_m2: Decimal,
    pub tolerance_share: Decimal,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConformityChoice")]
pub struct Choice {
    pub id: String,
    pub title: Text,
}

/// What the layer folder says; a folder is no secret.
pub fn terms(app: &App) -> Result<Terms> {
    let (layer, spec) = settings(app)?;
    let exact = Settings::of(spec);
    let choice = |id: &String, title: &Text| Choice { id: id.clone(), title: title.clone() };
    Ok(Terms {
        layer: layer.id.clone(),
        uses: spec.uses.iter().map(|it| choice(&it.id, &it.title)).collect(),
        paths: spec.paths.iter().map(|it| choice(&it.id, &it.title)).collect(),
        plans: spec.layers().map(ToOwned::to_owned).collect(),
        tolerance_m2: exact.tolerance_m2,
        tolerance_share: exact.tolerance_share,
    })
}

/// Answers a question about codes or a shape.
pub async fn answer(app: &App, scope: &Scope, asked: &Question) -> Result<Answer> {
    let (_, spec) = settings(app)?;
    let proposed =
        Proposed { land_use: asked.land_use.clone(), far: asked.far, path: asked.path.clone() };
    proposed.check(spec)?;
    match (&asked.parcel_codes, &asked.shape) {
        (Some(codes), None) => {
            if codes.is_empty() || codes.len() > CODES_MAX {
                return Err(Error::parameter("parcel_codes", format!("1..{CODES_MAX}")));
            }
            if codes.iter().any(|it| it.contains('\0')) {
                return Err(Error::parameter("parcel_codes", "不允许空字符 / no NUL characters"));
            }
            of_codes(app, scope, codes, &proposed).await
        }
        (None, Some(shape)) => {
            let shape = shape.parse("shape", spec.drawn_reach_m, app.config.projection_centre)?;
            of_shape(app, scope, &shape, &proposed).await
        }
        _ => Err(Error::parameter(
            "parcel_codes",
            "`parcel_codes` 与 `shape` 二者取一 / give either `parcel_codes` or `shape`",
        )),
    }
}

/// Answers for one parcel.
pub async fn of_parcel(
    app: &App,
    scope: &Scope,
    parcel_code: &str,
    proposed: &Proposed,
) -> Result<Answer> {
    proposed.check(settings(app)?.1)?;
    let answer = of_codes(app, scope, &[parcel_code.to_owned()], proposed).await?;
    if answer.items.is_empty() {
        return Err(Error::not_found("宗地 parcel", parcel_code));
    }
    Ok(answer)
}

async fn of_codes(
    app: &App,
    scope: &Scope,
    codes: &[String],
    proposed: &Proposed,
) -> Result<Answer> {
    let (_, spec) = settings(app)?;
    let layer = app.layer(scope, parcel::LAYER)?;
    let mut db = app.db.read(scope).await?;
    // One moment for parcels and plans.
    db.begin().await?;
    let reads = |name: &str| layer.field_for(scope, name).is_some();
    let readable = Readable {
        name: reads("name"),
        unit: reads("responsible_unit"),
        land_use: reads("land_use_code"),
        far: scope.may(app.layers.measure_role("far")),
        far_reported: reads("far_reported"),
    };
    let found = parcels::of_codes(&mut db, layer, readable, codes).await?;
    let ids: Vec<i64> = found.iter().map(|it| it.parcel_id).collect();
    let read = Plans::read(app, &mut db, scope, Land::Parcels(&ids)).await?;
    db.end().await?;
    let items = found.iter().map(|it| {
        let (proposal, held, withheld) = of_present(app, scope, layer, it, proposed);
        let known = Known { code: Some(it), held, withheld };
        item(spec, &proposal, &read.facts(it.parcel_id), known)
    });
    let items: Vec<Item> = items.collect();
    let there = |code: &String| found.iter().any(|it| it.parcel_code == *code);
    let mut not_found: Vec<String> = codes.iter().filter(|it| !there(it)).cloned().collect();
    not_found.sort_unstable();
    not_found.dedup();
    Ok(Answer { items, not_found, plans: read.versions, projection: app.config.projection() })
}

async fn of_shape(
    app: &App,
    scope: &Scope,
    shape: &MultiPolygon<f64>,
    proposed: &Proposed,
) -> Result<Answer> {
    let (_, spec) = settings(app)?;
    let mut db = app.db.read(scope).await?;
    db.begin().await?;
    let read = Plans::read(app, &mut db, scope, Land::Drawn(shape)).await?;
    db.end().await?;
    let proposal = Proposal {
        land_use: proposed.land_use.clone(),
        far: proposed.far,
        path: proposed.path.clone(),
        ..Proposal::default()
    };
    let held = Held {
        land_use: proposed.land_use.clone(),
        far: proposed.far,
        path: proposed.path.clone(),
        present: false,
    };
    let known = Known { code: None, held, withheld: Vec::new() };
    let items = vec![item(spec, &proposal, &read.facts(0), known)];
    let projection = app.config.projection();
    Ok(Answer { items, not_found: Vec::new(), plans: read.versions, projection })
}

/// What is proposed or, where nothing is, what there is now, as far as the scope may know it in the parcel's unit.
fn of_present(
    app: &App,
    scope: &Scope,
    layer: &Layer,
    found: &Found,
    proposed: &Proposed,
) -> (Proposal, Held, Vec<String>) {
    let here = scope.in_unit(found.unit.as_deref());
    let mut withheld = Vec::new();
    // What no folder publishes is nobody's, and no role would change that.
    let hides =
        |name: &str| layer.field.contains_key(name) && layer.field_for(&here, name).is_none();
    let use_withheld = proposed.land_use.is_none() && hides("land_use_code");
    let far_withheld = proposed.far.is_none() && !here.may(app.layers.measure_role("far"));
    withheld.extend(use_withheld.then(|| "land_use_code".to_owned()));
    withheld.extend(far_withheld.then(|| "far".to_owned()));
    let present = proposed.land_use.is_none() && proposed.far.is_none() && proposed.path.is_none();
    let land_use =
        proposed.land_use.clone().or_else(|| found.land_use_code.clone().filter(|_| !use_withheld));
    let far = proposed.far.or_else(|| found.far.filter(|_| !far_withheld));
    let path = proposed.path.clone();
    let held = Held { land_use: land_use.clone(), far, path: path.clone(), present };
    (Proposal { land_use, far, path, use_withheld, far_withheld }, held, withheld)
}

/// What is told of the land itself.
struct Known<'a> {
    code: Option<&'a Found>,
    held: Held,
    withheld: Vec<String>,
}

fn item(spec: &Conformity, proposal: &Proposal, facts: &Facts, known: Known<'_>) -> Item {
    let Conforms { outcome, clauses, .. } = decide(&Settings::of(spec), proposal, facts);
    Item {
        parcel_code: known.code.map(|it| it.parcel_code.clone()),
        name: known.code.and_then(|it| it.name.clone()),
        responsible_unit: known.code.and_then(|it| it.responsible_unit.clone()),
        area_m2: facts.area_m2,
        area_mu: measure::mu_from_m2(facts.area_m2),
        proposed: known.held,
        outcome,
        complete: clauses.iter().all(|it| it.outcome != Outcome::Unknown),
        clauses,
        withheld: known.withheld,
    }
}
