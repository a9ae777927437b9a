//! Parts of the benchmark of tiles that have to be fast themselves; `scripts/bench-tiles` puts them together and says what
//! is compared with what. `trace` makes the requests of people who pan and zoom, `load` asks a server for them and measures,
//! `bare` is the least that a server of the same bytes does.

use std::path::PathBuf;

use clap::Parser;
use clap::Subcommand;

mod bare;
mod load;
mod trace;

#[derive(Parser)]
struct Bench {
    #[command(subcommand)]
    part: Part,
    /// `cargo bench` adds it.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Part {
    /// Writes tiles, a line `z/x/y` each, as people ask for them who look at an extent.
    Trace(trace::Trace),
    /// Asks for tiles and prints what it took.
    Load(load::Load),
    /// Asks for each tile of a trace once, and serves the answers from memory.
    Bare(bare::Bare),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Bench::parse().part {
        Part::Trace(it) => it.run(),
        Part::Load(it) => it.run().await,
        Part::Bare(it) => it.run().await,
    }
}

/// The tiles of a trace.
fn read(trace: &PathBuf) -> anyhow::Result<Vec<String>> {
    Ok(std::fs::read_to_string(trace)?.lines().map(ToOwned::to_owned).collect())
}
