//! What one run leaves for the next: outlines in the plane, the divided polygons and what they claimed. A row whose version
//! is the same has the same outline; only rows that differ are read, only squares where a polygon differs are made, and
//! only parcels that a difference can reach are measured. It holds no truth: without it everything is made anew, and comes
//! out the same.

use std::mem::take;
use std::sync::Arc;

use rayon::prelude::*;
use rstar::AABB;
use rstar::RTree;
use rstar::primitives::Rectangle;

use super::Claims;
use super::Count;
use super::Feature;
use super::Overlay;
use super::Part;
use super::outline::Bounds;
use super::outline::Outline;
use super::plane::EqualArea;

/// A row as it is now: whatever numbers say of one table, layer and moment that two rows are the same, geometry and all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// Of a polygon; 0 for parcels.
    pub class: u32,
    pub row_id: i64,
    /// The transaction that wrote it.
    pub transaction: u32,
    /// When that was.
    pub recorded_at: i64,
}

/// A row's source, where several tables come together, and its id.
pub type Key = (u32, i64);

/// Rows with their outlines, by key.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    key: Key,
    version: Version,
    outline: Arc<Outline>,
}

/// What became of rows.
#[derive(Clone, Debug, Default)]
pub struct Renewed {
    /// For each row that is there now, where it was before, if it was the same.
    from: Vec<Option<usize>>,
    /// Bounds of what came, changed (before and after) or went.
    dirty: Vec<Bounds>,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (i64, &Outline)> {
        self.rows.iter().map(|it| (it.key.1, &*it.outline))
    }

    fn knows(&self, key: Key, version: Version) -> bool {
        let at = self.rows.binary_search_by_key(&key, |it| it.key);
        at.is_ok_and(|at| self.rows[at].version == version)
    }

    /// Those of the rows that there are now whose outlines are not known.
    pub fn missing(&self, now: &[(Key, Version)]) -> Vec<Key> {
        let missing = now.iter().filter(|it| !self.knows(it.0, it.1));
        missing.map(|it| it.0).collect()
    }

    /// Becomes the rows that there are now, with the outlines of those that were missing. Of a row that has none in
    /// `read` there is nothing to be known: it is left out.
    fn renew(&mut self, mut now: Vec<(Key, Version)>, mut read: Vec<(Key, Outline)>) -> Renewed {
        now.sort_unstable_by_key(|it| it.0);
        now.dedup_by_key(|it| it.0);
        read.sort_by_key(|it| it.0);
        let mut read = read.into_iter().peekable();
        let mut renewed = Renewed::default();
        let mut old: Vec<Option<Row>> = take(&mut self.rows).into_iter().map(Some).collect();
        let mut next = 0;
        let mut rows = Vec::with_capacity(now.len());
        for (key, version) in now {
            while next < old.len() && old[next].as_ref().is_some_and(|it| it.key < key) {
                next += 1;
            }
            let before = old.get_mut(next).filter(|it| it.as_ref().is_some_and(|it| it.key == key));
            if let Some(slot) = before
                && let Some(row) = slot.take_if(|it| it.version == version)
            {
                renewed.from.push(Some(next));
                rows.push(row);
                next += 1;
                continue;
            }
            while read.next_if(|it| it.0 < key).is_some() {}
            if let Some((_, outline)) = read.next_if(|it| it.0 == key) {
                renewed.dirty.push(outline.bounds);
                renewed.from.push(None);
                rows.push(Row { key, version, outline: Arc::new(outline) });
            }
        }
        renewed.dirty.extend(old.iter().flatten().map(|it| it.outline.bounds));
        self.rows = rows;
        renewed
    }

    pub fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
            + self.rows.iter().map(|it| it.outline.bytes() + 16).sum::<usize>()
    }
}

/// Parcels and the sets of polygons that claim them.
#[derive(Debug, Default)]
pub struct Kept {
    plane: Option<EqualArea>,
    parcels: Rows,
    sets: Vec<Set>,
    moment: Moment,
}

/// Whether the rows are all of one moment, so that parcels that were listed need not be listed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Moment {
    /// Nobody says so.
    #[default]
    Any,
    /// They are; the parcels were not listed yet.
    One,
    /// They are, and the parcels were listed.
    Listed,
}

/// Polygons that claim parcels together, under a name.
#[derive(Debug)]
struct Set {
    name: String,
    rows: Rows,
    overlay: Overlay,
    claims: Claims,
}

impl Kept {
    /// Everything is in this plane from now on; what was kept of another is forgotten.
    pub fn set_plane(&mut self, plane: EqualArea) {
        if self.plane != Some(plane) {
            let moment = if self.moment == Moment::Any { Moment::Any } else { Moment::One };
            *self = Self { plane: Some(plane), moment, ..Self::default() };
        }
    }

    /// Says that all rows that come until [`Kept::end_moment`] are of one moment, as those of one transaction that reads
    /// repeatably: parcels are listed for the first of several claims only.
    pub fn begin_moment(&mut self) {
        self.moment = Moment::One;
    }

    /// Ends what [`Kept::begin_moment`] began.
    pub fn end_moment(&mut self) {
        self.moment = Moment::Any;
    }

    /// Whether the parcels are those of the moment already.
    pub fn are_parcels_known(&self) -> bool {
        self.moment == Moment::Listed
    }

    pub fn parcels(&self) -> &Rows {
        &self.parcels
    }

    /// The polygons known under a name; none if it is new.
    pub fn polygons(&self, name: &str) -> Option<&Rows> {
        self.sets.iter().find(|it| it.name == name).map(|it| &it.rows)
    }

    /// The parcels that there are now, with outlines of those that were [missing](Rows::missing).
    pub fn renew_parcels(&mut self, now: Vec<(Key, Version)>, read: Vec<(Key, Outline)>) {
        let read = read.into_par_iter().map(|(id, it)| (id, it.repaired())).collect();
        let renewed = self.parcels.renew(now, read);
        if self.moment == Moment::One {
            self.moment = Moment::Listed;
        }
        for set in &mut self.sets {
            set.claims = set.claims.moved(&renewed.from);
        }
    }

    /// The polygons that there are now under a name, each with its class and version, with outlines of those that were
    /// missing; and what they claim of every parcel, in the parcels' order, to the last bit as if nothing had been kept.
    pub fn claim(
        &mut self,
        name: &str,
        count: Count,
        now: Vec<(Key, Version)>,
        read: Vec<(Key, Outline)>,
    ) -> &Claims {
        let at = self.sets.iter().position(|it| it.name == name).unwrap_or_else(|| {
            self.sets.push(Set {
                name: name.to_owned(),
                rows: Rows::default(),
                overlay: Overlay::build(&[], count),
                claims: Claims::unknown(self.parcels.len()),
            });
            self.sets.len() - 1
        });
        let set = &mut self.sets[at];
        let dirty = set.rows.renew(now, read).dirty;
        let mut remade = Vec::new();
        if !dirty.is_empty() {
            let features = set.rows.rows.iter();
            let features: Vec<Feature> = features
                .map(|it| Feature { class: it.version.class, outline: Arc::clone(&it.outline) })
                .collect();
            (set.overlay, remade) = set.overlay.rebuilt(&features, &dirty);
        }
        set.measure(&self.parcels, &remade);
        &set.claims
    }

    /// Every parcel with what was last claimed of it under a name, by id; nothing for a name that is not known.
    pub fn claimed(&self, name: &str) -> impl Iterator<Item = (i64, &Outline, &[Part])> {
        let set = self.sets.iter().find(|it| it.name == name);
        set.into_iter().flat_map(|set| {
            self.parcels
                .iter()
                .zip(set.claims.iter())
                .map(|((id, outline), parts)| (id, outline, parts))
        })
    }

    /// Memory that it takes.
    pub fn bytes(&self) -> usize {
        let set = |it: &Set| it.rows.bytes() + it.overlay.bytes() + it.claims.bytes();
        self.parcels.bytes() + self.sets.iter().map(set).sum::<usize>()
    }
}

impl Set {
    /// Measures the parcels whose claims are not known, or that reach into squares that were made anew.
    fn measure(&mut self, parcels: &Rows, remade: &[Bounds]) {
        let boxes = remade.iter().map(|it| Rectangle::from_corners(it.low, it.high)).collect();
        let boxes = RTree::bulk_load(boxes);
        let is_reached = |it: &Bounds| {
            let bounds = AABB::from_corners(it.low, it.high);
            boxes.locate_in_envelope_intersecting(&bounds).next().is_some()
        };
        let claims = &self.claims;
        let stale: Vec<usize> = (0..parcels.rows.len())
            .into_par_iter()
            .filter(|it| !claims.is_known(*it) || is_reached(&parcels.rows[*it].outline.bounds))
            .collect();
        let outlines: Vec<&Outline> = stale.iter().map(|it| &*parcels.rows[*it].outline).collect();
        let fresh = self.overlay.claim_of(&outlines);
        self.claims = self.claims.with(&stale, fresh);
    }
}
