//! A tree back to text. Brackets stand where they are needed; `parse(text(x))` equals `x`.

use std::fmt;

use crate::cql::ast::Expr;
use crate::cql::ast::Kind;
use crate::cql::lex::is_plain_name;
use crate::cql::parse::KEYWORDS;
use crate::cql::wkt::LITERALS;
use crate::cql::wkt::write_wkt;

/// How tightly each operator binds, for reader and writer alike.
pub mod level {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const ADD: u8 = 5;
    pub const MULTIPLY: u8 = 6;
    pub const POWER: u8 = 7;
    /// The grammar puts the sign inside: -2 ^ 2 is 4, as the database has it.
    pub const NEGATE: u8 = 8;
    pub const ATOM: u8 = 9;
}

fn level_of(kind: &Kind) -> u8 {
    match kind {
        Kind::Or(_) => level::OR,
        Kind::And(_) => level::AND,
        Kind::Not(_) => level::NOT,
        Kind::Compare(..)
        | Kind::Like { .. }
        | Kind::Between { .. }
        | Kind::In { .. }
        | Kind::IsNull { .. } => level::COMPARE,
        Kind::Arithmetic(op, ..) => match op.symbol() {
            "+" | "-" => level::ADD,
            "^" => level::POWER,
            _ => level::MULTIPLY,
        },
        Kind::Negate(_) => level::NEGATE,
        _ => level::ATOM,
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Property(name) => property(name, out),
            Kind::Text(text) => quoted(text, out),
            Kind::Number(it) => write!(out, "{}", it.normalize()),
            Kind::Bool(it) => out.write_str(if *it { "TRUE" } else { "FALSE" }),
            Kind::Date(_) | Kind::Timestamp(_) => instant(self, true, out),
            Kind::Open => out.write_str("'..'"),
            Kind::Interval(from, to) => {
                out.write_str("INTERVAL(")?;
                instant(from, false, out)?;
                out.write_str(", ")?;
                instant(to, false, out)?;
                out.write_str(")")
            }
            Kind::Geometry(it) => write_wkt(it, out),
            Kind::BBox([west, south, east, north]) => {
                write!(out, "BBOX({west}, {south}, {east}, {north})")
            }
            Kind::Array(parts) => list("(", parts, ", ", level::OR, out),
            Kind::Not(it) => {
                out.write_str("NOT ")?;
                within(it, level::NOT, out)
            }
            Kind::And(parts) => joined(parts, " AND ", level::NOT, out),
            Kind::Or(parts) => joined(parts, " OR ", level::AND, out),
            Kind::Compare(op, left, right) => {
                within(left, level::ADD, out)?;
                write!(out, " {} ", op.symbol())?;
                within(right, level::ADD, out)
            }
            Kind::Like { value, pattern, negated } => {
                within(value, level::ADD, out)?;
                out.write_str(if *negated { " NOT LIKE " } else { " LIKE " })?;
                within(pattern, level::ADD, out)
            }
            Kind::Between { value, low, high, negated } => {
                within(value, level::ADD, out)?;
                out.write_str(if *negated { " NOT BETWEEN " } else { " BETWEEN " })?;
                within(low, level::ADD, out)?;
                out.write_str(" AND ")?;
                within(high, level::ADD, out)
            }
            Kind::In { value, list: parts, negated } => {
                within(value, level::ADD, out)?;
                list(if *negated { " NOT IN (" } else { " IN (" }, parts, ", ", level::OR, out)
            }
            Kind::IsNull { value, negated } => {
                within(value, level::ADD, out)?;
                out.write_str(if *negated { " IS NOT NULL" } else { " IS NULL" })
            }
            Kind::Arithmetic(op, left, right) => {
                let own = level_of(&self.kind);
                within(left, if own == level::POWER { level::NEGATE } else { own }, out)?;
                write!(out, " {} ", op.symbol())?;
                within(right, own + 1, out)
            }
            // `-5` is a number; this is a sign before one.
            Kind::Negate(it) if matches!(it.kind, Kind::Number(_)) => write!(out, "-({it})"),
            Kind::Negate(it) => {
                out.write_str("-")?;
                within(it, level::NEGATE, out)
            }
            Kind::Call(function, parts) => {
                out.write_str(function.name())?;
                list("(", parts, ", ", level::OR, out)
            }
        }
    }
}

fn within(expr: &Expr, min: u8, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    if level_of(&expr.kind) < min { write!(out, "({expr})") } else { write!(out, "{expr}") }
}

fn joined(parts: &[Expr], by: &str, min: u8, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        out.write_str(if index == 0 { "" } else { by })?;
        within(part, min, out)?;
    }
    Ok(())
}

fn list(
    open: &str,
    parts: &[Expr],
    by: &str,
    min: u8,
    out: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    out.write_str(open)?;
    joined(parts, by, min, out)?;
    out.write_str(")")
}

/// A property's name, in double quotes where it would be read as something else.
fn property(name: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let lower = name.to_ascii_lowercase();
    if is_plain_name(name)
        && !KEYWORDS.contains(&lower.as_str())
        && !LITERALS.contains(&lower.as_str())
    {
        return out.write_str(name);
    }
    write!(out, "\"{}\"", name.replace('"', "\"\""))
}

/// A quote is doubled, but after a backslash it is `\'`: the reader takes that backslash as its escape. Nor can a text end
/// in one: that is written as `E'…'`.
pub fn quoted(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    if text.ends_with('\\') {
        return write!(out, "E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    out.write_str("'")?;
    let mut before = ' ';
    for character in text.chars() {
        match (character, before) {
            ('\'', '\\') => out.write_str("\\'")?,
            ('\'', _) => out.write_str("''")?,
            _ => out.write_char(character)?,
        }
        before = character;
    }
    out.write_str("'")
}

/// A date or a time: with its word, or bare as an interval's end.
fn instant(expr: &Expr, word: bool, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &expr.kind {
        Kind::Date(it) if word => write!(out, "DATE('{it}')"),
        Kind::Date(it) => write!(out, "'{it}'"),
        Kind::Timestamp(it) => {
            let text = it.format("%Y-%m-%dT%H:%M:%S%.fZ");
            if word { write!(out, "TIMESTAMP('{text}')") } else { write!(out, "'{text}'") }
        }
        _ => within(expr, level::NEGATE, out),
    }
}
