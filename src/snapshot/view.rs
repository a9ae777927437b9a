//! What a scope may see of a snapshot: the one way to its values. A field that the scope may not read is not there; one
//! that is open in the scope's own units only is missing in other rows, as in the views of the database.

use super::Bitmap;
use super::Column;
use super::Part;
use super::Snapshot;
use super::Words;
use crate::access::Scope;
use crate::cql::Value;
use crate::layer::Layer;

/// A snapshot as one scope may see it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub snapshot: &'a Snapshot,
    pub layer: &'a Layer,
    scope: &'a Scope,
}

/// One part of it.
#[derive(Debug)]
pub struct ViewPart<'a> {
    pub part: &'a Part,
    hidden: Option<&'a Bitmap>,
    layer: &'a Layer,
    scope: &'a Scope,
    /// Whether the scope answers for the unit of a row, by the code of the unit's name; `None` where it answers for all.
    own: Option<Vec<bool>>,
}

/// A field's values, as far as they are open.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub column: &'a Column,
    /// Where only the rows of own units are open: the units' codes by row, and which of them are own. A row whose code is
    /// not is one without a value.
    pub only: Option<(&'a [u32], &'a [bool])>,
}

impl<'a> View<'a> {
    /// The scope may read the layer: `App::layer` has said so.
    pub const fn new(snapshot: &'a Snapshot, layer: &'a Layer, scope: &'a Scope) -> Self {
        Self { snapshot, layer, scope }
    }

    pub const fn scope(&self) -> &'a Scope {
        self.scope
    }

    /// Whether only rows of own units are there.
    pub(super) fn is_limited(&self) -> bool {
        self.layer.is_limited(self.scope, self.layer.access)
    }

    pub fn parts(&self) -> impl Iterator<Item = ViewPart<'a>> + use<'a> {
        let Self { snapshot, layer, scope } = *self;
        snapshot.parts().map(move |(part, hidden)| {
            let own = scope.responsible_units.as_ref().map(|own| part.own(own));
            ViewPart { part, hidden, layer, scope, own }
        })
    }
}

impl Part {
    /// By the code of a unit's name, whether it is among `own`; code 0, no unit, is nobody's.
    fn own(&self, own: &[String]) -> Vec<bool> {
        let words = match self.unit.map(|it| &self.columns[it]) {
            Some(Column::Text { words, .. }) => Some(words),
            _ => None,
        };
        let is_own =
            words.into_iter().flat_map(Words::iter).map(|word| own.iter().any(|it| it == word));
        std::iter::once(false).chain(is_own).collect()
    }

    fn units(&self) -> &[u32] {
        match self.unit.map(|it| &self.columns[it]) {
            Some(Column::Text { codes, .. }) => codes,
            _ => &[],
        }
    }
}

impl ViewPart<'_> {
    /// Whether the row is there for the scope.
    pub fn shows(&self, row: usize) -> bool {
        !self.hidden.is_some_and(|it| it.has(row))
            && (!self.layer.is_limited(self.scope, self.layer.access) || self.is_own(row))
    }

    /// All rows that are there for the scope.
    pub fn rows(&self) -> Bitmap {
        let mut rows = Bitmap::all(self.part.len());
        if let Some(hidden) = self.hidden {
            rows = hidden.clone().complement();
        }
        match self.own_rows() {
            Some(own) if self.layer.is_limited(self.scope, self.layer.access) => rows.and(&own),
            _ => rows,
        }
    }

    /// The rows of the units that the scope answers for, hidden ones as well; `None` where it answers for all.
    pub fn own_rows(&self) -> Option<Bitmap> {
        let (own, units) = (self.own.as_deref()?, self.part.units());
        let mut words = vec![0; self.part.len().div_ceil(64)];
        for (word, units) in words.iter_mut().zip(units.chunks(64)) {
            for (bit, unit) in units.iter().enumerate() {
                *word |= u64::from(own[*unit as usize]) << bit;
            }
        }
        Some(Bitmap::of_words(words, self.part.len()))
    }

    fn is_own(&self, row: usize) -> bool {
        match &self.own {
            None => true,
            Some(own) => self.part.units().get(row).is_some_and(|it| own[*it as usize]),
        }
    }

    /// A field that the scope may read, in the rows where it may.
    pub fn column(&self, name: &str) -> Option<Seen<'_>> {
        let field = self.layer.field_for(self.scope, name)?;
        let column = &self.part.columns[self.layer.field.get_index_of(name)?];
        let is_limited = self.layer.is_limited(self.scope, self.layer.role_of(field));
        let only = self.own.as_deref().filter(|_| is_limited).map(|it| (self.part.units(), it));
        Some(Seen { column, only })
    }
}

impl<'a> Seen<'a> {
    /// Whether the value of a row is open.
    pub fn is_open(&self, row: usize) -> bool {
        let is_own =
            |(units, own): (&[u32], &[bool])| units.get(row).is_some_and(|it| own[*it as usize]);
        self.only.is_none_or(is_own)
    }

    /// The value of a row; `Null` when it is missing or not open.
    pub fn value(&self, row: usize) -> Value<'a> {
        if self.is_open(row) { self.column.value(row) } else { Value::Null }
    }
}
