//! A condition on one text column, answered once for each word of its dictionary.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::plan::constant;
use crate::cql::CompareOp;
use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Truth;
use crate::cql::Value;
use crate::cql::eval::eval;
use crate::snapshot::Words;

/// Words from which a second thread is worth its start.
const MANY: usize = 20_000;

/// The answer where the value is missing, then that of each word.
pub(super) fn answers(expr: &Expr, words: &Words) -> Vec<Truth> {
    let missing = eval(expr, &|_: &str| Value::Null);
    let mut answers = Vec::with_capacity(words.len() + 1);
    answers.push(missing);
    if let Some(test) = quick(expr) {
        answers.extend(words.iter().map(|it| Truth::from(Some(test(it)))));
        return answers;
    }
    let judge = |range: Range<usize>| -> Vec<Truth> {
        range.map(|it| eval(expr, &Word(&words[it]))).collect()
    };
    let len = words.len();
    if len < MANY {
        answers.extend(judge(0..len));
        return answers;
    }
    std::thread::scope(|scope| {
        let back = scope.spawn(|| judge(len / 2..len));
        answers.extend(judge(0..len / 2));
        answers.extend(back.join().unwrap_or_else(|_| judge(len / 2..len)));
    });
    answers
}

/// The only value of a row.
struct Word<'a>(&'a str);

impl crate::cql::Row for Word<'_> {
    fn get(&self, _: &str) -> Value<'_> {
        Value::Text(Cow::Borrowed(self.0))
    }
}

type Quick<'a> = Box<dyn Fn(&str) -> bool + 'a>;

/// A plain test of the text itself, for the conditions that people write most: a dictionary may be as long as the column.
fn quick(expr: &Expr) -> Option<Quick<'_>> {
    let is_column = |it: &Expr| matches!(it.kind, Kind::Property(_));
    match &expr.kind {
        Kind::Compare(op, left, right) if is_column(left) => Some(comparison(*op, text(right)?)),
        Kind::Compare(op, left, right) if is_column(right) => {
            Some(comparison(op.flipped(), text(left)?))
        }
        Kind::In { value, list, negated } if is_column(value) => {
            let list: Option<HashSet<Cow<'_, str>>> = list.iter().map(text).collect();
            let (list, negated) = (list?, *negated);
            Some(Box::new(move |it| list.contains(it) != negated))
        }
        Kind::Like { value, pattern, negated } if is_column(value) => {
            let pattern = text(pattern)?;
            let negated = *negated;
            if pattern.contains(['_', '\\']) {
                return None;
            }
            let pieces: Vec<String> = pattern.split('%').map(ToOwned::to_owned).collect();
            Some(Box::new(move |it| like(it, &pieces) != negated))
        }
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<Cow<'_, str>> {
    match constant(expr)? {
        Value::Text(it) => Some(it),
        _ => None,
    }
}

fn comparison(op: CompareOp, other: Cow<'_, str>) -> Quick<'_> {
    match op {
        CompareOp::Equal => Box::new(move |it| *it == *other),
        CompareOp::NotEqual => Box::new(move |it| *it != *other),
        _ => Box::new(move |it| op.holds(it.as_bytes().cmp(other.as_bytes()))),
    }
}

/// Whether the text begins with the first piece, ends with the last, and has the others in order between them.
fn like(text: &str, pieces: &[String]) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_some_and(|it| *text == **it);
    };
    let Some(mut rest) =
        text.strip_prefix(first.as_str()).and_then(|it| it.strip_suffix(last.as_str()))
    else {
        return false;
    };
    for piece in between {
        let Some(at) = rest.find(piece.as_str()) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}
