//! The values of a filter as parameters of a statement.

use anyhow::anyhow;
use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use crate::cql::Value;

/// Adds values in their order, behind whatever `arguments` holds already.
/// A filter's SQL casts every `$n`, so a null needs no type of its own.
pub fn bind_values(arguments: &mut PgArguments, values: &[Value<'_>]) -> anyhow::Result<()> {
    for value in values {
        let added = match value {
            Value::Null => arguments.add(None::<&str>),
            Value::Text(it) => arguments.add(it.as_ref()),
            Value::Number(it) => arguments.add(*it),
            Value::Bool(it) => arguments.add(*it),
            Value::Date(it) => arguments.add(*it),
            Value::Timestamp(it) => arguments.add(*it),
            Value::TextList(it) => {
                arguments.add(it.iter().map(AsRef::as_ref).collect::<Vec<&str>>())
            }
            Value::NumberList(it) => arguments.add(it.as_slice()),
            Value::Float(it) => arguments.add(*it),
        };
        added.map_err(|it| anyhow!("binding a filter's value: {it}"))?;
    }
    Ok(())
}
