//! A CQL2 filter over one layer, as the scope may write it: names are the layer's readable fields, `id` and
//! `geom`, nothing else. What comes out is SQL with bound values.

use std::collections::BTreeMap;

use crate::access::Scope;
use crate::cql;
use crate::cql::Type;
use crate::cql::sql::Fragment;
use crate::error::Error;
use crate::error::Result;
use crate::layer::FieldType;
use crate::layer::Geometry;
use crate::layer::Layer;

/// The type of a layer's field in CQL2.
pub const fn cql_type(kind: FieldType) -> Type {
    match kind {
        FieldType::Text => Type::Text,
        FieldType::Integer => Type::Integer,
        FieldType::Decimal => Type::Decimal,
        FieldType::Boolean => Type::Boolean,
        FieldType::Date => Type::Date,
    }
}

/// What a filter on the layer may name.
pub fn fields(layer: &Layer, scope: &Scope) -> BTreeMap<String, cql::Field> {
    let own = [("id", Type::Integer), ("geom", Type::Geometry)];
    layer
        .fields_for(scope)
        .map(|(name, it)| (name.to_owned(), cql_type(it.kind).column(name)))
        .chain(
            own.into_iter()
                .filter(|(_, kind)| *kind != Type::Geometry || layer.geometry != Geometry::None)
                .map(|(name, kind)| (name.to_owned(), kind.column(name))),
        )
        .collect()
}

/// Parses, checks and writes the filter with parameters from `$first` on; what is wrong with it is the caller's to mend.
pub fn compile(layer: &Layer, scope: &Scope, text: &str, first: usize) -> Result<Fragment> {
    Ok(both(layer, scope, text, first)?.1)
}

/// The filter to be decided in memory, and as SQL.
pub fn both(
    layer: &Layer,
    scope: &Scope,
    text: &str,
    first: usize,
) -> Result<(cql::Expr, Fragment)> {
    let fields = fields(layer, scope);
    let wrong = |it: cql::Error| Error::parameter("filter", it.to_string());
    let expr = cql::parse_checked(text, &fields).map_err(wrong)?;
    let sql = cql::sql::to_sql(&expr, &fields, first).map_err(wrong)?;
    Ok((expr, sql))
}
