//! Rows one after another become a part: columns, order, tree, and what `coverage` makes of the shapes.

use rayon::prelude::*;

use super::Part;
use super::binary;
use super::binary::Cells;
use super::digits::Digits;
use super::digits::Gathered;
use super::gather::Gather;
use super::gather::Oddities;
use super::tree;
use super::tree::Tree;
use crate::access::Scope;
use crate::coverage::At;
use crate::coverage::Bounds;
use crate::coverage::Pyramid;
use crate::coverage::Shapes;
use crate::cql::Value;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::layer::UNIT_FIELD;
use crate::layer::Zooms;

/// Takes rows of a layer.
#[derive(Debug)]
pub struct Builder {
    layer: String,
    geometry: Geometry,
    zooms: Zooms,
    unit: Option<usize>,
    ids: Vec<i64>,
    columns: Vec<Gather>,
    odd: Oddities,
    /// Of layers whose pages are told from memory.
    digits: Option<Gathered>,
    /// Rows of which some of the shape could not be kept.
    broken: u64,
    /// The shapes of the rows so far; each row's is ended before [`Builder::row`].
    pub shapes: Shapes,
}

impl Builder {
    pub fn new(layer: &Layer) -> Self {
        Self {
            layer: layer.id.clone(),
            geometry: layer.geometry,
            zooms: layer.zooms,
            unit: layer.field.get_index_of(UNIT_FIELD),
            ids: Vec::new(),
            columns: layer.field.values().map(|it| Gather::new(it.kind)).collect(),
            odd: Oddities::default(),
            digits: None,
            broken: 0,
            shapes: Shapes::default(),
        }
    }

    /// Keeps what the text of rows needs besides, when everybody may read the layer.
    pub(super) fn with_digits(mut self, layer: &Layer) -> Self {
        let is_told = layer.geometry == Geometry::Polygon && layer.readable(&Scope::public());
        self.digits = is_told.then(|| Gathered::new(layer));
        self
    }

    /// Adds a row: a value for each field of the folder, in its order.
    pub fn row(&mut self, id: i64, values: impl IntoIterator<Item = Value<'static>>) {
        self.ids.push(id);
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.value(&value);
        }
    }

    /// Adds a row as PostgreSQL sends it: the id, the fields of the folder in its order, the geometry.
    pub(super) fn cells(&mut self, cells: &Cells<'_>) -> anyhow::Result<()> {
        let [Some(id), fields @ .., geometry] = cells else { anyhow::bail!("a row without an id") };
        anyhow::ensure!(fields.len() == self.columns.len(), "a row of {} cells", cells.len());
        self.ids.push(i64::from_be_bytes((*id).try_into()?));
        let odd = self.odd;
        for (column, cell) in self.columns.iter_mut().zip(fields) {
            column.cell(*cell, &mut self.odd)?;
        }
        if let Some(digits) = &mut self.digits {
            digits.row(fields, *geometry);
            if self.odd != odd {
                digits.spoil();
            }
        }
        if let Some(it) = geometry {
            self.broken += u64::from(!binary::shape(it, self.geometry, &mut self.shapes)?);
        }
        self.shapes.end_row();
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Bytes of memory so far.
    pub fn bytes(&self) -> usize {
        self.ids.capacity() * 8
            + self.columns.iter().map(Gather::bytes).sum::<usize>()
            + bytes(&self.shapes)
            + self.digits.as_ref().map_or(0, Gathered::bytes)
    }

    /// Says once what could not be kept as it is.
    pub(super) fn warn(&self) {
        let Oddities { missing, rounded } = self.odd;
        if missing + rounded + self.broken > 0 {
            tracing::warn!(
                layer = self.layer,
                missing,
                rounded,
                shapes = self.broken,
                "地图内存中无法照原样保存的值 / values that the map in memory cannot hold as they are: missing (NaN, infinite, too large), rounded (over 28 digits), shapes in part"
            );
        }
    }

    /// The part, its rows in Hilbert order; `around` is one whose outlines are fixed, beside which these are drawn.
    pub fn finish(self, around: Option<&Part>) -> Part {
        let Self { geometry, zooms, unit, ids, columns, shapes, digits, .. } = self;
        let bounds: Vec<Bounds> =
            (0..shapes.len()).into_par_iter().map(|it| shapes.bounds(it)).collect();
        let order = tree::order(&bounds, &ids);
        drop(bounds);
        let ids: Vec<i64> = order.iter().map(|it| ids[*it as usize]).collect();
        let columns = columns.into_par_iter().map(|it| it.finish(&order)).collect();
        let in_order = sorted(&shapes, &order);
        drop(shapes);
        let digits = digits.and_then(|it| it.finish(&order));
        let shapes =
            Pyramid::build(geometry, in_order, zooms.min..=zooms.max, around.map(|it| &it.shapes));
        Part::new(ids, columns, unit, shapes, digits)
    }
}

impl Part {
    fn new(
        ids: Vec<i64>,
        columns: Vec<super::Column>,
        unit: Option<usize>,
        shapes: Pyramid,
        digits: Option<Digits>,
    ) -> Self {
        let mut by_id: Vec<u32> = (0..u32::try_from(ids.len()).unwrap_or(u32::MAX)).collect();
        by_id.par_sort_unstable_by_key(|it| (ids[*it as usize], *it));
        let tree = Tree::build(&shapes);
        Self { ids, by_id, columns, unit, shapes, tree, digits }
    }
}

pub(super) fn bytes(it: &Shapes) -> usize {
    it.places.capacity() * size_of::<At>()
        + (it.rings.capacity() + it.parts.capacity() + it.rows.capacity()) * 4
}

/// The rows in order, in lists that are no longer than they need be.
pub(super) fn sorted(shapes: &Shapes, order: &[u32]) -> Shapes {
    let mut new = Shapes {
        places: Vec::with_capacity(shapes.places.len()),
        rings: Vec::with_capacity(shapes.rings.len()),
        parts: Vec::with_capacity(shapes.parts.len()),
        rows: Vec::with_capacity(shapes.rows.len()),
    };
    for row in order {
        for part in shapes.row(*row as usize) {
            for ring in part {
                new.places.extend_from_slice(ring);
                new.end_ring();
            }
            new.end_part();
        }
        new.end_row();
    }
    new
}
