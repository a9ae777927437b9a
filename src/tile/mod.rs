//! Vector tiles: a layer, a grid, a level, a column and a row become MVT bytes for one scope. They are asked for through
//! [`Request::tile`]; [`draw`] makes them from the snapshot, and PostGIS where there is none. How they are compressed, kept
//! and sent is `serve`'s and `routes`' business.

use std::sync::Arc;

use crate::access::Scope;
use crate::app::App;
use crate::app::Encoding;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;

pub mod archive;
pub mod draw;
pub mod encoding;
mod fresh;
mod grid;
pub mod queries;
pub mod routes;
mod serve;
mod tilejson;

pub use grid::Degrees;
pub use grid::Grid;
pub use tilejson::level;

/// Width of a tile in its own units, and the margin drawn around it.
pub const EXTENT: i32 = 4096;
/// In tile units.
pub const BUFFER: i32 = 64;

/// A tile's address; rows from the north.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    pub grid: Grid,
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

impl Address {
    /// In the web map's grid. Fails when the tile lies outside.
    pub fn new(z: u8, x: u32, y: u32) -> Result<Self> {
        Self::in_grid(Grid::WebMercatorQuad, z, x, y)
    }

    /// Fails when the tile lies outside the grid.
    pub fn in_grid(grid: Grid, z: u8, x: u32, y: u32) -> Result<Self> {
        let (least, most) = grid.levels();
        if z < least || z > most {
            return Err(Error::parameter("z", format!("{least}..{most}")));
        }
        let (columns, rows) = grid.size(z);
        for (name, value, side) in [("x", x, columns), ("y", y, rows)] {
            if value >= side {
                return Err(Error::parameter(name, format!("0..{} at zoom {z}", side - 1)));
            }
        }
        Ok(Self { grid, z, x, y })
    }
}

/// A tile that somebody wants.
#[derive(Debug)]
pub struct Request<'a> {
    pub layer: &'a Layer,
    pub address: Address,
    /// Of the rows that the record has; a layer that is in memory is drawn as it is there.
    pub revision: i64,
    /// CQL2 text.
    pub filter: Option<&'a str>,
}

impl Request<'_> {
    /// The tile's bytes; empty when nothing lies in it. Two requests for one tile at once do the work once.
    pub async fn tile(&self, app: &App, scope: &Scope) -> Result<Arc<Vec<u8>>> {
        let held = app.snapshots.get(&self.layer.id);
        let revision = held.as_ref().map_or(self.revision, |it| it.snapshot.revision);
        let wanted = serve::Wanted {
            layers: vec![serve::Of { layer: self.layer, revision, held }],
            address: self.address,
            filter: self.filter,
        };
        let tile = wanted.tile(app, scope, Encoding::Identity).await?;
        Ok(Arc::new(tile.bytes.to_vec()))
    }
}
