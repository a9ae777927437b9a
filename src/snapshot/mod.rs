//! The map in memory: an immutable copy of a layer's current rows at one revision, for what is read a thousand times a
//! second. It holds no truth of its own and can be thrown away at any time. [`Keeper`] has the newest of every layer;
//! [`View`] is the only way to its values, and takes a scope. How outlines are generalised is `coverage`'s business, what
//! a tile looks like `tile`'s, which sums may be told `stats`'.

use std::sync::Arc;
use std::time::Instant;

use crate::coverage::Bounds;
use crate::coverage::Pyramid;

pub(crate) mod binary;
mod bitmap;
mod budget;
mod build;
mod column;
mod digits;
mod filter;
mod follow;
pub mod frame;
mod gather;
mod keeper;
mod meets;
mod numeric;
mod page;
mod queries;
mod tree;
mod view;
mod words;

pub use bitmap::Bitmap;
pub use build::Builder;
pub use column::Column;
pub use digits::Digits;
pub use digits::write_scaled;
pub use keeper::Change;
pub use keeper::Figures;
pub use keeper::Held;
pub use keeper::Keeper;
pub use page::RowOfPage;
pub use page::RowsOfPage;
pub use view::Seen;
pub use view::View;
pub use view::ViewPart;
pub use words::Words;

use tree::Tree;

/// A layer at one revision. Rows are found in two parts: those of the last full reading, and those that were changed
/// since, which hide the rows of the first that they replace.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub layer: String,
    pub revision: i64,
    /// When it was read.
    pub read_at: Instant,
    base: Arc<Part>,
    patch: Option<Patch>,
}

#[derive(Clone, Debug)]
struct Patch {
    part: Arc<Part>,
    /// Rows of the base that are no longer so.
    hidden: Arc<Bitmap>,
    /// Rows that were read for patches since the base was.
    spent: usize,
}

/// Rows in Hilbert order of their middles, so that what lies together on the map lies together in memory.
#[derive(Debug)]
pub struct Part {
    ids: Vec<i64>,
    /// Rows by rising id.
    by_id: Vec<u32>,
    /// One for each field of the layer's folder, in its order.
    columns: Vec<Column>,
    /// The place of the field that says which responsible unit a row belongs to.
    unit: Option<usize>,
    shapes: Pyramid,
    tree: Tree,
    /// What the text of rows needs besides, where it is told from memory.
    digits: Option<Digits>,
}

impl Snapshot {
    /// Freshly read.
    pub fn new(layer: impl Into<String>, revision: i64, base: Part) -> Self {
        Self {
            layer: layer.into(),
            revision,
            read_at: Instant::now(),
            base: Arc::new(base),
            patch: None,
        }
    }

    /// Rows of all parts that are not hidden.
    pub fn len(&self) -> usize {
        let patched = self.patch.as_ref().map_or(0, |it| it.part.len());
        let hidden = self.patch.as_ref().map_or(0, |it| it.hidden.count());
        self.base.len() - hidden + patched
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.base.bytes() + self.patch.as_ref().map_or(0, |it| it.part.bytes() + it.hidden.bytes())
    }

    /// A box around all shapes; `None` without any. Rows that were taken away since the last full reading still count.
    pub fn bounds(&self) -> Option<Bounds> {
        let parts = self.parts().map(|(part, _)| part.bounds());
        let all = parts.fold(Bounds::NOWHERE, tree::join);
        (all != Bounds::NOWHERE).then_some(all)
    }

    /// How many rows may touch `bounds`, counted up to `most`: never fewer than do.
    pub fn touching_at_most(&self, bounds: &Bounds, most: usize) -> usize {
        self.parts().fold(0, |sum, (part, _)| {
            sum + part.tree.touching_at_most(part.len(), bounds, most.saturating_sub(sum))
        })
    }

    /// The same base with another patch over it: `part` are the rows of `ids` that are still there.
    fn patched(&self, revision: i64, ids: &[i64], part: Part) -> Self {
        let mut hidden = Bitmap::none(self.base.len());
        ids.iter().filter_map(|it| self.base.row_of(*it)).for_each(|it| hidden.set(it));
        let spent = self.spent() + part.len().max(1);
        let patch = Some(Patch { part: Arc::new(part), hidden: Arc::new(hidden), spent });
        Self { revision, read_at: Instant::now(), patch, ..self.clone() }
    }

    /// The ids of rows that differ from the base: what is hidden of it, and what is new.
    fn changed(&self) -> Vec<i64> {
        let Some(patch) = &self.patch else { return Vec::new() };
        let hidden = patch.hidden.rows().map(|it| self.base.ids[it]);
        hidden.chain(patch.part.ids.iter().copied()).collect()
    }

    /// Rows that were read for patches since the base was.
    fn spent(&self) -> usize {
        self.patch.as_ref().map_or(0, |it| it.spent)
    }

    /// Around the shapes of these rows.
    fn bounds_of(&self, ids: &[i64]) -> Bounds {
        let mut around = Bounds::NOWHERE;
        for (part, hidden) in self.parts() {
            let rows = ids.iter().filter_map(|it| part.row_of(*it));
            for row in rows.filter(|it| !hidden.is_some_and(|hidden| hidden.has(*it))) {
                around = tree::join(around, part.shapes.bounds(row));
            }
        }
        around
    }

    /// Each part with the rows of it that are hidden.
    fn parts(&self) -> impl Iterator<Item = (&Part, Option<&Bitmap>)> {
        let patch = self.patch.as_ref();
        std::iter::once((&*self.base, patch.map(|it| &*it.hidden)))
            .chain(patch.map(|it| (&*it.part, None)))
    }
}

impl Part {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ids of features as PostGIS has them, by row.
    pub fn ids(&self) -> &[i64] {
        &self.ids
    }

    /// Rows by rising id.
    pub(super) fn by_id(&self) -> &[u32] {
        &self.by_id
    }

    /// What the text of rows needs besides their values, where it is told from memory.
    pub const fn digits(&self) -> Option<&Digits> {
        self.digits.as_ref()
    }

    pub fn shapes(&self) -> &Pyramid {
        &self.shapes
    }

    /// The row of an id.
    pub fn row_of(&self, id: i64) -> Option<usize> {
        let at = self.by_id.binary_search_by_key(&id, |it| self.ids[*it as usize]).ok()?;
        Some(self.by_id[at] as usize)
    }

    /// Calls with each row whose box touches `bounds`, in order of rows.
    pub fn touching(&self, bounds: &Bounds, found: impl FnMut(usize)) {
        self.tree.touching(self.len(), bounds, |it| self.shapes.bounds(it), found);
    }

    /// Around all shapes; [`Bounds::NOWHERE`] without any.
    fn bounds(&self) -> Bounds {
        let one = || if self.len() == 1 { self.shapes.bounds(0) } else { Bounds::NOWHERE };
        self.tree.bounds().unwrap_or_else(one)
    }

    fn bytes(&self) -> usize {
        self.ids.capacity() * 8
            + self.by_id.capacity() * 4
            + self.tree.bytes()
            + self.columns.iter().map(Column::bytes).sum::<usize>()
            + self.shapes.bytes()
            + self.digits.as_ref().map_or(0, Digits::bytes)
    }
}
