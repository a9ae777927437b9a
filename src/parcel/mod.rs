//! A parcel's dossier: everything that is known about one parcel, with where it came from, for one scope. What the scope
//! may not read is absent and named in `withheld`; what nobody knows is null.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::catalog::time::Times;
use crate::db::Reader;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::measures::Basis;
use crate::judgement::overlay;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Text;

pub mod evaluations;
pub mod history;
mod joined;
mod mask;
pub mod measured;
pub mod plan;
pub mod queries;
pub mod routes;
mod sentence;
pub mod verdict;

use joined::Joined;
use joined::joined;
use mask::Mask;
use measured::Measured;
use plan::PlanHit;
use verdict::Verdict;

/// The register layer that says which fields of a parcel need which role.
pub const LAYER: &str = "parcels";
/// The derived layer whose class is a parcel's `block_class`.
const BLOCK_CLASS: &str = "block_class";
/// The layer that names towns.
pub const TOWNS: &str = "towns";

/// The answer of `/api/v1/parcels/{parcel_code}`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Dossier {
    pub parcel_code: String,
    pub name: Option<String>,
    pub address: Option<String>,
    pub town_code: Option<String>,
    pub town: Option<String>,
    pub responsible_unit: Option<String>,
    pub village: Option<String>,
    pub holder_uscc: Option<String>,
    pub ownership: Option<String>,
    pub tenure: Option<String>,
    pub status: Option<String>,
    pub land_use_code: Option<String>,
    pub use_actual: Option<String>,
    pub industry_code: Option<String>,
    pub contract_no: Option<String>,
    pub contract_start: Option<NaiveDate>,
    pub contract_finish: Option<NaiveDate>,
    pub contract_far: Option<Decimal>,
    pub contract_tax_wan_per_mu: Option<Decimal>,
    /// The legal area, m².
    pub area_registered_m2: Option<Decimal>,
    /// Measured on the CGCS2000 ellipsoid, m².
    pub area_geom_m2: Decimal,
    /// 亩 of the area that ratios are taken over.
    pub area_mu: Option<Decimal>,
    /// Which area `area_mu` is.
    #[schemars(with = "Option<Basis>")]
    pub area_basis: Option<String>,
    pub far: Option<Decimal>,
    pub gfa_m2: Option<Decimal>,
    pub coverage: Option<Decimal>,
    pub block_class: Option<String>,
    /// The polygon of that class in which most of the parcel lies, by name.
    pub block: Option<String>,
    pub straddle: Option<bool>,
    #[schemars(with = "Option<overlay::Source>")]
    pub class_source: Option<String>,
    pub shares: Vec<Share>,
    pub plan: Vec<PlanHit>,
    pub enterprises: Vec<Occupant>,
    pub years: Vec<Year>,
    pub buildings: Buildings,
    /// Everything that the shown run measured of the parcel.
    pub measures: Vec<Measured>,
    pub verdict: Option<Verdict>,
    /// A point on the parcel: longitude, latitude in degrees.
    pub point: [f64; 2],
    /// West, south, east, north in degrees.
    pub bbox: [f64; 4],
    /// `GeoJSON`, EPSG:4490 longitude before latitude.
    pub geometry: Value,
    pub source: Source,
    /// The stable number, which is also the feature's id.
    pub parcel_id: i64,
    pub version: Version,
    /// Members that this session may not read.
    pub withheld: Vec<String>,
    /// With `datetime` or `as_of`: members that are known of the present only, and so left empty.
    #[schemars(with = "Vec<String>")]
    pub not_of_that_time: &'static [&'static str],
}

/// One version of a parcel's facts: when it was so in the world, and when this database knew it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Version {
    /// Its number, which is also the `ETag`.
    pub row_id: i64,
    /// The first day; null where nobody said since when.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it was no longer so; null while it is.
    pub valid_to: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
    /// When another version took its place in the record.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// A class's part of the parcel.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Share {
    pub layer: String,
    pub layer_title: Text,
    pub class: String,
    pub label: Text,
    pub share: Decimal,
    pub area_m2: Decimal,
}

/// An enterprise that uses land or floor of the parcel.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Occupant {
    pub uscc: String,
    /// Null where the enterprise is in no register yet.
    pub name: Option<String>,
    pub role: Option<String>,
    pub land_m2: Option<Decimal>,
    pub floor_m2: Option<Decimal>,
    pub industry_code: Option<String>,
    pub is_scale: Option<bool>,
}

/// The parcel's figures of a year, summed over its occupants.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Year {
    pub year: i64,
    pub tax_wan: Option<Decimal>,
    pub output_wan: Option<Decimal>,
    pub value_added_wan: Option<Decimal>,
    pub energy_tce: Option<Decimal>,
    pub employees: Option<Decimal>,
    pub assessed_value_wan: Option<Decimal>,
    pub tax_wan_per_mu: Option<Decimal>,
    pub output_wan_per_mu: Option<Decimal>,
    /// Whether every occupant reported tax and output.
    pub complete: bool,
    /// Why a figure is missing, or where it comes from.
    pub note: Option<Text>,
}

/// The parcel's buildings in sum.
#[derive(Debug, Default, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Buildings {
    pub count: i64,
    pub floor_area_m2: Option<Decimal>,
    pub footprint_m2: Option<Decimal>,
    pub vacant_area_m2: Option<Decimal>,
}

/// Where the parcel's row came from.
#[derive(Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Source {
    pub file: Option<String>,
    pub imported_at: chrono::DateTime<chrono::Utc>,
    /// An account's name, which is for those who have one.
    pub recorded_by: Option<String>,
}

/// What a run made of the parcel, and what is joined to it as it is now: of another time it is not known.
const OF_NOW: [&str; 13] = [
    "town",
    "block_class",
    "block",
    "straddle",
    "class_source",
    "coverage",
    "shares",
    "plan",
    "enterprises",
    "years",
    "buildings",
    "measures",
    "verdict",
];

/// The dossier of a parcel; of another time its facts alone.
pub async fn dossier(
    app: &App,
    scope: &Scope,
    parcel_code: &str,
    times: &Times,
) -> Result<Dossier> {
    let layer = app.layer(scope, LAYER)?;
    let missing = || Error::not_found("宗地 parcel", parcel_code);
    // A role holds in its units: elsewhere the dossier is a viewer's, down to the rights of the connection.
    let found = queries::version(&mut app.db.read(scope).await?, times, parcel_code).await?;
    let Some(found) = found else {
        return Err(history::gone(app, scope, layer, parcel_code, times).await?);
    };
    let scope = &scope.in_unit(found.unit.as_deref());
    // Where the layer is for those who answer for the unit, a parcel of another one is not there.
    if !layer.readable(scope) {
        return Err(missing());
    }
    let db = &mut app.db.read(scope).await?;
    let facts = queries::find(db, scope, layer, found.row_id).await?.ok_or_else(missing)?;
    let mut mask = Mask { layer, scope, withheld: Vec::new() };
    let now = times.is_now();
    // Who uses the land and what they yield is as confidential as the figures themselves.
    if !scope.may(Role::Viewer) {
        mask.withheld
            .extend(["enterprises", "years", "measures", "verdict"].map(ToOwned::to_owned));
    }
    let joined = if now { joined(app, db, &mut mask, &facts).await? } else { Joined::default() };
    let years = mask::years(app, &mut mask, joined.years);
    let source = queries::source(db, scope, facts.row_id).await?;
    let measures = joined.measures;
    let (area_mu, far, gfa_m2, coverage) = match &measures {
        Some(it) => (it.area_mu, it.far, it.gfa_m2.or(facts.gfa_m2), it.coverage),
        None => (facts.area_mu, facts.far_reported, facts.gfa_m2, None),
    };
    let found = classed(app, &mut mask, joined.class);
    Ok(Dossier {
        name: mask.keep("name", facts.name),
        address: mask.keep("address", facts.address),
        town_code: mask.keep("town_code", facts.town_code),
        town: joined.town,
        responsible_unit: mask.keep("responsible_unit", facts.responsible_unit),
        village: mask.keep("village", facts.village),
        holder_uscc: mask.keep("holder_uscc", facts.holder_uscc),
        ownership: mask.keep("ownership", facts.ownership),
        tenure: mask.keep("tenure", facts.tenure),
        status: mask.keep("status", facts.status),
        land_use_code: mask.keep("land_use_code", facts.land_use_code),
        use_actual: mask.keep("use_actual", facts.use_actual),
        industry_code: mask.keep("industry_code", facts.industry_code),
        contract_no: mask.keep("contract_no", facts.contract_no),
        contract_start: mask.keep("contract_start", facts.contract_start),
        contract_finish: mask.keep("contract_finish", facts.contract_finish),
        contract_far: mask.keep("contract_far", facts.contract_far),
        contract_tax_wan_per_mu: mask
            .keep("contract_tax_wan_per_mu", facts.contract_tax_wan_per_mu),
        area_registered_m2: mask.keep("area_registered_m2", facts.area_registered_m2),
        area_geom_m2: facts.area_geom_m2,
        area_mu: mask.keep_measure(&app.layers, "area_mu", "area_mu", area_mu),
        area_basis: measures.as_ref().map_or_else(
            || {
                Some(
                    if facts.area_registered_m2.is_some() { "registered" } else { "measured" }
                        .to_owned(),
                )
            },
            |it| it.area_basis.clone(),
        ),
        far: mask.keep_measure(&app.layers, "far", "far_reported", far),
        gfa_m2: mask.keep_measure(&app.layers, "gfa_m2", "gfa_m2", gfa_m2),
        coverage: mask.keep_measure(&app.layers, "coverage", "coverage", coverage),
        block_class: found.class,
        block: found.block,
        straddle: found.straddle,
        class_source: found.source,
        shares: joined.shares,
        plan: joined.plan,
        enterprises: joined.enterprises,
        years,
        buildings: joined.buildings,
        measures: joined.measured,
        verdict: joined.verdict,
        point: [facts.x, facts.y],
        bbox: [facts.west, facts.south, facts.east, facts.north],
        geometry: facts.geometry,
        source,
        parcel_code: facts.parcel_code,
        parcel_id: facts.parcel_id,
        version: Version {
            row_id: facts.row_id,
            valid_from: facts.valid_from,
            valid_to: facts.valid_to,
            recorded_at: facts.recorded_at,
            superseded_at: facts.superseded_at,
        },
        withheld: mask.withheld,
        not_of_that_time: if now { &[] } else { &OF_NOW },
    })
}

/// A code as a segment of a path.
pub fn encoded(parcel_code: &str) -> String {
    utf8_percent_encode(parcel_code, NON_ALPHANUMERIC).to_string()
}

/// What the overlay found, member by member as its layer publishes it.
#[derive(Default)]
struct Classed {
    class: Option<String>,
    block: Option<String>,
    straddle: Option<bool>,
    source: Option<String>,
}

fn classed(app: &App, mask: &mut Mask<'_>, class: Option<queries::ClassRow>) -> Classed {
    let it = class.map_or_else(Classed::default, |it| Classed {
        class: Some(it.class),
        block: it.name,
        straddle: Some(it.straddle),
        source: Some(it.source),
    });
    let Some(layer) = app.layers.find(BLOCK_CLASS) else { return it };
    let named = app.layers.role_of_class_name(layer);
    Classed {
        class: mask.keep_finding(layer, "block_class", layer.role_of_class(), it.class),
        block: mask.keep_finding(layer, "block", named, it.block),
        straddle: mask.keep_finding(
            layer,
            "straddle",
            layer.role_of_finding("class.straddle"),
            it.straddle,
        ),
        source: mask.keep_finding(
            layer,
            "class_source",
            layer.role_of_finding("class.source"),
            it.source,
        ),
    }
}

/// Whether there is a layer of towns whose codes and names the scope may read.
pub fn names_towns(app: &App, scope: &Scope) -> bool {
    let towns = app.layers.find(TOWNS).filter(|it| it.kind == Kind::Reference);
    towns.is_some_and(|it| ["code", "name"].iter().all(|name| it.field_for(scope, name).is_some()))
}

/// The label of a class, as the layer's legend has it.
fn label(layer: &Layer, class: &str) -> Text {
    let row = layer.legend.iter().find(|row| {
        row.matches
            .as_ref()
            .is_some_and(|it| it.values.iter().any(|value| value.as_str() == Some(class)))
    });
    row.map_or_else(|| Text { zh: class.to_owned(), en: class.to_owned() }, |it| it.label.clone())
}

async fn shares(
    app: &App,
    db: &mut Reader,
    mask: &mut Mask<'_>,
    run_id: i64,
    parcel_id: i64,
) -> Result<(Vec<Share>, Option<queries::ClassRow>)> {
    let mut shares = Vec::new();
    for row in queries::shares(db, run_id, parcel_id).await? {
        let layer = app.layers.find(&row.layer).filter(|it| it.readable(mask.scope));
        let Some(layer) = layer else { continue };
        let needed = layer.role_of_share(&row.class);
        if !layer.open_to(mask.scope, needed) {
            if !mask.withheld.iter().any(|it| it == "shares") {
                mask.withheld.push("shares".to_owned());
            }
            continue;
        }
        shares.push(Share {
            layer_title: layer.title.clone(),
            label: label(layer, &row.class),
            layer: row.layer,
            class: row.class,
            share: row.share,
            area_m2: row.area_m2,
        });
    }
    let readable = app.layers.find(BLOCK_CLASS).is_some_and(|it| it.readable(mask.scope));
    let class =
        if readable { queries::class(db, run_id, BLOCK_CLASS, parcel_id).await? } else { None };
    Ok((shares, class))
}
