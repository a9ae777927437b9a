//! The map in memory.

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
