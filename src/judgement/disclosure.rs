//! Which sums over confidential figures may be released. The cells are a fixed family: the total and one table for each
//! dimension (towns, units, classes). They are decided together, once for everybody, so that asking twice, or for two
//! tables whose difference is one enterprise, tells no more than asking once.
//!
//! A set of parcels is *safe* when at least three enterprises stand behind its sum and none makes up more than 80 %. Cells
//! that are not safe are withheld; then others, until nobody finds the sum of an unsafe set by adding and subtracting what
//! is left ([`span`]), nor closes in on one enterprise with the bands that are published of single parcels ([`bounds`]). All
//! of it also holds against those who read the single figures of one unit, and so know a part of every sum.
//!
//! Not defended: what an enterprise knows of itself, what is known from elsewhere, and the difference of two revisions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

mod bounds;
mod span;

use span::Span;

/// A figure in millionths of its unit, as the record stores it: sums are exact.
pub type Micro = i128;

/// The least number of enterprises behind a sum.
pub const ENTERPRISES_AT_LEAST: usize = 3;
/// The most that one of them may make up, in per cent of all amounts.
pub const SHARE_AT_MOST: Micro = 80;

/// Beyond this nothing is released: elimination grows with the cube of it.
const CELLS_AT_MOST: usize = 240;
const ATOMS_AT_MOST: usize = 4_000;

/// What is known of a parcel's figure from what is published of the parcel itself, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub low: Micro,
    /// Nothing: no upper end.
    pub high: Option<Micro>,
}

impl Interval {
    /// Of figures that are never negative, nothing more.
    pub const UNKNOWN: Self = Self { low: 0, high: None };
}

/// What one enterprise adds to a parcel's figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Nothing: nobody knows which. It may be one of the others, so it never counts as one more.
    pub enterprise: Option<u32>,
    pub figure: Micro,
}

/// A parcel whose figure is known to the record.
#[derive(Clone, Debug)]
pub struct Part {
    /// The group it belongs to in each dimension.
    pub groups: Vec<usize>,
    pub figure: Micro,
    pub known: Interval,
    pub shares: Vec<Share>,
}

/// All sums of one measure that may be asked for.
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// How many groups each dimension has.
    pub dimensions: Vec<usize>,
    /// The dimension whose groups have readers of their own, who know every single figure of theirs.
    pub insiders: Option<usize>,
    pub parts: Vec<Part>,
}

/// A sum as it may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Nothing where no figure is known.
    pub sum: Option<Micro>,
    /// Parcels without a figure.
    pub missing: i64,
    pub withheld: bool,
}

impl Sum {
    /// Adds a parcel's figure, or counts that it has none.
    pub fn add(&mut self, figure: Option<Micro>) {
        match figure {
            Some(it) => self.sum = Some(self.sum.unwrap_or_default() + it),
            None => self.missing += 1,
        }
    }
}

/// Every sum of a measure, decided: by dimension and group.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub total: Sum,
    pub dimensions: HashMap<String, HashMap<Option<String>, Sum>>,
}

/// What is not released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    pub total: bool,
    pub groups: Vec<Vec<bool>>,
}

impl Withheld {
    fn everything(dimensions: &[usize]) -> Self {
        Self { total: true, groups: dimensions.iter().map(|it| vec![true; *it]).collect() }
    }
}

/// Decides for the whole family which cells are withheld. The same family has the same answer.
pub fn decide(family: &Family) -> Withheld {
    let cells = 1 + family.dimensions.iter().sum::<usize>();
    let atoms: BTreeSet<&[usize]> = family.parts.iter().map(|it| it.groups.as_slice()).collect();
    if cells > CELLS_AT_MOST || atoms.len() > ATOMS_AT_MOST {
        return Withheld::everything(&family.dimensions);
    }
    let plan = Plan::new(family);
    let mut released = vec![true; plan.cells.len()];
    let attackers = plan.attackers(family);
    for view in &attackers {
        for (nth, cell) in plan.cells.iter().enumerate() {
            released[nth] &= view.is_safe(&cell.atoms);
        }
    }
    // Every round withholds one cell more, so it ends.
    while let Some(cell) = attackers
        .iter()
        .find_map(|it| it.derived(&plan, &released))
        .or_else(|| attackers.iter().find_map(|it| bounds::closed_in(family, &plan, it, &released)))
    {
        released[cell] = false;
    }
    plan.withheld(&family.dimensions, &released)
}

/// A cell of the family: the total (table 0), or a group of a dimension (table 1 and up).
#[derive(Debug)]
struct Cell {
    table: usize,
    atoms: Vec<usize>,
    /// All amounts in it, to choose the cell whose loss costs least.
    amount: Micro,
}

/// The family as cells over atoms: the parcels that are in the same group of every dimension.
#[derive(Debug)]
struct Plan {
    cells: Vec<Cell>,
    /// Of each part, its atom.
    atom_of: Vec<usize>,
    atoms: usize,
}

impl Plan {
    fn new(family: &Family) -> Self {
        let mut atoms: BTreeMap<&[usize], usize> = BTreeMap::new();
        for it in &family.parts {
            atoms.insert(&it.groups, 0);
        }
        for (nth, it) in atoms.values_mut().enumerate() {
            *it = nth;
        }
        let atom_of: Vec<usize> =
            family.parts.iter().map(|it| atoms[it.groups.as_slice()]).collect();
        let mut amounts = vec![0; atoms.len()];
        for (it, atom) in family.parts.iter().zip(&atom_of) {
            amounts[*atom] += it.figure.abs();
        }
        let cell = |table: usize, atoms: Vec<usize>| {
            let amount = atoms.iter().map(|it| amounts[*it]).sum();
            Cell { table, atoms, amount }
        };
        let mut cells = vec![cell(0, (0..atoms.len()).collect())];
        for (dimension, groups) in family.dimensions.iter().enumerate() {
            for group in 0..*groups {
                let own = atoms.iter().filter(|(key, _)| key[dimension] == group);
                cells.push(cell(dimension + 1, own.map(|it| *it.1).collect()));
            }
        }
        Self { cells, atom_of, atoms: atoms.len() }
    }

    /// Everybody, and those who read one of the groups.
    fn attackers(&self, family: &Family) -> Vec<View> {
        let groups = family.insiders.map_or(0, |it| family.dimensions[it]);
        let insiders = (0..groups).map(Some);
        std::iter::once(None).chain(insiders).map(|it| View::new(self, family, it)).collect()
    }

    fn table(&self, table: usize) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().enumerate().filter(move |(_, it)| it.table == table)
    }

    /// Of some released cells the one to withhold: the smallest, and the total last of all.
    fn cheapest(&self, cells: impl IntoIterator<Item = usize>) -> Option<usize> {
        cells.into_iter().min_by_key(|it| (*it == 0, self.cells[*it].amount, *it))
    }

    fn withheld(&self, dimensions: &[usize], released: &[bool]) -> Withheld {
        let groups = (1..=dimensions.len())
            .map(|table| self.table(table).map(|(nth, _)| !released[nth]).collect());
        Withheld { total: !released[0], groups: groups.collect() }
    }
}

/// The family as one attacker sees it: what he knows already is taken out of every sum.
#[derive(Debug)]
struct View {
    /// The group whose single figures he reads.
    insider: Option<usize>,
    /// Of every atom the amounts by enterprise; nothing for an atom that he knows, or that has no figure.
    amounts: Vec<Option<BTreeMap<Option<u32>, Micro>>>,
    /// Whether an atom is safe by itself.
    safe: Vec<bool>,
    /// The sets worth trying that he must not have the sum of.
    unsafe_sets: Vec<Vec<usize>>,
}

impl View {
    fn new(plan: &Plan, family: &Family, insider: Option<usize>) -> Self {
        let mut amounts: Vec<Option<BTreeMap<Option<u32>, Micro>>> = vec![None; plan.atoms];
        for (it, atom) in family.parts.iter().zip(&plan.atom_of) {
            if is_inside(family, insider, it) {
                continue;
            }
            let own = amounts[*atom].get_or_insert_default();
            for share in &it.shares {
                *own.entry(share.enterprise).or_default() += share.figure.abs();
            }
        }
        let safe = amounts.iter().map(|it| it.as_ref().is_none_or(|it| is_safe([it]))).collect();
        let mut view = Self { insider, amounts, safe, unsafe_sets: Vec::new() };
        view.unsafe_sets = view.worth_trying(plan);
        view
    }

    /// Whether the sum over these atoms tells him nothing of single enterprises. A set of which he knows everything, or
    /// that has no figures, tells nothing.
    fn is_safe(&self, atoms: &[usize]) -> bool {
        // The union of safe sets is safe.
        if atoms.iter().all(|it| self.safe[*it]) {
            return true;
        }
        is_safe(atoms.iter().filter_map(|it| self.amounts[*it].as_ref()))
    }

    /// Unsafe cells, atoms, and what two cells have in common or one has more than the other.
    fn worth_trying(&self, plan: &Plan) -> Vec<Vec<usize>> {
        let mut sets: BTreeSet<Vec<usize>> = (0..plan.atoms).map(|it| vec![it]).collect();
        for one in &plan.cells {
            sets.insert(one.atoms.clone());
            for other in plan.cells.iter().filter(|it| it.table != one.table) {
                let inside = |it: &&usize| other.atoms.binary_search(it).is_ok();
                let (common, more): (Vec<usize>, Vec<usize>) =
                    one.atoms.iter().partition(|it| inside(it));
                sets.insert(common);
                sets.insert(more);
            }
        }
        sets.into_iter().filter(|it| !self.is_safe(it)).collect()
    }

    /// A set of atoms as a vector over all atoms that he does not know.
    fn vector(&self, atoms: &[usize]) -> Vec<u64> {
        let mut vector = vec![0; self.amounts.len()];
        for it in atoms.iter().filter(|it| self.amounts[**it].is_some()) {
            vector[*it] = 1;
        }
        vector
    }

    /// A released cell to withhold, where he could find the sum of an unsafe set from those released.
    fn derived(&self, plan: &Plan, released: &[bool]) -> Option<usize> {
        let of: Vec<usize> = (0..plan.cells.len()).filter(|it| released[*it]).collect();
        let span = Span::new(of.iter().map(|it| self.vector(&plan.cells[*it].atoms)));
        let cost = |vector: &[u64]| {
            let used = span.derivation(vector)?;
            plan.cheapest(used.into_iter().map(|it| of[it]))
        };
        if let Some(it) = self.unsafe_sets.iter().find_map(|it| cost(&self.vector(it))) {
            return Some(it);
        }
        // Unions of withheld cells of one table, and whatever else elimination leaves as a plain set.
        let mut found = span.rows();
        for table in 0..=plan.cells.last().map_or(0, |it| it.table) {
            let hidden: Vec<Vec<u64>> = plan
                .table(table)
                .filter(|(nth, _)| !released[*nth])
                .map(|(_, it)| self.vector(&it.atoms))
                .filter(|it| it.iter().any(|it| *it != 0))
                .collect();
            for weights in span.combinations(&hidden) {
                // Weights other than one are no set; that a difference is known is bad enough.
                if weights.iter().any(|it| *it > 1) {
                    if let Some(it) = cost(&span::combine(&weights, &hidden)) {
                        return Some(it);
                    }
                } else {
                    found.push(span::combine(&weights, &hidden));
                }
            }
        }
        let sets = found.into_iter().filter(|it| it.iter().all(|it| *it <= 1));
        sets.filter(|it| {
            let atoms: Vec<usize> = (0..it.len()).filter(|atom| it[*atom] == 1).collect();
            !self.is_safe(&atoms)
        })
        .find_map(|it| cost(&it))
    }
}

/// Whether the part is one whose figure the insider reads.
fn is_inside(family: &Family, insider: Option<usize>, part: &Part) -> bool {
    match (family.insiders, insider) {
        (Some(dimension), Some(group)) => part.groups[dimension] == group,
        _ => false,
    }
}

/// Whether enough enterprises stand behind these amounts, none of them above the others. The amounts of nobody known are
/// the largest one's for all we know.
fn is_safe<'a>(amounts: impl IntoIterator<Item = &'a BTreeMap<Option<u32>, Micro>>) -> bool {
    let mut all: BTreeMap<Option<u32>, Micro> = BTreeMap::new();
    let mut is_empty = true;
    for atom in amounts {
        is_empty = false;
        for (enterprise, amount) in atom {
            *all.entry(*enterprise).or_default() += amount;
        }
    }
    let unknown = all.remove(&None).unwrap_or_default();
    let total: Micro = all.values().sum::<Micro>() + unknown;
    let largest = all.values().max().copied().unwrap_or_default() + unknown;
    let enterprises = all.values().filter(|it| **it > 0).count();
    is_empty || enterprises >= ENTERPRISES_AT_LEAST && largest * 100 <= total * SHARE_AT_MOST
}

#[cfg(test)]
mod tests;
