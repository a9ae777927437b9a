//! `mutu sample`.

use std::path::PathBuf;

use clap::Args;

use crate::sample;

#[derive(Args)]
pub(super) struct Sample {
    /// How many industrial parcels, 300 to 1,000,000.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(300..=1_000_000))]
    parcels: u32,
    /// The same seed gives the same district.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Put in faults as real files have them, and list them in `dirty_faults.csv`.
    #[arg(long)]
    dirty: bool,
    /// Where the files go; made when it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Sample {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let options = sample::Options { parcels: self.parcels, seed: self.seed, dirty: self.dirty };
        let bar = super::progress("生成示例 / generating");
        let written = sample::write(&options, &self.out, &mut |what, done, total| {
            bar.set_message(format!("{what} {done}/{total}"));
        });
        bar.finish_and_clear();
        let written = written?;
        for (file, target) in &written.files {
            super::say(&format!("{target}\t{}", file.display()));
        }
        for (target, count) in &written.counts {
            super::say(&format!("{count:>9} {target}"));
        }
        if self.dirty {
            super::say(&format!("{:>9} 处错误 / faults (dirty_faults.csv)", written.faults));
        }
        Ok(())
    }
}
