//! The map in memory: an immutable copy of a layer's current rows at one revision, for what is read a thousand times a
//! second. It holds no truth of its own and can be thrown away at any time. [`Keeper`] has the newest of every layer;
//! [`View`] is the only way to its values, and takes a scope. How outlines are generalised is `coverage`'s business, what
//! a tile looks like `tile`'s, which sums may be told `stats`'.

use std::sync::Arc;
use std::time::Instant;

use crate::coverage::Bounds;
use crate::coverage::Pyramid;

mod bitmap;
mod build;
mod column;
mod filter;
mod keeper;
mod queries;
mod view;

pub use bitmap::Bitmap;
pub use build::Builder;
pub use column::Column;
pub use keeper::Held;
pub use keeper::Keeper;
pub use view::Seen;
pub use view::View;
pub use view::ViewPart;

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
}

/// Rows in Hilbert order of their middles, so that what lies together on the map lies together in memory.
#[derive(Debug)]
pub struct Part {
    ids: Vec<i64>,
    /// One for each field of the layer's folder, in its order.
    columns: Vec<Column>,
    /// The place of the field that says which responsible unit a row belongs to.
    unit: Option<usize>,
    shapes: Pyramid,
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

    pub fn shapes(&self) -> &Pyramid {
        &self.shapes
    }

    /// Calls with each row whose box touches `bounds`, in order of rows.
    pub fn touching(&self, bounds: &Bounds, mut found: impl FnMut(usize)) {
        for row in 0..self.len() {
            if self.shapes.bounds(row).touches(bounds) {
                found(row);
            }
        }
    }

    fn bytes(&self) -> usize {
        self.ids.capacity() * 8
            + self.columns.iter().map(Column::bytes).sum::<usize>()
            + self.shapes.bytes()
    }
}
