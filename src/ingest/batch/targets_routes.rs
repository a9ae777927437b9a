//! `/api/v1/imports/targets`: where a file may go, with the fields that its columns can fill. The layer tree does not say it:
//! it has no tables, and names fields as they are read, not as they are written.

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::account::Caller;
use crate::app::App;
use crate::error::Result;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layers;
use crate::layer::Text;
use crate::layer::Unit;

use crate::ingest::table;
use crate::ingest::target::Target;
use crate::ingest::unit;

/// Everything that can be imported into.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Targets {
    /// Layers in the order of their folder, then tables by id.
    pub targets: Vec<ImportTarget>,
}

/// A layer or table that files go into.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportTarget {
    pub id: String,
    pub title: Text,
    pub about: Text,
    pub group: TargetGroup,
    /// Null: a table, whose rows have no shape.
    pub geometry: Option<Geometry>,
    /// The fields that together identify a row.
    pub key: Vec<String>,
    pub fields: Vec<TargetField>,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetGroup {
    Layer,
    Table,
}

/// A field that a column can fill.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TargetField {
    pub name: String,
    pub title: Text,
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// What the figures are kept in.
    pub unit: Option<Unit>,
    /// Units that a column's figures may be in, as people write them; empty where the field has none.
    pub units: Vec<&'static str>,
    /// A row without it is rejected.
    pub required: bool,
}

pub(super) async fn targets(State(app): State<App>, caller: Caller) -> Result<Json<Targets>> {
    caller.steward()?;
    Ok(Json(Targets { targets: all(&app.layers)? }))
}

fn all(layers: &Layers) -> anyhow::Result<Vec<ImportTarget>> {
    let mut targets = Vec::new();
    for layer in layers.layers.values() {
        // Those that the service computes or writes itself are no targets.
        if let Ok(target) = Target::find(layers, &layer.id) {
            targets.push(of(target, layer.about.clone(), TargetGroup::Layer));
        }
    }
    for table in table::all()? {
        let target = Target::find(layers, &table.id)?;
        targets.push(of(target, table.about, TargetGroup::Table));
    }
    Ok(targets)
}

fn of(target: Target, about: Text, group: TargetGroup) -> ImportTarget {
    let fields = target.fields.into_iter().map(|(name, it)| TargetField {
        name,
        title: it.title,
        kind: it.kind,
        unit: it.unit,
        units: it.unit.map(unit::spellings).unwrap_or_default(),
        required: it.required,
    });
    ImportTarget {
        id: target.id,
        title: target.title,
        about,
        group,
        geometry: target.geometry,
        key: target.key,
        fields: fields.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_is_no_target_and_tables_are() {
        let layers = Layers::load(None).unwrap();
        let targets = all(&layers).unwrap();
        let find = |id: &str| targets.iter().find(|it| it.id == id);
        let parcels = find("parcels").unwrap();
        assert_eq!(
            (parcels.group, parcels.geometry),
            (TargetGroup::Layer, Some(Geometry::Polygon))
        );
        assert!(parcels.fields.iter().any(|it| it.name == parcels.key[0] && it.required));
        assert!(parcels.fields.iter().all(|it| it.name != "area_geom_m2"));
        assert!(find("low_efficiency").is_none() && find("audit_entries").is_none());
        let enterprises = find("enterprises").unwrap();
        assert_eq!((enterprises.group, enterprises.geometry), (TargetGroup::Table, None));
    }

    #[test]
    fn units_that_are_offered_convert() {
        let layers = Layers::load(None).unwrap();
        let mut offered = 0;
        for target in all(&layers).unwrap() {
            for field in target.fields {
                assert_eq!(field.unit.is_none(), field.units.is_empty(), "{}", field.name);
                for text in field.units {
                    offered += 1;
                    assert!(unit::factor(text, field.unit.unwrap()).is_some(), "{text}");
                }
            }
        }
        assert!(offered > 0);
    }
}
