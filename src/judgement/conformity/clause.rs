//! The clauses, one by one.

use rust_decimal::Decimal;

use crate::layer::ClauseId;
use crate::layer::Protected;
use crate::layer::Text;
use crate::measure;

use super::Clause;
use super::Facts;
use super::HITS;
use super::Hit;
use super::Outcome;
use super::Plan;
use super::Proposal;
use super::Settings;
use super::matches;
use super::share;
use super::words;

/// A clause of which nothing is known yet.
fn unknown(id: ClauseId, layer: &str, basis: &Text, finding: Text) -> Clause {
    Clause {
        clause: id,
        layer: layer.to_owned(),
        outcome: Outcome::Unknown,
        basis: basis.clone(),
        finding,
        area_m2: None,
        area_mu: None,
        share: None,
        limit: None,
        land_use_code: None,
        hits: Vec::new(),
    }
}

impl Clause {
    fn with_area(mut self, area_m2: Decimal, whole: Decimal) -> Self {
        self.area_m2 = Some(area_m2);
        self.area_mu = Some(measure::mu_from_m2(area_m2));
        self.share = share(area_m2, whole);
        self
    }
}

/// What is known of a plan, or why it is not.
fn known<'a>(facts: &'a Facts, layer: &str) -> Result<(Decimal, &'a Plan, &'a [Hit]), Text> {
    match facts.plans.get(layer) {
        Some(plan @ Plan::Known { covered_m2, hits, .. }) if facts.area_m2 > Decimal::ZERO => {
            Ok((*covered_m2, plan, hits))
        }
        Some(Plan::Known { .. }) => Err(words::no_area()),
        Some(Plan::Withheld) => Err(words::withheld()),
        Some(Plan::Missing) | None => Err(words::missing(layer)),
    }
}

/// (a) What lies on protected land.
pub(super) fn protected(settings: &Settings<'_>, facts: &Facts, of: &Protected) -> Clause {
    let id = ClauseId::Protected;
    let (covered, _, hits) = match known(facts, &of.layer) {
        Ok(it) => it,
        Err(why) => return unknown(id, &of.layer, &of.clause, why),
    };
    let tolerated = settings.tolerated(facts.area_m2);
    let kept = covered <= tolerated;
    Clause {
        outcome: if kept { Outcome::Pass } else { Outcome::Fail },
        limit: Some(tolerated),
        hits: hits.iter().take(HITS).cloned().collect(),
        ..unknown(id, &of.layer, &of.clause, words::protected(covered, tolerated, kept))
            .with_area(covered, facts.area_m2)
    }
}

/// (b) What lies outside the growth boundary. Land that is mostly outside fails: the line is none that a project moves.
/// Land that is mostly inside may be cut to it, or the line set right by a change of plan.
pub(super) fn boundary(settings: &Settings<'_>, facts: &Facts) -> Clause {
    let of = &settings.spec.boundary;
    let id = ClauseId::Boundary;
    let (covered, _, hits) = match known(facts, &of.layer) {
        Ok(it) => it,
        Err(why) => return unknown(id, &of.layer, &of.clause, why),
    };
    let outside = (facts.area_m2 - covered).max(Decimal::ZERO);
    let outcome = if outside <= settings.tolerated(facts.area_m2) {
        Outcome::Pass
    } else if covered >= facts.area_m2 * settings.inside_boundary {
        Outcome::NeedsPlanChange
    } else {
        Outcome::Fail
    };
    Clause {
        outcome,
        limit: Some(settings.inside_boundary),
        hits: hits.iter().take(HITS).cloned().collect(),
        ..unknown(id, &of.layer, &of.clause, words::boundary(outside, facts.area_m2, outcome))
            .with_area(outside, facts.area_m2)
    }
}

/// (c) Whether the control plan's main use takes the proposed one. Also the main use, where there is one.
pub(super) fn land_use(
    settings: &Settings<'_>,
    facts: &Facts,
    proposal: &Proposal,
) -> (Clause, Option<String>) {
    let of = &settings.spec.control;
    let blank = |why| unknown(ClauseId::Use, &of.layer, &of.use_clause, why);
    let (covered, plan, hits) = match known(facts, &of.layer) {
        Ok(it) => it,
        Err(why) => return (blank(why), None),
    };
    let Plan::Known { by_use, .. } = plan else { return (blank(words::missing(&of.layer)), None) };
    if covered < facts.area_m2 * settings.covered || hits.is_empty() {
        let why = words::uncovered(covered, facts.area_m2);
        return (blank(why).with_area(covered, facts.area_m2), None);
    }
    // Of equal ones the first by code, so that the order of the polygons changes nothing.
    let main = by_use.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
    let coded: Decimal = by_use.values().sum();
    let Some((main, area)) = main.filter(|(_, area)| **area >= covered - coded) else {
        return (blank(words::uncoded()), None);
    };
    let (outcome, finding) = match &proposal.land_use {
        None if proposal.use_withheld => (Outcome::Unknown, words::withheld()),
        Some(name) => match settings.find_use(name) {
            Some(it) if it.allowed_on.iter().any(|code| matches(code, main)) => {
                (Outcome::Pass, words::use_fits(Some(it), main))
            }
            Some(it) => (Outcome::NeedsPlanChange, words::use_differs(Some(it), main)),
            None => (Outcome::Unknown, words::use_unknown(name)),
        },
        None => {
            let all = settings.spec.uses.iter();
            let fits = all.flat_map(|it| &it.allowed_on).any(|code| matches(code, main));
            if fits {
                (Outcome::Pass, words::use_fits(None, main))
            } else {
                (Outcome::NeedsPlanChange, words::use_differs(None, main))
            }
        }
    };
    let clause = Clause {
        outcome,
        limit: Some(settings.covered),
        land_use_code: Some(main.clone()),
        hits: hits.iter().take(HITS).cloned().collect(),
        ..blank(finding).with_area(*area, facts.area_m2)
    };
    (clause, Some(main.clone()))
}

/// (c) Whether the floor-area ratio keeps the strictest limit of the plots of the main use; also that limit.
pub(super) fn far(
    settings: &Settings<'_>,
    facts: &Facts,
    proposal: &Proposal,
    main: Option<&str>,
) -> (Clause, Option<Decimal>) {
    let of = &settings.spec.control;
    let blank = |why| unknown(ClauseId::Far, &of.layer, &of.far_clause, why);
    let hits = match known(facts, &of.layer) {
        Ok((_, _, hits)) => hits,
        Err(why) => return (blank(why), None),
    };
    let Some(main) = main else { return (blank(words::no_main_use()), None) };
    // A plot that only touches the land by the maps' inexactness limits nothing on it.
    let tolerated = settings.tolerated(facts.area_m2);
    let of_main = |it: &&Hit| it.land_use_code.as_deref() == Some(main);
    let plots: Vec<&Hit> = hits.iter().filter(of_main).collect();
    let large: Vec<&Hit> = plots.iter().copied().filter(|it| it.area_m2 > tolerated).collect();
    let plots = if large.is_empty() { plots } else { large };
    let limit = plots.iter().filter_map(|it| it.far_limit).min();
    let all_limited = plots.iter().all(|it| it.far_limit.is_some());
    let (outcome, finding) = match (proposal.far, limit) {
        (None, _) if proposal.far_withheld => (Outcome::Unknown, words::withheld()),
        (None, limit) => (Outcome::Unknown, words::far_unknown(limit)),
        (Some(far), Some(limit)) if far > limit => {
            (Outcome::NeedsPlanChange, words::far_over(far, limit))
        }
        (Some(far), Some(limit)) if all_limited => (Outcome::Pass, words::far_kept(far, limit)),
        (Some(_), _) => (Outcome::Unknown, words::no_limit()),
    };
    let hits = plots.into_iter().take(HITS).cloned().collect();
    (Clause { outcome, limit, hits, ..blank(finding) }, limit)
}

/// (d) Whether the land lies where the town wants industry.
pub(super) fn layout(settings: &Settings<'_>, facts: &Facts) -> Clause {
    let of = &settings.spec.layout;
    let id = ClauseId::Layout;
    let (covered, _, hits) = match known(facts, &of.layer) {
        Ok(it) => it,
        Err(why) => return unknown(id, &of.layer, &of.clause, why),
    };
    let kept = covered >= facts.area_m2 * settings.inside_layout;
    let off = (facts.area_m2 - covered).max(Decimal::ZERO);
    Clause {
        outcome: if kept { Outcome::Pass } else { Outcome::NeedsPlanChange },
        limit: Some(settings.inside_layout),
        hits: hits.iter().take(HITS).cloned().collect(),
        ..unknown(id, &of.layer, &of.clause, words::layout(off, facts.area_m2, kept))
            .with_area(off, facts.area_m2)
    }
}
