//! Sums, differences and products of columns and literals compared with each other, sixty-four rows at a time, on integers
//! of as many places as it takes. `exact` has seen to it that none has more than 28 digits; what would pass 37 when both
//! sides have the same places is left to be decided row by row; quotients have a module of their own.

use rust_decimal::Decimal;

use super::Columns;
use super::exact;
use super::node::Judged;
use super::node::Node;
use super::node::Presence;
use super::node::block;
use super::plan::constant;
use crate::cql::ArithmeticOp;
use crate::cql::CompareOp;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Value;
use crate::snapshot::Column;

/// Digits that fit an `i128` for sure.
const DIGITS: u32 = 37;

/// Two numbers of each row and how they have to stand to each other.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    op: CompareOp,
    left: Scaled<'a>,
    right: Scaled<'a>,
}

/// A number times a power of ten, so that both sides count in the same steps.
#[derive(Debug)]
pub(super) struct Scaled<'a> {
    number: Number<'a>,
    factor: i128,
}

/// A number of each row, as an integer of fixed places.
#[derive(Debug)]
pub(super) enum Number<'a> {
    Literal(i128),
    Column { values: &'a [i64], present: Presence<'a> },
    Sum(Box<Scaled<'a>>, Box<Scaled<'a>>, i128),
    Product(Box<Number<'a>>, Box<Number<'a>>),
    Negated(Box<Number<'a>>),
}

/// The comparison over columns; `None` of anything else.
pub(super) fn node<'a>(columns: &'a dyn Columns, expr: &'a Expr) -> Option<Node<'a>> {
    let Kind::Compare(op, left, right) = &expr.kind else { return None };
    let (left, right, _) = aligned(columns, left, right)?;
    Some(Node::Sums(Comparison { op: *op, left, right }))
}

/// Both with the same places, and how many these are.
fn aligned<'a>(
    columns: &'a dyn Columns,
    left: &'a Expr,
    right: &'a Expr,
) -> Option<(Scaled<'a>, Scaled<'a>, u32)> {
    let sizes = [exact::size(left, columns)?, exact::size(right, columns)?];
    let ((left, left_places), (right, right_places)) =
        (number(columns, left)?, number(columns, right)?);
    let places = left_places.max(right_places);
    if sizes.iter().any(|it| it.whole + places > DIGITS) {
        return None;
    }
    let scaled =
        |number, own: u32| Some(Scaled { number, factor: 10_i128.checked_pow(places - own)? });
    Some((scaled(left, left_places)?, scaled(right, right_places)?, places))
}

/// A number and its places; `None` of what is neither a column that is open everywhere, a literal, nor a sum, difference or
/// product of these.
pub(super) fn number<'a>(columns: &'a dyn Columns, expr: &'a Expr) -> Option<(Number<'a>, u32)> {
    if let Some(it) = constant(expr) {
        let Value::Number(it) = it else { return None };
        let it: Decimal = it.normalize();
        return Some((Number::Literal(it.mantissa()), it.scale()));
    }
    match &expr.kind {
        Kind::Property(name) => {
            let seen = columns.column(name)?;
            // Where only own units are open the rows are told one by one.
            if seen.only.is_some() {
                return None;
            }
            let (values, known, places) = match seen.column {
                Column::Integer { values, known } => (values, known, 0),
                Column::Decimal { scaled, known, places } => (scaled, known, *places),
                _ => return None,
            };
            let present = Presence { known: Some(known), own: None };
            Some((Number::Column { values, present }, places))
        }
        Kind::Negate(it) => {
            let (it, places) = number(columns, it)?;
            Some((Number::Negated(Box::new(it)), places))
        }
        Kind::Arithmetic(op @ (ArithmeticOp::Add | ArithmeticOp::Subtract), left, right) => {
            let sign = if *op == ArithmeticOp::Add { 1 } else { -1 };
            let (one, other, places) = aligned(columns, left, right)?;
            Some((Number::Sum(Box::new(one), Box::new(other), sign), places))
        }
        Kind::Arithmetic(ArithmeticOp::Multiply, left, right) => {
            let ((left, one), (right, other)) = (number(columns, left)?, number(columns, right)?);
            Some((Number::Product(Box::new(left), Box::new(right)), one + other))
        }
        _ => None,
    }
}

impl Comparison<'_> {
    pub(super) fn judge(&self, first: usize, asked: &[u64]) -> Judged {
        let (mut left, mut right) = ([0; 64], [0; 64]);
        Judged::of_words(asked.len(), |at| {
            if asked[at] == 0 {
                return (0, 0);
            }
            let word = first + at;
            let known = self.left.fill(word, &mut left) & self.right.fill(word, &mut right);
            let each = left.iter().zip(&right).enumerate();
            let yes = each.fold(0, |yes, (bit, (left, right))| {
                yes | u64::from(self.op.holds(left.cmp(right))) << bit
            });
            (yes & known, !known)
        })
    }
}

impl Scaled<'_> {
    /// The numbers of a word of rows; returns where there are any.
    fn fill(&self, word: usize, out: &mut [i128; 64]) -> u64 {
        let known = self.number.fill(word, out);
        if self.factor != 1 {
            for it in out.iter_mut() {
                *it = it.wrapping_mul(self.factor);
            }
        }
        known
    }
}

impl Number<'_> {
    /// The integers of a word of rows; returns where there are any. Elsewhere anything stands.
    pub(super) fn fill(&self, word: usize, out: &mut [i128; 64]) -> u64 {
        match self {
            Self::Literal(it) => {
                out.fill(*it);
                u64::MAX
            }
            Self::Column { values, present } => {
                out.iter_mut().zip(block(values, word)).for_each(|(out, it)| *out = (*it).into());
                present.word(word)
            }
            Self::Negated(it) => {
                let known = it.fill(word, out);
                for it in out.iter_mut() {
                    *it = it.wrapping_neg();
                }
                known
            }
            Self::Sum(left, right, sign) => {
                let mut other = [0; 64];
                let known = left.fill(word, out) & right.fill(word, &mut other);
                let each = out.iter_mut().zip(&other);
                each.for_each(|(out, it)| *out = out.wrapping_add(it.wrapping_mul(*sign)));
                known
            }
            Self::Product(left, right) => {
                let mut other = [0; 64];
                let known = left.fill(word, out) & right.fill(word, &mut other);
                out.iter_mut().zip(&other).for_each(|(out, it)| *out = out.wrapping_mul(*it));
                known
            }
        }
    }
}
