//! Files that belong to cases: how large one may be, and all of a case together.

use std::num::NonZeroU32;

use serde::Deserialize;
use serde::Serialize;

/// `[attachments]`, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Attachments {
    /// One file.
    pub file_mb: NonZeroU32,
    /// All files of a case, those that were withdrawn among them, because they are kept.
    pub case_mb: NonZeroU32,
}

impl Default for Attachments {
    fn default() -> Self {
        Self {
            file_mb: NonZeroU32::MIN.saturating_add(19),
            case_mb: NonZeroU32::MIN.saturating_add(199),
        }
    }
}

/// A value of PostgreSQL has at most 1 GB, and a file is in memory once while it is kept and once while it is read.
const MOST_FILE_MB: u32 = 256;

impl Attachments {
    /// Settings that could not be kept to.
    pub(super) fn check(self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.file_mb.get() <= MOST_FILE_MB && self.file_mb <= self.case_mb,
            "[attachments] 超出可用范围 / out of range: file_mb 1..{MOST_FILE_MB}, case_mb at least file_mb"
        );
        Ok(())
    }

    /// The largest file, in bytes.
    pub fn file_bytes(self) -> usize {
        usize::try_from(self.file_mb.get()).unwrap_or(usize::MAX).saturating_mul(1024 * 1024)
    }

    /// All files of a case, in bytes.
    pub fn case_bytes(self) -> i64 {
        i64::from(self.case_mb.get()) * 1024 * 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_cannot_be_kept_are_refused() {
        assert!(Attachments::default().check().is_ok());
        for wrong in ["file_mb = 300\ncase_mb = 400", "file_mb = 20\ncase_mb = 10"] {
            assert!(toml::from_str::<Attachments>(wrong).unwrap().check().is_err(), "{wrong}");
        }
        assert!(toml::from_str::<Attachments>("file_mb = 0").is_err());
    }
}
