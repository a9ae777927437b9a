//! Counts and sums by unit, class, and verdict before and after, in one walk over a run's columns.

use crate::cql::Expr;
use crate::judgement::rule::Effect;
use crate::judgement::rule::RuleSet;
use crate::snapshot::Bitmap;
use crate::snapshot::Column;
use crate::snapshot::Words;
use crate::snapshot::frame::Frame;
use crate::snapshot::frame::Judged;

/// The verdicts, in the order in which they are counted; the last is that there is none.
pub const VERDICTS: [&str; 4] = ["low", "ok", "unknown", "not_judged"];
const LOW: usize = 0;
const OK: usize = 1;
const UNKNOWN: usize = 2;
const NOT_JUDGED: usize = 3;

/// What is summed.
pub const SUMMED: [&str; 4] = ["area_mu", "tax_wan", "energy_tce", "enterprise_count"];

/// What is asked of a run's columns.
#[derive(Debug)]
pub struct Ask<'a> {
    pub frame: &'a Frame,
    pub rules: &'a RuleSet,
    pub filter: Option<&'a Expr>,
    /// The parcels that count.
    pub shown: &'a Bitmap,
    /// The responsible units by row.
    pub units: &'a Column,
    /// The name of the column with the classes.
    pub classes: Option<&'a str>,
    /// The name of the column with the verdicts that the run stored.
    pub verdicts: &'a str,
    /// Of [`SUMMED`] what may be summed.
    pub summed: [bool; 4],
    /// Ids of each kind of flip.
    pub ids_at_most: usize,
    /// Only ids of parcels that touch it: west, south, east, north in ten-millionths of a degree.
    pub edges: Option<[i64; 4]>,
}

/// Parcels of one unit and class, before one verdict and after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub parcels: u64,
    /// In steps of 1/10^places of the column.
    pub sums: [i128; 4],
    pub known: [u64; 4],
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub units: Vec<Option<String>>,
    pub classes: Vec<Option<String>>,
    /// By unit, class, verdict before, verdict after.
    pub cells: Vec<Cell>,
    pub places: [u32; 4],
    /// Of each rule that makes or unmakes a verdict, how often it fits and how often that is unknown.
    pub rules: Vec<[u64; 2]>,
    /// By verdict before and after.
    pub flips: Vec<Vec<i64>>,
}

/// What one core gathers.
struct Part {
    cells: Vec<Cell>,
    rules: Vec<[u64; 2]>,
    flips: Vec<Vec<i64>>,
}

/// Numbers of a column; those that are not known are 0.
struct Numbers<'a> {
    values: &'a [i64],
    known: &'a [u64],
    places: u32,
}

impl Cell {
    pub fn add(&mut self, other: &Self) {
        self.parcels += other.parcels;
        for nth in 0..SUMMED.len() {
            self.sums[nth] += other.sums[nth];
            self.known[nth] += other.known[nth];
        }
    }
}

impl Part {
    fn add(&mut self, part: Self) {
        self.cells.iter_mut().zip(&part.cells).for_each(|(it, own)| it.add(own));
        for (it, own) in self.rules.iter_mut().zip(part.rules) {
            it[0] += own[0];
            it[1] += own[1];
        }
        self.flips.iter_mut().zip(part.flips).for_each(|(it, own)| it.extend(own));
    }
}

/// Judges every parcel that counts. `None` where the frame lacks a column that the question names.
pub fn tally(ask: &Ask<'_>) -> Option<Tally> {
    let effective: Vec<_> = ask.rules.rules.iter().filter(|it| it.effect != Effect::Part).collect();
    let effects: Vec<Effect> = effective.iter().map(|it| it.effect).collect();
    let mut conditions: Vec<Expr> = effective.iter().map(|it| it.condition.clone()).collect();
    conditions.extend(ask.filter.cloned());

    let (units, unit_codes) = words(ask.units)?;
    let (classes, class_codes) = match ask.classes {
        Some(name) => words(ask.frame.column(name)?)?,
        None => (vec![None], &[][..]),
    };
    let (verdicts, verdict_codes) = words(ask.frame.column(ask.verdicts)?)?;
    let before: Vec<usize> = verdicts.iter().map(|it| verdict(it.as_deref())).collect();
    let mut numbers: Vec<Option<Numbers<'_>>> = Vec::new();
    for (name, may) in SUMMED.iter().zip(ask.summed) {
        numbers.push(if may { Some(Numbers::of(ask.frame.column(name)?)?) } else { None });
    }
    let edges: Vec<&[i64]> = match ask.edges {
        Some(_) => EDGES.iter().map(|it| integers(ask.frame.column(it)?)).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    let touches = |row: usize| match (ask.edges, &edges[..]) {
        (Some([west, south, east, north]), [xmin, ymin, xmax, ymax]) => {
            xmin[row] <= east && xmax[row] >= west && ymin[row] <= north && ymax[row] >= south
        }
        _ => true,
    };
    let start = || Part {
        cells: vec![Cell::default(); units.len() * classes.len() * 16],
        rules: vec![[0; 2]; effects.len()],
        flips: vec![Vec::new(); 16],
    };
    let step = |part: &mut Part, first: usize, shown: &[u64], judged: &[Judged]| {
        for (at, shown) in shown.iter().enumerate() {
            let selected = match judged.get(effects.len()) {
                Some(filter) => shown & filter.yes[at],
                None => *shown,
            };
            if selected == 0 {
                continue;
            }
            let (mut low, mut low_unknown, mut exempt, mut exempt_unknown) = (0, 0, 0, 0);
            for (nth, effect) in effects.iter().enumerate() {
                let (yes, unknown) = (judged[nth].yes[at], judged[nth].unknown[at]);
                part.rules[nth][0] += u64::from((yes & selected).count_ones());
                part.rules[nth][1] += u64::from((unknown & selected).count_ones());
                if *effect == Effect::Low {
                    low |= yes;
                    low_unknown |= unknown;
                } else {
                    exempt |= yes;
                    exempt_unknown |= unknown;
                }
            }
            // Low and not exempt, by Kleene's logic: where one is true the other may be unknown.
            let is_low = low & !exempt & !exempt_unknown;
            let is_ok = exempt | !(low | low_unknown);
            let word = first + at;
            let known: [u64; 4] = std::array::from_fn(|nth| {
                numbers[nth].as_ref().map_or(0, |it| it.known.get(word).copied().unwrap_or(0))
            });
            let mut rest = selected;
            while rest != 0 {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                let row = word * 64 + bit;
                let after = match (is_low >> bit & 1, is_ok >> bit & 1) {
                    (1, _) => LOW,
                    (_, 1) => OK,
                    _ => UNKNOWN,
                };
                let class = class_codes.get(row).map_or(0, |it| *it as usize);
                let group = unit_codes[row] as usize * classes.len() + class;
                let change = before[verdict_codes[row] as usize] * 4 + after;
                let cell = &mut part.cells[group * 16 + change];
                cell.parcels += 1;
                for (nth, numbers) in numbers.iter().enumerate() {
                    if let Some(it) = numbers {
                        cell.sums[nth] += i128::from(it.values[row]);
                        cell.known[nth] += known[nth] >> bit & 1;
                    }
                }
                if change / 4 != after
                    && part.flips[change].len() <= ask.ids_at_most
                    && touches(row)
                {
                    part.flips[change].push(ask.frame.ids()[row]);
                }
            }
        }
    };
    let parts = ask.frame.judge(&conditions, ask.shown, start, step)?;
    let places = std::array::from_fn(|nth| numbers[nth].as_ref().map_or(0, |it| it.places));
    let mut all = start();
    for part in parts {
        all.add(part);
    }
    let Part { cells, rules, flips } = all;
    Some(Tally { units, classes, cells, places, rules, flips })
}

/// The verdict of every parcel that counts, as a column of words. `None` where the frame lacks a column.
pub fn judged(frame: &Frame, rules: &RuleSet, shown: &Bitmap) -> Option<Column> {
    let conditions = [rules.any(Effect::Low), rules.any(Effect::Exempt)];
    let step = |codes: &mut Vec<u32>, _: usize, shown: &[u64], judged: &[Judged]| {
        let [low, exempt] = judged else { return };
        for (at, shown) in shown.iter().enumerate() {
            let is_low = low.yes[at] & !exempt.yes[at] & !exempt.unknown[at];
            let is_ok = exempt.yes[at] | !(low.yes[at] | low.unknown[at]);
            codes.extend((0..64).map(|bit| {
                match (shown >> bit & 1, is_low >> bit & 1, is_ok >> bit & 1) {
                    (0, ..) => 0,
                    (_, 1, _) => 1,
                    (_, _, 1) => 2,
                    _ => 3,
                }
            }));
        }
    };
    let mut codes = frame.judge(&conditions, shown, Vec::new, step)?.concat();
    codes.truncate(frame.len());
    Some(Column::Text { words: VERDICTS[..NOT_JUDGED].iter().copied().collect(), codes })
}

/// The names of the columns with the edges of the boxes around parcels.
pub const EDGES: [&str; 4] = ["edge.xmin", "edge.ymin", "edge.xmax", "edge.ymax"];

impl Tally {
    /// The parcels that are low now and of which nothing was said before.
    pub fn newly_low(&self) -> &[i64] {
        &self.flips[NOT_JUDGED * 4 + LOW]
    }

    /// The cells that `pick` picks by unit and class, in sum, by verdict before and after.
    pub fn sum(&self, pick: impl Fn(usize, usize) -> bool) -> [Cell; 16] {
        let mut sums = [Cell::default(); 16];
        for (nth, cells) in self.cells.chunks(16).enumerate() {
            if pick(nth / self.classes.len(), nth % self.classes.len()) {
                sums.iter_mut().zip(cells).for_each(|(it, own)| it.add(own));
            }
        }
        sums
    }
}

fn verdict(name: Option<&str>) -> usize {
    VERDICTS.iter().position(|it| Some(*it) == name).unwrap_or(NOT_JUDGED)
}

/// The words of a column, the missing one first, and the code of each row.
fn words(column: &Column) -> Option<(Vec<Option<String>>, &[u32])> {
    match column {
        Column::Text { words, codes } => {
            let named = Words::iter(words).map(|it| Some(it.to_owned()));
            Some((std::iter::once(None).chain(named).collect(), codes))
        }
        _ => None,
    }
}

fn integers(column: &Column) -> Option<&[i64]> {
    match column {
        Column::Integer { values, .. } => Some(values),
        _ => None,
    }
}

impl<'a> Numbers<'a> {
    fn of(column: &'a Column) -> Option<Self> {
        match column {
            Column::Decimal { scaled, places, known } => {
                Some(Self { values: scaled, known: known.words(), places: *places })
            }
            _ => None,
        }
    }
}
