//! Tiles of one layer or several as they are sent: made once for all who wait, from memory or from the record, compressed
//! once, and kept.

use std::sync::Arc;

use anyhow::Context;
use anyhow::anyhow;

use super::Address;
use super::Grid;
use super::draw;
use super::draw::Budget;
use super::draw::Chosen;
use super::encoding;
use super::queries;
use crate::access::Scope;
use crate::app::App;
use crate::app::Encoding;
use crate::app::TileBytes;
use crate::app::TileKey;
use crate::catalog;
use crate::cql;
use crate::cql::sql::Fragment;
use crate::error::Error;
use crate::error::Result;
use crate::layer::Layer;
use crate::snapshot::Held;
use crate::snapshot::View;

/// A layer of a tile, as it was when the request came.
#[derive(Clone, Debug)]
pub struct Of<'a> {
    pub layer: &'a Layer,
    pub revision: i64,
    /// Where it is in memory; its revision is that one.
    pub held: Option<Held>,
}

/// A tile of one layer or several.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub layers: Vec<Of<'a>>,
    pub address: Address,
    /// CQL2 text, of one layer only.
    pub filter: Option<&'a str>,
}

/// A filter that the scope may ask, for whoever answers.
struct Asked {
    expr: cql::Expr,
    sql: Fragment,
}

/// From so many bytes on compression is not done beside other requests.
const LONG: usize = 64 * 1024;
/// A tile of so few rows is made within a fraction of a millisecond.
const FEW_ROWS: usize = 500;

impl Wanted<'_> {
    /// The tile in that encoding, or as it is where that is not worth it.
    pub async fn tile(
        &self,
        app: &App,
        scope: &Scope,
        encoding: Encoding,
    ) -> Result<Arc<TileBytes>> {
        let class = scope.class();
        let mut asked = None;
        // Before the cache: a filter that names what this scope may not read is refused, never answered from memory.
        if let (Some(text), [of]) = (self.filter, self.layers.as_slice()) {
            let (expr, sql) = catalog::filter::both(of.layer, scope, text, queries::FIRST_FREE)?;
            asked = Some(Asked { expr, sql });
        }
        if self.is_beyond() {
            return Ok(Arc::default());
        }
        let key = self.key(&class, encoding);
        match app.tiles.get(&key).await {
            Some(it) => Ok(it),
            // On the heap, as the way that is hardly ever taken is the long one.
            None => Box::pin(self.made(app, scope, key, asked.as_ref())).await,
        }
    }

    /// The tile, made once for all who ask at this moment.
    async fn made(
        &self,
        app: &App,
        scope: &Scope,
        key: TileKey,
        asked: Option<&Asked>,
    ) -> Result<Arc<TileBytes>> {
        let encoding = key.encoding;
        if encoding == Encoding::Identity {
            return self.plain(app, scope, key, asked).await;
        }
        let made = app.tiles.try_get_with(key.clone(), async {
            let key = TileKey { encoding: Encoding::Identity, ..key };
            let plain = match app.tiles.get(&key).await {
                Some(it) => it,
                None => Box::pin(self.plain(app, scope, key.clone(), asked)).await?,
            };
            if plain.bytes.len() < encoding::LEAST {
                return Ok(plain);
            }
            // Where the size was measured it is there by now.
            let key = TileKey { encoding, ..key };
            if let Some(it) = app.tiles.get(&key).await {
                return Ok(it);
            }
            let bytes = compressed(encoding, plain.bytes.clone()).await?;
            Ok(Arc::new(TileBytes { bytes, encoding, degraded: plain.degraded }))
        });
        made.await.map_err(|it| self.failed(&it))
    }

    /// The tile as it is.
    async fn plain(
        &self,
        app: &App,
        scope: &Scope,
        key: TileKey,
        asked: Option<&Asked>,
    ) -> Result<Arc<TileBytes>> {
        let [of] = self.layers.as_slice() else {
            return self.several(app, scope, key).await;
        };
        // What only PostGIS can decide is answered by it.
        let decides = |it: &Held| {
            let view = View::new(&it.snapshot, of.layer, scope);
            asked.is_none_or(|it| view.decides(&it.expr))
        };
        let held = of.held.as_ref().filter(|it| decides(it));
        if let Some(held) = held
            && held.snapshot.touching_at_most(&self.address.bounds(), FEW_ROWS + 1) <= FEW_ROWS
        {
            // It takes less than waiting for others does.
            let view = View::new(&held.snapshot, of.layer, scope);
            let chosen = asked.map_or(Chosen::All, |it| Chosen::Where(&it.expr));
            let made = draw::tile(&view, &self.address, chosen, Budget::DEFAULT);
            return Ok(keep(app, key, made).await);
        }
        let made = app.tiles.try_get_with(key.clone(), async {
            let Some(held) = held else {
                let sql = asked.map(|it| &it.sql);
                let bytes = Box::pin(self.recorded(app, scope, of.layer, sql)).await?;
                return Ok(Arc::new(TileBytes { bytes: bytes.into(), ..TileBytes::default() }));
            };
            let made = self.drawn(app, scope, of.layer, held, asked.map(|it| &it.expr)).await?;
            Ok(packed(app, key, made).await)
        });
        made.await.map_err(|it| self.failed(&it))
    }

    /// One layer's tile as PostGIS draws it.
    async fn recorded(
        &self,
        app: &App,
        scope: &Scope,
        layer: &Layer,
        filter: Option<&Fragment>,
    ) -> Result<Vec<u8>> {
        let mut db = app.db.read(scope).await?;
        queries::tile(&mut db, scope, layer, self.address, filter).await
    }

    /// One layer's tile from memory, apart from other requests.
    async fn drawn(
        &self,
        app: &App,
        scope: &Scope,
        layer: &Layer,
        held: &Held,
        filter: Option<&cql::Expr>,
    ) -> Result<draw::Made> {
        let address = self.address;
        // Whoever goes away while waiting leaves nothing to do.
        let permit = app.drawing.clone().acquire_owned().await.context("making tiles")?;
        let (app, scope, held) = (app.clone(), scope.clone(), held.clone());
        let (id, filter) = (layer.id.clone(), filter.cloned());
        let made = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let view = View::new(&held.snapshot, app.layers.find(&id)?, &scope);
            let chosen = filter.as_ref().map_or(Chosen::All, Chosen::Where);
            Some(draw::tile(&view, &address, chosen, Budget::DEFAULT))
        });
        Ok(made.await.context("making a tile")?.unwrap_or_default())
    }

    /// Tiles of several layers, one after another: a tile is a list of layers.
    async fn several(&self, app: &App, scope: &Scope, key: TileKey) -> Result<Arc<TileBytes>> {
        let made = app.tiles.try_get_with(key, async {
            let mut bytes = Vec::new();
            let mut degraded = None;
            for of in &self.layers {
                let one = Wanted { layers: vec![of.clone()], address: self.address, filter: None };
                let tile = Box::pin(one.tile(app, scope, Encoding::Identity)).await?;
                bytes.extend_from_slice(&tile.bytes);
                // In the alphabet the worse comes first.
                degraded = match (degraded, tile.degraded) {
                    (Some(a), Some(b)) => Some(std::cmp::min::<&str>(a, b)),
                    (a, b) => a.or(b),
                };
            }
            let bytes = bytes.into();
            Ok(Arc::new(TileBytes { bytes, encoding: Encoding::Identity, degraded }))
        });
        made.await.map_err(|it| self.failed(&it))
    }

    /// Whether none of the layers has anything there: at that zoom, or so far away from its rows.
    fn is_beyond(&self) -> bool {
        let (zoom, seen) = (self.address.zoom(), self.address.bounds());
        let reaches = |it: &Held| it.snapshot.bounds().is_some_and(|it| it.touches(&seen));
        let has = |it: &Of<'_>| {
            (it.layer.zooms.min..=it.layer.zooms.max).contains(&zoom)
                && it.held.as_ref().is_none_or(reaches)
        };
        !self.layers.iter().any(has)
    }

    fn key(&self, class: &str, encoding: Encoding) -> TileKey {
        let Address { grid, z, x, y } = self.address;
        let (what, revision) = match self.layers.as_slice() {
            [one] => (one.layer.id.as_str().into(), one.revision),
            several => {
                let each = several.iter().map(|it| format!("{}.{}", it.layer.id, it.revision));
                (each.collect::<Vec<_>>().join(",").into(), 0)
            }
        };
        let filter = self.filter.map(Into::into);
        TileKey { what, revision, class: class.into(), grid: grid.id(), z, x, y, filter, encoding }
    }

    /// What went wrong for one is told to all who waited.
    fn failed(&self, error: &Error) -> Error {
        match error {
            Error::Busy(what) => Error::Busy(what),
            Error::BadInput { at, why } => Error::BadInput { at: at.clone(), why: why.clone() },
            other => {
                let Address { grid, z, x, y } = self.address;
                let layers: Vec<&str> = self.layers.iter().map(|it| it.layer.id.as_str()).collect();
                Error::Internal(anyhow!("{other:?}").context(format!(
                    "tile {z}/{x}/{y} of `{}` in {}",
                    layers.join(","),
                    grid.id()
                )))
            }
        }
    }
}

/// A tile that was made, after its compressed form was kept where there is one.
async fn packed(app: &App, key: TileKey, made: draw::Made) -> Arc<TileBytes> {
    let degraded = made.step.name();
    if let Some(gzip) = made.gzip {
        let key = TileKey { encoding: Encoding::Gzip, ..key };
        let gzip = TileBytes { bytes: gzip.into(), encoding: Encoding::Gzip, degraded };
        app.tiles.insert(key, Arc::new(gzip)).await;
    }
    Arc::new(TileBytes { bytes: made.bytes.into(), encoding: Encoding::Identity, degraded })
}

/// The same, kept as it is too.
async fn keep(app: &App, key: TileKey, made: draw::Made) -> Arc<TileBytes> {
    let tile = packed(app, key.clone(), made).await;
    if app.config.tiles.cache_mb > 0 {
        app.tiles.insert(key, Arc::clone(&tile)).await;
    }
    tile
}

async fn compressed(encoding: Encoding, bytes: bytes::Bytes) -> Result<axum::body::Bytes> {
    let packed = if bytes.len() < LONG {
        encoding::compress(encoding, &bytes)
    } else {
        tokio::task::spawn_blocking(move || encoding::compress(encoding, &bytes))
            .await
            .context("compressing a tile")?
    };
    Ok(packed.context("compressing a tile")?)
}

impl Grid {
    /// The grid of that name, or what is wrong with it.
    pub fn parse(id: Option<&str>) -> Result<Self> {
        let Some(id) = id else { return Ok(Self::default()) };
        Self::find(id).ok_or_else(|| Error::parameter("tms", Self::ALL.map(Self::id).join("、")))
    }
}
