//! Vector tiles: a layer, a zoom, a column and a row become MVT bytes for one scope. Tiles are asked for through
//! [`Request::tile`]; what answers it (PostGIS today) is behind that one function.

use std::sync::Arc;

use anyhow::anyhow;

use crate::access::Scope;
use crate::app::App;
use crate::catalog;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;

pub mod archive;
pub mod queries;
pub mod routes;

/// Width of a tile in its own units, and the margin drawn around it.
pub const EXTENT: i32 = 4096;
/// In tile units.
pub const BUFFER: i32 = 64;

/// A tile's address in the web map's grid (EPSG:3857, rows from the north).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

impl Address {
    /// Fails when the tile lies outside the grid.
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self> {
        if z > 22 {
            return Err(Error::parameter("z", "0..22"));
        }
        let side = 1_u32 << z;
        for (name, value) in [("x", x), ("y", y)] {
            if value >= side {
                return Err(Error::parameter(name, format!("0..{} at zoom {z}", side - 1)));
            }
        }
        Ok(Self { z, x, y })
    }
}

/// A tile that somebody wants.
#[derive(Debug)]
pub struct Request<'a> {
    pub layer: &'a Layer,
    pub address: Address,
    pub revision: i64,
    /// CQL2 text.
    pub filter: Option<&'a str>,
}

impl Request<'_> {
    /// The tile's bytes; empty when nothing lies in it. Two requests for one tile at once do the work once.
    pub async fn tile(&self, app: &App, scope: &Scope) -> Result<Arc<Vec<u8>>> {
        let Address { z, x, y } = self.address;
        if z < self.layer.zooms.min || z > self.layer.zooms.max {
            return Ok(Arc::default());
        }
        let filter = self.filter.map(ToOwned::to_owned);
        // Before the cache: a filter that names what this scope may not read is refused, never answered from memory.
        let fragment = match self.filter {
            Some(text) => {
                Some(catalog::filter::compile(self.layer, scope, text, queries::FIRST_FREE)?)
            }
            None => None,
        };
        let key = (self.layer.id.clone(), self.revision, scope.class(), z, x, y, filter);
        let made = app.tiles.try_get_with(key, async {
            let mut db = app.db.read(scope).await?;
            queries::tile(&mut db, scope, self.layer, self.address, fragment.as_ref())
                .await
                .map(Arc::new)
        });
        made.await.map_err(|error| match &*error {
            Error::Busy(what) => Error::Busy(what),
            Error::BadInput { at, why } => Error::BadInput { at: at.clone(), why: why.clone() },
            other => Error::Internal(
                anyhow!("{other:?}").context(format!("tile {z}/{x}/{y} of `{}`", self.layer.id)),
            ),
        })
    }
}
