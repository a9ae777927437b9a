//! Which parcels lie together (连片): they touch or are no further apart than a gap, with nothing between them that keeps
//! them apart. Pure geometry in a plane of metres; the same parcels make the same pieces in whatever order they come.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use geo::Area;
use geo::BoundingRect;
use geo::ConvexHull;
use geo::MultiPoint;
use geo::MultiPolygon;
use geo::Point;
use geo::Rect;
use rstar::AABB;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use rstar::primitives::Rectangle;
use rust_decimal::Decimal;
use sha2::Digest;
use sha2::Sha256;

use crate::layer::RankBy;
use crate::measure;

use super::conformity::Outcome;

mod barrier;
mod link;

pub use barrier::Barriers;

/// A parcel that may be put together with others.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub parcel_id: i64,
    pub code: String,
    pub unit: Option<String>,
    pub holder: Option<String>,
    pub area_mu: Option<Decimal>,
    /// How far it conforms to the plans; `None` where that is not known.
    pub outcome: Option<Outcome>,
    /// In metres of the equal-area plane.
    pub shape: MultiPolygon<f64>,
}

/// What makes a piece.
#[derive(Clone, Debug)]
pub struct Terms {
    pub gap_m: f64,
    /// Parcels of different units, or of none, stay apart.
    pub same_unit: bool,
    pub mu_at_least: Decimal,
    pub parcels_at_least: usize,
    pub rank_by: Vec<RankBy>,
    /// Whether holders and conformity were read: what was not is unknown, not none.
    pub holders_known: bool,
    pub fit_known: bool,
}

/// Parcels that lie together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Made of the members' codes alone, and positive.
    pub id: i64,
    pub code: String,
    /// From 1 on.
    pub rank: usize,
    /// Indices of the candidates, by code.
    pub members: Vec<usize>,
    /// Of those whose area is known.
    pub area_mu: Decimal,
    pub without_area: usize,
    pub holders: Option<usize>,
    pub without_holder: usize,
    /// The members' area as a share of their convex hull.
    pub compactness: Option<Decimal>,
    /// The share of the area that conforms, and of which it is not known.
    pub plan_fit: Option<Decimal>,
    pub plan_unknown: Option<Decimal>,
    pub unit: Option<String>,
}

/// Puts candidates together and ranks what comes of it. Codes must differ.
pub fn assemble(candidates: &[Candidate], barriers: &Barriers, terms: &Terms) -> Vec<Cluster> {
    let mut sets = Sets::new(candidates.len());
    for (a, b) in pairs(candidates, terms.gap_m) {
        let (one, other) = (&candidates[a], &candidates[b]);
        let same = one.unit.is_some() && one.unit == other.unit;
        if (same || !terms.same_unit)
            && sets.find(a) != sets.find(b)
            && link::linked(&one.shape, &other.shape, terms.gap_m, barriers)
        {
            sets.join(a, b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for it in 0..candidates.len() {
        groups.entry(sets.find(it)).or_default().push(it);
    }
    let mut clusters: Vec<Cluster> = groups
        .into_values()
        .filter(|it| it.len() >= terms.parcels_at_least.max(1))
        .map(|members| cluster(candidates, members, terms))
        .filter(|it| it.area_mu >= terms.mu_at_least)
        .collect();
    clusters.sort_by(|a, b| {
        let by = terms.rank_by.iter().map(|it| compare(*it, a, b));
        let first = by.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then);
        first.then_with(|| a.code.cmp(&b.code))
    });
    for (rank, it) in (1..).zip(&mut clusters) {
        it.rank = rank;
    }
    clusters
}

/// Better first; what is unknown comes last.
fn compare(by: RankBy, a: &Cluster, b: &Cluster) -> std::cmp::Ordering {
    match by {
        RankBy::Mu => b.area_mu.cmp(&a.area_mu),
        RankBy::Holders => {
            // Whoever is not known counts as one more: nobody has found that they are the same.
            let count = |it: &Cluster| it.holders.map_or(usize::MAX, |n| n + it.without_holder);
            count(a).cmp(&count(b))
        }
        RankBy::Compactness => b.compactness.cmp(&a.compactness),
        RankBy::PlanFit => b.plan_fit.cmp(&a.plan_fit),
    }
}

fn cluster(candidates: &[Candidate], mut members: Vec<usize>, terms: &Terms) -> Cluster {
    members.sort_by(|a, b| candidates[*a].code.cmp(&candidates[*b].code));
    let all = || members.iter().map(|it| &candidates[*it]);
    let mut digest = Sha256::new();
    for it in all() {
        // With the length before it no two lists run together to the same bytes.
        digest.update(it.code.len().to_be_bytes());
        digest.update(it.code.as_bytes());
    }
    let hex: String =
        digest.finalize().iter().fold(String::new(), |it, byte| format!("{it}{byte:02x}"));
    // 52 bits: a number that JavaScript keeps exactly.
    let id = i64::from_str_radix(&hex[..13], 16).unwrap_or_default();
    let mu = |keep: &dyn Fn(&Candidate) -> bool| -> Decimal {
        all().filter(|it| keep(it)).filter_map(|it| it.area_mu).sum()
    };
    let area_mu = mu(&|_| true);
    let holders: BTreeSet<&str> = all().filter_map(|it| it.holder.as_deref()).collect();
    let units: BTreeSet<Option<&str>> = all().map(|it| it.unit.as_deref()).collect();
    let fit = |keep: &dyn Fn(&Candidate) -> bool| {
        if terms.fit_known { measure::ratio(mu(keep), area_mu) } else { None }
    };
    Cluster {
        id,
        code: format!("LP-{}", &hex[..12]),
        rank: 0,
        area_mu,
        without_area: all().filter(|it| it.area_mu.is_none()).count(),
        holders: terms.holders_known.then_some(holders.len()),
        without_holder: if terms.holders_known {
            all().filter(|it| it.holder.is_none()).count()
        } else {
            members.len()
        },
        compactness: compactness(all().map(|it| &it.shape)),
        plan_fit: fit(&|it| it.outcome == Some(Outcome::Pass)),
        plan_unknown: fit(&|it| it.outcome.is_none_or(|it| it == Outcome::Unknown)),
        unit: if units.len() == 1 {
            units.into_iter().flatten().next().map(ToOwned::to_owned)
        } else {
            None
        },
        members,
    }
}

/// The area as a share of the convex hull's, at most 1.
fn compactness<'a>(shapes: impl Iterator<Item = &'a MultiPolygon<f64>>) -> Option<Decimal> {
    let mut area = 0.0;
    let mut points = Vec::new();
    for shape in shapes {
        area += shape.unsigned_area();
        points.extend(shape.0.iter().flat_map(|it| it.exterior().points()));
    }
    // A hull does not depend on the order of its points, its area may, in the last bits.
    points.sort_by(|a: &Point<f64>, b| a.x().total_cmp(&b.x()).then(a.y().total_cmp(&b.y())));
    let hull = MultiPoint::new(points).convex_hull().unsigned_area();
    let ratio = measure::decimal_from_f64((area / hull).min(1.0))?;
    Some(ratio)
}

/// Pairs whose boxes are no further apart than the gap, each once and in order.
pub fn pairs(candidates: &[Candidate], gap_m: f64) -> Vec<(usize, usize)> {
    let boxes: Vec<Option<Rect<f64>>> =
        candidates.iter().map(|it| it.shape.bounding_rect()).collect();
    let reach = gap_m + link::TOUCHING_M;
    let entries = boxes.iter().enumerate().filter_map(|(nth, it)| {
        let it = it.as_ref()?;
        let corners = [it.min().x, it.min().y];
        Some(GeomWithData::new(Rectangle::from_corners(corners, [it.max().x, it.max().y]), nth))
    });
    let tree = RTree::bulk_load(entries.collect());
    let mut pairs = Vec::new();
    for (a, it) in boxes.iter().enumerate() {
        let Some(it) = it else { continue };
        let around = AABB::from_corners(
            [it.min().x - reach, it.min().y - reach],
            [it.max().x + reach, it.max().y + reach],
        );
        let found = tree.locate_in_envelope_intersecting(&around).map(|it| it.data);
        pairs.extend(found.filter(|b| *b > a).map(|b| (a, b)));
    }
    pairs.sort_unstable();
    pairs
}

/// Which candidates are together by now.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { parent: (0..count).collect() }
    }

    fn find(&mut self, mut it: usize) -> usize {
        while self.parent[it] != it {
            self.parent[it] = self.parent[self.parent[it]];
            it = self.parent[it];
        }
        it
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests;
