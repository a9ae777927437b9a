//! Scores and grades of a cohort, by one of two families: ratio to a base (台州黄岩) and min–max (旌德).
//!
//! Ratio: value ÷ base × weight. Min–max: weight × [20 + 80 × (x − min) ÷ (max − min)] ÷ 100. Grades follow rank.
//! Not yet here: bonus and malus, vetoes, cohorts by sector.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::layer::Text;
use crate::measure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Ratio,
    MinMax,
}

/// What a missing figure scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The member gets neither a score nor a grade.
    #[default]
    Ungraded,
    /// The mean score of the members that have the figure: imputed on the score, not on the value.
    MeanScore,
    Zero,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The name of the figure.
    pub measure: String,
    pub weight: Decimal,
    pub method: Method,
    /// The value that scores the full weight; `ratio` only.
    pub base: Option<Decimal>,
    /// The most that the item scores, in times its weight.
    pub cap: Option<Decimal>,
    /// The least that the item scores.
    pub floor: Option<Decimal>,
    #[serde(default)]
    pub missing: Missing,
}

/// A grade for the members up to a share of the cohort, counted from the best.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub grade: String,
    /// The bound belongs to the band: rank ≤ ⌊n × `up_to`⌋.
    pub up_to: Decimal,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    pub title: Text,
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    #[serde(rename = "band", default)]
    pub bands: Vec<Band>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// Per item, in the scheme's order.
    pub items: Vec<Option<Decimal>>,
    /// Unrounded.
    pub score: Option<Decimal>,
    /// From 1; equal scores share the better rank.
    pub rank: Option<usize>,
    pub grade: Option<String>,
}

impl Scheme {
    /// Reads TOML and judges the numbers; the error is a sentence for the file's author.
    pub fn parse(text: &str) -> Result<Self, String> {
        let scheme: Self = toml::from_str(text).map_err(|it| it.to_string())?;
        if scheme.items.is_empty() {
            return Err("没有指标 / there is no [[item]]".to_owned());
        }
        for item in &scheme.items {
            let base = item.base.is_some_and(|it| it > Decimal::ZERO);
            if item.weight <= Decimal::ZERO || (item.method == Method::Ratio) != base {
                let name = &item.measure;
                return Err(format!(
                    "指标 `{name}`：权重应大于 0，ratio 需要大于 0 的 base，min_max 不要 base \
                     / item `{name}`: weight above 0; ratio takes a base above 0, min_max none"
                ));
            }
        }
        let bounds: Vec<Decimal> = scheme.bands.iter().map(|it| it.up_to).collect();
        if !bounds.is_sorted() || bounds.last().is_some_and(|it| *it != Decimal::ONE) {
            return Err("档次的 up_to 应递增到 1 / bands' up_to must rise to 1".to_owned());
        }
        Ok(scheme)
    }

    /// Scores, ranks and grades the members of one cohort, each given as figures by name.
    ///
    /// An empty cohort gives nothing. Where all have the same figure, min–max gives each the full weight. In a cohort
    /// too small for its bands the upper grades stay empty: of three, ⌊3 × 0.20⌋ = 0 are A.
    pub fn score(&self, members: &[BTreeMap<String, Decimal>]) -> Vec<Scored> {
        let columns: Vec<Vec<Option<Decimal>>> =
            self.items.iter().map(|it| it.score(members)).collect();
        let mut scored: Vec<Scored> = (0..members.len())
            .map(|index| {
                let items: Vec<Option<Decimal>> = columns.iter().map(|it| it[index]).collect();
                let score = items.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add((*it)?));
                Scored { items, score, rank: None, grade: None }
            })
            .collect();
        let mut order: Vec<Decimal> = scored.iter().filter_map(|it| it.score).collect();
        order.sort_unstable_by(|left, right| right.cmp(left));
        for it in &mut scored {
            let Some(score) = it.score else { continue };
            let rank = order.partition_point(|it| *it > score) + 1;
            it.rank = Some(rank);
            it.grade = self.grade(rank, order.len());
        }
        scored
    }

    fn grade(&self, rank: usize, graded: usize) -> Option<String> {
        let bound = |it: &Band| (Decimal::from(graded) * it.up_to).floor();
        self.bands.iter().find(|it| Decimal::from(rank) <= bound(it)).map(|it| it.grade.clone())
    }
}

impl Item {
    fn score(&self, members: &[BTreeMap<String, Decimal>]) -> Vec<Option<Decimal>> {
        let values: Vec<Option<Decimal>> =
            members.iter().map(|it| it.get(&self.measure).copied()).collect();
        let known = || values.iter().flatten().copied();
        let (least, most) = (known().min(), known().max());
        let scores: Vec<Option<Decimal>> =
            values.iter().map(|it| self.limited(self.raw((*it)?, least?, most?)?)).collect();
        let substitute = match self.missing {
            Missing::Ungraded => None,
            Missing::Zero => Some(Decimal::ZERO),
            Missing::MeanScore => mean(&scores),
        };
        // A figure that is there but cannot be scored (too large) is not imputed.
        std::iter::zip(values, scores)
            .map(|(value, score)| if value.is_none() { substitute } else { score })
            .collect()
    }

    fn raw(&self, value: Decimal, least: Decimal, most: Decimal) -> Option<Decimal> {
        match self.method {
            Method::Ratio => value.checked_mul(self.weight)?.checked_div(self.base?),
            Method::MinMax => {
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
        Some(self.floor.map_or(capped, |it| capped.max(it)))
    }
}

fn mean(scores: &[Option<Decimal>]) -> Option<Decimal> {
    let known: Vec<Decimal> = scores.iter().flatten().copied().collect();
    let sum = known.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(*it))?;
    measure::ratio(sum, Decimal::from(known.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn member(figures: &[(&str, &str)]) -> BTreeMap<String, Decimal> {
        figures.iter().map(|(name, value)| ((*name).to_owned(), dec(value))).collect()
    }

    /// 台州黄岩 2022, 规上.
    const HUANGYAN: [(&str, &str, &str); 6] = [
        ("tax_wan_per_mu", "24.097", "30"),
        ("value_added_wan_per_mu", "136.16", "20"),
        ("value_added_wan_per_tce", "2.694", "20"),
        ("value_added_wan_per_t", "4929.81", "10"),
        ("value_added_wan_per_person", "18.14", "10"),
        ("rd_ratio", "0.0302", "10"),
    ];

    fn huangyan() -> Scheme {
        let items = HUANGYAN.map(|(measure, base, weight)| {
            format!(
                "[[item]]\nmeasure = \"{measure}\"\nmethod = \"ratio\"\nbase = \"{base}\"\nweight = \"{weight}\"\n\
                 missing = \"mean_score\"\n"
            )
        });
        let text = format!("title = {{ zh = \"黄岩\", en = \"Huangyan\" }}\n{}", items.concat());
        Scheme::parse(&text).unwrap()
    }

    fn min_max(bands: &str) -> Scheme {
        Scheme::parse(&format!(
            "title = {{ zh = \"旌德\", en = \"Jingde\" }}\n[[item]]\nmeasure = \"x\"\nmethod = \"min_max\"\nweight = 50\n{bands}"
        ))
        .unwrap()
    }

    const BANDS: &str = "[[band]]\ngrade = \"A\"\nup_to = 0.20\n[[band]]\ngrade = \"B\"\nup_to = 0.60\n\
                         [[band]]\ngrade = \"C\"\nup_to = 0.95\n[[band]]\ngrade = \"D\"\nup_to = 1\n";

    #[test]
    fn golden_100_point_base_enterprise() {
        let base = HUANGYAN.map(|(measure, base, _)| (measure, base));
        assert_eq!(huangyan().score(&[member(&base)])[0].score, Some(dec("100")));
        let small = Scheme::parse(
            "title = { zh = \"规下\", en = \"Small\" }\n\
             [[item]]\nmeasure = \"tax_wan_per_mu\"\nmethod = \"ratio\"\nbase = 11.5932\nweight = 50\n\
             [[item]]\nmeasure = \"tax_per_kwh\"\nmethod = \"ratio\"\nbase = 0.2352\nweight = 50\n",
        )
        .unwrap();
        let base = [("tax_wan_per_mu", "11.5932"), ("tax_per_kwh", "0.2352")];
        assert_eq!(small.score(&[member(&base)])[0].score, Some(dec("100")));
    }

    #[test]
    fn a_missing_emission_is_imputed_on_the_score() {
        let base = HUANGYAN.map(|(measure, base, _)| (measure, base));
        let mut twice = member(&base);
        twice.insert("value_added_wan_per_t".to_owned(), dec("9859.62"));
        let mut without = member(&base);
        without.remove("value_added_wan_per_t");
        let members = [member(&base), twice, without];
        let scores: Vec<Decimal> =
            huangyan().score(&members).iter().map(|it| it.score.unwrap()).collect();
        assert_eq!(scores, [dec("100"), dec("110"), dec("105")], "the mean of 10 and 20 is 15");
    }

    #[test]
    fn golden_min_max_runs_from_a_fifth_to_the_whole_weight() {
        let members = ["0", "50", "100"].map(|it| member(&[("x", it)]));
        let scores: Vec<_> =
            min_max("").score(&members).into_iter().map(|it| it.score.unwrap()).collect();
        assert_eq!(scores, [dec("10"), dec("30"), dec("50")]);
    }

    #[test]
    fn bands_include_their_upper_bound_and_ties_share_the_better_rank() {
        let members: Vec<_> = (0..20).map(|it| member(&[("x", &it.to_string())])).collect();
        let scored = min_max(BANDS).score(&members);
        let grade = |rank: usize| {
            scored.iter().find(|it| it.rank == Some(rank)).unwrap().grade.clone().unwrap()
        };
        assert_eq!(
            [grade(4), grade(5), grade(12), grade(13), grade(19), grade(20)],
            ["A", "B", "B", "C", "C", "D"]
        );
        let tied: Vec<_> = ["9", "9", "5", "5", "1"].map(|it| member(&[("x", it)])).into();
        let ranks: Vec<_> = min_max(BANDS).score(&tied).iter().map(|it| it.rank.unwrap()).collect();
        assert_eq!(ranks, [1, 1, 3, 3, 5]);
    }

    #[test]
    fn degenerate_cohorts_have_a_defined_answer() {
        assert!(min_max(BANDS).score(&[]).is_empty());
        let equal = min_max(BANDS).score(&vec![member(&[("x", "7")]); 3]);
        assert!(equal.iter().all(|it| it.score == Some(dec("50")) && it.rank == Some(1)));
        assert_eq!(equal[0].grade.as_deref(), Some("B"), "of three none is A");
        let missing = min_max(BANDS).score(&[member(&[])]);
        assert_eq!((missing[0].score, missing[0].rank, &missing[0].grade), (None, None, &None));
    }

    #[test]
    fn cap_and_floor_are_optional_limits() {
        let scheme = Scheme::parse(
            "title = { zh = \"\", en = \"\" }\n[[item]]\nmeasure = \"x\"\nmethod = \"ratio\"\nbase = 1\nweight = 10\n\
             cap = 1.5\nfloor = 0\nmissing = \"zero\"\n",
        )
        .unwrap();
        let members = [member(&[("x", "9")]), member(&[("x", "-3")]), member(&[])];
        let scores: Vec<_> = scheme.score(&members).iter().map(|it| it.score.unwrap()).collect();
        assert_eq!(scores, [dec("15"), dec("0"), dec("0")]);
    }

    #[test]
    fn a_bad_scheme_is_refused() {
        let head = "title = { zh = \"\", en = \"\" }\n[[item]]\nmeasure = \"x\"\n";
        assert!(Scheme::parse(&format!("{head}method = \"ratio\"\nweight = 1\n")).is_err());
        assert!(Scheme::parse(&format!("{head}method = \"min_max\"\nweight = 0\n")).is_err());
        assert!(
            Scheme::parse(&format!("{head}method = \"min_max\"\nweight = 1\nwieght = 1\n"))
                .is_err()
        );
        let bands = "[[band]]\ngrade = \"A\"\nup_to = 0.5\n";
        assert!(
            Scheme::parse(&format!("{head}method = \"min_max\"\nweight = 1\n{bands}")).is_err()
        );
    }
}
