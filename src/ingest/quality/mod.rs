//! The quality report of an import: the catalogue of rules, what is said of one row's geometry and values, what only shows
//! when rows are compared, and the report as files. Reading and parsing are elsewhere; here is what a person should look at.

use sqlx::PgConnection;

use super::pipeline::Outcome;
use super::report::Mapped;
use super::target::Target;

pub mod catalogue;
pub mod codes;
pub mod download;
pub mod figures;
pub mod neighbours;
pub mod occupancies;
pub mod outline;
pub mod parcels;
pub mod place;
pub mod plausible;
pub mod records;
pub mod stored;

/// The columns of the file, as findings name them.
pub struct Columns<'a> {
    /// Names of the fields that the file fills.
    pub filled: &'a [String],
    pub mapping: &'a [Mapped],
}

impl Columns<'_> {
    /// The header that a field was read from, which is what a person can find.
    fn header(&self, field: &str) -> String {
        let mapped = self.mapping.iter().find(|it| it.field == field);
        mapped.map_or_else(|| field.to_owned(), |it| it.header.clone())
    }
}

/// What is still being found while the rows are written.
pub struct Judging {
    parcels: Option<parcels::Comparing>,
}

/// Judges the rows of `incoming` by one another and by the record. Runs in the import's transaction, once `matched` says which
/// rows of the record the file replaces and before anything is written. `beside`: there are rows in the
/// target that are not the file's. Parcels go on being compared behind it.
pub async fn judge(
    db: &mut PgConnection,
    target: &Target,
    filled: &[String],
    outcome: &mut Outcome,
    beside: bool,
) -> sqlx::Result<Judging> {
    let parcels = match outcome.outlines.take() {
        Some(outlines) => Some(parcels::begin(db, outlines, beside).await?),
        None => None,
    };
    let columns = &Columns { filled, mapping: &outcome.mapping };
    let findings = &mut outcome.findings;
    if target.keyed {
        figures::judge(db, target, columns, findings).await?;
    }
    if target.relation == "mutu.occupancy" {
        records::land(db, columns, findings).await?;
        occupancies::judge(db, columns, findings).await?;
    }
    records::left_out(db, target, columns, findings).await?;
    Ok(Judging { parcels })
}

impl Judging {
    /// Waits for what is still being found.
    pub async fn finish(self, db: &mut PgConnection, outcome: &mut Outcome) -> sqlx::Result<()> {
        match self.parcels {
            Some(it) => parcels::finish(db, it, &mut outcome.findings, &mut outcome.notes).await,
            None => Ok(()),
        }
    }
}
