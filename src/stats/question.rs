//! What may be asked of statistics, and its limits.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use super::area::Area;
use super::breaks;
use super::breaks::Method;
use super::breaks::Spread;
use crate::error::Error;
use crate::error::Result;

/// Fields to group by.
const GROUP_BY_AT_MOST: usize = 2;
/// Measures of one question.
const MEASURES_AT_MOST: usize = 20;
/// Classes of a histogram.
const BINS_AT_MOST: usize = 100;
/// Rows that can be named one by one.
const IDS_AT_MOST: usize = 10_000;
/// Classes of breaks, with a legend that people can read.
const CLASSES: std::ops::RangeInclusive<u32> = 3..=9;

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
    /// Only rows that touch it: a `Polygon` or `MultiPolygon` as in GeoJSON, at most 5000 vertices.
    #[serde(default)]
    pub polygon: Option<Area>,
    /// Only these features, at most 10000.
    #[serde(default)]
    pub ids: Option<Vec<i64>>,
    /// At most two fields; a group for each combination of their values.
    #[serde(default)]
    pub group_by: Vec<String>,
    #[serde(default)]
    pub measures: Vec<Measure>,
    #[serde(default)]
    pub histogram: Option<Histogram>,
    /// Where a thematic map would cut the values into classes.
    #[serde(default)]
    pub breaks: Option<Breaks>,
    /// Sums as they may be published, under disclosure control, also for those who may read the single values.
    #[serde(default)]
    pub published: bool,
}

/// What is worked out of each group. Missing values are left out and counted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "StatsMeasure")]
pub enum Measure {
    /// How many rows have a value, of a field of any type.
    Count(String),
    Sum(String),
    Avg(String),
    Min(String),
    Max(String),
    /// The variance of a sample; nothing of a single row.
    Var(String),
    /// The root of that variance.
    Stddev(String),
    /// The sum of the first over the sum of the second, of the rows that have both: never a mean of ratios.
    Ratio([String; 2]),
}

impl Measure {
    /// The member under which the answer has it.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Count(it) => format!("count_{it}"),
            Self::Sum(it) => format!("sum_{it}"),
            Self::Avg(it) => format!("avg_{it}"),
            Self::Min(it) => format!("min_{it}"),
            Self::Max(it) => format!("max_{it}"),
            Self::Var(it) => format!("var_{it}"),
            Self::Stddev(it) => format!("stddev_{it}"),
            Self::Ratio([over, under]) => format!("ratio_{over}_to_{under}"),
        }
    }

    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Count(it)
            | Self::Sum(it)
            | Self::Avg(it)
            | Self::Min(it)
            | Self::Max(it)
            | Self::Var(it)
            | Self::Stddev(it) => vec![it],
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

/// Classes of a number's values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StatsBreaks")]
pub struct Breaks {
    pub field: String,
    pub method: Method,
    /// Three to nine; not with `manual`.
    #[serde(default)]
    pub classes: Option<u32>,
    /// With `manual`: at most eight rising bounds; a value on a bound is in the upper class.
    #[serde(default)]
    pub values: Vec<Decimal>,
}

impl Question {
    /// Whether it keeps to the limits.
    pub(super) fn check_sizes(&self) -> Result<()> {
        at_most("group_by", self.group_by.len(), GROUP_BY_AT_MOST)?;
        at_most("measures", self.measures.len(), MEASURES_AT_MOST)?;
        at_most("ids", self.ids.as_ref().map_or(0, Vec::len), IDS_AT_MOST)?;
        if let Some(it) = &self.histogram {
            it.check()?;
        }
        self.breaks.as_ref().map_or(Ok(()), Breaks::check)
    }
}

impl Histogram {
    /// The bounds between its classes.
    pub(super) fn bounds(&self, spread: &Spread) -> Vec<Decimal> {
        match (self.bins, spread.ends) {
            (None, _) => self.breaks.clone(),
            (Some(bins), Some((min, max))) => breaks::even(min, max, bins),
            (Some(_), None) => Vec::new(),
        }
    }

    fn check(&self) -> Result<()> {
        let bins = self.bins.map_or(0, |it| usize::try_from(it).unwrap_or(usize::MAX));
        at_most("histogram.bins", bins, BINS_AT_MOST)?;
        at_most("histogram.breaks", self.breaks.len(), BINS_AT_MOST - 1)?;
        if self.breaks.is_empty() == self.bins.is_none_or(|it| it == 0) {
            return Err(Error::parameter(
                "histogram",
                "`breaks` 与 `bins` 二者取一 / either `breaks` or `bins`",
            ));
        }
        rising("histogram.breaks", &self.breaks)
    }
}

impl Breaks {
    /// The ranks of the values that [`Breaks::bounds`] needs.
    pub(super) fn ranks(&self, spread: &Spread) -> Vec<u64> {
        breaks::ranks(self.method, self.classes.unwrap_or_default(), spread.known)
    }

    /// The bounds between the classes, given the values of those ranks.
    pub(super) fn bounds(&self, spread: &Spread, values: &[Decimal]) -> Vec<Decimal> {
        match self.method {
            Method::Manual => self.values.clone(),
            it => breaks::bounds(it, self.classes.unwrap_or_default(), spread, values),
        }
    }

    fn check(&self) -> Result<()> {
        if self.method == Method::Manual {
            if self.values.is_empty() || self.classes.is_some() {
                return Err(Error::parameter(
                    "breaks",
                    "手工分级只给 `values` / `manual` takes `values`, and no `classes`",
                ));
            }
            at_most("breaks.values", self.values.len(), *CLASSES.end() as usize - 1)?;
            return rising("breaks.values", &self.values);
        }
        if !self.values.is_empty() {
            return Err(Error::parameter(
                "breaks.values",
                "只用于手工分级 / only with the method `manual`",
            ));
        }
        if !self.classes.is_some_and(|it| CLASSES.contains(&it)) {
            return Err(Error::parameter(
                "breaks.classes",
                format!(
                    "应为 {from} 到 {to} / a number from {from} to {to}",
                    from = CLASSES.start(),
                    to = CLASSES.end()
                ),
            ));
        }
        Ok(())
    }
}

fn at_most(name: &str, many: usize, most: usize) -> Result<()> {
    if many > most {
        return Err(Error::parameter(name, format!("至多 {most} 个 / at most {most}")));
    }
    Ok(())
}

fn rising(name: &str, bounds: &[Decimal]) -> Result<()> {
    if bounds.windows(2).any(|it| it[0] >= it[1]) {
        return Err(Error::parameter(name, "应递增 / should rise"));
    }
    Ok(())
}
