//! Sums over columns by group. Every figure is an integer of the column's places, added up in 128 bits: nothing is rounded
//! before the end.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::Days;
use chrono::NaiveDate;
use indexmap::IndexMap;
use indexmap::IndexSet;
use serde_json::Value as Json;
use serde_json::json;

use super::GROUPS_AT_MOST;
use super::Group;
use super::Measure;
use super::Selected;
use super::Total;
use super::Worth;
use super::exact::Exact;
use super::too_many_groups;
use crate::error::Result;
use crate::snapshot::Bitmap;
use crate::snapshot::Column;
use crate::snapshot::ViewPart;
use crate::snapshot::Words;

/// Groups of one row each would fill memory with numbers for nothing: beyond so many pairs of codes they are looked up.
const PAIRS: usize = 1 << 22;

/// From 0001-01-01 to 9999-12-31.
const PLAIN_DAYS: RangeInclusive<i32> = -719_162..=2_932_896;

/// The chosen rows of a part.
#[derive(Debug)]
pub(super) struct Slice<'a> {
    pub part: &'a ViewPart<'a>,
    pub rows: &'a Bitmap,
    pub own: Option<&'a Bitmap>,
}

/// A column of numbers where the chosen rows have one.
pub(super) struct Numbers<'a> {
    pub values: &'a [i64],
    pub places: u32,
    pub rows: Bitmap,
}

impl<'a> Slice<'a> {
    /// `None` where the numbers are of too many digits for integers.
    pub(super) fn numbers(&self, field: &str) -> Option<Numbers<'a>> {
        let seen = self.part.column(field)?;
        let (values, places, known) = match seen.column {
            Column::Integer { values, known } => (values, 0, known),
            Column::Decimal { scaled, places, known } => (scaled, *places, known),
            _ => return None,
        };
        let mut rows = self.rows.clone().and(known);
        if seen.only.is_some() {
            rows = rows.and(self.own?);
        }
        Some(Numbers { values, places, rows })
    }

    /// A code for each value of a field by row, 0 where it is missing, and what the codes stand for.
    fn codes(&self, field: &str) -> Option<(Cow<'a, [u32]>, Keys<'a>)> {
        let seen = self.part.column(field)?;
        let own = if seen.only.is_some() { Some(self.own?) } else { None };
        let is_open = |row: usize| own.is_none_or(|it| it.has(row));
        Some(match seen.column {
            Column::Text { words, codes } => {
                let codes = if own.is_none() {
                    Cow::Borrowed(codes.as_slice())
                } else {
                    let of = codes.iter().enumerate();
                    of.map(|(row, code)| if is_open(row) { *code } else { 0 }).collect()
                };
                (codes, Keys::Words(words))
            }
            Column::Boolean { values, known } => {
                let mut codes = vec![0; self.part.part.len()];
                for row in self.rows.rows().filter(|it| known.has(*it) && is_open(*it)) {
                    codes[row] = 1 + u32::from(values.has(row));
                }
                (codes.into(), Keys::Few(vec![Key::Flag(false), Key::Flag(true)]))
            }
            Column::Integer { values, known } => {
                let is_known = |row: usize| known.has(row) && is_open(row);
                self.numbered(is_known, |row| values[row], Key::Number)
            }
            // PostgreSQL writes other years in ways of its own.
            Column::Date { days, .. } if days.iter().any(|it| !PLAIN_DAYS.contains(it)) => {
                return None;
            }
            Column::Date { days, known } => {
                let is_known = |row: usize| known.has(row) && is_open(row);
                self.numbered(is_known, |row| days[row], Key::Day)
            }
            _ => return None,
        })
    }

    fn numbered<T: Copy + Eq + std::hash::Hash>(
        &self,
        is_known: impl Fn(usize) -> bool,
        value: impl Fn(usize) -> T,
        key: impl Fn(T) -> Key,
    ) -> (Cow<'a, [u32]>, Keys<'a>) {
        let mut codes = vec![0; self.part.part.len()];
        let mut found: IndexSet<T> = IndexSet::new();
        for row in self.rows.rows().filter(|it| is_known(*it)) {
            codes[row] = u32::try_from(found.insert_full(value(row)).0).unwrap_or(0) + 1;
        }
        (codes.into(), Keys::Few(found.into_iter().map(key).collect()))
    }
}

/// A group's value, in PostgreSQL's order: missing ones last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Flag(bool),
    Number(i64),
    /// From 1970-01-01.
    Day(i32),
    Word(Box<str>),
    Missing,
}

impl Key {
    fn json(&self) -> Json {
        match self {
            Self::Flag(it) => json!(it),
            Self::Number(it) => json!(it),
            Self::Day(it) => json!(date(*it).map(|it| it.to_string())),
            Self::Word(it) => json!(it),
            Self::Missing => Json::Null,
        }
    }
}

fn date(days: i32) -> Option<NaiveDate> {
    let (start, many) = (NaiveDate::default(), Days::new(u64::from(days.unsigned_abs())));
    if days < 0 { start.checked_sub_days(many) } else { start.checked_add_days(many) }
}

enum Keys<'a> {
    Words(&'a Words),
    Few(Vec<Key>),
}

impl Keys<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Words(it) => it.len(),
            Self::Few(it) => it.len(),
        }
    }

    fn key(&self, code: usize) -> Key {
        let Some(at) = code.checked_sub(1) else { return Key::Missing };
        match self {
            Self::Words(it) => Key::Word(it[at].into()),
            Self::Few(it) => it[at].clone(),
        }
    }
}

/// The groups of a part: the number of each row's, and for each number its rows and values.
struct Grouping {
    /// By row; empty where all are one group.
    numbers: Vec<u32>,
    counts: Vec<i64>,
    keys: Vec<Vec<Key>>,
}

/// Numbers for pairs of codes, in the order in which they come.
enum Numbering {
    Table(Vec<u32>),
    Map(HashMap<usize, u32>),
}

impl Numbering {
    fn new(pairs: Option<usize>) -> Self {
        match pairs.filter(|it| *it <= PAIRS) {
            Some(pairs) => Self::Table(vec![u32::MAX; pairs]),
            None => Self::Map(HashMap::new()),
        }
    }

    fn number(&mut self, pair: usize) -> &mut u32 {
        match self {
            Self::Table(it) => &mut it[pair],
            Self::Map(it) => it.entry(pair).or_insert(u32::MAX),
        }
    }
}

impl Grouping {
    fn of(slice: &Slice<'_>, names: &[&str]) -> Result<Option<Self>> {
        let mut fields = Vec::new();
        for name in names {
            let Some(codes) = slice.codes(name) else { return Ok(None) };
            fields.push(codes);
        }
        let (first, second) = match &fields[..] {
            [] => {
                let counts = vec![i64::try_from(slice.rows.count()).unwrap_or(i64::MAX)];
                return Ok(Some(Self { numbers: Vec::new(), counts, keys: vec![Vec::new()] }));
            }
            [first] => (first, None),
            [first, second, ..] => (first, Some(second)),
        };
        let width = second.map_or(1, |it| it.1.len() + 1);
        let mut numbering = Numbering::new((first.1.len() + 1).checked_mul(width));
        let mut it =
            Self { numbers: vec![0; slice.rows.len()], counts: Vec::new(), keys: Vec::new() };
        for row in slice.rows.rows() {
            let codes = (first.0[row] as usize, second.map_or(0, |it| it.0[row] as usize));
            let number = numbering.number(codes.0 * width + codes.1);
            if *number == u32::MAX {
                if it.counts.len() > GROUPS_AT_MOST {
                    return Err(too_many_groups());
                }
                *number = u32::try_from(it.counts.len()).unwrap_or(0);
                it.counts.push(0);
                let key = std::iter::once(first.1.key(codes.0));
                it.keys.push(key.chain(second.map(|it| it.1.key(codes.1))).collect());
            }
            it.numbers[row] = *number;
            it.counts[*number as usize] += 1;
        }
        Ok(Some(it))
    }

    fn number(&self, row: usize) -> usize {
        self.numbers.get(row).map_or(0, |it| *it as usize)
    }
}

/// The sum of a column over a group, in its steps.
#[derive(Clone, Copy, Debug)]
struct Sum {
    known: i64,
    total: i128,
    min: i128,
    max: i128,
}

impl Sum {
    const NONE: Self = Self { known: 0, total: 0, min: i128::MAX, max: i128::MIN };

    fn add(&mut self, other: &Self, factor: i128) -> Option<()> {
        if other.known > 0 {
            self.known += other.known;
            self.total = self.total.checked_add(other.total.checked_mul(factor)?)?;
            self.min = self.min.min(other.min.checked_mul(factor)?);
            self.max = self.max.max(other.max.checked_mul(factor)?);
        }
        Some(())
    }
}

/// What is added up for the measures: a column, or two in the rows that have both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wanted<'a> {
    One(&'a str),
    /// The squares of one.
    Squares(&'a str),
    /// The first of the two, of the rows that have the second as well.
    Beside(&'a str, &'a str),
}

impl<'a> Wanted<'a> {
    fn of(measure: &'a Measure) -> Vec<Self> {
        match measure {
            Measure::Count(it)
            | Measure::Sum(it)
            | Measure::Avg(it)
            | Measure::Min(it)
            | Measure::Max(it) => vec![Self::One(it)],
            Measure::Var(it) | Measure::Stddev(it) => vec![Self::One(it), Self::Squares(it)],
            Measure::Ratio([over, under]) => {
                vec![Self::Beside(over, under), Self::Beside(under, over)]
            }
        }
    }

    /// The sums of a part by its groups, and their places.
    fn sums(self, slice: &Slice<'_>, groups: &Grouping) -> Option<(Vec<Sum>, u32)> {
        let numbers = match self {
            Self::Squares(it) => return squares(&slice.numbers(it)?, groups),
            Self::One(it) => slice.numbers(it)?,
            Self::Beside(it, other) => {
                let (it, other) = (slice.numbers(it)?, slice.numbers(other)?);
                Numbers { rows: it.rows.and(&other.rows), ..it }
            }
        };
        let mut sums = vec![Sum::NONE; groups.counts.len()];
        if groups.numbers.is_empty() {
            let (mut known, mut total, mut min, mut max) = (0, 0_i128, i64::MAX, i64::MIN);
            for row in numbers.rows.rows() {
                let value = numbers.values[row];
                known += 1;
                total += i128::from(value);
                min = min.min(value);
                max = max.max(value);
            }
            if known > 0 {
                sums[0] = Sum { known, total, min: min.into(), max: max.into() };
            }
            return Some((sums, numbers.places));
        }
        for row in numbers.rows.rows() {
            let value = i128::from(numbers.values[row]);
            let sum = &mut sums[groups.number(row)];
            sum.known += 1;
            sum.total += value;
            sum.min = sum.min.min(value);
            sum.max = sum.max.max(value);
        }
        Some((sums, numbers.places))
    }
}

/// The sums of squares by groups, which have twice the places; `None` where integers are too short for them.
fn squares(numbers: &Numbers<'_>, groups: &Grouping) -> Option<(Vec<Sum>, u32)> {
    let mut sums = vec![Sum { known: 0, total: 0, min: 0, max: 0 }; groups.counts.len()];
    for row in numbers.rows.rows() {
        let value = i128::from(numbers.values[row]);
        let sum = &mut sums[groups.number(row)];
        sum.known += 1;
        sum.total = sum.total.checked_add(value * value)?;
    }
    Some((sums, numbers.places * 2))
}

/// Of two values or more; `None` where integers are too short for it.
fn variance(sum: Sum, squares: i128, places: u32) -> Option<Exact> {
    let known = i128::from(sum.known);
    let over = known.checked_mul(squares)?.checked_sub(sum.total.checked_mul(sum.total)?)?;
    let under = Exact { steps: known * (known - 1), places: 0 };
    Exact { steps: over, places: places * 2 }.over(under)
}

/// A group as it adds up over the parts.
#[derive(Clone, Debug)]
struct Totals {
    count: i64,
    sums: Vec<Sum>,
}

/// The groups of the chosen rows in order, and their total; `None` where integers are too short for the numbers.
pub(super) fn groups(
    slices: &[Slice<'_>],
    selected: &Selected<'_>,
) -> Result<Option<(Vec<Group>, Total)>> {
    let names: Vec<&str> = selected.group_by.iter().map(|it| it.0).collect();
    let wanted: IndexSet<Wanted<'_>> = selected.measures.iter().flat_map(Wanted::of).collect();
    let none = Totals { count: 0, sums: vec![Sum::NONE; wanted.len()] };
    let mut parts = Vec::new();
    for slice in slices {
        let Some(groups) = Grouping::of(slice, &names)? else { return Ok(None) };
        let sums: Option<Vec<_>> = wanted.iter().map(|it| it.sums(slice, &groups)).collect();
        let Some(sums) = sums else { return Ok(None) };
        parts.push((groups, sums));
    }
    let places: Vec<u32> = (0..wanted.len())
        .map(|nth| parts.iter().map(|(_, sums)| sums[nth].1).max().unwrap_or(0))
        .collect();
    let mut all: IndexMap<Vec<Key>, Totals> = IndexMap::new();
    let mut total = none.clone();
    for (groups, sums) in parts {
        for (number, key) in groups.keys.into_iter().enumerate() {
            let group = all.entry(key).or_insert_with(|| none.clone());
            for totals in [group, &mut total] {
                totals.count += groups.counts[number];
                for (nth, (sums, of)) in sums.iter().enumerate() {
                    let factor = 10_i128.checked_pow(places[nth] - of);
                    let added = factor.and_then(|it| totals.sums[nth].add(&sums[number], it));
                    if added.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
    }
    let told = |it: &Totals| tell(it, selected.measures, &wanted, &places);
    let Some(total) = told(&total) else { return Ok(None) };
    if names.is_empty() {
        return Ok(Some((Vec::new(), total)));
    }
    if all.len() > GROUPS_AT_MOST {
        return Err(too_many_groups());
    }
    all.sort_unstable_keys();
    let groups: Option<Vec<Group>> = all
        .iter()
        .map(|(key, of)| {
            let values = key.iter().map(Key::json);
            let key = names.iter().map(|it| (*it).to_owned()).zip(values).collect();
            Some(Group { key, of: told(of)? })
        })
        .collect();
    Ok(groups.map(|it| (it, total)))
}

/// The measures of a group in digits.
fn tell(
    of: &Totals,
    measures: &[Measure],
    wanted: &IndexSet<Wanted<'_>>,
    places: &[u32],
) -> Option<Total> {
    let mut total = Total { count: of.count, ..Total::default() };
    for measure in measures {
        let found: Vec<(Sum, u32)> = Wanted::of(measure)
            .iter()
            .filter_map(|it| wanted.get_index_of(it))
            .map(|nth| (of.sums[nth], places[nth]))
            .collect();
        let (sum, places) = *found.first()?;
        let exact = |steps: i128| Exact { steps, places };
        let value = match measure {
            Measure::Count(_) => Some(Exact { steps: sum.known.into(), places: 0 }),
            _ if sum.known == 0 => None,
            Measure::Sum(_) => Some(exact(sum.total)),
            Measure::Min(_) => Some(exact(sum.min)),
            Measure::Max(_) => Some(exact(sum.max)),
            Measure::Avg(_) => {
                Some(exact(sum.total).over(Exact { steps: sum.known.into(), places: 0 })?)
            }
            Measure::Var(_) | Measure::Stddev(_) if sum.known < 2 => None,
            Measure::Var(_) => Some(variance(sum, found.get(1)?.0.total, places)?),
            Measure::Stddev(_) => Some(variance(sum, found.get(1)?.0.total, places)?.root()?),
            Measure::Ratio(_) => match found.get(1)? {
                (under, _) if under.total == 0 => None,
                (under, places) => {
                    Some(exact(sum.total).over(Exact { steps: under.total, places: *places })?)
                }
            },
        };
        let worth = Worth { value: value.map(Exact::text), missing: of.count - sum.known };
        total.measures.insert(measure.label(), worth);
    }
    Some(total)
}
