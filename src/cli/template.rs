//! `mutu template`: a workbook to fill in.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::config::Config;
use crate::ingest;

#[derive(Args)]
pub(super) struct Template {
    /// A table, or a layer whose attributes are to be filled in.
    id: String,
    /// Where it goes [default: ID.xlsx].
    #[arg(long, value_name = "F.xlsx")]
    out: Option<PathBuf>,
}

impl Template {
    pub(super) fn run(self, config: &Config) -> anyhow::Result<()> {
        let layers = super::layers(config)?;
        let workbook = ingest::template(&layers, &self.id)?;
        let out = self.out.unwrap_or_else(|| PathBuf::from(format!("{}.xlsx", self.id)));
        fs::write(&out, workbook)
            .with_context(|| format!("无法写入 / cannot write {}", out.display()))?;
        super::say(&out.display().to_string());
        Ok(())
    }
}
