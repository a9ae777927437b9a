//! Which rows of a window a filter leaves.

use super::Chosen;
use crate::cql;
use crate::cql::Truth;
use crate::snapshot::Seen;
use crate::snapshot::ViewPart;

/// A row before a filter: its readable fields, and its id.
struct Judged<'a> {
    fields: &'a [(String, Seen<'a>)],
    id: i64,
    row: usize,
}

impl cql::Row for Judged<'_> {
    fn get(&self, name: &str) -> cql::Value<'_> {
        if let Some((_, seen)) = self.fields.iter().find(|it| it.0 == name) {
            return seen.value(self.row);
        }
        if name == "id" { cql::Value::Number(self.id.into()) } else { cql::Value::Null }
    }
}

/// Leaves the rows of the part, the `nth` of the view, that were chosen.
pub fn retain(part: &ViewPart<'_>, nth: usize, chosen: Chosen<'_>, rows: &mut Vec<u32>) {
    match chosen {
        Chosen::All => {}
        Chosen::Rows(parts) => match parts.get(nth) {
            Some(it) => rows.retain(|row| it.has(*row as usize)),
            None => rows.clear(),
        },
        Chosen::Where(expr) => {
            // Of many rows it is quicker to decide whole columns.
            let many = rows.len() > part.part.len() / 8;
            if let Some(found) = many.then(|| part.select(expr)).flatten() {
                return rows.retain(|row| found.has(*row as usize));
            }
            let names = cql::properties(expr);
            let fields: Vec<(String, Seen<'_>)> = names
                .into_iter()
                .filter_map(|name| part.column(&name).map(|it| (name, it)))
                .collect();
            let ids = part.part.ids();
            rows.retain(|row| {
                let row = *row as usize;
                let judged = Judged { fields: &fields, id: ids[row], row };
                cql::eval::eval(expr, &judged) == Truth::True
            });
        }
    }
}
