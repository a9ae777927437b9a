//! The functions a filter may call: this list, and nothing else.

use crate::cql::ast::CompareOp;
use crate::cql::ast::CompareOp::Equal;
use crate::cql::ast::CompareOp::Greater;
use crate::cql::ast::CompareOp::GreaterOrEqual;
use crate::cql::ast::CompareOp::Less;
use crate::cql::ast::CompareOp::LessOrEqual;

/// An allowed function. Names are read in any case and written as in [`Function::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Text without case: lower case by Unicode.
    CaseI,
    /// Text without accents: canonical decomposition less U+0300–U+036F, and [`STROKED`] letters plain.
    AccentI,
    Lower,
    Upper,
    /// Characters of a text.
    Length,
    Abs,
    Floor,
    Ceil,
    /// To a whole number, half away from zero.
    Round,
    Spatial(Spatial),
    Temporal(Temporal),
    Array(ArrayTest),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spatial {
    Intersects,
    Equals,
    Disjoint,
    Touches,
    Within,
    Overlaps,
    Crosses,
    Contains,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temporal {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrayTest {
    Equals,
    Contains,
    ContainedBy,
    Overlaps,
}

const ALL: &[(&str, Function)] = &[
    ("CASEI", Function::CaseI),
    ("ACCENTI", Function::AccentI),
    ("LOWER", Function::Lower),
    ("UPPER", Function::Upper),
    ("LENGTH", Function::Length),
    ("ABS", Function::Abs),
    ("FLOOR", Function::Floor),
    ("CEIL", Function::Ceil),
    ("ROUND", Function::Round),
    ("S_INTERSECTS", Function::Spatial(Spatial::Intersects)),
    ("S_EQUALS", Function::Spatial(Spatial::Equals)),
    ("S_DISJOINT", Function::Spatial(Spatial::Disjoint)),
    ("S_TOUCHES", Function::Spatial(Spatial::Touches)),
    ("S_WITHIN", Function::Spatial(Spatial::Within)),
    ("S_OVERLAPS", Function::Spatial(Spatial::Overlaps)),
    ("S_CROSSES", Function::Spatial(Spatial::Crosses)),
    ("S_CONTAINS", Function::Spatial(Spatial::Contains)),
    ("T_AFTER", Function::Temporal(Temporal::After)),
    ("T_BEFORE", Function::Temporal(Temporal::Before)),
    ("T_CONTAINS", Function::Temporal(Temporal::Contains)),
    ("T_DISJOINT", Function::Temporal(Temporal::Disjoint)),
    ("T_DURING", Function::Temporal(Temporal::During)),
    ("T_EQUALS", Function::Temporal(Temporal::Equals)),
    ("T_FINISHEDBY", Function::Temporal(Temporal::FinishedBy)),
    ("T_FINISHES", Function::Temporal(Temporal::Finishes)),
    ("T_INTERSECTS", Function::Temporal(Temporal::Intersects)),
    ("T_MEETS", Function::Temporal(Temporal::Meets)),
    ("T_METBY", Function::Temporal(Temporal::MetBy)),
    ("T_OVERLAPPEDBY", Function::Temporal(Temporal::OverlappedBy)),
    ("T_OVERLAPS", Function::Temporal(Temporal::Overlaps)),
    ("T_STARTEDBY", Function::Temporal(Temporal::StartedBy)),
    ("T_STARTS", Function::Temporal(Temporal::Starts)),
    ("A_EQUALS", Function::Array(ArrayTest::Equals)),
    ("A_CONTAINS", Function::Array(ArrayTest::Contains)),
    ("A_CONTAINEDBY", Function::Array(ArrayTest::ContainedBy)),
    ("A_OVERLAPS", Function::Array(ArrayTest::Overlaps)),
];

/// Letters whose stroke, bar or missing dot no decomposition takes away, and what they are without it.
pub const STROKED: [(char, char); 24] = [
    ('ø', 'o'),
    ('Ø', 'O'),
    ('ł', 'l'),
    ('Ł', 'L'),
    ('đ', 'd'),
    ('Đ', 'D'),
    ('ð', 'd'),
    ('Ð', 'D'),
    ('ħ', 'h'),
    ('Ħ', 'H'),
    ('ŧ', 't'),
    ('Ŧ', 'T'),
    ('ı', 'i'),
    ('ɨ', 'i'),
    ('Ɨ', 'I'),
    ('ŀ', 'l'),
    ('Ŀ', 'L'),
    ('ƀ', 'b'),
    ('Ƀ', 'B'),
    ('ƶ', 'z'),
    ('Ƶ', 'Z'),
    ('ǥ', 'g'),
    ('Ǥ', 'G'),
    ('ɍ', 'r'),
];

/// The function of a name, in any case.
pub fn find(name: &str) -> Option<Function> {
    ALL.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, it)| *it)
}

/// All allowed names, in upper case.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(it, _)| *it)
}

impl Function {
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(_, it)| *it == self).map_or("", |(it, _)| *it)
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self {
            Self::Spatial(_) | Self::Temporal(_) | Self::Array(_) => 2,
            _ => 1,
        }
    }

    pub fn is_spatial(self) -> bool {
        matches!(self, Self::Spatial(_))
    }
}

/// An end of one of a temporal predicate's two sides; an instant has both ends in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    LeftStart,
    LeftEnd,
    RightStart,
    RightEnd,
}

/// A temporal predicate as comparisons of ends, which both back ends carry out.
pub struct Comparisons {
    /// Whether one true comparison is enough.
    pub any: bool,
    pub all_of: &'static [(End, CompareOp, End)],
}

impl Temporal {
    /// The relations of CQL2, table 12, after Allen.
    pub fn comparisons(self) -> Comparisons {
        use End::LeftEnd as LE;
        use End::LeftStart as LS;
        use End::RightEnd as RE;
        use End::RightStart as RS;
        let all_of: &'static [(End, CompareOp, End)] = match self {
            Self::After => &[(LS, Greater, RE)],
            Self::Before => &[(LE, Less, RS)],
            Self::Contains => &[(LS, Less, RS), (LE, Greater, RE)],
            Self::Disjoint => &[(LS, Greater, RE), (LE, Less, RS)],
            Self::During => &[(LS, Greater, RS), (LE, Less, RE)],
            Self::Equals => &[(LS, Equal, RS), (LE, Equal, RE)],
            Self::FinishedBy => &[(LS, Less, RS), (LE, Equal, RE)],
            Self::Finishes => &[(LS, Greater, RS), (LE, Equal, RE)],
            Self::Intersects => &[(LS, LessOrEqual, RE), (LE, GreaterOrEqual, RS)],
            Self::Meets => &[(LE, Equal, RS)],
            Self::MetBy => &[(LS, Equal, RE)],
            Self::OverlappedBy => &[(LS, Greater, RS), (LS, Less, RE), (LE, Greater, RE)],
            Self::Overlaps => &[(LS, Less, RS), (LE, Greater, RS), (LE, Less, RE)],
            Self::StartedBy => &[(LS, Equal, RS), (LE, Greater, RE)],
            Self::Starts => &[(LS, Equal, RS), (LE, Less, RE)],
        };
        Comparisons { any: self == Self::Disjoint, all_of }
    }
}
