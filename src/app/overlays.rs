//! What an evaluation's overlay leaves for the next one, between runs.

use std::sync::Mutex;
use std::sync::PoisonError;

use crate::overlay::Kept;

/// More than this is not kept between runs: about three million parcels and their plans.
const MOST_BYTES: usize = 1 << 30;

/// Holds what is kept while nobody uses it. A run that comes while another has it makes everything anew.
#[derive(Debug, Default)]
pub struct Overlays(Mutex<Option<Kept>>);

impl Overlays {
    /// What is kept, or nothing of it.
    pub fn take(&self) -> Kept {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    /// Keeps it for the next run, unless it is too large.
    pub fn keep(&self, kept: Kept) {
        let bytes = kept.bytes();
        let fits = bytes <= MOST_BYTES;
        tracing::debug!(bytes, fits, "overlay kept in memory");
        metrics::gauge!("mutu_overlay_bytes").set(if fits { as_f64(bytes) } else { 0.0 });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fits.then_some(kept);
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes in memory")]
fn as_f64(bytes: usize) -> f64 {
    bytes as f64
}
