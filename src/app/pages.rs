//! What was last told of features, under the revision that it was told of: pages that everybody may read, as they were
//! written, and how many rows a selection has. How both are made is `ogc`'s and `export`'s business. A revision that moves
//! on is simply never asked for again.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use sha2::Digest;
use sha2::Sha256;

use super::Encoding;
use crate::crs::Crs;

/// Bytes of pages that are kept.
const PAGES: u64 = 32 << 20;
/// Counts that are kept.
const COUNTS: u64 = 10_000;
/// Questions that are remembered: 256 KB.
const LATELY: usize = 1 << 15;
/// A count that took too long once may have met a busy moment.
const COUNTED_FOR: Duration = Duration::from_mins(5);
/// What the cache itself needs for an entry.
const ENTRY: usize = 200;

/// What a page or a count is of: a digest, as questions are of any length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked([u8; 32]);

impl Asked {
    /// A question about a layer at a revision, of any number of parts.
    pub fn of<'a>(layer: &'a str, revision: i64, parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut digest = Sha256::new();
        digest.update(revision.to_be_bytes());
        for part in std::iter::once(layer).chain(parts) {
            // With the length before it no two questions run together to the same bytes.
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        Self(digest.finalize().into())
    }
}

/// A page as it is sent.
#[derive(Clone, Debug)]
pub struct KeptPage {
    pub media_type: &'static str,
    /// What coordinates are in.
    pub crs: Crs,
    pub encoding: Encoding,
    pub bytes: Bytes,
}

/// Questions of late, each in the one place that is its own: whether a page that costs little is asked for again. Of two in one
/// place the first is forgotten.
#[derive(Debug)]
pub struct Lately(Box<[AtomicU64]>);

impl Lately {
    fn new(places: usize) -> Self {
        Self((0..places).map(|_| AtomicU64::new(0)).collect())
    }

    /// Whether it was asked of late; from now on it was.
    pub fn asked(&self, asked: &Asked) -> bool {
        let mut mark = [0; 8];
        mark.copy_from_slice(&asked.0[..8]);
        let mark = u64::from_be_bytes(mark);
        let place = usize::try_from(mark % self.0.len() as u64).unwrap_or_default();
        self.0[place].swap(mark, Ordering::Relaxed) == mark
    }
}

/// Pages that everybody may read.
pub type PageCache = Cache<Asked, KeptPage>;
/// How many rows there are; nothing where it took too long to know.
pub type CountCache = Cache<Asked, Option<i64>>;

pub(super) fn pages() -> PageCache {
    Cache::builder()
        .max_capacity(PAGES)
        .weigher(|_, page: &KeptPage| u32::try_from(page.bytes.len() + ENTRY).unwrap_or(u32::MAX))
        .build()
}

pub(super) fn lately() -> Lately {
    Lately::new(LATELY)
}

pub(super) fn counts() -> CountCache {
    Cache::builder().max_capacity(COUNTS).time_to_live(COUNTED_FOR).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_that_differ_in_anything_are_different() {
        let asked = [
            Asked::of("parcels", 1, ["a", "b"]),
            Asked::of("parcels", 1, ["ab"]),
            Asked::of("parcels", 1, ["a", "b", ""]),
            Asked::of("parcels", 2, ["a", "b"]),
            Asked::of("parcel", 1, ["sa", "b"]),
        ];
        for (nth, it) in asked.iter().enumerate() {
            assert!(!asked[..nth].contains(it), "{nth}");
        }
        assert_eq!(asked[0], Asked::of("parcels", 1, ["a", "b"]));
    }
    #[test]
    fn a_question_was_asked_of_late_until_another_takes_its_place() {
        let lately = Lately::new(2);
        let asked = |nth: i64| Asked::of("parcels", nth, []);
        assert!(!lately.asked(&asked(1)));
        assert!(lately.asked(&asked(1)));
        // So many that both places were taken since.
        let again = (2..20).filter(|nth| lately.asked(&asked(*nth))).count();
        assert_eq!(again, 0);
        assert!(!lately.asked(&asked(1)));
        assert!(lately.asked(&asked(1)));
    }
}
