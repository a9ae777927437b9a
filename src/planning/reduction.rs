//! `GET /api/v1/reduction`: existing industrial land outside the construction area, ranked, with what giving it back frees.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::error::Result;
use crate::judgement::reduction as judged;
use crate::judgement::reduction::Candidate;
use crate::judgement::reduction::Total;
use crate::parcel;

use super::field_of;
use super::in_own_units;
use super::queries::reduction as queries;
use super::queries::reduction::Columns;
use super::settings;

/// Rows of one answer.
const ROWS_MAX: usize = 5_000;

/// What is asked; all left out, the first 200 of everything.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub responsible_unit: Option<String>,
    pub limit: Option<usize>,
}

/// The answer of `GET /api/v1/reduction`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReductionAnswer")]
pub struct Answer {
    pub run_id: Option<i64>,
    pub year: Option<i64>,
    /// The class that is reduced, and the layer that found it.
    pub layer: String,
    pub class: String,
    /// 亩 of quota for each 亩 that is given back.
    pub quota_per_mu: Decimal,
    /// Whether only parcels of the caller's own units are told of.
    pub own_units: bool,
    /// Best first: on protected land, then by quota, then the least inside the construction area.
    pub items: Vec<Item>,
    pub units: Vec<UnitTotal>,
    /// Of all parcels, not only of those answered; the units add up to it.
    pub total: Total,
    /// The classes were not computed, as these layers have no rows.
    pub missing: Vec<String>,
    pub withheld: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReductionUnit")]
pub struct UnitTotal {
    /// Null: of no unit, or of one that may not be read.
    pub responsible_unit: Option<String>,
    #[serde(flatten)]
    pub total: Total,
}

/// A parcel that may be given back.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReductionCandidate")]
pub struct Item {
    pub rank: usize,
    pub parcel_code: String,
    pub name: Option<String>,
    pub responsible_unit: Option<String>,
    pub area_mu: Option<Decimal>,
    pub quota_mu: Option<Decimal>,
    /// The part inside the construction area or the blocks, 0 to 1.
    pub construction_share: Option<Decimal>,
    /// On farmland and inside the redline; null where a plan is missing.
    pub protected_mu: Option<Decimal>,
    /// Whether that is beyond the tolerance.
    pub on_protected: Option<bool>,
    /// Longitude and latitude of a point on it.
    pub point: [f64; 2],
}

/// Answers as far as the caller may know classes and plans.
pub async fn answer(app: &App, scope: &Scope, asked: &Question) -> Result<Answer> {
    let (conformity, spec) = settings(app)?;
    let limit = asked.limit.unwrap_or(200);
    if !(1..=ROWS_MAX).contains(&limit) {
        return Err(Error::parameter("limit", format!("1..{ROWS_MAX}")));
    }
    let layer = app.layer(scope, &spec.reduction.layer)?;
    let parcels = app.layer(scope, parcel::LAYER)?;
    let Some(class) = field_of(layer, scope, "class.class") else {
        return Err(match scope.account {
            None => Error::SignIn("分类不公开 / the class is not public"),
            Some(_) => Error::Forbidden(layer.title.zh.clone()),
        });
    };
    let overlay = layer.overlay.as_ref();
    let classes = overlay.into_iter().flat_map(|it| &it.classes);
    let inside: Vec<&str> = classes
        .filter_map(|it| it.class.as_deref())
        .filter(|it| *it != spec.reduction.class)
        .collect();
    // Without one of them the sum would say too little.
    let shares: Option<Vec<&str>> =
        inside.iter().map(|it| field_of(layer, scope, &format!("share.{it}"))).collect();
    let shares = shares.filter(|it| !it.is_empty());
    let held = Some(conformity).filter(|it| it.readable(scope));
    let of_plan = |column| Some((conformity, field_of(held?, scope, column)?));
    let reads = |name: &'static str| parcels.field_for(scope, name).map(|_| name);
    let columns = Columns {
        name: reads("name"),
        unit: reads("responsible_unit"),
        area_mu: field_of(layer, scope, "measure.area_mu"),
        shares,
        protected_mu: of_plan("conformity.protected_mu"),
        broken: of_plan("conformity.broken"),
    };
    let mut withheld = Vec::new();
    for (name, kept) in [
        ("name", columns.name.is_none()),
        ("responsible_unit", columns.unit.is_none()),
        ("area_mu", columns.area_mu.is_none()),
        ("construction_share", columns.shares.is_none()),
        ("protected_mu", columns.protected_mu.is_none()),
    ] {
        withheld.extend(kept.then(|| name.to_owned()));
    }
    if asked.responsible_unit.is_some() && columns.unit.is_none() {
        return Err(Error::parameter("responsible_unit", "无权读取 / not to be read by your role"));
    }
    let own_units = in_own_units(layer, scope, "class.class");
    let mut db = app.db.read(scope).await?;
    db.begin().await?;
    let run = catalog::queries::current_run(&mut db).await?;
    let unit = asked.responsible_unit.as_deref();
    let rows =
        queries::of_class(&mut db, layer, parcels, class, &spec.reduction.class, &columns, unit)
            .await?;
    db.end().await?;
    let per_mu = Decimal::from_f64(spec.reduction.quota_per_mu).unwrap_or_default();
    let mut all: Vec<Candidate> = rows.values().map(queries::Row::candidate).collect();
    judged::rank(&mut all);
    let (units, total) = judged::totals(&all, per_mu);
    let items = (1..).zip(&all).take(limit).filter_map(|(rank, it)| {
        let row = rows.get(&it.code)?;
        Some(Item {
            rank,
            parcel_code: it.code.clone(),
            name: row.name.clone(),
            responsible_unit: it.unit.clone(),
            area_mu: it.area_mu,
            quota_mu: it.quota_mu(per_mu),
            construction_share: it.construction_share,
            protected_mu: it.protected_mu,
            on_protected: it.on_protected,
            point: [row.x, row.y],
        })
    });
    let items = items.collect();
    let units = units
        .into_iter()
        .map(|(responsible_unit, total)| UnitTotal { responsible_unit, total })
        .collect();
    Ok(Answer {
        run_id: run.as_ref().map(|it| it.run_id),
        year: run.as_ref().map(|it| it.year),
        layer: layer.id.clone(),
        class: spec.reduction.class.clone(),
        quota_per_mu: per_mu,
        own_units,
        items,
        units,
        total,
        missing: run.map(|it| it.skipped).unwrap_or_default(),
        withheld,
    })
}
