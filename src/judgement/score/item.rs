//! One item of a scheme: what it scores for each member of a cohort.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::Serialize;

use crate::judgement::enterprise::MEASURES;
use crate::measure;

use super::ItemScore;
use super::Member;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ScoreMethod")]
pub enum Method {
    Ratio,
    MinMax,
}

/// What a missing figure scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ScoreMissing")]
pub enum Missing {
    /// The member gets neither a score nor a grade.
    #[default]
    Ungraded,
    /// The mean score of the members that have the figure: imputed on the score, not on the value.
    MeanScore,
    Zero,
}

/// What a computed base is a multiple of. A mean of ratios is the ratio of sums: 30 亩 count thirty times as much as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaseOf {
    /// The cohort's mean of the year.
    CohortMean,
    /// The mean of the same enterprises in the year before.
    PriorYearMean,
}

/// The value that scores the full weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ScoreBase")]
pub enum Base {
    Published(Decimal),
    Computed { times: Decimal, of: BaseOf },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SchemeItem")]
pub struct Item {
    /// The name of the figure.
    pub measure: String,
    pub weight: Decimal,
    pub method: Method,
    /// `ratio` only.
    pub base: Option<Base>,
    /// The most that the item scores, in times its weight.
    pub cap: Option<Decimal>,
    /// The least that the item scores.
    pub floor: Option<Decimal>,
    #[serde(default)]
    pub missing: Missing,
}

impl Item {
    /// The item's score of every member of the cohort, in their order.
    pub(super) fn scores(&self, members: &[&Member]) -> Vec<ItemScore> {
        let values: Vec<Option<Decimal>> =
            members.iter().map(|it| it.measures.get(&self.measure).copied()).collect();
        let known = || values.iter().flatten().copied();
        let ends = match self.method {
            Method::MinMax => known().min().zip(known().max()),
            Method::Ratio => None,
        };
        let base = self.base(members);
        let score = |value: Decimal| self.limited(self.raw(value, base, ends)?);
        let scores: Vec<Option<Decimal>> = values.iter().map(|it| score((*it)?)).collect();
        let substitute = match self.missing {
            Missing::Ungraded => None,
            Missing::Zero => Some(Decimal::ZERO),
            Missing::MeanScore => mean(&scores),
        };
        let computed = matches!(self.base, Some(Base::Computed { .. }));
        std::iter::zip(values, scores)
            .map(|(value, score)| {
                let imputed = value.is_none() && self.missing == Missing::MeanScore;
                let plain = |it: Option<Decimal>| it.map(|it| it.normalize());
                ItemScore {
                    measure: self.measure.clone(),
                    weight: self.weight,
                    method: self.method,
                    value,
                    base: plain(base),
                    least: plain(ends.map(|it| it.0)),
                    most: plain(ends.map(|it| it.1)),
                    // A figure that is there but cannot be scored (too large) is not imputed.
                    score: plain(if value.is_none() { substitute } else { score }),
                    imputed: imputed && substitute.is_some(),
                    relative: imputed || computed || self.method == Method::MinMax,
                }
            })
            .collect()
    }

    /// The base of the cohort; nothing for min–max, and where nobody has the figures to compute it from.
    fn base(&self, members: &[&Member]) -> Option<Decimal> {
        match self.base? {
            Base::Published(it) => Some(it),
            Base::Computed { times, of } => {
                let figures = members.iter().map(|it| match of {
                    BaseOf::CohortMean => &it.measures,
                    BaseOf::PriorYearMean => &it.previous,
                });
                let measure = MEASURES.iter().find(|it| it.name == self.measure)?;
                let (mut over, mut under) = (Decimal::ZERO, Decimal::ZERO);
                for it in figures {
                    let Some(value) = it.get(&self.measure) else { continue };
                    // The figure times what it is per, which is what it was made from, but for rounding.
                    let weight = match measure.under {
                        Some(name) => *it.get(name)?,
                        None => Decimal::ONE,
                    };
                    over = over.checked_add(value.checked_mul(weight)?)?;
                    under = under.checked_add(weight)?;
                }
                let mean = over.checked_div(under)?;
                measure::stored(mean.checked_mul(times)?).filter(|it| *it > Decimal::ZERO)
            }
        }
    }

    fn raw(
        &self,
        value: Decimal,
        base: Option<Decimal>,
        ends: Option<(Decimal, Decimal)>,
    ) -> Option<Decimal> {
        match self.method {
            Method::Ratio => value.checked_mul(self.weight)?.checked_div(base?),
            Method::MinMax => {
                let (least, most) = ends?;
                let spread = most.checked_sub(least)?;
                if spread.is_zero() {
                    return Some(self.weight);
                }
                let above = value
                    .checked_sub(least)?
                    .checked_mul(Decimal::from(80))?
                    .checked_div(spread)?;
                self.weight
                    .checked_mul(above.checked_add(Decimal::from(20))?)?
                    .checked_div(Decimal::ONE_HUNDRED)
            }
        }
    }

    fn limited(&self, score: Decimal) -> Option<Decimal> {
        let capped = match self.cap {
            Some(cap) => score.min(cap.checked_mul(self.weight)?),
            None => score,
        };
        measure::stored(self.floor.map_or(capped, |it| capped.max(it)))
    }
}

fn mean(scores: &[Option<Decimal>]) -> Option<Decimal> {
    let known: Vec<Decimal> = scores.iter().flatten().copied().collect();
    let sum = known.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(*it))?;
    measure::ratio(sum, Decimal::from(known.len()))
}
