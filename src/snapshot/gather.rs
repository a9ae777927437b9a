//! The values of one field on their way into a column, cell after cell as PostgreSQL sends them.

use anyhow::Context;
use chrono::Datelike;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Bitmap;
use super::Column;
use super::Words;
use super::numeric;
use super::numeric::Number;
use super::numeric::Numeric;
use super::words::Dictionary;
use crate::cql::Value;
use crate::layer::FieldType;

/// A column that grows.
#[derive(Debug)]
pub enum Gather {
    Text { words: Dictionary, codes: Vec<u32> },
    Integer { values: Vec<i64>, known: Bitmap },
    Decimal(Decimals),
    Boolean { values: Bitmap, known: Bitmap },
    Date { days: Vec<i32>, known: Bitmap },
}

/// What could not be kept as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// NaN, infinities, numbers and days beyond what can be held: missing here.
    pub missing: u64,
    /// Numbers of more than 28 digits.
    pub rounded: u64,
}

/// Days from 1970-01-01, where [`Column::Date`] begins, to 2000-01-01, where PostgreSQL does.
const EPOCH: i32 = 10_957;

impl Gather {
    pub fn new(kind: FieldType) -> Self {
        let (values, known) = (Bitmap::default(), Bitmap::default());
        match kind {
            FieldType::Text => Self::Text { words: Dictionary::default(), codes: Vec::new() },
            FieldType::Integer => Self::Integer { values: Vec::new(), known },
            FieldType::Decimal => Self::Decimal(Decimals::default()),
            FieldType::Boolean => Self::Boolean { values, known },
            FieldType::Date => Self::Date { days: Vec::new(), known },
        }
    }

    /// Adds a cell: `text`, `int8`, `numeric`, `bool` or `date` in binary, `None` for null. Fails when it is none of that.
    pub fn cell(&mut self, cell: Option<&[u8]>, odd: &mut Oddities) -> anyhow::Result<()> {
        match self {
            Self::Text { words, codes } => {
                let code = match cell {
                    None => 0,
                    Some(it) => words.code(std::str::from_utf8(it)?).context(FULL)?,
                };
                codes.push(code);
            }
            Self::Integer { values, known } => {
                let it = cell.map(<[u8; 8]>::try_from).transpose()?.map(i64::from_be_bytes);
                values.push(it.unwrap_or(0));
                known.push(it.is_some());
            }
            Self::Decimal(values) => values.push(match cell.map(numeric::parse) {
                None => None,
                Some(None) => anyhow::bail!("a numeric of an unknown kind"),
                Some(Some(Numeric::Exact(it))) => Some(it),
                Some(Some(Numeric::Rounded(it))) => {
                    odd.rounded += 1;
                    Some(it)
                }
                Some(Some(Numeric::Beyond)) => {
                    odd.missing += 1;
                    None
                }
            }),
            Self::Boolean { values, known } => {
                let it = cell.map(<[u8; 1]>::try_from).transpose()?;
                values.push(it == Some([1]));
                known.push(it.is_some());
            }
            Self::Date { days, known } => {
                let sent = cell.map(<[u8; 4]>::try_from).transpose()?.map(i32::from_be_bytes);
                let day = sent.and_then(day);
                odd.missing += u64::from(sent.is_some() && day.is_none());
                days.push(day.unwrap_or(0));
                known.push(day.is_some());
            }
        }
        Ok(())
    }

    /// Adds a value; one that is not of the field's type is missing.
    pub fn value(&mut self, value: &Value<'_>) {
        match self {
            Self::Text { words, codes } => codes.push(match value {
                Value::Text(it) => words.code(it).unwrap_or(0),
                _ => 0,
            }),
            Self::Integer { values, known } => {
                let it = match value {
                    Value::Number(it) => i64::try_from(*it).ok(),
                    _ => None,
                };
                values.push(it.unwrap_or(0));
                known.push(it.is_some());
            }
            Self::Decimal(values) => values.push(match value {
                Value::Number(it) => Some((*it).into()),
                _ => None,
            }),
            Self::Boolean { values, known } => {
                values.push(*value == Value::Bool(true));
                known.push(matches!(value, Value::Bool(_)));
            }
            Self::Date { days, known } => {
                let it = match value {
                    Value::Date(it) => Some(it.num_days_from_ce() - UNIX_EPOCH),
                    _ => None,
                };
                days.push(it.unwrap_or(0));
                known.push(it.is_some());
            }
        }
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text { words, codes } => words.bytes() + codes.capacity() * 4,
            Self::Integer { values, known } => values.capacity() * 8 + known.bytes(),
            Self::Decimal(it) => it.bytes(),
            Self::Boolean { values, known } => values.bytes() + known.bytes(),
            Self::Date { days, known } => days.capacity() * 4 + known.bytes(),
        }
    }

    /// The column, its rows in `order`.
    pub fn finish(self, order: &[u32]) -> Column {
        match self {
            Self::Text { words, codes } => {
                // Neighbours' words shall be neighbours too.
                reword(&words.finish(), pick(&codes, order))
            }
            Self::Integer { values, known } => {
                Column::Integer { values: pick(&values, order), known: pick_bits(&known, order) }
            }
            Self::Decimal(it) => it.finish(order),
            Self::Boolean { values, known } => Column::Boolean {
                values: pick_bits(&values, order),
                known: pick_bits(&known, order),
            },
            Self::Date { days, known } => {
                Column::Date { days: pick(&days, order), known: pick_bits(&known, order) }
            }
        }
    }
}

const FULL: &str = "the words of a column take more than 4 GiB";
/// 1970-01-01 as chrono counts from the year 1.
const UNIX_EPOCH: i32 = 719_163;

/// Days from 1970, where there is such a day; the server has infinities as well.
fn day(sent: i32) -> Option<i32> {
    let it = sent.checked_add(EPOCH)?;
    NaiveDate::from_num_days_from_ce_opt(it.checked_add(UNIX_EPOCH)?).map(|_| it)
}

fn pick<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|it| values[*it as usize]).collect()
}

fn pick_bits(bits: &Bitmap, order: &[u32]) -> Bitmap {
    // Fields that all rows have, or none, are many.
    match bits.count() {
        0 => Bitmap::none(order.len()),
        it if it == order.len() => Bitmap::all(order.len()),
        _ => order.iter().map(|it| bits.has(*it as usize)).collect(),
    }
}

/// Counts words in the order of the rows that have them.
fn reword(words: &Words, mut codes: Vec<u32>) -> Column {
    let mut new = vec![0_u32; words.len() + 1];
    let mut used = Vec::with_capacity(words.len());
    for code in &mut codes {
        if *code != 0 {
            let it = &mut new[*code as usize];
            if *it == 0 {
                used.push(*code);
                *it = u32::try_from(used.len()).unwrap_or(u32::MAX);
            }
            *code = *it;
        }
    }
    let mut words: Words = used.iter().filter_map(|it| words.word(*it)).collect();
    words.shrink();
    Column::Text { words, codes }
}

/// Decimals scaled to the most places that one of them has so far, for as long as all fit so.
#[derive(Debug, Default)]
pub struct Decimals {
    scaled: Vec<i64>,
    places: u32,
    known: Bitmap,
    /// All of them, from the first on that did not fit.
    wide: Option<Vec<Option<Decimal>>>,
}

impl Decimals {
    fn push(&mut self, number: Option<Number>) {
        if let Some(wide) = &mut self.wide {
            wide.push(number.map(Decimal::from));
            return;
        }
        let Some(it) = number else {
            self.scaled.push(0);
            self.known.push(false);
            return;
        };
        if let Some(scaled) = self.scale(it) {
            self.scaled.push(scaled);
            self.known.push(true);
        } else {
            let (scaled, known) =
                (std::mem::take(&mut self.scaled), std::mem::take(&mut self.known));
            let all = scaled.iter().enumerate();
            let all = all.map(|(row, it)| known.has(row).then(|| Decimal::new(*it, self.places)));
            self.wide = Some(all.chain([Some(it.into())]).collect());
        }
    }

    /// The number at the places of the column, which gets more of them where it has to.
    fn scale(&mut self, it: Number) -> Option<i64> {
        if it.scale > self.places {
            let by = power(it.scale - self.places)?;
            let new: Vec<i64> =
                self.scaled.iter().map(|old| old.checked_mul(by)).collect::<Option<_>>()?;
            (self.scaled, self.places) = (new, it.scale);
        }
        i64::try_from(it.mantissa).ok()?.checked_mul(power(self.places - it.scale)?)
    }

    fn bytes(&self) -> usize {
        self.scaled.capacity() * 8
            + self.known.bytes()
            + self.wide.as_ref().map_or(0, |it| it.capacity() * size_of::<Option<Decimal>>())
    }

    fn finish(self, order: &[u32]) -> Column {
        match self.wide {
            Some(all) => Column::Wide { values: pick(&all, order) },
            None => Column::Decimal {
                scaled: pick(&self.scaled, order),
                places: self.places,
                known: pick_bits(&self.known, order),
            },
        }
    }
}

fn power(of: u32) -> Option<i64> {
    10_i64.checked_pow(of)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decimals_are_what_they_were(
            rows in prop::collection::vec(prop::option::of((prop_oneof![any::<i64>(), -99_999..99_999_i64], 0..=20_u32)), 0..60),
        ) {
            let rows: Vec<Option<Decimal>> = rows.iter().map(|it| it.map(|(it, scale)| Decimal::new(it, scale))).collect();
            let mut gather = Gather::new(FieldType::Decimal);
            for it in &rows {
                gather.value(&(*it).into());
            }
            let order: Vec<u32> = (0..u32::try_from(rows.len()).unwrap()).rev().collect();
            let column = gather.finish(&order);
            for (row, expected) in rows.iter().rev().enumerate() {
                prop_assert_eq!(column.value(row), Value::from(*expected));
            }
        }
    }

    #[test]
    fn a_day_that_never_comes_is_missing() {
        let mut odd = Oddities::default();
        let mut gather = Gather::new(FieldType::Date);
        for it in [i32::MAX, i32::MIN, 0, 9496] {
            gather.cell(Some(&it.to_be_bytes()), &mut odd).unwrap();
        }
        gather.value(&Value::Date(NaiveDate::from_ymd_opt(2025, 12, 31).unwrap()));
        let column = gather.finish(&[0, 1, 2, 3, 4]);
        assert_eq!(odd.missing, 2);
        assert_eq!([column.value(0), column.value(1)], [Value::Null, Value::Null]);
        let day = |y, m, d| Value::Date(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        assert_eq!(column.value(2), day(2000, 1, 1));
        assert_eq!([column.value(3), column.value(4)], [day(2025, 12, 31), day(2025, 12, 31)]);
    }

    #[test]
    fn words_of_their_own_are_counted_by_row() {
        let mut gather = Gather::new(FieldType::Text);
        for it in [Value::from("b"), Value::Null, "a".into(), "c".into()] {
            gather.value(&it);
        }
        let Column::Text { words, codes } = gather.finish(&[3, 1, 0, 2]) else { panic!() };
        assert_eq!(codes, [1, 0, 2, 3]);
        assert_eq!(words.iter().collect::<Vec<_>>(), ["c", "b", "a"]);
    }
}
