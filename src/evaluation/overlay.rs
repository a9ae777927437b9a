//! How much of each parcel the polygons of each class claim, in the equal-area plane of the configuration. The record's
//! rows come in, `crate::overlay` measures, classes and ids go out.

use std::collections::HashMap;

use anyhow::Context;
use indexmap::IndexSet;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use sqlx::AssertSqlSafe;
use sqlx::PgConnection;

use crate::catalog::source::Source;
use crate::judgement::overlay::Settings;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::layer::Overlay;
use crate::measure;
use crate::overlay::Count;
use crate::overlay::EqualArea;
use crate::overlay::Kept;
use crate::overlay::Key;
use crate::overlay::Version;

use super::outlines;

/// Parcels smaller than this have no area to share out.
const LEAST_M2: f64 = 0.000_001;

/// What the classes claim of all parcels.
#[derive(Debug, Default)]
pub struct Claimed {
    /// In order of precedence, without the remainder.
    pub classes: Vec<String>,
    /// Names of polygons, of all classes that have a `name_field`.
    pub names: Vec<String>,
    pub parcels: Vec<ClaimedParcel>,
}

/// What the classes claim of one parcel.
#[derive(Debug)]
pub struct ClaimedParcel {
    pub parcel_id: i64,
    /// m², in the same plane as the parts.
    pub area_m2: Decimal,
    /// Index into the classes, and m².
    pub parts: Vec<(usize, Decimal)>,
    /// Of those, what polygons with a name claim: index into the classes, into the names, and m².
    pub named: Vec<(usize, usize, Decimal)>,
}

impl Claimed {
    /// The settings of the assignment, from the folder's overlay and the classes found.
    pub fn settings(&self, spec: &Overlay) -> anyhow::Result<Settings> {
        let exact = |name: &str, it: f64| {
            Decimal::from_f64(it).with_context(|| format!("overlay.{name} = {it}"))
        };
        Ok(Settings {
            classes: self.classes.clone(),
            remainder: spec.remainder.clone(),
            officer_only: spec.officer_classes.clone(),
            share_at_least: exact("share_at_least", spec.share_at_least)?,
            sliver_m2: exact("sliver_m2", spec.sliver_m2)?,
            sliver_share: exact("sliver_share", spec.sliver_share)?,
        })
    }
}

/// The first of the overlay's layers that has no rows yet.
pub async fn empty_layer(
    db: &mut PgConnection,
    layers: &Layers,
    spec: &Overlay,
) -> sqlx::Result<Option<String>> {
    for class in &spec.classes {
        let Some(layer) = layers.find(&class.layer) else { continue };
        let sql = format!("select not exists (select from {} l)", layer.relation());
        if sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *db).await? {
            return Ok(Some(layer.id.clone()));
        }
    }
    Ok(None)
}

/// Measures, for every current parcel, the part that each class claims: polygons of a class count once where they overlap,
/// and what an earlier class claimed is no longer there for a later one, so nothing counts twice. A parcel with no area to
/// share out (less than a millionth of a square metre) has no class and is left out; the run's report counts those.
///
/// What `kept` holds of earlier runs spares reading and measuring what did not change since; the result is the same.
pub async fn claim(
    db: &mut PgConnection,
    layers: &Layers,
    kept: &mut Kept,
    spec: &Overlay,
    projection: &str,
) -> anyhow::Result<Claimed> {
    claim_of(db, layers, Source::Now, kept, spec, projection).await
}

/// As [`claim`], of the rows that the source has.
pub(super) async fn claim_of(
    db: &mut PgConnection,
    layers: &Layers,
    from: Source,
    kept: &mut Kept,
    spec: &Overlay,
    projection: &str,
) -> anyhow::Result<Claimed> {
    let plane = renew_parcels(db, from, kept, projection).await?;
    // A step is a class of one of the layers, or a name in it; the same class may come again, after others.
    let mut steps: IndexSet<(usize, String, Option<String>)> = IndexSet::new();
    let mut now = Vec::new();
    for (nth, class) in spec.classes.iter().enumerate() {
        let layer = find(layers, &class.layer)?;
        let source = u32::try_from(nth)?;
        let mut versions = outlines::layer_versions(db, layer, from, source).await?;
        match (&class.class, &class.class_field) {
            (Some(name), _) => {
                let mut names = match &class.name_field {
                    Some(field) => texts(db, layer, from, field).await?.into_iter().collect(),
                    None => HashMap::new(),
                };
                for (key, version) in &mut versions {
                    let step = (nth, name.clone(), names.remove(&key.1));
                    version.class = u32::try_from(steps.insert_full(step).0)?;
                }
            }
            (None, Some(field)) => {
                let mut step_of = HashMap::new();
                for (id, name) in texts(db, layer, from, field).await? {
                    step_of.insert(id, u32::try_from(steps.insert_full((nth, name, None)).0)?);
                }
                versions.retain_mut(|(key, version)| match step_of.get(&key.1) {
                    Some(step) => {
                        version.class = *step;
                        true
                    }
                    None => false,
                });
            }
            (None, None) => versions.clear(),
        }
        now.append(&mut versions);
    }
    let mut classes = IndexSet::new();
    let class_of: Vec<usize> = steps.iter().map(|it| classes.insert_full(it.1.clone()).0).collect();
    let mut names = IndexSet::new();
    let name_of: Vec<Option<usize>> =
        steps.iter().map(|it| Some(names.insert_full(it.2.clone()?).0)).collect();

    let name = serde_json::to_string(&spec.classes)?;
    let missing = missing_polygons(kept, &name, &now);
    let mut read = Vec::new();
    for (nth, class) in spec.classes.iter().enumerate() {
        let (layer, source) = (find(layers, &class.layer)?, u32::try_from(nth)?);
        let of = (layer, from, source);
        read.append(&mut outlines::polygons(db, of, plane, &missing).await?);
    }
    kept.claim(&name, Count::Once, now, read);
    let mut parcels = Vec::with_capacity(kept.parcels().len());
    for (parcel_id, outline, parts) in kept.claimed(&name) {
        if outline.area_m2 < LEAST_M2 {
            continue;
        }
        let mut by_class: Vec<(usize, f64)> = Vec::with_capacity(parts.len());
        let mut named = Vec::new();
        for (step, area) in parts {
            let class = class_of[*step as usize];
            if let Some(name) = name_of[*step as usize] {
                named.push((class, name, exact_m2(*area)?));
            }
            match by_class.iter_mut().find(|it| it.0 == class) {
                Some(it) => it.1 += area,
                None => by_class.push((class, *area)),
            }
        }
        by_class.sort_unstable_by_key(|it| it.0);
        let parts = by_class.iter().map(|(class, area)| Ok((*class, exact_m2(*area)?)));
        parcels.push(ClaimedParcel {
            parcel_id,
            area_m2: exact_m2(outline.area_m2)?,
            parts: parts.collect::<anyhow::Result<_>>()?,
            named,
        });
    }
    let (classes, names) = (classes.into_iter().collect(), names.into_iter().collect());
    Ok(Claimed { classes, names, parcels })
}

/// What polygons of a layer cover of a parcel.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub parcel_id: i64,
    /// m² of the parcel, in the plane.
    pub of_m2: f64,
    /// The layer's row, or 0 where the layer counts as a whole; and m² of the parcel that it covers. What only touches is
    /// left out. In the order of the ids.
    pub parts: Vec<(i64, f64)>,
}

/// How much of every parcel a reference layer covers: as a whole (`Count::Once`: where its polygons overlap, land counts once),
/// or by each of its rows (`Count::Each`). Parcels that it does not cover, and those without area, are left out.
pub async fn hits(
    db: &mut PgConnection,
    layer: &Layer,
    kept: &mut Kept,
    count: Count,
    projection: &str,
) -> anyhow::Result<Vec<Hit>> {
    hits_of(db, (layer, Source::Now), kept, count, projection).await
}

/// As [`hits`], of the rows that the source has.
pub(super) async fn hits_of(
    db: &mut PgConnection,
    (layer, from): (&Layer, Source),
    kept: &mut Kept,
    count: Count,
    projection: &str,
) -> anyhow::Result<Vec<Hit>> {
    let plane = renew_parcels(db, from, kept, projection).await?;
    let mut now = outlines::layer_versions(db, layer, from, 0).await?;
    if count == Count::Each {
        for (key, version) in &mut now {
            version.class = u32::try_from(key.1).context("a row's id")?;
        }
    }
    let name = format!("{} {count:?}", layer.id);
    let missing = missing_polygons(kept, &name, &now);
    let read = outlines::polygons(db, (layer, from, 0), plane, &missing).await?;
    kept.claim(&name, count, now, read);
    let hits = kept.claimed(&name).filter(|it| it.1.area_m2 >= LEAST_M2 && !it.2.is_empty());
    Ok(hits
        .map(|(parcel_id, outline, parts)| Hit {
            parcel_id,
            of_m2: outline.area_m2,
            parts: parts.iter().map(|it| (i64::from(it.0), it.1)).collect(),
        })
        .collect())
}

fn find<'a>(layers: &'a Layers, id: &str) -> anyhow::Result<&'a Layer> {
    layers.find(id).with_context(|| format!("no layer `{id}`"))
}

/// All parcels of the source in the plane. Where the caller's transaction sees one moment they are listed once.
async fn renew_parcels(
    db: &mut PgConnection,
    from: Source,
    kept: &mut Kept,
    projection: &str,
) -> anyhow::Result<EqualArea> {
    let plane = EqualArea::from_proj(projection)
        .with_context(|| format!("the plane of overlays is not `{projection}`"))?;
    kept.set_plane(plane);
    if kept.are_parcels_known() {
        return Ok(plane);
    }
    let now = outlines::parcel_versions(db, from).await?;
    let missing = kept.parcels().missing(&now);
    let read = outlines::parcels(db, from, plane, &missing).await?;
    kept.renew_parcels(now, read);
    Ok(plane)
}

fn missing_polygons(kept: &Kept, name: &str, now: &[(Key, Version)]) -> Vec<Key> {
    match kept.polygons(name) {
        Some(it) => it.missing(now),
        None => now.iter().map(|it| it.0).collect(),
    }
}

/// The text of a field in every row that has one, those of the first text first.
async fn texts(
    db: &mut PgConnection,
    layer: &Layer,
    from: Source,
    field: &str,
) -> sqlx::Result<Vec<(i64, String)>> {
    let rows = from.of_layer(layer);
    let sql = format!(
        "select id, {field}::text from {rows} l where {field} is not null order by {field}::text, id"
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await
}

/// To a millionth of a square metre: the plane's own noise is larger.
fn exact_m2(area: f64) -> anyhow::Result<Decimal> {
    measure::decimal_from_f64(area).with_context(|| format!("an area of {area} m²"))
}
