//! Rows with some of their fields as features: their outlines first, then what they say, a field after another, then both
//! together. A field at a time, its column and its table of values stay in the processor's cache.

use super::Address;
use super::Budget;
use super::degrees;
use super::kind;
use super::label;
use super::property::NONE;
use super::property::Property;
use super::property::Table;
use crate::coverage::Drawn;
use crate::mvt::Features;
use crate::mvt::Keys;
use crate::mvt::Kind;
use crate::mvt::Values;
use crate::mvt::Written;
use crate::snapshot::View;
use crate::snapshot::ViewPart;

/// What is written, to see whether it keeps the budget.
pub struct Trial<'a> {
    pub view: &'a View<'a>,
    pub parts: &'a [ViewPart<'a>],
    pub address: &'a Address,
    pub fields: &'a [&'a str],
    pub form: Form,
    pub budget: Budget,
}

/// What stands for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Outline,
    /// The place of its name; a row that says nothing has none.
    Label,
}

/// Memory that rows are written in, and what was written there.
#[derive(Debug, Default)]
pub struct Rows {
    keys: Keys,
    values: Values,
    features: Features,
    /// Of a part those that are in the tile.
    drawn: Vec<u32>,
    /// Their outlines one after another, and where each ends.
    geometry: Vec<u8>,
    ends: Vec<usize>,
    /// What they say.
    told: Vec<Told>,
    table: Table,
}

/// A field of a part's rows.
#[derive(Debug, Default)]
struct Told {
    /// `None` where no row says anything.
    key: Option<u32>,
    /// By row, where its value stands in the tile.
    places: Vec<u32>,
}

impl Rows {
    /// The layer that was written.
    pub fn written(&self) -> Written<'_> {
        Written { keys: &self.keys, values: &self.values, features: &self.features }
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
        self.features.clear();
    }
}

impl Trial<'_> {
    /// Writes those rows of each part; false when they are too many for the budget.
    pub fn write(&self, rows: &[Vec<u32>], out: &mut Rows) -> bool {
        out.clear();
        out.told.resize_with(out.told.len().max(self.fields.len()), Told::default);
        let mut keys = vec![None; self.fields.len()];
        for (part, rows) in self.parts.iter().zip(rows) {
            self.draw(part, rows, out);
            self.tell(part, &mut keys, out);
            self.join(part, out);
            if out.written().bytes() > self.budget.raw() {
                return false;
            }
        }
        true
    }

    /// The outlines of those rows that are in the tile.
    fn draw(&self, part: &ViewPart<'_>, rows: &[u32], out: &mut Rows) {
        let Rows { drawn, geometry, ends, .. } = out;
        drawn.clear();
        geometry.clear();
        ends.clear();
        let window = self.address.window();
        let own = (self.form == Form::Label).then(|| label::Own::of(self.address));
        let shapes = part.part.shapes();
        for row in rows {
            let before = geometry.len();
            let made = match (&own, &window) {
                (Some(own), _) => own.draw(shapes.label(*row as usize), geometry),
                (_, Some(it)) => shapes.draw(*row as usize, it, geometry),
                (_, None) => degrees::draw(shapes, *row as usize, self.address, geometry),
            };
            if made == Drawn::Nothing {
                geometry.truncate(before);
            }
            if geometry.len() > before {
                drawn.push(*row);
                ends.push(geometry.len());
            }
        }
    }

    /// What these rows say.
    fn tell(&self, part: &ViewPart<'_>, keys: &mut [Option<u32>], out: &mut Rows) {
        let Rows { keys: names, values, drawn, told, table, .. } = out;
        for ((name, key), told) in self.fields.iter().zip(keys).zip(told) {
            told.key = None;
            let Some(seen) = part.column(name) else { continue };
            Property::new(seen).write(drawn, table, values, &mut told.places);
            if told.places.iter().any(|it| *it != NONE) {
                told.key = Some(*key.get_or_insert_with(|| names.push(name)));
            }
        }
    }

    /// Outlines with what their rows say.
    fn join(&self, part: &ViewPart<'_>, out: &mut Rows) {
        let Rows { features, drawn, geometry, ends, told, .. } = out;
        let kind = match self.form {
            Form::Outline => kind(self.view.layer.geometry),
            Form::Label => Kind::Point,
        };
        let ids = part.part.ids();
        let told = &told[..self.fields.len()];
        let mut from = 0;
        for (nth, (row, end)) in drawn.iter().zip(ends).enumerate() {
            let is_told = |it: &Told| it.key.is_some() && it.places[nth] != NONE;
            if self.form == Form::Label && !told.iter().any(is_told) {
                from = *end;
                continue;
            }
            for Told { key, places } in told {
                if let Some(key) = key
                    && places[nth] != NONE
                {
                    features.tag(*key, places[nth]);
                }
            }
            let id = u64::try_from(ids[*row as usize]).ok();
            features.push(id, kind, &geometry[from..*end]);
            from = *end;
        }
    }
}
