//! An enterprise's facts of one year as named measures: the indicators of 亩均论英雄 and what they are made of.
//!
//! An enterprise is graded apart from the land it sits on: its figures are the whole legal person's, its land is what the
//! parcels' users were allocated ([`land`]). Each measure is computed from unrounded facts and rounded once, to
//! `numeric(18,6)`; one that is missing has a note that says which figure is not there and who supplies it.

mod catalogue;
pub mod land;

pub use catalogue::FIELDS;
pub use catalogue::FIGURES;
pub use catalogue::Figure;
pub use catalogue::MEASURES;
pub use catalogue::Measure;
pub use catalogue::fields;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use crate::judgement::measures::Note;
use crate::layer::Text;
use crate::measure;

use land::Land;

/// Yuan in 万元.
const YUAN_PER_WAN: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// What is known of an enterprise for a year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnterpriseFacts {
    pub land: Land,
    /// The part of its figures that was agreed to belong to these parcels, where that is not all of them: the rest is
    /// outside of the district, with land that nobody here knows.
    pub part_here: Option<Decimal>,
    /// By the names of [`FIGURES`]. What was not reported is not there; it is never zero.
    pub figures: BTreeMap<&'static str, Decimal>,
}

/// An enterprise's measures; all names of [`MEASURES`], in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnterpriseMeasures {
    pub values: IndexMap<&'static str, Option<Decimal>>,
    pub notes: Vec<Note>,
}

impl EnterpriseMeasures {
    pub fn get(&self, name: &str) -> Option<Decimal> {
        self.values.get(name).copied().flatten()
    }
}

/// Computes all measures of an enterprise.
pub fn measures(facts: &EnterpriseFacts) -> EnterpriseMeasures {
    let mut notes: Vec<Note> = facts.land.notes.clone();
    let tax = tax(&facts.figures, &mut notes);
    let land_mu = facts.land.area_m2.map(measure::mu_from_m2);
    let plain = |name: &str| match name {
        "land_mu" => land_mu,
        "tax_wan" => tax,
        _ => facts.figures.get(name).copied(),
    };
    let mut values = IndexMap::new();
    for it in MEASURES {
        let value = match it.under {
            None => plain(it.name).and_then(measure::stored),
            Some(under) => {
                let over = plain(it.over).and_then(|over| match (under, facts.part_here) {
                    ("land_mu", Some(part)) => over.checked_mul(part),
                    _ => Some(over),
                });
                let ratio = over.zip(plain(under)).and_then(|(over, under)| {
                    let over = if it.in_yuan { over.checked_mul(YUAN_PER_WAN)? } else { over };
                    measure::ratio(over, under)
                });
                if ratio.is_none() {
                    notes.push(Note { measure: it.name, text: why_not(it.over, under, &plain) });
                }
                ratio
            }
        };
        values.insert(it.name, value);
    }
    if facts.part_here.is_some() {
        notes.push(Note {
            measure: "land_mu",
            text: Text::new(
                "部分指标属区外用地：亩均指标只计区内部分",
                "part of its figures belongs to land outside of the district: measures per mu take the part inside",
            ),
        });
    }
    EnterpriseMeasures { values, notes }
}

/// 评价税收: what was paid plus policy reductions where both are known, else the figure that was reported as such.
fn tax(figures: &BTreeMap<&'static str, Decimal>, notes: &mut Vec<Note>) -> Option<Decimal> {
    let of = |name: &str| figures.get(name).copied();
    let composed = of("tax_paid_wan").zip(of("tax_policy_adj_wan"));
    let composed = composed.and_then(|(paid, adjusted)| paid.checked_add(adjusted));
    let reported = of("tax_wan");
    let text = match (composed, reported) {
        (Some(sum), Some(told)) if sum != told => Text::new(
            format!("实缴与政策性减免之和 {sum} 与填报的评价税收 {told} 不一致，取前者"),
            format!("paid and policy reductions make {sum}, {told} was reported: the sum is used"),
        ),
        (None, Some(_)) if of("tax_paid_wan").is_some() => Text::new(
            "缺政策性减免税额，用填报的评价税收",
            "the policy reductions are not known: the reported figure is used",
        ),
        (None, None) if of("tax_paid_wan").is_some() => Text::new(
            "有实缴税金而缺政策性减免税额，评价税收未知：由税务部门提供",
            "the tax paid is known, the policy reductions are not: the tax office supplies them",
        ),
        (None, None) => missing("tax_wan"),
        _ => return composed.or(reported),
    };
    notes.push(Note { measure: "tax_wan", text });
    composed.or(reported)
}

/// Which figure of a ratio is not there, or why it has no answer.
fn why_not(over: &str, under: &str, plain: &dyn Fn(&str) -> Option<Decimal>) -> Text {
    let absent: Vec<Text> =
        [over, under].into_iter().filter(|it| plain(it).is_none()).map(missing).collect();
    if absent.is_empty() {
        let zero = plain(under).is_some_and(|it| it <= Decimal::ZERO);
        let title = title(under);
        return if zero {
            Text::new(
                format!("{}不大于零，无法相除", title.zh),
                format!("{} is not above zero: there is no ratio", title.en.to_lowercase()),
            )
        } else {
            Text::new("数值过大", "the figure is too large")
        };
    }
    let join =
        |pick: fn(&Text) -> &str, by: &str| absent.iter().map(pick).collect::<Vec<_>>().join(by);
    Text::new(join(|it| &it.zh, "；"), join(|it| &it.en, "; "))
}

/// Why a measure is missing, from what is known of the figures it is made of.
pub fn why_missing(measure: &str, known: &dyn Fn(&str) -> Option<Decimal>) -> Text {
    match MEASURES.iter().find(|it| it.name == measure) {
        Some(Measure { over, under: Some(under), .. }) => why_not(over, under, known),
        _ => missing(measure),
    }
}

/// That a figure is not there, and who supplies it.
fn missing(name: &str) -> Text {
    let title = title(name);
    match FIGURES.iter().find(|it| it.name == name) {
        Some(it) => Text::new(
            format!("缺{}：由{}提供", title.zh, it.from_zh),
            format!("{} is missing: {} supplies it", title.en.to_lowercase(), it.from_en),
        ),
        None => Text::new(
            format!("缺{}：由自然资源部门与责任单位在用地关系中补齐", title.zh),
            format!(
                "{} is missing: the land office and the responsible unit supply it with who uses which land",
                title.en.to_lowercase()
            ),
        ),
    }
}

fn title(name: &str) -> Text {
    let figure = FIGURES.iter().find(|it| it.name == name).map(|it| (it.zh, it.en));
    let known =
        figure.or_else(|| MEASURES.iter().find(|it| it.name == name).map(|it| (it.zh, it.en)));
    let (zh, en) = known.unwrap_or((name, name));
    Text::new(zh, en)
}

#[cfg(test)]
mod tests;
