//! The plan polygons and control lines that a parcel lies in, with the revision of each plan.

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::db::Reader;
use crate::error::Result;
use crate::layer::Geometry;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::MapRole;
use crate::layer::Text;

use super::queries::plan::plan_hits;

/// A plan polygon or control line that the parcel lies in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanHit {
    pub layer: String,
    pub title: Text,
    pub code: Option<String>,
    pub name: Option<String>,
    pub approval_no: Option<String>,
    pub approved_on: Option<NaiveDate>,
    /// Part of the parcel, 0 to 1.
    pub share: Decimal,
    pub area_m2: Decimal,
    /// The revision of the plan as it is now, and when it was written.
    pub revision: Option<i64>,
    pub updated_at: Option<DateTime<Utc>>,
}

/// What covers at least 1 m² of the parcel, plan by plan.
pub(super) async fn plan(
    app: &App,
    db: &mut Reader,
    scope: &Scope,
    parcel_id: i64,
) -> Result<Vec<PlanHit>> {
    let mut plan = Vec::new();
    for layer in plan_layers(app, scope) {
        let hits = plan_hits(db, scope, layer, &app.config.projection(), parcel_id).await?;
        plan.extend(hits.into_iter().map(|hit| PlanHit {
            layer: layer.id.clone(),
            title: layer.title.clone(),
            code: hit.code,
            name: hit.name,
            approval_no: hit.approval_no,
            approved_on: hit.approved_on,
            share: hit.share,
            area_m2: hit.area_m2,
            revision: hit.revision,
            updated_at: hit.updated_at,
        }));
    }
    Ok(plan)
}

/// The reference layers of polygons that are no base map: plans and control lines.
fn plan_layers<'a>(app: &'a App, scope: &'a Scope) -> impl Iterator<Item = &'a Layer> + 'a {
    app.layers.of_kind(Kind::Reference).filter(|it| {
        it.geometry == Geometry::Polygon && it.role != MapRole::Base && it.readable(scope)
    })
}
