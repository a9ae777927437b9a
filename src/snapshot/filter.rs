//! A CQL2 filter over columns: rows sixty-four at a time, true, false or unknown as `cql::eval` decides them one by one and
//! PostgreSQL does. Comparisons are made on scaled integers and codes; what is more than a comparison goes row by row, and
//! only through the rows that the rest of the filter leaves open. What could come out other than in PostgreSQL is not
//! decided here at all.

use super::Bitmap;
use super::Seen;
use super::View;
use super::ViewPart;
use crate::cql::Expr;

mod arithmetic;
mod exact;
mod node;
mod numbers;
mod plan;
mod quotient;
#[cfg(test)]
mod tests;
mod words;

use node::Node;

pub use node::Judged;

/// Words of rows that are judged together, so that what lies between two steps stays in the processor's cache.
pub(super) const BLOCK: usize = 256;

/// Rows whose values lie in columns by name: a part of a layer as a scope sees it, or what a run measured.
pub(super) trait Columns: Sync {
    /// The values of that name, as far as they are open; `None` where there are none.
    fn column(&self, name: &str) -> Option<Seen<'_>>;
    /// What rows are called in filters.
    fn ids(&self) -> &[i64];
    /// The rows of own units, where some columns are open in them only.
    fn own_rows(&self) -> Option<Bitmap>;
}

impl Columns for ViewPart<'_> {
    fn column(&self, name: &str) -> Option<Seen<'_>> {
        ViewPart::column(self, name)
    }

    fn ids(&self) -> &[i64] {
        self.part.ids()
    }

    fn own_rows(&self) -> Option<Bitmap> {
        ViewPart::own_rows(self)
    }
}

/// Conditions looked up in columns, to be judged block by block.
pub(super) struct Program<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Program<'a> {
    /// `None` where a condition names a column that is not there. What memory cannot decide as PostgreSQL would, it decides as
    /// `cql::eval` does, which is what judges parcels.
    pub(super) fn new(columns: &'a dyn Columns, conditions: &'a [Expr]) -> Option<Self> {
        let nodes = conditions
            .iter()
            .map(|it| plan::plan(columns, it).or_else(|| plan::row_by_row(columns, it)));
        Some(Self { nodes: nodes.collect::<Option<_>>()? })
    }

    /// The truth of each condition for as many words of rows as `asked` has, from the word `first` on. Of rows that are not
    /// asked about any answer may come.
    pub(super) fn judge(&self, first: usize, asked: &[u64]) -> Vec<Judged> {
        self.nodes.iter().map(|it| it.judge(first, asked)).collect()
    }
}

impl View<'_> {
    /// Whether memory decides the filter as SQL would: not spatial predicates, nor numbers of too many digits. What it does
    /// not is for PostgreSQL.
    pub fn decides(&self, filter: &Expr) -> bool {
        self.parts().all(|it| plan::is_decidable(&it, filter))
    }

    /// The rows of each part, as [`View::parts`] has them, that are there for the scope and for which the filter is true. It
    /// has been checked against the fields that the scope may read. `None` where it is not [decided](View::decides) here.
    pub fn select(&self, filter: &Expr) -> Option<Vec<Bitmap>> {
        self.parts().map(|it| it.select(filter)).collect()
    }
}

impl ViewPart<'_> {
    /// The rows of this part; see [`View::select`].
    pub fn select(&self, filter: &Expr) -> Option<Bitmap> {
        let plan = plan::plan(self, filter)?;
        let shown = self.rows();
        let words = if plan.is_costly() {
            // Half of the rows to a second thread: of what is quick, starting one would take as long.
            let (front, back) = shown.words().split_at(shown.words().len() / 2);
            std::thread::scope(|scope| {
                let back = scope.spawn(|| select(&plan, back, front.len()));
                let mut words = select(&plan, front, 0);
                words.extend(back.join().ok()?);
                Some(words)
            })?
        } else {
            select(&plan, shown.words(), 0)
        };
        Some(Bitmap::of_words(words, shown.len()))
    }
}

/// Of the rows of `shown`, whose first word is the part's `first`th, those for which the filter is true.
fn select(plan: &Node<'_>, shown: &[u64], first: usize) -> Vec<u64> {
    let mut found = Vec::with_capacity(shown.len());
    for (nth, block) in shown.chunks(BLOCK).enumerate() {
        let truth = plan.judge(first + nth * BLOCK, block);
        found.extend(truth.yes.iter().zip(block).map(|(yes, shown)| yes & shown));
    }
    found
}
