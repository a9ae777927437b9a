//! The values of one field, by row: texts as codes into a dictionary, decimals as scaled integers, exact.

use std::borrow::Cow;

use chrono::Days;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Bitmap;
use super::Words;
use crate::cql::Value;

/// The values of one field, by row.
#[derive(Clone, Debug)]
pub enum Column {
    /// `codes` are places in `words` plus one; 0 is a missing value. Each word stands once.
    Text {
        words: Words,
        codes: Vec<u32>,
    },
    Integer {
        values: Vec<i64>,
        known: Bitmap,
    },
    /// A value is `scaled` / 10^`places`; what is not `known` is 0 there.
    Decimal {
        scaled: Vec<i64>,
        places: u32,
        known: Bitmap,
    },
    /// Decimals of which some do not fit [`Column::Decimal`].
    Wide {
        values: Vec<Option<Decimal>>,
    },
    Boolean {
        values: Bitmap,
        known: Bitmap,
    },
    /// Days from 1970-01-01.
    Date {
        days: Vec<i32>,
        known: Bitmap,
    },
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Self::Text { codes, .. } => codes.len(),
            Self::Integer { known, .. }
            | Self::Decimal { known, .. }
            | Self::Boolean { known, .. }
            | Self::Date { known, .. } => known.len(),
            Self::Wide { values } => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row; `Null` when it is missing.
    pub fn value(&self, row: usize) -> Value<'_> {
        match self {
            Self::Text { words, codes } => {
                words.word(codes[row]).map_or(Value::Null, |it| Value::Text(Cow::Borrowed(it)))
            }
            Self::Integer { values, known } if known.has(row) => {
                Value::Number(Decimal::from(values[row]))
            }
            Self::Decimal { scaled, places, known } if known.has(row) => {
                Value::Number(Decimal::new(scaled[row], *places))
            }
            Self::Wide { values } => values[row].into(),
            Self::Boolean { values, known } if known.has(row) => Value::Bool(values.has(row)),
            Self::Date { days, known } if known.has(row) => {
                Self::day(days[row]).map_or(Value::Null, Value::Date)
            }
            _ => Value::Null,
        }
    }

    /// The date so many days from 1970-01-01; `None` beyond the calendar's ends.
    pub fn day(days: i32) -> Option<NaiveDate> {
        let start = NaiveDate::default();
        match u64::try_from(days) {
            Ok(it) => start.checked_add_days(Days::new(it)),
            Err(_) => start.checked_sub_days(Days::new(u64::from(days.unsigned_abs()))),
        }
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text { words, codes } => words.bytes() + codes.capacity() * 4,
            Self::Integer { values, known } => values.capacity() * 8 + known.bytes(),
            Self::Decimal { scaled, known, .. } => scaled.capacity() * 8 + known.bytes(),
            Self::Wide { values } => values.capacity() * size_of::<Option<Decimal>>(),
            Self::Boolean { values, known } => values.bytes() + known.bytes(),
            Self::Date { days, known } => days.capacity() * 4 + known.bytes(),
        }
    }
}
