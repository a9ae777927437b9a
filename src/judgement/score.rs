//! Scores and grades of enterprises, cohort by cohort, by one of two families: ratio to a base (台州黄岩, 淮安) and min–max
//! (旌德). A scheme is a file ([`file`]); what it makes of a year's enterprises is a function of the two ([`run`]).
//!
//! Ratio: value ÷ base × weight. Min–max: weight × [20 + 80 × (x − min) ÷ (max − min)] ÷ 100. Each item is rounded once, to
//! six places, so that who adds up what is shown gets the score. Grades follow rank within the cohort: the upper bound of a
//! band belongs to it (rank ≤ ⌊n × share⌋), and equal scores share the better rank.
//!
//! An empty cohort gives nothing. Where all have the same figure, min–max gives each the full weight, and all share rank 1.
//! In a cohort of fewer than `smallest_cohort` scored members (5) ranks say too little: there are scores and no grades.

mod file;
mod item;
mod outcome;
mod reader;

pub use file::Apart;
pub use file::Band;
pub use file::Bonus;
pub use file::Cohort;
pub use file::Fault;
pub use file::New;
pub use file::Policy;
pub use file::Scheme;
pub use file::Veto;
pub use item::Base;
pub use item::BaseOf;
pub use item::Item;
pub use item::Method;
pub use item::Missing;
pub use outcome::Evidence;
pub use outcome::ItemScore;
pub use outcome::Kind;
pub use outcome::Outcome;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rust_decimal::Decimal;

use crate::cql;
use crate::cql::Row;
use crate::cql::Truth;
use crate::cql::Value;
use crate::judgement::enterprise;
use crate::layer::Text;
use crate::measure;

use file::Condition;

/// Of fewer figures than this nothing is said of how they lie to one another.
pub const FEW: usize = 5;

/// An enterprise as schemes see it: its measures of the year, its fields, and its measures of the year before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Member {
    pub measures: BTreeMap<String, Decimal>,
    pub fields: BTreeMap<String, Value<'static>>,
    pub previous: BTreeMap<String, Decimal>,
    /// What was recorded of it, by kind: the reference that a veto or bonus quotes.
    pub references: BTreeMap<String, Vec<String>>,
}

impl Row for Member {
    fn get(&self, name: &str) -> Value<'_> {
        match self.measures.get(name) {
            Some(it) => Value::Number(*it),
            None => self.fields.get(name).cloned().unwrap_or(Value::Null),
        }
    }
}

/// Scores, ranks and grades all enterprises, in their order.
pub fn run(scheme: &Scheme, members: &[Member]) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = members.iter().map(|it| place(scheme, it)).collect();
    for cohort in &scheme.cohorts {
        // Who is in the cohort and in the ranking.
        let ranked: Vec<usize> = (0..members.len())
            .filter(|it| outcomes[*it].cohort.as_ref() == Some(&cohort.id) && !outcomes[*it].apart)
            .collect();
        score(scheme, cohort, members, &ranked, &mut outcomes);
        rank(scheme, cohort, &ranked, &mut outcomes);
        for index in &ranked {
            veto(scheme, &members[*index], &mut outcomes[*index]);
        }
    }
    outcomes
}

/// The first cohort whose condition holds, and whether the enterprise is ranked there.
fn place(scheme: &Scheme, member: &Member) -> Outcome {
    let mut it = Outcome::default();
    for cohort in &scheme.cohorts {
        match cohort.when.as_ref().map_or(Truth::True, |when| when.holds(member)) {
            Truth::True => {
                it.cohort = Some(cohort.id.clone());
                break;
            }
            Truth::False => {}
            // It may belong here or further down: nobody knows.
            Truth::Unknown => {
                let when = cohort.when.as_ref();
                it.evidence.push(Evidence {
                    reason: Text::new(
                        format!("分组待核实：{}", cohort.title.zh),
                        format!("whether it belongs to \"{}\" is to be verified", cohort.title.en),
                    ),
                    ..Evidence::of(Kind::Unplaced, &cohort.id, when, member)
                });
                it.apart = true;
                return it;
            }
        }
    }
    let Some(cohort) = scheme.cohorts.iter().find(|own| it.cohort.as_ref() == Some(&own.id)) else {
        it.apart = true;
        it.evidence.push(Evidence {
            reason: Text::new("不属于任何分组", "it belongs to no cohort"),
            ..Evidence::of(Kind::Unplaced, "", None, member)
        });
        return it;
    };
    for apart in &scheme.aparts {
        set_apart(
            &mut it,
            Kind::Apart,
            &apart.id,
            &apart.when,
            &apart.sentence,
            &apart.grade,
            member,
        );
    }
    if let Some(new) = &scheme.new {
        set_apart(&mut it, Kind::New, "new", &new.when, &new.sentence, &new.grade, member);
    }
    if let Some(least) = cohort.small_below_mu.filter(|_| !it.apart) {
        let land = member.measures.get("land_mu");
        if land.is_some_and(|land| *land < least) {
            it.apart = true;
            it.evidence.push(Evidence {
                reason: Text::new(
                    format!("用地不足 {least} 亩，不参评"),
                    format!("less than {least} mu of land: left out"),
                ),
                inputs: inputs(["land_mu"], member),
                ..Evidence::of(Kind::Small, "small", None, member)
            });
        }
    }
    it
}

/// Takes an enterprise out of the ranking where the condition holds. Where nobody knows, it stays and that is said.
fn set_apart(
    it: &mut Outcome,
    kind: Kind,
    id: &str,
    when: &Condition,
    sentence: &Text,
    grade: &str,
    member: &Member,
) {
    let evidence =
        Evidence { reason: sentence.clone(), ..Evidence::of(kind, id, Some(when), member) };
    match when.holds(member) {
        Truth::True if !it.apart => {
            it.apart = true;
            it.grade = Some(grade.to_owned());
            it.evidence.push(evidence);
        }
        Truth::Unknown => it.evidence.push(evidence.unverified()),
        Truth::True | Truth::False => {}
    }
}

/// The items of everybody in the ranking, with bonus and malus.
fn score(
    scheme: &Scheme,
    cohort: &Cohort,
    members: &[Member],
    ranked: &[usize],
    outcomes: &mut [Outcome],
) {
    let own: Vec<&Member> = ranked.iter().map(|it| &members[*it]).collect();
    let columns: Vec<Vec<ItemScore>> = cohort.items.iter().map(|it| it.scores(&own)).collect();
    for (nth, index) in ranked.iter().enumerate() {
        let (member, it) = (&members[*index], &mut outcomes[*index]);
        it.items = columns.iter().map(|column| column[nth].clone()).collect();
        it.relative = it.items.iter().any(|it| it.relative);
        for item in it.items.iter().filter(|it| it.value.is_none()) {
            it.evidence.push(Evidence {
                reason: enterprise::why_missing(&item.measure, &|it| {
                    member.measures.get(it).copied()
                }),
                inputs: inputs([item.measure.as_str()], member),
                ..Evidence::of(Kind::Missing, &item.measure, None, member)
            });
        }
        let items = it.items.iter().try_fold(Decimal::ZERO, |sum, it| sum.checked_add(it.score?));
        let points = bonus(scheme, member, it);
        it.points = points;
        it.score = items.and_then(|items| measure::stored(items.checked_add(points)?));
    }
}

/// The points that hold, each side at most what the scheme says.
fn bonus(scheme: &Scheme, member: &Member, it: &mut Outcome) -> Decimal {
    let (mut up, mut down) = (Decimal::ZERO, Decimal::ZERO);
    for bonus in &scheme.bonuses {
        let kind = if bonus.points < Decimal::ZERO { Kind::Malus } else { Kind::Bonus };
        let evidence = Evidence {
            reason: bonus.sentence.clone(),
            points: Some(bonus.points),
            ..Evidence::of(kind, &bonus.id, Some(&bonus.when), member)
        };
        match bonus.when.holds(member) {
            Truth::True => {
                let side = if kind == Kind::Malus { &mut down } else { &mut up };
                *side = side.saturating_add(bonus.points);
                it.evidence.push(evidence);
            }
            Truth::Unknown => it.evidence.push(evidence.unverified()),
            Truth::False => {}
        }
    }
    let up = scheme.bonus_at_most.map_or(up, |most| up.min(most));
    up.saturating_add(scheme.malus_at_most.map_or(down, |most| down.max(-most)))
}

/// Ranks and grades of everybody who has a score.
fn rank(scheme: &Scheme, cohort: &Cohort, ranked: &[usize], outcomes: &mut [Outcome]) {
    let mut order: Vec<Decimal> = ranked.iter().filter_map(|it| outcomes[*it].score).collect();
    order.sort_unstable_by(|left, right| right.cmp(left));
    let small = order.len() < scheme.smallest_cohort;
    for index in ranked {
        let it = &mut outcomes[*index];
        let Some(score) = it.score else { continue };
        let rank = order.partition_point(|it| *it > score) + 1;
        it.rank = Some(rank);
        it.ranked = Some(order.len());
        if !small {
            it.grade = cohort.grade(rank, order.len());
        } else if !cohort.bands.is_empty() {
            it.evidence.push(Evidence {
                reason: Text::new(
                    format!(
                        "组内仅 {} 户有分，不足 {} 户，不按名次分档",
                        order.len(),
                        scheme.smallest_cohort
                    ),
                    format!(
                        "only {} of the cohort have a score, fewer than {}: ranks give no grade",
                        order.len(),
                        scheme.smallest_cohort
                    ),
                ),
                ..Evidence::new(Kind::SmallCohort, &cohort.id)
            });
        }
    }
}

/// Lowers the grade to the best that a veto leaves.
fn veto(scheme: &Scheme, member: &Member, it: &mut Outcome) {
    for veto in &scheme.vetoes {
        let evidence = Evidence {
            reason: veto.sentence.clone(),
            best: Some(veto.best.clone()),
            ..Evidence::of(Kind::Veto, &veto.id, Some(&veto.when), member)
        };
        match veto.when.holds(member) {
            Truth::True => {
                // Without a grade by rank there is still the best it may have, when that is the last one.
                let worse = match &it.grade {
                    Some(now) => scheme.order(now) < scheme.order(&veto.best),
                    None => scheme.is_last(&veto.best),
                };
                if worse {
                    it.grade = Some(veto.best.clone());
                }
                it.evidence.push(evidence);
            }
            Truth::Unknown => it.evidence.push(evidence.unverified()),
            Truth::False => {}
        }
    }
}

/// In which quarter of its cohort each enterprise is, by figure: 1 is the upper one, and equal figures share the better.
/// Of fewer than five figures nothing is said.
pub fn quarters(
    scheme: &Scheme,
    members: &[Member],
    outcomes: &[Outcome],
) -> Vec<BTreeMap<String, u8>> {
    let mut quarters = vec![BTreeMap::new(); members.len()];
    for cohort in &scheme.cohorts {
        let own =
            |it: &usize| outcomes[*it].cohort.as_ref() == Some(&cohort.id) && !outcomes[*it].apart;
        let own: Vec<usize> = (0..members.len()).filter(own).collect();
        for item in &cohort.items {
            let known = own.iter().filter_map(|it| members[*it].measures.get(&item.measure));
            let mut order: Vec<Decimal> = known.copied().collect();
            if order.len() < FEW {
                continue;
            }
            order.sort_unstable_by(|left, right| right.cmp(left));
            for index in &own {
                let Some(value) = members[*index].measures.get(&item.measure) else { continue };
                let above = order.partition_point(|it| it > value);
                let quarter = u8::try_from(above * 4 / order.len() + 1).unwrap_or(4);
                quarters[*index].insert(item.measure.clone(), quarter);
            }
        }
    }
    quarters
}

/// The values of properties, as text.
fn inputs<'a>(
    names: impl IntoIterator<Item = &'a str>,
    member: &Member,
) -> IndexMap<String, Option<String>> {
    let text = |it: Value<'_>| match it {
        Value::Null | Value::NumberList(_) => None,
        Value::Text(it) => Some(it.into_owned()),
        Value::Number(it) => Some(it.to_string()),
        Value::Bool(it) => Some(it.to_string()),
        Value::Date(it) => Some(it.to_string()),
        Value::Timestamp(it) => Some(it.to_rfc3339()),
        Value::TextList(it) => Some(it.join(", ")),
        Value::Float(it) => Some(it.to_string()),
    };
    names.into_iter().map(|it| (it.to_owned(), text(member.get(it)))).collect()
}

impl Condition {
    fn holds(&self, member: &Member) -> Truth {
        cql::eval::eval(&self.condition, member)
    }
}

#[cfg(test)]
mod tests;
