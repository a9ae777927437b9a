//! CQL2 text: the one expression language of filters, rules and lists.
//!
//! [`parse`] reads the OGC grammar (21-065r2, Annex B) into an [`Expr`] whose numbers are exact; [`check`] judges names and
//! types against [`Fields`]; [`sql`] turns it into text with bound parameters, [`eval`] decides it for one row. Both back
//! ends know only what [`functions`] lists. Input is hostile: every limit below is hard, and nothing recurses past it.
//! Not here: a database, and any name of a layer or table.

mod ast;
mod bounded;
pub mod check;
mod cursor;
mod display;
mod error;
pub mod eval;
mod fill;
pub mod functions;
pub mod json;
mod lex;
pub mod literal;
mod parse;
pub mod sql;
#[cfg(test)]
mod tests;
mod typed;
mod value;
mod wkt;

pub use ast::ArithmeticOp;
pub use ast::CompareOp;
pub use ast::Expr;
pub use ast::Kind;
pub use ast::Span;
pub use bounded::bounded;
pub use check::Field;
pub use check::Fields;
pub use check::Type;
pub use check::check;
pub use error::Error;
pub use eval::Row;
pub use eval::Truth;
pub use fill::PARAMETER;
pub use fill::fill;
pub use parse::parse;
pub use value::Value;
pub use wkt::write_wkt;

use std::collections::BTreeSet;

/// Bytes of a filter's text.
pub const MAX_BYTES: usize = 64 * 1024;
/// Levels of an expression, and of brackets in its text.
pub const MAX_DEPTH: u16 = 32;
/// Parts of an expression: names, literals, operators.
pub const MAX_NODES: usize = 5_000;
/// Values in one list.
pub const MAX_LIST: usize = 3_000;
/// Vertices of all geometries together.
pub const MAX_VERTICES: usize = 5_000;

/// Parses and checks in one step; errors show the place in the text.
pub fn parse_checked(text: &str, fields: &dyn Fields) -> Result<Expr, Error> {
    let expr = typed::typed(parse(text)?, fields);
    check(&expr, fields).map_err(|it| it.within(text))?;
    Ok(expr)
}

/// The names of all properties that an expression reads.
pub fn properties(expr: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    expr.visit(&mut |it| {
        if let Kind::Property(name) = &it.kind {
            names.insert(name.clone());
        }
    });
    names
}

/// Whether an expression has a geometry literal or a spatial predicate, which [`eval`] cannot decide.
pub fn is_spatial(expr: &Expr) -> bool {
    let mut found = false;
    expr.visit(&mut |it| {
        found |= match &it.kind {
            Kind::Geometry(_) | Kind::BBox(_) => true,
            Kind::Call(function, _) => function.is_spatial(),
            _ => false,
        };
    });
    found
}
