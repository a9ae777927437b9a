//! Jobs: how many a node runs, how long they and their files are kept.

use serde::Deserialize;
use serde::Serialize;

/// `[jobs]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// Jobs that this node runs at once; 0 leaves them to other nodes.
    pub workers: u16,
    /// Days for which a job that ended is remembered.
    pub keep_days: u16,
    /// Days after which a file that was uploaded and never applied is discarded.
    pub keep_uploads_days: u16,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { workers: 1, keep_days: 30, keep_uploads_days: 7 }
    }
}

/// Each worker holds connections to the database.
const MOST_WORKERS: u16 = 8;

impl Jobs {
    /// Settings that could not be kept to.
    pub(super) fn check(self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.workers <= MOST_WORKERS && self.keep_days > 0 && self.keep_uploads_days > 0,
            "[jobs] 超出可用范围 / out of range: workers 0..{MOST_WORKERS}, the days at least 1"
        );
        Ok(())
    }
}
