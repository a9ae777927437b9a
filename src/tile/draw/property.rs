//! A field's values on their way from a column into a tile's dictionary, a column after another: each value is written once,
//! and found again by its code. Nothing is allocated per row.

use crate::mvt::Value;
use crate::mvt::Values;
use crate::snapshot::Column;
use crate::snapshot::Seen;

/// Where the values of a field stand in the tile that is being written: open addressing, emptied by a new stamp. Of its
/// slots only as many are used as the tile's values need, so that a small tile stays in the processor's cache after a large.
#[derive(Debug, Default)]
pub struct Table {
    slots: Vec<Slot>,
    /// Slots in use, a power of two, less one.
    mask: usize,
    stamp: u32,
    len: usize,
    /// Where the value stands that was asked for last: neighbours often say the same.
    last: Option<(u64, u32)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    stamp: u32,
    place: u32,
}

const LEAST: usize = 64;

impl Table {
    /// Forgets all values, but keeps the memory, with room for so many.
    pub fn clear(&mut self, room: usize) {
        let slots = (room * 2).next_power_of_two().max(LEAST);
        if self.slots.len() < slots {
            self.slots.resize(slots, Slot::default());
        }
        self.restamp();
        (self.mask, self.len, self.last) = (slots - 1, 0, None);
    }

    /// Makes all slots free.
    fn restamp(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
        // Once in 2^32 tiles an old stamp would come round again.
        if self.stamp == 0 {
            self.slots.fill(Slot::default());
            self.stamp = 1;
        }
    }

    /// Where the value with that code stands; `write` puts it there the first time.
    #[inline]
    fn place(&mut self, key: u64, write: impl FnOnce() -> u32) -> u32 {
        if let Some((last, place)) = self.last
            && last == key
        {
            return place;
        }
        let at = self.find(key);
        let slot = &mut self.slots[at];
        let place = if slot.stamp == self.stamp {
            slot.place
        } else {
            let place = write();
            *slot = Slot { key, stamp: self.stamp, place };
            self.len += 1;
            if self.len * 2 > self.mask {
                self.grow();
            }
            place
        };
        self.last = Some((key, place));
        place
    }

    /// The slot that has the key, or the free one that it gets.
    #[inline]
    fn find(&self, key: u64) -> usize {
        // Fibonacci hashing: neighbouring codes lie apart by the golden ratio.
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & self.mask;
        while self.slots[at].stamp == self.stamp && self.slots[at].key != key {
            at = (at + 1) & self.mask;
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        let used = self.slots[..=self.mask].iter().filter(|it| it.stamp == self.stamp);
        let used: Vec<Slot> = used.copied().collect();
        self.mask = self.mask * 4 + 3;
        if self.slots.len() <= self.mask {
            self.slots.resize(self.mask + 1, Slot::default());
        }
        self.restamp();
        for slot in used {
            let at = self.find(slot.key);
            self.slots[at] = Slot { stamp: self.stamp, ..slot };
        }
    }
}

/// One field that is told of the rows of a part.
#[derive(Debug)]
pub struct Property<'a> {
    seen: Seen<'a>,
}

/// What stands in the place of a value that is missing, or not open in that row.
pub const NONE: u32 = u32::MAX;

/// After so many rows it is seen whether a column says hardly anything twice.
const PROBE: usize = 256;

impl<'a> Property<'a> {
    pub const fn new(seen: Seen<'a>) -> Self {
        Self { seen }
    }

    /// Writes what the rows say, and to `places` where that stands among the values for each; [`NONE`] where they say nothing.
    pub fn write(&self, rows: &[u32], table: &mut Table, out: &mut Values, places: &mut Vec<u32>) {
        places.clear();
        table.clear(rows.len().min(PROBE));
        let mut pass = Pass { only: self.seen.only, rows, table, out, places };
        match self.seen.column {
            Column::Text { words, codes } => pass.each(
                |row| (codes[row] != 0).then(|| u64::from(codes[row])),
                #[expect(clippy::cast_possible_truncation, reason = "it was a code")]
                |code, out| out.push(Value::Text(words.word(code as u32).unwrap_or_default())),
            ),
            Column::Integer { values, known } => pass.each(
                |row| known.has(row).then(|| values[row].cast_unsigned()),
                |it, out| out.push(Value::Integer(it.cast_signed())),
            ),
            Column::Decimal { scaled, places, known } => pass.each(
                |row| known.has(row).then(|| scaled[row].cast_unsigned()),
                |it, out| out.push(decimal(i128::from(it.cast_signed()), *places)),
            ),
            // Hardly any column is one, so its rows are their own keys.
            Column::Wide { values } => pass.each(
                |row| values[row].map(|_| row as u64),
                #[expect(clippy::cast_possible_truncation, reason = "it was a row")]
                |row, out| {
                    let it = values[row as usize].unwrap_or_default();
                    out.push(decimal(it.mantissa(), it.scale()))
                },
            ),
            Column::Boolean { values, known } => pass.each(
                |row| known.has(row).then(|| u64::from(values.has(row))),
                |it, out| out.push(Value::Bool(it != 0)),
            ),
            Column::Date { days, known } => pass.each(
                |row| known.has(row).then(|| u64::from(days[row].cast_unsigned())),
                #[expect(clippy::cast_possible_truncation, reason = "it was a day")]
                |it, out| {
                    let day = Column::day((it as u32).cast_signed());
                    out.push(Value::Text(&day.map(|it| it.to_string()).unwrap_or_default()))
                },
            ),
        }
    }
}

/// The rows of one column on their way.
struct Pass<'a> {
    only: Option<(&'a [u32], &'a [bool])>,
    rows: &'a [u32],
    table: &'a mut Table,
    out: &'a mut Values,
    places: &'a mut Vec<u32>,
}

impl Pass<'_> {
    /// `key` is what tells a row's value from others, `None` for a missing one; `write` writes the value of a key.
    #[inline]
    fn each(
        &mut self,
        key: impl Fn(usize) -> Option<u64>,
        write: impl Fn(u64, &mut Values) -> u32,
    ) {
        let Self { only, rows, table, out, places } = self;
        let open = |row: &u32| {
            let row = *row as usize;
            let is_open =
                only.is_none_or(|(units, own)| units.get(row).is_some_and(|it| own[*it as usize]));
            if is_open { key(row) } else { None }
        };
        let (first, rest) = rows.split_at(rows.len().min(PROBE));
        let mut found =
            |key: Option<u64>| key.map_or(NONE, |it| table.place(it, || write(it, out)));
        places.extend(first.iter().map(|it| found(open(it))));
        if table.len * 10 > PROBE * 9 {
            // Hardly anything is said twice: looking for it costs more than it saves.
            places.extend(rest.iter().map(|it| open(it).map_or(NONE, |it| write(it, out))));
        } else {
            let mut found =
                |key: Option<u64>| key.map_or(NONE, |it| table.place(it, || write(it, out)));
            places.extend(rest.iter().map(|it| found(open(it))));
        }
    }
}

/// `scaled` / 10^`places` as tiles tell it: an integer where it is one, else the nearest double, of which 15 digits are exact.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
pub fn decimal(scaled: i128, places: u32) -> Value<'static> {
    // Nearly all that is ever stored, in plain registers.
    if let (Ok(it), Some(unit)) = (i64::try_from(scaled), 10_i64.checked_pow(places)) {
        if it % unit == 0 {
            return Value::Integer(it / unit);
        }
        if it.unsigned_abs() < 1 << 53 && unit < 1 << 53 {
            return Value::Double(it as f64 / unit as f64);
        }
    }
    let unit = 10_i128.checked_pow(places).unwrap_or(i128::MAX);
    if scaled % unit == 0
        && let Ok(it) = i64::try_from(scaled / unit)
    {
        return Value::Integer(it);
    }
    // Both are exact, so their quotient is rounded once.
    if places <= 22 && scaled.unsigned_abs() < 1 << 53 {
        return Value::Double(scaled as f64 / 10_f64.powi(places.cast_signed()));
    }
    Value::Double(format!("{scaled}e-{places}").parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_is_written_once(keys in prop::collection::vec(0_u64..500, 0..2000)) {
            let mut table = Table::default();
            for _ in 0..2 {
                table.clear(keys.len() / 3);
                let mut known: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
                for key in &keys {
                    let next = u32::try_from(known.len()).unwrap();
                    let expected = *known.entry(*key).or_insert(next);
                    prop_assert_eq!(table.place(*key << 40 | 1, || next), expected);
                }
            }
        }

        #[test]
        fn a_decimal_is_the_nearest_double(scaled in any::<i64>(), places in 0_u32..19) {
            let text = rust_decimal::Decimal::from_i128_with_scale(i128::from(scaled), places).to_string();
            let nearest: f64 = text.parse().unwrap();
            match decimal(i128::from(scaled), places) {
                Value::Double(it) => prop_assert_eq!(it.to_bits(), nearest.to_bits()),
                Value::Integer(it) => prop_assert_eq!(rust_decimal::Decimal::from(it), text.parse::<rust_decimal::Decimal>().unwrap()),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
