//! One tile of an archive: the same bytes as over HTTP, those of several layers in one, compressed.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use flate2::Compression;
use flate2::GzBuilder;

use crate::access::Scope;
use crate::app::App;
use crate::error::Error;
use crate::tile::Address;
use crate::tile::Request;

use super::Plan;
use super::cover::Candidate;

/// All that it takes to make a tile, for a task of its own.
#[derive(Clone)]
pub(super) struct Maker {
    app: App,
    scope: Scope,
    /// With their revisions.
    layers: Arc<Vec<(String, i64)>>,
}

/// How often a tile is tried when the database is busy.
const TRIES: u32 = 5;

impl Maker {
    pub(super) fn new(app: &App, scope: &Scope, plan: &Plan) -> Self {
        let layers = plan.layers.iter().map(|it| (it.id.clone(), it.revision)).collect();
        Self { app: app.clone(), scope: scope.clone(), layers: Arc::new(layers) }
    }

    /// The tile as an archive holds it: what the layers have in it, one after the other, compressed; empty when that is
    /// nothing.
    pub(super) async fn make(&self, tile: Candidate) -> anyhow::Result<Vec<u8>> {
        let address = Address::new(tile.z, tile.x, tile.y)?;
        let mut raw = Vec::new();
        for (at, (id, revision)) in self.layers.iter().enumerate() {
            if tile.layers & (1 << at) == 0 {
                continue;
            }
            let layer = self.app.layers.find(id).context("a layer of the plan")?;
            let request = Request { layer, address, revision: *revision, filter: None };
            let mut tries = 0;
            let made = loop {
                match request.tile(&self.app, &self.scope).await {
                    Err(Error::Busy(_)) if tries < TRIES => {
                        tries += 1;
                        tokio::time::sleep(Duration::from_millis(200) * tries).await;
                    }
                    other => break other?,
                }
            };
            raw.extend_from_slice(&made);
        }
        if raw.is_empty() {
            return Ok(raw);
        }
        // Neither a time nor a system in its head.
        let mut gzip = GzBuilder::new()
            .mtime(0)
            .operating_system(255)
            .write(Vec::with_capacity(raw.len() / 2), Compression::default());
        gzip.write_all(&raw)?;
        Ok(gzip.finish()?)
    }
}
