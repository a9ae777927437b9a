//! Rows of one file with one key, told while they are read. A key takes sixteen bytes whatever its length: ninety-six bits of a
//! keyed hash and the row; two of a hundred million keys agree by chance once in ten million million files.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;

use super::target::Target;
use super::value::Value;

/// The keys of the rows so far.
pub struct Doubles {
    /// Where in a row's values the key is; empty where rows have no key of their own.
    key: Vec<usize>,
    hashes: [RandomState; 2],
    first: HashMap<[u32; 3], u32>,
}

/// A row that an earlier one repeats.
#[derive(Debug, PartialEq, Eq)]
pub struct Double {
    pub first: u64,
    /// The key, parts separated by blanks.
    pub key: String,
}

impl Doubles {
    pub fn new(target: &Target) -> Self {
        let key = target.key.iter().filter_map(|it| target.fields.get_index_of(it.as_str()));
        Self {
            key: if target.keyed { key.collect() } else { Vec::new() },
            hashes: [RandomState::new(), RandomState::new()],
            first: HashMap::new(),
        }
    }

    /// Takes a row; the earlier one with its key, where there is one. A missing part of a key equals a missing part.
    pub fn saw(&mut self, values: &[Option<Value>], number: u64) -> Option<Double> {
        if self.key.is_empty() {
            return None;
        }
        let parts: Vec<String> =
            self.key.iter().map(|at| values[*at].as_ref().map(plain).unwrap_or_default()).collect();
        let [a, b] = self.hashes.each_ref().map(|it| it.hash_one(&parts));
        let bytes = [a.to_le_bytes(), b.to_le_bytes()].concat();
        let part =
            |at: usize| bytes[at..].first_chunk::<4>().map_or(0, |it| u32::from_le_bytes(*it));
        let row = u32::try_from(number).unwrap_or(u32::MAX);
        match self.first.entry([part(0), part(4), part(8)]) {
            std::collections::hash_map::Entry::Occupied(it) => {
                Some(Double { first: u64::from(*it.get()), key: parts.join(" ") })
            }
            std::collections::hash_map::Entry::Vacant(it) => {
                it.insert(row);
                None
            }
        }
    }
}

/// A value as the database compares it: without the zero bytes that it does not store, numbers by their size.
fn plain(value: &Value) -> String {
    value.shown().replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::super::target::Target;
    use super::*;
    use crate::layer::Layers;

    #[test]
    fn a_key_is_told_once_it_comes_again() {
        let target = Target::find(&Layers::load(None).unwrap(), "occupancies").unwrap();
        let mut doubles = Doubles::new(&target);
        let row = |parcel: &str, uscc: &str| {
            let mut values = vec![None; target.fields.len()];
            for (name, text) in [("parcel_code", parcel), ("uscc", uscc)] {
                values[target.fields.get_index_of(name).unwrap()] =
                    Some(Value::Text(text.to_owned()));
            }
            values
        };
        assert_eq!(doubles.saw(&row("a", "b"), 3), None);
        assert_eq!(doubles.saw(&row("ab", ""), 4), None);
        assert_eq!(doubles.saw(&row("", "ab"), 5), None);
        let found = doubles.saw(&row("a\0", "b"), 9).unwrap();
        assert_eq!((found.first, found.key.trim_end()), (3, "a b"));
    }
}
