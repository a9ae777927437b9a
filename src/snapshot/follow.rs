//! Follows the database: reads every drawn layer after the start, the smallest first, then catches up with what is committed.
//! A notification wakes, a look each second stands behind it, and nothing depends on either arriving in order or at all: what
//! was missed is seen by comparing revisions. While the database is away the last good snapshots stay.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use tokio::sync::Notify;
use tokio::time::sleep;

use super::Keeper;
use super::Snapshot;
use super::queries;
use super::queries::Caught;
use super::queries::Head;
use super::queries::Read;
use crate::db::Db;
use crate::db::Whole;
use crate::layer::Geometry;
use crate::layer::Kind;
use crate::layer::Layer;
use crate::layer::Layers;

/// What is notified at every commit that changes a layer.
const CHANNEL: &str = "mutu_layer";
/// How often the follower looks for itself.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// Layers of fewer rows are read anew at once; a larger one waits for its turn, so that it keeps nobody from catching up.
const SMALL: i64 = 5_000;
/// Rows read for patches that are never too many.
const PILED: usize = 500;
/// A layer that could not be read for a reason of its own is tried again after so long, doubled each time up to …
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// … this.
const AGAIN_AT_LAST: Duration = Duration::from_mins(2);

/// One run of [`Keeper::follow`].
struct Follower<'a> {
    keeper: &'a Keeper,
    db: &'a Db,
    layers: Vec<&'a Layer>,
    state: Mutex<State>,
    asked: Notify,
}

#[derive(Default)]
struct State {
    /// Layers that are to be read whole, with about as many rows.
    wanted: HashMap<String, i64>,
    /// The one that is being read.
    reading: Option<String>,
    /// Layers that did not fit, with the rows that they had, and the revision that was last told of.
    beyond: HashMap<String, (i64, i64)>,
    /// Layers that could not be read: when to try again, and how long to wait after that.
    failed: HashMap<String, (Instant, Duration)>,
    /// Layers that were found at an earlier revision than is held.
    behind: HashMap<String, i64>,
}

impl Keeper {
    /// Keeps up with the database for as long as it is polled; it never ends. One for each process. It needs direct
    /// connections to the primary ([`Db::read_whole`]).
    pub async fn follow(&self, db: &Db, layers: &Layers) {
        let layers = layers.layers.values().filter(|it| it.geometry != Geometry::None);
        let follower = Follower {
            keeper: self,
            db,
            layers: layers.collect(),
            state: Mutex::default(),
            asked: Notify::new(),
        };
        let (catch_up, read) = (Box::pin(follower.catch_up()), Box::pin(follower.read()));
        tokio::join!(Box::pin(follower.hear()), catch_up, read);
        std::future::pending::<()>().await;
    }
}

impl Follower<'_> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whenever something is committed.
    async fn hear(&self) {
        while !self.db.is_closed() {
            if let Ok(mut listener) = self.db.listen(CHANNEL).await {
                // Whatever was notified before is seen by looking.
                self.keeper.wake();
                while let Ok(Some(_)) = listener.try_recv().await {
                    while listener.next_buffered().is_some() {}
                    self.db.changed();
                    self.keeper.wake();
                }
            }
            sleep(POLL_EVERY).await;
        }
    }

    /// Looks for changes, at every call and each second.
    async fn catch_up(&self) {
        let mut db = None;
        let mut is_away = false;
        while !self.db.is_closed() {
            match self.look(&mut db).await {
                Ok(()) if is_away => {
                    is_away = false;
                    tracing::info!(
                        "地图内存重新与数据库同步 / the map in memory follows the database again"
                    );
                }
                Ok(()) => {}
                Err(error) => {
                    db = None;
                    if !is_away && !self.db.is_closed() {
                        is_away = true;
                        tracing::error!(
                            error = format!("{error:#}"),
                            "数据库失去联系，地图停留在最后的状态 / the database cannot be reached: the map stays as it last was"
                        );
                    }
                }
            }
            let woken = self.keeper.woken.notified();
            tokio::select! {
                () = woken, if !is_away => {}
                () = sleep(POLL_EVERY) => {}
            }
        }
    }

    /// Compares all revisions once. Fails when the database cannot be reached.
    async fn look(&self, kept: &mut Option<Whole>) -> anyhow::Result<()> {
        let db = match kept {
            Some(it) => it,
            None => kept.insert(self.db.read_whole().await?),
        };
        let heads = queries::heads(db).await?;
        self.keeper.heard();
        for layer in &self.layers {
            let head = heads.iter().find(|it| it.layer == layer.id);
            let unknown = Head { layer: layer.id.clone(), revision: 0, rows: 0 };
            let caught = self.compare(db, layer, head.unwrap_or(&unknown)).await;
            if !matches!(caught, Ok(true)) {
                // Its transaction may be open, or its answer on the way.
                *kept = None;
                caught.or_else(|error| self.failed(layer, error).map(|()| false))?;
                // The others have their turn at the next look, which this layer sits out.
                self.keeper.wake();
                return Ok(());
            }
        }
        Ok(())
    }

    /// Brings a layer up to date, or has it done. False when the connection is of no more use.
    async fn compare(&self, db: &mut Whole, layer: &Layer, head: &Head) -> anyhow::Result<bool> {
        let Some(held) = self.keeper.get(&layer.id) else {
            self.want(head, None);
            return Ok(true);
        };
        let snapshot = held.snapshot;
        if head.revision < snapshot.revision {
            self.rewound(head, &snapshot);
            return Ok(true);
        }
        if head.revision == snapshot.revision || !self.may_try(&layer.id) {
            return Ok(true);
        }
        match queries::catch_up(db, layer, &snapshot).await? {
            Caught::Current => {}
            Caught::Patched { snapshot, bounds } => {
                // Reading for patches costs by now what reading all costs: then all is read once, in the background.
                let is_piled = snapshot.spent() > snapshot.base.len().max(PILED);
                self.keeper.publish(snapshot, Some(bounds), None);
                if is_piled {
                    self.want(head, Some(head.rows));
                }
            }
            Caught::Whole if head.rows.max(rows(&snapshot)) <= SMALL => {
                return self.read_layer(db, layer, head.rows).await;
            }
            Caught::Whole => self.want(head, Some(rows(&snapshot))),
        }
        self.keeper.heard();
        self.state().failed.remove(&layer.id);
        Ok(true)
    }

    /// A database that was restored from an earlier day knows less than is held. It may also just have been asked before
    /// the last reading ended, so it has to say so twice.
    fn rewound(&self, head: &Head, held: &Snapshot) {
        let mut state = self.state();
        let seen = state.behind.insert(head.layer.clone(), held.revision);
        if seen == Some(held.revision) && state.reading.as_deref() != Some(&head.layer) {
            state.behind.remove(&head.layer);
            drop(state);
            tracing::warn!(
                layer = head.layer,
                held = held.revision,
                revision = head.revision,
                "数据库回到了更早的版本，重新读取 / the database is at an earlier revision than the map, which is read anew"
            );
            self.keeper.forget(&head.layer);
            self.want(head, None);
        }
    }

    /// Asks for a full reading; `rows` is how many there are about, where somebody knows better than the head.
    fn want(&self, head: &Head, rows: Option<i64>) {
        let mut state = self.state();
        if let Some((rows, told)) = state.beyond.get_mut(&head.layer) {
            if *told != head.revision {
                *told = head.revision;
                // Its tiles come from the database, and change all the same.
                self.keeper.announce(&head.layer, head.revision, None);
            }
            // Only once it lost a tenth of its rows it may fit.
            if head.rows.saturating_mul(10) >= rows.saturating_mul(9) {
                return;
            }
        }
        if state.reading.as_deref() != Some(&head.layer) {
            state.wanted.insert(head.layer.clone(), rows.unwrap_or(head.rows));
            self.asked.notify_one();
        }
    }

    fn may_try(&self, layer: &str) -> bool {
        self.state().failed.get(layer).is_none_or(|(at, _)| *at <= Instant::now())
    }

    /// Notes that a layer could not be read. Passes on that the database cannot be reached: that is told once, for all layers.
    fn failed(&self, layer: &Layer, error: anyhow::Error) -> anyhow::Result<()> {
        if queries::is_outage(&error) {
            return Err(error);
        }
        let mut state = self.state();
        let wait = state.failed.get(&layer.id).map_or(AGAIN_AFTER, |(_, wait)| *wait);
        state
            .failed
            .insert(layer.id.clone(), (Instant::now() + wait, (wait * 2).min(AGAIN_AT_LAST)));
        if wait == AGAIN_AFTER {
            tracing::error!(
                layer = layer.id,
                error = format!("{error:#}"),
                "图层无法读入内存，稍后再试 / a layer cannot be read into memory, it is tried again"
            );
        }
        Ok(())
    }

    /// Reads whole layers, one after another.
    async fn read(&self) {
        let mut db = None;
        while !self.db.is_closed() {
            let asked = self.asked.notified();
            let Some((layer, rows)) = self.next() else {
                // A connection that is needed once a day is not kept.
                db = None;
                // Some of what is wanted may have to wait.
                tokio::select! { () = asked => {}, () = sleep(POLL_EVERY) => {} }
                continue;
            };
            let read = self.read_on(&mut db, layer, rows).await;
            self.state().reading = None;
            match read {
                Ok(()) => self.keeper.wake(),
                Err(error) => {
                    db = None;
                    self.state().wanted.insert(layer.id.clone(), rows);
                    // An outage is told by who looks every second.
                    if self.failed(layer, error).is_err() {
                        sleep(POLL_EVERY).await;
                    }
                }
            }
        }
    }

    /// Takes the smallest layer that is wanted; those that an evaluation made after those that were imported, as their rows
    /// take long to find and the map is useful without them.
    fn next(&self) -> Option<(&Layer, i64)> {
        let now = Instant::now();
        let mut state = self.state();
        let may = |it: &str| state.failed.get(it).is_none_or(|(at, _)| *at <= now);
        let wanted = state.wanted.iter().filter(|(it, _)| may(it));
        let wanted = wanted.filter_map(|(id, rows)| {
            let layer = *self.layers.iter().find(|it| it.id == *id)?;
            Some((layer.kind == Kind::Derived, *rows, layer))
        });
        let (_, rows, layer) = wanted.min_by_key(|it| (it.0, it.1, it.2.id.as_str()))?;
        state.wanted.remove(&layer.id);
        state.reading = Some(layer.id.clone());
        Some((layer, rows))
    }

    async fn read_on(
        &self,
        kept: &mut Option<Whole>,
        layer: &Layer,
        rows: i64,
    ) -> anyhow::Result<()> {
        let db = match kept {
            Some(it) => it,
            None => kept.insert(self.db.read_whole().await?),
        };
        let read = self.read_layer(db, layer, rows).await;
        if matches!(read, Ok(false)) {
            // It was left in the middle.
            *kept = None;
        }
        read.map(|_| ())
    }

    /// Reads a layer whole, brings it to the revision that others may have reached meanwhile, and shows it. False when it
    /// does not fit: then the connection is of no more use.
    async fn read_layer(&self, db: &mut Whole, layer: &Layer, rows: i64) -> anyhow::Result<bool> {
        let from = Instant::now();
        let room = self.keeper.room(&layer.id);
        let read = queries::read(db, layer, room, || self.keeper.heard()).await?;
        let Read::Done(mut snapshot) = read else {
            self.beyond(layer, rows, room);
            return Ok(false);
        };
        let took = from.elapsed();
        tracing::debug!(
            layer = layer.id,
            rows = snapshot.len(),
            seconds = took.as_secs_f64(),
            "layer read"
        );
        // Patches may have been shown while it was read: it must not fall behind them.
        for _ in 0..5 {
            // What was committed meanwhile is shown as a patch first, which knows where it is; after a mere change of form
            // no map has to look again.
            if let Some(held) = self.keeper.get(&layer.id)
                && let Caught::Patched { snapshot, bounds } =
                    queries::catch_up(db, layer, &held.snapshot).await?
            {
                self.keeper.publish(snapshot, Some(bounds), None);
            }
            match queries::catch_up(db, layer, &snapshot).await? {
                Caught::Patched { snapshot: it, .. } => snapshot = it,
                Caught::Current | Caught::Whole => {}
            }
            if self.keeper.publish(snapshot.clone(), None, Some(took)) {
                break;
            }
        }
        let mut state = self.state();
        state.failed.remove(&layer.id);
        state.beyond.remove(&layer.id);
        Ok(true)
    }

    fn beyond(&self, layer: &Layer, rows: i64, room: usize) {
        let told = self.keeper.get(&layer.id).map_or(0, |it| it.snapshot.revision);
        self.keeper.give_up(&layer.id);
        self.state().beyond.insert(layer.id.clone(), (rows, told));
        tracing::warn!(
            layer = layer.id,
            rows,
            room_mb = room >> 20,
            "图层超出内存预算，改由数据库提供 / a layer does not fit into [snapshot] memory_mb and is served from the database"
        );
    }
}

fn rows(snapshot: &Snapshot) -> i64 {
    i64::try_from(snapshot.len()).unwrap_or(i64::MAX)
}
