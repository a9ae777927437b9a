//! Whether arithmetic has so few digits that it comes out here as it does in PostgreSQL, whose numbers are as long as it
//! takes. `rust_decimal` holds 28 digits and rounds, or gives up, beyond.

use rust_decimal::Decimal;

use super::Columns;
use super::plan::ID;
use crate::cql::ArithmeticOp;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::functions::Function;
use crate::snapshot::Column;

/// Digits that are always exact.
const DIGITS: u32 = 28;
/// Digits before the point of a quotient or a power, which is rounded to twelve places after it.
const WHOLE: u32 = 16;

/// The most digits that a number has before and after its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub whole: u32,
    pub places: u32,
}

impl Size {
    fn of(mantissa: u128, places: u32) -> Self {
        let digits = mantissa.checked_ilog10().map_or(0, |it| it + 1);
        Self { whole: digits.saturating_sub(places), places }
    }

    fn fits(self) -> Option<Self> {
        (self.whole + self.places <= DIGITS).then_some(self)
    }
}

/// Whether all arithmetic in the expression is exact for every row of the part.
pub(super) fn is_exact(expr: &Expr, part: &dyn Columns) -> bool {
    match &expr.kind {
        Kind::Arithmetic(..) => size(expr, part).is_some(),
        _ => expr.children().into_iter().all(|it| is_exact(it, part)),
    }
}

/// `None`: some row may have too many digits.
pub(super) fn size(expr: &Expr, part: &dyn Columns) -> Option<Size> {
    match &expr.kind {
        Kind::Number(it) => Some(Size::of(it.mantissa().unsigned_abs(), it.scale())),
        Kind::Property(name) if name == ID => Some(largest(part.ids(), 0)),
        Kind::Property(name) => match part.column(name)?.column {
            Column::Integer { values, .. } => Some(largest(values, 0)),
            Column::Decimal { scaled, places, .. } => Some(largest(scaled, *places)),
            Column::Wide { values } => {
                let sizes = values.iter().flatten().map(Decimal::normalize);
                let each = sizes.map(|it| Size::of(it.mantissa().unsigned_abs(), it.scale()));
                each.reduce(|a, b| Size {
                    whole: a.whole.max(b.whole),
                    places: a.places.max(b.places),
                })
                .or(Some(Size { whole: 0, places: 0 }))
            }
            _ => None,
        },
        Kind::Negate(it) => size(it, part),
        Kind::Arithmetic(op, left, right) => {
            let (left, right) = (size(left, part)?, size(right, part)?);
            let places = left.places.max(right.places);
            let quotient = left.whole + right.places;
            match op {
                ArithmeticOp::Add | ArithmeticOp::Subtract => {
                    Size { whole: left.whole.max(right.whole) + 1, places }.fits()
                }
                ArithmeticOp::Multiply => {
                    Size { whole: left.whole + right.whole, places: left.places + right.places }
                        .fits()
                }
                ArithmeticOp::Divide => {
                    (quotient <= WHOLE).then_some(Size { whole: quotient, places: 12 })
                }
                ArithmeticOp::WholeDivide => {
                    Size { whole: left.whole.max(right.whole), places }.fits()?;
                    Size { whole: quotient, places: 0 }.fits()
                }
                ArithmeticOp::Remainder => {
                    Size { whole: left.whole.max(right.whole), places }.fits()
                }
                ArithmeticOp::Power => {
                    let Kind::Number(times) = &exponent(expr)?.kind else { return None };
                    let times = u32::try_from(*times).ok()?;
                    let all = Size { whole: left.whole * times, places: left.places * times };
                    all.fits().filter(|it| it.whole <= WHOLE)?;
                    Some(Size { whole: all.whole.max(1), places: all.places.min(12) })
                }
            }
        }
        Kind::Call(Function::Length, _) => Some(Size { whole: 10, places: 0 }),
        Kind::Call(Function::Abs, parts) => size(parts.first()?, part),
        Kind::Call(Function::Floor | Function::Ceil | Function::Round, parts) => {
            let of = size(parts.first()?, part)?;
            Some(Size { whole: of.whole + 1, places: 0 })
        }
        _ => None,
    }
}

fn exponent(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        Kind::Arithmetic(_, _, it) => Some(it),
        _ => None,
    }
}

fn largest(values: &[i64], places: u32) -> Size {
    let largest = values.iter().map(|it| it.unsigned_abs()).max().unwrap_or(0);
    Size::of(largest.into(), places)
}
