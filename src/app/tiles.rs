//! Finished tiles in memory, as they are sent: once as they are, and once for each way of compression that somebody asked
//! for. What a tile is made of is `tile`'s business.

use std::sync::Arc;

use moka::future::Cache;

/// How an answer's bytes are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    #[default]
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    /// What `Content-Encoding` says; nothing for bytes as they are.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }
}

/// A tile's identity. A revision that moves on is simply never asked for again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TileKey {
    /// One layer, or several in order with the revision of each.
    pub what: Box<str>,
    pub revision: i64,
    /// What class of scope may read it.
    pub class: Box<str>,
    pub grid: &'static str,
    pub z: u8,
    pub x: u32,
    pub y: u32,
    /// CQL2 text.
    pub filter: Option<Box<str>>,
    pub encoding: Encoding,
}

/// A tile as it is sent; without bytes nothing lies in it.
#[derive(Clone, Debug, Default)]
pub struct TileBytes {
    pub bytes: bytes::Bytes,
    pub encoding: Encoding,
    /// How it was brought within its budget, where it was.
    pub degraded: Option<&'static str>,
}

/// The cache of finished tiles.
pub type TileCache = Cache<TileKey, Arc<TileBytes>>;

/// Holds so many bytes of tiles.
pub(super) fn cache(bytes: u64) -> TileCache {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|key: &TileKey, tile: &Arc<TileBytes>| {
            let filter = key.filter.as_ref().map_or(0, |it| it.len());
            let key = key.what.len() + key.class.len() + filter;
            // What the cache itself needs for an entry.
            u32::try_from(tile.bytes.len() + key + 320).unwrap_or(u32::MAX)
        })
        .build()
}
