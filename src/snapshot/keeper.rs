//! Keeps the newest snapshot of every layer, and says when one changed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use tokio::sync::Notify;
use tokio::sync::broadcast;
use tokio::time::timeout_at;

use super::Snapshot;
use super::budget::Budget;
use super::queries;
use super::queries::Read;
use crate::config::Snapshots;
use crate::coverage::At;
use crate::coverage::Bounds;
use crate::db::Db;
use crate::layer::Layer;

/// The newest snapshots. Readers take what is there and never wait for one that is being built.
#[derive(Debug)]
pub struct Keeper {
    held: RwLock<BTreeMap<String, Kept>>,
    budget: Budget,
    begun: Instant,
    /// Milliseconds after `begun` at which the database was last heard, and one; 0 while nobody follows it.
    contact: AtomicU64,
    pub(super) woken: Notify,
    published: Notify,
    changes: broadcast::Sender<Change>,
}

/// What is known of a layer.
#[derive(Clone, Debug, Default)]
struct Kept {
    /// `None`: past the budget, or not read yet.
    snapshot: Option<Arc<Snapshot>>,
    bytes: usize,
    figures: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    build_seconds: f64,
    patches: u64,
    rebuilds: u64,
    is_beyond: bool,
}

/// A snapshot, and whether it may be behind.
#[derive(Clone, Debug)]
pub struct Held {
    pub snapshot: Arc<Snapshot>,
    /// The database has not been reached for a while, so that later changes may be missing.
    pub is_stale: bool,
}

/// A layer is at another revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub layer: String,
    pub revision: i64,
    /// West, south, east, north in degrees of what changed, as it was and as it is; `None`: it may be anywhere.
    pub bounds: Option<[f64; 4]>,
}

/// What `/metrics` tells of a layer.
#[derive(Clone, Debug)]
pub struct Figures {
    pub layer: String,
    pub is_held: bool,
    /// It does not fit into the budget of memory, and is read from the database.
    pub is_beyond: bool,
    pub bytes: usize,
    pub rows: usize,
    pub revision: i64,
    /// How long the last full reading took, from the first query to the finished shapes.
    pub build_seconds: f64,
    pub patches: u64,
    pub rebuilds: u64,
}

/// A follower looks once a second: after two without an answer something is wrong.
const STALE_AFTER: Duration = Duration::from_secs(2);
/// Changes that a slow listener may be behind before it is told that it missed some.
const CHANGES: usize = 256;

impl Default for Keeper {
    fn default() -> Self {
        Self::new(Snapshots::default())
    }
}

impl Keeper {
    pub fn new(settings: Snapshots) -> Self {
        Self {
            held: RwLock::default(),
            budget: Budget::new(settings),
            begun: Instant::now(),
            contact: AtomicU64::new(0),
            woken: Notify::new(),
            published: Notify::new(),
            changes: broadcast::channel(CHANGES).0,
        }
    }

    /// The newest snapshot of a layer; `None` while there is none, or when the layer is beyond its budget of memory, and is
    /// to be read from the database.
    pub fn get(&self, layer: &str) -> Option<Held> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let snapshot = held.get(layer)?.snapshot.clone()?;
        drop(held);
        Some(Held { snapshot, is_stale: self.is_stale() })
    }

    /// The held snapshot as soon as it is at `revision` or beyond, else what is held after `wait`; `None` at once when the
    /// layer is not held.
    pub async fn reach(&self, layer: &str, revision: i64, wait: Duration) -> Option<Held> {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            let mut published = std::pin::pin!(self.published.notified());
            // Before looking, or what is published in between would be missed.
            published.as_mut().enable();
            let held = self.get(layer)?;
            if held.snapshot.revision >= revision {
                return Some(held);
            }
            if timeout_at(deadline, published).await.is_err() {
                return self.get(layer);
            }
        }
    }

    /// Hears of every change from now on; a listener that lags behind is told that it missed some, and takes it that
    /// everything changed.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Has the follower look for changes now. What is committed announces itself, so nothing depends on it.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Whether the database has not been heard for a while; never where nobody follows it.
    pub fn is_stale(&self) -> bool {
        let contact = self.contact.load(Ordering::Relaxed);
        contact != 0 && self.begun.elapsed() > Duration::from_millis(contact) + STALE_AFTER
    }

    /// Reads a layer whole and keeps it. Fails when it does not fit into what the others leave of the budget.
    pub async fn read(&self, db: &Db, layer: &Layer) -> anyhow::Result<Held> {
        let from = Instant::now();
        let mut db = db.read_whole().await?;
        match queries::read(&mut db, layer, self.room(&layer.id), || {}).await? {
            Read::Beyond => anyhow::bail!("layer `{}` does not fit into memory_mb", layer.id),
            Read::Done(snapshot) => self.publish(snapshot, None, Some(from.elapsed())),
        };
        self.get(&layer.id).ok_or_else(|| anyhow::anyhow!("it was just put there"))
    }

    /// What `/metrics` tells, by layer.
    pub fn figures(&self) -> Vec<Figures> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let figures = held.iter().map(|(layer, it)| Figures {
            layer: layer.clone(),
            is_held: it.snapshot.is_some(),
            is_beyond: it.figures.is_beyond,
            bytes: it.bytes,
            rows: it.snapshot.as_ref().map_or(0, |it| it.len()),
            revision: it.snapshot.as_ref().map_or(0, |it| it.revision),
            build_seconds: it.figures.build_seconds,
            patches: it.figures.patches,
            rebuilds: it.figures.rebuilds,
        });
        figures.collect()
    }

    /// The database was heard.
    pub(super) fn heard(&self) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.contact.store(now + 1, Ordering::Relaxed);
    }

    /// Bytes that a layer may have: what the others leave.
    pub(super) fn room(&self, layer: &str) -> usize {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let others = held.iter().filter(|(id, _)| *id != layer).map(|(_, it)| it.bytes).sum();
        self.budget.0.saturating_sub(others)
    }

    /// Puts a snapshot in the place of the one that is held, unless that is at a later revision: then it stays, and the
    /// answer is false. `took` is for a full reading, `bounds` what changed since the one that is held.
    pub(super) fn publish(
        &self,
        snapshot: Snapshot,
        bounds: Option<Bounds>,
        took: Option<Duration>,
    ) -> bool {
        let (layer, revision) = (snapshot.layer.clone(), snapshot.revision);
        let bytes = snapshot.bytes();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let kept = held.entry(layer.clone()).or_default();
        let before = kept.snapshot.as_ref().map(|it| it.revision);
        if before.is_some_and(|it| it > revision) {
            return false;
        }
        let old = kept.snapshot.replace(Arc::new(snapshot));
        kept.bytes = bytes;
        kept.figures.is_beyond = false;
        match took {
            Some(it) => {
                kept.figures.build_seconds = it.as_secs_f64();
                kept.figures.rebuilds += 1;
            }
            None => kept.figures.patches += 1,
        }
        drop(held);
        // After the lock: freeing a million rows takes its time.
        drop(old);
        self.published.notify_waiters();
        if before != Some(revision) {
            self.announce(&layer, revision, bounds);
        }
        true
    }

    /// A layer that does not fit is not held.
    pub(super) fn give_up(&self, layer: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.entry(layer.to_owned()).or_default().figures.is_beyond = true;
        drop(held);
        self.forget(layer);
    }

    /// Lets go of a layer.
    pub(super) fn forget(&self, layer: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let kept = held.entry(layer.to_owned()).or_default();
        kept.bytes = 0;
        let old = kept.snapshot.take();
        drop(held);
        drop(old);
        self.published.notify_waiters();
    }

    /// Tells whoever listens.
    pub(super) fn announce(&self, layer: &str, revision: i64, bounds: Option<Bounds>) {
        // A change of rows without shapes changes no map, but its figures; it is told without a place.
        let bounds = bounds.filter(|it| *it != Bounds::NOWHERE).map(degrees);
        // Nobody listening is no failure.
        let _ = self.changes.send(Change { layer: layer.to_owned(), revision, bounds });
    }
}

fn degrees(it: Bounds) -> [f64; 4] {
    let (west, north) = it.min.to_degrees();
    let (east, south) = At { x: it.max.x, y: it.max.y }.to_degrees();
    [west, south, east, north]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Layers;
    use crate::snapshot::Builder;

    fn snapshot(revision: i64) -> Snapshot {
        let layers = Layers::load(None).unwrap();
        let layer = layers.find("towns").unwrap();
        Snapshot::new("towns", revision, Builder::new(layer).finish(None))
    }

    #[tokio::test]
    async fn revisions_only_rise_and_whoever_waits_for_one_gets_it() {
        let keeper = Keeper::default();
        let wait = Duration::from_millis(20);
        assert!(keeper.reach("towns", 1, wait).await.is_none());
        let mut changes = keeper.changes();
        assert!(keeper.publish(snapshot(3), None, Some(wait)));
        assert!(!keeper.publish(snapshot(2), None, Some(wait)));
        // The same rows in another form: nothing to tell.
        assert!(keeper.publish(snapshot(3), None, Some(wait)));
        assert_eq!(keeper.reach("towns", 4, wait).await.unwrap().snapshot.revision, 3);
        let (reached, ()) = tokio::join!(keeper.reach("towns", 5, Duration::from_mins(1)), async {
            keeper.publish(snapshot(4), Some(Bounds::NOWHERE), None);
            tokio::task::yield_now().await;
            keeper.publish(
                snapshot(6),
                Some(Bounds { min: At { x: 0, y: 0 }, max: At { x: 1 << 31, y: 1 << 31 } }),
                None,
            );
        });
        assert_eq!(reached.unwrap().snapshot.revision, 6);
        let told: Vec<Change> = std::iter::from_fn(|| changes.try_recv().ok()).collect();
        assert_eq!(told.iter().map(|it| it.revision).collect::<Vec<_>>(), [3, 4, 6]);
        let [west, south, east, north] = told[2].bounds.unwrap();
        let expected = [-180.0, 0.0, 0.0, 85.0511];
        let near =
            [west, south, east, north].iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(near, "{told:?}");
        keeper.give_up("towns");
        assert!(keeper.reach("towns", 7, Duration::from_mins(1)).await.is_none());
    }

    #[test]
    fn without_a_follower_nothing_is_stale() {
        let keeper = Keeper::default();
        assert!(!keeper.is_stale());
        keeper.heard();
        assert!(!keeper.is_stale());
    }
}
