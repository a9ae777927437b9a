//! One value of a row or of a bound parameter.

use std::borrow::Cow;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use rust_decimal::Decimal;

/// A value. `Null` is a missing one: it is never equal to anything, itself included.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Number(Decimal),
    Bool(bool),
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    TextList(Vec<Cow<'a, str>>),
    /// Only in SQL parameters: the numbers of an IN list.
    NumberList(Vec<Decimal>),
    /// Only in SQL parameters: a coordinate in degrees.
    Float(f64),
}

impl Value<'_> {
    /// A value that borrows nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Text(it) => Value::Text(Cow::Owned(it.into_owned())),
            Self::Number(it) => Value::Number(it),
            Self::Bool(it) => Value::Bool(it),
            Self::Date(it) => Value::Date(it),
            Self::Timestamp(it) => Value::Timestamp(it),
            Self::TextList(it) => {
                Value::TextList(it.into_iter().map(|it| Cow::Owned(it.into_owned())).collect())
            }
            Self::NumberList(it) => Value::NumberList(it),
            Self::Float(it) => Value::Float(it),
        }
    }
}

impl From<Decimal> for Value<'_> {
    fn from(it: Decimal) -> Self {
        Self::Number(it)
    }
}

impl From<bool> for Value<'_> {
    fn from(it: bool) -> Self {
        Self::Bool(it)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(it: &'a str) -> Self {
        Self::Text(Cow::Borrowed(it))
    }
}

impl From<String> for Value<'_> {
    fn from(it: String) -> Self {
        Self::Text(Cow::Owned(it))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}
