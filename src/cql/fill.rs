//! Parameters: names that begin with a colon (`:tax_floor`), for which a literal stands in before anything is decided. The
//! literal enters the tree, never the text, so a value cannot become anything else than a value.

use crate::cql::ast::Expr;
use crate::cql::ast::Kind;

/// What a parameter's name begins with; no field's does.
pub const PARAMETER: char = ':';

/// The same expression with the literals of its parameters. A name that `literal` does not know stays as it is.
#[must_use]
pub fn fill(expr: &Expr, literal: &dyn Fn(&str) -> Option<Kind>) -> Expr {
    let one = |it: &Expr| fill(it, literal);
    let boxed = |it: &Expr| Box::new(one(it));
    let all = |list: &[Expr]| list.iter().map(one).collect::<Vec<_>>();
    let kind = match &expr.kind {
        Kind::Property(name) => match name.strip_prefix(PARAMETER).and_then(literal) {
            Some(it) => it,
            None => expr.kind.clone(),
        },
        Kind::Text(_)
        | Kind::Number(_)
        | Kind::Bool(_)
        | Kind::Date(_)
        | Kind::Timestamp(_)
        | Kind::Open
        | Kind::Geometry(_)
        | Kind::BBox(_) => expr.kind.clone(),
        Kind::Not(it) => Kind::Not(boxed(it)),
        Kind::Negate(it) => Kind::Negate(boxed(it)),
        Kind::Interval(from, to) => Kind::Interval(boxed(from), boxed(to)),
        Kind::Compare(op, left, right) => Kind::Compare(*op, boxed(left), boxed(right)),
        Kind::Arithmetic(op, left, right) => Kind::Arithmetic(*op, boxed(left), boxed(right)),
        Kind::Like { value, pattern, negated } => {
            Kind::Like { value: boxed(value), pattern: boxed(pattern), negated: *negated }
        }
        Kind::Between { value, low, high, negated } => Kind::Between {
            value: boxed(value),
            low: boxed(low),
            high: boxed(high),
            negated: *negated,
        },
        Kind::In { value, list, negated } => {
            Kind::In { value: boxed(value), list: all(list), negated: *negated }
        }
        Kind::IsNull { value, negated } => Kind::IsNull { value: boxed(value), negated: *negated },
        Kind::Array(list) => Kind::Array(all(list)),
        Kind::And(list) => Kind::And(all(list)),
        Kind::Or(list) => Kind::Or(all(list)),
        Kind::Call(function, list) => Kind::Call(*function, all(list)),
    };
    Expr::new(kind, expr.at)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::cql::parse;

    #[test]
    fn a_parameter_becomes_a_literal_wherever_it_stands() {
        let text =
            "NOT (a < :x) AND b BETWEEN :x AND 2 * :x OR c IN (:x, 3) AND d LIKE :p OR f(:y) = 1";
        let text = text.replace("f(:y)", "abs(:y)");
        let literal = |name: &str| match name {
            "x" => Some(Kind::Number(Decimal::from(5))),
            "p" => Some(Kind::Text("C' OR 1=1".to_owned())),
            _ => None,
        };
        let filled = fill(&parse(&text).unwrap(), &literal);
        let wanted = text.replace(":x", "5").replace(":p", "'C'' OR 1=1'");
        assert_eq!(filled, parse(&wanted).unwrap());
    }
}
