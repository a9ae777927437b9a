//! A quotient compared with a literal, sixty-four rows at a time: in doubles where these are far enough apart to say, and
//! row by row, in decimals, where they are not.

use rust_decimal::Decimal;

use super::Columns;
use super::arithmetic;
use super::arithmetic::Number;
use super::node::Judged;
use super::node::Node;
use super::plan::constant;
use crate::cql::ArithmeticOp;
use crate::cql::CompareOp;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Value;

/// More than rounding a quotient to twelve places moves it.
const ROUNDED: f64 = 1e-12;
/// More than the error of two integers made doubles, their division and a power of ten, as a share of the result.
const RELATIVE: f64 = 1e-14;
/// Powers of ten are doubles up to here.
const EXACT_POWERS: u32 = 22;

/// How a quotient of each row has to stand to a number.
#[derive(Debug)]
pub(super) struct Quotient<'a> {
    op: CompareOp,
    dividend: Number<'a>,
    divisor: Number<'a>,
    /// What the quotient of the integers is times the quotient.
    unit: f64,
    bound: f64,
    /// The same question in decimals.
    exact: Box<Node<'a>>,
}

/// The comparison over columns, `exact` being the same row by row; `exact` itself of anything else.
pub(super) fn node<'a>(columns: &'a dyn Columns, expr: &'a Expr, exact: Node<'a>) -> Node<'a> {
    match parts(columns, expr) {
        Some((op, dividend, divisor, unit, bound)) => {
            let exact = Box::new(exact);
            Node::Quotient(Quotient { op, dividend, divisor, unit, bound, exact })
        }
        None => exact,
    }
}

type Parts<'a> = (CompareOp, Number<'a>, Number<'a>, f64, f64);

fn parts<'a>(columns: &'a dyn Columns, expr: &'a Expr) -> Option<Parts<'a>> {
    let Kind::Compare(op, left, right) = &expr.kind else { return None };
    let (op, quotient, bound) = match (constant(left), constant(right)) {
        (None, Some(bound)) => (*op, left, bound),
        (Some(bound), None) => (op.flipped(), right, bound),
        _ => return None,
    };
    let Kind::Arithmetic(ArithmeticOp::Divide, dividend, divisor) = &quotient.kind else {
        return None;
    };
    let Value::Number(bound) = bound else { return None };
    let (dividend, own) = arithmetic::number(columns, dividend)?;
    let (divisor, others) = arithmetic::number(columns, divisor)?;
    let power = |places: u32| (places <= EXACT_POWERS).then(|| 10_f64.powi(places.cast_signed()));
    let (unit, bound) = (power(others)? / power(own)?, double(&bound, power)?);
    Some((op, dividend, divisor, unit, bound))
}

fn double(it: &Decimal, power: impl Fn(u32) -> Option<f64>) -> Option<f64> {
    Some(nearest(it.mantissa()) / power(it.scale())?)
}

#[expect(clippy::cast_precision_loss, reason = "`RELATIVE` allows for it")]
const fn nearest(it: i128) -> f64 {
    it as f64
}

impl Quotient<'_> {
    pub(super) fn judge(&self, first: usize, asked: &[u64]) -> Judged {
        let (mut above, mut below) = ([0; 64], [0; 64]);
        let mut close = vec![0; asked.len()];
        let mut judged = Judged::of_words(asked.len(), |at| {
            if asked[at] == 0 {
                return (0, 0);
            }
            let word = first + at;
            let mut known =
                self.dividend.fill(word, &mut above) & self.divisor.fill(word, &mut below);
            let (mut yes, mut near) = (0, 0);
            for (bit, (above, below)) in above.iter().zip(&below).enumerate() {
                // Nothing is so many times nothing.
                known &= !(u64::from(*below == 0) << bit);
                let quotient = nearest(*above) / nearest(*below) * self.unit;
                let margin = ROUNDED + RELATIVE * (quotient.abs() + self.bound.abs());
                // Of what is no number it is false, and the row not known.
                let is_near = (quotient - self.bound).abs() <= margin;
                near |= u64::from(is_near) << bit;
                yes |= u64::from(self.op.holds(quotient.total_cmp(&self.bound))) << bit;
            }
            close[at] = near & known & asked[at];
            (yes & known, !known)
        });
        if close.iter().any(|it| *it != 0) {
            let exact = self.exact.judge(first, &close);
            for (at, close) in close.iter().enumerate() {
                judged.yes[at] = judged.yes[at] & !close | exact.yes[at] & close;
                judged.unknown[at] = judged.unknown[at] & !close | exact.unknown[at] & close;
            }
        }
        judged
    }
}
