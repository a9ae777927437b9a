//! The plans on some land, at the revisions that they have, as one scope may read them.

use std::collections::BTreeMap;
use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Scope;
use crate::app::App;
use crate::catalog::source::Source;
use crate::db::Reader;
use crate::error::Result;
use crate::judgement::conformity::Facts;
use crate::judgement::conformity::Plan;
use crate::layer::Conformity;
use crate::layer::FieldType;
use crate::layer::Layer;
use crate::layer::Text;

use super::queries::memory;
use super::queries::overlap;
use super::queries::overlap::Land;
use super::queries::overlap::PlanFields;
use super::settings;

/// A plan that was read, at the revision that it had.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConformityPlan")]
pub struct PlanVersion {
    pub layer: String,
    pub title: Text,
    /// Null where the caller may not read it.
    pub revision: Option<i64>,
    /// When this revision was written.
    pub updated_at: Option<DateTime<Utc>>,
    pub state: PlanState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConformityPlanState")]
pub enum PlanState {
    Read,
    /// Nothing was imported into it.
    Missing,
    /// The caller may not read it.
    Withheld,
}

/// The plans on some land, as one scope may read them.
pub(super) struct Plans {
    areas: HashMap<i64, Decimal>,
    by_layer: BTreeMap<String, (PlanState, HashMap<i64, Plan>)>,
    pub versions: Vec<PlanVersion>,
}

impl Plans {
    pub(super) async fn read(
        app: &App,
        db: &mut Reader,
        scope: &Scope,
        land: Land<'_>,
    ) -> Result<Self> {
        let (_, spec) = settings(app)?;
        let projection = app.config.projection();
        let mut read = Self {
            areas: overlap::areas(&mut *db, Source::Now, &projection, land).await?,
            by_layer: BTreeMap::new(),
            versions: Vec::new(),
        };
        let parcels = match land {
            Land::Parcels(ids) => memory::Parcels::read(&mut *db, ids, &projection).await?,
            Land::Every | Land::Drawn(_) => None,
        };
        for id in spec.layers() {
            let Some(layer) = app.layers.find(id) else { continue };
            let (mut state, mut found, mut version) = (PlanState::Withheld, HashMap::new(), None);
            if let Some(fields) = plan_fields(spec, layer, scope) {
                version = overlap::version(&mut *db, id).await?;
                if overlap::is_empty(&mut *db, (layer, Source::Now)).await? {
                    state = PlanState::Missing;
                } else {
                    state = PlanState::Read;
                    found = if let Some(it) = &parcels {
                        memory::overlaps(&mut *db, layer, fields, &projection, it).await?
                    } else {
                        let of = (layer, Source::Now);
                        overlap::overlaps(&mut *db, of, fields, &projection, land).await?
                    };
                }
            }
            read.versions.push(PlanVersion {
                layer: id.to_owned(),
                title: layer.title.clone(),
                revision: version.map(|it| it.0),
                updated_at: version.and_then(|it| it.1),
                state,
            });
            read.by_layer.insert(id.to_owned(), (state, found));
        }
        Ok(read)
    }

    pub(super) fn facts(&self, n: i64) -> Facts {
        let of = |(state, found): &(PlanState, HashMap<i64, Plan>)| match state {
            PlanState::Missing => Plan::Missing,
            PlanState::Withheld => Plan::Withheld,
            PlanState::Read => found.get(&n).cloned().unwrap_or_else(overlap::nothing),
        };
        Facts {
            area_m2: self.areas.get(&n).copied().unwrap_or_default(),
            plans: self.by_layer.iter().map(|(id, it)| (id.clone(), of(it))).collect(),
        }
    }
}

/// The fields of a plan that the scope may read; `None` where it may not read what a clause needs.
pub fn plan_fields<'a>(
    spec: &'a Conformity,
    layer: &'a Layer,
    scope: &Scope,
) -> Option<PlanFields<'a>> {
    if !layer.readable(scope) {
        return None;
    }
    let of = |name: &'static str, kind: FieldType| {
        layer.field_for(scope, name).filter(|it| it.kind == kind).map(|_| name)
    };
    let mut fields = PlanFields {
        code: of("code", FieldType::Text),
        name: of("name", FieldType::Text),
        approval_no: of("approval_no", FieldType::Text),
        approved_on: of("approved_on", FieldType::Date),
        ..PlanFields::default()
    };
    if layer.id == spec.control.layer {
        layer.field_for(scope, &spec.control.code_field)?;
        layer.field_for(scope, &spec.control.far_field)?;
        fields.land_use_code = Some(&spec.control.code_field);
        fields.far_limit = Some(&spec.control.far_field);
    }
    Some(fields)
}
