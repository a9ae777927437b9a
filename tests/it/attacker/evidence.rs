//! What the results of rules say of a parcel's tax.

use std::collections::HashMap;

use mutu::cql;
use mutu::cql::CompareOp;
use mutu::cql::Expr;
use mutu::cql::Kind;

use super::Range;

/// What a condition that held, or did not, says of the tax.
pub(super) fn learn(
    range: &mut Range,
    when: &Expr,
    held: bool,
    facts: &HashMap<String, f64>,
    area: f64,
) {
    let parts: Vec<&Expr> = match &when.kind {
        Kind::And(parts) => parts.iter().collect(),
        _ => vec![when],
    };
    let about = |it: &&&Expr| cql::properties(it).iter().any(|it| it.contains("tax"));
    // That it did not hold is the tax's doing only where all the rest held.
    let rest_held =
        parts.iter().filter(|it| !about(it)).all(|it| truth_of(it, facts) == Some(true));
    for part in parts.iter().filter(about) {
        let Kind::Compare(op, left, right) = &part.kind else { continue };
        let Kind::Property(name) = &left.kind else { continue };
        let Some(value) = value_of(right, facts) else { continue };
        let below = matches!(op, CompareOp::Less | CompareOp::LessOrEqual);
        match name.as_str() {
            "tax_wan_per_mu" if held && below => range.at_most(value * area),
            "tax_wan_per_mu" if held => range.at_least(value * area),
            "tax_wan_per_mu" if rest_held && below => range.at_least(value * area),
            "tax_wan_per_mu" if rest_held => range.at_most(value * area),
            "years_without_tax" if held => range.at_most(0.0),
            _ => {}
        }
    }
}

fn truth_of(it: &Expr, facts: &HashMap<String, f64>) -> Option<bool> {
    match &it.kind {
        Kind::Compare(op, left, right) => {
            let (left, right) = (value_of(left, facts)?, value_of(right, facts)?);
            Some(match op {
                CompareOp::Less => left < right,
                CompareOp::LessOrEqual => left <= right,
                CompareOp::Greater => left > right,
                CompareOp::GreaterOrEqual => left >= right,
                _ => return None,
            })
        }
        _ => None,
    }
}

fn value_of(it: &Expr, facts: &HashMap<String, f64>) -> Option<f64> {
    match &it.kind {
        Kind::Number(it) => it.to_string().parse().ok(),
        Kind::Property(name) => facts.get(name).copied(),
        Kind::Arithmetic(cql::ArithmeticOp::Multiply, left, right) => {
            Some(value_of(left, facts)? * value_of(right, facts)?)
        }
        _ => None,
    }
}
