//! The revision that each layer is at, as the record told it a moment ago: pages that everybody may read are asked for far
//! more often than anything changes. Nobody is told what was true longer ago than [`MOMENT`], nor, after a change by this
//! process, what was true before it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

/// For how long what the record told is taken for true. What another process changed in the meantime might as well have been
/// on its way for that long.
const MOMENT: Duration = Duration::from_millis(20);

/// What the record told last.
#[derive(Debug, Default)]
pub(super) struct Revisions(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    /// By layer, with the time at which the record was asked: it looked after that.
    of: HashMap<Box<str>, (i64, Instant)>,
    changed_at: Option<Instant>,
}

impl Revisions {
    /// What was told of the layer, if that still counts.
    pub(super) fn told(&self, layer: &str, now: Instant) -> Option<i64> {
        let told = self.lock();
        let (revision, asked_at) = *told.of.get(layer)?;
        let is_recent = now.saturating_duration_since(asked_at) < MOMENT;
        (is_recent && told.changed_at.is_none_or(|it| it < asked_at)).then_some(revision)
    }

    /// Notes what the record told whoever asked it at that time.
    pub(super) fn note(&self, layer: &str, revision: i64, asked_at: Instant) {
        let mut told = self.lock();
        match told.of.get_mut(layer) {
            // Who asked first may be answered last.
            Some(it) if it.1 >= asked_at => {}
            Some(it) => *it = (revision, asked_at),
            None => {
                told.of.insert(layer.into(), (revision, asked_at));
            }
        }
    }

    /// What was told so far counts no more.
    pub(super) fn forget(&self, now: Instant) {
        self.lock().changed_at = Some(now);
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_counts_for_a_moment() {
        let (revisions, start) = (Revisions::default(), Instant::now());
        assert_eq!(revisions.told("parcels", start), None);
        revisions.note("parcels", 7, start);
        assert_eq!(revisions.told("parcels", start + MOMENT / 2), Some(7));
        assert_eq!(revisions.told("enterprises", start), None);
        assert_eq!(revisions.told("parcels", start + MOMENT), None);
        // An answer that was long on its way does not take the place of a later one.
        revisions.note("parcels", 9, start + MOMENT);
        revisions.note("parcels", 8, start + MOMENT / 2);
        assert_eq!(revisions.told("parcels", start + MOMENT), Some(9));
    }

    #[test]
    fn after_a_change_only_what_was_asked_for_later_counts() {
        let (revisions, start) = (Revisions::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);
        revisions.note("parcels", 7, start);
        revisions.forget(at(1));
        assert_eq!(revisions.told("parcels", at(1)), None);
        // The record looked before the change, and answered after it.
        revisions.note("parcels", 7, at(1));
        assert_eq!(revisions.told("parcels", at(2)), None);
        revisions.note("parcels", 8, at(3));
        assert_eq!(revisions.told("parcels", at(4)), Some(8));
    }
}
