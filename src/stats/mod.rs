//! Sums over a selection of a layer's rows. Two ways lead to an answer. Where every field that is named may be read, any
//! selection is summed in the database. Where a figure may only be had in sums, the answer comes from the fixed tables that
//! disclosure control has decided on ([`published`]): the total, and one table for each dimension of the layer.
//!
//! A field that may not be read is answered as one that does not exist, in the same words.

use indexmap::IndexMap;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
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
use crate::layer::Layer;
use crate::layer::nearest;

mod published;
pub mod queries;
pub mod routes;

/// Fields to group by.
const GROUP_BY_AT_MOST: usize = 2;
/// Measures of one question.
const MEASURES_AT_MOST: usize = 20;
/// Groups of one answer.
const GROUPS_AT_MOST: usize = 10_000;
/// Classes of a histogram.
const BINS_AT_MOST: usize = 100;

/// What is asked.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StatsQuestion")]
pub struct Question {
    pub layer: String,
    /// CQL2 text: only rows that it fits.
    #[serde(default)]
    pub filter: Option<String>,
    /// Only rows that touch it: west, south, east, north in degrees.
    #[serde(default)]
    pub bbox: Option<[f64; 4]>,
    /// At most two fields; a group for each combination of their values.
    #[serde(default)]
    pub group_by: Vec<String>,
    #[serde(default)]
    pub measures: Vec<Measure>,
    #[serde(default)]
    pub histogram: Option<Histogram>,
    /// Sums as they may be published, under disclosure control, also for those who may read the single values.
    #[serde(default)]
    pub published: bool,
}

/// What is worked out of each group. Missing values are left out and counted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "StatsMeasure")]
pub enum Measure {
    Sum(String),
    Avg(String),
    Min(String),
    Max(String),
    /// The sum of the first over the sum of the second, of the rows that have both: never a mean of ratios.
    Ratio([String; 2]),
}

impl Measure {
    /// The member under which the answer has it.
    fn label(&self) -> String {
        match self {
            Self::Sum(it) => format!("sum_{it}"),
            Self::Avg(it) => format!("avg_{it}"),
            Self::Min(it) => format!("min_{it}"),
            Self::Max(it) => format!("max_{it}"),
            Self::Ratio([over, under]) => format!("ratio_{over}_to_{under}"),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Sum(it) | Self::Avg(it) | Self::Min(it) | Self::Max(it) => vec![it],
            Self::Ratio(both) => both.iter().map(String::as_str).collect(),
        }
    }
}

/// How often a number's values fall between bounds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StatsHistogram")]
pub struct Histogram {
    pub field: String,
    /// Rising bounds; a value on a bound is in the upper class.
    #[serde(default)]
    pub breaks: Vec<Decimal>,
    /// So many classes of equal width, in place of `breaks`.
    #[serde(default)]
    pub bins: Option<u32>,
}

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
    pub rows: Rows,
    /// Whether the figures stand under disclosure control.
    pub published: bool,
    pub groups: Vec<Group>,
    pub total: Total,
    pub histogram: Option<Counts>,
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

/// A question whose names have been looked up.
#[derive(Debug)]
pub struct Selected<'a> {
    pub layer: &'a Layer,
    pub scope: &'a Scope,
    pub filter: Option<Expr>,
    pub bbox: Option<Bbox>,
    pub group_by: Vec<(&'a str, &'a Field)>,
    pub measures: &'a [Measure],
    pub rows: Rows,
}

/// Answers a question, as far as the scope may know.
pub async fn answer(app: &App, scope: &Scope, asked: &Question) -> Result<Answer> {
    let layer = app.layer(scope, &asked.layer)?;
    check_sizes(asked)?;
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
    let mut in_sums_only = asked.published;
    for measure in &asked.measures {
        for name in measure.names() {
            let (_, field) = nameable(layer, scope, "measures", name)?;
            if !matches!(field.kind, FieldType::Decimal | FieldType::Integer) {
                return Err(Error::parameter(
                    "measures",
                    format!("不是数字 / `{name}` is no number"),
                ));
            }
            in_sums_only |= layer.field_for(scope, name).is_none();
        }
    }
    if in_sums_only {
        return published::answer(app, scope, layer, asked, &group_by).await;
    }
    if let Some(it) = &asked.histogram {
        let (name, field) = readable(layer, scope, "histogram", &it.field)?;
        if !matches!(field.kind, FieldType::Decimal | FieldType::Integer) {
            return Err(Error::parameter("histogram", format!("不是数字 / `{name}` is no number")));
        }
    }
    let mut selected = Selected {
        layer,
        scope,
        filter: None,
        bbox: asked.bbox.map(bbox).transpose()?,
        group_by,
        measures: &asked.measures,
        rows: Rows::All,
    };
    if let Some(text) = &asked.filter {
        let fields = catalog::filter::fields(layer, scope);
        let expr = cql::parse_checked(text, &fields);
        selected.filter = Some(expr.map_err(|it| Error::parameter("filter", it.to_string()))?);
    }
    selected.rows = rows(&selected, asked);
    from_rows(app, asked, &selected).await
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
    db.end().await?;
    Ok(Answer {
        layer: selected.layer.id.clone(),
        revision,
        rows: selected.rows,
        published: false,
        groups,
        total,
        histogram,
    })
}

/// What is open in the own units only makes the whole answer one of the own units: rows that show nothing there would pass
/// for rows without a figure.
fn rows(selected: &Selected<'_>, asked: &Question) -> Rows {
    let mut names: Vec<&str> = selected.group_by.iter().map(|(name, _)| *name).collect();
    names.extend(asked.measures.iter().flat_map(Measure::names));
    names.extend(asked.histogram.iter().map(|it| it.field.as_str()));
    let filtered = selected.filter.as_ref().map(cql::properties).unwrap_or_default();
    names.extend(filtered.iter().map(String::as_str));
    let layer = selected.layer;
    let limited = names
        .into_iter()
        .filter_map(|it| layer.field.get(it))
        .any(|it| layer.is_limited(selected.scope, layer.role_of(it)));
    if limited { Rows::OwnUnits } else { Rows::All }
}

fn check_sizes(asked: &Question) -> Result<()> {
    let most = |name: &str, many: usize, most: usize| {
        if many > most {
            return Err(Error::parameter(name, format!("至多 {most} 个 / at most {most}")));
        }
        Ok(())
    };
    most("group_by", asked.group_by.len(), GROUP_BY_AT_MOST)?;
    most("measures", asked.measures.len(), MEASURES_AT_MOST)?;
    let Some(histogram) = &asked.histogram else { return Ok(()) };
    let bins = histogram.bins.map_or(0, |it| usize::try_from(it).unwrap_or(usize::MAX));
    most("histogram.bins", bins, BINS_AT_MOST)?;
    most("histogram.breaks", histogram.breaks.len(), BINS_AT_MOST - 1)?;
    if histogram.breaks.is_empty() == histogram.bins.is_none_or(|it| it == 0) {
        return Err(Error::parameter(
            "histogram",
            "`breaks` 与 `bins` 二者取一 / either `breaks` or `bins`",
        ));
    }
    if histogram.breaks.windows(2).any(|it| it[0] >= it[1]) {
        return Err(Error::parameter("histogram.breaks", "应递增 / should rise"));
    }
    Ok(())
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
