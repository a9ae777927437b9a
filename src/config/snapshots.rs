//! The map in memory, and the tiles that are made of it.

use serde::Deserialize;
use serde::Serialize;

/// `[snapshot]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Snapshots {
    /// Megabytes (2^20 bytes) that all layers together may take in memory; a quarter of the machine's, or of what the
    /// container is allowed, when left out. A layer that does not fit is read from the database at every request. While a
    /// layer is read anew it is there twice.
    pub memory_mb: Option<u64>,
}

/// `[tiles]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tiles {
    /// Megabytes (2^20 bytes) of finished tiles that are kept; with 0 every tile is made for whoever asks.
    pub cache_mb: u64,
}

impl Default for Tiles {
    fn default() -> Self {
        Self { cache_mb: 256 }
    }
}
