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

/// Judges the rows of `incoming` by one another and by the record. Runs in the import's transaction, once `matched` says which
/// rows of the record the file replaces and before anything is written.
pub async fn judge(
    db: &mut PgConnection,
    target: &Target,
    filled: &[String],
    outcome: &mut Outcome,
) -> sqlx::Result<()> {
    let columns = &Columns { filled, mapping: &outcome.mapping };
    let (findings, notes) = (&mut outcome.findings, &mut outcome.notes);
    if target.relation == "mutu.parcel" {
        parcels::judge(db, findings, notes).await?;
    }
    if target.keyed {
        figures::judge(db, target, columns, findings).await?;
    }
    if target.relation == "mutu.occupancy" {
        records::land(db, columns, findings).await?;
        occupancies::judge(db, columns, findings).await?;
    }
    records::left_out(db, target, columns, findings).await
}
