//! Statements that are put together, and the values of a filter as their parameters.

use anyhow::anyhow;
use sqlx::Arguments;
use sqlx::AssertSqlSafe;
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use crate::cql::Value;

/// Text and values of a statement that is put together.
#[derive(Debug, Default)]
pub struct Statement {
    pub sql: String,
    pub values: Vec<Value<'static>>,
}

impl Statement {
    /// Adds a value; what comes back stands for it in the text.
    pub fn bind(&mut self, value: impl Into<Value<'static>>, sql_type: &str) -> String {
        self.values.push(value.into());
        format!("${}::{sql_type}", self.values.len())
    }

    /// Unnamed: each text is planned for its own values, and filters of all the world do not fill a connection's cache.
    pub fn query(self) -> anyhow::Result<Query<'static, Postgres, PgArguments>> {
        let mut arguments = PgArguments::default();
        bind_values(&mut arguments, &self.values)?;
        Ok(sqlx::query_with(AssertSqlSafe(self.sql), arguments).persistent(false))
    }
}

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
