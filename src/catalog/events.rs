//! `/api/v1/events`: what changed, as it changes, for maps that are open. A stream begins with the revisions of all layers
//! that its reader may read, so nothing depends on having listened before, and goes on with what each change touched.
//! Where the changes come from is `snapshot`'s business.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::access::Scope;
use crate::app::App;
use crate::error::Result;
use crate::layer::Geometry;
use crate::layer::Layer;
use crate::snapshot::Change;

use super::queries;

/// The event that a stream begins with, and that follows when some changes were missed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Revisions {
    /// Layers that the reader may read and a map draws.
    pub layers: Vec<Revision>,
}

#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Revision {
    pub layer: String,
    pub revision: i64,
}

/// A layer is at another revision.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Changed {
    pub layer: String,
    pub revision: i64,
    /// West, south, east, north in degrees of what changed, as it was and as it is. Null: it may be anywhere, or is not told
    /// to an account that answers for some units only.
    pub bbox: Option<[f64; 4]>,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    Revisions(Revisions),
    Changed(Changed),
}

/// What one reader is told.
#[derive(Debug)]
pub struct Feed {
    app: App,
    scope: Scope,
    changes: Receiver<Change>,
    /// The revisions that were told.
    known: HashMap<String, i64>,
}

fn is_told(layer: &Layer, scope: &Scope) -> bool {
    layer.geometry != Geometry::None && layer.readable(scope)
}

impl Feed {
    /// From now on.
    pub fn new(app: App, scope: Scope) -> Self {
        let changes = app.snapshots.changes();
        Self { app, scope, changes, known: HashMap::new() }
    }

    /// The revisions as they are. Listening came first, so what is committed meanwhile is told afterwards.
    pub async fn revisions(&mut self) -> Result<Revisions> {
        let mut db = self.app.db.read(&self.scope).await?;
        let states = queries::states(&mut db, &self.app.layers, &self.scope).await?;
        drop(db);
        self.known = states.into_iter().map(|it| (it.layer, it.revision)).collect();
        let layers = self.app.layers.layers.values().filter(|it| is_told(it, &self.scope));
        let layers = layers.map(|it| Revision {
            layer: it.id.clone(),
            revision: self.known.get(&it.id).copied().unwrap_or_default(),
        });
        Ok(Revisions { layers: layers.collect() })
    }

    /// The next thing to tell; `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Result<Told>> {
        loop {
            match self.changes.recv().await {
                Ok(change) => {
                    if let Some(told) = self.told(change) {
                        return Some(Ok(Told::Changed(told)));
                    }
                }
                // A slow reader learns where everything stands instead of what it missed.
                Err(RecvError::Lagged(_)) => {
                    return Some(self.revisions().await.map(Told::Revisions));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The change as the scope may know it.
    fn told(&mut self, change: Change) -> Option<Changed> {
        let layer = self.app.layers.find(&change.layer).filter(|it| is_told(it, &self.scope))?;
        let known = self.known.entry(layer.id.clone()).or_default();
        if change.revision <= *known {
            return None;
        }
        // What lies between was not told, so where it changed is not known.
        let is_next = change.revision == *known + 1;
        *known = change.revision;
        let bbox = change.bounds.filter(|_| is_next && self.scope.responsible_units.is_none());
        Some(Changed { layer: change.layer, revision: change.revision, bbox })
    }
}

/// How many streams there are at this node, and whose.
#[derive(Clone, Debug)]
pub struct Streams {
    counts: Arc<Mutex<HashMap<Reader, usize>>>,
    most: usize,
}

/// Who reads: an account, or the public from one address, which may be a whole office.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Reader {
    Account(String),
    Address(Option<IpAddr>),
}

/// Streams of one account: as many as it has maps open.
const OF_ACCOUNT: usize = 12;
/// Of everybody together by default: half of the connections.
const PART: usize = 2;

/// One open stream; gives its place back when it ends.
#[derive(Debug)]
pub struct Stream {
    streams: Streams,
    reader: Reader,
}

impl Streams {
    /// Within the bound on connections.
    pub fn new(connections: usize) -> Self {
        Self { counts: Arc::default(), most: (connections / PART).max(2) }
    }

    /// A place for one more, if there is one.
    pub fn take(&self, scope: &Scope) -> Option<Stream> {
        let reader = match &scope.account {
            Some(it) => Reader::Account(it.clone()),
            None => Reader::Address(scope.client),
        };
        let of_one = match reader {
            Reader::Account(_) => OF_ACCOUNT,
            Reader::Address(_) => self.most / 2,
        };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= self.most
            || counts.get(&reader).is_some_and(|it| *it >= of_one)
        {
            return None;
        }
        *counts.entry(reader.clone()).or_default() += 1;
        Some(Stream { streams: self.clone(), reader })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut counts = self.streams.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.reader) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.reader);
            }
        }
    }
}

/// How often something is sent where nothing happens, so that no proxy takes the connection for dead.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// After so long a reader has to come again, and to be let in again.
pub const FOR: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_bounded_and_give_their_places_back() {
        let streams = Streams::new(60);
        let public = Scope { client: Some(IpAddr::from([192, 0, 2, 1])), ..Scope::public() };
        let elsewhere = Scope { client: Some(IpAddr::from([192, 0, 2, 2])), ..Scope::public() };
        let officer = Scope { account: Some("a".to_owned()), ..public.clone() };
        let mut open: Vec<Stream> = (0..15).map(|_| streams.take(&public).unwrap()).collect();
        assert!(streams.take(&public).is_none());
        open.extend((0..OF_ACCOUNT).map(|_| streams.take(&officer).unwrap()));
        assert!(streams.take(&officer).is_none());
        open.extend((0..3).map(|_| streams.take(&elsewhere).unwrap()));
        assert!(streams.take(&elsewhere).is_none(), "all places are taken");
        open.remove(0);
        assert!(streams.take(&elsewhere).is_some());
        drop(open);
        assert!(streams.counts.lock().unwrap().is_empty());
    }
}
