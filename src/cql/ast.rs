//! The tree that a filter's text becomes.

use std::cmp::Ordering;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::Utc;
use geo::Geometry;
use rust_decimal::Decimal;

use crate::cql::functions::Function;

/// A place in the text: characters (not bytes) from the start, `end` excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// An expression and where it stood. Two expressions are equal when they say the same, wherever they stood.
#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: Kind,
    pub at: Span,
    depth: u16,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Property(String),
    Text(String),
    Number(Decimal),
    Bool(bool),
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    /// From and to, both included; `Open` for `'..'`.
    Interval(Box<Expr>, Box<Expr>),
    /// An interval's missing end.
    Open,
    /// lon, lat in degrees (EPSG:4490). Heights in the text are read and dropped.
    Geometry(Geometry<f64>),
    /// West, south, east, north in degrees.
    BBox([f64; 4]),
    Array(Vec<Expr>),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    Like {
        value: Box<Expr>,
        pattern: Box<Expr>,
        negated: bool,
    },
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    In {
        value: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    IsNull {
        value: Box<Expr>,
        negated: bool,
    },
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Call(Function, Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    /// Rounded to twelve places, so that both back ends compare the same quotient.
    Divide,
    /// The quotient without its fraction, toward zero.
    WholeDivide,
    /// The rest of `WholeDivide`, with the sign of the left side.
    Remainder,
    /// To a whole power from 0 to 16, rounded to twelve places.
    Power,
}

impl CompareOp {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it is true of two values that stand so to each other.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The same with its sides exchanged: `3 < x` is `x > 3`.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

impl ArithmeticOp {
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::WholeDivide => "div",
            Self::Remainder => "%",
            Self::Power => "^",
        }
    }
}

impl Expr {
    pub fn new(kind: Kind, at: Span) -> Self {
        let mut it = Self { kind, at, depth: 1 };
        it.depth = it.children().iter().map(|it| it.depth).max().unwrap_or(0).saturating_add(1);
        it
    }

    /// Levels of this tree: 1 for a name or a literal.
    pub fn depth(&self) -> u16 {
        self.depth
    }

    /// The parts one level down, in the order of the text.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Property(_)
            | Kind::Text(_)
            | Kind::Number(_)
            | Kind::Bool(_)
            | Kind::Date(_)
            | Kind::Timestamp(_)
            | Kind::Open
            | Kind::Geometry(_)
            | Kind::BBox(_) => vec![],
            Kind::Not(it) | Kind::Negate(it) | Kind::IsNull { value: it, .. } => vec![it],
            Kind::Interval(left, right)
            | Kind::Compare(_, left, right)
            | Kind::Arithmetic(_, left, right)
            | Kind::Like { value: left, pattern: right, .. } => vec![left, right],
            Kind::Between { value, low, high, .. } => vec![value, low, high],
            Kind::In { value, list, .. } => std::iter::once(value.as_ref()).chain(list).collect(),
            Kind::Array(list) | Kind::And(list) | Kind::Or(list) | Kind::Call(_, list) => {
                list.iter().collect()
            }
        }
    }

    /// Calls `see` with this expression and everything in it.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}
