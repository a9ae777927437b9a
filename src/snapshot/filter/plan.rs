//! From a filter to what is asked of the columns.

use std::cell::OnceCell;
use std::sync::Arc;

use super::Columns;
use super::arithmetic;
use super::exact;
use super::node::Node;
use super::node::Presence;
use super::numbers::Numbers;
use super::numbers::Test;
use super::quotient;
use super::words;
use crate::cql;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Value;
use crate::cql::eval::eval;
use crate::cql::eval::value;
use crate::cql::functions::Function;
use crate::snapshot::Bitmap;
use crate::snapshot::Column;
use crate::snapshot::Seen;

/// What a row is called in filters, besides its fields.
pub(super) const ID: &str = "id";

/// Whether the filter comes out here as it does in PostgreSQL: it reads columns alone, and calculates with so few digits.
pub(super) fn is_decidable(part: &dyn Columns, filter: &Expr) -> bool {
    !cql::is_spatial(filter)
        && names(filter).into_iter().all(|it| it == ID || part.column(it).is_some())
        && exact::is_exact(filter, part)
}

/// The filter over the part's columns; `None` where it cannot be decided here.
pub(super) fn plan<'a>(part: &'a dyn Columns, filter: &'a Expr) -> Option<Node<'a>> {
    if !is_decidable(part, filter) {
        return None;
    }
    let planner = Planner { part, own: OnceCell::new() };
    planner.node(filter)
}

/// The filter row by row, whatever its numbers: as `cql::eval` decides it. `None` where it names what is not there.
pub(super) fn row_by_row<'a>(part: &'a dyn Columns, filter: &'a Expr) -> Option<Node<'a>> {
    let mut columns = Vec::new();
    for name in names(filter).into_iter().filter(|it| *it != ID) {
        columns.push((name, part.column(name)?));
    }
    Some(Node::Rows { expr: filter, columns, ids: part.ids() })
}

/// The value of what names no column; `None` of what does, and where there is none.
pub(super) fn constant(expr: &Expr) -> Option<Value<'_>> {
    if !names(expr).is_empty() {
        return None;
    }
    Some(value(expr, &NOTHING)).filter(|it| *it != Value::Null)
}

/// A row without values.
struct Nothing;
static NOTHING: Nothing = Nothing;

impl cql::Row for Nothing {
    fn get(&self, _: &str) -> Value<'_> {
        Value::Null
    }
}

/// The properties that an expression reads, each once.
fn names(expr: &Expr) -> Vec<&str> {
    let mut names = Vec::new();
    expr.visit(&mut |it| {
        if let Kind::Property(name) = &it.kind
            && !names.contains(&name.as_str())
        {
            names.push(name.as_str());
        }
    });
    names
}

/// Whether it has a truth, and not a value of another kind.
fn is_condition(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Not(_)
        | Kind::And(_)
        | Kind::Or(_)
        | Kind::Compare(..)
        | Kind::Like { .. }
        | Kind::Between { .. }
        | Kind::In { .. }
        | Kind::IsNull { .. }
        | Kind::Bool(_) => true,
        Kind::Call(function, _) => matches!(function, Function::Temporal(_) | Function::Array(_)),
        _ => false,
    }
}

struct Planner<'a> {
    part: &'a dyn Columns,
    /// The rows of own units, once they are asked for.
    own: OnceCell<Option<Arc<Bitmap>>>,
}

impl<'a> Planner<'a> {
    fn node(&self, expr: &'a Expr) -> Option<Node<'a>> {
        match &expr.kind {
            Kind::Not(it) => return Some(Node::Not(Box::new(self.node(it)?))),
            Kind::And(parts) => return Some(Node::And(self.nodes(parts)?)),
            Kind::Or(parts) => return Some(Node::Or(self.nodes(parts)?)),
            Kind::IsNull { value, negated } if is_condition(value) => {
                let it = Node::IsUnknown(Box::new(self.node(value)?));
                return Some(if *negated { Node::Not(Box::new(it)) } else { it });
            }
            _ => {}
        }
        let mut columns = Vec::new();
        let mut reads_ids = false;
        for name in names(expr) {
            if name == ID {
                reads_ids = true;
            } else {
                columns.push((name, self.part.column(name)?));
            }
        }
        let quick = match (&columns[..], reads_ids) {
            ([], false) => Some(Node::Constant(eval(expr, &NOTHING))),
            ([], true) => self.of_ids(expr),
            ([(_, seen)], false) => self.of_column(expr, *seen),
            // Several columns, or one more than once.
            _ => None,
        };
        let quick = quick.or_else(|| arithmetic::node(self.part, expr));
        let ids = self.part.ids();
        Some(
            quick.unwrap_or_else(|| {
                quotient::node(self.part, expr, Node::Rows { expr, columns, ids })
            }),
        )
    }

    /// Those that cost least come first: what they decide need not be asked of the others.
    fn nodes(&self, parts: &'a [Expr]) -> Option<Vec<Node<'a>>> {
        let mut nodes: Vec<Node<'a>> =
            parts.iter().map(|it| self.node(it)).collect::<Option<_>>()?;
        nodes.sort_by_key(Node::is_costly);
        Some(nodes)
    }

    fn of_ids(&self, expr: &'a Expr) -> Option<Node<'a>> {
        let numbers = Numbers::Steps { values: self.part.ids(), places: 0 };
        numeric(expr, numbers, Presence { known: None, own: None })
    }

    /// A condition on one column alone.
    fn of_column(&self, expr: &'a Expr, seen: Seen<'a>) -> Option<Node<'a>> {
        let own = self.own(seen);
        match seen.column {
            Column::Text { words, codes } => {
                Some(Node::Codes { codes, own, answers: words::answers(expr, words) })
            }
            Column::Boolean { values, known } => {
                let of = |it: Value<'static>| eval(expr, &move |_: &str| it.clone());
                Some(Node::Flags {
                    values,
                    present: Presence { known: Some(known), own },
                    if_missing: of(Value::Null),
                    if_false: of(Value::Bool(false)),
                    if_true: of(Value::Bool(true)),
                })
            }
            Column::Integer { values, known } => numeric(
                expr,
                Numbers::Steps { values, places: 0 },
                Presence { known: Some(known), own },
            ),
            Column::Decimal { scaled, places, known } => numeric(
                expr,
                Numbers::Steps { values: scaled, places: *places },
                Presence { known: Some(known), own },
            ),
            Column::Date { days, known } => {
                numeric(expr, Numbers::Days(days), Presence { known: Some(known), own })
            }
            Column::Wide { .. } => None,
        }
    }

    fn own(&self, seen: Seen<'_>) -> Option<Arc<Bitmap>> {
        seen.only?;
        self.own.get_or_init(|| self.part.own_rows().map(Arc::new)).clone()
    }
}

/// A condition on a column of numbers or dates, where it compares the column with literals.
fn numeric<'a>(expr: &Expr, numbers: Numbers<'a>, present: Presence<'a>) -> Option<Node<'a>> {
    let is_column = |it: &Expr| matches!(it.kind, Kind::Property(_));
    let test: Test = match &expr.kind {
        Kind::IsNull { value, negated } if is_column(value) => {
            let it = Node::IsMissing(present);
            return Some(if *negated { Node::Not(Box::new(it)) } else { it });
        }
        Kind::Compare(op, left, right) if is_column(left) => {
            numbers.compare(*op, &constant(right)?)?
        }
        Kind::Compare(op, left, right) if is_column(right) => {
            numbers.compare(op.flipped(), &constant(left)?)?
        }
        Kind::Between { value, low, high, negated } if is_column(value) => {
            let test = numbers.between(&constant(low)?, &constant(high)?)?;
            if *negated { test.negated() } else { test }
        }
        Kind::In { value, list, negated } if is_column(value) => {
            let list: Option<Vec<Value<'_>>> = list.iter().map(constant).collect();
            let test = numbers.one_of(&list?)?;
            if *negated { test.negated() } else { test }
        }
        _ => return None,
    };
    Some(Node::Numbers { numbers, present, test })
}
