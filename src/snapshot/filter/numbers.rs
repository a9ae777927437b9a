//! Numbers and dates against literals, as integers of the column's own places.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::node::block;
use crate::cql::CompareOp;
use crate::cql::Value;

/// What a column counts by: days, or steps of 1/10^`places`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numbers<'a> {
    Steps { values: &'a [i64], places: u32 },
    Days(&'a [i32]),
}

/// What is asked of an integer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Both ends are in it.
    Between(i64, i64),
    Outside(i64, i64),
    /// Rising.
    OneOf(Vec<i64>),
    NoneOf(Vec<i64>),
}

impl Test {
    const NEVER: Self = Self::Outside(i64::MIN, i64::MAX);

    #[must_use]
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Between(from, to) => Self::Outside(from, to),
            Self::Outside(from, to) => Self::Between(from, to),
            Self::OneOf(list) => Self::NoneOf(list),
            Self::NoneOf(list) => Self::OneOf(list),
        }
    }
}

/// A literal in the column's steps: the last step that is not beyond it, and whether it is that step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    floor: i128,
    is_exact: bool,
}

impl Numbers<'_> {
    /// `number op literal`; `None` for a literal of another kind, or none.
    pub(super) fn compare(&self, op: CompareOp, literal: &Value<'_>) -> Option<Test> {
        let cut = self.cut(literal)?;
        let after = cut.floor.checked_add(1)?;
        let first_not_below = if cut.is_exact { cut.floor } else { after };
        Some(match op {
            CompareOp::Equal if cut.is_exact => between(cut.floor, cut.floor),
            CompareOp::Equal => Test::NEVER,
            CompareOp::NotEqual => self.compare(CompareOp::Equal, literal)?.negated(),
            CompareOp::Less => between(i128::MIN, first_not_below - 1),
            CompareOp::LessOrEqual => between(i128::MIN, cut.floor),
            CompareOp::Greater => between(after, i128::MAX),
            CompareOp::GreaterOrEqual => between(first_not_below, i128::MAX),
        })
    }

    pub(super) fn between(&self, low: &Value<'_>, high: &Value<'_>) -> Option<Test> {
        let (low, high) = (self.cut(low)?, self.cut(high)?);
        Some(between(low.floor.checked_add(i128::from(!low.is_exact))?, high.floor))
    }

    pub(super) fn one_of(&self, literals: &[Value<'_>]) -> Option<Test> {
        let cuts: Option<Vec<Cut>> = literals.iter().map(|it| self.cut(it)).collect();
        let exact = cuts?.into_iter().filter(|it| it.is_exact);
        let mut list: Vec<i64> = exact.filter_map(|it| it.floor.try_into().ok()).collect();
        list.sort_unstable();
        Some(Test::OneOf(list))
    }

    fn cut(&self, literal: &Value<'_>) -> Option<Cut> {
        match (self, literal) {
            (Self::Steps { places, .. }, Value::Number(it)) => Some(cut(*it, *places)),
            (Self::Days(_), Value::Date(it)) => {
                let days = (*it - NaiveDate::default()).num_days();
                Some(Cut { floor: days.into(), is_exact: true })
            }
            _ => None,
        }
    }

    /// A bit for each row of `len` words, from the word `first` on.
    pub(super) fn judge(&self, test: &Test, first: usize, len: usize) -> Vec<u64> {
        match self {
            Self::Steps { values, .. } => judge(values, test, first, len),
            Self::Days(values) => judge(values, test, first, len),
        }
    }
}

/// What lies beyond all integers of a column is as good as the last of them.
fn between(from: i128, to: i128) -> Test {
    if from > to || from > i128::from(i64::MAX) || to < i128::from(i64::MIN) {
        return Test::NEVER;
    }
    let edge = |it: i128| i64::try_from(it).unwrap_or(if it < 0 { i64::MIN } else { i64::MAX });
    Test::Between(edge(from), edge(to))
}

fn cut(literal: Decimal, places: u32) -> Cut {
    let (mantissa, scale) = (literal.mantissa(), literal.scale());
    if scale <= places {
        // Beyond 38 digits it is beyond every column, too.
        let far = if mantissa < 0 { i128::MIN / 2 } else { i128::MAX / 2 };
        let factor = 10_i128.checked_pow(places - scale);
        let floor = match factor.and_then(|it| mantissa.checked_mul(it)) {
            Some(it) => it,
            None if mantissa == 0 => 0,
            None => far,
        };
        return Cut { floor, is_exact: true };
    }
    let divisor = 10_i128.pow(scale - places);
    Cut { floor: mantissa.div_euclid(divisor), is_exact: mantissa.rem_euclid(divisor) == 0 }
}

fn judge<T: Copy + Into<i64>>(values: &[T], test: &Test, first: usize, len: usize) -> Vec<u64> {
    match test {
        Test::Between(from, to) => inside(values, *from, *to, first, len),
        Test::Outside(from, to) => {
            let mut words = inside(values, *from, *to, first, len);
            for word in &mut words {
                *word = !*word;
            }
            words
        }
        Test::OneOf(list) => bits(values, first, len, |it| list.binary_search(&it).is_ok()),
        Test::NoneOf(list) => bits(values, first, len, |it| list.binary_search(&it).is_err()),
    }
}

/// One subtraction and one comparison a row: a number before `from` wraps around to beyond `to`.
fn inside<T: Copy + Into<i64>>(
    values: &[T],
    from: i64,
    to: i64,
    first: usize,
    len: usize,
) -> Vec<u64> {
    let span = to.wrapping_sub(from).cast_unsigned();
    bits(values, first, len, |it| it.wrapping_sub(from).cast_unsigned() <= span)
}

fn bits<T: Copy + Into<i64>>(
    values: &[T],
    first: usize,
    len: usize,
    test: impl Fn(i64) -> bool,
) -> Vec<u64> {
    (first..first + len)
        .map(|word| {
            let values = block(values, word);
            // Of a known length, so that the compiler unrolls it.
            if let Ok(whole) = <&[T; 64]>::try_from(values) {
                return pack(whole, &test);
            }
            pack(values, &test)
        })
        .collect()
}

#[inline]
fn pack<'a, T: Copy + Into<i64> + 'a>(
    values: impl IntoIterator<Item = &'a T>,
    test: &impl Fn(i64) -> bool,
) -> u64 {
    let each = values.into_iter().enumerate();
    each.fold(0, |word, (bit, it)| word | u64::from(test((*it).into())) << bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_of_more_places_than_the_column_is_compared_exactly() {
        let numbers = Numbers::Steps { values: &[], places: 1 };
        let test = |op, it: &str| numbers.compare(op, &Value::Number(it.parse().unwrap())).unwrap();
        assert_eq!(test(CompareOp::Less, "1.25"), Test::Between(i64::MIN, 12));
        assert_eq!(test(CompareOp::Less, "1.2"), Test::Between(i64::MIN, 11));
        assert_eq!(test(CompareOp::LessOrEqual, "-1.25"), Test::Between(i64::MIN, -13));
        assert_eq!(test(CompareOp::Greater, "-1.25"), Test::Between(-12, i64::MAX));
        assert_eq!(test(CompareOp::GreaterOrEqual, "1.2000"), Test::Between(12, i64::MAX));
        assert_eq!(test(CompareOp::Equal, "1.25"), Test::NEVER);
        assert_eq!(test(CompareOp::Equal, "1.20"), Test::Between(12, 12));
        assert_eq!(test(CompareOp::NotEqual, "1.2"), Test::Outside(12, 12));
    }

    #[test]
    fn a_literal_beyond_the_column_is_beyond_all_its_numbers() {
        let numbers = Numbers::Steps { values: &[], places: 20 };
        let far = Value::Number(Decimal::MAX);
        assert_eq!(numbers.compare(CompareOp::Less, &far), Some(Test::Between(i64::MIN, i64::MAX)));
        assert_eq!(numbers.compare(CompareOp::Greater, &far), Some(Test::NEVER));
        assert_eq!(numbers.compare(CompareOp::Equal, &far), Some(Test::NEVER));
        let low = Value::Number(Decimal::MIN);
        assert_eq!(numbers.between(&low, &far), Some(Test::Between(i64::MIN, i64::MAX)));
    }
}
