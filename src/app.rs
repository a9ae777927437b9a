//! What a running Mutu is made of: configuration, connections, layers. Cheap to clone; handlers and jobs get one.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use moka::future::Cache;
use tokio::sync::Semaphore;

use crate::access::Scope;
use crate::account::Gate;
use crate::account::oidc::Provider;
use crate::config::Config;
use crate::db::Db;
use crate::error::Error;
use crate::error::Result;
use crate::font::Fonts;
use crate::judgement::disclosure::Sums;
use crate::layer::Layer;
use crate::layer::Layers;
use crate::snapshot::Keeper;
use crate::snapshot::frame::Frames;

mod overlays;
mod pages;
mod tiles;

pub use overlays::Overlays;
pub use pages::Asked;
pub use pages::CountCache;
pub use pages::KeptPage;
pub use pages::Lately;
pub use pages::PageCache;
pub use tiles::Encoding;
pub use tiles::TileBytes;
pub use tiles::TileCache;
pub use tiles::TileKey;

/// Handle to everything.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub config: Config,
    pub db: Db,
    pub layers: Layers,
    /// How often and how fast somebody may try to sign in.
    pub gate: Gate,
    /// The identity provider, where one is configured.
    pub oidc: Option<Provider>,
    /// The map in memory.
    pub snapshots: Keeper,
    /// Outlines and divided plans that evaluations leave for the next.
    pub overlays: Overlays,
    /// What the runs that were asked about last measured.
    pub frames: Frames,
    /// Finished tiles.
    pub tiles: TileCache,
    /// Pages of features that everybody may read.
    pub pages: PageCache,
    /// Pages that were asked for of late.
    pub lately: Lately,
    /// How many pages of features the map in memory told.
    pub pages_held: AtomicU64,
    /// How many rows selections have.
    pub counts: CountCache,
    /// Whoever makes a large tile has one of these: as many at once as there are processors.
    pub drawing: Arc<Semaphore>,
    /// Whoever makes a sheet of paper has this, one at a time: it takes a core and memory for seconds, beside which screens are
    /// served.
    pub printing: Arc<Semaphore>,
    /// What pictures are written in, or why there is nothing; read when the first is drawn.
    pub fonts: OnceLock<std::result::Result<Arc<Fonts>, String>>,
    /// Counts behind legends by layer, revision and scope class.
    pub legends: Cache<(String, i64, String), Arc<Vec<ClassCount>>>,
    /// Sums that may be published, by layer, revision, run and field: the same for everybody.
    pub sums: Cache<(String, i64, i64, String), Arc<Sums>>,
}

/// Rows and 亩 behind one value of a legend's field.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClassCount {
    /// Null: the rows without a value.
    pub value: Option<String>,
    pub count: i64,
    pub area_mu: Option<rust_decimal::Decimal>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Puts the parts together; the database is migrated and `catalog::sync` has run.
    pub fn new(config: Config, db: Db, layers: Layers) -> Self {
        let tiles = tiles::cache(config.tiles.cache_mb.saturating_mul(1024 * 1024));
        let drawing = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        let legends = Cache::new(200);
        let sums = Cache::new(100);
        let snapshots = Keeper::new(config.snapshot);
        let gate = Gate::new(&config.accounts);
        let oidc = config.oidc.as_ref().map(Provider::new);
        let drawing = Arc::new(Semaphore::new(drawing));
        Self(Arc::new(Parts {
            config,
            db,
            layers,
            gate,
            oidc,
            snapshots,
            overlays: Overlays::default(),
            frames: Frames::default(),
            tiles,
            pages: pages::pages(),
            lately: pages::lately(),
            pages_held: AtomicU64::new(0),
            counts: pages::counts(),
            drawing,
            printing: Arc::new(Semaphore::new(1)),
            fonts: OnceLock::new(),
            legends,
            sums,
        }))
    }

    /// The layer, for whoever may read it. To others a layer that needs a higher role says so, without its data.
    pub fn layer(&self, scope: &Scope, id: &str) -> Result<&Layer> {
        let Some(layer) = self.layers.find(id) else {
            let near = self.layers.nearest(id).map(ToOwned::to_owned);
            return Err(Error::NotFound { what: "图层 layer", id: id.to_owned(), near });
        };
        if layer.readable(scope) {
            Ok(layer)
        } else if scope.account.is_none() {
            Err(Error::SignIn("此图层不公开 / this layer is not public"))
        } else {
            Err(Error::Forbidden(layer.title.zh.clone()))
        }
    }

    /// Closes pools and private cluster, whoever still holds a handle.
    pub async fn close(self) -> anyhow::Result<()> {
        self.db.close().await
    }
}
