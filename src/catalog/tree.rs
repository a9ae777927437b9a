//! The layer tree: everything a client needs to draw and explain the layers, for one scope.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::anyhow;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::access::Role;
use crate::access::Scope;
use crate::app::App;
use crate::db::Reader;
use crate::error::Result;
use crate::judgement::measures;
use crate::judgement::measures::MEASURES;
use crate::layer::Draw;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::MapRole;
use crate::layer::Match;
use crate::layer::Pattern;
use crate::layer::Text;
use crate::layer::Unit;
use crate::layer::Zooms;

use super::queries;
use super::queries::CurrentRun;
use super::queries::State;

/// The answer of `/api/v1/layers`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tree {
    pub title: Text,
    /// 审图号, where the map has one.
    pub approval_number: Option<String>,
    /// West, south, east, north of the parcels, or of everything, in degrees.
    pub bounds: Option<[f64; 4]>,
    /// Nothing has been loaded yet.
    pub empty: bool,
    pub evaluation: Option<CurrentRun>,
    pub groups: Vec<Group>,
    pub layers: Vec<Entry>,
    /// What an evaluation computes of a parcel and rules may name.
    pub measures: Vec<MeasureEntry>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Group {
    pub id: String,
    pub title: Text,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct MeasureEntry {
    pub name: &'static str,
    pub title: Text,
    #[schemars(with = "Unit")]
    pub unit: &'static str,
}

/// One layer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    pub id: String,
    pub kind: Kind,
    pub group: String,
    pub title: Text,
    pub about: Text,
    pub geometry: Geometry,
    pub draw: Draw,
    pub zooms: Zooms,
    pub role: MapRole,
    pub visible: bool,
    pub access: Role,
    /// Whether this session may read the layer.
    pub readable: bool,
    /// The property by which a click opens a parcel's dossier.
    pub identify: Option<String>,
    pub fields: Vec<FieldEntry>,
    pub legend: Vec<LegendEntry>,
    /// MapLibre layers without `source`.
    pub style: Vec<Value>,
    /// Template of the tiles at this revision, relative to the service.
    pub tiles: String,
    pub data: Data,
}

#[expect(clippy::struct_excessive_bools, reason = "members of the answer, each of its own")]
#[derive(Debug, Serialize, JsonSchema)]
pub struct FieldEntry {
    pub name: String,
    pub title: Text,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub unit: Option<Unit>,
    pub access: Role,
    pub readable: bool,
    /// Readable in the rows of the account's responsible units only; null in others, where it is withheld, not missing.
    pub within_units: bool,
    /// Whether this session may have its sums over the groups of a dimension, though not every single value.
    pub sums: bool,
    /// A code whose groups are published.
    pub dimension: bool,
    pub popup: bool,
    /// Whom to ask for a value that is missing; of a register's field always somebody.
    pub supplier: Option<Text>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LegendEntry {
    pub label: Text,
    pub color: String,
    pub pattern: Option<Pattern>,
    /// The row's features as CQL2 text.
    pub filter: Option<String>,
    #[serde(rename = "match")]
    pub matches: Option<Match>,
    pub count: Option<i64>,
    /// 亩, unrounded.
    pub area_mu: Option<rust_decimal::Decimal>,
}

/// What is known of a layer's rows.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Data {
    pub revision: i64,
    pub count: Option<i64>,
    pub updated_at: Option<chrono::DateTime<chrono::Utc>>,
    /// The file last imported into the layer.
    pub file: Option<String>,
    pub bounds: Option<[f64; 4]>,
}

/// The tree as the scope sees it: titles of all layers, data only of readable ones.
pub async fn tree(app: &App, scope: &Scope) -> Result<Tree> {
    let mut db = app.db.read(scope).await?;
    let states: HashMap<String, State> = queries::states(&mut db, &app.layers, scope)
        .await?
        .into_iter()
        .map(|it| (it.layer.clone(), it))
        .collect();
    let mut layers = Vec::with_capacity(app.layers.layers.len());
    // A table is no part of the map: those who may read it find it, to others it is not offered.
    let offered = |it: &&Layer| it.geometry != Geometry::None || it.readable(scope);
    for layer in app.layers.layers.values().filter(offered) {
        let state = states.get(&layer.id).cloned().unwrap_or_default();
        layers.push(entry(app, &mut db, scope, layer, &state).await?);
    }
    let is_parcels = |it: &&Entry| {
        app.layers.find(&it.id).is_some_and(|it| it.table.as_deref() == Some("parcel"))
    };
    let bounds =
        layers.iter().filter(is_parcels).find_map(|it| it.data.bounds).or_else(|| union(&layers));
    let mut evaluation = queries::current_run(&mut db).await?;
    // A theme that could not be computed is no good first sight of the map.
    for skipped in evaluation.iter().flat_map(|it| &it.skipped) {
        layers.iter_mut().filter(|it| it.id == *skipped).for_each(|it| it.visible = false);
    }
    if let Some(run) = &mut evaluation {
        run.skipped.retain(|it| layers.iter().any(|layer| layer.id == *it && layer.readable));
    }
    Ok(Tree {
        title: app.config.title.clone(),
        approval_number: app.config.approval_number.clone(),
        bounds,
        empty: states.values().all(|it| it.row_count.unwrap_or_default() == 0),
        evaluation,
        groups: app
            .layers
            .groups
            .iter()
            .map(|(id, it)| Group { id: id.clone(), title: it.clone() })
            .collect(),
        layers,
        measures: MEASURES
            .iter()
            .map(|it| MeasureEntry { name: it.name, title: Text::new(it.zh, it.en), unit: it.unit })
            .collect(),
    })
}

fn union(layers: &[Entry]) -> Option<[f64; 4]> {
    layers
        .iter()
        .filter_map(|it| it.data.bounds)
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

async fn entry(
    app: &App,
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    state: &State,
) -> Result<Entry> {
    let readable = layer.readable(scope);
    let keeper = (layer.kind == Kind::Register).then(measures::register_keeper);
    let fields = layer.field.iter().map(|(name, it)| FieldEntry {
        name: name.clone(),
        title: it.title.clone(),
        kind: it.kind,
        unit: it.unit,
        access: layer.role_of(it),
        readable: layer.field_for(scope, name).is_some(),
        within_units: layer.is_limited(scope, layer.role_of(it)),
        sums: layer.sums_for(scope, name).is_some(),
        dimension: it.dimension,
        popup: it.popup,
        supplier: it.supplier.clone().or_else(|| keeper.clone()),
    });
    // A table is counted where it is read: it grows with every request.
    let known = Some(state).filter(|_| layer.geometry != Geometry::None);
    let data = Data {
        revision: state.revision,
        count: known.and_then(|it| it.row_count),
        updated_at: known.and_then(|it| it.updated_at),
        file: known.and_then(|it| it.file.clone()),
        bounds: known.and_then(|it| it.extent.as_deref()?.try_into().ok()),
    };
    Ok(Entry {
        id: layer.id.clone(),
        kind: layer.kind,
        group: layer.group.clone(),
        title: layer.title.clone(),
        about: layer.about.clone(),
        geometry: layer.geometry,
        draw: layer.draw,
        zooms: layer.zooms,
        role: layer.role,
        visible: layer.visible,
        access: layer.access,
        readable,
        identify: layer.identify.clone().filter(|it| layer.field_for(scope, it).is_some()),
        fields: fields.collect(),
        legend: legend(app, db, scope, layer, state).await?,
        style: if readable { layer.style_for(scope) } else { Vec::new() },
        tiles: format!("/tiles/{}/{{z}}/{{x}}/{{y}}?v={}", layer.id, scope.stamp(state.revision)),
        data,
    })
}

/// The legend with counts, where the scope may read the field it classes by.
async fn legend(
    app: &App,
    db: &mut Reader,
    scope: &Scope,
    layer: &Layer,
    state: &State,
) -> Result<Vec<LegendEntry>> {
    let field = layer.legend.iter().find_map(|it| it.matches.as_ref()).map(|it| it.field.as_str());
    let readable = field.filter(|it| layer.field_for(scope, it).is_some());
    let counts = match readable {
        // Not known to those who see some of the rows, whose own can be counted all the same.
        Some(field) if state.row_count.is_none_or(|it| it > 0) => {
            let area = queries::area_field(layer)
                .filter(|(name, _)| layer.field_for(scope, name).is_some())
                .map(|(name, _)| name);
            let key = (layer.id.clone(), state.revision, scope.class());
            let counting = queries::class_counts(db, layer, field, area);
            let counted = app.legends.try_get_with(key, async { counting.await.map(Arc::new) });
            counted.await.map_err(|it| anyhow!("counting the legend of `{}`: {it}", layer.id))?
        }
        _ => Arc::default(),
    };
    let rows = layer.legend.iter().map(|row| {
        let counted = row.matches.as_ref().filter(|_| !counts.is_empty()).map(|it| {
            let of_row = counts.iter().filter(|class| match (&class.value, it.values.as_slice()) {
                (None, []) => true,
                (Some(value), values) => values.iter().any(|it| text(it) == *value),
                (None, _) => false,
            });
            of_row.fold((0, None), |(count, area), class| {
                let area = match (area, class.area_mu) {
                    (None, it) | (it, None) => it,
                    (Some(a), Some(b)) => Some(a + b),
                };
                (count + class.count, area)
            })
        });
        LegendEntry {
            label: row.label.clone(),
            color: row.color.clone(),
            pattern: row.pattern,
            filter: row.filter().filter(|_| readable.is_some()),
            matches: row.matches.clone().filter(|_| readable.is_some()),
            count: counted.map(|it| it.0),
            area_mu: counted.and_then(|it: (i64, Option<rust_decimal::Decimal>)| it.1),
        }
    });
    Ok(rows.collect())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
