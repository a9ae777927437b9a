//! `POST /api/v1/sites/search` (招商选址): land and buildings that a project fits on, with what speaks for and against each.
//! What the caller may not read is unknown, and never counts as a fit.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::conformity;
use crate::judgement::conformity::Outcome;
use crate::judgement::conformity::Proposal;
use crate::judgement::conformity::Settings;
use crate::judgement::site;
use crate::judgement::site::Reason;
use crate::judgement::site::Wanted;
use crate::judgement::site::Weighed;
use crate::layer::ClauseId;
use crate::layer::Conformity;
use crate::layer::Geometry;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::measure;
use crate::parcel;

use super::conformity::check_proposed;
use super::field_of;
use super::plans::Plans;
use super::queries::overlap::Land;
use super::queries::sites as queries;
use super::queries::sites::Columns;
use super::queries::sites::Found;
use super::queries::sites::Near;
use super::settings;

/// Results of one answer.
const RESULTS_MAX: usize = 200;

/// The body of `POST /api/v1/sites/search`: land or floor, or both, and what else the project needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SitesQuestion")]
pub struct Question {
    /// 亩 of land.
    #[serde(default)]
    pub land_mu: Option<Decimal>,
    /// m² of floor: vacant in a building or, with a floor-area ratio, to be built on land.
    #[serde(default)]
    pub floor_m2: Option<Decimal>,
    /// A use (`industrial`, `research`, …) or a land-use code.
    #[serde(default, rename = "use")]
    pub land_use: Option<String>,
    #[serde(default)]
    pub far: Option<Decimal>,
    #[serde(default)]
    pub path: Option<String>,
    /// GB/T 4754, as `C3411`.
    #[serde(default)]
    pub sector: Option<String>,
    /// tce a year that the project needs.
    #[serde(default)]
    pub energy_tce: Option<Decimal>,
    #[serde(default)]
    pub near: Option<Nearby>,
    #[serde(default)]
    pub responsible_unit: Option<String>,
    /// 20 when left out, at most 200.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// What the site has to be near to: a point or a layer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SitesNearby")]
pub struct Nearby {
    /// Longitude and latitude in degrees.
    #[serde(default)]
    pub point: Option<[f64; 2]>,
    #[serde(default)]
    pub layer: Option<String>,
    /// At most 50,000.
    pub within_m: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SiteKind")]
pub enum SiteKind {
    Land,
    Building,
}

/// Land or a building.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Site {
    pub rank: usize,
    pub kind: SiteKind,
    pub parcel_code: String,
    /// Of a building.
    pub building_code: Option<String>,
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    /// Of land.
    pub area_mu: Option<Decimal>,
    /// Of a building, m².
    pub vacant_m2: Option<Decimal>,
    pub distance_m: Option<Decimal>,
    /// Whether everything that was asked for is known and there.
    pub fits: bool,
    pub outcome: Outcome,
    pub reasons: Vec<Reason>,
    /// Longitude and latitude of a point on it.
    pub point: [f64; 2],
}

/// The answer of `POST /api/v1/sites/search`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SitesAnswer")]
pub struct Answer {
    pub sites: Vec<Site>,
    /// Land and buildings that were looked at closely.
    pub considered: usize,
    /// Whether there were more that are large and near enough: the likeliest were looked at.
    pub cut: bool,
    /// How many of them fit.
    pub fitting: usize,
    /// What the caller may not read and the answer does not know therefore.
    pub withheld: Vec<String>,
}

/// Searches.
pub async fn search(app: &App, scope: &Scope, asked: &Question) -> Result<Answer> {
    let (conformity, spec) = settings(app)?;
    check_proposed(spec, asked.land_use.as_deref(), asked.far, asked.path.as_deref())?;
    let wanted = wanted(asked)?;
    let limit = asked.limit.unwrap_or(20);
    if !(1..=RESULTS_MAX).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{RESULTS_MAX}")));
    }
    let near = asked.near.as_ref().map(|it| nearby(app, scope, it)).transpose()?;
    let parcels = app.layer(scope, parcel::LAYER)?;
    let columns = columns(app, scope, parcels);
    if asked.responsible_unit.is_some() && columns.unit.is_none() {
        return Err(Error::parameter("responsible_unit", "无权读取 / not to be read by your role"));
    }
    let buildings = app.layers.register("building").filter(|it| it.readable(scope));
    let vacant = buildings.filter(|it| {
        ["vacant_area_m2", "parcel_code", "building_code"]
            .iter()
            .all(|name| it.field_for(scope, name).is_some())
    });
    let withheld = withheld(&wanted, &columns, vacant.is_some(), conformity.readable(scope));
    let pool = usize::try_from(spec.sites.pool).unwrap_or(usize::MAX);
    let filter = queries::Filter {
        near: near.as_ref(),
        unit: asked.responsible_unit.as_deref(),
        available: &spec.sites.available,
        most: pool + 1,
    };
    let mut db = app.db.read(scope).await?;
    db.begin().await?;
    let mut found = Vec::new();
    if let (Some(mu), Some(_)) = (wanted.land_mu, columns.area_mu) {
        found.push(queries::land(&mut db, parcels, &columns, &filter, mu).await?);
    }
    if let (Some(floor), Some(layer)) = (wanted.floor_m2, vacant) {
        found.push(queries::buildings(&mut db, layer, parcels, &columns, &filter, floor).await?);
    }
    let cut = found.iter().any(|it| it.len() > pool);
    let found: Vec<Found> = found.into_iter().flat_map(|it| it.into_iter().take(pool)).collect();
    let mut ids: Vec<i64> = found.iter().map(|it| it.parcel_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let plans = Plans::read(app, &mut db, scope, Land::Parcels(&ids)).await?;
    db.end().await?;
    let mut sites: Vec<(Weighed, Found, Outcome)> = found
        .into_iter()
        .map(|it| {
            let (weighed, outcome) = weighed(spec, asked, &wanted, &plans, &it);
            (weighed, it, outcome)
        })
        .collect();
    sites.sort_by(|a, b| {
        site::compare(&a.0, &b.0)
            .then_with(|| a.1.distance_m.unwrap_or(0.0).total_cmp(&b.1.distance_m.unwrap_or(0.0)))
            .then_with(|| a.1.parcel_code.cmp(&b.1.parcel_code))
            .then_with(|| a.1.building_code.cmp(&b.1.building_code))
    });
    Ok(Answer {
        considered: sites.len(),
        cut,
        fitting: sites.iter().filter(|it| it.0.fits).count(),
        sites: (1..).zip(sites).take(limit).map(|(rank, it)| shown(rank, it)).collect(),
        withheld,
    })
}

/// The columns that the scope may read.
fn columns<'a>(app: &'a App, scope: &Scope, parcels: &Layer) -> Columns<'a> {
    let reads = |name: &'static str| parcels.field_for(scope, name).map(|_| name);
    Columns {
        name: reads("name"),
        unit: reads("responsible_unit"),
        status: reads("status"),
        sector: reads("industry_code"),
        area_mu: reads("area_mu"),
        verdict: derived(app, scope, "result.verdict"),
        energy_tce: derived(app, scope, "measure.energy_tce"),
    }
}

/// What the answer does not know, as the scope may not read it.
fn withheld(wanted: &Wanted, columns: &Columns<'_>, vacant: bool, plans: bool) -> Vec<String> {
    let kept = [
        ("area_mu", columns.area_mu.is_none() && wanted.land_mu.is_some()),
        ("vacant_area_m2", !vacant && wanted.floor_m2.is_some()),
        ("verdict", columns.verdict.is_none()),
        ("status", columns.status.is_none()),
        ("industry_code", columns.sector.is_none() && wanted.sector.is_some()),
        ("energy_tce", columns.energy_tce.is_none() && wanted.energy_tce.is_some()),
        ("conformity", !plans),
    ];
    kept.into_iter().filter(|(_, it)| *it).map(|(name, _)| name.to_owned()).collect()
}

/// Holds one offer against the plans and weighs it.
fn weighed(
    spec: &Conformity,
    asked: &Question,
    wanted: &Wanted,
    plans: &Plans,
    it: &Found,
) -> (Weighed, Outcome) {
    // Nothing is built where a building is let, so the ratio stays as it is; nor is a project that names none held against a
    // limit.
    let far = if it.building_code.is_some() { None } else { asked.far };
    let proposal = Proposal {
        land_use: asked.land_use.clone(),
        far,
        path: asked.path.clone(),
        ..Proposal::default()
    };
    let held = conformity::decide(&Settings::of(spec), &proposal, &plans.facts(it.parcel_id));
    let clauses = || held.clauses.iter().filter(|it| far.is_some() || it.clause != ClauseId::Far);
    let outcome = conformity::overall(clauses().map(|it| it.outcome));
    let offer = site::Offer {
        size: it.size,
        is_building: it.building_code.is_some(),
        is_available: it.status.as_ref().map(|it| spec.sites.available.contains(it)),
        is_low: it.verdict.as_deref().and_then(|it| match it {
            "low" => Some(true),
            "ok" => Some(false),
            _ => None,
        }),
        outcome,
        plan: clauses()
            .filter(|it| !matches!(it.outcome, Outcome::Pass | Outcome::NotApplicable))
            .map(|it| it.finding.clone())
            .collect(),
        sector: it.sector.clone(),
        energy_tce: it.energy_tce,
        distance_m: it.distance_m.and_then(measure::decimal_from_f64),
    };
    (site::weigh(wanted, &offer), outcome)
}

fn shown(rank: usize, (weighed, it, outcome): (Weighed, Found, Outcome)) -> Site {
    let is_building = it.building_code.is_some();
    Site {
        rank,
        kind: if is_building { SiteKind::Building } else { SiteKind::Land },
        parcel_code: it.parcel_code,
        building_code: it.building_code,
        name: it.name,
        responsible_unit: it.unit,
        area_mu: if is_building { None } else { Some(it.size) },
        vacant_m2: is_building.then_some(it.size),
        distance_m: it.distance_m.and_then(measure::decimal_from_f64),
        fits: weighed.fits,
        outcome,
        reasons: weighed.reasons,
        point: [it.x, it.y],
    }
}

/// What is asked for, with the land that floor takes where it is to be built.
fn wanted(asked: &Question) -> Result<Wanted> {
    let most = Decimal::from(10_000_000);
    for (name, value) in
        [("land_mu", asked.land_mu), ("floor_m2", asked.floor_m2), ("energy_tce", asked.energy_tce)]
    {
        if value.is_some_and(|it| it < Decimal::ZERO || it > most) {
            return Err(Error::parameter(name, format!("0..{most}")));
        }
    }
    if asked.land_mu.is_none() && asked.floor_m2.is_none() {
        return Err(Error::parameter(
            "land_mu",
            "请给出用地亩数或厂房面积 / say how many mu of land or m² of floor are wanted (`floor_m2`)",
        ));
    }
    let sector = asked.sector.as_deref().map(str::trim);
    let digits = |it: &str| {
        let it = it.strip_prefix(|it: char| it.is_ascii_alphabetic()).unwrap_or(it);
        (2..=4).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit())
    };
    if sector.is_some_and(|it| !digits(it)) {
        return Err(Error::parameter(
            "sector",
            "应为 GB/T 4754 代码，如 C3411 / a code of GB/T 4754, as C3411",
        ));
    }
    let to_build = match (asked.floor_m2, asked.far) {
        (Some(floor), Some(far)) => measure::ratio(floor, far).map(measure::mu_from_m2),
        _ => None,
    };
    Ok(Wanted {
        land_mu: asked.land_mu.max(to_build),
        floor_m2: asked.floor_m2,
        sector: sector.map(ToOwned::to_owned),
        energy_tce: asked.energy_tce,
        near: asked.near.is_some(),
    })
}

fn nearby<'a>(app: &'a App, scope: &Scope, asked: &Nearby) -> Result<Near<'a>> {
    if !(0.0..=50_000.0).contains(&asked.within_m) {
        return Err(Error::parameter("near.within_m", "0..50000 (m)"));
    }
    match (asked.point, &asked.layer) {
        (Some([x, y]), None) if x.abs() <= 180.0 && y.abs() <= 90.0 => {
            Ok(Near::Point { x, y, within_m: asked.within_m })
        }
        (Some(_), None) => Err(Error::parameter(
            "near.point",
            "应为经纬度 / a longitude and a latitude in degrees",
        )),
        (None, Some(id)) => {
            let layer = app.layer(scope, id)?;
            if layer.kind != Kind::Reference || layer.geometry == Geometry::None {
                let why = format!("不是参考图层 / `{id}` is no reference layer");
                return Err(Error::parameter("near.layer", why));
            }
            Ok(Near::Layer { layer, within_m: asked.within_m })
        }
        _ => Err(Error::parameter(
            "near",
            "`point` 与 `layer` 二者取一 / give either `point` or `layer`",
        )),
    }
}

/// The first derived layer of parcels that shows a column to the scope.
fn derived<'a>(app: &'a App, scope: &Scope, column: &str) -> Option<(&'a Layer, &'a str)> {
    let layers = app.layers.of_kind(Kind::Derived);
    layers
        .filter(|it| it.shows_parcels() && it.readable(scope))
        .find_map(|it| Some((it, field_of(it, scope, column)?)))
}
