//! A filter decided for one row: true, false or unknown. A missing figure is never a pass and never a fail.
//!
//! Follows Kleene as SQL does. Division by zero, a number beyond 28 digits and a spatial predicate are unknown.

use std::borrow::Cow;
use std::ops::Not;

use chrono::DateTime;
use chrono::NaiveTime;
use chrono::Utc;
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::cql::ast::ArithmeticOp;
use crate::cql::ast::CompareOp;
use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::check::power;
use crate::cql::functions::ArrayTest;
use crate::cql::functions::End;
use crate::cql::functions::Function;
use crate::cql::functions::STROKED;
use crate::cql::functions::Temporal;
use crate::cql::sql::QUOTIENT_PLACES;
use crate::cql::value::Value;

/// The answer to a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    True,
    False,
    Unknown,
}

impl Truth {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<Option<bool>> for Truth {
    fn from(it: Option<bool>) -> Self {
        match it {
            Some(true) => Self::True,
            Some(false) => Self::False,
            None => Self::Unknown,
        }
    }
}

impl From<Truth> for Value<'_> {
    fn from(it: Truth) -> Self {
        match it {
            Truth::True => Self::Bool(true),
            Truth::False => Self::Bool(false),
            Truth::Unknown => Self::Null,
        }
    }
}

/// One row: a property's value by name, `Null` when it is missing or not known.
pub trait Row {
    fn get(&self, name: &str) -> Value<'_>;
}

impl<F: Fn(&str) -> Value<'static>> Row for F {
    fn get(&self, name: &str) -> Value<'_> {
        self(name)
    }
}

/// Decides a condition that `check` has passed; anything else that is not a condition is unknown.
pub fn eval(expr: &Expr, row: &dyn Row) -> Truth {
    match &expr.kind {
        Kind::Not(it) => !eval(it, row),
        Kind::And(parts) => {
            fold(parts, Truth::True, Truth::False, |so_far, it| so_far.and(eval(it, row)))
        }
        Kind::Or(parts) => {
            fold(parts, Truth::False, Truth::True, |so_far, it| so_far.or(eval(it, row)))
        }
        Kind::Compare(op, left, right) => compare(*op, &value(left, row), &value(right, row)),
        Kind::Between { value: it, low, high, negated } => {
            let it = value(it, row);
            let above = compare(CompareOp::GreaterOrEqual, &it, &value(low, row));
            let inside = above.and(compare(CompareOp::LessOrEqual, &it, &value(high, row)));
            if *negated { !inside } else { inside }
        }
        Kind::In { value: it, list, negated } => {
            let it = value(it, row);
            let equal =
                |so_far: Truth, item| so_far.or(compare(CompareOp::Equal, &it, &value(item, row)));
            let inside = fold(list, Truth::False, Truth::True, equal);
            if *negated { !inside } else { inside }
        }
        Kind::Like { value: it, pattern, negated } => match (value(it, row), value(pattern, row)) {
            (Value::Text(text), Value::Text(pattern)) => {
                Truth::from(Some(like(&text, &pattern) != *negated))
            }
            _ => Truth::Unknown,
        },
        Kind::IsNull { value: it, negated } => {
            Truth::from(Some((value(it, row) == Value::Null) != *negated))
        }
        Kind::Bool(it) => Truth::from(Some(*it)),
        Kind::Property(name) => match row.get(name) {
            Value::Bool(it) => Truth::from(Some(it)),
            _ => Truth::Unknown,
        },
        Kind::Call(Function::Temporal(relation), parts) => temporal(*relation, parts, row),
        Kind::Call(Function::Array(test), parts) => array(*test, parts, row),
        _ => Truth::Unknown,
    }
}

/// Folds until the answer cannot change any more.
fn fold<'a>(
    parts: &'a [Expr],
    start: Truth,
    settled: Truth,
    mut step: impl FnMut(Truth, &'a Expr) -> Truth,
) -> Truth {
    let mut so_far = start;
    for part in parts {
        so_far = step(so_far, part);
        if so_far == settled {
            break;
        }
    }
    so_far
}

/// The value of any part of an expression.
pub fn value<'a>(expr: &'a Expr, row: &'a dyn Row) -> Value<'a> {
    match &expr.kind {
        Kind::Property(name) => row.get(name),
        Kind::Text(it) => Value::Text(Cow::Borrowed(it)),
        Kind::Number(it) => Value::Number(*it),
        Kind::Date(it) => Value::Date(*it),
        Kind::Timestamp(it) => Value::Timestamp(*it),
        Kind::Array(parts) => Value::TextList(
            parts
                .iter()
                .filter_map(|it| {
                    if let Kind::Text(it) = &it.kind {
                        Some(Cow::Borrowed(it.as_str()))
                    } else {
                        None
                    }
                })
                .collect(),
        ),
        Kind::Open | Kind::Interval(..) => Value::Null,
        Kind::Geometry(_) | Kind::BBox(_) => Value::Bool(true),
        Kind::Arithmetic(op, left, right) => match (value(left, row), value(right, row)) {
            (Value::Number(left_value), Value::Number(right_value)) => {
                arithmetic(*op, left_value, right_value, right).into()
            }
            _ => Value::Null,
        },
        Kind::Negate(it) => match value(it, row) {
            Value::Number(it) => Value::Number(-it),
            _ => Value::Null,
        },
        Kind::Call(function, parts)
            if !matches!(function, Function::Temporal(_) | Function::Array(_)) =>
        {
            call(*function, value(&parts[0], row))
        }
        _ => eval(expr, row).into(),
    }
}

fn arithmetic(op: ArithmeticOp, left: Decimal, right: Decimal, exponent: &Expr) -> Option<Decimal> {
    let rounded = |it: Decimal| it.round_dp_with_strategy(QUOTIENT_PLACES, MidpointAwayFromZero);
    match op {
        ArithmeticOp::Add => left.checked_add(right),
        ArithmeticOp::Subtract => left.checked_sub(right),
        ArithmeticOp::Multiply => left.checked_mul(right),
        ArithmeticOp::Divide => left.checked_div(right).map(rounded),
        // Taking the rest off first keeps a quotient of 2.999…9 from becoming 3.
        ArithmeticOp::WholeDivide => {
            left.checked_sub(left.checked_rem(right)?)?.checked_div(right).map(|it| it.round())
        }
        ArithmeticOp::Remainder => left.checked_rem(right),
        ArithmeticOp::Power => {
            let mut product = Decimal::ONE;
            for _ in 0..power(exponent)? {
                product = product.checked_mul(left)?;
            }
            Some(rounded(product))
        }
    }
}

fn call(function: Function, argument: Value<'_>) -> Value<'_> {
    match (function, argument) {
        (Function::CaseI | Function::Lower, Value::Text(it)) => it.to_lowercase().into(),
        (Function::Upper, Value::Text(it)) => it.to_uppercase().into(),
        (Function::AccentI, Value::Text(it)) => {
            let bare = it.nfd().filter(|it| !('\u{300}'..='\u{36f}').contains(it));
            let plain = |it| STROKED.iter().find(|(from, _)| *from == it).map_or(it, |(_, to)| *to);
            bare.map(plain).collect::<String>().into()
        }
        (Function::Length, Value::Text(it)) => Value::Number(Decimal::from(it.chars().count())),
        (Function::Abs, Value::Number(it)) => Value::Number(it.abs()),
        (Function::Floor, Value::Number(it)) => Value::Number(it.floor()),
        (Function::Ceil, Value::Number(it)) => Value::Number(it.ceil()),
        (Function::Round, Value::Number(it)) => {
            Value::Number(it.round_dp_with_strategy(0, MidpointAwayFromZero))
        }
        _ => Value::Null,
    }
}

fn compare(op: CompareOp, left: &Value<'_>, right: &Value<'_>) -> Truth {
    let order = match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        _ => return Truth::Unknown,
    };
    Truth::from(Some(op.holds(order)))
}

/// SQL's LIKE: `%` any text, `_` one character, `\` takes the next literally. Goes back to the last `%` only, so its
/// time is at most the product of both lengths.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut parts: Vec<Option<char>> = Vec::new();
    let mut wild: Vec<bool> = Vec::new();
    let mut characters = pattern.chars();
    while let Some(it) = characters.next() {
        let (part, is_wild) = match it {
            '%' => (None, true),
            '_' => (None, false),
            '\\' => (characters.next(), false),
            it => (Some(it), false),
        };
        parts.push(part);
        wild.push(is_wild);
    }
    let (mut at, mut part, mut retry) = (0, 0, None);
    while at < text.len() {
        if part < parts.len() && wild[part] {
            part += 1;
            retry = Some((at, part));
        } else if part < parts.len() && parts[part].is_none_or(|it| it == text[at]) {
            at += 1;
            part += 1;
        } else if let Some((from, after)) = retry {
            retry = Some((from + 1, after));
            (at, part) = (from + 1, after);
        } else {
            return false;
        }
    }
    wild[part..].iter().all(|it| *it)
}

#[derive(Clone, Copy)]
enum Ends {
    First,
    Last,
}

/// A moment of time with the open ends of intervals beyond all others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Always,
    At(DateTime<Utc>),
    Never,
}

fn moment(expr: &Expr, end: Ends, row: &dyn Row) -> Option<Moment> {
    match (&expr.kind, end) {
        (Kind::Interval(from, _), Ends::First) => moment(from, end, row),
        (Kind::Interval(_, to), Ends::Last) => moment(to, end, row),
        (Kind::Open, Ends::First) => Some(Moment::Always),
        (Kind::Open, Ends::Last) => Some(Moment::Never),
        _ => match value(expr, row) {
            Value::Date(it) => Some(Moment::At(it.and_time(NaiveTime::MIN).and_utc())),
            Value::Timestamp(it) => Some(Moment::At(it)),
            _ => None,
        },
    }
}

fn temporal(relation: Temporal, parts: &[Expr], row: &dyn Row) -> Truth {
    let end = |it: End| match it {
        End::LeftStart => moment(&parts[0], Ends::First, row),
        End::LeftEnd => moment(&parts[0], Ends::Last, row),
        End::RightStart => moment(&parts[1], Ends::First, row),
        End::RightEnd => moment(&parts[1], Ends::Last, row),
    };
    let comparisons = relation.comparisons();
    let start = if comparisons.any { Truth::False } else { Truth::True };
    comparisons.all_of.iter().fold(start, |so_far, (left, op, right)| {
        let both = end(*left).zip(end(*right));
        let one = Truth::from(both.map(|(left, right)| op.holds(left.cmp(&right))));
        if comparisons.any { so_far.or(one) } else { so_far.and(one) }
    })
}

fn array(test: ArrayTest, parts: &[Expr], row: &dyn Row) -> Truth {
    let (Value::TextList(left), Value::TextList(right)) =
        (value(&parts[0], row), value(&parts[1], row))
    else {
        return Truth::Unknown;
    };
    let contains =
        |outer: &[Cow<'_, str>], inner: &[Cow<'_, str>]| inner.iter().all(|it| outer.contains(it));
    Truth::from(Some(match test {
        ArrayTest::Equals => contains(&left, &right) && contains(&right, &left),
        ArrayTest::Contains => contains(&left, &right),
        ArrayTest::ContainedBy => contains(&right, &left),
        ArrayTest::Overlaps => left.iter().any(|it| right.contains(it)),
    }))
}
