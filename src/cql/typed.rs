//! Texts that stand for days and moments: where a date or a time is compared with a text that is one, the text becomes
//! that. CQL2's type casts, for comparisons, `BETWEEN` and `IN` only; a text that is no date is left for `check` to refuse.

use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::check::Fields;
use crate::cql::check::Type;
use crate::cql::check::type_of;
use crate::cql::wkt;

/// The expression with such texts replaced.
#[must_use]
pub fn typed(expr: Expr, fields: &dyn Fields) -> Expr {
    let at = expr.at;
    let all = |parts: Vec<Expr>| parts.into_iter().map(|it| typed(it, fields)).collect();
    let kind = match expr.kind {
        Kind::And(parts) => Kind::And(all(parts)),
        Kind::Or(parts) => Kind::Or(all(parts)),
        Kind::Not(it) => Kind::Not(Box::new(typed(*it, fields))),
        Kind::IsNull { value, negated } => {
            Kind::IsNull { value: Box::new(typed(*value, fields)), negated }
        }
        Kind::Compare(op, left, right) => {
            let (one, other) = (type_of(&left, fields).ok(), type_of(&right, fields).ok());
            Kind::Compare(op, Box::new(of(*left, other)), Box::new(of(*right, one)))
        }
        Kind::Between { value, low, high, negated } => {
            let kind = type_of(&value, fields).ok();
            let (low, high) = (Box::new(of(*low, kind)), Box::new(of(*high, kind)));
            Kind::Between { value, low, high, negated }
        }
        Kind::In { value, list, negated } => {
            let kind = type_of(&value, fields).ok();
            let list = list.into_iter().map(|it| of(it, kind)).collect();
            Kind::In { value, list, negated }
        }
        other => other,
    };
    Expr::new(kind, at)
}

fn of(expr: Expr, kind: Option<Type>) -> Expr {
    let Kind::Text(text) = &expr.kind else { return expr };
    let meant = match kind {
        Some(Type::Date) => wkt::date(text).map(Kind::Date),
        Some(Type::Timestamp) => wkt::timestamp(text).map(Kind::Timestamp),
        _ => None,
    };
    match meant {
        Some(kind) => Expr::new(kind, expr.at),
        None => expr,
    }
}
