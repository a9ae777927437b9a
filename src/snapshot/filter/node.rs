//! A filter that has been looked up in the columns of one part, and how a block of rows is judged by it.

use std::sync::Arc;

use super::arithmetic::Comparison;
use super::numbers::Numbers;
use super::numbers::Test;
use super::quotient::Quotient;
use crate::cql;
use crate::cql::Expr;
use crate::cql::Truth;
use crate::cql::Value;
use crate::snapshot::Bitmap;
use crate::snapshot::Seen;

/// A part of a filter over the columns of a part.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Constant(Truth),
    Not(Box<Node<'a>>),
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
    /// Whether the condition in it is unknown.
    IsUnknown(Box<Node<'a>>),
    IsMissing(Presence<'a>),
    /// Unknown where there is no number.
    Numbers {
        numbers: Numbers<'a>,
        present: Presence<'a>,
        test: Test,
    },
    /// The answer for each code of a text.
    Codes {
        codes: &'a [u32],
        own: Option<Arc<Bitmap>>,
        answers: Vec<Truth>,
    },
    /// Sums and products of columns compared with one another.
    Sums(Comparison<'a>),
    /// A quotient of such compared with a literal.
    Quotient(Quotient<'a>),
    Flags {
        values: &'a Bitmap,
        present: Presence<'a>,
        if_missing: Truth,
        if_false: Truth,
        if_true: Truth,
    },
    /// Anything else, row by row.
    Rows {
        expr: &'a Expr,
        columns: Vec<(&'a str, Seen<'a>)>,
        ids: &'a [i64],
    },
}

/// Where a column has a value that is open to the scope.
#[derive(Clone, Debug)]
pub(super) struct Presence<'a> {
    /// `None`: everywhere.
    pub known: Option<&'a Bitmap>,
    /// The rows of own units, where only they are open.
    pub own: Option<Arc<Bitmap>>,
}

impl Presence<'_> {
    pub(super) fn word(&self, at: usize) -> u64 {
        let known = self.known.map_or(u64::MAX, |it| it.words()[at]);
        known & self.own.as_ref().map_or(u64::MAX, |it| it.words()[at])
    }
}

/// Truth of a block of rows: no row is in both; those in neither are false.
#[derive(Debug)]
pub struct Judged {
    pub yes: Vec<u64>,
    pub unknown: Vec<u64>,
}

impl Judged {
    fn all(truth: Truth, len: usize) -> Self {
        let word = |it| if truth == it { u64::MAX } else { 0 };
        Self { yes: vec![word(Truth::True); len], unknown: vec![word(Truth::Unknown); len] }
    }

    pub(super) fn of_words(len: usize, mut word: impl FnMut(usize) -> (u64, u64)) -> Self {
        let mut it = Self { yes: Vec::with_capacity(len), unknown: Vec::with_capacity(len) };
        for at in 0..len {
            let (yes, unknown) = word(at);
            it.yes.push(yes);
            it.unknown.push(unknown);
        }
        it
    }

    fn not(mut self) -> Self {
        for (yes, unknown) in self.yes.iter_mut().zip(&self.unknown) {
            *yes = !(*yes | unknown);
        }
        self
    }

    /// Combines word by word: true and unknown of the one, then of the other.
    fn with(&mut self, other: &Self, word: impl Fn([u64; 2], [u64; 2]) -> [u64; 2]) {
        for at in 0..self.yes.len() {
            let both = word([self.yes[at], self.unknown[at]], [other.yes[at], other.unknown[at]]);
            [self.yes[at], self.unknown[at]] = both;
        }
    }
}

impl Node<'_> {
    /// Whether it costs a row enough to share the rows between two threads.
    pub(super) fn is_costly(&self) -> bool {
        match self {
            Self::Not(it) | Self::IsUnknown(it) => it.is_costly(),
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::is_costly),
            Self::Rows { ids, .. } => ids.len() > 10_000,
            _ => false,
        }
    }

    /// Judges as many words of rows as `asked` has, from the part's word `first` on. Of rows that are not in `asked` any
    /// answer may come.
    pub(super) fn judge(&self, first: usize, asked: &[u64]) -> Judged {
        let len = asked.len();
        match self {
            Self::Constant(truth) => Judged::all(*truth, len),
            Self::Not(it) => it.judge(first, asked).not(),
            Self::IsUnknown(it) => {
                let of = it.judge(first, asked);
                Judged { yes: of.unknown, unknown: vec![0; len] }
            }
            Self::And(parts) => {
                let mut all = Judged::all(Truth::True, len);
                let mut open = asked.to_vec();
                for part in parts {
                    // A row that is false stays so, whatever the other parts say.
                    let other = part.judge(first, &open);
                    all.with(&other, |[yes, unknown], [yes_too, unknown_too]| {
                        let both = yes & yes_too;
                        [both, (yes | unknown) & (yes_too | unknown_too) & !both]
                    });
                    for (at, open) in open.iter_mut().enumerate() {
                        *open &= all.yes[at] | all.unknown[at];
                    }
                }
                all
            }
            Self::Or(parts) => {
                let mut any = Judged::all(Truth::False, len);
                let mut open = asked.to_vec();
                for part in parts {
                    let other = part.judge(first, &open);
                    any.with(&other, |[yes, unknown], [yes_too, unknown_too]| {
                        let either = yes | yes_too;
                        [either, (unknown | unknown_too) & !either]
                    });
                    for (at, open) in open.iter_mut().enumerate() {
                        *open &= !any.yes[at];
                    }
                }
                any
            }
            Self::IsMissing(present) => Judged::of_words(len, |at| (!present.word(first + at), 0)),
            Self::Numbers { numbers, present, test } => {
                let found = numbers.judge(test, first, len);
                Judged::of_words(len, |at| {
                    let present = present.word(first + at);
                    (found[at] & present, !present)
                })
            }
            Self::Codes { codes, own, answers } => {
                let missing = answers.first().copied().unwrap_or(Truth::Unknown);
                Judged::of_words(len, |at| {
                    let (mut yes, mut unknown) = (0, 0);
                    for (bit, code) in block(codes, first + at).iter().enumerate() {
                        let answer = answers.get(*code as usize).copied().unwrap_or(missing);
                        yes |= u64::from(answer == Truth::True) << bit;
                        unknown |= u64::from(answer == Truth::Unknown) << bit;
                    }
                    let own = own.as_ref().map_or(u64::MAX, |it| it.words()[first + at]);
                    let word = |it| if missing == it { !own } else { 0 };
                    (yes & own | word(Truth::True), unknown & own | word(Truth::Unknown))
                })
            }
            Self::Flags { values, present, if_missing, if_false, if_true } => {
                Judged::of_words(len, |at| {
                    let present = present.word(first + at);
                    let value = values.words()[first + at];
                    let of = |it: Truth| {
                        let word = |truth: &Truth, rows: u64| if *truth == it { rows } else { 0 };
                        word(if_missing, !present)
                            | word(if_false, present & !value)
                            | word(if_true, present & value)
                    };
                    (of(Truth::True), of(Truth::Unknown))
                })
            }
            Self::Sums(it) => it.judge(first, asked),
            Self::Quotient(it) => it.judge(first, asked),
            Self::Rows { expr, columns, ids } => Judged::of_words(len, |at| {
                let (mut yes, mut unknown) = (0, 0);
                let mut rest = asked[at];
                while rest != 0 {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    let row = (first + at) * 64 + bit as usize;
                    match cql::eval::eval(expr, &Row { columns, ids, at: row }) {
                        Truth::True => yes |= 1 << bit,
                        Truth::Unknown => unknown |= 1 << bit,
                        Truth::False => {}
                    }
                }
                (yes, unknown)
            }),
        }
    }
}

/// The values of a word of rows; fewer at the end.
pub(super) fn block<T>(values: &[T], word: usize) -> &[T] {
    let from = (word * 64).min(values.len());
    &values[from..(from + 64).min(values.len())]
}

/// One row before `cql::eval`.
struct Row<'a> {
    columns: &'a [(&'a str, Seen<'a>)],
    ids: &'a [i64],
    at: usize,
}

impl cql::Row for Row<'_> {
    fn get(&self, name: &str) -> Value<'_> {
        match self.columns.iter().find(|it| it.0 == name) {
            Some((_, seen)) => seen.value(self.at),
            None => Value::Number(self.ids[self.at].into()),
        }
    }
}
