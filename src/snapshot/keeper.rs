//! Keeps the newest snapshot of every layer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use super::Snapshot;
use super::queries;
use crate::db::Db;
use crate::layer::Layer;

/// The newest snapshots. Readers take what is there and never wait for one that is being built.
#[derive(Debug, Default)]
pub struct Keeper {
    held: RwLock<HashMap<String, Held>>,
}

/// A snapshot, and whether it may be behind.
#[derive(Clone, Debug)]
pub struct Held {
    pub snapshot: Arc<Snapshot>,
    /// The database has not been reached for a while, so that later changes may be missing.
    pub is_stale: bool,
}

impl Keeper {
    /// The newest snapshot of a layer; `None` while there is none, or when the layer is beyond its budget of memory, and is
    /// to be read from the database.
    pub fn get(&self, layer: &str) -> Option<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).get(layer).cloned()
    }

    /// Reads a layer whole and keeps it.
    pub async fn read(&self, db: &Db, layer: &Layer) -> anyhow::Result<Held> {
        let snapshot = Arc::new(queries::read(db, layer).await?);
        let held = Held { snapshot, is_stale: false };
        let mut all = self.held.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(layer.id.clone(), held.clone());
        Ok(held)
    }
}
