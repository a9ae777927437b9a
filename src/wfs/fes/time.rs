//! Temporal operators: a property that is a day, held against a day or a time between two.

use crate::cql::Expr;
use crate::cql::Kind;
use crate::cql::Type;
use crate::cql::functions;

use super::Compiler;
use super::Wrong;
use super::literal;
use super::new;
use super::takes;
use crate::wfs::xml::Element;

/// Temporal operators by their names, and the function of CQL2 that each is.
pub const TEMPORAL: [(&str, &str); 14] = [
    ("After", "T_AFTER"),
    ("Before", "T_BEFORE"),
    ("Begins", "T_STARTS"),
    ("BegunBy", "T_STARTEDBY"),
    ("TContains", "T_CONTAINS"),
    ("During", "T_DURING"),
    ("EndedBy", "T_FINISHEDBY"),
    ("Ends", "T_FINISHES"),
    ("TEquals", "T_EQUALS"),
    ("Meets", "T_MEETS"),
    ("MetBy", "T_METBY"),
    ("TOverlaps", "T_OVERLAPS"),
    ("OverlappedBy", "T_OVERLAPPEDBY"),
    ("AnyInteracts", "T_INTERSECTS"),
];
/// What they compare with.
pub const TIMES: [&str; 2] = ["TimeInstant", "TimePeriod"];

impl Compiler<'_> {
    /// A property that is a day beside a day or a time between two.
    pub(super) fn temporal(&self, function: &str, it: &Element) -> Result<Expr, Wrong> {
        let [reference, time] = &it.children[..] else {
            return Err(takes(it, "ValueReference, TimePeriod"));
        };
        let (value, _) = self.property(it, Some(reference))?;
        let time = match time.name.as_str() {
            "Literal" => match &time.children[..] {
                [] => literal(&time.text, Some(Type::Date))?,
                [one] => when(one)?,
                _ => return Err(takes(it, "ValueReference, TimePeriod")),
            },
            _ => when(time)?,
        };
        let function = functions::find(function).ok_or_else(|| takes(it, function))?;
        Ok(new(Kind::Call(function, vec![value, new(time)])))
    }
}

/// A `gml:TimeInstant` or a `gml:TimePeriod` (GML 3.2 §14.2.2).
fn when(it: &Element) -> Result<Kind, Wrong> {
    match it.name.as_str() {
        "TimeInstant" => moment(it.child("timePosition").ok_or_else(|| takes(it, "timePosition"))?),
        "TimePeriod" => {
            let end = |position: &str, holder: &str| {
                let instant = it.child(holder).and_then(|it| it.child("TimeInstant"));
                let instant = instant.and_then(|it| it.child("timePosition"));
                let found = it.child(position).or(instant).ok_or_else(|| takes(it, position))?;
                moment(found).map(|it| Box::new(new(it)))
            };
            Ok(Kind::Interval(end("beginPosition", "begin")?, end("endPosition", "end")?))
        }
        _ => Err(takes(it, &TIMES.join(", "))),
    }
}

/// A day; without one, an end that is open.
fn moment(it: &Element) -> Result<Kind, Wrong> {
    if it.text.trim().is_empty() || it.attribute("indeterminatePosition") == Some("unknown") {
        return Ok(Kind::Open);
    }
    literal(&it.text, Some(Type::Date))
}
