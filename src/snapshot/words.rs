//! The words of a column, one after another in one text: a word costs its bytes and four more, where a string of its own
//! would cost two dozen.

use std::hash::BuildHasher;
use std::hash::RandomState;
use std::ops::Index;

/// Texts by their place, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    text: String,
    ends: Vec<u32>,
}

impl Words {
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word of a code; `None` for code 0, a missing value.
    #[inline]
    pub fn word(&self, code: u32) -> Option<&str> {
        let at = (code as usize).checked_sub(1)?;
        (at < self.len()).then(|| &self[at])
    }

    /// All words, in the order of their codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|it| &self[it])
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4
    }

    /// Adds a word after the last; `None` when the words of one column would take more than 4 GiB.
    fn push(&mut self, word: &str) -> Option<u32> {
        let end = u32::try_from(self.text.len() + word.len()).ok()?;
        self.text.push_str(word);
        self.ends.push(end);
        u32::try_from(self.ends.len()).ok()
    }

    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// The word at a place, which is its code less one.
impl Index<usize> for Words {
    type Output = str;

    #[inline]
    fn index(&self, at: usize) -> &str {
        let from = at.checked_sub(1).map_or(0, |it| self.ends[it] as usize);
        &self.text[from..self.ends[at] as usize]
    }
}

impl<'a> FromIterator<&'a str> for Words {
    /// Words that all differ.
    fn from_iter<T: IntoIterator<Item = &'a str>>(words: T) -> Self {
        let mut all = Self::default();
        for it in words {
            all.push(it);
        }
        all
    }
}

/// Words that are being collected, found by what they say. Open addressing over codes: the words themselves lie in
/// [`Words`] already, and a map of owned strings would hold each a second time.
#[derive(Debug, Default)]
pub struct Dictionary {
    words: Words,
    /// Codes at the places that words are hashed to; 0 where there is none. A power of two, at most half full.
    slots: Vec<u32>,
    // Keyed at random: whoever imports a file cannot choose words that all meet in one slot.
    hasher: RandomState,
    last: u32,
}

impl Dictionary {
    /// The code of a word, a new one where it is new; `None` when there is no room for it.
    pub fn code(&mut self, word: &str) -> Option<u32> {
        // Neighbours in a table often say the same.
        if self.words.word(self.last) == Some(word) {
            return Some(self.last);
        }
        if (self.words.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mut slot = self.slot(word);
        loop {
            match self.slots[slot] {
                0 => {
                    self.last = self.words.push(word)?;
                    self.slots[slot] = self.last;
                    return Some(self.last);
                }
                code if self.words.word(code) == Some(word) => {
                    self.last = code;
                    return Some(code);
                }
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    pub fn bytes(&self) -> usize {
        self.words.bytes() + self.slots.capacity() * 4
    }

    pub fn finish(mut self) -> Words {
        self.words.shrink();
        self.words
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low bits are as good as any")]
    fn slot(&self, word: &str) -> usize {
        self.hasher.hash_one(word.as_bytes()) as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 2).max(16)];
        for at in 0..self.words.len() {
            let mut slot = self.slot(&self.words[at]);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            // There are no more words than codes: `push` has seen to it.
            self.slots[slot] = u32::try_from(at + 1).unwrap_or(u32::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_is_told_once_and_says_its_word(rows in prop::collection::vec("[a-c\u{4ea9}]{0,3}", 0..300)) {
            let mut dictionary = Dictionary::default();
            let codes: Vec<u32> = rows.iter().map(|it| dictionary.code(it).unwrap()).collect();
            let words = dictionary.finish();
            for (row, code) in rows.iter().zip(&codes) {
                prop_assert_eq!(words.word(*code), Some(row.as_str()));
            }
            let mut all: Vec<&str> = words.iter().collect();
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(all.len(), words.len());
            prop_assert_eq!(words.word(0), None);
            prop_assert_eq!(words.word(u32::MAX), None);
        }
    }
}
