//! Which rows of the record are read: those in force, or those that a run has read. A run notes the numbers of its rows, which
//! are never edited, so it can read the same again whatever was imported since.

use crate::layer::Layer;

/// Which rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Those in force.
    Now,
    /// Those that a run has read.
    Run(i64),
}

impl Source {
    /// The rows of a table of facts, as SQL.
    pub(crate) fn facts(self, relation: &str) -> String {
        match self {
            Self::Now => format!("mutu.{relation}_current"),
            Self::Run(run_id) => format!(
                "(select it.* from mutu.{relation} it
                  join (select unnest(row_ids) as row_id from mutu.run_fact
                        where run_id = {run_id} and relation = '{relation}') own using (row_id))"
            ),
        }
    }

    /// The rows of a reference layer, as SQL.
    pub(crate) fn of_layer(self, layer: &Layer) -> String {
        match self {
            Self::Now => layer.relation(),
            Self::Run(_) => {
                let table = layer.stored();
                format!("(select * from {table} where {})", self.condition(&table, "true"))
            }
        }
    }

    /// The condition under which a stored row is read; `relation` is what the run noted it under.
    pub(crate) fn condition(self, relation: &str, in_force: &str) -> String {
        match self {
            Self::Now => in_force.to_owned(),
            Self::Run(run_id) => format!(
                "row_id in (select unnest(row_ids) from mutu.run_fact where run_id = {run_id} and relation = '{relation}')"
            ),
        }
    }
}
