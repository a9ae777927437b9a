//! Sums over a selection of a layer's rows. Two ways lead to an answer. Where every field that is named may be read, any
//! selection is summed: in memory, when the layer's snapshot is held ([`memory`]), else in the database, to the same digit.
//! Where a figure may only be had in sums, the answer comes from the fixed tables that
//! disclosure control has decided on ([`published`]): the total, and one table for each dimension of the layer.
//!
//! A field that may not be read is answered as one that does not exist, in the same words.

use geo::MultiPolygon;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::cql;
use crate::cql::Expr;
use crate::error::Error;
use crate::error::Result;
use crate::export::Bbox;
use crate::export::shortened;
use crate::layer::Field;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::nearest;

mod area;
mod breaks;
mod exact;
mod memory;
mod place;
mod published;
pub mod queries;
mod question;
pub mod routes;
mod sums;

pub use area::Area;
pub use breaks::Method;
pub use memory::without_database;
pub use question::Breaks;
pub use question::Histogram;
pub use question::Measure;
pub use question::Question;

use breaks::Spread;

/// Groups of one answer.
const GROUPS_AT_MOST: usize = 10_000;

/// Which rows an answer speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "StatsRows")]
pub enum Rows {
    All,
    /// Only those of the units that the account answers for: what was named is open to it there and nowhere else.
    OwnUnits,
}

/// The answer of `/api/v1/stats`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StatsAnswer")]
pub struct Answer {
    pub layer: String,
    /// The revision of the layer that was summed.
    pub revision: i64,
    /// The database is out of reach, and later changes may be missing.
    pub stale: bool,
    pub rows: Rows,
    /// Whether the figures stand under disclosure control.
    pub published: bool,
    pub groups: Vec<Group>,
    pub total: Total,
    pub histogram: Option<Counts>,
    /// The classes that were asked for, and how many rows are in each.
    pub breaks: Option<Counts>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StatsGroup")]
pub struct Group {
    /// The value of each field of `group_by`; null for rows without one.
    pub key: IndexMap<String, Value>,
    #[serde(flatten)]
    pub of: Total,
}

#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "StatsTotal")]
pub struct Total {
    pub count: i64,
    pub measures: IndexMap<String, Worth>,
    /// Whether something is withheld, as too few enterprises stand behind it or behind what could be worked out from it.
    pub withheld: bool,
}

/// A measure's worth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "StatsWorth")]
pub struct Worth {
    /// Exact digits; null where nothing is known or the sum is withheld.
    pub value: Option<String>,
    /// Rows that have no value and are left out.
    pub missing: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StatsCounts")]
pub struct Counts {
    pub field: String,
    /// The bounds between classes.
    pub breaks: Vec<String>,
    /// One more than there are bounds.
    pub counts: Vec<i64>,
    pub min: Option<String>,
    pub max: Option<String>,
    pub missing: i64,
}

impl Counts {
    fn new(field: &str, breaks: Vec<Decimal>, counts: Vec<i64>, spread: &Spread) -> Self {
        let text = |it: Decimal| it.normalize().to_string();
        Self {
            field: field.to_owned(),
            breaks: breaks.into_iter().map(text).collect(),
            counts,
            min: spread.ends.map(|it| text(it.0)),
            max: spread.ends.map(|it| text(it.1)),
            missing: spread.missing,
        }
    }
}

/// A question whose names have been looked up.
#[derive(Debug)]
pub struct Selected<'a> {
    pub layer: &'a Layer,
    pub scope: &'a Scope,
    pub filter: Option<Expr>,
    pub bbox: Option<Bbox>,
    pub polygon: Option<MultiPolygon<f64>>,
    pub ids: Option<&'a [i64]>,
    pub group_by: Vec<(&'a str, &'a Field)>,
    pub measures: &'a [Measure],
    pub rows: Rows,
}

/// Answers a question, as far as the scope may know.
pub async fn answer(app: &App, scope: &Scope, asked: &Question) -> Result<Answer> {
    let layer = app.layer(scope, &asked.layer)?;
    asked.check_sizes()?;
    let group_by = group_by(layer, scope, asked)?;
    if in_sums_only(layer, scope, asked)? {
        return published::answer(app, scope, layer, asked, &group_by).await;
    }
    let selected = Selected::look_up(layer, scope, asked)?;
    if let Some(held) = app.snapshots.get(&layer.id)
        && let Some(answer) = memory::answer(app, held, &selected, asked).await?
    {
        return Ok(answer);
    }
    from_rows(app, asked, &selected).await
}

/// Whether something is asked of which the scope may have sums and no more.
fn in_sums_only(layer: &Layer, scope: &Scope, asked: &Question) -> Result<bool> {
    let mut in_sums_only = asked.published;
    for measure in &asked.measures {
        for name in measure.names() {
            let (_, field) = nameable(layer, scope, "measures", name)?;
            if !matches!(measure, Measure::Count(_)) {
                number("measures", name, field)?;
            }
            in_sums_only |= layer.field_for(scope, name).is_none();
        }
    }
    Ok(in_sums_only)
}

fn group_by<'a>(
    layer: &'a Layer,
    scope: &Scope,
    asked: &Question,
) -> Result<Vec<(&'a str, &'a Field)>> {
    let mut group_by = Vec::new();
    for name in &asked.group_by {
        let (name, field) = readable(layer, scope, "group_by", name)?;
        if field.kind == FieldType::Decimal {
            return Err(Error::parameter(
                "group_by",
                format!("小数不能作分组 / `{name}` is a decimal and makes no groups"),
            ));
        }
        if group_by.iter().any(|(it, _)| *it == name) {
            return Err(Error::parameter("group_by", "重复 / named twice"));
        }
        group_by.push((name, field));
    }
    Ok(group_by)
}

fn number(at: &str, name: &str, field: &Field) -> Result<()> {
    if matches!(field.kind, FieldType::Decimal | FieldType::Integer) {
        return Ok(());
    }
    Err(Error::parameter(at, format!("不是数字 / `{name}` is no number")))
}

impl<'a> Selected<'a> {
    /// A question about what the scope may read.
    fn look_up(layer: &'a Layer, scope: &'a Scope, asked: &'a Question) -> Result<Self> {
        let histogram = asked.histogram.as_ref().map(|it| ("histogram", &it.field));
        let breaks = asked.breaks.as_ref().map(|it| ("breaks", &it.field));
        for (at, name) in histogram.into_iter().chain(breaks) {
            let (name, field) = readable(layer, scope, at, name)?;
            number(at, name, field)?;
        }
        if asked.polygon.is_some() && layer.geometry == Geometry::None {
            return Err(Error::parameter(
                "polygon",
                format!("此图层没有图形 / `{}` has no shapes", layer.id),
            ));
        }
        let mut selected = Self {
            layer,
            scope,
            filter: None,
            bbox: asked.bbox.map(bbox).transpose()?,
            polygon: asked.polygon.as_ref().map(Area::parse).transpose()?,
            ids: asked.ids.as_deref(),
            group_by: group_by(layer, scope, asked)?,
            measures: &asked.measures,
            rows: Rows::All,
        };
        if let Some(text) = &asked.filter {
            let fields = catalog::filter::fields(layer, scope);
            let expr = cql::parse_checked(text, &fields);
            selected.filter = Some(expr.map_err(|it| Error::parameter("filter", it.to_string()))?);
        }
        selected.rows = rows(&selected, asked);
        Ok(selected)
    }
}

async fn from_rows(app: &App, asked: &Question, selected: &Selected<'_>) -> Result<Answer> {
    let mut db = app.db.read(selected.scope).await?;
    // One moment for the revision and the rows.
    db.begin().await?;
    let revision = catalog::queries::revision(&mut db, &selected.layer.id).await?;
    let (groups, total) = queries::groups(&mut db, selected, GROUPS_AT_MOST).await?;
    let histogram = match &asked.histogram {
        Some(it) => Some(queries::histogram(&mut db, selected, it).await?),
        None => None,
    };
    let breaks = match &asked.breaks {
        Some(it) => Some(queries::breaks(&mut db, selected, it).await?),
        None => None,
    };
    db.end().await?;
    Ok(Answer {
        layer: selected.layer.id.clone(),
        revision,
        stale: false,
        rows: selected.rows,
        published: false,
        groups,
        total,
        histogram,
        breaks,
    })
}

fn too_many_groups() -> Error {
    Error::parameter(
        "group_by",
        format!(
            "超过 {GROUPS_AT_MOST} 组，请改分组或加筛选 / more than {GROUPS_AT_MOST} groups: group by something else or add a filter"
        ),
    )
}

/// What is open in the own units only makes the whole answer one of the own units: rows that show nothing there would pass
/// for rows without a figure.
fn rows(selected: &Selected<'_>, asked: &Question) -> Rows {
    let mut names: Vec<&str> = selected.group_by.iter().map(|(name, _)| *name).collect();
    names.extend(asked.measures.iter().flat_map(Measure::names));
    names.extend(asked.histogram.iter().map(|it| it.field.as_str()));
    names.extend(asked.breaks.iter().map(|it| it.field.as_str()));
    let filtered = selected.filter.as_ref().map(cql::properties).unwrap_or_default();
    names.extend(filtered.iter().map(String::as_str));
    let layer = selected.layer;
    let limited = names
        .into_iter()
        .filter_map(|it| layer.field.get(it))
        .any(|it| layer.is_limited(selected.scope, layer.role_of(it)));
    if limited { Rows::OwnUnits } else { Rows::All }
}

fn bbox(edges: [f64; 4]) -> Result<Bbox> {
    Bbox::parse(&edges.map(|it| it.to_string()).join(","))
}

/// A field that the scope may read.
fn readable<'a>(
    layer: &'a Layer,
    scope: &Scope,
    at: &str,
    name: &str,
) -> Result<(&'a str, &'a Field)> {
    let found = layer.field.get_key_value(name).filter(|_| layer.field_for(scope, name).is_some());
    found.map(|(name, it)| (name.as_str(), it)).ok_or_else(|| unknown(layer, scope, at, name))
}

/// A field of which the scope may have sums, if nothing more.
fn nameable<'a>(
    layer: &'a Layer,
    scope: &Scope,
    at: &str,
    name: &str,
) -> Result<(&'a str, &'a Field)> {
    let found = layer.field.get_key_value(name).filter(|_| {
        layer.field_for(scope, name).is_some() || layer.sums_for(scope, name).is_some()
    });
    found.map(|(name, it)| (name.as_str(), it)).ok_or_else(|| unknown(layer, scope, at, name))
}

/// The one answer to a name that does not exist and to one that may not be read.
fn unknown(layer: &Layer, scope: &Scope, at: &str, name: &str) -> Error {
    let near = nearest(name, layer.fields_for(scope).map(|it| it.0));
    let near = near.map(|it| format!("；是否 / did you mean `{it}`?")).unwrap_or_default();
    Error::parameter(at, format!("没有属性 / no property `{}`{near}", shortened(name)))
}
