//! A set of rows, a bit each.

/// Rows of a part, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// So many rows, none of them in it.
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// So many rows, all of them in it.
    pub fn all(len: usize) -> Self {
        let mut it = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        it.trim();
        it
    }

    /// Of words as [`Bitmap::words`] has them.
    pub fn of_words(words: Vec<u64>, len: usize) -> Self {
        debug_assert_eq!(words.len(), len.div_ceil(64));
        let mut it = Self { words, len };
        it.trim();
        it
    }

    pub const fn len(&self) -> usize {
        self.len
    }

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn has(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    pub fn set(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Adds a row after the last.
    pub fn push(&mut self, is_in: bool) {
        if self.len.is_multiple_of(64) {
            self.words.push(0);
        }
        self.len += 1;
        if is_in {
            self.set(self.len - 1);
        }
    }

    pub fn count(&self) -> usize {
        self.words.iter().map(|it| it.count_ones() as usize).sum()
    }

    /// The rows that are in it, rising.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }

    /// Sixty-four rows to a word, the first in the lowest bit; bits beyond [`Bitmap::len`] are 0 and stay so.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
        self
    }

    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
        self
    }

    #[must_use]
    pub fn complement(mut self) -> Self {
        self.words.iter_mut().for_each(|it| *it = !*it);
        self.trim();
        self
    }

    fn trim(&mut self) {
        if let Some(last) = self.words.last_mut().filter(|_| !self.len.is_multiple_of(64)) {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.words.capacity() * 8
    }
}

impl FromIterator<bool> for Bitmap {
    fn from_iter<T: IntoIterator<Item = bool>>(rows: T) -> Self {
        let mut it = Self::default();
        rows.into_iter().for_each(|is_in| it.push(is_in));
        it
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bitmap_is_a_set(rows in prop::collection::vec(any::<(bool, bool)>(), 0..200)) {
            let a: Bitmap = rows.iter().map(|it| it.0).collect();
            let b: Bitmap = rows.iter().map(|it| it.1).collect();
            let expect = |f: fn(&(bool, bool)) -> bool| rows.iter().map(f).collect::<Bitmap>();
            prop_assert_eq!(a.clone().and(&b), expect(|it| it.0 && it.1));
            prop_assert_eq!(a.clone().or(&b), expect(|it| it.0 || it.1));
            prop_assert_eq!(a.clone().complement(), expect(|it| !it.0));
            prop_assert_eq!(a.count(), rows.iter().filter(|it| it.0).count());
            let found: Vec<usize> = a.rows().collect();
            let wanted: Vec<usize> = (0..rows.len()).filter(|it| rows[*it].0).collect();
            prop_assert_eq!(found, wanted);
            prop_assert_eq!(Bitmap::all(rows.len()), Bitmap::none(rows.len()).complement());
        }
    }
}
